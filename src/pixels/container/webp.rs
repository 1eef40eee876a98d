//! The chunks of a WebP.

use crate::error::PixelError;
use crate::sniff::PictureKind;

/// What [`checked`](super::checked) looks at where only the header is read, of which the bytes may be no more than the
/// beginning.
///
/// # Errors
/// When metadata are stated that are not there.
pub(crate) fn checked_head(bytes: &[u8], kind: PictureKind) -> Result<&[u8], PixelError> {
    if kind.label != "WebP" {
        return Ok(bytes);
    }
    let bytes = riff_length(bytes).and_then(|length| bytes.get(..length)).unwrap_or(bytes);
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let Some(name) = rest.get(..4) {
        match Chunks(rest).next() {
            Some(Ok((_, body))) => rest = rest.get(8 + body.len() + body.len() % 2..).unwrap_or_default(),
            _ if matches!(name, b"EXIF" | b"ICCP" | b"XMP " | b"ANIM") => {
                return Err(PixelError::Truncated { format: kind.label });
            }
            _ => break,
        }
    }
    Ok(bytes)
}

/// How long a WebP says that it is.
fn riff_length(bytes: &[u8]) -> Option<usize> {
    number(bytes, 4, 4)?.checked_add(8)
}

/// A WebP without what is behind it. The decoder believes the size of each chunk, up to 4 GiB, and that of each
/// picture, up to 16,383 pixels a side, before it compares it with the canvas.
pub(super) fn picture(bytes: &[u8], kind: PictureKind) -> Result<&[u8], PixelError> {
    let truncated = PixelError::Truncated { format: kind.label };
    let bytes = riff_length(bytes).and_then(|length| bytes.get(..length)).ok_or_else(|| truncated.clone())?;
    let mut canvas = None;
    for chunk in Chunks(bytes.get(12..).unwrap_or_default()) {
        let (name, body) = chunk.map_err(|()| truncated.clone())?;
        match name {
            b"VP8X" => {
                canvas = number(body, 4, 3).zip(number(body, 7, 3)).map(|(width, height)| (width + 1, height + 1));
            }
            // The frame's own pictures follow its 16 bytes of place, size and time.
            b"ANMF" => {
                for chunk in Chunks(body.get(16..).unwrap_or_default()) {
                    let (name, body) = chunk.map_err(|()| truncated.clone())?;
                    fits(name, body, canvas, kind)?;
                }
            }
            _ => fits(name, body, canvas, kind)?,
        }
    }
    Ok(bytes)
}

/// Whether a WebP that [`picture`] found to be in order has a picture.
pub(super) fn has_picture(bytes: &[u8]) -> bool {
    let is_picture = |name: &[u8]| matches!(name, b"VP8 " | b"VP8L" | b"ANMF");
    Chunks(bytes.get(12..).unwrap_or_default()).flatten().any(|(name, _)| is_picture(name))
}

/// Whether a bitstream's own size is within the canvas around it.
fn fits(name: &[u8], body: &[u8], canvas: Option<(usize, usize)>, kind: PictureKind) -> Result<(), PixelError> {
    let size = match name {
        b"VP8 " => number(body, 6, 2).zip(number(body, 8, 2)).map(|(width, height)| (width & 0x3fff, height & 0x3fff)),
        b"VP8L" => number(body, 1, 4).map(|bits| ((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)),
        _ => None,
    };
    match size.zip(canvas) {
        Some((size, canvas)) if size.0 > canvas.0 || size.1 > canvas.1 => {
            let reason = "a picture in it is larger than the file declares".to_owned();
            Err(PixelError::Broken { format: kind.label, reason })
        }
        _ => Ok(()),
    }
}

/// Name and body of each chunk; an `Err` where one is not whole.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<(&'a [u8], &'a [u8]), ()>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = std::mem::take(&mut self.0);
        if rest.is_empty() {
            return None;
        }
        let found = number(rest, 4, 4).and_then(|size| Some((rest.get(..4)?, rest.get(8..)?.get(..size)?, size)));
        let Some((name, body, size)) = found else { return Some(Err(())) };
        // Chunks begin at even places; the last may lack the byte that fills it up.
        self.0 = rest.get(8 + size + size % 2..).unwrap_or_default();
        Some(Ok((name, body)))
    }
}

/// A little-endian number of `width` bytes.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let part = bytes.get(at..)?.get(..width)?;
    Some(part.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte)))
}
