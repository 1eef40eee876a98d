//! Files with an element in JSON on each line; and text from a file that nobody vouches for, for parsers that collect an
//! element, a row or a line whole: one that is too long ends the reading, lest it fill the memory.

use std::io::{self, BufRead, Error, ErrorKind, Read};

use serde_json::Value;

use super::error::FormatError;

/// Lines are a dataset's images.
const MOST_LINES: u64 = 2_000_000;

/// A line that is no JSON.
#[derive(Clone, Debug)]
pub(super) struct BrokenLine {
    /// Why, without the place.
    pub(super) reason: String,
    line: usize,
    column: usize,
}

impl From<BrokenLine> for FormatError {
    fn from(BrokenLine { reason, line, column }: BrokenLine) -> Self {
        Self::Unreadable { reason, line, column }
    }
}

/// Reads line by line and passes over empty ones; lines are counted from 1. An `Err` of `take` ends the reading with these
/// words.
pub(super) fn json_lines(
    input: impl BufRead,
    mut take: impl FnMut(u64, Result<Value, BrokenLine>) -> Result<(), String>,
) -> Result<(), FormatError> {
    let mut input = Metered::new(input);
    let mut line = Vec::new();
    for number in 1..=MOST_LINES {
        input.begin();
        line.clear();
        let count = input.read_until(b'\n', &mut line);
        if count.map_err(|error| FormatError::Files { reason: format!("{error} (line {number})") })? == 0 {
            return Ok(());
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let value = serde_json::from_slice(text).map_err(|error| BrokenLine {
            reason: format!("it is not valid JSON (at character {})", error.column()),
            line: usize::try_from(number).unwrap_or(usize::MAX),
            column: error.column(),
        });
        take(number, value).map_err(FormatError::says)?;
    }
    Err(FormatError::says(format!("there are more than {MOST_LINES} lines")))
}

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
    pub(super) fn new(input: R) -> Self {
        Self::with_limit(MOST_BYTES, input)
    }

    fn with_limit(most: u64, input: R) -> Self {
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
        let mut input = Metered::with_limit(8, io::BufReader::with_capacity(3, &b"a\nbb\n\nccccccccccc"[..]));
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
