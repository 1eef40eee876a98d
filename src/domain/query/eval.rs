//! The flat program of a query, and its walk over an image's columns. Nothing is allocated for an image, and metadata
//! that many images share is asked once.

use super::ast::{Measure, ReviewTest, Unit};
use super::predicted::PredictedPart;
use super::region::Part;
use super::sample::Draw;
use crate::catalogue::{Catalogue, ImageIx, ImageView, MetadataColumn, TagIx};
use crate::changes::{ChangeKind, ImageChanges};
use crate::checks::{CheckKind, Findings};
use crate::evaluation::JudgedPredictions;
use crate::geometry::UnitRect;
use crate::review::{Reviews, Subject, Verdict};

/// Everything that a query can ask about.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    pub catalogue: &'a Catalogue,
    pub reviews: &'a Reviews,
    pub findings: &'a Findings,
    /// What has changed on them since the state that they are compared with.
    pub changes: &'a ImageChanges,
    pub predicted: &'a JudgedPredictions,
}

/// A query made ready for one catalogue.
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) steps: Vec<Step>,
    /// The first step, or the answer.
    pub(super) entry: u16,
}

impl Default for Program {
    /// Lets every image through.
    fn default() -> Self {
        Self { steps: Vec::new(), entry: ACCEPT }
    }
}

/// In the place of a next step: the image is let through.
pub(super) const ACCEPT: u16 = u16::MAX;
/// Likewise: it is not.
pub(super) const REJECT: u16 = u16::MAX - 1;

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub check: Check,
    pub yes: u16,
    pub no: u16,
}

/// A test whose names are resolved; texts are in lower case, flags are by tag.
#[derive(Clone, Debug)]
pub(super) enum Check {
    Text {
        folded: String,
        tags: Box<[bool]>,
        is_id: bool,
    },
    Tag(Box<[bool]>),
    Tags {
        any: bool,
    },
    Image(Measure, Interval),
    Region(Measure, Unit, Interval),
    Size(u32, u32),
    /// Steps of 100 ns since 1970, both included.
    Created(i64, i64),
    Dates {
        any: bool,
    },
    Meta {
        key: String,
        test: MetaCheck,
    },
    Id(String),
    Review(ReviewTest),
    Comments {
        any: bool,
    },
    Comment(String),
    Findings {
        any: bool,
    },
    Finding(CheckKind),
    Changes {
        any: bool,
    },
    Change(ChangeKind),
    /// No prediction that counts.
    NotPredicted,
    /// One and the same prediction, or label that none agrees with.
    Predicted(Box<PredictedPart>),
    /// One and the same region of the image.
    Joint(Box<Part>),
    /// Drawn for one of its tags.
    Sample(Box<Draw>),
}

#[derive(Clone, Debug)]
pub(super) enum MetaCheck {
    Exists,
    Is(String),
    In(Interval),
}

/// Both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    pub(super) fn has(self, value: f64) -> bool {
        value >= self.low && value <= self.high
    }
}

impl Program {
    pub fn is_everything(&self) -> bool {
        self.entry == ACCEPT
    }

    pub fn asks_findings(&self) -> bool {
        self.steps.iter().any(|step| {
            matches!(step.check, Check::Finding(_) | Check::Findings { .. } | Check::Image(Measure::Findings, _))
        })
    }

    /// Whether it asks about findings of this kind, by name or among all.
    pub fn asks_finding(&self, kind: CheckKind) -> bool {
        self.steps.iter().any(|step| match step.check {
            Check::Finding(asked) => asked == kind,
            Check::Findings { .. } | Check::Image(Measure::Findings, _) => true,
            _ => false,
        })
    }

    pub fn asks_changes(&self) -> bool {
        self.steps.iter().any(|step| {
            matches!(step.check, Check::Change(_) | Check::Changes { .. } | Check::Image(Measure::Moved, _))
        })
    }

    pub fn asks_predictions(&self) -> bool {
        self.steps.iter().any(|step| match &step.check {
            Check::NotPredicted | Check::Predicted(_) => true,
            Check::Joint(part) => part.asks_predictions(),
            _ => false,
        })
    }

    /// Whether it asks about decisions or comments.
    pub fn asks_reviews(&self) -> bool {
        let is_asking = |check: &Check| match check {
            Check::Review(_) | Check::Comments { .. } | Check::Comment(_) | Check::Text { .. } => true,
            Check::Predicted(part) => part.asks_reviews(),
            Check::Joint(part) => part.asks_blames(),
            _ => false,
        };
        self.steps.iter().any(|step| is_asking(&step.check))
    }

    /// Whether it asks about pixels: other images pass once the sizes of originals are known.
    pub fn asks_pixels(&self) -> bool {
        self.steps.iter().any(|step| match step.check {
            Check::Size(..) | Check::Image(Measure::Width | Measure::Height | Measure::Pixels, _) => true,
            Check::Region(measure, unit, _) => measure.needs_size(unit),
            _ => false,
        })
    }

    /// Whether it asks for a sample: which images are in it depends on all the others.
    pub fn asks_sample(&self) -> bool {
        self.steps.iter().any(|step| match &step.check {
            Check::Sample(_) => true,
            Check::Joint(part) => part.asks_sample(),
            _ => false,
        })
    }

    pub fn matches(&self, sources: &Sources<'_>, image: ImageView<'_>) -> bool {
        self.holds(|_, step| step.check.holds(sources, image, |test| image.metadata().any(test)))
    }

    /// Walks through the steps; `holds` asks one, which is at this place.
    fn holds(&self, mut holds: impl FnMut(usize, &Step) -> bool) -> bool {
        let mut at = self.entry;
        loop {
            match at {
                ACCEPT => return true,
                REJECT => return false,
                _ => {}
            }
            let Some(step) = self.steps.get(usize::from(at)) else { return false };
            at = if holds(usize::from(at), step) { step.yes } else { step.no };
        }
    }

    /// Adds the images from index `from` on that are let through, in the order of arrival.
    pub fn extend(&self, sources: &Sources<'_>, from: u32, images: &mut Vec<ImageIx>) {
        if self.is_everything() {
            images.extend((from..sources.catalogue.len() as u32).map(ImageIx));
            return;
        }
        let mut known = KnownPairs::new(self.steps.len());
        for image in sources.catalogue.iter().skip(from as usize) {
            if self.holds(|at, step| step.check.holds(sources, image, |test| known.any(at, image, test))) {
                images.push(image.ix);
            }
        }
    }
}

/// What each step has answered about the pairs of metadata of one segment: a pair is asked once, when the first image
/// with it comes along.
struct KnownPairs<'a> {
    of: Option<&'a MetadataColumn>,
    /// By step, then by pair.
    answers: Vec<Vec<Answer>>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Answer {
    #[default]
    NotAsked,
    No,
    Yes,
}

impl<'a> KnownPairs<'a> {
    fn new(steps: usize) -> Self {
        Self { of: None, answers: vec![Vec::new(); steps] }
    }

    /// Whether a test holds for any pair of an image.
    fn any(&mut self, step: usize, image: ImageView<'a>, test: impl Fn((&'a str, &'a str)) -> bool) -> bool {
        let places = image.metadata_places();
        if places.is_empty() {
            return false;
        }
        let column = image.metadata_column();
        if !self.of.is_some_and(|of| std::ptr::eq(of, column)) {
            self.of = Some(column);
            self.answers.iter_mut().for_each(Vec::clear);
        }
        let answers = &mut self.answers[step];
        answers.resize(column.pair_count(), Answer::NotAsked);
        places.iter().any(|&place| {
            let answer = &mut answers[place as usize];
            if *answer == Answer::NotAsked {
                *answer = if test(column.pair(place)) { Answer::Yes } else { Answer::No };
            }
            *answer == Answer::Yes
        })
    }
}

impl Check {
    /// `any_pair` says whether a test holds for any pair of the image's metadata.
    pub(super) fn holds(
        &self,
        sources: &Sources<'_>,
        image: ImageView<'_>,
        any_pair: impl FnOnce(&dyn Fn((&str, &str)) -> bool) -> bool,
    ) -> bool {
        match self {
            Self::Text { folded, tags, is_id } => {
                has_tag(image, tags)
                    || any_pair(&|(key, value)| contains_folded(key, folded) || contains_folded(value, folded))
                    || (*is_id && with_id(image, |id| id.contains(&**folded)))
                    || sources.reviews.comments(image.id()).any(|text| contains_folded(text, folded))
            }
            Self::Tag(flags) => has_tag(image, flags),
            Self::Tags { any } => *any != (image.tags().is_empty() && image.region_count() == 0),
            Self::Image(measure, interval) => interval.has(figure(sources, image, *measure)),
            Self::Region(measure, unit, interval) => has_region(image, *measure, *unit, *interval),
            Self::Size(width, height) => image.pixel_size().sides() == (*width, *height),
            Self::Created(from, to) => image.created().is_some_and(|stamp| (*from..=*to).contains(&stamp.0)),
            Self::Dates { any } => *any == image.created().is_some(),
            Self::Meta { key, test } => any_pair(&|(name, value)| is_folded(name, key) && test.holds(value)),
            Self::Id(start) => with_id(image, |id| id.starts_with(start)),
            Self::Review(state) => has_review(sources.reviews, image, *state),
            Self::Comments { any } => *any == (sources.reviews.comment_count(image.id()) > 0),
            Self::Comment(folded) => sources.reviews.comments(image.id()).any(|text| contains_folded(text, folded)),
            Self::Findings { any } => *any != sources.findings.kinds(image.ix).is_empty(),
            Self::Finding(kind) => sources.findings.kinds(image.ix).contains(*kind),
            Self::Changes { any } => *any == sources.changes.has(image.ix, None),
            Self::Change(kind) => sources.changes.has(image.ix, Some(*kind)),
            Self::NotPredicted => !sources.predicted.has_prediction(image.ix),
            Self::Predicted(part) => part.holds_for_any(sources, image),
            Self::Joint(part) => part.holds_for_any(sources, image),
            Self::Sample(draw) => draw.has(sources.catalogue, image),
        }
    }
}

impl MetaCheck {
    fn holds(&self, value: &str) -> bool {
        match self {
            Self::Exists => true,
            Self::Is(folded) => is_folded(value, folded),
            Self::In(interval) => value.trim().parse().is_ok_and(|number| interval.has(number)),
        }
    }
}

fn has_tag(image: ImageView<'_>, flags: &[bool]) -> bool {
    let is_flagged = |tag: &TagIx| flags.get(tag.index()).copied().unwrap_or(false);
    image.tags().iter().any(is_flagged) || image.region_tags().iter().any(is_flagged)
}

/// The id as text, without an allocation.
fn with_id(image: ImageView<'_>, test: impl Fn(&str) -> bool) -> bool {
    let mut buffer = uuid::Uuid::encode_buffer();
    test(image.id().0.hyphenated().encode_lower(&mut buffer))
}

fn figure(sources: &Sources<'_>, image: ImageView<'_>, measure: Measure) -> f64 {
    let (width, height) = image.pixel_size().sides();
    match measure {
        Measure::Regions => image.region_count() as f64,
        Measure::Findings => f64::from(sources.findings.count(image.ix)),
        Measure::Moved => sources.changes.moved(image.ix),
        Measure::Width => f64::from(width),
        Measure::Height => f64::from(height),
        Measure::Pixels => f64::from(width) * f64::from(height),
        // Those of regions are not asked of an image.
        _ => f64::NAN,
    }
}

fn has_region(image: ImageView<'_>, measure: Measure, unit: Unit, interval: Interval) -> bool {
    let (width, height) = image.pixel_size().sides();
    let (width, height) = (width as f32, height as f32);
    if measure.needs_size(unit) && (width <= 0.0 || height <= 0.0) {
        return false;
    }
    let (across, down) = if unit == Unit::Percent { (100.0, 100.0) } else { (width, height) };
    // Once a row of rectangles, so that the loop over them is a plain one.
    let any =
        |value: &dyn Fn(&UnitRect) -> f32| image.region_rects().iter().any(|rect| interval.has(f64::from(value(rect))));
    match measure {
        Measure::RegionWidth => any(&|rect| rect.width * across),
        Measure::RegionHeight => any(&|rect| rect.height * down),
        Measure::Area if unit == Unit::Percent => any(&|rect| rect.area() * 100.0),
        Measure::Area => any(&|rect| rect.area() * across * down),
        Measure::Aspect => any(&|rect| rect.width * width / (rect.height * height)),
        Measure::Left => any(&|rect| rect.left * across),
        Measure::Top => any(&|rect| rect.top * down),
        Measure::Right => any(&|rect| rect.right() * across),
        Measure::Bottom => any(&|rect| rect.bottom() * down),
        _ => false,
    }
}

pub(super) fn has_review(reviews: &Reviews, image: ImageView<'_>, state: ReviewTest) -> bool {
    if reviews.is_empty() {
        return state == ReviewTest::None;
    }
    let own = || reviews.verdict(Subject::image(image.id()));
    let verdict = match state {
        ReviewTest::None => return own().is_none(),
        ReviewTest::Any => return own().is_some(),
        ReviewTest::Disagree => return reviews.has_disagreement(image.id()),
        ReviewTest::Accepted => Verdict::Accepted,
        ReviewTest::Rejected => Verdict::Rejected,
        ReviewTest::Flagged => Verdict::Flagged,
        ReviewTest::Negative => Verdict::Negative,
    };
    reviews.own_verdicts(image.id()).any(|other| other == verdict)
}

/// Whether `text` in lower case contains `folded`, which is in lower case.
fn contains_folded(text: &str, folded: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(folded);
    }
    let (text, folded) = (text.as_bytes(), folded.as_bytes());
    let Some(first) = folded.first() else { return true };
    let begins_so = |window: &&[u8]| window[0].to_ascii_lowercase() == *first;
    text.windows(folded.len()).filter(begins_so).any(|window| window.eq_ignore_ascii_case(folded))
}

fn is_folded(text: &str, folded: &str) -> bool {
    if text.is_ascii() { text.eq_ignore_ascii_case(folded) } else { text.to_lowercase() == folded }
}
