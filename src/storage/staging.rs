//! A folder that appears whole or not at all: built under a hidden name next to its place, flushed as a whole, then
//! published.
//!
//! What a program leaves that is killed half-way is a hidden folder next to the place, never a half at the place
//! itself. Dropping a [`Staging`] that was not published removes it, unless it is one that a later run can continue with
//! ([`Staging::lasting`]).

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::archive::{FileFacts, Identity};
#[cfg(any(test, feature = "testing"))]
use super::disk_faults::DiskFaults;
use super::durable::Durable;
use super::error::StorageError;
use super::hidden::{former_of, what_was_left};
use super::placing::{self, make_parents, refuse_inside, refuse_taken, remove_parents};
use super::publish::Publication;
use super::purpose::Purpose;
use super::recovery;
use super::regular::is_plain_path;
use super::rename::Means;
use super::site::{Ephemeral, Site, clear_dead};
use super::staged_file::Sink;
pub use super::staged_file::{StagedFile, facts_of, measure};
use super::unfinished::{Kept, Locked};

/// A folder under construction. Files may be made from several threads at once.
#[derive(Debug)]
pub struct Staging {
    folder: Site,
    durable: Durable,
    target: PathBuf,
    /// Parents of the target that were made for it, the outermost first; removed again when nothing is published.
    made_parents: Vec<PathBuf>,
    folders: Mutex<BTreeSet<PathBuf>>,
    #[cfg(any(test, feature = "testing"))]
    faults: DiskFaults,
    cleared: Vec<String>,
    repaired: Vec<String>,
    is_published: bool,
}

impl Staging {
    /// Begins a folder that is to get the place `target`, which must be free. Missing parents are made.
    ///
    /// # Errors
    /// When something is there, the place is inside an archive or an export, or it cannot be written.
    pub fn beside(target: &Path) -> Result<Self, StorageError> {
        let (target, parent) = placing::absolute(target)?;
        refuse_taken(&target)?;
        refuse_inside(&target)?;
        refuse_former(&target)?;
        let made_parents = make_parents(&parent)?;
        let cleared = clear_dead(&parent);
        match Ephemeral::begin(&target) {
            Ok(folder) => Ok(Self::new(Site::Ephemeral(folder), target, made_parents, cleared, Vec::new())),
            Err(error) => {
                remove_parents(&made_parents);
                Err(error)
            }
        }
    }

    fn new(
        folder: Site,
        target: PathBuf,
        made_parents: Vec<PathBuf>,
        cleared: Vec<String>,
        repaired: Vec<String>,
    ) -> Self {
        let durable = Durable::begin(folder.path());
        let folders = Mutex::default();
        Self {
            folder,
            durable,
            target,
            made_parents,
            folders,
            #[cfg(any(test, feature = "testing"))]
            faults: DiskFaults::default(),
            cleared,
            repaired,
            is_published: false,
        }
    }

    /// Begins a folder that a later run can continue with, or continues with the one that is there when `is_resumed`; and
    /// the files that are whole in it. With `may_replace`, an archive may be at `target`, for
    /// [`replace`](Self::replace); what an update that was killed has left next to it is repaired first.
    ///
    /// # Errors
    /// When something is at `target`, an unfinished folder is there and not to be resumed, what a killed update has
    /// left is not clear, another program works on it, or the place cannot be written.
    pub fn lasting(
        target: &Path,
        purpose: &Purpose,
        is_resumed: bool,
        may_replace: bool,
    ) -> Result<(Self, Kept), StorageError> {
        let (target, parent) = placing::absolute(target)?;
        if !may_replace {
            refuse_taken(&target)?;
            refuse_former(&target)?;
        }
        refuse_inside(&target)?;
        let made_parents = make_parents(&parent)?;
        let begin = || {
            let locked = Locked::open(&target)?;
            let repaired = match may_replace {
                true => recovery::repair(&target, locked.folder(), locked.announced()),
                // Another program may have put something there while this one waited.
                false => refuse_taken(&target).map(|()| Vec::new()),
            };
            let mut repaired = match repaired {
                Ok(repaired) => repaired,
                Err(error) => {
                    locked.release();
                    return Err(error);
                }
            };
            let (folder, kept, set_aside) = locked.begin(purpose, is_resumed)?;
            repaired.extend(set_aside);
            Ok((folder, kept, repaired))
        };
        match begin() {
            Ok((folder, kept, repaired)) => {
                let cleared = clear_dead(&parent);
                Ok((Self::new(Site::Resumable(folder), target, made_parents, cleared, repaired), kept))
            }
            Err(error) => {
                remove_parents(&made_parents);
                Err(error)
            }
        }
    }

    /// What was done about what killed runs had left, a sentence each.
    pub fn repaired(&self) -> &[String] {
        &self.repaired
    }

    /// Names of the hidden folders next to it that jobs had left which were killed, and that are gone now.
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
            Site::Resumable(folder) => folder.note(name, facts),
            Site::Ephemeral(_) => Ok(()),
        }
    }

    /// A lasting folder leaves nothing either when it is dropped.
    pub fn give_up(&self) {
        if let Site::Resumable(folder) = &self.folder {
            folder.give_up();
        }
    }

    /// Removes a file of the folder.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn remove(&self, name: &str) -> Result<(), StorageError> {
        let path = self.path().join(name);
        std::fs::remove_file(&path).map_err(|error| StorageError::write(&path, error))
    }

    /// Removes the folders that have nothing in them. Nobody may begin a file meanwhile.
    pub fn prune(&self) {
        fn prune(folder: &Path) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    prune(&entry.path());
                    // Fails where something is in it.
                    let _ = std::fs::remove_dir(entry.path());
                }
            }
        }
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        prune(self.path());
        folders.clear();
    }

    /// Allows at most `bytes` to be written; more fails as a full disk does.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn with_byte_limit(mut self, bytes: u64) -> Self {
        self.faults = DiskFaults::full_after(bytes);
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

    /// The place of a file below the folder.
    fn place(&self, name: &str) -> Result<PathBuf, StorageError> {
        let path = self.path().join(name);
        if is_plain_path(name) {
            return Ok(path);
        }
        Err(StorageError::Broken { path, reason: "the name points outside the folder".to_owned() })
    }

    fn open(&self, name: &str) -> Result<(PathBuf, Sink), StorageError> {
        let path = self.place(name)?;
        self.make_folders(&path)?;
        let file = File::create_new(&path).map_err(|error| StorageError::write(&path, error))?;
        let sink = Sink {
            file,
            #[cfg(any(test, feature = "testing"))]
            faults: self.faults.clone(),
        };
        Ok((path, sink))
    }

    /// Gives a file of the folder a second name: a hard link, or a copy where the file system has no links.
    ///
    /// # Errors
    /// As [`create`](Self::create), and when the first cannot be read.
    pub fn link(&self, from: &str, to: &str) -> Result<(), StorageError> {
        self.bring(&self.place(from)?, to)
    }

    /// Brings a file from anywhere: as a hard link where the file system can, else as a copy. It must never be written
    /// to afterwards, in either place.
    ///
    /// # Errors
    /// As [`create`](Self::create), and when the file cannot be read.
    pub fn bring(&self, from: &Path, name: &str) -> Result<(), StorageError> {
        let path = self.place(name)?;
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
        debug_assert_eq!(facts.bytes, bytes.len() as u64, "these facts belong to other data");
        let (path, mut sink) = self.open(name)?;
        sink.write_all(bytes).map_err(|error| StorageError::write(&path, error))
    }

    /// Puts the folder in its place, which must be free.
    ///
    /// # Errors
    /// When something is there by now, or the system refuses; then nothing is published.
    pub fn publish(self) -> Result<PathBuf, StorageError> {
        self.put(None).map(|published| published.folder)
    }

    /// Puts the folder in the place of the archive that `former` describes. While that happens, one of the two is always
    /// there where the file system can exchange folders; elsewhere a kill just between two renames leaves the former one
    /// next to its place, and the next job brings it back.
    ///
    /// # Errors
    /// When anything else is there by now, or the system refuses; then what is there stays as it is.
    pub fn replace(self, former: &Identity) -> Result<Published, StorageError> {
        self.put(Some(former))
    }

    fn put(mut self, former: Option<&Identity>) -> Result<Published, StorageError> {
        self.prune();
        self.sync()?;
        let left = Publication::new(&self.folder, &self.target, former, Means::All).run()?;
        self.is_published = true;
        Ok(Published { folder: self.target.clone(), left })
    }

    /// Brings everything to the disk. It can be called while files are written, so that less is left to the end.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn sync(&self) -> Result<(), StorageError> {
        self.durable.sync().map_err(|error| StorageError::write(&self.target, error))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.is_published {
            return;
        }
        let is_left = self.folder.leave();
        // After the folder itself, so that the parents made for it are empty.
        if !is_left {
            remove_parents(&self.made_parents);
        }
    }
}

/// A folder in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its final path.
    pub folder: PathBuf,
    /// A sentence about what could not be removed of the former one.
    pub left: Option<String>,
}

/// Where an archive was that an interrupted update has left aside, nothing else may take the place: it could not go back.
fn refuse_former(target: &Path) -> Result<(), StorageError> {
    if former_of(target).is_dir() { what_was_left(target).map_or(Ok(()), Err) } else { Ok(()) }
}
