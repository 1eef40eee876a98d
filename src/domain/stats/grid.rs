//! A grid of counts.

/// Counts in rows from the top, row after row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    columns: usize,
    counts: Vec<u32>,
}

impl Grid {
    /// A grid of zeros.
    pub fn new(columns: usize, rows: usize) -> Self {
        Self { columns, counts: vec![0; columns * rows] }
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    pub fn rows(&self) -> usize {
        self.counts.len().checked_div(self.columns).unwrap_or(0)
    }

    /// The count of a cell; 0 outside.
    pub fn get(&self, column: usize, row: usize) -> u32 {
        if column < self.columns { self.counts.get(row * self.columns + column).copied().unwrap_or(0) } else { 0 }
    }

    /// One more in a cell; outside nothing happens.
    pub fn add(&mut self, column: usize, row: usize) {
        if column < self.columns
            && let Some(count) = self.counts.get_mut(row * self.columns + column)
        {
            *count = count.saturating_add(1);
        }
    }

    pub fn max(&self) -> u32 {
        self.counts.iter().copied().max().unwrap_or(0)
    }

    /// Cells that are not 0: column, row, count.
    pub fn filled(&self) -> impl Iterator<Item = (usize, usize, u32)> + '_ {
        let columns = self.columns.max(1);
        self.counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(move |(at, &count)| (at % columns, at / columns, count))
    }
}

/// Counts how many rectangles cover each cell, at the same cost for a large one as for a small one: only the corners
/// are noted, and summed up at the end.
#[derive(Debug)]
pub(super) struct Coverage {
    columns: usize,
    rows: usize,
    /// One more column and row than the grid.
    corners: Vec<i64>,
}

impl Coverage {
    pub(super) fn new(columns: usize, rows: usize) -> Self {
        Self { columns, rows, corners: vec![0; (columns + 1) * (rows + 1)] }
    }

    /// Covers the cells of a rectangle in fractions of the whole, which must lie inside; touched cells count.
    pub(super) fn add(&mut self, left: f32, top: f32, right: f32, bottom: f32) {
        let span = |from: f32, to: f32, cells: usize| {
            let first = ((from * cells as f32) as usize).min(cells - 1);
            let end = ((to * cells as f32).ceil() as usize).clamp(first + 1, cells);
            (first, end)
        };
        let ((left, right), (top, bottom)) = (span(left, right, self.columns), span(top, bottom, self.rows));
        let width = self.columns + 1;
        self.corners[top * width + left] += 1;
        self.corners[top * width + right] -= 1;
        self.corners[bottom * width + left] -= 1;
        self.corners[bottom * width + right] += 1;
    }

    pub(super) fn grid(&self) -> Grid {
        let width = self.columns + 1;
        let mut above = vec![0_i64; width];
        let mut counts = Vec::with_capacity(self.columns * self.rows);
        for row in 0..self.rows {
            let mut sum = 0;
            let corners = &self.corners[row * width..][..self.columns];
            for (corner, above) in corners.iter().zip(&mut above) {
                sum += corner;
                *above += sum;
                counts.push(u32::try_from(*above).unwrap_or(0));
            }
        }
        Grid { columns: self.columns, counts }
    }
}
