//! Model files of an iteration in an archive, and the list of what the service had exported.

use std::path::PathBuf;

use super::{Contents, LINE_LIMIT, iteration_file};
use crate::error::StorageError;
use crate::regular::read_bounded;
use domain::{ArchivedExport, IterationId, json_fault};

/// The file of what was exported.
const EXPORTS_FILE: &str = "exports.json";
/// The folder of the model files.
const MODELS_FOLDER: &str = "models";

/// The name of the list of an iteration's exports below the archive.
pub fn exports_file(iteration: IterationId) -> String {
    iteration_file(iteration, EXPORTS_FILE)
}

/// The name of a model file below the iteration's folder.
pub fn model_file(name: &str) -> String {
    format!("{MODELS_FOLDER}/{name}")
}

impl Contents {
    /// What the service had exported of the iteration, where the archive says it.
    ///
    /// # Errors
    /// When the list cannot be read.
    pub fn exports(&self) -> Result<Vec<ArchivedExport>, StorageError> {
        let Some(name) = self.exports_name() else { return Ok(Vec::new()) };
        let path = self.root().file(name)?;
        let bytes = read_bounded(&path, LINE_LIMIT)?;
        let broken = |error| StorageError::Broken { path: path.clone(), reason: json_fault(&error) };
        serde_json::from_slice(&bytes).map_err(broken)
    }

    /// Where the model file of one of its [`exports`](Self::exports) is; `None`: the archive does not have it.
    ///
    /// # Errors
    /// When its name leads out of the archive, or nothing is there.
    pub fn model(&self, export: &ArchivedExport) -> Result<Option<PathBuf>, StorageError> {
        let (Some(iteration), Some(file)) = (self.iteration(), &export.file) else { return Ok(None) };
        self.root().file(&iteration_file(iteration, file)).map(Some)
    }
}
