//! COCO as it is found in the wild: ids as texts or numbers, missing fields, unknown categories, annotations before their
//! images. An element that cannot be used is a problem with its place, and everything else goes on.

use std::collections::HashMap;
use std::io::Read;

use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::info::Info;
use super::read::List;
use crate::domain::RegionId;
use crate::formats::bounded::in_blocks;
use crate::formats::dataset::{BoxUnit, Categories, Dataset, DatasetBox, DatasetImage, image_of_name};
use crate::formats::error::FormatError;

/// Reads a dataset.
///
/// # Errors
/// When the file is no JSON, or has no list of images.
pub fn read_dataset(input: impl Read) -> Result<Dataset, FormatError> {
    let mut raw = Raw::default();
    let mut deserializer = serde_json::Deserializer::from_reader(in_blocks(input));
    deserializer
        .deserialize_map(RawVisitor(&mut raw))
        .and_then(|()| deserializer.end())
        .map_err(|error| FormatError::of(&error))?;
    if !raw.has_images {
        return Err(FormatError::NotThisFormat { reason: "there is no list \"images\", as COCO has".to_owned() });
    }
    Ok(raw.resolved())
}

/// The lists as they come: any of them may stand first.
#[derive(Default)]
struct Raw {
    has_images: bool,
    dataset: Dataset,
    // Not the fast hash map of other places: the file chooses the keys, and could choose them to collide.
    category_ids: HashMap<String, usize>,
    category_names: Categories,
    image_ids: HashMap<String, usize>,
    annotations: Vec<Annotation>,
    seen: [u64; 3],
}

struct Annotation {
    index: u64,
    image: String,
    category: String,
    bbox: [f64; 4],
    id: Option<RegionId>,
}

struct RawVisitor<'a>(&'a mut Raw);

impl<'de> Visitor<'de> for RawVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a COCO object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(raw) = self;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "info" => raw.dataset.description = map.next_value::<Info>()?.0,
                "categories" => map.next_value_seed(List::new(|value: Value| raw.category(&value)))?,
                "images" => {
                    if std::mem::replace(&mut raw.has_images, true) {
                        return Err(A::Error::custom("there are two lists \"images\""));
                    }
                    map.next_value_seed(List::new(|value: Value| raw.image(value)))?;
                }
                "annotations" => map.next_value_seed(List::new(|value: Value| raw.annotation(&value)))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

impl Raw {
    fn report(&mut self, list: &str, index: u64, is_left_out: bool, reason: impl Into<String>) {
        self.dataset.report(format!("{list}[{index}]"), is_left_out, reason);
    }

    /// The index of a category's name, which is added when it is new.
    fn category_index(&mut self, name: &str) -> usize {
        self.category_names.index(&mut self.dataset.categories, name)
    }

    fn category(&mut self, value: &Value) -> Result<(), String> {
        let index = next(&mut self.seen[0]);
        let Some(id) = id_text(value.get("id")) else {
            self.report("categories", index, true, "it has no id");
            return self.dataset.go_on();
        };
        let name = match value.get("name").and_then(Value::as_str) {
            Some(name) => name.to_owned(),
            None => {
                let name = format!("category {id}");
                self.report("categories", index, false, format!("it has no name; it is called {name:?}"));
                name
            }
        };
        if self.category_names.contains(&name) {
            let reason = format!("there is a category {name:?} already; both become one tag");
            self.report("categories", index, false, reason);
        }
        if self.category_ids.contains_key(&id) {
            self.report("categories", index, true, format!("there is a category with the id {id:.80} already"));
            return self.dataset.go_on();
        }
        let place = self.category_index(&name);
        self.category_ids.insert(id, place);
        self.dataset.go_on()
    }

    fn image(&mut self, mut value: Value) -> Result<(), String> {
        let index = next(&mut self.seen[1]);
        let Some(id) = id_text(value.get("id")) else {
            self.report("images", index, true, "it has no id");
            return self.dataset.go_on();
        };
        let Some(file_name) = value.get("file_name").and_then(Value::as_str) else {
            self.report("images", index, true, "it has no file_name");
            return self.dataset.go_on();
        };
        // The name that people know is the whole one.
        let (file_name, elsewhere) = match image_of_name(file_name, || format!("images[{index}]")) {
            Ok(image) => (image.file_name, image.elsewhere),
            Err(reason) => {
                self.report("images", index, true, reason);
                return self.dataset.go_on();
            }
        };
        if self.image_ids.contains_key(&id) {
            self.report("images", index, true, format!("there is an image with the id {id:.80} already"));
            return self.dataset.go_on();
        }
        let size = side(value.get("width")).zip(side(value.get("height")));
        let facts = value.get_mut("custom_vision").map(Value::take).unwrap_or_default();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list =
            |value: Option<&Value>| value.and_then(Value::as_array).into_iter().flatten().filter_map(text).collect();
        let pairs = |map: &Map<String, Value>| {
            map.iter().filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect()
        };
        self.image_ids.insert(id, self.dataset.images.len());
        self.dataset.images.push(DatasetImage {
            file_name,
            size,
            boxes: Vec::new(),
            unit: BoxUnit::Pixels,
            id: facts.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok()),
            tags: list(facts.get("tags")),
            metadata: facts.get("metadata").and_then(Value::as_object).map(pairs).unwrap_or_default(),
            elsewhere,
        });
        self.dataset.go_on()
    }

    fn annotation(&mut self, value: &Value) -> Result<(), String> {
        let index = next(&mut self.seen[2]);
        let Some(image) = id_text(value.get("image_id")) else {
            self.report("annotations", index, true, "it has no image_id");
            return self.dataset.go_on();
        };
        let bbox = value.get("bbox").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let numbers: Vec<f64> = bbox.iter().filter_map(Value::as_f64).filter(|number| number.abs() < 1e9).collect();
        let Ok(bbox) = <[f64; 4]>::try_from(numbers) else {
            self.report("annotations", index, true, "it has no bbox of four numbers below a billion");
            return self.dataset.go_on();
        };
        let category = id_text(value.get("category_id")).unwrap_or_default();
        let id = value.get("custom_vision_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        self.annotations.push(Annotation { index, image, category, bbox, id });
        self.dataset.go_on()
    }

    /// Puts the boxes on their images.
    fn resolved(mut self) -> Dataset {
        self.dataset.counts_in = (self.seen[1], self.seen[2]);
        for annotation in std::mem::take(&mut self.annotations) {
            let Annotation { index, image, category, bbox, id } = annotation;
            let Some(&place) = self.image_ids.get(&image) else {
                self.report("annotations", index, true, format!("there is no image with the id {image:.80}"));
                continue;
            };
            let category = match self.category_ids.get(&category) {
                Some(&known) => known,
                None => {
                    let name =
                        if category.is_empty() { "no category".to_owned() } else { format!("category {category}") };
                    let reason = format!("its category is not in the file; it is called {name:?}");
                    self.report("annotations", index, false, reason);
                    self.category_index(&name)
                }
            };
            self.dataset.images[place].boxes.push(DatasetBox { category, bbox, id });
        }
        self.dataset
    }
}

fn next(counter: &mut u64) -> u64 {
    *counter += 1;
    *counter - 1
}

/// An id as a text, whether it was one or a number.
fn id_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        // 7 and 7.0 are one id.
        Value::Number(number) => match number.as_f64() {
            Some(whole) if number.is_f64() && whole.fract() == 0.0 && whole.abs() < 9e15 => {
                Some((whole as i64).to_string())
            }
            _ => Some(number.to_string()),
        },
        _ => None,
    }
}

fn side(value: Option<&Value>) -> Option<u32> {
    let side = value?.as_f64()?;
    (1.0..1e9).contains(&side).then_some(side as u32)
}
