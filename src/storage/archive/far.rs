//! The files of an archive that is not on this computer. Its folder has the manifest; a list is brought into it when it is
//! first read, and pictures come when they are asked for. Who brings them is the business of the layers above.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use super::manifest::FileFacts;
use crate::error::StorageError;
use crate::regular::inside;
use domain::{BlobKind, ImageId};

/// A picture of an archive, as its manifest has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FarPicture {
    pub image: ImageId,
    pub kind: BlobKind,
    /// Its name below the archive.
    pub name: String,
    pub facts: FileFacts,
}

/// Bytes that are on their way. Dropping it stops it.
pub type Reading = Pin<Box<dyn Future<Output = Result<Bytes, StorageError>> + Send>>;

/// Brings the files of an archive. What it brings is what the manifest says, by size and hash.
pub trait FarFiles: fmt::Debug + Send + Sync {
    /// Where they are, in words.
    fn place(&self) -> String;

    /// Brings a list or a model into the archive's folder, unless it is there. Blocks.
    ///
    /// # Errors
    /// When it cannot be had, or is not what the manifest says.
    fn bring(&self, name: &str, facts: &FileFacts) -> Result<(), StorageError>;

    /// A picture. `keeps`: it is kept on this computer for the next time, as far as there is room.
    fn picture(&self, wanted: FarPicture, keeps: bool) -> Reading;

    /// The first bytes of a picture, which cannot be compared with a hash.
    fn head(&self, wanted: FarPicture, most: u64) -> Reading;

    /// Waits for bytes on a thread that may block.
    ///
    /// # Errors
    /// Those of the reading.
    fn wait(&self, reading: Reading) -> Result<Bytes, StorageError>;

    /// Whether a picture is on this computer.
    fn has(&self, wanted: &FarPicture) -> bool;
}

/// The folder of an archive, with all links resolved: nothing outside it is read.
#[derive(Clone, Debug)]
pub(super) struct Root {
    path: PathBuf,
    far: Option<Far>,
}

#[derive(Clone, Debug)]
struct Far {
    files: Arc<dyn FarFiles>,
    /// What the manifest says of all files but pictures.
    facts: Arc<BTreeMap<String, FileFacts>>,
}

impl Root {
    pub(super) fn here(path: PathBuf) -> Self {
        Self { path, far: None }
    }

    pub(super) fn far(path: PathBuf, files: Arc<dyn FarFiles>, others: &BTreeMap<String, FileFacts>) -> Self {
        let facts = Arc::new(others.clone());
        Self { path, far: Some(Far { files, facts }) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn files(&self) -> Option<&Arc<dyn FarFiles>> {
        self.far.as_ref().map(|far| &far.files)
    }

    /// The place of a file that is no picture. It is there then, wherever the archive is.
    pub(super) fn file(&self, name: &str) -> Result<PathBuf, StorageError> {
        if let Some(Far { files, facts }) = &self.far
            && let Some(facts) = facts.get(name)
        {
            files.bring(name, facts)?;
        }
        inside(&self.path, name)
    }
}
