//! Under which hidden name a folder is built, and what else belongs to it: a journal, or a lock.
//!
//! A job that nobody continues with when it is interrupted has the folder `.NAME.tagscope-RANDOM` next to its place, and a lock
//! next to that, by which others know that the job is alive. The lock is there before the folder and goes after it. Who can
//! take the lock knows that the job is dead, killed before it could clear up: then both are removed by the next job that
//! begins in the same place.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::error::StorageError;
use super::hidden::beside;
use super::unfinished::Unfinished;

/// The hidden folder of a job.
#[derive(Debug)]
pub(super) enum Site {
    /// One of its own, gone with the job.
    Ephemeral(Ephemeral),
    /// The same each time, so that a later run finds it.
    Resumable(Unfinished),
}

impl Site {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Ephemeral(folder) => folder.path(),
            Self::Resumable(folder) => folder.path(),
        }
    }

    /// Notes for good that it is about to be published: the hash of its manifest.
    pub(super) fn announce(&self, manifest: &str) -> Result<(), StorageError> {
        match self {
            Self::Ephemeral(_) => Ok(()),
            Self::Resumable(folder) => folder.announce(manifest),
        }
    }

    pub(super) fn release(&self) {
        match self {
            Self::Ephemeral(folder) => folder.end(),
            Self::Resumable(folder) => folder.forget_journal(),
        }
    }

    /// Whatever becomes of the job, the folder of this name is not removed with it.
    pub(super) fn hold(&self) {
        if let Self::Resumable(folder) = self {
            folder.hold();
        }
    }

    /// The job failed. Whether the folder was left for a later run.
    pub(super) fn leave(&self) -> bool {
        match self {
            Self::Resumable(folder) => folder.leave(),
            Self::Ephemeral(folder) => {
                folder.remove();
                false
            }
        }
    }
}

/// Letters of the random part of a name.
const RANDOM: usize = 8;
/// Names tried before it must be something else that is wrong.
const TRIES: u32 = 16;

/// The folder with its lock. It does not go by itself.
#[derive(Debug)]
pub(super) struct Ephemeral {
    folder: PathBuf,
    lock: PathBuf,
    /// Holds the lock.
    _held: File,
}

impl Ephemeral {
    /// Begins a folder beside `target`.
    pub(super) fn begin(target: &Path) -> Result<Self, StorageError> {
        let mut tries = 0;
        loop {
            let random: String = (0..RANDOM).map(|_| fastrand::alphanumeric().to_ascii_lowercase()).collect();
            let (folder, lock) = (beside(target, &random), beside(target, &format!("{random}.lock")));
            tries += 1;
            match Self::make(&folder, &lock) {
                Ok(held) => return Ok(Self { folder, lock, _held: held }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < TRIES => {}
                Err(error) => {
                    let parent = target.parent().unwrap_or(target);
                    return Err(StorageError::write(parent, error));
                }
            }
        }
    }

    fn make(folder: &Path, lock: &Path) -> io::Result<File> {
        let held = OpenOptions::new().write(true).create_new(true).open(lock)?;
        let is_taken = matches!(held.try_lock(), Err(TryLockError::WouldBlock));
        // Another job has taken it for a dead one's just between the two steps: it removes the name.
        if is_taken || lock.symlink_metadata().is_err() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        std::fs::create_dir(folder).inspect_err(|_| {
            let _ = std::fs::remove_file(lock);
        })?;
        Ok(held)
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    /// The folder has its place, or is gone.
    pub(super) fn end(&self) {
        let _ = std::fs::remove_file(&self.lock);
    }

    pub(super) fn remove(&self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        self.end();
    }
}

/// Removes what dead jobs have left in a folder; the names that were removed. What cannot be removed, or may be alive,
/// stays.
pub(super) fn clear_dead(parent: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let locks =
        entries.filter_map(|entry| Some((entry.path(), folder_of_lock(entry.file_name().to_str()?)?.to_owned())));
    locks.filter_map(|(lock, name)| remove_dead(&lock, &parent.join(&name)).then_some(name)).collect()
}

/// The folder's name, when this is the name of a lock.
fn folder_of_lock(name: &str) -> Option<&str> {
    let folder = name.strip_suffix(".lock").filter(|folder| folder.starts_with('.'))?;
    let (_, random) = folder.rsplit_once(".tagscope-")?;
    let is_random = random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_random.then_some(folder)
}

/// Whether a folder was there and is gone.
fn remove_dead(lock: &Path, folder: &Path) -> bool {
    if !lock.symlink_metadata().is_ok_and(|facts| facts.is_file()) {
        return false;
    }
    let Ok(held) = OpenOptions::new().write(true).open(lock) else { return false };
    // Without locks on this file system nobody knows who is alive.
    if held.try_lock().is_err() {
        return false;
    }
    match folder.symlink_metadata() {
        Ok(facts) if facts.is_dir() => {
            if std::fs::remove_dir_all(folder).is_err() {
                return false;
            }
            let _ = std::fs::remove_file(lock);
            true
        }
        // Killed between the two steps, at the beginning or at the end.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let _ = std::fs::remove_file(lock);
            false
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").file_name());
        let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_the_dead_have_left_goes_and_the_living_stay() {
        let home = tempfile::tempdir().expect("home");
        let alive = Ephemeral::begin(&home.path().join("alive")).expect("begin");
        let dead = Ephemeral::begin(&home.path().join("dead")).expect("begin");
        std::fs::write(dead.path().join("half"), b"x").expect("file");
        let left = dead.path().file_name().expect("name").to_string_lossy().into_owned();
        // As a kill does: the lock is no longer held, nothing is removed.
        drop(dead);
        // Only a lock: killed at the very beginning or the very end.
        std::fs::write(home.path().join(".x.tagscope-abcdefgh.lock"), b"").expect("file");
        // Not ours, whatever they look like.
        for name in [".x.tagscope-unfinished", ".y.tagscope-abcdefg1", "z.tagscope-abcdefg2"] {
            std::fs::create_dir(home.path().join(name)).expect("folder");
        }
        std::fs::write(home.path().join("z.tagscope-abcdefg2.lock"), b"").expect("file");
        assert_eq!(clear_dead(home.path()), [left]);
        let here = names(home.path());
        assert!(!here.iter().any(|name| name.contains("dead") || name.contains("abcdefgh")), "{here:?}");
        assert!(alive.path().is_dir(), "a living job's folder stays");
        assert_eq!(here.len(), 6, "{here:?}");
        alive.remove();
        assert_eq!(names(home.path()).len(), 4, "it leaves nothing when it ends");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let (home, elsewhere) = (tempfile::tempdir().expect("home"), tempfile::tempdir().expect("elsewhere"));
        std::fs::write(elsewhere.path().join("precious"), b"x").expect("file");
        std::os::unix::fs::symlink(elsewhere.path(), home.path().join(".a.tagscope-abcdefgh")).expect("link");
        std::fs::write(home.path().join(".a.tagscope-abcdefgh.lock"), b"").expect("file");
        assert!(clear_dead(home.path()).is_empty());
        assert!(elsewhere.path().join("precious").is_file());
    }
}
