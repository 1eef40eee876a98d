//! JSON lines: an image a line in the service's own fields and number text, without addresses.
//!
//! The writer is the one that archives and `tagscope images --jsonl` use ([`write_image`]); the reader here shares
//! nothing with it nor with the reader of archives: it keeps every value as the text it found.

use std::io::{self, BufRead, Write};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::FormatError;
use crate::domain::{ImageRow, UriForm, json_fault, write_image};

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
    /// The image's id.
    pub id: String,
    /// Its date.
    #[serde(default)]
    pub created: Option<String>,
    /// Width of the resized picture.
    #[serde(default)]
    pub width: u32,
    /// Height of the resized picture.
    #[serde(default)]
    pub height: u32,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<LineTag>,
    /// Its regions.
    #[serde(default)]
    pub regions: Vec<LineRegion>,
    /// Its metadata.
    #[serde(default)]
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

/// A tag of a line.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LineTag {
    /// Its id.
    pub tag_id: String,
    /// Its name.
    pub tag_name: String,
    /// Its date.
    #[serde(default)]
    pub created: Option<String>,
}

/// A region of a line, its numbers as texts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LineRegion {
    /// Its id.
    pub region_id: String,
    /// Its tag.
    pub tag_id: String,
    /// The tag's name.
    pub tag_name: String,
    /// Its date.
    #[serde(default)]
    pub created: Option<String>,
    /// Left edge.
    pub left: Box<RawValue>,
    /// Top edge.
    pub top: Box<RawValue>,
    /// Width.
    pub width: Box<RawValue>,
    /// Height.
    pub height: Box<RawValue>,
}

impl LineRegion {
    /// Left, top, width and height as they stand in the file.
    pub fn number_texts(&self) -> [&str; 4] {
        [self.left.get(), self.top.get(), self.width.get(), self.height.get()]
    }
}

/// Reads line by line.
///
/// # Errors
/// (Of each item) when the line is not an image of this form or the input fails.
pub fn read_lines(input: impl BufRead) -> impl Iterator<Item = Result<Line, FormatError>> {
    input.split(b'\n').enumerate().map(|(index, line)| {
        let line = line.map_err(|error| FormatError::Files { reason: error.to_string() })?;
        serde_json::from_slice(&line).map_err(|error| FormatError::Unreadable {
            reason: json_fault(&error),
            line: index + 1,
            column: error.column(),
        })
    })
}
