//! A picture in the form that the graphics card takes: made where it was decoded, so that the window only hands it on.

use std::fmt;

use super::raster::Raster;

/// A picture at its full size, and for one that is also shown much smaller at each half of it: a card's linear filter
/// reads four pixels, and beyond a half it would skip some.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Mipmap {
    levels: Vec<MipLevel>,
    is_opaque: bool,
}

/// One size of a picture. Sides are in pixels, at least 1.
#[derive(Clone, PartialEq, Eq)]
pub struct MipLevel {
    pub width: u32,
    pub height: u32,
    /// Rows from the top. A pixel is red, green, blue and alpha in the order of its bytes in memory; the colors are
    /// multiplied by alpha.
    pub pixels: Vec<u32>,
}

/// No level has a longest side below this.
const LEAST_SIDE: u32 = 128;

impl Mipmap {
    /// The full size alone: for thumbnails, crops and tiles, which come in the size that is shown.
    pub fn single(raster: &Raster) -> Self {
        let rgba = raster.rgba().as_chunks().0;
        let is_opaque = rgba.iter().fold(u8::MAX, |least, pixel| least & pixel[3]) == u8::MAX;
        // Opaque pixels are copied as they are, many at a time.
        let as_is = |&pixel: &[u8; 4]| u32::from_ne_bytes(pixel);
        let premultiplied = |&pixel: &[u8; 4]| premultiplied(pixel);
        let pixels =
            if is_opaque { rgba.iter().map(as_is).collect() } else { rgba.iter().map(premultiplied).collect() };
        Self { levels: vec![MipLevel { width: raster.width(), height: raster.height(), pixels }], is_opaque }
    }

    /// The full size and its halves: for a picture that is shown in any size.
    pub fn with_halves(raster: &Raster) -> Self {
        let mut map = Self::single(raster);
        while let Some(half) = map.levels.last().map(MipLevel::half)
            && half.width.max(half.height) >= LEAST_SIDE
        {
            map.levels.push(half);
        }
        map
    }

    /// Width at full size; 0 once its pixels were taken.
    pub fn width(&self) -> u32 {
        self.levels.first().map_or(0, |level| level.width)
    }

    pub fn height(&self) -> u32 {
        self.levels.first().map_or(0, |level| level.height)
    }

    pub fn is_opaque(&self) -> bool {
        self.is_opaque
    }

    pub fn byte_count(&self) -> usize {
        self.levels.iter().map(|level| level.pixels.len() * 4).sum()
    }

    /// The pixel at x, y at full size, colors multiplied by alpha; `None` outside.
    pub fn pixel(&self, x: u32, y: u32) -> Option<[u8; 4]> {
        let level = self.levels.first().filter(|level| x < level.width && y < level.height)?;
        level.pixels.get(y as usize * level.width as usize + x as usize).map(|pixel| pixel.to_ne_bytes())
    }

    /// All sizes, the full one first.
    pub fn into_levels(self) -> Vec<MipLevel> {
        self.levels
    }
}

impl fmt::Debug for Mipmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mipmap({} x {})", self.width(), self.height())
    }
}

impl MipLevel {
    /// The same at half the size, each pixel the mean of four (of two or one at an odd edge).
    fn half(&self) -> Self {
        let (width, height) = (self.width as usize, self.height as usize);
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        let mut pixels = Vec::with_capacity(half_width * half_height);
        for row in 0..half_height {
            let above = &self.pixels[2 * row * width..][..width];
            let below = &self.pixels[(2 * row + 1).min(height - 1) * width..][..width];
            for column in 0..half_width {
                let (left, right) = (2 * column, (2 * column + 1).min(width - 1));
                pixels.push(mean([above[left], above[right], below[left], below[right]]));
            }
        }
        Self { width: half_width as u32, height: half_height as u32, pixels }
    }
}

/// The mean of four pixels: two of their bytes at a time, with room for the carry between them.
fn mean(four: [u32; 4]) -> u32 {
    const EVEN: u32 = 0x00ff_00ff;
    const HALF: u32 = 0x0002_0002;
    let even: u32 = four.iter().map(|pixel| pixel & EVEN).sum();
    let odd: u32 = four.iter().map(|pixel| (pixel >> 8) & EVEN).sum();
    (((even + HALF) >> 2) & EVEN) | ((((odd + HALF) >> 2) & EVEN) << 8)
}

fn premultiplied([red, green, blue, alpha]: [u8; 4]) -> u32 {
    let color = |value: u8| ((u32::from(value) * u32::from(alpha) + 127) / 255) as u8;
    u32::from_ne_bytes([color(red), color(green), color(blue), alpha])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(values: &[u8]) -> Vec<u8> {
        values.iter().flat_map(|&value| [value, value, value, 255]).collect()
    }

    #[test]
    fn halving_takes_the_mean_and_keeps_odd_edges() {
        let level = MipLevel { width: 3, height: 1, pixels: words(&gray(&[0, 100, 30])) };
        let half = level.half();
        assert_eq!((half.width, half.height, half.pixels), (2, 1, words(&gray(&[50, 30]))));
        let four = [[1, 2, 3, 255], [4, 4, 4, 255], [9, 9, 250, 255], [255, 0, 255, 255]].map(u32::from_ne_bytes);
        assert_eq!(mean(four).to_ne_bytes(), [67, 4, 128, 255]);
    }

    #[test]
    fn colors_are_multiplied_by_alpha_where_something_shows_through() {
        let rgba = [[200, 100, 0, 128], [200, 100, 0, 255], [200, 100, 0, 0]];
        let raster = |pixels: &[[u8; 4]]| Raster::new(pixels.len() as u32, 1, pixels.concat()).expect("raster");
        let map = Mipmap::single(&raster(&rgba));
        assert_eq!([0, 1, 2].map(|x| map.pixel(x, 0)), [[100, 50, 0, 128], [200, 100, 0, 255], [0; 4]].map(Some));
        assert!(!map.is_opaque());
        let opaque = Mipmap::single(&raster(&rgba[1..2]));
        assert_eq!((opaque.pixel(0, 0), opaque.is_opaque()), (Some([200, 100, 0, 255]), true));
    }

    fn words(rgba: &[u8]) -> Vec<u32> {
        rgba.as_chunks().0.iter().map(|&pixel| u32::from_ne_bytes(pixel)).collect()
    }

    #[test]
    fn a_large_picture_has_halves_down_to_a_thumbnail() {
        let raster = Raster::new(1600, 900, vec![255; 1600 * 900 * 4]).expect("raster");
        let map = Mipmap::with_halves(&raster);
        assert_eq!((map.width(), map.height(), map.is_opaque()), (1600, 900, true));
        let bytes = map.byte_count();
        let sides: Vec<_> = map.into_levels().iter().map(|level| (level.width, level.height)).collect();
        assert_eq!(sides, [(1600, 900), (800, 450), (400, 225), (200, 113)]);
        assert_eq!(bytes, sides.iter().map(|(width, height)| (width * height * 4) as usize).sum::<usize>());
        assert_eq!(Mipmap::single(&raster).into_levels().len(), 1);
    }

    #[test]
    fn one_pixel_that_lets_something_through_makes_a_picture_that_is_not_opaque() {
        let mut rgba = vec![255; 4 * 4];
        rgba[15] = 254;
        let map = Mipmap::single(&Raster::new(2, 2, rgba).expect("raster"));
        assert!(!map.is_opaque());
        assert_eq!(map.pixel(1, 1), Some([254, 254, 254, 254]));
        assert_eq!(map.pixel(2, 0), None);
    }
}
