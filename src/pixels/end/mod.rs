//! Whether a picture's file goes to the picture's end. A service, a proxy or a disk can hand out half a file with the
//! right first bytes and a length that agrees; only the format itself says where it ends.
//!
//! Nothing is decoded for it, with one exception: a JPEG without its end marker may still have every pixel, and only
//! decoding shows that (see [`jpeg`]). Bytes behind the end are no fault: telephones put films and second pictures there.

mod blocks;
mod boxes;
pub(super) mod jpeg;
mod tiff;

use super::container;
use super::decode::guarded;
use super::error::PixelError;
use super::limits::Limits;
use super::sniff::sniff;

/// How much of a picture is in its file, when nothing of the picture is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// The file has its end.
    Ended,
    /// A JPEG that has every pixel and lacks nothing but the marker at its end.
    WithoutEndMarker,
}

/// Looks whether the file of a picture is whole.
///
/// # Errors
/// [`PixelError::Empty`] and [`PixelError::UnknownFormat`] for what is no picture, [`PixelError::Truncated`] for one that
/// ends too early, [`PixelError::Broken`] where the parts of the file contradict each other. Never a panic.
pub fn check_whole(bytes: &[u8]) -> Result<Whole, PixelError> {
    if bytes.is_empty() {
        return Err(PixelError::Empty);
    }
    let kind = sniff(bytes).ok_or(PixelError::UnknownFormat)?;
    let truncated = PixelError::Truncated { format: kind.label };
    let ended = |is_whole: bool| if is_whole { Ok(Whole::Ended) } else { Err(truncated.clone()) };
    guarded(|| match kind.label {
        "JPEG" => match jpeg::picture(bytes, &Limits::default()) {
            Some(jpeg::Picture { lacks_end: true, .. }) => Ok(Whole::WithoutEndMarker),
            found => ended(found.is_some()),
        },
        "PNG" => ended(blocks::png(bytes)),
        "GIF" => ended(blocks::gif(bytes)),
        "BMP" => ended(blocks::bmp(bytes)),
        "TIFF" => tiff::check(bytes, kind).map(|()| Whole::Ended),
        "WebP" => container::webp(bytes, kind).and_then(|file| ended(container::has_webp_picture(file))),
        _ => ended(boxes::has_picture(bytes)),
    })
}

/// Whether a JPEG has no marker at its end. That alone does not say that anything else is missing, and takes no decoding
/// to find out.
pub fn lacks_end_marker(bytes: &[u8]) -> bool {
    sniff(bytes).is_some_and(|kind| kind.label == "JPEG") && !jpeg::has_end(bytes)
}

/// A number of `width` bytes, the most significant first.
fn big(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let part = bytes.get(at..)?.get(..width)?;
    Some(part.iter().fold(0, |number, &byte| number << 8 | usize::from(byte)))
}

#[cfg(test)]
mod tests;
