//! How far a rectangle has moved, in pixels of its image.

use super::{LEAST_SHIFT, Shift};
use crate::{PixelSize, UnitRect};

/// The longer side of the pictures that the service trains on, for images of which no size is known.
const USUAL_SIDE: f64 = 1_600.0;

/// What rounding to single precision takes from the distance of two edges at most, in fractions of a side.
const ROUNDING: f64 = 1.0 / (1 << 22) as f64;

/// The pixels in which moves are measured: the larger of both known sizes, so that the order of the states does not matter.
pub(super) fn pixels(from: PixelSize, to: PixelSize) -> Option<(f64, f64)> {
    let (width, height) = (from.width.max(to.width), from.height.max(to.height));
    (width > 0 && height > 0).then_some((f64::from(width), f64::from(height)))
}

/// How far the edges are apart; `None` when that is less than the noise.
pub(super) fn shift(from: UnitRect, to: UnitRect, pixels: Option<(f64, f64)>) -> Option<Shift> {
    if same_bits(from, to) {
        return None;
    }
    let edge = |a: f32, b: f32, side: f64| ((f64::from(a) - f64::from(b)) * side).abs();
    let far = |a: f32, a_length: f32, b: f32, b_length: f32, side: f64| {
        ((f64::from(a) + f64::from(a_length) - f64::from(b) - f64::from(b_length)) * side).abs()
    };
    let farthest = |width, height| {
        [
            edge(from.left, to.left, width),
            edge(from.top, to.top, height),
            far(from.left, from.width, to.left, to.width, width),
            far(from.top, from.height, to.top, to.height, height),
        ]
        .into_iter()
        .fold(0.0, f64::max)
    };
    match pixels {
        Some((width, height)) => {
            let by = farthest(width, height);
            // Fractions are single-precision: what is just at the bound counts whichever way it was rounded.
            (by + width.max(height) * ROUNDING >= LEAST_SHIFT).then_some(Shift { by, is_pixels: true })
        }
        None => {
            let by = farthest(1.0, 1.0);
            (by * USUAL_SIDE >= LEAST_SHIFT).then_some(Shift { by, is_pixels: false })
        }
    }
}

/// Whether two rectangles are the same to the bit.
pub(super) fn same_bits(a: UnitRect, b: UnitRect) -> bool {
    bits(a) == bits(b)
}

/// A total order of rectangles.
pub(super) fn bits(rect: UnitRect) -> [u32; 4] {
    // Adding 0 makes -0 the same as 0.
    [rect.left, rect.top, rect.width, rect.height].map(|side| (side + 0.0).to_bits())
}
