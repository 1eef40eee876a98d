//! How many listed images and regions each two reviewers of a project have both decided.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{ReviewerTotal, Reviews, Subject};
use crate::catalogue::Catalogue;

/// Of more reviewers only those who have decided most are held against each other.
const MOST_REVIEWERS: usize = 32;

/// Decisions in common.
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

    /// The two who have the most in common, `own` first and preferred where others have as much; with `one`, who has the most
    /// in common with them. `None`: nobody has anything in common.
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
