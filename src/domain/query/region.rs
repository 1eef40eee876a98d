//! Which regions a query chooses. Conditions that stand side by side are about one and the same region: `tag:bottle
//! area<0.5%` means a small bottle, not a big bottle beside a small can.
//!
//! What is true of some regions of an image chooses those; what is true of the image alone (its metadata, a tag or
//! verdict on the whole image) chooses all of its regions. Of several tags side by side, each is somewhere on the
//! image, and a region has one of them. A minus speaks of the image as a whole.

use super::ast::{Choice, Measure, Node, NodeKind, Query, ReviewTest, Test, Unit};
use super::bind::Binder;
use super::error::QueryError;
use super::eval::{ACCEPT, Check, Program, REJECT, Sources, has_review};
use super::predicted::is_predicted;
use super::sample::named_beside;
use crate::catalogue::{ImageView, RegionView, TagTable};
use crate::checks::CheckKind;
use crate::geometry::UnitRect;
use crate::review::{Subject, Verdict};

/// A query made ready to choose regions of images that it lets through.
#[derive(Clone, Debug)]
pub struct RegionProgram(pub(super) Part);

#[derive(Clone, Debug)]
pub(super) enum Part {
    All(Vec<Part>),
    Any(Vec<Part>),
    /// Of the image.
    Whole(Program),
    /// Of the region, or of the image where it is no matter of regions.
    Test(Check),
}

impl RegionProgram {
    /// Makes a query ready for the tags of a catalogue; `None`: it chooses every region of the images that it lets
    /// through.
    ///
    /// # Errors
    /// As [`Program::bind`].
    pub fn bind(query: &Query, tags: &TagTable) -> Result<Option<Self>, QueryError> {
        let Some(root) = query.root.as_ref().filter(|root| region_tests(root).1 > 0) else { return Ok(None) };
        Binder { tags, steps: Vec::new(), beside: None }.part(root).map(|part| Some(Self(part)))
    }

    /// Whether it chooses this region of an image that the query lets through.
    pub fn chooses(&self, sources: &Sources<'_>, image: ImageView<'_>, region: RegionView) -> bool {
        self.0.holds(sources, image, region)
    }
}

/// How many figures of regions are asked about, and how many things that may be true of a region; not behind a minus.
fn region_tests(node: &Node) -> (usize, usize) {
    match &node.kind {
        NodeKind::And(nodes) | NodeKind::Or(nodes) => {
            nodes.iter().map(region_tests).fold((0, 0), |(figures, all), (more, many)| (figures + more, all + many))
        }
        NodeKind::Not(_) => (0, 0),
        NodeKind::Test(test, _) => match test {
            Test::Measure(measure, _) if measure.is_of_region() => (1, 1),
            Test::Tag(Choice::Is(_)) | Test::Text(_) | Test::Check(Choice::Any | Choice::Is(_)) => (0, 1),
            Test::Review(state) if *state != ReviewTest::Disagree => (0, 1),
            _ if is_predicted(node) => (0, 1),
            _ => (0, 0),
        },
    }
}

/// Whether conditions side by side are to hold for one and the same region: there is a figure of a region among them,
/// and something else about regions.
pub(super) fn is_joint(node: &Node) -> bool {
    let (figures, all) = region_tests(node);
    figures > 0 && all > 1
}

impl Binder<'_> {
    /// The condition of a region that a node stands for.
    pub(super) fn part(&mut self, node: &Node) -> Result<Part, QueryError> {
        let outside = self.beside.clone();
        if let Some(named) = named_beside(self, node)? {
            self.beside = Some(named);
        }
        let part = self.inner_part(node);
        self.beside = outside;
        part
    }

    fn inner_part(&mut self, node: &Node) -> Result<Part, QueryError> {
        match &node.kind {
            NodeKind::And(nodes) => {
                let is_tag = |node: &&Node| matches!(&node.kind, NodeKind::Test(Test::Tag(Choice::Is(_)), _));
                let (tags, others): (Vec<&Node>, Vec<&Node>) = nodes.iter().partition(is_tag);
                let (predicted, others): (Vec<&Node>, Vec<&Node>) =
                    others.into_iter().partition(|node| is_predicted(node));
                let mut parts = others.into_iter().map(|node| self.part(node)).collect::<Result<Vec<_>, _>>()?;
                if !predicted.is_empty() {
                    parts.push(Part::Test(Check::Predicted(Box::new(self.predicted(&predicted)?))));
                }
                let mut of_tags = tags.iter().map(|node| self.part(node)).collect::<Result<Vec<_>, _>>()?;
                if of_tags.len() > 1 {
                    for node in tags {
                        parts.push(self.whole(node)?);
                    }
                    parts.push(Part::Any(of_tags));
                } else {
                    parts.append(&mut of_tags);
                }
                Ok(Part::All(parts))
            }
            NodeKind::Or(nodes) => Ok(Part::Any(nodes.iter().map(|node| self.part(node)).collect::<Result<_, _>>()?)),
            NodeKind::Test(test, value) if region_tests(node).1 > 0 => Ok(Part::Test(self.check(test, value)?)),
            NodeKind::Not(_) | NodeKind::Test(..) => self.whole(node),
        }
    }

    fn whole(&self, node: &Node) -> Result<Part, QueryError> {
        let mut binder = Binder { tags: self.tags, steps: Vec::new(), beside: self.beside.clone() };
        let entry = binder.node(node, ACCEPT, REJECT)?;
        Ok(Part::Whole(Program { steps: binder.steps, entry }))
    }
}

impl Part {
    pub(super) fn asks_predictions(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_predictions),
            Self::Whole(program) => program.asks_predictions(),
            Self::Test(check) => matches!(check, Check::NotPredicted | Check::Predicted(_)),
        }
    }

    pub(super) fn asks_sample(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_sample),
            Self::Whole(program) => program.asks_sample(),
            Self::Test(_) => false,
        }
    }

    /// Whether it asks what was decided about predictions.
    pub(super) fn asks_blames(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_blames),
            Self::Whole(program) => program.asks_reviews(),
            Self::Test(check) => matches!(check, Check::Predicted(part) if part.asks_reviews()),
        }
    }

    /// Whether it holds for any region of an image.
    pub(super) fn holds_for_any(&self, sources: &Sources<'_>, image: ImageView<'_>) -> bool {
        image.regions().any(|region| self.holds(sources, image, region))
    }

    fn holds(&self, sources: &Sources<'_>, image: ImageView<'_>, region: RegionView) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(sources, image, region)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(sources, image, region)),
            Self::Whole(program) => program.matches(sources, image),
            Self::Test(check) => of_region(check, sources, image, region),
        }
    }
}

pub(super) fn of_region(check: &Check, sources: &Sources<'_>, image: ImageView<'_>, region: RegionView) -> bool {
    let of_image = || check.holds(sources, image, |test| image.metadata().any(test));
    match check {
        Check::Tag(flags) | Check::Text { tags: flags, .. } => {
            let is_flagged = |at: usize| flags.get(at).copied().unwrap_or(false);
            match image.region_tags().iter().any(|tag| is_flagged(tag.index())) {
                true => is_flagged(region.tag.index()),
                false => of_image(),
            }
        }
        Check::Region(measure, unit, interval) => {
            figure(image, &region.rect, *measure, *unit).is_some_and(|value| interval.has(f64::from(value)))
        }
        Check::Review(state) => has_region_review(sources, image, region, *state),
        Check::Finding(kind) => is_found(sources, image, region, Some(*kind)),
        Check::Findings { any: true } => is_found(sources, image, region, None),
        Check::Predicted(part) => match part.names(sources, image, region.ix) {
            Some(is_named) => is_named,
            None => of_image(),
        },
        _ => of_image(),
    }
}

/// A figure of a region; `None` where it needs a size that the image does not have.
fn figure(image: ImageView<'_>, rect: &UnitRect, measure: Measure, unit: Unit) -> Option<f32> {
    let (width, height) = image.pixel_size().sides();
    let (width, height) = (width as f32, height as f32);
    if measure.needs_size(unit) && (width <= 0.0 || height <= 0.0) {
        return None;
    }
    let (across, down) = if unit == Unit::Percent { (100.0, 100.0) } else { (width, height) };
    Some(match measure {
        Measure::RegionWidth => rect.width * across,
        Measure::RegionHeight => rect.height * down,
        Measure::Area if unit == Unit::Percent => rect.area() * 100.0,
        Measure::Area => rect.area() * across * down,
        Measure::Aspect => rect.width * width / (rect.height * height),
        Measure::Left => rect.left * across,
        Measure::Top => rect.top * down,
        Measure::Right => rect.right() * across,
        Measure::Bottom => rect.bottom() * down,
        _ => return None,
    })
}

fn has_region_review(sources: &Sources<'_>, image: ImageView<'_>, region: RegionView, state: ReviewTest) -> bool {
    let reviews = sources.reviews;
    let own = |region: RegionView| reviews.verdict(Subject::region(image.id(), region.id));
    let is_meant = |verdict: Option<Verdict>| match state {
        ReviewTest::None => verdict.is_none(),
        ReviewTest::Any => verdict.is_some(),
        ReviewTest::Accepted => verdict == Some(Verdict::Accepted),
        ReviewTest::Rejected => verdict == Some(Verdict::Rejected),
        ReviewTest::Flagged => verdict == Some(Verdict::Flagged),
        ReviewTest::Negative => verdict == Some(Verdict::Negative),
        ReviewTest::Disagree => false,
    };
    if is_meant(own(region)) {
        return state != ReviewTest::None || has_review(reviews, image, state);
    }
    state != ReviewTest::None && !image.regions().any(|other| is_meant(own(other))) && has_review(reviews, image, state)
}

/// Whether a finding names the region. Where those of the kind are about the image as a whole, each region is meant.
fn is_found(sources: &Sources<'_>, image: ImageView<'_>, region: RegionView, kind: Option<CheckKind>) -> bool {
    let is_meant = |found: CheckKind| kind.is_none_or(|kind| kind == found);
    let known = sources.findings.of(image.ix).iter().filter(|known| !known.is_dismissed);
    let mut meant = known.map(|known| known.finding).filter(|finding| is_meant(finding.kind())).peekable();
    if meant.peek().is_none() {
        return false;
    }
    let mut names_some = false;
    for named in meant.flat_map(|finding| finding.regions().collect::<Vec<_>>()) {
        names_some = true;
        if named == region.ix {
            return true;
        }
    }
    !names_some
}
