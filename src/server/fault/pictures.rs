//! Hostile pictures: they announce too much, never end, or are not pictures.

use bytes::Bytes;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostilePicture {
    /// A PNG of 60,000 x 60,000 pixels in about 200 kB.
    HugePng,
    /// A GIF of 65,535 x 65,535 pixels in a few bytes.
    HugeGif,
    /// A PNG whose first chunk announces two gigabytes.
    EndlessChunk,
    /// A body that begins like a PNG and never ends.
    Endless,
    Text,
    Empty,
    /// The first half of the real one.
    Truncated,
}

const PNG_SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
const HUGE_SIDE: u32 = 60_000;
/// Bytes of the huge PNG's pixels as sent.
const HUGE_BYTES: usize = 200_000;

impl HostilePicture {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "huge-png" => Self::HugePng,
            "huge-gif" => Self::HugeGif,
            "endless-chunk" => Self::EndlessChunk,
            "endless" => Self::Endless,
            "text" => Self::Text,
            "empty" => Self::Empty,
            "truncated" => Self::Truncated,
            _ => return None,
        })
    }

    /// The file; of the endless one its beginning.
    pub(super) fn file(self, real: &Bytes) -> Bytes {
        match self {
            Self::HugePng => huge_png(),
            Self::HugeGif => Bytes::from_static(&HUGE_GIF),
            Self::EndlessChunk => {
                let mut file = png_start(640, 480);
                file.extend_from_slice(&0x7fff_ffff_u32.to_be_bytes());
                file.extend_from_slice(b"tEXtno end in sight");
                file.into()
            }
            Self::Endless => png_start(640, 480).into(),
            Self::Text => Bytes::from_static(b"This is not a picture.\n"),
            Self::Empty => Bytes::new(),
            Self::Truncated => real.slice(..real.len() / 2),
        }
    }
}

/// Header, one frame of the full size, the smallest possible data.
const HUGE_GIF: [u8; 34] = [
    b'G', b'I', b'F', b'8', b'9', b'a', 0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, // screen, two colors
    0, 0, 0, 0xff, 0xff, 0xff, // black and white
    0x2c, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, // the frame
    2, 2, 0x4c, 0x01, 0, // two bytes of pixels
];

fn huge_png() -> Bytes {
    let mut file = png_start(HUGE_SIDE, HUGE_SIDE);
    chunk(*b"IDAT", &zeros(HUGE_BYTES), &mut file);
    chunk(*b"IEND", &[], &mut file);
    file.into()
}

/// Signature and header of an RGB picture with 8 bits a channel.
fn png_start(width: u32, height: u32) -> Vec<u8> {
    let mut file = PNG_SIGNATURE.to_vec();
    let header = [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    chunk(*b"IHDR", &header, &mut file);
    file
}

fn chunk(name: [u8; 4], data: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(data.len() as u32).to_be_bytes());
    let from = out.len();
    out.extend_from_slice(&name);
    out.extend_from_slice(data);
    let sum = crc(&out[from..]);
    out.extend_from_slice(&sum.to_be_bytes());
}

/// A zlib stream of zeros, `bytes` long itself: a literal zero, then "258 more of the same" (a run of thirteen bits)
/// over and over. It inflates to a hundred and sixty times its size before it breaks off.
fn zeros(bytes: usize) -> Vec<u8> {
    let mut out = vec![0x78, 0x9c];
    let (mut pending, mut count) = (0_u32, 0);
    let mut push = |bits: u32, length: u32, out: &mut Vec<u8>| {
        pending |= bits << count;
        count += length;
        while count >= 8 {
            out.push(pending as u8);
            pending >>= 8;
            count -= 8;
        }
    };
    // The last block, with the fixed codes; a literal 0 is 0011_0000 and length 258 is 1100_0101, sent top bit first.
    push(0b011, 3, &mut out);
    push(0b0000_1100, 8, &mut out);
    while out.len() < bytes {
        push(0b1010_0011, 8, &mut out);
        push(0, 5, &mut out);
    }
    out
}

/// The check sum of a chunk (CRC-32 of ISO 3309). Bit by bit: it is made once a picture.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pixels;

    #[test]
    fn huge_pictures_announce_their_size_in_few_bytes() {
        let real = Bytes::from_static(b"0123");
        let png = HostilePicture::HugePng.file(&real);
        assert!((200_000..201_000).contains(&png.len()), "{}", png.len());
        let probe = pixels::probe(&png).expect("a PNG by its header");
        assert_eq!((probe.width, probe.height), (60_000, 60_000));
        let gif = HostilePicture::HugeGif.file(&real);
        let probe = pixels::probe(&gif).expect("a GIF by its header");
        assert_eq!((probe.width, probe.height), (65_535, 65_535));
        assert_eq!(HostilePicture::Truncated.file(&real), b"01"[..]);
    }

    #[test]
    fn check_sums_are_those_of_png() {
        // The end of every PNG there is.
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }
}
