//! One entry of the journal of decisions, what it did in figures, and what is shown of reviews.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Blame, Dispute, Subject, Verdict};
use crate::checks::FindingKey;
use crate::ids::ImageId;

/// What somebody did, once. A bulk decision is one entry, and is undone as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Counts up within a journal, from 1; 0 for [`Statement::Kept`] and [`Statement::KeptDismissed`], which nothing refers to.
    pub number: u64,
    /// When, in seconds since 1970.
    pub at: i64,
    pub by: Arc<str>,
    pub statement: Statement,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
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
    pub review: Review,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Review {
    Verdict(Verdict),
    Comment(Arc<str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionKind {
    /// A verdict, or none any more.
    Decide,
    Comment,
    Import,
    /// Findings that are no problem.
    Dismiss,
    /// Findings that are one after all.
    Restore,
    /// Who is wrong where a label and a model disagree, or nobody any more.
    Blame,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DecisionSummary {
    pub kind: DecisionKind,
    /// The verdict that was set; `None`: cleared, or something else was done.
    pub verdict: Option<Verdict>,
    /// What was decided or spoken about, in the order of the entry; of an import also more than once.
    pub subjects: Vec<Subject>,
    pub findings: Vec<FindingKey>,
    pub disputes: Vec<Dispute>,
    /// Who is wrong there; `None`: cleared, or something else was done.
    pub blame: Option<Blame>,
    pub text: Option<Arc<str>>,
}

impl DecisionSummary {
    /// Number of images that it is about, directly or by a region, a finding or a prediction, each once.
    pub fn image_count(&self) -> usize {
        let of_findings = self.findings.iter().flat_map(FindingKey::images);
        let of_disputes = self.disputes.iter().map(Dispute::image);
        let of_subjects = self.subjects.iter().map(|subject| subject.image);
        let images: FxHashSet<ImageId> = of_subjects.chain(of_findings).chain(of_disputes).collect();
        images.len()
    }

    pub fn region_count(&self) -> usize {
        self.subjects.iter().filter(|subject| subject.region.is_some()).count()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    pub subject: Subject,
    pub by: Arc<str>,
    /// When, in seconds since 1970.
    pub at: i64,
    pub text: Arc<str>,
    pub(super) is_in_force: bool,
}

/// What one reviewer thinks of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opinion<'a> {
    pub by: &'a str,
    pub verdict: Verdict,
    /// When, in seconds since 1970.
    pub at: i64,
    pub subject: Subject,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImageReview {
    /// The own verdict about the image.
    pub verdict: Option<Verdict>,
    /// The gravest of the own verdicts about its regions.
    pub worst_region: Option<Verdict>,
    /// Regions with an own verdict.
    pub region_count: usize,
    /// Comments on it and its regions.
    pub comment_count: usize,
    pub has_disagreement: bool,
}
