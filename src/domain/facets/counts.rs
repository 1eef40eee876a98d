//! How many of some images belong to each entry.

use super::index::{FacetIndex, NONE};
use super::{REGION_BARS, SIZE_EDGES};
use crate::catalogue::{Catalogue, ImageIx, TagIx};
use crate::changes::{ChangeKind, ImageChanges};
use crate::checks::{CheckKind, Findings};
use crate::evaluation::{JudgedPredictions, Outcome};
use crate::query::{ReviewTest, Sources};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagCount {
    pub images: u32,
    pub regions: u32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FacetCounts {
    pub images: u32,
    tags: Vec<TagCount>,
    /// By the bar of the number of regions.
    pub bars: [u32; REGION_BARS],
    /// By class of region size.
    pub classes: [u32; SIZE_EDGES.len() + 1],
    pub(super) sizes: Vec<u32>,
    pub(super) days: Vec<u32>,
    pub undated: u32,
    pub(super) meta: Vec<u32>,
    /// In the order of [`ReviewTest::ALL`].
    pub review: [u32; ReviewTest::ALL.len()],
    /// In the order of [`CheckKind::ALL`].
    pub findings: [u32; CheckKind::ALL.len()],
    /// In the order of [`ChangeKind::ALL`].
    pub changes: [u32; ChangeKind::ALL.len()],
    /// In the order of [`Outcome::ALL`].
    pub outcomes: [u32; Outcome::ALL.len()],
}

impl FacetCounts {
    /// Adds some images that the index knows.
    pub fn add(&mut self, index: &FacetIndex, sources: &Sources<'_>, images: &[ImageIx]) {
        self.images += images.len() as u32;
        self.sizes.resize(index.sizes.values.len(), 0);
        self.days.resize(index.days.values.len(), 0);
        self.meta.resize(index.meta.entry_count(), 0);
        for &ix in images {
            self.bars[usize::from(index.bars[ix.index()])] += 1;
        }
        for &ix in images {
            let classes = index.classes[ix.index()];
            for (class, count) in self.classes.iter_mut().enumerate() {
                *count += u32::from(classes >> class & 1);
            }
        }
        numbered(&index.sizes.column, images, &mut self.sizes);
        numbered(&index.days.column, images, &mut self.days);
        self.undated += images.iter().filter(|ix| index.undated[ix.index()]).count() as u32;
        for &ix in images {
            for &entry in index.meta_of(ix) {
                self.meta[entry as usize] += 1;
            }
        }
        self.add_tags(sources.catalogue, images);
        self.add_live(index, sources, images);
    }

    /// How many of the images, and of their regions, have a tag.
    pub fn of_tag(&self, tag: TagIx) -> TagCount {
        self.tags.get(tag.index()).copied().unwrap_or_default()
    }

    fn add_tags(&mut self, catalogue: &Catalogue, images: &[ImageIx]) {
        self.tags.resize(catalogue.tags().len(), TagCount::default());
        for image in images.iter().filter_map(|&ix| catalogue.get(ix)) {
            for tag in image.tags() {
                self.tags[tag.index()].images += 1;
            }
            for tag in image.region_tags() {
                self.tags[tag.index()].regions += 1;
            }
        }
    }

    /// Counts an image under another size: the numbers are those of
    /// [`FacetIndex::reread_size`](super::FacetIndex::reread_size).
    pub fn move_size(&mut self, before: u16, now: u16) {
        if let Some(count) = self.sizes.get_mut(usize::from(before)).filter(|_| before != NONE) {
            *count = count.saturating_sub(1);
        }
        if now != NONE {
            let most = self.sizes.len().max(usize::from(now) + 1);
            self.sizes.resize(most, 0);
            self.sizes[usize::from(now)] += 1;
        }
    }

    fn add_findings(&mut self, found: &Findings, images: &[ImageIx]) {
        if found.is_empty() {
            return;
        }
        for &ix in images {
            let kinds = found.kinds(ix);
            if kinds.is_empty() {
                continue;
            }
            for (&kind, count) in CheckKind::ALL.iter().zip(&mut self.findings) {
                *count += u32::from(kinds.contains(kind));
            }
        }
    }

    fn add_changes(&mut self, changes: &ImageChanges, images: &[ImageIx]) {
        if changes.is_empty() {
            return;
        }
        for &ix in images {
            if changes.has(ix, None) {
                for (&kind, count) in ChangeKind::ALL.iter().zip(&mut self.changes) {
                    *count += u32::from(changes.has(ix, Some(kind)));
                }
            }
        }
    }

    fn add_outcomes(&mut self, judged: &JudgedPredictions, images: &[ImageIx]) {
        if judged.is_empty() {
            return;
        }
        for &ix in images {
            for (&outcome, count) in Outcome::ALL.iter().zip(&mut self.outcomes) {
                *count += u32::from(judged.any(ix, outcome));
            }
        }
    }

    fn add_reviews(&mut self, index: &FacetIndex, images: &[ImageIx]) {
        for &ix in images {
            let states = index.reviews[ix.index()];
            for (state, count) in self.review.iter_mut().enumerate() {
                *count += u32::from(states >> state & 1);
            }
        }
    }

    /// Counts what becomes of predictions again, at another score or IoU.
    pub fn recount_outcomes(&mut self, judged: &JudgedPredictions, images: &[ImageIx]) {
        self.outcomes = Default::default();
        self.add_outcomes(judged, images);
    }

    /// Counts decisions, findings, changes and predictions again, which change by themselves.
    pub fn recount(&mut self, index: &FacetIndex, sources: &Sources<'_>, images: &[ImageIx]) {
        (self.review, self.findings, self.changes, self.outcomes) = Default::default();
        self.add_live(index, sources, images);
    }

    fn add_live(&mut self, index: &FacetIndex, sources: &Sources<'_>, images: &[ImageIx]) {
        self.add_findings(sources.findings, images);
        self.add_changes(sources.changes, images);
        self.add_outcomes(sources.predicted, images);
        self.add_reviews(index, images);
    }
}

fn numbered(column: &[u16], images: &[ImageIx], counts: &mut [u32]) {
    for &ix in images {
        let number = column[ix.index()];
        if number != NONE {
            counts[usize::from(number)] += 1;
        }
    }
}
