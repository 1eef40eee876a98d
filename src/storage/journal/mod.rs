//! The journal of decisions: one append-only file a project, for this person's eyes alone.
//!
//! # The file
//! `reviews/PROJECT.journal` under the state folder. Each line is the CRC-32 of its JSON (8 hex digits), a space, the JSON
//! and a line feed. The first line is the head with the version; each other line is one [`Decision`]. A line is on the disk
//! ([`Journal::append`] has synced it) before anybody is told that it is kept.
//!
//! # What can be wrong with it
//! A last line without its line feed was being written when the power went: it was never acknowledged, and is dropped with
//! a word. A damaged line in the middle is left out with a word, and the file as it was is kept beside as `.damaged-N`. A
//! newer version is refused. A second program on the same project finds the lock taken and reads only.
//!
//! # Where it stops
//! What decisions mean is the domain's ([`Reviews`]); this only keeps them. Calls block.

mod compact;
mod line;
mod open;
mod scan;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::StorageError;
use crate::domain::{Decision, ProjectId, Reviews};

pub use open::open;

/// The version that is written, and the newest that is read.
const VERSION: u32 = 1;

/// A journal open for writing; its lock is held.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Where the last whole line ends.
    end: u64,
    /// Bytes that may still be written, as on a small disk.
    budget: Option<u64>,
    _lock: Option<File>,
}

/// A journal that was read.
#[derive(Debug)]
pub struct OpenedJournal {
    /// What its decisions come to.
    pub reviews: Reviews,
    /// The journal, for more of them; else why none can be made, in words.
    pub journal: Result<Journal, String>,
    /// What is worth knowing about it, a sentence each.
    pub notes: Vec<String>,
}

/// Where the decisions of a project are.
pub fn journal_path(folder: &Path, project: ProjectId) -> PathBuf {
    folder.join(format!("{project}.journal"))
}

/// Reads the decisions of a project without a lock and without mending anything; the state of no decisions where there is
/// no journal.
///
/// # Errors
/// When the file cannot be read, is of a newer version or of another project.
pub fn read(folder: &Path, project: ProjectId) -> Result<Reviews, StorageError> {
    let path = journal_path(folder, project);
    match scan::load(&path, project) {
        Err(StorageError::Missing { .. }) => Ok(Reviews::default()),
        loaded => loaded.map(|loaded| loaded.reviews),
    }
}

impl Journal {
    /// Puts decisions on the disk, with one sync for all of them. When this returns they survive a loss of power.
    ///
    /// # Errors
    /// When the system refuses: none of them is in the journal then.
    pub fn append<'a>(&mut self, decisions: impl IntoIterator<Item = &'a Decision>) -> Result<(), StorageError> {
        let mut bytes = Vec::new();
        let result = decisions.into_iter().try_for_each(|decision| line::write(decision, &mut bytes));
        let result = result.and_then(|()| self.write(&bytes)).and_then(|()| self.file.sync_data());
        match result {
            Ok(()) => {
                self.end += bytes.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Half a line in the file is dropped when it is read; without it the next one can be written at once.
                let _ = self.file.set_len(self.end).and_then(|()| self.file.sync_data());
                Err(StorageError::write(&self.path, error))
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(budget) = &mut self.budget {
            let fits = usize::try_from(*budget).unwrap_or(usize::MAX).min(bytes.len());
            *budget -= fits as u64;
            self.file.write_all(&bytes[..fits])?;
            if fits < bytes.len() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            return Ok(());
        }
        self.file.write_all(bytes)
    }

    /// Allows at most `bytes` more to be written; more fails as a full disk does.
    #[must_use]
    pub fn with_byte_limit(mut self, bytes: u64) -> Self {
        self.budget = Some(bytes);
        self
    }
}
