//! `manifest.json` of an archive.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use domain::{Domain, Iteration, IterationId, Project, Tag};

/// The pictures of the largest project twenty times over.
const MOST_FILES: usize = 2_000_000;

/// What an archive says of its project, next to the images.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchiveFacts {
    pub project: Project,
    /// The domains that the project and its iterations speak of.
    pub domains: Vec<Domain>,
    pub iterations: Vec<Iteration>,
    pub tags: Vec<Tag>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    pub bytes: u64,
    pub sha256: FileHash,
}

/// Just enough of any version's manifest to know whether it can be read.
#[derive(Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    pub format: String,
    #[serde(default)]
    pub version: u32,
}

/// The program that wrote it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tool {
    pub name: String,
    pub version: String,
}

/// How much there is at a state of the project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCounts {
    /// Images that have tags.
    pub images: u64,
    /// Images without any tag.
    #[serde(default)]
    pub untagged: u64,
    pub regions: u64,
    pub tags: u64,
}

/// What an archive says of an iteration whose images it holds, next to these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IterationFacts {
    pub iteration: IterationId,
    /// Whether the service had it no more when the archive was last brought up to date.
    #[serde(default)]
    pub is_vanished: bool,
    pub counts: StateCounts,
    /// Its tags, with their names and counts then.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// `F` are the files: as they are written, or as they are read.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Manifest<F> {
    pub format: String,
    pub version: u32,
    #[serde(default)]
    pub tool: Option<Tool>,
    pub project: Project,
    #[serde(default)]
    pub domains: Vec<Domain>,
    #[serde(default)]
    pub iterations: Vec<Iteration>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    #[serde(default)]
    pub counts: Option<StateCounts>,
    #[serde(default, rename = "iterationContents")]
    pub iteration_contents: Vec<IterationFacts>,
    #[serde(default)]
    pub files: F,
}

/// The files of a manifest, an archive's or an export's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileList {
    /// By name.
    pub files: BTreeMap<String, FileFacts>,
    /// Those that are named more than once; the last entry counts.
    pub twice: Vec<String>,
}

impl Serialize for FileList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.files.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FileList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut list = Self::default();
        each_file(deserializer, |name, facts| {
            if list.files.contains_key(&name) {
                list.twice.push(name.clone());
            }
            list.files.insert(name, facts);
        })?;
        Ok(list)
    }
}

/// Calls `take` for each file of an object. As many as there can be lines of images, and no more: each costs memory.
pub(super) fn each_file<'de, D: Deserializer<'de>>(
    deserializer: D,
    take: impl FnMut(String, FileFacts),
) -> Result<(), D::Error> {
    struct Files<F>(F);
    impl<'de, F: FnMut(String, FileFacts)> Visitor<'de> for Files<F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of files")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
            let mut count = 0;
            while let Some((name, facts)) = map.next_entry()? {
                count += 1;
                if count > MOST_FILES {
                    return Err(A::Error::custom(format_args!("there are more than {MOST_FILES} files")));
                }
                (self.0)(name, facts);
            }
            Ok(())
        }
    }
    deserializer.deserialize_map(Files(take))
}

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
    pub fn from_sum(sum: [u8; 32]) -> Self {
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
