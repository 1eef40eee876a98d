//! Where a folder may appear: in a free place, outside every archive and export, below folders that are made for it.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::archive::{EXPORT_FORMAT, FORMAT, MANIFEST_FILE, read_manifest};
use super::error::StorageError;
use super::regular::resolve;

/// The place as an absolute path, and the folder that it is in.
pub(super) fn absolute(target: &Path) -> Result<(PathBuf, PathBuf), StorageError> {
    let target = std::path::absolute(target).map_err(|error| StorageError::write(target, error))?;
    match target.parent().filter(|_| target.file_name().is_some()) {
        Some(parent) => {
            let parent = parent.to_path_buf();
            Ok((target, parent))
        }
        None => Err(StorageError::AlreadyThere { path: target }),
    }
}

pub(super) fn refuse_taken(target: &Path) -> Result<(), StorageError> {
    match target.symlink_metadata() {
        Ok(_) => Err(StorageError::AlreadyThere { path: target.to_path_buf() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StorageError::write(target, error)),
    }
}

/// The way out where a place is inside an archive or an export.
pub const OUTSIDE: &str = "New files in it would make it differ from its manifest. Choose a location outside it.";

/// Refuses a place inside an archive or an export of Tagscope: anything new in there would make it differ from its
/// manifest.
///
/// # Errors
/// When it is in one.
pub fn refuse_inside(target: &Path) -> Result<(), StorageError> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    let (target, parent) = absolute(target)?;
    let there = parent.ancestors().find_map(|folder| resolve(folder).ok());
    for folder in there.iter().flat_map(|folder| folder.ancestors()) {
        if !folder.join(MANIFEST_FILE).is_file() {
            continue;
        }
        let head = read_manifest(folder).ok().and_then(|bytes| serde_json::from_slice::<Head>(&bytes).ok());
        let what = match head.as_ref().map(|head| head.format.as_str()) {
            Some(FORMAT) => "the archive",
            Some(EXPORT_FORMAT) => "the export",
            _ => continue,
        };
        return Err(StorageError::Conflict {
            reason: format!("{} is inside {what} {}.", target.display(), folder.display()),
            advice: OUTSIDE.to_owned(),
            path: target,
        });
    }
    Ok(())
}

/// Makes the missing ones of a folder and its ancestors; the made ones, outermost first.
pub(super) fn make_parents(folder: &Path) -> Result<Vec<PathBuf>, StorageError> {
    let missing: Vec<_> = folder.ancestors().take_while(|at| !at.exists()).map(Path::to_path_buf).collect();
    let mut made = Vec::new();
    for path in missing.into_iter().rev() {
        if let Err(error) = std::fs::create_dir(&path) {
            if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() {
                continue;
            }
            remove_parents(&made);
            return Err(StorageError::write(&path, error));
        }
        made.push(path);
    }
    Ok(made)
}

/// Removes folders that are empty, innermost first.
pub(super) fn remove_parents(made: &[PathBuf]) {
    for path in made.iter().rev() {
        let _ = std::fs::remove_dir(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_inside_an_archive_or_an_export_is_refused() {
        let home = tempfile::tempdir().expect("home");
        for format in ["tagscope-archive", "tagscope-export"] {
            let folder = home.path().join(format);
            std::fs::create_dir(&folder).expect("folder");
            std::fs::write(folder.join(MANIFEST_FILE), format!("{{\"format\": \"{format}\"}}")).expect("manifest");
            for inside in ["sub", "originals/ab/sub"] {
                let error = refuse_inside(&folder.join(inside)).expect_err("inside");
                assert!(matches!(&error, StorageError::Conflict { reason, .. } if reason.contains(format)), "{error}");
            }
            refuse_inside(&home.path().join("beside")).expect("outside");
            refuse_inside(&folder).expect("the place itself is judged elsewhere");
        }
        let other = home.path().join("other");
        std::fs::create_dir(&other).expect("folder");
        std::fs::write(other.join(MANIFEST_FILE), "{\"format\": \"of another program\"}").expect("manifest");
        refuse_inside(&other.join("sub")).expect("a folder of another program");
    }
}
