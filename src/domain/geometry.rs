//! Rectangles: normalized as the service gives them, and in pixels of a given picture.

/// A rectangle in fractions of the upright image: 0,0 is its top-left corner, 1,1 its bottom-right one.
/// The service promises 0..1 but nothing checks it, so values outside are kept as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UnitRect {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

/// A rectangle in pixels of one picture, from its top-left corner; `f64`, so that pixel values of single-precision
/// fractions lose nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PixelRect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// How far, in fractions, a rectangle may leave the image before that is worth a word: single-precision sums of
/// `left + width` overshoot 1 by a few units in the last place.
pub const EDGE_TOLERANCE: f32 = 1e-5;

impl UnitRect {
    pub const fn new(left: f32, top: f32, width: f32, height: f32) -> Self {
        Self { left, top, width, height }
    }

    pub fn right(self) -> f32 {
        self.left + self.width
    }

    pub fn bottom(self) -> f32 {
        self.top + self.height
    }

    /// Fraction of the image that it covers, not clamped; never negative.
    pub fn area(self) -> f32 {
        self.width.max(0.0) * self.height.max(0.0)
    }

    /// Whether nothing of it can be seen: no width, no height, or not a number.
    pub fn is_empty(self) -> bool {
        let has_area = self.width > 0.0 && self.height > 0.0 && self.left.is_finite() && self.top.is_finite();
        !has_area
    }

    /// Whether it has a place and an area, so that it can be compared with others.
    pub fn is_sound(self) -> bool {
        !self.is_empty() && self.right().is_finite() && self.bottom().is_finite()
    }

    /// Whether it leaves the image by more than [`EDGE_TOLERANCE`].
    pub fn leaves_image(self) -> bool {
        self.left < -EDGE_TOLERANCE
            || self.top < -EDGE_TOLERANCE
            || self.right() > 1.0 + EDGE_TOLERANCE
            || self.bottom() > 1.0 + EDGE_TOLERANCE
    }

    /// The part inside the image; empty (zero width or height) when there is none.
    pub fn clamped(self) -> Self {
        let left = self.left.clamp(0.0, 1.0);
        let top = self.top.clamp(0.0, 1.0);
        let right = self.right().clamp(left, 1.0);
        let bottom = self.bottom().clamp(top, 1.0);
        Self::new(left, top, right - left, bottom - top)
    }

    /// Whether the point, in fractions, lies in it; edges count.
    pub fn contains(self, x: f32, y: f32) -> bool {
        x >= self.left && x <= self.right() && y >= self.top && y <= self.bottom()
    }

    pub fn in_pixels(self, width: u32, height: u32) -> PixelRect {
        let (w, h) = (f64::from(width), f64::from(height));
        PixelRect {
            x: f64::from(self.left) * w,
            y: f64::from(self.top) * h,
            width: f64::from(self.width) * w,
            height: f64::from(self.height) * h,
        }
    }

    /// Intersection over union of two rectangles, 0..1; 0 when either is empty.
    pub fn iou(self, other: Self) -> f32 {
        self.in_pixels(1, 1).iou(other.in_pixels(1, 1)) as f32
    }
}

impl PixelRect {
    /// Intersection over union of two rectangles, 0..1; 0 when either is empty. Edges have no width: what touches
    /// shares nothing. The steps are those of COCO's `bbIou`, so that the result is the same to the last bit.
    pub fn iou(self, other: Self) -> f64 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        if width > 0.0 && height > 0.0 {
            let shared = width * height;
            shared / (other.width * other.height + self.width * self.height - shared)
        } else {
            0.0
        }
    }

    /// The rectangle in fractions of a picture of `width` x `height` (both at least 1).
    pub fn in_fractions(self, width: u32, height: u32) -> UnitRect {
        let (w, h) = (f64::from(width.max(1)), f64::from(height.max(1)));
        let fraction = |value: f64, side: f64| (value / side) as f32;
        UnitRect::new(fraction(self.x, w), fraction(self.y, h), fraction(self.width, w), fraction(self.height, h))
    }
}

/// The size of the picture that the service keeps for training: at most 1600 x 900 in either orientation, never
/// larger than the original (recorded answers: 1600 x 900 and 900 x 1600).
pub fn training_size(width: u32, height: u32) -> (u32, u32) {
    let (long, short) = (width.max(height), width.min(height));
    let scale = (1600.0 / f64::from(long.max(1))).min(900.0 / f64::from(short.max(1))).min(1.0);
    let side = |value: u32| ((f64::from(value) * scale).round() as u32).max(1);
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pixels_of_the_quickstart_fork() {
        let rect = UnitRect::new(0.145_833_33, 0.350_931_4, 0.589_460_8, 0.238_562_1).in_pixels(816, 612);
        assert!((rect.x - 119.0).abs() < 0.001 && (rect.width - 481.0).abs() < 0.001);
    }

    #[test]
    fn clamping_keeps_only_the_inside() {
        assert_eq!(UnitRect::new(-0.5, 0.5, 1.0, 1.0).clamped(), UnitRect::new(0.0, 0.5, 0.5, 0.5));
        assert!(UnitRect::new(1.5, 0.0, 1.0, 1.0).clamped().is_empty());
        assert!(UnitRect::new(f32::NAN, 0.0, 1.0, 1.0).is_empty());
    }

    #[test]
    fn training_size_fits_either_orientation() {
        assert_eq!(training_size(3264, 2448), (1200, 900));
        assert_eq!(training_size(2448, 3264), (900, 1200));
        assert_eq!(training_size(1600, 900), (1600, 900));
        assert_eq!(training_size(816, 612), (816, 612));
        assert_eq!(training_size(10_000, 10), (1600, 2));
    }

    fn rect() -> impl Strategy<Value = UnitRect> {
        (0.0_f32..0.9, 0.0_f32..0.9, 0.01_f32..1.0, 0.01_f32..1.0).prop_map(|(l, t, w, h)| UnitRect::new(l, t, w, h))
    }

    proptest! {
        #[test]
        fn iou_is_symmetric_and_bounded(a in rect(), b in rect()) {
            prop_assert!((a.iou(b) - b.iou(a)).abs() < 1e-6);
            prop_assert!((0.0..=1.001).contains(&a.iou(b)));
            prop_assert!((a.iou(a) - 1.0).abs() < 1e-3);
        }

        #[test]
        fn clamped_never_leaves(a in rect()) {
            prop_assert!(!a.clamped().leaves_image());
        }

        #[test]
        fn pixels_and_back(a in rect(), width in 1_u32..10_240, height in 1_u32..10_240) {
            prop_assert_eq!(a.in_pixels(width, height).in_fractions(width, height), a);
        }
    }
}
