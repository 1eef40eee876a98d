//! Opens untrusted files: only regular files, and never more than a limit.
//!
//! A pipe waits for a writer that may never come, a device has no end, and a link can lead anywhere: each of them can
//! stand in a folder that was unpacked from a download.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::error::StorageError;
use super::open_files::noted;
use super::resolve::resolve;

/// No picture is larger: the service takes uploads of at most 6 MB, datasets on disk may hold more.
pub const PICTURE_LIMIT: u64 = 1 << 30;

/// Opens an ordinary file; links are followed.
///
/// # Errors
/// When it is anything else (a folder, a pipe, a socket, a device), or the system refuses.
pub fn open_regular(path: &Path) -> io::Result<File> {
    open_measured(path).map(|(file, _)| file)
}

/// The same with the number of its bytes.
fn open_measured(path: &Path) -> io::Result<(File, u64)> {
    // Before it is opened, because opening a pipe waits; and after, because the place may have changed hands meanwhile.
    if !std::fs::metadata(path)?.is_file() {
        return Err(not_regular());
    }
    let file = noted(path, File::open(path))?;
    let facts = file.metadata()?;
    if facts.is_file() { Ok((file, facts.len())) } else { Err(not_regular()) }
}

fn not_regular() -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, "it is not a regular file")
}

/// The whole of an ordinary file of at most `limit` bytes.
///
/// # Errors
/// As [`open_regular`], and when it is larger, whatever the system says of its size.
pub fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, StorageError> {
    let read = || -> io::Result<Option<Vec<u8>>> {
        let (file, size) = open_measured(path)?;
        if size > limit {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
        // One more than allowed: it may grow while it is read.
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok((bytes.len() as u64 <= limit).then_some(bytes))
    };
    read().map_err(|error| StorageError::read(path, error))?.ok_or_else(|| StorageError::Broken {
        path: path.to_path_buf(),
        reason: format!("it is larger than {} MiB", limit >> 20),
    })
}

/// The place of a file with all links resolved, when that is still inside `root`, which has none itself.
///
/// # Errors
/// When it leads out of the folder, is not there, or cannot be looked at.
pub fn inside(root: &Path, name: &str) -> Result<PathBuf, StorageError> {
    let path = root.join(name);
    let resolved = resolve(&path).map_err(|error| StorageError::read(&path, error))?;
    if resolved.starts_with(root) {
        Ok(resolved)
    } else {
        Err(StorageError::Broken { path, reason: "it is a link to a place outside the folder".to_owned() })
    }
}
