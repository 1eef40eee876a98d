//! Boxes that cover the same place, or lie in one another: a sweep from left to right, so that 300 boxes side by side
//! are not compared each with each.

use super::boxes::{is_sound, is_tiny, is_whole};
use super::finding::{Facts, Finding};
use super::options::CheckOptions;
use super::part::Labels;

/// Findings of this family on one image; whoever has pasted a box 300 times sees as many as anyone can look at.
const MOST: usize = 40;

/// Room that is used again from image to image.
#[derive(Default)]
pub(super) struct Space {
    /// Places of boxes by their left edge.
    order: Vec<u32>,
    /// Those that the sweep line crosses.
    open: Vec<u32>,
}

pub(super) fn check(image: &Labels<'_>, options: &CheckOptions, space: &mut Space, found: &mut Vec<Finding>) {
    let from = found.len();
    each_pair(image, space, |a, b| found.extend(judge(image, options, a, b)));
    let fresh = &mut found[from..];
    fresh.sort_by_key(|finding| finding.regions);
    found.truncate(from + MOST);
}

/// Calls for each pair of sound boxes that touch each other, the lower place first.
fn each_pair(image: &Labels<'_>, space: &mut Space, mut call: impl FnMut(usize, usize)) {
    let rects = image.rects;
    let Space { order, open } = space;
    order.clear();
    open.clear();
    order.extend((0..rects.len() as u32).filter(|&place| is_sound(rects[place as usize])));
    order.sort_unstable_by(|&a, &b| rects[a as usize].left.total_cmp(&rects[b as usize].left));
    for &place in order.iter() {
        let rect = rects[place as usize];
        open.retain(|&other| rects[other as usize].right() > rect.left);
        for &other in open.iter() {
            let over = rects[other as usize];
            if over.top < rect.bottom() && rect.top < over.bottom() {
                call(place.min(other) as usize, place.max(other) as usize);
            }
        }
        open.push(place);
    }
}

/// What is wrong with two boxes, if anything.
fn judge(image: &Labels<'_>, options: &CheckOptions, a: usize, b: usize) -> Option<Finding> {
    let (rects, tags) = (image.rects, image.tags);
    // Single precision makes a hair more than 1 of equal boxes.
    let iou = rects[a].iou(rects[b]).min(1.0);
    let finding = |facts, first: usize, second: usize| {
        let finding = Finding::on(image.image, facts).about(image.region(first), tags[first]);
        Some(finding.about(image.region(second), tags[second]))
    };
    if tags[a] != tags[b] {
        return if iou > options.overlap_other { finding(Facts::OverlapOther { iou }, a, b) } else { None };
    }
    if iou > options.overlap {
        return finding(Facts::Overlap { iou }, a, b);
    }
    let (inner, outer) = if rects[b].area() < rects[a].area() { (b, a) } else { (a, b) };
    let areas = rects[inner].area() + rects[outer].area();
    let shared = iou * areas / (1.0 + iou);
    let share = (shared / rects[inner].area()).min(1.0);
    // A box of the whole image holds all others, and a tiny one is told as such.
    let is_told = is_whole(rects[outer], options) || is_tiny(rects[inner], image.size, options);
    if share >= options.inside && !is_told { finding(Facts::Inside { share }, inner, outer) } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::catalogue::{Catalogue, ImageIx};
    use crate::domain::checks::tests::{catalogue_of, image_of};
    use crate::domain::checks::{CheckKind, Part};
    use crate::domain::geometry::UnitRect;

    type Boxes = Vec<(UnitRect, usize)>;

    fn found(boxes: &Boxes) -> (Catalogue, Vec<Finding>) {
        let catalogue = catalogue_of(vec![image_of(0, (1_000, 1_000), boxes)]);
        let part = Part::of(&catalogue, 0..1);
        let (mut space, mut found) = (Space::default(), Vec::new());
        for image in part.images() {
            check(&image, &CheckOptions::default(), &mut space, &mut found);
        }
        (catalogue, found)
    }

    /// All pairs, by their rectangles: what was found whatever the order of the boxes.
    fn naive(boxes: &Boxes) -> Vec<(CheckKind, [u32; 8])> {
        let options = CheckOptions::default();
        let mut all = Vec::new();
        for (at, (a, tag)) in boxes.iter().enumerate() {
            for (b, other) in &boxes[at + 1..] {
                let width = a.right().min(b.right()) - a.left.max(b.left);
                let height = a.bottom().min(b.bottom()) - a.top.max(b.top);
                let shared = width.max(0.0) * height.max(0.0);
                let iou = shared / (a.area() + b.area() - shared);
                let kind = match tag == other {
                    false if iou > options.overlap_other => CheckKind::OverlapOther,
                    true if iou > options.overlap => CheckKind::Overlap,
                    true if shared / a.area().min(b.area()) >= options.inside => CheckKind::Inside,
                    _ => continue,
                };
                all.push((kind, bits(*a, *b)));
            }
        }
        all.sort();
        all
    }

    fn bits(a: UnitRect, b: UnitRect) -> [u32; 8] {
        let of = |rect: UnitRect| [rect.left, rect.top, rect.width, rect.height].map(f32::to_bits);
        let (a, b) = (of(a).min(of(b)), of(a).max(of(b)));
        [a, b].concat().try_into().expect("eight")
    }

    fn as_rects((catalogue, found): (Catalogue, Vec<Finding>)) -> Vec<(CheckKind, [u32; 8])> {
        let rect = |ix| catalogue.region(ix).expect("region").rect;
        let pair = |finding: &Finding| {
            let regions: Vec<_> = finding.regions().collect();
            bits(rect(regions[0]), rect(regions[1]))
        };
        let mut all: Vec<_> = found.iter().map(|finding| (finding.kind(), pair(finding))).collect();
        all.sort();
        all
    }

    /// Boxes on a coarse grid, so that many cover each other.
    fn boxes(most: usize) -> impl Strategy<Value = Boxes> {
        let one = (0_u8..4, 0_u8..4, 1_u8..5, 1_u8..5, -2_i8..3, 0_usize..2).prop_map(|(x, y, w, h, nudge, tag)| {
            // No share of two boxes lies on a threshold: there the rounding decides, and each way of counting rounds anew.
            let nudge = f32::from(nudge) * 0.0031;
            let rect = UnitRect::new(
                f32::from(x) * 0.2 + nudge,
                f32::from(y) * 0.2,
                f32::from(w) * 0.09,
                f32::from(h) * 0.09 + nudge,
            );
            (rect, tag)
        });
        prop::collection::vec(one, 0..most)
    }

    proptest! {
        #[test]
        fn the_sweep_finds_what_all_pairs_find(boxes in boxes(14)) {
            let naive = naive(&boxes);
            prop_assume!(naive.len() <= MOST);
            prop_assert_eq!(as_rects(found(&boxes)), naive);
        }

        #[test]
        fn the_order_of_the_boxes_does_not_matter(boxes in boxes(14), by in 0_usize..14) {
            let before = as_rects(found(&boxes));
            prop_assume!(before.len() < MOST);
            let mut turned = boxes;
            let by = by.min(turned.len());
            turned.rotate_left(by);
            prop_assert_eq!(&as_rects(found(&turned)), &before);
            turned.reverse();
            prop_assert_eq!(as_rects(found(&turned)), before);
        }

        #[test]
        fn no_rectangle_is_too_odd(sides in prop::collection::vec(prop::array::uniform4(prop::num::f32::ANY), 0..12)) {
            let boxes = sides.into_iter().map(|[left, top, width, height]| (UnitRect::new(left, top, width, height), 0));
            let (catalogue, found) = found(&boxes.collect());
            prop_assert!(found.iter().all(|finding| finding.key(&catalogue).is_some()));
            let all = super::super::all(&catalogue, crate::domain::ProjectKind::Detection, &CheckOptions::default());
            prop_assert!(all.iter().all(|finding| !finding.message(&catalogue).is_empty()));
        }
    }

    #[test]
    fn a_box_pasted_300_times_is_told_within_bounds() {
        let boxes = vec![(UnitRect::new(0.1, 0.1, 0.3, 0.3), 0); 300];
        let (_, found) = found(&boxes);
        assert_eq!(found.len(), MOST);
        assert!(found.iter().all(|finding| finding.image == Some(ImageIx(0))));
    }

    #[test]
    fn the_inner_box_comes_first() {
        let boxes = vec![(UnitRect::new(0.1, 0.1, 0.5, 0.5), 0), (UnitRect::new(0.2, 0.2, 0.1, 0.1), 0)];
        let (catalogue, found) = found(&boxes);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind(), CheckKind::Inside);
        let inner = found[0].regions().next().and_then(|ix| catalogue.region(ix)).expect("region");
        assert_eq!(inner.rect, boxes[1].0);
    }
}
