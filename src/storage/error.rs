//! What can go wrong with files and with the keychain, in terms that the layers above can turn into words.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use domain::errors::is_out_of_files;

/// A failure of this layer. None of its texts holds a key.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// There is no room, or the quota is used up.
    #[error("the disk is full: {}", path.display())]
    DiskFull { path: PathBuf },
    /// No right to write, or the place cannot hold a file.
    #[error("{} cannot be written: {reason}", path.display())]
    NotWritable { path: PathBuf, reason: String },
    /// The place is taken, and nothing is ever overwritten.
    #[error("{} already exists", path.display())]
    AlreadyThere { path: PathBuf },
    /// What is at the place, or next to it, must not be touched.
    #[error("{reason}")]
    Conflict {
        path: PathBuf,
        /// What is the matter: whole sentences that name every folder.
        reason: String,
        /// The way out: whole sentences.
        advice: String,
    },
    /// A job was started here and not finished.
    #[error("there is an unfinished job in {}", path.display())]
    Unfinished {
        /// Its hidden folder.
        path: PathBuf,
        /// What it was begun for where this job cannot continue with it: a sentence.
        other: Option<String>,
    },
    /// Another program is at work here.
    #[error("another program is writing to {}", path.display())]
    InUse { path: PathBuf },
    /// No right to read.
    #[error("{} cannot be read: permission denied", path.display())]
    NotReadable { path: PathBuf },
    #[error("{} is missing", path.display())]
    Missing { path: PathBuf },
    /// The system lets no further file be opened. It says nothing about the file.
    #[error("{} cannot be opened: too many files are open", path.display())]
    OutOfFiles { path: PathBuf },
    /// Another failure of the file system.
    #[error("{}: {source}", path.display())]
    Files { path: PathBuf, source: Error },
    #[error("{} is not an archive: {reason}", path.display())]
    NotAnArchive { path: PathBuf, reason: String },
    /// The archive was written by a newer version.
    #[error("{} is an archive of version {version}; this version of Tagscope supports version {known}", path.display())]
    NewerArchive {
        path: PathBuf,
        version: u32,
        /// The newest version that can be read.
        known: u32,
    },
    #[error("{} is damaged: {reason}", path.display())]
    Broken {
        path: PathBuf,
        /// Where and how.
        reason: String,
    },
    /// A file that is not on this computer cannot be had, or is damaged where it is.
    #[error(transparent)]
    Far(Box<dyn std::error::Error + Send + Sync>),
    /// The keychain does not work.
    #[error("the keychain does not work: {reason}")]
    Keychain { reason: String },
    /// The system names no folder for settings and caches.
    #[error("the system has no home folder; set TAGSCOPE_HOME to a folder")]
    NoHome,
}

impl From<StorageError> for Error {
    /// For writers that know only [`Error`]; [`StorageError::write`] gets it back.
    fn from(error: StorageError) -> Self {
        Self::other(error)
    }
}

impl StorageError {
    pub fn read(path: &Path, error: Error) -> Self {
        let path = path.to_path_buf();
        match error.kind() {
            ErrorKind::NotFound => Self::Missing { path },
            ErrorKind::PermissionDenied => Self::NotReadable { path },
            _ if is_out_of_files(&error) => Self::OutOfFiles { path },
            _ => Self::Files { path, source: error },
        }
    }

    pub fn write(path: &Path, error: Error) -> Self {
        // One of our own, on its way through a writer that knows only [`Error`].
        let error = match error.downcast::<Self>() {
            Ok(own) => return own,
            Err(error) => error,
        };
        let path = path.to_path_buf();
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::DiskFull { path },
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotADirectory => {
                Self::NotWritable { path, reason: error.to_string() }
            }
            ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty => Self::AlreadyThere { path },
            ErrorKind::InvalidFilename => {
                let words = "the path or a name in it is too long for this disk; choose a shorter one";
                Self::Files { path, source: Error::new(ErrorKind::InvalidFilename, words) }
            }
            _ if is_out_of_files(&error) => Self::OutOfFiles { path },
            _ => Self::Files { path, source: error },
        }
    }

    /// What could be read; `None` when it could not, for a reason of its own.
    ///
    /// # Errors
    /// When the system lets no further file be opened: that says nothing about this one.
    pub fn if_readable<T>(read: Result<T, Self>) -> Result<Option<T>, Self> {
        match read {
            Err(error @ Self::OutOfFiles { .. }) => Err(error),
            other => Ok(other.ok()),
        }
    }

    /// The same with the path that the user knows instead of a file under a hidden name.
    #[must_use]
    pub fn at(mut self, place: &Path) -> Self {
        match &mut self {
            Self::DiskFull { path } | Self::NotWritable { path, .. } => *path = place.to_path_buf(),
            Self::Files { path, source } if source.kind() == ErrorKind::InvalidFilename => *path = place.to_path_buf(),
            _ => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn too_many_open_files_say_nothing_about_the_file() {
        for errno in [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE] {
            for failed in [StorageError::read, StorageError::write] {
                let error = failed(Path::new("a.jpg"), Error::from(errno));
                assert!(matches!(error, StorageError::OutOfFiles { .. }), "{error:?}");
            }
        }
        let missing = StorageError::read(Path::new("a.jpg"), Error::from(rustix::io::Errno::NOENT));
        assert!(matches!(missing, StorageError::Missing { .. }), "{missing:?}");
    }

    #[test]
    fn an_error_survives_a_writer_that_knows_only_io_errors() {
        let full = Error::from(StorageError::DiskFull { path: "/a".into() });
        assert!(
            matches!(StorageError::write(Path::new("/b"), full), StorageError::DiskFull { path } if path == Path::new("/a"))
        );
        let other = StorageError::write(Path::new("/b"), Error::from(ErrorKind::StorageFull));
        assert!(matches!(other, StorageError::DiskFull { path } if path == Path::new("/b")));
    }
}
