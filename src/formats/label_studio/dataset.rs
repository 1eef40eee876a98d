//! Tasks of Label Studio as they are found in the wild: pictures at any address, several annotators, labels of any
//! control, boxes and labels apart from each other, and the short form JSON-MIN.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, Read};

use serde_json::Value;

use super::regions::{self, Region, labels_in};
use crate::bounded::{Bounded, Places, read_list};
use crate::dataset::{BoxUnit, Dataset, DatasetBuilder, DatasetImage, image_of_name};
use crate::error::FormatError;
use crate::loose::{list, name, number, pixel_side, start, text};
use crate::unread::{Unread, rows_in};
use crate::xml::{Token, Tokens};

/// Fields of the short form that are about the task and not about the picture.
const ABOUT_TASK: [&str; 6] = ["id", "annotator", "annotation_id", "lead_time", "created_at", "updated_at"];

/// The labels of a labeling setup, in their order: those of boxes, then those of whole images.
///
/// # Errors
/// When it is no XML.
pub fn read_setup(input: impl BufRead) -> Result<Vec<String>, FormatError> {
    let mut tokens = Tokens::new(input);
    let (mut labels, mut choices) = (Vec::new(), Vec::new());
    loop {
        match tokens.next()? {
            Token::Open { name, attributes } if name == "Label" || name == "Choice" => {
                let value = attributes.into_iter().find(|(key, _)| key == "value").map(|(_, value)| value);
                let list = if name == "Label" { &mut labels } else { &mut choices };
                list.extend(value.filter(|value| !value.is_empty()));
            }
            Token::End => break,
            _ => {}
        }
    }
    labels.append(&mut choices);
    Ok(labels)
}

/// Lists of a task next to its annotations.
const BESIDE_ANNOTATIONS: [&str; 8] =
    ["completions", "predictions", "drafts", "comments", "comment_authors", "updated_by", "annotators", "reviewers"];
/// Lists of an annotation next to its result.
const BESIDE_RESULTS: [&str; 4] = ["reviews", "comments", "drafts", "history"];

/// Reads tasks; `labels` are those of the setup.
///
/// # Errors
/// When it is no list in JSON, or no element of it is a task.
pub fn read_dataset(input: impl Read, labels: &[String]) -> Result<Dataset, FormatError> {
    let mut input = Bounded::for_list(input);
    let places = input.places();
    let builder = DatasetBuilder::new(None, labels);
    let mut tasks = Tasks { builder, places, index: 0, found: 0, unread: Vec::new(), misnamed: Unread::default() };
    read_list(input, |task: Value| {
        match is_short(&task) {
            true => tasks.short(&task, labels),
            false => tasks.task(&task),
        }
        tasks.index += 1;
        tasks.builder.resume()
    })?;
    if tasks.index > 0 && tasks.found == 0 {
        return Err(FormatError::says("no task has picture \"data\", as Label Studio files do"));
    }
    for (place, reason) in std::mem::take(&mut tasks.misnamed).problems("field", "annotations, each with a result") {
        tasks.builder.report(place, true, reason);
    }
    if !tasks.unread.is_empty() {
        let reason = format!("fields that are not read: {}", start(&tasks.unread.join(", ")));
        tasks.builder.report("[0]", false, reason);
    }
    Ok(tasks.builder.finish())
}

/// Whether an element is a task about a picture, in the long or the short form.
pub fn is_task(task: &Value) -> bool {
    address_of(task).is_some()
}

/// Whether a task has the short form, JSON-MIN: data and results side by side.
fn is_short(task: &Value) -> bool {
    let is_own = ["annotator", "annotation_id", "lead_time"].iter().any(|field| task.get(field).is_some());
    let has_regions = || task.as_object().is_some_and(|task| task.values().any(are_regions));
    task.get("data").is_none() && task.get("annotations").is_none() && (is_own || has_regions())
}

fn are_regions(value: &Value) -> bool {
    let first = value.as_array().and_then(|list| list.first());
    first.is_some_and(|first| {
        first.is_object() && (!labels_in(first).is_empty() || first.get("original_width").is_some())
    })
}

/// The address of a task's picture: under the usual name, else the only text that ends like a picture.
fn address_of(task: &Value) -> Option<&str> {
    let data = match is_short(task) {
        true => task.as_object()?,
        false => task.get("data")?.as_object()?,
    };
    let usual = ["image", "img", "image_url", "url"].iter().find_map(|field| data.get(*field)?.as_str());
    usual.or_else(|| {
        let mut found = data.values().filter_map(Value::as_str).filter(|text| is_picture(text));
        found.next().filter(|_| found.next().is_none())
    })
}

struct Tasks {
    builder: DatasetBuilder,
    places: Places,
    index: u64,
    /// Tasks with a picture.
    found: u64,
    /// Fields of the short form that are not read.
    unread: Vec<String>,
    /// Fields of tasks and annotations without results.
    misnamed: Unread,
}

impl Tasks {
    /// The image of a task; `None` when it has none, which is noted.
    fn image(&mut self, place: &str, task: &Value) -> Option<DatasetImage> {
        self.builder.image_came_in();
        let Some(address) = address_of(task) else {
            self.builder.report(place, true, "it has no picture data");
            return None;
        };
        self.found += 1;
        match image_of_name(address, || place.to_owned()) {
            Ok(image) => Some(DatasetImage { unit: BoxUnit::Fractions, ..image }),
            Err(reason) => {
                self.builder.report(place, true, reason);
                None
            }
        }
    }

    fn task(&mut self, task: &Value) {
        let place = self.places.name("", 0, self.index);
        let Some(mut image) = self.image(&place, task) else { return };
        let service_id =
            task.get("data").and_then(|data| text(data, "custom_vision_id")).and_then(|id| id.parse().ok());
        image.id = service_id.or(image.id);
        let of_data = |field: &str| pixel_side(number(task.get("data").and_then(|data| data.get(field))));
        image.size = of_data("width").zip(of_data("height"));
        if let Some(split) = task.get("meta").and_then(|meta| text(meta, "split")) {
            image.metadata.push(("split".to_owned(), start(split)));
        }
        let results = self.results(&place, task);
        let apart = Apart::of(results);
        if let Some(reason) = doubt_about_several_pictures(task, results) {
            self.builder.report(place.clone(), false, reason);
        }
        let mut outlines = 0;
        for (at, result) in results.iter().enumerate() {
            let before = image.boxes.len();
            if let Some(reason) = reason_about_another_picture(result) {
                self.builder.report(format!("{place}.result[{at}]"), true, reason);
                continue;
            }
            let is_outline = self.result(format!("{place}.result[{at}]"), result, &apart, &mut image);
            outlines += usize::from(is_outline);
            // Ids of Label Studio itself are no ids of the service.
            if let (Some(made), Some(_)) = (image.boxes.get_mut(before), service_id) {
                made.id = text(result, "id").and_then(|id| id.parse().ok());
            }
        }
        if outlines > 0 {
            self.builder.report(place, false, format!("outlines converted to bounding boxes: {outlines}"));
        }
        self.builder.push(image);
    }

    /// A task of the short form: each field is the results of a control, or data of the task.
    fn short(&mut self, task: &Value, labels: &[String]) {
        let place = self.places.name("", 0, self.index);
        let Some(mut image) = self.image(&place, task) else { return };
        let address = address_of(task).unwrap_or_default();
        for (field, value) in task.as_object().into_iter().flatten() {
            let inside = format!("{place}.{field}");
            match value {
                _ if ABOUT_TASK.contains(&field.as_str()) => {}
                Value::String(text) if text == address => {}
                Value::String(text)
                    if labels.contains(text) || matches!(field.as_str(), "choice" | "label" | "class") =>
                {
                    self.builder.tag(&mut image, text, || inside);
                }
                value if !list(value, "choices").is_empty() => {
                    for choice in list(value, "choices").iter().filter_map(Value::as_str) {
                        self.builder.tag(&mut image, choice, || inside.clone());
                    }
                }
                value if are_regions(value) => regions::take(&mut self.builder, &mut image, &inside, value),
                Value::Null | Value::Number(_) | Value::Bool(_) => {}
                _ if self.unread.contains(field) || self.unread.len() > 20 => {}
                _ => self.unread.push(field.clone()),
            }
        }
        self.builder.push(image);
    }

    /// What counts as the truth, else what the first annotator has drawn who did not give up.
    fn results<'a>(&mut self, place: &str, task: &'a Value) -> &'a [Value] {
        let all = match list(task, "annotations") {
            // As earlier versions called them.
            [] => list(task, "completions"),
            annotations => annotations,
        };
        for field in ["annotations", "completions"] {
            if task.get(field).is_some_and(|found| !found.is_array() && !found.is_null()) {
                self.builder.report(place, true, format!("its {field} are not a list"));
            }
        }
        if all.is_empty() {
            for name in rows_in(task, "annotations", &BESIDE_ANNOTATIONS) {
                self.misnamed.note(name, || place.to_owned());
            }
        }
        if all.iter().any(|annotation| !annotation.is_object()) {
            let reason = "its annotations are only numbers, without what was drawn; export the project as JSON";
            self.builder.report(place, true, reason);
        }
        let is = |annotation: &Value, field: &str| annotation.get(field).and_then(Value::as_bool) == Some(true);
        let objects: Vec<&Value> = all.iter().filter(|annotation| annotation.is_object()).collect();
        let (cancelled, valid): (Vec<&Value>, Vec<&Value>) =
            objects.into_iter().partition(|annotation| is(annotation, "was_cancelled"));
        let truth = valid.iter().find(|annotation| is(annotation, "ground_truth"));
        let first = truth.or(valid.first()).copied();
        if valid.len() > 1 {
            let reason = format!("additional annotations, not read: {}", valid.len() - 1);
            self.builder.report(place, true, reason);
        }
        let given_up = cancelled.iter().filter(|annotation| !list(annotation, "result").is_empty()).count();
        if first.is_none() && given_up > 0 {
            let reason =
                format!("its annotations were skipped by the annotator (was_cancelled) and are not read: {given_up}");
            self.builder.report(place, true, reason);
        }
        let predictions = list(task, "predictions").len();
        if first.is_none() && predictions > 0 {
            let reason = format!(
                "it has no annotation, only model predictions, which are not read ({predictions}); accept them in \
                 Label Studio first"
            );
            self.builder.report(place, true, reason);
        }
        let drafts = list(task, "drafts").len();
        if first.is_none() && drafts > 0 {
            let reason = format!(
                "it has no annotations, only drafts, which are not read ({drafts}); submit them in Label Studio first"
            );
            self.builder.report(place, true, reason);
        }
        let Some(annotation) = first else { return &[] };
        let results = list(annotation, "result");
        if results.is_empty() {
            for name in rows_in(annotation, "result", &BESIDE_RESULTS) {
                self.misnamed.note(name, || format!("{place}.annotations"));
            }
        }
        results
    }

    /// Takes a result; whether it was an outline.
    fn result(&mut self, place: String, result: &Value, apart: &Apart, image: &mut DatasetImage) -> bool {
        let value = result.get("value").unwrap_or(&Value::Null);
        let kind = text(result, "type").unwrap_or_default();
        let id = name(result.get("id")).unwrap_or_default();
        let is_region = is_region(kind, value);
        match kind {
            "choices" | "taxonomy" => {
                let choices = list(value, "choices").iter().chain(list(value, "taxonomy").iter().filter_map(last_of));
                let choices: Vec<&str> = choices.filter_map(Value::as_str).collect();
                if apart.shapes.contains(&id) || value.get("x").is_some() || value.get("points").is_some() {
                    let reason = format!(
                        "the choice {:?} of a region is not read: boxes have one tag each",
                        start(&choices.join(", "))
                    );
                    self.builder.report(place, true, reason);
                    return false;
                }
                for choice in choices {
                    self.builder.tag(image, choice, || place.clone());
                }
                false
            }
            // These were given to the region of the same id.
            "labels" if apart.shapes.contains(&id) => false,
            _ if !is_region => {
                self.builder.report(place, true, format!("a result of type {:?} is not supported", start(kind)));
                false
            }
            kind => {
                let labels = apart.labels.get(&id).cloned().unwrap_or_default();
                Region { kind, value, around: result, labels }.put(&mut self.builder, image, &place)
            }
        }
    }
}

/// The doubt about a task with several pictures, each in a field of its own: the file does not say which results are about
/// which of them.
fn doubt_about_several_pictures(task: &Value, results: &[Value]) -> Option<String> {
    let data = task.get("data")?.as_object()?;
    let address = address_of(task)?;
    let is_another = |value: &Value| value.as_str().is_some_and(|text| text != address && is_picture(text));
    let others: Vec<&str> =
        data.iter().filter(|(_, value)| is_another(value)).map(|(field, _)| field.as_str()).collect();
    if others.is_empty() || results.is_empty() {
        return None;
    }
    let others = start(&others.join(", "));
    Some(format!(
        "it has other pictures as well ({others}), which are not read. The file does not say which picture a region is on, so \
         all of them were put on the one that was read; check them"
    ))
}

/// Whether a text ends like the name of a picture.
fn is_picture(text: &str) -> bool {
    let end = text.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(end.as_str(), "jpg" | "jpeg" | "png" | "bmp" | "gif" | "webp" | "tif" | "tiff")
}

/// Why a result is not about the picture of its task: a task may have a list of pictures, of which the first is read.
fn reason_about_another_picture(result: &Value) -> Option<String> {
    let number = result.get("item_index").or_else(|| result.get("value")?.get("item_index"))?.as_u64()?;
    (number > 0).then(|| {
        format!("it is on picture {} of its task; a task is read as one image, with the first picture", number + 1)
    })
}

/// The last name on the way to a leaf of a taxonomy.
fn last_of(way: &Value) -> Option<&Value> {
    way.as_array()?.last()
}

/// Whether a result is a region; a relation or a rating is none.
fn is_region(kind: &str, value: &Value) -> bool {
    kind != "choices" && ["x", "points", "format", "rle"].iter().any(|field| value.get(field).is_some())
}

/// Regions and labels that are results of their own with the id of the region.
struct Apart {
    shapes: HashSet<String>,
    labels: HashMap<String, Vec<String>>,
}

impl Apart {
    fn of(results: &[Value]) -> Self {
        let mut apart = Self { shapes: HashSet::new(), labels: HashMap::new() };
        for result in results {
            let Some(id) = name(result.get("id")) else { continue };
            let value = result.get("value").unwrap_or(&Value::Null);
            match text(result, "type").unwrap_or_default() {
                "labels" => {
                    apart.labels.insert(id, labels_in(value));
                }
                "choices" | "taxonomy" | "rating" | "textarea" | "number" => {}
                kind if is_region(kind, value) => {
                    apart.shapes.insert(id);
                }
                _ => {}
            }
        }
        apart
    }
}

#[cfg(test)]
mod tests;
