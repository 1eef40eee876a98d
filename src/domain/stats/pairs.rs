//! Which tags occur together on images.

/// A matrix of more tags than this is unreadable; the most used ones are taken.
pub const MOST_PAIRED: usize = 40;

/// Images by pairs of tags.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TagPairs {
    /// The tags of rows and columns, the most used first, as places in the list of tags.
    pub tags: Vec<usize>,
    /// Tags that were met and are not among them.
    pub left_out: usize,
    counts: Vec<u32>,
}

impl TagPairs {
    pub(super) fn new(mut tags: Vec<usize>) -> Self {
        let left_out = tags.len().saturating_sub(MOST_PAIRED);
        tags.truncate(MOST_PAIRED);
        let counts = vec![0; tags.len() * tags.len()];
        Self { tags, left_out, counts }
    }

    /// Takes an image that carries these rows, each once.
    pub(super) fn add(&mut self, rows: &[usize]) {
        for &row in rows {
            for &column in rows {
                self.counts[row * self.tags.len() + column] += 1;
            }
        }
    }

    /// Images with both tags, by row and column; with the tag itself on the diagonal.
    pub fn get(&self, row: usize, column: usize) -> u32 {
        if column < self.tags.len() { self.counts.get(row * self.tags.len() + column).copied().unwrap_or(0) } else { 0 }
    }

    /// The largest count of two different tags.
    pub fn max(&self) -> u32 {
        let rows = 0..self.tags.len();
        rows.flat_map(|row| (0..row).map(move |column| (row, column)))
            .map(|(row, column)| self.get(row, column))
            .max()
            .unwrap_or(0)
    }
}
