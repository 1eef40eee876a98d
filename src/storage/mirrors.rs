//! Folders in the cache for archives in object stores: the manifest, and the lists that were read. One folder a state of an
//! archive, named by the place and by the hash of the manifest, so that nothing of two states is ever mixed; and for each
//! place a small file that says which state was the last. Private; bounded in bytes; those used longest ago go first, but none
//! that a running program has open.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::archive::FileFacts;
use super::error::StorageError;
use super::paths::create_private_dir;
use super::staged_file::facts;
use super::whole_file::{Draft, folder_of, save_json};

/// Letters of the manifest's hash in the name of a folder.
const HASH: usize = 32;

/// The folder of all mirrors. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Mirrors {
    folder: PathBuf,
    max_bytes: Arc<AtomicU64>,
}

/// Which state of an archive was the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub sha256: String,
    pub bytes: u64,
    /// What the store calls this state of it.
    pub tag: Option<String>,
}

/// A folder that is in use.
#[derive(Debug)]
pub struct Mirror {
    root: PathBuf,
    /// Holds the lock; `None`: this file system has none.
    _held: Option<File>,
}

/// A file under construction. Dropped before it is complete, it disappears.
pub struct MirrorFile {
    draft: Draft,
    path: PathBuf,
    hash: Sha256,
    bytes: u64,
}

impl Mirrors {
    /// Mirrors in this folder, which is made when the first is, of at most so many bytes together.
    pub fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self { folder, max_bytes: Arc::new(AtomicU64::new(max_bytes)) }
    }

    /// Changes the bound; it is kept from the next opening on.
    pub fn set_max_bytes(&self, bytes: u64) {
        self.max_bytes.store(bytes, Ordering::Relaxed);
    }

    /// The last state of a place, when it was last known to be that, and its folder; `None`: there is none.
    pub fn known(&self, place: Uuid) -> Option<(Known, SystemTime, Mirror)> {
        let file = self.note_of(place);
        let known: Known = serde_json::from_slice(&std::fs::read(&file).ok()?).ok()?;
        let root = self.root_of(place, &known.sha256)?;
        if !root.is_dir() {
            return None;
        }
        let seen = file.metadata().and_then(|facts| facts.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        Some((known, seen, Mirror::hold(root).ok()?))
    }

    /// The folder of a state, which may have been there before.
    ///
    /// # Errors
    /// When it can be neither made nor written.
    pub fn begin(&self, place: Uuid, sha256: &str) -> Result<Mirror, StorageError> {
        create_private_dir(&self.folder)?;
        let root = self.root_of(place, sha256);
        let root = root.ok_or_else(|| StorageError::Missing { path: self.folder.clone() })?;
        create_private_dir(&root)?;
        Mirror::hold(root)
    }

    /// Notes which state of a place is the last, as of now, and takes earlier ones away. The least used of other places go
    /// until the rest fits.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&self, place: Uuid, known: &Known) -> Result<(), StorageError> {
        save_json(&self.note_of(place), known)?;
        let current = self.root_of(place, &known.sha256);
        let of_place = place.simple().to_string();
        let is_earlier = |root: &Path| {
            root.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&of_place))
                && Some(root) != current.as_deref()
        };
        let (earlier, mut others): (Vec<_>, Vec<_>) = self.roots().partition(|root| is_earlier(root));
        earlier.iter().for_each(|root| self.remove(root));
        others.retain(|root| Some(root) != current.as_ref());
        let mut sized: Vec<_> = others.into_iter().map(|root| (last_use(&root), bytes_in(&root), root)).collect();
        sized.sort();
        let mut bytes =
            sized.iter().map(|(_, bytes, _)| bytes).sum::<u64>() + current.map_or(0, |root| bytes_in(&root));
        for (_, size, root) in sized {
            if bytes <= self.max_bytes.load(Ordering::Relaxed) {
                break;
            }
            self.remove(&root);
            bytes = bytes.saturating_sub(size);
        }
        Ok(())
    }

    /// Takes all mirrors away but those in use.
    pub fn clear(&self) {
        self.roots().for_each(|root| self.remove(&root));
    }

    /// Takes a mirror away unless a program uses it.
    fn remove(&self, root: &Path) {
        let lock = lock_of(root);
        let held = OpenOptions::new().write(true).open(&lock);
        if held.as_ref().is_ok_and(|held| matches!(held.try_lock(), Err(TryLockError::WouldBlock))) {
            return;
        }
        let _ = std::fs::remove_dir_all(root);
        let _ = std::fs::remove_file(lock);
    }

    fn roots(&self) -> impl Iterator<Item = PathBuf> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path())
    }

    fn note_of(&self, place: Uuid) -> PathBuf {
        self.folder.join(format!("{}.json", place.simple()))
    }

    /// `None`: that is no hash.
    fn root_of(&self, place: Uuid, sha256: &str) -> Option<PathBuf> {
        let hash = sha256.get(..HASH).filter(|hash| hash.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        Some(self.folder.join(format!("{}-{hash}", place.simple())))
    }
}

impl Mirror {
    fn hold(root: PathBuf) -> Result<Self, StorageError> {
        let lock = lock_of(&root);
        let held = OpenOptions::new().write(true).create(true).truncate(false).open(&lock);
        let held = held.map_err(|error| StorageError::write(&lock, error))?;
        let _ = held.set_modified(SystemTime::now());
        let is_held = held.try_lock_shared().is_ok();
        Ok(Self { root, _held: is_held.then_some(held) })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a file is there; it is complete then.
    pub fn has(&self, name: &str) -> bool {
        self.root.join(name).is_file()
    }

    /// Begins a file; `name` is plain and relative.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(&self, name: &str) -> Result<MirrorFile, StorageError> {
        let path = self.root.join(name);
        let folder = folder_of(&path);
        create_private_dir(folder)?;
        let draft = Draft::private(folder).map_err(|error| StorageError::write(&path, error))?;
        Ok(MirrorFile { draft, path, hash: Sha256::new(), bytes: 0 })
    }

    /// Takes a file away that turned out to be damaged.
    pub fn forget(&self, name: &str) {
        let _ = std::fs::remove_file(self.root.join(name));
    }
}

impl MirrorFile {
    /// Adds bytes.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.draft.write_all(bytes).map_err(|error| StorageError::write(&self.path, error))
    }

    /// Gives it its name, whatever it is.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn keep(self) -> Result<(), StorageError> {
        let Self { draft, path, .. } = self;
        draft.publish(&path, true).map_err(|error| StorageError::write(&path, error))
    }

    /// Gives it its name, if it is what was expected; else it is gone, and what it was is the inner error.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn finish(self, expected: &FileFacts) -> Result<Result<(), FileFacts>, StorageError> {
        let found = facts(self.bytes, self.hash.clone());
        if found == *expected { self.keep().map(Ok) } else { Ok(Err(found)) }
    }
}

fn lock_of(root: &Path) -> PathBuf {
    root.with_extension("lock")
}

fn last_use(root: &Path) -> SystemTime {
    lock_of(root).metadata().and_then(|facts| facts.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(facts) if facts.is_dir() => bytes_in(&entry.path()),
            Ok(facts) => facts.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staging::facts_of;

    fn known(text: &str) -> Known {
        Known {
            sha256: facts_of(text.as_bytes()).sha256.to_string(),
            bytes: text.len() as u64,
            tag: Some("1".to_owned()),
        }
    }

    fn made(mirrors: &Mirrors, place: Uuid, text: &str) -> Mirror {
        let mirror = mirrors.begin(place, &known(text).sha256).expect("mirror");
        let mut file = mirror.create("iterations/1/images.jsonl").expect("file");
        file.add(text.as_bytes()).expect("bytes");
        file.finish(&facts_of(text.as_bytes())).expect("published").expect("as expected");
        mirrors.note(place, &known(text)).expect("noted");
        mirror
    }

    #[test]
    fn an_earlier_state_goes_with_the_next_one_unless_it_is_in_use() {
        let home = tempfile::tempdir().expect("home");
        let (mirrors, place) = (Mirrors::new(home.path().join("stores"), 1 << 20), Uuid::from_u128(7));
        assert!(mirrors.known(place).is_none());
        let one = made(&mirrors, place, "one");
        assert_eq!(mirrors.known(place).map(|(known, ..)| known), Some(known("one")));
        let two = made(&mirrors, place, "two");
        assert!(one.has("iterations/1/images.jsonl"), "another program may read it");
        drop(one);
        drop(made(&mirrors, place, "three"));
        let (_, _, found) = mirrors.known(place).expect("known");
        assert_eq!(mirrors.roots().count(), 2, "the second and the third");
        drop((two, found));
        mirrors.clear();
        assert!(mirrors.known(place).is_none() && mirrors.roots().count() == 0);
    }

    #[test]
    fn the_least_used_places_go_when_there_is_no_room() {
        let home = tempfile::tempdir().expect("home");
        let mirrors = Mirrors::new(home.path().join("stores"), 8);
        for number in 1..=3 {
            drop(made(&mirrors, Uuid::from_u128(number), "12345"));
        }
        let there: Vec<u128> = (1..=3).filter(|&number| mirrors.known(Uuid::from_u128(number)).is_some()).collect();
        assert_eq!(there, [3]);
    }

    #[test]
    fn a_file_that_is_not_what_was_expected_gets_no_name() {
        let home = tempfile::tempdir().expect("home");
        let mirrors = Mirrors::new(home.path().join("stores"), 8);
        let mirror = mirrors.begin(Uuid::nil(), &known("x").sha256).expect("mirror");
        let mut file = mirror.create("images.jsonl").expect("file");
        file.add(b"other").expect("bytes");
        let found = file.finish(&facts_of(b"wanted")).expect("no trouble with the disk");
        assert_eq!(found, Err(facts_of(b"other")));
        assert!(!mirror.has("images.jsonl"));
        assert_eq!(std::fs::read_dir(mirror.root()).expect("folder").count(), 0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = mirror.root().metadata().expect("folder").permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
        assert!(mirrors.begin(Uuid::nil(), "../../etc").is_err());
    }
}
