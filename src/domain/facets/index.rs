//! Which entries each image belongs to, in columns of small numbers. Of metadata a key has a number, and so has each of
//! its values, as long as there are not too many.

use rustc_hash::FxHashMap;

use super::{REGION_BARS, SIZE_EDGES};
use crate::catalogue::{Catalogue, ImageIx, ImageView};
use crate::ids::ImageId;
use crate::query::ReviewTest;
use crate::review::{Reviews, Subject, Verdict};
use crate::timestamp::Timestamp;

/// Sizes of images, and days, that are distinguished; the rest is not counted.
const MOST_NUMBERS: usize = 4_000;
/// In a column: not counted.
pub(super) const NONE: u16 = u16::MAX;

const TICKS_A_DAY: i64 = 86_400 * 10_000_000;

#[derive(Clone, Debug, Default)]
pub struct FacetIndex {
    /// The bar of each image's number of regions.
    pub(super) bars: Vec<u8>,
    /// A bit for each class of region size that an image has a region of.
    pub(super) classes: Vec<u8>,
    pub(super) sizes: Numbered<(u32, u32)>,
    /// Days since 1970.
    pub(super) days: Numbered<i32>,
    /// Whether an image has no date. Not the same as a day that is not counted.
    pub(super) undated: Vec<bool>,
    /// `2024-01-31`, by the number of the day.
    pub(super) day_texts: Vec<String>,
    pub(super) meta: MetaTable,
    /// One entry more than images.
    pub(super) meta_starts: Vec<u32>,
    pub(super) meta_entries: Vec<EntryId>,
    /// A bit for each state of review that an image is in, in the order of [`ReviewTest::ALL`].
    pub(super) reviews: Vec<u8>,
}

/// A column of values that repeat, each with a number of its own.
#[derive(Clone, Debug)]
pub(super) struct Numbered<T> {
    pub values: Vec<T>,
    pub column: Vec<u16>,
    numbers: FxHashMap<T, u16>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { values: Vec::new(), column: Vec::new(), numbers: FxHashMap::default() }
    }
}

impl<T: Copy + Eq + std::hash::Hash> Numbered<T> {
    fn push(&mut self, value: Option<T>) {
        let number = self.number(value);
        self.column.push(number);
    }

    /// The number of a value, which gets one when it is new.
    fn number(&mut self, value: Option<T>) -> u16 {
        value.map_or(NONE, |value| {
            if let Some(&number) = self.numbers.get(&value) {
                return number;
            }
            if self.values.len() >= MOST_NUMBERS {
                return NONE;
            }
            let number = self.values.len() as u16;
            self.values.push(value);
            self.numbers.insert(value, number);
            number
        })
    }
}

impl FacetIndex {
    pub fn len(&self) -> usize {
        self.bars.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }

    /// Takes the images that it does not know yet, with what is decided about them.
    pub fn extend(&mut self, catalogue: &Catalogue, reviews: &Reviews) {
        if self.meta_starts.is_empty() {
            self.meta_starts.push(0);
        }
        for ix in self.len() as u32..catalogue.len() as u32 {
            if let Some(image) = catalogue.get(ImageIx(ix)) {
                self.push(image);
                self.reviews.push(states_of(reviews, image.id()));
            }
        }
    }

    fn push(&mut self, image: ImageView<'_>) {
        self.bars.push(image.region_count().min(REGION_BARS - 1) as u8);
        self.classes.push(image.region_rects().iter().fold(0, |classes, rect| classes | classes_of(rect.area())));
        self.sizes.push(size_of_image(image));
        self.days.push(image.created().and_then(day_of));
        self.undated.push(image.created().is_none());
        let new_days = self.days.values[self.day_texts.len()..].iter().copied();
        self.day_texts.extend(new_days.map(day_text));
        let mut entries = Vec::new();
        for (key, value) in image.metadata() {
            self.meta.intern(key, value, &mut entries);
        }
        // A key that stands twice counts once.
        entries.sort_unstable();
        entries.dedup();
        self.meta_entries.append(&mut entries);
        self.meta_starts.push(self.meta_entries.len() as u32);
    }

    /// Reads the size of an image again, whose original is known now. Returns the numbers of the size before and of the
    /// size now, for the counts that were made before: see [`FacetCounts::move_size`](super::FacetCounts::move_size).
    pub fn reread_size(&mut self, image: ImageView<'_>) -> (u16, u16) {
        let number = self.sizes.number(size_of_image(image));
        match self.sizes.column.get_mut(image.ix.index()) {
            Some(size) => (std::mem::replace(size, number), number),
            None => (NONE, NONE),
        }
    }

    pub fn reread(&mut self, ix: ImageIx, image: ImageId, reviews: &Reviews) {
        if let Some(states) = self.reviews.get_mut(ix.index()) {
            *states = states_of(reviews, image);
        }
    }

    pub fn reread_all(&mut self, catalogue: &Catalogue, reviews: &Reviews) {
        for image in catalogue.iter() {
            self.reread(image.ix, image.id(), reviews);
        }
    }

    pub(super) fn meta_of(&self, ix: ImageIx) -> &[EntryId] {
        let range = self.meta_starts[ix.index()] as usize..self.meta_starts[ix.index() + 1] as usize;
        &self.meta_entries[range]
    }

    /// The metadata keys, as first met.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.meta.keys().iter().map(|key| &*key.name)
    }

    /// The values of a metadata key, as first met; none when there are too many.
    pub fn values(&self, key: &str) -> impl Iterator<Item = &str> {
        self.meta.key(key).into_iter().flat_map(|key| key.values.iter().map(|(value, _)| &**value))
    }

    /// The sizes of images, as first met.
    pub fn sizes(&self) -> &[(u32, u32)] {
        &self.sizes.values
    }
}

/// The size that the query compares with; `None`: not known.
fn size_of_image(image: ImageView<'_>) -> Option<(u32, u32)> {
    let size = image.pixel_size();
    size.is_known().then(|| size.sides())
}

fn day_of(stamp: Timestamp) -> Option<i32> {
    i32::try_from(stamp.0.div_euclid(TICKS_A_DAY)).ok()
}

/// `2024-01-31`
fn day_text(day: i32) -> String {
    Timestamp(i64::from(day) * TICKS_A_DAY).date_text()
}

/// The classes of a region's share of the image: two when it is on a bound, as the query's ranges have it.
fn classes_of(area: f32) -> u8 {
    let percent = f64::from(area * 100.0);
    let mut classes = 0;
    for class in 0..=SIZE_EDGES.len() {
        let is_above = class == 0 || percent >= SIZE_EDGES[class - 1] * (1.0 - SLACK);
        let is_below = class == SIZE_EDGES.len() || percent <= SIZE_EDGES[class] * (1.0 + SLACK);
        classes |= u8::from(is_above && is_below) << class;
    }
    classes
}

/// As the query compares figures of regions.
const SLACK: f64 = 1e-6;

/// The states of review that an image is in. "Any" has no entry of its own: it is what "none" leaves.
fn states_of(reviews: &Reviews, image: ImageId) -> u8 {
    let bit = |test| ReviewTest::ALL.iter().position(|&other| other == test).map_or(0, |at| 1 << at);
    if reviews.is_empty() {
        return bit(ReviewTest::None);
    }
    let undecided = reviews.verdict(Subject::image(image)).is_none().then_some(ReviewTest::None);
    let own = reviews.own_verdicts(image).map(|verdict| match verdict {
        Verdict::Accepted => ReviewTest::Accepted,
        Verdict::Rejected => ReviewTest::Rejected,
        Verdict::Flagged => ReviewTest::Flagged,
        Verdict::Negative => ReviewTest::Negative,
    });
    let disagree = reviews.has_disagreement(image).then_some(ReviewTest::Disagree);
    own.chain(undecided).chain(disagree).fold(0, |states, test| states | bit(test))
}

/// Keys that are distinguished.
const MOST_KEYS: usize = 64;
/// Values of a key that are distinguished.
const MOST_VALUES: usize = 400;

/// An entry of an image: the number of a key or of a value.
pub(super) type EntryId = u32;

#[derive(Clone, Debug, Default)]
pub(super) struct MetaTable {
    keys: Vec<MetaKey>,
    /// By every spelling met.
    spellings: FxHashMap<String, usize>,
    /// Numbers given out.
    entries: u32,
}

#[derive(Clone, Debug)]
pub(super) struct MetaKey {
    /// As first met.
    pub name: String,
    pub entry: EntryId,
    /// Each with its number; as first met.
    pub values: Vec<(String, EntryId)>,
    spellings: FxHashMap<String, EntryId>,
    /// There are too many values: none is counted.
    pub has_many: bool,
}

impl MetaTable {
    pub(super) fn keys(&self) -> &[MetaKey] {
        &self.keys
    }

    /// The key of a name, whatever its case.
    pub(super) fn key(&self, name: &str) -> Option<&MetaKey> {
        let folded = name.to_lowercase();
        self.keys.iter().find(|key| key.name.to_lowercase() == folded)
    }

    pub(super) fn entry_count(&self) -> usize {
        self.entries as usize
    }

    pub(super) fn intern(&mut self, name: &str, value: &str, entries: &mut Vec<EntryId>) {
        let Some(at) = self.key_at(name) else { return };
        let key = &mut self.keys[at];
        entries.push(key.entry);
        if let Some(&entry) = key.spellings.get(value) {
            entries.push(entry);
            return;
        }
        if key.has_many {
            return;
        }
        let folded = value.to_lowercase();
        let known = key.values.iter().find(|(other, _)| other.to_lowercase() == folded).map(|&(_, entry)| entry);
        if known.is_none() && key.values.len() >= MOST_VALUES {
            key.has_many = true;
            key.values = Vec::new();
            key.spellings = FxHashMap::default();
            return;
        }
        let entry = known.unwrap_or_else(|| {
            self.entries += 1;
            key.values.push((value.to_owned(), self.entries - 1));
            self.entries - 1
        });
        // Spellings of one value are few: they differ in case alone.
        if key.spellings.len() < 2 * MOST_VALUES {
            key.spellings.insert(value.to_owned(), entry);
        }
        entries.push(entry);
    }

    fn key_at(&mut self, name: &str) -> Option<usize> {
        if let Some(&at) = self.spellings.get(name) {
            return Some(at);
        }
        let folded = name.to_lowercase();
        let at = match self.keys.iter().position(|key| key.name.to_lowercase() == folded) {
            Some(at) => at,
            None if self.keys.len() >= MOST_KEYS => return None,
            None => {
                let entry = self.entries;
                self.entries += 1;
                self.keys.push(MetaKey {
                    name: name.to_owned(),
                    entry,
                    values: Vec::new(),
                    spellings: FxHashMap::default(),
                    has_many: false,
                });
                self.keys.len() - 1
            }
        };
        if self.spellings.len() < 4 * MOST_KEYS {
            self.spellings.insert(name.to_owned(), at);
        }
        Some(at)
    }
}
