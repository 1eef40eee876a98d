//! Which labels each prediction overlaps, and how much: worked out once for a set of predictions, so that another IoU
//! only has to choose among them.

use super::detection::Detection;
use super::matching::Scene;
use crate::catalogue::ImageIx;

#[derive(Clone, Debug, Default)]
pub struct Overlaps {
    images: Vec<OfImage>,
    /// Predictions by image, the surest first.
    guesses: Vec<OfGuess>,
    /// Places of the labels in their image; by prediction, in the order of the labels.
    labels: Vec<u32>,
    ious: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
struct OfImage {
    image: ImageIx,
    /// The place of its first prediction in the column.
    start: u32,
    /// Behind its last prediction here.
    end: u32,
}

#[derive(Clone, Copy, Debug)]
struct OfGuess {
    /// Its place in the column.
    at: u32,
    /// Behind its last overlap.
    end: u32,
}

/// A prediction and what it overlaps.
pub(super) struct Overlapping<'a> {
    pub(super) at: usize,
    labels: &'a [u32],
    ious: &'a [f64],
}

impl Overlapping<'_> {
    /// Places of labels in the image, with their IoU.
    pub(super) fn near(&self) -> impl Iterator<Item = (usize, f64)> {
        self.labels.iter().map(|place| *place as usize).zip(self.ious.iter().copied())
    }
}

impl Detection<'_> {
    pub fn overlaps(&self, part: usize) -> Overlaps {
        let mut scene = Scene::default();
        let mut all = Overlaps::default();
        for ix in self.images_of(part) {
            let Some(image) = self.catalogue.get(*ix) else { continue };
            scene.fill(&image, self.predictions);
            scene.sort_regardless_of_tag();
            for guess in &scene.guesses {
                for (label, place) in scene.labels.iter().zip(0_u32..) {
                    // Boxes that do not touch never match.
                    let iou = label.rect.iou(guess.rect);
                    if iou > 0.0 {
                        all.labels.push(place);
                        all.ious.push(iou);
                    }
                }
                all.guesses.push(OfGuess { at: guess.at as u32, end: all.ious.len() as u32 });
            }
            let start = self.predictions.range(*ix).start as u32;
            all.images.push(OfImage { image: *ix, start, end: all.guesses.len() as u32 });
        }
        all.labels.shrink_to_fit();
        all.ious.shrink_to_fit();
        all.guesses.shrink_to_fit();
        all
    }
}

impl Overlaps {
    /// The images: each with the place of its first prediction in the column, and its predictions, the surest first.
    pub(super) fn images(
        &self,
    ) -> impl Iterator<Item = (ImageIx, usize, impl ExactSizeIterator<Item = Overlapping<'_>>)> {
        let (mut guess, mut pair) = (0_usize, 0_usize);
        self.images.iter().map(move |of| {
            let (guesses, first) = (&self.guesses[guess..of.end as usize], pair);
            guess = of.end as usize;
            pair = guesses.last().map_or(pair, |last| last.end as usize);
            let mut from = first;
            let overlapping = guesses.iter().map(move |guess| {
                let pairs = std::mem::replace(&mut from, guess.end as usize)..guess.end as usize;
                Overlapping { at: guess.at as usize, labels: &self.labels[pairs.clone()], ious: &self.ious[pairs] }
            });
            (of.image, of.start as usize, overlapping)
        })
    }

    /// Estimated bytes of memory.
    pub fn byte_count(&self) -> usize {
        self.images.capacity() * size_of::<OfImage>()
            + self.guesses.capacity() * size_of::<OfGuess>()
            + self.labels.capacity() * size_of::<u32>()
            + self.ious.capacity() * size_of::<f64>()
    }
}
