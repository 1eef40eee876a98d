//! Writing an archive: files, images and predictions, one line each, into a hidden folder, which takes its place when all of
//! it is on the disk.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::archive::{
    Archive, ArchiveFacts, FORMAT, FileFacts, FileList, Identity, IterationFacts, MANIFEST_FILE, Manifest, StateCounts,
    Tool, VERSION, file_names, picture_name, prediction_files,
};
use crate::error::StorageError;
use crate::staging::{Published, StagedFile, Staging};
use domain::record::write_predictions;
use domain::{BlobKind, ImageId, ImageRow, IterationId, Prediction, Tag, UriForm, write_image};

/// An archive under construction. Dropped before it is sealed, it leaves nothing, unless its [`Staging`] is a lasting one.
#[derive(Debug)]
pub struct ArchiveWriter {
    staging: Arc<Staging>,
    workspace: ContentsWriter,
    trained: Vec<IterationFacts>,
    files: BTreeMap<String, FileFacts>,
}

/// An archive that is whole on the disk and not yet in its place.
#[derive(Debug)]
pub struct SealedArchive {
    staging: Staging,
}

impl ArchiveWriter {
    /// Begins an archive that is to stand at `target`, which must not exist.
    ///
    /// # Errors
    /// When something is there, or the place cannot be written.
    pub fn create(target: &Path) -> Result<Self, StorageError> {
        Self::in_staging(Arc::new(Staging::beside(target)?))
    }

    /// Begins an archive in a folder under construction.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn in_staging(staging: Arc<Staging>) -> Result<Self, StorageError> {
        let workspace = ContentsWriter::create(Arc::clone(&staging), None)?;
        Ok(Self { staging, workspace, trained: Vec::new(), files: BTreeMap::new() })
    }

    /// Hidden folders of killed jobs that were removed next to it.
    pub fn cleared(&self) -> &[String] {
        self.staging.cleared()
    }

    /// Adds the original of an image, byte for byte; `extension` without a dot, from the bytes.
    ///
    /// # Errors
    /// When it cannot be written, or was added before.
    pub fn add_original(&mut self, image: ImageId, extension: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let name = picture_name(image, BlobKind::Original, extension);
        let facts = self.staging.write(&name, bytes)?;
        self.files.insert(name, facts);
        Ok(())
    }

    /// Lists a file that is in the folder already.
    pub fn list_file(&mut self, name: String, facts: FileFacts) {
        self.files.insert(name, facts);
    }

    /// Lists what an iteration was trained on, which is in the folder already: its facts, and its files.
    pub fn list_iteration(&mut self, facts: IterationFacts, files: Vec<(String, FileFacts)>) {
        self.trained.push(facts);
        self.files.extend(files);
    }

    /// Adds the row of an image of the workspace; addresses are left out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_row(&mut self, row: &ImageRow) -> Result<(), StorageError> {
        self.workspace.add_row(row)
    }

    /// Adds the row of an image of the workspace without any tag; addresses are left out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_untagged(&mut self, row: &ImageRow) -> Result<(), StorageError> {
        self.workspace.add_untagged(row)
    }

    /// Writes the manifest: all of the archive is then on the disk, under its hidden name.
    ///
    /// # Errors
    /// When the system refuses, or the folder is still in use elsewhere.
    pub fn seal(self, facts: ArchiveFacts) -> Result<SealedArchive, StorageError> {
        let Self { staging, workspace, trained, mut files } = self;
        let WrittenContents { counts, files: rows } = workspace.finish()?;
        files.extend(rows);
        let counts = StateCounts { tags: facts.tags.len() as u64, ..counts };
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            version: VERSION,
            tool: Some(Tool { name: "tagscope".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }),
            project: facts.project,
            domains: facts.domains,
            iterations: facts.iterations,
            tags: facts.tags,
            counts: Some(counts),
            iteration_contents: trained,
            files: FileList { files, twice: Vec::new() },
        };
        let broken = |reason: String| StorageError::Broken { path: staging.path().join(MANIFEST_FILE), reason };
        let mut json = serde_json::to_vec_pretty(&manifest).map_err(|error| broken(error.to_string()))?;
        json.push(b'\n');
        staging.prune();
        staging.write(MANIFEST_FILE, &json)?;
        let in_use = broken("the folder is still in use".to_owned());
        Ok(SealedArchive { staging: Arc::into_inner(staging).ok_or(in_use)? })
    }

    /// Writes the manifest, puts the archive in its place and opens it.
    ///
    /// # Errors
    /// When the system refuses; then nothing is published.
    pub fn finish(self, facts: ArchiveFacts) -> Result<Archive, StorageError> {
        Archive::open(&self.seal(facts)?.publish()?)
    }
}

impl SealedArchive {
    /// The folder under its hidden name, where it can be opened and verified.
    pub fn path(&self) -> &Path {
        self.staging.path()
    }

    /// Puts it in its place, which must be free.
    ///
    /// # Errors
    /// When it is not, or the system refuses.
    pub fn publish(self) -> Result<PathBuf, StorageError> {
        self.staging.publish()
    }

    /// Puts it in the place of the archive that `former` describes.
    ///
    /// # Errors
    /// When anything else is there by now, or the system refuses; then what is there stays as it is.
    pub fn replace(self, former: &Identity) -> Result<Published, StorageError> {
        self.staging.replace(former)
    }
}

/// The images of a state, under construction.
#[derive(Debug)]
pub struct ContentsWriter {
    staging: Arc<Staging>,
    iteration: Option<IterationId>,
    images: StagedFile,
    /// Begun with the first one.
    untagged: Option<StagedFile>,
    counts: StateCounts,
    line: Vec<u8>,
}

/// The images of a state on the disk.
#[derive(Debug)]
pub struct WrittenContents {
    /// How many; the tags are not counted.
    pub counts: StateCounts,
    pub files: Vec<(String, FileFacts)>,
}

impl WrittenContents {
    /// What the manifest is to say of an iteration.
    pub fn facts(&self, iteration: IterationId, is_vanished: bool, tags: Vec<Tag>) -> IterationFacts {
        let counts = StateCounts { tags: tags.len() as u64, ..self.counts };
        IterationFacts { iteration, is_vanished, counts, tags }
    }
}

impl ContentsWriter {
    /// Begins the images of an iteration, or with `None` of the workspace.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(staging: Arc<Staging>, iteration: Option<IterationId>) -> Result<Self, StorageError> {
        let images = staging.create(&file_names(iteration).0)?;
        Ok(Self { staging, iteration, images, untagged: None, counts: StateCounts::default(), line: Vec::new() })
    }

    /// Adds the row of an image; addresses are left out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_row(&mut self, row: &ImageRow) -> Result<(), StorageError> {
        write_line(&mut self.images, row, &mut self.line)?;
        self.counts.images += 1;
        self.counts.regions += row.regions.len() as u64;
        Ok(())
    }

    /// Adds the row of an image without any tag; addresses are left out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_untagged(&mut self, row: &ImageRow) -> Result<(), StorageError> {
        let file = match &mut self.untagged {
            Some(file) => file,
            none => none.insert(self.staging.create(&file_names(self.iteration).1)?),
        };
        write_line(file, row, &mut self.line)?;
        self.counts.untagged += 1;
        Ok(())
    }

    /// Brings all of it to the disk.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn finish(self) -> Result<WrittenContents, StorageError> {
        let (images, untagged) = file_names(self.iteration);
        let mut files = vec![(images, self.images.finish()?)];
        if let Some(file) = self.untagged {
            files.push((untagged, file.finish()?));
        }
        Ok(WrittenContents { counts: self.counts, files })
    }
}

fn write_line(file: &mut StagedFile, row: &ImageRow, line: &mut Vec<u8>) -> Result<(), StorageError> {
    line.clear();
    write_image(row, UriForm::Absent, line);
    line.push(b'\n');
    file.write_all(line).map_err(|error| StorageError::write(file.path(), error))
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
