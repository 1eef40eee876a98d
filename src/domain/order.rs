//! The order of the shown images, kept as pages come in: only the new ones are sorted, then merged in.

mod group;

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::catalogue::{ImageIx, ImageView, TagIx};
use super::ids::shuffled;
use super::query::{Program, Sources};
use super::review::{Subject, Verdict};
use super::timestamp::Timestamp;

pub use group::{GroupKey, ImageGroup, ImageGrouping, grouped};

/// The order of the shown images. Ties fall to the order of arrival, so that nothing dances while pages come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SortKey {
    /// By upload, the latest first: the service's own order. Images without a date come last, as they were listed.
    #[default]
    Newest,
    /// By upload, the earliest first. Images without a date come last, as they were listed.
    Oldest,
    MostRegions,
    FewestRegions,
    Largest,
    /// By the name of the first tag.
    Tag,
    /// Unreviewed first, then flagged, rejected, accepted, confirmed negative.
    Review,
    MostFindings,
    /// By the share of the smallest region, the smallest first. Images without regions come last.
    SmallestRegion,
    /// By file name, as people count: `img2` before `img10`. Images without a name come last.
    FileName,
    /// In an order without meaning, which is the same each time: the first hundred are a sample.
    Random,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sort {
    pub key: SortKey,
    /// From the other end. What has no date, name or region stays last.
    pub is_reversed: bool,
    /// Which of all random orders.
    pub seed: u32,
}

impl From<SortKey> for Sort {
    fn from(key: SortKey) -> Self {
        Self { key, ..Self::default() }
    }
}

impl Sort {
    pub fn label(self) -> &'static str {
        match self.key {
            _ if !self.is_reversed => self.key.label(),
            SortKey::Newest => SortKey::Oldest.label(),
            SortKey::Oldest => SortKey::Newest.label(),
            SortKey::MostRegions => SortKey::FewestRegions.label(),
            SortKey::FewestRegions => SortKey::MostRegions.label(),
            SortKey::Largest => "Smallest first",
            SortKey::Tag => "By tag, Z to A",
            SortKey::Review => "Reviewed first",
            SortKey::MostFindings => "Fewest findings first",
            SortKey::SmallestRegion => "Smallest region last",
            SortKey::FileName => "By file name, Z to A",
            SortKey::Random => "Random, reversed",
        }
    }

    pub fn is_oldest_first(self) -> bool {
        self.key == if self.is_reversed { SortKey::Newest } else { SortKey::Oldest }
    }

    /// The number to sort by, so that the lowest comes first; the greatest number of all is that of what has none.
    fn directed(self, key: u64) -> u64 {
        if self.is_reversed && key != u64::MAX { u64::MAX - 1 - key } else { key }
    }
}

impl SortKey {
    /// All orders, in the order of the menu.
    pub const ALL: [Self; 11] = [
        Self::Newest,
        Self::Oldest,
        Self::MostRegions,
        Self::FewestRegions,
        Self::Largest,
        Self::Tag,
        Self::Review,
        Self::MostFindings,
        Self::SmallestRegion,
        Self::FileName,
        Self::Random,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Newest => "Newest first",
            Self::Oldest => "Oldest first",
            Self::MostRegions => "Most regions first",
            Self::FewestRegions => "Fewest regions first",
            Self::Largest => "Largest first",
            Self::Tag => "By tag",
            Self::Review => "By review state",
            Self::MostFindings => "Most findings first",
            Self::SmallestRegion => "Smallest region first",
            Self::FileName => "By file name",
            Self::Random => "Random",
        }
    }
}

/// The greatest number of what is there.
const MOST: u64 = u64::MAX - 1;

/// All images of the catalogue that the program lets through, in order.
pub fn shown(sources: &Sources<'_>, program: &Program, sort: impl Into<Sort>) -> Vec<ImageIx> {
    let mut images = Vec::new();
    extend_shown(sources, program, sort.into(), 0, &mut images);
    images
}

/// Adds the images from index `from` on to `images`, which holds those before it, and keeps the order.
pub fn extend_shown(sources: &Sources<'_>, program: &Program, sort: Sort, from: u32, images: &mut Vec<ImageIx>) {
    let old = images.len();
    program.extend(sources, from, images);
    let by = |key: &dyn Fn(ImageView<'_>) -> u64, images: &mut Vec<ImageIx>| {
        merge(images, old, |ix| sort.directed(sources.catalogue.get(ix).map_or(0, key)));
    };
    match sort.key {
        SortKey::Newest => by(&|image| image.created().map_or(u64::MAX, |stamp| !ascending(stamp)), images),
        SortKey::Oldest => by(&|image| image.created().map_or(u64::MAX, ascending), images),
        SortKey::MostRegions => by(&|image| MOST - image.region_count() as u64, images),
        SortKey::FewestRegions => by(&|image| image.region_count() as u64, images),
        SortKey::Largest => by(
            &|image| {
                let (width, height) = image.pixel_size().sides();
                !(u64::from(width) * u64::from(height))
            },
            images,
        ),
        SortKey::Tag => {
            let ranks = tag_ranks(sources);
            by(&|image| first_tag(image).map_or(0, |tag| ranks.get(tag.index()).map_or(0, |rank| rank + 1)), images);
        }
        SortKey::Review => by(&|image| u64::from(review_rank(sources, image)), images),
        SortKey::MostFindings => by(&|image| MOST - u64::from(sources.findings.count(image.ix)), images),
        SortKey::SmallestRegion => by(&smallest_region, images),
        SortKey::FileName => merge(images, old, |ix| {
            let name = sources.catalogue.get(ix).and_then(|image| image.name());
            let name = name.map(counted);
            let (up, down) = if sort.is_reversed { (None, name) } else { (name, None) };
            (up.is_none() && down.is_none(), up, Reverse(down))
        }),
        SortKey::Random => by(&|image| shuffled(image.id().0, u64::from(sort.seed)).min(MOST), images),
    }
}

/// A date as a number that grows with it.
fn ascending(stamp: Timestamp) -> u64 {
    (stamp.0 as u64) ^ (1 << 63)
}

/// The share of the smallest region: not negative, so that its bits grow with it.
fn smallest_region(image: ImageView<'_>) -> u64 {
    let areas = image.region_rects().iter().map(|rect| rect.area().max(0.0)).filter(|area| area.is_finite());
    areas.min_by(f32::total_cmp).map_or(u64::MAX, |area| u64::from(area.to_bits()))
}

/// A name in lower case whose numbers are as long as they are large, so that texts compare as people count.
fn counted(name: &str) -> String {
    let name = name.to_lowercase();
    let mut key = String::with_capacity(name.len() + 8);
    let mut rest = name.as_str();
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let digits = from.len() - from.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        let (number, after) = from.split_at(digits);
        let number = number.trim_start_matches('0');
        key.push_str(before);
        // A digit stands in front of the number, which says how long it is; a name has no number of 10,000 digits.
        key.push_str(&format!("{:04}{number}", number.len()));
        rest = after;
    }
    key.push_str(rest);
    key
}

fn first_tag(image: ImageView<'_>) -> Option<TagIx> {
    image.tags().first().or_else(|| image.region_tags().first()).copied()
}

/// The place of each tag among the names, in lower case.
fn tag_ranks(sources: &Sources<'_>) -> Vec<u64> {
    let tags = sources.catalogue.tags();
    let mut names: Vec<_> = tags.iter().map(|(tag, entry)| (entry.name.to_lowercase(), tag)).collect();
    names.sort();
    let mut ranks = vec![0; names.len()];
    let mut rank = 0;
    for (at, (name, tag)) in names.iter().enumerate() {
        // Names that are alike share a place.
        if at > 0 && names[at - 1].0 != *name {
            rank += 1;
        }
        ranks[tag.index()] = rank;
    }
    ranks
}

/// The place of an image's state of review among the others: unreviewed first.
pub fn review_rank(sources: &Sources<'_>, image: ImageView<'_>) -> u8 {
    match sources.reviews.verdict(Subject { image: image.id(), region: None }) {
        None => 0,
        Some(Verdict::Flagged) => 1,
        Some(Verdict::Rejected) => 2,
        Some(Verdict::Accepted) => 3,
        Some(Verdict::Negative) => 4,
    }
}

/// Sorts the images from place `old` on by `key` and merges them with those before, which follow it already.
fn merge<K: Ord>(images: &mut Vec<ImageIx>, old: usize, key: impl Fn(ImageIx) -> K) {
    let mut fresh: Vec<(K, ImageIx)> = images.drain(old..).map(|ix| (key(ix), ix)).collect();
    if !fresh.is_sorted_by(|(one, _), (other, _)| one <= other) {
        fresh.sort_by(|(one, _), (other, _)| one.cmp(other));
    }
    let follows = match (images.last(), fresh.first()) {
        (Some(&last), Some((first, _))) => key(last) <= *first,
        _ => true,
    };
    if follows {
        images.extend(fresh.into_iter().map(|(_, ix)| ix));
        return;
    }
    let mut merged = Vec::with_capacity(images.len() + fresh.len());
    let mut rest = &images[..];
    for (fresh_key, ix) in fresh {
        // Those before came earlier, so equals stay ahead.
        let (before, after) = rest.split_at(rest.partition_point(|&other| key(other) <= fresh_key));
        merged.extend_from_slice(before);
        merged.push(ix);
        rest = after;
    }
    merged.extend_from_slice(rest);
    *images = merged;
}

#[cfg(test)]
mod tests;
