//! Under which hidden name a folder is built, and what else belongs to it: a journal, or a lock.

use std::path::Path;

use super::error::StorageError;
use super::passing::Ephemeral;
use super::unfinished::Unfinished;

/// The hidden folder of a job.
#[derive(Debug)]
pub(super) enum Site {
    /// One of its own, gone with the job.
    Ephemeral(Ephemeral),
    /// The same each time, so that a later run finds it.
    Resumable(Unfinished),
}

impl Site {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Ephemeral(folder) => folder.path(),
            Self::Resumable(folder) => folder.path(),
        }
    }

    /// Notes for good that it is about to be published: the hash of its manifest.
    pub(super) fn announce(&self, manifest: &str) -> Result<(), StorageError> {
        match self {
            Self::Ephemeral(_) => Ok(()),
            Self::Resumable(folder) => folder.announce(manifest),
        }
    }

    /// It has its place: what else belonged to it goes.
    pub(super) fn settle(&self) {
        match self {
            Self::Ephemeral(folder) => folder.end(),
            Self::Resumable(folder) => folder.forget_journal(),
        }
    }

    /// Whatever becomes of the job, the folder of this name is not removed with it.
    pub(super) fn hold(&self) {
        if let Self::Resumable(folder) = self {
            folder.hold();
        }
    }

    /// The job failed. Whether the folder was left for a later run.
    pub(super) fn leave(&self) -> bool {
        match self {
            Self::Resumable(folder) => folder.leave(),
            Self::Ephemeral(folder) => {
                folder.remove();
                false
            }
        }
    }
}
