//! What an export would fetch, before it does: the pictures that are not here yet, and about how many bytes they are.

use crate::Source;
use app::ExportJob;
use app::export::Download;
use domain::{BlobKind, ImageId};
use formats::PixelChoice;

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
    let (mut pixels, mut known_pixels, mut known_bytes) = (0.0, 0.0, 0);
    for image in job.images.iter().filter_map(|&ix| job.catalogue.get(ix)) {
        let (width, height) = image.size();
        let area = f64::from(width) * f64::from(height);
        let bytes = if source.is_archive() { Some(0) } else { kept(image.id(), kind) };
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
    found.bytes = (pixels * if is_known { known_bytes as f64 / known_pixels } else { BYTES_PER_PIXEL }) as u64;
    found
}
