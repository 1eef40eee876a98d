//! The hidden folder of a long job that may be interrupted and gone on with: its name is fixed, `.NAME.tagscope-unfinished`
//! beside the place, and a journal beside it says for what it was begun and which of its files are whole.
//!
//! A file is noted once the system has all of it. Whatever the journal does not know, or has another size, is removed when
//! the job goes on; the job itself reads what is left before it relies on it, because a loss of power can take bytes that
//! were noted. The journal is locked while a program works on the folder.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::archive::FileFacts;
use super::error::StorageError;

/// Files that are whole, by name.
pub type Kept = BTreeMap<String, FileFacts>;

/// The first line of a journal.
#[derive(Serialize, Deserialize)]
struct Head {
    purpose: String,
}

/// Every other line.
#[derive(Serialize, Deserialize)]
struct Note {
    name: String,
    #[serde(flatten)]
    facts: FileFacts,
}

/// The folder, with its journal locked.
#[derive(Debug)]
pub(super) struct Unfinished {
    folder: PathBuf,
    journal: PathBuf,
    log: Mutex<File>,
    noted: AtomicUsize,
}

/// Where the hidden folder of a target stands.
pub(super) fn folder_of(target: &Path) -> PathBuf {
    beside(target, "unfinished")
}

/// Whether a job for this target was begun and not finished.
pub fn is_unfinished(target: &Path) -> bool {
    folder_of(target).is_dir()
}

/// A hidden name beside a target.
pub(super) fn beside(target: &Path, what: &str) -> PathBuf {
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    target.with_file_name(format!(".{name}.tagscope-{what}"))
}

impl Unfinished {
    /// Begins the folder of `target`, or goes on with the one that is there when `is_resumed`. `purpose` names the job
    /// exactly: what was begun for another one is not taken.
    pub(super) fn open(target: &Path, purpose: &str, is_resumed: bool) -> Result<(Self, Kept), StorageError> {
        let folder = folder_of(target);
        let journal = beside(target, "unfinished.jsonl");
        let failed = |error| StorageError::write(&journal, error);
        let is_there = folder.symlink_metadata().is_ok();
        let mut log =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&journal).map_err(failed)?;
        match log.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(StorageError::InUse { path: target.to_path_buf() }),
            // A file system without locks: two programs at once are then the person's own affair.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let (head, notes, end) = read(&log).map_err(failed)?;
        if is_there {
            let begun_for = head.ok_or_else(|| StorageError::AlreadyThere { path: folder.clone() })?;
            if !is_resumed || begun_for != purpose {
                return Err(StorageError::Unfinished { path: folder, is_other: begun_for != purpose });
            }
            log.set_len(end).and_then(|()| log.seek(SeekFrom::End(0))).map_err(failed)?;
            let kept = sweep(&folder, notes).map_err(|error| StorageError::write(&folder, error))?;
            let noted = AtomicUsize::new(kept.len());
            return Ok((Self { folder, journal, log: Mutex::new(log), noted }, kept));
        }
        let mut begin = || -> io::Result<()> {
            log.set_len(0)?;
            log.rewind()?;
            serde_json::to_writer(&mut log, &Head { purpose: purpose.to_owned() })?;
            log.write_all(b"\n")?;
            log.sync_all()?;
            std::fs::create_dir(&folder)
        };
        if let Err(error) = begin() {
            let _ = std::fs::remove_file(&journal);
            return Err(StorageError::write(&folder, error));
        }
        Ok((Self { folder, journal, log: Mutex::new(log), noted: AtomicUsize::new(0) }, Kept::new()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    /// Notes a file that is whole.
    pub(super) fn note(&self, name: &str, facts: &FileFacts) -> Result<(), StorageError> {
        let failed = |error: io::Error| StorageError::write(&self.journal, error);
        let note = Note { name: name.to_owned(), facts: facts.clone() };
        let mut line = serde_json::to_vec(&note).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        self.noted.fetch_add(1, Ordering::Relaxed);
        self.log.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line).map_err(failed)
    }

    /// The folder has its place: the journal is of no more use.
    pub(super) fn forget_journal(&self) {
        let _ = std::fs::remove_file(&self.journal);
    }

    /// Nothing in it is to be gone on with: what is left of it goes with the job.
    pub(super) fn give_up(&self) {
        self.noted.store(0, Ordering::Relaxed);
    }

    /// Leaves the folder for a later run, unless nothing in it is worth keeping. Whether it was left.
    pub(super) fn leave(&self) -> bool {
        if self.noted.load(Ordering::Relaxed) > 0 {
            return true;
        }
        let _ = std::fs::remove_dir_all(&self.folder);
        self.forget_journal();
        false
    }
}

/// The purpose, the notes, and the byte behind the last whole line: a program that was killed may have left half a line.
fn read(log: &File) -> io::Result<(Option<String>, Vec<Note>, u64)> {
    let mut input = BufReader::new(log);
    input.rewind()?;
    let (mut head, mut notes, mut end) = (None, Vec::new(), 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = input.read_until(b'\n', &mut line)? as u64;
        if count == 0 || !line.ends_with(b"\n") {
            return Ok((head, notes, end));
        }
        if head.is_none() {
            let Ok(Head { purpose }) = serde_json::from_slice(&line) else { return Ok((None, notes, end)) };
            head = Some(purpose);
        } else if let Ok(note) = serde_json::from_slice(&line) {
            notes.push(note);
        } else {
            return Ok((head, notes, end));
        }
        end += count;
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
