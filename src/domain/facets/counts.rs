//! How many of some images belong to each entry.

use super::index::{FacetIndex, NONE};
use super::{REGION_BARS, SIZE_EDGES};
use crate::domain::catalogue::ImageIx;
use crate::domain::checks::CheckKind;
use crate::domain::query::{ReviewTest, Sources};
use crate::domain::review::{Subject, Verdict};

/// See the module's words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FacetCounts {
    /// Images counted.
    pub images: u32,
    /// By the bar of the number of regions.
    pub bars: [u32; REGION_BARS],
    /// By class of region size.
    pub classes: [u32; SIZE_EDGES.len() + 1],
    pub(super) sizes: Vec<u32>,
    pub(super) days: Vec<u32>,
    pub(super) meta: Vec<u32>,
    /// In the order of [`ReviewTest::ALL`].
    pub review: [u32; ReviewTest::ALL.len()],
    /// In the order of [`CheckKind::ALL`].
    pub findings: [u32; CheckKind::ALL.len()],
}

impl FacetCounts {
    /// Adds some images that the index knows.
    pub fn add(&mut self, index: &FacetIndex, sources: &Sources<'_>, images: &[ImageIx]) {
        self.images += images.len() as u32;
        self.sizes.resize(index.sizes.values.len(), 0);
        self.days.resize(index.days.values.len(), 0);
        self.meta.resize(index.meta.entry_count(), 0);
        for &ix in images {
            self.bars[usize::from(index.bars[ix.at()])] += 1;
        }
        for &ix in images {
            let classes = index.classes[ix.at()];
            for (class, count) in self.classes.iter_mut().enumerate() {
                *count += u32::from(classes >> class & 1);
            }
        }
        numbered(&index.sizes.column, images, &mut self.sizes);
        numbered(&index.days.column, images, &mut self.days);
        for &ix in images {
            for &entry in index.meta_of(ix) {
                self.meta[entry as usize] += 1;
            }
        }
        self.add_findings(sources, images);
        self.add_reviews(sources, images);
    }

    fn add_findings(&mut self, sources: &Sources<'_>, images: &[ImageIx]) {
        if sources.findings.is_empty() {
            return;
        }
        for &ix in images {
            let kinds = sources.findings.kinds(ix);
            if kinds.is_empty() {
                continue;
            }
            for (&kind, count) in CheckKind::ALL.iter().zip(&mut self.findings) {
                *count += u32::from(kinds.contains(kind));
            }
        }
    }

    fn add_reviews(&mut self, sources: &Sources<'_>, images: &[ImageIx]) {
        if sources.reviews.is_empty() {
            self.review[0] += images.len() as u32;
            return;
        }
        for image in images.iter().filter_map(|&ix| sources.catalogue.get(ix)) {
            let mut states = [false; ReviewTest::ALL.len()];
            let mut set = |test: ReviewTest| {
                for (state, &other) in states.iter_mut().zip(&ReviewTest::ALL) {
                    *state |= other == test;
                }
            };
            if sources.reviews.verdict(Subject::image(image.id())).is_none() {
                set(ReviewTest::None);
            }
            for verdict in sources.reviews.own_verdicts(image.id()) {
                set(match verdict {
                    Verdict::Accepted => ReviewTest::Accepted,
                    Verdict::Rejected => ReviewTest::Rejected,
                    Verdict::Flagged => ReviewTest::Flagged,
                    Verdict::Negative => ReviewTest::Negative,
                });
            }
            if sources.reviews.has_disagreement(image.id()) {
                set(ReviewTest::Disagree);
            }
            for (count, state) in self.review.iter_mut().zip(states) {
                *count += u32::from(state);
            }
        }
    }

    /// Counts decisions and findings again, which change by themselves.
    pub fn recount(&mut self, sources: &Sources<'_>, images: &[ImageIx]) {
        (self.review, self.findings) = Default::default();
        self.add_findings(sources, images);
        self.add_reviews(sources, images);
    }
}

fn numbered(column: &[u16], images: &[ImageIx], counts: &mut [u32]) {
    for &ix in images {
        let number = column[ix.at()];
        if number != NONE {
            counts[usize::from(number)] += 1;
        }
    }
}
