//! Which fields of an example are its labels, and which ones are passed over.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::dataset::DatasetBuilder;
use crate::error::Quoted;

/// Names of the list of objects. Another name is taken when it holds boxes.
const OBJECTS: [&str; 2] = ["objects", "annotations"];
/// Names of boxes: of lists side by side with those of categories, or of a single one.
pub(super) const BOXES: [&str; 4] = ["bbox", "bboxes", "boxes", "box"];
/// Names of lists of categories.
pub(super) const CATEGORY_LISTS: [&str; 6] = ["categories", "category", "labels", "label", "tags", "classes"];
/// Names of labels of a whole picture.
const LABELS: [&str; 3] = ["label", "labels", "tags"];
/// Those that count where there is neither `label` nor `labels`; one of them.
const OTHER_LABELS: [&str; 3] = ["category", "class", "fine_label"];
/// What is no label, but of use.
const FACTS: [&str; 8] = ["file_name", "image_id", "split", "width", "height", "created", "metadata", "image_path"];
/// Fields that are remembered for a message, and those that it names.
const MOST_KNOWN: usize = 200;
const MOST_NAMED: usize = 12;

#[derive(Default)]
pub(super) struct Fields {
    /// The field of another name whose boxes are read.
    container: Option<String>,
    /// Whether an example had `label` or `labels`.
    has_label: bool,
    /// Whether an example had any field of labels, empty or not.
    is_found: bool,
    /// Fields that look like labels and were not read.
    ignored: BTreeSet<String>,
    /// All other fields that were not read.
    passed: BTreeSet<String>,
}

/// Whether a field of this name is read wherever it is.
pub(crate) fn is_known(name: &str) -> bool {
    [&OBJECTS[..], &BOXES, &CATEGORY_LISTS, &LABELS, &OTHER_LABELS, &FACTS].concat().contains(&name)
}

/// Whether a field of this name is one of boxes.
pub(crate) fn is_boxes(name: &str) -> bool {
    BOXES.contains(&name)
}

/// Whether the class label of a field gives its names to the dataset before its first example is read.
pub(super) fn is_of_labels(path: &str) -> bool {
    path.contains('.') || LABELS.contains(&path)
}

/// Whether a name is one that labels have.
pub(crate) fn looks_like_labels(name: &str) -> bool {
    let name = name.to_lowercase();
    let words = ["label", "bbox", "class", "categor", "annotation"];
    words.iter().any(|word| name.contains(word)) || name.starts_with("box") || name.ends_with("boxes")
}

fn holds_boxes(value: &Value) -> bool {
    let has_boxes = |value: &Value| BOXES.iter().any(|field| value.get(field).is_some());
    has_boxes(value) || value.get(0).is_some_and(has_boxes)
}

impl Fields {
    /// The field with the objects of an example.
    pub(super) fn objects<'e>(&mut self, example: &'e Value) -> Option<(&'e str, &'e Value)> {
        let fields = example.as_object()?;
        let usual = OBJECTS.iter().filter_map(|name| fields.get_key_value(*name));
        let usual = usual.min_by_key(|(_, value)| value.is_null());
        let other = || match &self.container {
            Some(known) => fields.get_key_value(known),
            // What a model says is no label.
            None => fields.iter().find(|(name, value)| holds_boxes(value) && !name.to_lowercase().contains("pred")),
        };
        let found = usual.or_else(other).map(|(name, value)| (name.as_str(), value));
        if let Some((name, _)) = found.filter(|(name, _)| !OBJECTS.contains(name)) {
            self.container.get_or_insert_with(|| name.to_owned());
        }
        self.is_found |= found.is_some();
        found
    }

    /// The field with boxes of the example itself.
    pub(super) fn boxes(&mut self, example: &Value) -> Option<&'static str> {
        let found = BOXES.into_iter().find(|name| example.get(name).is_some());
        self.is_found |= found.is_some();
        found
    }

    /// The fields with labels of the whole picture.
    pub(super) fn labels(&mut self, example: &Value) -> Vec<&'static str> {
        let is_there = |name: &&str| example.get(name).is_some();
        self.has_label |= LABELS[..2].iter().any(is_there);
        let mut found: Vec<&str> = LABELS.into_iter().filter(is_there).collect();
        if !self.has_label {
            found.extend(OTHER_LABELS.into_iter().find(is_there));
        }
        self.is_found |= !found.is_empty();
        found
    }

    pub(super) fn pass(&mut self, example: &Value, read: &[&str]) {
        for (name, value) in example.as_object().into_iter().flatten() {
            let is_empty = match value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                Value::String(text) => text.is_empty(),
                _ => false,
            };
            if !is_empty && !read.contains(&name.as_str()) && !FACTS.contains(&name.as_str()) {
                self.note(name, looks_like_labels(name));
            }
        }
    }

    pub(super) fn note(&mut self, name: &str, is_label: bool) {
        let known = if is_label { &mut self.ignored } else { &mut self.passed };
        if known.len() < MOST_KNOWN && !known.contains(name) {
            known.insert(name.to_owned());
        }
    }

    pub(super) fn report(&self, builder: &mut DatasetBuilder) {
        if let Some(name) = &self.container {
            builder.report("fields", false, format!("the boxes were read from the field {:.40}", Quoted(name)));
        }
        if !self.ignored.is_empty() {
            let reason = format!(
                "fields that look like labels were not read: {}; those that are needed must be called like label, objects or bbox",
                named(&self.ignored)
            );
            builder.report("fields", true, reason);
        }
        if !self.is_found && !builder.images().is_empty() {
            let all: BTreeSet<String> = self.ignored.union(&self.passed).cloned().collect();
            let others = if all.is_empty() { String::new() } else { format!("; other fields are {}", named(&all)) };
            builder.report("labels", false, format!("no labels were found, such as objects, bbox or label{others}"));
        }
    }
}

fn named(names: &BTreeSet<String>) -> String {
    let shown: Vec<String> = names.iter().take(MOST_NAMED).map(|name| format!("{:.40}", Quoted(name))).collect();
    let more = if names.len() > MOST_NAMED { " and others" } else { "" };
    format!("{}{more}", shown.join(", "))
}
