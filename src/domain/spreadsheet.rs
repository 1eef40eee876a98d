//! Cells of CSV files that a spreadsheet would run as formulas.
//!
//! Excel, LibreOffice Calc and Google Sheets treat a cell that begins with `=`, `+`, `-`, `@`, one of their full-width
//! forms, a tab or a line break as a formula (OWASP, "CSV Injection"). Comments, reviewers, tag names and metadata come
//! from other people, so every CSV file that Tagscope writes puts an apostrophe in front of such a cell by default, and
//! the readers remove it. The pair is exact: [`plain`] of [`cell`] is the text, whatever the text is and whichever
//! [`Cells`] were chosen.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What is written where a cell would be run as a formula.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cells {
    /// The text with an apostrophe in front: a spreadsheet shows it as text.
    #[default]
    Safe,
    /// The text as it is, for programs that read the file without knowing about the apostrophe. Only a text that begins
    /// with an apostrophe before a formula still gets a second one, so that reading it back is exact.
    Raw,
}

impl Cells {
    /// Whether cells are written in the default way.
    pub fn is_safe(&self) -> bool {
        *self == Self::Safe
    }
}

/// What a formula can begin with. The last four are the full-width forms, which a spreadsheet may read as the usual
/// ones.
const STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Whether a spreadsheet would run this text as a formula, even if only after removing quotes from its front.
pub fn is_formula(text: &str) -> bool {
    text.trim_start_matches(['\'', '"']).starts_with(STARTS)
}

pub fn cell(text: &str, cells: Cells) -> Cow<'_, str> {
    let is_marked = match cells {
        Cells::Safe => is_formula(text),
        Cells::Raw => is_formula(text) && text.starts_with('\''),
    };
    if is_marked { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text of a cell that [`cell`] has written.
pub fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_gets_an_apostrophe() {
        let usual = ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\"=1", "'=1", "''-1"];
        for text in usual.into_iter().chain(["\u{ff1d}1", "\u{ff0b}1", "\u{ff0d}1", "\u{ff20}A1", "'\u{ff1d}1"]) {
            let safe = cell(text, Cells::Safe);
            assert!(safe.starts_with('\'') && safe.len() == text.len() + 1, "{text:?}: {safe:?}");
            assert_eq!(plain(&safe), text);
        }
        for text in ["", "fork", "'quoted'", "a=b", "1-2", " =1", "'"] {
            assert_eq!(cell(text, Cells::Safe), text);
            assert_eq!(plain(text), text);
        }
        assert_eq!(cell("=1", Cells::Raw), "=1");
        assert_eq!(cell("'=1", Cells::Raw), "''=1");
    }

    proptest! {
        #[test]
        fn reading_a_cell_gives_its_text_back(text in "['\"=+@\\-\t\r\n\u{ff1d}\u{ff20}a ]{0,6}") {
            for cells in [Cells::Safe, Cells::Raw] {
                let written = cell(&text, cells);
                prop_assert_eq!(plain(&written), text.as_str());
            }
        }
    }
}
