//! How long the lists of a row are, before a row is read: a file of a megabyte can hold a row with millions of boxes. Only
//! the levels at which values repeat are decoded, a page at a time.

use ::parquet::basic::Encoding;
use ::parquet::column::page::Page;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::RowGroupReader;

use crate::error::FormatError;

/// Boxes of a row.
const MOST_BOXES: u64 = 100_000;
/// Values of a row in one column: each box has four numbers.
const MOST_VALUES: u64 = 4 * MOST_BOXES;

/// Refuses a row group with a row whose lists are too long, in columns that are wanted by their first names.
pub(super) fn check(
    group: &dyn RowGroupReader,
    first_row: u64,
    wanted: impl Fn(&str) -> bool,
    damaged: impl Fn(&ParquetError) -> FormatError,
) -> Result<(), FormatError> {
    for (at, column) in group.metadata().columns().iter().enumerate() {
        let deepest = column.column_descr().max_rep_level();
        let is_wanted = column.column_path().parts().first().is_some_and(|name| wanted(name));
        if deepest <= 0 || !is_wanted {
            continue;
        }
        let bits = i16::BITS - deepest.leading_zeros();
        let mut rows = Rows { count: 0, values: 0 };
        let mut pages = group.get_column_page_reader(at).map_err(|error| damaged(&error))?;
        while let Some(page) = pages.get_next_page().map_err(|error| damaged(&error))? {
            let is_short = match &page {
                Page::DataPage { buf, num_values, rep_level_encoding: Encoding::RLE, .. } => {
                    let length = buf.get(..4).and_then(|length| length.try_into().ok()).map_or(0, u32::from_le_bytes);
                    let levels = buf.get(4..).unwrap_or_default();
                    rows.take(cut(levels, length), bits, *num_values)
                }
                Page::DataPageV2 { buf, num_values, rep_levels_byte_len, .. } => {
                    rows.take(cut(buf, *rep_levels_byte_len), bits, *num_values)
                }
                // An old form of the levels: all values may be those of one row.
                Page::DataPage { num_values, .. } => rows.resume((*num_values).into()),
                Page::DictionaryPage { .. } => true,
            };
            if !is_short {
                return Err(FormatError::says(format!(
                    "row {} has more than 400,000 values in the column {:.80}; rows with more than 100,000 boxes are not \
                     read",
                    first_row + rows.count.max(1),
                    column.column_path().string()
                )));
            }
        }
    }
    Ok(())
}

fn cut(bytes: &[u8], length: u32) -> &[u8] {
    usize::try_from(length).ok().and_then(|length| bytes.get(..length)).unwrap_or(bytes)
}

/// The rows of a column so far.
struct Rows {
    count: u64,
    /// Values of the last one.
    values: u64,
}

impl Rows {
    /// Adds values to the last row. Returns whether the row is still short enough.
    fn resume(&mut self, values: u64) -> bool {
        self.values = self.values.saturating_add(values);
        self.values <= MOST_VALUES
    }

    /// Takes the levels of a page: runs of one level, or groups of eight that are packed. Level 0 begins a row.
    fn take(&mut self, levels: &[u8], bits: u32, count: u32) -> bool {
        let (mut rest, mut left) = (levels, u64::from(count));
        while left > 0 {
            let Some(head) = head_of(&mut rest) else { break };
            if head & 1 == 0 {
                let run = (head >> 1).min(left);
                left -= run;
                let Some((&level, after)) = rest.split_first() else { break };
                rest = after;
                if level == 0 && run > 0 {
                    self.count += run;
                    self.values = 1;
                } else if !self.resume(run) {
                    return false;
                }
                // Nothing comes of a run without values but its own bytes.
                continue;
            }
            let bytes = usize::try_from((head >> 1).saturating_mul(bits.into())).unwrap_or(usize::MAX);
            let (packed, after) = rest.split_at(bytes.min(rest.len()));
            rest = after;
            let most = packed.len() as u64 * 8 / u64::from(bits);
            for at in 0..most.min(left) {
                let is_set = |bit: u64| {
                    let byte = usize::try_from(bit / 8).ok().and_then(|at| packed.get(at));
                    byte.is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
                };
                let first = at * u64::from(bits);
                if (first..first + u64::from(bits)).any(is_set) {
                    if !self.resume(1) {
                        return false;
                    }
                } else {
                    self.count += 1;
                    self.values = 1;
                }
            }
            left -= most.min(left);
            if packed.is_empty() {
                break;
            }
        }
        // What the levels do not say may belong to the last row.
        self.resume(left)
    }
}

/// The number at the beginning, seven bits a byte.
fn head_of(bytes: &mut &[u8]) -> Option<u64> {
    let mut head = 0;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        head |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(head);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_counted_by_row() {
        let of = |levels: &[u8], bits: u32, count: u32| {
            let mut rows = Rows { count: 0, values: 0 };
            (rows.take(levels, bits, count), rows.count, rows.values)
        };
        // The example of the format's description: three bits each, 0 to 7, packed.
        assert_eq!(of(&[0x03, 0x88, 0xc6, 0xfa], 3, 8), (true, 1, 8));
        // 1,000 rows of one value; the last row has 300 more.
        let run = |head: u64| [(head << 1) as u8 | 0x80, (head >> 6) as u8];
        let long = [&run(1_000)[..], &[0], &run(300), &[1]].concat();
        assert_eq!(of(&long, 1, 1_300), (true, 1_000, 301));
        // A run of 400 001 values, in three bytes.
        let head = 400_001_u64 << 1;
        let bomb = [(head as u8) | 0x80, ((head >> 7) as u8) | 0x80, (head >> 14) as u8, 1];
        assert!(!of(&bomb, 1, 400_001).0);
        // Levels that end too early.
        assert_eq!((of(&[], 1, 7), of(&[], 2, 500_000).0), ((true, 0, 7), false));
    }
}
