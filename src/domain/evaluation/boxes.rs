//! Boxes in pixels, as exact as they were before they became single-precision fractions.
//!
//! The catalogue and the predictions hold fractions of the image. An IoU does not depend on the unit, but on rounding: two
//! boxes whose IoU is exactly 0.5 in whole pixels may have 0.49999999 in fractions, and then they match no more. So a
//! fraction becomes the whole pixel that it was computed from, if there is one, else the number with three decimals, else
//! its exact product with the side.

use crate::catalogue::{ImageView, PixelSize};
use crate::geometry::{PixelRect, UnitRect};

#[derive(Clone, Copy, Debug)]
pub struct Pixels {
    width: f64,
    height: f64,
}

impl Pixels {
    /// Of an image: in pixels of its original, until that is known of the listed size. An image without a size has the
    /// side 1.
    pub fn of(image: &ImageView<'_>) -> Self {
        let PixelSize { width, height, .. } = image.pixel_size();
        Self { width: f64::from(width.max(1)), height: f64::from(height.max(1)) }
    }

    pub fn of_size(width: u32, height: u32) -> Self {
        Self { width: f64::from(width.max(1)), height: f64::from(height.max(1)) }
    }

    pub fn rect(self, rect: UnitRect) -> PixelRect {
        PixelRect {
            x: pixels(rect.left, self.width),
            y: pixels(rect.top, self.height),
            width: pixels(rect.width, self.width),
            height: pixels(rect.height, self.height),
        }
    }
}

/// The number of pixels that gives this fraction of `side` in single precision, with the fewest decimals.
fn pixels(fraction: f32, side: f64) -> f64 {
    let exact = f64::from(fraction) * side;
    let is_source = |pixels: &f64| (pixels / side) as f32 == fraction;
    Some(exact.round())
        .filter(is_source)
        .or_else(|| Some((exact * 1_000.0).round() / 1_000.0).filter(is_source))
        .unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pixels_with_up_to_three_decimals_come_back(side in 1_u32..4_000, thousandths in 0_u32..4_000_000) {
            let value = f64::from(thousandths) / 1_000.0;
            let side = f64::from(side);
            prop_assume!(value <= side);
            // Two such numbers may have the same fraction; then the one with fewer decimals is as good.
            let back = pixels((value / side) as f32, side);
            prop_assert!((back - value).abs() <= 1e-3);
            prop_assert_eq!((back / side) as f32, (value / side) as f32);
        }

        #[test]
        fn whole_pixels_come_back(side in 1_u32..10_240, pixel in 0_u32..10_240) {
            let (pixel, side) = (f64::from(pixel.min(side)), f64::from(side));
            prop_assert_eq!(pixels((pixel / side) as f32, side), pixel);
        }
    }

    #[test]
    fn half_a_box_has_half_the_overlap() {
        // 7 / 816 and 14 / 816 are no exact fractions.
        let pixels = Pixels::of_size(816, 612);
        let unit = |[x, y, width, height]: [f64; 4]| PixelRect { x, y, width, height }.in_fractions(816, 612);
        let whole = pixels.rect(unit([101.0, 53.0, 14.0, 14.0]));
        let half = pixels.rect(unit([101.0, 53.0, 7.0, 14.0]));
        assert_eq!(whole.iou(half), 0.5);
        assert_eq!(half.iou(whole), 0.5);
        assert_eq!(whole.iou(whole), 1.0);
    }
}
