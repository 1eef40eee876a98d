//! The perceptual hashes of all pictures of a project, for those who have no window: from thumbnails, else from what an
//! archive has.

use std::sync::Arc;

use futures_util::StreamExt as _;

use super::source::{Source, blocking};
use crate::failure::OrFailure as _;
use app::Failure;
use domain::{BlobKind, Catalogue, ImageIx, ImageView, ProjectId};
use pixels::{self, DecodeRequest, PerceptualHasher};

/// Pictures under way at once.
const AT_ONCE: usize = 8;

/// The hash of each image's picture, by its index, and why the others have none. `done` gets how many have been looked
/// at.
pub async fn hash_pictures(
    source: &Source,
    project: ProjectId,
    catalogue: &Arc<Catalogue>,
    mut done: impl FnMut(u64),
) -> (Vec<Option<u64>>, Vec<(ImageIx, Failure)>) {
    let mut hashes = vec![None; catalogue.len()];
    let mut failures = Vec::new();
    let images = futures_util::stream::iter(0..catalogue.len() as u32).map(|ix| {
        let (source, catalogue) = (source.clone(), Arc::clone(catalogue));
        async move {
            let ix = ImageIx(ix);
            match catalogue.get(ix) {
                Some(image) => (ix, hash(&source, project, image).await),
                None => (ix, Ok(None)),
            }
        }
    });
    let mut images = std::pin::pin!(images.buffer_unordered(AT_ONCE));
    let mut count = 0;
    while let Some((ix, made)) = images.next().await {
        match made {
            Ok(hash) => hashes[ix.at()] = hash,
            Err(failure) => failures.push((ix, failure)),
        }
        count += 1;
        done(count);
    }
    failures.sort_by_key(|(ix, _)| *ix);
    (hashes, failures)
}

async fn hash(source: &Source, project: ProjectId, image: ImageView<'_>) -> Result<Option<u64>, Failure> {
    let uri = image.uri(BlobKind::Thumbnail);
    let bytes = source.blob(project, image.id(), BlobKind::Thumbnail, uri.as_ref()).await?;
    let request = DecodeRequest { listed_size: image.size(), max_side: Some(super::hashes::SIDE) };
    blocking(move || {
        let decoded = pixels::decode(&bytes, request).or_failure()?;
        Ok(PerceptualHasher::new().hash(&decoded.raster))
    })
    .await
}
