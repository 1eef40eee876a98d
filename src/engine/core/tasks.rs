//! The tasks under way that people see, cancel and pause, and the dry run of an export.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Core;
use crate::connection::Connection;
use crate::export::download;
use crate::jobs::Jobs;
use crate::source::not_connected;
use app::retry::Retry;
use app::{Event, ExportJob, Failure, TaskId};
use domain::{BlobKind, Destination};

#[derive(Default)]
pub(super) struct Tasks {
    running: Mutex<HashMap<TaskId, Control>>,
    /// Ends the dry run under way.
    dry_run: Mutex<CancellationToken>,
}

struct Control {
    cancel: CancellationToken,
    pause: watch::Sender<bool>,
}

impl Core {
    pub(super) fn cancel_task(&self, task: TaskId) {
        if let Some(control) = self.tasks().get(&task) {
            control.cancel.cancel();
        }
    }

    pub(super) fn pause_task(&self, task: TaskId, is_paused: bool) {
        if let Some(control) = self.tasks().get(&task) {
            control.pause.send_replace(is_paused);
        }
    }

    pub(super) fn pause_of(&self, task: TaskId) -> Option<watch::Receiver<bool>> {
        self.tasks().get(&task).map(|control| control.pause.subscribe())
    }

    /// Finds out what an export would leave out; the question before is given up.
    pub(super) fn dry_run(self: &Arc<Self>, number: u64, job: ExportJob) {
        let Some(connection) = self.connection() else { return };
        let cancel = connection.cancel.child_token();
        let before =
            std::mem::replace(&mut *self.tasks.dry_run.lock().unwrap_or_else(PoisonError::into_inner), cancel.clone());
        before.cancel();
        let context = Arc::clone(&self.context);
        self.context.handle.spawn_blocking(move || {
            if let Some(mut found) = crate::export::dry_run(&job, &connection.source, number, &cancel) {
                found.download = download(&job, &connection.source, |image, kind| {
                    // The others of a stand-in service may not be the real one's: an export does not take them.
                    let cache = connection.cache.as_ref().filter(|_| kind == BlobKind::Original);
                    cache?.blobs.noted_bytes(image, kind, job.project.id)
                });
                context.post(Event::DryRun(Box::new(found)));
            }
        });
    }

    pub(super) fn find_interrupted(self: &Arc<Self>) {
        let context = Arc::clone(&self.context);
        let jobs = Jobs::new(&self.context.options);
        self.context.handle.spawn_blocking(move || {
            let found = jobs.interrupted();
            if !found.is_empty() {
                context.post(Event::Interrupted(found));
            }
        });
    }

    pub(super) fn discard(self: &Arc<Self>, task: TaskId, out: Destination) {
        let context = Arc::clone(&self.context);
        let jobs = Jobs::new(&self.context.options);
        self.context.handle.spawn_blocking(move || {
            let result = jobs.discard(&out);
            context.post(Event::Discarded { task, result });
        });
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<TaskId, Control>> {
        self.tasks.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins what has a row in the task list; it gives the event of its good end. With `retry` it is on the list of
    /// running jobs until it has ended and left nothing.
    pub(super) fn task<W>(
        self: &Arc<Self>,
        task: TaskId,
        retry: Option<Retry>,
        work: impl FnOnce(Arc<Self>, Arc<Connection>, CancellationToken) -> W,
    ) where
        W: Future<Output = Result<Event, Failure>> + Send + 'static,
    {
        let Some(connection) = self.connection() else {
            self.context.post(Event::TaskFailed { task, failure: not_connected() });
            return;
        };
        // A child of the connection, not of the session: another project may be opened meanwhile.
        let cancel = connection.cancel.child_token();
        self.tasks().insert(task, Control { cancel: cancel.clone(), pause: watch::Sender::new(false) });
        let core = Arc::clone(self);
        let work = work(Arc::clone(self), connection, cancel);
        let jobs = Jobs::new(&self.context.options);
        self.context.handle.spawn(async move {
            let noted = jobs.begin(retry).await;
            let result = crate::failure::guarded(work).await;
            noted.end(result.as_ref().err()).await;
            core.tasks().remove(&task);
            core.context.post(result.unwrap_or_else(|failure| Event::TaskFailed { task, failure }));
        });
    }
}
