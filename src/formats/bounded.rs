//! JSON from an untrusted file: an element that is too long ends the reading before a parser sees it, so that no parser
//! collects all of it; and the members of an object and the elements of a list are taken one by one, so that a list of any
//! length takes the memory of one element.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufReader, Error, ErrorKind, Read};
use std::rc::Rc;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::error::FormatError;

/// Longest text or element. The regions of an image in COCO with masks stay far below.
const MOST_BYTES: u64 = 16 << 20;
/// Longest text just in the root, where it may be a whole picture that is passed over.
const MOST_BYTES_OF_ROOT_TEXT: u64 = 512 << 20;
/// Bytes that are checked at a time.
const BLOCK: usize = 1 << 16;
/// Elements are what stands deeper than this: `{"images":[` is 2 deep.
const LIST_DEPTH: u32 = 2;

/// The same for a parser that takes byte by byte: checked in blocks, which costs a fraction.
pub fn in_blocks<R: Read>(input: R) -> BufReader<Bounded<R>> {
    BufReader::with_capacity(BLOCK, Bounded::new(input))
}

/// The same, with the lines where its elements begin.
pub fn in_blocks_with_places<R: Read>(input: R) -> (BufReader<Bounded<R>>, Places) {
    let mut input = Bounded::new(input);
    let places = input.places();
    (BufReader::with_capacity(BLOCK, input), places)
}

/// Places that are remembered: more than there are in what a reader has read ahead.
const MOST_PLACES: usize = 1 << 17;

/// The lines where the elements begin that were read and not asked for yet. Elements are identified by the member of the root that
/// they are in (0 where the root is the list) and by their place in it, both counted from 0.
#[derive(Clone, Debug, Default)]
pub struct Places(Rc<RefCell<VecDeque<Beginning>>>);

/// Where an element begins: its member, its place in it, and the line.
type Beginning = (u64, u64, u64);

impl Places {
    /// The line of an element, from 1; those before it are forgotten.
    pub fn line(&self, member: u64, element: u64) -> Option<u64> {
        let mut places = self.0.borrow_mut();
        while places.front().is_some_and(|&(of, at, _)| (of, at) < (member, element)) {
            places.pop_front();
        }
        places.front().filter(|&&(of, at, _)| (of, at) == (member, element)).map(|&(_, _, line)| line)
    }

    /// An element for people: `annotations[17] (line 205)`, without the line where everything is on one.
    pub fn name(&self, list: &str, member: u64, element: u64) -> String {
        match self.line(member, element) {
            Some(line) if line > 1 => format!("{list}[{element}] (line {line})"),
            _ => format!("{list}[{element}]"),
        }
    }

    fn push(&self, place: Beginning) {
        let mut places = self.0.borrow_mut();
        if places.len() >= MOST_PLACES {
            places.pop_front();
        }
        places.push_back(place);
    }
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
    most_of_root_text: u64,
    list_depth: u32,
    /// Where elements begin, when somebody wants to know.
    places: Option<Places>,
    line: u64,
    member: u64,
    element: u64,
}

impl<R: Read> Bounded<R> {
    pub fn new(input: R) -> Self {
        Self::with_limit(MOST_BYTES, input)
    }

    /// The same where the whole text is a list: what is in it is an element.
    pub fn for_list(input: R) -> Self {
        Self { list_depth: 1, ..Self::new(input) }
    }

    /// The same where a text just in the root may be a picture.
    pub fn with_long_texts(input: R) -> Self {
        Self { most_of_root_text: MOST_BYTES_OF_ROOT_TEXT, ..Self::new(input) }
    }

    fn with_limit(most: u64, input: R) -> Self {
        Self {
            input,
            depth: 0,
            is_text: false,
            is_escaped: false,
            run: 0,
            most,
            most_of_root_text: most,
            list_depth: LIST_DEPTH,
            places: None,
            line: 1,
            member: 0,
            element: 0,
        }
    }

    /// The lines where the elements begin, from now on.
    pub fn places(&mut self) -> Places {
        self.places.get_or_insert_default().clone()
    }

    fn look_at(&mut self, byte: u8) {
        self.run += 1;
        if byte == b'\n' {
            self.line += 1;
        }
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
            b'[' | b'{' => {
                if self.depth == self.list_depth
                    && let Some(places) = &self.places
                {
                    places.push((self.member, self.element, self.line));
                }
                self.depth = self.depth.saturating_add(1);
                if self.depth == self.list_depth {
                    self.element = 0;
                }
            }
            b',' if self.depth == self.list_depth => self.element += 1,
            b',' if self.depth + 1 == self.list_depth => self.member += 1,
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
            let words = format!("an element or text is longer than {} MiB", most >> 20);
            return Err(Error::new(ErrorKind::InvalidData, words));
        }
        Ok(count)
    }
}

/// A JSON object whose members are taken one by one, so that no parser collects all of them.
pub(crate) trait Members {
    /// The object, for the message about a file that is something else.
    const EXPECTED: &'static str;

    /// Takes the value of a member, which is the next one of `map`.
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;

    /// Behind the last member.
    fn end<E: serde::de::Error>(&self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads a file that is such an object.
pub(crate) fn read_object(input: impl Read, object: &mut impl Members) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    deserializer.deserialize_map(MembersVisitor(object)).and_then(|()| deserializer.end())
}

struct MembersVisitor<'a, T>(&'a mut T);

impl<'de, T: Members> Visitor<'de> for MembersVisitor<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            self.0.member(&name, &mut map)?;
        }
        self.0.end()
    }
}

pub(super) fn read_list<T: DeserializeOwned>(
    input: impl Read,
    take: impl FnMut(T) -> Result<(), String>,
) -> Result<(), FormatError> {
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    List::new(take)
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| FormatError::from_json(&error))
}

/// A list whose elements go to a function one by one.
pub(crate) struct List<T, F> {
    take: F,
    element: std::marker::PhantomData<T>,
}

impl<T, F: FnMut(T) -> Result<(), String>> List<T, F> {
    pub(crate) fn new(take: F) -> Self {
        Self { take, element: std::marker::PhantomData }
    }
}

impl<'de, T: DeserializeOwned, F: FnMut(T) -> Result<(), String>> DeserializeSeed<'de> for List<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned, F: FnMut(T) -> Result<(), String>> Visitor<'de> for List<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<T>()? {
            (self.take)(element).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[(&str, usize)]) -> bool {
        let text: Vec<u8> = parts.iter().flat_map(|(text, count)| text.repeat(*count).into_bytes()).collect();
        // In pieces, as a file comes.
        let mut input = Bounded::with_limit(1 << 16, BufReader::with_capacity(1_000, &text[..]));
        io::copy(&mut input, &mut io::sink()).is_ok()
    }

    #[test]
    fn elements_know_their_lines() {
        let text = "{\"info\": {\"a\": [1,\n2]},\n\"images\": [\n{\"a\": [\"{,\\n\"]},\n\n{}, 7, {\n}],\n\"annotations\": [{}]\n}";
        let mut input = Bounded::new(text.as_bytes());
        let places = input.places();
        io::copy(&mut input, &mut io::sink()).expect("read");
        assert_eq!((places.line(1, 0), places.line(1, 1), places.line(1, 2)), (Some(4), Some(6), None));
        assert_eq!(
            (places.name("images", 1, 3), places.name("annotations", 2, 0)),
            ("images[3] (line 6)".to_owned(), "annotations[0] (line 8)".to_owned())
        );
        let mut list = Bounded::for_list(&b"[{},\n{\"a\":1}]"[..]);
        let places = list.places();
        io::copy(&mut list, &mut io::sink()).expect("read");
        assert_eq!((places.name("", 0, 0), places.name("", 0, 1)), ("[0]".to_owned(), "[1] (line 2)".to_owned()));
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
