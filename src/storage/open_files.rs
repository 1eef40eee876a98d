//! Files that could not be opened because too many are open. Such a refusal says nothing about the file, but code that treats
//! a file it cannot open as missing or damaged would not notice the difference. So every refusal is counted where files are
//! opened, and a job whose result depends on what was there checks the count before it trusts that result.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::error::StorageError;
use domain::errors::is_out_of_files;

/// Refusals since the program started, and the path of the last one. Open files are limited for the whole process, so the
/// count is for the whole process too.
static REFUSED: Mutex<(u64, PathBuf)> = Mutex::new((0, PathBuf::new()));

/// Passes on what opening a file or folder has given, and counts a refusal.
///
/// # Errors
/// The one that was given.
pub fn noted<T>(path: &Path, opened: io::Result<T>) -> io::Result<T> {
    if let Err(error) = &opened
        && is_out_of_files(error)
    {
        refused(path);
    }
    opened
}

/// Counts a refusal that was met elsewhere.
pub fn refused(path: &Path) {
    let mut refused = REFUSED.lock().unwrap_or_else(PoisonError::into_inner);
    *refused = (refused.0 + 1, path.to_path_buf());
}

/// The entries of a folder; a refusal is counted.
///
/// # Errors
/// When the system refuses.
pub fn read_dir(folder: &Path) -> io::Result<std::fs::ReadDir> {
    noted(folder, std::fs::read_dir(folder))
}

/// Watches for refusals while a job runs.
#[derive(Debug)]
pub struct OpenFilesWatch(u64);

impl OpenFilesWatch {
    /// From now on.
    pub fn begin() -> Self {
        Self(REFUSED.lock().unwrap_or_else(PoisonError::into_inner).0)
    }

    /// Whether every file could be opened that was there to be opened.
    ///
    /// # Errors
    /// When one could not since the watch began: what was read is not all there is.
    pub fn check(&self) -> Result<(), StorageError> {
        let refused = REFUSED.lock().unwrap_or_else(PoisonError::into_inner);
        match refused.0 == self.0 {
            true => Ok(()),
            false => Err(StorageError::OutOfFiles { path: refused.1.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_refusal_is_remembered_although_it_was_taken_for_a_missing_file() {
        let watch = OpenFilesWatch::begin();
        let missing = noted(Path::new("missing.txt"), Err::<(), _>(io::ErrorKind::NotFound.into()));
        assert!(missing.is_err() && watch.check().is_ok());
        let swallowed = noted(Path::new("there.txt"), Err::<(), _>(rustix::io::Errno::MFILE.into())).ok();
        assert!(swallowed.is_none());
        let error = watch.check().expect_err("refused");
        assert!(matches!(&error, StorageError::OutOfFiles { path } if path.ends_with("there.txt")), "{error:?}");
        OpenFilesWatch::begin().check().expect("a job that begins later is not to blame");
    }
}
