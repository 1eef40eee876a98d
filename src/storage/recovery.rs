//! What programs that were killed while they published an archive have left next to its place, and what the next run makes
//! of it: it finishes what was started, puts the former archive back where nothing is in its place, and removes one only
//! when a whole archive with everything of it is there. Whatever is not clear stays, and is explained.

use std::io;
use std::path::{Path, PathBuf};

use super::archive::{Archive, MANIFEST_FILE, check_covers, check_whole, strays};
use super::error::StorageError;
use super::hidden::{former_of, gone_of};
use super::open_files::OpenFilesWatch;
use super::paths::sync_dir;
use super::rename::{Means, exchange, rename_new};
use super::staged_file::measure;

/// Repairs the place of an archive, which nobody else works on. `hidden` is the unfinished folder and `announced` the hash of
/// the manifest that it was about to be published with. Says what was done, a sentence each.
pub(super) fn repair(target: &Path, hidden: &Path, announced: Option<&str>) -> Result<Vec<String>, StorageError> {
    let mut done = Vec::new();
    finish_removal(target).map_err(|(left, error)| StorageError::write(&left, error))?;
    if let Some(announced) = announced
        && hidden.join(MANIFEST_FILE).is_file()
    {
        if is_manifest(target, announced)? {
            finish(target, hidden)?;
        } else if !is_manifest(hidden, announced)? {
            return Err(unknown(target, hidden));
        }
    }
    let former = former_of(target);
    let Ok(facts) = former.symlink_metadata() else { return Ok(done) };
    if !facts.is_dir() {
        return Err(StorageError::Conflict {
            reason: format!("{} is in the way. It is not a folder and was not made by Tagscope.", former.display()),
            advice: "Move it elsewhere, then run it again.".to_owned(),
            path: former,
        });
    }
    if target.symlink_metadata().is_ok() {
        clear(target, &former)?;
        return Ok(done);
    }
    rename_new(&former, target, Means::All).map_err(|error| StorageError::write(&former, error))?;
    if let Some(parent) = target.parent() {
        sync_dir(parent);
    }
    done.push(format!(
        "An earlier update of {} was interrupted. The archive was moved back from {}.",
        target.display(),
        former.display()
    ));
    Ok(done)
}

fn is_manifest(folder: &Path, hash: &str) -> Result<bool, StorageError> {
    Ok(StorageError::if_readable(measure(&folder.join(MANIFEST_FILE)))?
        .is_some_and(|facts| facts.sha256.to_string() == hash))
}

/// The new archive was announced, and neither folder holds it any more: the hidden one may be the archive of before, which
/// had been exchanged for it. It must not be taken for unfinished work.
fn unknown(target: &Path, hidden: &Path) -> StorageError {
    let (place, hidden) = (target.display(), hidden.display());
    StorageError::Conflict {
        path: target.to_path_buf(),
        reason: format!(
            "An update of {place} was interrupted while it was put in place, and {place} has changed since. The archive that \
             was there before may be {hidden}. Nothing was changed."
        ),
        advice: format!(
            "To have that archive back, move {place} elsewhere, rename {hidden} to {place} and run it again. If you do not need \
             it, move {hidden} elsewhere."
        ),
    }
}

/// The announced archive has its place, and another one has the hidden name: the former one, if the two were exchanged; or
/// one with the same manifest that was not exchanged yet, which comes to the same.
fn finish(target: &Path, hidden: &Path) -> Result<(), StorageError> {
    let failed = |error| StorageError::write(hidden, error);
    let at = |what: &str| StorageError::Conflict {
        path: target.to_path_buf(),
        reason: format!(
            "An update of {} was interrupted, and neither the archive there nor the one in {} is complete: {what}.",
            target.display(),
            hidden.display()
        ),
        advice: "First copy both folders to a safe place. Then move both away and archive again.".to_owned(),
    };
    let watch = OpenFilesWatch::begin();
    let later = match check_whole(target) {
        Ok(later) => later,
        Err(what) => {
            watch.check()?;
            check_whole(hidden).map_err(|_| at(&what))?;
            // The one that is whole gets the place; the other one is what was unfinished.
            return swap(target, hidden);
        }
    };
    if is_clean(hidden) && Archive::open(hidden).is_ok_and(|former| check_covers(&later, &former).is_ok()) {
        return rename_new(hidden, &former_of(target), Means::All).map_err(failed);
    }
    watch.check()?;
    // Somebody has put something into the archive at the last moment: it gets its place again.
    swap(target, hidden)
}

fn swap(target: &Path, hidden: &Path) -> Result<(), StorageError> {
    match exchange(hidden, target, Means::All) {
        Ok(true) => Ok(()),
        // It was exchanged here before, so it can be; else nothing is touched.
        Ok(false) => Err(StorageError::Conflict {
            path: target.to_path_buf(),
            reason: format!("The archives {} and {} have to be swapped.", target.display(), hidden.display()),
            advice: "This file system cannot do it. Swap their names yourself, then run it again.".to_owned(),
        }),
        Err(error) => Err(StorageError::write(target, error)),
    }
}

/// Whether everything in an archive's folder is of the archive.
fn is_clean(folder: &Path) -> bool {
    Archive::open(folder).is_ok_and(|archive| {
        let known: rustc_hash::FxHashSet<_> = archive.files().map(|(name, _)| name).collect();
        strays(archive.root(), |name| known.contains(name)).is_empty()
    })
}

/// Removes a former archive when the one that has its place is whole and has everything of it.
fn clear(target: &Path, former: &Path) -> Result<(), StorageError> {
    let is_empty = std::fs::read_dir(former).is_ok_and(|mut entries| entries.next().is_none());
    let safe = || -> Result<(), String> {
        let later = check_whole(target)?;
        let was = Archive::open(former).map_err(|error| error.to_string())?;
        check_covers(&later, &was)?;
        if is_clean(former) {
            Ok(())
        } else {
            Err(format!("{} contains files that are not part of it", former.display()))
        }
    };
    if !is_empty && let Err(what) = safe() {
        return Err(StorageError::Conflict {
            path: target.to_path_buf(),
            reason: format!(
                "An update of {} was interrupted. The previous archive is now {}, and the folder that is there now \
                 cannot replace it: {}. Nothing was changed.",
                target.display(),
                former.display(),
                what.trim_end_matches('.')
            ),
            advice: format!(
                "To restore that archive, move {} elsewhere and run it again. If you do not need it, move {} \
                 elsewhere.",
                target.display(),
                former.display()
            ),
        });
    }
    remove_former(former, target).map_err(|(left, error)| StorageError::write(&left, error))
}

/// Removes the former archive of a place, of which nothing is needed any more. `Err` is what is left, and why.
pub(super) fn remove_former(former: &Path, target: &Path) -> Result<(), (PathBuf, io::Error)> {
    let gone = gone_of(target);
    finish_removal(target)?;
    rename_new(former, &gone, Means::All).map_err(|error| (former.to_path_buf(), error))?;
    finish_removal(target)
}

/// Removes what is left of a former archive whose removal was started. `Err` as for [`remove_former`].
pub(super) fn finish_removal(target: &Path) -> Result<(), (PathBuf, io::Error)> {
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

#[cfg(test)]
mod tests;
