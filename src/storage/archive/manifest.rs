//! `manifest.json` of an archive.

use std::collections::BTreeMap;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::FileHash;
use domain::{Domain, Iteration, IterationId, Project, Tag};

/// The pictures of the largest project twenty times over.
const MOST_FILES: usize = 2_000_000;

/// What an archive says of its project, next to the images.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchiveFacts {
    /// The project.
    pub project: Project,
    /// The domains that the project and its iterations speak of.
    pub domains: Vec<Domain>,
    /// Its iterations.
    pub iterations: Vec<Iteration>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// Size and hash of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Bytes.
    pub bytes: u64,
    /// Its SHA-256.
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
pub(super) struct Tool {
    pub name: String,
    pub version: String,
}

/// How much there is at a state of the project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Images that have tags.
    pub images: u64,
    /// Images without any tag.
    #[serde(default)]
    pub untagged: u64,
    /// Regions.
    pub regions: u64,
    /// Tags.
    pub tags: u64,
}

/// What an archive says of an iteration whose images it holds, next to these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IterationFacts {
    /// The iteration's id.
    pub iteration: IterationId,
    /// Whether the service had it no more when the archive was last brought up to date.
    #[serde(default)]
    pub is_vanished: bool,
    /// How much there is.
    pub counts: Counts,
    /// Its tags, with their names and counts then.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// `F` are the files: as they are written, or as they are read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest<F> {
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
    pub counts: Option<Counts>,
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

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
