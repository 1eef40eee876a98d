//! Where cells are: plain arithmetic, in `f64`, because 100,000 images are millions of points high and `f32` would make
//! them tremble. Cells may be in groups, each under a head; nothing here grows with the number of cells, only with that
//! of groups.

use std::ops::Range;
use std::sync::Arc;

use egui::{Rect, Vec2, pos2, vec2};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellShape {
    /// Width of all columns in points.
    pub width: f32,
    /// Wanted width of a cell in points.
    pub side: f32,
    /// Between cells, in points.
    pub gap: f32,
    /// Height of a cell over its width.
    pub ratio: f32,
    /// Height of the head of a group with the room below it; 0: no heads.
    pub head: f32,
    /// Height below the picture in a cell, in points.
    pub foot: f32,
}

/// Cells of one size in rows of equal length, one group under the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub count: usize,
    /// Cells in a row, at least 1.
    pub columns: usize,
    /// Size of a cell in points, whole numbers.
    pub cell: Vec2,
    /// Between cells, in points.
    pub gap: f32,
    /// Height of a group's head.
    pub head: f32,
    /// Groups in order, none of them empty.
    spans: Arc<[Span]>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    start: usize,
    len: usize,
    /// Top of its head, in points from the top of all.
    top: f64,
}

impl Layout {
    /// As many columns of about `side` points as the width holds, stretched to fill it, in one group without a head; cells
    /// are 4:3.
    pub fn new(count: usize, width: f32, side: f32, gap: f32) -> Self {
        Self::of([count], CellShape { width, side, gap, ratio: 0.75, head: 0.0, foot: 0.0 })
    }

    /// The same for groups of these lengths.
    pub fn of(lengths: impl IntoIterator<Item = usize>, shape: CellShape) -> Self {
        let CellShape { width, side, gap, ratio, head, foot } = shape;
        let side = side.clamp(32.0, 1024.0);
        let columns = (((width + gap) / (side + gap)).round()).max(1.0);
        let cell = ((width - (columns - 1.0) * gap) / columns).floor().max(16.0);
        let columns = columns as usize;
        let cell = vec2(cell, (cell * ratio).round() + foot);
        let pitch = f64::from(cell.y) + f64::from(gap);
        let (mut start, mut top) = (0, 0.0);
        let span = |len: usize| {
            let span = Span { start, len, top };
            start += len;
            top += f64::from(head) + len.div_ceil(columns) as f64 * pitch;
            span
        };
        let spans: Arc<[Span]> = lengths.into_iter().filter(|&len| len > 0).map(span).collect();
        let count = spans.last().map_or(0, |last| last.start + last.len);
        Self { count, columns, cell, gap, head, spans }
    }

    pub fn rows(&self) -> usize {
        self.spans.iter().map(|span| span.len.div_ceil(self.columns)).sum()
    }

    /// From the top of a row to the top of the next.
    pub fn pitch(&self) -> f64 {
        f64::from(self.cell.y) + f64::from(self.gap)
    }

    /// Top of a group's first row.
    fn rows_top(&self, span: Span) -> f64 {
        span.top + f64::from(self.head)
    }

    fn row_count(&self, span: Span) -> usize {
        span.len.div_ceil(self.columns)
    }

    fn bottom(&self, span: Span) -> f64 {
        self.rows_top(span) + self.row_count(span) as f64 * self.pitch()
    }

    pub fn height(&self) -> f64 {
        self.spans.last().map_or(0.0, |&last| self.bottom(last) - f64::from(self.gap))
    }

    /// The largest scroll offset.
    pub fn max_offset(&self, view_height: f32) -> f64 {
        (self.height() - f64::from(view_height)).max(0.0)
    }

    pub fn group_of(&self, place: usize) -> usize {
        self.spans.partition_point(|span| span.start <= place).saturating_sub(1)
    }

    pub fn group(&self, number: usize) -> Range<usize> {
        self.spans.get(number).map_or(0..0, |span| span.start..span.start + span.len)
    }

    /// The group of a place and the row in it.
    fn row_of(&self, place: usize) -> (Span, usize) {
        let span = self.spans.get(self.group_of(place)).copied();
        let span = span.unwrap_or(Span { start: 0, len: 0, top: 0.0 });
        (span, place.saturating_sub(span.start) / self.columns)
    }

    /// The top of the row of a place in the list.
    pub fn top_of(&self, place: usize) -> f64 {
        let (span, row) = self.row_of(place);
        self.rows_top(span) + row as f64 * self.pitch()
    }

    /// The cell of a place, from the top left corner of the view.
    pub fn cell_rect(&self, place: usize, offset: f64) -> Rect {
        let (span, row) = self.row_of(place);
        let column = (place.saturating_sub(span.start) - row * self.columns) as f32;
        let top = (self.rows_top(span) + row as f64 * self.pitch() - offset) as f32;
        Rect::from_min_size(pos2(column * (self.cell.x + self.gap), top), self.cell)
    }

    /// The places of which something is seen.
    pub fn visible(&self, offset: f64, view_height: f32) -> Range<usize> {
        let bottom = offset + f64::from(view_height);
        let first = self.spans.partition_point(|&span| self.bottom(span) - f64::from(self.gap) <= offset);
        let last = self.spans.partition_point(|span| span.top < bottom);
        let (Some(&first), Some(&last)) =
            (self.spans.get(first), last.checked_sub(1).and_then(|at| self.spans.get(at)))
        else {
            return self.count..self.count;
        };
        let row = ((offset - self.rows_top(first)) / self.pitch()).floor().max(0.0);
        // The gap below the first row may be all that is left of it.
        let is_gone = self.rows_top(first) + row * self.pitch() + f64::from(self.cell.y) <= offset;
        let row = row as usize + usize::from(is_gone);
        let start = first.start + (row * self.columns).min(first.len);
        let rows = ((bottom - self.rows_top(last)) / self.pitch()).ceil().max(0.0) as usize;
        let end = last.start + rows.saturating_mul(self.columns).min(last.len);
        start.min(end)..end
    }

    /// The heads that are seen: number of the group and top in points of the view. The head of the group at the top stays
    /// there until the next one pushes it out.
    pub fn heads(&self, offset: f64, view_height: f32) -> impl Iterator<Item = (usize, f32)> {
        let has_heads = self.head > 0.0;
        let first = self.spans.partition_point(|&span| self.bottom(span) <= offset);
        let end = self.spans.partition_point(|span| span.top < offset + f64::from(view_height));
        let end = if has_heads { end } else { first };
        (first..end.max(first)).filter_map(move |number| {
            let span = *self.spans.get(number)?;
            let pushed = self.bottom(span) - f64::from(self.head);
            Some((number, (span.top.max(offset).min(pushed.max(span.top)) - offset) as f32))
        })
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
        let down = f64::from(y) + offset;
        let number = self.spans.partition_point(|span| span.top <= down).checked_sub(1)?;
        let span = *self.spans.get(number)?;
        let column = (x / (self.cell.x + self.gap)).floor();
        let row = ((down - self.rows_top(span)) / self.pitch()).floor();
        if column < 0.0 || row < 0.0 || column as usize >= self.columns {
            return None;
        }
        let within = row as usize * self.columns + column as usize;
        let place = span.start + within;
        (within < span.len && self.cell_rect(place, offset).contains(pos2(x, y))).then_some(place)
    }

    /// The places whose cells a band touches, in order; x in points of the view, y in points from the top of all rows.
    pub fn touched(&self, x: [f32; 2], y: [f64; 2]) -> impl Iterator<Item = usize> + use<> {
        let (columns, pitch, cell) = (self.columns, self.pitch(), self.cell);
        let width = f64::from(cell.x + self.gap);
        let span_of = |from: f64, to: f64, pitch: f64, side: f32| {
            let first = (from / pitch).floor().max(0.0);
            let first = if first * pitch + f64::from(side) < from { first + 1.0 } else { first };
            (first as usize, ((to / pitch).floor().max(-1.0) + 1.0) as usize)
        };
        let (first_column, end_column) = span_of(f64::from(x[0].min(x[1])), f64::from(x[0].max(x[1])), width, cell.x);
        let end_column = end_column.min(columns);
        let (from, to) = (y[0].min(y[1]), y[0].max(y[1]));
        let first = self.spans.partition_point(|&span| self.bottom(span) < from);
        let end = self.spans.partition_point(|span| span.top <= to).max(first);
        let (spans, head) = (Arc::clone(&self.spans), f64::from(self.head));
        (first..end).flat_map(move |number| {
            let Span { start, len, top } = spans[number];
            let (first_row, end_row) = span_of(from - top - head, to - top - head, pitch, cell.y);
            (first_row..end_row.min(len.div_ceil(columns)))
                .flat_map(move |row| (first_column..end_column).map(move |column| row * columns + column))
                .filter(move |&within| within < len)
                .map(move |within| start + within)
        })
    }

    /// The place so many rows below (or above) a place, in its column as far as there is one; beyond the last row the last
    /// place, above the first the first.
    pub fn moved(&self, place: usize, rows: i64) -> usize {
        let mut number = self.group_of(place);
        let (span, row) = self.row_of(place);
        let column = place.saturating_sub(span.start) - row * self.columns;
        let mut row = row as i64 + rows;
        while let Some(&span) = self.spans.get(number) {
            let count = self.row_count(span) as i64;
            if row < 0 {
                let Some(before) = number.checked_sub(1) else { return 0 };
                number = before;
                row += self.spans.get(number).map_or(0, |&span| self.row_count(span)) as i64;
            } else if row >= count {
                number += 1;
                row -= count;
            } else {
                let within = row as usize * self.columns + column;
                return span.start + within.min(span.len - 1);
            }
        }
        self.count.saturating_sub(1)
    }

    /// The offset at which a place is in sight, changed as little as possible; far jumps put it in the middle.
    pub fn revealing(&self, place: usize, offset: f64, view_height: f32) -> f64 {
        let view = f64::from(view_height);
        // The head that stays at the top hides what is under it.
        let top = self.top_of(place) - f64::from(self.head);
        let bottom = top + f64::from(self.head) + f64::from(self.cell.y);
        let target = if top >= offset && bottom <= offset + view {
            offset
        } else if top < offset - view || bottom > offset + 2.0 * view {
            (top + bottom) / 2.0 - view / 2.0
        } else if top < offset || bottom - top > view {
            top
        } else {
            bottom - view
        };
        target.clamp(0.0, self.max_offset(view_height))
    }

    /// Whole rows in the view, at least 1: the step of `PageUp` and `PageDown`.
    pub fn page_rows(&self, view_height: f32) -> usize {
        ((f64::from(view_height + self.gap - self.head) / self.pitch()).floor() as usize).max(1)
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

    fn grouped(lengths: &[usize]) -> Layout {
        let shape = CellShape { width: 736.0, side: 180.0, gap: 8.0, ratio: 0.75, head: 30.0, foot: 0.0 };
        Layout::of(lengths.iter().copied(), shape)
    }

    #[test]
    fn each_group_begins_a_row_under_its_head() {
        let layout = grouped(&[5, 1, 0, 9]);
        assert_eq!((layout.count, layout.rows(), layout.group(2)), (15, 2 + 1 + 3, 6..15));
        assert_eq!(layout.top_of(4), 30.0 + 142.0);
        assert_eq!(layout.cell_rect(5, 0.0).min, pos2(0.0, 30.0 + 2.0 * 142.0 + 30.0));
        assert_eq!(layout.at(1.0, 10.0, 0.0), None, "a head is no cell");
        assert_eq!((layout.group_of(4), layout.group_of(5), layout.group_of(14)), (0, 1, 2));
    }

    #[test]
    fn the_head_at_the_top_stays_until_the_next_one_pushes_it() {
        let layout = grouped(&[5, 1, 9]);
        let heads = |offset| layout.heads(offset, 300.0).collect::<Vec<_>>();
        assert_eq!(heads(100.0), [(0, 0.0), (1, 214.0)]);
        assert_eq!(heads(300.0), [(0, -16.0), (1, 14.0), (2, 186.0)]);
        assert_eq!(heads(314.0)[0], (1, 0.0));
        assert_eq!(Layout::new(50, 736.0, 180.0, 8.0).heads(0.0, 300.0).count(), 0);
    }

    #[test]
    fn up_and_down_keep_the_column_across_groups() {
        let layout = grouped(&[6, 2, 9]);
        assert_eq!(layout.moved(3, 1), 5, "the row below is shorter");
        assert_eq!(layout.moved(5, 1), 7);
        assert_eq!(layout.moved(4, 1), 6);
        assert_eq!((layout.moved(6, 1), layout.moved(8, -1), layout.moved(11, -1)), (8, 6, 7));
        assert_eq!((layout.moved(16, 1), layout.moved(1, -1), layout.moved(1, 4)), (16, 0, 13));
    }

    #[test]
    fn an_empty_grid_has_nothing() {
        let layout = Layout::new(0, 736.0, 180.0, 8.0);
        assert_eq!((layout.rows(), layout.height()), (0, 0.0));
        assert_eq!(layout.visible(0.0, 500.0), 0..0);
        assert_eq!(layout.at(5.0, 5.0, 0.0), None);
    }

    fn layouts() -> impl Strategy<Value = (Layout, f64, f32)> {
        let lengths = proptest::collection::vec(1_usize..50_000, 1..6);
        (lengths, 100.0_f32..4_000.0, 64.0_f32..512.0, 200.0_f32..2_000.0, 0.0_f64..1.0, any::<bool>()).prop_map(
            |(lengths, width, side, height, scrolled, has_heads)| {
                let shape = CellShape {
                    width,
                    side,
                    gap: 8.0,
                    ratio: 0.75,
                    head: if has_heads { 30.0 } else { 0.0 },
                    foot: 0.0,
                };
                let layout = Layout::of(lengths, shape);
                let offset = layout.max_offset(height) * scrolled;
                (layout, offset, height)
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
