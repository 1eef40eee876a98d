//! Where the cells of the grid are: plain arithmetic, in `f64`, because 100,000 images are millions of points high and
//! `f32` would make them tremble.

use std::ops::Range;

use egui::{Rect, Vec2, pos2, vec2};

/// Cells of one size in rows of equal length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Number of images.
    pub count: usize,
    /// Images in a row, at least 1.
    pub columns: usize,
    /// Size of a cell in points, whole numbers.
    pub cell: Vec2,
    /// Between cells, in points.
    pub gap: f32,
}

impl Layout {
    /// As many columns of about `side` points as the width holds, stretched to fill it; cells are 4:3.
    pub fn new(count: usize, width: f32, side: f32, gap: f32) -> Self {
        let side = side.clamp(32.0, 1024.0);
        let columns = (((width + gap) / (side + gap)).round()).max(1.0);
        let cell = ((width - (columns - 1.0) * gap) / columns).floor().max(16.0);
        Self { count, columns: columns as usize, cell: vec2(cell, (cell * 0.75).round()), gap }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.count.div_ceil(self.columns)
    }

    /// From the top of a row to the top of the next.
    pub fn pitch(&self) -> f64 {
        f64::from(self.cell.y) + f64::from(self.gap)
    }

    /// Height of all rows.
    pub fn height(&self) -> f64 {
        (self.rows() as f64 * self.pitch() - f64::from(self.gap)).max(0.0)
    }

    /// The largest scroll offset.
    pub fn max_offset(&self, view_height: f32) -> f64 {
        (self.height() - f64::from(view_height)).max(0.0)
    }

    /// The top of the row of a place in the list.
    pub fn top_of(&self, place: usize) -> f64 {
        (place / self.columns) as f64 * self.pitch()
    }

    /// The cell of a place, from the top left corner of the view.
    pub fn cell_rect(&self, place: usize, offset: f64) -> Rect {
        let column = (place % self.columns) as f32;
        let top = (self.top_of(place) - offset) as f32;
        Rect::from_min_size(pos2(column * (self.cell.x + self.gap), top), self.cell)
    }

    /// The places of which something is seen.
    pub fn visible(&self, offset: f64, view_height: f32) -> Range<usize> {
        let first = (offset / self.pitch()).floor().max(0.0) as usize;
        // The gap below the first row may be all that is left of it.
        let first =
            if self.top_of(first * self.columns) + f64::from(self.cell.y) <= offset { first + 1 } else { first };
        let last = ((offset + f64::from(view_height)) / self.pitch()).ceil().max(0.0) as usize;
        let end = (last * self.columns).min(self.count);
        (first * self.columns).min(end)..end
    }

    /// Places soon to be seen, nearest first: a screen below and half a screen above.
    pub fn ahead(&self, visible: &Range<usize>) -> (Range<usize>, Range<usize>) {
        let screen = visible.len();
        let below = visible.end..(visible.end + screen).min(self.count);
        let above = visible.start.saturating_sub(screen / 2)..visible.start;
        (below, above)
    }

    /// The place under a point of the view; `None` in a gap.
    pub fn at(&self, x: f32, y: f32, offset: f64) -> Option<usize> {
        let column = (x / (self.cell.x + self.gap)).floor();
        let row = ((f64::from(y) + offset) / self.pitch()).floor();
        if column < 0.0 || row < 0.0 || column as usize >= self.columns {
            return None;
        }
        let place = row as usize * self.columns + column as usize;
        (place < self.count && self.cell_rect(place, offset).contains(pos2(x, y))).then_some(place)
    }

    /// The places whose cells a band touches; x in points of the view, y in points from the top of all rows.
    pub fn touched(&self, x: [f32; 2], y: [f64; 2]) -> impl Iterator<Item = usize> + use<> {
        let Self { count, columns, cell, gap } = *self;
        let pitch = self.pitch();
        let width = f64::from(cell.x + gap);
        let span = |from: f64, to: f64, pitch: f64, side: f32| {
            let first = (from / pitch).floor().max(0.0);
            let first = if first * pitch + f64::from(side) < from { first + 1.0 } else { first };
            (first as usize, (to / pitch).floor().max(-1.0) + 1.0)
        };
        let (first_row, end_row) = span(y[0].min(y[1]), y[0].max(y[1]), pitch, cell.y);
        let (first_column, end_column) = span(f64::from(x[0].min(x[1])), f64::from(x[0].max(x[1])), width, cell.x);
        let end_row = (end_row as usize).min(count.div_ceil(columns));
        let end_column = (end_column as usize).min(columns);
        (first_row..end_row)
            .flat_map(move |row| (first_column..end_column).map(move |column| row * columns + column))
            .filter(move |&place| place < count)
    }

    /// The offset at which a place is in sight, changed as little as possible; far jumps put it in the middle.
    pub fn revealing(&self, place: usize, offset: f64, view_height: f32) -> f64 {
        let view = f64::from(view_height);
        let top = self.top_of(place);
        let bottom = top + f64::from(self.cell.y);
        let target = if top >= offset && bottom <= offset + view {
            offset
        } else if top < offset - view || bottom > offset + 2.0 * view {
            top + f64::from(self.cell.y) / 2.0 - view / 2.0
        } else if top < offset || f64::from(self.cell.y) > view {
            top
        } else {
            bottom - view
        };
        target.clamp(0.0, self.max_offset(view_height))
    }

    /// Whole rows in the view, at least 1: the step of `PageUp` and `PageDown`.
    pub fn page_rows(&self, view_height: f32) -> usize {
        ((f64::from(view_height + self.gap) / self.pitch()).floor() as usize).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_drawing_has_four_columns_of_178_by_134() {
        let layout = Layout::new(100, 736.0, 180.0, 8.0);
        assert_eq!((layout.columns, layout.cell), (4, vec2(178.0, 134.0)));
        assert_eq!(layout.cell_rect(5, 0.0).min, pos2(186.0, 142.0));
    }

    #[test]
    fn a_hundred_thousand_images_do_not_tremble() {
        let layout = Layout::new(100_000, 736.0, 180.0, 8.0);
        let last = layout.cell_rect(99_999, layout.max_offset(700.0));
        assert_eq!(last.bottom(), 700.0);
        let moved = layout.cell_rect(99_999, layout.max_offset(700.0) - 0.25);
        assert_eq!(moved.bottom(), 700.25);
    }

    #[test]
    fn a_row_behind_its_gap_is_not_visible() {
        let layout = Layout::new(100, 736.0, 180.0, 8.0);
        assert_eq!(layout.visible(0.0, 142.0), 0..4);
        assert_eq!(layout.visible(133.0, 100.0).start, 0);
        assert_eq!(layout.visible(134.0, 100.0).start, 4);
    }

    #[test]
    fn revealing_moves_as_little_as_possible() {
        let layout = Layout::new(1_000, 736.0, 180.0, 8.0);
        assert_eq!(layout.revealing(0, 0.0, 500.0), 0.0);
        assert_eq!(layout.revealing(16, 0.0, 500.0), 4.0 * 142.0 + 134.0 - 500.0);
        let far = layout.revealing(500, 0.0, 500.0);
        let cell = layout.cell_rect(500, far);
        assert!((cell.center().y - 250.0).abs() < 1.0, "far jumps put it in the middle");
    }

    #[test]
    fn an_empty_grid_has_nothing() {
        let layout = Layout::new(0, 736.0, 180.0, 8.0);
        assert_eq!((layout.rows(), layout.height()), (0, 0.0));
        assert_eq!(layout.visible(0.0, 500.0), 0..0);
        assert_eq!(layout.at(5.0, 5.0, 0.0), None);
    }

    fn layouts() -> impl Strategy<Value = (Layout, f64, f32)> {
        (1_usize..200_000, 100.0_f32..4_000.0, 64.0_f32..512.0, 50.0_f32..2_000.0, 0.0_f64..1.0).prop_map(
            |(count, width, side, height, scrolled)| {
                let layout = Layout::new(count, width, side, 8.0);
                (layout, layout.max_offset(height) * scrolled, height)
            },
        )
    }

    proptest! {
        #[test]
        fn visible_is_exactly_what_touches_the_view((layout, offset, height) in layouts()) {
            let visible = layout.visible(offset, height);
            prop_assert!(!visible.is_empty());
            let is_seen = |place: usize| {
                let top = layout.top_of(place) - offset;
                top < f64::from(height) && top + f64::from(layout.cell.y) > 0.0
            };
            prop_assert!(is_seen(visible.start) && is_seen(visible.end - 1));
            prop_assert!(visible.start == 0 || !is_seen(visible.start - 1));
            prop_assert!(visible.end == layout.count || !is_seen(visible.end));
        }

        #[test]
        fn the_point_in_a_cell_finds_it((layout, offset, height) in layouts(), part in 0.0_f64..1.0) {
            let visible = layout.visible(offset, height);
            let place = visible.start + (visible.len() as f64 * part) as usize;
            let center = layout.cell_rect(place, offset).center();
            prop_assert_eq!(layout.at(center.x, center.y, offset), Some(place));
        }

        #[test]
        fn revealing_brings_it_into_view((layout, offset, height) in layouts(), part in 0.0_f64..1.0) {
            let place = (layout.count as f64 * part) as usize;
            let offset = layout.revealing(place, offset, height);
            prop_assert!(layout.visible(offset, height).contains(&place));
            prop_assert!((0.0..=layout.max_offset(height)).contains(&offset));
        }

        #[test]
        fn a_band_touches_what_its_rectangle_does(
            (layout, offset, height) in layouts(),
            x in [0.0_f32..2_000.0, 0.0_f32..2_000.0], y in [0.0_f64..500.0, 0.0_f64..500.0],
        ) {
            let y = y.map(|y| y + offset);
            let touched: Vec<_> = layout.touched(x, y).collect();
            let (left, right) = (x[0].min(x[1]), x[0].max(x[1]));
            let (top, bottom) = (y[0].min(y[1]), y[0].max(y[1]));
            for place in layout.visible(offset, height) {
                let cell = layout.cell_rect(place, 0.0);
                let row = layout.top_of(place);
                let is_touched = cell.left() <= right && cell.right() >= left
                    && row <= bottom && row + f64::from(layout.cell.y) >= top;
                prop_assert_eq!(touched.contains(&place), is_touched, "place {}", place);
            }
        }

        #[test]
        fn cells_fill_the_width_and_stay_in_it((layout, _, _) in layouts(), width in 200.0_f32..4_000.0) {
            let layout = Layout::new(layout.count, width, layout.cell.x, 8.0);
            let used = layout.columns as f32 * (layout.cell.x + 8.0) - 8.0;
            prop_assert!(used <= width && width - used < layout.columns as f32 + 0.01);
        }
    }
}
