//! Labels that a model makes doubtful, after ObjectLab (Tkachenko, Thyagarajan, Mueller: "ObjectLab: Automated
//! Diagnosis of Mislabeled Images in Object Detection Data", arXiv 2309.00832): a score a box for what was overlooked,
//! swapped or badly located, and a soft minimum over the boxes of an image. The code is our own and departs from the
//! paper:
//!
//! - The agreement of a label with a prediction is IoU times score, without the distance of the middles.
//! - A box is reported for one reason, the gravest. Labels and predictions are paired first, the greatest agreement first, so
//!   that a badly located box is not overlooked and spurious at once. A label on which a prediction of another tag lies
//!   is not spurious: something is there.
//! - *Misplaced* counts the square root of the score: how far two boxes are apart says more than how sure the model is. On
//!   generated data this ranks planted mistakes better than the score itself, and better than without it.
//! - *Spurious* is not in the paper: a label that no prediction agrees with, as grave as the model is known to find labels of
//!   its tag (recall at IoU 0.5 and score 0.5).
//!
//! Scores here are from 0, good, to 1, surely wrong: 1 minus those of the paper.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use super::counts::MatchCounts;
use super::detection::Detection;
use super::matching::{Scene, surest_first};
use crate::catalogue::{ImageIx, RegionIx, TagIx};

/// From this score on a doubt is reported.
pub const LEAST_DOUBT: f64 = 0.3;
/// Boxes that overlap less are not two places of one thing.
const LEAST_PAIR: f64 = 0.1;
/// IoU from which on two predictions are of one thing.
const SAME_THING: f64 = 0.5;
/// How much the worst box of an image outweighs the others, as in the paper.
const TEMPERATURE: f64 = 0.1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DoubtKind {
    /// A confident prediction has no label.
    Overlooked,
    /// A label's box is confidently predicted with another tag.
    Swapped,
    /// The prediction of the same tag is elsewhere.
    Misplaced,
    /// Nothing that is predicted agrees with a label.
    Spurious,
}

impl DoubtKind {
    /// All kinds, in the order of lists.
    pub const ALL: [Self; 4] = [Self::Overlooked, Self::Swapped, Self::Misplaced, Self::Spurious];

    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overlooked => "overlooked",
            Self::Swapped => "swapped",
            Self::Misplaced => "misplaced",
            Self::Spurious => "spurious",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A label, or the place where one is missing, that a model disagrees with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Doubt {
    pub kind: DoubtKind,
    pub image: ImageIx,
    /// The label; `None`: overlooked.
    pub region: Option<RegionIx>,
    /// The place of the prediction that says so; `None`: spurious.
    pub prediction: Option<usize>,
    /// From 0, good, to 1, surely wrong.
    pub score: f64,
    /// IoU of the two; 0 without either.
    pub iou: f64,
    /// The same for the image as a whole: a soft minimum over its boxes.
    pub image_score: f64,
}

/// How well something that was predicted agrees with a label.
#[derive(Clone, Copy, Default)]
struct Agreement {
    /// IoU times score.
    value: f64,
    iou: f64,
    guess: usize,
}

impl Detection<'_> {
    /// What the predictions make doubtful on the images of a part, from [`LEAST_DOUBT`] on. `tags` are the counts of
    /// each tag on all images at IoU 0.5 and score 0.5.
    pub fn doubts(&self, part: usize, tags: &FxHashMap<TagIx, MatchCounts>) -> Vec<Doubt> {
        let (mut scene, mut found) = (Scene::default(), Vec::new());
        for ix in self.images_of(part) {
            let Some(image) = self.catalogue.get(*ix) else { continue };
            scene.fill(&image, self.predictions);
            scene.sort_regardless_of_tag();
            let first = found.len();
            let mut scores = Vec::with_capacity(scene.labels.len() + scene.guesses.len());
            of_scene(&scene, *ix, tags, &mut scores, &mut found);
            let image_score = 1.0 - soft_minimum(scores.iter().map(|score| 1.0 - score));
            found[first..].iter_mut().for_each(|doubt| doubt.image_score = image_score);
        }
        found
    }
}

/// All doubts, the gravest first; equal ones in the order of the images.
pub fn gravest_first(mut doubts: Vec<Doubt>) -> Vec<Doubt> {
    doubts.sort_by(|a, b| surest_first(a.score, b.score));
    doubts
}

fn of_scene(
    scene: &Scene,
    image: ImageIx,
    tags: &FxHashMap<TagIx, MatchCounts>,
    scores: &mut Vec<f64>,
    found: &mut Vec<Doubt>,
) {
    let Scene { labels, guesses } = scene;
    let pairs = paired(scene);
    let mut report = |kind, region, guess: Option<usize>, score: f64, iou| {
        scores.push(score);
        if score >= LEAST_DOUBT {
            let prediction = guess.map(|guess| guesses[guess].at);
            found.push(Doubt { kind, image, region, prediction, score, iou, image_score: 0.0 });
        }
    };
    for (at, label) in labels.iter().enumerate() {
        let (mut same, mut other) = (Agreement::default(), Agreement::default());
        for (guess, one) in guesses.iter().enumerate() {
            let iou = label.rect.iou(one.rect);
            let best = if one.tag == label.tag { &mut same } else { &mut other };
            if iou * one.score > best.value {
                *best = Agreement { value: iou * one.score, iou, guess };
            }
        }
        let swapped = (DoubtKind::Swapped, other.value * (1.0 - same.value), Some(other.guess), other.iou);
        let partner = pairs.iter().find(|(of, _)| *of == at).map(|(_, guess)| *guess);
        let rest = match partner {
            Some(guess) if guesses[guess].tag == label.tag => {
                let iou = label.rect.iou(guesses[guess].rect);
                (DoubtKind::Misplaced, guesses[guess].score.sqrt() * (1.0 - iou), Some(guess), iou)
            }
            _ if other.iou >= SAME_THING && other.value >= LEAST_DOUBT => swapped,
            _ => {
                let recall = tags.get(&label.tag).and_then(|counts| counts.recall()).unwrap_or_default();
                (DoubtKind::Spurious, recall * (1.0 - same.value.max(other.value)), None, 0.0)
            }
        };
        let (kind, score, guess, iou) = if swapped.1 > rest.1 { swapped } else { rest };
        report(kind, Some(label.region), guess, score, iou);
    }
    let mut is_paired = vec![false; guesses.len()];
    pairs.iter().for_each(|(_, guess)| is_paired[*guess] = true);
    for (at, guess) in guesses.iter().enumerate().filter(|(at, _)| !is_paired[*at]) {
        // Another prediction of the same thing speaks for it.
        if guesses[..at].iter().any(|surer| surer.rect.iou(guess.rect) >= SAME_THING) {
            continue;
        }
        let nearest = labels.iter().map(|label| label.rect.iou(guess.rect)).fold(0.0, f64::max);
        report(DoubtKind::Overlooked, None, Some(at), guess.score * (1.0 - nearest), 0.0);
    }
}

/// Labels and predictions that are of one thing, each in one pair: places among the labels and among the predictions.
fn paired(Scene { labels, guesses }: &Scene) -> Vec<(usize, usize)> {
    let mut near = Vec::new();
    for (label, one) in labels.iter().enumerate() {
        for (guess, other) in guesses.iter().enumerate() {
            let iou = one.rect.iou(other.rect);
            if iou >= LEAST_PAIR {
                near.push((iou * other.score, one.tag == other.tag, label, guess));
            }
        }
    }
    near.sort_by(|a, b| match b.0.total_cmp(&a.0) {
        Ordering::Equal => b.1.cmp(&a.1),
        order => order,
    });
    let (mut has_label, mut has_guess) = (vec![false; labels.len()], vec![false; guesses.len()]);
    let mut pairs = Vec::new();
    for (_, _, label, guess) in near {
        if !has_label[label] && !has_guess[guess] {
            (has_label[label], has_guess[guess]) = (true, true);
            pairs.push((label, guess));
        }
    }
    pairs
}

/// The minimum, weighed with the other values: the lowest count most. 1 for nothing.
fn soft_minimum(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for value in values {
        let weight = ((1.0 - value) / TEMPERATURE).exp();
        sum += value * weight;
        weights += weight;
    }
    if weights > 0.0 { sum / weights } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_soft_minimum_is_near_the_worst() {
        assert_eq!(soft_minimum([].into_iter()), 1.0);
        assert_eq!(soft_minimum([0.7].into_iter()), 0.7);
        let mixed = soft_minimum([1.0, 1.0, 1.0, 0.0].into_iter());
        assert!(mixed > 0.0 && mixed < 0.01, "{mixed}");
    }
}
