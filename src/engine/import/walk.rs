//! The files below a folder of a dataset, and how its text files are opened. No link to a folder is followed, and there
//! is an end to everything.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use uuid::Uuid;

use crate::failure::OrIoFailure as _;
use app::{Failure, FailureKind};
use formats::text::TextReader;
use storage::open_files::read_dir;
use storage::regular::open_regular;

/// No file of a dataset is larger; the largest COCO files that are published have about 3 GB.
pub(super) const DATASET_LIMIT: u64 = 4 << 30;
/// Files of a dataset, labels and pictures together.
const MOST_FILES: usize = 2_000_000;
/// Folders in one another.
const MOST_DEPTH: usize = 32;

/// Whether a system or a tool puts files or folders of this name next to what people keep there.
fn is_of_tools(name: &str, is_folder: bool) -> bool {
    let is_hidden = if is_folder { name.starts_with('.') } else { name.starts_with("._") };
    is_hidden || matches!(name, "__MACOSX" | "@eaDir")
}

/// The names of all files below a folder, relative to the dataset, with forward slashes, in order; and what was not looked into.
pub(crate) type Below = (Vec<String>, Vec<Passed>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Passed {
    pub(crate) name: String,
    pub(crate) reason: String,
}

/// What is below `root/folder`, relative to `root`, but for hidden folders and what systems add to copies.
pub(crate) fn files_below(root: &Path, folder: &str) -> Result<Below, Failure> {
    let (mut files, mut passed) = (Vec::new(), Vec::new());
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((at, depth)) = folders.pop() {
        let path = root.join(&at);
        let entries = match read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if depth > 0 => {
                passed.push(Passed { name: at, reason: format!("the folder cannot be read: {error}") });
                continue;
            }
            Err(error) => return Err(error).or_read_failure(&path),
        };
        for entry in entries {
            let entry = entry.or_read_failure(&path)?;
            let file_name = entry.file_name();
            let below = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
            let Some(file_name) = file_name.to_str() else {
                let (name, reason) =
                    (below(&file_name.to_string_lossy()), "its name is not valid UTF-8; rename it".into());
                passed.push(Passed { name, reason });
                continue;
            };
            let name = below(file_name);
            let kind = entry.file_type().or_read_failure(&path)?;
            if is_of_tools(file_name, kind.is_dir()) {
                continue;
            }
            if kind.is_dir() && depth < MOST_DEPTH {
                folders.push((name, depth + 1));
            } else if kind.is_dir() {
                passed.push(Passed { name, reason: format!("it is more than {MOST_DEPTH} folders deep") });
            } else if kind.is_symlink() && entry.path().is_dir() {
                passed.push(Passed { name, reason: "it is a link to a folder, which is not followed".to_owned() });
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
    passed.sort_unstable();
    Ok((files, passed))
}

/// The folders just in a folder, in the order of their names; links are none.
pub(super) fn folders_in(folder: &Path) -> Vec<String> {
    let entries = read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut names: Vec<String> = folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}

/// A text that changes when a file of a dataset does: made of names, sizes and times of all files, or of the one file.
pub(crate) fn state_of(path: &Path) -> Result<String, Failure> {
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

/// A text file as UTF-8, whatever it was saved as. One that is no ordinary file, or larger than any dataset, is refused.
pub(crate) fn open_text(file: &Path) -> io::Result<TextReader<File>> {
    let file = open_regular(file)?;
    if file.metadata()?.len() > DATASET_LIMIT {
        let words = format!("it is larger than {} GiB; split it", DATASET_LIMIT >> 30);
        return Err(io::Error::new(io::ErrorKind::InvalidData, words));
    }
    Ok(TextReader::new(file))
}
