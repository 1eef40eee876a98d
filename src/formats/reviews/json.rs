//! Reviews as JSON: `{"tagscopeReviews": 1, "rows": [{"imageId", "regionId"?, "reviewer", "time", "verdict" or "comment"}]}`.

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{MOST_ROWS, Names, Row, row_of, time_text};
use crate::FormatError;
use domain::{ReviewRow, Said};

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

/// Writes the file, a row a line.
///
/// # Errors
/// When the system refuses.
pub fn write(rows: &[ReviewRow], out: &mut dyn io::Write) -> io::Result<()> {
    write!(out, "{{\n\"tagscopeReviews\": {VERSION},\n\"rows\": [")?;
    for (at, row) in rows.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        let (verdict, comment) = match &row.said {
            Said::Verdict(verdict) => (Some(verdict.word()), None),
            Said::Comment(text) => (None, Some(&**text)),
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

/// Reads the file.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<ReviewRow>, FormatError> {
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
    let head: Head = serde_json::from_slice(bytes).map_err(|error| FormatError::of(&error))?;
    match head.version {
        Some(VERSION) => {}
        Some(newer) => {
            let reason = format!("it has version {newer}; this version of Tagscope supports {VERSION}");
            return Err(FormatError::says(reason));
        }
        None => return Err(FormatError::says("it has no `tagscopeReviews`, so it is not a reviews file")),
    }
    let file: File<'_> = serde_json::from_slice(bytes).map_err(|error| FormatError::of(&error))?;
    if file.rows.len() > MOST_ROWS {
        return Err(FormatError::says(format!("it has more than {MOST_ROWS} rows")));
    }
    let mut names = Names::default();
    let checked = |row: &RawValue| checked(row.get(), &mut names).map_err(|error| moved(error, bytes, row.get()));
    file.rows.into_iter().map(checked).collect()
}

/// A row that is right, or what is wrong with it and where, counted from its own start.
fn checked(json: &str, names: &mut Names) -> Result<ReviewRow, FormatError> {
    let row: JsonRow<'_> = serde_json::from_str(json).map_err(|error| FormatError::of(&error))?;
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
