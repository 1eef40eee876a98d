//! What an archive contains of one state of the project: the workspace, or what an iteration was trained on.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::far::Root;
use super::lines::{ArchiveRows, Found, Line, find_lines};
use super::manifest::{FileFacts, IterationFacts, StateCounts};
use super::{IMAGES_FILE, LINE_LIMIT, UNTAGGED_FILE, iteration_file};
use crate::error::StorageError;
use crate::regular::read_bounded;
use domain::{ArchivedExport, IterationId, IterationPerformance, Tag, json_error};

/// The message about a file with another hash, here and by `verify`.
pub const OTHER_CONTENT: &str = "has changed since it was written (SHA-256)";

/// The images and tags of a state. Its files are looked at when their rows are first asked for.
#[derive(Debug)]
pub struct Contents {
    iteration: Option<IterationId>,
    is_vanished: bool,
    tags: Vec<Tag>,
    /// As the manifest counts; what the file holds may be less when it was cut off.
    image_count: u64,
    region_count: Option<u64>,
    untagged_count: u64,
    images: RowFile,
    /// `None`: there is no such file.
    untagged: Option<RowFile>,
    may_have_made_up_dates: bool,
    /// Of an iteration: the names of the files of its predictions and of its figures, where they are in the manifest.
    extras: [Option<String>; 2],
    /// Of an iteration: the name of the list of its exports, where it is in the manifest.
    exports: Option<String>,
}

/// A list of an archive that is not what its manifest says: some of it may not be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListMismatch {
    /// The file's name below the archive.
    pub file: String,
    /// What is wrong with it, as the rest of a sentence that begins with its name.
    pub what: String,
}

/// A file of one image a line.
#[derive(Debug)]
struct RowFile {
    root: Root,
    name: String,
    /// What the manifest says of it.
    expected: Option<FileFacts>,
    found: OnceLock<Found>,
}

impl RowFile {
    fn new(root: &Root, name: String, expected: Option<FileFacts>) -> Self {
        Self { root: root.clone(), name, expected, found: OnceLock::new() }
    }

    fn found(&self) -> Result<&Found, StorageError> {
        if let Some(found) = self.found.get() {
            return Ok(found);
        }
        let found = find_lines(&self.root.file(&self.name)?)?;
        // Another thread may have looked meanwhile, at the same.
        Ok(self.found.get_or_init(|| found))
    }

    fn lines(&self) -> Result<&[Line], StorageError> {
        self.found().map(|found| found.lines.as_slice())
    }

    fn doubt(&self) -> Result<Option<ListMismatch>, StorageError> {
        let Some(expected) = &self.expected else { return Ok(None) };
        let is_other = self.found()?.facts != *expected;
        Ok(is_other.then(|| ListMismatch { file: self.name.clone(), what: OTHER_CONTENT.to_owned() }))
    }

    fn rows_from(&self, skip: u64) -> Result<ArchiveRows<'_>, StorageError> {
        let lines = self.lines()?;
        let skip = usize::try_from(skip).unwrap_or(usize::MAX).min(lines.len());
        ArchiveRows::open(&self.root.file(&self.name)?, &self.name, &lines[skip..])
    }
}

/// The names of the files of images with tags and of those without, below the archive.
pub(crate) fn file_names(iteration: Option<IterationId>) -> (String, String) {
    match iteration {
        None => (IMAGES_FILE.to_owned(), UNTAGGED_FILE.to_owned()),
        Some(id) => (iteration_file(id, IMAGES_FILE), iteration_file(id, UNTAGGED_FILE)),
    }
}

impl Contents {
    /// The workspace's. Its lines are looked for at once: without them there is no archive.
    pub(super) fn for_workspace(
        root: &Root,
        tags: Vec<Tag>,
        counts: Option<StateCounts>,
        may_have_made_up_dates: bool,
        facts: impl Fn(&str) -> Option<FileFacts>,
    ) -> Result<Self, StorageError> {
        let mut contents = Self::new(root, None, tags, counts.unwrap_or_default(), facts);
        contents.may_have_made_up_dates = may_have_made_up_dates;
        contents.region_count = counts.map(|counts| counts.regions);
        let images = contents.images.lines()?.len() as u64;
        let untagged = contents.untagged.as_ref().map_or(Ok(0), |file| file.lines().map(|lines| lines.len() as u64))?;
        if counts.is_none() {
            (contents.image_count, contents.untagged_count) = (images, untagged);
        }
        Ok(contents)
    }

    pub(super) fn for_iteration(root: &Root, about: IterationFacts, facts: impl Fn(&str) -> Option<FileFacts>) -> Self {
        let IterationFacts { iteration, is_vanished, tags, counts } = about;
        Self { is_vanished, ..Self::new(root, Some(iteration), tags, counts, facts) }
    }

    fn new(
        root: &Root,
        iteration: Option<IterationId>,
        tags: Vec<Tag>,
        counts: StateCounts,
        facts: impl Fn(&str) -> Option<FileFacts>,
    ) -> Self {
        let (images, untagged) = file_names(iteration);
        let extras = iteration.map(|id| prediction_files(id).map(|name| facts(&name).map(|_| name)));
        let exports = iteration.map(exports_file).filter(|name| facts(name).is_some());
        Self {
            extras: extras.unwrap_or_default(),
            exports,
            iteration,
            is_vanished: false,
            tags,
            image_count: counts.images,
            region_count: Some(counts.regions),
            untagged_count: counts.untagged,
            untagged: facts(&untagged).map(|facts| RowFile::new(root, untagged, Some(facts))),
            images: {
                let facts = facts(&images);
                RowFile::new(root, images, facts)
            },
            may_have_made_up_dates: false,
        }
    }

    /// Whose; `None`: the workspace's.
    pub fn iteration(&self) -> Option<IterationId> {
        self.iteration
    }

    /// Whether the service had this iteration no more when the archive was last brought up to date.
    pub fn is_vanished(&self) -> bool {
        self.is_vanished
    }

    /// Its tags, with the counts of the time it was written.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Number of tagged images that should be here, as the manifest says.
    pub fn image_count(&self) -> u64 {
        self.image_count
    }

    /// Number of regions that should be here, where the manifest says.
    pub fn region_count(&self) -> Option<u64> {
        self.region_count
    }

    /// Number of images without any tag that should be here, as the manifest says. They are not among the others.
    pub fn untagged_count(&self) -> u64 {
        self.untagged_count
    }

    /// Number of lines of tagged images, readable or not.
    ///
    /// # Errors
    /// When their file cannot be read.
    pub fn line_count(&self) -> Result<u64, StorageError> {
        Ok(self.images.lines()?.len() as u64)
    }

    /// The tagged images from the given place on, counted from 0, in the service's order: newest first.
    ///
    /// # Errors
    /// When their file cannot be read.
    pub fn rows_from(&self, skip: u64) -> Result<ArchiveRows<'_>, StorageError> {
        Ok(self.images.rows_from(skip)?.without_made_up_dates(self.may_have_made_up_dates))
    }

    /// The images without any tag from the given place on, counted from 0.
    ///
    /// # Errors
    /// When there is such a file and it cannot be read.
    pub fn untagged_from(&self, skip: u64) -> Result<ArchiveRows<'_>, StorageError> {
        // Without such a file there are no such lines either: any file will do.
        self.untagged.as_ref().map_or_else(|| self.images.rows_from(u64::MAX), |file| file.rows_from(skip))
    }

    /// Its lists that are not what the manifest says. They are read to their ends.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn mismatches(&self) -> Result<Vec<ListMismatch>, StorageError> {
        let files = std::iter::once(&self.images).chain(&self.untagged);
        files.filter_map(|file| file.doubt().transpose()).collect()
    }

    /// The file of what the iteration predicts, where the archive has it.
    ///
    /// # Errors
    /// When its name leads out of the archive.
    pub fn predictions(&self) -> Result<Option<PathBuf>, StorageError> {
        self.extras[0].as_ref().map(|name| self.images.root.file(name)).transpose()
    }

    /// The service's own figures of the iteration, where the archive has them.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn performance(&self) -> Result<Option<IterationPerformance>, StorageError> {
        let Some(name) = &self.extras[1] else { return Ok(None) };
        let path = self.images.root.file(name)?;
        let bytes = read_bounded(&path, LINE_LIMIT)?;
        let broken = |error| StorageError::Broken { path: path.clone(), reason: json_error(&error) };
        serde_json::from_slice(&bytes).map(Some).map_err(broken)
    }

    /// The names of its files below the archive: of the tagged images, and of the others.
    pub fn file_names(&self) -> (String, String) {
        file_names(self.iteration)
    }
}

const PREDICTIONS_FILE: &str = "predictions.jsonl";
const PERFORMANCE_FILE: &str = "performance.json";

/// The names of the files of an iteration's predictions and of its figures, below the archive.
pub fn prediction_files(iteration: IterationId) -> [String; 2] {
    [PREDICTIONS_FILE, PERFORMANCE_FILE].map(|file| iteration_file(iteration, file))
}

const EXPORTS_FILE: &str = "exports.json";
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
        let Some(name) = &self.exports else { return Ok(Vec::new()) };
        let path = self.images.root.file(name)?;
        let bytes = read_bounded(&path, LINE_LIMIT)?;
        let broken = |error| StorageError::Broken { path: path.clone(), reason: json_error(&error) };
        serde_json::from_slice(&bytes).map_err(broken)
    }

    /// Where the model file of one of its [`exports`](Self::exports) is; `None`: the archive does not have it.
    ///
    /// # Errors
    /// When its name leads out of the archive, or nothing is there.
    pub fn model(&self, export: &ArchivedExport) -> Result<Option<PathBuf>, StorageError> {
        let (Some(iteration), Some(file)) = (self.iteration(), &export.file) else { return Ok(None) };
        self.images.root.file(&iteration_file(iteration, file)).map(Some)
    }
}
