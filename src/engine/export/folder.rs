//! The hidden folder as the writers of formats see it: names below a format's place, and a list of what was written. The
//! pictures that a format holds or draws on are read ahead on a thread of their own: while one is written, the next ones come from
//! the disk.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::iter;
use std::mem;
use std::rc::Rc;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, Scope};

use super::Plan;
use super::layout::Placed;
use domain::ImageIx;
use formats::{ExportItem, Folder, OutFile, PixelChoice};
use storage::FileFacts;
use storage::staging::StagedFile;

#[derive(Clone, Debug)]
pub(super) struct WrittenFile {
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
    files: Rc<RefCell<Vec<WrittenFile>>>,
    /// The pictures in the order of the format; `None` when it does not ask for them.
    pictures: Option<RefCell<Ahead<'a>>>,
}

impl<'a> StagedFolder<'a> {
    pub(super) fn new(plan: &'a Plan, prefix: String, pictures: Option<Ahead<'a>>) -> Self {
        Self { plan, prefix, files: Rc::default(), pictures: pictures.map(RefCell::new) }
    }

    pub(super) fn files(&self) -> Vec<WrittenFile> {
        self.files.take()
    }
}

impl Folder for StagedFolder<'_> {
    fn create(&self, name: &str) -> io::Result<Box<dyn OutFile>> {
        let name = format!("{}{name}", self.prefix);
        let file = self.plan.staging.create(&name)?;
        Ok(Box::new(Listed { name, file, files: Rc::clone(&self.files) }))
    }

    fn link(&self, item: &ExportItem<'_>, name: &str) -> io::Result<()> {
        if self.plan.job.pixels == PixelChoice::None {
            return Ok(());
        }
        let name = format!("{}{name}", self.prefix);
        self.plan.staging.link(item.picture.path, &name)?;
        self.files.borrow_mut().push(WrittenFile { name, facts: None, picture: Some(item.picture.path.to_owned()) });
        Ok(())
    }

    fn picture(&self, item: &ExportItem<'_>) -> io::Result<Option<Vec<u8>>> {
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
    files: Rc<RefCell<Vec<WrittenFile>>>,
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
        self.files.borrow_mut().push(WrittenFile { name: self.name, facts: Some(facts), picture: None });
        Ok(())
    }
}

/// Pictures that are handed over together, and bytes of them: few enough that memory does not grow with the images.
pub(super) const MOST_PICTURES: usize = 32;
pub(super) const MOST_BYTES: usize = 1 << 20;
/// Such portions that wait to be written.
const WAITING: usize = 2;

/// A picture of an image, or why it could not be read.
pub(super) type Read = (ImageIx, io::Result<Vec<u8>>);

/// The pictures in the order of a format.
pub(super) struct Ahead<'a>(Box<dyn Iterator<Item = Read> + 'a>);

impl<'a> Ahead<'a> {
    /// Begins to read those of `placed` at the places of `order`. The thread ends once nobody wants any more.
    pub(super) fn begin<'s>(scope: &'s Scope<'s, 'a>, plan: &'a Plan, placed: &'a [Placed], order: &'a [u32]) -> Self {
        let files = move || order.iter().map(|&at| &placed[at as usize]).map(|file| (file.ix, read(plan, file)));
        let (out, portions) = sync_channel::<Vec<Read>>(WAITING);
        let work = move || {
            let (mut portion, mut bytes) = (Vec::new(), 0);
            for one in files() {
                bytes += one.1.as_ref().map_or(0, Vec::len);
                portion.push(one);
                if portion.len() >= MOST_PICTURES || bytes >= MOST_BYTES {
                    bytes = 0;
                    if out.send(mem::take(&mut portion)).is_err() {
                        return;
                    }
                }
            }
            let _ = out.send(portion);
        };
        match Builder::new().name("pictures".to_owned()).spawn_scoped(scope, work) {
            Ok(_) => Self(Box::new(portions.into_iter().flatten())),
            // Without another thread each is read when its turn comes.
            Err(_) => Self(Box::new(files())),
        }
    }

    /// Pictures that come one by one, each put into `slot` before it is asked for.
    pub(super) fn from_slot(slot: Rc<Cell<Option<Read>>>) -> Self {
        Self(Box::new(iter::from_fn(move || slot.take())))
    }

    /// The picture of an image. They must be asked for in their order; those in between are passed over.
    pub(super) fn take(&mut self, ix: ImageIx) -> io::Result<Vec<u8>> {
        let found = self.0.find(|(at, _)| *at == ix);
        found.map_or_else(|| Err(io::Error::other("a picture is not in its order")), |(_, bytes)| bytes)
    }
}

fn read(plan: &Plan, file: &Placed) -> io::Result<Vec<u8>> {
    match &plan.in_place {
        Some(archive) if !file.is_staged => {
            let image = plan.job.catalogue.get(file.ix).map(|image| image.id()).unwrap_or_default();
            archive.read_blob(image, plan.kind()).map_err(io::Error::from)
        }
        _ => std::fs::read(plan.staging.path().join(&file.name)),
    }
}
