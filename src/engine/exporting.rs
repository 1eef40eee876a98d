//! Runs an export with the pictures of a source, and samples its progress.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustc_hash::FxHashMap;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::archiving;
use super::blobs::{Blobs, BlobsOf};
use super::connection::Connection;
use super::core::Core;
use super::export::{self, ArchiveFetch, ExportOptions, Fetch, Progress, ProgressSink};
use super::failure;
use super::source::Source;
use crate::app::{ArchiveJob, ArchiveReport, Event, ExportJob, ExportReport, Failure, TaskId, TaskState};
use crate::domain::{BlobKind, ImageId, ImageRow, IterationId, ProjectId};
use crate::service::MAX_IDS_A_CALL;

/// Pictures fetched at once: fewer than downloads, so that the window's own get through.
const PARALLEL: usize = 6;

/// Time between two reports: five a second.
const REPORT_EVERY: Duration = Duration::from_millis(200);

/// The pictures of a source for an export. Addresses that have expired on the way are asked for again, a page of
/// images in one call.
pub struct SourceFetch {
    blobs: Blobs,
    cancel: CancellationToken,
    order: Vec<ImageId>,
    places: FxHashMap<ImageId, usize>,
}

impl std::fmt::Debug for SourceFetch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourceFetch({:?})", self.blobs.source)
    }
}

impl SourceFetch {
    /// Fetches for an export of `images`, in their order, `parallel` at once.
    pub fn new(
        source: Source,
        project: ProjectId,
        iteration: Option<IterationId>,
        images: Vec<ImageId>,
        parallel: usize,
        cancel: CancellationToken,
    ) -> Self {
        Self::sharing(source, project, iteration, images, Arc::new(Semaphore::new(parallel.max(1))), cancel)
    }

    fn sharing(
        source: Source,
        project: ProjectId,
        iteration: Option<IterationId>,
        images: Vec<ImageId>,
        downloads: Arc<Semaphore>,
        cancel: CancellationToken,
    ) -> Self {
        // Not through the disk cache: an export of a whole project would push everything else out of it.
        let parts = BlobsOf { source, project, iteration, told: None, cache: None, scope: project, downloads };
        let places = images.iter().enumerate().map(|(place, &image)| (image, place)).collect();
        Self { blobs: Blobs::new(parts), cancel, order: images, places }
    }

    /// The images that come next: their addresses are as old.
    fn next_after(&self, image: ImageId) -> Vec<ImageId> {
        let place = self.places.get(&image).map_or(self.order.len(), |place| place + 1);
        self.order.iter().skip(place).take(MAX_IDS_A_CALL).copied().collect()
    }
}

impl Fetch for SourceFetch {
    async fn fetch(&self, row: &ImageRow, kind: BlobKind) -> Result<Bytes, Failure> {
        if let Source::Archive(archive) = &self.blobs.source {
            // Checks size and hash besides.
            return ArchiveFetch(Arc::clone(archive)).fetch(row, kind).await;
        }
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(failure::cancelled()),
            bytes = self.blobs.bytes(row.id, kind, row.uris.get(kind), || self.next_after(row.id)) => bytes,
        }
    }
}

/// Does an export for the window.
pub(super) async fn export(
    core: &Arc<Core>,
    connection: &Connection,
    job: ExportJob,
    cancel: CancellationToken,
) -> Result<ExportReport, Failure> {
    let images = job.images.iter().filter_map(|&ix| Some(job.catalogue.get(ix)?.id())).collect();
    let iteration = job.iteration.as_ref().map(|iteration| iteration.id);
    let fetch = SourceFetch::sharing(
        connection.source.clone(),
        job.project.id,
        iteration,
        images,
        Arc::clone(&connection.downloads),
        cancel.clone(),
    );
    let progress = sampled(Arc::clone(core), job.task);
    let options = ExportOptions { parallel: PARALLEL, ..ExportOptions::default() };
    export::run(job, &fetch, options, progress, cancel).await
}

/// Archives a project for the window.
pub(super) async fn archive(
    core: &Arc<Core>,
    connection: &Connection,
    job: ArchiveJob,
    cancel: CancellationToken,
) -> Result<ArchiveReport, Failure> {
    let progress = sampled(Arc::clone(core), job.task);
    archiving::run(&connection.source, job, PARALLEL, progress, cancel).await
}

/// Reports at most five times a second, and each change of the stage.
fn sampled(core: Arc<Core>, task: TaskId) -> ProgressSink {
    let told: Mutex<Option<(Instant, &'static str)>> = Mutex::default();
    Arc::new(move |Progress { stage, done, total, bytes }| {
        let now = Instant::now();
        {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            let is_due = told.is_none_or(|(at, before)| before != stage || now.duration_since(at) >= REPORT_EVERY);
            if !is_due {
                return;
            }
            *told = Some((now, stage));
        }
        let state = TaskState::Running { stage, done, total, bytes };
        core.shared.inbox.post(Event::Task { task, state });
    })
}
