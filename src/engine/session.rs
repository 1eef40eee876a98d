//! What the work for one opened project needs, whatever it is: the engine's shared parts, and where the project's pictures are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::blobs::{Blobs, Cache};
use super::far::FarAccess;
use super::hashes::Hashes;
use super::inbox::Inbox;
use super::originals::Originals;
use super::pool::Pool;
use app::Event;
use pixels::Limits;
use storage::Snapshots;

/// What all jobs of the engine share.
pub(super) struct Shared {
    pub(super) inbox: Arc<Inbox>,
    pub(super) pool: Pool,
    /// A thread for whole originals, which take longest: thumbnails, neighbors and tiles never wait for one.
    pub(super) large: Pool,
    pub(super) cache: Option<Cache>,
    pub(super) limits: Limits,
    pub(super) originals: Originals,
    /// The lists of the last visit; `None`: none are kept.
    pub(super) snapshots: Option<Snapshots>,
    /// How archives in stores are opened.
    pub(super) far: FarAccess,
    /// Counts sets of requests, so that newer ones are decoded first.
    epoch: AtomicU64,
}

impl Shared {
    pub(super) fn new(
        inbox: Arc<Inbox>,
        [pool, large]: [Pool; 2],
        cache: Option<Cache>,
        limits: Limits,
        originals: Originals,
        snapshots: Option<Snapshots>,
        far: FarAccess,
    ) -> Self {
        Self { inbox, pool, large, cache, limits, originals, snapshots, far, epoch: AtomicU64::new(0) }
    }

    pub(super) fn next_epoch(&self) -> u64 {
        self.epoch.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// What all work for one opened project has in common; all of it ends when the token is canceled.
pub(super) struct ProjectSession {
    pub(super) generation: u64,
    pub(super) shared: Arc<Shared>,
    pub(super) blobs: Blobs,
    pub(super) cancel: CancellationToken,
    pub(super) hashes: Arc<Hashes>,
    stop_listing: Mutex<CancellationToken>,
    stop_predicting: Mutex<CancellationToken>,
}

impl ProjectSession {
    pub(super) fn new(
        generation: u64,
        shared: Arc<Shared>,
        blobs: Blobs,
        hashes: Hashes,
        cancel: CancellationToken,
    ) -> Self {
        let stop_listing = Mutex::new(cancel.child_token());
        let stop_predicting = Mutex::new(cancel.child_token());
        Self { generation, shared, blobs, cancel, hashes: Arc::new(hashes), stop_listing, stop_predicting }
    }

    /// Reports an event, unless the project was closed meanwhile.
    pub(super) fn post(&self, event: Event) {
        if !self.cancel.is_cancelled() {
            self.shared.inbox.post(event);
        }
    }

    pub(super) fn begin_listing(&self) -> CancellationToken {
        let stop = self.cancel.child_token();
        *self.stop_listing.lock().unwrap_or_else(PoisonError::into_inner) = stop.clone();
        stop
    }

    /// The token of a set of predictions that begins to be read; the one before is given up.
    pub(super) fn begin_predicting(&self) -> CancellationToken {
        let stop = self.cancel.child_token();
        let mut current = self.stop_predicting.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, stop.clone()).cancel();
        stop
    }

    pub(super) fn stop_listing(&self) {
        self.stop_listing.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }
}
