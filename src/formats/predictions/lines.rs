//! An image with its predictions: as the prediction service and Tagscope's archives write it (`predictions`), and as Azure
//! Machine Learning does (`boxes`, or `labels` with `probs`). One a line, or all in a list.

use std::io::{BufRead, Read};

use serde::Deserialize;

use super::join::{Area, ImageKey, Joiner, TagKey};
use super::refused;
use crate::bounded::{Bounded, List};
use crate::error::FormatError;
use crate::lines::Metered;
use crate::loose::{Id, Loose};
use crate::yolo::dataset::read_rows;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ImageLine {
    #[serde(alias = "image_id")]
    image_id: Id,
    #[serde(alias = "file_name", alias = "filename", alias = "image_url", alias = "imageUrl")]
    file_name: Id,
    image: Id,
    id: Id,
    #[serde(alias = "projectId")]
    project: Id,
    predictions: Option<Vec<ServicePrediction>>,
    boxes: Option<Vec<AzureBox>>,
    labels: Option<Vec<Id>>,
    probs: Option<Vec<Loose>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct ServicePrediction {
    #[serde(alias = "score", alias = "confidence")]
    probability: Loose,
    tag_id: Id,
    #[serde(alias = "tag", alias = "label")]
    tag_name: Id,
    #[serde(alias = "region")]
    bounding_box: Option<ServiceBox>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ServiceBox {
    left: Loose,
    top: Loose,
    width: Loose,
    height: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AzureBox {
    #[serde(rename = "box")]
    corners: Option<AzureCorners>,
    label: Id,
    score: Loose,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AzureCorners {
    top_x: Loose,
    top_y: Loose,
    bottom_x: Loose,
    bottom_y: Loose,
}

impl ImageLine {
    /// The image: what is named as one before what is only an id. The prediction service's own `id` is that of the answer.
    fn key(&self) -> Option<&str> {
        let all = [&self.image_id, &self.file_name, &self.image, &self.id];
        all.into_iter().map(|id| id.0.as_str()).find(|text| !text.is_empty()).map(file_name_of)
    }

    fn take(&self, place: &str, joiner: &mut Joiner<'_>) -> Result<(), String> {
        if !self.project.0.is_empty() {
            joiner.check_project(&self.project.0)?;
        }
        let Some(key) = self.key() else {
            joiner.skip(|| place.to_owned(), "it has no image, image_id, file_name or id");
            return Ok(());
        };
        let image = ImageKey::Text(key);
        joiner.note(image);
        let at = |list: &str, index: usize| format!("{place}: {list}[{index}]");
        let mut is_any = false;
        for (index, one) in self.predictions.iter().flatten().enumerate() {
            is_any = true;
            let name = Some(one.tag_name.0.as_str()).filter(|name| !name.is_empty());
            let tag = match (one.tag_id.0.parse(), name) {
                (Ok(id), name) => TagKey::Id(id, name),
                (Err(_), Some(name)) => TagKey::Name(name),
                (Err(_), None) => {
                    joiner.skip(|| at("predictions", index), "it has neither a tagId nor a tagName");
                    continue;
                }
            };
            let number = |side: &Loose| side.0.unwrap_or(f64::NAN);
            let area = one
                .bounding_box
                .as_ref()
                .map(|sides| Area::Fractions([&sides.left, &sides.top, &sides.width, &sides.height].map(number)));
            joiner.add(|| at("predictions", index), image, tag, one.probability.0, area)?;
        }
        for (index, one) in self.boxes.iter().flatten().enumerate() {
            is_any = true;
            let number = |side: &Loose| side.0.unwrap_or(f64::NAN);
            let area = one.corners.as_ref().map(|corners| {
                let sides = [&corners.top_x, &corners.top_y, &corners.bottom_x, &corners.bottom_y];
                Area::Fractions(crate::meaning::from_corners(sides.map(number)))
            });
            joiner.add(|| at("boxes", index), image, TagKey::Name(&one.label.0), one.score.0, area)?;
        }
        if let (Some(labels), Some(probs)) = (&self.labels, &self.probs) {
            is_any = true;
            if labels.len() != probs.len() {
                joiner.skip(|| place.to_owned(), "it has another number of labels than of probs");
                return Ok(());
            }
            for (index, (label, prob)) in labels.iter().zip(probs).enumerate() {
                joiner.add(|| at("labels", index), image, TagKey::Name(&label.0), prob.0, None)?;
            }
        }
        let is_empty = self.predictions.is_some() || self.boxes.is_some();
        if !is_any && !is_empty {
            joiner.skip(|| place.to_owned(), "it has no predictions, boxes or labels with probs");
        }
        Ok(())
    }
}

/// An address without its host and query, which may hold a signature.
fn file_name_of(text: &str) -> &str {
    match text.split_once("://") {
        Some((_, rest)) => rest.split(['?', '#']).next().unwrap_or(rest),
        None => text,
    }
}

/// Reads one image a line; `file` is its name in reports.
///
/// # Errors
/// When a line is not JSON of this form, or there are too many predictions: with the line.
pub fn read_lines(input: impl BufRead, file: &str, joiner: &mut Joiner<'_>) -> Result<(), FormatError> {
    let mut input = Metered::new(input);
    let mut text = Vec::new();
    for number in 1.. {
        input.begin();
        text.clear();
        let count = input.read_until(b'\n', &mut text);
        if count.map_err(|error| FormatError::Files { reason: format!("{error} (line {number})") })? == 0 {
            return Ok(());
        }
        if text.trim_ascii().is_empty() {
            continue;
        }
        let line: ImageLine = serde_json::from_slice(text.trim_ascii()).map_err(|error| match refused(&error) {
            FormatError::Unreadable { reason, column, .. } => FormatError::Unreadable { reason, line: number, column },
            other => other,
        })?;
        let broken = |reason| FormatError::Unreadable { reason, line: number, column: 1 };
        line.take(&format!("{file}: line {number}"), joiner).map_err(broken)?;
    }
    Ok(())
}

/// Reads a list of images; `file` is its name in reports.
///
/// # Errors
/// When it cannot be parsed to its end, or there are too many predictions.
pub fn read_list(input: impl Read, file: &str, joiner: &mut Joiner<'_>) -> Result<(), FormatError> {
    let mut input = Bounded::for_list(input);
    let places = input.places();
    let input = std::io::BufReader::with_capacity(1 << 16, input);
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    let mut index = 0_u64;
    let images = List::new(|line: ImageLine| {
        let place = places.name(&format!("{file}: "), 0, index);
        index += 1;
        line.take(&place, joiner)
    });
    serde::de::DeserializeSeed::deserialize(images, &mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| refused(&error))
}

/// Reads the rows for an image, which is named by the file's own name without extension; `file` is the name in reports.
///
/// # Errors
/// In words, when there are too many predictions.
pub fn read_rows_of(text: &str, image: &str, file: &str, joiner: &mut Joiner<'_>) -> Result<(), String> {
    for (line, row) in read_rows(text, false) {
        let place = || format!("{file}: line {line}");
        match row {
            Ok(row) if row.score.is_none() => {
                joiner.skip(place, "the row has no confidence after its box");
            }
            Ok(row) => {
                let (tag, area) = (TagKey::Class(row.class), Area::Fractions(row.bbox));
                joiner.add(place, ImageKey::Text(image), tag, row.score, Some(area))?;
            }
            Err(reason) => joiner.skip(place, reason),
        }
    }
    Ok(())
}
