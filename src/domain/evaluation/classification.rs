//! Tags of whole images: accuracy, and precision, recall and average precision of each tag.
//!
//! - Images without a tag are not compared: nobody has said what is on them.
//! - Multiclass: an image is predicted as its surest tag (of equal ones the first), and is right when it has that tag.
//!   Accuracy is the part of the images that are right, whatever their scores. Precision and recall count the surest tag
//!   from the chosen score on.
//! - Multilabel: an image is predicted as all tags from the chosen score on. Accuracy is the part of the images whose
//!   predicted tags are exactly theirs (scikit-learn's subset accuracy).
//! - Average precision is the sum of precision times gain in recall over the distinct scores, not interpolated
//!   (scikit-learn's `average_precision_score`). Tags that a model does not give are not found at any score.
//! - A tag that is predicted twice on an image counts once, with its higher score.
//! - In the terms of boxes, a tag that the image has is a match, and in multiclass the surest tag of an image that has
//!   another one is a wrong tag.

use rustc_hash::FxHashMap;

use super::counts::{Confusion, MatchCounts, share};
use super::matches::{End, Found, Matches, MatchesPart, Outcome, Peaks};
use super::matching::surest_first;
use crate::catalogue::{Catalogue, ImageIx, ImageView, TagIx};
use crate::predictions::Predictions;

/// Tags and predicted tags of the same images.
#[derive(Clone, Copy, Debug)]
pub struct Classification<'a> {
    pub catalogue: &'a Catalogue,
    pub predictions: &'a Predictions,
    /// The images that are compared, each once.
    pub images: &'a [ImageIx],
    pub is_multiclass: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TagShares {
    /// Labels, and predictions at the chosen score.
    pub counts: MatchCounts,
    /// Average precision; `None` without labels.
    pub ap: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassificationFigures {
    /// Images with a tag: those that were compared.
    pub images: u64,
    /// Labels and predictions of all tags together.
    pub all: MatchCounts,
    /// Part of the images that are right; `None` without images.
    pub accuracy: Option<f64>,
    /// Mean average precision over the tags with labels; `None` without labels.
    pub ap: Option<f64>,
    /// Each tag that occurs.
    pub tags: FxHashMap<TagIx, TagShares>,
    /// Labels against predictions. In multilabel, what is not predicted rightly is in the row or column of "none".
    pub confusion: Confusion,
}

impl Classification<'_> {
    /// The images that are compared, each with its tags: ascending, each once, at least one.
    pub(super) fn labeled(&self) -> impl Iterator<Item = (ImageView<'_>, Vec<TagIx>)> {
        self.images.iter().filter_map(|ix| self.catalogue.get(*ix)).filter_map(|image| {
            let mut labels = image.tags().to_vec();
            labels.sort_unstable();
            labels.dedup();
            (!labels.is_empty()).then_some((image, labels))
        })
    }

    /// All figures; predictions count from `score` on.
    pub fn figures(&self, score: f64) -> ClassificationFigures {
        let mut figures = ClassificationFigures::default();
        let mut hits: FxHashMap<TagIx, Vec<(f64, bool)>> = FxHashMap::default();
        let (mut right, mut given): (u64, Vec<(TagIx, f64)>) = (0, Vec::new());
        for (image, labels) in self.labeled() {
            figures.images += 1;
            given.clear();
            given.extend(self.predictions.of(image.ix).map(|one| (one.tag, one.score)));
            given.sort_by(|a, b| surest_first(a.1, b.1));
            let surest = given.first().copied();
            given.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| surest_first(a.1, b.1)));
            given.dedup_by_key(|one| one.0);
            for &(tag, score) in &given {
                hits.entry(tag).or_default().push((score, labels.contains(&tag)));
            }
            let said: Vec<TagIx> = match self.is_multiclass {
                true => surest.into_iter().filter(|one| one.1 >= score).map(|one| one.0).collect(),
                false => given.iter().filter(|one| one.1 >= score).map(|one| one.0).collect(),
            };
            let is_right = match self.is_multiclass {
                true => surest.is_some_and(|(tag, _)| labels.contains(&tag)),
                false => said == labels,
            };
            right += u64::from(is_right);
            figures.count(&labels, &said, self.is_multiclass);
        }
        figures.accuracy = share(right, figures.images);
        for (tag, shares) in &mut figures.tags {
            shares.ap = average(hits.remove(tag).unwrap_or_default(), shares.counts.labels);
        }
        for (tag, shares) in hits.into_keys().map(|tag| (tag, TagShares::default())) {
            figures.tags.entry(tag).or_insert(shares);
        }
        figures.ap = mean(&figures.tags);
        figures
    }
}

impl ClassificationFigures {
    fn count(&mut self, labels: &[TagIx], said: &[TagIx], is_multiclass: bool) {
        for &tag in labels {
            let is_found = said.contains(&tag);
            self.add(tag, MatchCounts { labels: 1, predictions: u64::from(is_found), found: u64::from(is_found) });
            match (is_found, is_multiclass) {
                (true, _) => self.confusion.add(Some(tag), Some(tag)),
                (false, true) => {}
                (false, false) => self.confusion.add(Some(tag), None),
            }
        }
        for &tag in said.iter().filter(|tag| !labels.contains(tag)) {
            self.add(tag, MatchCounts { labels: 0, predictions: 1, found: 0 });
            if !is_multiclass {
                self.confusion.add(None, Some(tag));
            }
        }
        // One tag that is not said to be the other one.
        if is_multiclass && !said.iter().any(|tag| labels.contains(tag)) {
            self.confusion.add(labels.first().copied(), said.first().copied());
        }
    }

    fn add(&mut self, tag: TagIx, counts: MatchCounts) {
        self.tags.entry(tag).or_default().counts.add(counts);
        self.all.add(counts);
    }
}

/// Sum over the distinct scores of the precision there times the gain in recall.
fn average(mut hits: Vec<(f64, bool)>, labels: u64) -> Option<f64> {
    if labels == 0 {
        return None;
    }
    hits.sort_by(|a, b| surest_first(a.0, b.0));
    let (mut sum, mut found, mut before) = (0.0, 0_u64, 0_u64);
    for (at, &(score, is_found)) in hits.iter().enumerate() {
        found += u64::from(is_found);
        if hits.get(at + 1).is_none_or(|next| next.0 < score) {
            sum += (found - before) as f64 / labels as f64 * (found as f64 / (at + 1) as f64);
            before = found;
        }
    }
    Some(sum)
}

/// In the order of the tags, so that the sum is the same each time.
fn mean(tags: &FxHashMap<TagIx, TagShares>) -> Option<f64> {
    let mut known: Vec<_> = tags.iter().filter_map(|(tag, shares)| Some((*tag, shares.ap?))).collect();
    known.sort_by_key(|(tag, _)| *tag);
    (!known.is_empty()).then(|| known.iter().map(|(_, ap)| ap).sum::<f64>() / known.len() as f64)
}

impl Classification<'_> {
    /// What becomes of each predicted tag. In multiclass only the surest of an image counts; a tag that is predicted
    /// twice counts once.
    pub fn matches(&self) -> Matches {
        let mut all = MatchesPart::default();
        let mut given: Vec<(TagIx, f64, usize)> = Vec::new();
        for (image, labels) in self.labeled() {
            let range = self.predictions.range(image.ix);
            let first = all.found.len();
            all.found.resize(first + range.len(), Found::NOTHING);
            all.ends.resize(first + range.len(), End::NOTHING);
            given.clear();
            given.extend(self.predictions.of(image.ix).map(|one| (one.tag, one.score, one.at)));
            given.sort_by(|a, b| surest_first(a.1, b.1));
            let mut peaks = Peaks::NOTHING;
            let mut found_at = vec![-1.0_f64; labels.len()];
            let count = if self.is_multiclass { 1 } else { given.len() };
            for (rank, &(tag, score, at)) in given.iter().take(count).enumerate() {
                if given[..rank].iter().any(|surer| surer.0 == tag) {
                    continue;
                }
                let (outcome, label) = match labels.binary_search(&tag) {
                    Ok(place) => {
                        found_at[place] = score;
                        (Outcome::Match, Some(tag))
                    }
                    Err(_) if self.is_multiclass => (Outcome::Swapped, labels.first().copied()),
                    Err(_) => (Outcome::False, None),
                };
                all.ends[first + at - range.start] = End::of(outcome, label);
                peaks.add(outcome, score);
            }
            peaks.least_found = found_at.iter().copied().fold(f64::INFINITY, f64::min);
            all.images.push((image.ix, range.start, first, peaks));
        }
        Matches::join(self.predictions.len(), 0, [all])
    }
}
