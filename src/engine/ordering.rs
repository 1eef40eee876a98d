//! Orders the regions for the wall, off the window's thread: a million take a good part of a second. Of several orders
//! asked for only the last one is reported.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::opening::Opening;
use super::parallel;
use app::Event;
use app::wall::{Basis, WallEvent};
use domain::Catalogue;
use domain::wall::{Lookalike, Looks};

/// Regions between two looks at whether the order is still wanted.
const AT_ONCE: usize = 256;
/// Between two reports.
const PERIOD: Duration = Duration::from_millis(250);

#[derive(Default)]
pub(super) struct LastOrder(AtomicU64);

impl LastOrder {
    fn is(&self, request: u64) -> bool {
        self.0.load(Ordering::SeqCst) == request
    }
}

/// An order for which every region is held against thousands of others.
struct Search<'a> {
    opening: &'a Opening,
    request: u64,
    told: Mutex<Instant>,
}

impl Search<'_> {
    /// Does the work of many on several threads and tells how far it is, until another order is asked for.
    fn each(&self, count: usize, one: &(dyn Fn(usize) -> Option<Lookalike> + Sync)) -> Vec<Option<Lookalike>> {
        let (found, done) = (Mutex::new(vec![None; count]), AtomicUsize::new(0));
        let ended = parallel::each_behind(count.div_ceil(AT_ONCE), |part| {
            if !self.opening.last_order.is(self.request) || self.opening.cancel.is_cancelled() {
                return Err(());
            }
            let places = part * AT_ONCE..((part + 1) * AT_ONCE).min(count);
            let some: Vec<_> = places.clone().map(one).collect();
            let done = done.fetch_add(some.len(), Ordering::Relaxed) + some.len();
            if let Some(place) = found.lock().unwrap_or_else(PoisonError::into_inner).get_mut(places) {
                place.copy_from_slice(&some);
            }
            self.tell(done, count);
            Ok(())
        });
        match ended {
            Ok(()) => found.into_inner().unwrap_or_else(PoisonError::into_inner),
            Err(()) => Vec::new(),
        }
    }

    fn tell(&self, done: usize, total: usize) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() < PERIOD {
            return;
        }
        *told = Instant::now();
        let event = WallEvent::Searched { request: self.request, done, total };
        self.opening.shared.inbox.post(Event::Wall { generation: self.opening.generation, event });
    }
}

pub(super) fn order(opening: &Arc<Opening>, request: u64, catalogue: Arc<Catalogue>, basis: Basis) {
    opening.last_order.0.store(request, Ordering::SeqCst);
    let opening = Arc::clone(opening);
    tokio::task::spawn_blocking(move || {
        let is_last = || opening.last_order.is(request);
        // One at a time: orders that were requested in a row wait here and give up.
        let features = opening.comparison.features.blocking_lock();
        if !is_last() || opening.cancel.is_cancelled() {
            return;
        }
        let order = if basis.sort.key.compares_tags() {
            // A minute with a million regions: the comparison and the next order do not wait for it.
            let known = features.clone();
            drop(features);
            let search = Search { opening: &opening, request, told: Mutex::new(Instant::now()) };
            let each = |count, one: &(dyn Fn(usize) -> _ + Sync)| search.each(count, one);
            basis.order(&catalogue, Looks { features: &known, near: None, each: &each })
        } else {
            basis.order(&catalogue, Looks::of(&features))
        };
        let order = Arc::new(order);
        drop(catalogue);
        if is_last() {
            let event = WallEvent::Ordered { request, order };
            opening.shared.inbox.post(Event::Wall { generation: opening.generation, event });
        }
    });
}
