//! JSON from a file that nobody vouches for, before a parser sees it: an element that is too long ends the reading, lest
//! a parser collect it whole.

use std::io::{self, BufReader, Error, ErrorKind, Read};

/// Longest text or element. The regions of an image in COCO with masks stay far below.
const MOST_BYTES: u64 = 16 << 20;
/// Longest text just in the root, where it may be a whole picture that is passed over.
const MOST_BYTES_OF_ROOT_TEXT: u64 = 512 << 20;
/// Elements are what stands deeper than this: `{"images":[` is 2 deep.
const LIST_DEPTH: u32 = 2;

/// The same for a parser that takes byte by byte: checked in blocks, which costs a fraction.
pub fn in_blocks<R: Read>(input: R) -> BufReader<Bounded<R>> {
    BufReader::with_capacity(1 << 16, Bounded::new(input))
}

/// Passes on what it reads, and fails at an element of a top-level list, or a text anywhere, of more than 16 MiB.
#[derive(Debug)]
pub struct Bounded<R> {
    input: R,
    depth: u32,
    is_text: bool,
    is_escaped: bool,
    /// Bytes of the text or element that is under way.
    run: u64,
    most: u64,
    /// The same for a text just in the root.
    most_of_root_text: u64,
    list_depth: u32,
}

impl<R: Read> Bounded<R> {
    /// Nothing is read yet.
    pub fn new(input: R) -> Self {
        Self::of_at_most(MOST_BYTES, input)
    }

    /// The same where the whole text is a list: what stands in it is an element.
    pub fn of_list(input: R) -> Self {
        Self { list_depth: 1, ..Self::new(input) }
    }

    /// The same where a text just in the root may be a picture.
    pub fn with_long_texts(input: R) -> Self {
        Self { most_of_root_text: MOST_BYTES_OF_ROOT_TEXT, ..Self::new(input) }
    }

    fn of_at_most(most: u64, input: R) -> Self {
        Self {
            input,
            depth: 0,
            is_text: false,
            is_escaped: false,
            run: 0,
            most,
            most_of_root_text: most,
            list_depth: LIST_DEPTH,
        }
    }

    fn look_at(&mut self, byte: u8) {
        self.run += 1;
        if self.is_text {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => {
                    self.is_text = false;
                    if self.depth <= self.list_depth {
                        self.run = 0;
                    }
                }
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.is_text = true,
            b'[' | b'{' => self.depth = self.depth.saturating_add(1),
            b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            // A number has no end of its own that is seen here.
            b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E' => return,
            _ => {}
        }
        if self.depth <= self.list_depth && !self.is_text {
            self.run = 0;
        }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        for &byte in &buffer[..count] {
            self.look_at(byte);
        }
        let most = if self.is_text && self.depth == 1 { self.most_of_root_text } else { self.most };
        if self.run > most {
            let words = format!("an element or a text is longer than {} MiB", most >> 20);
            return Err(Error::new(ErrorKind::InvalidData, words));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[(&str, usize)]) -> bool {
        let text: Vec<u8> = parts.iter().flat_map(|(text, count)| text.repeat(*count).into_bytes()).collect();
        // In pieces, as a file comes.
        let mut input = Bounded::of_at_most(1 << 16, BufReader::with_capacity(1_000, &text[..]));
        io::copy(&mut input, &mut io::sink()).is_ok()
    }

    #[test]
    fn many_elements_pass_and_an_endless_one_does_not() {
        let element = "{\"a\":[1,2.5,\"x \\\" [\"]},";
        assert!(read(&[("{\"images\":[", 1), (element, 10_000), ("0]}", 1)]), "many small elements");
        let head = "{\"images\":[";
        assert!(!read(&[(head, 1), ("{\"a\":[", 1), ("1,", 1 << 16)]), "an element");
        assert!(!read(&[("{\"", 1), ("x", 1 << 17)]), "a key");
        assert!(!read(&[(head, 1), ("\"", 1), ("\\\"", 1 << 16)]), "a text of quotes");
        assert!(!read(&[(head, 1), ("1", 1 << 17)]), "a number");
        assert!(!read(&[("[", 1 << 17)]), "depth");
    }
}
