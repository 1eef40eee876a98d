//! The perceptual hashes of an open project's pictures: made where a picture is decoded anyway or when they are asked
//! for, and kept on disk for the next time.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt as _;
use rustc_hash::FxHashMap;
use tokio_util::sync::CancellationToken;

use super::source::{Source, blocking};
use crate::failure::OrFailure as _;
use app::Failure;
use domain::{BlobKind, Catalogue, ImageId, ImageIx, ImageView, ProjectId, Raster};
use pixels::{self, DecodeRequest, PerceptualHasher};
use storage::{load_hashes, save_hashes};

/// The side to which pictures are decoded for their hash.
pub(super) const SIDE: u32 = 128;
/// Hashes that are held; a bound for what a hostile list could ask for.
const MOST: usize = 1_000_000;

#[derive(Default)]
pub(super) struct Hashes {
    /// Folder and project of the file; `None`: they are kept nowhere.
    place: Option<(PathBuf, ProjectId)>,
    known: Mutex<Known>,
    /// Hashers at rest; at most as many as threads decode.
    hashers: Mutex<Vec<PerceptualHasher>>,
    /// Ends what was requested last.
    asked: Mutex<CancellationToken>,
    /// One read or write of the file at a time.
    writing: Mutex<()>,
}

#[derive(Default)]
struct Known {
    hashes: FxHashMap<ImageId, u64>,
    fresh: usize,
    /// Until the file is read nothing is made that may be in it.
    is_loaded: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hashes {
    pub(super) fn new(place: Option<(PathBuf, ProjectId)>) -> Self {
        Self { place, ..Self::default() }
    }

    /// Reads what was kept, once. Blocks.
    pub(super) fn load(&self) {
        let _one = lock(&self.writing);
        if lock(&self.known).is_loaded {
            return;
        }
        let kept = match &self.place {
            Some((folder, project)) => load_hashes(folder, *project),
            None => Ok(Vec::new()),
        };
        let kept = kept.unwrap_or_else(|error| {
            tracing::warn!(%error, "the picture hashes are computed again");
            Vec::new()
        });
        let mut known = lock(&self.known);
        known.hashes.extend(kept);
        known.is_loaded = true;
    }

    pub(super) fn has(&self, image: ImageId) -> bool {
        lock(&self.known).hashes.contains_key(&image)
    }

    pub(super) fn get(&self, image: ImageId) -> Option<u64> {
        lock(&self.known).hashes.get(&image).copied()
    }

    /// Makes the hash of a picture unless it is known.
    pub(super) fn note(&self, image: ImageId, picture: &Raster) {
        let is_wanted = {
            let known = lock(&self.known);
            known.is_loaded && known.hashes.len() < MOST && !known.hashes.contains_key(&image)
        };
        if is_wanted {
            self.make(image, picture);
        }
    }

    fn make(&self, image: ImageId, picture: &Raster) {
        let rested = lock(&self.hashers).pop();
        let mut hasher = rested.unwrap_or_default();
        let hash = hasher.hash(picture);
        lock(&self.hashers).push(hasher);
        if let Some(hash) = hash {
            let mut known = lock(&self.known);
            known.hashes.insert(image, hash);
            known.fresh += 1;
        }
    }

    /// Keeps all of them on disk when at least so many are new. Blocks.
    pub(super) fn keep(&self, least: usize) {
        let Some((folder, project)) = &self.place else { return };
        let _writing = lock(&self.writing);
        let all: Vec<_> = {
            let mut known = lock(&self.known);
            if !known.is_loaded || known.fresh < least {
                return;
            }
            known.fresh = 0;
            known.hashes.iter().map(|(image, hash)| (*image, *hash)).collect()
        };
        if let Err(error) = save_hashes(folder, *project, &all) {
            tracing::warn!(%error, "the picture hashes could not be saved");
        }
    }

    pub(super) fn begin(&self, opening: &CancellationToken) -> CancellationToken {
        let cancel = opening.child_token();
        *lock(&self.asked) = cancel.clone();
        cancel
    }

    pub(super) fn stop(&self) {
        lock(&self.asked).cancel();
    }
}

/// Pictures under way at once.
const AT_ONCE: usize = 8;

/// The hash of each image's picture, by its index, and why the others have none. `done` gets how many were looked at.
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
            Ok(hash) => hashes[ix.index()] = hash,
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
    let request = DecodeRequest { listed_size: image.size(), max_side: Some(SIDE) };
    blocking(move || {
        let decoded = pixels::decode(&bytes, request).or_failure()?;
        Ok(PerceptualHasher::new().hash(&decoded.raster))
    })
    .await
}
