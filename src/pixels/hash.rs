//! The perceptual hash of a picture: 64 bits that stay nearly the same when it is scaled, recompressed or brightened.

use fast_image_resize::images::{Image, TypedImageRef};
use fast_image_resize::pixels::U8x4;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::GrayImage;
use image_hasher::{HashAlg, Hasher, HasherConfig};

use domain::Raster;

/// Every picture is first brought to a square of this side, so that the hash does not depend on the size it was decoded
/// at.
const SIDE: u32 = 64;

/// Makes hashes. Keep one for many pictures: it holds tables.
pub struct PerceptualHasher {
    hasher: Hasher<[u8; 8]>,
    resizer: Resizer,
}

impl Default for PerceptualHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl PerceptualHasher {
    /// A hasher: which of the 8 x 8 lowest frequencies of the brightness (a DCT) are above their median.
    pub fn new() -> Self {
        let config = HasherConfig::with_bytes_type::<[u8; 8]>();
        let hasher = config.hash_size(8, 8).hash_alg(HashAlg::Median).preproc_dct().to_hasher();
        Self { hasher, resizer: Resizer::new() }
    }

    /// The hash of a picture; `None` when it cannot be scaled.
    pub fn hash(&mut self, picture: &Raster) -> Option<u64> {
        let source = TypedImageRef::<U8x4>::from_buffer(picture.width(), picture.height(), picture.rgba()).ok()?;
        let mut small = Image::new(SIDE, SIDE, PixelType::U8x4);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Box));
        self.resizer.resize_typed(&source, &mut small.typed_image_mut::<U8x4>()?, &options).ok()?;
        let gray: Vec<u8> = small.buffer().chunks_exact(4).map(brightness).collect();
        let gray = GrayImage::from_raw(SIDE, SIDE, gray)?;
        let hash = self.hasher.hash_image(&gray);
        hash.as_bytes().try_into().ok().map(u64::from_le_bytes)
    }
}

/// What is seen of a pixel on black.
fn brightness(pixel: &[u8]) -> u8 {
    let &[red, green, blue, alpha] = pixel else { return 0 };
    let luma = u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114;
    (luma * u32::from(alpha) / 255 / 1_000) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DecodeRequest, decode, encode_jpeg, scale_to_fit};

    /// Things on a bench, other ones for each `seed`: boxes of some brightness on a slope of light.
    fn picture(seed: u32) -> Raster {
        let mut dice = seed.wrapping_mul(0x9e37_79b9) | 1;
        let mut roll = |below: u32| {
            dice ^= dice << 13;
            dice ^= dice >> 17;
            dice ^= dice << 5;
            dice % below
        };
        let things: Vec<[u32; 5]> =
            (0..9).map(|_| [roll(280), roll(200), 20 + roll(90), 20 + roll(90), roll(255)]).collect();
        let pixel = |x: u32, y: u32| {
            let inside = |thing: &&[u32; 5]| {
                let &&[left, top, width, height, _] = thing;
                (left..left + width).contains(&x) && (top..top + height).contains(&y)
            };
            let value = things.iter().rev().find(inside).map_or(90 + x / 4 + y / 8, |thing| thing[4]) as u8;
            [value, value / 2, 90, 255]
        };
        let pixels = (0..240).flat_map(|y| (0..320).flat_map(move |x| [x, y])).collect::<Vec<_>>();
        let rgba = pixels.chunks_exact(2).flat_map(|at| pixel(at[0], at[1])).collect();
        Raster::new(320, 240, rgba).expect("picture")
    }

    fn distance(a: &Raster, b: &Raster) -> u32 {
        let mut hasher = PerceptualHasher::new();
        (hasher.hash(a).expect("hash") ^ hasher.hash(b).expect("hash")).count_ones()
    }

    #[test]
    fn size_and_compression_hardly_change_it() {
        for seed in 0..6 {
            let large = picture(seed);
            let small = scale_to_fit(large.clone(), 128);
            let file = encode_jpeg(&small, 60).expect("file");
            let small = decode(&file, DecodeRequest::default()).expect("picture").raster;
            assert!(distance(&large, &small) <= 4, "seed {seed}: {}", distance(&large, &small));
        }
    }

    #[test]
    fn other_pictures_are_far() {
        for seed in 0..6 {
            let distance = distance(&picture(seed), &picture(seed + 1));
            assert!(distance > 8, "seed {seed}: {distance}");
        }
    }

    #[test]
    fn the_smallest_and_the_emptiest_have_one() {
        let mut hasher = PerceptualHasher::new();
        for (width, height) in [(1, 1), (1, 900), (3_000, 1)] {
            let flat = Raster::new(width, height, vec![0; width as usize * height as usize * 4]).expect("picture");
            assert!(hasher.hash(&flat).is_some());
        }
    }
}
