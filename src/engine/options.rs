//! How the engine works: where things are kept, and the bounds.

use std::path::PathBuf;
use std::sync::Arc;

use pixels::Limits;
use remote::StoreOptions;
use service::ClientOptions;
#[cfg(any(test, feature = "testing"))]
use storage::journal::WriteDelay;
use storage::{Paths, Vault};

#[derive(Clone)]
pub struct EngineOptions {
    pub vault: Arc<dyn Vault>,
    pub settings_file: PathBuf,
    pub cache_dir: Option<PathBuf>,
    pub cache_bytes: u64,
    pub snapshots_dir: Option<PathBuf>,
    /// Bound in bytes of all these lists.
    pub snapshot_bytes: u64,
    /// Where the lists of archives in object stores are kept, within a bound of the same size.
    pub mirrors_dir: PathBuf,
    pub stores: StoreOptions,
    /// The folder of the perceptual hashes; used where there is a disk cache.
    pub hashes_dir: PathBuf,
    /// Where earlier versions kept the findings that were dismissed.
    pub dismissed_dir: PathBuf,
    /// Where archives go that are made of datasets.
    pub imports_dir: PathBuf,
    pub uploads_dir: PathBuf,
    pub jobs_dir: PathBuf,
    pub reviews_dir: PathBuf,
    /// What each write of decisions waits for: a slow disk.
    #[cfg(any(test, feature = "testing"))]
    pub journal_delay: Option<WriteDelay>,
    /// Threads that decode, at least 1.
    pub decode_threads: usize,
    /// Bound in bytes of the decoded pixels that wait to be taken.
    pub inbox_bytes: usize,
    /// Bound in bytes of the decoded originals that are kept.
    pub original_bytes: usize,
    /// Bytes of memory for the whole program, which bound what settings may ask for; `None`: not known.
    pub memory: Option<u64>,
    pub limits: Limits,
    pub client: ClientOptions,
}

impl EngineOptions {
    pub fn new(paths: &Paths, vault: Arc<dyn Vault>) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            vault,
            settings_file: paths.settings_file(),
            cache_dir: Some(paths.blobs_dir()),
            cache_bytes: 2 << 30,
            snapshots_dir: Some(paths.snapshots_dir()),
            snapshot_bytes: 512 << 20,
            mirrors_dir: paths.mirrors_dir(),
            stores: StoreOptions::default(),
            hashes_dir: paths.hashes_dir(),
            dismissed_dir: paths.dismissed_dir(),
            imports_dir: paths.imports_dir(),
            uploads_dir: paths.uploads_dir(),
            jobs_dir: paths.jobs_dir(),
            reviews_dir: paths.reviews_dir(),
            #[cfg(any(test, feature = "testing"))]
            journal_delay: None,
            decode_threads: cores.saturating_sub(1).max(1),
            inbox_bytes: 24 << 20,
            original_bytes: 256 << 20,
            memory: None,
            limits: Limits::default(),
            client: ClientOptions::default(),
        }
    }
}

impl std::fmt::Debug for EngineOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineOptions")
            .field("vault", &self.vault.name())
            .field("cache_dir", &self.cache_dir)
            .field("decode_threads", &self.decode_threads)
            .finish_non_exhaustive()
    }
}
