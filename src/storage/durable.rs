//! Bringing a whole tree of files to the disk, once and at its end: a flush for each of ten thousand files costs more
//! than everything else that is done with them.
//!
//! Linux can flush a whole file system in one call. That is only taken where it is known to wait for the data and to
//! tell what could not be written: the disk file systems of a kernel that is new enough. Everywhere else (other systems,
//! network shares, FUSE) every file is flushed by itself, several at once.

use std::fs::{File, ReadDir};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::paths::sync_dir;

/// Flushes wait for the disk, not for the processor.
const THREADS: usize = 8;

/// A tree that will have to be on the disk. Begun before the first file is written: what fails to reach the disk is reported
/// to those who were there.
#[derive(Debug)]
pub(super) struct Durable {
    root: PathBuf,
    /// The root, where the whole file system can be flushed.
    whole: Option<File>,
    /// What failed once: the system tells it only once, and what was lost then does not come back.
    failed: Mutex<Option<(io::ErrorKind, String)>>,
}

impl Durable {
    pub(super) fn begin(root: &Path) -> Self {
        let whole = File::open(root).ok().filter(can_flush_whole);
        Self { root: root.to_path_buf(), whole, failed: Mutex::default() }
    }

    /// Everything below the root is on the disk afterwards.
    pub(super) fn sync(&self) -> io::Result<()> {
        let flushed = match &self.whole {
            Some(root) => flush_whole(root),
            None => sync_each(&self.root),
        };
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = flushed {
            failed.get_or_insert((error.kind(), error.to_string()));
        }
        failed.as_ref().map_or(Ok(()), |(kind, words)| Err(io::Error::new(*kind, words.clone())))
    }
}

#[cfg(target_os = "linux")]
fn can_flush_whole(folder: &File) -> bool {
    /// Numbers of file systems, as `statfs` gives them: ext2 to ext4, XFS, Btrfs, F2FS, tmpfs.
    const KNOWN: [u64; 5] = [0xEF53, 0x5846_5342, 0x9123_683E, 0xF2F5_2010, 0x0102_1994];
    let is_known = rustix::fs::fstatfs(folder).is_ok_and(|facts| KNOWN.contains(&(facts.f_type as u64 & 0xFFFF_FFFF)));
    // From then on it tells what could not be written.
    is_known && std::fs::read_to_string("/proc/sys/kernel/osrelease").is_ok_and(|text| is_since(&text, (5, 8)))
}

#[cfg(target_os = "linux")]
fn flush_whole(folder: &File) -> io::Result<()> {
    rustix::fs::syncfs(folder).map_err(io::Error::from)
}

#[cfg(not(target_os = "linux"))]
fn can_flush_whole(_folder: &File) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
fn flush_whole(folder: &File) -> io::Result<()> {
    folder.sync_all()
}

/// Whether a release such as `6.1.0-13-amd64` is at least this one.
#[cfg(target_os = "linux")]
fn is_since(release: &str, least: (u32, u32)) -> bool {
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit()).map(|digits| digits.parse().ok());
    let release = (numbers.next().flatten(), numbers.next().flatten());
    release >= (Some(least.0), Some(least.1))
}

/// Every file by itself, then the folders.
fn sync_each(root: &Path) -> io::Result<()> {
    let walk = Mutex::new(Walk { open: vec![std::fs::read_dir(root)?], folders: vec![root.to_path_buf()] });
    let failure = Mutex::new(None);
    let work = || {
        loop {
            let next = walk.lock().unwrap_or_else(PoisonError::into_inner).next();
            let flushed = next.and_then(|file| file.map(|file| flush(&file)).transpose());
            match flushed {
                Ok(Some(())) => {}
                Ok(None) => return,
                Err(error) => {
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    return;
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for number in 1..THREADS {
            // Without another thread this one does it all.
            let _ = std::thread::Builder::new().name(format!("flush-{number}")).spawn_scoped(scope, work);
        }
        work();
    });
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let walk = walk.into_inner().unwrap_or_else(PoisonError::into_inner);
    walk.folders.iter().rev().for_each(|folder| sync_dir(folder));
    Ok(())
}

fn flush(path: &Path) -> io::Result<()> {
    // Windows flushes only what may be written.
    File::options().read(true).write(cfg!(windows)).open(path)?.sync_all()
}

/// The files of a tree, one by one.
struct Walk {
    open: Vec<ReadDir>,
    folders: Vec<PathBuf>,
}

impl Walk {
    fn next(&mut self) -> io::Result<Option<PathBuf>> {
        while let Some(folder) = self.open.last_mut() {
            let Some(entry) = folder.next().transpose()? else {
                self.open.pop();
                continue;
            };
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                self.open.push(std::fs::read_dir(&path)?);
                self.folders.push(path);
            } else {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_flushed_whole_or_file_by_file() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::create_dir_all(folder.path().join("a/b")).expect("folders");
        for number in 0..50 {
            std::fs::write(folder.path().join(format!("a/b/{number}")), b"x").expect("file");
        }
        Durable::begin(folder.path()).sync().expect("as this system can");
        let each = Durable { whole: None, ..Durable::begin(folder.path()) };
        each.sync().expect("file by file");
        let mut walk = Walk {
            open: vec![std::fs::read_dir(folder.path()).expect("folder")],
            folders: vec![folder.path().to_path_buf()],
        };
        let mut files = 0;
        while walk.next().expect("entry").is_some() {
            files += 1;
        }
        assert_eq!((files, walk.folders.len()), (50, 3), "every file and folder is met");
        // A failure is reported, whichever thread meets it.
        assert!(sync_each(&folder.path().join("none")).is_err());
        // Once lost is lost: the next flush, which has nothing to do, does not make it well.
        *each.failed.lock().expect("lock") = Some((io::ErrorKind::StorageFull, "full".to_owned()));
        assert_eq!(each.sync().expect_err("as before").kind(), io::ErrorKind::StorageFull);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_kernels_that_tell_failures_are_trusted_with_the_whole() {
        for (release, is_new_enough) in [
            ("6.1.0-13-amd64\n", true),
            ("5.8.0", true),
            ("5.10", true),
            ("5.7.19-generic", false),
            ("4.18.0-553.el8", false),
            ("", false),
            ("x", false),
        ] {
            assert_eq!(is_since(release, (5, 8)), is_new_enough, "{release:?}");
        }
    }
}
