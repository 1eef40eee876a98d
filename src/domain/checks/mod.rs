//! What looks wrong with labels, found without a model: pure functions over the catalogue.
//!
//! [`images`] looks at images one by one, so it can follow a listing; [`whole`] needs all of them, for what is usual for
//! a tag; [`duplicates`] needs the perceptual hashes of the pictures, which the caller computes. One file per family:
//! `boxes` and `overlap` (of many boxes `crowd`), `labels`, `outlier`, `tags`, `duplicate` with `twins`.

mod boxes;
mod crowd;
mod duplicate;
mod finding;
mod findings;
mod key;
mod labels;
mod message;
mod options;
mod outlier;
mod overlap;
mod pairs;
mod part;
mod tags;
mod twins;

use super::catalogue::Catalogue;
use super::project::ProjectKind;

pub use duplicate::{Nearest, duplicates, nearest};
pub use finding::{Facts, Finding, Measure};
pub use findings::{Findings, KnownFinding};
pub use key::{Dismissed, FindingKey};
pub use options::CheckOptions;
pub use part::Part;
pub use twins::{OddBoxes, TwinLabels};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum CheckKind {
    /// Two boxes of one tag cover the same area.
    Overlap,
    /// Two boxes of different tags cover the same area.
    OverlapOther,
    /// A box lies inside a box of its tag.
    Inside,
    /// A box extends past the image edge.
    Outside,
    /// A box is too small to be meant.
    Tiny,
    /// A box covers the whole image.
    Whole,
    /// A box is unlike the others of its tag in size or shape.
    Outlier,
    /// Two images are nearly the same.
    Duplicate,
    /// A tag is used once.
    RareTag,
    /// Two tag names differ in case or spaces alone.
    TagName,
    /// A tagged image of a detection project has no regions.
    NoRegions,
    /// A region's tag is not among its image's tags.
    MissingTag,
    /// An image carries the negative tag and regular ones.
    Negative,
    /// The picture's shape is unlike what the service says.
    Size,
}

impl CheckKind {
    /// All kinds in the order of lists and menus.
    pub const ALL: [Self; 14] = [
        Self::Overlap,
        Self::OverlapOther,
        Self::Inside,
        Self::Outside,
        Self::Tiny,
        Self::Whole,
        Self::Outlier,
        Self::Duplicate,
        Self::RareTag,
        Self::TagName,
        Self::NoRegions,
        Self::MissingTag,
        Self::Negative,
        Self::Size,
    ];

    /// Its name in queries (`check:tiny`), on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::OverlapOther => "overlap-other",
            Self::Inside => "inside",
            Self::Outside => "outside",
            Self::Tiny => "tiny",
            Self::Whole => "whole",
            Self::Outlier => "outlier",
            Self::Duplicate => "duplicate",
            Self::RareTag => "rare-tag",
            Self::TagName => "tag-name",
            Self::NoRegions => "no-regions",
            Self::MissingTag => "missing-tag",
            Self::Negative => "negative",
            Self::Size => "size",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Overlap => "Boxes overlap, same tag",
            Self::OverlapOther => "Boxes overlap, other tag",
            Self::Inside => "Box inside a same-tag box",
            Self::Outside => "Box past the image edge",
            Self::Tiny => "Tiny box",
            Self::Whole => "Box covers the whole image",
            Self::Outlier => "Size or shape outlier",
            Self::Duplicate => "Near-duplicate image",
            Self::RareTag => "Tag used once",
            Self::TagName => "Nearly identical tag names",
            Self::NoRegions => "Tagged, but no boxes",
            Self::MissingTag => "Box's tag missing on the image",
            Self::Negative => "Negative with other tags",
            Self::Size => "Size differs from the list",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CheckSet(u32);

impl CheckSet {
    pub fn insert(&mut self, kind: CheckKind) {
        self.0 |= 1 << kind as u8;
    }

    pub fn contains(self, kind: CheckKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds, in the order of lists.
    pub fn iter(self) -> impl Iterator<Item = CheckKind> {
        CheckKind::ALL.into_iter().filter(move |&kind| self.contains(kind))
    }
}

impl FromIterator<CheckKind> for CheckSet {
    fn from_iter<T: IntoIterator<Item = CheckKind>>(kinds: T) -> Self {
        let mut set = Self::default();
        kinds.into_iter().for_each(|kind| set.insert(kind));
        set
    }
}

/// Images that [`all`] looks at in one part.
const PART: u32 = 4_096;

/// What is wrong with single images: boxes, tags, sizes. In the order of the images, then of the kinds.
pub fn images(part: &Part, kind: ProjectKind, options: &CheckOptions) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut space = overlap::Space::default();
    for image in part.images() {
        let from = found.len();
        overlap::check(&image, options, &mut space, &mut found);
        boxes::check(&image, options, &mut found);
        labels::check(&image, part, kind, &mut found);
        found[from..].sort_by_key(Finding::kind);
    }
    found
}

/// What can only be reported from all images: boxes that are unlike the others of their tag, tags that are used once, and
/// names of tags that are nearly alike.
pub fn whole(catalogue: &Catalogue, options: &CheckOptions) -> Vec<Finding> {
    let mut found = outlier::check(catalogue, options);
    tags::check(catalogue, &mut found);
    found
}

/// All findings that need no pictures.
pub fn all(catalogue: &Catalogue, kind: ProjectKind, options: &CheckOptions) -> Vec<Finding> {
    let count = catalogue.len() as u32;
    let mut found = Vec::new();
    for from in (0..count).step_by(PART as usize) {
        let part = Part::of(catalogue, from..count.min(from + PART));
        found.extend(images(&part, kind, options));
    }
    found.extend(whole(catalogue, options));
    found
}

#[cfg(test)]
mod tests;
