//! How many predictions and labels find each other at a chosen score: counts, confusion, and curves over the score.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::detection::Detection;
use super::matches::Matches;
use super::matching::surest_first;
use crate::catalogue::{ImageIx, RegionIx, TagIx};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatchCounts {
    pub labels: u64,
    /// Predictions from the chosen score on.
    pub predictions: u64,
    /// Predictions that found a label: true positives.
    pub found: u64,
}

impl MatchCounts {
    /// Predictions that found no label: false positives.
    pub fn false_positives(self) -> u64 {
        self.predictions - self.found
    }

    /// Labels that no prediction found: false negatives.
    pub fn missed(self) -> u64 {
        self.labels - self.found
    }

    /// Share of predictions that are correct; `None` without predictions.
    pub fn precision(self) -> Option<f64> {
        share(self.found, self.predictions)
    }

    /// Part of the labels that were found; `None` without labels.
    pub fn recall(self) -> Option<f64> {
        share(self.found, self.labels)
    }

    /// The harmonic mean of both; `None` without labels and predictions.
    pub fn f1(self) -> Option<f64> {
        share(2 * self.found, self.labels + self.predictions)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.labels += other.labels;
        self.predictions += other.predictions;
        self.found += other.found;
    }
}

pub(super) fn share(of: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| of as f64 / all as f64)
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountsAtScore {
    pub all: MatchCounts,
    pub tags: FxHashMap<TagIx, MatchCounts>,
    /// Of each image, in the order of the images.
    pub images: Vec<(ImageIx, MatchCounts)>,
    /// Labels and predictions matched regardless of tag.
    pub confusion: Confusion,
}

impl Detection<'_> {
    /// Counts the predictions from `score` on.
    pub fn counts_from(&self, matches: &Matches, score: f64) -> CountsAtScore {
        let mut all = CountsAtScore::default();
        let mut confused: FxHashMap<(Option<TagIx>, Option<TagIx>), u64> = FxHashMap::default();
        let mut is_met: Vec<bool> = Vec::new();
        for ix in self.images {
            let Some(image) = self.catalogue.get(*ix) else { continue };
            let mut of_image = MatchCounts { labels: image.region_count() as u64, ..MatchCounts::default() };
            for tag in image.region_tags() {
                all.tags.entry(*tag).or_default().labels += 1;
            }
            is_met.clear();
            is_met.resize(image.region_count(), false);
            let first = image.region_range().start;
            let met = |region: RegionIx| (region.0 - first) as usize;
            for one in self.predictions.of(*ix).filter(|one| one.score >= score) {
                let found = u64::from(matches.same_tag(one.at).is_some());
                let counts = MatchCounts { labels: 0, predictions: 1, found };
                of_image.add(counts);
                all.tags.entry(one.tag).or_default().add(counts);
                let label = matches.any_tag(one.at).map(met).filter(|place| *place < is_met.len());
                if let Some(place) = label {
                    is_met[place] = true;
                }
                *confused.entry((label.map(|place| image.region_tags()[place]), Some(one.tag))).or_default() += 1;
            }
            for (tag, _) in image.region_tags().iter().zip(&is_met).filter(|(_, is_met)| !**is_met) {
                *confused.entry((Some(*tag), None)).or_default() += 1;
            }
            all.all.add(of_image);
            all.images.push((*ix, of_image));
        }
        all.confusion = confused.into_iter().collect();
        all
    }
}

/// How often a label of one tag was predicted as another; only what occurs is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion(BTreeMap<(Option<TagIx>, Option<TagIx>), u64>);

impl Confusion {
    /// Counts one more. `None` as the label: nothing is labeled there; as the prediction: nothing is predicted there.
    pub(super) fn add(&mut self, label: Option<TagIx>, prediction: Option<TagIx>) {
        *self.0.entry((label, prediction)).or_default() += 1;
    }

    pub fn count(&self, label: Option<TagIx>, prediction: Option<TagIx>) -> u64 {
        self.0.get(&(label, prediction)).copied().unwrap_or_default()
    }

    /// What occurs: label, prediction, how often.
    pub fn iter(&self) -> impl Iterator<Item = (Option<TagIx>, Option<TagIx>, u64)> + '_ {
        self.0.iter().map(|(&(label, prediction), &count)| (label, prediction, count))
    }

    /// A row for each of `tags` and one for "none", in each a column for each and one for "none".
    pub fn matrix(&self, tags: &[TagIx]) -> Vec<Vec<u64>> {
        let ends: Vec<Option<TagIx>> = tags.iter().copied().map(Some).chain([None]).collect();
        let row = |label: &Option<TagIx>| ends.iter().map(|prediction| self.count(*label, *prediction)).collect();
        ends.iter().map(row).collect()
    }
}

impl FromIterator<((Option<TagIx>, Option<TagIx>), u64)> for Confusion {
    fn from_iter<T: IntoIterator<Item = ((Option<TagIx>, Option<TagIx>), u64)>>(counts: T) -> Self {
        Self(counts.into_iter().collect())
    }
}

/// The figures when predictions count from a score on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// The lowest score that counts.
    pub score: f64,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

/// A point for each score that occurs, the highest first: empty without predictions or labels. `hits` are scores with
/// whether a label was found, in any order.
pub fn curve(mut hits: Vec<(f64, bool)>, labels: u64) -> Vec<CurvePoint> {
    if labels == 0 {
        return Vec::new();
    }
    hits.sort_by(|a, b| surest_first(a.0, b.0));
    let mut counts = MatchCounts { labels, ..MatchCounts::default() };
    let mut points = Vec::new();
    for (at, &(score, is_found)) in hits.iter().enumerate() {
        counts.predictions += 1;
        counts.found += u64::from(is_found);
        let is_last = hits.get(at + 1).is_none_or(|next| next.0 < score);
        if is_last && let (Some(precision), Some(recall), Some(f1)) = (counts.precision(), counts.recall(), counts.f1())
        {
            points.push(CurvePoint { score, precision, recall, f1 });
        }
    }
    points
}
