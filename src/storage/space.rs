//! How much room a disk has.

use std::path::Path;

/// Bytes that this person may still write where `path` is or would be made; `None` when the system does not say.
pub fn free_bytes(path: &Path) -> Option<u64> {
    path.ancestors().find(|folder| folder.is_dir()).and_then(|folder| fs4::available_space(folder).ok())
}

/// Whether a file can be made where `path` is or would be made. Nothing is left behind.
///
/// # Errors
/// Why not, from the system.
pub fn try_to_write(path: &Path) -> std::io::Result<()> {
    match path.ancestors().find(|place| place.exists()) {
        Some(folder) if !folder.is_dir() => Err(std::io::Error::other(format!("{} is a file", folder.display()))),
        folder => tempfile::tempfile_in(folder.unwrap_or(path)).map(drop),
    }
}
