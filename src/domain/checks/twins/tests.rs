use proptest::prelude::*;

use super::*;
use crate::catalogue::{Catalogue, ImageIx};
use crate::checks::tests::{catalogue_of, image_of};
use crate::checks::{CheckOptions, Dismissed, Facts, Finding, duplicates};
use crate::image::ImageRow;

type Boxes = Vec<(UnitRect, usize)>;

const LEAST: f32 = 0.5;

fn pair(boxes: &Boxes, others: &Boxes) -> Catalogue {
    catalogue_of(vec![image_of(0, (800, 600), boxes), image_of(1, (1_600, 1_200), others)])
}

/// What differs, seen from the first image and from the second.
fn both(boxes: &Boxes, others: &Boxes) -> [Option<Difference>; 2] {
    let catalogue = pair(boxes, others);
    let image = |at| catalogue.get(ImageIx(at)).expect("image");
    let mut space = Space::default();
    [(0, 1), (1, 0)].map(|(here, there)| difference(image(here), image(there), LEAST, &mut space))
}

fn rect(left: f32, top: f32) -> UnitRect {
    UnitRect::new(left, top, 0.1, 0.2)
}

fn numbers(found: Option<Difference>) -> (u16, u32, u32, u32, u32) {
    let Difference { tag, boxes: OddBoxes { here, there, odd, others, .. }, .. } = found.expect("a difference");
    (tag.0, here, there, odd, others)
}

fn ids(regions: impl IntoIterator<Item = Option<RegionIx>>) -> Vec<u32> {
    regions.into_iter().flatten().map(|ix| ix.0).collect()
}

#[test]
fn a_box_that_stands_elsewhere_is_odd_on_both_images() {
    let right = vec![(rect(0.1, 0.1), 0), (rect(0.4, 0.1), 0), (rect(0.7, 0.1), 1)];
    let mut nudged = right.clone();
    nudged[1].0.left += 0.03;
    assert_eq!(both(&right, &nudged), [None, None], "moved a little between two shots");
    nudged[1].0.left += 0.03;
    nudged.rotate_left(1);
    let [here, there] = both(&right, &nudged);
    assert_eq!((numbers(here), numbers(there)), ((0, 2, 2, 1, 0), (0, 2, 2, 1, 0)));
    let (here, there) = (here.expect("here"), there.expect("there"));
    assert_eq!((ids(here.regions), ids([here.boxes.missing])), (vec![1], vec![3]));
    assert_eq!((ids(there.regions), ids([there.boxes.missing])), (vec![3], vec![1]));
}

#[test]
fn another_number_of_boxes_is_named_before_one_that_stands_elsewhere() {
    let few = vec![(rect(0.1, 0.1), 0), (rect(0.3, 0.1), 0), (rect(0.5, 0.1), 1), (rect(0.1, 0.6), 2)];
    let mut many = few.clone();
    many[0].0.top += 0.4;
    many[1].0.top += 0.4;
    many.extend([(rect(0.7, 0.1), 1)]);
    let [here, there] = both(&few, &many);
    assert_eq!((numbers(here), numbers(there)), ((1, 1, 2, 1, 2), (1, 2, 1, 1, 2)));
    let (here, there) = (here.expect("here"), there.expect("there"));
    assert_eq!((ids(here.regions), ids([here.boxes.missing])), (vec![], vec![8]));
    assert_eq!((ids(there.regions), ids([there.boxes.missing])), (vec![8], vec![]));
}

#[test]
fn images_without_boxes_and_boxes_without_an_area_are_no_difference() {
    assert_eq!(both(&vec![], &vec![]), [None, None]);
    let sound = vec![(rect(0.1, 0.1), 0)];
    let mut odd = sound.clone();
    odd.extend([f32::NAN, 0.0, -1.0].map(|width| (UnitRect::new(0.3, 0.3, width, 0.1), 0)));
    assert_eq!(both(&sound, &odd), [None, None]);
    let [here, _] = both(&sound, &vec![]);
    assert_eq!(numbers(here), (0, 1, 0, 1, 0));
}

#[test]
fn thousands_of_boxes_in_one_place_are_counted() {
    // They come in the opposite order, and each pair of them covers the same place.
    let many: Boxes = (0..3_000).map(|at| (UnitRect::new(0.1 + at as f32 * 1e-6, 0.1, 0.3, 0.3), 0)).collect();
    let turned: Boxes = many.iter().rev().copied().collect();
    assert_eq!(both(&many, &turned), [None, None]);
    let [here, _] = both(&many, &turned[..2_990].to_vec());
    assert_eq!(numbers(here), (0, 3_000, 2_990, 10, 0));
    assert_eq!(here.map(|here| ids(here.regions)), Some(vec![]), "none of them is called odd");
}

/// The numbers of each tag, from all pairs of boxes.
fn naive(ours: &Boxes, theirs: &Boxes, tag: usize) -> usize {
    let of_tag = |boxes: &Boxes| -> Vec<UnitRect> {
        boxes.iter().filter(|(_, other)| *other == tag).map(|(rect, _)| *rect).collect()
    };
    let (mut ours, mut theirs) = (of_tag(ours), of_tag(theirs));
    loop {
        let pairs = (0..ours.len()).flat_map(|a| (0..theirs.len()).map(move |b| (a, b)));
        let best = pairs.map(|(a, b)| (ours[a].iou(theirs[b]), a, b)).max_by(|a, b| a.0.total_cmp(&b.0));
        match best {
            Some((iou, a, b)) if iou >= LEAST => (ours.swap_remove(a), theirs.swap_remove(b)),
            _ => return ours.len().max(theirs.len()),
        };
    }
}

fn boxes() -> impl Strategy<Value = Boxes> {
    // At random and not on a grid, so that no two pairs of boxes cover each other equally well: their order would count.
    let one = (0.0_f32..0.4, 0.0_f32..0.4, 0.1_f32..0.3, 0.1_f32..0.3, 0_usize..3);
    let one = one.prop_map(|(left, top, width, height, tag)| (UnitRect::new(left, top, width, height), tag));
    prop::collection::vec(one, 0..24)
}

proptest! {
    #[test]
    fn it_finds_what_all_pairs_find_from_either_side(ours in boxes(), theirs in boxes()) {
        let expected: usize = (0..3).map(|tag| naive(&ours, &theirs, tag)).sum();
        for found in both(&ours, &theirs) {
            let odd = found.map_or(0, |found| found.boxes.odd + found.boxes.others);
            prop_assert_eq!(odd as usize, expected);
        }
    }

    #[test]
    fn a_picture_is_its_own_twin_in_any_order(ours in boxes(), by in 0_usize..24) {
        let mut turned = ours.clone();
        turned.rotate_left(by.min(ours.len()));
        prop_assert_eq!(both(&ours, &turned), [None, None]);
    }
}

/// The findings on two pictures that look the same.
fn found(rows: Vec<ImageRow>) -> (Catalogue, Vec<Finding>) {
    let hashes = vec![Some(7); rows.len()];
    let catalogue = catalogue_of(rows);
    let found = duplicates(&catalogue, &hashes, &CheckOptions::default());
    (catalogue, found)
}

fn labels(found: &[Finding]) -> Vec<&'static str> {
    let name = |finding: &Finding| match finding.facts {
        Facts::Duplicate { labels, .. } => labels.name(),
        _ => "",
    };
    found.iter().map(name).collect()
}

#[test]
fn tags_come_before_boxes_and_boxes_before_nothing() {
    let image = |n, boxes: &[(UnitRect, usize)]| image_of(n, (800, 600), boxes);
    let (one, aside, other) = ((rect(0.1, 0.1), 0), (rect(0.5, 0.1), 0), (rect(0.5, 0.1), 1));
    let (catalogue, same) = found(vec![image(0, &[one]), image(1, &[one])]);
    assert_eq!(labels(&same), ["same"; 2]);
    assert!(same[0].message(&catalogue).ends_with("with the same labels."));
    let (catalogue, boxes) = found(vec![image(0, &[one]), image(1, &[one, aside])]);
    assert_eq!(labels(&boxes), ["other-boxes"; 2]);
    assert!(boxes[1].message(&catalogue).contains("2 boxes of \"tag 0\" here, 1 there"));
    assert_eq!((boxes[1].regions().count(), boxes[1].tags().count()), (1, 1));
    assert_eq!((boxes[0].regions().count(), boxes[0].tags().count()), (0, 1));
    let (catalogue, tags) = found(vec![image(0, &[one]), image(1, &[aside, other])]);
    assert_eq!(labels(&tags), ["other-tags"; 2]);
    assert!(tags[0].message(&catalogue).ends_with("but tagged differently."));
    let (_, none) = found(vec![image(0, &[]), image(1, &[])]);
    assert_eq!(labels(&none), ["same"; 2], "as of classification");
    let mut untagged = image(1, &[one, aside]);
    untagged.tags.clear();
    assert_eq!(labels(&found(vec![image(0, &[one, aside]), untagged]).1), ["same"; 2], "a region's tag counts");
}

#[test]
fn a_dismissed_pair_of_an_earlier_version_stays_so_until_its_boxes_differ() {
    // As it was written before boxes were compared.
    let kept = r#"[{"kind":"duplicate","ids":["00000000-0000-0000-0000-0000000003e8",
        "00000000-0000-0000-0000-0000000003e9","00000000-0000-0000-0000-000000000000"]}]"#;
    let mut dismissed: Dismissed = serde_json::from_str(kept).expect("dismissed");
    let image = |n, boxes: &[(UnitRect, usize)]| image_of(n, (800, 600), boxes);
    let (one, aside, other) = ((rect(0.1, 0.1), 0), (rect(0.5, 0.1), 0), (rect(0.5, 0.1), 1));
    let are_dismissed = |dismissed: &Dismissed, rows| {
        let (catalogue, found) = found(rows);
        let keys = found.iter().map(|finding| finding.key(&catalogue).expect("key"));
        keys.map(|key| dismissed.contains(&key)).collect::<Vec<_>>()
    };
    assert_eq!(are_dismissed(&dismissed, vec![image(0, &[one]), image(1, &[one])]), [true; 2]);
    assert_eq!(are_dismissed(&dismissed, vec![image(0, &[one]), image(1, &[other])]), [true; 2]);
    let shifted = || vec![image(0, &[one]), image(1, &[aside])];
    assert_eq!(are_dismissed(&dismissed, shifted()), [false; 2], "nobody was told of that");
    let (catalogue, news) = found(shifted());
    dismissed.insert(news[1].key(&catalogue).expect("key"));
    assert_eq!(are_dismissed(&dismissed, shifted()), [true; 2], "one word for both images");
    assert_eq!(dismissed.len(), 2);
    let (more, turned) = ([one, aside], [image(1, &[aside]), image(0, &[one])]);
    assert_eq!(are_dismissed(&dismissed, turned.into()), [true; 2], "in another order");
    assert_eq!(are_dismissed(&dismissed, vec![image(0, &more), image(1, &[aside])]), [true; 2]);
}
