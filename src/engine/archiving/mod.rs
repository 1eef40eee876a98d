//! The whole project into a folder: listed, every picture fetched, read again, and only then put in its place.
//!
//! 1. `former`: an archive that is at the place already is brought up to date, if it is whole enough to be.
//! 2. `gather`: project, domains, iterations, tags and every image, with tags or without, and images of the former
//!    archive that the list does not have; `trained`: the same for each iteration, if asked for, with `predicted` and
//!    `models`.
//! 3. `pictures`: originals and thumbnails. What an interrupted run or the former archive has whole is used and not fetched
//!    again.
//! 4. `check`: what is new, changed or vanished since the former archive; `held`: what vanished is kept, and so is every
//!    other picture of the former archive.
//! 5. `check`: all of it read again and compared with what was listed.
//!
//! Interrupted at any point, the work stays in a hidden folder and a run with `is_resumed` continues with it; the former
//! archive stays as it is until the new one is whole.

mod check;
mod former;
mod gather;
mod held;
mod models;
mod pictures;
mod predicted;
mod report;
mod trained;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use self::report::words_of_exports;
use self::trained::Trained;
use super::export::ProgressSink;
use super::source::{Source, blocking};
use super::uploading::{UploadJob, Uploads, through};
use super::{failure, jobs};
use crate::failure::OrFailureAt as _;
use app::{ArchiveJob, ArchiveReport, Failure};
use domain::{Catalogue, Destination};
use storage::archive::{Identity, REPORT_FILE};
use storage::{Archive, ArchiveFacts, ArchiveWriter, Kept, Purpose, Staging};

#[derive(Clone, Debug)]
pub struct ArchiveOptions {
    /// Pictures fetched at once, at least 1.
    pub parallel: usize,
    /// While it holds `true`, nothing continues.
    pub pause: Option<watch::Receiver<bool>>,
    /// For an archive in an object store.
    pub uploads: Uploads,
}

impl Default for ArchiveOptions {
    fn default() -> Self {
        Self { parallel: 8, pause: None, uploads: Uploads::default() }
    }
}

struct Job {
    wanted: ArchiveJob,
    /// The folder of this computer.
    out: PathBuf,
    options: ArchiveOptions,
    staging: Arc<Staging>,
    /// Files that are whole in the hidden folder.
    kept: Kept,
    /// The archive that is at the place.
    former: Option<Arc<Archive>>,
    /// What it was when this began: nothing else is replaced.
    identity: Option<Identity>,
    progress: ProgressSink,
    cancel: CancellationToken,
}

impl Job {
    /// Waits while it is paused; fails when it is to stop.
    async fn rest(&self) -> Result<(), Failure> {
        jobs::rest(self.options.pause.as_ref(), &self.cancel).await;
        if self.cancel.is_cancelled() { Err(failure::canceled()) } else { Ok(()) }
    }

    /// The same on a thread that may wait.
    fn rest_blocking(&self) -> Result<(), Failure> {
        jobs::rest_blocking(self.options.pause.as_ref(), &self.cancel);
        if self.cancel.is_cancelled() { Err(failure::canceled()) } else { Ok(()) }
    }

    /// Whether the iterations' images are wanted: asked for, or there already. What an archive has it does not lose.
    fn has_iterations(&self) -> bool {
        self.wanted.has_iterations
            || self.wanted.has_predictions
            || self.wanted.has_models
            || self.former.as_ref().is_some_and(|former| !former.trained().is_empty())
    }
}

struct Gathered {
    facts: ArchiveFacts,
    /// The tagged images of the workspace, and behind them those without any tag.
    catalogue: Arc<Catalogue>,
    tagged: u32,
    trained: Vec<Trained>,
}

/// Archives a project of a service.
///
/// # Errors
/// When something else is at the place, an unfinished run is there and not to be resumed, the service fails, the
/// disk does, what was written does not compare, or `cancel` is canceled. What stood at the place stands as before.
pub async fn run(
    source: &Source,
    wanted: ArchiveJob,
    options: ArchiveOptions,
    progress: ProgressSink,
    cancel: CancellationToken,
) -> Result<ArchiveReport, Failure> {
    let address = match wanted.out.clone() {
        Destination::Folder(folder) => return to_folder(source, wanted, folder, options, progress, cancel).await,
        Destination::Store(address) => address,
    };
    let upload = UploadJob {
        uploads: options.uploads.clone(),
        address,
        purpose: purpose(&wanted),
        is_resumed: wanted.is_resumed,
        progress: Arc::clone(&progress),
        pause: options.pause.clone(),
        cancel: cancel.clone(),
    };
    Box::pin(through(upload, |folder| to_folder(source, wanted, folder, options, progress, cancel))).await
}

async fn to_folder(
    source: &Source,
    wanted: ArchiveJob,
    out: PathBuf,
    options: ArchiveOptions,
    progress: ProgressSink,
    cancel: CancellationToken,
) -> Result<ArchiveReport, Failure> {
    let started = Instant::now();
    let (begun, place) = (wanted.clone(), out.clone());
    let (staging, kept, former) = blocking(move || begin(&begun, &place)).await?;
    let mut report = ArchiveReport { is_update: former.is_some(), ..ArchiveReport::default() };
    let staging = Arc::new(staging);
    let (former, identity) = former.map(|(archive, identity)| (Arc::new(archive), identity)).unzip();
    let job = Arc::new(Job { wanted, out, options, staging, kept, former, identity, progress, cancel: cancel.clone() });
    let gathered = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(failure::canceled()),
        gathered = Box::pin(gather::gather(source, &job, &mut report)) => gathered?,
    };
    let placed = pictures::all(source, &job, &gathered, &mut report).await?;
    blocking(move || finish(job, gathered, placed, report, started)).await
}

/// The hidden folder, what is whole in it, and the archive at the place.
type Begun = (Staging, Kept, Option<(Archive, Identity)>);

/// What to take of a project besides the pictures of its workspace.
#[derive(Clone, Copy, Debug)]
pub struct ArchiveSpec {
    /// The service's thumbnails.
    pub has_thumbnails: bool,
    /// The iterations' images.
    pub has_iterations: bool,
    /// What the iterations predict.
    pub has_predictions: bool,
    /// The model files that were exported.
    pub has_models: bool,
}

impl ArchiveSpec {
    /// The purpose of an archive of a project that is not known yet.
    pub fn purpose(self) -> Purpose {
        let Self { has_thumbnails, has_iterations, has_predictions, has_models } = self;
        let choices = [
            ("thumbnails", has_thumbnails),
            ("iterations", has_iterations),
            ("predictions", has_predictions),
            ("models", has_models),
        ];
        let said = |(name, is_wanted): (&str, bool)| (name.to_owned(), if is_wanted { "yes" } else { "no" }.to_owned());
        Purpose { choices: choices.into_iter().map(said).collect(), ..Purpose::of("archive") }
    }
}

fn purpose(job: &ArchiveJob) -> Purpose {
    let ArchiveJob { has_thumbnails, has_iterations, has_predictions, has_models, .. } = *job;
    let mut purpose = ArchiveSpec { has_thumbnails, has_iterations, has_predictions, has_models }.purpose();
    purpose.of.insert("project".to_owned(), job.project.id.to_string());
    purpose
}

fn begin(job: &ArchiveJob, out: &Path) -> Result<Begun, Failure> {
    // First, because it repairs what a run left that was killed while it replaced the archive.
    let (staging, kept) = Staging::lasting(out, &purpose(job), job.is_resumed, true).or_failure_at(out)?;
    Ok((staging, kept, former::open(out, job.project.id)?))
}

fn finish(
    job: Arc<Job>,
    gathered: Gathered,
    placed: held::Placed,
    mut report: ArchiveReport,
    started: Instant,
) -> Result<ArchiveReport, Failure> {
    let Gathered { facts, catalogue, tagged, trained } = gathered;
    let mut files = placed;
    let of_iterations = || trained.iter().flat_map(|one| one.files.iter().map(|(name, _)| name.as_str()));
    let mut damaged = held::Damaged::default();
    if let (Some(former), Some(identity)) = (&job.former, &job.identity) {
        // What follows reads it again: said at once if it has changed.
        former::check(&job.out, identity)?;
        let vanished = check::find_changes(former, &catalogue, &trained, &mut report)?;
        report.kept_vanished = vanished.len() as u64;
        if !vanished.is_empty() {
            files.push(held::list_vanished(&job.staging, &vanished).or_failure_at(&job.out)?);
        }
        let written = of_iterations().collect();
        damaged = held::bring_rest(former, &job.staging, (&catalogue, &vanished), &written, &mut files, &mut report)
            .or_failure_at(&job.out)?;
    }
    held::drop_unwanted(&job.kept, &job.staging, files.iter().map(|(name, _)| name.as_str()).chain(of_iterations()))
        .or_failure_at(&job.out)?;
    report.mended = job.staging.repaired().to_vec();
    report.cleared = job.staging.cleared().to_vec();
    report.project.clone_from(&facts.project.name);
    report.tags = facts.tags.len() as u64;
    let words = report::words(&facts, &report);
    let words = job.staging.write(REPORT_FILE, words.as_bytes()).or_failure_at(&job.out)?;
    files.push((REPORT_FILE.to_owned(), words));
    let mut writer = ArchiveWriter::in_staging(Arc::clone(&job.staging)).or_failure_at(&job.out)?;
    for (name, facts) in files {
        writer.list_file(name, facts);
    }
    for image in catalogue.iter() {
        job.rest_blocking()?;
        match image.ix.0 < tagged {
            true => writer.add_row(&image.to_row()),
            false => writer.add_untagged(&image.to_row()),
        }
        .or_failure_at(&job.out)?;
    }
    for one in &trained {
        writer.list_iteration(one.facts.clone(), one.files.clone());
    }
    let job = Arc::into_inner(job).ok_or_else(|| failure::internal("an ended archive is still at work"))?;
    let Job { staging, out, identity, progress, cancel, .. } = job;
    drop(staging);
    let sealed = writer.seal(facts).or_failure_at(&out)?;
    let listed = check::ListedProject { catalogue: &catalogue, tagged, trained: &trained, damaged: &damaged };
    check::all(&sealed, &listed, &progress, &cancel)?;
    report.folder = match &identity {
        None => sealed.publish().or_failure_at(&out)?,
        Some(former) => {
            let published = sealed.replace(former).or_failure_at(&out)?;
            report.mended.extend(published.left);
            published.folder
        }
    }
    .into();
    report.seconds = started.elapsed().as_secs_f32();
    Ok(report)
}
