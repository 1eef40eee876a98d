//! Writes decisions to disk on a thread of its own: each write waits for the disk. Decisions that come
//! while it waits are written together, with one sync.
//!
//! A decision names its project and goes to that project's journal, whatever is open by the time its turn comes: it hangs
//! on no connection and on no session. When a write fails, the later decisions of that session are dropped, because the
//! window takes them back as soon as it hears of the failure, and asks for what is really on the disk.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::export;
use crate::failure::{self, OrFailure as _};
use crate::inbox::Inbox;
use app::review::{MOST_PENDING, ReviewEvent};
use app::{Event, Failure};
use domain::{Decision, ProjectId};
use formats::ReviewFormat;
use formats::spreadsheet::Cells;
#[cfg(any(test, feature = "testing"))]
use storage::journal::WriteDelay;
use storage::journal::{self, Journal};
use storage::{OpenedJournal, StorageError};

/// Decisions that may wait. The window makes no more than [`MOST_PENDING`] for one session; the user may open several
/// projects while a disk hangs. Everything else that waits (sessions, exports) is started by the user, one at a time.
const MOST_WAITING: usize = 4 * MOST_PENDING;

#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) reviews_dir: PathBuf,
    /// The files that earlier versions kept dismissed findings in.
    pub(crate) dismissed_dir: PathBuf,
    #[cfg(any(test, feature = "testing"))]
    pub(crate) delay: Option<WriteDelay>,
}

impl Places {
    fn open(&self, project: ProjectId) -> OpenedJournal {
        let opened = journal::open_adopting(&self.reviews_dir, &self.dismissed_dir, project);
        #[cfg(any(test, feature = "testing"))]
        if let Some(delay) = self.delay.clone() {
            return OpenedJournal { journal: opened.journal.map(|journal| journal.with_delay(delay)), ..opened };
        }
        opened
    }
}

/// A handle to the journal writer. Its thread ends when this is ended or dropped.
pub(crate) struct JournalHandle {
    queue: Arc<Queue>,
}

pub(crate) enum Job {
    Open {
        generation: u64,
        project: ProjectId,
    },
    Keep {
        generation: u64,
        project: ProjectId,
        decision: Arc<Decision>,
    },
    Export {
        generation: u64,
        project: ProjectId,
        path: PathBuf,
        format: ReviewFormat,
    },
    /// Tells when everything before it is done.
    Flush(oneshot::Sender<()>),
    Close {
        generation: u64,
    },
}

#[derive(Default)]
struct Queue {
    state: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// Decisions among the jobs, and those that are being written.
    decisions: usize,
    is_ending: bool,
    has_ended: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; `None` once the handle is ended and nothing is left.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.is_ending {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The decisions that come next and are about the same session.
    fn more(&self, of: u64, group: &mut Vec<Arc<Decision>>) {
        let mut state = self.lock();
        while let Some(Job::Keep { generation, .. }) = state.jobs.front()
            && *generation == of
            && let Some(Job::Keep { decision, .. }) = state.jobs.pop_front()
        {
            group.push(decision);
        }
    }

    /// Notes that so many decisions are on the disk, or given up.
    fn done(&self, decisions: usize) {
        self.lock().decisions -= decisions;
        self.changed.notify_all();
    }

    fn end(&self) {
        self.lock().has_ended = true;
        self.changed.notify_all();
    }
}

impl JournalHandle {
    pub(crate) fn start(places: Places, inbox: Arc<Inbox>) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let writer = JournalWriter { places, inbox, queue: Arc::clone(&queue), open: None, failed: None };
        std::thread::Builder::new().name("reviews".to_owned()).spawn(move || writer.work())?;
        Ok(Self { queue })
    }

    /// Whether the job was taken. Only decisions are ever refused, when too many of them wait.
    pub(crate) fn give(&self, job: Job) -> bool {
        let mut state = self.queue.lock();
        let is_decision = matches!(job, Job::Keep { .. });
        if state.is_ending || (is_decision && state.decisions >= MOST_WAITING) {
            return false;
        }
        state.decisions += usize::from(is_decision);
        state.jobs.push_back(job);
        drop(state);
        self.queue.changed.notify_all();
        true
    }

    /// Lets the journal of a session go once all its decisions are kept, so that another window can have it.
    pub(crate) fn close(&self, generation: u64) {
        self.give(Job::Close { generation });
    }

    /// Waits until all decisions that were made so far are on the disk, or have failed and were reported.
    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.give(Job::Flush(done)) {
            // An error is the end of the thread: nothing is left in the queue then.
            let _ = flushed.await;
        }
    }

    /// Puts what waits on the disk and ends the thread; the number of decisions that are not there after `within`.
    pub(crate) fn end(&self, within: Duration) -> usize {
        let deadline = Instant::now() + within;
        let mut state = self.queue.lock();
        state.is_ending = true;
        self.queue.changed.notify_all();
        while !state.has_ended {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { break };
            let waited = self.queue.changed.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.decisions
    }
}

impl Drop for JournalHandle {
    fn drop(&mut self) {
        self.queue.lock().is_ending = true;
        self.queue.changed.notify_all();
    }
}

/// What the thread has before it.
struct JournalWriter {
    places: Places,
    inbox: Arc<Inbox>,
    queue: Arc<Queue>,
    open: Option<Open>,
    /// The session whose decisions are dropped until it asks for its journal again: an earlier one of them failed.
    failed: Option<u64>,
}

struct Open {
    generation: u64,
    project: ProjectId,
    journal: Option<Journal>,
}

impl JournalWriter {
    fn work(mut self) {
        while let Some(job) = self.queue.next() {
            match job {
                Job::Open { generation, project } => self.open(generation, project),
                Job::Keep { generation, project, decision } => {
                    let mut group = vec![decision];
                    self.queue.more(generation, &mut group);
                    self.keep(generation, project, &group);
                    self.queue.done(group.len());
                }
                Job::Export { generation, project, path, format } => {
                    let result = export(&self.places.reviews_dir, project, &path, format, Cells::Safe);
                    self.post(generation, ReviewEvent::Exported(result));
                }
                Job::Flush(done) => {
                    // The caller may no longer wait.
                    let _ = done.send(());
                }
                Job::Close { generation } => {
                    self.open.take_if(|open| open.generation == generation);
                }
            }
        }
        // The lock goes before the end is reported.
        self.open = None;
        self.queue.end();
    }

    fn post(&self, generation: u64, event: ReviewEvent) {
        self.inbox.post(Event::Review { generation, event });
    }

    fn open(&mut self, generation: u64, project: ProjectId) {
        // First the lock of the one before goes.
        self.open = None;
        self.failed.take_if(|failed| *failed == generation);
        let OpenedJournal { reviews, journal, notes } = self.places.open(project);
        let (journal, shut) = match journal {
            Ok(journal) => (Some(journal), None),
            Err(why) => (None, Some(why)),
        };
        self.open = Some(Open { generation, project, journal });
        self.post(generation, ReviewEvent::Loaded { reviews: Arc::new(reviews), shut, notes });
    }

    fn keep(&mut self, generation: u64, project: ProjectId, group: &[Arc<Decision>]) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
        if self.failed == Some(generation) {
            return;
        }
        let open = self.open.as_mut().filter(|open| open.project == project).and_then(|open| open.journal.as_mut());
        let decisions = group.iter().map(|decision| &**decision);
        let kept = match open {
            Some(journal) => journal.append(decisions).or_failure(),
            None => self.reopen(project, first.number).and_then(|mut journal| journal.append(decisions).or_failure()),
        };
        let event = match kept {
            Ok(()) => ReviewEvent::Kept { up_to: last.number },
            Err(failure) => {
                self.failed = Some(generation);
                self.open.take_if(|open| open.project == project);
                ReviewEvent::Failed { from: first.number, failure }
            }
        };
        self.post(generation, event);
    }

    /// The journal of a project that is not open any more, for a decision that was on its way when it was closed.
    fn reopen(&self, project: ProjectId, number: u64) -> Result<Journal, Failure> {
        let OpenedJournal { reviews, journal, .. } = self.places.open(project);
        let path = journal::journal_path(&self.places.reviews_dir, project);
        let refused = |reason: String| failure::from_storage(&StorageError::Broken { path: path.clone(), reason });
        let journal = journal.map_err(refused)?;
        if number < reviews.next_number() {
            return Err(refused("another Tagscope window has written decisions there in the meantime".to_owned()));
        }
        Ok(journal)
    }
}

#[cfg(test)]
mod tests;
