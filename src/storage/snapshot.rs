//! The list of a project as it was at the last visit, so that it is on the screen before the service has answered.
//!
//! One file an opened iteration: a mark with the version, then blocks of a length, a CRC-32 and the bytes of
//! [`Packer`], then an empty block. No signature is in it. Files are private, replaced as a whole, and together no
//! larger than a bound; the ones written longest ago go first. A file that is of another version, cut or changed is an
//! error here, and only makes the next opening slower.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::error::StorageError;
use super::paths::create_private_dir;
use super::regular::open_regular;
use super::whole_file::{Draft, PREFIX};
use domain::catalogue::{Packer, Unpacker};
use domain::{Catalogue, IterationId, ProjectId};

/// What a file begins with; the last byte is the version of everything after it.
const MARK: [u8; 16] = *b"tagscope list \0\x01";

const LIST: &str = "list";
const PREDICTIONS: &str = "predictions";

/// A file that is older and still has such a name is nobody's.
const LONGEST_WRITE: Duration = Duration::from_secs(3_600);

/// Longest block that is believed. One of ours is some 3 MB.
const MOST_BLOCK_BYTES: usize = 256 << 20;

/// The folder of all lists.
#[derive(Clone, Debug)]
pub struct Snapshots {
    folder: PathBuf,
    max_bytes: Arc<AtomicU64>,
}

impl Snapshots {
    /// Lists in this folder, which is made when the first is written, of at most so many bytes together.
    pub fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self { folder, max_bytes: Arc::new(AtomicU64::new(max_bytes)) }
    }

    /// Changes the bound; it is kept from the next list on.
    pub fn set_max_bytes(&self, bytes: u64) {
        self.max_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(super) fn max_bytes(&self) -> u64 {
        self.max_bytes.load(Ordering::Relaxed)
    }

    fn file(&self, scope: ProjectId, iteration: Option<IterationId>) -> PathBuf {
        let part = iteration.map_or_else(|| "workspace".to_owned(), |iteration| iteration.to_string());
        self.folder.join(format!("{scope}-{part}.{LIST}"))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn predictions_file(&self, scope: ProjectId, iteration: IterationId) -> PathBuf {
        self.folder.join(format!("{scope}-{iteration}.{PREDICTIONS}"))
    }

    /// Replaces the list of an iteration; `None`: of the workspace. One that is larger than all the room is not kept.
    ///
    /// # Errors
    /// When the system refuses; the list before is then as it was.
    pub fn save(
        &self,
        scope: ProjectId,
        iteration: Option<IterationId>,
        catalogue: &Catalogue,
    ) -> Result<(), StorageError> {
        let path = self.file(scope, iteration);
        create_private_dir(&self.folder)?;
        let write = || -> io::Result<()> {
            let mut out = Draft::cache(&self.folder)?;
            out.write_all(&MARK)?;
            let mut bytes = MARK.len() as u64;
            for block in Packer::new(catalogue) {
                let block = block.map_err(io::Error::other)?;
                bytes += block.len() as u64;
                if bytes > self.max_bytes() {
                    return Ok(());
                }
                write_block(&mut out, &block)?;
            }
            write_block(&mut out, &[])?;
            out.publish(&path, true)
        };
        write().map_err(|error| StorageError::write(&path, error))?;
        self.trim(&path);
        Ok(())
    }

    /// The list as it was; `None` when there is none.
    ///
    /// # Errors
    /// When there is one that cannot be used: it is taken away, so that the next visit does not stumble over it again.
    pub fn load(&self, scope: ProjectId, iteration: Option<IterationId>) -> Result<Option<Catalogue>, StorageError> {
        let path = self.file(scope, iteration);
        or_removed(&path, read(&path).map(Some))
    }

    /// When the list was kept; `None`: there is none, or the system does not tell.
    pub fn kept_at(&self, scope: ProjectId, iteration: Option<IterationId>) -> Option<SystemTime> {
        self.file(scope, iteration).metadata().ok()?.modified().ok()
    }

    /// Bytes of all lists and kept predictions.
    pub fn byte_count(&self) -> u64 {
        self.files().map(|(_, bytes, _)| bytes).sum()
    }

    /// Takes all lists and kept predictions away.
    pub fn clear(&self) {
        for (path, ..) in self.files() {
            let _ = std::fs::remove_file(path);
        }
    }

    fn files(&self) -> impl Iterator<Item = (PathBuf, u64, Option<SystemTime>)> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let path = entry.path();
            let facts = entry.metadata().ok()?;
            let is_ours = path.extension().is_some_and(|extension| extension == LIST || extension == PREDICTIONS);
            (facts.is_file() && is_ours).then(|| (path, facts.len(), facts.modified().ok()))
        })
    }

    /// Takes the oldest away until the rest fits; never `latest`, whatever the clock says of it.
    pub(super) fn trim(&self, latest: &Path) {
        self.sweep();
        let mut files: Vec<_> = self.files().collect();
        let mut bytes: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        files.sort_by_key(|(_, _, written)| *written);
        for (path, size, _) in files.into_iter().filter(|(path, ..)| path != latest) {
            if bytes <= self.max_bytes() {
                return;
            }
            if std::fs::remove_file(path).is_ok() {
                bytes -= size;
            }
        }
    }

    /// Takes away what a program that was killed while it wrote has left.
    fn sweep(&self) {
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let is_temporary = entry.file_name().to_string_lossy().starts_with(PREFIX);
            let age = entry.metadata().and_then(|facts| facts.modified()).ok().and_then(|time| time.elapsed().ok());
            if is_temporary && age.is_some_and(|age| age > LONGEST_WRITE) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// What was read of a file, if there was one. A file that cannot be used is taken away.
pub(super) fn or_removed<T>(path: &Path, read: io::Result<Option<T>>) -> Result<Option<T>, StorageError> {
    match read {
        Ok(found) => Ok(found),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            // If it stays, there is nobody to report to; the next one takes its place.
            let _ = std::fs::remove_file(path);
            Err(StorageError::Broken { path: path.to_path_buf(), reason: error.to_string() })
        }
    }
}

pub(super) fn write_block(out: &mut impl Write, block: &[u8]) -> io::Result<()> {
    let length = u32::try_from(block.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&crc32fast::hash(block).to_le_bytes())?;
    out.write_all(block)
}

fn read(path: &Path) -> io::Result<Catalogue> {
    let mut blocks = Blocks::open(path, MARK)?;
    let mut unpacker = Unpacker::new(blocks.read()?).map_err(damaged)?;
    for _ in 0..unpacker.block_count() {
        unpacker.block(blocks.read()?).map_err(damaged)?;
    }
    if !blocks.read()?.is_empty() {
        return Err(damaged("there is data after its end"));
    }
    unpacker.finish().map_err(damaged)
}

/// The blocks of a file, one after the other.
pub(super) struct Blocks {
    file: BufReader<File>,
    buffer: Vec<u8>,
}

impl Blocks {
    /// Opens a file that begins with `mark`.
    pub(super) fn open(path: &Path, mark: [u8; MARK.len()]) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(1 << 20, open_regular(path)?);
        let mut found = [0; MARK.len()];
        file.read_exact(&mut found)?;
        if found != mark {
            return Err(damaged("it was written by another version"));
        }
        Ok(Self { file, buffer: Vec::new() })
    }

    pub(super) fn read(&mut self) -> io::Result<&[u8]> {
        read_block(&mut self.file, &mut self.buffer)?;
        Ok(&self.buffer)
    }
}

fn read_block(file: &mut BufReader<File>, buffer: &mut Vec<u8>) -> io::Result<()> {
    let mut number = || -> io::Result<u32> {
        let mut bytes = [0; 4];
        file.read_exact(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    };
    let (length, checksum) = (number()? as usize, number()?);
    if length > MOST_BLOCK_BYTES {
        return Err(damaged("a block is too large"));
    }
    buffer.clear();
    // As much as there is and no more: a wrong length must not cost its memory.
    let came = file.by_ref().take(length as u64).read_to_end(buffer)?;
    if came != length {
        return Err(damaged("it is cut off"));
    }
    if crc32fast::hash(buffer) != checksum {
        return Err(damaged("a checksum is wrong"));
    }
    Ok(())
}

pub(super) fn damaged(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use domain::{ImageId, ImageRow, ImageUris, Timestamp};

    const SCOPE: ProjectId = ProjectId(Uuid::from_u128(1));

    fn catalogue(images: u128) -> Catalogue {
        let row = |number| ImageRow {
            id: ImageId(Uuid::from_u128(number)),
            created: Some(Timestamp(number as i64)),
            width: 8,
            height: 6,
            uris: ImageUris::default(),
            tags: Vec::new(),
            regions: Vec::new(),
            metadata: Vec::new(),
            verbatim: Vec::new(),
            problems: Vec::new(),
        };
        let mut catalogue = Catalogue::new();
        catalogue.append((1..=images).map(row).collect());
        catalogue
    }

    #[test]
    fn a_list_comes_back_and_is_told_apart_by_its_iteration() {
        let home = tempfile::tempdir().expect("folder");
        let snapshots = Snapshots::new(home.path().join("lists"), 1 << 20);
        assert!(snapshots.load(SCOPE, None).expect("no list").is_none());
        snapshots.save(SCOPE, None, &catalogue(9)).expect("saved");
        snapshots.save(SCOPE, Some(IterationId(Uuid::from_u128(2))), &catalogue(3)).expect("saved");
        assert!(snapshots.load(SCOPE, None).expect("list").is_some_and(|list| list.has_same_images(&catalogue(9))));
        assert!(snapshots.byte_count() > 0);
        assert!(snapshots.kept_at(SCOPE, None).is_some());
        assert!(snapshots.kept_at(ProjectId(Uuid::from_u128(9)), None).is_none());
        snapshots.clear();
        assert_eq!((snapshots.byte_count(), snapshots.load(SCOPE, None).expect("no list").is_none()), (0, true));
    }

    #[test]
    fn whatever_is_changed_or_cut_is_noticed_and_taken_away() {
        let home = tempfile::tempdir().expect("folder");
        let snapshots = Snapshots::new(home.path().to_path_buf(), 1 << 20);
        snapshots.save(SCOPE, None, &catalogue(2)).expect("saved");
        let path = snapshots.file(SCOPE, None);
        let whole = std::fs::read(&path).expect("bytes");
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            std::fs::write(&path, &bytes).expect("write");
            assert!(snapshots.load(SCOPE, None).is_err(), "byte {at}");
            assert!(!path.exists());
            std::fs::write(&path, &whole[..at]).expect("write");
            assert!(snapshots.load(SCOPE, None).is_err(), "cut at {at}");
        }
        std::fs::write(&path, &whole).expect("write");
        assert!(snapshots.load(SCOPE, None).is_ok_and(|list| list.is_some()));
    }

    #[test]
    fn the_oldest_make_room_and_a_giant_is_not_kept() {
        let home = tempfile::tempdir().expect("folder");
        let one = {
            let snapshots = Snapshots::new(home.path().to_path_buf(), u64::MAX);
            snapshots.save(SCOPE, None, &catalogue(50)).expect("saved");
            snapshots.byte_count()
        };
        let snapshots = Snapshots::new(home.path().to_path_buf(), one * 2);
        let iteration = |number| Some(IterationId(Uuid::from_u128(number)));
        for number in 1..=3 {
            let path = snapshots.file(SCOPE, iteration(number));
            snapshots.save(SCOPE, iteration(number), &catalogue(50)).expect("saved");
            let written = SystemTime::UNIX_EPOCH + Duration::from_secs(number as u64);
            File::options().append(true).open(path).and_then(|file| file.set_modified(written)).expect("time");
        }
        assert!(snapshots.byte_count() <= one * 2);
        let has = |number| snapshots.load(SCOPE, iteration(number)).expect("list").is_some();
        assert!(has(3), "the latest stays though its time is not the latest");
        snapshots.save(SCOPE, iteration(4), &catalogue(500)).expect("not kept, and no error");
        assert!(!has(4));
    }

    #[cfg(unix)]
    #[test]
    fn a_list_is_for_one_person_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().expect("folder");
        let snapshots = Snapshots::new(home.path().join("lists"), 1 << 20);
        snapshots.save(SCOPE, None, &catalogue(1)).expect("saved");
        let mode = |path: &Path| path.metadata().expect("facts").permissions().mode() & 0o777;
        assert_eq!((mode(&snapshots.folder), mode(&snapshots.file(SCOPE, None))), (0o700, 0o600));
    }
}
