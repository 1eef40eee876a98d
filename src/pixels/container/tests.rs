//! Files that are whole, cut, and with more behind their ends.

use super::*;
use crate::{DecodeRequest, decode};

macro_rules! seeds {
    ($($name:literal),+ $(,)?) => {
        [$((include_bytes!(concat!("../../../tests/it/fuzz/corpus/image/", $name)).as_slice(), $name)),+]
    };
}

/// A film such as telephones put behind a picture, with bytes in it that look like the start of a scan.
fn film() -> Vec<u8> {
    let bytes: Vec<u8> = (0..=255).collect();
    [b"MotionPhoto_Data\0\0\0\x18ftypmp42".as_slice(), &bytes.repeat(9), b"\xff\xda\x11\x22"].concat()
}

#[test]
fn every_kind_of_file_is_whole_with_and_without_more_behind_it() {
    for (bytes, name) in seeds![
        "baseline.jpg",
        "progressive.jpg",
        "420.jpg",
        "restart.jpg",
        "cmyk.jpg",
        "gray.jpg",
        "gray-progressive.jpg",
        "turned.jpg",
        "rgb.png",
        "palette.png",
        "anim.png",
        "text.png",
        "anim.gif",
        "still.gif",
        "rgb.bmp",
        "palette.bmp",
        "bit.bmp",
        "topdown.bmp",
        "rle8.bmp",
        "rgb555.bmp",
        "bitfields.bmp",
        "os2.bmp",
        "rgb.tif",
        "lzw.tif",
        "deflate.tif",
        "packbits.tif",
        "cmyk.tif",
        "turned.tif",
        "lossy.webp",
        "lossless.webp",
        "alpha.webp",
        "anim.webp",
    ] {
        assert_eq!(check_whole(bytes), Ok(Whole::Ended), "{name}");
        for behind in [film(), vec![0; 100], bytes.to_vec()] {
            let longer = [bytes, &behind].concat();
            assert_eq!(check_whole(&longer), Ok(Whole::Ended), "{name} with {} bytes behind it", behind.len());
            assert!(decode(&longer, DecodeRequest::default()).is_ok(), "{name}");
        }
    }
}

#[test]
fn half_a_file_is_not_whole() {
    for (bytes, name) in seeds![
        "baseline.jpg",
        "progressive.jpg",
        "420.jpg",
        "restart.jpg",
        "cmyk.jpg",
        "gray.jpg",
        "gray-progressive.jpg",
        "rgb.png",
        "palette.png",
        "anim.png",
        "anim.gif",
        "still.gif",
        "rgb.bmp",
        "palette.bmp",
        "bit.bmp",
        "rle8.bmp",
        "os2.bmp",
        "rgb.tif",
        "lzw.tif",
        "deflate.tif",
        "cmyk.tif",
        "lossy.webp",
        "lossless.webp",
        "anim.webp",
    ] {
        for length in [bytes.len() / 2, bytes.len() * 3 / 4, bytes.len() - 12] {
            let cut = &bytes[..length];
            let padded = [cut, &vec![0; bytes.len() - length]].concat();
            let error = check_whole(cut).expect_err(name);
            assert!(matches!(error, PixelError::Truncated { .. } | PixelError::Broken { .. }), "{name}: {error}");
            if name.ends_with(".jpg") {
                assert!(check_whole(&padded).is_err(), "{name} in its full length with zeros at the end");
            }
        }
    }
    assert_eq!(check_whole(b""), Err(PixelError::Empty));
    assert_eq!(check_whole(b"<!-- please sign in -->"), Err(PixelError::UnknownFormat));
}

/// Whatever the place at which it is cut: what counts as whole without its end marker looks like the whole file.
#[test]
fn a_jpeg_without_its_end_marker_is_whole_only_with_every_pixel() {
    for (bytes, name) in seeds![
        "baseline.jpg",
        "progressive.jpg",
        "420.jpg",
        "restart.jpg",
        "cmyk.jpg",
        "gray.jpg",
        "gray-progressive.jpg",
    ] {
        let shown = |bytes: &[u8]| decode(bytes, DecodeRequest::default());
        let whole = shown(bytes).expect(name);
        assert!(!whole.lacks_end, "{name}");
        let without = shown(&bytes[..bytes.len() - 2]).expect(name);
        assert!(without.lacks_end && without.raster == whole.raster, "{name}");
        for length in 2..bytes.len() {
            let cut = &bytes[..length];
            match check_whole(cut) {
                Ok(Whole::WithoutEndMarker) => {
                    assert!(
                        shown(cut).expect(name).raster == whole.raster,
                        "{name} cut to {length} of {}",
                        bytes.len()
                    );
                }
                Ok(Whole::Ended) => panic!("{name} has no end at {length} of {}", bytes.len()),
                Err(_) => assert!(shown(cut).is_err(), "{name} at {length}: shown with pixels that are missing"),
            }
        }
    }
}

#[test]
fn an_end_within_the_head_is_not_the_pictures() {
    // A small picture in EXIF has an end of its own.
    let [(bytes, _)] = seeds!["baseline.jpg"];
    let inner = [b"Exif\0\0".as_slice(), bytes].concat();
    let length = ((inner.len() + 2) as u16).to_be_bytes();
    let whole = [&bytes[..2], b"\xff\xe1", &length, &inner, &bytes[2..]].concat();
    assert_eq!(check_whole(&whole), Ok(Whole::Ended));
    assert!(check_whole(&whole[..inner.len() + 200]).is_err());
    // Tables without a picture.
    assert!(check_whole(b"\xff\xd8\xff\xe0\0\x02\xff\xd9").is_err());
}

#[test]
fn pictures_that_cannot_be_shown_have_ends_too() {
    let part = |name: &[u8; 4], body: &[u8]| [&(body.len() as u32 + 8).to_be_bytes(), name.as_slice(), body].concat();
    let heic = [part(b"ftyp", b"heic\0\0\0\0mif1heic"), part(b"meta", &[0; 90]), part(b"mdat", &[7; 400])].concat();
    assert_eq!(check_whole(&heic), Ok(Whole::Ended));
    assert_eq!(check_whole(&[&heic[..], b"SEFT of the maker"].concat()), Ok(Whole::Ended));
    for length in [heic.len() - 1, heic.len() - 400, 40, 12] {
        assert_eq!(check_whole(&heic[..length]), Err(PixelError::Truncated { format: "HEIC" }), "{length}");
    }
    assert_eq!(check_whole(b"\xff\x4f\xff\x51 and so on \xff\xd9"), Ok(Whole::Ended));
    assert!(check_whole(b"\xff\x4f\xff\x51 and so on").is_err());
}
