//! The sizes of an archive's originals, read from their headers: a few milliseconds for a thousand pictures.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt as _;
use rustc_hash::FxHashMap;
use tokio_util::sync::CancellationToken;

use super::failure::{self, OrFailure as _};
use super::parallel;
use super::session::ProjectSession;
use super::source::{Source, blocking};
use app::{Event, Failure};
use domain::{BlobKind, Catalogue, ImageId, ImageIx};
use storage::{Archive, load_json, save_json};

/// A header with its metadata is rarely longer; if it is, the whole file is read.
const HEADER_BYTES: u64 = 64 << 10;

/// The same of a picture that is not on this computer: half of a second's way is saved for the few that have more in front.
const FAR_HEADER_BYTES: u64 = 16 << 10;

/// Headers under way at once.
const FAR_AT_ONCE: usize = 16;

/// Sizes that were read before, in the mirror of an archive.
const SIZES_FILE: &str = ".sizes.json";

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

/// The sizes of all originals of an archive that is not on this computer, from their first bytes. They are kept beside its lists.
/// An original that is missing or damaged stays measured in its listed size.
async fn far_sizes(archive: &Arc<Archive>, catalogue: &Catalogue) -> Result<Vec<(ImageIx, (u32, u32))>, Failure> {
    let file = archive.root().join(SIZES_FILE);
    let kept = file.clone();
    let kept = blocking(move || Ok(load_json::<Vec<(ImageId, u32, u32)>>(&kept).value)).await?;
    let mut known: FxHashMap<_, _> = kept.into_iter().map(|(id, width, height)| (id, (width, height))).collect();
    let unknown = catalogue.iter().filter(|image| image.original_size().is_none() && !known.contains_key(&image.id()));
    let unknown: Vec<_> = unknown.map(|image| (image.id(), image.size())).collect();
    let sizes = futures_util::stream::iter(unknown)
        .map(|(id, listed)| async move { Ok((id, far_size(archive, id, listed).await?)) });
    let mut sizes = std::pin::pin!(sizes.buffer_unordered(FAR_AT_ONCE));
    let (before, mut failed) = (known.len(), None);
    while let Some(read) = sizes.next().await {
        match read {
            Ok((id, size)) => known.extend(size.map(|size| (id, size))),
            Err(failure) => {
                failed = Some(failure);
                break;
            }
        }
    }
    if known.len() > before {
        let all: Vec<_> = known.iter().map(|(&id, &(width, height))| (id, width, height)).collect();
        // What cannot be kept is read again.
        let _ = blocking(move || save_json(&file, &all).or_failure()).await;
    }
    if let Some(failure) = failed {
        return Err(failure);
    }
    let unknown = catalogue.iter().filter(|image| image.original_size().is_none());
    Ok(unknown.filter_map(|image| Some((image.ix, *known.get(&image.id())?))).collect())
}

async fn far_size(archive: &Archive, image: ImageId, listed: (u32, u32)) -> Result<Option<(u32, u32)>, Failure> {
    let Some((files, wanted)) = archive.far_picture(image, BlobKind::Original) else { return Ok(None) };
    let head = files.head(wanted.clone(), FAR_HEADER_BYTES).await;
    let mut size = head.map(|head| pixels::upright_size(&head, listed).ok());
    if matches!(size, Ok(None)) {
        size = files.picture(wanted, true).await.map(|whole| pixels::upright_size(&whole, listed).ok());
    }
    size.or_else(|error| match failure::from_archived_picture(&error) {
        failure if failure.kind.origin().ends_in_a_row(true) => Err(failure),
        _ => Ok(None),
    })
}

/// The same catalogue with the sizes of the originals of an archive, so that pixels are theirs.
///
/// # Errors
/// When the work cannot be done at all; an original whose header cannot be read stays measured in its listed size.
pub async fn know_originals(source: &Source, mut catalogue: Catalogue) -> Result<Catalogue, Failure> {
    let Source::Archive(archive) = source else { return Ok(catalogue) };
    if archive.is_far() {
        let found = far_sizes(archive, &catalogue).await?;
        catalogue.know_originals(&found);
        return Ok(catalogue);
    }
    let archive = Arc::clone(archive);
    blocking(move || {
        let found = sizes(&archive, &catalogue, &CancellationToken::new());
        catalogue.know_originals(&found);
        Ok(catalogue)
    })
    .await
}

pub(super) fn report(session: &Arc<ProjectSession>, catalogue: Arc<Catalogue>) {
    let Source::Archive(archive) = &session.blobs.source else { return };
    if archive.is_far() {
        return;
    }
    let (archive, session) = (Arc::clone(archive), Arc::clone(session));
    tokio::task::spawn_blocking(move || {
        let sizes = sizes(&archive, &catalogue, &session.cancel);
        // The state changes its list when the answer comes: without this hold it need not copy it.
        drop(catalogue);
        if !sizes.is_empty() {
            session.post(Event::OriginalSizes { generation: session.generation, sizes });
        }
    });
}
