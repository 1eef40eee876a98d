//! What kind of picture a file is, by its first bytes: the service gives neither a name nor a type that can be trusted.

use image::ImageFormat;

/// A kind of picture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The extension of its files, without the dot: `jpg`, `png`, ...
    pub extension: &'static str,
    /// Its name for people: `JPEG`, `PNG`, ...
    pub label: &'static str,
    pub(super) format: ImageFormat,
}

const fn kind(extension: &'static str, label: &'static str, format: ImageFormat) -> Kind {
    Kind { extension, label, format }
}

const JPEG: Kind = kind("jpg", "JPEG", ImageFormat::Jpeg);
const PNG: Kind = kind("png", "PNG", ImageFormat::Png);
const GIF: Kind = kind("gif", "GIF", ImageFormat::Gif);
const BMP: Kind = kind("bmp", "BMP", ImageFormat::Bmp);
const TIFF: Kind = kind("tif", "TIFF", ImageFormat::Tiff);
const WEBP: Kind = kind("webp", "WebP", ImageFormat::WebP);

/// The kind of picture that the bytes begin as; `None` when they are none of the six that are known.
pub fn sniff(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(JPEG),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(PNG),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(GIF),
        // "BM" alone begins many texts: the reserved bytes are 0 in every BMP.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(BMP),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(TIFF),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(WEBP),
        _ => None,
    }
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
}
