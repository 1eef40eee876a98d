//! What looks wrong with labels, found without a model: pure functions over the catalogue.

use super::catalogue::ImageIx;

/// A kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum CheckKind {
    /// Two boxes of one tag cover the same place.
    Overlap,
    /// Two boxes of different tags cover the same place.
    OverlapOther,
    /// A box lies inside a box of its tag.
    Inside,
    /// A box leaves the image.
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

    /// Words for lists and menus.
    pub fn label(self) -> &'static str {
        match self {
            Self::Overlap => "Boxes overlap, same tag",
            Self::OverlapOther => "Boxes overlap, other tag",
            Self::Inside => "Box inside a box of its tag",
            Self::Outside => "Box leaves the image",
            Self::Tiny => "Tiny box",
            Self::Whole => "Box covers the whole image",
            Self::Outlier => "Size or shape outlier",
            Self::Duplicate => "Near-duplicate image",
            Self::RareTag => "Tag used once",
            Self::TagName => "Tag names nearly alike",
            Self::NoRegions => "Tagged, but no boxes",
            Self::MissingTag => "Box's tag missing on the image",
            Self::Negative => "Negative with other tags",
            Self::Size => "Size unlike what is listed",
        }
    }
}

/// Some kinds of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CheckSet(u32);

impl CheckSet {
    /// Adds a kind.
    pub fn insert(&mut self, kind: CheckKind) {
        self.0 |= 1 << kind as u8;
    }

    /// Whether a kind is among them.
    pub fn contains(self, kind: CheckKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// All findings of a project as far as they are known; dismissed ones are not counted.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// By image: the kinds, and how many.
    images: Vec<(CheckSet, u32)>,
}

impl Findings {
    /// The kinds of findings on an image.
    pub fn kinds(&self, image: ImageIx) -> CheckSet {
        self.images.get(image.at()).map_or_else(CheckSet::default, |entry| entry.0)
    }

    /// Number of findings on an image.
    pub fn count(&self, image: ImageIx) -> u32 {
        self.images.get(image.at()).map_or(0, |entry| entry.1)
    }
}
