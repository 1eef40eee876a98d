//! Where an export gets its pictures from.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use rustc_hash::FxHashMap;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::arrival::Arrived;
use crate::blobs::{Blobs, BlobsOf, CacheUse};
use crate::source::far_picture;
use crate::{Source, failure};
use app::{Failure, FailureKind};
use domain::{BlobKind, ImageId, ImageRow, IterationId, ProjectId};
use service::MAX_IDS_A_CALL;
use storage::staging::facts_of;
use storage::{Archive, FileFacts};

/// A source of pictures. It retries by itself: what it reports as failed is failed.
pub trait Fetch: Send + Sync {
    /// A picture as it is kept there, and how much of it that is.
    fn fetch(&self, row: &ImageRow, kind: BlobKind) -> impl Future<Output = Result<Arrived, Failure>> + Send;

    /// The archive that it reads from. Pictures of one on this computer are not fetched one by one.
    fn archive(&self) -> Option<&Arc<Archive>> {
        None
    }
}

#[derive(Clone, Debug)]
pub struct ArchiveFetch(pub Arc<Archive>);

impl Fetch for ArchiveFetch {
    async fn fetch(&self, row: &ImageRow, kind: BlobKind) -> Result<Arrived, Failure> {
        if self.0.is_far() {
            // None is kept: an export of a whole project would push everything else out.
            return Arrived::judge(far_picture(&self.0, row.id, kind, false).await?);
        }
        let (archive, id) = (Arc::clone(&self.0), row.id);
        super::blocking(move || Ok(read_archived(&archive, id, kind)?.0)).await
    }

    fn archive(&self) -> Option<&Arc<Archive>> {
        Some(&self.0)
    }
}

/// The pictures of a source for an export. Addresses that have expired are requested again, a page of images in one call.
pub struct SourceFetch {
    blobs: Blobs,
    cancel: CancellationToken,
    order: Vec<ImageId>,
    places: FxHashMap<ImageId, usize>,
    /// Images before one that may be under way together with it.
    together: usize,
}

impl std::fmt::Debug for SourceFetch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourceFetch({:?})", self.blobs.source)
    }
}

/// What an export has in common with the window.
pub(crate) struct SharedDownloads {
    pub(crate) downloads: Arc<Semaphore>,
    pub(crate) cache: CacheUse,
    pub(crate) parallel: usize,
}

impl SourceFetch {
    /// Fetches for an export of `images`, in their order, `parallel` at once.
    pub fn new(
        source: Source,
        project: ProjectId,
        iteration: Option<IterationId>,
        images: Vec<ImageId>,
        parallel: usize,
        cancel: CancellationToken,
    ) -> Self {
        let downloads = Arc::new(Semaphore::new(parallel.max(1)));
        let shared = SharedDownloads { downloads, cache: CacheUse::Off, parallel };
        Self::sharing(source, project, iteration, images, shared, cancel)
    }

    pub(crate) fn sharing(
        source: Source,
        project: ProjectId,
        iteration: Option<IterationId>,
        images: Vec<ImageId>,
        shared: SharedDownloads,
        cancel: CancellationToken,
    ) -> Self {
        let SharedDownloads { downloads, cache, parallel: together } = shared;
        // An archive has no addresses that expire.
        let images = if source.is_archive() { Vec::new() } else { images };
        let parts = BlobsOf { source, project, iteration, told: None, cache, scope: project, downloads };
        let places = images.iter().enumerate().map(|(place, &image)| (image, place)).collect();
        Self { blobs: Blobs::new(parts), cancel, order: images, places, together }
    }

    /// The images that are under way with one or come next: their addresses are as old.
    fn around(&self, image: ImageId) -> Vec<ImageId> {
        let place = self.places.get(&image).copied().unwrap_or(self.order.len());
        let from = place.saturating_sub(self.together);
        self.order.iter().skip(from).take(self.together + 1 + MAX_IDS_A_CALL).copied().collect()
    }
}

impl Fetch for SourceFetch {
    async fn fetch(&self, row: &ImageRow, kind: BlobKind) -> Result<Arrived, Failure> {
        if let Source::Archive(archive) = &self.blobs.source {
            // Checks size and hash besides.
            return ArchiveFetch(Arc::clone(archive)).fetch(row, kind).await;
        }
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(failure::canceled()),
            arrived = self.blobs.arrived(row.id, kind, row.uris.get(kind), || self.around(row.id)) => arrived,
        }
    }

    fn archive(&self) -> Option<&Arc<Archive>> {
        match &self.blobs.source {
            Source::Archive(archive) => Some(archive),
            Source::Service(_) | Source::Kept => None,
        }
    }
}

/// The original of an image, which also stands for its smaller kinds, when it is what the archive's manifest says.
pub(super) fn read_archived(archive: &Archive, id: ImageId, kind: BlobKind) -> Result<(Arrived, FileFacts), Failure> {
    let Some(facts) = archive.original_facts(id) else {
        return Err(Failure::bare(FailureKind::MissingPicture));
    };
    let bytes = archive.read_blob(id, kind).map_err(|error| failure::from_archived_picture(&error))?;
    let found = facts_of(&bytes);
    if found == *facts {
        return Ok((Arrived::judge(Bytes::from(bytes))?, found));
    }
    let path = archive.blob_path(id, kind).unwrap_or_default().display().to_string();
    let reason = match found.bytes == facts.bytes {
        true => "its content has changed since it was archived (SHA-256)".to_owned(),
        false => format!("it has {} bytes, but the manifest says {}", found.bytes, facts.bytes),
    };
    Err(Failure::bare(FailureKind::BrokenFile { path, reason }))
}
