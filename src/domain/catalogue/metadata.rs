//! The metadata of a segment's images. Each text is kept once and so is each pair of key and value; an image has the
//! places of its pairs. So a query asks a pair once, however many images have it, and a name an image costs little more
//! than its letters.

use std::hash::BuildHasher as _;
use std::ops::Range;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// A place in `pairs`, of one segment alone.
pub(crate) type PairIx = u32;

#[derive(Clone, Debug, Default)]
pub(crate) struct MetadataColumn {
    /// Where each image's places end, up to the last image that has any.
    ends: Vec<u32>,
    /// The places of the images' pairs, in the order of the images and of the service.
    places: Vec<PairIx>,
    /// Key and value, as places among the texts.
    pairs: Vec<(u32, u32)>,
    /// All texts, one after the other.
    letters: String,
    text_ends: Vec<usize>,
    /// What has a place, while images come.
    known: Known,
}

#[derive(Clone, Debug, Default)]
struct Known {
    texts: HashTable<u32>,
    pairs: HashTable<u32>,
}

impl MetadataColumn {
    /// Takes what the image at this place has; places come ascending.
    pub(super) fn push(&mut self, at: usize, metadata: &[(String, String)]) {
        if metadata.is_empty() {
            return;
        }
        self.ends.resize(at, self.places.len() as u32);
        self.know();
        for (key, value) in metadata {
            let pair = (self.text_place(key), self.text_place(value));
            let place = self.pair_place(pair);
            self.places.push(place);
        }
        self.ends.push(self.places.len() as u32);
    }

    /// Gives back what only more images would need.
    pub(super) fn shrink(&mut self) {
        self.ends.shrink_to_fit();
        self.places.shrink_to_fit();
        self.pairs.shrink_to_fit();
        self.letters.shrink_to_fit();
        self.text_ends.shrink_to_fit();
        self.known = Known::default();
    }

    /// Finds the places again that a [`shrink`](Self::shrink) has forgotten.
    fn know(&mut self) {
        if self.known.texts.len() == self.text_ends.len() {
            return;
        }
        let Self { pairs, letters, text_ends, known, .. } = self;
        *known = Known::default();
        for place in 0..text_ends.len() as u32 {
            let hash = |&place: &u32| hash(text(letters, text_ends, place));
            known.texts.insert_unique(hash(&place), place, hash);
        }
        for place in 0..pairs.len() as u32 {
            let hash = |&place: &u32| hash(pairs[place as usize]);
            known.pairs.insert_unique(hash(&place), place, hash);
        }
    }

    fn text_place(&mut self, wanted: &str) -> u32 {
        let Self { letters, text_ends, known, .. } = self;
        let free = text_ends.len() as u32;
        let is_same = |&place: &u32| text(letters, text_ends, place) == wanted;
        let entry = known.texts.entry(hash(wanted), is_same, |&place| hash(text(letters, text_ends, place)));
        let place = *entry.or_insert(free).get();
        if place == free {
            letters.push_str(wanted);
            text_ends.push(letters.len());
        }
        place
    }

    fn pair_place(&mut self, pair: (u32, u32)) -> PairIx {
        let Self { pairs, known, .. } = self;
        let free = pairs.len() as u32;
        let is_same = |&place: &u32| pairs[place as usize] == pair;
        let entry = known.pairs.entry(hash(pair), is_same, |&place| hash(pairs[place as usize]));
        let place = *entry.or_insert(free).get();
        if place == free {
            pairs.push(pair);
        }
        place
    }

    pub(super) fn places_of(&self, at: usize) -> &[PairIx] {
        let Some(&end) = self.ends.get(at) else { return &[] };
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.places[start as usize..end as usize]
    }

    pub(crate) fn pair(&self, place: PairIx) -> (&str, &str) {
        let (key, value) = self.pairs[place as usize];
        (text(&self.letters, &self.text_ends, key), text(&self.letters, &self.text_ends, value))
    }

    pub(crate) fn pair_count(&self) -> usize {
        self.pairs.len()
    }

    /// The images that have any, as rows have it.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u32, Box<[(String, String)]>)> {
        (0..self.ends.len()).filter(|&at| !self.places_of(at).is_empty()).map(|at| {
            let pairs = self.places_of(at).iter().map(|&place| self.pair(place));
            (at as u32, pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
        })
    }

    pub(super) fn byte_count(&self) -> usize {
        let Known { texts, pairs } = &self.known;
        (self.ends.capacity() + self.places.capacity()) * 4
            + (self.pairs.capacity() + self.text_ends.capacity()) * 8
            + self.letters.capacity()
            + (texts.capacity() + pairs.capacity()) * 6
    }
}

fn text<'a>(letters: &'a str, ends: &[usize], place: u32) -> &'a str {
    let place = place as usize;
    let start = place.checked_sub(1).map_or(0, |before| ends[before]);
    let range: Range<usize> = start..ends[place];
    &letters[range]
}

fn hash(value: impl std::hash::Hash) -> u64 {
    FxBuildHasher.hash_one(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Rows = Vec<Vec<(String, String)>>;

    fn read(column: &MetadataColumn, at: usize) -> Vec<(String, String)> {
        let pairs = column.places_of(at).iter().map(|&place| column.pair(place));
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    proptest! {
        #[test]
        fn each_image_has_its_own_again(
            rows in prop::collection::vec(prop::collection::vec(("[a-b猫]{0,2}", "[a-b猫]{0,2}"), 0..3), 0..12),
            shrunk_at in 0_usize..12,
        ) {
            let rows: Rows = rows;
            let mut column = MetadataColumn::default();
            for (at, row) in rows.iter().enumerate() {
                if at == shrunk_at {
                    column.shrink();
                }
                column.push(at, row);
            }
            for (at, row) in rows.iter().enumerate() {
                prop_assert_eq!(&read(&column, at), row);
            }
            let mut pairs: Vec<_> = rows.iter().flatten().collect();
            pairs.sort_unstable();
            pairs.dedup();
            prop_assert_eq!(column.pair_count(), pairs.len(), "each pair once, also after room was given back");
            prop_assert!(read(&column, rows.len() + 1).is_empty());
        }
    }
}
