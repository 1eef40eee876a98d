//! What the engine has to report, until the window takes it. Bounded: pixels by their bytes, pages by their number;
//! everything else arrives once per job or a few times a second. The window is woken once, however much arrives before it
//! looks.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use super::Waker;
use app::{Event, PixelKey};

/// Pages that may lie here; the listing waits when the window does not take them.
const MOST_PAGES: usize = 16;

/// What a row of a page counts as, when a drain is bounded by bytes.
const ROW_BYTES: usize = 512;

/// Pixels are counted in these, because a semaphore's number is small.
const UNIT: usize = 1 << 10;

pub(super) struct Inbox {
    state: Mutex<State>,
    /// Units of pixels that may still come in.
    pixel_room: Semaphore,
    pixel_units: usize,
    page_room: Semaphore,
    waker: Waker,
}

/// A place for one page.
pub(super) struct PageRoom<'a> {
    inbox: &'a Inbox,
    permit: SemaphorePermit<'a>,
}

impl PageRoom<'_> {
    /// Reports the page. `false`: nobody will take it any more.
    pub(super) fn post(self, event: Event) -> bool {
        let rows = match &event {
            Event::Page { page, .. } => page.rows.len(),
            _ => 0,
        };
        self.permit.forget();
        self.inbox.push(Entry { event, bytes: rows * ROW_BYTES, units: 0, is_page: true })
    }
}

#[derive(Default)]
struct State {
    queue: VecDeque<Entry>,
    /// Pixels that lie here, so that they are not fetched a second time.
    pixels: FxHashSet<(u64, PixelKey)>,
    is_woken: bool,
    is_closed: bool,
}

struct Entry {
    event: Event,
    /// For bounded drains.
    bytes: usize,
    /// Units of pixel room to give back.
    units: usize,
    is_page: bool,
}

impl Inbox {
    pub(super) fn new(pixel_bytes: usize, waker: Waker) -> Self {
        let pixel_units = (pixel_bytes / UNIT).clamp(1, u32::MAX as usize);
        Self {
            state: Mutex::default(),
            pixel_room: Semaphore::new(pixel_units),
            pixel_units,
            page_room: Semaphore::new(MOST_PAGES),
            waker,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reports at once: for what is small and seldom.
    pub(super) fn post(&self, event: Event) {
        self.push(Entry { event, bytes: 0, units: 0, is_page: false });
    }

    /// Room for one page, once there is some; `None`: nobody will take it any more. Asked for before the page is
    /// fetched, so that a listing that is stopped never holds a page that nobody gets.
    pub(super) async fn page_room(&self) -> Option<PageRoom<'_>> {
        let permit = self.page_room.acquire().await.ok()?;
        Some(PageRoom { inbox: self, permit })
    }

    /// Reports pixels (or why there are none), once there is room for them. `false`: canceled before that.
    pub(super) async fn post_pixels(
        &self,
        generation: u64,
        key: PixelKey,
        result: app::PixelResult,
        cancel: &CancellationToken,
    ) -> bool {
        let bytes = result.as_ref().map_or(0, |picture| picture.byte_count());
        // A picture larger than all the room waits for all of it, not for ever.
        let units = bytes.div_ceil(UNIT).min(self.pixel_units);
        let room = self.pixel_room.acquire_many(units as u32);
        let permit = tokio::select! {
            biased;
            () = cancel.cancelled() => return false,
            permit = room => permit,
        };
        let Ok(permit) = permit else { return false };
        permit.forget();
        self.push(Entry { event: Event::Pixels { generation, key, result }, bytes, units, is_page: false })
    }

    fn push(&self, entry: Entry) -> bool {
        let mut state = self.lock();
        if state.is_closed {
            return false;
        }
        if let Event::Pixels { generation, key, .. } = &entry.event {
            state.pixels.insert((*generation, *key));
        }
        state.queue.push_back(entry);
        let is_asleep = !std::mem::replace(&mut state.is_woken, true);
        drop(state);
        if is_asleep {
            (self.waker)();
        }
        true
    }

    /// Takes events in their order, at least one if there is any, and no more than about `max_bytes` of pixels and
    /// rows. The waker is called again when something is left.
    pub(super) fn drain(&self, max_bytes: usize) -> Vec<Event> {
        let mut events = Vec::new();
        let (mut bytes, mut units, mut pages) = (0, 0, 0);
        let mut state = self.lock();
        while let Some(entry) = state.queue.front() {
            if bytes > 0 && bytes + entry.bytes > max_bytes {
                break;
            }
            let Some(entry) = state.queue.pop_front() else { break };
            bytes += entry.bytes;
            units += entry.units;
            pages += usize::from(entry.is_page);
            if let Event::Pixels { generation, key, .. } = &entry.event {
                state.pixels.remove(&(*generation, *key));
            }
            events.push(entry.event);
        }
        let has_more = !state.queue.is_empty();
        state.is_woken = has_more;
        drop(state);
        self.pixel_room.add_permits(units);
        self.page_room.add_permits(pages);
        if has_more {
            (self.waker)();
        }
        events
    }

    /// Bytes of pixels and number of pages that lie here, each with its bound.
    pub(super) fn load(&self) -> [(usize, usize); 2] {
        let units = self.pixel_units - self.pixel_room.available_permits().min(self.pixel_units);
        let pages = MOST_PAGES - self.page_room.available_permits().min(MOST_PAGES);
        [(units * UNIT, self.pixel_units * UNIT), (pages, MOST_PAGES)]
    }

    pub(super) fn has_pixels(&self, generation: u64, key: PixelKey) -> bool {
        self.lock().pixels.contains(&(generation, key))
    }

    /// Throws away the pixels and pages of a generation that was closed.
    pub(super) fn forget(&self, closed: u64) {
        let (mut units, mut pages) = (0, 0);
        let mut state = self.lock();
        state.pixels.retain(|(generation, _)| *generation != closed);
        state.queue.retain(|entry| {
            let is_stale = match &entry.event {
                Event::Pixels { generation, .. } | Event::Page { generation, .. } => *generation == closed,
                _ => false,
            };
            if is_stale {
                units += entry.units;
                pages += usize::from(entry.is_page);
            }
            !is_stale
        });
        drop(state);
        self.pixel_room.add_permits(units);
        self.page_room.add_permits(pages);
    }

    /// Nothing is accepted any more, and senders that wait for room give up.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.queue.clear();
        state.pixels.clear();
        drop(state);
        self.pixel_room.close();
        self.page_room.close();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use domain::{ImageIx, Mipmap, Raster};

    fn inbox(bytes: usize) -> (Arc<Inbox>, Arc<AtomicUsize>) {
        let wakes = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&wakes);
        let waker: Waker = Arc::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        (Arc::new(Inbox::new(bytes, waker)), wakes)
    }

    fn raster(side: u32) -> app::PixelResult {
        let raster = Raster::new(side, side, vec![0; (side * side * 4) as usize]).expect("raster");
        Ok(Arc::new(Mipmap::single(&raster)))
    }

    fn key(ix: u32) -> PixelKey {
        PixelKey::Resized { ix: ImageIx(ix) }
    }

    #[test]
    fn many_reports_wake_once_and_a_bounded_drain_wakes_again() {
        let (inbox, wakes) = inbox(1 << 20);
        let cancel = CancellationToken::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
        for ix in 0..5 {
            assert!(runtime.block_on(inbox.post_pixels(1, key(ix), raster(16), &cancel)));
        }
        assert_eq!(wakes.load(Ordering::SeqCst), 1);
        assert!(inbox.has_pixels(1, key(0)));
        assert_eq!(inbox.drain(2 * 1024).len(), 2);
        assert_eq!(wakes.load(Ordering::SeqCst), 2, "there is more");
        assert!(!inbox.has_pixels(1, key(0)) && inbox.has_pixels(1, key(2)));
        assert_eq!(inbox.drain(usize::MAX).len(), 3);
        assert_eq!(wakes.load(Ordering::SeqCst), 2);
        inbox.post(Event::CacheSize(1));
        assert_eq!(wakes.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn full_is_full_until_it_is_drained_or_the_request_is_gone() {
        let (inbox, _) = inbox(4 << 10);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
        runtime.block_on(async {
            let cancel = CancellationToken::new();
            for ix in 0..4 {
                assert!(inbox.post_pixels(1, key(ix), raster(16), &cancel).await);
            }
            let waiting = inbox.post_pixels(1, key(9), raster(16), &cancel);
            let (posted, ()) = tokio::join!(waiting, async { cancel.cancel() });
            assert!(!posted, "what is no longer wanted is dropped");
            let fresh = CancellationToken::new();
            let waiting = inbox.post_pixels(1, key(10), raster(200), &fresh);
            let (posted, drained) = tokio::join!(waiting, async { inbox.drain(usize::MAX).len() });
            assert!(posted, "larger than all the room: it waits for all of it");
            assert_eq!(drained, 4);
        });
        inbox.forget(1);
        assert!(inbox.drain(usize::MAX).is_empty());
        assert_eq!(inbox.pixel_room.available_permits(), inbox.pixel_units);
    }

    #[test]
    fn a_closed_inbox_takes_nothing() {
        let (inbox, wakes) = inbox(1 << 10);
        inbox.close();
        inbox.post(Event::CacheSize(1));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
        assert!(!runtime.block_on(inbox.post_pixels(1, key(1), raster(1), &CancellationToken::new())));
        assert_eq!((inbox.drain(usize::MAX).len(), wakes.load(Ordering::SeqCst)), (0, 0));
    }
}
