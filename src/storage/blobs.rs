//! The disk cache of pictures: by project, image and kind, never by address; bounded in bytes; the least used go first.
//!
//! A file is `DIR/<project>/<2 hex>/<image>.<t|r|o>`: 20 bytes of head (mark, length, CRC-32), then the picture. An entry
//! whose head does not fit is dropped, so a torn write, a damaged disk or another version's entry costs one fetch. The
//! check is against accidents and not against people (who can write here can write a fitting head), so it is the fast one.
//! The files of earlier sessions are found by a thread of its own, by name and size alone; until it is done the cache
//! serves and takes, and only its bound waits. A full or read-only disk turns it off for what it cannot do, without an error.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use lru::LruCache;

use super::error::StorageError;
use super::paths::{create_private_dir, create_private_file, tighten};
use domain::{BlobKind, ImageId, ProjectId};

const MARK: &[u8; 8] = b"tagscop2";
const HEAD: usize = 20;
/// Failed writes in a row after which the cache counts as one that cannot be written.
const GIVE_UP_AFTER: u32 = 8;
/// From then on only one picture of so many is tried.
const TRY_EVERY: u32 = 64;
/// A file's date is renewed on use at most this often: the order between sessions need not be finer.
const TOUCH_AFTER: Duration = Duration::from_secs(6 * 3_600);

/// Cheap to clone; all clones are one cache.
#[derive(Clone, Debug)]
pub struct BlobCache {
    shared: Arc<Shared>,
    /// Ends the thread when the last clone goes.
    _stop: Arc<StopOnDrop>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    project: ProjectId,
    image: ImageId,
    kind: BlobKind,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    max_bytes: AtomicU64,
    index: Mutex<Index>,
    indexed: Condvar,
    failures: AtomicU32,
    /// Pictures that came while it could not be written.
    passed_over: AtomicU32,
    next_part: AtomicU64,
    is_stopped: AtomicBool,
}

#[derive(Debug)]
struct Index {
    /// File sizes, the last used first.
    sizes: LruCache<Key, u64>,
    bytes: u64,
    is_complete: bool,
}

#[derive(Debug)]
struct StopOnDrop(Arc<Shared>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.is_stopped.store(true, Ordering::Relaxed);
    }
}

impl BlobCache {
    /// Opens the cache in a folder, which is made when it is not there. At most `max_bytes` are kept.
    ///
    /// # Errors
    /// When the folder can be neither made nor read.
    pub fn open(folder: &Path, max_bytes: u64) -> Result<Self, StorageError> {
        create_private_dir(folder)?;
        let shared = Arc::new(Shared {
            root: folder.to_path_buf(),
            max_bytes: AtomicU64::new(max_bytes),
            index: Mutex::new(Index { sizes: LruCache::unbounded(), bytes: 0, is_complete: false }),
            indexed: Condvar::new(),
            failures: AtomicU32::new(0),
            passed_over: AtomicU32::new(0),
            next_part: AtomicU64::new(0),
            is_stopped: AtomicBool::new(false),
        });
        let scanned = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("cache-index".to_owned()).spawn(move || scanned.scan());
        if let Err(error) = thread {
            return Err(StorageError::Files { path: folder.to_path_buf(), source: error });
        }
        Ok(Self { _stop: Arc::new(StopOnDrop(Arc::clone(&shared))), shared })
    }

    /// A picture, checked; `None` when it is not here or was damaged (it is gone then).
    pub fn get(&self, image: ImageId, kind: BlobKind, project: ProjectId) -> Option<Bytes> {
        let key = Key { project, image, kind };
        let path = self.shared.path(key);
        match read_checked(&path) {
            Ok(Some(bytes)) => {
                self.shared.note(key, (bytes.len() + HEAD) as u64);
                Some(bytes)
            }
            Ok(None) => {
                tracing::warn!(%image, ?kind, "a damaged picture was removed from the cache");
                let _ = std::fs::remove_file(&path);
                self.shared.forget(key);
                None
            }
            Err(_) => {
                self.shared.forget(key);
                None
            }
        }
    }

    pub fn remove(&self, image: ImageId, kind: BlobKind, project: ProjectId) {
        let key = Key { project, image, kind };
        let _ = std::fs::remove_file(self.shared.path(key));
        self.shared.forget(key);
    }

    /// Whether a picture is known to be here, without a look at the disk: `false` may be wrong until
    /// [all are known](Self::wait_until_indexed).
    pub fn has_noted(&self, image: ImageId, kind: BlobKind, project: ProjectId) -> bool {
        self.shared.lock().sizes.contains(&Key { project, image, kind })
    }

    /// The size of a picture that is known to be here, as [`has_noted`](Self::has_noted) knows it.
    pub fn noted_bytes(&self, image: ImageId, kind: BlobKind, project: ProjectId) -> Option<u64> {
        self.shared.lock().sizes.peek(&Key { project, image, kind }).copied()
    }

    /// Whether a picture is here; it is not read, and not counted as used.
    pub fn contains(&self, image: ImageId, kind: BlobKind, project: ProjectId) -> bool {
        let key = Key { project, image, kind };
        self.shared.lock().sizes.contains(&key) || self.shared.path(key).is_file()
    }

    /// Keeps a picture. What cannot be kept (no room, no right, larger than the bound) is passed over.
    pub fn put(&self, image: ImageId, kind: BlobKind, project: ProjectId, bytes: &[u8]) {
        let shared = &self.shared;
        let size = (bytes.len() + HEAD) as u64;
        if size > shared.max_bytes.load(Ordering::Relaxed) || !shared.is_worth_a_try() {
            return;
        }
        let key = Key { project, image, kind };
        match shared.write(key, bytes) {
            Ok(()) => {
                if shared.failures.swap(0, Ordering::Relaxed) >= GIVE_UP_AFTER {
                    tracing::info!("the disk cache is writable again");
                }
                shared.note(key, size);
                shared.evict();
            }
            Err(error) => {
                if shared.failures.fetch_add(1, Ordering::Relaxed) + 1 == GIVE_UP_AFTER {
                    tracing::warn!(%error, "the disk cache is not writable; new pictures are not cached for now");
                }
            }
        }
    }

    /// Bytes of all files known so far.
    pub fn byte_count(&self) -> u64 {
        self.shared.lock().bytes
    }

    /// Number of pictures known so far.
    pub fn len(&self) -> usize {
        self.shared.lock().sizes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Why new pictures are not kept, and what to do, in words; `None` when they are.
    pub fn problem(&self) -> Option<String> {
        let root = self.shared.root.display();
        self.shared.has_given_up().then(|| {
            format!(
                "{root} cannot be written, so new pictures are downloaded again at each visit. Free some space or \
                     make the folder writable. Tagscope retries automatically."
            )
        })
    }

    /// Another bound; the least used go until it is met.
    pub fn set_max_bytes(&self, max_bytes: u64) {
        self.shared.max_bytes.store(max_bytes, Ordering::Relaxed);
        self.shared.evict();
    }

    /// Waits until the files of earlier sessions are known.
    pub fn wait_until_indexed(&self) {
        let index = self.shared.lock();
        drop(self.shared.indexed.wait_while(index, |index| !index.is_complete));
    }

    pub fn clear(&self) {
        self.wait_until_indexed();
        let mut index = self.shared.lock();
        while let Some((key, _)) = index.sizes.pop_lru() {
            let _ = std::fs::remove_file(self.shared.path(key));
        }
        index.bytes = 0;
        self.shared.failures.store(0, Ordering::Relaxed);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_given_up(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= GIVE_UP_AFTER
    }

    /// Once it has given up, it is tried now and then: somebody may have made room.
    fn is_worth_a_try(&self) -> bool {
        !self.has_given_up() || self.passed_over.fetch_add(1, Ordering::Relaxed) % TRY_EVERY == TRY_EVERY - 1
    }

    fn path(&self, key: Key) -> PathBuf {
        let image = key.image.to_string();
        let letter = letter(key.kind);
        self.root.join(key.project.to_string()).join(&image[..2]).join(format!("{image}.{letter}"))
    }

    fn note(&self, key: Key, size: u64) {
        let mut index = self.lock();
        let before = index.sizes.put(key, size).unwrap_or(0);
        index.bytes = (index.bytes + size).saturating_sub(before);
    }

    fn forget(&self, key: Key) {
        let mut index = self.lock();
        if let Some(size) = index.sizes.pop(&key) {
            index.bytes = index.bytes.saturating_sub(size);
        }
    }

    fn write(&self, key: Key, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(key);
        let number = self.next_part.fetch_add(1, Ordering::Relaxed);
        let part = path.with_extension(format!("{}-{}-{number}.part", letter(key.kind), std::process::id()));
        let result = (|| {
            let mut file = match create_private_file(&part) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    if let Some(folder) = part.parent() {
                        create_private_dir(folder).map_err(io::Error::other)?;
                    }
                    create_private_file(&part)?
                }
                other => other?,
            };
            file.write_all(&head(bytes))?;
            file.write_all(bytes)?;
            drop(file);
            // Not flushed to the disk: after a loss of power the head tells what is whole.
            std::fs::rename(&part, &path)
        })();
        if result.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        result
    }

    /// Removes the least used until the bound is met; not before all files are known, lest the wrong ones go.
    fn evict(&self) {
        let max_bytes = self.max_bytes.load(Ordering::Relaxed);
        let mut index = self.lock();
        if !index.is_complete {
            return;
        }
        while index.bytes > max_bytes {
            let Some((key, size)) = index.sizes.pop_lru() else { break };
            index.bytes = index.bytes.saturating_sub(size);
            // Under the lock, so that a picture put again meanwhile is not the one removed.
            let _ = std::fs::remove_file(self.path(key));
        }
    }

    /// Finds the files of earlier sessions, and removes what an interrupted write has left.
    fn scan(&self) {
        let mut found = Vec::new();
        for project_folder in entries(&self.root) {
            let Some(project) = parsed(&project_folder) else { continue };
            tighten(&project_folder);
            for folder in entries(&project_folder) {
                tighten(&folder);
                if self.is_stopped.load(Ordering::Relaxed) {
                    return;
                }
                for path in entries(&folder) {
                    self.look_at(&path, project, &mut found);
                }
            }
        }
        // The last used first, so that each goes behind the ones before it.
        found.sort_unstable_by_key(|&(used, ..)| std::cmp::Reverse(used));
        let mut index = self.lock();
        for (_, key, size) in found {
            if !index.sizes.contains(&key) {
                index.sizes.put(key, size);
                index.sizes.demote(&key);
                index.bytes += size;
            }
        }
        index.is_complete = true;
        drop(index);
        self.evict();
        self.indexed.notify_all();
    }

    fn look_at(&self, path: &Path, project: ProjectId, found: &mut Vec<(SystemTime, Key, u64)>) {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let Ok(facts) = path.symlink_metadata() else { return };
        if !facts.is_file() {
            return;
        }
        let used = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        if extension == "part" {
            // Another running Tagscope may be writing it just now.
            if used.elapsed().is_ok_and(|age| age > Duration::from_secs(3_600)) {
                let _ = std::fs::remove_file(path);
            }
            return;
        }
        let kinds = [BlobKind::Thumbnail, BlobKind::Resized, BlobKind::Original];
        let kind = kinds.into_iter().find(|&kind| letter(kind) == extension);
        let image = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if let (Some(kind), Some(image)) = (kind, image) {
            tighten(path);
            found.push((used, Key { project, image, kind }, facts.len()));
        }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
}

fn parsed(folder: &Path) -> Option<ProjectId> {
    folder.file_name()?.to_str()?.parse().ok()
}

fn letter(kind: BlobKind) -> &'static str {
    match kind {
        BlobKind::Thumbnail => "t",
        BlobKind::Resized => "r",
        BlobKind::Original => "o",
    }
}

fn head(bytes: &[u8]) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..8].copy_from_slice(MARK);
    head[8..16].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
    head[16..].copy_from_slice(&crc32fast::hash(bytes).to_le_bytes());
    head
}

/// The picture in a file; `None` when the file is damaged, or of another version.
fn read_checked(path: &Path) -> io::Result<Option<Bytes>> {
    let file = File::open(path)?;
    let facts = file.metadata()?;
    let mut bytes = Vec::with_capacity(usize::try_from(facts.len()).unwrap_or(0));
    // No more than was there when it was opened: without the bound it is asked once more whether there is more.
    file.take(facts.len()).read_to_end(&mut bytes)?;
    let is_whole = bytes.split_at_checked(HEAD).is_some_and(|(found, picture)| head(picture) == *found);
    if !is_whole {
        return Ok(None);
    }
    // A time that is still to come is from a clock that was wrong: it would count as the latest until then.
    if facts.modified().is_ok_and(|used| used.elapsed().map_or(true, |age| age > TOUCH_AFTER)) {
        // Only the order of the next session depends on it; a read-only disk keeps the old one.
        let _ = File::options().append(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
    }
    Ok(Some(Bytes::from(bytes).slice(HEAD..)))
}
