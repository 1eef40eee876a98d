//! Parquet: a row an image with its picture, in `data/`, as DuckDB, pandas, Spark and Ray read it. The file says in the
//! terms of Hugging Face's library what its columns are, so that it shows pictures and classes without a script.
//!
//! A file ends with the row group that reaches the limit of its bytes, and a row group is written when its pictures reach
//! another: neither the writer's memory nor that of a reader grows with the images. Dates are to the microsecond.

pub mod dataset;
mod features;
mod groups;
mod leaf;
mod lengths;
mod rows;
mod table;
mod writer;

pub(crate) use writer::ParquetWriter;

use std::fmt::Display;
use std::fs::File;
use std::thread;

use ::parquet::data_type::ByteArray;

use super::error::FormatError;
use super::found_example::{FoundExample, PictureSums};
use super::read::{self, ReadPlan, Sink};
use super::split::SplitPart;
use rows::Rows;
use table::Table;

pub const FOLDER: &str = "data";
/// Rows whose pictures are hashed together.
const PORTION: usize = 16;

/// The name of a file of a part: its number from 0, and how many there are.
fn file_name(part: SplitPart, number: usize, count: usize) -> String {
    format!("{FOLDER}/{}-{number:05}-of-{count:05}.parquet", part.full_name())
}

pub(crate) fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let part = plan.part.unwrap_or_default();
    let start = format!("{}-", part.full_name());
    let count = read::names(plan, FOLDER)?.iter().filter(|name| name.starts_with(&start)).count();
    let mut images = 0;
    for number in 0..count {
        let name = file_name(part, number, count);
        let file = File::open(plan.folder.join(&name)).map_err(|error| FormatError::from_open(&name, &error))?;
        let read = thread::scope(|scope| {
            let table = Table::open(file)?;
            let names = features::class_names(table.features()).ok_or_else(|| FormatError::says("no classes"))?;
            if number == 0 {
                names.iter().try_for_each(|name| sink.class(name)).map_err(FormatError::says)?;
            }
            let sums = PictureSums::begin(scope);
            let portions = [Portion::default(), Portion::default()];
            let mut reading = Reading { plan, names: &names, sink: &mut *sink, images, row: 0, sums, portions };
            for (group, rows) in table.group_rows().into_iter().enumerate() {
                let columns = Rows::open(&*table.checked_group(group)?, table.schema())?;
                columns.each(rows, PORTION, |row| reading.row(row))?;
            }
            reading.finish()
        });
        images = read.map_err(|error| FormatError::says(format!("{name}: {error}")))?;
    }
    Ok(())
}

/// Rows that are given to the sink once their pictures are hashed.
#[derive(Default)]
struct Portion {
    examples: Vec<FoundExample>,
    pictures: Vec<ByteArray>,
}

struct Reading<'a> {
    plan: ReadPlan<'a>,
    names: &'a [String],
    sink: &'a mut dyn Sink,
    /// Images that the sink has, of all files.
    images: u64,
    /// The first row that the sink does not have.
    row: u64,
    sums: PictureSums<ByteArray>,
    /// The one whose pictures are being hashed, and the one that grows.
    portions: [Portion; 2],
}

impl Reading<'_> {
    fn row(&mut self, row: Result<(FoundExample, Option<ByteArray>), FormatError>) -> Result<(), FormatError> {
        let number = self.row + self.portions.iter().map(|portion| portion.examples.len() as u64).sum::<u64>();
        let (example, picture) = row.map_err(|reason| at_row(reason, number))?;
        if picture.is_some() != self.plan.has_pictures {
            return Err(at_row(format!("the picture of {} is missing", example.image_id), number));
        }
        let growing = &mut self.portions[1];
        growing.examples.push(example);
        growing.pictures.extend(picture);
        if growing.examples.len() >= PORTION { self.turn() } else { Ok(()) }
    }

    /// Has the pictures of the growing portion hashed, and gives the one before to the sink.
    fn turn(&mut self) -> Result<(), FormatError> {
        self.sums.give(std::mem::take(&mut self.portions[1].pictures));
        self.portions.swap(0, 1);
        self.put()
    }

    /// Gives the portion in the second place to the sink, whose pictures are hashed before those of the first.
    fn put(&mut self) -> Result<(), FormatError> {
        let examples = std::mem::take(&mut self.portions[1].examples);
        let mut pictures = if examples.is_empty() { Vec::new() } else { self.sums.take() }.into_iter();
        for example in examples {
            let put = example.put(self.plan, self.names, self.images, pictures.next(), self.sink);
            put.map_err(|reason| at_row(reason, self.row))?;
            self.images += 1;
            self.row += 1;
        }
        Ok(())
    }

    /// The number of images.
    fn finish(mut self) -> Result<u64, FormatError> {
        self.turn()?;
        self.portions.swap(0, 1);
        self.put()?;
        Ok(self.images)
    }
}

fn at_row(reason: impl Display, row: u64) -> FormatError {
    FormatError::says(format!("{reason} (row {})", row + 1))
}
