//! An image source whose rows move during a listing: images come and go at the newest end, ties change places.
//!
//! Each call sees a [`Window`] of its own, which does not change under it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use uuid::Uuid;

use super::Faults;
use crate::ServerError;
use crate::image_source::{ImageSource, ServedExport};
use crate::performance::{Performance, Thresholds};
use crate::query::MetadataFilter;
use crate::signature::SignedUris;
use domain::{BlobKind, Domain, ImageId, Iteration, IterationId, Project, Tag, TagId, Timestamp};

pub(crate) struct MovingSource {
    source: Arc<dyn ImageSource>,
    faults: Faults,
    /// For each place the first place of the same date; only where ties are shuffled.
    ties: Arc<[u32]>,
    pages: AtomicU64,
}

impl MovingSource {
    pub(crate) fn new(source: Arc<dyn ImageSource>, faults: Faults) -> Self {
        let mut ties: Vec<u32> = Vec::new();
        if faults.are_ties_shuffled {
            let count = source.count() + source.untagged_count();
            let mut before = None;
            for place in 0..count {
                let created = source.created(place);
                let first = match ties.last() {
                    Some(first) if created == before => *first,
                    _ => u32::try_from(place).unwrap_or(u32::MAX),
                };
                ties.push(first);
                before = created;
            }
        }
        Self { source, faults, ties: ties.into(), pages: AtomicU64::new(0) }
    }

    /// Everything, whatever moves.
    pub(crate) fn all(&self) -> &Arc<dyn ImageSource> {
        &self.source
    }

    /// Whether two calls can see different rows.
    pub(crate) fn is_moving(&self) -> bool {
        self.faults.add_every.is_on() || self.faults.delete_every.is_on() || self.faults.are_ties_shuffled
    }

    /// What a call sees. A page of images moves the rows of the next.
    pub(crate) fn now(&self, is_page: bool) -> Arc<dyn ImageSource> {
        if !self.is_moving() {
            return Arc::clone(&self.source);
        }
        let page =
            if is_page { self.pages.fetch_add(1, Ordering::Relaxed) } else { self.pages.load(Ordering::Relaxed) };
        let count = self.source.count();
        let tenth = count / 10;
        let moved = |every: super::Every| every.0.map_or(0, |n| usize::try_from(page / n).unwrap_or(tenth).min(tenth));
        let held_back = if self.faults.add_every.is_on() { tenth - moved(self.faults.add_every) } else { 0 };
        let end = count - held_back - moved(self.faults.delete_every);
        let order = (!self.ties.is_empty()).then(|| shuffled(&self.ties, [end, count], page));
        Arc::new(Window { source: Arc::clone(&self.source), end, order })
    }
}

/// The places with those of the same date mixed, differently for each `turn`, but never across one of `borders`.
fn shuffled(ties: &[u32], borders: [usize; 2], turn: u64) -> Vec<u32> {
    let mut places: Vec<u32> = (0_u32..).take(ties.len()).collect();
    let part = |place: u32| borders.iter().filter(|border| place as usize >= **border).count();
    for group in places.chunk_by_mut(|a, b| ties[*a as usize] == ties[*b as usize] && part(*a) == part(*b)) {
        let steps = usize::try_from(turn % group.len() as u64).unwrap_or(0);
        group.rotate_left(steps);
    }
    places
}

/// The rows of one moment: the first `end` tagged ones, perhaps in another order, and the untagged ones behind them.
struct Window {
    source: Arc<dyn ImageSource>,
    end: usize,
    order: Option<Vec<u32>>,
}

impl Window {
    fn inner(&self, place: usize) -> usize {
        let place = if place < self.end { place } else { place - self.end + self.source.count() };
        self.order.as_ref().and_then(|order| order.get(place)).map_or(place, |inner| *inner as usize)
    }

    /// The place that an inner place has here, unless it is hidden.
    fn outer(&self, inner: usize) -> Option<usize> {
        let count = self.source.count();
        let place = match &self.order {
            Some(order) => order.iter().position(|place| *place as usize == inner)?,
            None => inner,
        };
        match place {
            place if place < self.end => Some(place),
            place if place >= count => Some(place - count + self.end),
            _ => None,
        }
    }

    /// The places here of those that are not hidden, ascending.
    fn outer_all(&self, inner: Vec<u32>) -> Vec<u32> {
        let outer = inner.into_iter().filter_map(|place| u32::try_from(self.outer(place as usize)?).ok());
        let mut places: Vec<u32> = outer.collect();
        places.sort_unstable();
        places
    }

    fn inner_all(&self, places: &[usize]) -> Vec<usize> {
        places.iter().map(|place| self.inner(*place)).collect()
    }
}

impl ImageSource for Window {
    fn project(&self) -> &Project {
        self.source.project()
    }

    fn domains(&self) -> &[Domain] {
        self.source.domains()
    }

    fn iterations(&self) -> &[Iteration] {
        self.source.iterations()
    }

    fn at(&self, iteration: IterationId) -> Result<Option<Arc<dyn ImageSource>>, ServerError> {
        // What was trained on does not move any more.
        self.source.at(iteration)
    }

    fn tags(&self) -> Vec<Tag> {
        let mut tags = self.source.tags();
        for tag in &mut tags {
            tag.image_count = self.places_with(&[tag.id]).len() as u64;
        }
        tags
    }

    fn count(&self) -> usize {
        self.end
    }

    fn untagged_count(&self) -> usize {
        self.source.untagged_count()
    }

    fn places_with(&self, tags: &[TagId]) -> Vec<u32> {
        self.outer_all(self.source.places_with(tags))
    }

    fn places_where(&self, filter: &MetadataFilter) -> Result<Vec<u32>, ServerError> {
        Ok(self.outer_all(self.source.places_where(filter)?))
    }

    fn id(&self, place: usize) -> Option<ImageId> {
        self.source.id(self.inner(place))
    }

    fn created(&self, place: usize) -> Option<Timestamp> {
        self.source.created(self.inner(place))
    }

    fn find(&self, image: ImageId) -> Option<usize> {
        self.outer(self.source.find(image)?)
    }

    fn write_rows(&self, places: &[usize], uris: &SignedUris<'_>, out: &mut Vec<u8>) -> Result<(), ServerError> {
        self.source.write_rows(&self.inner_all(places), uris, out)
    }

    fn blob(&self, image: ImageId, kind: BlobKind) -> Result<Option<Bytes>, ServerError> {
        self.source.blob(image, kind)
    }

    fn exports(&self) -> Result<Vec<ServedExport>, ServerError> {
        self.source.exports()
    }

    fn model(&self, id: Uuid) -> Result<Option<Bytes>, ServerError> {
        self.source.model(id)
    }

    fn has_performances(&self) -> bool {
        self.source.has_performances()
    }

    fn performance(&self, thresholds: Thresholds) -> Option<Performance> {
        self.source.performance(thresholds)
    }

    fn write_performances(
        &self,
        places: &[usize],
        uris: &SignedUris<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ServerError> {
        self.source.write_performances(&self.inner_all(places), uris, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;

    fn ids(stage: &MovingSource) -> Vec<ImageId> {
        let now = stage.now(true);
        (0..now.count()).filter_map(|place| now.id(place)).collect()
    }

    fn stage(faults: &[&str]) -> MovingSource {
        MovingSource::new(Arc::new(Sample::new(101, None)), Faults::parse(faults).expect("faults"))
    }

    #[test]
    fn images_come_and_go_at_the_newest_end() {
        let all = ids(&stage(&[]));
        let adding = stage(&["add-every=2"]);
        let counts: Vec<usize> = (0..30).map(|_| ids(&adding).len()).collect();
        assert_eq!(counts[..5], [91, 91, 92, 92, 93]);
        assert_eq!(counts.last(), Some(&101));
        let deleting = stage(&["delete-every=1"]);
        assert_eq!(ids(&deleting), all);
        assert_eq!(ids(&deleting), all[..100]);
        assert_eq!((0..30).map(|_| ids(&deleting).len()).last(), Some(91));
        let now = deleting.now(false);
        assert_eq!(now.find(all[100]), None);
        assert_eq!(now.find(all[3]), Some(3));
        assert_eq!(now.untagged_count(), stage(&[]).all().untagged_count());
    }

    #[test]
    fn ties_change_places_and_nothing_else() {
        let shuffling = stage(&["ties=shuffled"]);
        let (one, two) = (ids(&shuffling), ids(&shuffling));
        assert_ne!(one, two);
        let sorted = |mut ids: Vec<ImageId>| {
            ids.sort_unstable();
            ids
        };
        assert_eq!(sorted(one), sorted(two));
        let now = shuffling.now(true);
        for place in 0..now.count() {
            assert_eq!(now.find(now.id(place).expect("id")), Some(place));
            assert!(place == 0 || now.created(place - 1) <= now.created(place));
        }
    }
}
