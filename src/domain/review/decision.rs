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
    /// The reviewer's name.
    pub by: Arc<str>,
    /// The decision itself.
    pub act: Act,
}

/// What a decision does.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Sets a verdict, or clears it with `None`.
    Decide {
        /// Images and regions.
        subjects: Vec<Subject>,
        /// The verdict.
        verdict: Option<Verdict>,
    },
    /// Says something.
    Comment {
        /// Images and regions.
        subjects: Vec<Subject>,
        /// The words.
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
        /// The one that is wrong.
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
    /// The image or region.
    pub subject: Subject,
    /// The reviewer's name.
    pub by: Arc<str>,
    /// When, in seconds since 1970.
    pub at: i64,
    /// The verdict or the comment.
    pub said: Said,
}

/// What a reviewer says of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A verdict.
    Verdict(Verdict),
    /// A comment.
    Comment(Arc<str>),
}
