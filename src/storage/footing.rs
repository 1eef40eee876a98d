//! Whether the system gives enough threads and open files to work with, asked before any work begins. The runtime ends
//! the program where it gets no thread, and a file that cannot be opened because too many are open looks as if it were
//! not there.

use std::io::{self, Error};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

/// Threads that are tried: two that wait for the network, some that read and write, one each for what may hang.
const THREADS: usize = 8;
/// Files that are tried, besides those that are open at the start.
#[cfg(unix)]
const FILES: usize = 28;

/// Asks the system for as many threads and files as any command needs at once, and gives them back.
///
/// # Errors
/// When the system gives fewer: with words for the user: what is short and which limit to raise.
pub fn ensure() -> io::Result<()> {
    #[cfg(unix)]
    files(FILES)?;
    threads(THREADS, |work| Builder::new().name("footing".to_owned()).stack_size(64 << 10).spawn(work))
}

/// What a thread does.
type Work = Box<dyn FnOnce() + Send>;

/// Begins threads that are all there at once.
fn threads(count: usize, begin: impl Fn(Work) -> io::Result<JoinHandle<()>>) -> io::Result<()> {
    let mut begun: Vec<(SyncSender<()>, JoinHandle<()>)> = Vec::with_capacity(count);
    let mut outcome = Ok(());
    for number in 0..count {
        let (end, is_over) = sync_channel::<()>(0);
        // It waits until the other side is dropped.
        let wait = move || {
            let _ = is_over.recv();
        };
        match begin(Box::new(wait)) {
            Ok(thread) => begun.push((end, thread)),
            Err(error) => {
                outcome = Err(too_few_threads(number, count, &error));
                break;
            }
        }
    }
    let (ends, threads): (Vec<_>, Vec<_>) = begun.into_iter().unzip();
    drop(ends);
    // They do nothing that could fail.
    threads.into_iter().for_each(|thread| drop(thread.join()));
    outcome
}

fn too_few_threads(given: usize, needed: usize, error: &Error) -> Error {
    let words = format!(
        "this system allows Tagscope only {given} of the {needed} threads it needs: {error}. Raise the process limit \
         (ulimit -u, or the limit of the container or service) and start again"
    );
    Error::new(error.kind(), words)
}

/// Opens files that are all open at once.
#[cfg(unix)]
fn files(count: usize) -> io::Result<()> {
    let mut open = Vec::with_capacity(count);
    while open.len() < count {
        match std::fs::File::open("/dev/null") {
            Ok(file) => open.push(file),
            // Without such a file nothing is known; whatever opens files then says so itself.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                let words = format!(
                    "this system allows Tagscope to open only {} more files, but it needs {count}: {error}. Raise the \
                     limit of open files (ulimit -n) and start again",
                    open.len()
                );
                return Err(Error::new(error.kind(), words));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn enough_is_enough() {
        ensure().expect("threads and files");
    }

    #[test]
    fn too_few_threads_are_an_error_with_words_and_leave_none_behind() {
        let begun = AtomicUsize::new(0);
        let error = threads(8, |work| match begun.fetch_add(1, Ordering::Relaxed) {
            3 => Err(Error::from(io::ErrorKind::WouldBlock)),
            _ => Builder::new().name("test".to_owned()).spawn(work),
        });
        let words = error.expect_err("too few").to_string();
        assert!(words.starts_with("this system allows Tagscope only 3 of the 8 threads"), "{words}");
        assert!(words.contains("ulimit -u"), "{words}");
        assert_eq!(begun.load(Ordering::Relaxed), 4, "it asks for no more");
    }
}
