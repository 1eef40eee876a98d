//! The end of a TIFF, which can be anywhere: its directories say where the strips or tiles of each picture lie.

use std::io::{Cursor, ErrorKind};

use tiff::TiffError;
use tiff::decoder::{Decoder, Limits};
use tiff::tags::Tag;

use crate::error::PixelError;
use crate::sniff::Kind;

/// Pictures of a file that are looked at.
const MOST_PICTURES: usize = 4_096;

/// # Errors
/// When a directory, a strip or a tile reaches beyond the end of the file, or the directories cannot be read.
pub(super) fn check(bytes: &[u8], kind: Kind) -> Result<(), PixelError> {
    match walk(bytes) {
        Ok(true) => Ok(()),
        Ok(false) => Err(PixelError::Truncated { format: kind.label }),
        Err(TiffError::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(PixelError::Truncated { format: kind.label })
        }
        // No sign that anything is missing.
        Err(TiffError::UnsupportedError(_)) => Ok(()),
        Err(error) => Err(PixelError::Broken { format: kind.label, reason: crate::error::plain(&error) }),
    }
}

fn walk(bytes: &[u8]) -> Result<bool, TiffError> {
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
