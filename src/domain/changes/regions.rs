//! Which region of an image is which of the same image in the other state.

use super::assignment::{assign, likeness};
use super::images::is_made_of_names;
use super::shift::{bits, same_bits};
use super::tags::{JointTag, JointTags};
use crate::catalogue::ImageView;
use crate::{RegionId, UnitRect};

/// How regions were joined, and how many of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionsJoined {
    /// By their ids.
    pub by_id: u64,
    /// By tag and IoU.
    pub by_overlap: u64,
    /// By IoU alone: their tags differ.
    pub by_place: u64,
    /// Images with so many boxes on top of each other that the best total was only approximated.
    pub approximate_images: u64,
}

impl RegionsJoined {
    pub(super) fn add(&mut self, other: Self) {
        self.by_id += other.by_id;
        self.by_overlap += other.by_overlap;
        self.by_place += other.by_place;
        self.approximate_images += other.approximate_images;
    }
}

/// A region with its tag in both states' terms.
#[derive(Clone, Copy, Debug)]
struct Region {
    place: u32,
    id: RegionId,
    tag: JointTag,
    rect: UnitRect,
}

/// The places of regions that are the same one, then those of the first state alone and those of the second.
#[derive(Debug, Default)]
pub(super) struct Matched {
    pub(super) pairs: Vec<(u32, u32)>,
    pub(super) removed: Vec<u32>,
    pub(super) added: Vec<u32>,
    pub(super) joined: RegionsJoined,
}

/// Joins the regions of two images.
pub(super) fn matched(from: &ImageView<'_>, to: &ImageView<'_>, tags: &JointTags, least: f32) -> Matched {
    let mut found = Matched::default();
    let mut a = regions(from, |tag| tags.of_from(tag));
    let mut b = regions(to, |tag| tags.of_to(tag));
    found.joined.by_id = by_id(&mut a, &mut b, &mut found.pairs, false);
    let mut is_approximate = false;
    if !a.is_empty() && !b.is_empty() {
        // A picture whose boxes are all given has a different order in each state; theirs decides nothing.
        let key = |region: &Region| (region.tag.0, bits(region.rect), region.id);
        a.sort_unstable_by_key(key);
        b.sort_unstable_by_key(key);
        found.joined.by_overlap = by_tag(&mut a, &mut b, least, &mut found.pairs, &mut is_approximate);
        found.joined.by_place = by_rect(&mut a, &mut b, least, &mut found.pairs, &mut is_approximate);
        found.joined.by_id += by_id(&mut a, &mut b, &mut found.pairs, true);
    }
    found.joined.approximate_images = u64::from(is_approximate);
    found.removed = a.iter().map(|region| region.place).collect();
    found.added = b.iter().map(|region| region.place).collect();
    found
}

/// The usual image has the same regions in the same order. Ids that were made of places prove that only if the rest is
/// the same too.
pub(super) fn is_same_in_place(from: &ImageView<'_>, to: &ImageView<'_>, tags: &JointTags) -> bool {
    let ids = from.region_ids();
    if ids != to.region_ids() {
        return false;
    }
    let has_made = ids.iter().any(|id| is_made_of_names(id.0));
    let is_same = || {
        let mut all = from.regions().zip(to.regions());
        all.all(|(a, b)| tags.of_from(a.tag) == tags.of_to(b.tag) && same_bits(a.rect, b.rect))
    };
    // Ids that occur twice are sorted out below.
    let mut seen: Vec<_> = if ids.len() > 64 { Vec::new() } else { ids.to_vec() };
    seen.sort_unstable();
    let has_twice = ids.len() > 64 || seen.windows(2).any(|two| two[0] == two[1]);
    if has_made || has_twice { is_same() } else { true }
}

fn regions(image: &ImageView<'_>, joint: impl Fn(crate::TagIx) -> JointTag) -> Vec<Region> {
    let all = image.regions().zip(0..);
    all.map(|(region, place)| Region { place, id: region.id, tag: joint(region.tag), rect: region.rect }).collect()
}

/// Joins regions of equal ids: either those that the service gave, or those that an import made of places.
fn by_id(a: &mut Vec<Region>, b: &mut Vec<Region>, pairs: &mut Vec<(u32, u32)>, is_made: bool) -> u64 {
    let key = |region: &Region| (region.id, region.tag.0, bits(region.rect));
    a.sort_unstable_by_key(key);
    b.sort_unstable_by_key(key);
    let before = pairs.len();
    let (mut rest_a, mut rest_b) = (Vec::new(), Vec::new());
    let (mut at, mut other) = (0, 0);
    while at < a.len() || other < b.len() {
        let order = match (a.get(at), b.get(other)) {
            (Some(one), Some(two)) => one.id.cmp(&two.id),
            (Some(_), None) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Greater,
        };
        if order.is_eq() && is_made_of_names(a[at].id.0) == is_made {
            pairs.push((a[at].place, b[other].place));
        } else {
            rest_a.extend(a.get(at).filter(|_| order.is_le()));
            rest_b.extend(b.get(other).filter(|_| order.is_ge()));
        }
        at += usize::from(order.is_le());
        other += usize::from(order.is_ge());
    }
    (*a, *b) = (rest_a, rest_b);
    (pairs.len() - before) as u64
}

/// Joins regions of one tag. Both are sorted by tag.
fn by_tag(
    a: &mut Vec<Region>,
    b: &mut Vec<Region>,
    least: f32,
    pairs: &mut Vec<(u32, u32)>,
    is_approximate: &mut bool,
) -> u64 {
    let before = pairs.len();
    let (mut rest_a, mut rest_b) = (Vec::new(), Vec::new());
    let mut others = b.chunk_by(|one, other| one.tag == other.tag).peekable();
    for ones in a.chunk_by(|one, other| one.tag == other.tag) {
        while let Some(skipped) = others.next_if(|group| group[0].tag < ones[0].tag) {
            rest_b.extend_from_slice(skipped);
        }
        match others.next_if(|group| group[0].tag == ones[0].tag) {
            Some(group) => pair(ones, group, least, (&mut rest_a, &mut rest_b), pairs, is_approximate),
            None => rest_a.extend_from_slice(ones),
        }
    }
    others.for_each(|group| rest_b.extend_from_slice(group));
    (*a, *b) = (rest_a, rest_b);
    (pairs.len() - before) as u64
}

/// Joins regions whatever their tags.
fn by_rect(
    a: &mut Vec<Region>,
    b: &mut Vec<Region>,
    least: f32,
    pairs: &mut Vec<(u32, u32)>,
    is_approximate: &mut bool,
) -> u64 {
    let before = pairs.len();
    let key = |region: &Region| (bits(region.rect), region.id);
    a.sort_unstable_by_key(key);
    b.sort_unstable_by_key(key);
    let (mut rest_a, mut rest_b) = (Vec::new(), Vec::new());
    pair(a, b, least, (&mut rest_a, &mut rest_b), pairs, is_approximate);
    (*a, *b) = (rest_a, rest_b);
    (pairs.len() - before) as u64
}

/// Pairs two sorted lists; what finds no partner goes to the rests.
fn pair(
    a: &[Region],
    b: &[Region],
    least: f32,
    (rest_a, rest_b): (&mut Vec<Region>, &mut Vec<Region>),
    pairs: &mut Vec<(u32, u32)>,
    is_approximate: &mut bool,
) {
    if let ([one], [other]) = (a, b) {
        if likeness(one.rect, other.rect) >= least {
            pairs.push((one.place, other.place));
        } else {
            rest_a.push(*one);
            rest_b.push(*other);
        }
        return;
    }
    let rects = |regions: &[Region]| regions.iter().map(|region| region.rect).collect::<Vec<_>>();
    let keys = |regions: &[Region]| regions.iter().map(|region| (bits(region.rect), region.id)).collect::<Vec<_>>();
    // The same rows whichever state comes first, so that a tie is broken in the same way.
    let is_turned = a.len() > 1 && b.len() > 1 && keys(a) > keys(b);
    let (rows, columns) = if is_turned { (b, a) } else { (a, b) };
    let found = assign(&rects(rows), &rects(columns), least);
    *is_approximate |= found.is_approximate;
    let (mut has_a, mut has_b) = (vec![false; a.len()], vec![false; b.len()]);
    for (row, column) in found.pairs {
        let (one, other) = if is_turned { (column, row) } else { (row, column) };
        (has_a[one as usize], has_b[other as usize]) = (true, true);
        pairs.push((a[one as usize].place, b[other as usize].place));
    }
    rest_a.extend(a.iter().zip(has_a).filter(|(_, has)| !has).map(|(region, _)| region));
    rest_b.extend(b.iter().zip(has_b).filter(|(_, has)| !has).map(|(region, _)| region));
}
