//! An image a line, in the form of the prediction service, so that the file can be read as predictions again.

use std::io::{self, Write};

use serde::Serialize;

use super::{Outcomes, WrittenOutcomes};
use domain::evaluation::{JudgedItem, Outcome};
use domain::{ImageId, ImageView, PredictionView, RegionId, TagId, UnitRect};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    image_id: ImageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<&'a str>,
    predictions: Vec<Predicted<'a>>,
    missed: Vec<Missed<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Predicted<'a> {
    probability: f64,
    tag_id: TagId,
    tag_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bounding_box: Option<Sides>,
    /// `null`: not compared.
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_id: Option<RegionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iou: Option<f32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Missed<'a> {
    tag_id: TagId,
    tag_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_id: Option<RegionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bounding_box: Option<Sides>,
}

#[derive(Serialize)]
struct Sides {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

impl From<UnitRect> for Sides {
    fn from(UnitRect { left, top, width, height }: UnitRect) -> Self {
        Self { left, top, width, height }
    }
}

pub(super) fn write(outcomes: &Outcomes<'_>, out: &mut dyn Write) -> io::Result<WrittenOutcomes> {
    let mut written = WrittenOutcomes::default();
    for image in outcomes.image_views() {
        let items = outcomes.judged.items(image);
        let line = Line {
            image_id: image.id(),
            file_name: image.name(),
            predictions: outcomes.judged.predictions.of(image.ix).map(|one| predicted(outcomes, &one)).collect(),
            missed: items.filter_map(|item| missed(outcomes, &image, &item)).collect(),
        };
        written.predictions += line.predictions.len() as u64;
        written.missed += line.missed.len() as u64;
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(written)
}

/// A prediction with its outcome, which is the same from whatever score on predictions count.
fn predicted<'a>(outcomes: &Outcomes<'a>, one: &PredictionView) -> Predicted<'a> {
    let tags = outcomes.catalogue.tags();
    let (entry, matches) = (tags.get(one.tag), &outcomes.judged.matches);
    let has_boxes = outcomes.judged.predictions.has_boxes();
    let fate = matches.fate(one.at);
    let label = fate.and_then(|fate| outcomes.catalogue.region(fate.label?));
    let label_tag = label.map(|label| label.tag).or_else(|| matches.label_tag(one.at));
    Predicted {
        probability: one.score,
        tag_id: entry.id,
        tag_name: &entry.name,
        bounding_box: has_boxes.then(|| one.rect.into()),
        outcome: fate.map(|fate| fate.outcome.name()),
        label_id: label.map(|label| label.id),
        label_tag: label_tag.map(|tag| &*tags.get(tag).name),
        iou: fate.filter(|_| has_boxes).map(|fate| fate.iou),
    }
}

fn missed<'a>(outcomes: &Outcomes<'a>, image: &ImageView<'_>, item: &JudgedItem) -> Option<Missed<'a>> {
    if item.prediction.is_some() || item.outcome != Some(Outcome::Missed) {
        return None;
    }
    let entry = outcomes.catalogue.tags().get(item.label?);
    let region = item.region.and_then(|ix| image.regions().find(|region| region.ix == ix));
    Some(Missed {
        tag_id: entry.id,
        tag_name: &entry.name,
        label_id: region.map(|region| region.id),
        bounding_box: region.map(|region| region.rect.into()),
    })
}
