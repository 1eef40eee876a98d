//! What each reviewer of a project has done, and how two of them agree: in all and by tag. About the images and regions
//! that are listed; decisions about others are not counted.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::agreement::Agreement;
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
        let Some(of_tag) = self.tags.get_mut(tag.at()) else { return };
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
