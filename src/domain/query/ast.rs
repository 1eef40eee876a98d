//! A query as it was meant: a tree of typed tests. Nothing here knows a catalogue; names are text still.

use std::ops::Range;

use crate::changes::ChangeKind;
use crate::checks::CheckKind;
use crate::evaluation::Outcome;
use crate::review::Blame;
use crate::timestamp::Timestamp;

/// A parsed query; without a root every image is let through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    pub root: Option<Node>,
}

/// A condition and where it is in the text, in bytes; its parentheses and its minus belong to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub range: Range<usize>,
    pub kind: NodeKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// All of these; two at least.
    And(Vec<Node>),
    /// Any of these; two at least.
    Or(Vec<Node>),
    Not(Box<Node>),
    /// A single test, and where its value stands.
    Test(Test, Range<usize>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The text occurs in a tag's name, in metadata, in the id or in a comment, whatever its case.
    Text(String),
    /// A tag on the image or on one of its regions.
    Tag(Choice<String>),
    /// A figure of the image, or of any of its regions.
    Measure(Measure, Bounds<Quantity>),
    /// Exactly this width and height in pixels, counted as for [`Unit::Pixels`].
    Size(u32, u32),
    /// Uploaded in this time, or whether the image has a date.
    Created(Choice<Bounds<Period>>),
    /// Metadata with this key, whatever its case.
    Meta(String, MetaTest),
    /// An id that begins so.
    Id(String),
    Review(ReviewTest),
    Comment(Choice<String>),
    Check(Choice<CheckKind>),
    Change(Choice<ChangeKind>),
    Predicted(PredictedTest),
    /// Among so many of each tag.
    Sample(Sample),
}

/// A random sample of each tag, which is the same each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sample {
    /// Images of each tag, one at least.
    pub count: u32,
    /// Which of all samples; 1 where none is named.
    pub seed: u32,
}

/// What is predicted. Those that stand side by side, with [`Measure::Score`] and [`Measure::Iou`], are about one and
/// the same prediction, or label that no prediction agrees with.
#[derive(Clone, Debug, PartialEq)]
pub enum PredictedTest {
    /// What becomes of it. `Any`: a prediction; `None`: the image has no prediction.
    Outcome(Choice<Outcome>),
    /// The predicted tag. `None`: a label on which nothing is predicted.
    Tag(Choice<String>),
    /// The tag of the label that it lies on. `None`: it lies on no label.
    Label(Choice<String>),
    /// Who was found to be wrong. `None`: nobody has decided.
    Review(Choice<Blame>),
}

/// None at all, any at all, or a certain one.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice<T> {
    None,
    Any,
    Is(T),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    Regions,
    Findings,
    /// How far a region has moved since another state, in pixels: the farthest of the image's regions.
    Moved,
    Score,
    /// IoU of a prediction with the label that it lies on or is near to.
    Iou,
    Width,
    Height,
    /// Width times height of the image.
    Pixels,
    RegionWidth,
    RegionHeight,
    /// Width times height of a region.
    Area,
    /// Width of a region over its height, in pixels.
    Aspect,
    Left,
    Top,
    Right,
    Bottom,
}

impl Measure {
    /// Whether it is a figure of a region: true of an image when it is true of any of its regions.
    pub fn is_of_region(self) -> bool {
        let is_of_image =
            matches!(self, Self::Regions | Self::Findings | Self::Moved | Self::Width | Self::Height | Self::Pixels);
        !is_of_image && !self.is_of_prediction()
    }

    /// Whether the image's size in pixels is needed to have it in this unit.
    pub(super) fn needs_size(self, unit: Unit) -> bool {
        self == Self::Aspect || unit == Unit::Pixels
    }

    pub fn is_of_prediction(self) -> bool {
        matches!(self, Self::Score | Self::Iou)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things, or a ratio.
    Plain,
    /// Pixels, or square pixels: of the original once its size is known, of the listed size until then.
    Pixels,
    /// Hundredths of the image's width, height or area.
    Percent,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    pub value: f64,
    pub unit: Unit,
}

/// A whole year, month, day, hour, minute or second: from its first moment to before the next one's.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    /// As written: `2024-01`.
    pub text: String,
    pub start: Timestamp,
    /// The first moment after it.
    pub end: Timestamp,
}

/// Which values pass.
#[derive(Clone, Debug, PartialEq)]
pub enum Bounds<T> {
    Compare(Operator, T),
    /// Those from the first to the second, both included; one of them may be left open.
    Between(Option<T>, Option<T>),
}

/// How values compare. Unequal is the negation of equal, for every term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=` or `:`
    Equal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Operator {
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum MetaTest {
    Exists,
    /// This text, whatever its case.
    Is(String),
    /// A number that compares so.
    Compare(Operator, f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewTest {
    None,
    Any,
    /// The image or one of its regions was accepted.
    Accepted,
    Rejected,
    Flagged,
    Negative,
    /// Two reviewers decided differently.
    Disagree,
}

impl ReviewTest {
    /// All states in the order of lists and menus.
    pub const ALL: [Self; 7] =
        [Self::None, Self::Accepted, Self::Rejected, Self::Flagged, Self::Negative, Self::Disagree, Self::Any];

    /// Its name in queries.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Any => "any",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Flagged => "flagged",
            Self::Negative => "negative",
            Self::Disagree => "disagree",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::None => "Unreviewed",
            Self::Any => "Reviewed",
            Self::Accepted => "Accepted",
            Self::Rejected => "Rejected",
            Self::Flagged => "Flagged",
            Self::Negative => "Confirmed negative",
            Self::Disagree => "Reviewers disagree",
        }
    }
}
