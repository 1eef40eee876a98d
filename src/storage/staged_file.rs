//! A file of a folder under construction, counted and hashed on its way; and the same facts of a file that is there.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};

use super::archive::{FileFacts, FileHash};
use super::error::StorageError;
use super::regular::open_regular;

/// What is read at once; less for smaller files, because most of ten thousand are.
const BUFFER: u64 = 1 << 17;

/// A file that obeys the byte limit of its [`Staging`](super::Staging).
#[derive(Debug)]
pub(super) struct Metered {
    pub(super) file: File,
    pub(super) budget: Option<Arc<AtomicU64>>,
}

impl Write for Metered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(budget) = &self.budget {
            let size = bytes.len() as u64;
            budget
                .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(size))
                .map_err(|_| io::Error::from(io::ErrorKind::StorageFull))?;
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file under construction, counted and hashed on its way.
#[derive(Debug)]
pub struct StagedFile {
    out: BufWriter<Metered>,
    path: PathBuf,
    hash: Sha256,
    bytes: u64,
}

impl StagedFile {
    pub(super) fn new(path: PathBuf, sink: Metered) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, sink), path, hash: Sha256::new(), bytes: 0 }
    }

    /// Where it is now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands all of it to the system. It is on the disk when its folder is published.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn finish(self) -> Result<FileFacts, StorageError> {
        let Self { mut out, path, hash, bytes } = self;
        out.flush().map_err(|error| StorageError::write(&path, error))?;
        Ok(facts(bytes, hash))
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Size and SHA-256 of bytes.
pub fn facts_of(bytes: &[u8]) -> FileFacts {
    FileFacts { bytes: bytes.len() as u64, sha256: FileHash::of_sum(Sha256::digest(bytes).into()) }
}

/// Size and SHA-256 of a file as it is on disk now.
///
/// # Errors
/// When it cannot be read.
pub fn measure(path: &Path) -> Result<FileFacts, StorageError> {
    let read = || -> io::Result<FileFacts> {
        let mut file = open_regular(path)?;
        // One more than it has, so that most files take two reads: the bytes and the end.
        let size = file.metadata()?.len().saturating_add(1).min(BUFFER);
        let mut hash = Sha256::new();
        let mut buffer = vec![0; usize::try_from(size).unwrap_or(1)];
        let mut bytes = 0;
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                return Ok(facts(bytes, hash));
            }
            hash.update(&buffer[..count]);
            bytes += count as u64;
        }
    };
    read().map_err(|error| StorageError::read(path, error))
}

/// A file that is hashed while it is read, from its beginning to its end.
#[derive(Debug)]
pub(super) struct Hashing {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Hashing {
    pub(super) fn new(file: File) -> Self {
        Self { file, hash: Sha256::new(), bytes: 0 }
    }

    /// Size and SHA-256 of what was read.
    pub(super) fn facts(self) -> FileFacts {
        facts(self.bytes, self.hash)
    }
}

impl io::Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Size and SHA-256 of bytes that have passed.
pub(super) fn facts(bytes: u64, hash: Sha256) -> FileFacts {
    FileFacts { bytes, sha256: FileHash::of_sum(hash.finalize().into()) }
}
