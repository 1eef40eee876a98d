//! What becomes of each prediction and of each label at a chosen IoU. The same for every score: see
//! [the conventions](super).

use std::cmp::Ordering;

use super::detection::Detection;
use super::matching::capped;
use super::overlaps::Overlaps;
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

    pub fn label(self) -> &'static str {
        match self {
            Self::Match => "Match",
            Self::Swapped => "Wrong tag",
            Self::Misplaced => "Badly placed",
            Self::False => "False",
            Self::Missed => "Missed",
        }
    }

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

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictionFate {
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
    /// Apart from the rest: what is counted is looked up in another order than that of the images.
    ends: Vec<End>,
    /// By region: the prediction of its tag that has found it.
    finders: Vec<u32>,
    /// By region: the prediction of whatever tag that has found it.
    meeters: Vec<u32>,
    images: Vec<Peaks>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// The label of the [`PredictionFate`].
    label: u32,
    /// The label that it finds when tags do not matter.
    any: u32,
    iou: f32,
}

impl Found {
    pub(super) const NOTHING: Self = Self { label: NONE, any: NONE, iou: 0.0 };
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct End {
    /// The tag of the label that it finds when tags do not matter; where only tags are predicted, the label that was
    /// taken for this one.
    any_tag: u16,
    /// `None`: it is not compared.
    outcome: Option<Outcome>,
}

impl End {
    pub(super) const NOTHING: Self = Self { any_tag: NO_TAG, outcome: None };

    pub(super) fn of(outcome: Outcome, label: Option<TagIx>) -> Self {
        Self { any_tag: label.map_or(NO_TAG, |tag| tag.0), outcome: Some(outcome) }
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

#[derive(Clone, Debug, Default)]
pub struct MatchesPart {
    pub(super) found: Vec<Found>,
    pub(super) ends: Vec<End>,
    /// The image, and the place of its first prediction in the column and here.
    pub(super) images: Vec<(ImageIx, usize, usize, Peaks)>,
}

impl Detection<'_> {
    /// Matches the predictions of a part of the images at `iou`.
    pub fn matches(&self, part: usize, iou: f64) -> MatchesPart {
        self.matches_of(&self.overlaps(part), iou)
    }

    /// The same of overlaps that are known.
    pub fn matches_of(&self, overlaps: &Overlaps, iou: f64) -> MatchesPart {
        let mut all = MatchesPart::default();
        let (mut is_taken, mut found_at) = (Vec::new(), Vec::new());
        for (image, start, guesses) in overlaps.images() {
            let Some(image) = self.catalogue.get(image) else { continue };
            let (tags, first_region) = (image.region_tags(), image.region_range().start);
            is_taken.clear();
            is_taken.resize(tags.len(), Taken::default());
            found_at.clear();
            found_at.resize(tags.len(), -1.0);
            let first = all.found.len();
            all.found.resize(first + guesses.len(), Found::NOTHING);
            all.ends.resize(first + guesses.len(), End::NOTHING);
            let mut peaks = Peaks::NOTHING;
            for guess in guesses {
                let Some(one) = self.predictions.get(guess.at) else { continue };
                let chosen = chosen(one.tag, guess.near(), tags, &mut is_taken, iou);
                let region = |place: Option<usize>| place.map_or(NONE, |place| first_region + place as u32);
                if let (Outcome::Match, Some(place)) = (chosen.outcome, chosen.label) {
                    found_at[place] = one.score;
                }
                peaks.add(chosen.outcome, one.score);
                let place = first + guess.at - start;
                all.found[place] =
                    Found { label: region(chosen.label), any: region(chosen.any), iou: chosen.iou as f32 };
                all.ends[place] = End::of(chosen.outcome, chosen.any.map(|place| tags[place]));
            }
            peaks.least_found = found_at.iter().copied().fold(f64::INFINITY, f64::min);
            all.images.push((image.ix, start, first, peaks));
        }
        all
    }
}

/// Whether a label is taken: by a prediction of its tag, and by one of whatever tag.
#[derive(Clone, Copy, Default)]
struct Taken {
    same: bool,
    any: bool,
}

/// What a prediction chooses among the labels of its image, by their places.
struct Chosen {
    outcome: Outcome,
    label: Option<usize>,
    any: Option<usize>,
    iou: f64,
}

/// Lets a prediction of `tag` choose among the labels that it overlaps: of those free the one with the greatest IoU
/// from the threshold on, of equal ones the last, as in COCOeval; regardless of tag, of equal ones rather one of its
/// tag.
fn chosen(
    tag: TagIx,
    near: impl Iterator<Item = (usize, f64)>,
    tags: &[TagIx],
    is_taken: &mut [Taken],
    iou: f64,
) -> Chosen {
    let mut same: Option<(usize, f64)> = None;
    let mut any: Option<(usize, f64)> = None;
    let mut nearest: Option<(usize, f64)> = None;
    let mut most = 0.0_f64;
    let least = capped(iou);
    for (place, overlap) in near {
        let is_same = tags[place] == tag;
        most = most.max(overlap);
        if is_same && nearest.is_none_or(|(_, best)| overlap > best) {
            nearest = Some((place, overlap));
        }
        if overlap < least {
            continue;
        }
        if is_same && !is_taken[place].same && same.is_none_or(|(_, best)| overlap >= best) {
            same = Some((place, overlap));
        }
        let is_better = any.is_none_or(|(known, best)| match overlap.total_cmp(&best) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal => is_same || tags[known] != tag,
        });
        if !is_taken[place].any && is_better {
            any = Some((place, overlap));
        }
    }
    if let Some((place, _)) = same {
        is_taken[place].same = true;
    }
    if let Some((place, _)) = any {
        is_taken[place].any = true;
    }
    // From the chosen IoU on it is one more prediction of what was found already.
    let misplaced = nearest.filter(|(_, overlap)| *overlap >= NEAR && *overlap < iou);
    let (outcome, label, iou) = match (same, any, misplaced) {
        (Some((place, overlap)), ..) => (Outcome::Match, Some(place), overlap),
        (None, Some((place, overlap)), _) if tags[place] != tag => (Outcome::Swapped, Some(place), overlap),
        (None, _, Some((place, overlap))) => (Outcome::Misplaced, Some(place), overlap),
        (None, ..) => (Outcome::False, None, most),
    };
    Chosen { outcome, label, any: any.map(|(place, _)| place), iou }
}

impl Matches {
    /// All parts, of a set of `predictions` predictions on the images of a catalogue with `regions` regions.
    pub fn join(predictions: usize, regions: usize, parts: impl IntoIterator<Item = MatchesPart>) -> Self {
        let (mut found, mut ends) = (vec![Found::NOTHING; predictions], vec![End::NOTHING; predictions]);
        let (mut finders, mut meeters) = (vec![NONE; regions], vec![NONE; regions]);
        let mut images: Vec<Peaks> = Vec::new();
        for part in parts {
            let behind = part.images.iter().skip(1).map(|(.., first, _)| *first).chain([part.found.len()]);
            for ((image, start, first, peaks), end) in part.images.iter().zip(behind) {
                let (of_image, ends_of_image) = (&part.found[*first..end], &part.ends[*first..end]);
                found[*start..*start + of_image.len()].copy_from_slice(of_image);
                ends[*start..*start + of_image.len()].copy_from_slice(ends_of_image);
                for ((one, how), at) in of_image.iter().zip(ends_of_image).zip(*start as u32..) {
                    if how.outcome == Some(Outcome::Match)
                        && let Some(finder) = finders.get_mut(one.label as usize)
                    {
                        *finder = at;
                    }
                    if let Some(meeter) = meeters.get_mut(one.any as usize) {
                        *meeter = at;
                    }
                }
                if images.len() <= image.index() {
                    images.resize(image.index() + 1, Peaks::NOT_COMPARED);
                }
                images[image.index()] = *peaks;
            }
        }
        Self { found, ends, finders, meeters, images }
    }

    /// What becomes of a prediction; `None`: it is not compared.
    pub fn fate(&self, at: usize) -> Option<PredictionFate> {
        let found = self.found.get(at)?;
        let label = (found.label != NONE).then_some(RegionIx(found.label));
        Some(PredictionFate { outcome: self.outcome(at)?, label, iou: found.iou })
    }

    /// How a prediction ends; `None`: it is not compared.
    pub fn outcome(&self, at: usize) -> Option<Outcome> {
        self.ends.get(at).and_then(|end| end.outcome)
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
        self.ends.get(at).and_then(|end| (end.any_tag != NO_TAG).then_some(TagIx(end.any_tag)))
    }

    /// The prediction of the label's tag that has found a label.
    pub fn finder(&self, region: RegionIx) -> Option<usize> {
        prediction(&self.finders, region)
    }

    /// The prediction of whatever tag that has found a label.
    pub fn meeter(&self, region: RegionIx) -> Option<usize> {
        prediction(&self.meeters, region)
    }

    pub fn has(&self, image: ImageIx) -> bool {
        self.images.get(image.index()).is_some_and(|peaks| peaks.is_compared)
    }

    /// Whether an image has something that ends so when predictions count from `score` on.
    pub fn any(&self, image: ImageIx, outcome: Outcome, score: f64) -> bool {
        let Some(peaks) = self.images.get(image.index()) else { return false };
        match Outcome::OF_PREDICTIONS.iter().position(|other| *other == outcome) {
            Some(place) => peaks.surest[place] >= score && peaks.surest[place] >= 0.0,
            None => peaks.least_found < score.max(0.0),
        }
    }

    /// Estimated bytes of memory.
    pub fn byte_count(&self) -> usize {
        self.found.capacity() * size_of::<Found>()
            + self.ends.capacity() * size_of::<End>()
            + (self.finders.capacity() + self.meeters.capacity()) * size_of::<u32>()
            + self.images.capacity() * size_of::<Peaks>()
    }
}

fn prediction(column: &[u32], region: RegionIx) -> Option<usize> {
    column.get(region.0 as usize).and_then(|at| (*at != NONE).then_some(*at as usize))
}
