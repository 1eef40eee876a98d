//! The labels of an example, as Hugging Face's libraries and those of WebDataset lay it out: `objects` with boxes and
//! categories, as lists side by side or as a list of objects, and `label`, `labels` or `tags` of the whole picture. A
//! category is a name or the number of a class.

use std::collections::BTreeMap;

use serde_json::Value;

use super::dataset::{Dataset, DatasetBuilder, DatasetImage};
use super::loose::{list, name, number, side, text};
use super::meaning::{self, Otherwise};
use domain::{ImageId, ProjectKind, RegionId, Timestamp};

/// Names of the list of objects.
const OBJECTS: [&str; 2] = ["objects", "annotations"];
/// Names of the lists of boxes and of categories, side by side.
const BOX_LISTS: [&str; 3] = ["bbox", "bboxes", "boxes"];
const CATEGORY_LISTS: [&str; 6] = ["categories", "category", "labels", "label", "tags", "classes"];
/// Names of the category of one object.
const CATEGORY: [&str; 7] = ["tag", "category", "categories", "label", "class", "name", "category_id"];
/// Names of labels of a whole picture.
const LABELS: [&str; 3] = ["label", "labels", "tags"];

const AS_CORNERS: Otherwise =
    ("left, top, right and bottom", |[left, top, right, bottom]| [left, top, right - left, bottom - top]);

/// Which forms of labels occurred.
#[derive(Default)]
struct Forms {
    one: bool,
    many: bool,
    boxes: bool,
}

/// The examples of a dataset as they come.
pub(super) struct Examples<'a> {
    pub(super) builder: DatasetBuilder,
    /// Names of the classes by their number.
    names: &'a [String],
    forms: Forms,
    /// Numbers without a name, and how often each came.
    unnamed: BTreeMap<String, u64>,
}

impl<'a> Examples<'a> {
    /// With the names of the classes that are known beforehand.
    pub(super) fn new(names: &'a [String]) -> Self {
        Self { builder: DatasetBuilder::new(None, names), names, forms: Forms::default(), unnamed: BTreeMap::new() }
    }

    /// Adds an image with the labels of its example; the image itself came in before.
    pub(super) fn add(&mut self, place: &str, example: &Value, mut image: DatasetImage) {
        let sides = ["width", "height"].map(|field| side(number(example.get(field))));
        if let [Some(width), Some(height)] = sides {
            image.size = Some((width, height));
        }
        self.facts(example, &mut image);
        match OBJECTS.iter().filter_map(|field| example.get(field)).find(|objects| !objects.is_null()) {
            Some(Value::Array(objects)) => {
                self.forms.boxes |= !objects.is_empty();
                for (at, object) in objects.iter().enumerate() {
                    self.object(format!("{place}: objects[{at}]"), object, &mut image);
                }
            }
            Some(objects @ Value::Object(_)) => self.side_by_side(place, objects, &mut image),
            Some(_) => self.builder.report(place, true, "its objects are no list"),
            None => {}
        }
        for field in LABELS {
            match example.get(field) {
                Some(Value::Array(labels)) => {
                    // Tags may stand next to the one label that they are.
                    self.forms.many |= field != "tags" || labels.len() > 1;
                    for label in labels {
                        self.tag(place, label, &mut image);
                    }
                }
                Some(label @ (Value::String(_) | Value::Number(_))) => {
                    self.forms.one = true;
                    self.tag(place, label, &mut image);
                }
                _ => {}
            }
        }
        self.builder.push(image);
    }

    /// What Tagscope itself writes of an image: its id, and with it the date and the metadata.
    fn facts(&self, example: &Value, image: &mut DatasetImage) {
        let Some(id) = text(example, "image_id").and_then(|id| id.parse::<ImageId>().ok()) else { return };
        image.id.get_or_insert(id);
        image.created = text(example, "created").and_then(Timestamp::parse);
        let pairs = list(example, "metadata").iter().filter_map(|pair| {
            let text = |field: &str| pair.get(field).and_then(Value::as_str).map(str::to_owned);
            Some((text("key")?, text("value")?))
        });
        let pairs: Vec<_> = pairs.collect();
        if pairs.iter().any(|(key, _)| key == "name") {
            // Better than what the name of the file says.
            image.metadata.clear();
        }
        image.metadata.extend(pairs);
    }

    fn tag(&mut self, place: &str, label: &Value, image: &mut DatasetImage) {
        match self.named(label) {
            Some(label) => self.builder.tag(image, &label, || place.to_owned()),
            None => self.builder.report(place, true, "a label is neither a name nor a number"),
        }
    }

    fn side_by_side(&mut self, place: &str, objects: &Value, image: &mut DatasetImage) {
        let lists = |fields: &[&str]| fields.iter().find_map(|field| objects.get(field)?.as_array());
        let Some(boxes) = lists(&BOX_LISTS) else {
            return self.builder.report(place, true, "its objects have no list bbox");
        };
        self.forms.boxes |= !boxes.is_empty();
        let categories = lists(&CATEGORY_LISTS).map(Vec::as_slice).unwrap_or_default();
        if boxes.len() != categories.len() {
            boxes.iter().for_each(|_| self.builder.region_came_in());
            let reason = format!("its objects have {} boxes and {} categories", boxes.len(), categories.len());
            return self.builder.report(place, true, reason);
        }
        let ids = list(objects, "id");
        for (at, (found, category)) in boxes.iter().zip(categories).enumerate() {
            let place = format!("{place}: objects.bbox[{at}]");
            let category = self.named(category);
            self.put(place, sides(found), category, ids.get(at), None, image);
        }
    }

    fn object(&mut self, place: String, object: &Value, image: &mut DatasetImage) {
        let bbox = BOX_LISTS.iter().chain(&["box"]).find_map(|field| sides(object.get(field)?));
        let category = CATEGORY.iter().find_map(|field| self.named(object.get(field)?));
        let id = object.get("region_id").or_else(|| object.get("id"));
        self.put(place, bbox, category, id, text(object, "created"), image);
    }

    fn put(
        &mut self,
        place: String,
        bbox: Option<[f64; 4]>,
        category: Option<String>,
        id: Option<&Value>,
        created: Option<&str>,
        image: &mut DatasetImage,
    ) {
        self.builder.region_came_in();
        let Some(bbox) = bbox else {
            return self.builder.report(place, true, "it has no bbox of four numbers");
        };
        let count = image.boxes.len();
        self.builder.put(image, &category.unwrap_or_default(), bbox, || place.clone());
        if let Some(found) = image.boxes.get_mut(count) {
            found.id = id.and_then(Value::as_str).and_then(|id| id.parse::<RegionId>().ok());
            found.created = created.and_then(Timestamp::parse);
        }
    }

    /// The name of a category: its own, or that of its number.
    fn named(&mut self, category: &Value) -> Option<String> {
        let Value::Number(number) = category else { return name(Some(category)) };
        let known = number.as_u64().and_then(|at| self.names.get(usize::try_from(at).ok()?));
        Some(known.cloned().unwrap_or_else(|| {
            let made = format!("class_{number}");
            *self.unnamed.entry(made.clone()).or_default() += 1;
            made
        }))
    }

    /// The dataset.
    pub(super) fn finish(mut self) -> Dataset {
        if let Some((first, _)) = self.unnamed.first_key_value() {
            let count: u64 = self.unnamed.values().sum();
            let reason = format!("numbers of classes without a name: {count}; they are named like {first:?}");
            self.builder.report("classes", false, reason);
        }
        let Forms { one, many, boxes } = self.forms;
        self.builder.set_kind(match (one, many, boxes) {
            (_, _, true) => Some(ProjectKind::Detection),
            (_, true, _) => Some(ProjectKind::Multilabel),
            (true, ..) => Some(ProjectKind::Multiclass),
            _ => None,
        });
        let mut dataset = self.builder.finish();
        meaning::settle_unit(&mut dataset, "objects");
        meaning::doubt(&mut dataset, "objects", &[AS_CORNERS]);
        dataset
    }
}

/// x, y, width and height: of a list of four numbers, or of corners with names.
fn sides(found: &Value) -> Option<[f64; 4]> {
    match found {
        Value::Array(numbers) => {
            let numbers: Option<Vec<f64>> = numbers.iter().map(|side| number(Some(side))).collect();
            numbers?.try_into().ok()
        }
        Value::Object(_) => {
            let [left, top, right, bottom] = ["xmin", "ymin", "xmax", "ymax"].map(|edge| number(found.get(edge)));
            Some(meaning::of_corners([left?, top?, right?, bottom?]))
        }
        _ => None,
    }
}
