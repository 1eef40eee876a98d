//! A run of images in columns: what a catalogue is made of.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::metadata::MetadataColumn;
use super::tags::TagTable;
use super::uris::UriColumn;
use super::view::RegionView;
use super::{RegionIx, TagIx};
use crate::exact;
use crate::geometry::UnitRect;
use crate::ids::{ImageId, RegionId};
use crate::image::{ImageRow, Slot, Verbatim};
use crate::number::Spelling;
use crate::timestamp::Timestamp;

/// Images of a full segment, as a power of two. With 10 regions each a segment is some 2 MB: little to copy, and few
/// enough to be searched through.
pub(super) const SEGMENT_BITS: u32 = 12;
pub(super) const SEGMENT_IMAGES: usize = 1 << SEGMENT_BITS;

/// A date that is absent.
pub(super) const NO_STAMP: Timestamp = Timestamp(i64::MIN);

pub(super) fn some(stamp: Timestamp) -> Option<Timestamp> {
    (stamp != NO_STAMP).then_some(stamp)
}

/// Columns of at most [`SEGMENT_IMAGES`] images. Places in them count from 0 in the segment.
#[derive(Clone, Debug, Default)]
pub(super) struct Segment {
    /// Index in the catalogue of its first region.
    pub(super) first_region: u32,
    pub(super) ids: Vec<ImageId>,
    pub(super) created: Vec<Timestamp>,
    pub(super) sizes: Vec<(u32, u32)>,
    pub(super) uris: UriColumn,
    /// One entry more than images: image `i` has the regions `region_starts[i]..region_starts[i + 1]`.
    pub(super) region_starts: Vec<u32>,
    pub(super) region_ids: Vec<RegionId>,
    pub(super) region_tags: Vec<TagIx>,
    pub(super) region_rects: Vec<UnitRect>,
    pub(super) region_created: Vec<Timestamp>,
    /// Likewise for the image's own tags.
    pub(super) mark_starts: Vec<u32>,
    pub(super) mark_tags: Vec<TagIx>,
    pub(super) mark_created: Vec<Timestamp>,
    pub(super) metadata: MetadataColumn,
    /// How the numbers of each image are spelled, by [`Spelling::code`].
    pub(super) spellings: Vec<u8>,
    /// A rare column: most images have none of these. Packed by [`exact::pack`].
    pub(super) verbatim: FxHashMap<u32, Box<[u8]>>,
}

impl Segment {
    pub(super) fn new(first_region: u32) -> Self {
        Self { first_region, region_starts: vec![0], mark_starts: vec![0], ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn region_count(&self) -> usize {
        self.region_ids.len()
    }

    pub(super) fn untagged_count(&self) -> usize {
        let is_empty = |starts: &[u32]| starts.first() == starts.last();
        self.region_starts
            .windows(2)
            .zip(self.mark_starts.windows(2))
            .filter(|(a, b)| is_empty(a) && is_empty(b))
            .count()
    }

    pub(super) fn push(&mut self, row: ImageRow, tags: &mut TagTable) {
        let at = self.ids.len() as u32;
        self.ids.push(row.id);
        self.created.push(row.created.unwrap_or(NO_STAMP));
        self.sizes.push((row.width, row.height));
        self.uris.push(row.id, &row.uris);
        for mark in &row.tags {
            let tag = tags.intern(mark.tag, &mark.name);
            tags.count_image(tag);
            self.mark_tags.push(tag);
            self.mark_created.push(mark.created.unwrap_or(NO_STAMP));
        }
        self.mark_starts.push(self.mark_tags.len() as u32);
        for region in &row.regions {
            let tag = tags.intern(region.tag, &region.tag_name);
            tags.count_region(tag);
            self.region_ids.push(region.id);
            self.region_tags.push(tag);
            self.region_rects.push(region.rect);
            self.region_created.push(region.created.unwrap_or(NO_STAMP));
        }
        self.region_starts.push(self.region_ids.len() as u32);
        self.metadata.push(at as usize, &row.metadata);
        self.keep_texts(at, &row.verbatim);
    }

    /// Keeps the texts of the image at `at`, whose turn it is.
    pub(super) fn keep_texts(&mut self, at: u32, texts: &[Verbatim]) {
        self.spellings.resize(at as usize, 0);
        self.spellings.push(exact::spelling_of(texts).code());
        let packed = exact::pack(texts);
        if !packed.is_empty() {
            self.verbatim.insert(at, packed);
        }
    }

    /// The texts of an image, as its row had them.
    pub(super) fn texts(&self, at: usize) -> Vec<Verbatim> {
        let mut texts = self.verbatim.get(&(at as u32)).map(|packed| exact::unpack(packed)).unwrap_or_default();
        let spelling = Spelling::from_code(self.spellings.get(at).copied().unwrap_or_default());
        if spelling != Spelling::default() {
            texts.push(Verbatim { slot: Slot::Numbers, text: spelling.name().into() });
        }
        texts
    }

    /// Gives back the room that was kept for more.
    pub(super) fn shrink(&mut self) {
        self.ids.shrink_to_fit();
        self.created.shrink_to_fit();
        self.sizes.shrink_to_fit();
        self.uris.shrink();
        self.region_starts.shrink_to_fit();
        self.region_ids.shrink_to_fit();
        self.region_tags.shrink_to_fit();
        self.region_rects.shrink_to_fit();
        self.region_created.shrink_to_fit();
        self.mark_starts.shrink_to_fit();
        self.mark_tags.shrink_to_fit();
        self.mark_created.shrink_to_fit();
        self.spellings.shrink_to_fit();
        self.metadata.shrink();
    }

    pub(super) fn regions_of(&self, at: usize) -> Range<usize> {
        self.region_starts[at] as usize..self.region_starts[at + 1] as usize
    }

    pub(super) fn marks_of(&self, at: usize) -> Range<usize> {
        self.mark_starts[at] as usize..self.mark_starts[at + 1] as usize
    }

    pub(super) fn region(&self, at: usize) -> RegionView {
        RegionView {
            ix: RegionIx(self.first_region + at as u32),
            id: self.region_ids[at],
            tag: self.region_tags[at],
            rect: self.region_rects[at],
            created: some(self.region_created[at]),
        }
    }

    pub(super) fn byte_count(&self) -> usize {
        let images = self.ids.capacity() * (16 + 8 + 8 + 4 + 4) + self.spellings.capacity();
        let regions = self.region_ids.capacity() * (16 + 2 + 16 + 8);
        let marks = self.mark_tags.capacity() * (2 + 8);
        let verbatim: usize = self.verbatim.values().map(|packed| 32 + packed.len()).sum();
        images + regions + marks + verbatim + self.metadata.byte_count() + self.uris.byte_count()
    }
}
