//! Why a query cannot be understood: where, what it means, what was probably meant.

use std::fmt;
use std::ops::Range;

use crate::near::nearest;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Where, in bytes of the text; at least one character, but at the end of the text.
    pub range: Range<usize>,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do about it, without a full stop.
    pub advice: Option<String>,
    /// What was probably meant: stands for the range.
    pub replacement: Option<String>,
}

impl QueryError {
    pub(super) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), advice: None, replacement: None }
    }

    pub(super) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Names the nearest of some names, if one is near; `text` writes it as it is in a query.
    pub(super) fn suggest<'a>(
        mut self,
        wanted: &str,
        names: impl IntoIterator<Item = &'a str>,
        text: impl Fn(&str) -> String,
    ) -> Self {
        if let Some(name) = nearest(wanted, names) {
            self.advice = Some(format!("did you mean `{name}`?"));
            self.replacement = Some(text(name));
        }
        self
    }

    /// The text with a line below it that marks the place, for a terminal.
    pub fn marked(&self, text: &str) -> String {
        let flat: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let before = text.get(..self.range.start).map_or(0, |head| head.chars().count());
        let marked = text.get(self.range.clone()).map_or(1, |part| part.chars().count().max(1));
        format!("{flat}\n{}{}", " ".repeat(before), "^".repeat(marked))
    }
}

/// One sentence without a full stop: ``no tag `frok`; did you mean `fork`?``
impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for QueryError {}
