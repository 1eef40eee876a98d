//! What of a journal could not be read, in words.

use std::path::{Path, PathBuf};

use super::scan::{Loaded, Tail};

/// Lines that are named.
const MOST_NAMED: usize = 10;

/// What of a journal could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    path: PathBuf,
    /// The numbers of the damaged lines, from 1, ascending.
    lines: Vec<u64>,
    /// The number of the last line, when it has no end.
    unfinished: Option<u64>,
}

impl Damage {
    pub(super) fn of(path: &Path, loaded: &Loaded) -> Self {
        let mut lines = loaded.damaged.clone();
        lines.dedup();
        let unfinished = (loaded.tail == Tail::Torn).then_some(loaded.lines);
        Self { path: path.to_path_buf(), lines, unfinished }
    }

    /// Whether everything could be read.
    pub fn is_none(&self) -> bool {
        self.lines.is_empty() && self.unfinished.is_none()
    }

    /// Number of lines that could not be read.
    pub fn line_count(&self) -> usize {
        self.lines.len() + usize::from(self.unfinished.is_some())
    }

    /// A sentence that says which lines of which file could not be read; `None` when there are none.
    pub fn words(&self) -> Option<String> {
        let mut numbers: Vec<String> = self.lines.iter().chain(&self.unfinished).map(u64::to_string).collect();
        let more = numbers.len().saturating_sub(MOST_NAMED);
        numbers.truncate(MOST_NAMED);
        let (are, lines) = match self.line_count() {
            0 => return None,
            1 => ("1 line is".to_owned(), "line"),
            count => (format!("{count} lines are"), "lines"),
        };
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let end = match (self.unfinished, self.lines.is_empty()) {
            (Some(_), true) => " It is the last one and is incomplete: it was being written when the program stopped.",
            (Some(_), false) => " The last of them is incomplete: it was being written when the program stopped.",
            (None, _) => "",
        };
        Some(format!(
            "Decisions are missing: {are} damaged in the journal {} ({lines} {}{more}).{end}",
            self.path.display(),
            numbers.join(", ")
        ))
    }
}
