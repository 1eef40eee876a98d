//! Create ML as it is found in the wild: with the names of fields that other programs use, and classes of whole images.

use std::io::Read;

use serde_json::Value;

use crate::bounded::{Bounded, Places, read_list};
use crate::dataset::{Dataset, DatasetBuilder, DatasetImage, image_of_name};
use crate::error::FormatError;
use crate::loose::{name, number, text};
use crate::meaning;
use crate::unread::{Unread, rows_in};
use domain::ProjectKind;

/// Reads a list; `classes` are those that are known beforehand.
///
/// # Errors
/// When it is no list in JSON, or no element of it names an image.
pub fn read_dataset(input: impl Read, classes: &[String]) -> Result<Dataset, FormatError> {
    let mut input = Bounded::for_list(input);
    let places = input.places();
    let builder = DatasetBuilder::new(None, classes);
    let mut entries =
        Entries { builder, places, index: 0, texts: 0, boxes: 0, named: 0, unread: Unread::default(), over_edge: None };
    read_list(input, |entry: Value| {
        entries.entry(&entry);
        entries.index += 1;
        entries.builder.resume()
    })?;
    if entries.index > 0 && entries.named == 0 {
        return Err(FormatError::says("no element has an \"image\" with \"annotations\", as Create ML files do"));
    }
    for (place, reason) in std::mem::take(&mut entries.unread).problems("field", "annotations") {
        entries.builder.report(place, true, reason);
    }
    if let Some(place) = entries.over_edge.take() {
        let reason = "the box reaches beyond the left or top edge of its picture, and would not if x and y were its corner. \
                      Create ML has its middle there, and so all boxes were read; check them";
        entries.builder.report(place, false, reason);
    }
    if entries.texts > 0 && entries.boxes == 0 {
        entries.builder.set_kind(Some(ProjectKind::Multiclass));
    }
    let mut dataset = entries.builder.finish();
    meaning::decide_unit(&mut dataset, "annotations");
    Ok(dataset)
}

fn image_of(entry: &Value) -> Option<&str> {
    ["image", "imagefilename", "imageURL"].iter().find_map(|field| text(entry, field))
}

fn annotations_of(entry: &Value) -> Option<&Value> {
    entry.get("annotations").or_else(|| entry.get("annotation"))
}

struct Entries {
    builder: DatasetBuilder,
    places: Places,
    index: u64,
    /// Labels of whole images.
    texts: u64,
    boxes: u64,
    /// Elements that are what they should be.
    named: u64,
    /// Lists next to empty annotations.
    unread: Unread,
    /// The first box that begins outside of its picture although its x and y are inside.
    over_edge: Option<String>,
}

impl Entries {
    fn entry(&mut self, entry: &Value) {
        let place = self.places.name("", 0, self.index);
        self.builder.image_came_in();
        let (Some(image), Some(annotations)) = (image_of(entry), annotations_of(entry)) else {
            return self.builder.report(place, true, "it has no image or no annotations");
        };
        self.named += 1;
        let mut image = match image_of_name(image, || place.clone()) {
            Ok(image) => image,
            Err(reason) => return self.builder.report(place, true, reason),
        };
        match annotations {
            Value::String(label) => {
                self.texts += 1;
                self.builder.tag(&mut image, label, || place);
            }
            Value::Array(list) if list.is_empty() => {
                for name in rows_in(entry, "annotations", &[]) {
                    self.unread.note(name, || place.clone());
                }
            }
            Value::Array(list) => {
                for (at, found) in list.iter().enumerate() {
                    self.annotation(format!("{place}.annotations[{at}]"), found, &mut image);
                }
            }
            _ => self.builder.report(place, true, "its annotations are not a list"),
        }
        self.builder.push(image);
    }

    fn annotation(&mut self, place: String, found: &Value, image: &mut DatasetImage) {
        if let Value::String(label) = found {
            self.texts += 1;
            return self.builder.tag(image, label, || place);
        }
        self.builder.region_came_in();
        self.boxes += 1;
        let coordinates = found.get("coordinates").unwrap_or(&Value::Null);
        let numbers: Vec<f64> =
            ["x", "y", "width", "height"].iter().filter_map(|field| number(coordinates.get(field))).collect();
        let [x, y, width, height] = numbers[..] else {
            return self.builder.report(place, true, "it has no coordinates of four numbers below one billion");
        };
        // Half a pixel is rounding.
        let is_over_edge = |middle: f64, side: f64| middle >= 0.0 && middle - side / 2.0 < -0.5;
        if is_over_edge(x, width) || is_over_edge(y, height) {
            self.over_edge.get_or_insert_with(|| place.clone());
        }
        let label = name(found.get("label")).unwrap_or_default();
        self.builder.put(image, &label, meaning::from_middle([x, y, width, height]), || place.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_the_wild() {
        let list = r#"[{"image":"1.jpg","annotations":[{"label":"cat","coordinates":{"x":10,"y":"20","width":8,"height":4}},
            {"label":"cat","coordinates":{"x":1}},{"coordinates":{"x":1,"y":1,"width":2,"height":2}}]},
            {"imagefilename":"2.jpg","annotation":[]},{"image":"..","annotations":[]},{"image":"4.jpg"},7]"#;
        let found = read_dataset(list.as_bytes(), &[]).expect("dataset");
        assert_eq!((found.counts_in, found.images.len(), found.kind), ((5, 3), 2, None));
        assert_eq!(found.images[0].boxes[0].bbox, [6.0, 18.0, 8.0, 4.0]);
        assert_eq!(found.categories, ["cat", "no label"]);
        let places: Vec<_> = found.problems.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(places, ["[0].annotations[1]", "[0].annotations[2]", "[2] (line 3)", "[3] (line 3)", "[4]"]);
        let corner =
            r#"[{"image":"1.jpg","annotations":[{"label":"a","coordinates":{"x":0,"y":5,"width":200,"height":8}}]}]"#;
        let corner = read_dataset(corner.as_bytes(), &[]).expect("dataset");
        assert_eq!(corner.images[0].boxes[0].bbox, [-100.0, 1.0, 200.0, 8.0]);
        assert!(corner.problems[0].reason.contains("if x and y were its corner"), "{:?}", corner.problems);
        let classes = read_dataset(&br#"[{"image":"1.jpg","annotations":"cat"}]"#[..], &[]).expect("dataset");
        assert_eq!((classes.kind, classes.images[0].tags[0].as_str()), (Some(ProjectKind::Multiclass), "cat"));
        for bad in ["", "{}", "[1]", "[{\"image\":\"a\"}", "[[["] {
            assert!(read_dataset(bad.as_bytes(), &[]).is_err(), "{bad}");
        }
    }
}
