//! What all writers share: where they write to, and what they get first.

use std::io::{self, Write};

use super::classes::Class;
use super::item::ExportItem;
use super::options::FormatOptions;
use super::split::SplitPart;
use domain::{ProjectId, ProjectKind};

/// A file under construction.
pub trait OutFile: Write {
    /// Ends it; what is not ended does not count as written.
    ///
    /// # Errors
    /// When the system refuses.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Where a writer puts its files: names are relative to the format's place, with forward slashes.
pub trait Folder {
    /// Begins a file; folders on the way are made.
    ///
    /// # Errors
    /// When the name is taken or the system refuses.
    fn create(&self, name: &str) -> io::Result<Box<dyn OutFile>>;

    /// Puts the item's picture here as well, under this name. Does nothing when no pictures are exported.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    fn link(&self, item: &ExportItem<'_>, name: &str) -> io::Result<()>;

    /// The bytes of the item's picture; `None` when no pictures are exported.
    ///
    /// # Errors
    /// When the system refuses.
    fn picture(&self, item: &ExportItem<'_>) -> io::Result<Option<Vec<u8>>>;

    /// Gives a finished file another name.
    ///
    /// # Errors
    /// When there is no such file, the new name is taken, or the system refuses.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// An empty file without a name, gone when it is closed.
    ///
    /// # Errors
    /// When the system refuses.
    fn scratch(&self) -> io::Result<std::fs::File>;

    /// A whole file at once.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.create(name)?;
        file.write_all(bytes)?;
        file.finish()
    }
}

/// What a writer gets before the first image.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    pub project: ProjectId,
    pub project_name: &'a str,
    pub kind: ProjectKind,
    pub classes: &'a [Class],
    /// Their names as the format can hold them.
    pub names: &'a [String],
    pub options: &'a FormatOptions,
    /// The parts of the dataset: one when it is not divided.
    pub parts: &'a [SplitPart],
}

impl Head<'_> {
    pub fn is_split(&self) -> bool {
        self.parts.len() > 1
    }
}

/// A format under construction.
pub trait Writer {
    /// Adds an image with everything that its item has.
    ///
    /// # Errors
    /// When the system refuses.
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()>;

    /// Ends all files.
    ///
    /// # Errors
    /// When the system refuses.
    fn finish(self: Box<Self>) -> io::Result<()>;
}
