//! Which way up. The service does not document what it does with EXIF, so the listed size decides: of the raw and the
//! turned picture, the one whose aspect is that of the listed width and height is shown; where both fit, the turned
//! one, and where neither does, the turned one with a mark.
//!
//! The `image` crate reads the orientation only where EXIF stores it as a SHORT, as the standard says. Cameras and
//! editors also write LONG and BYTE, and viewers follow those; the EXIF crate reads all three.

use ::exif::{In, Reader, Tag};
use image::ImageDecoder;
use image::metadata::Orientation;

/// How a picture is turned, and whether that fits what the service lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// What to do to the decoded pixels.
    pub(super) orientation: Orientation,
    /// Width and height afterwards.
    pub(super) upright: (u32, u32),
    /// Whether the aspect is that of the listed size; `true` when none is listed.
    pub(super) fits_listed: bool,
}

impl Turn {
    /// The turn of a picture of `raw` pixels with the EXIF `orientation` that is listed as `listed`.
    pub(super) fn choose(raw: (u32, u32), orientation: Orientation, listed: (u32, u32)) -> Self {
        let turned = if swaps_sides(orientation) { (raw.1, raw.0) } else { raw };
        if has_aspect(turned, listed) {
            Self { orientation, upright: turned, fits_listed: true }
        } else if has_aspect(raw, listed) {
            Self { orientation: Orientation::NoTransforms, upright: raw, fits_listed: true }
        } else {
            Self { orientation, upright: turned, fits_listed: false }
        }
    }

    pub(super) fn is_turned(self) -> bool {
        self.orientation != Orientation::NoTransforms
    }
}

/// Whether width becomes height.
fn swaps_sides(orientation: Orientation) -> bool {
    use Orientation as O;
    matches!(orientation, O::Rotate90 | O::Rotate270 | O::Rotate90FlipH | O::Rotate270FlipH)
}

/// Whether scaling `size` to the listed width or height gives the other one too, within the rounding of one pixel and
/// half a percent. A listed size of 0 fits everything: nothing is known.
fn has_aspect(size: (u32, u32), listed: (u32, u32)) -> bool {
    let [width, height, listed_width, listed_height] = [size.0, size.1, listed.0, listed.1].map(f64::from);
    if listed.0 == 0 || listed.1 == 0 || size.0 == 0 || size.1 == 0 {
        return true;
    }
    let is_near = |value: f64, wanted: f64| (value - wanted).abs() <= 1.0 + 0.005 * wanted;
    is_near(listed_width * height / width, listed_height) || is_near(listed_height * width / height, listed_width)
}

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

    #[test]
    fn the_listed_aspect_decides() {
        let turn = |raw, listed| Turn::choose(raw, Orientation::Rotate90, listed);
        // Listed upright: turned.
        assert_eq!(turn((4000, 3000), (675, 900)).upright, (3000, 4000));
        assert!(turn((4000, 3000), (675, 900)).fits_listed);
        // Listed raw: the service ignored EXIF, so must we.
        let raw = turn((4000, 3000), (1200, 900));
        assert_eq!((raw.upright, raw.is_turned(), raw.fits_listed), ((4000, 3000), false, true));
        // Both fit: turned.
        assert!(turn((500, 500), (500, 500)).is_turned());
        assert!(turn((500, 400), (0, 0)).is_turned() && turn((500, 400), (0, 0)).fits_listed);
        // Neither: turned, and said so.
        let neither = turn((1000, 200), (500, 500));
        assert!(neither.is_turned() && !neither.fits_listed && neither.upright == (200, 1000));
    }

    #[test]
    fn rounding_of_the_training_size_is_no_mismatch() {
        for (width, height) in [(3264_u32, 2448_u32), (4031, 3021), (1601, 37), (10_240, 111), (817, 611)] {
            let listed = domain::geometry::training_size(width, height);
            assert!(Turn::choose((width, height), Orientation::NoTransforms, listed).fits_listed, "{width} x {height}");
        }
    }

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
