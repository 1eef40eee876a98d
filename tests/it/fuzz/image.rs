//! The front door of pictures: sniffing, limits, six decoders, orientation, scaling.

use tagscope::pixels::{
    DecodeRequest, Limits, PixelError, check_whole, decode_within, encode_png, fit_within, foreign, probe, sniff,
};

use super::runner::Target;

const TARGET: Target = Target {
    name: "image",
    cases: 600,
    tokens: &[
        b"IHDR",
        b"IDAT",
        b"IEND",
        b"iCCP",
        b"zTXt",
        b"tEXt",
        b"eXIf",
        b"acTL",
        b"fcTL",
        b"PLTE",
        b"tRNS",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"\xff\xe1\0\x10Exif\0\0MM\0*",
        b"\xff\xc0",
        b"\xff\xc2",
        b"\xff\xc4",
        b"\xff\xda",
        b"\xff\xd9",
        b"\xff\xdb",
        b"\xff\xdd",
        b"\xff\xee\0\x0eAdobe",
        b"GIF89a",
        b"!\xf9\x04",
        b"!\xff\x0bNETSCAPE2.0",
        b",\0\0\0\0",
        b";",
        b"RIFF",
        b"WEBP",
        b"VP8 ",
        b"VP8L",
        b"VP8X",
        b"ANIM",
        b"ANMF",
        b"ALPH",
        b"EXIF",
        b"ICCP",
        b"BM",
        b"II*\0",
        b"MM\0*",
        b"\x01\x11\0\x04",
        b"\x01\x01\0\x04",
        b"\xff\xff\xff\xff",
        b"\0\0\0\0",
        b"\x7f\xff\xff\xff",
    ],
    heads: &[
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"GIF89a\x01\0\x01\0",
        b"II*\0\x08\0\0\0",
        b"MM\0*\0\0\0\x08",
        b"RIFF\x40\0\0\0WEBPVP8 ",
        b"RIFF\x40\0\0\0WEBPVP8L",
        b"RIFF\x40\0\0\0WEBPVP8X",
        b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x40meta\0\0\0\0\0\0\0\x34iprp\0\0\0\x2cipco\0\0\0\x14ispe",
    ],
};
/// Small, so that a case stays short; the rules are the same.
const LIMITS: Limits = Limits { max_side: 2_000, max_pixels: 250_000, max_bytes: 8 << 20 };

#[test]
fn pictures() {
    let mut panics = 0;
    TARGET.run(|input, rng| {
        let listed_size = [(0, 0), (816, 612), (48, 32), (1, 30_000)][rng.usize(..4)];
        let max_side = [None, Some(24), Some(1)][rng.usize(..3)];
        let probed = probe(input);
        let whole = check_whole(input);
        panics += u32::from(matches!(whole, Err(PixelError::Panicked { .. })));
        assert!(sniff(input).is_some() || whole.is_err(), "what is no picture is no whole one");
        let _ = foreign(input);
        let decoded = match decode_within(input, DecodeRequest { listed_size, max_side }, &LIMITS) {
            Ok(decoded) => decoded,
            Err(error) => {
                panics += u32::from(matches!(error, PixelError::Panicked { .. }));
                let words = error.to_string();
                assert!(!words.is_empty() && words.len() < 400 && !words.contains(char::is_control), "{words:?}");
                return;
            }
        };
        let (width, height) = decoded.upright_size;
        assert!(width.max(height) <= LIMITS.max_side && u64::from(width) * u64::from(height) <= LIMITS.max_pixels);
        assert_eq!(sniff(input).map(|kind| kind.label), Some(decoded.format));
        assert_eq!(probed.expect("what decodes has a header").upright_size(listed_size), (width, height));
        let shown = (decoded.raster.width(), decoded.raster.height());
        assert_eq!(shown, max_side.map_or((width, height), |side| fit_within(width, height, side)));
        let png = encode_png(&decoded.raster).expect("encode");
        let again = decode_within(&png, DecodeRequest::default(), &LIMITS).expect("decode again");
        assert_eq!(again.raster, decoded.raster);
    });
    println!("fuzz image: {panics} panics of decoders, each of which became an error");
}
