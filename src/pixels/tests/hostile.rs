//! Files that ask for more than they are worth. Each is refused, and a process that decodes them all does not grow.

use super::*;

/// A zlib stream of that many zeros, about 0.6% of their size: one literal, then copies of 258 bytes.
fn zeros(count: usize) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let (mut bits, mut held) = (0_u64, 0);
    let mut put = |value: u64, width: u32, out: &mut Vec<u8>| {
        bits |= value << held;
        held += width;
        while held >= 8 {
            out.push(bits as u8);
            bits >>= 8;
            held -= 8;
        }
    };
    // The last block, with the codes that the standard fixes; Huffman codes go in from their highest bit.
    put(0b011, 3, &mut out);
    put(0b0000_1100, 8, &mut out);
    for _ in 0..count / 258 {
        put(0b1010_0011, 8, &mut out);
        put(0, 5, &mut out);
    }
    for _ in 0..count % 258 {
        put(0b0000_1100, 8, &mut out);
    }
    put(0, 7 + 7, &mut out);
    let sum = ((count as u32 + 1) % 65_521) << 16 | 1;
    out.extend(sum.to_be_bytes());
    out
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [name.as_slice(), body].concat();
    [&(body.len() as u32).to_be_bytes(), &*named, &crc32(&named).to_be_bytes()].concat()
}

/// A gray PNG of those sides, whose chunks before the picture are given.
fn png(width: u32, height: u32, before: &[Vec<u8>], data: &[u8]) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let parts = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), before.concat(), chunk(b"IDAT", data)];
    [parts.concat(), chunk(b"IEND", &[])].concat()
}

fn small_png(before: &[Vec<u8>]) -> Vec<u8> {
    png(8, 8, before, &zeros(72))
}

fn gif(screen: (u16, u16), frame: (u16, u16)) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    let sides = |bytes: &mut Vec<u8>, (width, height): (u16, u16)| {
        bytes.extend(width.to_le_bytes());
        bytes.extend(height.to_le_bytes());
    };
    sides(&mut bytes, screen);
    bytes.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255, b',', 0, 0, 0, 0]);
    sides(&mut bytes, frame);
    bytes.extend([0, 2, 2, 0x44, 0x01, 0, b';']);
    bytes
}

/// A TIFF of one line of tags: tag, type, count, value.
fn tiff(tags: &[(u16, u16, u32, u32)]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend((tags.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in tags {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes
}

fn webp(chunks: &[(&[u8; 4], u32, &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, size, bytes) in chunks {
        body.extend_from_slice(*name);
        body.extend(size.to_le_bytes());
        body.extend_from_slice(bytes);
    }
    [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
}

/// A BMP that is nothing but its head.
fn bmp(width: i32, height: i32) -> Vec<u8> {
    let mut bytes = b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend([1, 0, 24, 0]);
    bytes.extend([0; 24]);
    bytes
}

type Check = fn(&PixelError) -> bool;

/// The files, and the errors that they end with.
fn files() -> Vec<(&'static str, Vec<u8>, Check)> {
    let too_large: Check = |error| matches!(error, PixelError::TooLarge { .. });
    let too_much: Check = |error| matches!(error, PixelError::TooMuchMemory { .. });
    let damaged: Check = |error| matches!(error, PixelError::Truncated { .. } | PixelError::Broken { .. });
    let refused: Check = |_| true;
    let endless = [&b"\x89PNG\r\n\x1a\n"[..], &small_png(&[])[8..33], b"\x7f\xff\xff\xfftEXtComment\0", &[b'x'; 9_000]];
    // VP8X: flags, three reserved bytes, then width and height less one in three bytes each.
    let canvas = |flags: u8| [flags, 0, 0, 0, 7, 0, 0, 7, 0, 0];
    let key_frame = b"\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f";
    let image = (256, 4, 1, 8);
    let strips = |count| {
        tiff(&[
            image,
            (257, 4, 1, 8),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, count, 8),
            (277, 3, 1, 1),
            (278, 4, 1, 1),
            (279, 4, count, 8),
        ])
    };
    vec![
        ("a PNG of 60,000 x 60,000 in 200 kB", png(60_000, 60_000, &[], &zeros(30 << 20)), too_large),
        ("a PNG of 40,000 x 40,000", png(40_000, 40_000, &[], &zeros(1 << 20)), too_large),
        ("a PNG of 2^31 - 1 lines", png(1, 0x7fff_ffff, &[], &zeros(1 << 10)), too_large),
        ("a PNG that ends in an endless chunk", endless.concat(), damaged),
        ("a GIF of 2 GB", gif((23_171, 23_171), (1, 1)), too_large),
        ("a GIF of 17 GB", gif((65_535, 65_535), (65_535, 65_535)), too_large),
        ("a small GIF with a frame of 1.6 GB", gif((8, 8), (20_000, 20_000)), too_much),
        ("a TIFF of 4 billion lines", tiff(&[image, (257, 4, 1, u32::MAX), (258, 3, 1, 8), (262, 3, 1, 1)]), refused),
        ("a TIFF of a billion strips", strips(1 << 30), refused),
        ("a TIFF of a few million strips that are not there", strips(4 << 20), refused),
        (
            "a WebP with metadata of 4 GB",
            webp(&[(b"VP8X", 10, &canvas(8)), (b"EXIF", 0xffff_fff0, b"Exif"), (b"VP8 ", 10, key_frame)]),
            damaged,
        ),
        (
            "a small WebP with a picture of 16,383 x 16,383",
            webp(&[(b"VP8X", 10, &canvas(0)), (b"VP8 ", 10, key_frame)]),
            damaged,
        ),
        ("a WebP of 16,384 x 16,384", webp(&[(b"VP8L", 5, b"\x2f\xff\xff\xff\x0f\0")]), damaged),
        ("a BMP of 30,000 x 30,000", bmp(30_000, -30_000), too_large),
        ("a BMP of -2^31 lines", bmp(1, i32::MIN), refused),
        ("a BMP of 500 MB that is not there", bmp(13_000, 13_000), damaged),
        ("a JPEG of 65,500 x 65,500", jpeg_of(65_500), too_large),
    ]
}

/// A JPEG whose frame header states other sides.
fn jpeg_of(side: u16) -> Vec<u8> {
    let mut bytes = written(quarters(), ImageFormat::Jpeg);
    let at = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("frame header");
    bytes[at + 5..at + 7].copy_from_slice(&side.to_be_bytes());
    bytes[at + 7..at + 9].copy_from_slice(&side.to_be_bytes());
    bytes
}

#[test]
fn each_is_refused_for_what_it_is() {
    for (name, bytes, is_right) in files() {
        assert!(bytes.len() < 3 << 20, "{name} is a small file: {}", bytes.len());
        for max_side in [None, Some(256)] {
            let error = decode(&bytes, DecodeRequest { listed_size: (0, 0), max_side }).expect_err(name);
            assert!(is_right(&error), "{name}: {error:?}");
            assert!(!matches!(error, PixelError::Panicked { .. }), "{name}: {error}");
        }
        // The header may be readable, all of it or its beginning; it must do no harm.
        for length in [bytes.len(), 200, 40] {
            let _ = probe(&bytes[..length.min(bytes.len())]);
        }
    }
}

#[test]
fn harmless_oddities_are_shown() {
    let text = |name: &[u8; 4], head: &[u8]| chunk(name, &[head, &zeros(300 << 20)].concat());
    for before in [
        vec![text(b"zTXt", b"Comment\0\0")],
        vec![text(b"iTXt", b"Comment\0\x01\0\0\0")],
        vec![text(b"iCCP", b"icc\0\0")],
        vec![chunk(b"tEXt", b"a\0b"); 2_000],
        vec![chunk(b"quIT", &[7; 100_000])],
        vec![chunk(b"iCCP", b"icc\0\0not zlib")],
    ] {
        let decoded = full(&small_png(&before));
        assert_eq!(decoded.raster.pixel(7, 7), Some([0, 0, 0, 255]));
    }
}

/// By the system's own count of what a process has ever held at once: in a process of its own, because other tests
/// use memory too.
#[cfg(target_os = "linux")]
#[test]
fn refusing_costs_no_memory() {
    let own = std::env::current_exe().expect("the test program");
    let arguments = ["--exact", "tests::hostile::peak_of_a_process", "--ignored", "--nocapture"];
    let output = std::process::Command::new(own).args(arguments).output().expect("run");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let grown = said.split("grown by ").nth(1).and_then(|rest| rest.split(' ').next());
    let grown: u64 = grown.expect("a figure").parse().expect("a number");
    // The most that any of them may take is a color profile up to its limit, with the vector that grows towards it.
    assert!(grown < 160_000, "{grown} kB");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "run by the test before it, in a process of its own"]
fn peak_of_a_process() {
    let peak = || -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").expect("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("peak");
        line.trim().trim_end_matches(" kB").parse().expect("number")
    };
    let files = files();
    let profile = [&b"icc\0\0"[..], &zeros(300 << 20)].concat();
    let profile = small_png(&[chunk(b"iCCP", &profile)]);
    let before = peak();
    let _ = full(&profile);
    for (name, bytes, _) in &files {
        decode(bytes, DecodeRequest::default()).expect_err(name);
        let _ = probe(bytes);
    }
    println!("grown by {} kB", peak() - before);
}
