//! What a model predicts on the images of one catalogue: a column next to it, 30 bytes a prediction and less once it is
//! complete.

use std::ops::Range;

use super::catalogue::{ImageIx, TagIx};
use super::geometry::UnitRect;

/// Predictions by image; within an image in the order in which they came. Indices are those of one catalogue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Predictions {
    /// Where the predictions of each image begin, and where the last ones end. Images behind the last have none.
    starts: Vec<u32>,
    tags: Vec<TagIx>,
    scores: Vec<f64>,
    /// Empty where only tags are predicted.
    rects: Vec<UnitRect>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictionView {
    /// Its place among all predictions.
    pub at: usize,
    pub tag: TagIx,
    /// How sure the model is, 0 to 1.
    pub score: f64,
    /// Where, in fractions of the upright image; an empty rectangle where only tags are predicted.
    pub rect: UnitRect,
}

/// Takes predictions in any order.
#[derive(Clone, Debug, Default)]
pub struct PredictionsBuilder {
    images: Vec<u32>,
    column: Predictions,
    has_boxes: bool,
}

impl PredictionsBuilder {
    /// Nothing yet. `has_boxes`: boxes are predicted, and not only tags of whole images.
    pub fn new(has_boxes: bool) -> Self {
        Self { has_boxes, ..Self::default() }
    }

    /// Adds a prediction. `false`: its score is not from 0 to 1, and it was not added. Where only tags are predicted,
    /// `rect` is not kept.
    pub fn push(&mut self, image: ImageIx, tag: TagIx, score: f64, rect: UnitRect) -> bool {
        if !(0.0..=1.0).contains(&score) || self.images.len() >= u32::MAX as usize {
            return false;
        }
        self.images.push(image.0);
        self.column.tags.push(tag);
        // Zero has two signs, which sort apart.
        self.column.scores.push(score + 0.0);
        if self.has_boxes {
            self.column.rects.push(rect);
        }
        true
    }

    pub fn len(&self) -> usize {
        self.images.len()
    }

    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    pub fn finish(self) -> Predictions {
        let Self { images, mut column, .. } = self;
        let count = images.iter().max().map_or(0, |last| *last as usize + 1);
        let mut starts = vec![0_u32; count + 1];
        for &image in &images {
            starts[image as usize + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        if !images.is_sorted() {
            // One column after the other, so that only one exists twice.
            let mut next = starts.clone();
            let mut from = vec![0_u32; images.len()];
            for (&image, at) in images.iter().zip(0_u32..) {
                let to = &mut next[image as usize];
                from[*to as usize] = at;
                *to += 1;
            }
            column.tags = from.iter().map(|&at| column.tags[at as usize]).collect();
            column.scores = from.iter().map(|&at| column.scores[at as usize]).collect();
            if !column.rects.is_empty() {
                column.rects = from.iter().map(|&at| column.rects[at as usize]).collect();
            }
        }
        column.starts = starts;
        column.tags.shrink_to_fit();
        column.scores.shrink_to_fit();
        column.rects.shrink_to_fit();
        column
    }
}

impl Predictions {
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    pub fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    pub fn has_boxes(&self) -> bool {
        !self.rects.is_empty()
    }

    /// The places of an image's predictions.
    pub fn range(&self, image: ImageIx) -> Range<usize> {
        match (self.starts.get(image.index()), self.starts.get(image.index() + 1)) {
            (Some(&start), Some(&end)) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    /// The predictions of an image, in the order in which they came.
    pub fn of(&self, image: ImageIx) -> impl ExactSizeIterator<Item = PredictionView> + '_ {
        self.range(image).map(|at| self.view(at))
    }

    /// The prediction at a place below [`len`](Self::len).
    pub fn get(&self, at: usize) -> Option<PredictionView> {
        (at < self.len()).then(|| self.view(at))
    }

    fn view(&self, at: usize) -> PredictionView {
        let rect = self.rects.get(at).copied().unwrap_or_default();
        PredictionView { at, tag: self.tags[at], score: self.scores[at], rect }
    }

    /// Estimated bytes of memory.
    pub fn byte_count(&self) -> usize {
        self.starts.capacity() * size_of::<u32>()
            + self.tags.capacity() * size_of::<TagIx>()
            + self.scores.capacity() * size_of::<f64>()
            + self.rects.capacity() * size_of::<UnitRect>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(has_boxes: bool, rows: &[(u32, u16, f64)]) -> Predictions {
        let mut builder = PredictionsBuilder::new(has_boxes);
        for &(image, tag, score) in rows {
            assert!(builder.push(ImageIx(image), TagIx(tag), score, UnitRect::new(score as f32, 0.0, 0.5, 0.5)));
        }
        builder.finish()
    }

    #[test]
    fn predictions_of_an_image_keep_their_order() {
        let found = built(true, &[(3, 0, 0.5), (1, 1, 0.25), (3, 2, 0.75), (1, 3, 0.25)]);
        let of = |image| found.of(ImageIx(image)).map(|one| (one.tag.0, one.score)).collect::<Vec<_>>();
        assert_eq!(of(1), [(1, 0.25), (3, 0.25)]);
        assert_eq!(of(3), [(0, 0.5), (2, 0.75)]);
        assert!(of(0).is_empty() && of(2).is_empty() && of(4).is_empty() && of(u32::MAX - 1).is_empty());
        assert!(found.of(ImageIx(3)).all(|one| f64::from(one.rect.left) == one.score));
        assert_eq!(found, built(true, &[(1, 1, 0.25), (1, 3, 0.25), (3, 0, 0.5), (3, 2, 0.75)]));
    }

    #[test]
    fn scores_are_from_0_to_1() {
        let mut builder = PredictionsBuilder::new(false);
        for score in [f64::NAN, -0.001, 1.001, f64::INFINITY] {
            assert!(!builder.push(ImageIx(0), TagIx(0), score, UnitRect::default()));
        }
        assert!(builder.push(ImageIx(0), TagIx(0), -0.0, UnitRect::default()));
        let found = builder.finish();
        assert!(found.get(0).is_some_and(|one| one.score.is_sign_positive()) && found.get(1).is_none());
        assert!(!found.has_boxes());
        assert_eq!(PredictionsBuilder::new(true).finish().of(ImageIx(0)).count(), 0);
    }

    #[test]
    fn two_million_fit_in_64_mib() {
        let mut builder = PredictionsBuilder::new(true);
        for at in 0..20_000_u32 {
            builder.push(ImageIx(at / 20), TagIx(0), 0.5, UnitRect::default());
        }
        assert!(builder.finish().byte_count() * 100 <= 64 << 20);
    }
}
