//! The pictures of a Parquet file, row by row: a caller that asks for them in their order reads the file once.

use std::fs::File;

use ::parquet::record::reader::ReaderIter;

use super::dataset::picture_columns;
use super::table::{Table, bytes_of};
use crate::error::FormatError;

/// See the module's words.
pub struct Pictures {
    table: Table,
    column: String,
    /// The first row of each row group.
    starts: Vec<u64>,
    /// The row group that is being read.
    open: Option<Open>,
}

struct Open {
    group: usize,
    rows: ReaderIter,
    /// The number of the next row in the file.
    next: u64,
}

impl Pictures {
    /// Opens a file.
    ///
    /// # Errors
    /// When it is damaged or has no pictures.
    pub fn open(file: File) -> Result<Self, FormatError> {
        let table = Table::open(file)?;
        let column = picture_columns(&table).into_iter().next();
        let column = column.ok_or_else(|| FormatError::says("it has no column with pictures"))?;
        let mut starts = vec![0];
        for rows in table.group_rows() {
            starts.push(starts.last().copied().unwrap_or_default() + rows);
        }
        Ok(Self { table, column, starts, open: None })
    }

    /// The picture of a row, counted from 0; `None` when the row has none.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn read(&mut self, row: u64) -> Result<Option<Vec<u8>>, FormatError> {
        let ended = || FormatError::says(format!("it has no row {}", row + 1));
        let group = self.starts.partition_point(|start| *start <= row).saturating_sub(1);
        let (start, end) = (self.starts[group], self.starts.get(group + 1).copied().ok_or_else(ended)?);
        if row >= end {
            return Err(ended());
        }
        if self.open.as_ref().is_none_or(|open| open.group != group || open.next > row) {
            let column = self.column.clone();
            let is_picture = |path: &[&str]| match path {
                [name] => *name == column,
                [name, field] => *name == column && *field == "bytes",
                _ => false,
            };
            self.open = Some(Open { group, rows: self.table.group(group, is_picture)?, next: start });
        }
        let Some(open) = &mut self.open else { return Err(ended()) };
        loop {
            let found = open.rows.next().ok_or_else(ended)?.map_err(|error| FormatError::says(error.to_string()))?;
            open.next += 1;
            if open.next > row {
                let columns = found.into_columns();
                return Ok(columns.first().and_then(|(_, field)| bytes_of(field)).map(|bytes| bytes.data().to_vec()));
            }
        }
    }
}
