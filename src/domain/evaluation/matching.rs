//! Which prediction finds which label: greedy by score, at one IoU or at many at once. In pixels, as exact as they were
//! before they became single-precision fractions.

use std::cmp::Ordering;

use crate::catalogue::{ImageView, PixelSize, RegionIx, TagIx};
use crate::geometry::{PixelRect, UnitRect};
use crate::predictions::Predictions;

/// A label of an image, in pixels.
pub(super) struct Label {
    pub(super) tag: TagIx,
    pub(super) region: RegionIx,
    pub(super) rect: PixelRect,
}

/// A prediction on an image, in pixels.
pub(super) struct Guess {
    pub(super) at: usize,
    pub(super) tag: TagIx,
    pub(super) score: f64,
    pub(super) rect: PixelRect,
}

/// Labels and predictions of one image. Made once and filled for one image after the other.
#[derive(Default)]
pub(super) struct Scene {
    /// By tag, within a tag as listed.
    pub(super) labels: Vec<Label>,
    /// By tag, within a tag the surest first.
    pub(super) guesses: Vec<Guess>,
}

impl Scene {
    pub(super) fn fill(&mut self, image: &ImageView<'_>, predictions: &Predictions) {
        let pixels = Pixels::of(image);
        self.labels.clear();
        let labels = image.regions();
        self.labels.extend(labels.map(|region| Label {
            tag: region.tag,
            region: region.ix,
            rect: pixels.rect(region.rect),
        }));
        // Both sorts are stable.
        self.labels.sort_by_key(|label| label.tag);
        self.guesses.clear();
        let guesses = predictions.of(image.ix);
        self.guesses.extend(guesses.map(|one| Guess {
            at: one.at,
            tag: one.tag,
            score: one.score,
            rect: pixels.rect(one.rect),
        }));
        self.guesses.sort_by(|a, b| a.tag.cmp(&b.tag).then_with(|| surest_first(a.score, b.score)));
    }

    /// Tags of labels or predictions, each with the places of both.
    pub(super) fn tags(&self) -> impl Iterator<Item = (TagIx, &[Label], &[Guess])> {
        let (mut labels, mut guesses) = (&self.labels[..], &self.guesses[..]);
        std::iter::from_fn(move || {
            let tag = match (labels.first(), guesses.first()) {
                (Some(label), Some(guess)) => label.tag.min(guess.tag),
                (Some(label), None) => label.tag,
                (None, Some(guess)) => guess.tag,
                (None, None) => return None,
            };
            let (of_tag, rest) = labels.split_at(labels.partition_point(|label| label.tag == tag));
            labels = rest;
            let (guesses_of_tag, rest) = guesses.split_at(guesses.partition_point(|guess| guess.tag == tag));
            guesses = rest;
            Some((tag, of_tag, guesses_of_tag))
        })
    }

    /// All predictions whatever their tag, the surest first; equal ones as they came.
    pub(super) fn sort_regardless_of_tag(&mut self) {
        self.guesses.sort_by(|a, b| surest_first(a.score, b.score).then_with(|| a.at.cmp(&b.at)));
        self.labels.sort_by_key(|label| label.region);
    }
}

/// Scores are numbers: see [`PredictionsBuilder::push`](crate::predictions::PredictionsBuilder::push).
pub(super) fn surest_first(a: f64, b: f64) -> Ordering {
    b.total_cmp(&a)
}

/// IoUs from which on two boxes match, ascending; a bit each in the masks below.
pub(super) struct Thresholds<const N: usize>(pub(super) [f64; N]);

/// Room for [`Thresholds::matched`] that is used again.
#[derive(Default)]
pub(super) struct Room {
    /// A mask a label: the IoUs at which it is taken.
    taken: Vec<u16>,
    /// Labels that a prediction overlaps enough.
    near: Vec<(usize, f64)>,
}

impl<const N: usize> Thresholds<N> {
    /// Matches predictions, the surest first, with labels; reports of each prediction the mask of the IoUs at which it
    /// has found a label.
    pub(super) fn matched(
        &self,
        labels: &[Label],
        guesses: &[Guess],
        room: &mut Room,
        mut report: impl FnMut(f64, u16),
    ) {
        room.taken.clear();
        room.taken.resize(labels.len(), 0);
        for guess in guesses {
            room.near.clear();
            for (at, label) in labels.iter().enumerate() {
                let iou = label.rect.iou(guess.rect);
                if iou >= self.0[0] {
                    room.near.push((at, iou));
                }
            }
            let mut mask = 0_u16;
            if !room.near.is_empty() {
                for (bit, &threshold) in self.0.iter().enumerate() {
                    let mut best = (None, capped(threshold));
                    for &(at, iou) in &room.near {
                        let is_free = room.taken[at] >> bit & 1 == 0;
                        // Of equal ones the last, as in COCOeval.
                        if is_free && iou >= best.1 {
                            best = (Some(at), iou);
                        }
                    }
                    if let (Some(at), _) = best {
                        room.taken[at] |= 1 << bit;
                        mask |= 1 << bit;
                    }
                }
            }
            report(guess.score, mask);
        }
    }
}

/// COCOeval's bound, which boxes that are equal but for rounding still reach.
pub(super) fn capped(iou: f64) -> f64 {
    iou.min(1.0 - 1e-10)
}

/// Boxes of a picture in pixels. The catalogue and the predictions hold fractions of the image. An IoU does not depend
/// on the unit, but on rounding: two boxes whose IoU is exactly 0.5 in whole pixels may have 0.49999999 in fractions,
/// and then they match no more. So a fraction becomes the whole pixel that it was computed from, if there is one, else
/// the number with three decimals, else its exact product with the side.
#[derive(Clone, Copy, Debug)]
pub struct Pixels {
    width: f64,
    height: f64,
}

impl Pixels {
    /// Of an image: in pixels of its original, until that is known of the listed size. An image without a size has the
    /// side 1.
    pub fn of(image: &ImageView<'_>) -> Self {
        let PixelSize { width, height, .. } = image.pixel_size();
        Self { width: f64::from(width.max(1)), height: f64::from(height.max(1)) }
    }

    pub fn from_size(width: u32, height: u32) -> Self {
        Self { width: f64::from(width.max(1)), height: f64::from(height.max(1)) }
    }

    pub fn rect(self, rect: UnitRect) -> PixelRect {
        PixelRect {
            x: pixels(rect.left, self.width),
            y: pixels(rect.top, self.height),
            width: pixels(rect.width, self.width),
            height: pixels(rect.height, self.height),
        }
    }
}

/// The number of pixels that gives this fraction of `side` in single precision, with the fewest decimals.
fn pixels(fraction: f32, side: f64) -> f64 {
    let exact = f64::from(fraction) * side;
    let is_source = |pixels: &f64| (pixels / side) as f32 == fraction;
    Some(exact.round())
        .filter(is_source)
        .or_else(|| Some((exact * 1_000.0).round() / 1_000.0).filter(is_source))
        .unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pixels_with_up_to_three_decimals_come_back(side in 1_u32..4_000, thousandths in 0_u32..4_000_000) {
            let value = f64::from(thousandths) / 1_000.0;
            let side = f64::from(side);
            prop_assume!(value <= side);
            // Two such numbers may have the same fraction; then the one with fewer decimals is as good.
            let back = pixels((value / side) as f32, side);
            prop_assert!((back - value).abs() <= 1e-3);
            prop_assert_eq!((back / side) as f32, (value / side) as f32);
        }

        #[test]
        fn whole_pixels_come_back(side in 1_u32..10_240, pixel in 0_u32..10_240) {
            let (pixel, side) = (f64::from(pixel.min(side)), f64::from(side));
            prop_assert_eq!(pixels((pixel / side) as f32, side), pixel);
        }
    }

    #[test]
    fn half_a_box_has_half_the_overlap() {
        // 7 / 816 and 14 / 816 are no exact fractions.
        let pixels = Pixels::from_size(816, 612);
        let unit = |[x, y, width, height]: [f64; 4]| PixelRect { x, y, width, height }.in_fractions(816, 612);
        let whole = pixels.rect(unit([101.0, 53.0, 14.0, 14.0]));
        let half = pixels.rect(unit([101.0, 53.0, 7.0, 14.0]));
        assert_eq!(whole.iou(half), 0.5);
        assert_eq!(half.iou(whole), 0.5);
        assert_eq!(whole.iou(whole), 1.0);
    }
}
