//! Which predictions a query chooses, and which labels next to them. A query that asks for predictions (`pred:false
//! score>0.8`) is answered by these, and by labels that no prediction agrees with (`pred:missed`).
//!
//! A condition about regions is about the label that a prediction lies on; where it lies on none, about the image.

use rustc_hash::FxHashSet;

use super::eval::{Check, Sources};
use super::region::{Part, RegionProgram, of_region};
use crate::catalogue::{ImageView, RegionIx};
use crate::evaluation::{Item, Judged};

impl RegionProgram {
    pub fn asks_for_predictions(&self) -> bool {
        self.0.asks_for_predictions()
    }

    /// Adds the predictions and labels that it chooses of an image that the query lets through, each once.
    pub fn add_items(&self, sources: &Sources<'_>, image: ImageView<'_>, items: &mut Vec<Item>) {
        let mut leasts = self.0.least_scores(sources.predicted);
        leasts.sort_by(f64::total_cmp);
        leasts.dedup();
        let mut known: FxHashSet<(Option<usize>, Option<RegionIx>)> = FxHashSet::default();
        // There is more than one where some conditions name a score and others do not.
        let is_single = leasts.len() < 2;
        let can_choose_others = self.0.can_hold_without_prediction();
        for least in leasts {
            let found = sources.predicted.items_from(image, least);
            for item in found.filter(|item| self.0.holds_for_item(sources, image, item, least)) {
                let is_new = (is_single && !can_choose_others) || known.insert(identity(&item));
                if is_new {
                    items.push(item);
                }
            }
        }
        if !can_choose_others {
            return;
        }
        for region in image.regions().filter(|region| self.0.holds_without_prediction(sources, image, *region)) {
            let item = Item {
                prediction: None,
                outcome: None,
                predicted: None,
                label: Some(region.tag),
                region: Some(region.ix),
                iou: None,
            };
            if known.insert(identity(&item)) {
                items.push(item);
            }
        }
    }
}

fn identity(item: &Item) -> (Option<usize>, Option<RegionIx>) {
    let prediction = item.prediction.map(|one| one.at);
    (prediction, if prediction.is_some() { None } else { item.region })
}

impl Part {
    fn asks_for_predictions(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_for_predictions),
            Self::Test(check) => matches!(check, Check::Predicted(_)),
            Self::Whole(_) => false,
        }
    }

    /// From which score on predictions count, for each condition about them.
    fn least_scores(&self, judged: &Judged) -> Vec<f64> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(|part| part.least_scores(judged)).collect(),
            Self::Test(Check::Predicted(part)) => vec![part.least(judged)],
            Self::Whole(_) | Self::Test(_) => Vec::new(),
        }
    }

    fn holds_for_item(&self, sources: &Sources<'_>, image: ImageView<'_>, item: &Item, least: f64) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds_for_item(sources, image, item, least)),
            // Of alternatives, only those that ask for predictions choose some; the others choose labels.
            Self::Any(parts) => {
                let asks = self.asks_for_predictions();
                let mut parts = parts.iter().filter(|part| !asks || part.asks_for_predictions());
                parts.any(|part| part.holds_for_item(sources, image, item, least))
            }
            Self::Whole(program) => program.matches(sources, image),
            Self::Test(Check::Predicted(part)) => {
                part.least(sources.predicted) == least && part.holds_for(sources, image, item)
            }
            Self::Test(check) => match item.region.and_then(|region| sources.catalogue.region(region)) {
                Some(region) => of_region(check, sources, image, region),
                None => check.holds(sources, image, |test| image.metadata().any(test)),
            },
        }
    }

    /// Whether it can hold where no condition about predictions does: `pred:false or tag:fork`.
    fn can_hold_without_prediction(&self) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(Self::can_hold_without_prediction),
            Self::Any(parts) => parts.iter().any(Self::can_hold_without_prediction),
            Self::Test(Check::Predicted(_)) => false,
            Self::Whole(_) | Self::Test(_) => true,
        }
    }

    fn holds_without_prediction(
        &self,
        sources: &Sources<'_>,
        image: ImageView<'_>,
        region: crate::catalogue::RegionView,
    ) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds_without_prediction(sources, image, region)),
            Self::Any(parts) => parts.iter().any(|part| part.holds_without_prediction(sources, image, region)),
            Self::Whole(program) => program.matches(sources, image),
            Self::Test(Check::Predicted(_)) => false,
            Self::Test(check) => of_region(check, sources, image, region),
        }
    }
}
