//! Some images of a catalogue with what the checks look at, copied out: the catalogue grows while they are looked at
//! elsewhere, and a copy of these columns costs less than one of the whole.

use std::ops::Range;

use crate::catalogue::{Catalogue, ImageIx, PixelSize, RegionIx, TagEntry, TagIx};
use crate::geometry::UnitRect;
use crate::problem::Problem;

#[derive(Clone, Debug, Default)]
pub struct Part {
    first: u32,
    first_region: u32,
    sizes: Vec<PixelSize>,
    /// Where the regions of each image end, counted from the part's first.
    region_ends: Vec<u32>,
    rects: Vec<UnitRect>,
    tags: Vec<TagIx>,
    mark_ends: Vec<u32>,
    marks: Vec<TagIx>,
    /// Sizes of decoded pictures that do not fit the listed ones, by image.
    mismatches: Vec<(ImageIx, (u32, u32))>,
    /// By tag: whether it marks images on which nothing is; `None` until the project's tag list is known.
    negative: Vec<Option<bool>>,
}

/// One image of a part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Labels<'a> {
    pub(super) image: ImageIx,
    /// Width and height in pixels, and whose they are.
    pub(super) size: PixelSize,
    first_region: u32,
    pub(super) rects: &'a [UnitRect],
    /// The tag of each rectangle.
    pub(super) tags: &'a [TagIx],
    /// The image's own tags.
    pub(super) marks: &'a [TagIx],
    /// Width and height of the decoded picture, where they do not fit.
    pub(super) decoded: Option<(u32, u32)>,
}

impl Labels<'_> {
    /// The region of the rectangle at `place`.
    pub(super) fn region(&self, place: usize) -> RegionIx {
        RegionIx(self.first_region + place as u32)
    }
}

impl Part {
    /// The images `range` of a catalogue, as far as they are there.
    pub fn of(catalogue: &Catalogue, range: Range<u32>) -> Self {
        let mut part = Self { first: range.start, ..Self::default() };
        let kind = |entry: &TagEntry| entry.is_listed.then(|| entry.is_negative());
        part.negative = catalogue.tags().iter().map(|(_, entry)| kind(entry)).collect();
        for (place, image) in range.map(ImageIx).map_while(|ix| catalogue.get(ix)).enumerate() {
            if place == 0 {
                part.first_region = image.region_range().start;
            }
            part.sizes.push(image.pixel_size());
            for region in image.regions() {
                part.rects.push(region.rect);
                part.tags.push(region.tag);
            }
            part.region_ends.push(part.rects.len() as u32);
            part.marks.extend_from_slice(image.tags());
            part.mark_ends.push(part.marks.len() as u32);
            let mismatch = image.problems().iter().find_map(|problem| match problem {
                Problem::SizeMismatch { decoded } => Some(*decoded),
                _ => None,
            });
            part.mismatches.extend(mismatch.map(|decoded| (image.ix, decoded)));
        }
        part
    }

    /// The index behind its last image.
    pub fn end(&self) -> u32 {
        self.first + self.sizes.len() as u32
    }

    /// Whether a tag marks images on which nothing is; `None`: not known yet.
    pub(super) fn is_negative(&self, tag: TagIx) -> Option<bool> {
        self.negative.get(tag.at()).copied().flatten()
    }

    pub(super) fn images(&self) -> impl Iterator<Item = Labels<'_>> {
        let start = |ends: &[u32], place: usize| if place == 0 { 0 } else { ends[place - 1] as usize };
        self.sizes.iter().enumerate().map(move |(place, &size)| {
            let regions = start(&self.region_ends, place)..self.region_ends[place] as usize;
            let marks = start(&self.mark_ends, place)..self.mark_ends[place] as usize;
            let image = ImageIx(self.first + place as u32);
            let mismatch = self.mismatches.binary_search_by_key(&image, |(ix, _)| *ix);
            Labels {
                image,
                size,
                first_region: self.first_region + regions.start as u32,
                rects: &self.rects[regions.clone()],
                tags: &self.tags[regions],
                marks: &self.marks[marks],
                decoded: mismatch.ok().map(|at| self.mismatches[at].1),
            }
        })
    }
}
