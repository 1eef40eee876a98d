//! Pixels back to bytes: thumbnails kept on disk, the pictures of the built-in sample project.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::error::PixelError;
use domain::Raster;

/// A JPEG of `quality` 1 to 100. Alpha is dropped.
///
/// # Errors
/// When the encoder refuses, as it does for a side over 65,535.
pub fn encode_jpeg(raster: &Raster, quality: u8) -> Result<Vec<u8>, PixelError> {
    let mut rgb = Vec::with_capacity(raster.byte_count() / 4 * 3);
    for pixel in raster.rgba().chunks_exact(4) {
        rgb.extend_from_slice(&pixel[..3]);
    }
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, quality)
        .write_image(&rgb, raster.width(), raster.height(), ExtendedColorType::Rgb8)
        .map_err(|error| PixelError::Unsupported { format: "JPEG", reason: error.to_string() })?;
    Ok(out)
}

/// A PNG with alpha.
///
/// # Errors
/// When the encoder refuses.
pub fn encode_png(raster: &Raster) -> Result<Vec<u8>, PixelError> {
    let mut out = Vec::new();
    PngEncoder::new(&mut out)
        .write_image(raster.rgba(), raster.width(), raster.height(), ExtendedColorType::Rgba8)
        .map_err(|error| PixelError::Unsupported { format: "PNG", reason: error.to_string() })?;
    Ok(out)
}
