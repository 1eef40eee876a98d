//! What is counted while the endpoint runs.

use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) service: AtomicU64,
    pub(super) refused_keys: AtomicU64,
    pub(super) by_ids: AtomicU64,
    pub(super) blobs: AtomicU64,
    pub(super) blobs_with_key: AtomicU64,
    pub(super) refused_signatures: AtomicU64,
    pub(super) elsewhere: AtomicU64,
    pub(super) elsewhere_with_key: AtomicU64,
    pub(super) faults: AtomicU64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// On the service's port, refused ones included.
    pub service_requests: u64,
    /// Of these, with a missing or wrong key.
    pub refused_keys: u64,
    /// Of these, for images by their ids: what asks for fresh addresses.
    pub by_id_requests: u64,
    /// On the blob store's port, refused ones included.
    pub blob_requests: u64,
    /// Of these, with the key anywhere in them, or any `Training-Key` header: must be 0, the key belongs to the service alone.
    pub blob_requests_with_key: u64,
    /// Of these, with a wrong or expired signature.
    pub refused_signatures: u64,
    /// On the other origin, where redirects lead: must be 0, because none is followed.
    pub elsewhere_requests: u64,
    /// Of these, with the key.
    pub elsewhere_requests_with_key: u64,
    /// Faults shown: answers and pictures that were replaced, changed or broken. Paces and waits do not count.
    pub faults: u64,
}

impl Counters {
    pub(super) fn stats(&self) -> Stats {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            service_requests: count(&self.service),
            refused_keys: count(&self.refused_keys),
            by_id_requests: count(&self.by_ids),
            blob_requests: count(&self.blobs),
            blob_requests_with_key: count(&self.blobs_with_key),
            refused_signatures: count(&self.refused_signatures),
            elsewhere_requests: count(&self.elsewhere),
            elsewhere_requests_with_key: count(&self.elsewhere_with_key),
            faults: count(&self.faults),
        }
    }
}
