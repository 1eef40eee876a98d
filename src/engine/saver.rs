//! Keeps the settings: the latest ones, in order, off the thread that paints.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::failure::OrFailure as _;
use app::{Failure, Settings};
use storage::save_json;

pub(super) struct Saver {
    file: PathBuf,
    latest: Mutex<Option<Box<Settings>>>,
    /// One write at a time; a later one finds the latest settings, or none left to write.
    writing: Mutex<()>,
}

impl Saver {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file, latest: Mutex::default(), writing: Mutex::default() }
    }

    /// Notes what is to be kept; [`Saver::flush`] writes it.
    pub(super) fn note(&self, settings: Box<Settings>) {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(settings);
    }

    /// Writes what was noted last. Blocks.
    pub(super) fn flush(&self) -> Result<(), Failure> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(settings) = latest else { return Ok(()) };
        save_json(&self.file, &*settings).or_failure()
    }
}
