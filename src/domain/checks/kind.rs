//! The kinds of findings, and how much it takes to be one. The defaults are judged on real projects: few false alarms
//! before all mistakes.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

    pub fn from_name(name: &str) -> Option<Self> {
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

/// The thresholds of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CheckOptions {
    /// Two boxes of one tag overlap when their intersection over union is above this.
    pub overlap: f32,
    /// The same for boxes of different tags.
    pub overlap_other: f32,
    /// A box lies inside another of its tag when at least this share of it does.
    pub inside: f32,
    /// A box extends past the image edge when it does so by at least this many pixels, of the original where its size
    /// is known.
    pub outside_px: f32,
    /// A box is tiny when a side is under so many pixels, of the original where its size is known ...
    pub tiny_px: f32,
    /// ... or when it covers less than this share of the image.
    pub tiny_share: f32,
    /// A box covers the whole image when both sides reach this share of it.
    pub whole: f32,
    /// A box is an outlier when its size or shape is so many deviations (robust: from the median absolute one) away
    /// from the median of its tag.
    pub outlier: f32,
    /// Boxes that a tag must have before one of them can be an outlier.
    pub outlier_sample: u32,
    /// Two pictures are nearly the same when at most so many of the 64 bits of their hashes differ.
    pub duplicate_bits: u8,
    /// A box of one of them has its counterpart on the other when their intersection over union is at least this.
    pub duplicate_iou: f32,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self {
            overlap: 0.9,
            overlap_other: 0.9,
            inside: 0.95,
            outside_px: 1.0,
            tiny_px: 4.0,
            tiny_share: 0.0005,
            whole: 0.98,
            outlier: 6.0,
            outlier_sample: 30,
            duplicate_bits: 4,
            duplicate_iou: 0.5,
        }
    }
}

impl CheckOptions {
    /// The same with every value brought into its range: what is in a file may be anything.
    pub fn sane(self) -> Self {
        let default = Self::default();
        let share = |value: f32, or: f32| if value.is_finite() { value.clamp(0.0, 1.0) } else { or };
        let number = |value: f32, or: f32, most: f32| if value.is_finite() { value.clamp(0.0, most) } else { or };
        Self {
            overlap: share(self.overlap, default.overlap),
            overlap_other: share(self.overlap_other, default.overlap_other),
            inside: share(self.inside, default.inside),
            outside_px: number(self.outside_px, default.outside_px, 10_000.0),
            tiny_px: number(self.tiny_px, default.tiny_px, 10_000.0),
            tiny_share: share(self.tiny_share, default.tiny_share),
            whole: share(self.whole, default.whole),
            outlier: number(self.outlier, default.outlier, 1_000.0).max(1.0),
            outlier_sample: self.outlier_sample.max(3),
            duplicate_bits: self.duplicate_bits.min(MOST_DUPLICATE_BITS),
            duplicate_iou: share(self.duplicate_iou, default.duplicate_iou).max(LEAST_DUPLICATE_IOU),
        }
    }
}

/// Beyond this many different bits of 64 two pictures have nothing to do with each other, and the search for them
/// compares all with all.
const MOST_DUPLICATE_BITS: u8 = 12;

/// Below this, boxes that barely touch would be each other's counterparts.
const LEAST_DUPLICATE_IOU: f32 = 0.1;
