//! Folders, files and addresses that people type, and those that are proposed to them.

use std::path::{Path, PathBuf};

use crate::{Failure, FailureKind, State};
use domain::Destination;

/// The folder that exports went to last, else the person's home: where a new file or folder is proposed.
pub(super) fn folder_of_exports(state: &State) -> Option<PathBuf> {
    let parent = state.settings.export_folder.as_deref().and_then(Path::parent).map(PathBuf::from);
    parent.or_else(|| state.home.clone())
}

/// A file or folder of the name that is typed, in a folder that was picked; `usual` is the name while none is typed.
pub(crate) fn in_folder(folder: &Path, typed: &str, usual: String) -> PathBuf {
    folder.join(Path::new(typed).file_name().map_or_else(|| usual.into(), ToOwned::to_owned))
}

/// A folder's name from a project's: letters and digits of any script, the rest as hyphens.
pub(super) fn suggested_name(project: &str, what: &str) -> String {
    let mut name = String::new();
    for character in project.chars().take(60) {
        if character.is_alphanumeric() {
            name.extend(character.to_lowercase());
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { what.to_owned() } else { format!("{name}-{what}") }
}

/// The folder where the next one is proposed; a store's is none.
pub(super) fn keep_folder(state: &mut State, out: Destination) {
    if let Destination::Folder(folder) = out {
        state.settings.export_folder = Some(folder);
    }
}

/// What was typed as a place in an object store, or as a path from the root on; `what` stands for it while nothing is typed.
pub(super) fn whole_place(state: &State, typed: &str, what: &str) -> Result<Destination, Failure> {
    match Destination::parse(typed) {
        Ok(Destination::Folder(_)) => whole_path(state, typed, what).map(Destination::Folder),
        Ok(store) => Ok(store),
        // The text may hold a signature: it is not repeated.
        Err(error) => Err(files(what, "", &error.to_string())),
    }
}

/// A typed folder as a path from the root on; `what` stands for it while nothing is typed.
pub(super) fn whole_path(state: &State, typed: &str, what: &str) -> Result<PathBuf, Failure> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(files(what, typed, "enter a new folder name"));
    }
    let path = match (text.strip_prefix("~/"), &state.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    };
    if path.is_relative() {
        return Err(files(what, typed, "enter the full path, starting with / or a drive letter"));
    }
    Ok(path)
}

pub(super) fn files(what: &str, typed: &str, reason: &str) -> Failure {
    let path = if typed.trim().is_empty() { what } else { typed }.to_owned();
    Failure::bare(FailureKind::Files { path, reason: reason.to_owned() })
}
