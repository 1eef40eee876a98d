//! The pictures that a format holds or draws on, read ahead on a thread of their own: while one is written, the next ones come
//! from the disk.

use std::cell::Cell;
use std::io;
use std::iter;
use std::mem;
use std::rc::Rc;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, Scope};

use super::Plan;
use super::export_log::Placed;
use domain::ImageIx;

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
    pub(super) fn of_slot(slot: Rc<Cell<Option<Read>>>) -> Self {
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
