//! Opens a journal for writing: takes the lock, repairs what a loss of power or a bad disk has left.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::dismissed::{self, Adopted};
use super::scan::{self, Loaded, Tail};
use super::{Damage, Journal, OpenedJournal, VERSION, compact, journal_path, line};
use crate::error::StorageError;
use crate::paths::{create_private_dir, create_private_file, sync_dir, tighten};
use domain::{ProjectId, Reviews};

/// How often a lock is tried for, and how long between.
const LOCK_TRIES: usize = 10;
const LOCK_WAIT: Duration = Duration::from_millis(20);

/// Damaged journals that are kept.
const MOST_DAMAGED: usize = 99;

/// Opens the journal of a project. What is in the way of writing does not stand in the way of reading.
pub fn open(folder: &Path, project: ProjectId) -> OpenedJournal {
    open_with(folder, project, &Adopted::default())
}

/// The same, for a project whose dismissed findings an earlier version kept in `dismissed_dir`: they move into the journal,
/// and their file goes once the journal has them on the disk.
pub fn open_adopting(folder: &Path, dismissed_dir: &Path, project: ProjectId) -> OpenedJournal {
    let adopted = Adopted::read(dismissed_dir, project);
    let mut opened = open_with(folder, project, &adopted);
    opened.notes.extend(adopted.notice.clone());
    if opened.journal.is_err() {
        adopted.add_to(&mut opened.reviews);
    } else if !adopted.keys.is_empty()
        && let Err(error) = dismissed::remove(dismissed_dir, project)
    {
        opened.notes.push(format!(
            "The dismissed findings are now in the journal, but their old file could not be \
                                   removed: {error}"
        ));
    }
    opened
}

fn open_with(folder: &Path, project: ProjectId, adopted: &Adopted) -> OpenedJournal {
    let path = journal_path(folder, project);
    let locked = create_private_dir(folder).and_then(|()| lock(&path));
    let shut_by = match locked {
        Ok(lock) => match repaired(&path, project, lock, adopted) {
            Ok(opened) => return opened,
            Err(error) => cannot_be_written(&error),
        },
        Err(StorageError::InUse { .. }) => {
            "This project is open in another Tagscope window, which saves its decisions. This window shows them as of \
             a moment ago. Close the project there and try again."
                .to_owned()
        }
        Err(error) => cannot_be_written(&error),
    };
    match scan::load(&path, project) {
        Ok(loaded) => {
            let notes = Damage::of(&path, &loaded).words().into_iter().collect();
            OpenedJournal { reviews: loaded.reviews, journal: Err(shut_by), notes }
        }
        Err(error @ StorageError::Broken { .. }) => {
            let words = format!("{error}. The file was not changed. No decisions can be made until it can be read.");
            OpenedJournal { reviews: Reviews::default(), journal: Err(words), notes: Vec::new() }
        }
        Err(_) => OpenedJournal { reviews: Reviews::default(), journal: Err(shut_by), notes: Vec::new() },
    }
}

fn cannot_be_written(error: &StorageError) -> String {
    format!("The folder for decisions cannot be written: {error}. Fix this and try again.")
}

/// One program at a time. A file next to the journal, because the journal itself is replaced when it is compacted.
fn lock(path: &Path) -> Result<Option<File>, StorageError> {
    let path = path.with_extension("lock");
    let file = match create_private_file(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => OpenOptions::new().write(true).open(&path),
        made => made,
    };
    let file = file.map_err(|error| StorageError::write(&path, error))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            // A program that starts another one shares its locks with it for a moment.
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_WAIT),
            // A file system without locks: two programs at once are then the person's own affair.
            Err(TryLockError::Error(_)) => return Ok(None),
        }
    }
    Err(StorageError::InUse { path })
}

/// Reads the journal, repairs it and opens it at its end.
fn repaired(
    path: &Path,
    project: ProjectId,
    lock: Option<File>,
    adopted: &Adopted,
) -> Result<OpenedJournal, StorageError> {
    compact::sweep(path);
    let mut notes = Vec::new();
    let mut loaded = match scan::load(path, project) {
        Err(StorageError::Missing { .. }) => Loaded::default(),
        loaded => loaded?,
    };
    let is_damaged = !loaded.damaged.is_empty();
    if is_damaged {
        let aside = keep_aside(path)?;
        // The end is reported below.
        let damage =
            Damage::of(path, &Loaded { tail: Tail::None, damaged: loaded.damaged.clone(), ..Loaded::default() });
        let words = damage.words().unwrap_or_default();
        notes.push(format!("{words} All others are here. The original journal is kept as {}.", aside.display()));
    }
    if loaded.tail == Tail::Torn {
        notes.push("The last decision was being written when the program was stopped, so it was not saved.".to_owned());
    }
    let is_adopting = !adopted.keys.is_empty() && !loaded.numbers.is_empty();
    if is_damaged || is_adopting {
        // In front of all decisions: an entry between two of them would be undone with the first of the two.
        let adopted = if is_adopting { adopted } else { &Adopted::default() };
        compact::rewrite_with(path, project, None, adopted)?;
        loaded = scan::load(path, project)?;
    } else if loaded.has_head && loaded.version < VERSION && loaded.tail == Tail::None {
        compact::rewrite(path, project, None)?;
        loaded = scan::load(path, project)?;
    } else if let Some(cut) = compact::worth(&loaded)
        && compact::rewrite(path, project, Some(cut)).is_ok()
    {
        // If it could not be, the journal is as it was.
        loaded = scan::load(path, project)?;
    }
    let (file, end) = at_end(path, project, &loaded)?;
    let mut journal = Journal {
        path: path.to_path_buf(),
        file,
        end,
        #[cfg(any(test, feature = "testing"))]
        faults: Default::default(),
        _lock: lock,
    };
    if let Some(entry) = adopted.entry().filter(|_| !is_adopting) {
        journal.append([&entry])?;
        adopted.add_to(&mut loaded.reviews);
    }
    Ok(OpenedJournal { reviews: loaded.reviews, journal: Ok(journal), notes })
}

/// The file with half a line cut off, or its line feed or head added.
fn at_end(path: &Path, project: ProjectId, loaded: &Loaded) -> Result<(File, u64), StorageError> {
    let failed = |error| StorageError::write(path, error);
    let is_new = path.symlink_metadata().is_err();
    if is_new {
        create_private_file(path).map_err(failed)?;
    } else {
        tighten(path);
    }
    let mut file = OpenOptions::new().append(true).open(path).map_err(failed)?;
    let mut missing = Vec::new();
    let mut end = loaded.end;
    if let Tail::Whole(length) = loaded.tail {
        end += length;
        missing.push(b'\n');
    }
    if end == 0 {
        line::write_head(project, &mut missing).map_err(failed)?;
    }
    if loaded.tail != Tail::None || !missing.is_empty() {
        file.set_len(end).and_then(|()| file.write_all(&missing)).and_then(|()| file.sync_all()).map_err(failed)?;
        end += missing.len() as u64;
    }
    if is_new && let Some(folder) = path.parent() {
        sync_dir(folder);
    }
    Ok((file, end))
}

/// Copies a damaged journal to a name next to it.
fn keep_aside(path: &Path) -> Result<PathBuf, StorageError> {
    let names = (1..=MOST_DAMAGED).map(|number| path.with_extension(format!("damaged-{number}")));
    let mut free = names.filter(|name| name.symlink_metadata().is_err());
    let aside = free.next().ok_or_else(|| StorageError::AlreadyThere { path: path.with_extension("damaged-1") })?;
    let copy = || -> std::io::Result<()> {
        let mut copy = create_private_file(&aside)?;
        std::io::copy(&mut File::open(path)?, &mut copy)?;
        copy.sync_all()
    };
    copy().map_err(|error| {
        let _ = std::fs::remove_file(&aside);
        StorageError::write(&aside, error)
    })?;
    Ok(aside)
}
