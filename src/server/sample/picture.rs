//! The three files of an image: thumbnail, resized and original, as JPEG.

use super::paint::paint;
use super::scene::{Recipe, Scene};
use crate::ServerError;
use domain::{BlobKind, Raster};

/// Longest side of a thumbnail. The service's own is not documented.
const THUMBNAIL_SIDE: u32 = 320;
const QUALITY: u8 = 88;

pub(super) fn jpeg(recipe: Recipe, image: usize, kind: BlobKind) -> Result<Vec<u8>, ServerError> {
    let scene = recipe.scene(image);
    let (width, height) = size_of(&scene, kind);
    let raster = paint(&scene, width, height, recipe.seed() ^ image as u64).ok_or(ServerError::Picture)?;
    let is_turned = scene.is_turned && kind != BlobKind::Thumbnail;
    let raster = if is_turned { turned(&raster).ok_or(ServerError::Picture)? } else { raster };
    let file = pixels::encode_jpeg(&raster, QUALITY).map_err(|_| ServerError::Picture)?;
    Ok(if is_turned { with_orientation_6(&file) } else { file })
}

/// Upright width and height of a file.
pub(super) fn size_of(scene: &Scene, kind: BlobKind) -> (u32, u32) {
    match kind {
        BlobKind::Resized => (scene.width, scene.height),
        BlobKind::Original => (scene.width * scene.original_scale, scene.height * scene.original_scale),
        BlobKind::Thumbnail => {
            let long = scene.width.max(scene.height);
            let side = |value: u32| (value * THUMBNAIL_SIDE).div_ceil(long).max(1);
            (side(scene.width), side(scene.height))
        }
    }
}

/// The picture as a camera held sideways stores it: turned a quarter to the left, so that orientation 6 ("turn right
/// to show") makes it upright.
fn turned(upright: &Raster) -> Option<Raster> {
    let (width, height) = (upright.width(), upright.height());
    let mut pixels = Vec::with_capacity(upright.byte_count());
    for row in 0..width {
        for column in 0..height {
            pixels.extend_from_slice(&upright.pixel(width - 1 - row, column)?);
        }
    }
    Raster::new(height, width, pixels)
}

/// Puts an APP1 segment with one EXIF entry, Orientation = 6, behind the start-of-image marker.
fn with_orientation_6(file: &[u8]) -> Vec<u8> {
    const EXIF: [u8; 36] = [
        0xff, 0xe1, 0x00, 0x22, b'E', b'x', b'i', b'f', 0, 0, // APP1, 34 bytes
        b'M', b'M', 0, 42, 0, 0, 0, 8, // big-endian TIFF, first directory at 8
        0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, // one entry: Orientation, SHORT, 1 value, 6
        0, 0, 0, 0, // no further directory
    ];
    let (start, rest) = file.split_at(file.len().min(2));
    [start, &EXIF, rest].concat()
}
