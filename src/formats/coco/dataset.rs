//! COCO as it is found in the wild: ids and sizes as texts or numbers, missing fields, unknown categories, annotations before
//! their images, boxes in fractions, outlines without boxes, categories of whole images. An element that cannot be used is
//! a problem with its place, and everything else continues.

use std::collections::HashMap;
use std::io::Read;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess};
use serde_json::{Map, Value};

use super::shape::{self, Shape};
use crate::bounded::{List, Members, Places, in_blocks_with_places, read_object};
use crate::dataset::{BoxUnit, Categories, Dataset, DatasetBox, DatasetImage, image_of_name};
use crate::error::FormatError;
use crate::loose::{AnyValue, any_value, list, name, number, pixel_side, text};
use crate::meaning;
use crate::unread::{Passed, Unread, is_like, rows_in};
use domain::{RegionId, Timestamp};

/// Reads a dataset.
///
/// # Errors
/// When the file is no JSON, has no list of images, or has boxes in a form that is not known.
pub fn read_dataset(input: impl Read) -> Result<Dataset, FormatError> {
    let (input, places) = in_blocks_with_places(input);
    let mut raw = Raw { places, ..Raw::default() };
    read_object(input, &mut raw).map_err(|error| FormatError::from_json(&error))?;
    if !raw.has_images {
        return Err(FormatError::NotThisFormat {
            reason: "there is no list \"images\", as COCO files have".to_owned(),
        });
    }
    raw.resolved()
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
    /// What the four numbers of a box are, where the file says it.
    box_format: Option<String>,
    seen: [u64; 3],
    /// Panoptic annotations, and the segments in them.
    segments: (u64, u64),
    places: Places,
    member: u64,
    /// The line of the element that is being reported about; 0 when it is not known.
    line: u64,
    /// Lists that are called almost like those of COCO.
    alike: Unread,
    /// Other lists, in the root or in images. They are of interest where no annotation was found.
    unread: Unread,
}

const LISTS: [&str; 3] = ["images", "annotations", "categories"];
/// Other lists that many files have.
const KNOWN: [&str; 3] = ["licenses", "videos", "tracks"];
/// The place of a field of the file itself.
const ROOT: &str = "the file";

/// What else writers put into a `bbox`.
const OTHERWISE: [meaning::Otherwise; 2] = [
    ("left, top, right and bottom (\"bbox_format\": \"ltrb\" in the file says so)", |[x, y, right, bottom]| {
        [x, y, right - x, bottom - y]
    }),
    ("the middle, width and height", meaning::from_middle),
];

struct Annotation {
    index: u64,
    line: u64,
    image: String,
    category: String,
    shape: Shape,
    /// The angle that CVAT gives a turned box in an attribute.
    degrees: f64,
    /// The area of an annotation that is only a box: width times height.
    area: Option<f64>,
    id: Option<RegionId>,
}

impl Members for Raw {
    const EXPECTED: &'static str = "a COCO object";

    fn member<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "info" => self.dataset.description = map.next_value::<Info>()?.0,
            "bbox_format" => self.box_format = name(Some(&map.next_value::<Value>()?)),
            "categories" => map.next_value_seed(List::new(|value: Value| self.category(&value)))?,
            "images" => {
                if std::mem::replace(&mut self.has_images, true) {
                    return Err(A::Error::custom("there are two lists \"images\""));
                }
                map.next_value_seed(List::new(|value: Value| self.image(value)))?;
            }
            "annotations" => map.next_value_seed(List::new(|value: Value| self.annotation(&value)))?,
            other => {
                let passed = map.next_value::<Passed>()?;
                let is_wanted = LISTS.iter().any(|list| is_like(other, list));
                match passed {
                    Passed::Rows | Passed::Object if is_wanted => self.alike.note(other, || ROOT.to_owned()),
                    Passed::Rows if !KNOWN.contains(&other) => self.unread.note(other, || ROOT.to_owned()),
                    _ => {}
                }
            }
        }
        self.member += 1;
        Ok(())
    }
}

impl Raw {
    fn report(&mut self, list: &str, index: u64, is_left_out: bool, reason: impl Into<String>) {
        self.dataset.report(place(list, index, self.line), is_left_out, reason);
    }

    /// The place of the next element of a list, whose line is that of the reports from now on.
    fn next(&mut self, list: usize) -> u64 {
        let index = self.seen[list];
        self.seen[list] += 1;
        self.line = self.places.line(self.member, index).unwrap_or(0);
        index
    }

    /// The index of a category's name, which is added when it is new.
    fn category_index(&mut self, name: &str) -> usize {
        self.category_names.index(&mut self.dataset.categories, name)
    }

    fn category(&mut self, value: &Value) -> Result<(), String> {
        let index = self.next(0);
        let Some(id) = id_text(value.get("id")) else {
            self.report("categories", index, true, "it has no id");
            return self.dataset.resume();
        };
        let name = match name(value.get("name")) {
            Some(name) => name,
            None => {
                let name = format!("category {id}");
                self.report("categories", index, false, format!("it has no name; it is named {name:?}"));
                name
            }
        };
        if self.category_names.contains(&name) {
            let reason = format!("there is already a category {name:?}; both become one tag");
            self.report("categories", index, false, reason);
        }
        if self.category_ids.contains_key(&id) {
            self.report("categories", index, true, format!("there is already a category with the id {id:.80}"));
            return self.dataset.resume();
        }
        let place = self.category_index(&name);
        self.category_ids.insert(id, place);
        self.dataset.resume()
    }

    fn image(&mut self, mut value: Value) -> Result<(), String> {
        let index = self.next(1);
        let Some(id) = id_text(value.get("id")) else {
            self.report("images", index, true, "it has no id");
            return self.dataset.resume();
        };
        let addresses = ["file_name", "coco_url", "absolute_url", "flickr_url"];
        let Some(address) = addresses.iter().find_map(|field| text(&value, field)) else {
            self.report("images", index, true, "it has neither a file_name nor a URL");
            return self.dataset.resume();
        };
        // The name that people know is the whole one.
        let line = self.line;
        let (file_name, elsewhere) = match image_of_name(address, || place("images", index, line)) {
            Ok(image) => (image.file_name, image.elsewhere),
            Err(reason) => {
                self.report("images", index, true, reason);
                return self.dataset.resume();
            }
        };
        if self.image_ids.contains_key(&id) {
            self.report("images", index, true, format!("there is already an image with the id {id:.80}"));
            return self.dataset.resume();
        }
        for name in rows_in(&value, "annotations", &[]) {
            self.unread.note(name, || place("images", index, line));
        }
        if !list(&value, "annotations").is_empty() {
            self.unread.note("annotations", || place("images", index, line));
        }
        let [width, height] = ["width", "height"].map(|field| pixel_side(number(value.get(field))));
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
            size: width.zip(height),
            boxes: Vec::new(),
            unit: BoxUnit::Pixels,
            id: facts.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok()),
            created: facts.get("created").and_then(Value::as_str).and_then(Timestamp::parse),
            tags: list(facts.get("tags")),
            metadata: facts.get("metadata").and_then(Value::as_object).map(pairs).unwrap_or_default(),
            elsewhere,
            needs_picture: false,
            packed: None,
        });
        self.dataset.resume()
    }

    fn annotation(&mut self, value: &Value) -> Result<(), String> {
        let index = self.next(2);
        let Some(image) = id_text(value.get("image_id")) else {
            self.report("annotations", index, true, "it has no image_id");
            return self.dataset.resume();
        };
        if value.get("segments_info").is_none() {
            self.mark(index, image, value);
            return self.dataset.resume();
        }
        let segments = list(value, "segments_info");
        self.segments.0 += 1;
        self.segments.1 += segments.len() as u64;
        segments.iter().for_each(|segment| self.mark(index, image.clone(), segment));
        self.dataset.resume()
    }

    /// Takes what marks something: an annotation, or a segment of a panoptic one.
    fn mark(&mut self, index: u64, image: String, value: &Value) {
        let shape = match shape::of(value) {
            Ok(shape) => shape,
            Err(reason) => return self.report("annotations", index, true, reason),
        };
        let category = id_text(value.get("category_id")).unwrap_or_default();
        let id = value.get("custom_vision_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let degrees = value.get("attributes").and_then(|attributes| number(attributes.get("rotation")));
        let degrees = degrees.unwrap_or_default();
        let is_bare =
            matches!(value.get("segmentation"), None | Some(Value::Null)) || list(value, "segmentation").is_empty();
        let area = number(value.get("area")).filter(|area| is_bare && *area > 1.0);
        self.annotations.push(Annotation { index, line: self.line, image, category, shape, degrees, area, id });
    }

    /// Puts the boxes on their images.
    fn resolved(mut self) -> Result<Dataset, FormatError> {
        let are_corners = match self.box_format.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("ltwh" | "xywh") => false,
            Some("ltrb" | "xyxy") => true,
            Some(other) => {
                let reason = format!("the bbox_format {other:.40?} is not supported; ltwh and ltrb are");
                return Err(FormatError::says(reason));
            }
        };
        let annotations = std::mem::take(&mut self.annotations);
        // Where nothing has a box, a category says what the whole image shows.
        let are_tags = annotations.iter().all(|annotation| annotation.shape == Shape::Image);
        let of_regions = if are_tags { 0 } else { self.seen[2] - self.segments.0 + self.segments.1 };
        self.dataset.counts_in = (self.seen[1], of_regions);
        let mut outlines = 0;
        for annotation in &annotations {
            self.line = annotation.line;
            let Some(&place) = self.image_ids.get(&annotation.image) else {
                let reason = format!("there is no image with the id {:.80}", annotation.image);
                self.report("annotations", annotation.index, true, reason);
                continue;
            };
            let mut bbox = match annotation.shape {
                Shape::Image if are_tags => {
                    self.tag(place, annotation);
                    continue;
                }
                Shape::Image => {
                    let reason = "it has neither a bbox nor a segmentation, although other annotations do";
                    self.report("annotations", annotation.index, true, reason);
                    continue;
                }
                Shape::Around(bbox) => {
                    outlines += 1;
                    bbox
                }
                Shape::Box(corners) if are_corners => meaning::from_corners(corners),
                Shape::Box(bbox) => bbox,
            };
            if let Some(round) = meaning::turned_round(bbox) {
                self.report("annotations", annotation.index, false, meaning::TURNED_ROUND);
                bbox = round;
            }
            if annotation.degrees.rem_euclid(360.0) != 0.0 && matches!(annotation.shape, Shape::Box(_)) {
                self.report("annotations", annotation.index, false, meaning::TURNED_BY_ATTRIBUTE);
                bbox = meaning::around_turned_in_place(bbox, annotation.degrees);
            }
            let category = self.category_of(annotation);
            let found = DatasetBox { category, bbox, id: annotation.id, created: None };
            self.dataset.images[place].boxes.push(found);
        }
        let expected = "the lists images, annotations and categories at the top level";
        let alike = std::mem::take(&mut self.alike).problems("field", expected);
        // Other programs add fields of their own, which are of no interest where annotations were found.
        let unread = std::mem::take(&mut self.unread).problems("field", expected);
        for (place, reason) in alike.chain(unread.filter(|_| annotations.is_empty())) {
            self.dataset.report(place, true, reason);
        }
        if self.segments.1 > 0 {
            let reason = format!(
                "panoptic segments whose boxes were read, without their masks, which are pictures: {}",
                self.segments.1
            );
            self.dataset.report("annotations", false, reason);
        }
        if outlines > 0 {
            self.dataset.report("annotations", false, format!("outlines converted to bounding boxes: {outlines}"));
        }
        let is_own = self.dataset.images.iter().any(|image| image.id.is_some());
        if !is_own && !are_corners && areas_are_of_corners(&annotations) {
            let reason = "the areas fit none of the boxes, and would fit all of them if their numbers were left, top, right \
                          and bottom (\"bbox_format\": \"ltrb\" in the file says so). They were read as left, top, width \
                          and height; check them";
            self.dataset.report("annotations", false, reason);
        }
        if !is_own {
            meaning::decide_unit(&mut self.dataset, "annotations");
            meaning::doubt(&mut self.dataset, "annotations", &OTHERWISE);
        }
        if are_tags && self.dataset.images.iter().any(|image| !image.tags.is_empty()) && !annotations.is_empty() {
            self.dataset.kind = Some(meaning::kind_of_tags(&self.dataset));
        }
        Ok(self.dataset)
    }

    /// Puts the category of an annotation without a box on its image.
    fn tag(&mut self, place: usize, annotation: &Annotation) {
        if annotation.category.is_empty() {
            return self.report("annotations", annotation.index, true, "it has neither a category nor a box");
        }
        let category = self.category_of(annotation);
        let name = self.dataset.categories[category].clone();
        let tags = &mut self.dataset.images[place].tags;
        if !tags.contains(&name) {
            tags.push(name);
        }
    }

    fn category_of(&mut self, annotation: &Annotation) -> usize {
        if let Some(&known) = self.category_ids.get(&annotation.category) {
            return known;
        }
        // Some writers put the name where the id belongs.
        if self.category_names.contains(&annotation.category) {
            let name = annotation.category.clone();
            return self.category_index(&name);
        }
        let name = match annotation.category.as_str() {
            "" => "no category".to_owned(),
            category => format!("category {category}"),
        };
        let reason = format!("its category is not in the file; it is named {name:?}");
        self.report("annotations", annotation.index, false, reason);
        self.category_index(&name)
    }
}

/// Whether the areas show that the numbers of the boxes are edges: all fit those, and none fits the sides.
fn areas_are_of_corners(annotations: &[Annotation]) -> bool {
    let mut has_any = false;
    annotations.iter().all(|annotation| {
        let (Shape::Box([x, y, third, fourth]), Some(area)) = (annotation.shape, annotation.area) else { return true };
        has_any = true;
        let is_area = |width: f64, height: f64| (width * height - area).abs() <= 0.01 * area;
        is_area(third - x, fourth - y) && !is_area(third, fourth)
    }) && has_any
}

fn place(list: &str, index: u64, line: u64) -> String {
    if line > 1 { format!("{list}[{index}] (line {line})") } else { format!("{list}[{index}]") }
}

/// The description in `info`, whatever else that is: it is passed over, not kept.
#[derive(Default)]
struct Info(Option<String>);

impl<'de> Deserialize<'de> for Info {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any_value(deserializer)
    }
}

impl<'de> AnyValue<'de> for Info {
    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut description = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "description" {
                description = map.next_value::<Value>()?.as_str().map(|text| text.trim().to_owned());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Self(description.filter(|text| !text.is_empty())))
    }
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

#[cfg(test)]
mod tests;
