//! The SHA-256 of a file as a manifest states it: in memory its 32 bytes, not their 64 digits.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The SHA-256 that a manifest states of a file, in 32 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct FileHash(Stated);

#[derive(Clone, PartialEq, Eq)]
enum Stated {
    Sum([u8; 32]),
    /// What is no such hash; no file has it.
    Text(Box<str>),
}

impl FileHash {
    /// The hash of these bytes.
    pub fn of_sum(sum: [u8; 32]) -> Self {
        Self(Stated::Sum(sum))
    }

    /// What a text states: 64 lower-case hexadecimal digits, or anything else.
    pub fn stated(text: &str) -> Self {
        Self(sum_of(text).map_or_else(|| Stated::Text(text.into()), Stated::Sum))
    }

    /// Its bytes; `None` when what is stated is no hash.
    pub fn sum(&self) -> Option<&[u8; 32]> {
        match &self.0 {
            Stated::Sum(sum) => Some(sum),
            Stated::Text(_) => None,
        }
    }
}

/// The bytes of 64 lower-case hexadecimal digits.
fn sum_of(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut sum = [0; 32];
    if text.len() != 2 * sum.len() {
        return None;
    }
    for (byte, pair) in sum.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(sum)
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        match &self.0 {
            Stated::Text(text) => f.write_str(text),
            Stated::Sum(sum) => {
                let digits = sum.iter().flat_map(|byte| [byte >> 4, byte & 15]);
                let text: String = digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect();
                f.write_str(&text)
            }
        }
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for FileHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FileHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = FileHash;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<FileHash, E> {
                Ok(FileHash::stated(text))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_printed_as_it_was_stated() {
        // That of no bytes at all, from FIPS 180-2's examples.
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let upper = empty.to_uppercase();
        for (text, is_sum) in
            [(empty, true), (upper.as_str(), false), (&empty[1..], false), ("", false), ("é\"", false)]
        {
            let hash: FileHash = serde_json::from_value(text.into()).expect("a text");
            assert_eq!((hash.sum().is_some(), hash.to_string().as_str()), (is_sum, text));
            assert_eq!(serde_json::to_value(&hash).expect("JSON"), text);
        }
        assert_ne!(FileHash::stated(empty), FileHash::stated(&upper));
        assert_eq!(FileHash::stated(empty).sum().map(|sum| sum[..2].to_vec()), Some(vec![0xe3, 0xb0]));
        assert!(serde_json::from_str::<FileHash>("7").is_err());
    }
}
