//! Generated pictures: complete, rotated, unusual, truncated and hostile.

use std::io::Cursor;

use image::codecs::gif::{GifEncoder, Repeat};
use image::{DynamicImage, Frame, GrayImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};

use super::error::guarded;
use super::*;
use domain::Raster;

const RED: [u8; 4] = [255, 0, 0, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];
const BLUE: [u8; 4] = [0, 0, 255, 255];
const WHITE: [u8; 4] = [255; 4];

/// 48 x 32 with a color in each quarter: red, green / blue, white.
fn quarters() -> RgbImage {
    RgbImage::from_fn(48, 32, |x, y| {
        let [red, green, blue, _] = match (x < 24, y < 16) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => WHITE,
        };
        Rgb([red, green, blue])
    })
}

fn written(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.into().write_to(&mut out, format).expect("encode");
    out.into_inner()
}

fn full(bytes: &[u8]) -> Decoded {
    decode(bytes, DecodeRequest::default()).expect("decode")
}

/// The nearest of the four colors in the middle of each quarter: top left, top right, bottom left, bottom right.
fn corners(raster: &Raster) -> [[u8; 4]; 4] {
    let (width, height) = (raster.width(), raster.height());
    [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| {
        let pixel = raster.pixel(width * x / 4, height * y / 4).expect("inside");
        let distance =
            |color: &[u8; 4]| -> u32 { color.iter().zip(pixel).map(|(a, b)| u32::from(a.abs_diff(b))).sum() };
        [RED, GREEN, BLUE, WHITE].into_iter().min_by_key(distance).expect("one")
    })
}

/// A JPEG of [`quarters`] with an EXIF block that holds nothing but the orientation.
fn jpeg_turned(orientation: u8) -> Vec<u8> {
    let plain = written(quarters(), ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = (exif.len() + 2) as u16;
    [&plain[..2], &[0xff, 0xe1], &length.to_be_bytes(), &exif, &plain[2..]].concat()
}

#[test]
fn every_exif_orientation_comes_out_upright() {
    // What each EXIF value does to the quarters, from the standard's own table of rows and columns.
    let expected = [
        [RED, GREEN, BLUE, WHITE],
        [GREEN, RED, WHITE, BLUE],
        [WHITE, BLUE, GREEN, RED],
        [BLUE, WHITE, RED, GREEN],
        [RED, BLUE, GREEN, WHITE],
        [BLUE, RED, WHITE, GREEN],
        [WHITE, GREEN, BLUE, RED],
        [GREEN, WHITE, RED, BLUE],
    ];
    for (orientation, colors) in (1_u8..).zip(expected) {
        let bytes = jpeg_turned(orientation);
        let size = if orientation >= 5 { (32, 48) } else { (48, 32) };
        for max_side in [None, Some(24)] {
            let decoded = decode(&bytes, DecodeRequest { listed_size: size, max_side }).expect("decode");
            assert_eq!(corners(&decoded.raster), colors, "orientation {orientation}, {max_side:?}");
            assert_eq!((decoded.upright_size, decoded.is_turned), (size, orientation != 1));
            assert!(decoded.fits_listed);
        }
        assert_eq!(upright_size(&bytes, size), Ok(size));
    }
}

/// The same with the orientation stored as a LONG, as some cameras and editors do.
#[test]
fn an_orientation_stored_as_a_long_counts_like_any_other() {
    let plain = written(quarters(), ImageFormat::Jpeg);
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x04\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let length = (exif.len() + 2) as u16;
    let bytes = [&plain[..2], &[0xff, 0xe1], &length.to_be_bytes(), exif, &plain[2..]].concat();
    assert_eq!(upright_size(&bytes, (0, 0)), Ok((32, 48)));
    let decoded = full(&bytes);
    assert!(decoded.is_turned);
    assert_eq!(corners(&decoded.raster), [BLUE, RED, WHITE, GREEN]);
}

/// A HEIF file of a size, with a turn by quarters against the clock where one is requested.
fn heif(brand: &[u8; 4], (width, height): (u32, u32), turn: Option<u8>) -> Vec<u8> {
    let part = |name: &[u8; 4], body: &[u8]| [&(body.len() as u32 + 8).to_be_bytes(), name.as_slice(), body].concat();
    let place = part(b"ispe", &[[0; 4], width.to_be_bytes(), height.to_be_bytes()].concat());
    let turn = turn.map(|turn| part(b"irot", &[turn])).unwrap_or_default();
    let properties = part(b"iprp", &[part(b"ipco", &[place, turn].concat()), part(b"ipma", &[0; 12])].concat());
    let meta = part(b"meta", &[vec![0; 4], part(b"hdlr", b"\0\0\0\0\0\0\0\0pict"), properties].concat());
    let head = part(b"ftyp", &[brand.as_slice(), &[0; 4], b"mif1", brand].concat());
    [head, meta, part(b"mdat", &[7; 64])].concat()
}

#[test]
fn heic_and_avif_have_a_size_and_are_named_where_they_cannot_be_shown() {
    for (brand, label) in [(b"heic", "HEIC"), (b"avif", "AVIF")] {
        let found = probe(&heif(brand, (4_032, 3_024), None)).expect(label);
        assert_eq!((found.upright_size((0, 0)), found.kind.label), ((4_032, 3_024), label));
        assert!(!found.kind.can_be_shown() && !found.is_turned((0, 0)));
        assert_eq!(upright_size(&heif(brand, (4_032, 3_024), Some(1)), (0, 0)), Ok((3_024, 4_032)), "turned by irot");
        let error = decode(&heif(brand, (8, 8), None), DecodeRequest::default()).expect_err(label);
        assert_eq!(error, PixelError::CannotBeShown { format: label });
        assert!(error.to_string().contains(label) && error.to_string().contains("cannot show"), "{error}");
    }
    // Without a size, with one of nothing, and with boxes that lead nowhere: named all the same, and soon done with.
    let cut = &heif(b"heic", (8, 8), None)[..40];
    let odd = [b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(), &[0xff; 300]].concat();
    for bytes in [cut, &heif(b"heic", (0, 8), None), &odd, b"\xff\xff\xff\xffftypheic\0\0\0\0"] {
        let error = probe(bytes).expect_err("no size");
        assert!(matches!(error, PixelError::CannotBeShown { format: "HEIC" }), "{error:?}");
    }
}

#[test]
fn exif_is_ignored_where_the_service_ignored_it() {
    let bytes = jpeg_turned(6);
    let raw = decode(&bytes, DecodeRequest { listed_size: (48, 32), max_side: None }).expect("decode");
    assert_eq!(corners(&raw.raster), [RED, GREEN, BLUE, WHITE]);
    assert!(!raw.is_turned && raw.fits_listed);
    let neither = decode(&bytes, DecodeRequest { listed_size: (100, 10), max_side: None }).expect("decode");
    assert!(neither.is_turned && !neither.fits_listed);
    assert_eq!(upright_size(&bytes, (0, 0)), Ok((32, 48)), "without a listed size EXIF is believed");
}

#[test]
fn every_format_decodes() {
    for format in
        [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP]
    {
        let picture = if format == ImageFormat::Gif {
            DynamicImage::from(quarters()).into_rgba8().into()
        } else {
            DynamicImage::from(quarters())
        };
        let bytes = written(picture, format);
        let decoded = full(&bytes);
        assert_eq!(corners(&decoded.raster), [RED, GREEN, BLUE, WHITE], "{format:?}");
        let probe = probe(&bytes).expect("probe");
        assert_eq!((probe.width, probe.height, probe.kind.label), (48, 32, decoded.format));
    }
}

#[test]
fn gray_sixteen_bit_and_alpha() {
    let gray = GrayImage::from_pixel(20, 10, Luma([77]));
    assert_eq!(full(&written(gray.clone(), ImageFormat::Png)).raster.pixel(3, 3), Some([77, 77, 77, 255]));
    let small = decode(&written(gray, ImageFormat::Jpeg), DecodeRequest { max_side: Some(8), ..Default::default() });
    assert_eq!(small.expect("gray").raster.pixel(2, 2), Some([77, 77, 77, 255]));

    let deep = ImageBuffer::<Rgb<u16>, _>::from_pixel(20, 10, Rgb([0xffff_u16, 0x8080, 0]));
    let bytes = written(deep, ImageFormat::Png);
    for max_side in [None, Some(5)] {
        let decoded = decode(&bytes, DecodeRequest { max_side, ..Default::default() }).expect("16 bit");
        assert_eq!(decoded.raster.pixel(1, 1), Some([255, 128, 0, 255]));
    }

    // Transparent black next to opaque red must not darken the red when it is scaled.
    let glass = RgbaImage::from_fn(64, 64, |x, _| if x % 2 == 0 { Rgba(RED) } else { Rgba([0, 0, 0, 0]) });
    let bytes = written(glass, ImageFormat::Png);
    let small = decode(&bytes, DecodeRequest { max_side: Some(16), ..Default::default() }).expect("alpha");
    let [red, green, blue, alpha] = small.raster.pixel(8, 8).expect("inside");
    assert!(red > 250 && green < 5 && blue < 5 && (100..155).contains(&alpha), "{red} {green} {blue} {alpha}");
}

/// A TIFF of one uncompressed strip with four channels, photometric 5 (separated): CMYK.
fn cmyk_tiff(width: u16, height: u16, ink: [u8; 4]) -> Vec<u8> {
    let entries: [(u16, u16, u32, u32); 9] = [
        (256, 3, 1, u32::from(width)),
        (257, 3, 1, u32::from(height)),
        (258, 3, 4, 8 + 2 + 9 * 12 + 4),
        (259, 3, 1, 1),
        (262, 3, 1, 5),
        (273, 4, 1, 8 + 2 + 9 * 12 + 4 + 8),
        (277, 3, 1, 4),
        (278, 3, 1, u32::from(height)),
        (279, 4, 1, u32::from(width) * u32::from(height) * 4),
    ];
    let mut bytes = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, kind, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend([8, 0].repeat(4));
    bytes.extend(ink.repeat(usize::from(width) * usize::from(height)));
    bytes
}

#[test]
fn cmyk_is_brought_to_colors() {
    let decoded = full(&cmyk_tiff(8, 6, [0, 255, 255, 0]));
    let [red, green, blue, alpha] = decoded.raster.pixel(4, 3).expect("inside");
    assert!(red > 240 && green < 15 && blue < 15 && alpha == 255, "{red} {green} {blue}");
}

#[test]
fn an_animation_shows_its_first_picture() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder.set_repeat(Repeat::Infinite).expect("repeat");
    for color in [RED, GREEN, BLUE] {
        encoder.encode_frame(Frame::new(RgbaImage::from_pixel(12, 9, Rgba(color)))).expect("frame");
    }
    drop(encoder);
    assert_eq!(full(&bytes).raster.pixel(6, 4), Some(RED));
}

#[test]
fn scaling_keeps_the_aspect_and_never_enlarges() {
    let bytes = written(quarters(), ImageFormat::Jpeg);
    let small = decode(&bytes, DecodeRequest { listed_size: (48, 32), max_side: Some(12) }).expect("decode");
    assert_eq!((small.raster.width(), small.raster.height()), (12, 8));
    assert_eq!(small.upright_size, (48, 32));
    let large = decode(&bytes, DecodeRequest { listed_size: (48, 32), max_side: Some(512) }).expect("decode");
    assert_eq!((large.raster.width(), large.raster.height()), (48, 32));
    assert_eq!(fit_within(10_000, 3, 100), (100, 1));
    assert_eq!(scale_to_fit(large.raster, 24).width(), 24);
}

#[test]
fn a_hostile_header_allocates_nothing() {
    let mut png = written(quarters(), ImageFormat::Png);
    png[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    let error = decode(&png, DecodeRequest::default()).expect_err("too large");
    assert_eq!(error, PixelError::TooLarge { width: 60_000, height: 60_000 });
    assert_eq!(probe(&png).map(|probe| (probe.width, probe.height)), Ok((60_000, 60_000)));

    // Within the sides, beyond the pixels.
    let limits = Limits { max_side: 100, max_pixels: 1_000, max_bytes: 1 << 20 };
    let bytes = written(quarters(), ImageFormat::Png);
    let error = decode_within(&bytes, DecodeRequest::default(), &limits).expect_err("too many pixels");
    assert_eq!(error, PixelError::TooLarge { width: 48, height: 32 });
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1));
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)))
}

#[test]
fn cut_off_files_are_errors() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP] {
        let whole = written(DynamicImage::from(quarters()), format);
        for length in [whole.len() / 2, whole.len() * 3 / 4, 12] {
            let result = decode(&whole[..length], DecodeRequest::default());
            assert!(result.is_err(), "{format:?} cut to {length} of {}", whole.len());
        }
    }
    let jpeg = written(quarters(), ImageFormat::Jpeg);
    let cut = decode(&jpeg[..jpeg.len() - 10], DecodeRequest::default());
    assert_eq!(cut.expect_err("cut"), PixelError::Truncated { format: "JPEG" });
    let padded = [&jpeg[..], &[0; 100]].concat();
    assert!(decode(&padded, DecodeRequest::default()).is_ok(), "bytes after the end do no harm");
}

#[test]
fn garbage_is_an_error() {
    assert_eq!(decode(b"", DecodeRequest::default()).expect_err("empty"), PixelError::Empty);
    let page = decode(b"<html>403</html>", DecodeRequest::default());
    assert_eq!(page.expect_err("page"), PixelError::UnknownFormat);
    // The right first bytes, then noise.
    let mut random = fastrand::Rng::with_seed(7);
    for head in [&b"\xff\xd8\xff\xe0"[..], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"RIFF\x10\0\0\0WEBPVP8 "] {
        for _ in 0..40 {
            let noise: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(400).collect();
            let limits = Limits { max_side: 4_000, max_pixels: 1_000_000, max_bytes: 1 << 24 };
            let result = decode_within(&[head, &noise].concat(), DecodeRequest::default(), &limits);
            assert!(result.is_err(), "{head:?}");
        }
    }
}

#[test]
fn a_panic_of_a_decoder_is_an_error() {
    assert!(!is_guarded());
    let error = guarded::<()>(|| {
        assert!(is_guarded(), "the panic hook can tell that it is no crash");
        panic!("index out of bounds")
    });
    let error = error.expect_err("panic");
    assert!(!is_guarded());
    assert_eq!(error, PixelError::Panicked { reason: "index out of bounds".to_owned() });
}

#[test]
fn what_is_encoded_decodes_again() {
    let raster = full(&written(quarters(), ImageFormat::Png)).raster;
    assert_eq!(full(&encode_png(&raster).expect("png")).raster, raster);
    let jpeg = full(&encode_jpeg(&raster, 90).expect("jpeg"));
    assert_eq!((corners(&jpeg.raster), jpeg.format), ([RED, GREEN, BLUE, WHITE], "JPEG"));
}

mod hostile;
mod kinds;
