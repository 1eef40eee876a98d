//! What is wrong with two boxes, and what was found of the pairs of boxes on one image.

use super::finding::{Facts, Finding};
use super::image::{Labels, is_tiny, is_whole};
use super::{CheckKind, CheckOptions};
use crate::catalogue::{ImageIx, RegionIx};

/// Pairs of one image that are listed one by one. The others are counted.
pub(super) const MOST: usize = 40;

const KINDS: [CheckKind; 3] = [CheckKind::Overlap, CheckKind::OverlapOther, CheckKind::Inside];

/// The first findings about the pairs of boxes on one image, and how many there are of each kind.
#[derive(Default)]
pub(super) struct Pairs {
    /// The first ones by their regions, among at most twice as many.
    first: Vec<Finding>,
    /// No pair with a higher first region is among the first ones.
    limit: Option<RegionIx>,
    /// In the order of [`KINDS`].
    counts: [u64; 3],
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

/// What is wrong with two boxes, if anything. `is_one_tag` is for both whether they have the same tag.
pub(super) fn judge(
    image: &Labels<'_>,
    options: &CheckOptions,
    [a, b]: [usize; 2],
    is_one_tag: bool,
) -> Option<Finding> {
    let (rects, tags) = (image.rects, image.tags);
    // Single precision makes a hair more than 1 of equal boxes.
    let iou = rects[a].iou(rects[b]).min(1.0);
    let finding = |facts, first: usize, second: usize| {
        let finding = Finding::on(image.image, facts).about(image.region(first), tags[first]);
        Some(finding.about(image.region(second), tags[second]))
    };
    if !is_one_tag {
        return if iou > options.overlap_other { finding(Facts::OverlapOther { iou }, a, b) } else { None };
    }
    if iou > options.overlap {
        return finding(Facts::Overlap { iou }, a, b);
    }
    let (inner, outer) = if rects[b].area() < rects[a].area() { (b, a) } else { (a, b) };
    let areas = rects[inner].area() + rects[outer].area();
    let shared = iou * areas / (1.0 + iou);
    let share = (shared / rects[inner].area()).min(1.0);
    // A box of the whole image holds all others, and a tiny one is reported as such.
    let is_told = is_whole(rects[outer], options) || is_tiny(rects[inner], image.size, options);
    if share >= options.inside && !is_told { finding(Facts::Inside { share }, inner, outer) } else { None }
}
