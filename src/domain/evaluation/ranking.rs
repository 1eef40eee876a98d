//! The predictions of each tag in the order of their scores. Sorted once: neither a score nor an IoU changes it.

use super::matching::surest_first;
use crate::catalogue::{Catalogue, ImageIx, TagIx};
use crate::predictions::Predictions;

/// The predictions of each tag on some images, the surest first, and how many labels there are.
#[derive(Clone, Debug, Default)]
pub struct Ranking {
    tags: Vec<RankedTag>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct RankedTag {
    /// Labels of the tag.
    pub(super) labels: u64,
    /// Scores, the highest first.
    pub(super) scores: Vec<f64>,
    /// The places of these predictions in their column.
    pub(super) places: Vec<u32>,
}

impl Ranking {
    /// Of the predictions and labels on `images`, each once. `has_boxes`: regions are the labels, and not tags of whole
    /// images; of those, images without a tag are not compared.
    pub fn of(catalogue: &Catalogue, predictions: &Predictions, images: &[ImageIx], has_boxes: bool) -> Self {
        let mut tags = vec![RankedTag::default(); catalogue.tags().len()];
        let mut own = Vec::new();
        for image in images.iter().filter_map(|ix| catalogue.get(*ix)) {
            own.clear();
            own.extend_from_slice(if has_boxes { image.region_tags() } else { image.tags() });
            if !has_boxes {
                own.sort_unstable();
                own.dedup();
                if own.is_empty() {
                    continue;
                }
            }
            for tag in &own {
                if let Some(of_tag) = tags.get_mut(tag.at()) {
                    of_tag.labels += 1;
                }
            }
            for one in predictions.of(image.ix) {
                if let Some(of_tag) = tags.get_mut(one.tag.at()) {
                    of_tag.places.push(one.at as u32);
                }
            }
        }
        let score = |at: u32| predictions.get(at as usize).map_or(0.0, |one| one.score);
        for of_tag in &mut tags {
            of_tag.places.sort_by(|a, b| surest_first(score(*a), score(*b)));
            of_tag.scores = of_tag.places.iter().map(|at| score(*at)).collect();
        }
        Self { tags }
    }

    /// Number of tags of the catalogue.
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    pub(super) fn tag(&self, tag: TagIx) -> Option<&RankedTag> {
        self.tags.get(tag.at())
    }

    pub fn predictions(&self) -> usize {
        self.tags.iter().map(|tag| tag.places.len()).sum()
    }
}

impl RankedTag {
    /// How many predictions count from a score on.
    pub(super) fn count_from(&self, score: f64) -> usize {
        self.scores.partition_point(|one| *one >= score)
    }
}
