//! What one entry did, in figures: for the words about it when it is done, undone or redone.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Blame, Dispute, Subject, Verdict};
use crate::checks::FindingKey;
use crate::ids::ImageId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeedKind {
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
pub struct Deed {
    pub kind: DeedKind,
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

impl Deed {
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
