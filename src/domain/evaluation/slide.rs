//! The counts at every score: while the user moves the slider, they are looked up and not counted.
//!
//! A ranking has the predictions of a tag in the order of their scores, sorted once: neither a score nor an IoU changes
//! it. Which of them end in a match, or lie on a label of some tag, is kept as ascending ranks, so that the number of
//! those from a score on is found by halving.

use std::sync::Arc;

use super::counts::{Confusion, CurvePoint, MatchCounts};
use super::matches::{Matches, Outcome};
use super::matching::surest_first;
use crate::catalogue::{Catalogue, ImageIx, TagIx};
use crate::predictions::Predictions;

/// Scores at which a curve is given where there are more.
const CURVE_STEPS: usize = 200;

/// The counts of all tags at every score, for one IoU.
#[derive(Clone, Debug, Default)]
pub struct Slide {
    ranking: Arc<Ranking>,
    tags: Vec<TagSlide>,
}

/// Ranks of one tag's predictions.
#[derive(Clone, Debug, Default)]
pub struct TagSlide {
    /// By [`Outcome::OF_PREDICTIONS`].
    outcomes: [Vec<u32>; 4],
    /// By the tag of the label that they lie on; `None`: on none.
    cells: Vec<(Option<TagIx>, Vec<u32>)>,
}

/// What the predictions and labels of a tag come to at a score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    pub labels: u64,
    /// By [`Outcome::OF_PREDICTIONS`].
    predictions: [u64; 4],
}

impl OutcomeCounts {
    pub fn of(&self, outcome: Outcome) -> u64 {
        match Outcome::OF_PREDICTIONS.iter().position(|other| *other == outcome) {
            Some(place) => self.predictions[place],
            None => self.labels.saturating_sub(self.predictions[0]),
        }
    }

    pub fn counts(&self) -> MatchCounts {
        MatchCounts { labels: self.labels, predictions: self.predictions.iter().sum(), found: self.predictions[0] }
    }

    fn add(&mut self, other: &Self) {
        self.labels += other.labels;
        self.predictions.iter_mut().zip(other.predictions).for_each(|(sum, more)| *sum += more);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AtPoint {
    pub all: OutcomeCounts,
    /// Of each tag of the catalogue, by its index.
    pub tags: Vec<OutcomeCounts>,
    /// Labels and predictions matched regardless of tag.
    pub confusion: Confusion,
}

impl TagSlide {
    pub fn of(ranking: &Ranking, tag: TagIx, matches: &Matches) -> Self {
        let mut slide = Self::default();
        let Some(ranked) = ranking.tag(tag) else { return slide };
        // The last one first looked at: predictions that follow each other often lie on labels of the same tag.
        let mut last = 0;
        for (&at, rank) in ranked.places.iter().zip(0_u32..) {
            let Some(outcome) = matches.outcome(at as usize) else { continue };
            if let Some(place) = Outcome::OF_PREDICTIONS.iter().position(|other| *other == outcome) {
                slide.outcomes[place].push(rank);
            }
            let label = matches.label_tag(at as usize);
            if slide.cells.get(last).is_none_or(|(of, _)| *of != label) {
                last = slide.cells.iter().position(|(of, _)| *of == label).unwrap_or_else(|| {
                    slide.cells.push((label, Vec::new()));
                    slide.cells.len() - 1
                });
            }
            slide.cells[last].1.push(rank);
        }
        slide
    }
}

impl Slide {
    pub fn join(ranking: Arc<Ranking>, tags: Vec<TagSlide>) -> Self {
        Self { ranking, tags }
    }

    /// The counts when predictions count from `score` on.
    pub fn at(&self, score: f64) -> AtPoint {
        let mut point = AtPoint { tags: Vec::with_capacity(self.tags.len()), ..AtPoint::default() };
        let mut cells = std::collections::BTreeMap::new();
        let mut met = vec![0_u64; self.tags.len()];
        for at in 0..self.tags.len() {
            let tag = TagIx(at as u16);
            let counts = self.counts(tag, score);
            point.all.add(&counts);
            point.tags.push(counts);
            for (label, count) in self.cells(tag, score).filter(|(_, count)| *count > 0) {
                cells.insert((label, Some(tag)), count);
                if let Some(met) = label.and_then(|label| met.get_mut(label.index())) {
                    *met += count;
                }
            }
        }
        for (at, (counts, met)) in point.tags.iter().zip(&met).enumerate() {
            let unmet = counts.labels.saturating_sub(*met);
            if unmet > 0 {
                cells.insert((Some(TagIx(at as u16)), None), unmet);
            }
        }
        point.confusion = cells.into_iter().collect();
        point
    }

    fn counts(&self, tag: TagIx, score: f64) -> OutcomeCounts {
        let (Some(ranked), Some(slide)) = (self.ranking.tag(tag), self.tags.get(tag.index())) else {
            return OutcomeCounts::default();
        };
        let end = ranked.count_from(score) as u32;
        let predictions = std::array::from_fn(|place| below(&slide.outcomes[place], end));
        OutcomeCounts { labels: ranked.labels, predictions }
    }

    fn cells(&self, tag: TagIx, score: f64) -> impl Iterator<Item = (Option<TagIx>, u64)> + '_ {
        let end = self.ranking.tag(tag).map_or(0, |ranked| ranked.count_from(score)) as u32;
        let cells = self.tags.get(tag.index()).map_or(&[][..], |slide| &slide.cells);
        cells.iter().map(move |(label, ranks)| (*label, below(ranks, end)))
    }

    /// Precision, recall and F1 over the score, of a tag or of all together; the highest score first. Where there are
    /// many predictions, at some of their scores only.
    pub fn curve(&self, tag: Option<TagIx>) -> Vec<CurvePoint> {
        let tags = || (0..self.tags.len()).map(|at| TagIx(at as u16)).filter(|at| tag.is_none_or(|tag| tag == *at));
        let mut scores: Vec<f64> = Vec::new();
        for scored in tags().filter_map(|tag| self.ranking.tag(tag)).map(|ranked| &ranked.scores) {
            let step = scored.len().div_ceil(CURVE_STEPS).max(1);
            scores.extend(scored.iter().step_by(step));
            scores.extend(scored.last());
        }
        scores.sort_by(|a, b| b.total_cmp(a));
        scores.dedup();
        let step = scores.len().div_ceil(CURVE_STEPS).max(1);
        let (count, last) = (scores.len(), scores.len().saturating_sub(1));
        let chosen = (0..count).filter(|at| at % step == 0 || *at == last).map(|at| scores[at]);
        let point = |score: f64| {
            let mut all = OutcomeCounts::default();
            tags().for_each(|tag| all.add(&self.counts(tag, score)));
            let counts = all.counts();
            let (precision, recall, f1) = (counts.precision()?, counts.recall()?, counts.f1()?);
            Some(CurvePoint { score, precision, recall, f1 })
        };
        chosen.filter_map(point).collect()
    }
}

/// How many ascending numbers are below `end`.
fn below(ranks: &[u32], end: u32) -> u64 {
    ranks.partition_point(|rank| *rank < end) as u64
}

/// The predictions of each tag on some images, the surest first, and how many labels there are.
#[derive(Clone, Debug, Default)]
pub struct Ranking {
    tags: Vec<RankedTag>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct RankedTag {
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
                if let Some(of_tag) = tags.get_mut(tag.index()) {
                    of_tag.labels += 1;
                }
            }
            for one in predictions.of(image.ix) {
                if let Some(of_tag) = tags.get_mut(one.tag.index()) {
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

    pub fn len(&self) -> usize {
        self.tags.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    pub(super) fn tag(&self, tag: TagIx) -> Option<&RankedTag> {
        self.tags.get(tag.index())
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
