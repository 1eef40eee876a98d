//! One image, one region: borrowed from the columns, with everything the service said of them.

use std::ops::Range;

use super::metadata::{MetadataColumn, PairIx};
use super::segment::{Segment, some};
use super::{Catalogue, ImageIx, PixelSize, RegionIx, TagIx};
use crate::geometry::UnitRect;
use crate::ids::{ImageId, RegionId};
use crate::image::{BlobKind, BlobUri, ImageRow, RegionRow, TagMark};
use crate::problem::Problem;
use crate::timestamp::Timestamp;

#[derive(Clone, Copy)]
pub struct ImageView<'a> {
    catalogue: &'a Catalogue,
    segment: &'a Segment,
    /// Its place in the segment.
    at: usize,
    pub ix: ImageIx,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegionView {
    pub ix: RegionIx,
    pub id: RegionId,
    pub tag: TagIx,
    pub rect: UnitRect,
    pub created: Option<Timestamp>,
}

impl<'a> ImageView<'a> {
    pub(super) fn new(catalogue: &'a Catalogue, segment: &'a Segment, at: usize, ix: ImageIx) -> Self {
        Self { catalogue, segment, at, ix }
    }

    pub fn id(&self) -> ImageId {
        self.segment.ids[self.at]
    }

    pub fn created(&self) -> Option<Timestamp> {
        some(self.segment.created[self.at])
    }

    /// Width and height of the resized picture in pixels; 0 when the service gives none.
    pub fn size(&self) -> (u32, u32) {
        self.segment.sizes[self.at]
    }

    /// Upright width and height of the original, where they are known. Where the service kept the picture as it was
    /// uploaded, the listed size is the original's.
    pub fn original_size(&self) -> Option<(u32, u32)> {
        let is_listed = self.is_original_size() && self.size().0 > 0 && self.size().1 > 0;
        self.catalogue.original_size(self.ix).or(is_listed.then(|| self.size()))
    }

    /// The size in whose pixels the image and its regions are measured: the original's, until that is known the listed.
    pub fn pixel_size(&self) -> PixelSize {
        let original = self.original_size();
        let (width, height) = original.unwrap_or(self.size());
        PixelSize { width, height, is_original: original.is_some() }
    }

    /// Width over height; 4:3 when the service gives no size.
    pub fn aspect(&self) -> f32 {
        match self.size() {
            (0, _) | (_, 0) => 4.0 / 3.0,
            (width, height) => width as f32 / height as f32,
        }
    }

    /// The address of one of its pictures. One that comes from an earlier visit has no signature.
    pub fn uri(&self, kind: BlobKind) -> Option<BlobUri> {
        self.segment.uris.get(self.at, self.id(), kind)
    }

    /// Whether the original is the same file as the resized picture.
    pub fn is_original_size(&self) -> bool {
        self.segment.uris.is_original_resized(self.at)
    }

    /// Its own tags.
    pub fn tags(&self) -> &'a [TagIx] {
        &self.segment.mark_tags[self.segment.marks_of(self.at)]
    }

    pub fn is_untagged(&self) -> bool {
        self.region_count() == 0 && self.tags().is_empty()
    }

    pub fn region_range(&self) -> Range<u32> {
        let Range { start, end } = self.segment.regions_of(self.at);
        let first = self.segment.first_region;
        first + start as u32..first + end as u32
    }

    pub fn region_count(&self) -> usize {
        self.segment.regions_of(self.at).len()
    }

    /// Its regions, in the order of the service.
    pub fn regions(&self) -> impl ExactSizeIterator<Item = RegionView> + DoubleEndedIterator + use<'a> {
        let segment = self.segment;
        segment.regions_of(self.at).map(move |at| segment.region(at))
    }

    pub fn region(&self, place: usize) -> Option<RegionView> {
        self.segment.regions_of(self.at).nth(place).map(|at| self.segment.region(at))
    }

    pub fn region_tags(&self) -> &'a [TagIx] {
        &self.segment.region_tags[self.segment.regions_of(self.at)]
    }

    pub fn region_ids(&self) -> &'a [RegionId] {
        &self.segment.region_ids[self.segment.regions_of(self.at)]
    }

    pub fn region_rects(&self) -> &'a [UnitRect] {
        &self.segment.region_rects[self.segment.regions_of(self.at)]
    }

    /// Metadata: keys with their values, in the order of the service.
    pub fn metadata(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let column = &self.segment.metadata;
        column.places_of(self.at).iter().map(|&place| column.pair(place))
    }

    /// The file name that its metadata `name` gives.
    pub fn name(&self) -> Option<&'a str> {
        self.metadata().find(|(key, value)| *key == "name" && !value.is_empty()).map(|(_, name)| name)
    }

    /// The same as places among the pairs of [`metadata_column`](Self::metadata_column).
    pub(crate) fn metadata_places(&self) -> &'a [PairIx] {
        self.segment.metadata.places_of(self.at)
    }

    /// The metadata of this image and of those around it.
    pub(crate) fn metadata_column(&self) -> &'a MetadataColumn {
        &self.segment.metadata
    }

    pub fn problems(&self) -> &'a [Problem] {
        self.catalogue.problems.get(&self.ix).map_or(&[], |problems| problems)
    }

    /// The row it came from, complete but for its problems.
    pub fn to_row(&self) -> ImageRow {
        let Self { catalogue, segment, at, .. } = *self;
        let (width, height) = self.size();
        ImageRow {
            id: self.id(),
            created: self.created(),
            width,
            height,
            uris: segment.uris.all(at, self.id()),
            tags: segment
                .marks_of(at)
                .map(|mark| {
                    let entry = catalogue.tags.get(segment.mark_tags[mark]);
                    TagMark { tag: entry.id, name: entry.name.clone(), created: some(segment.mark_created[mark]) }
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
            metadata: self.metadata().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            verbatim: segment.texts(at),
            problems: Vec::new(),
        }
    }
}
