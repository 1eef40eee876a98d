//! Average precision of boxes, as `COCOeval.accumulate` computes it: by images, then by tags.

use rustc_hash::FxHashMap;

use super::MOST_DETECTIONS;
use super::matching::{Room, Scene, Thresholds, surest_first};
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
pub struct HitsPart(FxHashMap<TagIx, TagHits>);

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
    pub fn parts(&self) -> usize {
        self.images.len().div_ceil(PART_IMAGES)
    }

    pub(super) fn images_of(&self, part: usize) -> &'a [ImageIx] {
        self.images.chunks(PART_IMAGES).nth(part).unwrap_or_default()
    }

    /// Matches the predictions of a part at all IoUs of the COCO evaluation.
    pub fn part(&self, part: usize) -> HitsPart {
        let thresholds = coco_thresholds();
        let (mut scene, mut room) = (Scene::default(), Room::default());
        let mut found = HitsPart::default();
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
    pub fn join(parts: impl IntoIterator<Item = HitsPart>) -> Self {
        let mut tags: FxHashMap<TagIx, (u64, Vec<Vec<Hit>>)> = FxHashMap::default();
        for HitsPart(part) in parts {
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

/// Number of IoUs.
const STEPS: usize = 10;
/// Recalls at which precision is read.
const RECALLS: usize = 101;
/// The places of 0.5 and 0.75 among the IoUs.
const AT_50: usize = 0;
const AT_75: usize = 5;

/// The IoUs of the COCO evaluation: 0.50, 0.55, ... 0.95, to the bit those of numpy's `linspace`.
pub fn iou_steps() -> [f64; STEPS] {
    let step = (0.95 - 0.5) / (STEPS - 1) as f64;
    std::array::from_fn(|at| if at + 1 == STEPS { 0.95 } else { at as f64 * step + 0.5 })
}

pub(super) fn coco_thresholds() -> Thresholds<STEPS> {
    Thresholds(iou_steps())
}

/// A prediction, and at which of [`iou_steps`] it has found a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    pub score: f64,
    /// A bit for each IoU, the lowest for 0.50.
    pub found: u16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TagAverages {
    /// Mean over all IoUs.
    pub ap: f64,
    pub ap50: f64,
    pub ap75: f64,
}

impl TagAverages {
    /// Of a tag with `labels` labels; `hits` in the order of the images, within an image the surest first. `None` where
    /// there are no labels.
    pub(super) fn of(mut hits: Vec<Hit>, labels: u64) -> Option<Self> {
        if labels == 0 {
            return None;
        }
        hits.sort_by(|a, b| surest_first(a.score, b.score));
        let mut room = Vec::with_capacity(hits.len());
        let averages: [f64; STEPS] = std::array::from_fn(|bit| average(&hits, bit, labels as f64, &mut room));
        let ap = averages.iter().sum::<f64>() / STEPS as f64;
        Some(Self { ap, ap50: averages[AT_50], ap75: averages[AT_75] })
    }

    /// The mean over tags; `None` of none.
    pub fn mean(tags: impl Iterator<Item = Self>) -> Option<Self> {
        let (mut sum, mut count) = (Self::default(), 0_u32);
        for tag in tags {
            sum = Self { ap: sum.ap + tag.ap, ap50: sum.ap50 + tag.ap50, ap75: sum.ap75 + tag.ap75 };
            count += 1;
        }
        let count = (count > 0).then_some(f64::from(count))?;
        Some(Self { ap: sum.ap / count, ap50: sum.ap50 / count, ap75: sum.ap75 / count })
    }
}

/// Mean precision over the recalls at one IoU. A recall that is never reached counts 0.
fn average(hits: &[Hit], bit: usize, labels: f64, room: &mut Vec<(f64, f64)>) -> f64 {
    room.clear();
    let mut right = 0.0;
    for (hit, seen) in hits.iter().zip(1_u32..) {
        if hit.found >> bit & 1 == 1 {
            right += 1.0;
        }
        // numpy's `spacing(1)` in the denominator shows in the first prediction only.
        room.push((right / labels, right / (f64::from(seen) + f64::EPSILON)));
    }
    // Each recall has the best precision at it or beyond.
    let mut best = 0.0_f64;
    for (_, precision) in room.iter_mut().rev() {
        best = best.max(*precision);
        *precision = best;
    }
    let (mut sum, mut at) = (0.0, 0);
    for step in 0..RECALLS {
        let wanted = if step + 1 == RECALLS { 1.0 } else { step as f64 * 0.01 };
        at += room[at..].partition_point(|(recall, _)| *recall < wanted);
        let Some((_, precision)) = room.get(at) else { break };
        sum += precision;
    }
    sum / RECALLS as f64
}
