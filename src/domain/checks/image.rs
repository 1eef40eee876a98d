//! Findings on single images: boxes out of the image, tiny or as large as it, and tags against boxes.

use std::ops::Range;

use super::CheckKind;
use super::CheckOptions;
use super::finding::{Facts, Finding};
use crate::catalogue::{Catalogue, ImageIx, PixelSize, RegionIx, TagEntry, TagIx};
use crate::geometry::UnitRect;
use crate::problem::Problem;
use crate::project::ProjectKind;

/// Some images of a catalogue with what the checks look at, copied out: the catalogue grows while they are looked at
/// elsewhere, and a copy of these columns costs less than one of the whole.
#[derive(Clone, Debug, Default)]
pub struct ImagesPart {
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
    pub(super) fn region(&self, place: usize) -> RegionIx {
        RegionIx(self.first_region + place as u32)
    }
}

impl ImagesPart {
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
        self.negative.get(tag.index()).copied().flatten()
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

/// Findings of each kind of this family on one image that are listed one by one. The others are counted.
const MOST: u32 = 40;

/// How far, in fractions, a box may leave an image of unknown size.
const OUTSIDE_SHARE: f32 = 0.002;

/// Whether it is too small to be meant.
pub(super) fn is_tiny(rect: UnitRect, size: PixelSize, options: &CheckOptions) -> bool {
    let (width, height) = pixels(rect, size);
    rect.area() < options.tiny_share || (size.is_known() && width.min(height) < options.tiny_px)
}

pub(super) fn is_whole(rect: UnitRect, options: &CheckOptions) -> bool {
    let inside = rect.clamped();
    inside.width >= options.whole && inside.height >= options.whole
}

fn pixels(rect: UnitRect, size: PixelSize) -> (f32, f32) {
    (rect.width * size.width as f32, rect.height * size.height as f32)
}

pub(super) fn check_boxes(image: &Labels<'_>, options: &CheckOptions, found: &mut Vec<Finding>) {
    let (mut outside, mut tiny, mut whole) = (0, 0, 0);
    let mut add = |count: &mut u32, place: usize, facts: Facts| {
        *count += 1;
        if *count <= MOST {
            found.push(Finding::on(image.image, facts).about(image.region(place), image.tags[place]));
        }
    };
    for (place, &rect) in image.rects.iter().enumerate() {
        if !rect.is_sound() {
            add(&mut tiny, place, Facts::Tiny { width: 0.0, height: 0.0, share: 0.0, is_of_original: false });
            continue;
        }
        if is_outside(rect, image.size, options) {
            let share = 1.0 - rect.clamped().area() / rect.area();
            add(&mut outside, place, Facts::Outside { share: share.clamp(0.0, 1.0) });
        }
        if is_tiny(rect, image.size, options) {
            let (width, height) = pixels(rect, image.size);
            add(
                &mut tiny,
                place,
                Facts::Tiny { width, height, share: rect.area(), is_of_original: image.size.is_original },
            );
        } else if is_whole(rect, options) {
            add(&mut whole, place, Facts::Whole { share: rect.clamped().area() });
        }
    }
    for (kind, count) in [(CheckKind::Outside, outside), (CheckKind::Tiny, tiny), (CheckKind::Whole, whole)] {
        if count > MOST {
            let facts = Facts::More { kind, count: count - MOST, is_least: false };
            found.push(Finding::on(image.image, facts));
        }
    }
}

fn is_outside(rect: UnitRect, size: PixelSize, options: &CheckOptions) -> bool {
    let allowed = |side: u32| if side > 0 { options.outside_px / side as f32 } else { OUTSIDE_SHARE };
    let across = (-rect.left).max(rect.right() - 1.0);
    let down = (-rect.top).max(rect.bottom() - 1.0);
    rect.leaves_image() && (across >= allowed(size.width) || down >= allowed(size.height))
}

pub(super) fn check_labels(image: &Labels<'_>, part: &ImagesPart, kind: ProjectKind, found: &mut Vec<Finding>) {
    let of_kind = |is_negative| image.marks.iter().copied().find(|&tag| part.is_negative(tag) == Some(is_negative));
    let (negative, regular) = (of_kind(true), of_kind(false));
    let mut add = |facts, tags| found.push(Finding { tags, ..Finding::on(image.image, facts) });
    if kind == ProjectKind::Detection && image.rects.is_empty() && negative.is_none() && regular.is_some() {
        add(Facts::NoRegions, [regular, None]);
    }
    if negative.is_some() && (regular.is_some() || !image.rects.is_empty()) {
        let other = regular.or_else(|| image.tags.first().copied());
        add(Facts::Negative { regions: image.rects.len() as u32 }, [negative, other]);
    }
    if let Some(decoded) = image.decoded {
        add(Facts::Size { decoded }, [None; 2]);
    }
    // An image without any tag of its own comes from a source that keeps none.
    if !image.marks.is_empty() {
        let marks = Marks::of(image.marks);
        let mut missing = (0..).zip(image.tags).filter(|(_, tag)| !marks.has(**tag));
        for (place, &tag) in missing.by_ref().take(MOST as usize) {
            found.push(Finding::on(image.image, Facts::MissingTag).about(image.region(place), tag));
        }
        let more = missing.count() as u32;
        if more > 0 {
            let facts = Facts::More { kind: CheckKind::MissingTag, count: more, is_least: false };
            found.push(Finding::on(image.image, facts));
        }
    }
}

/// The tags of an image, to be asked once for each of its boxes.
enum Marks<'a> {
    Few(&'a [TagIx]),
    Sorted(Vec<TagIx>),
}

impl<'a> Marks<'a> {
    fn of(marks: &'a [TagIx]) -> Self {
        if marks.len() <= 16 {
            return Self::Few(marks);
        }
        let mut sorted = marks.to_vec();
        sorted.sort_unstable();
        Self::Sorted(sorted)
    }

    fn has(&self, tag: TagIx) -> bool {
        match self {
            Self::Few(marks) => marks.contains(&tag),
            Self::Sorted(marks) => marks.binary_search(&tag).is_ok(),
        }
    }
}
