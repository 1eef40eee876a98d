//! The end of HEIC, AVIF, JPEG 2000 and JPEG XL: files of boxes, each with its length and name before it.

use super::big;

/// Boxes that hold the coded picture.
const DATA: [&[u8]; 4] = [b"mdat", b"jp2c", b"jxlc", b"jxlp"];

/// Whether the boxes up to the coded picture are there to their ends. What is behind it is the maker's own.
pub(super) fn has_picture(bytes: &[u8]) -> bool {
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
