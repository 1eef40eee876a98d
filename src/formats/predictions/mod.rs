//! Predictions of other people's models, from files: COCO results, COCO datasets whose annotations have scores, YOLO rows
//! with a confidence, and lines of the prediction service and of Azure Machine Learning.
//!
//! A reader here only understands a file. What it finds goes to a [`Joiner`], which knows the images and tags of a project,
//! keeps what belongs to them as a column ([`Predictions`](domain::Predictions)), and itemizes what does not. An element
//! that cannot be used costs only itself; a file that cannot be parsed to its end is refused as a whole.

mod coco;
mod join;
mod labels;
mod lines;
mod names;
pub mod outcomes;

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::bounded::in_blocks;
use super::error::FormatError;

pub use coco::{read_results, read_scored};
pub use join::{Area, ImageKey, Joined, Joiner, TagKey};
pub use labels::{CocoLabels, read_labels};
pub use lines::{read_lines, read_list, read_rows_of};

/// Predictions of one set at most: what many models give for the most images a project may have.
pub const MOST_PREDICTIONS: usize = 20_000_000;

/// What a file of predictions is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PredictionFormat {
    /// A list of `image_id`, `category_id`, `bbox` and `score`.
    CocoResults,
    /// A COCO dataset. Its annotations are predictions if they have a `score`.
    Coco,
    /// An image a line, with `predictions`, or with Azure ML's `boxes` or `probs`.
    Lines,
    /// The same images in one list.
    List,
}

/// Says what a JSON file is, by the first names in it. Nothing is read beyond them.
///
/// # Errors
/// When it is none of the formats, or is broken before that shows.
pub fn recognize(input: impl Read) -> Result<PredictionFormat, FormatError> {
    let mut found = Seen::default();
    let mut deserializer = serde_json::Deserializer::from_reader(in_blocks(input));
    let result = deserializer.deserialize_any(Look(&mut found));
    match (found.format, result) {
        (Some(format), _) => Ok(format),
        (None, Err(error)) if error.is_eof() && !found.has_begun => Err(FormatError::says("there is nothing")),
        (None, Err(error)) if !found.has_begun && !error.is_io() => Err(FormatError::says(
            "there is no JSON; predictions are COCO results, a JSON list or JSON lines of images with \"predictions\", \
             \"boxes\" or \"probs\", or a folder of YOLO label files with a confidence in each row",
        )),
        (None, Err(error)) => Err(FormatError::from_json(&error)),
        (None, Ok(())) => Err(FormatError::says(
            "there are neither predictions nor COCO results: no \"predictions\", \"boxes\" or \"probs\", no list of \
             \"image_id\", \"category_id\", \"bbox\" and \"score\"",
        )),
    }
}

/// Why a file cannot be parsed. Programs in Python write `NaN` where a number is missing.
fn refused(error: &serde_json::Error) -> FormatError {
    match FormatError::from_json(error) {
        FormatError::Unreadable { reason, line, column } if reason == "expected value" => {
            let reason = "expected a value; NaN and Infinity are not allowed in JSON".to_owned();
            FormatError::Unreadable { reason, line, column }
        }
        other => other,
    }
}

#[derive(Default)]
struct Seen {
    has_begun: bool,
    format: Option<PredictionFormat>,
}

/// Looks at the names of the root, or of the first element of a list.
struct Look<'a>(&'a mut Seen);

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.has_begun = true;
        while let Some(key) = map.next_key::<String>()? {
            let format = match key.as_str() {
                "predictions" | "boxes" | "probs" => PredictionFormat::Lines,
                "annotations" | "images" | "categories" => PredictionFormat::Coco,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            self.0.format = Some(format);
            return Err(A::Error::custom("known"));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.has_begun = true;
        match list.next_element::<FirstOfList>()? {
            // No results are results.
            None | Some(FirstOfList { has_results: true, .. }) => self.0.format = Some(PredictionFormat::CocoResults),
            Some(FirstOfList { has_predictions: true, .. }) => self.0.format = Some(PredictionFormat::List),
            Some(_) => return Ok(()),
        }
        Err(A::Error::custom("known"))
    }
}

/// What the first element of a list has.
#[derive(Default)]
struct FirstOfList {
    has_results: bool,
    has_predictions: bool,
}

impl<'de> Deserialize<'de> for FirstOfList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let element = serde_json::Map::deserialize(deserializer)?;
        let has = |names: &[&str]| names.iter().any(|name| element.contains_key(*name));
        let has_predictions = has(&["predictions", "boxes", "probs"]);
        Ok(Self { has_results: !has_predictions && has(&["score", "bbox", "category_id"]), has_predictions })
    }
}

#[cfg(test)]
mod tests;

/// Groups that are distinguished.
const MOST_GROUPS: usize = 10_000;

/// Predictions that were not used for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Number of predictions.
    pub count: u64,
    /// Where the first one is, in the file's own terms.
    pub first: String,
}

/// What was not used, by the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skips {
    groups: BTreeMap<String, Group>,
    count: u64,
    /// Reasons beyond those that are kept.
    others: u64,
}

impl Skips {
    pub fn add(&mut self, reason: String, place: impl FnOnce() -> String) {
        self.count += 1;
        if let Some(group) = self.groups.get_mut(&reason) {
            group.count += 1;
        } else if self.groups.len() < MOST_GROUPS {
            self.groups.insert(reason, Group { count: 1, first: place() });
        } else {
            self.others += 1;
        }
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// The reasons in the order of their words.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = (&str, &Group)> {
        self.groups.iter().map(|(reason, group)| (reason.as_str(), group))
    }

    /// A sentence a reason, at most `most`, and one for the rest.
    pub fn sentences(&self, most: usize) -> Vec<String> {
        let mut sentences: Vec<String> =
            self.groups().take(most).map(|(reason, group)| sentence(reason, group)).collect();
        let told: u64 = self.groups().take(most).map(|(_, group)| group.count).sum();
        if self.count > told {
            sentences.push(format!("{} more predictions were skipped for other reasons.", self.count - told));
        }
        sentences
    }
}

fn sentence(reason: &str, Group { count, first }: &Group) -> String {
    match count {
        1 => format!("{first}: skipped a prediction: {reason}."),
        _ => format!("{first}: skipped {count} predictions; the reason for the first: {reason}."),
    }
}
