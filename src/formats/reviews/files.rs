//! Reviews as a table by RFC 4180 (spreadsheets of many countries save it with semicolons: that is read as well), and as JSON:
//! `{"tagscopeReviews": 1, "rows": [{"imageId", "regionId"?, "reviewer", "time", "verdict" or "comment"}]}`.

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{MOST_ROWS, Names, Row, row_of, time_text};
use crate::FormatError;
use crate::spreadsheet::{Cells, cell, plain};
use domain::{Review, ReviewRow};

/// The head of the table. `regionId` is empty for the image as a whole; a row has a verdict or a comment.
pub const COLUMNS: [&str; 6] = ["imageId", "regionId", "reviewer", "time", "verdict", "comment"];

/// Writes the table. Reviewers and comments are other people's words: `cells` says what is done about formulas.
pub(crate) fn write_csv(rows: &[ReviewRow], cells: Cells, out: &mut dyn io::Write) -> io::Result<()> {
    let mut table = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    let failed = |error: ::csv::Error| io::Error::other(error.to_string());
    table.write_record(COLUMNS).map_err(failed)?;
    for row in rows {
        let (verdict, comment) = match &row.review {
            Review::Verdict(verdict) => (verdict.word(), ""),
            Review::Comment(text) => ("", &**text),
        };
        let region = row.subject.region.map(|region| region.to_string()).unwrap_or_default();
        let image = row.subject.image.to_string();
        let (by, comment) = (cell(&row.by, cells), cell(comment, cells));
        table.write_record([&image, &region, &*by, &time_text(row.at), verdict, &*comment]).map_err(failed)?;
    }
    table.flush()
}

pub(super) fn read_csv(bytes: &[u8]) -> Result<Vec<ReviewRow>, FormatError> {
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

/// The version that is written, and the newest that is read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct JsonRow<'a> {
    #[serde(borrow)]
    image_id: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    region_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    reviewer: Cow<'a, str>,
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    verdict: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    comment: Option<Cow<'a, str>>,
}

pub(crate) fn write_json(rows: &[ReviewRow], out: &mut dyn io::Write) -> io::Result<()> {
    write!(out, "{{\n\"tagscopeReviews\": {VERSION},\n\"rows\": [")?;
    for (at, row) in rows.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        let (verdict, comment) = match &row.review {
            Review::Verdict(verdict) => (Some(verdict.word()), None),
            Review::Comment(text) => (None, Some(&**text)),
        };
        let row = JsonRow {
            image_id: row.subject.image.to_string().into(),
            region_id: row.subject.region.map(|region| region.to_string().into()),
            reviewer: Cow::Borrowed(&row.by),
            time: time_text(row.at).into(),
            verdict: verdict.map(Cow::Borrowed),
            comment: comment.map(Cow::Borrowed),
        };
        serde_json::to_writer(&mut *out, &row)?;
    }
    out.write_all(b"\n]\n}\n")
}

pub(super) fn read_json(bytes: &[u8]) -> Result<Vec<ReviewRow>, FormatError> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "tagscopeReviews")]
        version: Option<u32>,
    }
    #[derive(Deserialize)]
    struct File<'a> {
        #[serde(borrow)]
        rows: Vec<&'a RawValue>,
    }
    // The version first: of a newer file nothing else is known.
    let head: Head = serde_json::from_slice(bytes).map_err(|error| FormatError::from_json(&error))?;
    match head.version {
        Some(VERSION) => {}
        Some(newer) => {
            let reason = format!("it has version {newer}; this version of Tagscope supports {VERSION}");
            return Err(FormatError::says(reason));
        }
        None => return Err(FormatError::says("it has no `tagscopeReviews`, so it is not a reviews file")),
    }
    let file: File<'_> = serde_json::from_slice(bytes).map_err(|error| FormatError::from_json(&error))?;
    if file.rows.len() > MOST_ROWS {
        return Err(FormatError::says(format!("it has more than {MOST_ROWS} rows")));
    }
    let mut names = Names::default();
    let checked = |row: &RawValue| checked(row.get(), &mut names).map_err(|error| moved(error, bytes, row.get()));
    file.rows.into_iter().map(checked).collect()
}

/// A row that is right, or what is wrong with it and where, counted from its own start.
fn checked(json: &str, names: &mut Names) -> Result<ReviewRow, FormatError> {
    let row: JsonRow<'_> = serde_json::from_str(json).map_err(|error| FormatError::from_json(&error))?;
    let row = Row {
        image: &row.image_id,
        region: row.region_id.as_deref().unwrap_or_default(),
        reviewer: &row.reviewer,
        time: &row.time,
        verdict: row.verdict.as_deref().unwrap_or_default(),
        comment: row.comment.as_deref().unwrap_or_default(),
    };
    row_of(row, names).map_err(|(_, reason)| FormatError::Unreadable { reason, line: 1, column: 1 })
}

/// An error in a part of a file, with its place counted from the start of the file.
fn moved(error: FormatError, file: &[u8], part: &str) -> FormatError {
    let FormatError::Unreadable { reason, line, column } = error else { return error };
    let start = (part.as_ptr() as usize).saturating_sub(file.as_ptr() as usize);
    let before = file.get(..start).unwrap_or_default();
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    let columns = before.iter().rev().take_while(|byte| **byte != b'\n').count();
    FormatError::Unreadable { reason, line: line + lines, column: if line == 1 { column + columns } else { column } }
}
