//! Parquet: a row an image with its picture, in `data/`, as DuckDB, pandas, Spark and Ray read it. The file says in the
//! terms of Hugging Face's library what its columns are, so that it shows pictures and classes without a script.
//!
//! A file ends with the row group that reaches the limit of its bytes, and a row group is written when its pictures reach
//! another: neither the writer's memory nor that of a reader grows with the images. Dates are to the microsecond.

pub mod dataset;
mod features;
mod groups;
mod lengths;
pub mod pictures;
mod table;
mod writer;

pub use writer::ParquetWriter;

use std::fs::File;
use std::io::Write as _;

use serde_json::Value;

use super::error::FormatError;
use super::found_example::{FoundExample, PictureSum};
use super::read::{self, FoundPicture, ReadPlan, Sink};
use super::split::Part;
use table::{Table, value};

/// The folder of the files.
pub const FOLDER: &str = "data";

/// The name of a file of a part: its number from 0, and how many there are.
fn file_name(part: Part, number: usize, count: usize) -> String {
    format!("{FOLDER}/{}-{number:05}-of-{count:05}.parquet", part.full_name())
}

/// Reads a part, strictly.
///
/// # Errors
/// When it is not of this form, or the sink refuses an element.
pub fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let part = plan.part.unwrap_or_default();
    let start = format!("{}-", part.full_name());
    let count = read::names(plan, FOLDER)?.iter().filter(|name| name.starts_with(&start)).count();
    let mut images = 0;
    for number in 0..count {
        let name = file_name(part, number, count);
        let file = File::open(plan.folder.join(&name)).map_err(|error| FormatError::of_open(&name, &error))?;
        let named = |error: FormatError| FormatError::says(format!("{name}: {error}"));
        let table = Table::open(file).map_err(named)?;
        let names = features::class_names(table.features()).ok_or_else(|| named(FormatError::says("no classes")))?;
        if number == 0 {
            names.iter().try_for_each(|name| sink.class(name)).map_err(FormatError::says)?;
        }
        let mut index = images;
        table
            .each(
                |_| true,
                |_, row| {
                    let (example, picture) = split(row)?;
                    let example: FoundExample = serde_json::from_value(example).map_err(|error| error.to_string())?;
                    if picture.is_some() != plan.has_pictures {
                        return Err(format!("the picture of {} is missing", example.image_id));
                    }
                    example.put(plan, &names, index, picture, sink)?;
                    index += 1;
                    Ok(())
                },
            )
            .map_err(named)?;
        images = index;
    }
    Ok(())
}

/// The record of a row, and its picture.
fn split(row: table::Columns) -> Result<(Value, Option<FoundPicture>), String> {
    let (mut record, mut found) = (serde_json::Map::new(), None);
    for (name, field) in row {
        if name != "image" {
            record.insert(name, value(&field));
            continue;
        }
        let bytes = table::bytes_of(&field).ok_or("a row has no picture")?;
        let mut sum = PictureSum::default();
        sum.write_all(bytes).map_err(|error| error.to_string())?;
        found = Some(sum.finish());
        let path = value(&field).get("path").cloned();
        record.insert("path".to_owned(), path.unwrap_or_default());
    }
    let path = record.remove("path");
    if path.is_some_and(|path| Some(&path) != record.get("file_name")) {
        return Err("the path of a picture is not its name".to_owned());
    }
    Ok((Value::Object(record), found))
}
