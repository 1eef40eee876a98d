//! Conditions about predictions. Those that stand side by side are about one and the same prediction, or label that no
//! prediction agrees with: `pred:false pred.tag:fork score>0.8` means a false fork of which the model is sure.
//!
//! Predictions count from the chosen score on. Where a condition names a score itself, that counts in its place.

use std::ops::Range;

use super::ast::{Choice, Kind, Measure, Node, PredictedTest, Test};
use super::bind::{Binder, PRECISION, interval};
use super::error::QueryError;
use super::eval::{Interval, Sources};
use crate::catalogue::{ImageIx, ImageView, RegionIx, TagIx};
use crate::evaluation::{Item, Judged, Outcome};
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
            Self::Is(flags) => tag.is_some_and(|tag| flags.get(tag.at()).copied().unwrap_or(false)),
        }
    }
}

/// Whether a condition is about predictions alone, and not behind a minus.
pub(super) fn is_predicted(node: &Node) -> bool {
    match &node.kind {
        Kind::And(nodes) | Kind::Or(nodes) => nodes.iter().all(is_predicted),
        Kind::Not(_) => false,
        Kind::Test(Test::Predicted(test), _) => *test != PredictedTest::Outcome(Choice::None),
        Kind::Test(Test::Measure(measure, _), _) => measure.is_of_prediction(),
        Kind::Test(..) => false,
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
            Kind::And(nodes) => each(nodes).map(ItemTest::All),
            Kind::Or(nodes) => each(nodes).map(ItemTest::Any),
            Kind::Not(inner) => self.item_test(inner),
            Kind::Test(test, value) => self.single(test, value),
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
    pub(super) fn holds_for(&self, sources: &Sources<'_>, image: ImageView<'_>, item: &Item) -> bool {
        self.test.holds(sources, image.ix, item)
    }

    /// Whether it asks what was decided.
    pub(super) fn asks_reviews(&self) -> bool {
        self.test.asks_reviews()
    }

    /// From which score on predictions count.
    pub(super) fn least(&self, judged: &Judged) -> f64 {
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

    fn holds(&self, sources: &Sources<'_>, image: ImageIx, item: &Item) -> bool {
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
