//! Runs an export with the pictures of a source, samples its progress, and reports why it waits.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::archiving::{self, ArchiveOptions};
use super::blobs::CacheUse;
use super::connection::Connection;
use super::context::EngineContext;
use super::export::{self, ExportOptions, JobProgress, ProgressSink, SharedDownloads, SourceFetch};
use super::reviewing::{self, About};
use super::source::Source;
use super::uploading::Uploads;
use super::{failure, waits};
use app::export::PlaceState;
use app::{ArchiveJob, ArchiveReport, Event, ExportJob, ExportReport, Failure, TaskId, TaskState};
use domain::{Destination, ImageId};
use remote::StoreOptions;
use storage::{is_unfinished, upload_left_by, upload_result_of};

/// Pictures fetched at once: fewer than downloads, so that the window's own get through.
const PARALLEL: usize = 6;

/// Time between two reports: five a second.
const REPORT_EVERY: Duration = Duration::from_millis(200);

pub(super) async fn export(
    context: &EngineContext,
    connection: &Connection,
    mut job: ExportJob,
    pause: Option<watch::Receiver<bool>>,
    cancel: CancellationToken,
) -> Result<ExportReport, Failure> {
    let images: Vec<_> = job.images.iter().filter_map(|&ix| Some(job.catalogue.get(ix)?.id())).collect();
    let About { rows: reviews, damage } = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(failure::canceled()),
        decided = Box::pin(decided(context, &job, images.clone())) => decided?,
    };
    job.notes.extend(damage);
    let iteration = job.iteration.as_ref().map(|iteration| iteration.id);
    let (source, progress, uploads) = shown(context, connection, job.task);
    let shared = SharedDownloads {
        downloads: Arc::clone(&connection.downloads),
        // Nothing is put into it: an export of a whole project would push everything else out.
        cache: connection.cache.clone().map_or(CacheUse::Off, CacheUse::ReadOriginals),
        parallel: PARALLEL,
    };
    let fetch = SourceFetch::sharing(source, job.project.id, iteration, images, shared, cancel.clone());
    let keeps_on = Some(connection.cancel.clone());
    let options = ExportOptions { parallel: PARALLEL, pause, reviews, keeps_on, uploads, ..ExportOptions::default() };
    export::run(job, &fetch, options, progress, cancel).await
}

/// What was decided about the images, where that is wanted: also what is still on its way to the disk.
async fn decided(context: &EngineContext, job: &ExportJob, images: Vec<ImageId>) -> Result<About, Failure> {
    if !job.options.has_reviews {
        return Ok(About::default());
    }
    context.reviews.flush().await;
    let (folder, project) = (context.options.reviews_dir.clone(), job.project.id);
    let read = tokio::task::spawn_blocking(move || reviewing::about(&folder, project, images.into_iter()));
    read.await.unwrap_or_else(|_| Err(failure::canceled()))
}

/// What stands where an export is to go. Blocks.
pub(super) fn place_state(place: &Destination, uploads: &Path) -> PlaceState {
    let path = match place {
        Destination::Folder(path) => path,
        Destination::Store(address) => {
            // What is in the store is found out when it starts.
            let is_left = upload_left_by(&upload_result_of(uploads, &address.to_string())).is_some();
            return if is_left { PlaceState::Unfinished } else { PlaceState::Free };
        }
    };
    match (path.symlink_metadata().is_ok(), is_unfinished(path)) {
        (true, _) => PlaceState::Taken,
        (false, true) => PlaceState::Unfinished,
        (false, false) => PlaceState::Free,
    }
}

pub(super) async fn archive(
    context: &EngineContext,
    connection: &Connection,
    job: ArchiveJob,
    pause: Option<watch::Receiver<bool>>,
    cancel: CancellationToken,
) -> Result<ArchiveReport, Failure> {
    let (source, progress, uploads) = shown(context, connection, job.task);
    archiving::run(&source, job, ArchiveOptions { parallel: PARALLEL, pause, uploads }, progress, cancel).await
}

/// The source of a connection and the way to object stores, whose waits the task list shows, and where the progress goes.
fn shown(context: &EngineContext, connection: &Connection, task: TaskId) -> (Source, ProgressSink, Uploads) {
    let inbox = Arc::clone(&context.shared.inbox);
    let shown = Arc::new(Shown::new(move |state| inbox.post(Event::Task { task, state })));
    let observer = || {
        let waiting = Arc::downgrade(&shown);
        // A task that has ended waits for nothing.
        waits::observer(move |words: Option<String>| {
            if let Some(shown) = waiting.upgrade() {
                shown.waits(words);
            }
        })
    };
    let source = match &connection.source {
        Source::Service(client) => Source::Service(client.with_observer(observer())),
        other @ (Source::Archive(_) | Source::Kept) => other.clone(),
    };
    let store = StoreOptions { observer: Some(observer()), ..context.options.stores.clone() };
    let uploads = Uploads { folder: Some(context.options.uploads_dir.clone()), store };
    let progress: ProgressSink = Arc::new(move |progress| shown.note(progress, Instant::now()));
    (source, progress, uploads)
}

/// What a task list is shown of an export: at most five reports a second, each change of the stage, and each wait.
struct Shown {
    post: Box<dyn Fn(TaskState) + Send + Sync>,
    last: Mutex<Last>,
}

struct Last {
    progress: JobProgress,
    told: Option<Instant>,
    waiting: Option<String>,
}

impl Shown {
    fn new(post: impl Fn(TaskState) + Send + Sync + 'static) -> Self {
        let progress = JobProgress { stage: "Downloading", done: 0, total: 0, bytes: 0 };
        Self { post: Box::new(post), last: Mutex::new(Last { progress, told: None, waiting: None }) }
    }

    fn note(&self, progress: JobProgress, now: Instant) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new_stage = last.told.is_none() || last.progress.stage != progress.stage;
        last.progress = progress;
        if is_new_stage || last.told.is_none_or(|told| now.duration_since(told) >= REPORT_EVERY) {
            last.told = Some(now);
            self.report(&last);
        }
    }

    fn waits(&self, words: Option<String>) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.waiting = words;
        self.report(&last);
    }

    /// With the lock held, so that reports come in their order.
    fn report(&self, last: &Last) {
        let JobProgress { stage, done, total, bytes } = last.progress;
        (self.post)(TaskState::Running { stage, done, total, bytes, waiting: last.waiting.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_come_five_times_a_second_with_each_stage_and_each_wait() {
        let told: Arc<Mutex<Vec<TaskState>>> = Arc::default();
        let log = Arc::clone(&told);
        let shown = Shown::new(move |state| log.lock().expect("log").push(state));
        let start = Instant::now();
        let note = |stage, done: u64| {
            let progress = JobProgress { stage, done, total: 100, bytes: 0 };
            shown.note(progress, start + Duration::from_millis(done * 10));
        };
        (0..50).for_each(|done| note("Downloading", done));
        note("Writing", 50);
        shown.waits(Some("the service is limiting requests; continuing in 6 s".to_owned()));
        note("Writing", 90);
        shown.waits(None);
        let told = told.lock().expect("log");
        let facts = told.iter().map(|state| match state {
            TaskState::Running { done, waiting, .. } => (*done, waiting.is_some()),
            other => panic!("{other:?}"),
        });
        let (done, waits): (Vec<u64>, Vec<bool>) = facts.unzip();
        assert_eq!(done, [0, 20, 40, 50, 50, 90, 90]);
        assert_eq!(waits, [false, false, false, false, true, true, false]);
    }
}
