//! Regions side by side, as crops: which part of a picture a crop shows, in which order crops are, and how similar they
//! are. Pure; the pixels are the engine's.

mod feature;
mod nearness;
mod order;
mod sort;

pub use feature::{Feature, Features, MOST_FEATURES, unlikeness};
pub use nearness::{Each, Lookalike, Looks, MOST_REFERENCES, distances, in_turn};
pub use order::{RegionGroup, RegionOrder, order_chosen_regions, order_items, order_regions};
pub use sort::{RegionSort, WallSort};

use crate::{RegionIx, UnitRect};

/// What is added around a region, as a share of its longer side.
const MARGIN: f32 = 0.08;
/// The least side of a crop, as a share of the picture's longer side: a speck needs its surroundings to be known.
const LEAST: f32 = 0.02;

/// The part of a picture of this aspect (width over height) to show for a region, in fractions; inside 0..1 and never
/// empty: a square around the region with a little of what surrounds it, moved so that it stays inside the picture.
/// Only a region that is longer than the picture is high (or wide) gives a crop that is no square. A region outside the
/// picture shows what is nearest to it.
pub fn crop_frame(region: UnitRect, aspect: f32) -> UnitRect {
    let aspect = if aspect.is_finite() && aspect > 0.0 { aspect } else { 1.0 };
    if region.is_empty() && !(region.left.is_finite() && region.top.is_finite()) {
        return UnitRect::new(0.0, 0.0, 1.0, 1.0);
    }
    // In units of the picture's height, so that a square is a square.
    let region = region.clamped();
    let longest = (region.width * aspect).max(region.height);
    let side = (longest * (1.0 + 2.0 * MARGIN)).max(LEAST * aspect.max(1.0));
    let along = |center: f32, side: f32| {
        let side = side.clamp(1e-4, 1.0);
        ((center - side / 2.0).clamp(0.0, 1.0 - side), side)
    };
    let (left, width) = along(region.left + region.width / 2.0, side / aspect);
    let (top, height) = along(region.top + region.height / 2.0, side);
    UnitRect::new(left, top, width, height)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WallItem {
    Label(RegionIx),
    /// A prediction: its place among those that are compared.
    Prediction(u32),
}

impl WallItem {
    /// The label; `None`: it is a prediction.
    pub fn label(self) -> Option<RegionIx> {
        match self {
            Self::Label(region) => Some(region),
            Self::Prediction(_) => None,
        }
    }

    /// The place of the prediction; `None`: it is a label.
    pub fn prediction(self) -> Option<usize> {
        match self {
            Self::Label(_) => None,
            Self::Prediction(at) => Some(at as usize),
        }
    }

    /// What stands for a judged prediction or label; `None` for a tag of a whole image, which has no box.
    pub fn of(item: &crate::evaluation::JudgedItem) -> Option<Self> {
        match item.prediction {
            Some(one) if one.rect == UnitRect::default() => None,
            Some(one) => u32::try_from(one.at).ok().map(Self::Prediction),
            None => item.region.map(Self::Label),
        }
    }
}

impl From<RegionIx> for WallItem {
    fn from(region: RegionIx) -> Self {
        Self::Label(region)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_crop_is_a_square_of_pixels_around_the_region() {
        let frame = crop_frame(UnitRect::new(0.4, 0.4, 0.1, 0.1), 2.0);
        let (width, height) = (frame.width * 2_000.0, frame.height * 1_000.0);
        assert!((width - height).abs() < 0.5, "{width} x {height}");
        assert!((frame.left + frame.width / 2.0 - 0.45).abs() < 1e-5 && frame.width > 0.1);
    }

    #[test]
    fn at_the_edge_it_moves_inside() {
        let frame = crop_frame(UnitRect::new(0.9, 0.0, 0.1, 0.2), 1.0);
        assert!((frame.right() - 1.0).abs() < 1e-6 && frame.top == 0.0);
        assert_eq!(crop_frame(UnitRect::new(0.0, 0.0, 1.0, 1.0), 1.5), UnitRect::new(0.0, 0.0, 1.0, 1.0));
        assert_eq!(crop_frame(UnitRect::new(f32::NAN, 0.0, 1.0, 1.0), 1.5), UnitRect::new(0.0, 0.0, 1.0, 1.0));
    }

    proptest! {
        #[test]
        fn it_never_leaves_the_picture_and_is_never_empty(
            left in -2.0_f32..2.0, top in -2.0_f32..2.0, width in -0.5_f32..3.0, height in -0.5_f32..3.0,
            aspect in 0.1_f32..10.0,
        ) {
            let frame = crop_frame(UnitRect::new(left, top, width, height), aspect);
            prop_assert!(frame.width > 0.0 && frame.height > 0.0);
            prop_assert!(frame.left >= 0.0 && frame.top >= 0.0, "{frame:?}");
            prop_assert!(frame.right() <= 1.0 + 1e-5 && frame.bottom() <= 1.0 + 1e-5, "{frame:?}");
        }
    }
}
