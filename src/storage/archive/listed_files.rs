//! The files of an archive's manifest, sorted out while they are read, so that a million of them are in memory only once.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::manifest::{FileFacts, each_file};
use super::pictures::Pictures;
use super::{ORIGINALS_FOLDER, THUMBNAILS_FOLDER};
use crate::staging::is_plain_path;
use domain::{BlobKind, ImageId};

/// See the [module's words](self).
#[derive(Debug, Default)]
pub(super) struct ListedFiles {
    pub(super) originals: Pictures,
    pub(super) thumbnails: Pictures,
    /// The other files.
    pub(super) others: BTreeMap<String, FileFacts>,
    /// Those that are named more than once; the last entry counts.
    pub(super) twice: Vec<String>,
    /// The first name that leads out of the folder.
    pub(super) outside: Option<String>,
}

impl ListedFiles {
    fn add(&mut self, name: String, facts: FileFacts) {
        if !is_plain_path(&name) {
            self.outside.get_or_insert(name);
            return;
        }
        let (folder, file) = name.split_once('/').unwrap_or(("", &name));
        let stem = file.rsplit('/').next().unwrap_or(file);
        let id = stem.split('.').next().unwrap_or(stem).parse::<ImageId>().ok();
        match (folder, id) {
            (ORIGINALS_FOLDER, Some(id)) => self.originals.push(id, BlobKind::Original, &name, facts),
            (THUMBNAILS_FOLDER, Some(id)) => self.thumbnails.push(id, BlobKind::Thumbnail, &name, facts),
            _ if self.others.contains_key(&name) => {
                self.others.insert(name.clone(), facts);
                self.twice.push(name);
            }
            _ => drop(self.others.insert(name, facts)),
        }
    }

    fn settle(&mut self) {
        self.twice.extend(self.originals.settle(BlobKind::Original));
        self.twice.extend(self.thumbnails.settle(BlobKind::Thumbnail));
    }
}

impl<'de> Deserialize<'de> for ListedFiles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut files = Self::default();
        each_file(deserializer, |name, facts| files.add(name, facts))?;
        files.settle();
        Ok(files)
    }
}
