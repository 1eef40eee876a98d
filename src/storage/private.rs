//! Files and folders for one person's eyes alone: 0600 and 0700 on Unix; elsewhere the person's own folders are that.
//!
//! Exports and archives are not made here: they are the person's files, with the rights that their umask leaves.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use super::error::StorageError;

/// Makes a folder and its parents; those that are new are for this person's eyes alone, and so is the folder itself
/// when it was there before.
///
/// # Errors
/// When the system refuses.
pub fn create_private_dir(path: &Path) -> Result<(), StorageError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path).map_err(|error| match error.kind() {
        // A file stands where the folder should be.
        io::ErrorKind::AlreadyExists => {
            StorageError::NotWritable { path: path.to_path_buf(), reason: "there is a file with this name".to_owned() }
        }
        _ => StorageError::write(path, error),
    })?;
    tighten(path);
    Ok(())
}

/// Makes a new file for this person's eyes alone.
///
/// # Errors
/// When something is there already (a link too: it is not followed), or the system refuses.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Takes away the rights of others to a file or folder. A link is left alone, and so is what belongs to somebody else.
pub fn tighten(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let Ok(facts) = path.symlink_metadata() else { return };
        let mode = facts.permissions().mode();
        if (facts.is_file() || facts.is_dir()) && mode & 0o077 != 0 {
            let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & 0o700));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// [`tighten`]s a folder and all that is in it.
pub fn tighten_all(folder: &Path) {
    tighten(folder);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        // Of the entry itself, so that a link to a folder is not walked into.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            tighten_all(&entry.path());
        } else {
            tighten(&entry.path());
        }
    }
}
