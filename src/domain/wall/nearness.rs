//! How near crops are to each other, and which of them look like another tag: the five nearest of the own tag are held
//! against the five nearest of all others. Every distance is computed; above [`MOST_REFERENCES`] crops each one is held
//! against a sample of every tag.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::feature::{self, Feature, Features, LIGHTS, STEPS, VIEWS};
use crate::{Catalogue, RegionIx, TagIx};

/// Crops that each crop is held against at most.
pub const MOST_REFERENCES: usize = 8_192;
/// Neighbors of each side that count.
const NEAREST: usize = 5;
/// A tag with fewer other crops has nothing to say of its own.
const LEAST: usize = 3;
/// Number of features from which the usual distances are estimated.
const MEASURED: usize = 4_096;
/// Distances below this share of the usual one are none.
const NOISE: f32 = 0.02;
/// Figures of a crop: the views one after the other, the shortest first.
const FIGURES: usize = 4 + STEPS + LIGHTS;

/// What a crop looks like besides its own tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lookalike {
    /// The tag that most of the nearest crops of other tags have.
    pub tag: TagIx,
    /// How many times as far it is from its own tag as from the others: above 1 the others are nearer.
    pub ratio: f32,
}

/// Calls a function for every number below a count, in any order and perhaps on several threads, and gives the answers
/// back in the order of the numbers. Fewer answers: it was stopped.
pub type Each<'a> = &'a dyn Fn(usize, &(dyn Fn(usize) -> Option<Lookalike> + Sync)) -> Vec<Option<Lookalike>>;

/// One after the other.
pub fn in_turn(count: usize, one: &(dyn Fn(usize) -> Option<Lookalike> + Sync)) -> Vec<Option<Lookalike>> {
    (0..count).map(one).collect()
}

/// What an order by pixels needs to know.
#[derive(Clone, Copy)]
pub struct Looks<'a> {
    /// The features of the regions, as far as they have been taken.
    pub features: &'a Features,
    /// The region that others are held against.
    pub near: Option<RegionIx>,
    /// How the work of many is done.
    pub each: Each<'a>,
}

impl<'a> Looks<'a> {
    /// Of these features, with no region to be near to, one after the other.
    pub fn of(features: &'a Features) -> Self {
        Self { features, near: None, each: &in_turn }
    }
}

/// How much each view counts: one over its usual distance, so that all three are of the same weight.
#[derive(Clone, Copy, Debug)]
struct Scale([f32; 3]);

impl Scale {
    fn of<K: Copy + Eq + Hash>(features: &Features<K>) -> Self {
        let step = features.len().div_ceil(MEASURED).max(1);
        let some: Vec<&Feature> = features.iter().step_by(step).collect();
        Self(VIEWS.map(|view| if some.is_empty() { 1.0 } else { 1.0 / feature::far(&some, view).1 }))
    }

    fn point(self, feature: &Feature) -> Point {
        let mut point = [0.0; FIGURES];
        let mut at = 0;
        for (view, scale) in VIEWS.iter().zip(self.0) {
            let view = view(feature);
            let weight = scale / (view.len() as f32 * VIEWS.len() as f32).sqrt();
            for value in view {
                point[at] = value * weight;
                at += 1;
            }
        }
        Point(point)
    }
}

#[derive(Clone, Copy, Debug)]
struct Point([f32; FIGURES]);

impl Point {
    /// The square of the distance, or something above `most` where it is above that.
    fn squared(&self, other: &Self, most: f32) -> f32 {
        let mut sum = 0.0;
        for (one, other) in self.0.chunks(FIGURES / 4).zip(other.0.chunks(FIGURES / 4)) {
            sum += one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
            if sum > most {
                break;
            }
        }
        sum
    }
}

/// How far each region or image is from one of them, in units of the usual distance; `None` where one of both is not
/// known.
pub fn distances<K: Copy + Eq + Hash>(features: &Features<K>, near: K) -> impl Fn(K) -> Option<f32> {
    let scale = Scale::of(features);
    let from = features.get(near).map(|feature| scale.point(feature));
    move |region| {
        let point = scale.point(features.get(region)?);
        Some(from?.squared(&point, f32::INFINITY).sqrt())
    }
}

/// The crops that others are held against.
struct References {
    scale: Scale,
    points: Vec<(RegionIx, TagIx, Point)>,
}

impl References {
    /// All known regions of the catalogue, or so many of each tag that all tags are alike.
    fn of(catalogue: &Catalogue, features: &Features) -> Self {
        let scale = Scale::of(features);
        let mut by_tag: Vec<Vec<RegionIx>> = vec![Vec::new(); catalogue.tags().len()];
        for region in catalogue.iter().flat_map(|image| image.regions()) {
            if features.get(region.ix).is_some()
                && let Some(regions) = by_tag.get_mut(region.tag.index())
            {
                regions.push(region.ix);
            }
        }
        let mut tags: Vec<usize> = (0..by_tag.len()).collect();
        tags.sort_by_key(|&tag| by_tag[tag].len());
        let mut points = Vec::new();
        for (at, &tag) in tags.iter().enumerate() {
            let regions = &by_tag[tag];
            let share = (MOST_REFERENCES - points.len()) / (tags.len() - at);
            let count = regions.len().min(share);
            // Spread over all of them, the same each time.
            let taken = (0..count).filter_map(|number| regions.get(number * regions.len() / count).copied());
            points.extend(
                taken.filter_map(|region| Some((region, TagIx(tag as u16), scale.point(features.get(region)?)))),
            );
        }
        Self { scale, points }
    }

    fn lookalike(&self, region: RegionIx, tag: TagIx, feature: &Feature) -> Option<Lookalike> {
        let point = self.scale.point(feature);
        let (mut own, mut others) = (Nearest::default(), Nearest::default());
        for (other, other_tag, place) in &self.points {
            if *other == region {
                continue;
            }
            let side = if *other_tag == tag { &mut own } else { &mut others };
            let squared = point.squared(place, side.farthest());
            side.take(squared, *other_tag);
        }
        if own.0.len() < LEAST || others.0.len() < LEAST {
            return None;
        }
        let mut votes: FxHashMap<TagIx, usize> = FxHashMap::default();
        others.0.iter().for_each(|(_, tag)| *votes.entry(*tag).or_default() += 1);
        // The first one of those with most votes: the nearest.
        let most = votes.values().copied().max()?;
        let (_, tag) = *others.0.iter().find(|(_, tag)| votes.get(tag) == Some(&most))?;
        Some(Lookalike { tag, ratio: (own.mean() + NOISE) / (others.mean() + NOISE) })
    }
}

/// The nearest so far, the very nearest first.
#[derive(Default)]
struct Nearest(Vec<(f32, TagIx)>);

impl Nearest {
    fn farthest(&self) -> f32 {
        self.0.get(NEAREST - 1).map_or(f32::INFINITY, |(squared, _)| *squared)
    }

    fn take(&mut self, squared: f32, tag: TagIx) {
        if squared < self.farthest() {
            let place = self.0.partition_point(|(other, _)| *other <= squared);
            self.0.insert(place, (squared, tag));
            self.0.truncate(NEAREST);
        }
    }

    fn mean(&self) -> f32 {
        self.0.iter().map(|(squared, _)| squared.sqrt()).sum::<f32>() / self.0.len() as f32
    }
}

/// What each of these regions looks like besides its tag, in their order; `None` where that is not known.
pub(super) fn lookalikes(
    catalogue: &Catalogue,
    regions: &[(Option<RegionIx>, TagIx)],
    looks: Looks<'_>,
) -> Vec<Option<Lookalike>> {
    let references = References::of(catalogue, looks.features);
    let one = |at: usize| {
        let (region, tag) = *regions.get(at)?;
        let region = region?;
        references.lookalike(region, tag, looks.features.get(region)?)
    };
    let mut found = (looks.each)(regions.len(), &one);
    found.resize(regions.len(), None);
    found
}

#[cfg(test)]
mod tests;
