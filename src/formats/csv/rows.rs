//! The rows of a table with the lines on which they begin, as an editor counts them: whatever ends the lines, with blank
//! lines between, and with line breaks in quoted cells.

use std::collections::VecDeque;
use std::io::{BufRead, Read};

use csv::ByteRecord;

use crate::error::FormatError;
use crate::lines::Metered;

pub(super) struct Rows<R> {
    rows: csv::Reader<Lines<R>>,
    record: ByteRecord,
    pub(super) delimiter: u8,
}

/// A row: its cells, and the line on which it begins.
pub(super) struct Row {
    pub(super) cells: Vec<String>,
    pub(super) line: u64,
}

impl<R: BufRead> Rows<R> {
    /// Nothing but the first line is looked at yet.
    pub(super) fn new(mut input: R) -> Result<Self, FormatError> {
        let of_io = |error: std::io::Error| FormatError::Files { reason: error.to_string() };
        let start = input.fill_buf().map_err(of_io)?;
        let stated = stated_delimiter(start);
        let delimiter = stated.unwrap_or_else(|| delimiter(start));
        let rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(Lines::new(Metered::new(input)));
        let mut rows = Self { rows, record: ByteRecord::new(), delimiter };
        if stated.is_some() {
            rows.next()?;
        }
        Ok(rows)
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>, FormatError> {
        self.rows.get_mut().input.begin();
        let begin = self.rows.position().byte();
        match self.rows.read_byte_record(&mut self.record) {
            Ok(false) => return Ok(None),
            Ok(true) => {}
            Err(error) => {
                let reason = match error.into_kind() {
                    csv::ErrorKind::Io(error) => error.to_string(),
                    _ => "it is not a table".to_owned(),
                };
                return Err(FormatError::Files { reason });
            }
        }
        let line = self.rows.get_mut().line_at(begin);
        // The text was decoded before, and cells are cut at letters.
        let cells = self.record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        Ok(Some(Row { cells, line }))
    }
}

/// What separates the cells by the line `sep=;` that Excel reads and writes before a table.
fn stated_delimiter(text: &[u8]) -> Option<u8> {
    let line = text.split(|&byte| matches!(byte, b'\n' | b'\r')).next()?;
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (word, sign) = line.split_at_checked(4)?;
    match sign {
        [sign] if word.eq_ignore_ascii_case(b"sep=") => Some(*sign).filter(|sign| b",;\t|".contains(sign)),
        _ => None,
    }
}

/// What separates the cells: the sign that the first line has most of.
fn delimiter(text: &[u8]) -> u8 {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |letter: u8| line.iter().filter(|&&byte| byte == letter).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|&letter| count(letter)).unwrap_or(b',')
}

/// Remembers where the lines begin that were read ahead and whose rows have not been requested.
struct Lines<R> {
    input: Metered<R>,
    /// The place of the first byte of each line that is not blank, and its number.
    starts: VecDeque<(u64, u64)>,
    at: u64,
    line: u64,
    is_blank: bool,
    was_return: bool,
}

impl<R> Lines<R> {
    fn new(input: Metered<R>) -> Self {
        Self { input, starts: VecDeque::new(), at: 0, line: 1, is_blank: true, was_return: false }
    }

    /// The number of the first line that begins at a byte or behind it; those before it are forgotten.
    fn line_at(&mut self, byte: u64) -> u64 {
        while self.starts.len() > 1 && self.starts.front().is_some_and(|&(start, _)| start < byte) {
            self.starts.pop_front();
        }
        self.starts.front().map_or(self.line, |&(_, line)| line)
    }

    fn look_at(&mut self, byte: u8) {
        match byte {
            b'\n' if self.was_return => {}
            b'\n' | b'\r' => {
                self.line += 1;
                self.is_blank = true;
            }
            _ if std::mem::take(&mut self.is_blank) => self.starts.push_back((self.at, self.line)),
            _ => {}
        }
        self.was_return = byte == b'\r';
        self.at += 1;
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.input.read(buffer)?;
        for &byte in buffer.get(..count).unwrap_or_default() {
            self.look_at(byte);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, String)> {
        let mut rows = Rows::new(std::io::BufReader::with_capacity(3, text.as_bytes())).expect("rows");
        let mut found = Vec::new();
        while let Some(row) = rows.next().expect("row") {
            found.push((row.line, row.cells.join("|")));
        }
        found
    }

    #[test]
    fn rows_know_their_lines_whatever_ends_them() {
        let expected = [(1, "a,b"), (2, "1,2"), (4, "\"x{}y\",3"), (6, "5,6")];
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("a,b{end}1,2{end}{end}\"x{end}y\",3{end}5,6");
            let expected: Vec<(u64, String)> = expected
                .iter()
                .map(|(line, row)| (*line, row.replace("{}", end).replace(',', "|").replace('"', "")))
                .collect();
            assert_eq!(lines(&text), expected, "{end:?}");
        }
    }

    #[test]
    fn the_line_that_states_what_separates_cells_is_no_row() {
        for (text, row) in
            [("sep=;\r\na;b,c\r\n", "a|b,c"), ("\"SEP=\t\"\na\tb;c;d\n", "a|b;c;d"), ("sep=|\na|b\n", "a|b")]
        {
            let mut rows = Rows::new(text.as_bytes()).expect("rows");
            let row_found = rows.next().expect("row").expect("a row");
            assert_eq!((row_found.line, row_found.cells.join("|").as_str()), (2, row), "{text:?}");
        }
        let mut rows = Rows::new(&b"sep=;;\na;b\n"[..]).expect("rows");
        assert_eq!(
            rows.next().expect("row").map(|row| (row.line, row.cells.join("|"))),
            Some((1, "sep=||".to_owned()))
        );
    }

    #[test]
    fn many_rows_keep_no_lines_behind_them() {
        let text = "a,b\r\n".repeat(100_000);
        let mut rows = Rows::new(text.as_bytes()).expect("rows");
        let mut last = 0;
        while let Some(row) = rows.next().expect("row") {
            last = row.line;
            assert!(rows.rows.get_ref().starts.len() < 10_000);
        }
        assert_eq!(last, 100_000);
    }
}
