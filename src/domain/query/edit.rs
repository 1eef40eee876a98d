//! Edits a query's text after a click: a term is added, removed or negated, and the rest stays as it was typed.
//!
//! What is clicked works on the *parts*: the conditions at the top that must all hold. Several included values of one
//! term are one part, `(tag:fork or tag:spoon)`: an image with any of them is meant, as the service's own tag filter
//! has it. Excluded ones are separate terms, `-tag:knife -tag:plate`: an image with any of them does not match.

use std::ops::Range;

use super::ast::{Bounds, Choice, Measure, MetaTest, Node, NodeKind, Operator, PredictedTest, Query, Sample, Test};
use super::parser::parse;
use super::term::Term;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    #[default]
    Neither,
    /// An image with it is meant.
    Included,
    /// An image with it is not meant.
    Excluded,
}

/// The conditions at the top that must all hold, in the order of the text.
pub fn parts(query: &Query) -> &[Node] {
    match &query.root {
        None => &[],
        Some(root) => match &root.kind {
            // Parentheses around the whole make it one part.
            NodeKind::And(nodes) if nodes.first().is_some_and(|first| first.range.start == root.range.start) => nodes,
            _ => std::slice::from_ref(root),
        },
    }
}

/// How a test is in a query.
pub fn standing(query: &Query, test: &Test) -> Standing {
    for part in parts(query) {
        if let Some(values) = Values::of(part)
            && values.tests.iter().any(|node| is_test(node, test))
        {
            return if values.is_negated { Standing::Excluded } else { Standing::Included };
        }
    }
    Standing::Neither
}

/// The text with the test among the included ones, or taken out when it was there.
pub fn include(text: &str, test: &Test) -> String {
    edited(text, |draft, query| {
        let before = standing(query, test);
        draft.take(query, test);
        if before != Standing::Included {
            draft.add_included(query, test);
        }
    })
}

/// The text with the test among the excluded ones, or taken out when it was there.
pub fn exclude(text: &str, test: &Test) -> String {
    edited(text, |draft, query| {
        let before = standing(query, test);
        draft.take(query, test);
        if before != Standing::Excluded {
            draft.push(format!("-{test}"));
        }
    })
}

/// The text with the test as the only value of its term; when it was so already, with none.
pub fn only(text: &str, test: &Test) -> String {
    edited(text, |draft, query| {
        let values = || parts(query).iter().filter_map(Values::of).filter(|values| values.is_like(test));
        let is_only = values().count() == 1
            && values().all(|values| !values.is_negated && matches!(values.tests[..], [node] if is_test(node, test)));
        draft.keep(query, |part| !Values::of(part).is_some_and(|values| values.is_like(test)));
        if !is_only {
            draft.push(test.to_string());
        }
    })
}

/// The text without the part that is at the place.
pub fn without(text: &str, place: &Range<usize>) -> String {
    edited(text, |draft, query| draft.keep(query, |part| part.range != *place))
}

fn edited(text: &str, change: impl FnOnce(&mut Draft, &Query)) -> String {
    // A text that cannot be read has no parts to change; the caller keeps the last one that could.
    let query = parse(text).unwrap_or_default();
    let mut draft = Draft::of(text, &query);
    change(&mut draft, &query);
    draft.text()
}

/// The values of one term that a part lists: one test, or several joined with `or`.
struct Values<'a> {
    is_negated: bool,
    tests: Vec<&'a Node>,
}

impl<'a> Values<'a> {
    fn of(part: &'a Node) -> Option<Self> {
        let (is_negated, node) = match &part.kind {
            NodeKind::Not(inner) => (true, &**inner),
            _ => (false, part),
        };
        let tests: Vec<&Node> = match &node.kind {
            NodeKind::Test(..) => vec![node],
            NodeKind::Or(nodes) => nodes.iter().collect(),
            _ => return None,
        };
        let NodeKind::Test(first, _) = &tests.first()?.kind else { return None };
        let values = Self { is_negated, tests };
        let is_list = is_value(first)
            && values
                .tests
                .iter()
                .all(|node| matches!(&node.kind, NodeKind::Test(test, _) if is_value(test) && is_alike(test, first)));
        is_list.then_some(values)
    }

    fn is_like(&self, test: &Test) -> bool {
        self.tests.iter().any(|node| matches!(&node.kind, NodeKind::Test(other, _) if is_alike(other, test)))
    }
}

fn is_test(node: &Node, test: &Test) -> bool {
    matches!(&node.kind, NodeKind::Test(other, _) if other == test)
}

/// Whether a test asks for a value, as a facet's entry does, and is not a mere bound such as `regions>=3`.
fn is_value(test: &Test) -> bool {
    let is_bound = |comparison: &Operator| *comparison != Operator::Equal;
    match test {
        Test::Measure(_, Bounds::Compare(comparison, _))
        | Test::Created(Choice::Is(Bounds::Compare(comparison, _))) => !is_bound(comparison),
        Test::Meta(_, MetaTest::Compare(..)) => false,
        _ => true,
    }
}

/// Whether two tests are of one term, and of one key.
fn is_alike(one: &Test, other: &Test) -> bool {
    match (one, other) {
        (Test::Meta(one, _), Test::Meta(other, _)) => one.to_lowercase() == other.to_lowercase(),
        (Test::Text(_), _) | (_, Test::Text(_)) => false,
        _ => term_of(one) == term_of(other),
    }
}

fn term_of(test: &Test) -> Option<Term> {
    Some(match test {
        Test::Text(_) => return None,
        Test::Tag(_) => Term::Tag,
        Test::Measure(measure, _) => Term::Measure(*measure),
        Test::Size(..) => Term::Size,
        Test::Created(_) => Term::Created,
        Test::Meta(..) => Term::Meta,
        Test::Id(_) => Term::Id,
        Test::Review(_) => Term::Review,
        Test::Comment(_) => Term::Comment,
        Test::Check(_) => Term::Check,
        Test::Change(_) => Term::Change,
        Test::Sample(_) => Term::Sample,
        Test::Predicted(PredictedTest::Outcome(_)) => Term::Predicted,
        Test::Predicted(PredictedTest::Tag(_)) => Term::PredictedTag,
        Test::Predicted(PredictedTest::Label(_)) => Term::PredictedLabel,
        Test::Predicted(PredictedTest::Review(_)) => Term::PredictedReview,
    })
}

/// The parts as text, each with what stood before it.
struct Draft {
    pieces: Vec<Piece>,
}

struct Piece {
    /// Spaces, or an `and` between spaces.
    gap: String,
    text: String,
    /// The part that it was, if it is as it was.
    range: Option<Range<usize>>,
}

impl Draft {
    fn of(text: &str, query: &Query) -> Self {
        let mut end = 0;
        let mut pieces = Vec::new();
        for part in parts(query) {
            let gap = text.get(end..part.range.start).unwrap_or(" ").to_owned();
            let text = text.get(part.range.clone()).unwrap_or_default().to_owned();
            pieces.push(Piece { gap, text, range: Some(part.range.clone()) });
            end = part.range.end;
        }
        Self { pieces }
    }

    fn text(self) -> String {
        let mut out = String::new();
        for (at, piece) in self.pieces.iter().enumerate() {
            out.push_str(if at > 0 { &piece.gap } else { "" });
            out.push_str(&piece.text);
        }
        out
    }

    fn keep(&mut self, query: &Query, keeps: impl Fn(&Node) -> bool) {
        for part in parts(query).iter().filter(|part| !keeps(part)) {
            self.pieces.retain(|piece| piece.range.as_ref() != Some(&part.range));
        }
    }

    fn push(&mut self, text: String) {
        // Alternatives without parentheses would take the new part into their last one.
        if let [piece] = &mut self.pieces[..]
            && piece.range.is_some()
            && matches!(parse(&piece.text).ok().and_then(|query| query.root), Some(Node { kind: NodeKind::Or(nodes), range })
                if nodes.first().is_some_and(|first| first.range.start == range.start))
        {
            piece.text = format!("({})", piece.text);
        }
        self.pieces.push(Piece { gap: " ".to_owned(), text, range: None });
    }

    /// Takes the test out of every part that lists it.
    fn take(&mut self, query: &Query, test: &Test) {
        for part in parts(query) {
            let Some(values) = Values::of(part) else { continue };
            let rest: Vec<String> =
                values.tests.iter().filter(|node| !is_test(node, test)).map(ToString::to_string).collect();
            if rest.len() == values.tests.len() {
                continue;
            }
            let Some(at) = self.pieces.iter().position(|piece| piece.range.as_ref() == Some(&part.range)) else {
                continue;
            };
            if rest.is_empty() {
                self.pieces.remove(at);
            } else {
                self.pieces[at].text = listed(&rest, values.is_negated);
            }
        }
    }

    /// Adds the test to the part that includes values of its term; the last one, when there are several.
    fn add_included(&mut self, query: &Query, test: &Test) {
        let lists = parts(query).iter().filter_map(|part| Some((part, Values::of(part)?)));
        let last = lists.rev().find(|(_, values)| !values.is_negated && values.is_like(test));
        let place = last.and_then(|(part, values)| {
            let at = self.pieces.iter().position(|piece| piece.range.as_ref() == Some(&part.range))?;
            Some((at, values))
        });
        let Some((at, values)) = place else { return self.push(test.to_string()) };
        let all: Vec<String> = values.tests.iter().map(ToString::to_string).chain([test.to_string()]).collect();
        self.pieces[at].text = listed(&all, false);
    }
}

fn listed(tests: &[String], is_negated: bool) -> String {
    let minus = if is_negated { "-" } else { "" };
    match tests {
        [one] => format!("{minus}{one}"),
        several => format!("{minus}({})", several.join(" or ")),
    }
}

/// The text with a sample of so many images of each tag in place of the samples that it has. When one of that size is
/// the only one, the next.
pub fn sample(text: &str, count: u32) -> String {
    let query = parse(text).unwrap_or_default();
    let all = parts(&query);
    let mut known = all.iter().filter_map(|part| match &part.kind {
        NodeKind::Test(Test::Sample(sample), _) => Some(*sample),
        _ => None,
    });
    let seed = match known.next_back() {
        Some(known) if known.count == count => known.seed.wrapping_add(1),
        Some(known) => known.seed,
        None => 1,
    };
    only(text, &Test::Sample(Sample { count, seed }))
}

pub fn tag(name: &str) -> Test {
    Test::Tag(Choice::Is(name.to_owned()))
}

pub fn figure(measure: Measure, value: f64) -> Test {
    let unit = match measure {
        Measure::Width | Measure::Height | Measure::Pixels => super::ast::Unit::Pixels,
        _ => super::ast::Unit::Plain,
    };
    Test::Measure(measure, Bounds::Compare(Operator::Equal, super::ast::Quantity { value, unit }))
}
