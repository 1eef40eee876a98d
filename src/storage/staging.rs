//! A folder that appears whole or not at all: built under a hidden name beside its place, flushed as a whole, then renamed.
//!
//! What becomes of a program that is killed half-way is a hidden folder beside the place, never a half at the place
//! itself. Dropping a [`Staging`] that was not published removes it, unless it is one that a later run can go on with
//! ([`Staging::lasting`]).

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use super::archive::FileFacts;
use super::durable::Durable;
use super::error::StorageError;
use super::passing::{Passing, clear_dead};
use super::paths::sync_dir;
use super::staged_file::Metered;
pub use super::staged_file::{StagedFile, facts_of, measure};
use super::unfinished::{Kept, Unfinished, beside};

/// Under which hidden name a folder is built.
#[derive(Debug)]
enum Site {
    /// One of its own, gone with the job.
    Passing(Passing),
    /// The same each time, so that a later run finds it.
    Lasting(Unfinished),
}

impl Site {
    fn path(&self) -> &Path {
        match self {
            Self::Passing(folder) => folder.path(),
            Self::Lasting(folder) => folder.path(),
        }
    }
}

/// A folder under construction. Files may be made from several threads at once.
#[derive(Debug)]
pub struct Staging {
    folder: Site,
    durable: Durable,
    target: PathBuf,
    /// Parents of the target that were made for it, the outermost first; removed again when nothing is published.
    made_parents: Vec<PathBuf>,
    folders: Mutex<BTreeSet<PathBuf>>,
    budget: Option<Arc<AtomicU64>>,
    /// Names of hidden folders of dead jobs that were removed beside it.
    cleared: Vec<String>,
    is_published: bool,
}

impl Staging {
    /// Begins a folder that is to stand at `target`, which must not exist. Missing parents are made.
    ///
    /// # Errors
    /// When something stands there, or the place cannot be written.
    pub fn beside(target: &Path) -> Result<Self, StorageError> {
        let target = std::path::absolute(target).map_err(|error| StorageError::write(target, error))?;
        let Some(parent) = target.parent().filter(|_| target.file_name().is_some()) else {
            return Err(StorageError::AlreadyThere { path: target });
        };
        refuse_taken(&target)?;
        let made_parents = make_parents(parent)?;
        let cleared = clear_dead(parent);
        match Passing::begin(&target) {
            Ok(folder) => Ok(Self::new(Site::Passing(folder), target, made_parents, cleared)),
            Err(error) => {
                remove_parents(&made_parents);
                Err(error)
            }
        }
    }

    fn new(folder: Site, target: PathBuf, made_parents: Vec<PathBuf>, cleared: Vec<String>) -> Self {
        let durable = Durable::begin(folder.path());
        let folders = Mutex::default();
        Self { folder, durable, target, made_parents, folders, budget: None, cleared, is_published: false }
    }

    /// Begins a folder that a later run can go on with, or goes on with the one that is there when `is_resumed`; and
    /// the files that are whole in it. `purpose` names the job exactly. With `may_replace`, `target` may exist, for
    /// [`replace`](Self::replace).
    ///
    /// # Errors
    /// When something stands at `target`, an unfinished folder is there and not to be gone on with, another program
    /// works on it, or the place cannot be written.
    pub fn lasting(
        target: &Path,
        purpose: &str,
        is_resumed: bool,
        may_replace: bool,
    ) -> Result<(Self, Kept), StorageError> {
        let target = std::path::absolute(target).map_err(|error| StorageError::write(target, error))?;
        let Some(parent) = target.parent().filter(|_| target.file_name().is_some()) else {
            return Err(StorageError::AlreadyThere { path: target });
        };
        recover(&target)?;
        if !may_replace {
            refuse_taken(&target)?;
        }
        let made_parents = make_parents(parent)?;
        let cleared = clear_dead(parent);
        match Unfinished::open(&target, purpose, is_resumed) {
            Ok((folder, kept)) => Ok((Self::new(Site::Lasting(folder), target, made_parents, cleared), kept)),
            Err(error) => {
                remove_parents(&made_parents);
                Err(error)
            }
        }
    }

    /// Names of the hidden folders beside it that jobs had left which were killed, and that are gone now.
    pub fn cleared(&self) -> &[String] {
        &self.cleared
    }

    /// Notes a file of a lasting folder as whole, so that a later run keeps it. A loss of power can still take some of
    /// its bytes: the later run reads it before it relies on it.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn keep(&self, name: &str, facts: &FileFacts) -> Result<(), StorageError> {
        match &self.folder {
            Site::Lasting(folder) => folder.note(name, facts),
            Site::Passing(_) => Ok(()),
        }
    }

    /// A lasting folder leaves nothing either when it is dropped.
    pub fn give_up(&self) {
        if let Site::Lasting(folder) = &self.folder {
            folder.give_up();
        }
    }

    /// Takes a file of the folder away.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn remove(&self, name: &str) -> Result<(), StorageError> {
        let path = self.path().join(name);
        std::fs::remove_file(&path).map_err(|error| StorageError::write(&path, error))
    }

    /// Allows at most `bytes` to be written; more fails as a full disk does.
    #[must_use]
    pub fn with_byte_limit(mut self, bytes: u64) -> Self {
        self.budget = Some(Arc::new(AtomicU64::new(bytes)));
        self
    }

    /// The folder as it is now, under its hidden name.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where it will stand.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Begins a file; `name` is relative, with forward slashes. Folders on the way are made.
    ///
    /// # Errors
    /// When the name leads out of the folder, the file exists, or the system refuses.
    pub fn create(&self, name: &str) -> Result<StagedFile, StorageError> {
        let (path, sink) = self.open(name)?;
        Ok(StagedFile::new(path, sink))
    }

    fn open(&self, name: &str) -> Result<(PathBuf, Metered), StorageError> {
        let path = self.path().join(name);
        if !is_plain_path(name) {
            return Err(StorageError::Broken { path, reason: "the name leads out of the folder".to_owned() });
        }
        self.make_folders(&path)?;
        let file = File::create_new(&path).map_err(|error| StorageError::write(&path, error))?;
        Ok((path, Metered { file, budget: self.budget.clone() }))
    }

    /// Gives a file of the folder a second name: a hard link, or a copy where the file system has no links.
    ///
    /// # Errors
    /// As [`create`](Self::create), and when the first cannot be read.
    pub fn link(&self, from: &str, to: &str) -> Result<(), StorageError> {
        let source = self.path().join(from);
        if !is_plain_path(from) {
            return Err(StorageError::Broken { path: source, reason: "the name leads out of the folder".to_owned() });
        }
        self.bring(&source, to)
    }

    /// Brings a file from anywhere: as a hard link where the file system can, else as a copy. It must never be written
    /// to afterwards, in either place.
    ///
    /// # Errors
    /// As [`create`](Self::create), and when the file cannot be read.
    pub fn bring(&self, from: &Path, name: &str) -> Result<(), StorageError> {
        let path = self.path().join(name);
        if !is_plain_path(name) {
            return Err(StorageError::Broken { path, reason: "the name leads out of the folder".to_owned() });
        }
        self.make_folders(&path)?;
        match std::fs::hard_link(from, &path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(StorageError::write(&path, error));
            }
            // No links here, or too many of this file: whatever it is, a copy tells whether it can be written.
            Err(_) => {}
        }
        let mut file = File::open(from).map_err(|error| StorageError::read(from, error))?;
        let mut copy = self.create(name)?;
        io::copy(&mut file, &mut copy).map_err(|error| StorageError::write(&path, error))?;
        copy.finish().map(drop)
    }

    /// Makes the folders on the way to a file.
    fn make_folders(&self, path: &Path) -> Result<(), StorageError> {
        let Some(folder) = path.parent() else { return Ok(()) };
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if !folders.contains(folder) {
            std::fs::create_dir_all(folder).map_err(|error| StorageError::write(folder, error))?;
            folders.extend(folder.ancestors().take_while(|&at| at != self.path()).map(Path::to_path_buf));
        }
        Ok(())
    }

    /// A whole file at once.
    ///
    /// # Errors
    /// As [`create`](Self::create), and when writing fails.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<FileFacts, StorageError> {
        let facts = facts_of(bytes);
        self.write_measured(name, bytes, &facts)?;
        Ok(facts)
    }

    /// A whole file at once whose facts are known already.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_measured(&self, name: &str, bytes: &[u8], facts: &FileFacts) -> Result<(), StorageError> {
        debug_assert_eq!(facts.bytes, bytes.len() as u64, "these are the facts of other bytes");
        let (path, mut sink) = self.open(name)?;
        sink.write_all(bytes).map_err(|error| StorageError::write(&path, error))
    }

    /// Puts the folder in its place.
    ///
    /// # Errors
    /// When something stands there by now, or the system refuses; then nothing is published.
    pub fn publish(mut self) -> Result<PathBuf, StorageError> {
        self.sync()?;
        refuse_taken(&self.target)?;
        self.rename()?;
        Ok(self.target.clone())
    }

    /// Puts the folder in its place, where a former one of the same kind may stand: that one goes once this one has its
    /// name. Killed between the two, the next job at this place brings the former one back.
    ///
    /// # Errors
    /// When the system refuses; then the former one stands as before.
    pub fn replace(mut self) -> Result<PathBuf, StorageError> {
        self.sync()?;
        let former = beside(&self.target, "former");
        let has_former = self.target.symlink_metadata().is_ok();
        if has_former {
            std::fs::rename(&self.target, &former).map_err(|error| StorageError::write(&self.target, error))?;
        }
        if let Err(error) = self.rename() {
            if has_former {
                let _ = std::fs::rename(&former, &self.target);
            }
            return Err(error);
        }
        if has_former {
            // What cannot be removed now goes with the next job at this place.
            let _ = std::fs::remove_dir_all(&former);
        }
        Ok(self.target.clone())
    }

    /// Brings everything to the disk. It can be called while files are written, so that less is left to the end.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn sync(&self) -> Result<(), StorageError> {
        self.durable.sync().map_err(|error| StorageError::write(&self.target, error))
    }

    fn rename(&mut self) -> Result<(), StorageError> {
        std::fs::rename(self.folder.path(), &self.target).map_err(|error| StorageError::write(&self.target, error))?;
        self.is_published = true;
        match &self.folder {
            Site::Passing(folder) => folder.end(),
            Site::Lasting(folder) => folder.forget_journal(),
        }
        if let Some(parent) = self.target.parent() {
            sync_dir(parent);
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.is_published {
            return;
        }
        let is_left = match &self.folder {
            Site::Lasting(folder) => folder.leave(),
            Site::Passing(folder) => {
                folder.remove();
                false
            }
        };
        // After the folder itself, so that the parents made for it are empty.
        if !is_left {
            remove_parents(&self.made_parents);
        }
    }
}

/// Mends what a program left that was killed while it replaced a folder.
fn recover(target: &Path) -> Result<(), StorageError> {
    let former = beside(target, "former");
    if former.symlink_metadata().is_err() {
        return Ok(());
    }
    let mended = match target.symlink_metadata() {
        Ok(_) => std::fs::remove_dir_all(&former),
        Err(_) => std::fs::rename(&former, target),
    };
    mended.map_err(|error| StorageError::write(&former, error))
}

fn refuse_taken(target: &Path) -> Result<(), StorageError> {
    match target.symlink_metadata() {
        Ok(_) => Err(StorageError::AlreadyThere { path: target.to_path_buf() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StorageError::write(target, error)),
    }
}

/// Makes the missing ones of a folder and its ancestors; the made ones, outermost first.
fn make_parents(folder: &Path) -> Result<Vec<PathBuf>, StorageError> {
    let missing: Vec<_> = folder.ancestors().take_while(|at| !at.exists()).map(Path::to_path_buf).collect();
    let mut made = Vec::new();
    for path in missing.into_iter().rev() {
        if let Err(error) = std::fs::create_dir(&path) {
            if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() {
                continue;
            }
            remove_parents(&made);
            return Err(StorageError::write(&path, error));
        }
        made.push(path);
    }
    Ok(made)
}

/// Removes folders that are empty, innermost first.
fn remove_parents(made: &[PathBuf]) {
    for path in made.iter().rev() {
        let _ = std::fs::remove_dir(path);
    }
}

/// Whether a relative name with forward slashes stays below the folder it is joined to, on every system.
pub fn is_plain_path(name: &str) -> bool {
    !name.is_empty()
        && !name.contains(['\\', ':', '\0'])
        && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}
