//! The comparison in parts: the images are joined once, then any range of them can be compared on any thread.

use std::ops::Range;

use super::assignment::likeness;
use super::assignment::{bits, same_bits};
use super::images::{Entry, ImagesJoined, join};
use super::project::{JointTag, JointTags};
use super::regions::{RegionsJoined, is_same_in_place, matched, pixels, shift};
use super::{Change, ChangeKind, Changes, ComparedState, project};
use crate::catalogue::ImageView;
use crate::geometry::training_size;
use crate::{ImageIx, Problem, RegionView};

/// Two states whose images are joined.
pub struct Plan<'a> {
    from: ComparedState<'a>,
    to: ComparedState<'a>,
    least: f32,
    tags: JointTags,
    /// Whether both states say anything of metadata.
    has_metadata: bool,
    entries: Vec<Entry>,
    images: ImagesJoined,
}

impl std::fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plan({} images)", self.entries.len())
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangesPart {
    list: Vec<Change>,
    regions: RegionsJoined,
}

impl<'a> Plan<'a> {
    /// Joins images and tags. `least` is the IoU from which on regions without a common id may be the same.
    pub fn new(from: ComparedState<'a>, to: ComparedState<'a>, least: f32) -> Self {
        let tags = JointTags::new(&from, &to);
        let (entries, images) = join(&from, &to);
        // Many formats of datasets have no metadata; the name of the file is put there by the import.
        let has_metadata = |one: &ComparedState<'_>, other: &ComparedState<'_>| {
            let is_own = |image: ImageView<'_>| image.metadata().any(|(key, _)| key != "name");
            !one.is_import || other.is_import || one.catalogue.iter().any(is_own)
        };
        let has_metadata = has_metadata(&from, &to) && has_metadata(&to, &from);
        Self { from, to, least, tags, has_metadata, entries, images }
    }

    /// Number of images to compare: those of either state, joined ones once.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The images of the first and the second state on which any region lies otherwise than to the bit. Whether it
    /// moved depends on the size of the picture.
    pub fn inexact(&self) -> impl Iterator<Item = (ImageIx, ImageIx)> + '_ {
        let views = self
            .entries
            .iter()
            .filter_map(|entry| Some((self.from.catalogue.get(entry.from?)?, self.to.catalogue.get(entry.to?)?)));
        let is_inexact = |(a, b): &(ImageView<'_>, ImageView<'_>)| {
            let (a, b) = (a.region_rects(), b.region_rects());
            a.len() != b.len() || a.iter().zip(b).any(|(a, b)| !same_bits(*a, *b))
        };
        views.filter(is_inexact).map(|(a, b)| (a.ix, b.ix))
    }

    pub fn compare(&self, range: Range<usize>) -> ChangesPart {
        let mut part = ChangesPart::default();
        for entry in self.entries.get(range).unwrap_or_default() {
            let first = part.list.len();
            let a = entry.from.and_then(|ix| self.from.catalogue.get(ix));
            let b = entry.to.and_then(|ix| self.to.catalogue.get(ix));
            match (a, b) {
                (Some(a), Some(b)) => self.compare_images(&a, &b, &mut part),
                (None, None) => {}
                (a, b) => {
                    let (kind, other) = match &a {
                        Some(_) => (ChangeKind::ImageRemoved, &self.to),
                        None => (ChangeKind::ImageAdded, &self.from),
                    };
                    let is_uncertain = entry.is_unreadable || other.is_incomplete;
                    let kind = if is_uncertain { ChangeKind::ImageUnknown } else { kind };
                    part.list.push(Change { is_uncertain, ..bare(kind, a.as_ref(), b.as_ref()) });
                }
            }
            if part.list.len() > first + 1 {
                part.list[first..].sort_by_cached_key(|change| self.key(change));
            }
        }
        part
    }

    /// Puts the parts together; they come in the order of their ranges.
    pub fn gather(self, parts: Vec<ChangesPart>) -> Changes {
        let mut all = Changes {
            images: self.images,
            tag_list: self.tags.differences(&self.from, &self.to),
            facts: project::differences(&self.from, &self.to),
            ..Changes::default()
        };
        all.list.reserve_exact(parts.iter().map(|part| part.list.len()).sum());
        for part in parts {
            all.list.extend(part.list);
            all.regions.add(part.regions);
        }
        all.tags = self.tags;
        all
    }

    /// The order within an image: region id, kind, then whatever else tells two changes apart.
    fn key(&self, change: &Change) -> (Option<crate::RegionId>, ChangeKind, Option<String>, [[u32; 4]; 2]) {
        let a = change.region_from.and_then(|ix| self.from.catalogue.region(ix));
        let b = change.region_to.and_then(|ix| self.to.catalogue.region(ix));
        let name = change.tag.map(|tag| self.tags.name(tag).to_owned());
        let rects = [&a, &b].map(|region| region.as_ref().map(|region| bits(region.rect)).unwrap_or_default());
        (a.or(b).map(|region| region.id), change.kind, name, rects)
    }

    fn compare_images(&self, a: &ImageView<'_>, b: &ImageView<'_>, part: &mut ChangesPart) {
        let first = part.list.len();
        let change = |kind| bare(kind, Some(a), Some(b));
        if self.is_other_picture(a, b) {
            part.list.push(change(ChangeKind::PictureChanged));
        }
        if self.has_other_metadata(a, b) {
            part.list.push(change(ChangeKind::MetadataChanged));
        }
        self.compare_tags(a, b, part);
        self.compare_regions(a, b, part);
        let is_lossy = is_lossy(a) || is_lossy(b);
        for change in &mut part.list[first..] {
            change.is_uncertain = is_lossy
                || match change.kind {
                    ChangeKind::RegionRemoved | ChangeKind::TagRemoved => self.to.lacks_parts,
                    ChangeKind::RegionAdded | ChangeKind::TagAdded => self.from.lacks_parts,
                    _ => false,
                };
        }
    }

    fn is_other_picture(&self, a: &ImageView<'_>, b: &ImageView<'_>) -> bool {
        if let (Some(a), Some(b)) = ((self.from.digest)(a.id()), (self.to.digest)(b.id())) {
            return a != b;
        }
        if let (Some(a), Some(b)) = (a.original_size(), b.original_size()) {
            return a != b;
        }
        let is_known = |size: (u32, u32)| size.0 > 0 && size.1 > 0;
        let (one, other) = (a.size(), b.size());
        let fits = |large: (u32, u32), small: (u32, u32)| {
            let (width, height) = training_size(large.0, large.1);
            width.abs_diff(small.0) <= 1 && height.abs_diff(small.1) <= 1
        };
        is_known(one) && is_known(other) && one != other && !fits(one, other) && !fits(other, one)
    }

    fn has_other_metadata(&self, a: &ImageView<'_>, b: &ImageView<'_>) -> bool {
        if !self.has_metadata || a.metadata().eq(b.metadata()) {
            return false;
        }
        let (gone, new) = metadata_changes(self.from.is_import != self.to.is_import, a, b);
        !gone.is_empty() || !new.is_empty()
    }

    fn compare_tags(&self, a: &ImageView<'_>, b: &ImageView<'_>, part: &mut ChangesPart) {
        let joint = |tags: &mut Vec<JointTag>| {
            tags.sort_unstable();
            tags.dedup();
        };
        let mut before: Vec<_> = a.tags().iter().map(|&tag| self.tags.from_first(tag)).collect();
        let mut after: Vec<_> = b.tags().iter().map(|&tag| self.tags.from_second(tag)).collect();
        if before == after {
            return;
        }
        joint(&mut before);
        joint(&mut after);
        // An import gives an image the tags of its boxes: what follows from a change of these is no change of its own.
        let is_made = self.from.is_import || self.to.is_import;
        let has_before = |tag: JointTag| a.region_tags().iter().any(|&own| self.tags.from_first(own) == tag);
        let has_after = |tag: JointTag| b.region_tags().iter().any(|&own| self.tags.from_second(own) == tag);
        let follows = |tag: JointTag| is_made && has_before(tag) != has_after(tag);
        let mut note = |kind, tag| part.list.push(Change { tag: Some(tag), ..bare(kind, Some(a), Some(b)) });
        let gone = before.iter().filter(|tag| after.binary_search(tag).is_err() && !follows(**tag));
        gone.for_each(|&tag| note(ChangeKind::TagRemoved, tag));
        let new = after.iter().filter(|tag| before.binary_search(tag).is_err() && !follows(**tag));
        new.for_each(|&tag| note(ChangeKind::TagAdded, tag));
    }

    fn compare_regions(&self, a: &ImageView<'_>, b: &ImageView<'_>, part: &mut ChangesPart) {
        if a.region_count() == 0 && b.region_count() == 0 {
            return;
        }
        let size = pixels(a.pixel_size(), b.pixel_size());
        if is_same_in_place(a, b, &self.tags) {
            part.regions.by_id += a.region_count() as u64;
            a.regions().zip(b.regions()).for_each(|(one, other)| self.compare_pair((a, one), (b, other), size, part));
            return;
        }
        let found = matched(a, b, &self.tags, self.least);
        part.regions.add(found.joined);
        let of = |image: &ImageView<'_>, place: u32| image.region(place as usize);
        for (one, other) in found.pairs {
            let (Some(one), Some(other)) = (of(a, one), of(b, other)) else { continue };
            self.compare_pair((a, one), (b, other), size, part);
        }
        let gone = found.removed.iter().filter_map(|&place| of(a, place));
        part.list.extend(gone.map(|region| of_regions(ChangeKind::RegionRemoved, (a, Some(region)), (b, None))));
        let new = found.added.iter().filter_map(|&place| of(b, place));
        part.list.extend(new.map(|region| of_regions(ChangeKind::RegionAdded, (a, None), (b, Some(region)))));
    }

    fn compare_pair(
        &self,
        (a, one): (&ImageView<'_>, RegionView),
        (b, other): (&ImageView<'_>, RegionView),
        size: Option<(f64, f64)>,
        part: &mut ChangesPart,
    ) {
        let change = |kind| {
            let iou = likeness(one.rect, other.rect);
            Change { iou, ..of_regions(kind, (a, Some(one)), (b, Some(other))) }
        };
        if self.tags.from_first(one.tag) != self.tags.from_second(other.tag) {
            part.list.push(change(ChangeKind::RegionRetagged));
        }
        if let Some(by) = shift(one.rect, other.rect, size) {
            part.list.push(Change { shift: Some(by), ..change(ChangeKind::RegionMoved) });
        }
    }
}

pub type Pairs<'a> = Vec<(&'a str, &'a str)>;

/// Metadata pairs that only the first image has, and those that only the second has, sorted. `skips_names`: one of the
/// states is an import, which puts the name of the file there, and another program may have renamed it.
pub fn metadata_changes<'a>(skips_names: bool, a: &ImageView<'a>, b: &ImageView<'a>) -> (Pairs<'a>, Pairs<'a>) {
    let pairs = |image: &ImageView<'a>| {
        let mut pairs: Vec<_> = image.metadata().filter(|(key, _)| !skips_names || *key != "name").collect();
        pairs.sort_unstable();
        pairs
    };
    let (before, after) = (pairs(a), pairs(b));
    let only = |pairs: &[(&'a str, &'a str)], others: &[(&'a str, &'a str)]| {
        pairs.iter().filter(|pair| others.binary_search(pair).is_err()).copied().collect::<Vec<_>>()
    };
    (only(&before, &after), only(&after, &before))
}

/// Whether part of the image's row could not be read.
fn is_lossy(image: &ImageView<'_>) -> bool {
    image.problems().iter().any(Problem::is_loss)
}

fn of_regions(
    kind: ChangeKind,
    (a, one): (&ImageView<'_>, Option<RegionView>),
    (b, other): (&ImageView<'_>, Option<RegionView>),
) -> Change {
    Change {
        region_from: one.map(|region| region.ix),
        region_to: other.map(|region| region.ix),
        ..bare(kind, Some(a), Some(b))
    }
}

fn bare(kind: ChangeKind, from: Option<&ImageView<'_>>, to: Option<&ImageView<'_>>) -> Change {
    Change {
        kind,
        from: from.map(|image| image.ix),
        to: to.map(|image| image.ix),
        region_from: None,
        region_to: None,
        tag: None,
        iou: 0.0,
        shift: None,
        is_uncertain: false,
    }
}
