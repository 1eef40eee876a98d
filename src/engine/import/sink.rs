//! Where an import puts its rows and pictures: into an archive, or into memory, to be compared with another state.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use crate::failure::OrFailureAt as _;
use app::Failure;
use domain::{ImageId, ImageRow};
use storage::archive::FileHash;
use storage::staging::facts_of;
use storage::{ArchiveFacts, ArchiveWriter, SealedArchive};

#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'a> {
    Archive(&'a Path),
    Memory,
}

impl Target<'_> {
    pub(super) fn open(self) -> Result<Sink, Failure> {
        Ok(match self {
            Self::Archive(out) => {
                let writer = Box::new(ArchiveWriter::create(out).or_failure_at(out)?);
                Sink::Archive { out: out.to_path_buf(), writer }
            }
            Self::Memory => Sink::Memory(Box::default()),
        })
    }
}

#[derive(Debug, Default)]
pub(crate) struct Imported {
    pub(crate) rows: Vec<ImageRow>,
    pub(crate) pictures: FxHashMap<ImageId, PictureFacts>,
    pub(crate) facts: Option<ArchiveFacts>,
}

/// What is known of a picture that is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PictureFacts {
    /// SHA-256 in hexadecimal digits.
    pub(crate) sha256: FileHash,
    /// Upright width and height; 0 when the header cannot be read.
    pub(crate) size: (u32, u32),
    /// Its file; `None`: it is inside another one.
    pub(crate) file: Option<PathBuf>,
}

pub(super) enum Sink {
    Archive { out: PathBuf, writer: Box<ArchiveWriter> },
    Memory(Box<Imported>),
}

impl Sink {
    pub(super) fn add_row(&mut self, row: &ImageRow) -> Result<(), Failure> {
        match self {
            Self::Archive { out, writer } => writer.add_row(row).or_failure_at(out),
            Self::Memory(imported) => {
                imported.rows.push(row.clone());
                Ok(())
            }
        }
    }

    /// Adds a picture; `file` is where it was found, for what is not copied.
    pub(super) fn add_original(
        &mut self,
        image: ImageId,
        extension: &str,
        bytes: &[u8],
        size: (u32, u32),
        file: Option<PathBuf>,
    ) -> Result<(), Failure> {
        match self {
            Self::Archive { out, writer } => writer.add_original(image, extension, bytes).or_failure_at(out),
            Self::Memory(imported) => {
                let sha256 = facts_of(bytes).sha256;
                imported.pictures.insert(image, PictureFacts { sha256, size, file });
                Ok(())
            }
        }
    }

    /// Leftovers of killed runs that were removed.
    pub(super) fn cleared(&self) -> &[String] {
        match self {
            Self::Archive { writer, .. } => writer.cleared(),
            Self::Memory(_) => &[],
        }
    }

    /// Puts an archive in its place, and returns its folder; or what was gathered in memory.
    pub(super) fn finish(self, facts: ArchiveFacts) -> Result<(PathBuf, Option<Imported>), Failure> {
        match self {
            // Once it has its place nothing can fail any more: it is not opened again.
            Self::Archive { out, writer } => {
                let folder = writer.seal(facts).and_then(SealedArchive::publish).or_failure_at(&out)?;
                Ok((folder, None))
            }
            Self::Memory(imported) => Ok((PathBuf::new(), Some(Imported { facts: Some(facts), ..*imported }))),
        }
    }
}
