//! A catalogue as blocks of bytes and back, for a snapshot on disk: a head with the tags, then a block a segment, each
//! column as plain little-endian numbers. It contains no signature. The code that stores the blocks adds a version and
//! checksums; what is read is checked all the same, so that no block can lead outside its columns.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::segment::{SEGMENT_IMAGES, Segment};
use super::tags::{TagEntry, TagTable};
use super::uris::{Packed, Pattern, UriColumn};
use super::{Catalogue, ImageIx, TagIx};
use crate::geometry::UnitRect;
use crate::ids::{ImageId, RegionId};
use crate::image::Verbatim;
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// The blocks are not those of a catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the packed list of images is damaged: {0}")]
pub struct NotPacked(&'static str);

#[derive(Serialize, Deserialize)]
struct Head {
    images: u32,
    regions: u32,
    tags: Vec<TagEntry>,
}

type Pairs = Box<[(String, String)]>;

/// What few images have.
#[derive(Default, Serialize, Deserialize)]
struct Rare {
    patterns: Vec<Pattern>,
    metadata: Vec<(u32, Pairs)>,
    verbatim: Vec<(u32, Box<[Verbatim]>)>,
    problems: Vec<(u32, Vec<Problem>)>,
    /// Sizes of originals. Lists of earlier versions have none.
    #[serde(default)]
    originals: Vec<(u32, (u32, u32))>,
}

/// Gives the blocks of a catalogue, the head first.
pub struct Packer<'a> {
    catalogue: &'a Catalogue,
    given: usize,
}

impl<'a> Packer<'a> {
    /// Begins with the head.
    pub fn new(catalogue: &'a Catalogue) -> Self {
        Self { catalogue, given: 0 }
    }
}

impl Iterator for Packer<'_> {
    type Item = Result<Vec<u8>, serde_json::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let place = self.given;
        self.given += 1;
        match place.checked_sub(1) {
            None => {
                let tags = self.catalogue.tags.iter().map(|(_, entry)| entry.clone()).collect();
                let head = Head { images: self.catalogue.len() as u32, regions: self.catalogue.region_count, tags };
                Some(serde_json::to_vec(&head))
            }
            Some(place) => {
                let segment = self.catalogue.segments.get(place)?;
                Some(pack(segment, place * SEGMENT_IMAGES, self.catalogue))
            }
        }
    }
}

fn pack(segment: &Segment, first: usize, catalogue: &Catalogue) -> Result<Vec<u8>, serde_json::Error> {
    let uris = segment.uris.unsigned(&segment.ids);
    let ix = |at: u32| ImageIx(first as u32 + at);
    let problem = |at: u32| catalogue.problems.get(&ix(at)).map(|problems| (at, problems.clone()));
    let original = |at: u32| catalogue.original_size(ix(at)).map(|size| (at, size));
    let rare = Rare {
        metadata: segment.metadata.rows().collect(),
        verbatim: texts(segment),
        problems: (0..segment.len() as u32).filter_map(problem).collect(),
        originals: (0..segment.len() as u32).filter_map(original).collect(),
        patterns: uris.patterns,
    };
    let rare = serde_json::to_vec(&rare)?;
    let (regions, marks) = (segment.region_count(), segment.mark_tags.len());
    let counts = [segment.len(), regions, marks, uris.arena.len(), rare.len()];
    let mut out = Vec::with_capacity(segment.byte_count() + rare.len() + 64);
    put(&mut out, &counts, |&count| (count as u32).to_le_bytes());
    put(&mut out, &segment.ids, |id| *id.0.as_bytes());
    put(&mut out, &segment.created, |stamp| stamp.0.to_le_bytes());
    put(&mut out, &segment.sizes, |&(width, height)| join(width.to_le_bytes(), height.to_le_bytes()));
    put(&mut out, &segment.region_starts, |start| start.to_le_bytes());
    put(&mut out, &segment.mark_starts, |start| start.to_le_bytes());
    for packed in &uris.packed {
        put(&mut out, packed, |one| {
            let [a, b] = one.pattern.to_le_bytes();
            let [c, d] = one.length.to_le_bytes();
            join([a, b, c, d], one.start.to_le_bytes())
        });
    }
    put(&mut out, &segment.region_ids, |id| *id.0.as_bytes());
    put(&mut out, &segment.region_tags, |tag| tag.0.to_le_bytes());
    put(&mut out, &segment.region_rects, |rect| {
        let [left, top, width, height] = [rect.left, rect.top, rect.width, rect.height].map(f32::to_le_bytes);
        let (mut bytes, first, second) = ([0; 16], join(left, top), join(width, height));
        bytes[..8].copy_from_slice(&first);
        bytes[8..].copy_from_slice(&second);
        bytes
    });
    put(&mut out, &segment.region_created, |stamp| stamp.0.to_le_bytes());
    put(&mut out, &segment.mark_tags, |tag| tag.0.to_le_bytes());
    put(&mut out, &segment.mark_created, |stamp| stamp.0.to_le_bytes());
    out.extend_from_slice(&uris.arena);
    out.extend_from_slice(&rare);
    Ok(out)
}

fn put<T, const N: usize>(out: &mut Vec<u8>, column: &[T], bytes: impl Fn(&T) -> [u8; N]) {
    out.extend(column.iter().flat_map(bytes));
}

fn join(first: [u8; 4], second: [u8; 4]) -> [u8; 8] {
    let mut both = [0; 8];
    both[..4].copy_from_slice(&first);
    both[4..].copy_from_slice(&second);
    both
}

/// The images that have texts of their own, in their order, so that the same catalogue gives the same bytes.
fn texts(segment: &Segment) -> Vec<(u32, Box<[Verbatim]>)> {
    let images = (0..segment.len()).map(|at| (at as u32, segment.texts(at).into_boxed_slice()));
    images.filter(|(_, texts)| !texts.is_empty()).collect()
}

/// Makes a catalogue of the blocks of a [`Packer`].
pub struct Unpacker {
    catalogue: Catalogue,
    images: usize,
    regions: u32,
}

impl Unpacker {
    /// Begins with the head.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(head: &[u8]) -> Result<Self, NotPacked> {
        let head: Head = serde_json::from_slice(head).map_err(|_| NotPacked("its head cannot be read"))?;
        let mut catalogue = Catalogue::new();
        catalogue.tags = TagTable::from_entries(head.tags);
        Ok(Self { catalogue, images: head.images as usize, regions: head.regions })
    }

    /// Number of blocks that follow the head.
    pub fn block_count(&self) -> usize {
        self.images.div_ceil(SEGMENT_IMAGES)
    }

    /// Takes the next block.
    ///
    /// # Errors
    /// When it is not the one that belongs here.
    pub fn block(&mut self, bytes: &[u8]) -> Result<(), NotPacked> {
        let Self { catalogue, images, .. } = self;
        let first = catalogue.len();
        if first >= *images {
            return Err(NotPacked("it has too many blocks"));
        }
        let (segment, beside) = unpack(bytes, catalogue.region_count, catalogue.tags.len())?;
        if segment.len() != (*images - first).min(SEGMENT_IMAGES) {
            return Err(NotPacked("a block has the wrong number of images"));
        }
        catalogue.index.reserve(segment.len());
        for (at, &id) in segment.ids.iter().enumerate() {
            if catalogue.index.insert(id, ImageIx((first + at) as u32)).is_some() {
                return Err(NotPacked("an image is in it twice"));
            }
        }
        let ix = |at: u32| ImageIx(first as u32 + at);
        catalogue.problems.extend(beside.problems.into_iter().map(|(at, problems)| (ix(at), problems)));
        catalogue.region_count += segment.region_count() as u32;
        catalogue.untagged_count += segment.untagged_count() as u32;
        catalogue.segments.push(Arc::new(segment));
        // Sizes of images that are not there are passed over.
        let sizes: Vec<_> = beside.originals.into_iter().map(|(at, size)| (ix(at), size)).collect();
        catalogue.know_originals(&sizes);
        Ok(())
    }

    /// The catalogue, once all blocks are in.
    ///
    /// # Errors
    /// When some are missing.
    pub fn finish(self) -> Result<Catalogue, NotPacked> {
        let is_whole = self.catalogue.len() == self.images && self.catalogue.region_count == self.regions;
        if is_whole { Ok(self.catalogue) } else { Err(NotPacked("images are missing")) }
    }
}

/// What a catalogue keeps next to its segments, by the place of the image in the block.
struct Beside {
    problems: Vec<(u32, Vec<Problem>)>,
    originals: Vec<(u32, (u32, u32))>,
}

fn unpack(bytes: &[u8], first_region: u32, tag_count: usize) -> Result<(Segment, Beside), NotPacked> {
    let mut rest = Rest(bytes);
    let counts = rest.column(5, u32::from_le_bytes)?;
    let [images, regions, marks, arena, rare] = *counts.as_slice() else { return Err(NotPacked("a block is cut off")) };
    let (images, regions, marks) = (images as usize, regions as usize, marks as usize);
    if images > SEGMENT_IMAGES || first_region.checked_add(regions as u32).is_none() {
        return Err(NotPacked("a block is too large"));
    }
    let number = |bytes: [u8; 8]| Timestamp(i64::from_le_bytes(bytes));
    let uuid = uuid::Uuid::from_bytes;
    let mut segment = Segment {
        first_region,
        ids: rest.column(images, |id| ImageId(uuid(id)))?,
        created: rest.column(images, number)?,
        sizes: rest.column(images, |bytes| {
            let [width, height] = halves(bytes);
            (u32::from_le_bytes(width), u32::from_le_bytes(height))
        })?,
        region_starts: rest.column(images + 1, u32::from_le_bytes)?,
        mark_starts: rest.column(images + 1, u32::from_le_bytes)?,
        ..Segment::default()
    };
    let packed: Vec<Packed> = rest.column(images * 3, |bytes: [u8; 8]| {
        let [[a, b, c, d], start] = halves(bytes);
        let (pattern, length) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
        Packed { pattern, length, start: u32::from_le_bytes(start) }
    })?;
    segment.region_ids = rest.column(regions, |id| RegionId(uuid(id)))?;
    segment.region_tags = rest.column(regions, |tag| TagIx(u16::from_le_bytes(tag)))?;
    segment.region_rects = rest.column(regions, |bytes: [u8; 16]| {
        let value = |at: usize| f32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        UnitRect::new(value(0), value(4), value(8), value(12))
    })?;
    segment.region_created = rest.column(regions, number)?;
    segment.mark_tags = rest.column(marks, |tag| TagIx(u16::from_le_bytes(tag)))?;
    segment.mark_created = rest.column(marks, number)?;
    let arena = rest.take(arena as usize)?.to_vec();
    let rare: Rare =
        serde_json::from_slice(rest.take(rare as usize)?).map_err(|_| NotPacked("its texts cannot be read"))?;
    if !rest.0.is_empty() {
        return Err(NotPacked("a block is too long"));
    }
    let has_order = are_starts(&segment.region_starts, regions) && are_starts(&segment.mark_starts, marks);
    let has_tags = segment.region_tags.iter().chain(&segment.mark_tags).all(|tag| tag.index() < tag_count);
    let is_inside = |one: &Packed| {
        usize::from(one.pattern) <= rare.patterns.len()
            && one.start as usize + usize::from(one.length) <= arena.len()
            && std::str::from_utf8(&arena[one.start as usize..][..usize::from(one.length)]).is_ok()
    };
    let has_images = rare.metadata.is_sorted_by(|(a, _), (b, _)| a < b)
        && rare.metadata.last().is_none_or(|&(last, _)| (last as usize) < images);
    let has_texts = rare.verbatim.is_sorted_by(|(a, _), (b, _)| a < b)
        && rare.verbatim.last().is_none_or(|&(last, _)| (last as usize) < images);
    if !has_order || !has_tags || !has_images || !has_texts || !packed.iter().all(is_inside) {
        return Err(NotPacked("a block contradicts itself"));
    }
    segment.uris = UriColumn::from_parts(rare.patterns, arena, packed.as_chunks().0.to_vec());
    for (at, pairs) in &rare.metadata {
        segment.metadata.push(*at as usize, pairs);
    }
    segment.metadata.shrink();
    for (at, texts) in &rare.verbatim {
        segment.keep_texts(*at, texts);
    }
    Ok((segment, Beside { problems: rare.problems, originals: rare.originals }))
}

/// Whether these are the beginnings of runs that fill a column.
fn are_starts(starts: &[u32], count: usize) -> bool {
    starts.first() == Some(&0) && starts.last() == Some(&(count as u32)) && starts.is_sorted()
}

fn halves(bytes: [u8; 8]) -> [[u8; 4]; 2] {
    let [a, b, c, d, e, f, g, h] = bytes;
    [[a, b, c, d], [e, f, g, h]]
}

/// What is left of a block.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], NotPacked> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(NotPacked("a block is cut off"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn column<T, const N: usize>(&mut self, count: usize, value: impl Fn([u8; N]) -> T) -> Result<Vec<T>, NotPacked> {
        let bytes = self.take(count.checked_mul(N).ok_or(NotPacked("a block is cut off"))?)?;
        Ok(bytes.as_chunks::<N>().0.iter().map(|&chunk| value(chunk)).collect())
    }
}
