//! The hidden folder as the writers of formats see it: names below a format's place, and a list of what was written.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use super::Plan;
use super::ahead::Ahead;
use formats::{Folder, Item, OutFile, PixelChoice};
use storage::FileFacts;
use storage::staging::StagedFile;

#[derive(Clone, Debug)]
pub(super) struct LabelFile {
    /// Below the export, with forward slashes.
    pub(super) name: String,
    /// `None` for a second name of a picture.
    pub(super) facts: Option<FileFacts>,
    /// The picture that it is a second name of: below the export.
    pub(super) picture: Option<String>,
}

pub(super) struct StagedFolder<'a> {
    plan: &'a Plan,
    prefix: String,
    files: Rc<RefCell<Vec<LabelFile>>>,
    /// The pictures in the order of the format; `None` when it does not ask for them.
    pictures: Option<RefCell<Ahead<'a>>>,
}

impl<'a> StagedFolder<'a> {
    pub(super) fn new(plan: &'a Plan, prefix: String, pictures: Option<Ahead<'a>>) -> Self {
        Self { plan, prefix, files: Rc::default(), pictures: pictures.map(RefCell::new) }
    }

    pub(super) fn files(&self) -> Vec<LabelFile> {
        self.files.take()
    }
}

impl Folder for StagedFolder<'_> {
    fn create(&self, name: &str) -> io::Result<Box<dyn OutFile>> {
        let name = format!("{}{name}", self.prefix);
        let file = self.plan.staging.create(&name)?;
        Ok(Box::new(Listed { name, file, files: Rc::clone(&self.files) }))
    }

    fn link(&self, item: &Item<'_>, name: &str) -> io::Result<()> {
        if self.plan.job.pixels == PixelChoice::None {
            return Ok(());
        }
        let name = format!("{}{name}", self.prefix);
        self.plan.staging.link(item.picture.path, &name)?;
        self.files.borrow_mut().push(LabelFile { name, facts: None, picture: Some(item.picture.path.to_owned()) });
        Ok(())
    }

    fn picture(&self, item: &Item<'_>) -> io::Result<Option<Vec<u8>>> {
        self.pictures.as_ref().map(|pictures| pictures.borrow_mut().take(item.image.ix)).transpose()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let [from, to] = [from, to].map(|name| format!("{}{name}", self.prefix));
        let mut files = self.files.borrow_mut();
        if files.iter().any(|file| file.name == to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = files.iter_mut().find(|file| file.name == from).ok_or(io::ErrorKind::NotFound)?;
        let root = self.plan.staging.path();
        std::fs::rename(root.join(&from), root.join(&to))?;
        file.name = to;
        Ok(())
    }

    fn scratch(&self) -> io::Result<std::fs::File> {
        tempfile::tempfile_in(self.plan.staging.path())
    }
}

/// A file that is in the list once it is whole.
struct Listed {
    name: String,
    file: StagedFile,
    files: Rc<RefCell<Vec<LabelFile>>>,
}

impl Write for Listed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl OutFile for Listed {
    fn finish(self: Box<Self>) -> io::Result<()> {
        let facts = self.file.finish()?;
        self.files.borrow_mut().push(LabelFile { name: self.name, facts: Some(facts), picture: None });
        Ok(())
    }
}
