//! Reviews as JSON: `{"tagscopeReviews": 1, "rows": [{"imageId", "regionId"?, "reviewer", "time", "verdict" or "comment"}]}`.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::io;

use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::{MOST_ROWS, Names, Row, row_of, time_text};
use crate::FormatError;
use domain::{ReviewRow, Said};

/// The version that is written, and the newest that is read.
const VERSION: u32 = 1;

thread_local! {
    /// The names of the file that is being read: serde hands no state down.
    static NAMES: RefCell<Names> = RefCell::default();
}

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
    struct File {
        rows: Rows,
    }
    // The version first: of a newer file nothing else is known.
    let head: Head = serde_json::from_slice(bytes).map_err(|error| FormatError::of(&error))?;
    match head.version {
        Some(VERSION) => {}
        Some(newer) => {
            return Err(FormatError::says(format!(
                "it has version {newer}; this version of Tagscope \
                                                             supports {VERSION}"
            )));
        }
        None => return Err(FormatError::says("it has no `tagscopeReviews`, so it is not a reviews file")),
    }
    NAMES.with_borrow_mut(|names| names.0.clear());
    let file: File = serde_json::from_slice(bytes).map_err(|error| FormatError::of(&error))?;
    Ok(file.rows.0)
}

struct Rows(Vec<ReviewRow>);

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Rows;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of rows")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows, A::Error> {
                let mut rows = Vec::new();
                while let Some(Checked(row)) = list.next_element()? {
                    if rows.len() >= MOST_ROWS {
                        return Err(A::Error::custom(format!("there are more than {MOST_ROWS} rows")));
                    }
                    rows.push(row);
                }
                Ok(Rows(rows))
            }
        }
        deserializer.deserialize_seq(All)
    }
}

/// A row that is right: what is wrong is said at its place.
struct Checked(ReviewRow);

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = JsonRow::deserialize(deserializer)?;
        let row = Row {
            image: &row.image_id,
            region: row.region_id.as_deref().unwrap_or_default(),
            reviewer: &row.reviewer,
            time: &row.time,
            verdict: row.verdict.as_deref().unwrap_or_default(),
            comment: row.comment.as_deref().unwrap_or_default(),
        };
        let row = NAMES.with_borrow_mut(|names| row_of(row, names));
        row.map(Self).map_err(|(_, reason)| D::Error::custom(reason))
    }
}
