//! Predictions and labels of an image as people look at them: what becomes of each when predictions count from a score
//! on.

use std::sync::Arc;

use super::matches::{Matches, Outcome};
use crate::catalogue::{ImageIx, ImageView, RegionIx, TagIx};
use crate::predictions::{PredictionView, Predictions};

/// Predictions, what becomes of them, and the score from which on they count.
#[derive(Clone, Debug, Default)]
pub struct JudgedPredictions {
    pub predictions: Arc<Predictions>,
    /// What becomes of them at the chosen IoU.
    pub matches: Arc<Matches>,
    pub score: f64,
}

/// A prediction, or a label that none agrees with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JudgedItem {
    /// The prediction; `None`: a label.
    pub prediction: Option<PredictionView>,
    /// What becomes of it. `None`: a label that is found by a prediction of its tag, while a surer one of another tag
    /// lies on another label of that.
    pub outcome: Option<Outcome>,
    /// The predicted tag; of a label that of the prediction that lies on it.
    pub predicted: Option<TagIx>,
    /// The tag of the label; of a prediction that of the label that it lies on.
    pub label: Option<TagIx>,
    /// The label; of a prediction the one that it has found, lies on or is near to.
    pub region: Option<RegionIx>,
    /// IoU of a prediction with that label.
    pub iou: Option<f32>,
}

impl JudgedPredictions {
    pub fn is_empty(&self) -> bool {
        self.predictions.is_empty()
    }

    /// Whether an image has something that ends so.
    pub fn any(&self, image: ImageIx, outcome: Outcome) -> bool {
        self.matches.any(image, outcome, self.score)
    }

    pub fn has_prediction(&self, image: ImageIx) -> bool {
        Outcome::OF_PREDICTIONS.into_iter().any(|outcome| self.any(image, outcome))
    }

    /// The predictions of an image from `least` on, and then the labels that none of these agrees with.
    pub fn items_from(&self, image: ImageView<'_>, least: f64) -> impl Iterator<Item = JudgedItem> {
        let predictions = self.predictions.of(image.ix).filter(move |one| one.score >= least);
        let of_prediction = |one: PredictionView| {
            let fate = self.matches.fate(one.at)?;
            Some(JudgedItem {
                prediction: Some(one),
                outcome: Some(fate.outcome),
                predicted: Some(one.tag),
                label: self.matches.label_tag(one.at),
                region: fate.label,
                iou: Some(fate.iou),
            })
        };
        let is_compared = self.matches.has(image.ix);
        let has_boxes = self.predictions.has_boxes() || image.region_count() > 0;
        let regions = image.regions().filter(move |_| is_compared).filter_map(move |region| {
            let at_least = |at: &usize| self.predictions.get(*at).is_some_and(|one| one.score >= least);
            let is_found = self.matches.finder(region.ix).filter(at_least).is_some();
            let on_it = self.matches.meeter(region.ix).filter(at_least);
            if is_found && on_it.is_some() {
                return None;
            }
            Some(JudgedItem {
                prediction: None,
                outcome: (!is_found).then_some(Outcome::Missed),
                predicted: on_it.and_then(|at| self.predictions.get(at)).map(|one| one.tag),
                label: Some(region.tag),
                region: Some(region.ix),
                iou: None,
            })
        });
        let own = image.tags();
        let once = own.iter().enumerate().filter(move |(at, tag)| !own[..*at].contains(tag)).map(|(_, tag)| tag);
        let tags = once.filter(move |_| is_compared && !has_boxes).filter_map(move |tag| {
            let counted = || self.predictions.of(image.ix).filter(|one| one.score >= least);
            let counted = || counted().filter_map(|one| Some((one, self.matches.fate(one.at)?.outcome)));
            if counted().any(|(one, outcome)| one.tag == *tag && outcome == Outcome::Match) {
                return None;
            }
            let instead = counted().find(|(_, outcome)| *outcome == Outcome::Swapped);
            Some(JudgedItem {
                prediction: None,
                outcome: Some(Outcome::Missed),
                predicted: instead.map(|(one, _)| one.tag),
                label: Some(*tag),
                region: None,
                iou: None,
            })
        });
        predictions.filter_map(of_prediction).chain(regions).chain(tags)
    }

    /// The predictions of an image that count, and the labels that none of these agrees with.
    pub fn items(&self, image: ImageView<'_>) -> impl Iterator<Item = JudgedItem> {
        self.items_from(image, self.score)
    }
}
