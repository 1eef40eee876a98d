//! Which region of an image is which of the same image in the other state, and how far it has moved.

use super::assignment::{assign, bits, likeness, same_bits};
use super::project::{JointTag, JointTags};
use super::{LEAST_SHIFT, Shift, is_made_of_names};
use crate::catalogue::ImageView;
use crate::{PixelSize, RegionId, UnitRect};

/// How regions were joined, and how many of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionsJoined {
    pub by_id: u64,
    /// Regions of either state that were not joined by id because another region of their image has the same one.
    pub ambiguous: u64,
    pub by_overlap: u64,
    /// By IoU alone: their tags differ.
    pub by_place: u64,
    /// Images with so many boxes on top of each other that the best total was only approximated.
    pub approximate_images: u64,
}

impl RegionsJoined {
    pub(super) fn add(&mut self, other: Self) {
        self.by_id += other.by_id;
        self.ambiguous += other.ambiguous;
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

pub(super) fn matched(from: &ImageView<'_>, to: &ImageView<'_>, tags: &JointTags, least: f32) -> Matched {
    let (a, b) = (regions(from, |tag| tags.from_first(tag)), regions(to, |tag| tags.from_second(tag)));
    let mut joining = Joining { a, b, pairs: Vec::new(), least, ambiguous: 0, is_approximate: false };
    let mut joined = RegionsJoined { by_id: joining.pass(Joining::by_id), ..RegionsJoined::default() };
    if !joining.a.is_empty() && !joining.b.is_empty() {
        joined.by_overlap = joining.pass(Joining::by_tag);
        joined.by_place = joining.pass(Joining::by_rect);
    }
    joined.ambiguous = joining.ambiguous;
    joined.approximate_images = u64::from(joining.is_approximate);
    let places = |regions: &[Region]| regions.iter().map(|region| region.place).collect();
    Matched { removed: places(&joining.a), added: places(&joining.b), pairs: joining.pairs, joined }
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
        all.all(|(a, b)| tags.from_first(a.tag) == tags.from_second(b.tag) && same_bits(a.rect, b.rect))
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

/// The regions that have no partner yet, and the pairs so far.
struct Joining {
    a: Vec<Region>,
    b: Vec<Region>,
    pairs: Vec<(u32, u32)>,
    least: f32,
    ambiguous: u64,
    is_approximate: bool,
}

impl Joining {
    /// Lets `join` have the regions without a partner, and returns the number of pairs that it found.
    fn pass(&mut self, join: impl FnOnce(&mut Self, Vec<Region>, Vec<Region>)) -> u64 {
        let before = self.pairs.len();
        let (a, b) = (std::mem::take(&mut self.a), std::mem::take(&mut self.b));
        join(self, a, b);
        (self.pairs.len() - before) as u64
    }

    /// Joins regions of equal ids. An id that an import made of the region's place in its file says nothing, and
    /// neither does one that several regions of an image have, as a copied annotation does.
    fn by_id(&mut self, mut a: Vec<Region>, mut b: Vec<Region>) {
        a.sort_unstable_by_key(|region| region.id);
        b.sort_unstable_by_key(|region| region.id);
        let mut others = b.chunk_by(|one, other| one.id == other.id).peekable();
        for ones in a.chunk_by(|one, other| one.id == other.id) {
            let id = ones[0].id;
            while let Some(skipped) = others.next_if(|group| group[0].id < id) {
                self.b.extend_from_slice(skipped);
            }
            let group = others.next_if(|group| group[0].id == id).unwrap_or_default();
            let is_meant = !is_made_of_names(id.0) && !group.is_empty();
            if let ([one], [other]) = (ones, group)
                && is_meant
            {
                self.pairs.push((one.place, other.place));
                continue;
            }
            if is_meant {
                self.ambiguous += (ones.len() + group.len()) as u64;
            }
            self.a.extend_from_slice(ones);
            self.b.extend_from_slice(group);
        }
        others.for_each(|group| self.b.extend_from_slice(group));
    }

    fn by_tag(&mut self, mut a: Vec<Region>, mut b: Vec<Region>) {
        // A picture whose boxes are all given has a different order in each state; theirs decides nothing.
        let key = |region: &Region| (region.tag.0, bits(region.rect), region.id);
        a.sort_unstable_by_key(key);
        b.sort_unstable_by_key(key);
        let mut others = b.chunk_by(|one, other| one.tag == other.tag).peekable();
        for ones in a.chunk_by(|one, other| one.tag == other.tag) {
            while let Some(skipped) = others.next_if(|group| group[0].tag < ones[0].tag) {
                self.b.extend_from_slice(skipped);
            }
            match others.next_if(|group| group[0].tag == ones[0].tag) {
                Some(group) => self.pair(ones, group),
                None => self.a.extend_from_slice(ones),
            }
        }
        others.for_each(|group| self.b.extend_from_slice(group));
    }

    /// Joins regions whatever their tags.
    fn by_rect(&mut self, mut a: Vec<Region>, mut b: Vec<Region>) {
        let key = |region: &Region| (bits(region.rect), region.id);
        a.sort_unstable_by_key(key);
        b.sort_unstable_by_key(key);
        self.pair(&a, &b);
    }

    /// Pairs two sorted lists; what finds no partner stays without one.
    fn pair(&mut self, a: &[Region], b: &[Region]) {
        if let ([one], [other]) = (a, b) {
            if likeness(one.rect, other.rect) >= self.least {
                self.pairs.push((one.place, other.place));
            } else {
                self.a.push(*one);
                self.b.push(*other);
            }
            return;
        }
        let rects = |regions: &[Region]| regions.iter().map(|region| region.rect).collect::<Vec<_>>();
        let keys = |regions: &[Region]| regions.iter().map(|region| (bits(region.rect), region.id)).collect::<Vec<_>>();
        // The same rows whichever state comes first, so that a tie is broken in the same way.
        let is_turned = a.len() > 1 && b.len() > 1 && keys(a) > keys(b);
        let (rows, columns) = if is_turned { (b, a) } else { (a, b) };
        let found = assign(&rects(rows), &rects(columns), self.least);
        self.is_approximate |= found.is_approximate;
        let (mut has_a, mut has_b) = (vec![false; a.len()], vec![false; b.len()]);
        for (row, column) in found.pairs {
            let (one, other) = if is_turned { (column, row) } else { (row, column) };
            (has_a[one as usize], has_b[other as usize]) = (true, true);
            self.pairs.push((a[one as usize].place, b[other as usize].place));
        }
        self.a.extend(a.iter().zip(has_a).filter(|(_, has)| !has).map(|(region, _)| region));
        self.b.extend(b.iter().zip(has_b).filter(|(_, has)| !has).map(|(region, _)| region));
    }
}

/// The longer side of the pictures that the service trains on, for images of which no size is known.
const USUAL_SIDE: f64 = 1_600.0;

/// What rounding to single precision takes from the distance of two edges at most, in fractions of a side.
const ROUNDING: f64 = 1.0 / (1 << 22) as f64;

/// The pixels in which moves are measured: the larger of both known sizes, so that the order of the states does not
/// matter.
pub(super) fn pixels(from: PixelSize, to: PixelSize) -> Option<(f64, f64)> {
    let (width, height) = (from.width.max(to.width), from.height.max(to.height));
    (width > 0 && height > 0).then_some((f64::from(width), f64::from(height)))
}

/// How far the edges are apart; `None` when that is less than the noise.
pub(super) fn shift(from: UnitRect, to: UnitRect, pixels: Option<(f64, f64)>) -> Option<Shift> {
    if same_bits(from, to) {
        return None;
    }
    let edge = |a: f32, b: f32, side: f64| ((f64::from(a) - f64::from(b)) * side).abs();
    let far = |a: f32, a_length: f32, b: f32, b_length: f32, side: f64| {
        ((f64::from(a) + f64::from(a_length) - f64::from(b) - f64::from(b_length)) * side).abs()
    };
    let farthest = |width, height| {
        [
            edge(from.left, to.left, width),
            edge(from.top, to.top, height),
            far(from.left, from.width, to.left, to.width, width),
            far(from.top, from.height, to.top, to.height, height),
        ]
        .into_iter()
        .fold(0.0, f64::max)
    };
    match pixels {
        Some((width, height)) => {
            let by = farthest(width, height);
            // Fractions are single-precision: what is just at the bound counts whichever way it was rounded.
            (by + width.max(height) * ROUNDING >= LEAST_SHIFT).then_some(Shift { by, is_pixels: true })
        }
        None => {
            let by = farthest(1.0, 1.0);
            (by * USUAL_SIDE >= LEAST_SHIFT).then_some(Shift { by, is_pixels: false })
        }
    }
}
