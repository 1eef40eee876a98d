//! What is kept of a region's pixels to compare it with others: 8 x 8 lights and four figures of color, 68 bytes. And
//! how unlike a region is to the others of its tag. Three views of its feature are compared with their averages over
//! the tag: where it is light and dark, how much of it is light and dark (the same when the thing lies the other way
//! round), and its colors. Each view counts by how many times farther than usual it is.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use crate::{Raster, RegionIx, UnitRect};

/// Lights a side.
const SIDE: usize = 8;
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

    pub fn from_region(raster: &Raster, rect: UnitRect) -> Self {
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

/// Steps of light whose shares are compared.
pub(super) const STEPS: usize = 8;
/// Distances below this share of a view's range are noise of the camera.
const NOISE: f32 = 0.02;

/// One view of a feature: values of 0..1.
type View = Vec<f32>;

/// All views, the one with the fewest values first.
pub(super) const VIEWS: [fn(&Feature) -> View; 3] = [colors, amounts, pattern];

/// How unlike each feature is to the average of all: about 1 for a usual one, 3 for an odd one. As many as given, in
/// their order. One or two have nothing to be unlike to: 0.
pub fn unlikeness(features: &[&Feature]) -> Vec<f32> {
    let mut sums = vec![0.0; features.len()];
    if features.len() < 3 {
        return sums;
    }
    for view in VIEWS {
        let (far, usual) = far(features, view);
        for (sum, distance) in sums.iter_mut().zip(far) {
            *sum += distance / usual / 3.0;
        }
    }
    sums
}

/// The distance of each from the average, and the usual distance. There must be one at least.
pub(super) fn far(features: &[&Feature], view: fn(&Feature) -> View) -> (Vec<f32>, f32) {
    let mut average = view(features[0]);
    for feature in &features[1..] {
        for (sum, value) in average.iter_mut().zip(view(feature)) {
            *sum += value;
        }
    }
    for value in &mut average {
        *value /= features.len() as f32;
    }
    let distance = |feature: &&Feature| {
        let squares: f32 = view(feature).iter().zip(&average).map(|(a, b)| (a - b) * (a - b)).sum();
        (squares / average.len() as f32).sqrt()
    };
    let far: Vec<f32> = features.iter().map(distance).collect();
    let usual = (far.iter().sum::<f32>() / far.len() as f32).max(NOISE);
    (far, usual)
}

/// Where it is light and dark, whatever the light of the day.
fn pattern(feature: &Feature) -> View {
    let mean = feature.brightness();
    let spread = feature.lights.iter().map(|&light| (f32::from(light) - mean).powi(2)).sum::<f32>() / LIGHTS as f32;
    let scale = spread.sqrt().max(8.0) * 4.0;
    feature.lights.iter().map(|&light| (f32::from(light) - mean) / scale).collect()
}

/// How much of it is how light, from the darkest eighth to the lightest.
fn amounts(feature: &Feature) -> View {
    let mut lights = feature.lights;
    lights.sort_unstable();
    let step = LIGHTS / STEPS;
    lights
        .chunks(step)
        .map(|part| part.iter().map(|&light| f32::from(light)).sum::<f32>() / (step as f32 * 255.0))
        .collect()
}

fn colors(feature: &Feature) -> View {
    feature.colors.iter().map(|&value| f32::from(value) / 255.0).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    fn feature(light: impl Fn(usize) -> u8, blue: u8) -> Feature {
        Feature { lights: std::array::from_fn(light), colors: [blue, 130, 128, 130] }
    }

    fn most(unlike: &[f32]) -> usize {
        (0..unlike.len()).max_by(|&a, &b| unlike[a].total_cmp(&unlike[b])).expect("some")
    }

    #[test]
    fn the_one_with_another_pattern_is_the_odd_one() {
        // Stripes across with some noise, and one with stripes down.
        let mut all: Vec<_> = (0..30)
            .map(|n| feature(|at| if (at / 8) % 2 == 0 { 200 } else { 60 + (at * n % 17) as u8 }, 128))
            .collect();
        all[17] = feature(|at| if at % 2 == 0 { 200 } else { 60 }, 128);
        let unlike = unlikeness(&all.iter().collect::<Vec<_>>());
        assert_eq!(most(&unlike), 17);
        assert!(unlike[17] > 2.0 * unlike[3], "{unlike:?}");
    }

    #[test]
    fn the_one_with_another_color_is_the_odd_one() {
        let mut all: Vec<_> = (0..30).map(|n| feature(|at| (at * 3 + n) as u8, 128)).collect();
        all[4].colors[0] = 190;
        assert_eq!(most(&unlikeness(&all.iter().collect::<Vec<_>>())), 4);
    }

    #[test]
    fn few_have_nothing_to_be_unlike_to() {
        let one = feature(|_| 0, 0);
        let other = feature(|_| 255, 255);
        assert_eq!(unlikeness(&[]), Vec::<f32>::new());
        assert_eq!(unlikeness(&[&one, &other]), [0.0, 0.0]);
        assert_eq!(unlikeness(&[&one, &one, &one]), [0.0, 0.0, 0.0]);
    }

    proptest! {
        #[test]
        fn it_is_a_number_and_does_not_hang_on_the_order(
            seeds in proptest::collection::vec(any::<(u8, u8)>(), 3..20)
        ) {
            let all: Vec<_> = seeds.iter().map(|&(a, b)| feature(|at| a.wrapping_mul(at as u8), b)).collect();
            let unlike = unlikeness(&all.iter().collect::<Vec<_>>());
            let back = unlikeness(&all.iter().rev().collect::<Vec<_>>());
            for (a, b) in unlike.iter().zip(back.iter().rev()) {
                prop_assert!(a.is_finite() && (a - b).abs() < 1e-2, "{a} {b}");
            }
        }
    }
}
