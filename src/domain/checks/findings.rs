//! All findings of a project as far as they are known, by image. Bounded: a project with too many findings is described by
//! its first half million findings and the number of the rest.

use std::ops::Range;

use super::finding::Finding;
use super::{CheckKind, CheckSet};
use crate::catalogue::ImageIx;

/// Findings that are kept.
const MOST: usize = 500_000;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownFinding {
    pub finding: Finding,
    pub is_dismissed: bool,
}

/// See the module's words. Dismissed ones are kept but not counted.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// By image, those without one last; then by kind.
    list: Vec<KnownFinding>,
    /// By image: the kinds, and how many.
    images: Vec<(CheckSet, u32)>,
    counts: [u32; CheckKind::ALL.len()],
    dismissed: u32,
    left_out: u64,
}

fn order(known: &KnownFinding) -> (u32, CheckKind) {
    (known.finding.image.map_or(u32::MAX, |ix| ix.0), known.finding.kind())
}

impl Findings {
    pub fn kinds(&self, image: ImageIx) -> CheckSet {
        self.images.get(image.at()).map_or_else(CheckSet::default, |entry| entry.0)
    }

    pub fn count(&self, image: ImageIx) -> u32 {
        self.images.get(image.at()).map_or(0, |entry| entry.1)
    }

    pub fn count_of(&self, kind: CheckKind) -> u32 {
        self.counts[kind as usize]
    }

    pub fn len(&self) -> usize {
        self.list.len() - self.dismissed as usize
    }

    /// Whether nothing was found that is not dismissed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn dismissed_count(&self) -> u32 {
        self.dismissed
    }

    /// Number of findings for which there was no more room.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// All, by image and kind; those that are about no image come last.
    pub fn iter(&self) -> impl Iterator<Item = &KnownFinding> {
        self.list.iter()
    }

    fn range(&self, image: u32) -> Range<usize> {
        let start = self.list.partition_point(|known| order(known).0 < image);
        let count = self.list[start..].partition_point(|known| order(known).0 == image);
        start..start + count
    }

    /// Those on an image, dismissed ones too.
    pub fn of(&self, image: ImageIx) -> &[KnownFinding] {
        &self.list[self.range(image.0)]
    }

    /// Adds findings; `is_dismissed` is called for each.
    pub fn add(&mut self, found: Vec<Finding>, is_dismissed: impl Fn(&Finding) -> bool) {
        let room = MOST.saturating_sub(self.list.len());
        self.left_out += found.len().saturating_sub(room) as u64;
        let from = self.list.len();
        for finding in found.into_iter().take(room) {
            let known = KnownFinding { finding, is_dismissed: is_dismissed(&finding) };
            self.list.push(known);
            self.note(known);
        }
        // Findings of a listing come in its order; what is found at its end is merged in.
        let from = from.saturating_sub(1);
        if !self.list[from..].is_sorted_by_key(order) {
            self.list.sort_by_key(order);
        }
    }

    fn note(&mut self, known: KnownFinding) {
        if known.is_dismissed {
            self.dismissed += 1;
            return;
        }
        let kind = known.finding.kind();
        self.counts[kind as usize] += 1;
        if let Some(image) = known.finding.image {
            if self.images.len() <= image.at() {
                self.images.resize(image.at() + 1, Default::default());
            }
            let entry = &mut self.images[image.at()];
            entry.0.insert(kind);
            entry.1 += 1;
        }
    }

    /// Forgets all of some kinds, before they are looked for again.
    pub fn forget(&mut self, kinds: CheckSet) {
        self.list.retain(|known| !kinds.contains(known.finding.kind()));
        self.count_again();
    }

    /// Forgets some kinds on one image, before it is looked at again.
    pub fn forget_on(&mut self, image: ImageIx, kinds: CheckSet) {
        let is_one = |known: &KnownFinding| known.finding.image == Some(image) && kinds.contains(known.finding.kind());
        if self.of(image).iter().any(is_one) {
            self.list.retain(|known| !is_one(known));
            self.count_again();
        }
    }

    /// Asks again which ones are dismissed.
    pub fn dismiss_again(&mut self, is_dismissed: impl Fn(&Finding) -> bool) {
        for known in &mut self.list {
            known.is_dismissed = is_dismissed(&known.finding);
        }
        self.count_again();
    }

    fn count_again(&mut self) {
        self.images.clear();
        self.counts = Default::default();
        self.dismissed = 0;
        for at in 0..self.list.len() {
            self.note(self.list[at]);
        }
    }
}
