//! What the image grid and the region wall share: where cells are ([`layout`]), how far they are scrolled, the rubber band,
//! the line above and the heads of groups, what a cell is painted of.

pub(super) mod band;
pub(super) mod head;
pub mod layout;
pub(super) mod paint;
pub(super) mod scroll;

use egui::{Rect, Ui};

/// What a cell's ring reaches above it: that much of the rows is seen under the line above the cells.
pub(super) const RING: f32 = 4.0;
/// The smallest and the largest side of a cell in points.
pub const SIDES: std::ops::RangeInclusive<f32> = 64.0..=512.0;

/// The wheel over the cells: scrolls, or gives a new side with Ctrl. `wanted` adds up a side's steps, which may be less
/// than a point.
pub(super) fn wheel(ui: &Ui, body: Rect, side: f32, wanted: &mut Option<f32>, offset: &mut f64) -> Option<f32> {
    if !ui.rect_contains_pointer(body) {
        *wanted = None;
        return None;
    }
    let (scrolled, zoom) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
    if (zoom - 1.0).abs() <= 1e-4 {
        *wanted = None;
        *offset -= f64::from(scrolled);
        return None;
    }
    let side = (wanted.unwrap_or(side) * zoom).clamp(*SIDES.start(), *SIDES.end());
    *wanted = Some(side);
    Some(side)
}
