//! The hidden names next to a place: what a job that was killed has left is found by them, also by those who only read.

use std::path::{Path, PathBuf};

use super::error::StorageError;

/// Where the hidden folder of a target stands.
pub fn folder_of(target: &Path) -> PathBuf {
    beside(target, "unfinished")
}

/// Where the archive of a target is while a new one takes its place.
pub(super) fn former_of(target: &Path) -> PathBuf {
    beside(target, "former")
}

/// Whether a job for this target was started and not finished.
pub fn is_unfinished(target: &Path) -> bool {
    folder_of(target).is_dir()
}

/// The journal of a target.
pub(super) fn journal_of(target: &Path) -> PathBuf {
    beside(target, "unfinished.jsonl")
}

/// A hidden name next to a target.
pub(super) fn beside(target: &Path, what: &str) -> PathBuf {
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    target.with_file_name(format!(".{name}.tagscope-{what}"))
}

/// The name of a former archive that may go: what is half removed is never taken for something else.
pub(super) fn gone_of(target: &Path) -> PathBuf {
    beside(target, "gone")
}

/// Explains a folder that is not there, when a program that was killed has left what belongs there next to it.
pub fn what_was_left(folder: &Path) -> Option<StorageError> {
    let folder = std::path::absolute(folder).ok()?;
    let path = folder.clone();
    let (former, hidden) = (former_of(&folder), folder_of(&folder));
    if folder.symlink_metadata().is_ok() {
        return None;
    }
    let (folder, was) = (folder.display(), former.display());
    if former.is_dir() {
        return Some(StorageError::Conflict {
            path,
            reason: format!(
                "{folder} does not exist, because an update was interrupted and left the archive as {was}."
            ),
            advice: format!("Rename {was} to {folder}, or run `tagscope archive --out {folder}`, which moves it back."),
        });
    }
    hidden.is_dir().then(|| StorageError::Conflict {
        path,
        reason: format!("{folder} does not exist, because the run that creates it was interrupted."),
        advice: format!("Run it again with --resume. Downloaded files are in {}.", hidden.display()),
    })
}
