//! What an annotation of COCO in the wild marks: a box, an outline, a mask, or the whole image.

use serde_json::Value;

use crate::loose::{FARTHEST, count, list, number};
use crate::meaning;
use crate::unread::is_like;

/// What an annotation marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// The four numbers of its `bbox`, whatever the file takes them for.
    Box([f64; 4]),
    /// The box around its outline or mask: left, top, width, height.
    Around([f64; 4]),
    /// Nothing in particular: it says something about the whole image.
    Image,
}

/// Reads what an annotation marks; the reason in words when it cannot be used.
pub(super) fn of(annotation: &Value) -> Result<Shape, &'static str> {
    let bbox = list(annotation, "bbox");
    if !bbox.is_empty() {
        let numbers: Vec<f64> = bbox.iter().filter_map(|value| number(Some(value))).collect();
        let numbers = <[f64; 4]>::try_from(numbers).ok().filter(|_| bbox.len() == 4);
        return numbers.map(Shape::Box).ok_or("its bbox is not four numbers below one billion");
    }
    if annotation.get("bbox").is_some_and(|bbox| !bbox.is_array() && !bbox.is_null()) {
        return Err("its bbox is not a list of four numbers");
    }
    match annotation.get("segmentation") {
        None | Some(Value::Null) => without_box(annotation),
        Some(Value::Array(outlines)) if outlines.is_empty() => without_box(annotation),
        Some(Value::Array(outlines)) => {
            around_outlines(outlines).map(Shape::Around).ok_or("it has no bbox, and its segmentation is not an outline")
        }
        Some(mask) => {
            around_mask(mask).map(Shape::Around).ok_or("it has no bbox, and its segmentation is empty or not a mask")
        }
    }
}

/// What an annotation without a box or outline marks: the image, unless it says in another way where something is.
fn without_box(annotation: &Value) -> Result<Shape, &'static str> {
    if !list(annotation, "keypoints").is_empty() {
        return Err("it has key points but no bbox");
    }
    let is_other = |name: &str| name != "bbox" && PLACES.iter().any(|place| name == *place || is_like(name, place));
    let mut others = annotation.as_object().into_iter().flatten().filter(|(name, _)| is_other(name));
    let is_filled = |value: &Value| match value {
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    };
    match others.any(|(_, value)| is_filled(value)) {
        true => Err("it has no bbox, but another field with its place, which is unknown here"),
        false => Ok(Shape::Image),
    }
}

/// Names that other formats have for the place of something.
const PLACES: [&str; 11] = [
    "bbox",
    "box",
    "bounding_box",
    "bndbox",
    "rect",
    "rectangle",
    "polygon",
    "points",
    "coordinates",
    "rbox",
    "geometry",
];

/// The box around outlines: lists of x, y, x, y, or one such list alone.
fn around_outlines(outlines: &[Value]) -> Option<[f64; 4]> {
    let flat = |list: &[Value]| -> Option<Vec<f64>> {
        list.iter().map(|value| number(Some(value)).filter(|number| number.abs() < FARTHEST)).collect()
    };
    if outlines.iter().all(Value::is_number) {
        return meaning::around(&flat(outlines)?);
    }
    let boxes: Option<Vec<[f64; 4]>> =
        outlines.iter().map(|outline| meaning::around(&flat(outline.as_array()?)?)).collect();
    meaning::around_all(boxes?)
}

/// The box around a mask of run lengths, written as a list or in the short form.
pub(crate) fn around_mask(mask: &Value) -> Option<[f64; 4]> {
    let [height, width] = list(mask, "size") else { return None };
    let size = [count(Some(height))?, count(Some(width))?];
    match mask.get("counts")? {
        Value::String(text) => meaning::around_runs(meaning::runs_of_text(text)?, size),
        Value::Array(runs) => {
            let runs: Option<Vec<u64>> = runs.iter().map(|run| count(Some(run))).collect();
            meaning::around_runs(runs?, size)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_an_annotation_marks() {
        let shape = |value: Value| of(&value);
        assert_eq!(shape(json!({"bbox": [1, "2", 3.5, 4]})), Ok(Shape::Box([1.0, 2.0, 3.5, 4.0])));
        let outline = json!([[40, 60, 240, 60, 240, 180], [30, 70, 50, 70, 50, 75]]);
        assert_eq!(
            shape(json!({"bbox": null, "segmentation": outline})),
            Ok(Shape::Around([30.0, 60.0, 210.0, 120.0]))
        );
        assert_eq!(shape(json!({"segmentation": [1, 1, 5, 1, 3, 9]})), Ok(Shape::Around([1.0, 1.0, 4.0, 8.0])));
        // 2 x 3 pixels at 1, 1 of a picture of 5 x 6.
        let mask = json!({"counts": [7, 3, 3, 3, 14], "size": [6, 5]});
        assert_eq!(shape(json!({"bbox": [], "segmentation": mask})), Ok(Shape::Around([1.0, 1.0, 2.0, 3.0])));
        assert_eq!(shape(json!({"category_id": 1, "segmentation": []})), Ok(Shape::Image));
        for bad in [
            json!({"bbox": [1, 2, 3]}),
            json!({"bbox": [1, 2, 3, 4, 5]}),
            json!({"bbox": [0, 0, 1e300, 1]}),
            json!({"segmentation": [[1, 2]]}),
            json!({"segmentation": {"counts": "x", "size": [1]}}),
            json!({"segmentation": 7}),
            json!({"bbox": {"x": 1, "y": 2, "width": 3, "height": 4}}),
            json!({"bbox": "1 2 3 4"}),
            json!({"BBox": [1, 2, 3, 4]}),
            json!({"box": [1, 2, 3, 4], "segmentation": []}),
            json!({"boundingBox": {"left": 1}}),
            json!({"points": [[1, 2], [3, 4]]}),
            json!({"keypoints": [1, 2, 2], "num_keypoints": 1}),
        ] {
            assert!(shape(bad.clone()).is_err(), "{bad}");
        }
    }
}
