//! What this computer gives: memory, threads, open files, room on a disk.
//!
//! How much memory this process may have: what the machine has free, what its control group allows (a container's or a
//! service's bound, version 1 or 2), and what the shell allows (`ulimit`). Only known on Linux; elsewhere "unknown".
//!
//! Threads and open files are asked for before any work begins. The runtime ends the program where it gets no thread, and a
//! file that cannot be opened because too many are open looks as if it were not there.

use std::io::{self, Error};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

/// Where the two versions of control groups are found, and the file that holds the bound.
const GROUPS_2: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
const BOUND_2: &str = "memory.max";
const GROUPS_1: &str = "/sys/fs/cgroup/memory";
const BOUND_1: &str = "memory.limit_in_bytes";
/// Version 1 says "no bound" with a number near the largest there is.
const NO_BOUND: u64 = 1 << 60;

/// Bytes that this process may hold, or that the system has for it; `None`: the system does not tell.
pub fn memory_limit() -> Option<u64> {
    limit_by(&|path| std::fs::read_to_string(path).ok())
}

/// Bytes of address space that the shell allows this process (`ulimit -v`); `None`: as much as there is.
pub fn address_space() -> Option<u64> {
    soft_bound(&std::fs::read_to_string("/proc/self/limits").ok()?, "Max address space")
}

/// The least of all bounds that `read` finds.
fn limit_by(read: &dyn Fn(&Path) -> Option<String>) -> Option<u64> {
    let free = read(Path::new("/proc/meminfo")).and_then(|text| free_memory(&text));
    let shell = read(Path::new("/proc/self/limits")).and_then(|text| shell_bound(&text));
    let groups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let groups = groups.lines().filter_map(group_files).flatten();
    let bounds = groups.filter_map(|file| read(&file)?.trim().parse().ok()).filter(|&bound| bound < NO_BOUND);
    bounds.chain(free).chain(shell).min()
}

/// What can be had without swapping; an old kernel tells only the whole.
fn free_memory(meminfo: &str) -> Option<u64> {
    let kibibytes = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    };
    kibibytes("MemAvailable:").or_else(|| kibibytes("MemTotal:")).map(|count| count.saturating_mul(1 << 10))
}

/// What the soft bounds leave. That of the address space counts what is mapped, about twice of what is held.
fn shell_bound(limits: &str) -> Option<u64> {
    let space = soft_bound(limits, "Max address space").map(|bytes| bytes / 2);
    [space, soft_bound(limits, "Max data size")].into_iter().flatten().min()
}

/// One of the soft bounds, where it is a number.
fn soft_bound(limits: &str, name: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The files that may hold a bound for a line of `/proc/self/cgroup`: the group's own and those of the groups around it.
/// In a container the path is that of the outside; then only the topmost file is there.
fn group_files(line: &str) -> Option<Vec<PathBuf>> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (controllers, path) = (parts.next()?, parts.next()?);
    let (roots, bound): (&[&str], _) = match controllers {
        "" => (&GROUPS_2, BOUND_2),
        names if names.split(',').any(|name| name == "memory") => (&[GROUPS_1], BOUND_1),
        _ => return None,
    };
    let inner = Path::new(path.trim_start_matches('/'));
    let files =
        roots.iter().flat_map(|root| inner.ancestors().map(move |group| Path::new(root).join(group).join(bound)));
    Some(files.collect())
}

/// Bytes that this person may still write where `path` is or would be made; `None` when the system does not say.
pub fn free_space(path: &Path) -> Option<u64> {
    path.ancestors().find(|folder| folder.is_dir()).and_then(|folder| fs4::available_space(folder).ok())
}

/// Whether a file can be made where `path` is or would be made. Nothing is left behind.
///
/// # Errors
/// Why not, from the system.
pub fn try_to_write(path: &Path) -> io::Result<()> {
    match path.ancestors().find(|place| place.exists()) {
        Some(folder) if !folder.is_dir() => Err(Error::other(format!("{} is a file", folder.display()))),
        folder => tempfile::tempfile_in(folder.unwrap_or(path)).map(drop),
    }
}

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
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const MEMINFO: &str = "MemTotal:       24683520 kB\nMemFree:          123 kB\nMemAvailable:    2097152 kB\n";

    fn limit(files: &[(&str, &str)]) -> Option<u64> {
        limit_by(&|path| files.iter().find(|(name, _)| Path::new(name) == path).map(|(_, text)| (*text).to_owned()))
    }

    #[test]
    fn the_least_bound_counts() {
        assert_eq!(limit(&[]), None);
        assert_eq!(limit(&[("/proc/meminfo", "odd")]), None);
        let free = ("/proc/meminfo", MEMINFO);
        assert_eq!(limit(&[free]), Some(2 << 30));
        assert_eq!(limit(&[("/proc/meminfo", "MemTotal:  1024 kB\n")]), Some(1 << 20));
        let groups = ("/proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/a/b\n0::/c/d\n");
        let own = ("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(limit(&[free, groups, own]), Some(2 << 30), "no bound in the group");
        let around = ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n");
        assert_eq!(limit(&[free, groups, own, around]), Some(512 << 20), "that of the group around it");
        let second = ("/sys/fs/cgroup/c/memory.max", "268435456\n");
        let none = ("/sys/fs/cgroup/c/d/memory.max", "max\n");
        assert_eq!(limit(&[free, groups, around, second, none]), Some(256 << 20), "version 2");
        let cpu = ("/proc/self/cgroup", "4:cpu:/a/b\n");
        assert_eq!(limit(&[free, cpu, around]), Some(2 << 30), "another controller's group");
    }

    #[test]
    fn what_the_shell_allows_counts_too() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max data size             unlimited            unlimited            bytes     \n\
                      Max address space         1073741824           unlimited            bytes     \n";
        assert_eq!(limit(&[("/proc/meminfo", MEMINFO), ("/proc/self/limits", limits)]), Some(1 << 29));
        assert_eq!(limit(&[("/proc/self/limits", "Max data size             5 6 bytes")]), Some(5));
    }

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
