//! What is under way for one opened project: everything in here ends when its token is canceled.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::blobs::{Blobs, Cache};
use super::comparing::Comparison;
use super::far::FarAccess;
use super::hashes::Hashes;
use super::inbox::Inbox;
use super::listing::Listing;
use super::ordering::LastOrder;
use super::originals::Originals;
use super::picture::Pictures;
use super::pool::Pool;
use super::thumbs::Thumbs;
use super::wanted::WantedSet;
use app::wall::CropRequest;
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

pub(super) struct Opening {
    pub(super) generation: u64,
    pub(super) shared: Arc<Shared>,
    pub(super) blobs: Blobs,
    pub(super) cancel: CancellationToken,
    stop_listing: Mutex<CancellationToken>,
    /// The listing; locked while it runs. An interrupted one stays, so that it can continue where it stopped.
    pub(super) listing: tokio::sync::Mutex<Option<Listing>>,
    pub(super) thumbs: Thumbs,
    pub(super) hashes: Arc<Hashes>,
    stop_predicting: Mutex<CancellationToken>,
    pub(super) pictures: Pictures,
    pub(super) crops: WantedSet<CropRequest>,
    pub(super) comparison: Comparison,
    pub(super) last_order: LastOrder,
}

impl Opening {
    pub(super) fn new(
        generation: u64,
        shared: Arc<Shared>,
        blobs: Blobs,
        hashes: Hashes,
        cancel: CancellationToken,
    ) -> Self {
        let stop_listing = Mutex::new(cancel.child_token());
        Self {
            generation,
            shared,
            blobs,
            stop_listing,
            listing: tokio::sync::Mutex::default(),
            thumbs: Thumbs::default(),
            hashes: Arc::new(hashes),
            stop_predicting: Mutex::new(cancel.child_token()),
            pictures: Pictures::default(),
            crops: WantedSet::default(),
            comparison: Comparison::default(),
            last_order: LastOrder::default(),
            cancel,
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
