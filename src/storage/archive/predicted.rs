//! What an iteration predicts, in an archive: an image a line, in the service's own field names and number text.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::manifest::FileFacts;
use super::{LINE_LIMIT, iteration_file};
use crate::error::StorageError;
use crate::regular::open_regular;
use crate::staging::{StagedFile, Staging};
use domain::record::write_predictions;
use domain::{ImageId, IterationId, Prediction};

/// The file of an iteration's predictions.
const PREDICTIONS_FILE: &str = "predictions.jsonl";
/// The file of the service's own figures of an iteration.
const PERFORMANCE_FILE: &str = "performance.json";

/// The names of the files of an iteration's predictions and of its figures, below the archive.
pub fn prediction_files(iteration: IterationId) -> [String; 2] {
    [PREDICTIONS_FILE, PERFORMANCE_FILE].map(|file| iteration_file(iteration, file))
}

/// The predictions of an iteration, under construction.
#[derive(Debug)]
pub struct PredictionsWriter {
    name: String,
    file: StagedFile,
    line: Vec<u8>,
}

impl PredictionsWriter {
    /// Begins the file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(staging: &Arc<Staging>, iteration: IterationId) -> Result<Self, StorageError> {
        let [name, _] = prediction_files(iteration);
        Ok(Self { file: staging.create(&name)?, name, line: Vec::new() })
    }

    /// Adds what is predicted on an image, which may be nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, image: ImageId, predictions: &[Prediction]) -> Result<(), StorageError> {
        self.line.clear();
        write_predictions(image, predictions, &mut self.line);
        self.line.push(b'\n');
        self.file.write_all(&self.line).map_err(|error| StorageError::write(self.file.path(), error))
    }

    /// Brings it to the disk: its name below the archive, and what it is.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn finish(self) -> Result<(String, FileFacts), StorageError> {
        Ok((self.name, self.file.finish()?))
    }
}

/// Where the predictions on each image are in their file.
#[derive(Debug)]
pub struct PredictedLines {
    path: PathBuf,
    lines: FxHashMap<ImageId, (u64, u64)>,
}

#[derive(Deserialize)]
struct Identified {
    id: ImageId,
}

impl PredictedLines {
    /// Looks through a file; lines that cannot be read are left out.
    ///
    /// # Errors
    /// When it cannot be opened or read.
    pub fn of(path: &Path) -> Result<Self, StorageError> {
        let refused = |error| StorageError::read(path, error);
        let mut input = BufReader::with_capacity(1 << 18, open_regular(path).map_err(refused)?);
        let (mut lines, mut start, mut line) = (FxHashMap::default(), 0_u64, Vec::new());
        loop {
            line.clear();
            let count = (&mut input).take(LINE_LIMIT).read_until(b'\n', &mut line).map_err(refused)? as u64;
            if count == 0 {
                return Ok(Self { path: path.to_path_buf(), lines });
            }
            if let Ok(Identified { id }) = serde_json::from_slice(&line) {
                lines.insert(id, (start, count));
            }
            start += count;
        }
    }

    /// Opens the file, to read lines of it.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(&self) -> Result<File, StorageError> {
        open_regular(&self.path).map_err(|error| StorageError::read(&self.path, error))
    }

    /// The line of an image; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, file: &mut File, image: ImageId) -> Result<Option<Vec<u8>>, StorageError> {
        let Some(&(start, count)) = self.lines.get(&image) else { return Ok(None) };
        let mut line = Vec::new();
        let read = file.seek(SeekFrom::Start(start)).and_then(|_| file.take(count).read_to_end(&mut line));
        read.map_err(|error| StorageError::read(&self.path, error)).map(|_| Some(line))
    }
}
