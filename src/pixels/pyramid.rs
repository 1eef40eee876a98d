//! A large picture in half-size steps, cut into tiles: a window shows any part at any zoom without a texture larger
//! than a tile, and without the shimmer of linear minification by more than two.

use std::sync::Arc;

use domain::Raster;

/// The size of level `level` of a picture: each side halved that often, rounded up, at least 1.
pub fn level_size(width: u32, height: u32, level: u8) -> (u32, u32) {
    let halved = |side: u32| {
        let divisor = 1_u64 << u32::from(level).min(40);
        (u64::from(side).div_ceil(divisor) as u32).max(1)
    };
    (halved(width), halved(height))
}

/// A picture with its half-size levels. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pyramid {
    levels: Vec<Arc<Raster>>,
    tile_side: u32,
}

impl Pyramid {
    /// Makes the levels, down to the first that is a single tile of `tile_side` pixels (at least 1) a side.
    pub fn new(picture: impl Into<Arc<Raster>>, tile_side: u32) -> Self {
        let tile_side = tile_side.max(1);
        let mut levels = vec![picture.into()];
        while let Some(last) = levels.last()
            && last.width().max(last.height()) > tile_side
            && let Some(half) = half_size(last)
        {
            levels.push(Arc::new(half));
        }
        Self { levels, tile_side }
    }

    /// Number of levels, at least 1.
    pub fn level_count(&self) -> u8 {
        self.levels.len().min(255) as u8
    }

    /// The picture of a level; 0 is full size. `None` below the last.
    pub fn level(&self, level: u8) -> Option<&Arc<Raster>> {
        self.levels.get(usize::from(level))
    }

    /// Width and height of level 0.
    pub fn size(&self) -> (u32, u32) {
        self.levels.first().map_or((0, 0), |first| (first.width(), first.height()))
    }

    pub fn byte_count(&self) -> usize {
        self.levels.iter().map(|level| level.byte_count()).sum()
    }

    /// A tile; those at the right and bottom edge are smaller. `None` outside.
    pub fn tile(&self, level: u8, column: u16, row: u16) -> Option<Raster> {
        let picture = self.level(level)?;
        let left = u32::from(column).checked_mul(self.tile_side)?;
        let top = u32::from(row).checked_mul(self.tile_side)?;
        let width = picture.width().checked_sub(left)?.min(self.tile_side);
        let height = picture.height().checked_sub(top)?.min(self.tile_side);
        let mut rgba = Vec::with_capacity(width as usize * height as usize * 4);
        for y in top..top + height {
            let start = (y as usize * picture.width() as usize + left as usize) * 4;
            rgba.extend_from_slice(picture.rgba().get(start..start + width as usize * 4)?);
        }
        Raster::new(width, height, rgba)
    }
}

/// The picture at half its size, rounded up: each pixel is the mean of two by two (fewer at an odd edge), weighted by
/// alpha. `None` only for a picture whose bytes do not fit its size.
pub fn half_size(picture: &Raster) -> Option<Raster> {
    let (width, height) = level_size(picture.width(), picture.height(), 1);
    let source = picture.rgba();
    let stride = picture.width() as usize * 4;
    let mut rgba = vec![0; width as usize * height as usize * 4];
    for (y, line) in rgba.chunks_exact_mut(width as usize * 4).enumerate() {
        let upper = source.get(2 * y * stride..)?.get(..stride)?;
        // At an odd edge a line or column is its own neighbor, which leaves the mean as it is.
        let lower = source.get((2 * y + 1) * stride..).and_then(|rest| rest.get(..stride)).unwrap_or(upper);
        half_line(upper.as_chunks().0, lower.as_chunks().0, line.as_chunks_mut().0);
    }
    Raster::new(width, height, rgba)
}

/// Two lines to one of half the length, rounded up. Lines without alpha, which nearly all are, go without a branch in
/// the loop, so that many pixels are done at once.
fn half_line(upper: &[[u8; 4]], lower: &[[u8; 4]], half: &mut [[u8; 4]]) {
    let is_opaque = upper.iter().chain(lower).fold(255, |least, pixel| least & pixel[3]) == 255;
    let (upper_pairs, upper_last) = upper.as_chunks::<2>();
    let (lower_pairs, lower_last) = lower.as_chunks::<2>();
    let whole = half.iter_mut().zip(upper_pairs.iter().zip(lower_pairs));
    if is_opaque {
        for (to, ([a, b], [c, d])) in whole {
            for channel in 0..4 {
                let at = |pixel: &[u8; 4]| u16::from(pixel[channel]);
                to[channel] = ((at(a) + at(b) + at(c) + at(d) + 2) / 4) as u8;
            }
        }
    } else {
        for (to, ([a, b], [c, d])) in whole {
            *to = mean([a, b, c, d]);
        }
    }
    if let (Some(to), [above], [below]) = (half.last_mut(), upper_last, lower_last) {
        *to = mean([above, above, below, below]);
    }
}

fn mean(pixels: [&[u8; 4]; 4]) -> [u8; 4] {
    let sum = |channel: usize| pixels.iter().map(|pixel| u32::from(pixel[channel])).sum::<u32>();
    let alpha = sum(3);
    if alpha == 255 * 4 {
        return [0, 1, 2, 3].map(|channel| ((sum(channel) + 2) / 4) as u8);
    }
    if alpha == 0 {
        return [0; 4];
    }
    let weighted = |channel: usize| {
        let total: u32 = pixels.iter().map(|pixel| u32::from(pixel[channel]) * u32::from(pixel[3])).sum();
        ((total + alpha / 2) / alpha) as u8
    };
    [weighted(0), weighted(1), weighted(2), ((alpha + 2) / 4) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red is the column, green the row.
    fn ramp(width: u32, height: u32) -> Raster {
        let rgba = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 0, 255])).collect();
        Raster::new(width, height, rgba).expect("raster")
    }

    #[test]
    fn levels_halve_until_one_tile_is_left() {
        let pyramid = Pyramid::new(ramp(101, 37), 16);
        let sizes: Vec<_> = (0..pyramid.level_count())
            .filter_map(|level| pyramid.level(level).map(|picture| (picture.width(), picture.height())))
            .collect();
        assert_eq!(sizes, [(101, 37), (51, 19), (26, 10), (13, 5)]);
        for (level, &size) in sizes.iter().enumerate() {
            assert_eq!(level_size(101, 37, level as u8), size);
        }
        assert_eq!(pyramid.size(), (101, 37));
    }

    #[test]
    fn tiles_cover_a_level_exactly_once() {
        let pyramid = Pyramid::new(ramp(101, 37), 16);
        for level in 0..pyramid.level_count() {
            let whole = pyramid.level(level).expect("level").clone();
            let (columns, rows) = (whole.width().div_ceil(16) as u16, whole.height().div_ceil(16) as u16);
            let mut pixels = 0;
            for row in 0..rows {
                for column in 0..columns {
                    let tile = pyramid.tile(level, column, row).expect("tile");
                    assert_eq!(tile.pixel(0, 0), whole.pixel(u32::from(column) * 16, u32::from(row) * 16));
                    pixels += tile.byte_count();
                }
            }
            assert_eq!(pixels, whole.byte_count());
            assert_eq!(pyramid.tile(level, columns, 0), None);
            assert_eq!(pyramid.tile(level, 0, rows), None);
        }
        assert_eq!(pyramid.tile(99, 0, 0), None);
        assert_eq!(pyramid.tile(0, u16::MAX, u16::MAX), None);
    }

    #[test]
    fn the_mean_is_weighted_by_alpha() {
        let picture = Raster::new(2, 1, vec![200, 0, 0, 255, 0, 200, 0, 0]).expect("raster");
        assert_eq!(half_size(&picture).expect("half").pixel(0, 0), Some([200, 0, 0, 128]));
        let odd = Raster::new(3, 1, vec![10, 0, 0, 255, 20, 0, 0, 255, 90, 0, 0, 255]).expect("raster");
        let half = half_size(&odd).expect("half");
        assert_eq!((half.pixel(0, 0), half.pixel(1, 0)), (Some([15, 0, 0, 255]), Some([90, 0, 0, 255])));
    }
}
