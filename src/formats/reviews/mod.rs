//! Reviews as files: all verdicts and comments of all reviewers, a row each, as CSV or JSON. Both hold everything; a file
//! with anything wrong in it is refused as a whole, with line and column.

mod files;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;

use jiff::Timestamp;

use super::spreadsheet::{Cells, is_formula};
use super::{FormatError, text};
use domain::{ImageId, RegionId, Review, ReviewRow, Subject, Verdict};

pub use files::COLUMNS;
use files::{read_csv, read_json, write_csv, write_json};

/// Rows of one file.
const MOST_ROWS: usize = 2_000_000;

/// Reviewers of one file.
const MOST_REVIEWERS: usize = 1_000;

/// Bytes of a comment, and of a reviewer's name, at most.
pub const MOST_COMMENT: usize = 64 << 10;
/// See [`MOST_COMMENT`].
pub const MOST_NAME: usize = 256;

/// How reviews are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReviewFormat {
    /// A row a verdict or comment, by RFC 4180, with [`COLUMNS`] as its head.
    #[default]
    Csv,
    /// The same rows as JSON.
    Json,
}

impl ReviewFormat {
    pub const ALL: [Self; 2] = [Self::Csv, Self::Json];

    pub fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// Writes the rows; `cells` is for CSV.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write(self, rows: &[ReviewRow], cells: Cells, out: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Self::Csv => write_csv(rows, cells, out),
            Self::Json => write_json(rows, out),
        }
    }
}

/// Number of reviewers' names and comments that a spreadsheet would run as formulas.
pub fn formula_count(rows: &[ReviewRow]) -> usize {
    let texts = rows.iter().flat_map(|row| {
        let comment = match &row.review {
            Review::Comment(text) => Some(&**text),
            Review::Verdict(_) => None,
        };
        std::iter::once(&*row.by).chain(comment)
    });
    texts.filter(|text| is_formula(text)).count()
}

/// Reads a file of reviews, CSV or JSON as it begins.
///
/// # Errors
/// With line and column, when anything in it is wrong.
pub fn read(bytes: &[u8]) -> Result<Vec<ReviewRow>, FormatError> {
    // What a spreadsheet calls "Unicode text".
    let decoded = match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some(text::whole(bytes)?),
        _ => None,
    };
    let bytes = decoded.as_deref().map_or(bytes, str::as_bytes);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => read_json(bytes),
        _ => read_csv(bytes),
    }
}

/// The texts of a row as a file holds them.
#[derive(Clone, Copy)]
struct Row<'a> {
    image: &'a str,
    region: &'a str,
    reviewer: &'a str,
    time: &'a str,
    verdict: &'a str,
    comment: &'a str,
}

/// Names met so far, so that a million rows share them.
#[derive(Default)]
struct Names(Vec<Arc<str>>);

impl Names {
    fn get(&mut self, name: &str) -> Result<Arc<str>, String> {
        if let Some(known) = self.0.iter().find(|known| &***known == name) {
            return Ok(Arc::clone(known));
        }
        if name.trim().is_empty() || name.len() > MOST_NAME {
            return Err(format!("a reviewer's name must have 1 to {MOST_NAME} bytes"));
        }
        if self.0.len() >= MOST_REVIEWERS {
            return Err(format!("there are more than {MOST_REVIEWERS} reviewers"));
        }
        self.0.push(name.into());
        Ok(name.into())
    }
}

/// The place of a cell in [`COLUMNS`], and what is wrong with it.
type CellFault = (usize, String);

fn row_of(row: Row<'_>, names: &mut Names) -> Result<ReviewRow, CellFault> {
    let image: ImageId = row.image.parse().map_err(|_| (0, format!("`{}` is not an image id", brief(row.image))))?;
    let region: Option<RegionId> = match row.region {
        "" => None,
        text => Some(text.parse().map_err(|_| (1, format!("`{}` is not a region id", brief(text))))?),
    };
    let by = names.get(row.reviewer).map_err(|why| (2, why))?;
    let at = time_of(row.time).ok_or_else(|| (3, format!("`{}` is not a time", brief(row.time))))?;
    let review = match (row.verdict, row.comment) {
        ("", "") => return Err((4, "there is neither a verdict nor a comment".to_owned())),
        (word, "") => Review::Verdict(Verdict::from_word(word).ok_or_else(|| {
            let words = Verdict::ALL.map(Verdict::word).join(", ");
            (4, format!("`{}` is not a verdict; the verdicts are {words}", brief(word)))
        })?),
        ("", text) if text.len() <= MOST_COMMENT => Review::Comment(text.into()),
        ("", _) => return Err((5, format!("the comment is longer than {} KiB", MOST_COMMENT >> 10))),
        _ => return Err((5, "a row can have a verdict or a comment, not both".to_owned())),
    };
    Ok(ReviewRow { subject: Subject { image, region }, by, at, review })
}

/// At most 40 letters of a foreign text.
fn brief(text: &str) -> String {
    let mut letters = text.chars();
    let head: String = letters.by_ref().take(40).collect();
    if letters.next().is_some() { format!("{head}...") } else { head }
}

/// `2026-11-24T15:12:02Z`.
pub fn time_text(at: i64) -> String {
    let latest = Timestamp::MAX.as_second();
    Timestamp::from_second(at.clamp(Timestamp::MIN.as_second(), latest)).unwrap_or_default().to_string()
}

fn time_of(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}
