//! What is kept of a region's pixels to compare it with others: 8 x 8 lights and four figures of color, 68 bytes.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use crate::{Raster, RegionIx, UnitRect};

/// Lights a side.
const SIDE: usize = 8;
/// Lights of a feature.
pub(super) const LIGHTS: usize = SIDE * SIDE;
/// Regions whose features are kept at most: some 80 MB.
pub const MOST_FEATURES: usize = 1 << 20;

/// What a crop looks like, in figures that can be compared; the words at the head of this file say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Luminance, rows from the top.
    pub(super) lights: [u8; LIGHTS],
    /// Mean and spread of blue-yellow and red-cyan, 128 in the middle.
    pub(super) colors: [u8; 4],
}

impl Feature {
    /// The feature of a part of a picture, given in pixels and clamped to it.
    pub fn of(raster: &Raster, left: u32, top: u32, width: u32, height: u32) -> Self {
        let left = left.min(raster.width() - 1);
        let top = top.min(raster.height() - 1);
        let width = width.clamp(1, raster.width() - left) as usize;
        let height = height.clamp(1, raster.height() - top) as usize;
        let mut lights = [0; LIGHTS];
        // Blue-yellow and red-cyan: sums, sums of squares.
        let mut chroma = [[0.0_f32; 2]; 2];
        for (place, light) in lights.iter_mut().enumerate() {
            // A part with fewer pixels than lights has some twice.
            let span = |at: usize, length: usize| {
                let from = at * length / SIDE;
                (from, ((at + 1) * length / SIDE).max(from + 1))
            };
            let (from_x, to_x) = span(place % SIDE, width);
            let (from_y, to_y) = span(place / SIDE, height);
            let [r, g, b] = mean(
                raster,
                (left as usize + from_x, left as usize + to_x),
                (top as usize + from_y, top as usize + to_y),
            );
            let luminance = 0.299 * r + 0.587 * g + 0.114 * b;
            *light = luminance.round() as u8;
            for (sums, value) in chroma.iter_mut().zip([0.564 * (b - luminance), 0.713 * (r - luminance)]) {
                sums[0] += value;
                sums[1] += value * value;
            }
        }
        let [blue, red] = chroma.map(|[sum, squares]| {
            let mean = sum / LIGHTS as f32;
            let spread = (squares / LIGHTS as f32 - mean * mean).max(0.0).sqrt();
            [(mean + 128.0).round() as u8, (128.0 + spread).round() as u8]
        });
        Self { lights, colors: [blue[0], blue[1], red[0], red[1]] }
    }

    /// The feature of a region of a picture.
    pub fn of_region(raster: &Raster, rect: UnitRect) -> Self {
        let rect = rect.clamped();
        let along = |share: f32, length: u32| (share * length as f32).round() as u32;
        let (width, height) = (raster.width(), raster.height());
        let (left, top) = (along(rect.left, width), along(rect.top, height));
        Self::of(raster, left, top, along(rect.width, width), along(rect.height, height))
    }

    /// Mean luminance, 0..255.
    pub fn brightness(&self) -> f32 {
        self.lights.iter().map(|&light| f32::from(light)).sum::<f32>() / LIGHTS as f32
    }
}

/// The mean color of a part; of a large one, of every few pixels.
fn mean(raster: &Raster, (from_x, to_x): (usize, usize), (from_y, to_y): (usize, usize)) -> [f32; 3] {
    let step = |from: usize, to: usize| ((to - from) / 8).max(1);
    let row = raster.width() as usize * 4;
    let mut sums = [0_u32; 3];
    let mut count = 0;
    for y in (from_y..to_y).step_by(step(from_y, to_y)) {
        for x in (from_x..to_x).step_by(step(from_x, to_x)) {
            let at = y * row + x * 4;
            if let Some(pixel) = raster.rgba().get(at..at + 3) {
                for (sum, &value) in sums.iter_mut().zip(pixel) {
                    *sum += u32::from(value);
                }
                count += 1;
            }
        }
    }
    sums.map(|sum| sum as f32 / (count.max(1)) as f32)
}

/// The features of regions or of whole images, as far as they have been taken; at most [`MOST_FEATURES`].
#[derive(Clone, Debug)]
pub struct Features<K = RegionIx> {
    places: FxHashMap<K, u32>,
    features: Vec<Feature>,
}

impl<K> Default for Features<K> {
    fn default() -> Self {
        Self { places: FxHashMap::default(), features: Vec::new() }
    }
}

impl<K: Copy + Eq + Hash> Features<K> {
    /// Adds one; one too many is passed over.
    pub fn insert(&mut self, region: K, feature: Feature) {
        if let Some(&place) = self.places.get(&region) {
            self.features[place as usize] = feature;
        } else if self.features.len() < MOST_FEATURES {
            self.places.insert(region, self.features.len() as u32);
            self.features.push(feature);
        }
    }

    pub fn get(&self, region: K) -> Option<&Feature> {
        self.features.get(*self.places.get(&region)? as usize)
    }

    /// All of them, in the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Feature> {
        self.features.iter()
    }

    pub fn len(&self) -> usize {
        self.features.len()
    }

    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// Whether no more will be taken.
    pub fn is_full(&self) -> bool {
        self.features.len() >= MOST_FEATURES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lights_and_colors_are_those_of_the_part() {
        // Left half black, right half pure blue.
        let pixel = |at: usize| if at % 32 < 16 { [0, 0, 0, 255] } else { [0, 0, 255, 255] };
        let raster = Raster::new(32, 32, (0..32 * 32).flat_map(pixel).collect()).expect("raster");
        let dark = Feature::of(&raster, 0, 0, 16, 32);
        let blue = Feature::of(&raster, 16, 0, 16, 32);
        assert_eq!((dark.brightness(), dark.colors), (0.0, [128, 128, 128, 128]));
        assert_eq!(blue.brightness(), 29.0);
        assert!(blue.colors[0] > 250 && blue.colors[1] == 128);
        let both = Feature::of(&raster, 0, 0, 32, 32);
        assert!(both.colors[1] > 180, "it varies in color: {:?}", both.colors);
    }

    #[test]
    fn a_part_of_one_pixel_or_none_is_no_trouble() {
        let raster = Raster::new(1, 1, vec![200, 200, 200, 255]).expect("raster");
        assert_eq!(Feature::of(&raster, 9, 9, 0, 0).brightness(), 200.0);
    }
}
