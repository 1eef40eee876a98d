//! JSON lines: an image a line in the service's own fields and number text, without addresses.
//!
//! The writer is the one that archives and `tagscope images --jsonl` use ([`write_image`]); the reader here shares
//! nothing with it nor with the reader of archives: it keeps every value as the text it found.

use std::io::{self, BufRead, Read as _, Write};

use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::value::RawValue;

use super::error::FormatError;
use super::item::ExportItem;
use super::write::{Folder, OutFile, Writer};
use domain::record::members;
use domain::{ImageRow, UriForm, json_error, write_image};

/// The file under construction: rows as they came, whatever the options.
pub(crate) struct JsonlWriter {
    out: Box<dyn OutFile>,
}

impl JsonlWriter {
    pub(crate) fn begin(folder: &dyn Folder) -> io::Result<Self> {
        Ok(Self { out: folder.create("images.jsonl")? })
    }
}

impl Writer for JsonlWriter {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        write_line(&item.image.to_row(), &mut self.out)
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.out.finish()
    }
}

/// Writes a row and its line break.
///
/// # Errors
/// When `out` refuses.
pub fn write_line(row: &ImageRow, out: &mut impl Write) -> io::Result<()> {
    let mut line = Vec::with_capacity(256 + row.regions.len() * 220);
    write_image(row, UriForm::Absent, &mut line);
    line.push(b'\n');
    out.write_all(&line)
}

/// A line as it was found.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Line {
    pub id: String,
    #[serde(default)]
    pub created: Option<String>,
    /// Width of the resized picture.
    #[serde(default)]
    pub width: u32,
    /// Height of the resized picture.
    #[serde(default)]
    pub height: u32,
    #[serde(default)]
    pub tags: Vec<LineTag>,
    #[serde(default)]
    pub regions: Vec<LineRegion>,
    /// Its metadata, also a key that is there twice.
    #[serde(default, deserialize_with = "pairs")]
    pub metadata: Vec<(String, serde_json::Value)>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LineTag {
    pub tag_id: String,
    pub tag_name: String,
    #[serde(default)]
    pub created: Option<String>,
}

/// A region of a line, its numbers as texts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LineRegion {
    pub region_id: String,
    pub tag_id: String,
    pub tag_name: String,
    #[serde(default)]
    pub created: Option<String>,
    pub left: Box<RawValue>,
    pub top: Box<RawValue>,
    pub width: Box<RawValue>,
    pub height: Box<RawValue>,
}

impl LineRegion {
    /// Left, top, width and height as they are in the file.
    pub fn number_texts(&self) -> [&str; 4] {
        [self.left.get(), self.top.get(), self.width.get(), self.height.get()]
    }
}

/// The members of an object in their order.
fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, serde_json::Value)>, D::Error> {
    members(deserializer, "an object")
}

/// No line of an image is longer.
const LINE_LIMIT: usize = 16 << 20;

/// Reads line by line.
///
/// # Errors
/// (Of each item) when the line is not an image of this form or the input fails. A line of more than 16 MiB ends the
/// reading.
pub fn read_lines(mut input: impl BufRead) -> impl Iterator<Item = Result<Line, FormatError>> {
    let mut number = 0;
    let mut is_over = false;
    let mut line = Vec::new();
    std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        number += 1;
        line.clear();
        let read = (&mut input).take(LINE_LIMIT as u64 + 2).read_until(b'\n', &mut line);
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        Some(match read {
            Ok(0) => return None,
            Ok(_) if text.len() > LINE_LIMIT => {
                is_over = true;
                let reason = format!("the line is longer than {} MiB", LINE_LIMIT >> 20);
                Err(FormatError::Unreadable { reason, line: number, column: LINE_LIMIT })
            }
            Ok(_) => serde_json::from_slice(text).map_err(|error| FormatError::Unreadable {
                reason: json_error(&error),
                line: number,
                column: error.column(),
            }),
            Err(error) => {
                is_over = true;
                Err(FormatError::Files { reason: error.to_string() })
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_line_ends_the_reading() {
        let row = b"{\"id\":\"a\"}\n";
        let input = io::BufReader::new(io::Read::chain(&row[..], io::repeat(b'x')));
        let read: Vec<_> = read_lines(input).collect();
        assert!(
            matches!(&read[..], [Ok(line), Err(FormatError::Unreadable { line: 2, .. })] if line.id == "a"),
            "{read:?}"
        );
        assert_eq!(read_lines(&[&row[..], &row[..row.len() - 1]].concat()[..]).filter(Result::is_ok).count(), 2);
    }
}
