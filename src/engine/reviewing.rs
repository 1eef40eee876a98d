//! Does the effects of [`crate::app::review`]: a thread of its own keeps the journal, because each decision waits for the
//! disk. Decisions that come while it waits are kept together, with one sync.
//!
//! After a failure it takes no more decisions until the journal is opened again: the window has taken back what failed
//! and asks for what is really on the disk.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::core::Core;
use super::failure;
use super::inbox::Inbox;
use super::opening::Opening;
use crate::app::review::{MOST_PENDING, ReviewEffect, ReviewEvent};
use crate::app::{Event, Failure, FailureKind};
use crate::domain::{Decision, ImageId, ProjectId, ReviewRow};
use crate::formats::{ReviewFormat, reviews};
use crate::storage::journal::{self, Journal};
use crate::storage::regular::read_bounded;
use crate::storage::{StorageError, refuse_inside};

/// Bytes of a file of reviews.
const MOST_FILE: u64 = 512 << 20;

/// The desk that keeps decisions. Its thread ends when this is ended or dropped.
pub(super) struct Desk {
    jobs: Mutex<Option<SyncSender<Job>>>,
    ended: Mutex<Receiver<()>>,
}

enum Job {
    Open { generation: u64, project: ProjectId },
    Keep { generation: u64, decision: Arc<Decision> },
    Export { generation: u64, project: ProjectId, path: PathBuf, format: ReviewFormat },
    Close { generation: u64 },
}

impl Desk {
    /// Starts the thread.
    pub(super) fn start(folder: PathBuf, inbox: Arc<Inbox>) -> std::io::Result<Self> {
        // Room for all decisions that may be under way and what opens, closes and exports between them.
        let (jobs, waiting) = sync_channel(MOST_PENDING + 64);
        let (tell_end, ended) = sync_channel(1);
        let clerk = Clerk { folder, inbox, open: None };
        std::thread::Builder::new().name("reviews".to_owned()).spawn(move || {
            clerk.work(&waiting);
            let _ = tell_end.send(());
        })?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), ended: Mutex::new(ended) })
    }

    /// Whether the job was taken.
    fn give(&self, job: Job) -> bool {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.as_ref().is_some_and(|jobs| jobs.try_send(job).is_ok())
    }

    /// Lets the journal of an opening go once all its decisions are kept, so that another window can have it.
    pub(super) fn close(&self, generation: u64) {
        self.give(Job::Close { generation });
    }

    /// Keeps what is under way and ends the thread; `false` when that takes too long.
    pub(super) fn end(&self, within: Duration) -> bool {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(within).is_ok()
    }
}

/// Begins one effect for the open project.
pub(super) fn run(core: &Arc<Core>, opening: &Arc<Opening>, effect: ReviewEffect) {
    let generation = opening.generation;
    let post = |event| core.shared.inbox.post(Event::Review { generation, event });
    match effect {
        ReviewEffect::Open { project } => {
            if !core.reviews.give(Job::Open { generation, project }) {
                let shut = Some("The disk does not keep up; try again in a moment.".to_owned());
                post(ReviewEvent::Loaded { reviews: Arc::default(), shut, notes: Vec::new() });
            }
        }
        ReviewEffect::Keep(decision) => {
            let from = decision.number;
            if !core.reviews.give(Job::Keep { generation, decision }) {
                let failure = failure::internal("the disk does not keep up with decisions");
                post(ReviewEvent::Failed { from, failure });
            }
        }
        ReviewEffect::Export { project, path, format } => {
            if !core.reviews.give(Job::Export { generation, project, path, format }) {
                post(ReviewEvent::Exported(Err(failure::internal("the disk does not keep up with decisions"))));
            }
        }
        ReviewEffect::Import { path } => {
            let core = Arc::clone(core);
            tokio::task::spawn_blocking(move || {
                let rows = import(&path);
                core.shared.inbox.post(Event::Review { generation, event: ReviewEvent::Imported(rows) });
            });
        }
    }
}

/// What the thread has before it.
struct Clerk {
    folder: PathBuf,
    inbox: Arc<Inbox>,
    /// The generation of the opening and its journal; `None` in it after a failure.
    open: Option<(u64, Option<Journal>)>,
}

impl Clerk {
    fn work(mut self, jobs: &Receiver<Job>) {
        let mut next = None;
        while let Some(job) = next.take().or_else(|| jobs.recv().ok()) {
            match job {
                Job::Open { generation, project } => self.open(generation, project),
                Job::Keep { generation, decision } => {
                    let mut group = vec![decision];
                    while let Ok(job) = jobs.try_recv() {
                        match job {
                            Job::Keep { generation: other, decision } if other == generation => group.push(decision),
                            other => {
                                next = Some(other);
                                break;
                            }
                        }
                    }
                    self.keep(generation, &group);
                }
                Job::Export { generation, project, path, format } => {
                    let result = export(&self.folder, project, &path, format);
                    self.post(generation, ReviewEvent::Exported(result));
                }
                Job::Close { generation } => {
                    self.open.take_if(|(open, _)| *open == generation);
                }
            }
        }
    }

    fn post(&self, generation: u64, event: ReviewEvent) {
        self.inbox.post(Event::Review { generation, event });
    }

    fn open(&mut self, generation: u64, project: ProjectId) {
        // First the lock of the one before goes.
        self.open = None;
        let opened = journal::open(&self.folder, project);
        let (journal, shut) = match opened.journal {
            Ok(journal) => (Some(journal), None),
            Err(why) => (None, Some(why)),
        };
        self.open = Some((generation, journal));
        let (reviews, notes) = (Arc::new(opened.reviews), opened.notes);
        self.post(generation, ReviewEvent::Loaded { reviews, shut, notes });
    }

    fn keep(&mut self, generation: u64, group: &[Arc<Decision>]) {
        let Some((_, journal)) = self.open.as_mut().filter(|(open, _)| *open == generation) else { return };
        // None: after a failure. The window has taken these back too.
        let Some(open) = journal else { return };
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
        let event = match open.append(group.iter().map(|decision| &**decision)) {
            Ok(()) => ReviewEvent::Kept { up_to: last.number },
            Err(error) => {
                *journal = None;
                ReviewEvent::Failed { from: first.number, failure: failure::of_storage(&error) }
            }
        };
        self.post(generation, event);
    }
}

/// Writes all reviews of a project to a new file; their number of rows.
///
/// # Errors
/// When something is there already, or the system refuses; nothing is there then that was not before.
pub fn export(folder: &Path, project: ProjectId, path: &Path, format: ReviewFormat) -> Result<usize, Failure> {
    let rows = journal::read(folder, project).map_err(|error| failure::of_storage(&error))?.rows();
    write_new(path, |out| format.write(&rows, out)).map_err(|error| failure::of_storage(&error))?;
    Ok(rows.len())
}

/// What is on the disk of the decisions about these images, in their order: what an export takes along. Blocks.
///
/// # Errors
/// When the journal cannot be read. Without it the export would be poorer than what was asked for.
pub fn about(
    folder: &Path,
    project: ProjectId,
    images: impl Iterator<Item = ImageId>,
) -> Result<Vec<ReviewRow>, Failure> {
    let reviews = journal::read(folder, project).map_err(|error| failure::of_storage(&error))?;
    Ok(reviews.rows_of(images))
}

/// Writes a file under a passing name beside its place and puts it there, unless something is there.
fn write_new(
    path: &Path,
    write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>,
) -> Result<(), StorageError> {
    let failed = |error| StorageError::write(path, error);
    if path.symlink_metadata().is_ok() {
        return Err(StorageError::AlreadyThere { path: path.to_path_buf() });
    }
    refuse_inside(path)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".tagscope-").tempfile_in(parent).map_err(failed)?;
    {
        let mut out = std::io::BufWriter::new(file.as_file_mut());
        write(&mut out).and_then(|()| std::io::Write::flush(&mut out)).map_err(failed)?;
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist_noclobber(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Reads a file of reviews.
///
/// # Errors
/// When it cannot be read, or anything in it is wrong.
pub fn import(path: &Path) -> Result<Vec<ReviewRow>, Failure> {
    let bytes = read_bounded(path, MOST_FILE).map_err(|error| failure::of_storage(&error))?;
    reviews::read(&bytes).map_err(|error| {
        let (path, reason) = (path.display().to_string(), error.to_string());
        Failure::new(FailureKind::BrokenFile { path, reason: reason.clone() }, reason)
    })
}
