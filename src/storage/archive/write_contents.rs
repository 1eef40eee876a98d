//! Writes one state into an archive: its images, with and without tags, one line each.

use std::io::Write as _;
use std::sync::Arc;

use super::contents::file_names;
use super::manifest::{Counts, FileFacts, IterationFacts};
use crate::error::StorageError;
use crate::staging::{StagedFile, Staging};
use domain::{ImageRow, IterationId, Tag, UriForm, write_image};

/// The images of a state, under construction.
#[derive(Debug)]
pub struct ContentsWriter {
    staging: Arc<Staging>,
    iteration: Option<IterationId>,
    images: StagedFile,
    /// Begun with the first one.
    untagged: Option<StagedFile>,
    counts: Counts,
    line: Vec<u8>,
}

/// The images of a state on the disk.
#[derive(Debug)]
pub struct WrittenContents {
    /// How many; the tags are not counted.
    pub counts: Counts,
    /// Their files.
    pub files: Vec<(String, FileFacts)>,
}

impl WrittenContents {
    /// What the manifest is to say of an iteration.
    pub fn facts(&self, iteration: IterationId, is_vanished: bool, tags: Vec<Tag>) -> IterationFacts {
        let counts = Counts { tags: tags.len() as u64, ..self.counts };
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
        Ok(Self { staging, iteration, images, untagged: None, counts: Counts::default(), line: Vec::new() })
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
