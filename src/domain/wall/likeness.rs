//! How unlike a region is to the others of its tag. Three views of its feature are compared with their averages over the
//! tag: where it is light and dark, how much of it is light and dark (the same when the thing lies the other way round),
//! and its colors. Each view counts by how many times farther than usual it is.

use super::feature::{Feature, LIGHTS};

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
    use super::*;
    use proptest::prelude::*;

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
