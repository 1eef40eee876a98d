use super::*;
use domain::ProjectKind;
use serde_json::json;

fn read(annotations: Value, more: Value) -> Dataset {
    let mut root = json!({
        "images": [
            {"id": 1, "file_name": "1.jpg", "width": 400.0, "height": "300"},
            {"id": 2, "coco_url": "http://h/val2017/2.jpg?sig=secret", "width": 400, "height": 300},
        ],
        "categories": [{"id": 1, "name": 7}, {"id": 2, "name": "spoon"}],
        "annotations": annotations,
    });
    for (key, value) in more.as_object().expect("object") {
        root[key] = value.clone();
    }
    read_dataset(root.to_string().as_bytes()).expect("dataset")
}

fn boxes(dataset: &Dataset) -> Vec<(BoxUnit, [f64; 4])> {
    dataset.images.iter().flat_map(|image| image.boxes.iter().map(|found| (image.unit, found.bbox))).collect()
}

fn told(dataset: &Dataset) -> Vec<String> {
    dataset.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.reason)).collect()
}

#[test]
fn names_sizes_and_addresses_in_any_form() {
    let found = read(json!([]), json!({}));
    assert_eq!(found.categories, ["7", "spoon"]);
    let images: Vec<_> = found.images.iter().map(|image| (image.file_name.as_str(), image.size)).collect();
    assert_eq!(images, [("1.jpg", Some((400, 300))), ("val2017/2.jpg", Some((400, 300)))]);
}

#[test]
fn boxes_below_one_are_fractions_and_that_is_told() {
    let annotation = |bbox: [f64; 4]| json!({"image_id": 1, "category_id": 1, "bbox": bbox});
    let found = read(json!([annotation([0.1, 0.2, 0.5, 0.4])]), json!({}));
    assert_eq!(boxes(&found), [(BoxUnit::Fractions, [0.1, 0.2, 0.5, 0.4])]);
    assert!(told(&found)[0].contains("fractions"), "{:?}", told(&found));
    let pixels = read(json!([annotation([0.5, 0.5, 0.4, 0.4]), annotation([40.0, 60.0, 200.0, 120.0])]), json!({}));
    assert!(boxes(&pixels).iter().all(|(unit, _)| *unit == BoxUnit::Pixels) && told(&pixels).is_empty());
}

#[test]
fn the_file_may_say_that_boxes_are_corners() {
    let annotations = json!([{"image_id": 1, "category_id": 1, "bbox": [40, 60, 240, 180]}]);
    let found = read(annotations.clone(), json!({"bbox_format": "ltrb"}));
    assert_eq!(boxes(&found), [(BoxUnit::Pixels, [40.0, 60.0, 200.0, 120.0])]);
    let root = json!({"bbox_format": "polar", "images": [], "annotations": annotations});
    let reason = read_dataset(root.to_string().as_bytes()).expect_err("refused").to_string();
    assert!(reason.contains("polar") && reason.contains("ltrb"), "{reason}");
}

#[test]
fn areas_tell_edges_from_sides() {
    let told_of = |bbox: Value, area: f64, segmentation: Value| {
        let mark = json!({"image_id": 1, "category_id": 1, "bbox": bbox, "area": area, "segmentation": segmentation});
        told(&read(json!([mark]), json!({}))).join("\n")
    };
    let edges = told_of(json!([40, 60, 240, 180]), 24_000.0, json!([]));
    assert!(edges.contains("areas fit none") && edges.contains("ltrb"), "{edges}");
    assert_eq!(told_of(json!([40, 60, 200, 120]), 24_000.0, json!([])), "");
    assert_eq!(told_of(json!([0, 0, 200, 120]), 24_000.0, json!([])), "", "both fit");
    assert_eq!(told_of(json!([40, 60, 240, 180]), 9_000.0, json!([[40, 60, 240, 60, 240, 180]])), "", "of an outline");
}

#[test]
fn backwards_boxes_outlines_and_masks_become_boxes() {
    let found = read(
        json!([
            {"image_id": 1, "category_id": 1, "bbox": [240, 180, -200, -120]},
            {"image_id": 1, "category_id": 1, "segmentation": [[40, 60, 240, 60, 240, 180]]},
            {"image_id": 1, "category_id": 1, "bbox": []},
        ]),
        json!({}),
    );
    assert_eq!(boxes(&found), [(BoxUnit::Pixels, [40.0, 60.0, 200.0, 120.0]); 2]);
    let told = told(&found);
    assert!(
        told[0].starts_with("annotations[0]: its edges are swapped")
            && told[1].starts_with("annotations[2]: it has neither")
    );
    assert_eq!(told[2], "annotations: outlines converted to bounding boxes: 1");
    assert_eq!(found.counts_in, (2, 3));
}

#[test]
fn a_box_with_an_angle_in_an_attribute_is_turned() {
    let annotation = |degrees: Value| json!({"image_id": 1, "category_id": 1, "bbox": [100, 150, 300, 100], "attributes": {"rotation": degrees}});
    let found = read(json!([annotation(json!(90.0)), annotation(json!(0.0)), annotation(json!("x"))]), json!({}));
    let boxes: Vec<_> = boxes(&found).into_iter().map(|(_, bbox)| bbox).collect();
    assert_eq!(boxes, [[200.0, 50.0, 100.0, 300.0], [100.0, 150.0, 300.0, 100.0], [100.0, 150.0, 300.0, 100.0]]);
    assert_eq!(told(&found), [format!("annotations[0]: {}", meaning::TURNED_BY_ATTRIBUTE)]);
}

#[test]
fn panoptic_segments_are_boxes() {
    let segment = |category: u32| json!({"id": 7, "category_id": category, "bbox": [40, 60, 200, 120], "area": 9});
    let found = read(
        json!([
            {"image_id": 1, "file_name": "1.png", "segments_info": [segment(1), segment(2)]},
            {"image_id": 2, "file_name": "2.png", "segments_info": [{"id": 8, "category_id": 1, "area": 9}]},
            {"image_id": 2, "file_name": "2.png", "segments_info": []},
        ]),
        json!({}),
    );
    assert_eq!((found.images[0].boxes.len(), found.images[1].boxes.len(), found.counts_in), (2, 0, (2, 3)));
    let told = told(&found);
    assert!(told[0].starts_with("annotations[1]: it has neither a bbox") && told[1].ends_with("are pictures: 3"));
}

#[test]
fn what_is_told_has_its_line() {
    let text = "{\"images\": [\n{\"id\": 1, \"file_name\": \"1.jpg\"},\n{\"id\": 2}],\n\"annotations\": [\n\n{\"image_id\": 9, \"bbox\": [1, 2, 3, 4]}]}";
    let told = told(&read_dataset(text.as_bytes()).expect("dataset"));
    assert!(
        told[0].starts_with("images[1] (line 3): ") && told[1].starts_with("annotations[0] (line 6): "),
        "{told:?}"
    );
}

#[test]
fn categories_without_any_box_are_tags() {
    let tag = |image: u32, category: u32| json!({"image_id": image, "category_id": category});
    let one = read(json!([tag(1, 1), tag(2, 2)]), json!({}));
    assert_eq!((one.kind, one.images[0].tags.as_slice()), (Some(ProjectKind::Multiclass), &["7".to_owned()][..]));
    assert_eq!(one.counts_in, (2, 0));
    let two = read(json!([tag(1, 1), tag(1, 2), tag(1, 2)]), json!({}));
    assert_eq!((two.kind, two.images[0].tags.len()), (Some(ProjectKind::Multilabel), 2));
    let captions = read(json!([{"image_id": 1, "caption": "a fork"}]), json!({}));
    assert!(captions.images[0].tags.is_empty() && told(&captions)[0].contains("neither a category"));
}
