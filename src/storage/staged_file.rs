//! A file of a folder under construction, counted and hashed on its way; and the same facts of a file that is there.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use sha2::{Digest as _, Sha256};

use super::archive::{FileFacts, FileHash};
#[cfg(any(test, feature = "testing"))]
use super::disk_faults::DiskFaults;
use super::error::StorageError;
use super::regular::open_regular;

/// What is read at once; less for smaller files, because most of ten thousand are.
const BUFFER: u64 = 1 << 17;

/// The file itself, before any buffer.
#[derive(Debug)]
pub(super) struct Sink {
    pub(super) file: File,
    #[cfg(any(test, feature = "testing"))]
    pub(super) faults: DiskFaults,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(any(test, feature = "testing"))]
        self.faults.before_write(&mut self.file, bytes)?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Bytes that are written together.
const PORTION: usize = 1 << 18;
/// Such portions that wait for the thread that writes them.
const WAITING: usize = 4;

/// A file under construction, counted and hashed on its way. A large one is hashed and written on a thread of its own while
/// the next bytes are made.
#[derive(Debug)]
pub struct StagedFile {
    path: PathBuf,
    portion: Vec<u8>,
    out: Out,
}

/// A file, and the facts of what was written to it.
#[derive(Debug)]
struct Measured {
    sink: Sink,
    hash: Sha256,
    bytes: u64,
}

#[derive(Debug)]
enum Out {
    Here(Measured),
    Behind(Behind),
    /// Writing has failed.
    Ended,
}

/// A thread that writes portions and gives them back empty.
#[derive(Debug)]
struct Behind {
    give: SyncSender<Vec<u8>>,
    back: Receiver<Vec<u8>>,
    thread: JoinHandle<io::Result<Measured>>,
}

impl Measured {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.write_all(bytes)?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

impl Behind {
    /// Without another thread, it is written here.
    fn begin(file: Measured) -> Out {
        let (give, given) = sync_channel::<Vec<u8>>(WAITING);
        let (out, back) = sync_channel(WAITING);
        // Handed over once the thread is there: one that cannot begin would take the file with it.
        let (hand, handed) = sync_channel::<Measured>(1);
        let work = move || {
            let mut file = handed.recv().map_err(io::Error::other)?;
            for portion in given {
                file.put(&portion)?;
                let _ = out.try_send(portion);
            }
            Ok(file)
        };
        match Builder::new().name("written behind".to_owned()).spawn(work) {
            Ok(thread) => {
                let _ = hand.send(file);
                Out::Behind(Self { give, back, thread })
            }
            Err(_) => Out::Here(file),
        }
    }

    /// Waits until all of it is written.
    fn end(self) -> io::Result<Measured> {
        let Self { give, thread, .. } = self;
        drop(give);
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that writes a file panicked")))
    }
}

impl Out {
    /// Ends it, in one thread.
    fn end(&mut self) -> io::Result<Measured> {
        match std::mem::replace(self, Self::Ended) {
            Self::Here(file) => Ok(file),
            Self::Behind(behind) => behind.end(),
            Self::Ended => Err(io::Error::other("writing has failed before")),
        }
    }
}

impl StagedFile {
    pub(super) fn new(path: PathBuf, sink: Sink) -> Self {
        let file = Measured { sink, hash: Sha256::new(), bytes: 0 };
        Self { path, portion: Vec::new(), out: Out::Here(file) }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands all of it to the system. It is on the disk when its folder is published.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn finish(mut self) -> Result<FileFacts, StorageError> {
        let ended = self.flush().and_then(|()| self.out.end());
        let Measured { hash, bytes, .. } = ended.map_err(|error| StorageError::write(&self.path, error))?;
        Ok(facts(bytes, hash))
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PORTION - self.portion.len());
        self.portion.extend_from_slice(&bytes[..taken]);
        if self.portion.len() == PORTION {
            self.flush()?;
        }
        Ok(taken)
    }

    /// What is written behind has reached the system only when the file is finished.
    fn flush(&mut self) -> io::Result<()> {
        let portion = std::mem::take(&mut self.portion);
        if portion.len() == PORTION && matches!(self.out, Out::Here(_)) {
            self.out = Behind::begin(self.out.end()?);
        }
        let handed = match &mut self.out {
            Out::Here(file) => file.put(&portion).map(|()| portion),
            Out::Behind(Behind { give, back, .. }) => match give.send(portion) {
                Ok(()) => Ok(back.try_recv().unwrap_or_default()),
                // Its thread has ended, and says why.
                Err(_) => self.out.end().and(Err(io::ErrorKind::BrokenPipe.into())),
            },
            Out::Ended => self.out.end().map(|_| portion),
        };
        match handed {
            Ok(mut room) => {
                room.clear();
                self.portion = room;
                Ok(())
            }
            Err(error) => {
                // A file with a gap must not be finished.
                self.out = Out::Ended;
                Err(error)
            }
        }
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        // Its folder may go next, and some systems remove no file that is open.
        let _ = self.out.end();
    }
}

pub fn facts_of(bytes: &[u8]) -> FileFacts {
    FileFacts { bytes: bytes.len() as u64, sha256: FileHash::from_sum(Sha256::digest(bytes).into()) }
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
    FileFacts { bytes, sha256: FileHash::from_sum(hash.finalize().into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, limit: u64) -> (PathBuf, StagedFile) {
        let path = folder.join(limit.to_string());
        let file = File::create_new(&path).expect("file");
        let sink = Sink { file, faults: DiskFaults::full_after(limit) };
        (path.clone(), StagedFile::new(path, sink))
    }

    #[test]
    fn small_and_large_files_have_the_facts_of_what_was_written() {
        let folder = tempfile::tempdir().expect("folder");
        for (limit, length) in [(1_000, 0), (1_001, 1_000), (1 << 24, PORTION), (1 << 25, 30 * PORTION + 7)] {
            let (path, mut out) = file(folder.path(), limit);
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            for part in bytes.chunks(100_003) {
                out.write_all(part).expect("write");
            }
            let found = out.finish().expect("finish");
            assert_eq!(found, facts_of(&bytes), "{length}");
            assert!(std::fs::read(&path).expect("file") == bytes && measure(&path).expect("measure") == found);
        }
    }

    #[test]
    fn a_full_disk_is_told_when_it_is_written_behind() {
        let folder = tempfile::tempdir().expect("folder");
        let (_, mut out) = file(folder.path(), 3 * PORTION as u64);
        let written = (0..20).try_for_each(|_| out.write_all(&[7; PORTION]));
        assert_eq!(written.expect_err("full").kind(), io::ErrorKind::StorageFull);
        assert!(out.finish().is_err(), "a file with a gap is none");
        let (_, mut out) = file(folder.path(), PORTION as u64);
        out.write_all(&[7; PORTION + 1]).expect("not written yet");
        assert!(out.finish().expect_err("full").to_string().contains("full"));
    }
}
