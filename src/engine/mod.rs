//! Does the effects of the state machine and reports events: listing, thumbnails, large pictures, keys, exports.
//!
//! It owns a tokio runtime for what waits, and a pool of threads for what decodes. It names
//! no window: the receiver of its events is called through a [`Waker`], once for any number of waiting events. With nothing to
//! do nothing runs: no polling, no timer.
//!
//! Cancellation is a tree of tokens: program, connection, opened project, job. Results that are late all the same carry
//! their generation, and `app` drops them.

pub mod archiving;
pub mod arrival;
mod blobs;
pub mod changes;
mod checking;
pub mod choose;
mod comparing;
mod connection;
mod context;
mod copying;
mod core;
mod crops;
mod derived;
mod doubts;
pub mod evaluating;
pub mod export;
mod exporting;
pub mod failure;
pub mod far;
mod hashes;
pub mod import;
mod inbox;
mod jobs;
mod keys;
mod listing;
mod open_folder;
mod options;
mod ordering;
mod original_sizes;
mod originals;
mod pages;
mod parallel;
mod picture;
mod plotting;
mod pool;
pub mod predicting;
pub mod reviewing;
mod session;
mod snapshots;
mod source;
pub mod system_fonts;
mod thumbs;
mod uploading;
pub mod verify;
pub mod waits;
mod wanted;

use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use self::blobs::Cache;
use self::context::EngineContext;
use self::core::Core;
use self::far::FarAccess;
use self::inbox::Inbox;
use self::keys::Keys;
use self::originals::Originals;
use self::pool::Pool;
use self::session::Shared;
use app::{Effect, EngineLoad, Event, SourceSpec};
use storage::{BlobCache, Mirrors, Snapshots, machine};

pub use export::SourceFetch;
pub use hashes::hash_pictures;
pub use options::EngineOptions;
pub use original_sizes::know_originals;
pub use pages::Pages;
pub use source::{Source, blocking, doubts_of};
pub use uploading::{Uploads, look_first};

/// Is called, from any thread, when events lie ready.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// The longest that a shutdown may take.
const SHUTDOWN: Duration = Duration::from_millis(1_800);

/// How long the end of the program waits for a slow disk to take decisions.
const PATIENCE: Duration = Duration::from_secs(60);

/// Threads that read and write files, at most: more would only wait for the same disk, each with memory of its own.
const BLOCKING_THREADS: usize = 32;

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("the engine could not be started: {0}")]
    Threads(#[from] std::io::Error),
}

/// Dropping it shuts it down.
pub struct Engine {
    core: Arc<Core>,
    runtime: Option<tokio::runtime::Runtime>,
    patience: Duration,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl Engine {
    /// Starts the engine's threads. A disk cache that cannot be used is done without.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start(options: EngineOptions, waker: Waker) -> Result<Self, EngineError> {
        machine::ensure()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("engine")
            .enable_io()
            .enable_time()
            .build()?;
        let inbox = Arc::new(Inbox::new(options.inbox_bytes, waker));
        let pools = [Pool::start("decode", options.decode_threads)?, Pool::start("original", 1)?];
        let keys = Keys::new(Arc::clone(&options.vault));
        let cache = options.cache_dir.as_ref().and_then(|folder| {
            let opened = BlobCache::open(folder, options.cache_bytes);
            opened.inspect_err(|error| tracing::warn!(%error, "the disk cache is not available")).ok()
        });
        let cache = cache.map(|blobs| Cache::new(blobs, Arc::clone(&inbox)));
        if let Some(cache) = cache.clone() {
            runtime.spawn_blocking(move || {
                cache.blobs.wait_until_indexed();
                cache.report(true);
            });
        }
        let originals = Originals::new(options.original_bytes);
        let snapshots = options.snapshots_dir.clone().map(|folder| Snapshots::new(folder, options.snapshot_bytes));
        let far = FarAccess {
            mirrors: Mirrors::new(options.mirrors_dir.clone(), options.snapshot_bytes),
            blobs: cache.as_ref().map(|cache| cache.blobs.clone()),
            store: options.stores.clone(),
            progress: None,
            must_reach: false,
        };
        let shared = Arc::new(Shared::new(inbox, pools, cache, options.limits, originals, snapshots, far));
        let places = reviewing::Places {
            reviews_dir: options.reviews_dir.clone(),
            dismissed_dir: options.dismissed_dir.clone(),
            #[cfg(any(test, feature = "testing"))]
            delay: options.journal_delay.clone(),
        };
        let reviews = reviewing::JournalHandle::start(places, Arc::clone(&shared.inbox))?;
        let core = Arc::new(Core::new(EngineContext::new(shared, options, keys, reviews, runtime.handle().clone())));
        Ok(Self { core, runtime: Some(runtime), patience: PATIENCE })
    }

    /// Begins an effect and returns at once. Effects that are the desktop's are passed over.
    pub fn run(&self, effect: Effect) {
        self.core.run(effect);
    }

    /// Connects to a service under another name than its endpoint, as the built-in sample project is. The key is kept
    /// nowhere. Reports as [`Effect::Connect`] does, with `source` in the events.
    pub fn connect_service(&self, source: SourceSpec, endpoint: String, key: SecretString) {
        self.core.connect_service(source, endpoint, key);
    }

    /// Takes events in their order: at least one if there is any, and no more than about `max_bytes` of pixels and
    /// rows. When something is left the waker has been called again.
    pub fn drain(&self, max_bytes: usize) -> Vec<Event> {
        self.core.context.shared.inbox.drain(max_bytes)
    }

    /// What is held at this moment, for the diagnostics.
    pub fn load(&self) -> EngineLoad {
        let shared = &self.core.context.shared;
        let [(inbox_bytes, inbox_budget), (pages, page_budget)] = shared.inbox.load();
        let original_bytes = shared.originals.byte_count();
        EngineLoad {
            inbox_bytes,
            inbox_budget,
            pages,
            page_budget,
            original_bytes,
            decodes: shared.pool.waiting() + shared.large.waiting(),
        }
    }

    /// Ends whatever is under way, within two seconds. Settings that were to be saved are, and decisions that are on their
    /// way to the disk are waited for, up to a minute: the window has asked about them before it closes, so that only
    /// what closes it by force finds any here.
    pub fn shutdown(mut self) {
        self.end();
    }

    /// The same without waiting for decisions: the person has chosen to lose them.
    pub fn shutdown_at_once(mut self) {
        self.patience = Duration::ZERO;
        self.end();
    }

    fn end(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        if let Err(failure) = self.core.context.saver.flush() {
            tracing::warn!(failure = failure.kind_name(), "the settings could not be saved");
        }
        let unsaved = self.core.context.reviews.end(self.patience);
        if unsaved > 0 {
            tracing::error!(unsaved, "decisions were not on disk when the program ended");
        }
        let deadline = Instant::now() + SHUTDOWN;
        self.core.context.root.cancel();
        self.core.context.shared.inbox.close();
        // A decode cannot be interrupted: what is not done in time is left to end with the process.
        runtime.shutdown_timeout(deadline.saturating_duration_since(Instant::now()) / 2);
        let shared = &self.core.context.shared;
        let has_ended = [&shared.pool, &shared.large].map(|pool| pool.close(deadline));
        if has_ended != [true, true] {
            tracing::warn!("a decode was still running at the end");
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.end();
    }
}
