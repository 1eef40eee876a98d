//! All listed images of a project, packed in columns: 100,000 images with 1,000,000 regions in about 80 MB.
//!
//! An image is known by its dense [`ImageIx`], in the order of arrival, for as long as the catalogue lives; a
//! [`RegionIx`] counts the regions of all images in the same order. Tags are [`TagIx`]. Rows are appended and never
//! removed: a new listing is a new catalogue.
//!
//! The columns are cut into segments of some thousand images. Full ones are shared among clones, so that a clone made
//! while pages arrive (for an export, for findings) costs the last segment and not the whole.

mod metadata;
mod originals;
mod pack;
mod segment;
mod tags;
mod uris;
mod view;

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::ids::ImageId;
use super::image::ImageRow;
use super::problem::Problem;
use originals::Originals;
use segment::{SEGMENT_BITS, SEGMENT_IMAGES, Segment};

pub(crate) use metadata::MetadataColumn;
pub use originals::PixelSize;
pub use pack::{NotPacked, Packer, Unpacker};
pub use tags::{TagEntry, TagTable};
pub use view::{ImageView, RegionView};

/// An image of one catalogue: dense, from 0, in the order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageIx(pub u32);

/// A region of one catalogue: dense, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionIx(pub u32);

/// A tag of one catalogue: dense, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagIx(pub u16);

impl ImageIx {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl RegionIx {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl TagIx {
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    index: FxHashMap<ImageId, ImageIx>,
    /// All but the last one are full.
    segments: Vec<Arc<Segment>>,
    region_count: u32,
    /// Images without a tag and without a region.
    untagged_count: u32,
    /// Oddities come from decoded pictures too, long after the row: they are kept apart from the shared segments.
    problems: FxHashMap<ImageIx, Vec<Problem>>,
    originals: Originals,
    tags: TagTable,
}

impl Catalogue {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn len(&self) -> usize {
        self.index.len()
    }

    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    pub fn region_count(&self) -> usize {
        self.region_count as usize
    }

    pub fn untagged_count(&self) -> usize {
        self.untagged_count as usize
    }

    /// All tags, known from the tag list or met on images.
    pub fn tags(&self) -> &TagTable {
        &self.tags
    }

    /// Takes the project's tag list, so that names, kinds and colors stand before the first image does.
    pub fn set_tags(&mut self, tags: &[super::project::Tag]) {
        self.tags.describe(tags);
    }

    pub fn set_chosen_colors(&mut self, chosen: Arc<super::tag_color::ChosenColors>) {
        self.tags.set_chosen_colors(chosen);
    }

    /// Appends rows in their order and returns the indices they got. A row whose id is here already is passed over;
    /// its addresses are taken, because they are fresher.
    pub fn append(&mut self, rows: Vec<ImageRow>) -> Range<u32> {
        let first = self.len() as u32;
        for row in rows {
            if self.find(row.id).is_some() {
                self.refresh_uris(&row);
                continue;
            }
            self.push(row);
        }
        first..self.len() as u32
    }

    fn push(&mut self, mut row: ImageRow) {
        let ix = ImageIx(self.len() as u32);
        self.index.insert(row.id, ix);
        let problems = std::mem::take(&mut row.problems);
        if !problems.is_empty() {
            self.problems.insert(ix, problems);
        }
        let is_last_full = ix.index().is_multiple_of(SEGMENT_IMAGES);
        if is_last_full {
            self.shrink();
            self.segments.push(Arc::new(Segment::new(self.region_count)));
        }
        self.region_count += row.regions.len() as u32;
        self.untagged_count += u32::from(row.tags.is_empty() && row.regions.is_empty());
        let Self { segments, tags, .. } = self;
        if let Some(last) = segments.last_mut() {
            Arc::make_mut(last).push(row, tags);
        }
    }

    /// Gives back the room that was kept for more rows: at the end of a listing.
    pub fn shrink(&mut self) {
        if let Some(last) = self.segments.last_mut().and_then(Arc::get_mut) {
            last.shrink();
        }
    }

    pub fn find(&self, id: ImageId) -> Option<ImageIx> {
        self.index.get(&id).copied()
    }

    /// One image; `None` when the index is of another catalogue.
    pub fn get(&self, ix: ImageIx) -> Option<ImageView<'_>> {
        let segment = self.segments.get(ix.index() >> SEGMENT_BITS)?;
        let at = ix.index() & (SEGMENT_IMAGES - 1);
        (at < segment.len()).then(|| ImageView::new(self, segment, at, ix))
    }

    /// All images in the order of arrival.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ImageView<'_>> + DoubleEndedIterator {
        (0..self.len()).map(|at| {
            let segment = &self.segments[at >> SEGMENT_BITS];
            ImageView::new(self, segment, at & (SEGMENT_IMAGES - 1), ImageIx(at as u32))
        })
    }

    /// One region; `None` when the index is of another catalogue.
    pub fn region(&self, ix: RegionIx) -> Option<RegionView> {
        // The last segment that begins at or before it; those without regions begin where the next one does.
        let place = self.segments.partition_point(|segment| segment.first_region <= ix.0).checked_sub(1)?;
        let segment = &self.segments[place];
        let at = (ix.0 - segment.first_region) as usize;
        (at < segment.region_count()).then(|| segment.region(at))
    }

    pub fn image_of(&self, ix: RegionIx) -> Option<ImageIx> {
        self.region(ix)?;
        let place = self.segments.partition_point(|segment| segment.first_region <= ix.0).checked_sub(1)?;
        let segment = self.segments.get(place)?;
        let at = ix.0 - segment.first_region;
        let image = segment.region_starts.partition_point(|&start| start <= at).checked_sub(1)?;
        Some(ImageIx(((place << SEGMENT_BITS) + image) as u32))
    }

    /// Takes a fresher set of addresses for an image that is here (after signatures have expired).
    pub fn refresh_uris(&mut self, row: &ImageRow) {
        if let Some(ix) = self.find(row.id)
            && let Some(segment) = self.segments.get_mut(ix.index() >> SEGMENT_BITS)
        {
            Arc::make_mut(segment).uris.replace(ix.index() & (SEGMENT_IMAGES - 1), row.id, &row.uris);
        }
    }

    /// Adds an oddity found later, such as a picture whose aspect does not fit; the same one is kept once.
    pub fn add_problem(&mut self, ix: ImageIx, problem: Problem) {
        let problems = self.problems.entry(ix).or_default();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// Images that have problems, in no particular order.
    pub fn images_with_problems(&self) -> impl Iterator<Item = ImageIx> + '_ {
        self.problems.keys().copied()
    }

    /// Whether another catalogue has the same images under the same indices, whatever else is known of them.
    pub fn has_same_images(&self, other: &Self) -> bool {
        self.len() == other.len() && self.segments.iter().zip(&other.segments).all(|(a, b)| a.ids == b.ids)
    }

    /// Whether every index, of images and of regions, means the same in another catalogue.
    pub fn has_same_indices(&self, other: &Self) -> bool {
        let same =
            |(a, b): (&Arc<Segment>, &Arc<Segment>)| a.region_starts == b.region_starts && a.region_ids == b.region_ids;
        self.has_same_images(other)
            && self.segments.iter().zip(&other.segments).all(same)
            && self.tags.has_same_indices(&other.tags)
    }

    /// Estimated bytes of memory, for the diagnostics.
    pub fn byte_count(&self) -> usize {
        let index = self.index.capacity() * (size_of::<(ImageId, ImageIx)>() + 1) * 8 / 7;
        index + self.originals.byte_count() + self.segments.iter().map(|segment| segment.byte_count()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests;
