//! The labels of an example, as Hugging Face's libraries and those of WebDataset lay it out: `objects` with boxes and
//! categories, as lists side by side or as a list of objects, or such lists in the example itself, and `label`, `labels` or
//! `tags` of the whole picture. A category is a name or the number of a class.

pub(super) mod fields;

use std::collections::BTreeMap;
use std::slice;

use serde_json::Value;

use super::class_names::ClassNames;
use super::dataset::{Dataset, DatasetBuilder, DatasetImage, LabelForms};
use super::loose::{list, name, number, pixel_side, text};
use super::meaning::{self, Otherwise};
use domain::{ImageId, RegionId, Timestamp};
use fields::{BOXES, CATEGORY_LISTS, Fields};

/// Names of the category of one object.
const CATEGORY: [&str; 7] = ["tag", "category", "categories", "label", "class", "name", "category_id"];

const AS_CORNERS: Otherwise =
    ("left, top, right and bottom", |[left, top, right, bottom]| [left, top, right - left, bottom - top]);

/// The examples of a dataset as they come.
pub(super) struct Examples<'a> {
    pub(super) builder: DatasetBuilder,
    names: &'a ClassNames,
    forms: LabelForms,
    fields: Fields,
    /// Numbers without a name, and how often each came.
    unnamed: BTreeMap<String, u64>,
    /// Labels that are -1.
    without: u64,
}

/// What the value of a category field means.
enum Category {
    Named(String),
    Without,
    Unclear,
}

impl Category {
    fn name(self) -> Option<String> {
        match self {
            Self::Named(name) => Some(name),
            Self::Without | Self::Unclear => None,
        }
    }
}

impl<'a> Examples<'a> {
    /// With the names of the classes that are known beforehand.
    pub(super) fn new(names: &'a ClassNames) -> Self {
        let mut builder = DatasetBuilder::new(None, names.all().unwrap_or_default());
        if names.all().is_none() {
            for (_, names) in names.fields().filter(|(path, _)| fields::is_of_labels(path)) {
                names.iter().for_each(|name| {
                    builder.category(name);
                });
            }
        }
        let (forms, fields, unnamed) = (LabelForms::default(), Fields::default(), BTreeMap::new());
        Self { builder, names, forms, fields, unnamed, without: 0 }
    }

    /// Notes a field that is not even given.
    pub(super) fn pass(&mut self, field: &str, is_label: bool) {
        self.fields.note(field, is_label);
    }

    /// Adds an image with the labels of its example; the image itself came in before.
    pub(super) fn add(&mut self, place: &str, example: &Value, mut image: DatasetImage) {
        let sides = ["width", "height"].map(|field| pixel_side(number(example.get(field))));
        if let [Some(width), Some(height)] = sides {
            image.size = Some((width, height));
        }
        self.facts(example, &mut image);
        let mut read: Vec<&str> = Vec::new();
        if let Some((field, objects)) = self.fields.objects(example) {
            read.push(field);
            match objects {
                Value::Array(objects) => {
                    self.forms.boxes |= !objects.is_empty();
                    for (at, object) in objects.iter().enumerate() {
                        self.object(format!("{place}: {field}[{at}]"), field, object, &mut image);
                    }
                }
                Value::Object(_) => {
                    self.side_by_side(place, field, objects, &mut image);
                }
                Value::Null => {}
                _ => self.builder.report(place, true, format!("its {field} are not a list")),
            }
        } else if let Some(field) = self.fields.boxes(example) {
            read.push(field);
            read.extend(self.side_by_side(place, "", example, &mut image));
        }
        for field in self.fields.labels(example) {
            if read.contains(&field) {
                continue;
            }
            read.push(field);
            match example.get(field) {
                Some(Value::Array(labels)) => {
                    // Tags may stand next to the one label that they are.
                    self.forms.many |= field != "tags" || labels.len() > 1;
                    for label in labels {
                        self.tag(place, field, label, &mut image);
                    }
                }
                Some(Value::Null) | None => {}
                Some(label) => {
                    self.forms.one = true;
                    self.tag(place, field, label, &mut image);
                }
            }
        }
        self.fields.pass(example, &read);
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

    fn tag(&mut self, place: &str, field: &str, label: &Value, image: &mut DatasetImage) {
        match self.category(label, field) {
            Category::Named(label) => self.builder.tag(image, &label, || place.to_owned()),
            Category::Without => {}
            Category::Unclear => self.builder.report(place, true, "a label is neither a name nor a number"),
        }
    }

    /// Boxes and their categories in fields of `holder`, which is the `field` of the example or, without a name, the example
    /// itself. The field of the categories.
    fn side_by_side(
        &mut self,
        place: &str,
        field: &str,
        holder: &Value,
        image: &mut DatasetImage,
    ) -> Option<&'static str> {
        let (of, above) = match field {
            "" => ("it has", String::new()),
            field => ("its objects have", format!("{field}.")),
        };
        let found = BOXES.into_iter().find_map(|field| Some((field, holder.get(field)?)));
        let Some((boxes_field, boxes)) = found.and_then(|(field, found)| Some((field, several(found)?))) else {
            self.builder.report(place, true, format!("{of} no list bbox"));
            return None;
        };
        let is_there = |name: &&str| holder.get(name).is_some_and(|found| !found.is_null());
        // Beside boxes in the example itself, `tags` are those of the whole picture.
        let lists = if field.is_empty() { &CATEGORY_LISTS[..4] } else { &CATEGORY_LISTS };
        let category = lists.iter().copied().find(is_there);
        let categories = category.and_then(|field| holder.get(field)).map(|found| match found {
            Value::Array(categories) => &categories[..],
            one => slice::from_ref(one),
        });
        let count = categories.map_or(0, <[Value]>::len);
        if boxes.is_empty() && field.is_empty() {
            // Labels of the whole picture.
            return category.filter(|_| count == 0);
        }
        self.forms.boxes |= !boxes.is_empty();
        if categories.is_some() && boxes.len() != count {
            boxes.iter().for_each(|_| self.builder.region_came_in());
            let reason = format!(
                "{of} {} and {}",
                counted(boxes.len(), "box", "boxes"),
                counted(count, "category", "categories")
            );
            self.builder.report(place, true, reason);
            return category;
        }
        let ids = list(holder, "id");
        let path = format!("{above}{}", category.unwrap_or_default());
        for (at, found) in boxes.iter().enumerate() {
            let place = format!("{place}: {above}{boxes_field}[{at}]");
            let category = categories.and_then(|list| self.category(list.get(at)?, &path).name());
            self.put(place, sides(found), category, ids.get(at), None, image);
        }
        category
    }

    fn object(&mut self, place: String, field: &str, object: &Value, image: &mut DatasetImage) {
        let has_box = BOXES.iter().any(|field| object.get(field).is_some());
        let bbox = match has_box {
            true => BOXES.iter().find_map(|field| sides(object.get(field)?)),
            false => named_sides(object),
        };
        let category =
            CATEGORY.iter().find_map(|name| self.category(object.get(name)?, &format!("{field}.{name}")).name());
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

    /// The category that a value of a field is: its own name, or that of its number.
    fn category(&mut self, found: &Value, field: &str) -> Category {
        let names = self.names.of(field);
        let number = match found {
            Value::Number(_) => whole(found),
            // A number as a text, where it is not the name itself.
            Value::String(text) => {
                let number = text.trim().parse::<i64>().ok().filter(|_| !names.is_empty() && !names.contains(text));
                let is_known = |at: i64| at == -1 || usize::try_from(at).is_ok_and(|at| at < names.len());
                number.filter(|at| is_known(*at))
            }
            _ => None,
        };
        let named = number.and_then(|at| names.get(usize::try_from(at).ok()?));
        match (found, number, named) {
            (_, _, Some(name)) => Category::Named(name.clone()),
            (_, Some(-1), None) => {
                self.without += 1;
                Category::Without
            }
            (Value::Number(written), number, None) => {
                let number = number.map_or_else(|| written.to_string(), |number| number.to_string());
                let made = format!("class_{number}");
                *self.unnamed.entry(made.clone()).or_default() += 1;
                Category::Named(made)
            }
            _ => name(Some(found)).map_or(Category::Unclear, Category::Named),
        }
    }

    pub(super) fn finish(mut self) -> Dataset {
        if let Some((first, _)) = self.unnamed.first_key_value() {
            let (count, labels) = (self.unnamed.len(), self.unnamed.values().sum::<u64>());
            let numbers = counted(count, "class number has", "class numbers have");
            let labels = counted(labels, "label", "labels");
            let named = if count == 1 { "it is named" } else { "they are named like" };
            let reason = format!("{numbers} no name ({labels}); {named} {first:?}");
            self.builder.report("classes", false, reason);
        }
        if self.without > 0 {
            let reason = format!("{} -1, which means no label", counted(self.without, "label is", "labels are"));
            self.builder.report("labels", false, reason);
        }
        self.fields.report(&mut self.builder);
        self.builder.set_kind(self.forms.kind());
        let mut dataset = self.builder.finish();
        meaning::decide_unit(&mut dataset, "objects");
        meaning::doubt(&mut dataset, "objects", &[AS_CORNERS]);
        dataset
    }
}

/// A number without a fraction, however it is written.
fn whole(found: &Value) -> Option<i64> {
    let of_float = |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
    found.as_i64().or_else(|| of_float(found.as_f64()?))
}

fn counted(count: impl TryInto<u64>, one: &str, many: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A list of boxes, or a single box.
fn several(found: &Value) -> Option<&[Value]> {
    match found {
        Value::Array(items) if items.iter().any(|item| item.is_array() || item.is_object()) => Some(items),
        Value::Array(items) if items.is_empty() => Some(items),
        Value::Array(_) | Value::Object(_) => Some(slice::from_ref(found)),
        Value::Null => Some(&[]),
        _ => None,
    }
}

/// x, y, width and height: of a list of four numbers, or of numbers with names.
fn sides(found: &Value) -> Option<[f64; 4]> {
    match found {
        Value::Array(numbers) => {
            let numbers: Option<Vec<f64>> = numbers.iter().map(|side| number(Some(side))).collect();
            numbers?.try_into().ok()
        }
        found => named_sides(found),
    }
}

/// Those of numbers with the names of edges, or of a corner and sides.
fn named_sides(found: &Value) -> Option<[f64; 4]> {
    let all = |names: [&str; 4]| {
        let [first, second, third, fourth] = names.map(|name| number(found.get(name)));
        Some([first?, second?, third?, fourth?])
    };
    let corners = all(["xmin", "ymin", "xmax", "ymax"]).map(meaning::from_corners);
    corners.or_else(|| all(["x", "y", "width", "height"])).or_else(|| all(["x", "y", "w", "h"]))
}
