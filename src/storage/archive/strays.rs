//! What is in a folder and not in its manifest.

use std::path::Path;

use super::MANIFEST_FILE;
use crate::open_files::read_dir;

/// Something in a folder that its manifest does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Its name below the folder, with forward slashes.
    pub name: String,
    /// A file, an empty folder, or a folder that cannot be read.
    pub kind: StrayKind,
}

/// What a [`Stray`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StrayKind {
    /// A file, a link, or anything else that is no folder.
    File,
    /// A folder without anything in it.
    EmptyFolder,
    /// A folder that cannot be looked into, with what the system says.
    Unreadable(String),
}

/// Everything in a folder but its manifest and what is known, in no order.
pub fn strays(root: &Path, is_known: impl Fn(&str) -> bool) -> Vec<Stray> {
    let name_of = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = match read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                found.push(Stray { name: name_of(&folder), kind: StrayKind::Unreadable(error.to_string()) });
                continue;
            }
        };
        let mut is_empty = true;
        for entry in entries {
            is_empty = false;
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    found.push(Stray { name: name_of(&folder), kind: StrayKind::Unreadable(error.to_string()) });
                    break;
                }
            };
            let path = entry.path();
            let name = name_of(&path);
            // A link is no folder here: nothing outside is looked at.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if name != MANIFEST_FILE && !is_known(&name) {
                found.push(Stray { name, kind: StrayKind::File });
            }
        }
        if is_empty && folder != root {
            found.push(Stray { name: name_of(&folder), kind: StrayKind::EmptyFolder });
        }
    }
    found
}
