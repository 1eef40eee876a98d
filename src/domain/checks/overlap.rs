//! Boxes that cover the same area, or lie in one another. Up to some hundred boxes on an image are compared by a sweep
//! from left to right; more are compared by [`crowd`](super::crowd), whose work does not grow with the number of pairs.

use super::finding::Finding;
use super::image::Labels;
use super::pairs::{Pairs, judge};
use super::{CheckOptions, crowd};

/// Boxes of an image up to which each is compared with every box that it touches.
const FEW: usize = 256;

/// Memory that is used again from image to image.
#[derive(Default)]
pub(super) struct Space {
    /// Places of boxes by their left edge.
    order: Vec<u32>,
    /// Those that the sweep line crosses.
    open: Vec<u32>,
}

pub(super) fn check(image: &Labels<'_>, options: &CheckOptions, space: &mut Space, found: &mut Vec<Finding>) {
    let pairs = if image.rects.len() <= FEW { few(image, options, space) } else { crowd::pairs(image, options) };
    pairs.finish(image.image, found);
}

pub(super) fn few(image: &Labels<'_>, options: &CheckOptions, space: &mut Space) -> Pairs {
    let mut pairs = Pairs::default();
    each_pair(image, space, |a, b| {
        if let Some(finding) = judge(image, options, [a, b], image.tags[a] == image.tags[b]) {
            pairs.count(&finding, 1);
            pairs.list(finding);
        }
    });
    pairs
}

/// Calls for each pair of sound boxes that touch each other, the lower place first.
fn each_pair(image: &Labels<'_>, space: &mut Space, mut call: impl FnMut(usize, usize)) {
    let rects = image.rects;
    let Space { order, open } = space;
    order.clear();
    open.clear();
    order.extend((0..rects.len() as u32).filter(|&place| rects[place as usize].is_sound()));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalogue::{Catalogue, ImageIx};
    use crate::checks::finding::Facts;
    use crate::checks::pairs::MOST;
    use crate::checks::tests::{catalogue_of, image_of};
    use crate::checks::{CheckKind, ImagesPart};
    use crate::geometry::UnitRect;

    type Boxes = Vec<(UnitRect, usize)>;

    fn found(boxes: &Boxes) -> (Catalogue, Vec<Finding>) {
        let (catalogue, [few, _]) = both_ways(boxes, &CheckOptions::default());
        (catalogue, few)
    }

    /// What the sweep finds, and what the way for many boxes finds.
    fn both_ways(boxes: &Boxes, options: &CheckOptions) -> (Catalogue, [Vec<Finding>; 2]) {
        let catalogue = catalogue_of(vec![image_of(0, (1_000, 1_000), boxes)]);
        let part = ImagesPart::of(&catalogue, 0..1);
        let mut found = [Vec::new(), Vec::new()];
        for image in part.images() {
            few(&image, options, &mut Space::default()).finish(image.image, &mut found[0]);
            crowd::pairs(&image, options).finish(image.image, &mut found[1]);
        }
        (catalogue, found)
    }

    /// The steps that the way for many boxes takes, what it finds, and whether it compared all.
    fn crowded(boxes: &Boxes) -> (u64, Vec<Finding>, bool) {
        let catalogue = catalogue_of(vec![image_of(0, (1_000, 1_000), boxes)]);
        let part = ImagesPart::of(&catalogue, 0..1);
        let image = part.images().next().expect("image");
        let pairs = crowd::pairs(&image, &CheckOptions::default());
        let (work, is_cut, mut found) = (pairs.work, pairs.is_cut, Vec::new());
        check(&image, &CheckOptions::default(), &mut Space::default(), &mut found);
        (work, found, !is_cut)
    }

    /// Findings by kind, listed and only counted.
    fn totals(found: &[Finding]) -> [u32; 3] {
        let of = |kind: CheckKind| {
            let number = |finding: &Finding| match finding.facts {
                Facts::More { count, .. } => count,
                _ => 1,
            };
            found.iter().filter(|finding| finding.kind() == kind).map(number).sum()
        };
        [CheckKind::Overlap, CheckKind::OverlapOther, CheckKind::Inside].map(of)
    }

    fn more(found: &[Finding]) -> Vec<(CheckKind, u32, bool)> {
        let more = found.iter().filter_map(|finding| match finding.facts {
            Facts::More { kind, count, is_least } => Some((kind, count, is_least)),
            _ => None,
        });
        more.collect()
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
            // No share of two boxes lies on a threshold: there the rounding decides, and each way of counting rounds again.
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
            // More are counted, not listed.
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
            let all = super::super::all(&catalogue, crate::ProjectKind::Detection, &CheckOptions::default());
            prop_assert!(all.iter().all(|finding| !finding.message(&catalogue).is_empty()));
        }
    }

    proptest! {
        #[test]
        fn both_ways_find_the_same(boxes in boxes(40), least in prop::sample::select(vec![0.2_f32, 0.6, 0.9])) {
            let options =
                CheckOptions { overlap: least, overlap_other: least, inside: least, ..CheckOptions::default() };
            // Equal boxes among them.
            let doubled: Boxes = boxes.iter().chain(boxes.iter().step_by(3)).copied().collect();
            let (_, [few, many]) = both_ways(&doubled, &options);
            prop_assert_eq!(totals(&few), totals(&many));
            let is_all = few.len() < MOST;
            let sorted = |found: Vec<Finding>| {
                let mut regions: Vec<_> = found.iter().map(|finding| (finding.kind(), finding.regions)).collect();
                regions.sort();
                regions
            };
            if is_all {
                prop_assert_eq!(sorted(few), sorted(many));
            }
        }
    }

    #[test]
    fn a_box_pasted_20000_times_is_told_within_bounds() {
        let boxes = |count: usize| vec![(UnitRect::new(0.1, 0.1, 0.3, 0.3), 0); count];
        let (work, found, is_all) = crowded(&boxes(20_000));
        assert_eq!(found.len(), MOST + 1);
        assert!(found.iter().all(|finding| finding.image == Some(ImageIx(0))));
        assert_eq!(more(&found), [(CheckKind::Overlap, 20_000 * 19_999 / 2 - 40, false)]);
        assert!(is_all && work <= 20_000 + 1_000, "{work}");
    }

    #[test]
    fn equal_boxes_of_many_tags_are_counted_too() {
        let boxes: Boxes = (0..600).map(|at| (UnitRect::new(0.1, 0.1, 0.3, 0.3), at % 300)).collect();
        let (_, found, is_all) = crowded(&boxes);
        // 300 pairs of one tag; all others are of two.
        let (one, two): (u32, u32) = (300, 600 * 599 / 2 - 300);
        let listed = |kind| found.iter().filter(|finding| finding.kind() == kind).count() as u32 - 1;
        let (of_one, of_two) = (listed(CheckKind::Overlap), listed(CheckKind::OverlapOther));
        assert_eq!(of_one + of_two, 40);
        let expected = [(CheckKind::Overlap, one - of_one, false), (CheckKind::OverlapOther, two - of_two, false)];
        assert_eq!((more(&found), is_all), (expected.to_vec(), true));
    }

    #[test]
    fn twice_the_boxes_are_twice_the_work() {
        // Side by side; on top of each other; each a little larger than the one before; as wide as the image.
        let grid = |at: usize, _| UnitRect::new((at % 250) as f32 * 0.004, (at / 250) as f32 * 0.003, 0.003, 0.002);
        let same = |_, _| UnitRect::new(0.2, 0.2, 0.1, 0.1);
        let nested = |at: usize, count: usize| {
            let side = 0.2 + 0.6 * at as f32 / count as f32;
            UnitRect::new(0.5 - side / 2.0, 0.5 - side / 2.0, side, side)
        };
        let stripes = |at: usize, count: usize| UnitRect::new(0.0, at as f32 / count as f32, 1.0, 0.5 / count as f32);
        type Rule<'a> = &'a dyn Fn(usize, usize) -> UnitRect;
        let rules: [(&str, Rule<'_>); 4] =
            [("grid", &grid), ("same", &same), ("nested", &nested), ("stripes", &stripes)];
        for (name, rule) in rules {
            let of = |count: usize| crowded(&(0..count).map(|at| (rule(at, count), at % 3)).collect());
            let ((less, ..), (more_work, found, is_all)) = (of(4_000), of(8_000));
            assert!(more_work <= 2 * less + 2_000, "{name}: {less} and {more_work}");
            assert_eq!(is_all, name != "nested", "{name}");
            assert_eq!(more(&found).iter().any(|(.., is_least)| *is_least), name == "nested", "{name}");
        }
    }

    #[test]
    fn a_crowded_picture_of_70000_boxes_is_compared_whole() {
        let side = 265;
        let boxes: Boxes = (0..70_000)
            .map(|at| {
                let (x, y) = ((at % side) as f32 / side as f32, (at / side) as f32 / side as f32);
                (UnitRect::new(x, y, 0.004, 0.004), at % 2)
            })
            .chain([(UnitRect::new(0.1, 0.1, 0.004, 0.004), 5); 2])
            .collect();
        let (work, found, is_all) = crowded(&boxes);
        assert!(is_all && work < 400_000, "{work}");
        assert!(found.iter().any(|finding| finding.kind() == CheckKind::Overlap));
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
