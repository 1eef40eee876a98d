//! One entry of the journal of decisions.

use std::sync::Arc;

use super::{Blame, Dispute, Subject, Verdict};
use crate::checks::FindingKey;

/// What somebody did, once. A bulk decision is one entry, and is undone as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Counts up within a journal, from 1; 0 for [`Act::Kept`] and [`Act::KeptDismissed`], which nothing refers to.
    pub number: u64,
    /// When, in seconds since 1970.
    pub at: i64,
    pub by: Arc<str>,
    pub act: Act,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Sets a verdict, or clears it with `None`.
    Decide {
        subjects: Vec<Subject>,
        verdict: Option<Verdict>,
    },
    Comment {
        subjects: Vec<Subject>,
        text: Arc<str>,
    },
    /// Takes other people's verdicts and comments in.
    Import(Vec<ReviewRow>),
    /// Calls findings no problem.
    Dismiss(Vec<FindingKey>),
    /// Calls findings a problem after all.
    Restore(Vec<FindingKey>),
    /// Says who is wrong where a label and a model disagree; `None`: nobody has decided any more.
    Blame {
        /// Predictions, and labels that no prediction agrees with.
        disputes: Vec<Dispute>,
        blame: Option<Blame>,
    },
    /// What earlier entries came to, written by a compaction. It cannot be undone.
    Kept(Vec<ReviewRow>),
    /// The findings that earlier entries had dismissed, oldest first. It cannot be undone.
    KeptDismissed(Vec<FindingKey>),
    /// Takes an entry back.
    Undo(u64),
    /// Puts an entry that was taken back in force again.
    Redo(u64),
}

/// A verdict or a comment with its author: a row of an export of reviews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRow {
    pub subject: Subject,
    pub by: Arc<str>,
    /// When, in seconds since 1970.
    pub at: i64,
    pub said: Said,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Verdict(Verdict),
    Comment(Arc<str>),
}
