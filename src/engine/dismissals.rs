//! Keeps what was called no problem: the latest state of each project, in order, off the thread that paints. A project
//! that is opened again finds what was dismissed a moment before.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::failure;
use crate::app::Failure;
use crate::domain::{Dismissed, ProjectId};
use crate::storage::{load_dismissed, save_dismissed};

pub(super) struct Dismissals {
    folder: PathBuf,
    latest: Mutex<HashMap<ProjectId, Dismissed>>,
    /// One read or write at a time.
    files: Mutex<()>,
}

impl Dismissals {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, latest: Mutex::default(), files: Mutex::default() }
    }

    fn latest(&self) -> MutexGuard<'_, HashMap<ProjectId, Dismissed>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what is to be kept; [`Dismissals::flush`] writes it.
    pub(super) fn note(&self, project: ProjectId, dismissed: Dismissed) {
        self.latest().insert(project, dismissed);
    }

    /// Writes what was noted. Blocks.
    pub(super) fn flush(&self) -> Result<(), Failure> {
        let _files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        self.write()
    }

    fn write(&self) -> Result<(), Failure> {
        let latest = std::mem::take(&mut *self.latest());
        for (project, dismissed) in latest {
            // A file of a newer version is not replaced.
            let kept = load_dismissed(&self.folder, project);
            kept.and_then(|_| save_dismissed(&self.folder, project, &dismissed))
                .map_err(|error| failure::of_storage(&error))?;
        }
        Ok(())
    }

    /// What is dismissed in a project, and what is to be said about its file. Blocks.
    pub(super) fn load(&self, project: ProjectId) -> Result<(Dismissed, Option<String>), Failure> {
        let _files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        self.write()?;
        load_dismissed(&self.folder, project).map_err(|error| failure::of_storage(&error))
    }
}
