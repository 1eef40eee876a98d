//! A row for each prediction that counts, and one for each label that is missed.

use std::io::{self, Write};

use super::{Outcomes, Written};
use crate::csv::of_csv;
use crate::spreadsheet::{Cells, cell};
use domain::evaluation::Pixels;
use domain::evaluation::{Item, Outcome};
use domain::{ImageView, PixelRect, TagIx};

/// The columns. `left` to `height` are in pixels of the picture; `label_tag`, `label_id` and `iou` are those of the label
/// that the prediction has found, lies on or is near to, and in the row of a missed label the label's own.
pub const COLUMNS: [&str; 12] = [
    "image_id",
    "file_name",
    "outcome",
    "tag",
    "score",
    "left",
    "top",
    "width",
    "height",
    "label_tag",
    "label_id",
    "iou",
];

pub(super) fn write(outcomes: &Outcomes<'_>, cells: Cells, out: &mut dyn Write) -> io::Result<Written> {
    let mut written = Written::default();
    let mut sheet = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    sheet.write_record(COLUMNS).map_err(of_csv)?;
    for image in outcomes.image_views() {
        for item in outcomes.judged.items(image) {
            let Some(outcome) = item.outcome else { continue };
            match item.prediction {
                Some(_) => written.predictions += 1,
                None => written.missed += 1,
            }
            sheet.write_record(row(outcomes, &image, &item, outcome, cells)).map_err(of_csv)?;
        }
    }
    sheet.flush()?;
    Ok(written)
}

fn row(outcomes: &Outcomes<'_>, image: &ImageView<'_>, item: &Item, outcome: Outcome, cells: Cells) -> [String; 12] {
    let label = item.region.and_then(|ix| outcomes.catalogue.region(ix));
    let text = |text: &str| cell(text, cells).into_owned();
    let name = |tag: Option<TagIx>| tag.map(|tag| text(&outcomes.catalogue.tags().get(tag).name)).unwrap_or_default();
    let label_tag = label.map(|label| label.tag).or(item.label);
    let rect = match item.prediction {
        Some(one) => outcomes.judged.predictions.has_boxes().then_some(one.rect),
        None => label.map(|label| label.rect),
    };
    let [left, top, width, height] = match rect.map(|rect| Pixels::of(image).rect(rect)) {
        Some(PixelRect { x, y, width, height }) => [x, y, width, height].map(|side| side.to_string()),
        None => Default::default(),
    };
    [
        image.id().to_string(),
        text(image.name().unwrap_or_default()),
        outcome.name().to_owned(),
        name(item.prediction.map(|one| one.tag).or(label_tag)),
        item.prediction.map(|one| one.score.to_string()).unwrap_or_default(),
        left,
        top,
        width,
        height,
        name(label_tag),
        label.map(|label| label.id.to_string()).unwrap_or_default(),
        item.iou.filter(|_| rect.is_some()).map(|iou| iou.to_string()).unwrap_or_default(),
    ]
}
