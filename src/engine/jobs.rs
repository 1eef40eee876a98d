//! Long jobs: how far they are, how they are paused, and the list of running ones on the disk, for the window's tasks: what the next start
//! offers to resume.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::options::EngineOptions;
use crate::failure::OrFailure as _;
use app::retry::{Interrupted, Retry};
use app::{Failure, FailureKind};
use domain::Destination;
use storage::jobs::{FormerNote, LeftJob, discard_job, end_job, left_jobs, note_job, refuse_job};
use storage::upload_result_of;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobProgress {
    /// "Downloading", "Writing", "Checking" or "Uploading".
    pub stage: &'static str,
    pub done: u64,
    pub total: u64,
    /// Bytes of pictures so far.
    pub bytes: u64,
}

/// Receives the progress, often; the display samples it.
pub type ProgressSink = Arc<dyn Fn(JobProgress) + Send + Sync>;

pub(super) struct Jobs {
    list: PathBuf,
    uploads: PathBuf,
}

/// A job that is on the list, if it could be put there.
pub(super) struct Noted {
    list: PathBuf,
    out: Option<(PathBuf, FormerNote)>,
}

impl Jobs {
    pub(super) fn new(options: &EngineOptions) -> Self {
        Self { list: options.jobs_dir.clone(), uploads: options.uploads_dir.clone() }
    }

    /// Puts a job on the list. That it cannot be put there does not stop it.
    pub(super) async fn begin(self, retry: Option<Retry>) -> Noted {
        let list = self.list.clone();
        let out = tokio::task::spawn_blocking(move || {
            let retry = retry?;
            let out = self.place(retry.out());
            let former = note_job(&self.list, &out, &retry).unwrap_or_else(|error| {
                tracing::warn!(%error, "a running job could not be noted");
                FormerNote::default()
            });
            Some((out, former))
        });
        Noted { list, out: out.await.ok().flatten() }
    }

    /// What earlier sessions have left. Blocks.
    pub(super) fn interrupted(&self) -> Vec<Interrupted> {
        let left = left_jobs::<Retry>(&self.list);
        left.into_iter().map(|LeftJob { job: retry, folder, .. }| Interrupted { retry, folder }).collect()
    }

    /// Removes what a job has left. Blocks.
    pub(super) fn discard(&self, out: &Destination) -> Result<(), Failure> {
        discard_job(&self.list, &self.place(out)).or_failure()
    }
}

impl Jobs {
    fn place(&self, out: &Destination) -> PathBuf {
        match out {
            Destination::Folder(folder) => folder.clone(),
            Destination::Store(address) => upload_result_of(&self.uploads, &address.to_string()),
        }
    }
}

impl Noted {
    /// The job has ended: it leaves the list unless it can be resumed.
    pub(super) async fn end(self, failure: Option<&Failure>) {
        let is_refused = failure.is_some_and(|failure| matches!(failure.kind, FailureKind::Unfinished { .. }));
        if let Some((out, former)) = self.out {
            // When the program ends first, the next start finds out.
            let end = move || if is_refused { refuse_job(&self.list, &out, former) } else { end_job(&self.list, &out) };
            let _ = tokio::task::spawn_blocking(end).await;
        }
    }
}

/// Waits while `pause` holds `true` and the job is not canceled.
pub(super) async fn rest(pause: Option<&watch::Receiver<bool>>, cancel: &CancellationToken) {
    let Some(mut pause) = pause.cloned() else { return };
    tokio::select! {
        // The sender that could wake it is gone, so nothing pauses it any more.
        _ = pause.wait_for(|is_paused| !is_paused) => {}
        () = cancel.cancelled() => {}
    }
}

/// The same on a thread of the runtime that may wait.
pub(super) fn rest_blocking(pause: Option<&watch::Receiver<bool>>, cancel: &CancellationToken) {
    if pause.is_some_and(|pause| *pause.borrow()) {
        tokio::runtime::Handle::current().block_on(rest(pause, cancel));
    }
}
