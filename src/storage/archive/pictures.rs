//! The files of an archive's manifest, sorted out while they are read, so that a million of them are in memory only once: its
//! pictures, in one list by image with 88 bytes each, and the others.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::manifest::{FileFacts, each_file};
use super::{ORIGINALS_FOLDER, THUMBNAILS_FOLDER};
use crate::regular::is_plain_path;
use domain::{BlobKind, ImageId};

/// Extensions that pictures have here.
const EXTENSIONS: [&str; 11] = ["jpg", "png", "gif", "bmp", "tif", "webp", "heic", "avif", "jp2", "jxl", "bin"];

/// The name of a picture's file below the archive; `extension` without a dot, from the bytes.
pub fn picture_name(image: ImageId, kind: BlobKind, extension: &str) -> String {
    let folder = match kind {
        BlobKind::Thumbnail => THUMBNAILS_FOLDER,
        BlobKind::Resized | BlobKind::Original => ORIGINALS_FOLDER,
    };
    let id = image.to_string();
    format!("{folder}/{}/{id}.{extension}", &id[..2])
}

#[derive(Debug)]
pub(super) struct Picture {
    pub(super) image: ImageId,
    pub(super) facts: FileFacts,
    name: Name,
}

#[derive(Debug)]
enum Name {
    /// As [`picture_name`] makes it, with this extension.
    Usual(&'static str),
    Other(Box<str>),
}

impl Picture {
    /// Its file below the archive.
    pub(super) fn name(&self, kind: BlobKind) -> Cow<'_, str> {
        match &self.name {
            Name::Usual(extension) => picture_name(self.image, kind, extension).into(),
            Name::Other(name) => Cow::Borrowed(name),
        }
    }
}

/// The pictures of one kind.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// By image, once they are [sorted](Self::sort).
    list: Vec<Picture>,
}

impl Pictures {
    pub(super) fn push(&mut self, image: ImageId, kind: BlobKind, name: &str, facts: FileFacts) {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let known = EXTENSIONS.into_iter().find(|known| *known == extension);
        let usual = known.filter(|known| name == picture_name(image, kind, known));
        self.list.push(Picture { image, facts, name: usual.map_or_else(|| Name::Other(name.into()), Name::Usual) });
    }

    /// Puts them in order; the names that were there more than once, of which the last entry stays. Of several names for an
    /// image the last in their order stays.
    pub(super) fn sort(&mut self, kind: BlobKind) -> Vec<String> {
        let mut twice = Vec::new();
        self.list.sort_by(|a, b| a.image.cmp(&b.image).then_with(|| a.name(kind).cmp(&b.name(kind))));
        self.list.dedup_by(|later, kept| {
            let is_again = later.image == kept.image;
            if is_again {
                let name = later.name(kind);
                if name == kept.name(kind) {
                    twice.push(name.into_owned());
                }
                std::mem::swap(later, kept);
            }
            is_again
        });
        self.list.shrink_to_fit();
        twice
    }

    pub(super) fn get(&self, image: ImageId) -> Option<&Picture> {
        let at = self.list.binary_search_by(|picture| picture.image.cmp(&image)).ok()?;
        self.list.get(at)
    }

    /// All of them, by image.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Picture> {
        self.list.iter()
    }
}

#[derive(Debug, Default)]
pub(super) struct ListedFiles {
    pub(super) originals: Pictures,
    pub(super) thumbnails: Pictures,
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

    fn sort(&mut self) {
        self.twice.extend(self.originals.sort(BlobKind::Original));
        self.twice.extend(self.thumbnails.sort(BlobKind::Thumbnail));
    }
}

impl<'de> Deserialize<'de> for ListedFiles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut files = Self::default();
        each_file(deserializer, |name, facts| files.add(name, facts))?;
        files.sort();
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::super::FileHash;
    use super::*;
    use uuid::Uuid;

    #[test]
    fn names_come_back_and_the_last_entry_counts() {
        const KIND: BlobKind = BlobKind::Original;
        let image = |number: u128| ImageId(Uuid::from_u128(number << 64));
        let usual = |number: u128, extension: &str| picture_name(image(number), KIND, extension);
        let entries = [
            (3, usual(3, "jpg"), 1),
            (1, usual(1, "png"), 2),
            (1, usual(1, "jpg"), 3),
            (2, format!("originals/zz/{}.jpg", image(2)), 4),
            (3, usual(3, "jpg"), 5),
            (4, usual(4, "JPG"), 6),
            (5, usual(5, "tar.gz"), 7),
        ];
        let mut pictures = Pictures::default();
        for (number, name, bytes) in &entries {
            let facts = FileFacts { bytes: *bytes, sha256: FileHash::stated("") };
            pictures.push(image(*number), KIND, name, facts);
        }
        assert_eq!(pictures.sort(KIND), [usual(3, "jpg")]);
        let found: Vec<_> =
            pictures.iter().map(|picture| (picture.name(KIND).into_owned(), picture.facts.bytes)).collect();
        let expected = [1, 3, 4, 5, 6].map(|at: usize| (entries[at].1.clone(), entries[at].2));
        assert_eq!(found, expected);
        assert!(pictures.get(image(4)).is_some() && pictures.get(image(6)).is_none());
        assert!(size_of::<Picture>() <= 88);
    }
}
