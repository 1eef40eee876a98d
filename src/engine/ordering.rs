//! Orders the regions for the wall, off the window's thread: a million take a good part of a second. Of several orders
//! asked for only the last one is reported.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::comparing::FeatureComparison;
use super::parallel;
use app::Event;
use app::wall::{Basis, WallEvent};
use domain::Catalogue;
use domain::wall::{Lookalike, Looks};

/// Regions between two looks at whether the order is still wanted.
const AT_ONCE: usize = 256;
/// Between two reports.
const PERIOD: Duration = Duration::from_millis(250);

/// An order for which every region is held against thousands of others.
struct Search<'a> {
    comparison: &'a FeatureComparison,
    request: u64,
    told: Mutex<Instant>,
}

impl Search<'_> {
    /// Does the work of many on several threads and tells how far it is, until another order is asked for.
    fn each(&self, count: usize, one: &(dyn Fn(usize) -> Option<Lookalike> + Sync)) -> Vec<Option<Lookalike>> {
        let (found, done) = (Mutex::new(vec![None; count]), AtomicUsize::new(0));
        let ended = parallel::each_behind(count.div_ceil(AT_ONCE), |part| {
            if !is_wanted(self.comparison, self.request) {
                return Err(());
            }
            let places = part * AT_ONCE..((part + 1) * AT_ONCE).min(count);
            let some: Vec<_> = places.clone().map(one).collect();
            let done = done.fetch_add(some.len(), Ordering::Relaxed) + some.len();
            if let Some(place) = found.lock().unwrap_or_else(PoisonError::into_inner).get_mut(places) {
                place.copy_from_slice(&some);
            }
            self.report(done, count);
            Ok(())
        });
        match ended {
            Ok(()) => found.into_inner().unwrap_or_else(PoisonError::into_inner),
            Err(()) => Vec::new(),
        }
    }

    fn report(&self, done: usize, total: usize) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() < PERIOD {
            return;
        }
        *told = Instant::now();
        let event = WallEvent::Searched { request: self.request, done, total };
        post(self.comparison, event);
    }
}

fn is_wanted(comparison: &FeatureComparison, request: u64) -> bool {
    comparison.last_order.load(Ordering::SeqCst) == request && !comparison.session.cancel.is_cancelled()
}

fn post(comparison: &FeatureComparison, event: WallEvent) {
    let session = &comparison.session;
    session.post(Event::Wall { generation: session.generation, event });
}

pub(super) fn order(comparison: &Arc<FeatureComparison>, request: u64, catalogue: Arc<Catalogue>, basis: Basis) {
    comparison.last_order.store(request, Ordering::SeqCst);
    let comparison = Arc::clone(comparison);
    tokio::task::spawn_blocking(move || {
        // One at a time: orders that were requested in a row wait here and give up.
        let features = comparison.features.blocking_lock();
        if !is_wanted(&comparison, request) {
            return;
        }
        let order = if basis.sort.key.compares_tags() {
            // A minute with a million regions: the comparison and the next order do not wait for it.
            let known = features.clone();
            drop(features);
            let search = Search { comparison: &comparison, request, told: Mutex::new(Instant::now()) };
            let each = |count, one: &(dyn Fn(usize) -> _ + Sync)| search.each(count, one);
            basis.order(&catalogue, Looks { features: &known, near: None, each: &each })
        } else {
            basis.order(&catalogue, Looks::of(&features))
        };
        let order = Arc::new(order);
        drop(catalogue);
        if is_wanted(&comparison, request) {
            post(&comparison, WallEvent::Ordered { request, order });
        }
    });
}
