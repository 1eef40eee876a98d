//! Reviews as a table by RFC 4180. Spreadsheets of many countries save such a table with semicolons: that is read as well.

use std::io;

use super::{MOST_ROWS, Names, Row, row_of, time_text};
use crate::FormatError;
use crate::spreadsheet::{Cells, cell, plain};
use domain::{ReviewRow, Said};

/// The head of the table. `regionId` is empty for the image as a whole; a row has a verdict or a comment.
pub const COLUMNS: [&str; 6] = ["imageId", "regionId", "reviewer", "time", "verdict", "comment"];

/// Writes the table. Reviewers and comments are other people's words: `cells` says what is done about formulas.
///
/// # Errors
/// When the system refuses.
pub fn write(rows: &[ReviewRow], cells: Cells, out: &mut dyn io::Write) -> io::Result<()> {
    let mut table = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    let failed = |error: ::csv::Error| io::Error::other(error.to_string());
    table.write_record(COLUMNS).map_err(failed)?;
    for row in rows {
        let (verdict, comment) = match &row.said {
            Said::Verdict(verdict) => (verdict.word(), ""),
            Said::Comment(text) => ("", &**text),
        };
        let region = row.subject.region.map(|region| region.to_string()).unwrap_or_default();
        let image = row.subject.image.to_string();
        let (by, comment) = (cell(&row.by, cells), cell(comment, cells));
        table.write_record([&image, &region, &*by, &time_text(row.at), verdict, &*comment]).map_err(failed)?;
    }
    table.flush()
}

/// Reads the table.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<ReviewRow>, FormatError> {
    let delimiter = delimiter(bytes);
    let mut table =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
    let mut rows = Vec::new();
    let mut names = Names::default();
    let mut record = ::csv::StringRecord::new();
    let mut has_head = false;
    loop {
        let line = usize::try_from(table.position().line()).unwrap_or(usize::MAX);
        let start = usize::try_from(table.position().byte()).map_or(bytes.len(), |at| at.min(bytes.len()));
        let fault = |column: usize, reason: String| FormatError::Unreadable { reason, line, column };
        let more = table.read_record(&mut record).map_err(|error| match error.kind() {
            ::csv::ErrorKind::Utf8 { err, .. } => fault(err.field() + 1, "it is not UTF-8".to_owned()),
            _ => fault(1, "it is not a table".to_owned()),
        })?;
        if !more {
            break;
        }
        // The parser passes blank lines over and counts the row from the first of them.
        let blank = bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let line = line + blank.filter(|&&byte| byte == b'\n').count();
        let fault = |column: usize, reason: String| FormatError::Unreadable { reason, line, column };
        if !std::mem::replace(&mut has_head, true) {
            if record.iter().eq(COLUMNS) {
                continue;
            }
            return Err(fault(1, format!("the header of the table is not {}", COLUMNS.join(","))));
        }
        if record.len() != COLUMNS.len() {
            return Err(fault(record.len(), format!("there are {} columns instead of 6", record.len())));
        }
        if rows.len() >= MOST_ROWS {
            return Err(fault(1, format!("there are more than {MOST_ROWS} rows")));
        }
        let row = Row {
            image: &record[0],
            region: &record[1],
            reviewer: plain(&record[2]),
            time: &record[3],
            verdict: &record[4],
            comment: plain(&record[5]),
        };
        rows.push(row_of(row, &mut names).map_err(|(column, reason)| fault(column + 1, reason))?);
    }
    match has_head {
        true => Ok(rows),
        false => Err(FormatError::says("the file is empty")),
    }
}

/// What separates the columns: the head has no semicolon of its own.
fn delimiter(bytes: &[u8]) -> u8 {
    let head = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    if head.contains(&b';') { b';' } else { b',' }
}
