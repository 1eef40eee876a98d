//! What every worker of the engine needs. The core holds it too, dispatches effects, and no worker knows the core.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::keys::Keys;
use super::options::EngineOptions;
use super::reviewing::{self, Job, JournalHandle};
use super::session::Shared;
use crate::failure::{self, OrFailure as _};
use app::review::{ReviewEffect, ReviewEvent};
use app::{Event, Failure, Settings};
use storage::save_json;

pub(super) struct EngineContext {
    pub(super) shared: Arc<Shared>,
    pub(super) options: EngineOptions,
    pub(super) keys: Keys,
    pub(super) saver: Saver,
    pub(super) reviews: JournalHandle,
    pub(super) root: CancellationToken,
    /// Number of listings under way.
    pub(super) listing: watch::Sender<usize>,
    pub(super) handle: Handle,
}

impl EngineContext {
    pub(super) fn new(
        shared: Arc<Shared>,
        options: EngineOptions,
        keys: Keys,
        reviews: JournalHandle,
        handle: Handle,
    ) -> Self {
        Self {
            shared,
            saver: Saver::new(options.settings_file.clone()),
            options,
            keys,
            reviews,
            root: CancellationToken::new(),
            listing: watch::Sender::new(0),
            handle,
        }
    }

    pub(super) fn post(&self, event: Event) {
        self.shared.inbox.post(event);
    }

    /// Runs a task until it ends or the program does.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let root = self.root.clone();
        self.handle.spawn(async move {
            tokio::select! {
                biased;
                () = root.cancelled() => {}
                () = Box::pin(work) => {}
            }
        });
    }

    /// Begins one effect. A decision is kept whatever is open or connected by now.
    pub(super) fn review(self: &Arc<Self>, generation: u64, effect: ReviewEffect) {
        let post = |event| self.post(Event::Review { generation, event });
        match effect {
            ReviewEffect::Open { project } => {
                self.reviews.give(Job::Open { generation, project });
            }
            ReviewEffect::Keep { project, decision } => {
                let from = decision.number;
                if !self.reviews.give(Job::Keep { generation, project, decision }) {
                    let failure = failure::internal("the disk cannot keep up with decisions");
                    post(ReviewEvent::Failed { from, failure });
                }
            }
            ReviewEffect::Export { project, path, format } => {
                self.reviews.give(Job::Export { generation, project, path, format });
            }
            ReviewEffect::Import { paths } => {
                let context = Arc::clone(self);
                tokio::task::spawn_blocking(move || {
                    let rows = reviewing::import_all(&paths);
                    context.post(Event::Review { generation, event: ReviewEvent::Imported(rows) });
                });
            }
        }
    }
}

/// Keeps the settings: the latest ones, in order, off the thread that paints.
pub(super) struct Saver {
    file: PathBuf,
    latest: Mutex<Option<Box<Settings>>>,
    /// One write at a time; a later one finds the latest settings, or none left to write.
    writing: Mutex<()>,
}

impl Saver {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file, latest: Mutex::default(), writing: Mutex::default() }
    }

    /// Notes what is to be kept; [`Saver::flush`] writes it.
    pub(super) fn note(&self, settings: Box<Settings>) {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(settings);
    }

    /// Writes what was noted last. Blocks.
    pub(super) fn flush(&self) -> Result<(), Failure> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(settings) = latest else { return Ok(()) };
        save_json(&self.file, &*settings).or_failure()
    }
}
