//! A tree made ready for one catalogue: names become tag indices, numbers and times closed intervals, and the
//! conditions a flat list of steps, each with the step that follows when it holds and when it does not.

use super::ast::{
    Bounds, Choice, MetaTest, Node, NodeKind, Operator, Period, PredictedTest, Quantity, Query, Test, Unit,
};
use super::complete::most_used_first;
use super::error::QueryError;
use super::eval::{ACCEPT, Check, Interval, MetaCheck, Program, REJECT, Step};
use super::predicted::{is_joint_prediction, is_predicted};
use super::print::quoted_text;
use super::region::is_joint;
use super::sample::{Draw, named_beside};
use crate::catalogue::TagTable;

/// Region figures are products of single-precision numbers: a bound is met within this share of it.
pub(super) const PRECISION: f64 = 1e-6;

impl Program {
    /// Makes a query ready for the tags of a catalogue. Bind again when tags have been added.
    ///
    /// # Errors
    /// When a tag is not there. While a catalogue has no tags at all, every name is taken: they are yet to come.
    pub fn bind(query: &Query, tags: &TagTable) -> Result<Self, QueryError> {
        let mut binder = Binder { tags, steps: Vec::new(), beside: None };
        let entry = match &query.root {
            Some(root) => binder.node(root, ACCEPT, REJECT)?,
            None => ACCEPT,
        };
        Ok(Self { steps: binder.steps, entry })
    }
}

pub(super) struct Binder<'a> {
    pub(super) tags: &'a TagTable,
    pub(super) steps: Vec<Step>,
    /// The tags that are named beside the condition: a sample there is of these.
    pub(super) beside: Option<Box<[bool]>>,
}

impl Binder<'_> {
    /// Adds the steps of a node and returns the first; they are laid down from the last to the first.
    pub(super) fn node(&mut self, node: &Node, yes: u16, no: u16) -> Result<u16, QueryError> {
        let outside = self.beside.clone();
        if let Some(named) = named_beside(self, node)? {
            self.beside = Some(named);
        }
        let first = self.inner(node, yes, no);
        self.beside = outside;
        first
    }

    fn inner(&mut self, node: &Node, yes: u16, no: u16) -> Result<u16, QueryError> {
        match &node.kind {
            NodeKind::Not(inner) => self.node(inner, no, yes),
            // Last, because it costs the most: all of it holds for one and the same region.
            NodeKind::And(nodes) if is_joint(node) => {
                let check = Check::Joint(Box::new(self.part(node)?));
                let joint = self.step(check, yes, no);
                self.list(nodes, joint, no, true)
            }
            NodeKind::And(nodes) if is_joint_prediction(nodes) => {
                let (predicted, others): (Vec<&Node>, Vec<&Node>) = nodes.iter().partition(|node| is_predicted(node));
                let check = Check::Predicted(Box::new(self.predicted(&predicted)?));
                let joint = self.step(check, yes, no);
                self.refs(others, joint, no, true)
            }
            NodeKind::And(nodes) => self.list(nodes, yes, no, true),
            NodeKind::Or(nodes) => self.list(nodes, yes, no, false),
            NodeKind::Test(test, value) => {
                let check = self.check(test, value)?;
                Ok(self.step(check, yes, no))
            }
        }
    }

    fn step(&mut self, check: Check, yes: u16, no: u16) -> u16 {
        let at = u16::try_from(self.steps.len()).unwrap_or(REJECT);
        self.steps.push(Step { check, yes, no });
        at
    }

    /// The cheap conditions go first: one that decides spares the others.
    fn list(&mut self, nodes: &[Node], yes: u16, no: u16, is_all: bool) -> Result<u16, QueryError> {
        self.refs(nodes.iter().collect(), yes, no, is_all)
    }

    fn refs(&mut self, mut nodes: Vec<&Node>, yes: u16, no: u16, is_all: bool) -> Result<u16, QueryError> {
        nodes.sort_by_key(|node| cost(node));
        let mut next = if is_all { yes } else { no };
        for node in nodes.into_iter().rev() {
            next = if is_all { self.node(node, next, no)? } else { self.node(node, yes, next)? };
        }
        Ok(next)
    }

    pub(super) fn check(&self, test: &Test, value: &std::ops::Range<usize>) -> Result<Check, QueryError> {
        Ok(match test {
            Test::Text(text) => {
                let folded = text.to_lowercase();
                let tags = self.tags.iter().map(|(_, entry)| entry.name.to_lowercase().contains(&folded)).collect();
                Check::Text { tags, is_id: is_part_of_id(&folded), folded }
            }
            Test::Tag(Choice::None) => Check::Tags { any: false },
            Test::Tag(Choice::Any) => Check::Tags { any: true },
            Test::Tag(Choice::Is(name)) => Check::Tag(self.named(name, value)?),
            Test::Predicted(PredictedTest::Outcome(Choice::None)) => Check::NotPredicted,
            Test::Predicted(_) => Check::Predicted(Box::new(self.predicted_test(test, value)?)),
            Test::Measure(measure, _) if measure.is_of_prediction() => {
                Check::Predicted(Box::new(self.predicted_test(test, value)?))
            }
            Test::Measure(measure, bounds) => match measure.is_of_region() {
                true => Check::Region(*measure, unit(bounds), interval(bounds, PRECISION)),
                false => Check::Image(*measure, interval(bounds, 0.0)),
            },
            Test::Size(width, height) => Check::Size(*width, *height),
            Test::Created(Choice::None) => Check::Dates { any: false },
            Test::Created(Choice::Any) => Check::Dates { any: true },
            Test::Created(Choice::Is(bounds)) => {
                let (from, to) = times(bounds);
                Check::Created(from, to)
            }
            Test::Meta(key, test) => Check::Meta {
                key: key.to_lowercase(),
                test: match test {
                    MetaTest::Exists => MetaCheck::Exists,
                    MetaTest::Is(value) => MetaCheck::Is(value.to_lowercase()),
                    MetaTest::Compare(comparison, number) => MetaCheck::In(compared(*comparison, *number, 0.0)),
                },
            },
            Test::Id(start) => Check::Id(start.clone()),
            Test::Review(state) => Check::Review(*state),
            Test::Comment(Choice::None) => Check::Comments { any: false },
            Test::Comment(Choice::Any) => Check::Comments { any: true },
            Test::Comment(Choice::Is(text)) => Check::Comment(text.to_lowercase()),
            Test::Check(Choice::None) => Check::Findings { any: false },
            Test::Check(Choice::Any) => Check::Findings { any: true },
            Test::Check(Choice::Is(kind)) => Check::Finding(*kind),
            Test::Change(Choice::None) => Check::Changes { any: false },
            Test::Change(Choice::Any) => Check::Changes { any: true },
            Test::Change(Choice::Is(kind)) => Check::Change(*kind),
            Test::Sample(sample) => Check::Sample(Box::new(Draw::new(*sample, self.beside.clone()))),
        })
    }

    /// Which tags have the name: exactly, else whatever its case.
    pub(super) fn named(&self, name: &str, value: &std::ops::Range<usize>) -> Result<Box<[bool]>, QueryError> {
        let exact: Box<[bool]> = self.tags.iter().map(|(_, entry)| &*entry.name == name).collect();
        if exact.contains(&true) || self.tags.is_empty() {
            return Ok(exact);
        }
        let folded = name.to_lowercase();
        let alike: Box<[bool]> = self.tags.iter().map(|(_, entry)| entry.name.to_lowercase() == folded).collect();
        if alike.contains(&true) {
            return Ok(alike);
        }
        // In the order in which they are offered while somebody types.
        let names = most_used_first(self.tags).into_iter().map(|(_, entry)| &*entry.name);
        Err(QueryError::new(value.clone(), format!("no tag `{name}`")).suggest(name, names, quoted_text))
    }
}

/// Roughly what a condition costs an image.
fn cost(node: &Node) -> u32 {
    match &node.kind {
        NodeKind::Not(inner) => cost(inner),
        NodeKind::And(nodes) | NodeKind::Or(nodes) => nodes.iter().map(cost).sum(),
        NodeKind::Test(test, _) => match test {
            Test::Measure(measure, _) if measure.is_of_region() => 10,
            Test::Measure(measure, _) if measure.is_of_prediction() => 15,
            Test::Measure(..) | Test::Size(..) | Test::Created(_) | Test::Check(_) | Test::Change(_) => 1,
            Test::Predicted(PredictedTest::Outcome(_)) => 1,
            Test::Predicted(_) => 15,
            Test::Tag(_) => 6,
            Test::Sample(_) => 8,
            Test::Id(_) | Test::Review(_) | Test::Comment(_) => 20,
            Test::Meta(..) => 30,
            Test::Text(_) => 100,
        },
    }
}

fn is_part_of_id(folded: &str) -> bool {
    folded.len() <= 36 && folded.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
}

fn unit(bounds: &Bounds<Quantity>) -> Unit {
    match bounds {
        Bounds::Compare(_, value) | Bounds::Between(Some(value), _) | Bounds::Between(None, Some(value)) => value.unit,
        Bounds::Between(None, None) => Unit::Plain,
    }
}

pub(super) fn interval(bounds: &Bounds<Quantity>, precision: f64) -> Interval {
    match bounds {
        Bounds::Compare(comparison, value) => compared(*comparison, value.value, precision),
        Bounds::Between(from, to) => Interval {
            low: from.map_or(f64::NEG_INFINITY, |from| from.value - slack(from.value, precision)),
            high: to.map_or(f64::INFINITY, |to| to.value + slack(to.value, precision)),
        },
    }
}

fn compared(comparison: Operator, value: f64, precision: f64) -> Interval {
    let slack = slack(value, precision);
    // What lies within the slack is equal, so it is neither smaller nor greater.
    let (low, high) = match comparison {
        Operator::Equal => (value - slack, value + slack),
        Operator::Less => (f64::NEG_INFINITY, (value - slack).next_down()),
        Operator::LessEqual => (f64::NEG_INFINITY, value + slack),
        Operator::Greater => ((value + slack).next_up(), f64::INFINITY),
        Operator::GreaterEqual => (value - slack, f64::INFINITY),
    };
    Interval { low, high }
}

fn slack(value: f64, precision: f64) -> f64 {
    value.abs() * precision
}

/// The first and the last step of 100 ns that pass.
fn times(bounds: &Bounds<Period>) -> (i64, i64) {
    match bounds {
        Bounds::Compare(Operator::Equal, period) => (period.start.0, period.end.0 - 1),
        Bounds::Compare(Operator::Less, period) => (i64::MIN, period.start.0 - 1),
        Bounds::Compare(Operator::LessEqual, period) => (i64::MIN, period.end.0 - 1),
        Bounds::Compare(Operator::Greater, period) => (period.end.0, i64::MAX),
        Bounds::Compare(Operator::GreaterEqual, period) => (period.start.0, i64::MAX),
        Bounds::Between(from, to) => {
            (from.as_ref().map_or(i64::MIN, |from| from.start.0), to.as_ref().map_or(i64::MAX, |to| to.end.0 - 1))
        }
    }
}
