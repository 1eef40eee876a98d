//! Text from a file that nobody vouches for, for parsers that collect an element, a row or a line whole: one that is too
//! long ends the reading, lest it fill the memory. The reader says where the next one begins.

use std::io::{self, BufRead, Error, ErrorKind, Read};

/// Longest element, row or line.
const MOST_BYTES: u64 = 16 << 20;

/// Passes on what it reads, fails behind 16 MiB without a [`Metered::begin`] in between, and counts the lines.
#[derive(Debug)]
pub(super) struct Metered<R> {
    input: R,
    /// Bytes since the element, row or line began.
    run: u64,
    most: u64,
    lines: u64,
}

impl<R> Metered<R> {
    /// Nothing is read yet.
    pub(super) fn new(input: R) -> Self {
        Self::of_at_most(MOST_BYTES, input)
    }

    fn of_at_most(most: u64, input: R) -> Self {
        Self { input, run: 0, most, lines: 0 }
    }

    /// The next element, row or line begins.
    pub(super) fn begin(&mut self) {
        self.run = 0;
    }

    /// The number of the line that is being read, from 1.
    pub(super) fn line(&self) -> u64 {
        self.lines + 1
    }

    fn passed(&mut self, bytes: usize) -> io::Result<()> {
        self.run += bytes as u64;
        if self.run <= self.most {
            return Ok(());
        }
        let words = format!("an element is longer than {} MiB", self.most >> 20);
        Err(Error::new(ErrorKind::InvalidData, words))
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.passed(count)?;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.passed(0)?;
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed is in the buffer already: this reads nothing.
        if let Ok(buffer) = self.input.fill_buf() {
            let taken = &buffer[..amount.min(buffer.len())];
            self.lines += memchr::memchr_iter(b'\n', taken).count() as u64;
        }
        self.run += amount as u64;
        self.input.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_and_an_endless_one_ends_the_reading() {
        let mut input = Metered::of_at_most(8, io::BufReader::with_capacity(3, &b"a\nbb\n\nccccccccccc"[..]));
        let mut found = Vec::new();
        loop {
            input.begin();
            let (line, mut text) = (input.line(), String::new());
            match input.read_line(&mut text) {
                Ok(_) => found.push((line, text)),
                Err(error) => break assert!(error.to_string().contains("longer than")),
            }
        }
        assert_eq!(found, [(1, "a\n".to_owned()), (2, "bb\n".to_owned()), (3, "\n".to_owned())]);
    }
}
