//! An export, from the chosen images to a folder that appears whole or not at all.
//!
//! 1. `pictures`: download into a hidden folder next to the target, several at once, byte for byte; what an interrupted
//!    run has left whole is kept (`picture_files`).
//!    Those of an archive go straight into a format that holds them, where they can be `streamed`.
//! 2. `labels`: the formats, image by image (`formats` says how each is laid out); `drawn`: those that are pictures;
//!    `reviews`: the decisions about them.
//! 3. `verify`: read everything again with readers that share nothing with the writers, and compare each image,
//!    region, tag and hash: counts in = counts out + what is itemized.
//! 4. `report`: manifest and report; then the folder is renamed into its place.
//!
//! Whatever fails on the way, nothing is published and nothing that exists is touched. What the network, the disk or a kill
//! interrupts stays in the hidden folder for a job that is resumed. A picture that cannot be had is
//! itemized and the rest continues, unless so many fail in a row that the source itself must be unavailable.

mod compare;
mod drawn;
mod dry_run;
mod export_log;
mod fetch;
mod folder;
mod labels;
mod layout;
mod picture_files;
mod pictures;
mod purpose;
mod report;
mod reviews;
mod rewrite;
mod streamed;
mod verify;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashSet;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use super::jobs::{JobProgress, ProgressSink};
pub use dry_run::download;
pub use dry_run::dry_run;
pub(crate) use fetch::SharedDownloads;
pub use fetch::{ArchiveFetch, Fetch, SourceFetch};
pub use layout::has_key;
pub(crate) use pictures::{FAILURES_IN_A_ROW, words_of_no_end};
pub use purpose::ExportSpec;
pub(crate) use report::escaped;
pub use report::read_classes;
pub(crate) use reviews::{MOST_BYTES as MOST_REVIEWS_BYTES, REVIEWS_FILE};
pub use rewrite::rewrite_azureml_url;

use super::source::doubts_of;
use super::uploading::{UploadJob, Uploads, through};
use super::{failure, jobs};
use crate::failure::OrFailure as _;
use app::{ExportJob, ExportReport, Failure, FailureKind};
use domain::{BlobKind, Destination, ObjectAddress, ReviewRow, StoreKind};
use export_log::ExportLog;
use formats::{Format, PixelChoice};
use layout::Placed;
use picture_files::KeptPictures;
use storage::open_files::OpenFilesWatch;
use storage::{Archive, Purpose, Staging};

#[derive(Clone, Debug)]
pub struct ExportOptions {
    /// Pictures fetched at once, at least 1.
    pub parallel: usize,
    /// At most so many bytes are written; more fails as a full disk does.
    #[cfg(any(test, feature = "testing"))]
    pub byte_limit: Option<u64>,
    /// While it holds `true`, nothing continues.
    pub pause: Option<watch::Receiver<bool>>,
    /// What was decided about the images, in their order: written next to the labels where the job wants it.
    pub reviews: Vec<ReviewRow>,
    pub uploads: Uploads,
    /// Once this is canceled, a job that stops keeps what it has done: the program ends or disconnects. Without it a stop
    /// is the user's, and nothing is left.
    pub keeps_on: Option<CancellationToken>,
}

impl Default for ExportOptions {
    fn default() -> Self {
        Self {
            parallel: 8,
            #[cfg(any(test, feature = "testing"))]
            byte_limit: None,
            pause: None,
            reviews: Vec::new(),
            uploads: Uploads::default(),
            keeps_on: None,
        }
    }
}

struct Plan {
    job: ExportJob,
    staging: Staging,
    progress: ProgressSink,
    cancel: CancellationToken,
    /// Writes under way: the hidden folder can only be removed once they have ended.
    writes: TaskTracker,
    kept: KeptPictures,
    /// The archive on this computer that the formats take the pictures from as they write them: nothing needs them in the hidden folder.
    in_place: Option<Arc<Archive>>,
    /// The format that is written while the pictures are read from there.
    streamed: Option<Format>,
    pause: Option<watch::Receiver<bool>>,
    reviews: Vec<ReviewRow>,
}

impl Plan {
    /// Waits while it is paused; fails when it is to stop. On a thread that may wait.
    fn check_canceled(&self) -> Result<(), Failure> {
        jobs::rest_blocking(self.pause.as_ref(), &self.cancel);
        if self.cancel.is_cancelled() { Err(failure::canceled()) } else { Ok(()) }
    }
}

impl Plan {
    fn kind(&self) -> BlobKind {
        if self.job.pixels == PixelChoice::Resized { BlobKind::Resized } else { BlobKind::Original }
    }

    /// Waits while it is paused and not canceled.
    async fn paused(&self) {
        jobs::rest(self.pause.as_ref(), &self.cancel).await;
    }
}

/// Whether every format holds the pictures in files of its own, so that none of them stays as a file.
fn has_only_packed_pictures(job: &ExportJob) -> bool {
    !job.formats.is_empty() && job.formats.iter().all(|format| format.packs_pictures())
}

/// Whether a later run can resume where this one failed. What the user stopped is not wanted, unless `is_ending`: the whole
/// program or its connection ends. What was wrong once read back would be wrong again.
fn is_worth_keeping(failure: &Failure, is_ending: bool) -> bool {
    use FailureKind as K;
    match failure.kind {
        K::Canceled => is_ending,
        K::NotVerified { .. } | K::Internal { .. } => false,
        _ => true,
    }
}

/// Does an export.
///
/// # Errors
/// When anything fails that is not about a single picture, when the result does not compare, or when it is canceled.
/// Nothing is published then; what the source or the disk interrupted can be resumed, of anything else nothing is left.
pub async fn run<F: Fetch>(
    mut job: ExportJob,
    fetch: &F,
    mut options: ExportOptions,
    progress: ProgressSink,
    cancel: CancellationToken,
) -> Result<ExportReport, Failure> {
    let purpose = purpose::of(&job);
    let address = match job.out.clone() {
        Destination::Folder(folder) => return to_folder(job, purpose, folder, fetch, options, progress, cancel).await,
        Destination::Store(address) => address,
    };
    name_pictures(&mut job, &address, &options.uploads)?;
    // What was done is kept also when the user stops it: some of it may be in the store.
    options.keeps_on = Some(cancel.clone());
    let upload = UploadJob {
        uploads: options.uploads.clone(),
        address,
        purpose: purpose::exact(purpose.clone(), &job),
        is_resumed: job.is_resumed,
        progress: Arc::clone(&progress),
        pause: options.pause.clone(),
        cancel: cancel.clone(),
    };
    Box::pin(through(upload, |folder| to_folder(job, purpose, folder, fetch, options, progress, cancel))).await
}

/// Tables of Azure ML say where the pictures are; in a container of Azure that is known beforehand.
fn name_pictures(job: &mut ExportJob, address: &ObjectAddress, uploads: &Uploads) -> Result<(), Failure> {
    let is_wanted = job.formats.contains(&Format::AzureMl) && job.options.azureml_url.is_none();
    if !is_wanted || address.kind() != StoreKind::Azure {
        return Ok(());
    }
    let pictures = address.join("images");
    let url = match address.account() {
        Some(_) => pictures.to_string(),
        None => {
            let account = remote::account_of(address, &uploads.store.environment).or_failure()?;
            format!("wasbs://{}@{account}.blob.core.windows.net/{}", pictures.container(), pictures.prefix())
        }
    };
    job.options.azureml_url = Some(format!("{url}/"));
    Ok(())
}

async fn to_folder<F: Fetch>(
    mut job: ExportJob,
    purpose: Purpose,
    out: PathBuf,
    fetch: &F,
    options: ExportOptions,
    progress: ProgressSink,
    cancel: CancellationToken,
) -> Result<ExportReport, Failure> {
    let started = Instant::now();
    if job.formats.is_empty() && job.pixels == PixelChoice::None {
        return Err(failure::internal("neither labels nor pictures were requested"));
    }
    labels::refuse(&job)?;
    let mut seen = FxHashSet::default();
    job.images.retain(|&ix| job.catalogue.get(ix).is_some() && seen.insert(ix));
    if let Some(archive) = fetch.archive().cloned() {
        let iteration = job.iteration.as_ref().map(|iteration| iteration.id);
        job.notes.extend(blocking(move || doubts_of(&archive, iteration)).await?);
    }
    let begun = job.clone();
    let (staging, kept) = blocking(move || {
        let (staging, kept) = picture_files::begin(&begun, &purpose, &out)?;
        #[cfg(any(test, feature = "testing"))]
        if let Some(bytes) = options.byte_limit {
            return Ok((staging.with_byte_limit(bytes), kept));
        }
        Ok((staging, kept))
    })
    .await?;
    let watch = OpenFilesWatch::begin();
    let (pause, reviews, keeps_on) = (options.pause, options.reviews, options.keeps_on);
    let in_place = fetch.archive().filter(|archive| !archive.is_far() && has_only_packed_pictures(&job)).cloned();
    let streamed = in_place.as_ref().and_then(|_| streamed::format_of(&job));
    let writes = TaskTracker::new();
    let plan = Arc::new(Plan { job, staging, progress, cancel, writes, kept, in_place, streamed, pause, reviews });
    let result = stages(&plan, fetch, options.parallel.max(1)).await;
    plan.writes.close();
    plan.writes.wait().await;
    // The hidden folder of a failed export goes before the failure is reported; it may hold gigabytes.
    blocking(move || {
        let plan = Arc::into_inner(plan).ok_or_else(|| failure::internal("an ended export is still at work"))?;
        let written = result.and_then(|(log, placed)| {
            let mut report = log.report(&plan.job, &placed);
            report.bytes = report::write(&plan, &log, &placed, &report)?;
            plan.check_canceled()?;
            Ok(report)
        });
        let mut report = match failure::check_watched(&watch, written) {
            Ok(report) => report,
            Err(failure) => {
                let is_ending = keeps_on.is_some_and(|ending| ending.is_cancelled());
                if !is_worth_keeping(&failure, is_ending) {
                    plan.staging.give_up();
                }
                return Err(failure);
            }
        };
        report.cleared = plan.staging.cleared().to_vec();
        report.mended = plan.staging.repaired().to_vec();
        report.folder = plan.staging.publish().or_failure()?.into();
        report.seconds = started.elapsed().as_secs_f32();
        Ok(report)
    })
    .await
}

/// Pictures, labels, and both read again.
async fn stages<F: Fetch>(plan: &Arc<Plan>, fetch: &F, parallel: usize) -> Result<(ExportLog, Vec<Placed>), Failure> {
    let mut log = ExportLog::default();
    log.notes.extend(plan.job.notes.iter().cloned());
    log.miss_unreadable_regions(&plan.job);
    let mut streamed = None;
    let mut placed = match (plan.job.pixels, plan.streamed) {
        (PixelChoice::None, _) => pictures::none(plan, &mut log),
        (_, None) => pictures::fetch_all(plan, fetch, parallel, None, &mut log).await?,
        (_, Some(format)) => {
            let (placed, written) = streamed::write(plan, fetch, parallel, format, &mut log).await?;
            streamed = Some(written);
            placed
        }
    };
    if !has_only_packed_pictures(&plan.job) {
        // Most of it is on its way to the disk while the labels are written; what fails is reported when all of it is flushed.
        let flushed = Arc::clone(plan);
        drop(plan.writes.spawn_blocking(move || flushed.staging.sync()));
    }
    let plan = Arc::clone(plan);
    blocking(move || {
        pictures::convert(&plan, &mut placed, &mut log)?;
        labels::write_all(&plan, &placed, streamed, &mut log)?;
        reviews::write(&plan, &placed, &mut log)?;
        // Most of it is on its way to the disk while it is read back.
        let flushed = Arc::clone(&plan);
        drop(plan.writes.spawn_blocking(move || flushed.staging.sync()));
        verify::all(&plan, &placed, &log)?;
        reviews::verify(&plan, &placed, &log)?;
        labels::tidy(&plan, &placed, &log)?;
        Ok((log, placed))
    })
    .await
}

/// Work with files, off the threads that wait for the network.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    joined(tokio::task::spawn_blocking(work)).await
}

async fn joined<T>(task: tokio::task::JoinHandle<Result<T, Failure>>) -> Result<T, Failure> {
    match task.await {
        Ok(result) => result,
        Err(error) if error.is_panic() => Err(failure::internal("a step of the export panicked")),
        Err(_) => Err(failure::canceled()),
    }
}
