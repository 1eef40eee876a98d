//! Small JSON files that are replaced as a whole: a reader sees the old one or the new one, never a half.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::draft::{Draft, folder_of};
use super::error::StorageError;
use super::private::create_private_dir;

/// What a file held.
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
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
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
    let write = || -> std::io::Result<()> {
        let mut draft = Draft::private(folder)?;
        draft.write_all(&bytes)?;
        draft.publish(path, true)
    };
    write().map_err(|error| StorageError::write(path, error))
}
