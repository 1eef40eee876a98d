//! A result that goes to an object store. It is built, read back and verified in a work folder of this computer, exactly as
//! one that stays here; then every file of its manifest is uploaded, several at once, each created only where there is none
//! and verified; the manifest comes last, so that a reader who sees it sees all. Interrupted at any point, the work folder
//! stays, and a run that is resumed continues: what is in the store already, with the right length and hash, is kept.
//! Nothing in a store is overwritten or deleted.

mod files;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::files::{Files, place};
use super::far::refuse_inside;
use super::jobs::{JobProgress, ProgressSink};
use super::source::blocking;
use super::{failure, jobs};
use crate::failure::OrFailure as _;
use app::{Failure, FailureKind};
use domain::{Destination, ObjectAddress, StoreTrouble};
use remote::{Entry, Store, StoreOptions};
use storage::archive::{FileList, MANIFEST_FILE};
use storage::regular::read_bounded;
use storage::staging::facts_of;
use storage::{FileFacts, Purpose, StorageError, UploadWork, look_at_unfinished};

/// Files under way at once: each holds at most a part in memory.
const PARALLEL: usize = 8;
/// The list of files of the largest archive.
const MOST_MANIFEST_BYTES: u64 = 1 << 30;

#[derive(Clone, Debug, Default)]
pub struct Uploads {
    /// The folder of work folders; without one nothing can be uploaded.
    pub folder: Option<PathBuf>,
    pub store: StoreOptions,
}

pub(super) struct UploadJob {
    pub uploads: Uploads,
    pub address: ObjectAddress,
    /// Says exactly what is built.
    pub purpose: Purpose,
    pub is_resumed: bool,
    pub progress: ProgressSink,
    pub pause: Option<watch::Receiver<bool>>,
    pub cancel: CancellationToken,
}

impl UploadJob {
    /// Waits for something of the store, unless it is canceled.
    async fn wait<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(failure::canceled()),
            done = work => done,
        }
    }
}

/// A report of what was built, which is to say where that is by now and how long all of it took.
pub(super) trait Report: Serialize + DeserializeOwned + Send + 'static {
    fn uploaded(&mut self, place: Destination, seconds: f32);
}

impl Report for app::ExportReport {
    fn uploaded(&mut self, place: Destination, seconds: f32) {
        (self.folder, self.seconds) = (place, seconds);
    }
}

impl Report for app::ArchiveReport {
    fn uploaded(&mut self, place: Destination, seconds: f32) {
        (self.folder, self.seconds) = (place, seconds);
    }
}

/// Builds a result in a work folder with `build`, and uploads it.
pub(super) async fn through<R: Report, W>(job: UploadJob, build: impl FnOnce(PathBuf) -> W) -> Result<R, Failure>
where
    W: Future<Output = Result<R, Failure>>,
{
    let started = Instant::now();
    let work = begin(&job.uploads, &job.address, &job.purpose, job.is_resumed).await?;
    let done = build_and_upload(&job, &work, build).await;
    let is_done = done.is_ok();
    blocking(move || {
        if is_done {
            work.finish()
        } else {
            work.leave()
        };
        Ok(())
    })
    .await?;
    done.map(|mut report| {
        report.uploaded(Destination::Store(job.address), started.elapsed().as_secs_f32());
        report
    })
}

/// Looks at a place before anything is listed or downloaded for it, and leaves everything as it is. `purpose` holds what is
/// known of the job by then.
///
/// # Errors
/// When the store cannot be used, something is at the place, an unfinished job is there that is not to be resumed or was
/// begun for something else, or it is canceled.
pub async fn look_first(
    uploads: &Uploads,
    out: &Destination,
    purpose: &Purpose,
    is_resumed: bool,
    cancel: &CancellationToken,
) -> Result<(), Failure> {
    let address = match out {
        Destination::Store(address) => address,
        Destination::Folder(folder) => {
            let (folder, purpose) = (folder.clone(), purpose.clone());
            return blocking(move || look_at_unfinished(&folder, &purpose, is_resumed).or_failure()).await;
        }
    };
    let work = begin(uploads, address, purpose, is_resumed).await?;
    let seen = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(failure::canceled()),
        seen = open_place(uploads, address, &work, 1) => seen,
    };
    blocking(move || Ok(work.leave())).await?;
    seen.map(drop)
}

async fn begin(
    uploads: &Uploads,
    address: &ObjectAddress,
    purpose: &Purpose,
    is_resumed: bool,
) -> Result<UploadWork, Failure> {
    let Some(folder) = uploads.folder.clone() else {
        return Err(failure::internal("there is no folder to build an upload in"));
    };
    let (text, purpose) = (address.to_string(), purpose.clone());
    let begun = blocking(move || UploadWork::begin(&folder, &text, &purpose, is_resumed).or_failure()).await;
    begun.map_err(|failure| left_for(failure, address))
}

/// A failure because of what an interrupted upload has left says that some of it may be in the store as well.
fn left_for(mut failure: Failure, address: &ObjectAddress) -> Failure {
    if let FailureKind::Unfinished { store, .. } = &mut failure.kind {
        *store = Some(Box::new(address.clone()));
    }
    failure
}

/// Opens a place, which must be empty unless an interrupted upload may have left something there: at most so many of its
/// objects.
async fn open_place(
    uploads: &Uploads,
    address: &ObjectAddress,
    work: &UploadWork,
    most: usize,
) -> Result<(Store, Vec<Entry>), Failure> {
    let store = Store::open(address, uploads.store.clone()).await.or_failure()?;
    let may_be_in_store = work.may_be_in_store();
    let known = store.entries(if may_be_in_store { most } else { 1 }).await.or_failure()?;
    if !may_be_in_store && !known.is_empty() {
        return Err(store_failure(address, StoreTrouble::NotEmpty));
    }
    refuse_inside(&store).await?;
    Ok((store, known))
}

async fn build_and_upload<R: Report, W>(
    job: &UploadJob,
    work: &UploadWork,
    build: impl FnOnce(PathBuf) -> W,
) -> Result<R, Failure>
where
    W: Future<Output = Result<R, Failure>>,
{
    // Before anything is built, so that an error is reported at once.
    let (store, known) = job.wait(open_place(&job.uploads, &job.address, work, usize::MAX)).await?;
    let report = match work.built().or_failure()? {
        Some(report) => report,
        None => {
            let report = build(work.result()).await?;
            work.set_built(&job.purpose, &report).or_failure()?;
            report
        }
    };
    let (result, mark) = (work.result(), work.mark());
    let listed = blocking({
        let result = result.clone();
        move || list(&result)
    })
    .await?;
    upload(job, Arc::new(Files { store, result, mark }), listed, known).await?;
    Ok(report)
}

fn store_failure(place: &ObjectAddress, trouble: StoreTrouble) -> Failure {
    Failure::bare(FailureKind::Store { place: place.to_string(), trouble })
}

/// What is to be in the store: the files of the manifest, and itself.
struct Listed {
    files: FileList,
    manifest: FileFacts,
}

fn list(result: &std::path::Path) -> Result<Listed, Failure> {
    #[derive(Deserialize)]
    struct Manifest {
        files: FileList,
    }
    let path = result.join(MANIFEST_FILE);
    let bytes = read_bounded(&path, MOST_MANIFEST_BYTES).or_failure()?;
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|error| StorageError::Broken { path, reason: domain::json_error(&error) })
        .or_failure()?;
    Ok(Listed { files: manifest.files, manifest: facts_of(&bytes) })
}

async fn upload(job: &UploadJob, files: Arc<Files>, listed: Listed, known: Vec<Entry>) -> Result<(), Failure> {
    let Listed { files: FileList { files: list, .. }, manifest } = listed;
    let mut known: FxHashMap<String, Entry> = known.into_iter().map(|entry| (entry.name.clone(), entry)).collect();
    if let Some(other) = known.keys().find(|name| *name != MANIFEST_FILE && !list.contains_key(*name)) {
        return Err(store_failure(&job.address.join(other), StoreTrouble::AlreadyThere));
    }
    let total = list.len() as u64 + 1;
    let mut done = JobProgress { stage: "Uploading", done: 0, total, bytes: 0 };
    (job.progress)(done);
    let mut tasks: JoinSet<Result<u64, Failure>> = JoinSet::new();
    let last = known.remove(MANIFEST_FILE);
    for (name, facts) in list {
        jobs::rest(job.pause.as_ref(), &job.cancel).await;
        while tasks.len() >= PARALLEL {
            one_done(job, &mut tasks, &mut done).await?;
        }
        let known = known.remove(&name);
        tasks.spawn(place(Arc::clone(&files), name, facts, known));
    }
    while !tasks.is_empty() {
        one_done(job, &mut tasks, &mut done).await?;
    }
    jobs::rest(job.pause.as_ref(), &job.cancel).await;
    // Only now, when all that it names is there.
    tasks.spawn(place(files, MANIFEST_FILE.to_owned(), manifest, last));
    one_done(job, &mut tasks, &mut done).await
}

/// Waits for the next file. When this fails, the others are dropped with the set.
async fn one_done(
    job: &UploadJob,
    tasks: &mut JoinSet<Result<u64, Failure>>,
    done: &mut JobProgress,
) -> Result<(), Failure> {
    let joined = job.wait(async { Ok(tasks.join_next().await) }).await?;
    let Some(joined) = joined else { return Ok(()) };
    let bytes = joined.or_failure()??;
    (done.done, done.bytes) = (done.done + 1, done.bytes + bytes);
    (job.progress)(*done);
    Ok(())
}
