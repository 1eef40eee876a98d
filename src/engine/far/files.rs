//! Brings the files of an archive from an object store: lists into the mirror, pictures through the disk cache. Each is
//! compared with the manifest, by size and hash, before anybody sees it; a list of images that differs is seen as it is, and the
//! archive says so.
//!
//! It has a thread and a runtime of its own, so that a reader on a thread that may block can wait for it,
//! wherever that thread belongs to.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::error::FarError;
use domain::{ObjectAddress, ProjectId, StoreTrouble};
use remote::{PIECE, RemoteError, Store};
use storage::archive::{FarFiles, FarPicture, IMAGES_FILE, Reading, UNTAGGED_FILE};
use storage::regular::PICTURE_LIMIT;
use storage::staging::facts_of;
use storage::{BlobCache, FileFacts, Mirror, MirrorFile, StorageError};

/// Pictures under way at once.
const DOWNLOADS: usize = 8;
/// No list and no model is larger.
const LIST_LIMIT: u64 = 8 << 30;
/// For so long after the network was lost for good, nothing is requested again: a thousand pictures would each wait as long.
const LOST_FOR: Duration = Duration::from_secs(3);
/// Files that the runtime reads and writes at once.
const BLOCKING_THREADS: usize = 8;

/// Is called with how many bytes of lists have arrived, and of how many.
pub type FarProgress = Arc<dyn Fn(u64, u64) + Send + Sync>;

pub(crate) struct StoreFiles {
    pub(super) shared: Arc<Shared>,
    pub(super) runtime: OwnRuntime,
    /// Held while a list is brought; the names of those that were.
    bringing: Mutex<BTreeSet<String>>,
}

pub(super) struct Shared {
    pub(super) store: Store,
    /// `None`: nothing is kept of what is there.
    pub(super) mirror: Option<Mirror>,
    pub(super) blobs: Option<BlobCache>,
    /// Under which project the pictures are in the cache: one of its own for each state of the archive.
    pub(super) scope: ProjectId,
    pub(super) progress: Option<FarProgress>,
    pub(super) cancel: CancellationToken,
    downloads: Semaphore,
    lost: Mutex<Option<(Instant, RemoteError)>>,
}

impl fmt::Debug for StoreFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreFiles({})", self.shared.store.address())
    }
}

/// A runtime that ends by itself, wherever it is dropped.
pub(super) struct OwnRuntime(Option<Runtime>);

impl OwnRuntime {
    pub(super) fn start() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("store")
            .enable_io()
            .enable_time()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    fn handle(&self) -> Option<Handle> {
        self.0.as_ref().map(|runtime| runtime.handle().clone())
    }

    /// Waits for work on a thread that may block; `None` when it ended without a result.
    pub(super) fn waited<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (out, came) = std::sync::mpsc::sync_channel(1);
        drop(self.handle()?.spawn(async move {
            // Nobody may wait any more.
            let _ = out.send(work.await);
        }));
        came.recv().ok()
    }

    /// The same until it is canceled.
    pub(super) fn until<T: Send + 'static>(
        &self,
        cancel: &CancellationToken,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let cancel = cancel.clone();
        let done = self.waited(async move {
            tokio::select! {
                biased;
                () = cancel.cancelled() => None,
                done = work => Some(done),
            }
        });
        done.flatten()
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    pub(super) fn new(
        store: Store,
        mirror: Option<Mirror>,
        blobs: Option<BlobCache>,
        scope: ProjectId,
        progress: Option<FarProgress>,
        cancel: CancellationToken,
    ) -> Self {
        let downloads = Semaphore::new(DOWNLOADS);
        Self { store, mirror, blobs, scope, progress, cancel, downloads, lost: Mutex::default() }
    }

    /// Fails at once for a while after the network was lost.
    fn check_lost(&self) -> Result<(), FarError> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        match &*lost {
            Some((at, error)) if at.elapsed() < LOST_FOR => Err(error.clone().into()),
            _ => Ok(()),
        }
    }

    /// What a failed request means for an object that should have so many bytes.
    pub(super) async fn meaning(&self, error: RemoteError, name: &str, expected: u64) -> FarError {
        match &error {
            RemoteError::Network { .. } => {
                *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), error.clone()));
            }
            RemoteError::Store {
                trouble: StoreTrouble::NotUnderstood { .. } | StoreTrouble::Refused { .. }, ..
            } => {
                if let Ok(Some(entry)) = self.store.entry(name).await
                    && entry.bytes != expected
                {
                    return self.other_size(name, entry.bytes, expected);
                }
            }
            RemoteError::Store { .. } => {}
        }
        error.into()
    }

    fn other_size(&self, name: &str, found: u64, expected: u64) -> FarError {
        self.damaged(name, format!("it has {found} bytes, but the manifest says {expected}"))
    }

    fn damaged(&self, name: &str, reason: impl Into<String>) -> FarError {
        FarError::Damaged { place: self.place_of(name), reason: reason.into() }
    }

    fn place_of(&self, name: &str) -> ObjectAddress {
        self.store.address().join(name)
    }

    /// The message about an object that differs from the manifest.
    pub(super) fn differs(&self, name: &str, found: &FileFacts, expected: &FileFacts) -> FarError {
        match found.bytes == expected.bytes {
            true => self.damaged(name, "its content has changed since it was archived (SHA-256)"),
            false => self.other_size(name, found.bytes, expected.bytes),
        }
    }

    /// A whole object, as the manifest has it.
    pub(super) async fn object(&self, name: &str, facts: &FileFacts) -> Result<Bytes, FarError> {
        if facts.bytes > PICTURE_LIMIT {
            return Err(self.damaged(name, format!("{} bytes are too many for a picture", facts.bytes)));
        }
        self.check_lost()?;
        let mut whole = Vec::with_capacity(usize::try_from(facts.bytes.min(PIECE)).unwrap_or(0));
        let mut pieces = std::pin::pin!(self.store.pieces(name, facts.bytes, None));
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) if whole.is_empty() && piece.len() as u64 == facts.bytes => {
                    return self.checked(name, piece, facts);
                }
                Ok(piece) => whole.extend_from_slice(&piece),
                Err(error) => return Err(self.meaning(error, name, facts.bytes).await),
            }
        }
        self.checked(name, whole.into(), facts)
    }

    fn checked(&self, name: &str, bytes: Bytes, facts: &FileFacts) -> Result<Bytes, FarError> {
        let found = facts_of(&bytes);
        if found == *facts { Ok(bytes) } else { Err(self.differs(name, &found, facts)) }
    }

    /// A picture from the disk cache, where it was put when its hash had been compared.
    async fn kept(&self, wanted: &FarPicture) -> Option<Bytes> {
        let (blobs, scope, image, kind) = (self.blobs.clone()?, self.scope, wanted.image, wanted.kind);
        let read = tokio::task::spawn_blocking(move || blobs.get(image, kind, scope));
        read.await.ok().flatten().filter(|bytes| bytes.len() as u64 == wanted.facts.bytes)
    }

    async fn picture(&self, wanted: FarPicture, keeps: bool) -> Result<Bytes, FarError> {
        if let Some(bytes) = self.kept(&wanted).await {
            return Ok(bytes);
        }
        let _permit = self.downloads.acquire().await.map_err(|_| FarError::Canceled)?;
        let bytes = self.object(&wanted.name, &wanted.facts).await?;
        if let Some(blobs) = self.blobs.clone().filter(|_| keeps) {
            let (scope, kept) = (self.scope, bytes.clone());
            let put = tokio::task::spawn_blocking(move || blobs.put(wanted.image, wanted.kind, scope, &kept));
            let _ = put.await;
        }
        Ok(bytes)
    }

    async fn head(&self, wanted: FarPicture, most: u64) -> Result<Bytes, FarError> {
        if let Some(bytes) = self.kept(&wanted).await {
            return Ok(bytes.slice(..bytes.len().min(usize::try_from(most).unwrap_or(usize::MAX))));
        }
        let _permit = self.downloads.acquire().await.map_err(|_| FarError::Canceled)?;
        self.check_lost()?;
        let read = self.store.read(&wanted.name, 0..most.min(wanted.facts.bytes), None).await;
        match read {
            Ok(bytes) => Ok(bytes),
            Err(error) => Err(self.meaning(error, &wanted.name, wanted.facts.bytes).await),
        }
    }

    fn begin(&self, name: &str) -> Result<MirrorFile, FarError> {
        match &self.mirror {
            Some(mirror) => Ok(mirror.create(name)?),
            None => Err(self.damaged(name, "it is of no archive")),
        }
    }

    /// A list or a model, as the manifest has it. A list of images that was changed comes as it is, like one on this computer:
    /// the archive says then that it differs from its manifest.
    async fn list(&self, name: &str, facts: &FileFacts) -> Result<(), FarError> {
        match self.exact(name, facts).await {
            Err(FarError::Damaged { .. }) if name.ends_with(IMAGES_FILE) || name.ends_with(UNTAGGED_FILE) => {
                let Some(entry) = self.store.entry(name).await? else {
                    return Err(RemoteError::no_object(&self.place_of(name)).into());
                };
                let mut file = self.begin(name)?;
                self.gather(name, entry.bytes, entry.tag.as_deref(), &mut file).await?;
                Ok(file.keep()?)
            }
            done => done,
        }
    }

    async fn exact(&self, name: &str, facts: &FileFacts) -> Result<(), FarError> {
        let mut file = self.begin(name)?;
        self.gather(name, facts.bytes, None, &mut file).await?;
        file.finish(facts)?.map_err(|found| self.differs(name, &found, facts))
    }

    /// Brings so many bytes of an object into a file.
    async fn gather(&self, name: &str, bytes: u64, tag: Option<&str>, file: &mut MirrorFile) -> Result<(), FarError> {
        if bytes > LIST_LIMIT {
            return Err(self.damaged(name, format!("{bytes} bytes are too many for a list")));
        }
        self.check_lost()?;
        let mut pieces = std::pin::pin!(self.store.pieces(name, bytes, tag));
        let mut came = 0;
        loop {
            let next = tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(FarError::Canceled),
                next = pieces.try_next() => next,
            };
            match next {
                Ok(Some(piece)) => {
                    file.add(&piece)?;
                    came += piece.len() as u64;
                    if let Some(progress) = &self.progress {
                        progress(came, bytes);
                    }
                }
                Ok(None) => return Ok(()),
                Err(error) => return Err(self.meaning(error, name, bytes).await),
            }
        }
    }

    fn has(&self, name: &str) -> bool {
        self.mirror.as_ref().is_some_and(|mirror| mirror.has(name))
    }
}

impl StoreFiles {
    pub(super) fn new(shared: Shared, runtime: OwnRuntime) -> Self {
        Self { shared: Arc::new(shared), runtime, bringing: Mutex::default() }
    }

    /// Starts work on the store's own runtime; `false` when it has ended.
    pub(super) fn start(&self, work: impl Future<Output = ()> + Send + 'static) -> bool {
        self.runtime.handle().map(|handle| drop(handle.spawn(work))).is_some()
    }

    /// Takes a list away that changed since an earlier opening brought it. `false`: it came just now, so it is so in the store.
    pub(super) fn forget(&self, name: &str) -> bool {
        let has_come = self.bringing.lock().unwrap_or_else(PoisonError::into_inner).contains(name);
        if !has_come && let Some(mirror) = &self.shared.mirror {
            mirror.forget(name);
        }
        !has_come
    }

    /// Does work on the store's own runtime. Dropping it stops it.
    fn on_own<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, FarError>> + Send + 'static,
    ) -> impl Future<Output = Result<T, StorageError>> + Send + 'static {
        let handle = self.runtime.handle();
        async move {
            let Some(handle) = handle else { return Err(FarError::Canceled.into()) };
            let done = AbortOnDropHandle::new(handle.spawn(work)).await;
            done.unwrap_or(Err(FarError::Canceled)).map_err(StorageError::from)
        }
    }

    /// Waits for work on a thread that may block.
    fn waited<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StorageError>> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.runtime.waited(work).unwrap_or_else(|| Err(FarError::Canceled.into()))
    }
}

impl FarFiles for StoreFiles {
    fn place(&self) -> String {
        self.shared.store.address().to_string()
    }

    fn bring(&self, name: &str, facts: &FileFacts) -> Result<(), StorageError> {
        if self.shared.has(name) {
            return Ok(());
        }
        let mut come = self.bringing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.shared.has(name) {
            return Ok(());
        }
        come.insert(name.to_owned());
        let (shared, name, facts) = (Arc::clone(&self.shared), name.to_owned(), facts.clone());
        self.waited(self.on_own(async move { shared.list(&name, &facts).await }))
    }

    fn picture(&self, wanted: FarPicture, keeps: bool) -> Reading {
        let shared = Arc::clone(&self.shared);
        Box::pin(self.on_own(async move { shared.picture(wanted, keeps).await }))
    }

    fn head(&self, wanted: FarPicture, most: u64) -> Reading {
        let shared = Arc::clone(&self.shared);
        Box::pin(self.on_own(async move { shared.head(wanted, most).await }))
    }

    fn wait(&self, reading: Reading) -> Result<Bytes, StorageError> {
        self.waited(reading)
    }

    fn has(&self, wanted: &FarPicture) -> bool {
        let blobs = self.shared.blobs.as_ref();
        blobs.is_some_and(|blobs| blobs.contains(wanted.image, wanted.kind, self.shared.scope))
    }
}
