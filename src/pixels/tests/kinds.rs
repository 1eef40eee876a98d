//! Files of other programs' making, as real uploads are: each kind of JPEG and BMP, animations, EXIF in other formats.
//! The files are the seeds of the fuzz target.

use super::*;

macro_rules! seed {
    ($name:literal) => {
        (include_bytes!(concat!("../../../tests/it/fuzz/corpus/image/", $name)).as_slice(), $name)
    };
}

#[test]
fn every_kind_of_jpeg() {
    for (bytes, name) in
        [seed!("baseline.jpg"), seed!("progressive.jpg"), seed!("420.jpg"), seed!("restart.jpg"), seed!("cmyk.jpg")]
    {
        let decoded = full(bytes);
        assert_eq!(corners(&decoded.raster), [RED, GREEN, BLUE, WHITE], "{name}");
        assert_eq!((decoded.upright_size, decoded.format), ((48, 32), "JPEG"), "{name}");
    }
    // The luma of the four colors.
    for (bytes, name) in [seed!("gray.jpg"), seed!("gray-progressive.jpg")] {
        let raster = full(bytes).raster;
        for ((x, y), luma) in [((12, 8), 76), ((36, 8), 150), ((12, 24), 29), ((36, 24), 255)] {
            let [red, green, blue, alpha] = raster.pixel(x, y).expect("inside");
            assert!(
                red.abs_diff(luma) < 8 && red == green && green == blue && alpha == 255,
                "{name}: {red} for {luma}"
            );
        }
    }
}

#[test]
fn every_kind_of_bmp() {
    for (bytes, name) in [seed!("rgb.bmp"), seed!("palette.bmp")] {
        assert_eq!(corners(&full(bytes).raster), [RED, GREEN, BLUE, WHITE], "{name}");
    }
    // Two lines of four pixels, red above green.
    for (bytes, name) in
        [seed!("topdown.bmp"), seed!("rle8.bmp"), seed!("rgb555.bmp"), seed!("bitfields.bmp"), seed!("os2.bmp")]
    {
        let raster = full(bytes).raster;
        assert_eq!((raster.width(), raster.height()), (4, 2), "{name}");
        assert_eq!((raster.pixel(1, 0), raster.pixel(1, 1)), (Some(RED), Some(GREEN)), "{name}");
    }
    let bits = full(seed!("bit.bmp").0).raster;
    assert!((0..12).all(|x| matches!(bits.pixel(x, 7), Some(pixel) if pixel == WHITE || pixel == [0, 0, 0, 255])));
}

#[test]
fn every_kind_of_png_and_tiff() {
    for (bytes, name) in [
        seed!("rgb.png"),
        seed!("palette.png"),
        seed!("alpha.png"),
        seed!("text.png"),
        seed!("rgb.tif"),
        seed!("lzw.tif"),
        seed!("deflate.tif"),
        seed!("packbits.tif"),
        seed!("cmyk.tif"),
    ] {
        assert_eq!(corners(&full(bytes).raster), [RED, GREEN, BLUE, WHITE], "{name}");
    }
    assert_eq!((full(seed!("bit.png").0).upright_size, full(seed!("gray16.tif").0).upright_size), ((48, 32), (12, 8)));
}

#[test]
fn every_animation_shows_its_first_picture() {
    for (bytes, name) in
        [seed!("anim.gif"), seed!("anim.png"), seed!("anim.webp"), seed!("still.gif"), seed!("lossless.webp")]
    {
        let decoded = full(bytes);
        assert_eq!(corners(&decoded.raster), [RED, GREEN, BLUE, WHITE], "{name}");
        assert_eq!(decoded.upright_size, (48, 32), "{name}");
    }
}

/// The value 6, which is how a telephone held upright writes: the quarters come out as for a JPEG of that value.
#[test]
fn exif_counts_in_every_format_that_has_it() {
    let turned = [BLUE, RED, WHITE, GREEN];
    for (bytes, name) in [seed!("turned.jpg"), seed!("turned.png"), seed!("turned.webp"), seed!("turned.tif")] {
        let decoded = full(bytes);
        let (width, height) = decoded.upright_size;
        assert!(decoded.is_turned && width < height, "{name}");
        assert_eq!(corners(&decoded.raster), turned, "{name}");
        let raw = decode(bytes, DecodeRequest { listed_size: (height, width), max_side: None }).expect("decode");
        assert!(!raw.is_turned && raw.fits_listed, "{name}: the listed size decides");
        assert_eq!(corners(&raw.raster), [RED, GREEN, BLUE, WHITE], "{name}");
    }
}
