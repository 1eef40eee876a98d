//! Many boxes on one image: equal boxes are one place, counted by arithmetic, and an index finds the places that can
//! cover each other. A place is compared with a bounded number of others, so that time and memory grow with the number
//! of boxes and not with that of pairs. Where the limit is reached, that is reported.

use std::ops::Range;

use rstar::{AABB, RTree, RTreeObject};

use super::CheckOptions;
use super::image::Labels;
use super::pairs::{MOST, Pairs, judge};
use crate::catalogue::TagIx;
use crate::geometry::UnitRect;

/// Comparisons of an image are this number a box at most. Up to 257 boxes that is each with each.
const WORK_A_BOX: u64 = 128;

/// Boxes with equal rectangles.
struct Spot {
    number: usize,
    rect: UnitRect,
    /// Its boxes, as places in [`Crowd::order`].
    boxes: Range<usize>,
    /// Its boxes by tag, as places in [`Crowd::runs`].
    runs: Range<usize>,
}

/// Boxes with equal rectangles and one tag, as places in [`Crowd::order`].
struct Run {
    tag: TagIx,
    boxes: Range<usize>,
}

/// A spot in the index: its number, and the rectangle again for the tree.
struct Indexed(usize, UnitRect);

impl RTreeObject for Indexed {
    type Envelope = AABB<[f32; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.1.left, self.1.top], [self.1.right(), self.1.bottom()])
    }
}

/// The boxes of an image by rectangle, tag and place.
struct Crowd<'a> {
    image: &'a Labels<'a>,
    options: &'a CheckOptions,
    order: Vec<u32>,
    spots: Vec<Spot>,
    runs: Vec<Run>,
}

/// The findings of all pairs.
pub(super) fn pairs(image: &Labels<'_>, options: &CheckOptions) -> Pairs {
    let crowd = Crowd::of(image, options);
    let mut pairs = Pairs::default();
    pairs.work = crowd.order.len() as u64;
    let most = WORK_A_BOX * crowd.order.len() as u64;
    for spot in &crowd.spots {
        crowd.within(spot, &mut pairs);
    }
    let index = RTree::bulk_load(crowd.spots.iter().map(|spot| Indexed(spot.number, spot.rect)).collect());
    for spot in &crowd.spots {
        for &Indexed(other, _) in index.locate_in_envelope_intersecting(crowd.reach(spot.rect)) {
            pairs.work += 1;
            if pairs.work > most {
                pairs.is_cut = true;
                return pairs;
            }
            let other = &crowd.spots[other];
            // Each pair of spots once, from the smaller one.
            let size = |spot: &Spot| (spot.rect.area(), spot.number);
            if size(spot) < size(other) {
                crowd.across(spot, other, &mut pairs);
            }
        }
    }
    pairs
}

impl<'a> Crowd<'a> {
    fn of(image: &'a Labels<'a>, options: &'a CheckOptions) -> Self {
        let sides = |place: u32| {
            let rect = image.rects[place as usize];
            [rect.left, rect.top, rect.width, rect.height].map(f32::to_bits)
        };
        let tag = |place: u32| image.tags[place as usize];
        let mut order: Vec<u32> =
            (0..image.rects.len() as u32).filter(|&place| image.rects[place as usize].is_sound()).collect();
        order.sort_unstable_by_key(|&place| (sides(place), tag(place), place));
        let (mut spots, mut runs): (Vec<Spot>, Vec<Run>) = (Vec::new(), Vec::new());
        for (at, &place) in order.iter().enumerate() {
            let is_same_spot = at > 0 && sides(order[at - 1]) == sides(place);
            if !is_same_spot {
                let (number, rect) = (spots.len(), image.rects[place as usize]);
                spots.push(Spot { number, rect, boxes: at..at, runs: runs.len()..runs.len() });
            }
            if !is_same_spot || tag(order[at - 1]) != tag(place) {
                runs.push(Run { tag: tag(place), boxes: at..at });
            }
            if let (Some(spot), Some(run)) = (spots.last_mut(), runs.last_mut()) {
                (spot.boxes.end, run.boxes.end) = (at + 1, at + 1);
                spot.runs.end = runs.len();
            }
        }
        Self { image, options, order, spots, runs }
    }

    /// The part of the image that every larger box touches that covers enough of this one to be reported. A box that
    /// covers more than half of another holds its center.
    fn reach(&self, rect: UnitRect) -> AABB<[f32; 2]> {
        let least = self.options.overlap.min(self.options.overlap_other).min(self.options.inside);
        if least > 0.5 {
            AABB::from_point([rect.left + rect.width / 2.0, rect.top + rect.height / 2.0])
        } else {
            AABB::from_corners([rect.left, rect.top], [rect.right(), rect.bottom()])
        }
    }

    fn runs_of(&self, spot: &Spot) -> &[Run] {
        &self.runs[spot.runs.clone()]
    }

    fn boxes_of(&self, run: &Run) -> &[u32] {
        &self.order[run.boxes.clone()]
    }

    fn within(&self, spot: &Spot, pairs: &mut Pairs) {
        let Range { start, end } = spot.boxes;
        if end - start < 2 {
            return;
        }
        let two = [self.order[start], self.order[start + 1]];
        let runs = self.runs_of(spot);
        let choose_two = |number: usize| number as u64 * (number as u64 - 1) / 2;
        let of_one_tag: u64 = runs.iter().map(|run| choose_two(run.boxes.len())).sum();
        let of_two_tags = choose_two(end - start) - of_one_tag;
        self.count_alike(two, true, of_one_tag, pairs, || {
            let of_run = |run| {
                let boxes: &[u32] = self.boxes_of(run);
                (1..).zip(boxes).flat_map(move |(next, &a)| boxes[next..].iter().map(move |&b| [a, b]))
            };
            runs.iter().flat_map(of_run)
        });
        self.count_alike(two, false, of_two_tags, pairs, || {
            (1..).zip(runs).flat_map(move |(next, a)| runs[next..].iter().flat_map(move |b| self.product(a, b)))
        });
    }

    /// Pairs of a box of one spot and a box of another.
    fn across(&self, one: &Spot, other: &Spot, pairs: &mut Pairs) {
        let two = [self.order[one.boxes.start], self.order[other.boxes.start]];
        let is_told = |is_one_tag| judge(self.image, self.options, in_order(two), is_one_tag).is_some();
        if !is_told(true) && !is_told(false) {
            return;
        }
        let (ours, theirs) = (self.runs_of(one), self.runs_of(other));
        pairs.work += (ours.len() + theirs.len()) as u64;
        let alike: Vec<(&Run, &Run)> = ours
            .iter()
            .filter_map(|run| {
                let at = theirs.binary_search_by_key(&run.tag, |run| run.tag).ok()?;
                Some((run, &theirs[at]))
            })
            .collect();
        let number = |a: &Range<usize>, b: &Range<usize>| a.len() as u64 * b.len() as u64;
        let of_one_tag: u64 = alike.iter().map(|(a, b)| number(&a.boxes, &b.boxes)).sum();
        let of_two_tags = number(&one.boxes, &other.boxes) - of_one_tag;
        self.count_alike(two, true, of_one_tag, pairs, || alike.iter().flat_map(|(a, b)| self.product(a, b)));
        self.count_alike(two, false, of_two_tags, pairs, || {
            let others = |a: &'_ Run| {
                let tag = a.tag;
                theirs.iter().filter(move |b| b.tag != tag)
            };
            ours.iter().flat_map(move |a| others(a).flat_map(move |b| self.product(a, b)))
        });
    }

    fn product<'s>(&'s self, a: &'s Run, b: &'s Run) -> impl Iterator<Item = [u32; 2]> + 's {
        self.boxes_of(a).iter().flat_map(move |&a| self.boxes_of(b).iter().map(move |&b| [a, b]))
    }

    /// Counts pairs that are all alike, of which `two` stands for all, and lists the first of them.
    fn count_alike<I: Iterator<Item = [u32; 2]>>(
        &self,
        two: [u32; 2],
        is_one_tag: bool,
        number: u64,
        pairs: &mut Pairs,
        each: impl FnOnce() -> I,
    ) {
        let judge = |two: [u32; 2]| judge(self.image, self.options, in_order(two), is_one_tag);
        let Some(like) = judge(two).filter(|_| number > 0) else { return };
        pairs.count(&like, number);
        let [a, b] = in_order(two);
        if !pairs.wants(self.image.region(a.min(b))) {
            return;
        }
        for two in each().take(MOST) {
            pairs.work += 1;
            judge(two).into_iter().for_each(|finding| pairs.list(finding));
        }
    }
}

/// The lower place first.
fn in_order([a, b]: [u32; 2]) -> [usize; 2] {
    [a.min(b) as usize, a.max(b) as usize]
}
