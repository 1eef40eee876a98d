//! How large regions are: width against height, in shares of the image, on logarithmic axes.
//!
//! A grid holds all of them; while there are few, each size is also kept, so that a plot can show them individually.

use super::grid::Grid;

/// Cells along each axis: 16 a decade, from 0.1 % to 100 %.
pub const SIZE_BINS: usize = 48;
/// Up to so many regions are kept one by one.
pub const MOST_POINTS: usize = 2_000;
const BINS_A_DECADE: f64 = 16.0;
const DECADES: f64 = 3.0;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SizeMap {
    /// Counts by width (columns) and height (rows), the smallest first; what is smaller or larger than the axes is in
    /// the outermost cells.
    pub grid: Grid,
    /// Each region; empty when there are more than [`MOST_POINTS`].
    pub points: Vec<SizePoint>,
    /// Regions without area, which are in no cell.
    pub without_area: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizePoint {
    /// Share of the image's width.
    pub width: f32,
    /// Share of the image's height.
    pub height: f32,
    /// Its tag's place in the list of tags.
    pub tag: usize,
}

impl SizeMap {
    pub(super) fn new() -> Self {
        Self { grid: Grid::new(SIZE_BINS, SIZE_BINS), points: Vec::new(), without_area: 0 }
    }

    pub(super) fn add(&mut self, width: f32, height: f32) {
        self.grid.add(bin(width), bin(height));
    }
}

/// The place of a share on a logarithmic axis: 0 for 0.1 % and less, [`SIZE_BINS`] for 100 %.
pub(super) fn place(share: f32) -> f64 {
    let place = (f64::from(share).log10() + DECADES) * BINS_A_DECADE;
    place.clamp(0.0, SIZE_BINS as f64)
}

fn bin(share: f32) -> usize {
    (place(share) as usize).min(SIZE_BINS - 1)
}

/// The share of the image at the lower edge of a cell.
pub fn size_edge(bin: usize) -> f64 {
    10_f64.powf(bin as f64 / BINS_A_DECADE - DECADES)
}

impl SizePoint {
    /// Where it is in the grid, in cells.
    pub fn place(&self) -> (f64, f64) {
        (place(self.width), place(self.height))
    }
}
