//! The whole project into a folder: listed, every picture fetched, read again, and only then put in its place.
//!
//! 1. `gather`: project, domains, iterations, tags and every image, with tags or without; `trained`: the same of each
//!    iteration, where it is asked for.
//! 2. `pictures`: originals and thumbnails. What an interrupted run or the archive that stands at the place has whole is
//!    taken from there and not fetched again.
//! 3. `changes`: what is new, changed or vanished since that archive. What vanished is kept.
//! 4. `check`: all of it read again and compared with what was listed.
//!
//! Interrupted at any point, the work stays in a hidden folder and a run with `is_resumed` goes on with it; an archive
//! that stands at the place stays as it is until the new one is whole.

mod changes;
mod check;
mod gather;
mod pictures;
mod report;
mod trained;

use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashSet;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::trained::Trained;
use super::export::ProgressSink;
use super::source::{Source, blocking};
use super::verify::others;
use super::{failure, pause};
use crate::app::{ArchiveJob, ArchiveReport, Failure, FailureKind};
use crate::domain::{Catalogue, ProjectId};
use crate::storage::archive::REPORT_FILE;
use crate::storage::{Archive, ArchiveFacts, ArchiveWriter, Kept, Staging, StorageError};

/// How an archive goes about it.
#[derive(Clone, Debug)]
pub struct ArchiveOptions {
    /// Pictures fetched at once, at least 1.
    pub parallel: usize,
    /// While it holds `true`, nothing goes on.
    pub pause: Option<watch::Receiver<bool>>,
}

impl Default for ArchiveOptions {
    fn default() -> Self {
        Self { parallel: 8, pause: None }
    }
}

/// What all steps share.
struct Job {
    wanted: ArchiveJob,
    options: ArchiveOptions,
    staging: Arc<Staging>,
    /// Files that are whole in the hidden folder.
    kept: Kept,
    /// The archive that stands at the place.
    former: Option<Arc<Archive>>,
    progress: ProgressSink,
    cancel: CancellationToken,
}

impl Job {
    /// Waits while it is paused; fails when it is to stop.
    async fn rest(&self) -> Result<(), Failure> {
        pause::rest(self.options.pause.as_ref(), &self.cancel).await;
        if self.cancel.is_cancelled() { Err(failure::cancelled()) } else { Ok(()) }
    }

    /// The same on a thread that may wait.
    fn rest_blocking(&self) -> Result<(), Failure> {
        pause::rest_blocking(self.options.pause.as_ref(), &self.cancel);
        if self.cancel.is_cancelled() { Err(failure::cancelled()) } else { Ok(()) }
    }

    /// A failed write, told by the place that the person knows.
    fn of_storage(&self, error: StorageError) -> Failure {
        failure::of_storage(&error.at(&self.wanted.out))
    }

    /// Whether the iterations' images are wanted: asked for, or there already. What an archive has it does not lose.
    fn has_iterations(&self) -> bool {
        self.wanted.has_iterations || self.former.as_ref().is_some_and(|former| !former.trained().is_empty())
    }
}

/// What the source has.
struct Gathered {
    facts: ArchiveFacts,
    /// The tagged images of the workspace, and behind them those without any tag.
    catalogue: Arc<Catalogue>,
    /// Number of the tagged ones.
    tagged: u32,
    trained: Vec<Trained>,
}

/// Archives a project of a service.
///
/// # Errors
/// When something else stands at the place, an unfinished run is there and not to be resumed, the service fails, the
/// disk does, what was written does not compare, or `cancel` is cancelled. What stood at the place stands as before.
pub async fn run(
    source: &Source,
    wanted: ArchiveJob,
    options: ArchiveOptions,
    progress: ProgressSink,
    cancel: CancellationToken,
) -> Result<ArchiveReport, Failure> {
    let started = Instant::now();
    let begun = wanted.clone();
    let (staging, kept, former) = blocking(move || begin(&begun)).await?;
    let mut report = ArchiveReport { is_update: former.is_some(), ..ArchiveReport::default() };
    let (staging, former) = (Arc::new(staging), former.map(Arc::new));
    let job = Arc::new(Job { wanted, options, staging, kept, former, progress, cancel: cancel.clone() });
    let gathered = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(failure::cancelled()),
        gathered = Box::pin(gather::gather(source, &job, &mut report)) => gathered?,
    };
    let placed = pictures::all(source, &job, &gathered, &mut report).await?;
    blocking(move || finish(job, gathered, placed, report, started)).await
}

/// The hidden folder, what is whole in it, and the archive that stands at the place.
fn begin(job: &ArchiveJob) -> Result<(Staging, Kept, Option<Archive>), Failure> {
    let (out, id) = (&job.out, job.project.id);
    let of = |error: StorageError| failure::of_storage(&error.at(out));
    let purpose = format!("archive of project {id}");
    // First of all: it mends what a run that was killed while it replaced the archive has left.
    let (staging, kept) = Staging::lasting(out, &purpose, job.is_resumed, true).map_err(of)?;
    Ok((staging, kept, former(job, id)?))
}

/// The archive at the place, if there is one; anything else there is not touched.
fn former(job: &ArchiveJob, id: ProjectId) -> Result<Option<Archive>, Failure> {
    if job.out.symlink_metadata().is_err() {
        return Ok(None);
    }
    let taken =
        |details: String| Failure::new(FailureKind::AlreadyThere { path: job.out.display().to_string() }, details);
    match Archive::open(&job.out) {
        Ok(former) if former.project().id == id => {
            // The whole folder is going to be replaced: what is not of the archive must not go with it.
            let known: FxHashSet<&str> = former.files().map(|(name, _)| name).collect();
            if let Some((name, _)) = others(former.root(), |name| known.contains(name)).first() {
                return Err(taken(format!("{name} in it is not of the archive: move it elsewhere first")));
            }
            Ok(Some(former))
        }
        Ok(former) => Err(taken(format!("it is an archive of another project, {:?}", former.project().name))),
        Err(error @ StorageError::NewerArchive { .. }) => Err(failure::of_storage(&error)),
        Err(error) => Err(taken(format!("it is no archive of this project: {error}"))),
    }
}

fn finish(
    job: Arc<Job>,
    gathered: Gathered,
    placed: pictures::Placed,
    mut report: ArchiveReport,
    started: Instant,
) -> Result<ArchiveReport, Failure> {
    let Gathered { facts, catalogue, tagged, trained } = gathered;
    let of = |error: StorageError| failure::of_storage(&error.at(&job.wanted.out));
    let mut files = placed;
    if let Some(former) = &job.former {
        let vanished = changes::find(former, &catalogue, &trained, &mut report).map_err(of)?;
        report.kept_vanished = vanished.len() as u64;
        if !vanished.is_empty() {
            files.extend(changes::keep(former, &job.staging, &vanished).map_err(of)?);
        }
    }
    report.cleared = job.staging.cleared().to_vec();
    report.project.clone_from(&facts.project.name);
    report.tags = facts.tags.len() as u64;
    let words = report::words(&facts, &report);
    let words = job.staging.write(REPORT_FILE, words.as_bytes()).map_err(of)?;
    files.push((REPORT_FILE.to_owned(), words));
    let mut writer = ArchiveWriter::in_staging(Arc::clone(&job.staging)).map_err(of)?;
    for (name, facts) in files {
        writer.list_file(name, facts);
    }
    for image in catalogue.iter() {
        job.rest_blocking()?;
        match image.ix.0 < tagged {
            true => writer.add_row(&image.to_row()),
            false => writer.add_untagged(&image.to_row()),
        }
        .map_err(of)?;
    }
    for one in &trained {
        writer.list_iteration(one.facts.clone(), one.files.clone());
    }
    let job = Arc::into_inner(job).ok_or_else(|| failure::internal("an ended archive is still at work"))?;
    let Job { staging, wanted, progress, cancel, .. } = job;
    drop(staging);
    let of = |error: StorageError| failure::of_storage(&error.at(&wanted.out));
    let sealed = writer.seal(facts).map_err(of)?;
    check::all(&sealed, &check::Listed { catalogue: &catalogue, tagged, trained: &trained }, &progress, &cancel)?;
    report.folder = sealed.replace().map_err(of)?;
    report.seconds = started.elapsed().as_secs_f32();
    Ok(report)
}
