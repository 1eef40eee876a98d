//! All listed images of a project, packed in columns: 100,000 images with 1,000,000 regions in well under 150 MB.
//!
//! An image is known by its dense [`ImageIx`], in the order of arrival, for as long as the catalogue lives; the
//! regions of all images lie in one vector, a [`RegionIx`] points into it. Tags are [`TagIx`]. Rows are appended and
//! never removed: a new listing is a new catalogue.

mod tags;
mod uris;

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::geometry::UnitRect;
use super::ids::{ImageId, RegionId};
use super::image::{BlobKind, BlobUri, ImageRow, RegionRow, TagMark, Verbatim};
use super::problem::Problem;
use super::stamp::Stamp;
use uris::UriColumn;

pub use tags::{TagEntry, TagTable};

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
    /// The index as `usize`.
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

impl RegionIx {
    /// The index as `usize`.
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

impl TagIx {
    /// The index as `usize`.
    pub fn at(self) -> usize {
        usize::from(self.0)
    }
}

/// A date that is absent.
const NO_STAMP: Stamp = Stamp(i64::MIN);

/// See the [module's words](self).
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    index: FxHashMap<ImageId, ImageIx>,
    ids: Vec<ImageId>,
    created: Vec<Stamp>,
    sizes: Vec<(u32, u32)>,
    uris: UriColumn,
    /// One entry more than images: image `i` has the regions `region_starts[i]..region_starts[i + 1]`.
    region_starts: Vec<u32>,
    region_ids: Vec<RegionId>,
    region_tags: Vec<TagIx>,
    region_rects: Vec<UnitRect>,
    region_created: Vec<Stamp>,
    /// Likewise for the image's own tags.
    mark_starts: Vec<u32>,
    mark_tags: Vec<TagIx>,
    mark_created: Vec<Stamp>,
    /// Rare columns: most images have none of these.
    metadata: FxHashMap<ImageIx, Box<[(String, String)]>>,
    verbatim: FxHashMap<ImageIx, Box<[Verbatim]>>,
    problems: FxHashMap<ImageIx, Vec<Problem>>,
    tags: TagTable,
}

/// One image of a catalogue, borrowed.
#[derive(Clone, Copy)]
pub struct ImageView<'a> {
    catalogue: &'a Catalogue,
    /// Its index.
    pub ix: ImageIx,
}

/// One region of a catalogue, borrowed and small enough to copy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegionView {
    /// Its index in the catalogue.
    pub ix: RegionIx,
    /// Its id.
    pub id: RegionId,
    /// Its tag.
    pub tag: TagIx,
    /// Where it is.
    pub rect: UnitRect,
    /// When it was drawn.
    pub created: Option<Stamp>,
}

impl Catalogue {
    /// An empty catalogue.
    pub fn new() -> Self {
        Self { region_starts: vec![0], mark_starts: vec![0], ..Self::default() }
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether no image has arrived.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Number of regions of all images.
    pub fn region_count(&self) -> usize {
        self.region_ids.len()
    }

    /// All tags, known from the tag list or met on images.
    pub fn tags(&self) -> &TagTable {
        &self.tags
    }

    /// Takes the project's tag list, so that names, kinds and colours stand before the first image does.
    pub fn set_tags(&mut self, tags: &[super::project::Tag]) {
        self.tags.describe(tags);
    }

    /// Appends rows in their order and returns the indices they got. A row whose id is here already is passed over;
    /// its addresses are taken, because they are fresher.
    pub fn append(&mut self, rows: Vec<ImageRow>) -> Range<u32> {
        let first = self.ids.len() as u32;
        self.index.reserve(rows.len());
        for row in rows {
            if let Some(&ix) = self.index.get(&row.id) {
                self.uris.replace(ix.at(), row.id, &row.uris);
                continue;
            }
            self.push(row);
        }
        first..self.ids.len() as u32
    }

    fn push(&mut self, row: ImageRow) {
        let ix = ImageIx(self.ids.len() as u32);
        self.index.insert(row.id, ix);
        self.ids.push(row.id);
        self.created.push(row.created.unwrap_or(NO_STAMP));
        self.sizes.push((row.width, row.height));
        self.uris.push(row.id, &row.uris);
        for mark in &row.tags {
            let tag = self.tags.intern(mark.tag, &mark.name);
            self.tags.count_image(tag);
            self.mark_tags.push(tag);
            self.mark_created.push(mark.created.unwrap_or(NO_STAMP));
        }
        self.mark_starts.push(self.mark_tags.len() as u32);
        for region in &row.regions {
            let tag = self.tags.intern(region.tag, &region.tag_name);
            self.tags.count_region(tag);
            self.region_ids.push(region.id);
            self.region_tags.push(tag);
            self.region_rects.push(region.rect);
            self.region_created.push(region.created.unwrap_or(NO_STAMP));
        }
        self.region_starts.push(self.region_ids.len() as u32);
        if !row.metadata.is_empty() {
            self.metadata.insert(ix, row.metadata.into());
        }
        if !row.verbatim.is_empty() {
            self.verbatim.insert(ix, row.verbatim.into());
        }
        if !row.problems.is_empty() {
            self.problems.insert(ix, row.problems);
        }
    }

    /// The index of an image.
    pub fn find(&self, id: ImageId) -> Option<ImageIx> {
        self.index.get(&id).copied()
    }

    /// One image; `None` when the index is of another catalogue.
    pub fn get(&self, ix: ImageIx) -> Option<ImageView<'_>> {
        (ix.at() < self.ids.len()).then_some(ImageView { catalogue: self, ix })
    }

    /// All images in the order of arrival.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ImageView<'_>> + DoubleEndedIterator {
        (0..self.ids.len() as u32).map(|ix| ImageView { catalogue: self, ix: ImageIx(ix) })
    }

    /// One region; `None` when the index is of another catalogue.
    pub fn region(&self, ix: RegionIx) -> Option<RegionView> {
        let at = ix.at();
        Some(RegionView {
            ix,
            id: *self.region_ids.get(at)?,
            tag: self.region_tags[at],
            rect: self.region_rects[at],
            created: some(self.region_created[at]),
        })
    }

    /// Takes a fresher set of addresses for an image that is here (after signatures have expired).
    pub fn refresh_uris(&mut self, row: &ImageRow) {
        if let Some(ix) = self.find(row.id) {
            self.uris.replace(ix.at(), row.id, &row.uris);
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

    /// Estimated bytes of memory, for the diagnostics.
    pub fn byte_count(&self) -> usize {
        let images = self.ids.capacity() * (16 + 8 + 8 + 4 + 4) + self.index.capacity() * 21;
        let regions = self.region_ids.capacity() * (16 + 2 + 16 + 8);
        let marks = self.mark_tags.capacity() * (2 + 8);
        images + regions + marks + self.uris.byte_count()
    }
}

impl<'a> ImageView<'a> {
    /// The image's id.
    pub fn id(&self) -> ImageId {
        self.catalogue.ids[self.ix.at()]
    }

    /// When it was uploaded.
    pub fn created(&self) -> Option<Stamp> {
        some(self.catalogue.created[self.ix.at()])
    }

    /// Width and height of the resized picture in pixels; 0 when the service gives none.
    pub fn size(&self) -> (u32, u32) {
        self.catalogue.sizes[self.ix.at()]
    }

    /// Width over height; 4:3 when the service gives no size.
    pub fn aspect(&self) -> f32 {
        match self.size() {
            (0, _) | (_, 0) => 4.0 / 3.0,
            (width, height) => width as f32 / height as f32,
        }
    }

    /// The address of one of its pictures.
    pub fn uri(&self, kind: BlobKind) -> Option<BlobUri> {
        self.catalogue.uris.get(self.ix.at(), self.id(), kind)
    }

    /// Whether the original is the same file as the resized picture.
    pub fn is_original_size(&self) -> bool {
        self.catalogue.uris.is_original_resized(self.ix.at())
    }

    /// Its own tags.
    pub fn tags(&self) -> &'a [TagIx] {
        let at = self.ix.at();
        let range = self.catalogue.mark_starts[at] as usize..self.catalogue.mark_starts[at + 1] as usize;
        &self.catalogue.mark_tags[range]
    }

    /// Its regions as indices.
    pub fn region_range(&self) -> Range<u32> {
        let at = self.ix.at();
        self.catalogue.region_starts[at]..self.catalogue.region_starts[at + 1]
    }

    /// Number of regions.
    pub fn region_count(&self) -> usize {
        self.region_range().len()
    }

    /// Its regions, in the order of the service.
    pub fn regions(&self) -> impl ExactSizeIterator<Item = RegionView> + DoubleEndedIterator + use<'a> {
        let catalogue = self.catalogue;
        self.region_range().map(move |at| {
            let ix = at as usize;
            RegionView {
                ix: RegionIx(at),
                id: catalogue.region_ids[ix],
                tag: catalogue.region_tags[ix],
                rect: catalogue.region_rects[ix],
                created: some(catalogue.region_created[ix]),
            }
        })
    }

    /// Metadata pairs.
    pub fn metadata(&self) -> &'a [(String, String)] {
        self.catalogue.metadata.get(&self.ix).map_or(&[], |pairs| pairs)
    }

    /// What is odd about it.
    pub fn problems(&self) -> &'a [Problem] {
        self.catalogue.problems.get(&self.ix).map_or(&[], |problems| problems)
    }

    /// The row it came from, complete but for its problems.
    pub fn to_row(&self) -> ImageRow {
        let catalogue = self.catalogue;
        let at = self.ix.at();
        let marks = catalogue.mark_starts[at] as usize..catalogue.mark_starts[at + 1] as usize;
        let (width, height) = self.size();
        ImageRow {
            id: self.id(),
            created: self.created(),
            width,
            height,
            uris: catalogue.uris.all(at, self.id()),
            tags: marks
                .map(|mark| {
                    let entry = catalogue.tags.get(catalogue.mark_tags[mark]);
                    TagMark { tag: entry.id, name: entry.name.clone(), created: some(catalogue.mark_created[mark]) }
                })
                .collect(),
            regions: self
                .regions()
                .map(|region| {
                    let entry = catalogue.tags.get(region.tag);
                    RegionRow {
                        id: region.id,
                        tag: entry.id,
                        tag_name: entry.name.clone(),
                        created: region.created,
                        rect: region.rect,
                    }
                })
                .collect(),
            metadata: self.metadata().to_vec(),
            verbatim: catalogue.verbatim.get(&self.ix).map(|texts| texts.to_vec()).unwrap_or_default(),
            problems: Vec::new(),
        }
    }
}

fn some(stamp: Stamp) -> Option<Stamp> {
    (stamp != NO_STAMP).then_some(stamp)
}

#[cfg(test)]
mod tests;
