//! The work folder of an upload: what goes to an object store is first built, read back and verified on this computer, in a
//! folder of the cache that a hash of the address names. A run that is interrupted leaves it, and a later one continues with
//! it; once all is in the store, it is removed.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::error::StorageError;
use super::hidden::is_unfinished;
use super::paths::create_private_dir;
use super::purpose::Purpose;
use super::regular::read_bounded;
use super::unfinished::{begun_for, refuse_other};
use super::whole_file::save_json;

const RESULT: &str = "result";
/// Says where it goes.
const NOTE: &str = "upload.json";
/// Is there once the result is complete and verified.
const BUILT: &str = "built.json";
const LOCK: &str = "lock";
/// A report lists everything that was left out.
const MOST_BYTES: u64 = 1 << 30;

#[derive(Serialize, Deserialize)]
struct Note {
    address: String,
    mark: Uuid,
}

#[derive(Serialize, Deserialize)]
struct Built<T> {
    purpose: Purpose,
    report: T,
}

/// A work folder, locked: nobody else works there.
#[derive(Debug)]
pub struct UploadWork {
    folder: PathBuf,
    mark: Uuid,
    /// Whether an earlier run has left it.
    was_left: bool,
    _lock: File,
}

/// Where the result for an address is built, whether or not anything is there.
pub fn result_of(uploads: &Path, address: &str) -> PathBuf {
    let name: String = Sha256::digest(address.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    uploads.join(name).join(RESULT)
}

/// The work folder of an interrupted upload, by the place of its result; `None` when nothing was left there.
pub fn left_by(result: &Path) -> Option<PathBuf> {
    let folder = result.parent().filter(|folder| folder.join(NOTE).is_file())?;
    (is_unfinished(result) || folder.join(BUILT).is_file()).then(|| folder.to_path_buf())
}

/// What the complete result of a work folder was made for.
fn built_for(folder: &Path) -> Option<Purpose> {
    let bytes = read_bounded(&folder.join(BUILT), MOST_BYTES).ok()?;
    serde_json::from_slice::<Built<serde::de::IgnoredAny>>(&bytes).ok().map(|built| built.purpose)
}

/// Whether another program works there.
pub(super) fn is_locked(folder: &Path) -> bool {
    let file = OpenOptions::new().read(true).write(true).open(folder.join(LOCK));
    file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Removes what an interrupted upload has left on this computer.
pub(super) fn discard(folder: &Path) -> Result<(), StorageError> {
    if is_locked(folder) {
        return Err(StorageError::InUse { path: folder.to_path_buf() });
    }
    std::fs::remove_dir_all(folder).map_err(|error| StorageError::write(folder, error))
}

impl UploadWork {
    /// Begins the work folder for an address, or continues with the one that is there when `is_resumed`.
    ///
    /// # Errors
    /// When one is there that is not to be resumed or was begun for something else, another program works on it, or the
    /// system refuses.
    pub fn begin(uploads: &Path, address: &str, purpose: &Purpose, is_resumed: bool) -> Result<Self, StorageError> {
        let result = result_of(uploads, address);
        let folder = result.parent().unwrap_or(uploads).to_path_buf();
        create_private_dir(&folder)?;
        let lock_path = folder.join(LOCK);
        let lock = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&lock_path);
        let lock = lock.map_err(|error| StorageError::write(&lock_path, error))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(StorageError::InUse { path: address.into() }),
            // A file system without locks: two programs at once are then the person's own affair.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let was_left = left_by(&result).is_some();
        if was_left {
            // What nobody knows the purpose of is made again.
            let begun_for = built_for(&folder).or_else(|| begun_for(&result));
            refuse_other(begun_for.as_ref().unwrap_or(purpose), purpose, is_resumed, folder.clone())?;
        }
        let path = folder.join(NOTE);
        let note = read_bounded(&path, MOST_BYTES).ok().and_then(|bytes| serde_json::from_slice::<Note>(&bytes).ok());
        let mark = match note.filter(|_| was_left) {
            Some(note) => note.mark,
            None => {
                let note = Note { address: address.to_owned(), mark: Uuid::from_u128(fastrand::u128(..)) };
                save_json(&path, &note)?;
                note.mark
            }
        };
        Ok(Self { folder, mark, was_left, _lock: lock })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn result(&self) -> PathBuf {
        self.folder.join(RESULT)
    }

    /// What the names are held with in the store until a large object is complete.
    pub fn mark(&self) -> String {
        self.mark.simple().to_string()
    }

    /// Whether the result was complete when an earlier run was interrupted, so that some of it may be in the store.
    pub fn may_be_in_store(&self) -> bool {
        self.was_left && self.folder.join(BUILT).is_file()
    }

    /// What an earlier run said of the result that it has completed.
    ///
    /// # Errors
    /// When the system lets no further file be opened.
    pub fn built<T: DeserializeOwned>(&self) -> Result<Option<T>, StorageError> {
        let bytes = StorageError::if_readable(read_bounded(&self.folder.join(BUILT), MOST_BYTES))?;
        let built = bytes.and_then(|bytes| serde_json::from_slice::<Built<T>>(&bytes).ok());
        match built {
            Some(built) => Ok(Some(built.report)),
            None => {
                // Complete or not, nobody knows what it is: it is made again.
                let _ = std::fs::remove_dir_all(self.result());
                Ok(None)
            }
        }
    }

    /// The result is complete and verified.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn set_built<T: Serialize>(&self, purpose: &Purpose, report: &T) -> Result<(), StorageError> {
        save_json(&self.folder.join(BUILT), &Built { purpose: purpose.clone(), report })
    }

    /// Everything is in the store: the folder goes. Whether it has.
    pub fn finish(self) -> bool {
        std::fs::remove_dir_all(&self.folder).is_ok()
    }

    /// Leaves the folder for a later run, unless there is nothing in it to continue with. Whether it was left.
    pub fn leave(self) -> bool {
        let is_left = left_by(&self.result()).is_some();
        if !is_left {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "s3://bucket/forks";

    #[test]
    fn what_is_complete_is_found_again_for_the_same_purpose_only() {
        let home = tempfile::tempdir().expect("folder");
        let work = UploadWork::begin(home.path(), ADDRESS, &Purpose::of("a"), false).expect("begun");
        let mark = work.mark();
        assert!(matches!(
            UploadWork::begin(home.path(), ADDRESS, &Purpose::of("a"), true),
            Err(StorageError::InUse { .. })
        ));
        assert!(work.built::<String>().expect("read").is_none() && !work.may_be_in_store());
        std::fs::create_dir(work.result()).expect("result");
        work.set_built(&Purpose::of("a"), &"report").expect("noted");
        assert!(work.leave());
        assert!(matches!(
            UploadWork::begin(home.path(), ADDRESS, &Purpose::of("a"), false),
            Err(StorageError::Unfinished { .. })
        ));
        let other = UploadWork::begin(home.path(), ADDRESS, &Purpose::of("b"), true);
        assert!(matches!(other, Err(StorageError::Unfinished { other: Some(_), .. })));
        let work = UploadWork::begin(home.path(), ADDRESS, &Purpose::of("a"), true).expect("resumed");
        assert!(work.may_be_in_store() && work.mark() == mark);
        assert_eq!(work.built::<String>().expect("read").as_deref(), Some("report"));
        assert!(work.finish());
        assert_eq!(std::fs::read_dir(home.path()).expect("folder").count(), 0);
    }

    #[test]
    fn what_was_never_completed_is_made_again() {
        let home = tempfile::tempdir().expect("folder");
        let work = UploadWork::begin(home.path(), ADDRESS, &Purpose::of("a"), false).expect("begun");
        std::fs::create_dir(work.result()).expect("result");
        assert!(work.built::<String>().expect("read").is_none());
        assert!(!work.result().exists());
        assert!(!work.leave(), "nothing in it is worth keeping");
        assert_eq!(std::fs::read_dir(home.path()).expect("folder").count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_one_person_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().expect("folder");
        let work = UploadWork::begin(&home.path().join("uploads"), ADDRESS, &Purpose::of("a"), false).expect("begun");
        for folder in [work.folder(), work.folder().parent().expect("parent")] {
            assert_eq!(folder.metadata().expect("facts").permissions().mode() & 0o777, 0o700);
        }
    }
}
