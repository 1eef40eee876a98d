//! From a folder that is whole under its hidden name to a published one: the one way in which archives, updates, exports
//! and imports get their place. `docs/publishing.md` draws it.
//!
//! Each step is one change on the disk. A program that is killed between two of them leaves what `recovery` and the next
//! run understand; a step that fails undoes what it has started. Nothing is ever replaced except the archive that an update
//! started from, and that is looked at again after it has been moved out of the way.

use std::io;
use std::path::{Path, PathBuf};

use super::archive::{Identity, MANIFEST_FILE};
use super::error::StorageError;
use super::hidden::former_of;
use super::paths::sync_dir;
use super::recovery::remove_former;
use super::rename::{Means, exchange, rename_new};
use super::site::Site;
use super::staged_file::measure;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The new folder is whole on the disk under its hidden name.
    Sealed,
    /// The journal says what is about to be published. Updates alone.
    Announced,
    /// The new archive has its place, the former one has the hidden name. Updates, where the system can exchange.
    Exchanged,
    /// The former archive is moved aside, the place is empty. Updates, where the system cannot exchange.
    Aside,
    /// The new folder has its place, and so has what was there before, if anything was: next to it.
    Placed,
    /// The journal, or the lock, is gone.
    Released,
    /// What was there before is gone.
    Done,
}

/// A folder on its way to its place.
#[derive(Debug)]
pub(super) struct Publication<'a> {
    site: &'a Site,
    target: &'a Path,
    /// The archive that may be replaced.
    former: Option<&'a Identity>,
    means: Means,
    state: State,
    /// What could not be removed in the end.
    left: Option<String>,
}

impl<'a> Publication<'a> {
    pub(super) fn new(site: &'a Site, target: &'a Path, former: Option<&'a Identity>, means: Means) -> Self {
        Self { site, target, former, means, state: State::Sealed, left: None }
    }

    /// All steps. A sentence about what is left, when something is. On a failure the place is as it was.
    pub(super) fn run(mut self) -> Result<Option<String>, StorageError> {
        while self.state != State::Done {
            self.advance()?;
        }
        Ok(self.left)
    }

    #[cfg(test)]
    pub(super) fn state(&self) -> State {
        self.state
    }

    pub(super) fn advance(&mut self) -> Result<(), StorageError> {
        self.state = match self.state {
            State::Sealed => self.begin()?,
            State::Announced => self.move_away()?,
            State::Exchanged => self.judge_exchanged()?,
            State::Aside => self.judge_aside()?,
            State::Placed => self.release(),
            State::Released => self.clear(),
            State::Done => State::Done,
        };
        Ok(())
    }

    fn begin(&self) -> Result<State, StorageError> {
        let Some(former) = self.former else {
            rename_new(self.site.path(), self.target, self.means).map_err(|error| self.failed(error))?;
            return Ok(State::Placed);
        };
        former.check(self.target).map_err(|what| self.changed(&what))?;
        self.site.announce(&measure(&self.site.path().join(MANIFEST_FILE))?.sha256.to_string())?;
        Ok(State::Announced)
    }

    fn move_away(&self) -> Result<State, StorageError> {
        let aside = self.aside();
        if aside.symlink_metadata().is_ok() {
            return Err(StorageError::Conflict {
                path: self.target.to_path_buf(),
                reason: format!("{} appeared while this ran.", aside.display()),
                advice: "Move it elsewhere, then run it again with --resume. Downloaded files are kept.".to_owned(),
            });
        }
        if exchange(self.site.path(), self.target, self.means).map_err(|error| self.failed(error))? {
            return Ok(State::Exchanged);
        }
        rename_new(self.target, &aside, self.means).map_err(|error| self.failed(error))?;
        Ok(State::Aside)
    }

    fn judge_exchanged(&self) -> Result<State, StorageError> {
        let moved = self.site.path();
        let judged = match self.check(moved) {
            Ok(()) => rename_new(moved, &self.aside(), self.means).map_err(|error| self.failed(error)),
            Err(what) => Err(self.changed(&what)),
        };
        let Err(error) = judged else { return Ok(State::Placed) };
        if !exchange(moved, self.target, self.means).is_ok_and(|is_back| is_back) {
            // The hidden name now stands for the archive of before: the next run sees to it.
            self.site.hold();
        }
        Err(error)
    }

    fn judge_aside(&self) -> Result<State, StorageError> {
        let aside = self.aside();
        let put_back = || rename_new(&aside, self.target, self.means).map_err(|error| self.taken(&aside, &error));
        if let Err(what) = self.check(&aside) {
            put_back()?;
            return Err(self.changed(&what));
        }
        if let Err(error) = rename_new(self.site.path(), self.target, self.means) {
            put_back()?;
            return Err(self.failed(error));
        }
        Ok(State::Placed)
    }

    fn release(&self) -> State {
        if let Some(parent) = self.target.parent() {
            sync_dir(parent);
        }
        self.site.release();
        State::Released
    }

    fn clear(&mut self) -> State {
        if self.former.is_some()
            && let Err((left, error)) = remove_former(&self.aside(), self.target)
        {
            let left = left.display();
            self.left = Some(format!(
                "The previous archive, now {left}, could not be removed ({error}). Remove it \
                                      yourself."
            ));
        }
        State::Done
    }

    fn check(&self, moved: &Path) -> Result<(), String> {
        self.former.map_or(Ok(()), |former| former.check(moved))
    }

    /// Where the former archive goes.
    fn aside(&self) -> PathBuf {
        former_of(self.target)
    }

    fn failed(&self, error: io::Error) -> StorageError {
        let path = self.target.to_path_buf();
        match (error.kind(), self.site) {
            (io::ErrorKind::AlreadyExists, Site::Ephemeral(_)) => StorageError::AlreadyThere { path },
            (io::ErrorKind::AlreadyExists, Site::Resumable(_)) => StorageError::Conflict {
                reason: format!("{} appeared while this ran. It was not changed.", path.display()),
                advice: "Move it elsewhere, then run it again with --resume. Downloaded files are kept.".to_owned(),
                path,
            },
            _ => StorageError::write(self.target, error),
        }
    }

    /// Something has appeared in the place just while it was empty, and the former archive cannot go back.
    fn taken(&self, aside: &Path, error: &io::Error) -> StorageError {
        let (target, aside) = (self.target.display(), aside.display());
        StorageError::Conflict {
            path: self.target.to_path_buf(),
            reason: format!(
                "Something else appeared at {target} while its archive was being replaced ({error}). The \
                             archive is now {aside}."
            ),
            advice: format!(
                "Move {target} elsewhere, then run it again with --resume. The archive is then moved back."
            ),
        }
    }

    fn changed(&self, what: &str) -> StorageError {
        let target = self.target.display();
        StorageError::Conflict {
            path: self.target.to_path_buf(),
            reason: format!("{target} changed while this ran: {what}. It was not replaced."),
            advice: format!(
                "Move files that do not belong to it elsewhere, then run it again with --resume. Downloaded files are \
                 kept next to {target}."
            ),
        }
    }
}

#[cfg(test)]
mod tests;
