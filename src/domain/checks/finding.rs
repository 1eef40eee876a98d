//! One finding: what was found where, in numbers. Its sentence is made in `message`, its lasting identity in `key`.

use super::CheckKind;
use super::twins::TwinLabels;
use crate::catalogue::{ImageIx, RegionIx, TagIx};

/// One finding. Small enough for half a million of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// The image it is on; `None`: it is about tags that no image has.
    pub image: Option<ImageIx>,
    /// The regions it is about, at most two; the one to look at first.
    pub regions: [Option<RegionIx>; 2],
    /// The tags it is about, at most two, in the order of the regions.
    pub tags: [Option<TagIx>; 2],
    pub facts: Facts,
}

/// What was found, with the numbers that say how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Facts {
    Overlap {
        iou: f32,
    },
    OverlapOther {
        iou: f32,
    },
    Inside {
        /// Share of the inner box that does.
        share: f32,
    },
    Outside {
        /// Share of the box that is not on it.
        share: f32,
    },
    /// A box is tiny, or has no area at all.
    Tiny {
        /// In pixels; 0 when no size is known or there is no width.
        width: f32,
        /// Likewise.
        height: f32,
        /// Share of the image; 0: no area.
        share: f32,
        /// Whether these are pixels of the original; else they are of the listed size.
        is_of_original: bool,
    },
    Whole {
        share: f32,
    },
    Outlier {
        measure: OutlierMeasure,
        /// Share of the image, or width over height.
        value: f32,
        /// The tag's median of the same.
        median: f32,
        /// Robust deviations away from it.
        score: f32,
    },
    Duplicate {
        other: ImageIx,
        /// Bits of 64 in which the hashes differ.
        distance: u8,
        labels: TwinLabels,
    },
    RareTag,
    /// The first tag's name is the second's but for case or spaces.
    TagName {
        images: u32,
        other_images: u32,
    },
    NoRegions,
    MissingTag,
    Negative {
        regions: u32,
    },
    Size {
        /// Width and height of the decoded picture.
        decoded: (u32, u32),
    },
    /// There are more findings of a kind on an image than are listed one by one.
    More {
        kind: CheckKind,
        count: u32,
        /// Whether there may be still more: the image has too many boxes to compare them all.
        is_least: bool,
    },
}

/// In what a box differs from the others of its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutlierMeasure {
    /// The share of the image that it covers.
    Size,
    /// Width over height, in pixels.
    Shape,
}

impl OutlierMeasure {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Shape => "shape",
        }
    }
}

impl Finding {
    /// The two images that are nearly the same, if it is about such.
    pub fn near_duplicates(&self) -> Option<[ImageIx; 2]> {
        match self.facts {
            Facts::Duplicate { other, .. } => Some([self.image?, other]),
            _ => None,
        }
    }

    /// A finding about an image as a whole.
    pub(super) fn on(image: ImageIx, facts: Facts) -> Self {
        Self { image: Some(image), regions: [None; 2], tags: [None; 2], facts }
    }

    /// The same about a region and its tag.
    pub(super) fn about(mut self, region: RegionIx, tag: TagIx) -> Self {
        let place = usize::from(self.regions[0].is_some());
        self.regions[place] = Some(region);
        self.tags[place] = Some(tag);
        self
    }

    pub fn kind(&self) -> CheckKind {
        match self.facts {
            Facts::Overlap { .. } => CheckKind::Overlap,
            Facts::OverlapOther { .. } => CheckKind::OverlapOther,
            Facts::Inside { .. } => CheckKind::Inside,
            Facts::Outside { .. } => CheckKind::Outside,
            Facts::Tiny { .. } => CheckKind::Tiny,
            Facts::Whole { .. } => CheckKind::Whole,
            Facts::Outlier { .. } => CheckKind::Outlier,
            Facts::Duplicate { .. } => CheckKind::Duplicate,
            Facts::RareTag => CheckKind::RareTag,
            Facts::TagName { .. } => CheckKind::TagName,
            Facts::NoRegions => CheckKind::NoRegions,
            Facts::MissingTag => CheckKind::MissingTag,
            Facts::Negative { .. } => CheckKind::Negative,
            Facts::Size { .. } => CheckKind::Size,
            Facts::More { kind, .. } => kind,
        }
    }

    pub fn regions(&self) -> impl Iterator<Item = RegionIx> {
        self.regions.into_iter().flatten()
    }

    /// Of two nearly equal images with other boxes: a region of the other one that has no counterpart here.
    pub fn missing(&self) -> Option<RegionIx> {
        match self.facts {
            Facts::Duplicate { labels: TwinLabels::OtherBoxes(boxes), .. } => boxes.missing,
            _ => None,
        }
    }

    /// The tags, none to two, each once.
    pub fn tags(&self) -> impl Iterator<Item = TagIx> {
        let [first, second] = self.tags;
        first.into_iter().chain(second.filter(|_| second != first))
    }

    /// Its numbers by their names in JSON.
    pub fn numbers(&self) -> Vec<(&'static str, f64)> {
        // By way of the shortest text, so that 0.9 does not become 0.8999999761581421.
        let short = |value: f32| value.to_string().parse().unwrap_or_else(|_| f64::from(value));
        match self.facts {
            Facts::Overlap { iou } | Facts::OverlapOther { iou } => vec![("iou", short(iou))],
            Facts::Inside { share } | Facts::Outside { share } | Facts::Whole { share } => {
                vec![("share", short(share))]
            }
            Facts::Tiny { width, height, share, .. } => {
                vec![("width", short(width)), ("height", short(height)), ("share", short(share))]
            }
            Facts::Outlier { value, median, score, .. } => {
                vec![("value", short(value)), ("median", short(median)), ("score", short(score))]
            }
            Facts::Duplicate { distance, labels: TwinLabels::OtherBoxes(boxes), .. } => vec![
                ("distance", f64::from(distance)),
                ("boxes", f64::from(boxes.here)),
                ("otherBoxes", f64::from(boxes.there)),
            ],
            Facts::Duplicate { distance, .. } => vec![("distance", f64::from(distance))],
            Facts::TagName { images, other_images } => {
                vec![("images", f64::from(images)), ("otherImages", f64::from(other_images))]
            }
            Facts::Negative { regions } => vec![("regions", f64::from(regions))],
            Facts::Size { decoded: (width, height) } => {
                vec![("width", f64::from(width)), ("height", f64::from(height))]
            }
            Facts::More { count, .. } => vec![("more", f64::from(count))],
            Facts::RareTag | Facts::NoRegions | Facts::MissingTag => Vec::new(),
        }
    }
}
