//! Files with an element in JSON on each line.

use std::io::BufRead;

use serde_json::Value;

use super::error::FormatError;
use super::metered::Metered;

/// Lines are a dataset's images.
const MOST_LINES: u64 = 2_000_000;

/// A line that is no JSON.
#[derive(Clone, Debug)]
pub(super) struct BrokenLine {
    /// Why, without the place.
    pub(super) reason: String,
    line: usize,
    column: usize,
}

impl From<BrokenLine> for FormatError {
    fn from(BrokenLine { reason, line, column }: BrokenLine) -> Self {
        Self::Unreadable { reason, line, column }
    }
}

/// Reads line by line and passes over empty ones; lines are counted from 1. An `Err` of `take` ends the reading with these
/// words.
pub(super) fn json_lines(
    input: impl BufRead,
    mut take: impl FnMut(u64, Result<Value, BrokenLine>) -> Result<(), String>,
) -> Result<(), FormatError> {
    let mut input = Metered::new(input);
    let mut line = Vec::new();
    for number in 1..=MOST_LINES {
        input.begin();
        line.clear();
        let count = input.read_until(b'\n', &mut line);
        if count.map_err(|error| FormatError::Files { reason: format!("{error} (line {number})") })? == 0 {
            return Ok(());
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let value = serde_json::from_slice(text).map_err(|error| BrokenLine {
            reason: format!("it is not valid JSON (at character {})", error.column()),
            line: usize::try_from(number).unwrap_or(usize::MAX),
            column: error.column(),
        });
        take(number, value).map_err(FormatError::says)?;
    }
    Err(FormatError::says(format!("there are more than {MOST_LINES} lines")))
}
