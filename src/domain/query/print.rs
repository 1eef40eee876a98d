//! A tree as text again, in the shortest form that is read as the same tree.

use std::fmt;

use super::ast::{
    Bounds, Choice, MetaTest, Node, NodeKind, Period, PredictedTest, Quantity, Query, Sample, Test, Unit,
};
use super::lexer::Joint;
use super::term::Term;

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Some(root) => write_node(f, root, Around::Nothing),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_node(f, self, Around::Nothing)
    }
}

/// What a node is in: whether it needs parentheses.
#[derive(Clone, Copy, PartialEq)]
enum Around {
    Nothing,
    Or,
    And,
    Not,
}

fn write_node(f: &mut fmt::Formatter<'_>, node: &Node, around: Around) -> fmt::Result {
    match &node.kind {
        NodeKind::Test(test, _) => write!(f, "{test}"),
        NodeKind::Not(inner) => {
            f.write_str("-")?;
            write_node(f, inner, Around::Not)
        }
        // A list inside a list of its kind keeps its parentheses: it is a tree of its own.
        NodeKind::And(nodes) => write_list(f, nodes, " ", Around::And, matches!(around, Around::And | Around::Not)),
        NodeKind::Or(nodes) => write_list(f, nodes, " or ", Around::Or, around != Around::Nothing),
    }
}

fn write_list(
    f: &mut fmt::Formatter<'_>,
    nodes: &[Node],
    joint: &str,
    around: Around,
    has_parentheses: bool,
) -> fmt::Result {
    f.write_str(if has_parentheses { "(" } else { "" })?;
    for (at, node) in nodes.iter().enumerate() {
        f.write_str(if at > 0 { joint } else { "" })?;
        write_node(f, node, around)?;
    }
    f.write_str(if has_parentheses { ")" } else { "" })
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&word_text(text)),
            Self::Tag(choice) => write_choice(f, Term::Tag, choice),
            Self::Comment(choice) => write_choice(f, Term::Comment, choice),
            Self::Check(Choice::Is(kind)) => write!(f, "check:{}", kind.name()),
            Self::Check(Choice::Any) => f.write_str("check:any"),
            Self::Check(Choice::None) => f.write_str("check:none"),
            Self::Change(Choice::Is(kind)) => write!(f, "change:{}", kind.word()),
            Self::Change(Choice::Any) => f.write_str("change:any"),
            Self::Change(Choice::None) => f.write_str("change:none"),
            Self::Predicted(PredictedTest::Outcome(Choice::Is(outcome))) => write!(f, "pred:{}", outcome.name()),
            Self::Predicted(PredictedTest::Outcome(Choice::Any)) => f.write_str("pred:any"),
            Self::Predicted(PredictedTest::Outcome(Choice::None)) => f.write_str("pred:none"),
            Self::Predicted(PredictedTest::Tag(choice)) => write_choice(f, Term::PredictedTag, choice),
            Self::Predicted(PredictedTest::Label(choice)) => write_choice(f, Term::PredictedLabel, choice),
            Self::Predicted(PredictedTest::Review(Choice::Is(blame))) => write!(f, "pred.review:{}", blame.name()),
            Self::Predicted(PredictedTest::Review(Choice::Any)) => f.write_str("pred.review:any"),
            Self::Predicted(PredictedTest::Review(Choice::None)) => f.write_str("pred.review:none"),
            Self::Measure(measure, bounds) => write_bounds(f, measure.name(), bounds),
            Self::Sample(Sample { count, seed: 1 }) => write!(f, "sample:{count}"),
            Self::Sample(Sample { count, seed }) => write!(f, "sample:{count}#{seed}"),
            Self::Size(width, height) => write!(f, "size:{width}x{height}"),
            Self::Created(Choice::None) => f.write_str("created:none"),
            Self::Created(Choice::Any) => f.write_str("created:any"),
            Self::Created(Choice::Is(bounds)) => write_bounds(f, Term::Created.name(), bounds),
            Self::Id(id) => write!(f, "id:{id}"),
            Self::Review(state) => write!(f, "review:{}", state.name()),
            Self::Meta(key, test) => {
                let is_plain = is_bare(key) && !key.contains([':', '=', '<', '>', '!']);
                match is_plain {
                    true => write!(f, "meta.{key}")?,
                    false => write!(f, "meta.{}", in_quotes(key))?,
                }
                match test {
                    MetaTest::Exists => Ok(()),
                    MetaTest::Is(value) => write!(f, "={}", quoted_text(value)),
                    MetaTest::Compare(comparison, number) => write!(f, "{}{number}", comparison.sign()),
                }
            }
        }
    }
}

fn write_choice(f: &mut fmt::Formatter<'_>, term: Term, choice: &Choice<String>) -> fmt::Result {
    match choice {
        Choice::None => write!(f, "{}:none", term.name()),
        Choice::Any => write!(f, "{}:any", term.name()),
        // A tag may be called so.
        Choice::Is(name) if name == "none" || name == "any" => write!(f, "{}:{}", term.name(), in_quotes(name)),
        Choice::Is(name) => write!(f, "{}:{}", term.name(), quoted_text(name)),
    }
}

fn write_bounds<T: fmt::Display>(f: &mut fmt::Formatter<'_>, name: &str, bounds: &Bounds<T>) -> fmt::Result {
    match bounds {
        Bounds::Compare(comparison, value) => write!(f, "{name}{}{value}", comparison.sign()),
        Bounds::Between(from, to) => {
            write!(f, "{name}:")?;
            if let Some(from) = from {
                write!(f, "{from}")?;
            }
            f.write_str("..")?;
            match to {
                Some(to) => write!(f, "{to}"),
                None => Ok(()),
            }
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Plain => "",
            Unit::Pixels => "px",
            Unit::Percent => "%",
        };
        write!(f, "{}{unit}", self.value)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A value: in quotes where it needs them.
pub fn quoted_text(text: &str) -> String {
    if is_bare(text) { text.to_owned() } else { in_quotes(text) }
}

/// A text to look for: in quotes where it would be read as something else.
fn word_text(text: &str) -> String {
    let is_word = is_bare(text)
        && !text.starts_with('-')
        && !text.contains([':', '=', '<', '>', '!'])
        && Joint::of(text).is_none()
        && Term::find(text).is_none();
    if is_word { text.to_owned() } else { in_quotes(text) }
}

fn is_bare(text: &str) -> bool {
    !text.is_empty() && !text.contains(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '(' | ')'))
}

fn in_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
    out
}
