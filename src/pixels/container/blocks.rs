//! The ends of PNG, GIF, BMP and TIFF, and of files of boxes: HEIC, AVIF, JPEG 2000 and JPEG XL.

use std::io::{Cursor, ErrorKind};

use tiff::TiffError;
use tiff::decoder::{Decoder, Limits};
use tiff::tags::Tag;

use crate::error::{PixelError, plain};
use crate::sniff::PictureKind;

/// Whether a PNG has pixels and its last chunk. Each chunk is length, name, body and check sum.
pub(super) fn png(bytes: &[u8]) -> bool {
    let (mut at, mut has_pixels) = (8_usize, false);
    while let (Some(length), Some(name)) = (big(bytes, at, 4), bytes.get(at + 4..at + 8)) {
        let end = at.saturating_add(12).saturating_add(length);
        if end > bytes.len() {
            return false;
        }
        match name {
            b"IDAT" => has_pixels = true,
            b"IEND" => return has_pixels,
            _ => {}
        }
        at = end;
    }
    false
}

/// Whether a GIF has a picture and its trailer.
pub(super) fn gif(bytes: &[u8]) -> bool {
    walk_gif(bytes).unwrap_or(false)
}

/// `None` where the file ends within a block.
fn walk_gif(bytes: &[u8]) -> Option<bool> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + table(*bytes.get(10)?);
    let mut has_picture = false;
    loop {
        match bytes.get(at)? {
            b';' => return Some(has_picture),
            // A picture: place, size and flags, its own colors, and the width of the first code.
            b',' => {
                has_picture = true;
                at = past_blocks(bytes, at + 11 + table(*bytes.get(at + 9)?))?;
            }
            // An extension and its name.
            b'!' => at = past_blocks(bytes, at + 2)?,
            // Some writers fill up between blocks.
            0 => at += 1,
            _ => return Some(false),
        }
    }
}

/// The place behind a row of blocks, each with its length before it; one of length 0 ends it.
fn past_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

/// Whether a BMP has all its lines. The size that its header states of the file is often wrong; width, height and depth
/// are not.
pub(super) fn bmp(bytes: &[u8]) -> bool {
    bmp_needs(bytes).is_some_and(|needed| bytes.len() as u64 >= needed)
}

/// The bytes up to the end of the pixels.
fn bmp_needs(bytes: &[u8]) -> Option<u64> {
    let number = |at: usize, width: usize| {
        let part = bytes.get(at..)?.get(..width)?;
        Some(part.iter().rev().fold(0_u64, |number, &byte| number << 8 | u64::from(byte)))
    };
    let side = |at| Some(u64::from((number(at, 4)? as u32 as i32).unsigned_abs()));
    let (file, pixels_at) = (number(2, 4)?, number(10, 4)?);
    let is_first_version = number(14, 4)? == 12;
    let (width, height, depth, compression, stated) = match is_first_version {
        true => (number(18, 2)?, number(20, 2)?, number(24, 2)?, 0, 0),
        false => (side(18)?, side(22)?, number(28, 2)?, number(30, 4)?, number(34, 4)?),
    };
    let pixels = match compression {
        // Uncompressed, with or without masks. Lines are filled up to four bytes; the last need not be.
        0 | 3 | 6 => {
            let bits = width.checked_mul(depth)?;
            let line = bits.div_ceil(32).checked_mul(4)?;
            line.checked_mul(height.saturating_sub(1))?.checked_add(bits.div_ceil(8))?
        }
        _ if stated > 0 => stated,
        _ => file.saturating_sub(pixels_at),
    };
    pixels_at.checked_add(pixels)
}

/// Boxes that hold the coded picture.
const DATA: [&[u8]; 4] = [b"mdat", b"jp2c", b"jxlc", b"jxlp"];

/// Whether the boxes up to the coded picture are there to their ends. What is behind it is the maker's own.
pub(super) fn has_boxes(bytes: &[u8]) -> bool {
    if bytes.starts_with(&[0xff, 0x4f]) {
        // A bare JPEG 2000 stream ends like a JPEG.
        return bytes.trim_ascii_end().strip_suffix(&[0]).unwrap_or(bytes).ends_with(&[0xff, 0xd9])
            || bytes.ends_with(&[0xff, 0xd9]);
    }
    let (mut at, mut has_data) = (0_usize, false);
    while let (Some(size), Some(name)) = (big(bytes, at, 4), bytes.get(at + 4..at + 8)) {
        let (head, size) = match size {
            // To the end of the file.
            0 => (8, bytes.len() - at),
            1 => (16, big(bytes, at + 8, 8).unwrap_or(0)),
            size => (8, size),
        };
        if size < head || size > bytes.len() - at {
            return has_data;
        }
        has_data |= DATA.contains(&name) && size > head;
        at += size;
    }
    has_data
}

/// Pictures of a file that are looked at.
const MOST_PICTURES: usize = 4_096;

/// Whether a TIFF has its strips and tiles, which can be anywhere: its directories say where.
///
/// # Errors
/// When a directory, a strip or a tile reaches beyond the end of the file, or the directories cannot be read.
pub(super) fn check_tiff(bytes: &[u8], kind: PictureKind) -> Result<(), PixelError> {
    match walk_tiff(bytes) {
        Ok(true) => Ok(()),
        Ok(false) => Err(PixelError::Truncated { format: kind.label }),
        Err(TiffError::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(PixelError::Truncated { format: kind.label })
        }
        // No sign that anything is missing.
        Err(TiffError::UnsupportedError(_)) => Ok(()),
        Err(error) => Err(PixelError::Broken { format: kind.label, reason: plain(&error) }),
    }
}

fn walk_tiff(bytes: &[u8]) -> Result<bool, TiffError> {
    let mut limits = Limits::default();
    // Offsets and lengths are in the file themselves.
    limits.ifd_value_size = bytes.len().saturating_mul(2);
    let mut decoder = Decoder::new(Cursor::new(bytes))?.with_limits(limits);
    for _ in 0..MOST_PICTURES {
        for (offsets, lengths) in [(Tag::StripOffsets, Tag::StripByteCounts), (Tag::TileOffsets, Tag::TileByteCounts)] {
            let offsets = decoder.find_tag_unsigned_vec::<u64>(offsets)?.unwrap_or_default();
            let lengths = decoder.find_tag_unsigned_vec::<u64>(lengths)?.unwrap_or_default();
            let end = offsets.iter().zip(&lengths).map(|(at, length)| at.saturating_add(*length)).max();
            if end.is_some_and(|end| end > bytes.len() as u64) {
                return Ok(false);
            }
        }
        if !decoder.more_images() {
            break;
        }
        decoder.next_image()?;
    }
    Ok(true)
}

/// A number of `width` bytes, the most significant first.
pub(super) fn big(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let part = bytes.get(at..)?.get(..width)?;
    Some(part.iter().fold(0, |number, &byte| number << 8 | usize::from(byte)))
}
