//! Average precision of boxes: by images, then by tags.

use rustc_hash::FxHashMap;

use super::MOST_DETECTIONS;
use super::average::{Hit, TagAverages, coco_thresholds};
use super::matching::{Room, Scene};
use crate::catalogue::{Catalogue, ImageIx, TagIx};
use crate::predictions::Predictions;

/// Images of a part: enough that dividing costs nothing.
const PART_IMAGES: usize = 2_048;

/// Labels and predictions of the same images.
#[derive(Clone, Copy, Debug)]
pub struct Detection<'a> {
    pub catalogue: &'a Catalogue,
    pub predictions: &'a Predictions,
    /// The images that are compared, each once. Their order decides between equal scores.
    pub images: &'a [ImageIx],
}

/// What some of the images say of each tag.
#[derive(Clone, Debug, Default)]
pub struct Part(FxHashMap<TagIx, TagHits>);

#[derive(Clone, Debug, Default)]
struct TagHits {
    labels: u64,
    hits: Vec<Hit>,
}

/// What all images say of each tag.
#[derive(Clone, Debug, Default)]
pub struct DetectionHits {
    tags: Vec<(TagIx, u64, Vec<Vec<Hit>>)>,
}

impl<'a> Detection<'a> {
    /// Number of parts that the images are divided in.
    pub fn parts(&self) -> usize {
        self.images.len().div_ceil(PART_IMAGES)
    }

    pub(super) fn images_of(&self, part: usize) -> &'a [ImageIx] {
        self.images.chunks(PART_IMAGES).nth(part).unwrap_or_default()
    }

    /// Matches the predictions of a part at all IoUs of the COCO evaluation.
    pub fn part(&self, part: usize) -> Part {
        let thresholds = coco_thresholds();
        let (mut scene, mut room) = (Scene::default(), Room::default());
        let mut found = Part::default();
        for image in self.images_of(part).iter().filter_map(|ix| self.catalogue.get(*ix)) {
            scene.fill(&image, self.predictions);
            for (tag, labels, guesses) in scene.tags() {
                let of_tag = found.0.entry(tag).or_default();
                of_tag.labels += labels.len() as u64;
                let guesses = &guesses[..guesses.len().min(MOST_DETECTIONS)];
                thresholds.matched(labels, guesses, &mut room, |score, found| of_tag.hits.push(Hit { score, found }));
            }
        }
        found
    }
}

impl DetectionHits {
    /// All parts in their order.
    pub fn join(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut tags: FxHashMap<TagIx, (u64, Vec<Vec<Hit>>)> = FxHashMap::default();
        for Part(part) in parts {
            for (tag, TagHits { labels, hits }) in part {
                let (sum, all) = tags.entry(tag).or_default();
                *sum += labels;
                all.push(hits);
            }
        }
        let mut tags: Vec<_> = tags.into_iter().map(|(tag, (labels, hits))| (tag, labels, hits)).collect();
        tags.sort_by_key(|(tag, ..)| *tag);
        Self { tags }
    }

    /// Number of tags that occur.
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// The average precision of one of the tags, by its place below [`len`](Self::len); `None` where it has no labels.
    pub fn figures(&self, place: usize) -> Option<(TagIx, TagAverages)> {
        let (tag, labels, hits) = self.tags.get(place)?;
        Some((*tag, TagAverages::of(hits.concat(), *labels)?))
    }
}
