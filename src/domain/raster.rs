//! Decoded pixels on their way from the decoder to a texture, and how the user lightens them.

use std::fmt;

/// An upright picture: 8-bit sRGB with straight alpha, rows from the top, no padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Raster {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

impl Raster {
    /// A picture from its pixels; `None` unless `rgba` holds exactly `width * height * 4` bytes and no side is 0.
    pub fn new(width: u32, height: u32, rgba: Vec<u8>) -> Option<Self> {
        let bytes = u64::from(width) * u64::from(height) * 4;
        (bytes > 0 && rgba.len() as u64 == bytes).then_some(Self { width, height, rgba })
    }

    pub fn width(&self) -> u32 {
        self.width
    }

    pub fn height(&self) -> u32 {
        self.height
    }

    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    pub fn byte_count(&self) -> usize {
        self.rgba.len()
    }

    /// The pixel at x, y; `None` outside.
    pub fn pixel(&self, x: u32, y: u32) -> Option<[u8; 4]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let at = (y as usize * self.width as usize + x as usize) * 4;
        self.rgba.get(at..at + 4)?.try_into().ok()
    }
}

impl fmt::Debug for Raster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raster({} x {})", self.width, self.height)
    }
}

/// Brightness, contrast and gamma for the eye: a table of 256 values that each channel goes through. Never a part of
/// what is exported.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjust {
    /// Added to all values: -1 is black, 1 is white, 0 as it is.
    pub brightness: f32,
    /// Around the middle: -1 is gray, 0 as it is, 1 four times as steep.
    pub contrast: f32,
    /// Above 1 lightens the shadows: 0.2 to 5, 1 as it is.
    pub gamma: f32,
}

impl Default for Adjust {
    fn default() -> Self {
        Self { brightness: 0.0, contrast: 0.0, gamma: 1.0 }
    }
}

impl Adjust {
    pub const GAMMA: (f32, f32) = (0.2, 5.0);

    /// Within the ranges; what is no number is neutral.
    #[must_use]
    pub fn clamped(self) -> Self {
        let within = |value: f32, low: f32, high: f32, rest: f32| {
            if value.is_finite() { value.clamp(low, high) } else { rest }
        };
        Self {
            brightness: within(self.brightness, -1.0, 1.0, 0.0),
            contrast: within(self.contrast, -1.0, 1.0, 0.0),
            gamma: within(self.gamma, Self::GAMMA.0, Self::GAMMA.1, 1.0),
        }
    }

    pub fn is_neutral(self) -> bool {
        self == Self::default()
    }

    /// What becomes of each value: gamma first, then contrast around the middle, then brightness.
    pub fn table(self) -> [u8; 256] {
        let Self { brightness, contrast, gamma } = self.clamped();
        let slope = if contrast < 0.0 { 1.0 + contrast } else { 1.0 + 3.0 * contrast };
        std::array::from_fn(|value| {
            let curved = (value as f32 / 255.0).powf(1.0 / gamma);
            let shown = (curved - 0.5) * slope + 0.5 + brightness;
            (shown.clamp(0.0, 1.0) * 255.0).round() as u8
        })
    }

    /// The picture as it is shown; `None` when that is the picture itself.
    pub fn applied(self, picture: &Raster) -> Option<Raster> {
        if self.is_neutral() {
            return None;
        }
        let table = self.table();
        let of = |value: u8| table[usize::from(value)];
        let mut rgba = picture.rgba().to_vec();
        for [red, green, blue, _] in rgba.as_chunks_mut::<4>().0 {
            (*red, *green, *blue) = (of(*red), of(*green), of(*blue));
        }
        Raster::new(picture.width(), picture.height(), rgba)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn adjust(brightness: f32, contrast: f32, gamma: f32) -> Adjust {
        Adjust { brightness, contrast, gamma }
    }

    #[test]
    fn neutral_changes_nothing() {
        let table = Adjust::default().table();
        assert!((0..=255_u8).all(|value| table[usize::from(value)] == value));
        let picture = Raster::new(1, 1, vec![1, 2, 3, 4]).expect("raster");
        assert_eq!(Adjust::default().applied(&picture), None);
    }

    #[test]
    fn each_does_what_its_name_says() {
        assert!(adjust(0.2, 0.0, 1.0).table()[100] > 100);
        let steep = adjust(0.0, 0.5, 1.0).table();
        assert!(steep[60] < 60 && steep[200] > 200);
        assert_eq!(adjust(0.0, -1.0, 1.0).table(), [128; 256]);
        let light = adjust(0.0, 0.0, 2.0).table();
        assert!(light[40] > 90 && light[0] == 0 && light[255] == 255);
        assert_eq!(adjust(f32::NAN, f32::INFINITY, f32::NAN).clamped(), Adjust::default());
    }

    #[test]
    fn alpha_stays() {
        let picture = Raster::new(2, 1, vec![10, 20, 30, 40, 200, 210, 220, 230]).expect("raster");
        let shown = adjust(1.0, 0.0, 1.0).applied(&picture).expect("another picture");
        assert_eq!(shown.rgba(), [255, 255, 255, 40, 255, 255, 255, 230]);
    }

    proptest! {
        #[test]
        fn lighter_stays_lighter(b in -1.0_f32..1.0, c in -1.0_f32..1.0, g in 0.2_f32..5.0) {
            let table = adjust(b, c, g).table();
            prop_assert!(table.windows(2).all(|pair| pair[0] <= pair[1]));
        }
    }
}
