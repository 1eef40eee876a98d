//! Writing an archive: row by row into a hidden folder, which takes its place when all of it is on the disk.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use super::manifest::{ArchiveFacts, Counts, FileFacts, Manifest, Tool};
use super::{Archive, FORMAT, IMAGES_FILE, MANIFEST_FILE, VERSION};
use crate::domain::{ImageId, ImageRow, UriForm, write_image};
use crate::storage::error::StorageError;
use crate::storage::staging::{StagedFile, Staging};

/// An archive under construction. Dropped before [`finish`](Self::finish), it leaves nothing.
#[derive(Debug)]
pub struct ArchiveWriter {
    staging: Staging,
    images: StagedFile,
    counts: Counts,
    files: BTreeMap<String, FileFacts>,
    line: Vec<u8>,
}

impl ArchiveWriter {
    /// Begins an archive that is to stand at `target`, which must not exist.
    ///
    /// # Errors
    /// When something stands there, or the place cannot be written.
    pub fn create(target: &Path) -> Result<Self, StorageError> {
        Self::in_staging(Staging::beside(target)?)
    }

    /// Begins an archive in a folder under construction.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn in_staging(staging: Staging) -> Result<Self, StorageError> {
        let images = staging.create(IMAGES_FILE)?;
        Ok(Self { staging, images, counts: Counts::default(), files: BTreeMap::new(), line: Vec::new() })
    }

    /// Adds the original of an image, byte for byte; `extension` without a dot, from the bytes.
    ///
    /// # Errors
    /// When it cannot be written, or was added before.
    pub fn add_original(&mut self, image: ImageId, extension: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let id = image.to_string();
        let name = format!("originals/{}/{id}.{extension}", &id[..2]);
        let facts = self.staging.write(&name, bytes)?;
        self.files.insert(name, facts);
        Ok(())
    }

    /// Adds the row of an image; addresses are left out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_row(&mut self, row: &ImageRow) -> Result<(), StorageError> {
        self.line.clear();
        write_image(row, UriForm::Absent, &mut self.line);
        self.line.push(b'\n');
        self.images.write_all(&self.line).map_err(|error| StorageError::write(self.images.path(), error))?;
        self.counts.images += 1;
        self.counts.regions += row.regions.len() as u64;
        Ok(())
    }

    /// Writes the manifest, puts the archive in its place and opens it.
    ///
    /// # Errors
    /// When the system refuses; then nothing is left of it.
    pub fn finish(self, facts: ArchiveFacts) -> Result<Archive, StorageError> {
        let Self { staging, images, mut counts, mut files, line: _ } = self;
        files.insert(IMAGES_FILE.to_owned(), images.finish()?);
        counts.tags = facts.tags.len() as u64;
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            version: VERSION,
            tool: Some(Tool { name: "tagscope".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }),
            project: facts.project,
            domains: facts.domains,
            iterations: facts.iterations,
            tags: facts.tags,
            counts: Some(counts),
            files,
        };
        let mut json = serde_json::to_vec_pretty(&manifest).map_err(|error| StorageError::Broken {
            path: staging.path().join(MANIFEST_FILE),
            reason: error.to_string(),
        })?;
        json.push(b'\n');
        staging.write(MANIFEST_FILE, &json)?;
        Archive::open(&staging.publish()?)
    }
}
