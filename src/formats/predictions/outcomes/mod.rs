//! Predictions and what becomes of them, as files: a table for people, with a row for each prediction that counts and each
//! missed label; lines with everything; and COCO results.

mod coco;
mod lines;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::Path;

use crate::csv::csv_failure;
use crate::spreadsheet::{Cells, cell};
use domain::evaluation::{JudgedItem, JudgedPredictions, Outcome, Pixels};
use domain::{Catalogue, ImageIx, ImageView, PixelRect, TagIx};

pub use coco::CocoNumbers;

/// How predictions and their outcomes are saved.
#[derive(Clone, Debug)]
pub enum OutcomeFormat {
    /// A row for each prediction that counts and each missed label, by RFC 4180, with [`COLUMNS`] as its head.
    Csv(Cells),
    /// An image a line: all its predictions, whatever their score, and the labels that it misses. Tagscope can read it.
    Lines,
    /// A list of `image_id`, `category_id`, `bbox` and `score`: all predictions, whatever their score.
    CocoResults(CocoNumbers),
}

/// The format that a file name asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeKind {
    /// [`OutcomeFormat::Csv`]: `.csv`.
    Csv,
    /// [`OutcomeFormat::Lines`]: `.jsonl`.
    Lines,
    /// [`OutcomeFormat::CocoResults`]: `.json`.
    CocoResults,
}

impl OutcomeKind {
    pub const ALL: [Self; 3] = [Self::Csv, Self::Lines, Self::CocoResults];

    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Lines => "jsonl",
            Self::CocoResults => "json",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Lines => "JSON lines",
            Self::CocoResults => "COCO results",
        }
    }

    /// The format of a file with this name; `None`: the name has another ending.
    pub fn from_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        Self::ALL.into_iter().find(|kind| kind.extension().eq_ignore_ascii_case(extension))
    }
}

/// Predictions on some images, and what becomes of them.
#[derive(Clone, Copy, Debug)]
pub struct Outcomes<'a> {
    pub catalogue: &'a Catalogue,
    /// The images that are compared, in their order.
    pub images: &'a [ImageIx],
    /// The predictions, and the score from which on they count.
    pub judged: &'a JudgedPredictions,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WrittenOutcomes {
    pub predictions: u64,
    /// Labels that no prediction of their tag has found.
    pub missed: u64,
    /// Predictions that COCO results have no number for: their image or tag is not in the labels.
    pub unnumbered: u64,
}

impl<'a> Outcomes<'a> {
    fn image_views(&self) -> impl Iterator<Item = ImageView<'a>> {
        let Self { catalogue, images, .. } = *self;
        images.iter().filter_map(|ix| catalogue.get(*ix))
    }

    /// Writes the file.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write(&self, format: &OutcomeFormat, out: &mut dyn Write) -> io::Result<WrittenOutcomes> {
        match format {
            OutcomeFormat::Csv(cells) => write_table(self, *cells, out),
            OutcomeFormat::Lines => lines::write(self, out),
            OutcomeFormat::CocoResults(numbers) => coco::write(self, numbers, out),
        }
    }
}

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

fn write_table(outcomes: &Outcomes<'_>, cells: Cells, out: &mut dyn Write) -> io::Result<WrittenOutcomes> {
    let mut written = WrittenOutcomes::default();
    let mut sheet = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    sheet.write_record(COLUMNS).map_err(csv_failure)?;
    for image in outcomes.image_views() {
        for item in outcomes.judged.items(image) {
            let Some(outcome) = item.outcome else { continue };
            match item.prediction {
                Some(_) => written.predictions += 1,
                None => written.missed += 1,
            }
            sheet.write_record(row(outcomes, &image, &item, outcome, cells)).map_err(csv_failure)?;
        }
    }
    sheet.flush()?;
    Ok(written)
}

fn row(
    outcomes: &Outcomes<'_>,
    image: &ImageView<'_>,
    item: &JudgedItem,
    outcome: Outcome,
    cells: Cells,
) -> [String; 12] {
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
