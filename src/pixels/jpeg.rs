//! The short ways for JPEG, which nearly all pictures are: no more than its header; straight to the four channels that
//! textures want; and straight to an eighth, a quarter or a half of the size where no more is needed. For a large
//! picture, the last costs a third of the time and a fraction of the memory. Anything unusual (gray, CMYK, damaged)
//! returns `None` and goes the long way, which also has the words for what is wrong.

use image::metadata::Orientation;
use image::{RgbImage, RgbaImage};
use jpeg_decoder::PixelFormat;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::orient;

/// Pictures below this many pixels are decoded whole just as fast.
const WORTH_PIXELS: u64 = 1_000_000;

/// Size and orientation of a header that is in order. The general decoder copies the file and reads the header twice
/// for them.
pub(super) fn head(bytes: &[u8]) -> Option<((u32, u32), Orientation)> {
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let (width, height) = decoder.dimensions()?;
    let size = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    Some((size, orient::orientation_of(decoder.exif())))
}

/// The whole picture, opaque, as stored (not turned). `size` is what its header says.
pub(super) fn whole(bytes: &[u8], size: (u32, u32)) -> Option<RgbaImage> {
    let most = |side: u32| usize::try_from(side).unwrap_or(usize::MAX);
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(most(size.0))
        .set_max_height(most(size.1))
        .jpeg_set_out_colorspace(ColorSpace::RGBA);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    if decoder.input_colorspace() != Some(ColorSpace::YCbCr)
        || decoder.dimensions() != Some((most(size.0), most(size.1)))
    {
        return None;
    }
    RgbaImage::from_raw(size.0, size.1, decoder.decode().ok()?)
}

/// The picture at the least of an eighth, a quarter and a half that has `max_side` pixels on its longest side, as
/// stored; `None` when half is not enough, or nothing is gained. `max_bytes` bounds what is made room for.
pub(super) fn scaled(bytes: &[u8], size: (u32, u32), max_side: u32, max_bytes: u64) -> Option<RgbImage> {
    let (width, height) = (u16::try_from(size.0).ok()?, u16::try_from(size.1).ok()?);
    let divisor = [8_u16, 4, 2].into_iter().find(|&divisor| u32::from(width.max(height) / divisor) >= max_side)?;
    if u64::from(width) * u64::from(height) < WORTH_PIXELS {
        return None;
    }
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(usize::try_from(max_bytes).unwrap_or(usize::MAX));
    decoder.read_info().ok()?;
    let info = decoder.info()?;
    if info.pixel_format != PixelFormat::RGB24 || (info.width, info.height) != (width, height) {
        return None;
    }
    let (width, height) = decoder.scale(width.div_ceil(divisor), height.div_ceil(divisor)).ok()?;
    RgbImage::from_raw(u32::from(width), u32::from(height), decoder.decode().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DecodeRequest, decode};

    /// Four colors in the quarters, with a soft edge between them.
    fn photograph(width: u32, height: u32) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, if x > y { 200 } else { 40 }])
        });
        let mut out = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut out, image::ImageFormat::Jpeg).expect("encode");
        out.into_inner()
    }

    #[test]
    fn the_short_ways_give_the_same_picture() {
        let bytes = photograph(1_603, 1_001);
        let long = image::load_from_memory(&bytes).expect("decode").to_rgba8();
        assert!(whole(&bytes, (1_603, 1_001)).expect("whole").as_raw() == long.as_raw(), "to the last bit");
        for (side, divisor) in [(200, 8), (201, 4), (400, 4), (401, 2), (801, 2)] {
            let small = scaled(&bytes, (1_603, 1_001), side, u64::MAX).expect("scaled");
            assert_eq!(small.dimensions(), (1_603_u32.div_ceil(divisor), 1_001_u32.div_ceil(divisor)), "side {side}");
            for (x, y) in [(0.1, 0.1), (0.5, 0.2), (0.2, 0.9), (0.97, 0.97)] {
                let at = |width: u32, height: u32| ((x * f64::from(width)) as u32, (y * f64::from(height)) as u32);
                let ((x, y), (far_x, far_y)) = (at(small.width(), small.height()), at(1_603, 1_001));
                let (near, far) = (small.get_pixel(x, y).0, long.get_pixel(far_x, far_y).0);
                assert!(
                    near.iter().zip(far).all(|(a, b)| a.abs_diff(b) < 8),
                    "{near:?} {far:?} at {x}, {y} by {divisor}"
                );
            }
        }
        assert!(scaled(&bytes, (1_603, 1_001), 802, u64::MAX).is_none(), "half is not enough");
        assert!(scaled(&bytes, (1_603, 1_001), 200, 1_000).is_none(), "no room");
    }

    #[test]
    fn a_header_says_what_the_general_decoder_reads_in_it() {
        let turned = [
            b"\xff\xd8\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
            &photograph(40, 30)[2..],
        ]
        .concat();
        assert_eq!(head(&turned), Some(((40, 30), Orientation::Rotate90)));
        for bytes in [photograph(1_603, 1_001), turned] {
            let mut decoder = image::codecs::jpeg::JpegDecoder::new(std::io::Cursor::new(&bytes)).expect("decoder");
            let general = (image::ImageDecoder::dimensions(&decoder), orient::orientation(&mut decoder));
            assert_eq!(head(&bytes), Some(general));
        }
        assert_eq!(head(b"\xff\xd8\xff\xd9"), None);
    }

    #[test]
    fn what_is_odd_goes_the_long_way() {
        let bytes = photograph(1_200, 900);
        assert!(whole(&bytes, (900, 1_200)).is_none() && scaled(&bytes, (900, 1_200), 100, u64::MAX).is_none());
        assert!(whole(b"\xff\xd8\xff\xd9", (1, 1)).is_none() && scaled(b"", (4_000, 4_000), 100, u64::MAX).is_none());
        let mut gray = std::io::Cursor::new(Vec::new());
        let picture = image::GrayImage::from_pixel(1_200, 900, image::Luma([77]));
        picture.write_to(&mut gray, image::ImageFormat::Jpeg).expect("encode");
        let gray = gray.into_inner();
        assert!(whole(&gray, (1_200, 900)).is_none() && scaled(&gray, (1_200, 900), 100, u64::MAX).is_none());
        let request = DecodeRequest { max_side: Some(100), ..DecodeRequest::default() };
        let decoded = decode(&gray, request).expect("gray");
        assert_eq!((decoded.raster.width(), decoded.raster.height(), decoded.upright_size), (100, 75, (1_200, 900)));
        assert!(decoded.raster.rgba().chunks(4).all(|pixel| pixel[0].abs_diff(77) < 2 && pixel[3] == 255));
    }
}
