//! Removing a folder of ours for good, also one that was made read-only.

use std::io;
use std::path::{Path, PathBuf};

use super::rename::{Means, rename_new};
use super::unfinished::beside;

/// The name of a former archive that may go: what is half removed is never taken for something else.
pub(super) fn gone_of(target: &Path) -> PathBuf {
    beside(target, "gone")
}

/// Removes the former archive of a place, of which nothing is needed any more.
///
/// # Errors
/// What is left, and what the system says.
pub(super) fn discard(former: &Path, target: &Path) -> Result<(), (PathBuf, io::Error)> {
    let gone = gone_of(target);
    finish(target)?;
    rename_new(former, &gone, Means::All).map_err(|error| (former.to_path_buf(), error))?;
    finish(target)
}

/// Removes what is left of a former archive whose removal was started.
///
/// # Errors
/// As [`discard`].
pub(super) fn finish(target: &Path) -> Result<(), (PathBuf, io::Error)> {
    let gone = gone_of(target);
    match remove_folder(&gone) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err((gone, error)),
        _ => Ok(()),
    }
}

/// Removes a folder with everything in it. Folders without the right to write get it first, as an owner who protected an
/// archive by `chmod -R a-w` would do.
fn remove_folder(folder: &Path) -> io::Result<()> {
    if !folder.symlink_metadata()?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    make_writable(folder)?;
    std::fs::remove_dir_all(folder)
}

#[cfg(unix)]
fn make_writable(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    const OWNER: u32 = 0o700;
    let mut rights = folder.symlink_metadata()?.permissions();
    if rights.mode() & OWNER != OWNER {
        rights.set_mode(rights.mode() | OWNER);
        std::fs::set_permissions(folder, rights)?;
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // A link is no folder here: nothing outside is touched.
        if entry.file_type()?.is_dir() {
            make_writable(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_writable(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_protected_folder_goes_and_what_a_link_leads_to_stays() {
        let home = tempfile::tempdir().expect("home");
        let (folder, elsewhere) = (home.path().join("a"), home.path().join("elsewhere"));
        std::fs::create_dir_all(folder.join("originals/ab")).expect("folders");
        std::fs::create_dir(&elsewhere).expect("folder");
        std::fs::write(elsewhere.join("mine"), "x").expect("file");
        std::fs::write(folder.join("originals/ab/1.jpg"), "x").expect("file");
        std::os::unix::fs::symlink(&elsewhere, folder.join("originals/link")).expect("link");
        let protect = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("rights");
        };
        protect(&elsewhere, 0o555);
        for name in ["originals/ab", "originals", ""] {
            protect(&folder.join(name), 0o555);
        }
        remove_folder(&folder).expect("removed");
        assert!(!folder.exists() && elsewhere.join("mine").is_file());
        assert_eq!(elsewhere.metadata().expect("facts").permissions().mode() & 0o777, 0o555, "not touched");
        protect(&elsewhere, 0o755);
    }
}
