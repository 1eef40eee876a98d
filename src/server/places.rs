//! Which images a listing is about, by place, and the part of them that a page shows.

use std::ops::Range;
use std::sync::Arc;

use super::query::Listing;

/// Places in ascending order, the oldest first.
pub(super) enum Places {
    Range(Range<usize>),
    List(Arc<[u32]>),
}

impl Places {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Range(range) => range.len(),
            Self::List(list) => list.len(),
        }
    }

    /// The place behind the last one.
    pub(super) fn end(&self) -> usize {
        match self {
            Self::Range(range) => range.end,
            Self::List(list) => list.last().map_or(0, |last| *last as usize + 1),
        }
    }

    pub(super) fn contains(&self, place: u32) -> bool {
        match self {
            Self::Range(range) => range.contains(&(place as usize)),
            Self::List(list) => list.binary_search(&place).is_ok(),
        }
    }

    /// Those of a page, in the order of the listing.
    pub(super) fn page(&self, listing: &Listing) -> Vec<usize> {
        let count = self.len();
        let end = count.min(listing.skip.saturating_add(listing.take));
        let at = |row: usize| match self {
            Self::Range(range) => range.start + row,
            Self::List(list) => list[row] as usize,
        };
        let rows = listing.skip.min(count)..end;
        rows.map(|row| at(if listing.is_oldest_first { row } else { count - 1 - row })).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(places: &Places, query: &str) -> Vec<usize> {
        places.page(&Listing::parse(query).unwrap_or_else(|_| panic!("{query}")))
    }

    #[test]
    fn pages_begin_at_the_end_asked_for() {
        let range = Places::Range(3..8);
        assert_eq!(page(&range, "take=2"), [7, 6]);
        assert_eq!(page(&range, "take=2&skip=1&orderBy=Oldest"), [4, 5]);
        assert_eq!(page(&range, "skip=4"), [3]);
        assert!(page(&range, "skip=5").is_empty() && page(&range, "take=0").is_empty());
        let list = Places::List(Arc::from([1_u32, 4, 9]));
        assert_eq!((page(&list, "take=2"), list.len(), list.end()), (vec![9, 4], 3, 10));
        assert!(list.contains(4) && !list.contains(5) && range.contains(3) && !range.contains(8));
        assert_eq!(Places::Range(0..0).end(), 0);
    }
}
