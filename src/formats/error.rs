//! What can be wrong with a file of annotations, and how its texts are quoted in a message.

use std::fmt::{self, Write as _};

use domain::errors::is_out_of_files;
use domain::json_error;

/// Letters of a reason; parsers quote what they found, at any length.
const MOST_LETTERS: usize = 400;

/// A file that is not of the format it should be of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It cannot be parsed.
    #[error("{reason} (line {line}, column {column})")]
    Unreadable {
        reason: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// It can be parsed but is something else.
    #[error("{reason}")]
    NotThisFormat { reason: String },
    /// The system lets no further file be opened. It says nothing about the file.
    #[error("{name} cannot be opened: too many files are open")]
    OutOfFiles {
        /// Its name in the folder.
        name: String,
    },
    #[error("{reason}")]
    Files { reason: String },
}

impl FormatError {
    pub fn says(reason: impl Into<String>) -> Self {
        Self::NotThisFormat { reason: short(reason.into()) }
    }

    /// Why a file or folder of this name could not be opened.
    pub(super) fn from_open(name: &str, error: &std::io::Error) -> Self {
        match is_out_of_files(error) {
            true => Self::OutOfFiles { name: name.to_owned() },
            false => Self::Files { reason: format!("{name}: {error}") },
        }
    }

    /// The parser's error in our terms; its words without the place, which has fields of its own.
    pub(super) fn from_json(error: &serde_json::Error) -> Self {
        let place = format!(" at line {} column {}", error.line(), error.column());
        let reason = short(json_error(error).replace(&place, ""));
        if error.is_io() {
            return Self::Files { reason };
        }
        Self::Unreadable { reason, line: error.line(), column: error.column() }
    }
}

/// A reason with its middle left out when it is long: the place is at its end.
fn short(reason: String) -> String {
    let count = reason.chars().count();
    if count <= MOST_LETTERS {
        return reason;
    }
    let start = reason.chars().take(MOST_LETTERS / 2);
    start.chain("...".chars()).chain(reason.chars().skip(count - MOST_LETTERS / 2)).collect()
}

/// A text in quotes. Backslashes stay single, as in the paths that they are from; what cannot be seen is escaped. A
/// precision (`{:.80}`) is the number of letters that are shown.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = f.precision().unwrap_or(usize::MAX);
        f.write_char('"')?;
        for letter in self.0.chars().take(most) {
            match letter {
                '\t' => f.write_str("\\t")?,
                letter if letter.is_control() => write!(f, "{}", letter.escape_default())?,
                letter => f.write_char(letter)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_reasons_keep_their_ends() {
        let words = FormatError::says(format!("expected {} (line 7)", "猫".repeat(10_000))).to_string();
        assert!(
            words.chars().count() < 500 && words.starts_with("expected 猫") && words.ends_with("(line 7)"),
            "{words}"
        );
        assert_eq!(FormatError::says("it is short").to_string(), "it is short");
    }

    #[test]
    fn paths_are_shown_as_they_are_written() {
        assert_eq!(Quoted("C:\\me\\e\u{301}.jpg").to_string(), "\"C:\\me\\e\u{301}.jpg\"");
        assert_eq!(Quoted("a\tb\n\u{1b}[2J").to_string(), "\"a\\tb\\n\\u{1b}[2J\"");
        assert_eq!(format!("{:.2}", Quoted("猫猫猫")), "\"猫猫\"");
    }
}
