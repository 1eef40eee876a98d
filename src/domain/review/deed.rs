//! What one entry did, in figures: for the words about it when it is done, undone or redone.

use rustc_hash::FxHashSet;

use super::{Subject, Verdict};
use crate::checks::FindingKey;
use crate::ids::ImageId;

/// What kind of thing an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeedKind {
    /// A verdict, or none any more.
    Decide,
    /// A comment.
    Comment,
    /// Other people's reviews.
    Import,
    /// Findings that are no problem.
    Dismiss,
    /// Findings that are one after all.
    Restore,
}

/// What one entry did.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// What kind of thing.
    pub kind: DeedKind,
    /// The verdict that was set; `None`: cleared, or something else was done.
    pub verdict: Option<Verdict>,
    /// What was decided or spoken about, in the order of the entry; of an import also more than once.
    pub subjects: Vec<Subject>,
    /// The findings that were dismissed or restored.
    pub findings: Vec<FindingKey>,
}

impl Deed {
    /// Number of images that it is about, directly or by a region or a finding, each once.
    pub fn image_count(&self) -> usize {
        let of_findings = self.findings.iter().flat_map(FindingKey::images);
        let images: FxHashSet<ImageId> = self.subjects.iter().map(|subject| subject.image).chain(of_findings).collect();
        images.len()
    }

    /// Number of regions among its subjects.
    pub fn region_count(&self) -> usize {
        self.subjects.iter().filter(|subject| subject.region.is_some()).count()
    }
}
