//! Datumaro's JSON as it is found in the wild: annotations of any kind, pictures without a size, labels out of range.

use std::io::Read;

use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny, MapAccess};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::bounded::{Bounded, List, Members, Places, read_object};
use crate::dataset::{Dataset, DatasetBuilder, DatasetImage, image_of_name};
use crate::error::FormatError;
use crate::loose::{list, name, number, pixel_side, start, text};
use crate::unread::{Passed, Unread, is_like, rows_in};
use crate::{coco, meaning};

/// Bytes of items that may be before the categories, and wait for them.
const MOST_WAITING: usize = 256 << 20;

/// Reads the file of a part.
///
/// # Errors
/// When it is no JSON, or has no list of items.
pub fn read_dataset(input: impl Read) -> Result<Dataset, FormatError> {
    let mut input = Bounded::new(input);
    let mut root = Root { places: input.places(), ..Root::default() };
    read_object(input, &mut root).map_err(|error| FormatError::from_json(&error))?;
    let [has_categories, has_items] = root.has;
    if !has_items {
        return Err(FormatError::says("there is no list \"items\", as Datumaro files have"));
    }
    if !has_categories {
        root.builder.report("categories", false, "there are no categories; labels are named by their numbers");
    }
    for item in std::mem::take(&mut root.waiting) {
        let item = serde_json::from_str(item.get()).map_err(|error| FormatError::from_json(&error))?;
        root.item(&item).map_err(FormatError::says)?;
    }
    for (place, reason) in root.unread.problems("field", "categories, items and their annotations") {
        root.builder.report(place, true, reason);
    }
    Ok(root.builder.finish())
}

/// Whether a text is such a file. Its content is passed over, not kept.
pub fn is_file(input: impl Read) -> bool {
    #[derive(Deserialize)]
    struct Lists {
        #[serde(rename = "categories")]
        _categories: IgnoredAny,
        #[serde(rename = "items")]
        _items: Vec<IgnoredAny>,
    }
    serde_json::from_reader::<_, Lists>(Bounded::new(input)).is_ok()
}

#[derive(Default)]
struct Root {
    builder: DatasetBuilder,
    names: Vec<String>,
    /// Items before the categories, as their text.
    waiting: Vec<Box<RawValue>>,
    bytes: usize,
    index: u64,
    places: Places,
    member: u64,
    /// Categories and items.
    has: [bool; 2],
    /// Fields that could be one of these, or the annotations of an item.
    unread: Unread,
}

impl Members for Root {
    const EXPECTED: &'static str = "a Datumaro object";

    fn member<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "categories" => {
                if std::mem::replace(&mut self.has[0], true) {
                    return Err(A::Error::custom("there are two \"categories\""));
                }
                self.categories(&map.next_value::<Value>()?);
            }
            "items" => {
                if std::mem::replace(&mut self.has[1], true) {
                    return Err(A::Error::custom("there are two lists \"items\""));
                }
                match self.has[0] {
                    true => map.next_value_seed(List::new(|item: Value| self.item(&item)))?,
                    false => map.next_value_seed(List::new(|item: Box<RawValue>| self.wait(item)))?,
                }
            }
            other => {
                let passed = map.next_value::<Passed>()?;
                if passed != Passed::Other && ["items", "categories"].iter().any(|known| is_like(other, known)) {
                    self.unread.note(other, || "the file".to_owned());
                }
            }
        }
        self.member += 1;
        Ok(())
    }
}

impl Root {
    fn categories(&mut self, categories: &Value) {
        let labels = categories.get("label").map(|label| list(label, "labels")).unwrap_or_default();
        for (at, label) in labels.iter().enumerate() {
            let name = match name(label.get("name")) {
                Some(name) => name,
                None => {
                    let name = format!("label {at}");
                    let reason = format!("it has no name; it is named {name:?}");
                    self.builder.report(format!("categories.label.labels[{at}]"), false, reason);
                    name
                }
            };
            self.builder.category(&name);
            self.names.push(name);
        }
    }

    fn wait(&mut self, item: Box<RawValue>) -> Result<(), String> {
        self.bytes += item.get().len();
        if self.bytes > MOST_WAITING {
            return Err(format!("its categories come after more than {} MiB of items", MOST_WAITING >> 20));
        }
        self.waiting.push(item);
        Ok(())
    }

    fn item(&mut self, item: &Value) -> Result<(), String> {
        let place = self.places.name("items", self.member, self.index);
        self.index += 1;
        self.builder.image_came_in();
        let picture = item.get("image").or_else(|| item.get("media")).unwrap_or(&Value::Null);
        // Without a picture's own name the item's is the name without extension.
        let name = text(picture, "path").or_else(|| text(item, "id")).unwrap_or_default();
        let mut image = match image_of_name(name, || place.clone()) {
            Ok(image) => image,
            Err(reason) => {
                self.builder.report(place, true, reason);
                return self.builder.resume();
            }
        };
        if let [height, width] = list(picture, "size") {
            image.size = pixel_side(number(Some(width))).zip(pixel_side(number(Some(height))));
        }
        let service_id = |value: Option<&Value>| text(value?, "custom_vision_id").map(str::to_owned);
        if let Some(id) = service_id(item.get("attr")).and_then(|id| id.parse().ok()) {
            image.id = Some(id);
        }
        let (mut outlines, annotations) = (0, list(item, "annotations"));
        if annotations.is_empty() {
            for name in rows_in(item, "annotations", &[]) {
                self.unread.note(name, || place.clone());
            }
            if item.get("annotations").is_some_and(|found| !found.is_array() && !found.is_null()) {
                self.builder.report(place.clone(), true, "its annotations are not a list");
            }
        }
        for (at, found) in annotations.iter().enumerate() {
            let id = service_id(found.get("attributes")).and_then(|id| id.parse().ok());
            let before = image.boxes.len();
            outlines += usize::from(self.annotation(format!("{place}.annotations[{at}]"), found, &mut image));
            if let Some(made) = image.boxes.get_mut(before) {
                made.id = id;
            }
        }
        if outlines > 0 {
            self.builder.report(place, false, format!("outlines converted to bounding boxes: {outlines}"));
        }
        self.builder.push(image);
        self.builder.resume()
    }

    /// Takes an annotation; whether it was an outline.
    fn annotation(&mut self, place: String, found: &Value, image: &mut DatasetImage) -> bool {
        let kind = text(found, "type").unwrap_or_default();
        let label = match found.get("label_id").and_then(Value::as_u64) {
            Some(number) => match usize::try_from(number).ok().and_then(|at| self.names.get(at)) {
                Some(name) => name.clone(),
                None => {
                    let name = format!("label {number}");
                    let reason = format!("its label is not in the categories; it is named {name:?}");
                    self.builder.report(place.clone(), false, reason);
                    name
                }
            },
            None => String::new(),
        };
        if kind == "label" {
            self.builder.tag(image, &label, || place);
            return false;
        }
        self.builder.region_came_in();
        let numbers =
            |field: &str| -> Option<Vec<f64>> { list(found, field).iter().map(|value| number(Some(value))).collect() };
        let four = |fields: &str| -> Option<[f64; 4]> { numbers(fields)?.try_into().ok() };
        let degrees = number(found.get("attributes").and_then(|attributes| attributes.get("rotation")));
        let mut degrees = degrees.unwrap_or_default();
        let (bbox, is_outline) = match kind {
            "bbox" => (four("bbox"), false),
            "rotated_bbox" => match numbers("rotated_bbox").as_deref() {
                Some(&[x, y, width, height, turn]) => {
                    degrees = turn;
                    (Some(meaning::from_middle([x, y, width, height])), false)
                }
                _ => (None, false),
            },
            "polygon" | "polyline" => (numbers("points").and_then(|points| meaning::around(&points)), true),
            // Left, top, right, bottom.
            "ellipse" => (four("points").map(meaning::from_corners), true),
            "mask" => (found.get("rle").and_then(coco::around_mask), true),
            other => {
                self.builder.report(place, true, format!("an annotation of type {:?} is not a box", start(other)));
                return false;
            }
        };
        let Some(mut bbox) = bbox else {
            let reason = match kind {
                "mask" => "its mask is empty, or its run lengths are wrong",
                _ => "it does not have the numbers of a box, each below one billion",
            };
            self.builder.report(place, true, reason);
            return false;
        };
        if degrees != 0.0 && !is_outline {
            bbox = meaning::around_turned_in_place(bbox, degrees);
            self.builder.report(place.clone(), false, "it is rotated; the box around its corners was used");
        }
        self.builder.put(image, &label, bbox, || place.clone());
        is_outline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &str = r#"{"id":"a/1","image":{"path":"1.png","size":[60,80]},"annotations":[
        {"type":"bbox","label_id":1,"bbox":[1,2,3,4]},{"type":"label","label_id":0},{"type":"polygon","label_id":9,"points":[0,0,4,0,2,5]},
        {"type":"mask","label_id":0},{"type":"bbox","label_id":0,"bbox":[1,2,3]},{"type":"bbox","label_id":null,"bbox":[0,0,1,1]}]}"#;
    const CATEGORIES: &str = r#""categories":{"label":{"labels":[{"name":"a"},{"name":"b"}]}}"#;

    #[test]
    fn files_of_the_wild() {
        for text in [
            format!("{{{CATEGORIES},\"items\":[{ITEM}]}}"),
            format!("{{\"items\":[{ITEM}],\"infos\":{{}},{CATEGORIES}}}"),
        ] {
            let found = read_dataset(text.as_bytes()).expect("dataset");
            assert_eq!((found.counts_in, found.categories.len()), ((1, 5), 4), "{:?}", found.categories);
            let image = &found.images[0];
            assert_eq!((image.size, image.tags[0].as_str(), image.boxes.len()), (Some((80, 60)), "a", 3));
            assert_eq!((image.boxes[0].bbox, image.boxes[1].bbox), ([1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 4.0, 5.0]));
            let told: Vec<_> = found.problems.iter().map(|problem| problem.reason.as_str()).collect();
            assert_eq!(told.len(), 5, "{told:#?}");
        }
        let bare = read_dataset(&br#"{"items":[{"id":"x"},{"image":{"path":".."}}]}"#[..]).expect("dataset");
        assert_eq!((bare.images[0].file_name.as_str(), bare.problems.len()), ("x", 2));
        for bad in ["", "[]", "{}", "{\"items\":{}}", "{\"items\":[],\"items\":[]}"] {
            assert!(read_dataset(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
