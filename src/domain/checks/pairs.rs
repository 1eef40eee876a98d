//! What was found of the pairs of boxes on one image: the first ones, and how many there are of each kind.

use super::CheckKind;
use super::finding::{Facts, Finding};
use crate::catalogue::{ImageIx, RegionIx};

/// Pairs of one image that are listed one by one. The others are counted.
pub(super) const MOST: usize = 40;

/// The kinds that are about two boxes.
const KINDS: [CheckKind; 3] = [CheckKind::Overlap, CheckKind::OverlapOther, CheckKind::Inside];

/// See the module's words.
#[derive(Default)]
pub(super) struct Pairs {
    /// The first ones by their regions, among at most twice as many.
    first: Vec<Finding>,
    /// No pair with a higher first region is among the first ones.
    limit: Option<RegionIx>,
    /// In the order of [`KINDS`].
    counts: [u64; 3],
    /// Whether not all pairs were compared.
    pub(super) is_cut: bool,
    /// Steps that it took: boxes, comparisons and pairs that were looked at.
    pub(super) work: u64,
}

impl Pairs {
    /// Counts pairs that are all like this one.
    pub(super) fn count(&mut self, like: &Finding, number: u64) {
        if let Some(at) = KINDS.iter().position(|&kind| kind == like.kind()) {
            self.counts[at] = self.counts[at].saturating_add(number);
        }
    }

    /// Whether a pair is among the first ones that has no region below this one.
    pub(super) fn wants(&self, lowest: RegionIx) -> bool {
        self.limit.is_none_or(|limit| lowest <= limit)
    }

    /// Lists a pair, if it is among the first ones. It is counted elsewhere.
    pub(super) fn list(&mut self, finding: Finding) {
        self.first.push(finding);
        if self.first.len() >= 2 * MOST {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.first.sort_unstable_by_key(|finding| finding.regions);
        if self.first.len() >= MOST {
            self.first.truncate(MOST);
            self.limit = self.first.last().and_then(|last| last.regions[0]);
        }
    }

    /// Adds the first pairs, and for each kind of which there are more one finding that says how many.
    pub(super) fn finish(mut self, image: ImageIx, found: &mut Vec<Finding>) {
        self.cut();
        for (&kind, &count) in KINDS.iter().zip(&self.counts) {
            let listed = self.first.iter().filter(|finding| finding.kind() == kind).count() as u64;
            let more = count.saturating_sub(listed);
            // Where not all were compared, that is reported once, even if no more are known.
            let is_said = more > 0 || (self.is_cut && kind == KINDS[0]);
            if is_said {
                let facts = Facts::More {
                    kind,
                    count: u32::try_from(more).unwrap_or(u32::MAX),
                    is_least: self.is_cut || more > u64::from(u32::MAX),
                };
                self.first.push(Finding::on(image, facts));
            }
        }
        found.append(&mut self.first);
    }
}
