//! Cells of tables that a spreadsheet would run as a formula, since names and comments come from other people: an
//! apostrophe in front makes a spreadsheet show the text and nothing else.

use std::borrow::Cow;

/// What a formula begins with, for one spreadsheet or another.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell that no spreadsheet runs. [`plain`] is the way back.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// A cell without the apostrophe that [`guarded`], or a person who knows spreadsheets, put in front of it.
pub fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

/// Whether a formula begins here, or such a cell that was guarded already.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_and_none_is_run() {
        for text in ["=1+1", "+x", "-x", "@x", "\tx", "\rx", "'=x", "''=x", "'tis", "''", "", "fork", "'", "="] {
            let cell = guarded(text);
            assert!(!cell.starts_with(FORMULA), "{text:?} becomes {cell:?}");
            assert_eq!(plain(&cell), text);
        }
        assert_eq!((guarded("=x").as_ref(), guarded("fork").as_ref()), ("'=x", "fork"));
    }
}
