//! Predictions and what becomes of them, as files: a table for people, lines with everything, and COCO results.

mod coco;
mod lines;
mod numbers;
mod table;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::Path;

use domain::evaluation::Judged;
use domain::{Catalogue, ImageIx, ImageView};

pub use numbers::CocoNumbers;
pub use table::COLUMNS;

use crate::spreadsheet::Cells;

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
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Lines, Self::CocoResults];

    /// The ending of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Lines => "jsonl",
            Self::CocoResults => "json",
        }
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Lines => "JSON lines",
            Self::CocoResults => "COCO results",
        }
    }

    /// The format of a file with this name; `None`: the name has another ending.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        Self::ALL.into_iter().find(|kind| kind.extension().eq_ignore_ascii_case(extension))
    }
}

/// Predictions on some images, and what becomes of them.
#[derive(Clone, Copy, Debug)]
pub struct Outcomes<'a> {
    /// The images and labels.
    pub catalogue: &'a Catalogue,
    /// The images that are compared, in their order.
    pub images: &'a [ImageIx],
    /// The predictions, and the score from which on they count.
    pub judged: &'a Judged,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Predictions.
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
    pub fn write(&self, format: &OutcomeFormat, out: &mut dyn Write) -> io::Result<Written> {
        match format {
            OutcomeFormat::Csv(cells) => table::write(self, *cells, out),
            OutcomeFormat::Lines => lines::write(self, out),
            OutcomeFormat::CocoResults(numbers) => coco::write(self, numbers, out),
        }
    }
}
