//! A look at a file before a decoder sees it: what its container says of itself must be true, and the file must go to
//! the picture's end. Decoders make room for a stated size first and find out later that it is not there. A service, a
//! proxy or a disk can hand out half a file with the right first bytes and a length that agrees; only the format itself
//! says where it ends.
//!
//! Nothing is decoded for it, with one exception: a JPEG without its end marker may still have every pixel, and only
//! decoding shows that (see [`jpeg`]). Bytes behind the end are no fault: telephones put films and second pictures
//! there.

mod blocks;
mod jpeg;
mod webp;

use std::borrow::Cow;

use super::error::{Limits, PixelError, guarded};
use super::sniff::{PictureKind, sniff};

use jpeg::Picture;
pub(super) use webp::checked_head;

/// The part of the file that is the picture, when what its container says of itself can be true.
///
/// # Errors
/// When a part reaches beyond the end of the file, or a picture inside is larger than the one around it.
pub(super) fn checked<'a>(bytes: &'a [u8], kind: PictureKind, limits: &Limits) -> Result<Picture<'a>, PixelError> {
    let as_it_is = |bytes| Picture { bytes: Cow::Borrowed(bytes), lacks_end: false };
    match kind.label {
        // The decoder itself fills a JPEG that was cut off with gray and says nothing.
        "JPEG" => jpeg::picture(bytes, limits).ok_or(PixelError::Truncated { format: kind.label }),
        "WebP" => webp::picture(bytes, kind).map(as_it_is),
        _ => Ok(as_it_is(bytes)),
    }
}

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
            Some(Picture { lacks_end: true, .. }) => Ok(Whole::WithoutEndMarker),
            found => ended(found.is_some()),
        },
        "PNG" => ended(blocks::png(bytes)),
        "GIF" => ended(blocks::gif(bytes)),
        "BMP" => ended(blocks::bmp(bytes)),
        "TIFF" => blocks::check_tiff(bytes, kind).map(|()| Whole::Ended),
        "WebP" => webp::picture(bytes, kind).and_then(|file| ended(webp::has_picture(file))),
        _ => ended(blocks::has_boxes(bytes)),
    })
}

/// Whether a JPEG has no marker at its end. That alone does not say that anything else is missing, and takes no
/// decoding to find out.
pub fn lacks_end_marker(bytes: &[u8]) -> bool {
    sniff(bytes).is_some_and(|kind| kind.label == "JPEG") && !jpeg::has_end(bytes)
}

#[cfg(test)]
mod tests;
