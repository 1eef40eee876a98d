//! What every worker of the engine needs. The core holds it too, dispatches effects, and no worker knows the core.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::keys::Keys;
use super::opening::Shared;
use super::options::EngineOptions;
use super::reviewing::JournalHandle;
use super::saver::Saver;
use app::Event;

pub(super) struct EngineContext {
    pub(super) shared: Arc<Shared>,
    pub(super) options: EngineOptions,
    pub(super) keys: Keys,
    pub(super) saver: Saver,
    pub(super) reviews: JournalHandle,
    /// Ends everything.
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
}
