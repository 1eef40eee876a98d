//! The whole project into a folder: listed, every picture fetched, read again, and only then put in its place.
//!
//! 1. `gather`: project, domains, iterations, tags and every image, with tags or without.
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

use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashSet;
use tokio_util::sync::CancellationToken;

use super::export::ProgressSink;
use super::failure;
use super::source::{Source, blocking};
use super::verify::others;
use crate::app::{ArchiveJob, ArchiveReport, Failure, FailureKind};
use crate::domain::{Catalogue, ProjectId};
use crate::storage::archive::REPORT_FILE;
use crate::storage::{Archive, ArchiveFacts, ArchiveWriter, Kept, Staging, StorageError};

/// What all steps share.
struct Plan {
    job: ArchiveJob,
    staging: Arc<Staging>,
    /// Files that are whole in the hidden folder.
    kept: Kept,
    /// Pictures fetched at once.
    parallel: usize,
    former: Option<Arc<Archive>>,
    facts: ArchiveFacts,
    /// The tagged images, and behind them those without any tag.
    catalogue: Arc<Catalogue>,
    /// Number of the tagged ones.
    tagged: u32,
    progress: ProgressSink,
    cancel: CancellationToken,
}

/// Archives a project of a service; `parallel` pictures are fetched at once.
///
/// # Errors
/// When something else stands at the place, an unfinished run is there and not to be resumed, the service fails, the
/// disk does, what was written does not compare, or `cancel` is cancelled. What stood at the place stands as before.
pub async fn run(
    source: &Source,
    job: ArchiveJob,
    parallel: usize,
    progress: ProgressSink,
    cancel: CancellationToken,
) -> Result<ArchiveReport, Failure> {
    let started = Instant::now();
    let begun = job.clone();
    let (staging, kept, former) = blocking(move || begin(&begun)).await?;
    let mut report = ArchiveReport { is_update: former.is_some(), ..ArchiveReport::default() };
    let gather::Gathered { facts, catalogue, tagged } = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(failure::cancelled()),
        gathered = gather::gather(source, &job, &progress, &mut report) => gathered?,
    };
    let former = former.map(Arc::new);
    let catalogue = Arc::new(catalogue);
    let plan = Arc::new(Plan {
        job,
        staging: Arc::new(staging),
        kept,
        parallel,
        former,
        facts,
        catalogue,
        tagged,
        progress,
        cancel,
    });
    let placed = pictures::all(source, &plan, &mut report).await?;
    blocking(move || finish(plan, placed, report, started)).await
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
    plan: Arc<Plan>,
    placed: pictures::Placed,
    mut report: ArchiveReport,
    started: Instant,
) -> Result<ArchiveReport, Failure> {
    let plan = Arc::into_inner(plan).ok_or_else(|| failure::internal("an ended archive is still at work"))?;
    let Plan { job, staging, former, facts, catalogue, tagged, progress, cancel, .. } = plan;
    let of = |error: StorageError| failure::of_storage(&error.at(&job.out));
    let mut files = placed;
    let vanished = match &former {
        Some(former) => changes::find(former, &catalogue, &mut report).map_err(of)?,
        None => Vec::new(),
    };
    if let Some(former) = former.filter(|_| !vanished.is_empty()) {
        files.extend(changes::keep(&former, &staging, &vanished).map_err(of)?);
    }
    report.project.clone_from(&facts.project.name);
    report.tags = facts.tags.len() as u64;
    let words = report::words(&facts, &report, vanished.len());
    let words = staging.write(REPORT_FILE, words.as_bytes()).map_err(of)?;
    files.push((REPORT_FILE.to_owned(), words));
    let mut writer = ArchiveWriter::in_staging(staging).map_err(of)?;
    for (name, facts) in files {
        writer.list_file(name, facts);
    }
    for image in catalogue.iter() {
        if cancel.is_cancelled() {
            return Err(failure::cancelled());
        }
        match image.ix.0 < tagged {
            true => writer.add_row(&image.to_row()),
            false => writer.add_untagged(&image.to_row()),
        }
        .map_err(of)?;
    }
    let sealed = writer.seal(facts).map_err(of)?;
    check::all(&sealed, &catalogue, tagged, &progress, &cancel)?;
    report.folder = sealed.replace().map_err(of)?;
    report.seconds = started.elapsed().as_secs_f32();
    Ok(report)
}
