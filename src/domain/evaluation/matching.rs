//! Which prediction finds which label: greedy by score, at one IoU or at many at once.

use std::cmp::Ordering;

use super::boxes::Pixels;
use crate::catalogue::{ImageView, RegionIx, TagIx};
use crate::geometry::PixelRect;
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
    /// Matches predictions, the surest first, with labels; reports of each prediction the mask of the IoUs at which it has
    /// found a label.
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
