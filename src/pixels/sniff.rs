//! What kind of picture a file is, by its first bytes: the service gives neither a name nor a type that can be trusted.
//! And what a file is that should be a picture and is none.

use image::ImageFormat;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureKind {
    /// The extension of its files, without the dot: `jpg`, `png`, ...
    pub extension: &'static str,
    /// Its name for people: `JPEG`, `PNG`, ...
    pub label: &'static str,
    /// Its decoder; `None` for kinds that are known by name only.
    pub(super) format: Option<ImageFormat>,
}

impl PictureKind {
    /// Whether a picture of this kind can be decoded. HEIC, AVIF and JPEG 2000 can only be named, kept and copied.
    pub fn can_be_shown(self) -> bool {
        self.format.is_some()
    }
}

const fn kind(extension: &'static str, label: &'static str, format: ImageFormat) -> PictureKind {
    PictureKind { extension, label, format: Some(format) }
}

const fn named(extension: &'static str, label: &'static str) -> PictureKind {
    PictureKind { extension, label, format: None }
}

const JPEG: PictureKind = kind("jpg", "JPEG", ImageFormat::Jpeg);
const PNG: PictureKind = kind("png", "PNG", ImageFormat::Png);
const GIF: PictureKind = kind("gif", "GIF", ImageFormat::Gif);
const BMP: PictureKind = kind("bmp", "BMP", ImageFormat::Bmp);
const TIFF: PictureKind = kind("tif", "TIFF", ImageFormat::Tiff);
const WEBP: PictureKind = kind("webp", "WebP", ImageFormat::WebP);
const HEIC: PictureKind = named("heic", "HEIC");
const AVIF: PictureKind = named("avif", "AVIF");
const JPEG_2000: PictureKind = named("jp2", "JPEG 2000");
const JPEG_XL: PictureKind = named("jxl", "JPEG XL");

/// Brands of a HEIF file (ISO/IEC 23008-12 and the registry at mp4ra.org) whose pictures are coded as HEVC.
const HEIC_BRANDS: [&[u8; 4]; 8] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"];
/// The same of AV1 (AV1 Image File Format).
const AVIF_BRANDS: [&[u8; 4]; 3] = [b"avif", b"avis", b"avio"];
/// Brands that leave the coding open.
const OPEN_BRANDS: [&[u8; 4]; 4] = [b"mif1", b"msf1", b"mif2", b"miaf"];
/// Brands that are read at most.
const MOST_BRANDS: usize = 32;

/// The kind of picture that the bytes begin as; `None` when they are none that is known.
pub fn sniff(bytes: &[u8]) -> Option<PictureKind> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(JPEG),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(PNG),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(GIF),
        // "BM" alone begins many texts: the reserved bytes are 0 in every BMP.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(BMP),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(TIFF),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(WEBP),
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', b'\r', b'\n', 0x87, b'\n', ..] => Some(JPEG_2000),
        [0xff, 0x4f, 0xff, 0x51, ..] => Some(JPEG_2000),
        [0, 0, 0, 12, b'J', b'X', b'L', b' ', b'\r', b'\n', 0x87, b'\n', ..] => Some(JPEG_XL),
        [a, b, c, d, b'f', b't', b'y', b'p', rest @ ..] => heif(u32::from_be_bytes([*a, *b, *c, *d]), rest),
        _ => None,
    }
}

/// The kind of a HEIF file by its brands: the main one, then the compatible ones behind the version. Films begin with
/// the same box and other brands.
fn heif(size: u32, rest: &[u8]) -> Option<PictureKind> {
    let inside = usize::try_from(size).unwrap_or(usize::MAX).saturating_sub(8).min(rest.len());
    let brands = || rest[..inside].as_chunks::<4>().0.iter().take(MOST_BRANDS).enumerate();
    let has_any = |known: &[&[u8; 4]]| brands().any(|(at, brand)| at != 1 && known.contains(&brand));
    match () {
        () if has_any(&AVIF_BRANDS) => Some(AVIF),
        () if has_any(&HEIC_BRANDS) || has_any(&OPEN_BRANDS) => Some(HEIC),
        () => None,
    }
}

/// Bytes that [`foreign`] looks at.
pub const FOREIGN_START: u64 = START as u64;
const START: usize = 512;

/// What the bytes are instead of a picture, in words; `None` when they may be a kind of picture that is not known here.
pub fn foreign(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [] => Some("the file is empty"),
        [0x1f, 0x8b, ..] => Some("it is compressed data (gzip), not a picture"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("it is compressed data (zstd), not a picture"),
        _ if is_text(&bytes[..bytes.len().min(START)]) => Some("it is text or a web page, not a picture"),
        _ => None,
    }
}

/// Whether the bytes are UTF-8 without control characters other than white space. The last character may be cut.
fn is_text(start: &[u8]) -> bool {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && text.chars().all(|letter| !letter.is_control() || letter.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_known_by_its_first_bytes() {
        let label = |bytes: &[u8]| sniff(bytes).map(|kind| (kind.label, kind.extension));
        assert_eq!(label(b"\xff\xd8\xff\xe0"), Some(("JPEG", "jpg")));
        assert_eq!(label(b"\x89PNG\r\n\x1a\n"), Some(("PNG", "png")));
        assert_eq!(label(b"GIF89a..."), Some(("GIF", "gif")));
        assert_eq!(label(b"BM\x10\x20\x00\x00\x00\x00\x00\x00"), Some(("BMP", "bmp")));
        assert_eq!(label(b"II*\x00"), Some(("TIFF", "tif")));
        assert_eq!(label(b"MM\x00*"), Some(("TIFF", "tif")));
        assert_eq!(label(b"RIFF\x10\x00\x00\x00WEBP"), Some(("WebP", "webp")));
        for other in [&b""[..], b"<html>", b"BMW is a car", b"RIFF\x10\x00\x00\x00WAVE", b"\xff\xd8", b"%PDF-1.7"] {
            assert_eq!(label(other), None, "{other:?}");
        }
    }

    #[test]
    fn kinds_that_cannot_be_shown_are_known_by_name() {
        let label = |bytes: &[u8]| sniff(bytes).map(|kind| (kind.label, kind.extension, kind.can_be_shown()));
        assert_eq!(label(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), Some(("HEIC", "heic", false)));
        assert_eq!(label(b"\0\0\0\x18ftypmif1\0\0\0\0mif1hevc"), Some(("HEIC", "heic", false)));
        assert_eq!(label(b"\0\0\0\x1cftypmif1\0\0\0\0mif1miafavif"), Some(("AVIF", "avif", false)));
        assert_eq!(label(b"\0\0\0\x0cjP  \r\n\x87\n"), Some(("JPEG 2000", "jp2", false)));
        assert_eq!(label(b"\xff\x4f\xff\x51\0"), Some(("JPEG 2000", "jp2", false)));
        assert_eq!(label(b"\0\0\0\x0cJXL \r\n\x87\n"), Some(("JPEG XL", "jxl", false)));
        // A film, a brand behind the end of the box, and the version where a brand would be.
        for other in
            [&b"\0\0\0\x18ftypmp42\0\0\0\0isommp42"[..], b"\0\0\0\x10ftypmp42\0\0\0\0heic", b"\0\0\0\x10ftypmp42heic"]
        {
            assert_eq!(label(other), None, "{other:?}");
        }
    }

    #[test]
    fn pages_texts_and_compressed_answers_are_told_apart_from_unknown_pictures() {
        let said = |bytes: &[u8]| foreign(bytes).unwrap_or_default();
        assert!(said(b"").contains("empty"));
        assert!(said(b"\x1f\x8b\x08\0\0").contains("gzip") && said(b"\x28\xb5\x2f\xfd\0").contains("zstd"));
        for text in ["<!-- sign in -->\r\n<html>", "This is not a picture.\n", "{\"error\":1}", "\u{feff}<?xml?>", "é"]
        {
            assert!(said(text.as_bytes()).contains("text"), "{text}");
        }
        let long = "ä".repeat(START);
        assert!(said(&long.as_bytes()[1..]).is_empty() && said(&long.as_bytes()[..START + 1]).contains("text"));
        for other in [&b"8BPS\0\x01\0\0"[..], b"\0\0\x01\0\x01\0", b"\xff\xd8\xff\xe0\0\x10JFIF"] {
            assert_eq!(foreign(other), None, "{other:?}");
        }
    }
}
