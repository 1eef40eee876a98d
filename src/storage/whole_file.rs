//! Files that appear complete or not at all: each is written under a hidden name beside its place and takes the place when it
//! is complete. Dropped before that, it disappears, and what was there stays. Small JSON files are replaced in the same way.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::{Builder, NamedTempFile};

use super::error::StorageError;
use super::paths::{create_private_dir, sync_dir};
use super::placing::refuse_inside;

#[cfg(unix)]
use std::fs::File;

/// How the name of an unfinished file starts.
pub(super) const PREFIX: &str = ".tagscope-";

pub(super) struct Draft {
    out: BufWriter<NamedTempFile>,
    is_cache: bool,
}

impl Draft {
    /// A file that only this person may read.
    pub(super) fn private(folder: &Path) -> io::Result<Self> {
        // The crate's own rights are 0600.
        Self::with(&mut Builder::new(), folder, false)
    }

    /// The same for a file that can be made again: nobody waits for the disk.
    pub(super) fn cache(folder: &Path) -> io::Result<Self> {
        Self::with(&mut Builder::new(), folder, true)
    }

    /// A file with the rights of an ordinary file, as the person's umask has them.
    pub(super) fn ordinary(folder: &Path) -> io::Result<Self> {
        let mut builder = Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        Self::with(&mut builder, folder, false)
    }

    fn with(builder: &mut Builder<'_, '_>, folder: &Path, is_cache: bool) -> io::Result<Self> {
        let file = builder.prefix(PREFIX).tempfile_in(folder)?;
        Ok(Self { out: BufWriter::with_capacity(1 << 17, file), is_cache })
    }

    /// The file itself, for its rights.
    #[cfg(unix)]
    pub(super) fn file(&self) -> &File {
        self.out.get_ref().as_file()
    }

    /// Puts the file in its place; one that is there is only replaced with `may_replace`.
    pub(super) fn publish(self, path: &Path, may_replace: bool) -> io::Result<()> {
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        if !self.is_cache {
            file.as_file().sync_all()?;
        }
        let placed = if may_replace { file.persist(path) } else { file.persist_noclobber(path) };
        placed.map_err(|error| error.error)?;
        if !self.is_cache {
            sync_dir(folder_of(path));
        }
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

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

#[derive(Clone, Debug, PartialEq)]
pub struct Loaded<T> {
    /// The value; the default when the file is not there or broken.
    pub value: T,
    /// What to tell the person, when the file could not be used.
    pub notice: Option<String>,
}

/// Reads a value. A file that cannot be understood is kept next to it as `NAME.broken`, and the defaults are used.
pub fn load_json<T: DeserializeOwned + Default>(path: &Path) -> Loaded<T> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Loaded { value: T::default(), notice: None };
        }
        Err(error) => {
            let notice = format!("{} could not be read ({error}). The defaults are used.", path.display());
            return Loaded { value: T::default(), notice: Some(notice) };
        }
    };
    match serde_json::from_slice(&bytes) {
        Ok(value) => Loaded { value, notice: None },
        Err(error) => {
            let kept = set_aside(path).map_or_else(
                || "It could not be renamed.".to_owned(),
                |kept| format!("It was renamed to {}.", kept.display()),
            );
            let place = format!("line {}, column {}", error.line(), error.column());
            let notice = format!("{} is not valid ({place}). The defaults are used. {kept}", path.display());
            Loaded { value: T::default(), notice: Some(notice) }
        }
    }
}

/// Renames a broken file; earlier broken ones are kept too, up to nine.
fn set_aside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let free = (1..=9)
        .map(|number| match number {
            1 => path.with_file_name(format!("{name}.broken")),
            _ => path.with_file_name(format!("{name}.broken-{number}")),
        })
        .find(|candidate| candidate.symlink_metadata().is_err())?;
    std::fs::rename(path, &free).ok()?;
    Some(free)
}

/// Replaces the file at `path` by `value`, readable by this person alone. Missing folders are made.
///
/// # Errors
/// When the value is not JSON or the system refuses; the file is then as it was.
pub fn save_json<T: Serialize>(path: &Path, value: &T) -> Result<(), StorageError> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|error| StorageError::Broken { path: path.to_path_buf(), reason: error.to_string() })?;
    bytes.push(b'\n');
    let folder = folder_of(path);
    create_private_dir(folder)?;
    let write = || -> io::Result<()> {
        let mut draft = Draft::private(folder)?;
        draft.write_all(&bytes)?;
        draft.publish(path, true)
    };
    write().map_err(|error| StorageError::write(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_draft_leaves_what_was_there_and_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a");
        std::fs::write(&path, b"before").expect("file");
        let mut draft = Draft::private(folder.path()).expect("draft");
        draft.write_all(b"half").expect("written");
        drop(draft);
        assert_eq!(std::fs::read(&path).expect("file"), b"before");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1);
    }

    #[test]
    fn only_a_draft_that_may_replace_takes_a_taken_place() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a");
        std::fs::write(&path, b"before").expect("file");
        for (may_replace, content) in [(false, b"before"), (true, b"after!")] {
            let mut draft = Draft::cache(folder.path()).expect("draft");
            draft.write_all(b"after!").expect("written");
            assert_eq!(draft.publish(&path, may_replace).is_ok(), may_replace);
            assert_eq!(std::fs::read(&path).expect("file"), content);
        }
    }

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
