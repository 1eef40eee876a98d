//! The threads that decode, and the heap that says what is decoded next: the picture on the canvas before its tiles,
//! those before its neighbors, thumbnails after that; among equals what was requested last.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// What a decode is for; the last is the most urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    /// A picture's hash, which nobody waits for.
    Hash,
    /// Work whose result is used later, if at all: pictures made for the next visit, regions compared for the wall.
    Background,
    /// A picture in a list of projects.
    Cover,
    /// A cell of the grid or the filmstrip.
    Thumb,
    /// A neighbor of the picture on the canvas.
    Ahead,
    /// The original on the canvas, and its tiles.
    Original,
    /// The picture on the canvas.
    Current,
}

/// The place in the order: urgency, then the newest request, then the place within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) urgency: Urgency,
    pub(super) epoch: u64,
    pub(super) place: std::cmp::Reverse<usize>,
}

impl Rank {
    pub(super) fn new(urgency: Urgency, epoch: u64, place: usize) -> Self {
        Self { urgency, epoch, place: std::cmp::Reverse(place) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    Canceled,
    /// The work panicked with these words.
    Panicked(String),
}

struct Job {
    rank: Rank,
    number: u64,
    cancel: CancellationToken,
    work: Box<dyn FnOnce() + Send>,
    asked: Instant,
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Job {}

impl PartialOrd for Job {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Job {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank).then(other.number.cmp(&self.number))
    }
}

#[derive(Default)]
struct Jobs {
    heap: BinaryHeap<Job>,
    number: u64,
    is_closed: bool,
}

#[derive(Default)]
struct Shared {
    jobs: Mutex<Jobs>,
    ready: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Pool {
    shared: Arc<Shared>,
    ended: Mutex<Receiver<()>>,
    threads: usize,
}

impl Pool {
    /// Starts the threads, at least one; they are called `name` and a number.
    pub(super) fn start(name: &str, threads: usize) -> std::io::Result<Self> {
        let threads = threads.max(1);
        let shared = Arc::new(Shared::default());
        let (end, ended) = sync_channel(threads);
        for number in 0..threads {
            let (shared, end) = (Arc::clone(&shared), end.clone());
            std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || serve(&shared, &end))?;
        }
        Ok(Self { shared, ended: Mutex::new(ended), threads })
    }

    /// Does the work on one of the threads. Work that is canceled before its turn is never begun.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        rank: Rank,
        cancel: &CancellationToken,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (answer, result) = oneshot::channel();
        let work = Box::new(move || {
            let done = catch_unwind(AssertUnwindSafe(work)).map_err(|panic| Stopped::Panicked(panic_words(&*panic)));
            let _ = answer.send(done);
        });
        {
            let mut jobs = self.shared.lock();
            if jobs.is_closed {
                return Err(Stopped::Canceled);
            }
            jobs.number += 1;
            let number = jobs.number;
            jobs.heap.push(Job { rank, number, cancel: cancel.clone(), work, asked: Instant::now() });
        }
        self.shared.ready.notify_one();
        tokio::select! {
            biased;
            () = cancel.cancelled() => {
                // What is not wanted must not pile up behind a long decode.
                self.shared.lock().heap.retain(|job| !job.cancel.is_cancelled());
                Err(Stopped::Canceled)
            }
            result = result => result.unwrap_or(Err(Stopped::Canceled)),
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.shared.lock().heap.len()
    }

    /// No work is started any more; waits for what is under way until the deadline. Whether all threads have ended.
    pub(super) fn close(&self, deadline: Instant) -> bool {
        {
            let mut jobs = self.shared.lock();
            jobs.is_closed = true;
            jobs.heap.clear();
        }
        self.shared.ready.notify_all();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        (0..self.threads).all(|_| {
            let rest = deadline.saturating_duration_since(Instant::now());
            ended.recv_timeout(rest).is_ok()
        })
    }
}

fn serve(shared: &Shared, end: &SyncSender<()>) {
    loop {
        let mut jobs = shared.lock();
        let job = loop {
            if jobs.is_closed {
                let _ = end.send(());
                return;
            }
            match jobs.heap.pop() {
                Some(job) if job.cancel.is_cancelled() => {}
                Some(job) => break job,
                None => jobs = shared.ready.wait(jobs).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(jobs);
        let began = Instant::now();
        (job.work)();
        let (waited, us) = ((began - job.asked).as_micros() as u64, began.elapsed().as_micros() as u64);
        tracing::trace!(name: "decode", target: "tagscope::trace", us, waited_us = waited, urgency = job.rank.urgency as u64);
    }
}

pub(super) fn panic_words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no reason given").chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().build().expect("runtime")
    }

    #[test]
    fn the_most_urgent_and_newest_goes_first() {
        let pool = Pool::start("test", 1).expect("pool");
        let cancel = CancellationToken::new();
        let order = Arc::new(Mutex::new(Vec::new()));
        let (open, gate) = sync_channel::<()>(0);
        runtime().block_on(async {
            let blocker = pool.run(Rank::new(Urgency::Current, 0, 0), &cancel, move || {
                let _ = gate.recv();
            });
            let job = |rank: Rank, name: &'static str| {
                let order = Arc::clone(&order);
                pool.run(rank, &cancel, move || order.lock().expect("order").push(name))
            };
            let jobs = async {
                tokio::join!(
                    job(Rank::new(Urgency::Background, 9, 0), "background"),
                    job(Rank::new(Urgency::Cover, 0, 0), "cover"),
                    job(Rank::new(Urgency::Thumb, 1, 0), "old"),
                    job(Rank::new(Urgency::Thumb, 2, 1), "new second"),
                    job(Rank::new(Urgency::Thumb, 2, 0), "new first"),
                    job(Rank::new(Urgency::Current, 1, 0), "canvas"),
                    async {
                        open.send(()).expect("open");
                    }
                )
            };
            let _ = tokio::join!(blocker, jobs);
        });
        assert_eq!(*order.lock().expect("order"), ["canvas", "new first", "new second", "old", "cover", "background"]);
        assert!(pool.close(Instant::now() + Duration::from_secs(60)));
    }

    #[test]
    fn a_panic_is_an_answer_and_the_thread_goes_on() {
        let pool = Pool::start("test", 1).expect("pool");
        let cancel = CancellationToken::new();
        let rank = Rank::new(Urgency::Thumb, 0, 0);
        let runtime = runtime();
        let panicked = runtime.block_on(pool.run(rank, &cancel, || panic!("a bad table")));
        assert_eq!(panicked, Err::<(), _>(Stopped::Panicked("a bad table".to_owned())));
        assert_eq!(runtime.block_on(pool.run(rank, &cancel, || 7)), Ok(7));
        cancel.cancel();
        assert_eq!(runtime.block_on(pool.run(rank, &cancel, || 7)), Err(Stopped::Canceled));
        assert!(pool.shared.lock().heap.is_empty());
    }
}
