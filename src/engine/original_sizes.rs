//! The sizes of an archive's originals, read from their headers: a few milliseconds for a thousand pictures.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::opening::Opening;
use super::parallel;
use super::source::{Source, blocking};
use app::{Event, Failure};
use domain::{BlobKind, Catalogue, ImageId, ImageIx};
use storage::Archive;

/// A header with its metadata is rarely longer; if it is, the whole file is read.
const HEADER_BYTES: u64 = 64 << 10;

/// Headers that a thread reads in one go.
const IMAGES_A_CHUNK: usize = 256;

/// Upright width and height of an original; `None` when there is none or its header cannot be read.
fn original_size(archive: &Archive, image: ImageId, listed: (u32, u32)) -> Option<(u32, u32)> {
    let head = archive.read_head(image, BlobKind::Original, HEADER_BYTES).ok()?;
    pixels::upright_size(&head, listed)
        .or_else(|_| pixels::upright_size(&archive.read_blob(image, BlobKind::Original).unwrap_or_default(), listed))
        .ok()
}

/// The sizes of all originals of an archive that are not known yet, until `cancel` is canceled. Blocks.
fn sizes(archive: &Archive, catalogue: &Catalogue, cancel: &CancellationToken) -> Vec<(ImageIx, (u32, u32))> {
    let unknown = catalogue.iter().filter(|image| image.original_size().is_none());
    let unknown = unknown.take_while(|_| !cancel.is_cancelled());
    unknown.filter_map(|image| Some((image.ix, original_size(archive, image.id(), image.size())?))).collect()
}

/// The sizes of the originals of some images, on several threads. Blocks.
pub(super) fn sizes_of(archive: &Archive, catalogue: &Catalogue, images: &[ImageIx]) -> Vec<(ImageIx, (u32, u32))> {
    let found = Mutex::new(Vec::new());
    let chunks: Vec<&[ImageIx]> = images.chunks(IMAGES_A_CHUNK).collect();
    let work = |number: usize| {
        let images = chunks[number].iter().filter_map(|&ix| catalogue.get(ix));
        let unknown = images.filter(|image| image.original_size().is_none());
        let sizes = unknown.filter_map(|image| Some((image.ix, original_size(archive, image.id(), image.size())?)));
        let sizes: Vec<_> = sizes.collect();
        found.lock().unwrap_or_else(PoisonError::into_inner).extend(sizes);
        Ok::<_, Infallible>(())
    };
    let Ok(()) = parallel::each(chunks.len(), work, || Ok(()));
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The same catalogue with the sizes of the originals where they are on this computer, so that pixels are theirs.
///
/// # Errors
/// When the work cannot be done at all; an original whose header cannot be read stays measured in its listed size.
pub async fn know_originals(source: &Source, mut catalogue: Catalogue) -> Result<Catalogue, Failure> {
    let Source::Archive(archive) = source else { return Ok(catalogue) };
    let archive = Arc::clone(archive);
    blocking(move || {
        let found = sizes(&archive, &catalogue, &CancellationToken::new());
        catalogue.know_originals(&found);
        Ok(catalogue)
    })
    .await
}

/// Reports the sizes of the originals of an open archive.
pub(super) fn tell(opening: &Arc<Opening>, catalogue: Arc<Catalogue>) {
    let Source::Archive(archive) = &opening.blobs.source else { return };
    let (archive, opening) = (Arc::clone(archive), Arc::clone(opening));
    tokio::task::spawn_blocking(move || {
        let sizes = sizes(&archive, &catalogue, &opening.cancel);
        // The state changes its list when the answer comes: without this hold it need not copy it.
        drop(catalogue);
        if !opening.cancel.is_cancelled() && !sizes.is_empty() {
            opening.shared.inbox.post(Event::OriginalSizes { generation: opening.generation, sizes });
        }
    });
}
