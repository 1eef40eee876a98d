//! Where a JPEG ends. It is walked from the front, segment by segment, to the first end marker behind a scan: what
//! is behind it (the film of a motion photo, further pictures of an MPO, padding) is not looked at.
//!
//! A file that breaks off a few bytes before that marker may still have every pixel. Decoders do not say so: they fill
//! what is missing with gray or with zeros. So the picture is decoded as if it ended here, and again as if other bits
//! followed, several kinds of them. A pixel whose bits are missing takes them from the following data and is decoded
//! differently; if no pixel does, none is missing. A progressive JPEG must besides have a scan for each coefficient
//! down to its last bit, since a missing scan leaves no pixel empty.

use std::borrow::Cow;

use memchr::memchr;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::blocks::big;
use crate::error::Limits;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
/// Bits that could follow: each begins differently, so that none of them can continue every code by chance. No 0xff,
/// which would begin a marker.
const CONTINUATIONS: [[u8; 4]; 3] = [[0x55, 0x3c, 0xa7, 0x91], [0xaa, 0xd2, 0x4b, 0x6e], [0xfe, 0x0f, 0x95, 0x78]];
/// How often a continuation is repeated: enough for some blocks.
const REPEATED: usize = 16;

/// The first picture of a file.
pub(crate) struct Picture<'a> {
    /// The file up to its end marker, which is put there where it is missing.
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Whether the file has every pixel and lacks its end marker.
    pub(crate) lacks_end: bool,
}

/// The first picture of a file, when nothing of it is missing. What is over the limits is not decoded to find out.
pub(crate) fn picture<'a>(bytes: &'a [u8], limits: &Limits) -> Option<Picture<'a>> {
    let walk = Walk::of(bytes);
    if let Some(end) = walk.end {
        return Some(Picture { bytes: Cow::Borrowed(bytes.get(..end)?), lacks_end: false });
    }
    let data = without_padding(bytes);
    let is_whole = walk.has_all_scans() && has_all_pixels(data, limits);
    is_whole.then(|| Picture { bytes: Cow::Owned([data, &[0xff, EOI]].concat()), lacks_end: true })
}

/// Whether the end marker is there.
pub(super) fn has_end(bytes: &[u8]) -> bool {
    Walk::of(bytes).end.is_some()
}

/// What the markers of a file say.
#[derive(Default)]
struct Walk {
    /// The place behind the first end marker that follows a scan.
    end: Option<usize>,
    /// The components of the frame, and of each coefficient the lowest bit that has come; none has at first.
    components: Vec<(u8, [u8; 64])>,
    is_progressive: bool,
    has_scan: bool,
}

impl Walk {
    fn of(bytes: &[u8]) -> Self {
        let mut walk = Self::default();
        let mut at = 2;
        while let Some(found) = memchr(0xff, bytes.get(at..).unwrap_or_default()) {
            at += found + 1;
            match bytes.get(at).copied() {
                None => break,
                // Filling, of which the last begins the marker.
                Some(0xff) => {}
                Some(EOI) if walk.has_scan => {
                    walk.end = Some(at + 1);
                    break;
                }
                // Data of a scan, and markers without a body.
                Some(0 | 1 | 0xd0..=0xd7 | SOI | EOI) => at += 1,
                Some(marker) => match big(bytes, at + 1, 2) {
                    Some(length @ 2..) => {
                        let Some(body) = bytes.get(at + 3..at + 1 + length) else { break };
                        walk.note(marker, body);
                        at += 1 + length;
                    }
                    Some(_) => at += 1,
                    None => break,
                },
            }
        }
        walk
    }

    fn note(&mut self, marker: u8, body: &[u8]) {
        match marker {
            // Baseline, extended and progressive: the others have no decoder here.
            0xc0..=0xc2 => {
                self.is_progressive = marker == 0xc2;
                let parts = body.get(6..).unwrap_or_default().as_chunks::<3>().0;
                self.components = parts.iter().map(|part| (part[0], [u8::MAX; 64])).collect();
            }
            SOS => {
                self.has_scan = true;
                self.note_scan(body);
            }
            _ => {}
        }
    }

    /// A scan's head: the number of its components, two bytes for each, the coefficients, and their bits.
    fn note_scan(&mut self, body: &[u8]) {
        let count = body.first().copied().map_or(0, usize::from);
        let (Some(parts), Some(&[first, last, bits])) =
            (body.get(1..1 + 2 * count), body.get(1 + 2 * count..).and_then(<[u8]>::first_chunk))
        else {
            return;
        };
        let (range, lowest) = match self.is_progressive {
            true => (usize::from(first)..usize::from(last) + 1, bits & 15),
            false => (0..64, 0),
        };
        for part in parts.as_chunks::<2>().0 {
            for (_, has) in self.components.iter_mut().filter(|(id, _)| *id == part[0]) {
                has.get_mut(range.clone()).unwrap_or_default().fill(lowest);
            }
        }
    }

    fn has_all_scans(&self) -> bool {
        !self.components.is_empty() && self.components.iter().all(|(_, has)| has.iter().all(|&lowest| lowest == 0))
    }
}

/// The file without zeros at its end: what a broken download leaves in a file that was made in its full length.
fn without_padding(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    match bytes.get(..end).unwrap_or(bytes) {
        // The last byte of a scan may be 0xff, which a zero follows; alone it is half a marker.
        [data @ .., 0xff] => bytes.get(..end + 1).unwrap_or(data),
        data => data,
    }
}

fn has_all_pixels(data: &[u8], limits: &Limits) -> bool {
    let as_it_is = decoded(data, &[], limits);
    as_it_is.is_some() && CONTINUATIONS.iter().all(|next| decoded(data, &next.repeat(REPEATED), limits) == as_it_is)
}

/// The pixels of a file that continues with `next` and then ends.
fn decoded(data: &[u8], next: &[u8], limits: &Limits) -> Option<Vec<u8>> {
    let bytes = [data, next, &[0xff, EOI]].concat();
    let side = usize::try_from(limits.max_side).unwrap_or(usize::MAX);
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(side).set_max_height(side);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let (width, height) = decoder.dimensions()?;
    let pixels = width as u64 * height as u64;
    if pixels > limits.max_pixels || pixels * 4 > limits.max_bytes {
        return None;
    }
    let wanted = match decoder.input_colorspace()? {
        gray @ ColorSpace::Luma => gray,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(wanted));
    decoder.decode().ok()
}
