//! What becomes of each prediction and of each label at a chosen IoU. The same for every score: see
//! [the conventions](super).

use super::detection::Detection;
use super::matching::{Label, Scene, matched_at};
use crate::catalogue::{ImageIx, RegionIx, TagIx};

/// No label, or no prediction.
pub(super) const NONE: u32 = u32::MAX;
/// No tag.
const NO_TAG: u16 = u16::MAX;
/// A prediction that overlaps a label of its tag less than this is not a badly placed box but a wrong one.
const NEAR: f64 = 0.1;

/// What becomes of a prediction, or of a label that no prediction finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The prediction has found a label of its tag.
    Match,
    /// It lies on a label of another tag.
    Swapped,
    /// It overlaps a label of its tag, but less than the chosen IoU.
    Misplaced,
    /// It has found nothing else.
    False,
    /// No prediction of its tag has found the label.
    Missed,
}

impl Outcome {
    /// All, in the order of lists.
    pub const ALL: [Self; 5] = [Self::Match, Self::Swapped, Self::Misplaced, Self::False, Self::Missed];
    /// Those of predictions.
    pub const OF_PREDICTIONS: [Self; 4] = [Self::Match, Self::Swapped, Self::Misplaced, Self::False];

    /// Its name in queries and exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Swapped => "swapped",
            Self::Misplaced => "misplaced",
            Self::False => "false",
            Self::Missed => "missed",
        }
    }

    /// Words for lists and menus.
    pub fn label(self) -> &'static str {
        match self {
            Self::Match => "Match",
            Self::Swapped => "Wrong tag",
            Self::Misplaced => "Badly placed",
            Self::False => "False",
            Self::Missed => "Missed",
        }
    }

    /// What it means, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Match => "Predictions that agree with a label of their tag.",
            Self::Swapped => "Predictions on a label of another tag.",
            Self::Misplaced => "Predictions near a label of their tag, with less overlap than the chosen IoU.",
            Self::False => "Predictions where nothing is labeled, or what another prediction has found already.",
            Self::Missed => "Labels that no prediction of their tag has found.",
        }
    }
}

/// What becomes of one prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fate {
    /// Match, wrong tag, badly placed or false.
    pub outcome: Outcome,
    /// The label that it has found, lies on or is near to.
    pub label: Option<RegionIx>,
    /// IoU with that label; of a false one the greatest with any label. 0 where only tags are predicted.
    pub iou: f32,
}

/// What becomes of the predictions and labels of the images that are compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matches {
    found: Vec<Found>,
    /// By region: the prediction of its tag that has found it.
    finders: Vec<u32>,
    /// By region: the prediction of whatever tag that has found it.
    meeters: Vec<u32>,
    images: Vec<Peaks>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// The label of the [`Fate`].
    label: u32,
    /// The label that it finds when tags do not matter.
    any: u32,
    iou: f32,
    /// The tag of `any`; where only tags are predicted, the label that was taken for this one.
    any_tag: u16,
    /// `None`: it is not compared.
    outcome: Option<Outcome>,
}

impl Found {
    pub(super) const NOTHING: Self = Self { label: NONE, any: NONE, iou: 0.0, any_tag: NO_TAG, outcome: None };

    /// Of a predicted tag of a whole image; `label`: the tag that the image has instead.
    pub(super) fn of_tag(outcome: Outcome, label: Option<TagIx>) -> Self {
        Self { any_tag: label.map_or(NO_TAG, |tag| tag.0), outcome: Some(outcome), ..Self::NOTHING }
    }
}

/// From which score on, or up to which, an image has something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peaks {
    is_compared: bool,
    /// The greatest score of each of [`Outcome::OF_PREDICTIONS`]; below 0: there is none.
    surest: [f64; 4],
    /// The lowest score with which a label is found; below 0: one is not found at any score.
    pub(super) least_found: f64,
}

impl Peaks {
    const NOT_COMPARED: Self = Self { is_compared: false, surest: [-1.0; 4], least_found: f64::INFINITY };
    pub(super) const NOTHING: Self = Self { is_compared: true, ..Self::NOT_COMPARED };

    pub(super) fn add(&mut self, outcome: Outcome, score: f64) {
        if let Some(place) = Outcome::OF_PREDICTIONS.iter().position(|other| *other == outcome) {
            self.surest[place] = self.surest[place].max(score);
        }
    }
}

/// The matches of a part of the images.
#[derive(Clone, Debug, Default)]
pub struct MatchesPart {
    pub(super) found: Vec<Found>,
    /// The image, and the place of its first prediction in the column and here.
    pub(super) images: Vec<(ImageIx, usize, usize, Peaks)>,
}

impl Detection<'_> {
    /// Matches the predictions of a part of the images at `iou`.
    pub fn matches(&self, part: usize, iou: f64) -> MatchesPart {
        let (mut scene, mut is_taken, mut found_at) = (Scene::default(), Vec::new(), Vec::new());
        let mut all = MatchesPart::default();
        for ix in self.images_of(part) {
            let Some(image) = self.catalogue.get(*ix) else { continue };
            let range = self.predictions.range(*ix);
            let first = all.found.len();
            all.found.resize(first + range.len(), Found::NOTHING);
            let of_image = &mut all.found[first..];
            scene.fill(&image, self.predictions);
            let first_region = image.region_range().start;
            found_at.clear();
            found_at.resize(image.region_count(), -1.0);
            for (_, labels, guesses) in scene.tags() {
                matched_at(iou, labels, guesses, &mut is_taken, |guess, label| {
                    if let Some((label, overlap)) = label {
                        let found = &mut of_image[guess.at - range.start];
                        (found.label, found.iou) = (label.region.0, overlap as f32);
                        found.outcome = Some(Outcome::Match);
                        found_at[(label.region.0 - first_region) as usize] = guess.score;
                    }
                });
            }
            scene.sort_regardless_of_tag();
            matched_at(iou, &scene.labels, &scene.guesses, &mut is_taken, |guess, label| {
                if let Some((label, overlap)) = label {
                    let found = &mut of_image[guess.at - range.start];
                    (found.any, found.any_tag) = (label.region.0, label.tag.0);
                    if found.outcome.is_none() && label.tag != guess.tag {
                        (found.label, found.iou) = (label.region.0, overlap as f32);
                        found.outcome = Some(Outcome::Swapped);
                    }
                }
            });
            let mut peaks = Peaks::NOTHING;
            for guess in &scene.guesses {
                let found = &mut of_image[guess.at - range.start];
                if found.outcome.is_none() {
                    place_unmatched(found, &scene.labels, guess.tag, |label| label.rect.iou(guess.rect), iou);
                }
                if let Some(outcome) = found.outcome {
                    peaks.add(outcome, guess.score);
                }
            }
            peaks.least_found = found_at.iter().copied().fold(f64::INFINITY, f64::min);
            all.images.push((*ix, range.start, first, peaks));
        }
        all
    }
}

/// A prediction that has found nothing: badly placed or false.
fn place_unmatched(found: &mut Found, labels: &[Label], tag: TagIx, overlap: impl Fn(&Label) -> f64, iou: f64) {
    let (mut same, mut any) = ((NONE, 0.0), 0.0_f64);
    for label in labels {
        let overlap = overlap(label);
        any = any.max(overlap);
        if label.tag == tag && overlap > same.1 {
            same = (label.region.0, overlap);
        }
    }
    // From the chosen IoU on it is one more prediction of what was found already.
    if same.1 >= NEAR && same.1 < iou {
        (found.label, found.iou, found.outcome) = (same.0, same.1 as f32, Some(Outcome::Misplaced));
    } else {
        (found.iou, found.outcome) = (any as f32, Some(Outcome::False));
    }
}

impl Matches {
    /// All parts, of a set of `predictions` predictions on the images of a catalogue with `regions` regions.
    pub fn join(predictions: usize, regions: usize, parts: impl IntoIterator<Item = MatchesPart>) -> Self {
        let mut found = vec![Found::NOTHING; predictions];
        let (mut finders, mut meeters) = (vec![NONE; regions], vec![NONE; regions]);
        let mut images: Vec<Peaks> = Vec::new();
        for part in parts {
            let ends = part.images.iter().skip(1).map(|(.., first, _)| *first).chain([part.found.len()]);
            for ((image, start, first, peaks), end) in part.images.iter().zip(ends) {
                let of_image = &part.found[*first..end];
                found[*start..*start + of_image.len()].copy_from_slice(of_image);
                for (one, at) in of_image.iter().zip(*start as u32..) {
                    if one.outcome == Some(Outcome::Match)
                        && let Some(finder) = finders.get_mut(one.label as usize)
                    {
                        *finder = at;
                    }
                    if let Some(meeter) = meeters.get_mut(one.any as usize) {
                        *meeter = at;
                    }
                }
                if images.len() <= image.at() {
                    images.resize(image.at() + 1, Peaks::NOT_COMPARED);
                }
                images[image.at()] = *peaks;
            }
        }
        Self { found, finders, meeters, images }
    }

    /// What becomes of a prediction; `None`: it is not compared.
    pub fn fate(&self, at: usize) -> Option<Fate> {
        let found = self.found.get(at)?;
        let label = (found.label != NONE).then_some(RegionIx(found.label));
        Some(Fate { outcome: found.outcome?, label, iou: found.iou })
    }

    /// The label of the predicted tag that a prediction has found.
    pub fn same_tag(&self, at: usize) -> Option<RegionIx> {
        self.fate(at).filter(|fate| fate.outcome == Outcome::Match).and_then(|fate| fate.label)
    }

    /// The label of whatever tag that a prediction has found.
    pub fn any_tag(&self, at: usize) -> Option<RegionIx> {
        self.found.get(at).and_then(|found| (found.any != NONE).then_some(RegionIx(found.any)))
    }

    /// The tag of the label that a prediction has found when tags do not matter.
    pub fn label_tag(&self, at: usize) -> Option<TagIx> {
        self.found.get(at).and_then(|found| (found.any_tag != NO_TAG).then_some(TagIx(found.any_tag)))
    }

    /// The prediction of the label's tag that has found a label.
    pub fn finder(&self, region: RegionIx) -> Option<usize> {
        prediction(&self.finders, region)
    }

    /// The prediction of whatever tag that has found a label.
    pub fn meeter(&self, region: RegionIx) -> Option<usize> {
        prediction(&self.meeters, region)
    }

    /// Whether an image is compared.
    pub fn has(&self, image: ImageIx) -> bool {
        self.images.get(image.at()).is_some_and(|peaks| peaks.is_compared)
    }

    /// Whether an image has something that ends so when predictions count from `score` on.
    pub fn any(&self, image: ImageIx, outcome: Outcome, score: f64) -> bool {
        let Some(peaks) = self.images.get(image.at()) else { return false };
        match Outcome::OF_PREDICTIONS.iter().position(|other| *other == outcome) {
            Some(place) => peaks.surest[place] >= score && peaks.surest[place] >= 0.0,
            None => peaks.least_found < score.max(0.0),
        }
    }

    /// Estimated bytes of memory.
    pub fn byte_count(&self) -> usize {
        self.found.capacity() * size_of::<Found>()
            + (self.finders.capacity() + self.meeters.capacity()) * size_of::<u32>()
            + self.images.capacity() * size_of::<Peaks>()
    }
}

fn prediction(column: &[u32], region: RegionIx) -> Option<usize> {
    column.get(region.0 as usize).and_then(|at| (*at != NONE).then_some(*at as usize))
}
