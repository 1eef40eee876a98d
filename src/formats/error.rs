//! What can be wrong with a file of annotations.

use crate::domain::json_fault;

/// A file that is not of the format it should be of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It cannot be parsed.
    #[error("{reason} (line {line}, column {column})")]
    Unreadable {
        /// What the parser says.
        reason: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// It can be parsed but is something else.
    #[error("{reason}")]
    NotThisFormat {
        /// What was looked for.
        reason: String,
    },
    /// The system failed while it was read.
    #[error("{reason}")]
    Files {
        /// What the system says.
        reason: String,
    },
}

impl FormatError {
    /// It can be parsed but is something else.
    pub fn says(reason: impl Into<String>) -> Self {
        Self::NotThisFormat { reason: reason.into() }
    }

    /// The parser's error in our terms; its words without the place, which has fields of its own.
    pub(super) fn of(error: &serde_json::Error) -> Self {
        let place = format!(" at line {} column {}", error.line(), error.column());
        let reason = json_fault(error).replace(&place, "");
        if error.is_io() {
            return Self::Files { reason };
        }
        Self::Unreadable { reason, line: error.line(), column: error.column() }
    }
}
