//! The bytes of pictures: from the disk cache, else from the source, a bounded number at once. An address whose
//! signature has expired, or is about to be refused by what it says of its own end, is requested again by id, many in
//! one call, and the download continues with the fresh one.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use lru::LruCache;
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::arrival::{Arrived, Came, Extent, whole_picture};
use super::inbox::Inbox;
use super::source::{Source, blocking, not_connected};
use super::{failure, waits};
use app::{Event, Failure, FailureKind};
use domain::{BlobKind, BlobUri, ImageId, ImageUris, IterationId, Page, ProjectId};
use service::{Client, MAX_IDS_A_CALL, PartialBlob, ServiceError, has_expired};
use storage::BlobCache;

/// Fresh addresses that are remembered, for requests made with the old ones.
const FRESH_ADDRESSES: usize = 8_192;

/// Fresh addresses for one download. Each lives for a day; more than a few in a row are refused for another reason.
const MOST_REFRESHES: u32 = 4;

/// The size of the cache is reported when it has grown by this much.
const SIZE_STEP: u64 = 1 << 20;

/// The disk cache with its size reported now and then.
#[derive(Clone)]
pub(super) struct Cache {
    pub(super) blobs: BlobCache,
    reported: Arc<AtomicU64>,
    /// Whether it was reported that new pictures are not kept.
    has_reported_problem: Arc<AtomicBool>,
    inbox: Arc<Inbox>,
}

impl Cache {
    pub(super) fn new(blobs: BlobCache, inbox: Arc<Inbox>) -> Self {
        Self { blobs, reported: Arc::new(AtomicU64::new(u64::MAX)), has_reported_problem: Arc::default(), inbox }
    }

    /// Reports the size, and whether it can be written, if it is news.
    pub(super) fn report(&self, at_once: bool) {
        let problem = self.blobs.problem();
        if self.has_reported_problem.swap(problem.is_some(), Ordering::Relaxed) != problem.is_some() {
            self.inbox.post(Event::CacheProblem(problem));
        }
        let bytes = self.blobs.byte_count();
        let before = self.reported.load(Ordering::Relaxed);
        if bytes != before && (at_once || before == u64::MAX || bytes.abs_diff(before) >= SIZE_STEP) {
            self.reported.store(bytes, Ordering::Relaxed);
            self.inbox.post(Event::CacheSize(bytes));
        }
    }

    pub(super) async fn get(&self, image: ImageId, kind: BlobKind, scope: ProjectId) -> Option<Bytes> {
        let cache = self.clone();
        let read = tokio::task::spawn_blocking(move || cache.read(image, kind, scope));
        read.await.ok().flatten()
    }

    /// Blocks.
    pub(super) fn read(&self, image: ImageId, kind: BlobKind, scope: ProjectId) -> Option<Bytes> {
        let began = Instant::now();
        let found = self.blobs.get(image, kind, scope).filter(|bytes| match pixels::check_whole(bytes) {
            Ok(_) => true,
            Err(_) => {
                tracing::warn!(%image, ?kind, "an incomplete picture was removed from the cache");
                self.blobs.remove(image, kind, scope);
                false
            }
        });
        let (us, bytes) = (began.elapsed().as_micros() as u64, found.as_ref().map_or(0, Bytes::len) as u64);
        tracing::trace!(name: "read from the disk cache", target: "tagscope::trace", us, bytes, has = found.is_some());
        found
    }

    /// Keeps a picture that is known to be whole.
    pub(super) async fn put(&self, image: ImageId, kind: BlobKind, scope: ProjectId, bytes: Bytes) {
        let cache = self.clone();
        let write = tokio::task::spawn_blocking(move || {
            cache.blobs.put(image, kind, scope, &bytes);
            cache.report(false);
        });
        let _ = write.await;
    }
}

#[derive(Clone)]
pub(super) enum CacheUse {
    Off,
    /// Originals that are there are taken from it, none is added. The smaller kinds of a stand-in service may not be
    /// what the real one has.
    ReadOriginals(Cache),
    Full(Cache),
}

pub(super) struct Blobs {
    pub(super) source: Source,
    pub(super) project: ProjectId,
    iteration: Option<IterationId>,
    /// The session that gets fresh addresses; `None`: nobody does.
    told: Option<(u64, Arc<Inbox>)>,
    cache: CacheUse,
    pub(super) scope: ProjectId,
    /// Downloads at once; shared by everything that goes to the same host.
    downloads: Arc<Semaphore>,
    fresh: Mutex<LruCache<ImageId, Fresh>>,
    /// Images that wait for fresh addresses, with the number of their last ones.
    expired: Mutex<FxHashMap<ImageId, u64>>,
    /// Held while fresh addresses are requested; meanwhile others gather in `expired`.
    refreshing: tokio::sync::Mutex<()>,
    /// How often fresh addresses came: the number of the latest ones. Those of the listing are number 0.
    batches: AtomicU64,
    /// Whether the ends that addresses tell can be compared with the clock of this computer.
    is_clock_right: AtomicBool,
}

/// What came of asking for the addresses of an image.
struct Fresh {
    uris: Result<ImageUris, Failure>,
    batch: u64,
}

/// An address, and with which answer it came.
struct Address {
    uri: Option<BlobUri>,
    batch: u64,
}

pub(super) struct BlobsOf {
    pub(super) source: Source,
    pub(super) project: ProjectId,
    pub(super) iteration: Option<IterationId>,
    pub(super) told: Option<(u64, Arc<Inbox>)>,
    pub(super) cache: CacheUse,
    pub(super) scope: ProjectId,
    pub(super) downloads: Arc<Semaphore>,
}

impl Blobs {
    pub(super) fn new(parts: BlobsOf) -> Self {
        let BlobsOf { mut source, project, iteration, told, cache, scope, downloads } = parts;
        let capacity = NonZeroUsize::new(FRESH_ADDRESSES).unwrap_or(NonZeroUsize::MIN);
        if let (Source::Service(client), Some((generation, inbox))) = (&source, &told) {
            let (generation, inbox) = (*generation, Arc::clone(inbox));
            let tell = move |words| inbox.post(Event::Waiting { generation, words });
            source = Source::Service(client.with_observer(waits::observer(tell)));
        }
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
            batches: AtomicU64::new(0),
            is_clock_right: AtomicBool::new(true),
        }
    }

    /// The cache in which pictures are kept that are made from originals.
    pub(super) fn cache(&self) -> Option<&Cache> {
        match &self.cache {
            CacheUse::Full(cache) => Some(cache),
            CacheUse::Off | CacheUse::ReadOriginals(_) => None,
        }
    }

    /// The bytes of a picture, to be shown as far as they are one. `peers` are images to be refreshed in the same call.
    pub(super) async fn bytes(
        &self,
        image: ImageId,
        kind: BlobKind,
        uri: Option<&BlobUri>,
        peers: impl Fn() -> Vec<ImageId>,
    ) -> Result<Bytes, Failure> {
        if self.source.is_archive() {
            // An archive's pictures are on a disk already, or come through the cache by themselves.
            let _permit = self.permit().await?;
            let bytes = self.source.blob(self.project, image, kind, uri).await;
            if let Some(cache) = self.cache().filter(|_| !self.source.has_pictures_here()) {
                cache.report(false);
            }
            return bytes;
        }
        Ok(self.arrived(image, kind, uri, peers).await?.bytes)
    }

    /// A picture of a service, and how much of it has arrived.
    pub(super) async fn arrived(
        &self,
        image: ImageId,
        kind: BlobKind,
        uri: Option<&BlobUri>,
        peers: impl Fn() -> Vec<ImageId>,
    ) -> Result<Arrived, Failure> {
        let readable = match &self.cache {
            CacheUse::Full(cache) => Some(cache),
            CacheUse::ReadOriginals(cache) if kind == BlobKind::Original => Some(cache),
            CacheUse::ReadOriginals(_) | CacheUse::Off => None,
        };
        if let Some(cache) = readable
            && let Some(bytes) = cache.get(image, kind, self.scope).await
        {
            return Ok(Arrived { bytes, extent: Extent::Whole });
        }
        let Source::Service(client) = &self.source else { return Err(not_connected()) };
        let began = Instant::now();
        let first = self.download(client, image, kind, uri, &peers, PartialBlob::default()).await?;
        let us = began.elapsed().as_micros() as u64;
        tracing::trace!(name: "download", target: "tagscope::trace", us, bytes = first.bytes.len() as u64);
        let again = self.download(client, image, kind, uri, &peers, PartialBlob::past_caches());
        let arrived = whole_picture(first, again).await?;
        if let (Some(cache), Extent::Whole | Extent::WithoutEndMarker) = (self.cache(), &arrived.extent) {
            cache.put(image, kind, self.scope, arrived.bytes.clone()).await;
        }
        Ok(arrived)
    }

    async fn permit(&self) -> Result<SemaphorePermit<'_>, Failure> {
        self.downloads.acquire().await.map_err(|_| failure::canceled())
    }

    /// Downloads, with a fresh address as often as one ends on the way, as it may for a large picture over a bad line.
    async fn download(
        &self,
        client: &Client,
        image: ImageId,
        kind: BlobKind,
        listed: Option<&BlobUri>,
        peers: &impl Fn() -> Vec<ImageId>,
        mut partial: PartialBlob,
    ) -> Result<Came, Failure> {
        // Kept while a fresh address is requested: who goes to the back of the queue might find it expired again.
        let _permit = self.permit().await?;
        let mut address = self.address(image, kind, listed);
        let mut refreshes = 0;
        loop {
            let uri = address.uri.as_ref().ok_or_else(|| Failure::bare(FailureKind::MissingPicture))?;
            let is_last = refreshes == MOST_REFRESHES;
            let is_of_last_visit = address.batch == 0 && uri.is_unsigned();
            let result = if !is_last && (is_of_last_visit || self.is_surely_refused(uri)) {
                Err(ServiceError::Expired)
            } else {
                client.resume_blob(self.project, uri, &mut partial).await
            };
            match result {
                Err(ServiceError::Expired) if !is_last => {
                    refreshes += 1;
                    address = self.refresh(image, kind, address.batch, peers).await?;
                }
                // Not its age, then.
                Err(ServiceError::Expired) => {
                    return Err(Failure::bare(FailureKind::StoreRefused { status: 403, code: String::new() }));
                }
                Err(error) => return Err(failure::from_service(&error)),
                Ok(bytes) => return Ok(Came { bytes, is_refuted: partial.contradicts_checksum() }),
            }
        }
    }

    fn is_surely_refused(&self, uri: &BlobUri) -> bool {
        self.is_clock_right.load(Ordering::Relaxed) && has_expired(uri, SystemTime::now())
    }

    /// The latest address of a picture.
    fn address(&self, image: ImageId, kind: BlobKind, listed: Option<&BlobUri>) -> Address {
        match lock(&self.fresh).get(&image) {
            Some(Fresh { uris: Ok(uris), batch }) => Address { uri: uris.get(kind).cloned(), batch: *batch },
            _ => Address { uri: listed.cloned(), batch: 0 },
        }
    }

    /// An address that is later than number `old`. The first to come asks for itself and the peers; those that come
    /// meanwhile are requested together by the next.
    async fn refresh(
        &self,
        image: ImageId,
        kind: BlobKind,
        old: u64,
        peers: &impl Fn() -> Vec<ImageId>,
    ) -> Result<Address, Failure> {
        lock(&self.expired).insert(image, old);
        let _turn = self.refreshing.lock().await;
        if let Some(outcome) = self.outcome(image, kind, old) {
            lock(&self.expired).remove(&image);
            return outcome;
        }
        let mut question = self.question(image, old, peers());
        let answer = self.source.images_by_ids(self.project, self.iteration, &question.images).await;
        self.note_answer(answer, std::mem::take(&mut question.waiting));
        self.outcome(image, kind, old).unwrap_or_else(|| Err(Failure::bare(FailureKind::MissingPicture)))
    }

    /// What to ask for: the image, those that wait, and the peers whose addresses are no later.
    fn question(&self, image: ImageId, old: u64, peers: Vec<ImageId>) -> Question<'_> {
        let mut expired = lock(&self.expired);
        expired.remove(&image);
        let mut waiting = vec![(image, old)];
        waiting.extend(expired.iter().map(|(&image, &old)| (image, old)).take(MAX_IDS_A_CALL - 1));
        for (image, _) in &waiting {
            expired.remove(image);
        }
        drop(expired);
        let mut images: Vec<_> = waiting.iter().map(|&(image, _)| image).collect();
        let mut seen: FxHashSet<_> = images.iter().copied().collect();
        let room = MAX_IDS_A_CALL - images.len();
        let fresh = lock(&self.fresh);
        let is_as_old = |peer: &ImageId| fresh.peek(peer).is_none_or(|fresh| fresh.batch <= old);
        images.extend(peers.into_iter().filter(|peer| is_as_old(peer) && seen.insert(*peer)).take(room));
        Question { blobs: self, images, waiting }
    }

    /// Notes an answer, for all that `waiting` waits for.
    fn note_answer(&self, answer: Result<Page, Failure>, waiting: Vec<(ImageId, u64)>) {
        let batch = self.batches.fetch_add(1, Ordering::Relaxed) + 1;
        let mut fresh = lock(&self.fresh);
        let failure = match answer {
            Ok(page) => {
                for row in &page.rows {
                    self.check_clock(&row.uris);
                    fresh.put(row.id, Fresh { uris: Ok(row.uris.clone()), batch });
                }
                if let Some((generation, inbox)) = self.told.as_ref().filter(|_| !page.rows.is_empty()) {
                    inbox.post(Event::Refreshed { generation: *generation, rows: page.rows });
                }
                // The service no longer knows those that it did not answer with.
                Failure::bare(FailureKind::MissingPicture)
            }
            Err(failure) => failure,
        };
        for (image, _) in waiting {
            if fresh.peek(&image).is_none_or(|fresh| fresh.batch != batch) {
                fresh.put(image, Fresh { uris: Err(failure.clone()), batch });
            }
        }
    }

    /// An address that has ended when it comes shows that the clocks differ: from then on only the blob store knows.
    fn check_clock(&self, uris: &ImageUris) {
        let has_ended = |uri: &Option<BlobUri>| uri.as_ref().is_some_and(|uri| has_expired(uri, SystemTime::now()));
        if has_ended(&uris.thumbnail) || has_ended(&uris.resized) || has_ended(&uris.original) {
            self.is_clock_right.store(false, Ordering::Relaxed);
        }
    }

    /// What came of a question later than number `old`; a failure is reported once.
    fn outcome(&self, image: ImageId, kind: BlobKind, old: u64) -> Option<Result<Address, Failure>> {
        let mut all = lock(&self.fresh);
        let Fresh { uris, batch } = all.get(&image).filter(|fresh| fresh.batch > old)?;
        match uris {
            Ok(uris) => Some(Ok(Address { uri: uris.get(kind).cloned(), batch: *batch })),
            Err(failure) => {
                let failure = failure.clone();
                all.pop(&image);
                Some(Err(failure))
            }
        }
    }
}

/// A question under way. When who asks it leaves, those it was asked for wait again.
struct Question<'a> {
    blobs: &'a Blobs,
    images: Vec<ImageId>,
    waiting: Vec<(ImageId, u64)>,
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        // The first is the one who leaves.
        lock(&self.blobs.expired).extend(self.waiting.drain(..).skip(1));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) async fn clear(cache: Cache) {
    let cleared = blocking(move || {
        cache.blobs.clear();
        cache.report(true);
        Ok(())
    });
    let _ = cleared.await;
}
