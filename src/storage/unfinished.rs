//! The hidden folder of a long job that may be interrupted and resumed: its name is fixed, `.NAME.tagscope-unfinished`
//! next to the place, and a journal next to it says for what it was started, which of its files are whole, and at the end that
//! it is about to be published.
//!
//! A file is noted once the system has all of it. Whatever the journal does not know, or has another size, is removed when
//! the job continues; the job itself reads what is left before it relies on it, because a loss of power can take bytes that
//! were noted. The journal is locked while a program works on the folder.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::archive::FileFacts;
use super::error::StorageError;
use super::hidden::{beside, folder_of, is_unfinished, journal_of};
use super::purpose::Purpose;
use super::recovery;
use super::rename::{Means, rename_new};

/// Programs that may end just while this one begins.
const TRIES: u32 = 16;
/// Folders that are set aside at one place.
const MOST_ASIDE: u32 = 99;

/// Files that are whole, by name.
pub type Kept = BTreeMap<String, FileFacts>;

/// The first line of a journal.
#[derive(Serialize, Deserialize)]
struct Head {
    purpose: Purpose,
}

/// A file that is whole.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    name: String,
    #[serde(flatten)]
    facts: FileFacts,
}

/// The folder is about to be published.
#[derive(Serialize, Deserialize)]
struct Announcement {
    /// SHA-256 of its manifest; empty when a later run took the announcement back because it works on the folder again.
    publishing: String,
}

/// The folder, with its journal locked.
#[derive(Debug)]
pub(super) struct Unfinished {
    folder: PathBuf,
    journal: PathBuf,
    log: Mutex<File>,
    noted: AtomicUsize,
}

/// The journal of a place, open and locked: nobody else works there. Nothing was changed yet.
#[derive(Debug)]
pub(super) struct Locked {
    target: PathBuf,
    folder: PathBuf,
    journal: PathBuf,
    log: File,
    read: Read,
}

impl Locked {
    pub(super) fn open(target: &Path) -> Result<Self, StorageError> {
        let journal = journal_of(target);
        let failed = |error| StorageError::write(&journal, error);
        for _ in 0..TRIES {
            let log = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&journal)
                .map_err(failed)?;
            match log.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(StorageError::InUse { path: target.to_path_buf() }),
                // A file system without locks: two programs at once are then the person's own affair.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            // Another program may have ended just now and removed the name: a lock on what nobody can find is none.
            if is_same_file(&log, &journal) {
                let read = read(&log).map_err(failed)?;
                return Ok(Self { target: target.to_path_buf(), folder: folder_of(target), journal, log, read });
            }
        }
        Err(StorageError::InUse { path: target.to_path_buf() })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The hash of the manifest that was about to be published when the last program ended.
    pub(super) fn announced(&self) -> Option<&str> {
        self.read.announced.as_deref()
    }

    /// Nothing is started here: a journal without its folder goes again.
    pub(super) fn release(self) {
        if self.folder.symlink_metadata().is_err() {
            let _ = std::fs::remove_file(&self.journal);
        }
    }

    /// Removes what an interrupted job has left. What an update was about to put in place is put right first: the hidden
    /// folder may hold the archive of before.
    /// Fails when it is not clear which archive belongs in the place.
    pub(super) fn discard(self) -> Result<(), StorageError> {
        if let Err(error) = recovery::repair(&self.target, &self.folder, self.announced()) {
            self.release();
            return Err(error);
        }
        remove_unfinished(&self.folder)?;
        // The lock goes with the file: nobody can have opened it meanwhile and wait for it.
        let _ = std::fs::remove_file(&self.journal);
        Ok(())
    }

    /// Creates the folder, or resumes with the existing one if `is_resumed`. What was begun for another `purpose` is not
    /// used. The last value says what was set aside.
    pub(super) fn begin(
        self,
        purpose: &Purpose,
        is_resumed: bool,
    ) -> Result<(Unfinished, Kept, Option<String>), StorageError> {
        let Self { target, folder, journal, mut log, read } = self;
        let Read { purpose: begun_for, notes, announced, end } = read;
        let failed = |error| StorageError::write(&journal, error);
        let is_there = folder.symlink_metadata().is_ok();
        let mut set_aside = None;
        match begun_for.filter(|_| is_there) {
            Some(begun_for) => {
                refuse_other(&begun_for, purpose, is_resumed, folder.clone())?;
                log.set_len(end).and_then(|()| log.seek(SeekFrom::End(0))).map_err(failed)?;
                if announced.is_some() {
                    take_back_announcement(&mut log).map_err(failed)?;
                }
                let kept = sweep(&folder, notes).map_err(|error| StorageError::write(&folder, error))?;
                let noted = AtomicUsize::new(kept.len());
                return Ok((Unfinished { folder, journal, log: Mutex::new(log), noted }, kept, None));
            }
            None if is_there => set_aside = Some(put_aside(&folder, &target)?),
            None => {}
        }
        let mut begin = || -> io::Result<()> {
            log.set_len(0)?;
            log.rewind()?;
            serde_json::to_writer(&mut log, &Head { purpose: purpose.clone() })?;
            log.write_all(b"\n")?;
            log.sync_all()?;
            std::fs::create_dir(&folder)
        };
        if let Err(error) = begin() {
            let _ = std::fs::remove_file(&journal);
            return Err(StorageError::write(&folder, error));
        }
        Ok((Unfinished { folder, journal, log: Mutex::new(log), noted: AtomicUsize::new(0) }, Kept::new(), set_aside))
    }
}

/// Refuses a job that is not to be resumed, or for which something else was begun.
pub(super) fn refuse_other(
    begun_for: &Purpose,
    purpose: &Purpose,
    is_resumed: bool,
    path: PathBuf,
) -> Result<(), StorageError> {
    match begun_for.refusal_of(purpose) {
        None if is_resumed => Ok(()),
        other => Err(StorageError::Unfinished { path, other }),
    }
}

/// What the unfinished job of a target was begun for, as far as that can be read.
pub(super) fn begun_for(target: &Path) -> Option<Purpose> {
    if is_unfinished(target) { File::open(journal_of(target)).and_then(|log| read(&log)).ok()?.purpose } else { None }
}

/// Looks whether a job for this target could begin or be resumed, before anything is done for it. What the `purpose` does
/// not know yet is looked at when the job begins.
///
/// # Errors
/// When another program works there, or an unfinished job is there that is not to be resumed or was begun for something
/// else.
pub fn look_at_unfinished(target: &Path, purpose: &Purpose, is_resumed: bool) -> Result<(), StorageError> {
    let target = std::path::absolute(target).map_err(|error| StorageError::write(target, error))?;
    let log = OpenOptions::new().read(true).write(true).open(journal_of(&target));
    if log.is_ok_and(|log| matches!(log.try_lock(), Err(TryLockError::WouldBlock))) {
        return Err(StorageError::InUse { path: target });
    }
    match begun_for(&target) {
        Some(begun_for) => refuse_other(&begun_for, purpose, is_resumed, folder_of(&target)),
        None => Ok(()),
    }
}

/// The folder is worked on again, so what was announced of it does not hold any more.
fn take_back_announcement(log: &mut File) -> io::Result<()> {
    let mut line = serde_json::to_vec(&Announcement { publishing: String::new() })?;
    line.push(b'\n');
    log.write_all(&line)?;
    log.sync_all()
}

/// Gives an unfinished folder without a journal another name: what is whole in it cannot be known, and it may be all that
/// there is of it. Says so.
fn put_aside(folder: &Path, target: &Path) -> Result<String, StorageError> {
    for number in 1..=MOST_ASIDE {
        let aside = beside(target, &format!("aside-{number}"));
        match rename_new(folder, &aside, Means::All) {
            Ok(()) => {
                return Ok(format!(
                    "{} had lost its journal, so it is not known which of its files are complete. It was renamed to \
                     {}. Remove it when you no longer need it.",
                    folder.display(),
                    aside.display()
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(StorageError::write(folder, error)),
        }
    }
    Err(StorageError::Conflict {
        path: folder.to_path_buf(),
        reason: format!("{} has lost its journal, and {MOST_ASIDE} others were already renamed.", folder.display()),
        advice: "Remove the hidden folders that you do not need, then run it again.".to_owned(),
    })
}

/// Removes an unfinished folder, if there is one.
pub(super) fn remove_unfinished(folder: &Path) -> Result<(), StorageError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StorageError::write(folder, error)),
        _ => Ok(()),
    }
}

/// Whether an open file is still the one of this name.
fn is_same_file(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), path.symlink_metadata()) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        (open.dev(), open.ino()) == (named.dev(), named.ino())
    }
    // Elsewhere a file that is open keeps its name.
    #[cfg(not(unix))]
    {
        open.is_file() && named.is_file()
    }
}

impl Unfinished {
    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    pub(super) fn note(&self, name: &str, facts: &FileFacts) -> Result<(), StorageError> {
        self.noted.fetch_add(1, Ordering::Relaxed);
        self.write(&Note { name: name.to_owned(), facts: facts.clone() }).map(drop)
    }

    /// Notes for good, before anything is moved, that the folder is about to be published: the hash of its manifest.
    pub(super) fn announce(&self, manifest: &str) -> Result<(), StorageError> {
        let log = self.write(&Announcement { publishing: manifest.to_owned() })?;
        log.sync_all().map_err(|error| StorageError::write(&self.journal, error))
    }

    fn write(&self, line: &impl Serialize) -> Result<MutexGuard<'_, File>, StorageError> {
        let failed = |error: io::Error| StorageError::write(&self.journal, error);
        let mut line = serde_json::to_vec(line).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.write_all(&line).map_err(failed)?;
        Ok(log)
    }

    /// The folder has its place: the journal is of no more use.
    pub(super) fn forget_journal(&self) {
        let _ = std::fs::remove_file(&self.journal);
    }

    /// Nothing in it is to be resumed: what is left of it is removed with the job.
    pub(super) fn give_up(&self) {
        self.noted.store(0, Ordering::Relaxed);
    }

    /// It is not removed, whatever is in it.
    pub(super) fn hold(&self) {
        self.noted.fetch_max(1, Ordering::Relaxed);
    }

    /// Leaves the folder for a later run, unless nothing in it is worth keeping. Whether it was left.
    pub(super) fn leave(&self) -> bool {
        if self.noted.load(Ordering::Relaxed) > 0 {
            return true;
        }
        // The journal goes last: without it nobody would know what the rest of the folder is.
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => true,
            _ => {
                self.forget_journal();
                false
            }
        }
    }
}

/// What a journal says.
#[derive(Debug, Default)]
struct Read {
    /// `None`: it does not even have a first line.
    purpose: Option<Purpose>,
    notes: Vec<Note>,
    announced: Option<String>,
    /// The byte behind the last whole line: a program that was killed may have left half a line.
    end: u64,
}

fn read(log: &File) -> io::Result<Read> {
    let mut input = BufReader::new(log);
    input.rewind()?;
    let mut read = Read::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = input.read_until(b'\n', &mut line)? as u64;
        if count == 0 || !line.ends_with(b"\n") {
            return Ok(read);
        }
        if read.purpose.is_none() {
            let Ok(Head { purpose }) = serde_json::from_slice(&line) else { return Ok(read) };
            read.purpose = Some(purpose);
        } else if let Ok(note) = serde_json::from_slice(&line) {
            read.notes.push(note);
        } else if let Ok(Announcement { publishing }) = serde_json::from_slice(&line) {
            read.announced = Some(publishing).filter(|hash| !hash.is_empty());
        } else {
            return Ok(read);
        }
        read.end += count;
    }
}

/// Removes everything that is not noted or not as noted; the rest.
fn sweep(folder: &Path, notes: Vec<Note>) -> io::Result<Kept> {
    let mut noted: Kept = notes.into_iter().map(|note| (note.name, note.facts)).collect();
    let mut kept = Kept::new();
    let (mut folders, mut folders_seen) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders_seen.push(path.clone());
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let facts = noted.remove(&name);
            match facts
                .filter(|facts| entry.metadata().is_ok_and(|found| found.is_file() && found.len() == facts.bytes))
            {
                Some(facts) => {
                    kept.insert(name, facts);
                }
                None => std::fs::remove_file(&path)?,
            }
        }
    }
    // Outermost first in the list; one that holds something stays.
    for at in folders_seen.iter().rev() {
        let _ = std::fs::remove_dir(at);
    }
    Ok(kept)
}
