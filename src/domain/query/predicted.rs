//! Conditions about predictions, and which predictions a query chooses. Those that stand side by side are about one and
//! the same prediction, or label that no prediction agrees with: `pred:false pred.tag:fork score>0.8` means a false
//! fork of which the model is sure. A condition about regions is about the label that a prediction lies on; where it
//! lies on none, about the image.
//!
//! Predictions count from the chosen score on. Where a condition names a score itself, that counts in its place.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::ast::{Choice, Measure, Node, NodeKind, PredictedTest, Test};
use super::bind::{Binder, PRECISION, interval};
use super::error::QueryError;
use super::eval::{Check, Interval, Sources};
use super::region::{Part, RegionProgram, of_region};
use crate::catalogue::{ImageIx, ImageView, RegionIx, TagIx};
use crate::evaluation::{JudgedItem, JudgedPredictions, Outcome};
use crate::review::{Blame, Dispute};

/// A condition of a prediction, with what it needs to be asked of images.
#[derive(Clone, Debug)]
pub(super) struct PredictedPart {
    test: ItemTest,
    names_score: bool,
}

#[derive(Clone, Debug)]
enum ItemTest {
    All(Vec<ItemTest>),
    Any(Vec<ItemTest>),
    Outcome(Outcome),
    Prediction,
    Predicted(TagChoice),
    Label(TagChoice),
    Score(Interval),
    Iou(Interval),
    Review(Choice<Blame>),
}

#[derive(Clone, Debug)]
enum TagChoice {
    None,
    Any,
    Is(Box<[bool]>),
}

impl TagChoice {
    fn has(&self, tag: Option<TagIx>) -> bool {
        match self {
            Self::None => tag.is_none(),
            Self::Any => tag.is_some(),
            Self::Is(flags) => tag.is_some_and(|tag| flags.get(tag.index()).copied().unwrap_or(false)),
        }
    }
}

/// Whether a condition is about predictions alone, and not behind a minus.
pub(super) fn is_predicted(node: &Node) -> bool {
    match &node.kind {
        NodeKind::And(nodes) | NodeKind::Or(nodes) => nodes.iter().all(is_predicted),
        NodeKind::Not(_) => false,
        NodeKind::Test(Test::Predicted(test), _) => *test != PredictedTest::Outcome(Choice::None),
        NodeKind::Test(Test::Measure(measure, _), _) => measure.is_of_prediction(),
        NodeKind::Test(..) => false,
    }
}

/// Whether conditions side by side are to hold for one and the same prediction.
pub(super) fn is_joint_prediction(nodes: &[Node]) -> bool {
    nodes.iter().filter(|node| is_predicted(node)).count() > 1
}

impl Binder<'_> {
    /// Conditions that hold for one and the same prediction.
    pub(super) fn predicted(&self, nodes: &[&Node]) -> Result<PredictedPart, QueryError> {
        let tests = nodes.iter().map(|node| self.item_test(node)).collect::<Result<Vec<_>, _>>()?;
        Ok(PredictedPart::of(ItemTest::All(tests)))
    }

    /// A single one.
    pub(super) fn predicted_test(&self, test: &Test, value: &Range<usize>) -> Result<PredictedPart, QueryError> {
        self.single(test, value).map(PredictedPart::of)
    }

    fn item_test(&self, node: &Node) -> Result<ItemTest, QueryError> {
        let each = |nodes: &[Node]| nodes.iter().map(|node| self.item_test(node)).collect::<Result<Vec<_>, _>>();
        match &node.kind {
            NodeKind::And(nodes) => each(nodes).map(ItemTest::All),
            NodeKind::Or(nodes) => each(nodes).map(ItemTest::Any),
            NodeKind::Not(inner) => self.item_test(inner),
            NodeKind::Test(test, value) => self.single(test, value),
        }
    }

    fn single(&self, test: &Test, value: &Range<usize>) -> Result<ItemTest, QueryError> {
        let tag = |choice: &Choice<String>| {
            Ok(match choice {
                Choice::None => TagChoice::None,
                Choice::Any => TagChoice::Any,
                Choice::Is(name) => TagChoice::Is(self.named(name, value)?),
            })
        };
        Ok(match test {
            Test::Predicted(PredictedTest::Outcome(Choice::Is(outcome))) => ItemTest::Outcome(*outcome),
            Test::Predicted(PredictedTest::Tag(choice)) => ItemTest::Predicted(tag(choice)?),
            Test::Predicted(PredictedTest::Label(choice)) => ItemTest::Label(tag(choice)?),
            Test::Predicted(PredictedTest::Review(choice)) => ItemTest::Review(choice.clone()),
            Test::Measure(Measure::Score, bounds) => ItemTest::Score(interval(bounds, 0.0)),
            Test::Measure(_, bounds) => ItemTest::Iou(interval(bounds, PRECISION)),
            _ => ItemTest::Prediction,
        })
    }
}

impl PredictedPart {
    fn of(test: ItemTest) -> Self {
        let names_score = test.names_score();
        Self { test, names_score }
    }

    /// Whether it holds for anything on an image.
    pub(super) fn holds_for_any(&self, sources: &Sources<'_>, image: ImageView<'_>) -> bool {
        let judged = sources.predicted;
        match &self.test {
            ItemTest::Outcome(outcome) => judged.any(image.ix, *outcome),
            ItemTest::Prediction => judged.has_prediction(image.ix),
            ItemTest::Review(Choice::Is(_) | Choice::Any) if !sources.reviews.has_blames(image.id()) => false,
            _ => judged.items_from(image, self.least(judged)).any(|item| self.holds_for(sources, image, &item)),
        }
    }

    /// Whether it names a region of an image on which it holds; `None`: what it holds for is on no region.
    pub(super) fn names(&self, sources: &Sources<'_>, image: ImageView<'_>, region: RegionIx) -> Option<bool> {
        let least = self.least(sources.predicted);
        let items = sources.predicted.items_from(image, least).filter(|item| self.holds_for(sources, image, item));
        let mut named = items.filter_map(|item| item.region).peekable();
        named.peek()?;
        Some(named.any(|other| other == region))
    }

    /// Whether it holds for this prediction or label.
    pub(super) fn holds_for(&self, sources: &Sources<'_>, image: ImageView<'_>, item: &JudgedItem) -> bool {
        self.test.holds(sources, image.ix, item)
    }

    /// Whether it asks what was decided.
    pub(super) fn asks_reviews(&self) -> bool {
        self.test.asks_reviews()
    }

    /// From which score on predictions count.
    pub(super) fn least(&self, judged: &JudgedPredictions) -> f64 {
        if self.names_score { 0.0 } else { judged.score }
    }
}

impl ItemTest {
    fn names_score(&self) -> bool {
        match self {
            Self::All(tests) | Self::Any(tests) => tests.iter().any(Self::names_score),
            Self::Score(_) => true,
            _ => false,
        }
    }

    fn asks_reviews(&self) -> bool {
        match self {
            Self::All(tests) | Self::Any(tests) => tests.iter().any(Self::asks_reviews),
            Self::Review(_) => true,
            _ => false,
        }
    }

    fn holds(&self, sources: &Sources<'_>, image: ImageIx, item: &JudgedItem) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.holds(sources, image, item)),
            Self::Any(tests) => tests.iter().any(|test| test.holds(sources, image, item)),
            Self::Review(choice) => {
                let dispute = Dispute::of(sources.catalogue, image, item);
                let blame = dispute.and_then(|dispute| sources.reviews.blame(&dispute));
                match choice {
                    Choice::None => blame.is_none(),
                    Choice::Any => blame.is_some(),
                    Choice::Is(wanted) => blame == Some(*wanted),
                }
            }
            Self::Outcome(outcome) => item.outcome == Some(*outcome),
            Self::Prediction => item.prediction.is_some(),
            Self::Predicted(choice) => choice.has(item.predicted),
            Self::Label(choice) => choice.has(item.label),
            Self::Score(interval) => item.prediction.is_some_and(|one| interval.has(one.score)),
            Self::Iou(interval) => item.iou.is_some_and(|iou| interval.has(f64::from(iou))),
        }
    }
}

impl RegionProgram {
    pub fn asks_for_predictions(&self) -> bool {
        self.0.asks_for_predictions()
    }

    /// Adds the predictions and labels that it chooses of an image that the query lets through, each once.
    pub fn add_items(&self, sources: &Sources<'_>, image: ImageView<'_>, items: &mut Vec<JudgedItem>) {
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
            let item = JudgedItem {
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

fn identity(item: &JudgedItem) -> (Option<usize>, Option<RegionIx>) {
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
    fn least_scores(&self, judged: &JudgedPredictions) -> Vec<f64> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(|part| part.least_scores(judged)).collect(),
            Self::Test(Check::Predicted(part)) => vec![part.least(judged)],
            Self::Whole(_) | Self::Test(_) => Vec::new(),
        }
    }

    fn holds_for_item(&self, sources: &Sources<'_>, image: ImageView<'_>, item: &JudgedItem, least: f64) -> bool {
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
