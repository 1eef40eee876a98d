//! The orientation in a file's EXIF.
//!
//! The `image` crate reads it only where it is stored as a SHORT, as the standard says. Cameras and editors also write
//! LONG and BYTE, and viewers follow those; the EXIF crate reads all three.

use ::exif::{In, Reader, Tag};
use image::ImageDecoder;
use image::metadata::Orientation;

/// How the file says that its pixels are to be turned. Without EXIF, or with a value that means nothing: not at all.
pub(super) fn orientation(decoder: &mut impl ImageDecoder) -> Orientation {
    // First, because the decoder of JPEG parses the header for it again, and then knows the orientation as well.
    let chunk = decoder.exif_metadata().ok().flatten();
    match decoder.orientation() {
        Ok(Orientation::NoTransforms) | Err(_) => chunk.and_then(read).unwrap_or(Orientation::NoTransforms),
        Ok(known) => known,
    }
}

/// The same of the EXIF itself, as it is in a file.
pub(super) fn orientation_of(chunk: Option<&Vec<u8>>) -> Orientation {
    let known =
        chunk.and_then(|chunk| Orientation::from_exif_chunk(chunk)).filter(|&known| known != Orientation::NoTransforms);
    known.or_else(|| chunk.cloned().and_then(read)).unwrap_or(Orientation::NoTransforms)
}

fn read(chunk: Vec<u8>) -> Option<Orientation> {
    // Some writers keep the prefix of JPEG in other formats.
    let chunk = chunk.strip_prefix(b"Exif\0\0").map(<[u8]>::to_vec).unwrap_or(chunk);
    // A damaged field elsewhere does not matter.
    let exif = Reader::new().continue_on_error(true).read_raw(chunk);
    let exif = exif.or_else(|error| error.distill_partial_result(|_| {})).ok()?;
    let value = exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
    Orientation::from_exif(u8::try_from(value).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EXIF with nothing but an orientation of a type, and behind it a field that points nowhere.
    fn chunk(kind: u16, value: [u8; 4]) -> Vec<u8> {
        let head = b"MM\0*\0\0\0\x08\0\x02\x01\x12".as_slice();
        let lost = b"\x01\x0e\0\x02\0\0\0\x40\x7f\xff\xff\xff".as_slice();
        [head, &kind.to_be_bytes(), &1_u32.to_be_bytes(), &value, lost, &[0; 4]].concat()
    }

    #[test]
    fn short_long_and_byte_mean_the_same() {
        let turned = Some(Orientation::Rotate90);
        assert_eq!(read(chunk(3, [0, 6, 0, 0])), turned, "SHORT");
        assert_eq!(read(chunk(4, [0, 0, 0, 6])), turned, "LONG");
        assert_eq!(read(chunk(1, [6, 0, 0, 0])), turned, "BYTE");
        assert_eq!(read([b"Exif\0\0", &*chunk(4, [0, 0, 0, 6])].concat()), turned, "with the prefix of JPEG");
        assert_eq!(read(chunk(4, [0, 0, 1, 6])), None, "262 is no orientation");
        assert_eq!(read(chunk(2, *b"six\0")), None, "a text is none");
        assert_eq!(read(b"MM\0*".to_vec()), None);
    }
}
