//! Orders the regions for the wall, off the window's thread: a million take a good part of a second. Of several orders
//! asked for only the last one is reported.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::opening::Opening;
use app::Event;
use app::wall::{Basis, WallEvent};
use domain::Catalogue;

/// The number of the last order asked for.
#[derive(Default)]
pub(super) struct LastOrder(AtomicU64);

/// Makes an order on a thread that may take its time.
pub(super) fn order(opening: &Arc<Opening>, request: u64, catalogue: Arc<Catalogue>, basis: Basis) {
    opening.last_order.0.store(request, Ordering::SeqCst);
    let opening = Arc::clone(opening);
    tokio::task::spawn_blocking(move || {
        let is_last = || opening.last_order.0.load(Ordering::SeqCst) == request;
        // One at a time: orders that were requested in a row wait here and give up.
        let features = opening.comparison.features.blocking_lock();
        if !is_last() || opening.cancel.is_cancelled() {
            return;
        }
        let order = Arc::new(basis.order(&catalogue, &features));
        drop(features);
        drop(catalogue);
        if is_last() {
            let event = WallEvent::Ordered { request, order };
            opening.shared.inbox.post(Event::Wall { generation: opening.generation, event });
        }
    });
}
