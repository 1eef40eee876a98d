//! How much it takes to be a finding. The defaults are judged on real projects: few false alarms before all mistakes.

use serde::{Deserialize, Serialize};

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
    /// A box extends past the image edge when it does so by at least this many pixels, of the original where its size is known.
    pub outside_px: f32,
    /// A box is tiny when a side is under so many pixels, of the original where its size is known ...
    pub tiny_px: f32,
    /// ... or when it covers less than this share of the image.
    pub tiny_share: f32,
    /// A box covers the whole image when both sides reach this share of it.
    pub whole: f32,
    /// A box is an outlier when its size or shape is so many deviations (robust: from the median absolute one) away from
    /// the median of its tag.
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

/// Beyond this many different bits of 64 two pictures have nothing to do with each other, and the search for them compares
/// all with all.
const MOST_DUPLICATE_BITS: u8 = 12;

/// Below this, boxes that barely touch would be each other's counterparts.
const LEAST_DUPLICATE_IOU: f32 = 0.1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_file_may_be_anything() {
        let read: CheckOptions =
            serde_json::from_str(r#"{"overlap":7.5,"outlier":-3,"duplicateBits":200,"duplicateIou":0}"#)
                .expect("options");
        let sane = read.sane();
        assert_eq!((sane.overlap, sane.outlier, sane.duplicate_bits, sane.duplicate_iou), (1.0, 1.0, 12, 0.1));
        assert_eq!(sane.tiny_px, CheckOptions::default().tiny_px);
        let broken = CheckOptions { overlap: f32::NAN, tiny_px: f32::INFINITY, ..CheckOptions::default() };
        assert_eq!(broken.sane(), CheckOptions::default());
    }
}
