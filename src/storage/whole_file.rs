//! A file that the user chooses, which appears complete or not at all.

use std::io::{self, Write};
use std::path::Path;

use super::draft::{Draft, folder_of};
use super::error::StorageError;
use super::placing::refuse_inside;

/// Writes a file; one that is there already is only replaced with `may_replace`, and as a whole. The folder must exist.
///
/// # Errors
/// When a file is there that may not be replaced, the place is inside an archive or an export, or the system refuses; what
/// was there is then as it was.
pub fn write_whole(path: &Path, bytes: &[u8], may_replace: bool) -> Result<(), StorageError> {
    write_whole_with(path, may_replace, |out| out.write_all(bytes))
}

/// The same for a file that is made piece by piece. It has the rights of an ordinary file, as the person's umask has them.
///
/// # Errors
/// As [`write_whole`], and when `write` fails.
pub fn write_whole_with(
    path: &Path,
    may_replace: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), StorageError> {
    let is_taken = if may_replace { path.is_dir() } else { path.symlink_metadata().is_ok() };
    if is_taken {
        return Err(StorageError::AlreadyThere { path: path.to_path_buf() });
    }
    refuse_inside(path)?;
    let folder = folder_of(path);
    let make = || -> io::Result<()> {
        let mut draft = Draft::ordinary(folder)?;
        write(&mut draft)?;
        draft.publish(path, may_replace)
    };
    make().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StorageError::Missing { path: folder.to_path_buf() },
        _ => StorageError::write(path, error),
    })
}

/// Replaces a file that is already there, with the same rights, and gives back what `write` does.
///
/// # Errors
/// When `write` fails or the system refuses; the file is then as it was.
pub fn rewrite<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> Result<T, StorageError> {
    let make = || -> io::Result<T> {
        let mut draft = Draft::private(folder_of(path))?;
        #[cfg(unix)]
        draft.file().set_permissions(path.metadata()?.permissions())?;
        let made = write(&mut draft)?;
        draft.publish(path, true)?;
        Ok(made)
    };
    make().map_err(|error| StorageError::write(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_asked() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.csv");
        write_whole(&path, b"one", false).expect("new");
        assert!(matches!(write_whole(&path, b"two", false), Err(StorageError::AlreadyThere { .. })));
        assert_eq!(std::fs::read(&path).expect("file"), b"one");
        write_whole(&path, b"two", true).expect("replaced");
        assert_eq!(std::fs::read(&path).expect("file"), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_folder_that_is_missing_or_in_the_place_is_told() {
        let folder = tempfile::tempdir().expect("folder");
        let lost = folder.path().join("none/a.csv");
        assert!(matches!(write_whole(&lost, b"one", true), Err(StorageError::Missing { .. })));
        assert!(matches!(write_whole(folder.path(), b"one", true), Err(StorageError::AlreadyThere { .. })));
    }
}
