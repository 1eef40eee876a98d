//! The labels of two pictures that are nearly the same: whether they have the same tags, and whether each box of one
//! has its counterpart in the other. It shows what labels alone cannot: a box that is next to its object, and an object
//! without a box.
//!
//! Boxes are compared in fractions, since the two pictures may differ in size. A box has at most one counterpart: of
//! its tag, and those that cover each other best find each other first.

use crate::catalogue::{ImageView, RegionIx, TagIx};
use crate::geometry::UnitRect;

/// Pairs of boxes that are looked at for two images. Beyond, as where thousands of boxes lie in one place, the boxes of
/// a tag are only counted.
const MOST_PAIRS: usize = 1 << 18;

/// How the labels of two pictures that are nearly the same compare, the worst first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TwinLabels {
    OtherTags,
    /// Their tags are the same, their boxes are not.
    OtherBoxes(OddBoxes),
    Same,
}

impl TwinLabels {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::OtherTags => "other-tags",
            Self::OtherBoxes(_) => "other-boxes",
            Self::Same => "same",
        }
    }
}

/// What differs between the boxes of two images, seen from one of them: in numbers the tag that differs most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OddBoxes {
    /// Boxes of the tag.
    pub here: u32,
    /// Boxes of the tag on the other image.
    pub there: u32,
    /// Boxes of the tag without a counterpart, on the image that has more of them.
    pub odd: u32,
    /// The same of all other tags.
    pub others: u32,
    /// A box of the tag on the other image that has no counterpart here.
    pub missing: Option<RegionIx>,
}

/// What differs, with the tag and the first two of its boxes that have no counterpart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Difference {
    pub(super) tag: TagIx,
    pub(super) regions: [Option<RegionIx>; 2],
    pub(super) boxes: OddBoxes,
}

/// Room that is used again from pair to pair.
#[derive(Default)]
pub(super) struct Space {
    tags: [Vec<TagIx>; 2],
    boxes: [Vec<Labeled>; 2],
    pairs: Vec<(f32, u32, u32)>,
}

#[derive(Clone, Copy)]
struct Labeled {
    tag: TagIx,
    rect: UnitRect,
    region: RegionIx,
    has_counterpart: bool,
}

/// Whether two images have the same tags, on themselves or on their regions.
pub(super) fn is_tagged_alike(here: ImageView<'_>, there: ImageView<'_>, space: &mut Space) -> bool {
    for (tags, image) in space.tags.iter_mut().zip([here, there]) {
        tags.clear();
        tags.extend(image.tags().iter().chain(image.region_tags()));
        tags.sort_unstable();
        tags.dedup();
    }
    space.tags[0] == space.tags[1]
}

/// What differs between the boxes of two images. A box and its counterpart have an intersection over union of at least
/// `least_iou`, which is above 0. Boxes without an area are reported as such, and not compared.
pub(super) fn difference(
    here: ImageView<'_>,
    there: ImageView<'_>,
    least_iou: f32,
    space: &mut Space,
) -> Option<Difference> {
    let Space { boxes: [here_boxes, there_boxes], pairs, .. } = space;
    for (boxes, image) in [(&mut *here_boxes, here), (&mut *there_boxes, there)] {
        boxes.clear();
        let all = image.region_range().zip(image.region_rects()).zip(image.region_tags());
        let all = all.map(|((ix, &rect), &tag)| Labeled { tag, rect, region: RegionIx(ix), has_counterpart: false });
        boxes.extend(all.filter(|labeled| labeled.rect.is_sound()));
        // The order of the regions decides which of several odd ones is named.
        boxes.sort_by(|a, b| a.tag.cmp(&b.tag).then(a.rect.left.total_cmp(&b.rect.left)));
    }
    let (mut rest, mut other_rest) = (&mut here_boxes[..], &mut there_boxes[..]);
    let mut worst: Option<Difference> = None;
    let (mut odd_of_all, mut room) = (0, MOST_PAIRS);
    while let Some(tag) = rest.first().into_iter().chain(other_rest.first()).map(|labeled| labeled.tag).min() {
        let (ours, theirs) = (take_tag(&mut rest, tag), take_tag(&mut other_rest, tag));
        match_up(ours, theirs, least_iou, pairs, &mut room);
        let Some(found) = judge(tag, ours, theirs) else { continue };
        odd_of_all += found.boxes.odd;
        // Another number of boxes is plainer than one that stands elsewhere.
        let rank = |found: &Difference| (found.boxes.here != found.boxes.there, found.boxes.odd);
        if worst.is_none_or(|worst| rank(&found) > rank(&worst)) {
            worst = Some(found);
        }
    }
    let mut worst = worst?;
    worst.boxes.others = odd_of_all - worst.boxes.odd;
    Some(worst)
}

/// Cuts off the boxes of a tag, which come first if there are any.
fn take_tag<'a>(rest: &mut &'a mut [Labeled], tag: TagIx) -> &'a mut [Labeled] {
    let count = rest.partition_point(|labeled| labeled.tag == tag);
    let (taken, others) = std::mem::take(rest).split_at_mut(count);
    *rest = others;
    taken
}

/// Finds the counterparts among boxes of one tag, both sorted by their left edge.
fn match_up(
    ours: &mut [Labeled],
    theirs: &mut [Labeled],
    least_iou: f32,
    pairs: &mut Vec<(f32, u32, u32)>,
    room: &mut usize,
) {
    pairs.clear();
    for (at, Labeled { rect, .. }) in ours.iter().enumerate() {
        // What covers each other so much is neither much wider nor begins far away. A hair more, for the rounding.
        let before = rect.width * (1.0 - least_iou) / least_iou * 1.001 + 1e-6;
        let after = rect.width * (1.0 - least_iou) * 1.001 + 1e-6;
        let from = theirs.partition_point(|other| other.rect.left < rect.left - before);
        for (other_at, other) in theirs.iter().enumerate().skip(from) {
            if other.rect.left > rect.left + after {
                break;
            }
            let Some(less) = room.checked_sub(1) else { return count_off(ours, theirs) };
            *room = less;
            // Single precision does not always make 1 of equal boxes.
            let iou = if other.rect == *rect { 1.0 } else { rect.iou(other.rect) };
            if iou >= least_iou {
                pairs.push((iou, at as u32, other_at as u32));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    for &(_, at, other_at) in pairs.iter() {
        let (one, other) = (&mut ours[at as usize], &mut theirs[other_at as usize]);
        if !one.has_counterpart && !other.has_counterpart {
            (one.has_counterpart, other.has_counterpart) = (true, true);
        }
    }
}

/// Too many to be compared: none is called odd, and only their number can differ.
fn count_off(ours: &mut [Labeled], theirs: &mut [Labeled]) {
    ours.iter_mut().chain(theirs).for_each(|labeled| labeled.has_counterpart = true);
}

/// What differs between the boxes of one tag, if anything.
fn judge(tag: TagIx, ours: &[Labeled], theirs: &[Labeled]) -> Option<Difference> {
    let odd = |boxes: &[Labeled]| boxes.iter().filter(|labeled| !labeled.has_counterpart).count();
    let odd = odd(ours).max(odd(theirs)).max(ours.len().abs_diff(theirs.len()));
    let first = |boxes: &[Labeled], above: Option<RegionIx>| {
        let odd = boxes.iter().filter(|labeled| !labeled.has_counterpart).map(|labeled| labeled.region);
        odd.filter(|&region| above.is_none_or(|above| region > above)).min()
    };
    let one = first(ours, None);
    let regions = [one, one.and_then(|one| first(ours, Some(one)))];
    let (here, there) = (ours.len() as u32, theirs.len() as u32);
    let boxes = OddBoxes { here, there, odd: odd as u32, others: 0, missing: first(theirs, None) };
    (odd > 0).then_some(Difference { tag, regions, boxes })
}

#[cfg(test)]
mod tests;
