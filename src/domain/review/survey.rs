//! What each reviewer of a project has done, and how two of them agree: in all and by tag. About the images and regions
//! that are listed; decisions about others are not counted.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::progress::each_tag;
use super::{Reviews, Subject, Verdict};
use crate::catalogue::{Catalogue, TagIx};
use crate::ids::RegionId;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReviewCount {
    pub images: u32,
    pub regions: u32,
}

impl ReviewCount {
    fn add(&mut self, subject: Subject) {
        match subject.region {
            None => self.images += 1,
            Some(_) => self.regions += 1,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewerTotal {
    pub name: Arc<str>,
    /// By verdict, in the order of [`Verdict::ALL`].
    pub verdicts: [ReviewCount; Verdict::ALL.len()],
}

impl ReviewerTotal {
    /// With any verdict.
    pub fn decided(&self) -> ReviewCount {
        let sum = |of: fn(&ReviewCount) -> u32| self.verdicts.iter().map(of).sum();
        ReviewCount { images: sum(|count| count.images), regions: sum(|count| count.regions) }
    }
}

/// What two reviewers have decided of a tag. An image counts for each tag on it or on one of its regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagSurvey {
    /// Decided by the first.
    pub one: ReviewCount,
    /// Decided by the second.
    pub other: ReviewCount,
    /// About what both have decided.
    pub agreement: Agreement,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Everyone who has decided something, in the order of the names.
    pub reviewers: Vec<ReviewerTotal>,
    /// By tag, for the two who are compared.
    pub tags: Vec<TagSurvey>,
    /// How those two agree in all: each image and region once.
    pub all: Agreement,
}

impl Survey {
    /// Looks at all listed images. Who is not among the reviewers has decided nothing.
    pub fn of(catalogue: &Catalogue, reviews: &Reviews, one: &str, other: Option<&str>) -> Self {
        let place = |name: &str| reviews.names.iter().position(|known| &**known == name).map(|at| at as u16);
        let (one, other) = (place(one), other.and_then(place));
        let mut verdicts = vec![[ReviewCount::default(); Verdict::ALL.len()]; reviews.names.len()];
        let mut survey = Self { tags: vec![TagSurvey::default(); catalogue.tags().len()], ..Self::default() };
        let mut pairs: FxHashMap<Subject, [Option<Verdict>; 2]> = FxHashMap::default();
        let mut tag_of: FxHashMap<RegionId, TagIx> = FxHashMap::default();
        for image in catalogue.iter() {
            let mut slots = reviews.chains.of_image(image.id()).peekable();
            if slots.peek().is_none() {
                continue;
            }
            pairs.clear();
            tag_of.clear();
            tag_of.extend(image.regions().map(|region| (region.id, region.tag)));
            let is_listed = |subject: Subject| subject.region.is_none_or(|region| tag_of.contains_key(&region));
            for slot in slots.filter(|slot| is_listed(slot.subject)) {
                let Some(verdict) = reviews.chains.verdict_of(slot) else { continue };
                if let Some(counts) = verdicts.get_mut(usize::from(slot.reviewer)) {
                    counts[verdict as usize].add(slot.subject);
                }
                let side = [one, other].iter().position(|side| *side == Some(slot.reviewer));
                if let Some(side) = side {
                    pairs.entry(slot.subject).or_default()[side] = Some(verdict);
                }
            }
            for (&subject, &pair) in &pairs {
                if let [Some(one), Some(other)] = pair {
                    survey.all.add(one, other);
                }
                match subject.region.map(|region| tag_of.get(&region)) {
                    None => each_tag(catalogue, image.ix, |tag| survey.take(tag, subject, pair)),
                    Some(tag) => tag.into_iter().for_each(|&tag| survey.take(tag, subject, pair)),
                }
            }
        }
        let totals = reviews.names.iter().cloned().zip(verdicts);
        let totals = totals.map(|(name, verdicts)| ReviewerTotal { name, verdicts });
        survey.reviewers = totals.filter(|total| total.decided() != ReviewCount::default()).collect();
        survey.reviewers.sort_by_cached_key(|total| total.name.to_lowercase());
        survey
    }

    fn take(&mut self, tag: TagIx, subject: Subject, pair: [Option<Verdict>; 2]) {
        let Some(of_tag) = self.tags.get_mut(tag.index()) else { return };
        if pair[0].is_some() {
            of_tag.one.add(subject);
        }
        if pair[1].is_some() {
            of_tag.other.add(subject);
        }
        if let [Some(one), Some(other)] = pair {
            of_tag.agreement.add(one, other);
        }
    }
}

/// The verdicts of two reviewers about the same subjects. By Cohen's kappa (Cohen, "A coefficient of agreement for
/// nominal scales", 1960), with all four verdicts as categories and without weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Rows are verdicts of the first, columns those of the second.
    counts: [[u32; Verdict::ALL.len()]; Verdict::ALL.len()],
}

impl Agreement {
    /// Takes a subject in that both have decided.
    pub fn add(&mut self, one: Verdict, other: Verdict) {
        self.counts[one as usize][other as usize] += 1;
    }

    /// Subjects that both have decided.
    pub fn shared(&self) -> u64 {
        self.counts.iter().flatten().map(|&count| u64::from(count)).sum()
    }

    /// Those about which both say the same.
    pub fn same(&self) -> u64 {
        (0..self.counts.len()).map(|at| u64::from(self.counts[at][at])).sum()
    }

    /// The part about which both say the same; `None`: they share nothing.
    pub fn share(&self) -> Option<f64> {
        let shared = self.shared();
        (shared > 0).then(|| self.same() as f64 / shared as f64)
    }

    /// 1: they always say the same; 0: as often as by chance; below: less often. `None` where they share nothing, or
    /// where both gave one and the same verdict to everything: then chance alone would agree, and nothing can be said.
    pub fn kappa(&self) -> Option<f64> {
        let shared = self.shared() as f64;
        let of_row = |at: usize| self.counts[at].iter().map(|&count| u64::from(count)).sum::<u64>() as f64;
        let of_column = |at: usize| self.counts.iter().map(|row| u64::from(row[at])).sum::<u64>() as f64;
        let by_chance: f64 = (0..self.counts.len()).map(|at| of_row(at) * of_column(at)).sum();
        let rest = shared * shared - by_chance;
        (rest > 0.0).then(|| (shared * self.same() as f64 - by_chance) / rest)
    }
}

/// Of more reviewers only those who have decided most are held against each other.
const MOST_REVIEWERS: usize = 32;

#[derive(Clone, Debug, Default)]
pub struct SharedDecisions {
    /// Who, the one who has decided most first.
    names: Vec<Arc<str>>,
    /// A row and a column for each: how many both have decided.
    counts: Vec<u32>,
}

impl SharedDecisions {
    /// Looks at all listed images. `reviewers` are those of a survey.
    pub fn of(catalogue: &Catalogue, reviews: &Reviews, reviewers: &[ReviewerTotal]) -> Self {
        let mut busiest: Vec<_> = reviewers.iter().collect();
        busiest.sort_by_key(|total| std::cmp::Reverse(total.decided().images + total.decided().regions));
        let names: Vec<_> = busiest.into_iter().take(MOST_REVIEWERS).map(|total| Arc::clone(&total.name)).collect();
        let place = |name: &Arc<str>| names.iter().position(|known| known == name);
        let places: Vec<Option<usize>> = reviews.names.iter().map(place).collect();
        let mut counts = vec![0; names.len() * names.len()];
        let mut deciders: FxHashMap<Subject, u32> = FxHashMap::default();
        for image in catalogue.iter() {
            deciders.clear();
            for slot in reviews.chains.of_image(image.id()).filter(|slot| reviews.chains.verdict_of(slot).is_some()) {
                if let Some(place) = places.get(usize::from(slot.reviewer)).copied().flatten() {
                    *deciders.entry(slot.subject).or_default() |= 1 << place;
                }
            }
            let is_listed = |subject: &Subject| {
                subject.region.is_none_or(|region| image.regions().any(|listed| listed.id == region))
            };
            for (subject, &deciders) in &deciders {
                if deciders.count_ones() > 1 && is_listed(subject) {
                    add(&mut counts, names.len(), deciders);
                }
            }
        }
        Self { names, counts }
    }

    /// The two who have the most in common, `own` first and preferred where others have as much; with `one`, who has
    /// the most in common with them. `None`: nobody has anything in common.
    pub fn most(&self, own: &str, one: Option<&str>) -> Option<[Arc<str>; 2]> {
        let is_own = |place: usize| *self.names[place] == *own;
        let is_meant = |place: usize| one.is_none_or(|one| *self.names[place] == *one);
        let count = self.names.len();
        let pairs = (0..count).flat_map(|first| (0..count).map(move |second| (first, second)));
        let shared = |first: usize, second: usize| self.counts.get(first * count + second).copied().unwrap_or(0);
        let found = pairs.filter(|&(first, second)| first != second && is_meant(first) && shared(first, second) > 0);
        // Of equals the first ones: the busiest.
        let rank = |&(first, second): &(usize, usize)| {
            (std::cmp::Reverse(shared(first, second)), !is_own(first), first, second)
        };
        let (first, second) = found.min_by_key(rank)?;
        Some([first, second].map(|place| Arc::clone(&self.names[place])))
    }
}

/// Counts a subject for each two of those who have decided it.
fn add(counts: &mut [u32], width: usize, deciders: u32) {
    let of = |place: &usize| deciders >> place & 1 == 1;
    for first in (0..width).filter(of) {
        for second in (0..width).filter(of) {
            counts[first * width + second] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use Verdict::{Accepted, Flagged, Negative, Rejected};

    use super::*;

    fn of(table: &[(Verdict, Verdict, u32)]) -> Agreement {
        let mut agreement = Agreement::default();
        for &(one, other, times) in table {
            (0..times).for_each(|_| agreement.add(one, other));
        }
        agreement
    }

    #[track_caller]
    fn is_near(agreement: Agreement, expected: f64) {
        let kappa = agreement.kappa().expect("defined");
        assert!((kappa - expected).abs() < 5e-5, "{kappa} is not {expected}");
    }

    #[test]
    fn kappa_is_that_of_published_examples() {
        let two = |a, b, c, d| {
            of(&[(Accepted, Accepted, a), (Accepted, Rejected, b), (Rejected, Accepted, c), (Rejected, Rejected, d)])
        };
        // "Cohen's kappa" in Wikipedia: the 50 grant proposals, and the two tables with the same agreement.
        is_near(two(20, 5, 10, 15), 0.4);
        is_near(two(45, 15, 25, 15), 0.1304);
        is_near(two(25, 35, 5, 35), 0.2593);
        assert_eq!((two(20, 5, 10, 15).shared(), two(20, 5, 10, 15).share()), (50, Some(0.7)));
        // The example of sklearn.metrics.cohen_kappa_score, with three categories.
        let three = [(Rejected, Rejected, 2), (Accepted, Accepted, 1), (Flagged, Flagged, 1), (Accepted, Rejected, 1)];
        is_near(of(&three), 0.6875);
        // What sklearn.metrics.cohen_kappa_score of scikit-learn 1.9.1 says of this table.
        is_near(Agreement { counts: [[31, 4, 0, 2], [6, 17, 3, 0], [1, 2, 9, 1], [0, 1, 0, 5]] }, 0.634_743_875);
        // Worked by hand, with four: 7 of 10 the same; by chance (4 x 4 + 3 x 3 + 2 x 2 + 1 x 1) / 100 = 0.3.
        let four = [
            (Accepted, Accepted, 3),
            (Accepted, Rejected, 1),
            (Rejected, Rejected, 2),
            (Rejected, Flagged, 1),
            (Flagged, Flagged, 1),
            (Flagged, Accepted, 1),
            (Negative, Negative, 1),
        ];
        is_near(of(&four), 0.4 / 0.7);
    }

    #[test]
    fn kappa_is_not_defined_where_chance_alone_agrees() {
        assert_eq!((Agreement::default().kappa(), Agreement::default().share()), (None, None));
        let same = of(&[(Accepted, Accepted, 9)]);
        assert_eq!((same.kappa(), same.share()), (None, Some(1.0)));
        // One of them has only one verdict: no better than chance.
        is_near(of(&[(Accepted, Accepted, 5), (Accepted, Rejected, 5)]), 0.0);
        is_near(of(&[(Accepted, Rejected, 5), (Rejected, Accepted, 5)]), -1.0);
    }
}
