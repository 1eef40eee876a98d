//! The bytes of pictures: from the disk cache, else from the source, a bounded number at once. An address whose
//! signature has expired is asked for again by id, many in one call, and tried once more.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use lru::LruCache;
use rustc_hash::FxHashSet;
use tokio::sync::Semaphore;

use super::inbox::Inbox;
use super::source::{Source, blocking};
use crate::app::{Event, Failure, FailureKind};
use crate::domain::{BlobKind, BlobUri, ImageId, ImageUris, IterationId, ProjectId};
use crate::pixels;
use crate::service::MAX_IDS_A_CALL;
use crate::storage::BlobCache;

/// Fresh addresses that are remembered, for wishes made with the old ones.
const FRESH_ADDRESSES: usize = 8_192;

/// The size of the cache is reported when it has grown by this much.
const SIZE_STEP: u64 = 1 << 20;

/// The disk cache with its size reported now and then.
#[derive(Clone)]
pub(super) struct Cache {
    pub(super) blobs: BlobCache,
    reported: Arc<AtomicU64>,
    inbox: Arc<Inbox>,
}

impl Cache {
    pub(super) fn new(blobs: BlobCache, inbox: Arc<Inbox>) -> Self {
        Self { blobs, reported: Arc::new(AtomicU64::new(u64::MAX)), inbox }
    }

    /// Reports the size if it is news.
    pub(super) fn report(&self, at_once: bool) {
        let bytes = self.blobs.byte_count();
        let before = self.reported.load(Ordering::Relaxed);
        if bytes != before && (at_once || before == u64::MAX || bytes.abs_diff(before) >= SIZE_STEP) {
            self.reported.store(bytes, Ordering::Relaxed);
            self.inbox.post(Event::CacheSize(bytes));
        }
    }

    pub(super) async fn get(&self, image: ImageId, kind: BlobKind, scope: ProjectId) -> Option<Bytes> {
        let blobs = self.blobs.clone();
        let read = tokio::task::spawn_blocking(move || blobs.get(image, kind, scope));
        read.await.ok().flatten().map(Bytes::from)
    }

    /// Keeps what is a picture; a proxy's page is not.
    pub(super) async fn put(&self, image: ImageId, kind: BlobKind, scope: ProjectId, bytes: Bytes) {
        if pixels::sniff(&bytes).is_none() {
            return;
        }
        let cache = self.clone();
        let write = tokio::task::spawn_blocking(move || {
            cache.blobs.put(image, kind, scope, &bytes);
            cache.report(false);
        });
        let _ = write.await;
    }
}

/// Where the pictures of one project come from.
pub(super) struct Blobs {
    pub(super) source: Source,
    pub(super) project: ProjectId,
    iteration: Option<IterationId>,
    /// The opening that is told of fresh addresses; `None`: nobody is.
    told: Option<(u64, Arc<Inbox>)>,
    /// `None`: pictures of this source are not kept on disk.
    pub(super) cache: Option<Cache>,
    pub(super) scope: ProjectId,
    /// Downloads at once; shared by everything that goes to the same host.
    downloads: Arc<Semaphore>,
    fresh: Mutex<LruCache<ImageId, Result<ImageUris, Failure>>>,
    expired: Mutex<FxHashSet<ImageId>>,
    /// Held while fresh addresses are asked for; meanwhile others gather in `expired`.
    refreshing: tokio::sync::Mutex<()>,
}

/// What a [`Blobs`] is made of.
pub(super) struct BlobsOf {
    pub(super) source: Source,
    pub(super) project: ProjectId,
    pub(super) iteration: Option<IterationId>,
    pub(super) told: Option<(u64, Arc<Inbox>)>,
    pub(super) cache: Option<Cache>,
    pub(super) scope: ProjectId,
    pub(super) downloads: Arc<Semaphore>,
}

impl Blobs {
    pub(super) fn new(parts: BlobsOf) -> Self {
        let BlobsOf { source, project, iteration, told, cache, scope, downloads } = parts;
        let capacity = NonZeroUsize::new(FRESH_ADDRESSES).unwrap_or(NonZeroUsize::MIN);
        Self {
            source,
            project,
            iteration,
            told,
            cache,
            scope,
            downloads,
            fresh: Mutex::new(LruCache::new(capacity)),
            expired: Mutex::default(),
            refreshing: tokio::sync::Mutex::default(),
        }
    }

    /// The bytes of a picture. `peers` are images whose addresses are likely as old, to be refreshed in the same call.
    pub(super) async fn bytes(
        &self,
        image: ImageId,
        kind: BlobKind,
        uri: Option<&BlobUri>,
        peers: impl FnOnce() -> Vec<ImageId>,
    ) -> Result<Bytes, Failure> {
        // An archive's pictures are on a disk already.
        let cache = self.cache.as_ref().filter(|_| !self.source.is_archive());
        if let Some(cache) = cache
            && let Some(bytes) = cache.get(image, kind, self.scope).await
        {
            return Ok(bytes);
        }
        let fresh = self.fresh_uri(image, kind);
        let uri = fresh.as_ref().or(uri);
        let bytes = match self.fetch(image, kind, uri).await {
            Err(failure) if failure.kind == FailureKind::Expired => {
                let uris = self.refresh(image, peers()).await?;
                self.fetch(image, kind, uris.get(kind)).await?
            }
            other => other?,
        };
        if let Some(cache) = cache {
            cache.put(image, kind, self.scope, bytes.clone()).await;
        }
        Ok(bytes)
    }

    async fn fetch(&self, image: ImageId, kind: BlobKind, uri: Option<&BlobUri>) -> Result<Bytes, Failure> {
        let _permit = self.downloads.acquire().await.map_err(|_| super::failure::cancelled())?;
        self.source.blob(self.project, image, kind, uri).await
    }

    fn fresh_uri(&self, image: ImageId, kind: BlobKind) -> Option<BlobUri> {
        match lock(&self.fresh).get(&image) {
            Some(Ok(uris)) => uris.get(kind).cloned(),
            _ => None,
        }
    }

    /// Fresh addresses of an image. The first to come asks for itself and the peers; those that come meanwhile are
    /// asked for together by the next.
    async fn refresh(&self, image: ImageId, peers: Vec<ImageId>) -> Result<ImageUris, Failure> {
        lock(&self.expired).insert(image);
        let _turn = self.refreshing.lock().await;
        // Without an outcome the one who asked for this image was cancelled meanwhile.
        let was_asked = !lock(&self.expired).contains(&image);
        if was_asked && let Some(outcome) = self.outcome(image) {
            return outcome;
        }
        let batch = self.batch(image, peers);
        let answer = self.source.images_by_ids(self.project, self.iteration, &batch).await;
        let mut fresh = lock(&self.fresh);
        match answer {
            Ok(page) => {
                for row in &page.rows {
                    fresh.put(row.id, Ok(row.uris.clone()));
                }
                if let Some((generation, inbox)) = self.told.as_ref().filter(|_| !page.rows.is_empty()) {
                    inbox.post(Event::Refreshed { generation: *generation, rows: page.rows });
                }
            }
            Err(failure) => {
                for image in batch {
                    fresh.put(image, Err(failure.clone()));
                }
            }
        }
        drop(fresh);
        self.outcome(image).unwrap_or_else(|| Err(Failure::bare(FailureKind::MissingPicture)))
    }

    fn batch(&self, image: ImageId, peers: Vec<ImageId>) -> Vec<ImageId> {
        let mut expired = lock(&self.expired);
        expired.remove(&image);
        let mut batch = vec![image];
        let waiting: Vec<_> = expired.iter().copied().take(MAX_IDS_A_CALL - 1).collect();
        for waiting in waiting {
            expired.remove(&waiting);
            batch.push(waiting);
        }
        let mut seen: FxHashSet<_> = batch.iter().copied().collect();
        let room = MAX_IDS_A_CALL - batch.len();
        batch.extend(peers.into_iter().filter(|peer| seen.insert(*peer)).take(room));
        batch
    }

    /// What came of the last question for an image; a failure is told once.
    fn outcome(&self, image: ImageId) -> Option<Result<ImageUris, Failure>> {
        let mut fresh = lock(&self.fresh);
        match fresh.get(&image) {
            Some(Ok(uris)) => Some(Ok(uris.clone())),
            Some(Err(_)) => fresh.pop(&image),
            None => None,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Empties the cache.
pub(super) async fn clear(cache: Cache) {
    let cleared = blocking(move || {
        cache.blobs.clear();
        cache.report(true);
        Ok(())
    });
    let _ = cleared.await;
}
