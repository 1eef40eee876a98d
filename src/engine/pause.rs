//! Long jobs that can be paused.

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Waits while `pause` holds `true` and the job is not canceled.
pub(super) async fn rest(pause: Option<&watch::Receiver<bool>>, cancel: &CancellationToken) {
    let Some(mut pause) = pause.cloned() else { return };
    tokio::select! {
        // The sender that could wake it is gone, so nothing pauses it any more.
        _ = pause.wait_for(|is_paused| !is_paused) => {}
        () = cancel.cancelled() => {}
    }
}

/// The same on a thread of the runtime that may wait.
pub(super) fn rest_blocking(pause: Option<&watch::Receiver<bool>>, cancel: &CancellationToken) {
    if pause.is_some_and(|pause| *pause.borrow()) {
        tokio::runtime::Handle::current().block_on(rest(pause, cancel));
    }
}
