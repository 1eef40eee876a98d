//! COCO and JSON lines: every number comes back; what is found in the wild is read.

use proptest::prelude::*;
use serde_json::json;
use tagscope::domain::{ImageRow, UnitRect};
use tagscope::formats::coco::read_dataset;
use tagscope::formats::dataset::{Dataset, DatasetImage};
use tagscope::formats::{FormatError, RegionFate, jsonl};

use super::rig::{coco_text, row, tags};

pub(super) fn inside() -> impl Strategy<Value = UnitRect> {
    (0.0..0.9_f32, 0.0..0.9_f32, 0.0001..1.0_f32, 0.0001..1.0_f32)
        .prop_map(|(left, top, width, height)| UnitRect::new(left, top, width * (1.0 - left), height * (1.0 - top)))
}

pub(super) fn any_rect() -> impl Strategy<Value = UnitRect> {
    prop_oneof![
        4 => inside(),
        1 => (-2.0..2.0_f32, -2.0..2.0_f32, -1.0..3.0_f32, -1.0..3.0_f32)
            .prop_map(|(left, top, width, height)| UnitRect::new(left, top, width, height)),
    ]
}

fn any_rows() -> impl Strategy<Value = Vec<ImageRow>> {
    let regions = proptest::collection::vec((0..4_usize, any_rect()), 0..6);
    proptest::collection::vec(regions, 1..6)
        .prop_map(|images| (0..).zip(images).map(|(number, regions)| row(number, (800, 600), &regions)).collect())
}

fn read(text: &[u8]) -> Dataset {
    read_dataset(text).expect("dataset")
}

proptest! {
    #[test]
    fn coco_gives_every_region_back_to_the_last_bit(rows in any_rows(), width in 1_u32..12_000, height in 1_u32..12_000) {
        let (text, fates) = coco_text(&rows, width, height);
        let dataset = read(&text);
        prop_assert!(dataset.problems.is_empty());
        prop_assert_eq!(dataset.images.len(), rows.len());
        for ((row, fates), image) in rows.iter().zip(&fates).zip(&dataset.images) {
            prop_assert_eq!(image.id, Some(row.id));
            let mut boxes = image.boxes.iter();
            for (region, fate) in row.regions.iter().zip(fates) {
                let (RegionFate::Kept | RegionFate::Cut) = fate else {
                    prop_assert!(region.rect.is_empty() || region.rect.clamped().is_empty() || region.tag == tags()[1].id);
                    continue;
                };
                let found = boxes.next().expect("a box");
                prop_assert_eq!(found.id, Some(region.id));
                prop_assert_eq!(&dataset.categories[found.category], &*region.tag_name);
                let [x, y, w, h] = found.bbox;
                prop_assert!(w > 0.0 && h > 0.0);
                let rect = domain::PixelRect { x, y, width: w, height: h }.in_fractions(width, height);
                if matches!(fate, RegionFate::Kept) {
                    prop_assert_eq!(rect, region.rect);
                } else {
                    prop_assert!(x >= 0.0 && y >= 0.0 && x + w <= f64::from(width) * 1.000_001);
                    prop_assert!((rect.right() - region.rect.clamped().right()).abs() < 1e-5);
                }
            }
            prop_assert!(boxes.next().is_none());
        }
    }

    #[test]
    fn json_lines_give_every_number_back(rows in any_rows()) {
        let mut text = Vec::new();
        for row in &rows {
            jsonl::write_line(row, &mut text).expect("write");
        }
        let lines: Vec<_> = jsonl::read_lines(&text[..]).map(|line| line.expect("line")).collect();
        prop_assert_eq!(lines.len(), rows.len());
        for (line, row) in lines.iter().zip(&rows) {
            prop_assert_eq!(&line.id, &row.id.to_string());
            for (found, region) in line.regions.iter().zip(&row.regions) {
                let numbers = found.number_texts().map(|text| text.parse::<f32>().expect("number"));
                prop_assert_eq!(numbers, [region.rect.left, region.rect.top, region.rect.width, region.rect.height]);
            }
        }
    }

    #[test]
    fn bytes_that_are_no_object_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read_dataset(&bytes[..]).is_err());
    }

    #[test]
    fn a_changed_byte_is_an_error_or_every_element_is_accounted_for(
        rows in any_rows(), at in any::<prop::sample::Index>(), byte in any::<u8>(), is_cut in any::<bool>(),
    ) {
        let (mut text, _) = coco_text(&rows, 800, 600);
        let at = at.index(text.trim_ascii_end().len());
        if is_cut { text.truncate(at) } else { text[at] = byte }
        let Ok(dataset) = read_dataset(&text[..]) else { return Ok(()) };
        prop_assert!(!is_cut, "a part of a file is never a dataset");
        let boxes: Vec<_> = dataset.images.iter().flat_map(|image| &image.boxes).collect();
        prop_assert!(boxes.iter().all(|found| found.bbox.iter().all(|number| number.is_finite())));
        prop_assert!(boxes.iter().all(|found| found.category < dataset.categories.len()));
        let left_out = |list: &str| dataset.problems.iter().filter(|one| one.is_left_out && one.place.starts_with(list)).count();
        prop_assert_eq!(dataset.counts_in.0, (dataset.images.len() + left_out("images")) as u64);
        prop_assert_eq!(dataset.counts_in.1, (boxes.len() + left_out("annotations")) as u64);
    }
}

#[test]
fn datasets_in_the_wild_are_read() {
    let text = json!({
        "annotations": [
            {"image_id": "7", "category_id": 1.0, "bbox": [1, 2, 3, 4]},
            {"image_id": 8, "category_id": 99, "bbox": [1, 2, 3, 4]},
            {"image_id": 404, "category_id": 1, "bbox": [1, 2, 3, 4]},
            {"image_id": 8, "category_id": 1, "bbox": [1, 2, "x", 4]},
            {"image_id": 8, "category_id": "b", "segmentation": []},
            "nonsense",
        ],
        "images": [
            {"id": 7, "file_name": "a\\b c.jpg", "width": 10, "height": 20.0, "license": 3},
            {"id": "8", "file_name": "./d.jpg"},
            {"id": 9, "file_name": "../../etc/passwd"},
            {"id": 10, "file_name": "/etc/passwd"},
            {"id": 11, "file_name": "C:\\x.jpg"},
            {"id": 7, "file_name": "twice.jpg"},
            {"id": 12},
            {"file_name": "no id.jpg"},
        ],
        "categories": [{"id": 1, "name": "one"}, {"id": "b", "name": "one"}, {"id": 3}, {"name": "no id"}],
        "extra": {"deep": [1, 2, 3]},
    });
    let dataset = read(text.to_string().as_bytes());
    assert_eq!(dataset.counts_in, (8, 6));
    let names: Vec<_> = dataset.images.iter().map(|image| (image.file_name.as_str(), image.size)).collect();
    let expected =
        [("a/b c.jpg", Some((10, 20))), ("d.jpg", None), ("etc/passwd", None), ("etc/passwd", None), ("x.jpg", None)];
    assert_eq!(names, expected);
    let leads_out = |image: &DatasetImage| image.elsewhere.as_ref().is_some_and(|elsewhere| elsewhere.leads_out);
    assert_eq!(dataset.images.iter().map(leads_out).collect::<Vec<_>>(), [false, false, true, true, true]);
    assert_eq!(dataset.categories, ["one", "category 3", "category 99"]);
    assert_eq!(dataset.images.iter().map(|image| image.boxes.len()).collect::<Vec<_>>(), [1, 1, 0, 0, 0]);
    let places: Vec<_> =
        dataset.problems.iter().filter(|problem| problem.is_left_out).map(|problem| problem.place.as_str()).collect();
    assert_eq!(
        places,
        [
            "annotations[3]",
            "annotations[5]",
            "categories[3]",
            "images[5]",
            "images[6]",
            "images[7]",
            "annotations[2]",
            "annotations[4]",
        ]
    );
}

#[test]
fn what_is_no_coco_is_said_with_its_place() {
    assert!(matches!(read_dataset(&b"{\"a\": 1}"[..]), Err(FormatError::NotThisFormat { .. })));
    let cut = read_dataset(&b"{\"images\": [\n{\"id\": 1, \"file_n"[..]).expect_err("cut");
    assert!(matches!(cut, FormatError::Unreadable { line: 2, .. }), "{cut:?}");
    assert!(read_dataset(&b"[]"[..]).is_err());
    assert!(read_dataset(&b"{\"images\": {}}"[..]).is_err());
}
