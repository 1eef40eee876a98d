//! Where an export gets its pictures from, and what it would have to fetch.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;

use crate::arrival::Arrived;
use crate::source::far_picture;
use crate::{Source, failure};
use app::export::Download;
use app::{ExportJob, Failure, FailureKind};
use domain::{BlobKind, ImageId, ImageRow};
use formats::PixelChoice;
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

/// Bytes a pixel of a photograph in the JPEG quality that cameras and phones write: the middle of what is usual, half or
/// twice of it is common.
const BYTES_PER_PIXEL: f64 = 0.25;
/// So many pictures that are here say better what the project's are like.
const ENOUGH: u64 = 8;

/// Counts what would be fetched; `kept` says how many bytes the cache has of a picture, if it has it.
pub fn download(job: &ExportJob, source: &Source, kept: impl Fn(ImageId, BlobKind) -> Option<u64>) -> Download {
    let kind = match job.pixels {
        PixelChoice::None => return Download::default(),
        PixelChoice::Original => BlobKind::Original,
        PixelChoice::Resized => BlobKind::Resized,
    };
    let mut found = Download::default();
    let (mut pixels, mut known_pixels, mut known_bytes, mut exact) = (0.0, 0.0, 0, 0);
    for image in job.images.iter().filter_map(|&ix| job.catalogue.get(ix)) {
        let (width, height) = image.size();
        let area = f64::from(width) * f64::from(height);
        let bytes = match source {
            Source::Archive(archive) => match archive.far_picture(image.id(), kind) {
                Some((files, wanted)) if !files.has(&wanted) => {
                    found.pictures += 1;
                    exact += wanted.facts.bytes;
                    continue;
                }
                _ => Some(0),
            },
            Source::Service(_) | Source::Kept => kept(image.id(), kind),
        };
        match bytes {
            Some(bytes) => {
                found.here += 1;
                known_pixels += area;
                known_bytes += bytes;
            }
            None => {
                found.pictures += 1;
                pixels += area;
            }
        }
    }
    let is_known = found.here >= ENOUGH && known_pixels > 0.0;
    found.bytes = exact + (pixels * if is_known { known_bytes as f64 / known_pixels } else { BYTES_PER_PIXEL }) as u64;
    found
}
