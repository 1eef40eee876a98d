//! The files below a folder of a dataset. No link to a folder is followed, and there is an end to everything.

use std::path::Path;
use std::time::UNIX_EPOCH;

use uuid::Uuid;

use crate::app::{Failure, FailureKind};
use crate::engine::failure;
use crate::storage::StorageError;

/// Files of a dataset, labels and pictures together.
const MOST_FILES: usize = 2_000_000;
/// Folders in one another.
const MOST_DEPTH: usize = 32;

/// The names of all files below `root/folder`, relative to `root`, with forward slashes, in their order; and the names
/// of what was passed over because it is a link to a folder, no text, or too deep.
pub(super) fn files_below(root: &Path, folder: &str) -> Result<(Vec<String>, Vec<String>), Failure> {
    let (mut files, mut passed) = (Vec::new(), Vec::new());
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((at, depth)) = folders.pop() {
        let path = root.join(&at);
        let of_io = |error| failure::of_storage(&StorageError::read(&path, error));
        for entry in std::fs::read_dir(&path).map_err(of_io)? {
            let entry = entry.map_err(of_io)?;
            let file_name = entry.file_name();
            let Some(file_name) = file_name.to_str() else {
                passed.push(format!("{at}/{}", file_name.to_string_lossy()));
                continue;
            };
            let name = if at.is_empty() { file_name.to_owned() } else { format!("{at}/{file_name}") };
            let kind = entry.file_type().map_err(of_io)?;
            let leads_to_folder = kind.is_symlink() && entry.path().is_dir();
            if kind.is_dir() && depth < MOST_DEPTH {
                folders.push((name, depth + 1));
            } else if kind.is_dir() || leads_to_folder {
                passed.push(name);
            } else {
                files.push(name);
            }
            if files.len() + folders.len() > MOST_FILES {
                let (path, reason) = (root.display().to_string(), format!("it has more than {MOST_FILES} files"));
                return Err(Failure::bare(FailureKind::Files { path, reason }));
            }
        }
    }
    files.sort_unstable();
    Ok((files, passed))
}

/// The folders just in a folder, in the order of their names; links are none.
pub(super) fn folders_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut names: Vec<String> = folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}

/// A text that changes when a file of a dataset does: made of names, sizes and times of all files, or of the one file.
pub(in crate::engine) fn state_of(path: &Path) -> Result<String, Failure> {
    let facts = |path: &Path| {
        let facts = path.metadata().ok();
        let changed = facts.as_ref().and_then(|facts| facts.modified().ok()?.duration_since(UNIX_EPOCH).ok());
        format!("{:x}-{:x}", changed.unwrap_or_default().as_nanos(), facts.map_or(0, |facts| facts.len()))
    };
    if !path.is_dir() {
        return Ok(facts(path));
    }
    let mut sum = Uuid::nil();
    for name in files_below(path, "")?.0 {
        let state = facts(&path.join(&name));
        sum = Uuid::new_v5(&sum, format!("{name}\n{state}").as_bytes());
    }
    Ok(sum.simple().to_string())
}
