//! What the endpoint can serve: one project, its rows by place and its pictures. The sample and an archive are both this. With
//! the places of a listing, and the files that are kept in memory.

use std::hash::Hash;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use uuid::Uuid;

use super::ServerError;
use super::performance::{Performance, Thresholds};
use super::query::Listing;
use super::query::MetadataFilter;
use super::signature::{ServedModel, SignedUris};
use domain::{BlobKind, ByteLru, Domain, ExportFacts, ImageId, Iteration, IterationId, Project, Tag, TagId, Timestamp};

pub(super) struct ServedExport {
    pub(super) facts: ExportFacts,
    pub(super) model: Option<ServedModel>,
}

/// A project as it is at a state: the workspace's, or that which an iteration was trained on. Places count the images
/// from 0, the oldest: first those with tags, behind them those that nobody has tagged yet.
pub(super) trait ImageSource: Send + Sync + 'static {
    fn project(&self) -> &Project;

    /// Domains besides the service's own list.
    fn domains(&self) -> &[Domain];

    /// Newest first.
    fn iterations(&self) -> &[Iteration];

    /// The state that a known iteration was trained on; `None` when that is not held.
    ///
    /// # Errors
    /// When its rows cannot be read.
    fn at(&self, iteration: IterationId) -> Result<Option<Arc<dyn ImageSource>>, ServerError>;

    fn tags(&self) -> Vec<Tag>;

    /// Number of tagged images: places 0..count.
    fn count(&self) -> usize;

    /// Number of untagged images: places count..count + untagged.
    fn untagged_count(&self) -> usize;

    /// The places of the images that have any of `tags`, ascending.
    fn places_with(&self, tags: &[TagId]) -> Vec<u32>;

    /// The places of the images whose metadata match, ascending.
    fn places_where(&self, filter: &MetadataFilter) -> Result<Vec<u32>, ServerError>;

    fn id(&self, place: usize) -> Option<ImageId>;

    fn created(&self, place: usize) -> Option<Timestamp>;

    fn find(&self, image: ImageId) -> Option<usize>;

    /// Appends the rows at `places` as JSON objects with commas between, with signed addresses.
    fn write_rows(&self, places: &[usize], uris: &SignedUris<'_>, out: &mut Vec<u8>) -> Result<(), ServerError>;

    /// A picture's file, of whichever state the image is; `None` when there is none.
    fn blob(&self, image: ImageId, kind: BlobKind) -> Result<Option<Bytes>, ServerError>;

    /// The exports of the iteration of this state.
    fn exports(&self) -> Result<Vec<ServedExport>, ServerError>;

    /// A model file, of whichever iteration; `None` when there is none.
    fn model(&self, id: Uuid) -> Result<Option<Bytes>, ServerError>;

    /// Whether there are predictions for the images: those of the iteration of this state.
    fn has_performances(&self) -> bool;

    /// How well the iteration of this state does; `None` when that is not known.
    fn performance(&self, thresholds: Thresholds) -> Option<Performance>;

    /// Appends the rows at `places` with the predictions of the iteration, as [`ImageSource::write_rows`] does.
    fn write_performances(&self, places: &[usize], uris: &SignedUris<'_>, out: &mut Vec<u8>)
    -> Result<(), ServerError>;
}

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

pub(super) struct FileCache<K: Hash + Eq>(Mutex<ByteLru<K, Bytes>>);

impl<K: Hash + Eq> FileCache<K> {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self(Mutex::new(ByteLru::new(max_bytes)))
    }

    pub(super) fn get(&self, key: &K) -> Option<Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Keeps a file, unless it alone is too large.
    pub(super) fn put(&self, key: K, file: Bytes) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = file.len();
        if bytes <= files.max_bytes() {
            files.put(key, file, bytes);
            files.trim(0, |_| true);
        }
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

    #[test]
    fn the_least_used_goes_first() {
        let kept = FileCache::new(10);
        let file = |length: usize| Bytes::from(vec![0_u8; length]);
        kept.put(1, file(4));
        kept.put(2, file(4));
        assert!(kept.get(&1).is_some());
        kept.put(3, file(4));
        assert!(kept.get(&2).is_none() && kept.get(&1).is_some() && kept.get(&3).is_some());
        kept.put(4, file(11));
        assert!(kept.get(&4).is_none() && kept.get(&3).is_some());
        kept.put(3, file(2));
        kept.put(5, file(4));
        assert!(kept.get(&1).is_some() && kept.get(&3).is_some() && kept.get(&5).is_some());
    }
}
