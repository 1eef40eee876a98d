//! The journal of decisions: one append-only file a project, for this person's eyes alone.
//!
//! # The file
//! `reviews/PROJECT.journal` under the state folder. Each line is the CRC-32 of its JSON (8 hex digits), a space, the JSON
//! and a line feed. The first line is the head with the version; each other line is one [`Decision`]. A line is on the disk
//! ([`Journal::append`] has synced it) before it is reported as saved.
//!
//! # One history
//! Verdicts, comments, imports of reviews, and findings that are dismissed or restored are entries of this one file, in the
//! order in which they were made. An undo is an entry as well; it names the entry that it takes back. So there is one
//! history: undo always takes back the last thing that is in force, whatever kind it is, also after a restart. Version 1
//! had no dismissed findings; they were in a file of their own, which [`open_adopting`] moves into the journal once. A journal of version 1 is written again as version 2 when it is opened.
//!
//! # What can be wrong with it
//! A last line without its line feed was being written when the power failed: it was never acknowledged, and is dropped
//! with a word. A damaged line in the middle is left out with a word, and the file as it was is kept next to it as
//! `.damaged-N`. A read-only open reports which lines are damaged ([`Damage`]). Line ends of other systems and a byte order
//! mark, which editors and sync tools leave, are no damage. A newer version is refused. A second program on the same
//! project finds the lock taken and reads only.
//!
//! # Where it stops
//! What decisions mean is the domain's ([`Reviews`]); this only keeps them. Calls block.

mod compact;
mod dismissed;
mod line;
mod open;
mod scan;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

#[cfg(any(test, feature = "testing"))]
use super::disk_faults::DiskFaults;
use super::error::StorageError;
use domain::{Decision, ProjectId, Reviews};
use scan::{Loaded, Tail};

#[cfg(any(test, feature = "testing"))]
pub use super::disk_faults::WriteDelay;
pub use dismissed::with_dismissed;
pub use open::{open, open_adopting};

/// The version that is written, and the newest that is read.
const VERSION: u32 = 2;

/// A journal open for writing; its lock is held.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Where the last whole line ends.
    end: u64,
    #[cfg(any(test, feature = "testing"))]
    faults: DiskFaults,
    _lock: Option<File>,
}

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

/// The decisions of a project as somebody reads them who does not write.
#[derive(Debug, Default)]
pub struct ReadJournal {
    pub reviews: Reviews,
    pub damage: Damage,
}

/// Reads the decisions of a project without a lock and without repairing anything; the state of no decisions where there is
/// no journal. A caller that shows or writes what was read has to report what is damaged.
///
/// # Errors
/// When the file cannot be read, is of a newer version or of another project.
pub fn read(folder: &Path, project: ProjectId) -> Result<ReadJournal, StorageError> {
    let path = journal_path(folder, project);
    match scan::load(&path, project) {
        Err(StorageError::Missing { .. }) => Ok(ReadJournal::default()),
        loaded => loaded.map(|loaded| ReadJournal { damage: Damage::of(&path, &loaded), reviews: loaded.reviews }),
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
        #[cfg(any(test, feature = "testing"))]
        self.faults.before_write(&mut self.file, bytes)?;
        self.file.write_all(bytes)
    }

    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn with_delay(mut self, delay: WriteDelay) -> Self {
        self.faults = DiskFaults::slow(delay);
        self
    }

    /// Allows at most `bytes` more to be written; more fails as a full disk does.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn with_byte_limit(mut self, bytes: u64) -> Self {
        self.faults = DiskFaults::full_after(bytes);
        self
    }
}

/// Lines that are named.
const MOST_NAMED: usize = 10;

/// What of a journal could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    path: PathBuf,
    /// The numbers of the damaged lines, from 1, ascending.
    lines: Vec<u64>,
    /// The number of the last line, when it has no end.
    unfinished: Option<u64>,
}

impl Damage {
    fn of(path: &Path, loaded: &Loaded) -> Self {
        let mut lines = loaded.damaged.clone();
        lines.dedup();
        let unfinished = (loaded.tail == Tail::Torn).then_some(loaded.lines);
        Self { path: path.to_path_buf(), lines, unfinished }
    }

    pub fn is_none(&self) -> bool {
        self.lines.is_empty() && self.unfinished.is_none()
    }

    pub fn line_count(&self) -> usize {
        self.lines.len() + usize::from(self.unfinished.is_some())
    }

    /// A sentence that says which lines of which file could not be read; `None` when there are none.
    pub fn words(&self) -> Option<String> {
        let mut numbers: Vec<String> = self.lines.iter().chain(&self.unfinished).map(u64::to_string).collect();
        let more = numbers.len().saturating_sub(MOST_NAMED);
        numbers.truncate(MOST_NAMED);
        let (are, lines) = match self.line_count() {
            0 => return None,
            1 => ("1 line is".to_owned(), "line"),
            count => (format!("{count} lines are"), "lines"),
        };
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let end = match (self.unfinished, self.lines.is_empty()) {
            (Some(_), true) => " It is the last one and is incomplete: it was being written when the program stopped.",
            (Some(_), false) => " The last of them is incomplete: it was being written when the program stopped.",
            (None, _) => "",
        };
        Some(format!(
            "Decisions are missing: {are} damaged in the journal {} ({lines} {}{more}).{end}",
            self.path.display(),
            numbers.join(", ")
        ))
    }
}
