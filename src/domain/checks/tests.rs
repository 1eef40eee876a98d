//! Whole images, and what the other tests here are made of.

use std::sync::Arc;

use uuid::Uuid;

use super::*;
use crate::geometry::UnitRect;
use crate::ids::{ImageId, RegionId, TagId};
use crate::image::{ImageRow, ImageUris, RegionRow, TagMark};
use crate::problem::Problem;
use crate::{ImageIx, Tag};

const KIND: ProjectKind = ProjectKind::Detection;

fn tag_id(tag: usize) -> TagId {
    TagId(Uuid::from_u128(1 + tag as u128))
}

/// An image with boxes, and with their tags.
pub(super) fn image_of(number: usize, (width, height): (u32, u32), boxes: &[(UnitRect, usize)]) -> ImageRow {
    let name = |tag: usize| -> Arc<str> { format!("tag {tag}").into() };
    let mut tags: Vec<usize> = boxes.iter().map(|(_, tag)| *tag).collect();
    tags.sort_unstable();
    tags.dedup();
    let regions = boxes.iter().enumerate().map(|(at, &(rect, tag))| RegionRow {
        id: RegionId(Uuid::from_u128((number as u128 + 1) << 32 | at as u128)),
        tag: tag_id(tag),
        tag_name: name(tag),
        created: None,
        rect,
    });
    ImageRow {
        id: ImageId(Uuid::from_u128(1_000 + number as u128)),
        created: None,
        width,
        height,
        uris: ImageUris::default(),
        tags: tags.iter().map(|&tag| TagMark { tag: tag_id(tag), name: name(tag), created: None }).collect(),
        regions: regions.collect(),
        metadata: Vec::new(),
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

pub(super) fn catalogue_of(rows: Vec<ImageRow>) -> Catalogue {
    catalogue_named(rows, &[])
}

/// With a tag list; the tag named `nothing` is negative.
pub(super) fn catalogue_named(rows: Vec<ImageRow>, names: &[&str]) -> Catalogue {
    let mut catalogue = Catalogue::new();
    let tags: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(at, name)| Tag {
            id: tag_id(at),
            name: (*name).to_owned(),
            description: None,
            kind: if *name == "nothing" { "Negative" } else { "Regular" }.to_owned(),
            image_count: 0,
        })
        .collect();
    catalogue.set_tags(&tags);
    catalogue.append(rows);
    catalogue
}

fn kinds(catalogue: &Catalogue) -> Vec<(u32, &'static str)> {
    let found = all(catalogue, KIND, &CheckOptions::default());
    found.iter().map(|finding| (finding.image.map_or(u32::MAX, |ix| ix.0), finding.kind().name())).collect()
}

const PLAIN: UnitRect = UnitRect::new(0.1, 0.1, 0.3, 0.3);

#[test]
fn clean_labels_are_silent() {
    let image =
        |n| image_of(n, (800, 600), &[(PLAIN, 0), (UnitRect::new(0.3, 0.3, 0.3, 0.3), 0), (PLAIN, 0).moved(0.5)]);
    assert_eq!(kinds(&catalogue_of((0..50).map(image).collect())), []);
}

#[test]
fn a_box_is_tiny_in_pixels_of_the_original_once_its_size_is_known() {
    let thin = UnitRect::new(0.1, 0.1, 0.3, 0.005);
    let mut catalogue = catalogue_of((0..2).map(|at| image_of(at, (800, 600), &[(thin, 0)])).collect());
    let words = |catalogue: &Catalogue| all(catalogue, KIND, &CheckOptions::default())[0].message(catalogue);
    assert_eq!(kinds(&catalogue), [(0, "tiny"), (1, "tiny")]);
    assert!(words(&catalogue).contains("240 x 3 px of the listed size"), "{}", words(&catalogue));
    catalogue.know_originals(&[(ImageIx(0), (4_000, 3_000)), (ImageIx(1), (880, 660))]);
    assert_eq!(kinds(&catalogue), [(1, "tiny")]);
    assert!(words(&catalogue).contains("264 x 3 px of the original"), "{}", words(&catalogue));
}

#[test]
fn what_is_not_listed_of_one_image_is_counted() {
    let outside = UnitRect::new(0.9, 0.1, 0.2, 0.2);
    let boxes: Vec<_> = (0..60).map(|at| (UnitRect { top: at as f32 * 0.013, ..outside }, at)).collect();
    let catalogue = catalogue_of(vec![image_of(0, (800, 600), &boxes)]);
    let found = all(&catalogue, KIND, &CheckOptions::default());
    let of_kind: Vec<_> = found.iter().filter(|finding| finding.kind() == CheckKind::Outside).collect();
    assert_eq!(of_kind.len(), 41);
    assert_eq!(of_kind[40].facts, Facts::More { kind: CheckKind::Outside, count: 20, is_least: false });
}

trait Moved {
    fn moved(self, by: f32) -> Self;
}

impl Moved for (UnitRect, usize) {
    fn moved(mut self, by: f32) -> Self {
        self.0.left += by;
        self
    }
}

#[test]
fn each_kind_of_box_is_found() {
    type Case<'a> = (&'a [(UnitRect, usize)], &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        (&[(PLAIN, 0), (PLAIN, 0)], &["overlap"]),
        (&[(PLAIN, 0), (PLAIN, 1)], &["overlap-other"]),
        (&[(PLAIN, 0), (UnitRect::new(0.2, 0.2, 0.05, 0.05), 0)], &["inside"]),
        (&[(PLAIN, 0), (UnitRect::new(0.2, 0.2, 0.05, 0.05), 1)], &[]),
        (&[(UnitRect::new(0.9, 0.1, 0.2, 0.2), 0)], &["outside"]),
        (&[(UnitRect::new(0.8, 0.1, 0.200_5, 0.2), 0)], &[]),
        (&[(UnitRect::new(0.5, 0.5, 0.004, 0.2), 0)], &["tiny"]),
        (&[(UnitRect::new(0.5, 0.5, 0.02, 0.02), 0)], &["tiny"]),
        (&[(UnitRect::new(0.5, 0.5, 0.0, 0.1), 0)], &["tiny"]),
        (&[(UnitRect::new(f32::NAN, 0.5, 0.1, 0.1), 0)], &["tiny"]),
        (&[(UnitRect::new(0.0, 0.0, f32::INFINITY, 0.1), 0)], &["tiny"]),
        (&[(UnitRect::new(0.005, 0.0, 0.99, 1.0), 0)], &["whole"]),
        (&[(UnitRect::new(-1.0, -1.0, 3.0, 3.0), 0)], &["outside", "whole"]),
    ];
    for (boxes, names) in cases {
        // Twice, so that no tag is used once.
        let catalogue = catalogue_of(vec![image_of(0, (800, 600), boxes), image_of(1, (800, 600), boxes)]);
        let expected: Vec<_> = [0, 1].into_iter().flat_map(|at| names.iter().map(move |name| (at, *name))).collect();
        assert_eq!(kinds(&catalogue), expected, "{boxes:?}");
    }
}

#[test]
fn an_image_without_a_size_is_judged_by_shares() {
    let catalogue = catalogue_of(vec![
        image_of(0, (0, 0), &[(PLAIN, 0), (UnitRect::new(0.5, 0.5, 0.004, 0.2), 0)]),
        image_of(1, (0, 0), &[(PLAIN, 0), (UnitRect::new(0.5, 0.5, 0.01, 0.01), 0)]),
    ]);
    assert_eq!(kinds(&catalogue), [(1, "tiny")]);
}

#[test]
fn tags_and_boxes_must_agree() {
    let mark = |tag: usize| TagMark { tag: tag_id(tag), name: "x".into(), created: None };
    let mut untagged_box = image_of(0, (800, 600), &[(PLAIN, 0)]);
    untagged_box.tags = vec![mark(1)];
    let mut no_box = image_of(1, (800, 600), &[]);
    no_box.tags = vec![mark(0)];
    let mut both = image_of(2, (800, 600), &[]);
    both.tags = vec![mark(2), mark(1)];
    let mut negative = image_of(3, (800, 600), &[]);
    negative.tags = vec![mark(2)];
    let untagged = image_of(4, (800, 600), &[]);
    let mut of_other_size = image_of(5, (800, 600), &[(PLAIN, 0)]);
    of_other_size.problems = vec![Problem::SizeMismatch { decoded: (640, 640) }];
    let rows = vec![untagged_box, no_box, both, negative, untagged, of_other_size];
    let catalogue = catalogue_named(rows, &["fork", "spoon", "nothing"]);
    let expected = [(0, "missing-tag"), (1, "no-regions"), (2, "negative"), (5, "size")];
    assert_eq!(kinds(&catalogue), expected);
    let found = all(&catalogue, ProjectKind::Multiclass, &CheckOptions::default());
    assert!(found.iter().all(|finding| finding.kind() != CheckKind::NoRegions), "classification has no boxes");
    let words: Vec<_> = found.iter().map(|finding| finding.message(&catalogue)).collect();
    assert!(words[1].contains("\"nothing\"") && words[1].contains("\"spoon\""), "{words:?}");
    assert!(words[2].contains("640 x 640") && words[2].contains("800 x 600"), "{words:?}");
}

#[test]
fn parts_find_what_the_whole_finds() {
    let rows =
        |n: usize| image_of(n, (800, 600), &[(PLAIN, 0), (PLAIN, n % 3), (UnitRect::new(0.9, 0.0, 0.3, 0.2), 1)]);
    let catalogue = catalogue_of((0..40).map(rows).collect());
    let options = CheckOptions::default();
    let at_once = images(&ImagesPart::of(&catalogue, 0..40), KIND, &options);
    let in_parts: Vec<_> = [0..7, 7..8, 8..99]
        .into_iter()
        .flat_map(|range| images(&ImagesPart::of(&catalogue, range), KIND, &options))
        .collect();
    assert_eq!(at_once, in_parts);
    assert!(at_once.len() >= 80);
    assert_eq!(ImagesPart::of(&catalogue, 8..99).end(), 40);
}

#[test]
fn findings_are_counted_by_image_and_kind_without_those_dismissed() {
    let rows = |n: usize| image_of(n, (800, 600), &[(PLAIN, 0), (PLAIN, 0), (UnitRect::new(0.9, 0.0, 0.3, 0.2), 0)]);
    let catalogue = catalogue_of((0..4).map(rows).collect());
    let found = all(&catalogue, KIND, &CheckOptions::default());
    let mut dismissed = Dismissed::default();
    let key = found[0].key(&catalogue).expect("key");
    dismissed.insert(key);
    let is_dismissed = |d: &Dismissed, f: &Finding| f.key(&catalogue).is_some_and(|key| d.contains(&key));
    let mut findings = Findings::default();
    // The later images first: the order of the list does not depend on it.
    findings.add(found[4..].to_vec(), |finding| is_dismissed(&dismissed, finding));
    findings.add(found[..4].to_vec(), |finding| is_dismissed(&dismissed, finding));
    assert_eq!((findings.len(), findings.dismissed_count()), (7, 1));
    assert_eq!((findings.count(ImageIx(0)), findings.count(ImageIx(3)), findings.count(ImageIx(9))), (1, 2, 0));
    assert!(!findings.kinds(ImageIx(0)).contains(CheckKind::Overlap));
    assert!(findings.kinds(ImageIx(3)).contains(CheckKind::Overlap));
    assert_eq!(findings.of(ImageIx(0)).len(), 2);
    dismissed.remove(&key);
    findings.dismiss_again(|finding| is_dismissed(&dismissed, finding));
    assert_eq!((findings.len(), findings.count_of(CheckKind::Overlap)), (8, 4));
    findings.forget([CheckKind::Overlap].into_iter().collect());
    assert_eq!((findings.len(), findings.count_of(CheckKind::Overlap)), (4, 0));
    assert_eq!(findings.kinds(ImageIx(2)).iter().collect::<Vec<_>>(), [CheckKind::Outside]);
}

#[test]
fn a_dismissal_survives_another_order_and_the_loss_of_its_region() {
    let boxes = [(PLAIN, 0), (PLAIN, 0)];
    let (first, second) = (image_of(0, (800, 600), &boxes), image_of(1, (800, 600), &boxes));
    let listed = catalogue_of(vec![first.clone(), second.clone()]);
    let key = all(&listed, KIND, &CheckOptions::default())[1].key(&listed).expect("key");
    let kept = serde_json::to_string(&Dismissed::from(vec![key])).expect("json");
    let dismissed: Dismissed = serde_json::from_str(&kept).expect("dismissed");
    let mut turned = second.clone();
    turned.regions.reverse();
    let again = catalogue_of(vec![turned, first.clone()]);
    let found = all(&again, KIND, &CheckOptions::default());
    let is_dismissed: Vec<_> =
        found.iter().map(|finding| dismissed.contains(&finding.key(&again).expect("key"))).collect();
    assert_eq!(is_dismissed, [true, false]);
    let mut lost = second;
    lost.regions.truncate(1);
    assert_eq!(kinds(&catalogue_of(vec![lost, first])), [(1, "overlap")]);
    let stale = Finding { image: Some(ImageIx(7)), ..found[0] };
    assert_eq!(stale.key(&again), None, "a finding of another catalogue");
    assert!(!stale.message(&again).is_empty());
}

#[test]
fn names_lead_back_to_their_kinds() {
    for kind in CheckKind::ALL {
        assert_eq!(CheckKind::from_name(kind.name()), Some(kind));
        assert_eq!(serde_json::to_value(kind).expect("json"), kind.name());
    }
    assert_eq!(CheckKind::from_name("rain"), None);
}

#[test]
fn what_stands_in_a_file_may_be_anything() {
    let read: CheckOptions =
        serde_json::from_str(r#"{"overlap":7.5,"outlier":-3,"duplicateBits":200,"duplicateIou":0}"#).expect("options");
    let sane = read.sane();
    assert_eq!((sane.overlap, sane.outlier, sane.duplicate_bits, sane.duplicate_iou), (1.0, 1.0, 12, 0.1));
    assert_eq!(sane.tiny_px, CheckOptions::default().tiny_px);
    let broken = CheckOptions { overlap: f32::NAN, tiny_px: f32::INFINITY, ..CheckOptions::default() };
    assert_eq!(broken.sane(), CheckOptions::default());
}
