//! Work with many files of this computer on several threads: as many as there are processors, because hashing and
//! checking keep them busy.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// More do not help: the disk is what is waited for then.
const MOST_THREADS: usize = 8;

pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from).clamp(1, MOST_THREADS)
}

/// Calls `work` for each number below `count`, in any order, on several threads. This one does `meanwhile` first and then
/// takes part. The first failure ends it all; that of `meanwhile` is reported before any other.
pub(super) fn each<E: Send>(
    count: usize,
    work: impl Fn(usize) -> Result<(), E> + Sync,
    meanwhile: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    on_threads(threads(), count, work, meanwhile)
}

/// The same for work that keeps no processor busy, such as taking files away: a disk that handles each of them takes
/// milliseconds, and several at once take no longer.
pub(super) fn each_waiting<E: Send>(count: usize, work: impl Fn(usize) -> Result<(), E> + Sync) -> Result<(), E> {
    on_threads(MOST_THREADS, count, work, || Ok(()))
}

/// The same for long work behind the window, which keeps a processor for itself.
pub(super) fn each_behind<E: Send>(count: usize, work: impl Fn(usize) -> Result<(), E> + Sync) -> Result<(), E> {
    on_threads(threads().saturating_sub(1).max(1), count, work, || Ok(()))
}

fn on_threads<E: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> Result<(), E> + Sync,
    meanwhile: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    let (next, failure) = (AtomicUsize::new(0), Mutex::new(None));
    let fail = |error: E| {
        next.store(count, Ordering::Relaxed);
        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    };
    let take_part = || {
        // Beyond the end the counter continues by one a thread.
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && at < count
        {
            if let Err(error) = work(at) {
                fail(error);
            }
        }
    };
    std::thread::scope(|scope| {
        for number in 1..threads.min(count + 1) {
            // Without another thread this one does it all.
            let _ = std::thread::Builder::new().name(format!("files-{number}")).spawn_scoped(scope, take_part);
        }
        match meanwhile() {
            Ok(()) => take_part(),
            Err(error) => {
                next.store(count, Ordering::Relaxed);
                *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            }
        }
    });
    failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn each_number_is_done_once_and_a_failure_ends_it() {
        let sum = AtomicU64::new(0);
        let add = |number: usize| {
            sum.fetch_add(number as u64, Ordering::Relaxed);
            Ok::<_, usize>(())
        };
        each(1_000, add, || Ok(())).expect("all");
        assert_eq!(sum.load(Ordering::Relaxed), 499_500);
        each(0, add, || Ok(())).expect("nothing to do");
        assert_eq!(each(1_000_000, |number| if number == 7 { Err(7) } else { Ok(()) }, || Ok(())), Err(7));
        assert_eq!(each(3, |_| Err(2), || Err(1)), Err(1));
        each_waiting(1_000, add).expect("all");
        assert_eq!(sum.load(Ordering::Relaxed), 2 * 499_500);
    }
}
