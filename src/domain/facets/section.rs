//! The entries of the facets, made ready to be listed: words, the term of the query, and how many images.

use std::collections::BTreeMap;

use super::index::{FacetIndex, MetaKey};
use super::{FacetCounts, REGION_BARS, SIZE_EDGES};
use crate::changes::ChangeKind;
use crate::checks::CheckKind;
use crate::evaluation::Outcome;
use crate::query::{
    Bounds, Choice, Measure, MetaTest, Operator, PredictedTest, Quantity, ReviewTest, Test, Unit, period_of,
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SectionKind {
    /// Number of regions in an image: bars.
    Regions,
    RegionSize,
    ImageSize,
    /// Day or month of the upload.
    Date,
    Meta(String),
    Review,
    Findings,
    /// What has changed since the compared state.
    Changes,
    /// What becomes of predictions and labels.
    Predictions,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FacetSection {
    pub kind: SectionKind,
    /// Its entries; none is empty in the whole project but bars of the histogram.
    pub entries: Vec<FacetEntry>,
    /// Entries that are left out because there are too many.
    pub more: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FacetEntry {
    pub label: String,
    pub test: Test,
    /// Images of the project with it.
    pub total: u32,
    /// Images of the result with it.
    pub count: u32,
}

/// Entries of a section at most.
const MOST_ENTRIES: usize = 60;
/// Up to so many values of metadata are listed though each is on one image only; more are names of the images.
const FEW_VALUES: usize = 12;
/// From so many days on they are counted by month.
const MANY_DAYS: usize = 45;

/// The sections that have entries, in the order of the panel. `total` counts the whole project, `shown` the result.
pub fn sections(index: &FacetIndex, total: &FacetCounts, shown: &FacetCounts) -> Vec<FacetSection> {
    let mut sections = Vec::new();
    let mut add = |kind: SectionKind, entries: Vec<FacetEntry>, more: usize| {
        let has = |entry: &&FacetEntry| entry.total > 0;
        // One entry that every image has tells nothing.
        let tells = entries.iter().filter(has).any(|entry| entry.total < total.images);
        if tells {
            // A histogram has its empty bars too.
            let is_histogram = kind == SectionKind::Regions;
            let entries = entries.into_iter().filter(|entry| is_histogram || entry.total > 0).collect();
            sections.push(FacetSection { kind, entries, more });
        }
    };
    add(SectionKind::Review, reviews(total, shown), 0);
    add(SectionKind::Findings, findings(total, shown), 0);
    add(SectionKind::Changes, changes(total, shown), 0);
    add(SectionKind::Predictions, outcomes(total, shown), 0);
    add(SectionKind::Regions, bars(total, shown), 0);
    add(SectionKind::RegionSize, classes(total, shown), 0);
    let (entries, more) = sizes(index, total, shown);
    add(SectionKind::ImageSize, entries, more);
    let (entries, more) = dates(index, total, shown);
    add(SectionKind::Date, entries, more);
    for key in index.meta.keys() {
        let (entries, more) = meta(key, total, shown);
        add(SectionKind::Meta(key.name.clone()), entries, more);
    }
    sections
}

fn reviews(total: &FacetCounts, shown: &FacetCounts) -> Vec<FacetEntry> {
    let has_any = total.images > total.review[0];
    let each = ReviewTest::ALL.iter().zip(total.review.iter().zip(shown.review));
    each.filter(|_| has_any)
        .map(|(&state, (&total, count))| FacetEntry {
            label: state.label().to_owned(),
            test: Test::Review(state),
            total,
            count,
        })
        .collect()
}

fn findings(total: &FacetCounts, shown: &FacetCounts) -> Vec<FacetEntry> {
    let each = CheckKind::ALL.iter().zip(total.findings.iter().zip(shown.findings));
    each.map(|(&kind, (&total, count))| FacetEntry {
        label: kind.label().to_owned(),
        test: Test::Check(Choice::Is(kind)),
        total,
        count,
    })
    .collect()
}

fn changes(total: &FacetCounts, shown: &FacetCounts) -> Vec<FacetEntry> {
    let each = ChangeKind::ALL.iter().zip(total.changes.iter().zip(shown.changes));
    each.map(|(&kind, (&total, count))| FacetEntry {
        label: kind.label().to_owned(),
        test: Test::Change(Choice::Is(kind)),
        total,
        count,
    })
    .collect()
}

fn outcomes(total: &FacetCounts, shown: &FacetCounts) -> Vec<FacetEntry> {
    let each = Outcome::ALL.iter().zip(total.outcomes.iter().zip(shown.outcomes));
    each.map(|(&outcome, (&total, count))| FacetEntry {
        label: outcome.label().to_owned(),
        test: Test::Predicted(PredictedTest::Outcome(Choice::Is(outcome))),
        total,
        count,
    })
    .collect()
}

fn bars(total: &FacetCounts, shown: &FacetCounts) -> Vec<FacetEntry> {
    let number = |value: usize| Quantity { value: value as f64, unit: Unit::Plain };
    let each = total.bars.iter().zip(shown.bars).enumerate();
    each.map(|(bar, (&total, count))| {
        let is_last = bar + 1 == REGION_BARS;
        let bounds = match is_last {
            true => Bounds::Between(Some(number(bar)), None),
            false => Bounds::Compare(Operator::Equal, number(bar)),
        };
        let label = if is_last { format!("{bar} or more") } else { bar.to_string() };
        FacetEntry { label, test: Test::Measure(Measure::Regions, bounds), total, count }
    })
    .collect()
}

fn classes(total: &FacetCounts, shown: &FacetCounts) -> Vec<FacetEntry> {
    let edge = |at: usize| SIZE_EDGES.get(at).map(|&value| Quantity { value, unit: Unit::Percent });
    let each = total.classes.iter().zip(shown.classes).enumerate();
    each.map(|(class, (&total, count))| {
        let (from, to) = (class.checked_sub(1).and_then(edge), edge(class));
        let label = match (from, to) {
            (Some(from), Some(to)) => format!("{} to {} %", from.value, to.value),
            (Some(from), None) => format!("over {} %", from.value),
            (None, Some(to)) => format!("under {} %", to.value),
            (None, None) => String::new(),
        };
        FacetEntry { label, test: Test::Measure(Measure::Area, Bounds::Between(from, to)), total, count }
    })
    .collect()
}

fn sizes(index: &FacetIndex, total: &FacetCounts, shown: &FacetCounts) -> (Vec<FacetEntry>, usize) {
    let (places, more) = frequent(index.sizes.values.len(), |at| figure(&total.sizes, at));
    let entry = |at: usize| {
        let (width, height) = index.sizes.values[at];
        FacetEntry {
            label: format!("{width} \u{d7} {height}"),
            test: Test::Size(width, height),
            total: figure(&total.sizes, at),
            count: figure(&shown.sizes, at),
        }
    };
    (places.into_iter().map(entry).collect(), more)
}

/// By day while there are few days, else by month; the latest first, and images without a date at the end.
fn dates(index: &FacetIndex, total: &FacetCounts, shown: &FacetCounts) -> (Vec<FacetEntry>, usize) {
    let length = if index.day_texts.len() < MANY_DAYS { "2024-01-31".len() } else { "2024-01".len() };
    let mut dates: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for (at, text) in index.day_texts.iter().enumerate() {
        let sums = dates.entry(text.get(..length).unwrap_or(text)).or_default();
        *sums = (sums.0 + figure(&total.days, at), sums.1 + figure(&shown.days, at));
    }
    let more = dates.len().saturating_sub(MOST_ENTRIES);
    let entry = |(label, (total, count)): (&str, (u32, u32))| {
        let test = Test::Created(Choice::Is(Bounds::Compare(Operator::Equal, period_of(label)?)));
        Some(FacetEntry { label: label.to_owned(), test, total, count })
    };
    let mut entries: Vec<FacetEntry> = dates.into_iter().rev().take(MOST_ENTRIES).filter_map(entry).collect();
    // Where no image has a date there is nothing to tell apart.
    if !entries.is_empty() {
        let (label, test) = ("No date".to_owned(), Test::Created(Choice::None));
        entries.push(FacetEntry { label, test, total: total.undated, count: shown.undated });
    }
    (entries, more)
}

fn meta(key: &MetaKey, total: &FacetCounts, shown: &FacetCounts) -> (Vec<FacetEntry>, usize) {
    let entry = |label: &str, test: MetaTest, entry: u32| FacetEntry {
        label: label.to_owned(),
        test: Test::Meta(key.name.clone(), test),
        total: figure(&total.meta, entry as usize),
        count: figure(&shown.meta, entry as usize),
    };
    let is_of_one = |(_, entry): &(String, u32)| figure(&total.meta, *entry as usize) == 1;
    if key.has_many || (key.values.len() > FEW_VALUES && key.values.iter().all(is_of_one)) {
        return (vec![entry("any of many values", MetaTest::Exists, key.entry)], 0);
    }
    let (places, more) = frequent(key.values.len(), |at| figure(&total.meta, key.values[at].1 as usize));
    let of = |at: usize| {
        let (value, id) = &key.values[at];
        entry(if value.is_empty() { "(empty)" } else { value }, MetaTest::Is(value.clone()), *id)
    };
    (places.into_iter().map(of).collect(), more)
}

/// Counts that were made before later entries came have none of them.
fn figure(counts: &[u32], at: usize) -> u32 {
    counts.get(at).copied().unwrap_or(0)
}

/// The places of the entries that most images have, the most frequent first, and how many there are besides.
fn frequent(count: usize, total: impl Fn(usize) -> u32) -> (Vec<usize>, usize) {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by_key(|&at| std::cmp::Reverse(total(at)));
    let more = places.len().saturating_sub(MOST_ENTRIES);
    places.truncate(MOST_ENTRIES);
    (places, more)
}
