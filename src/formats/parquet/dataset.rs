//! Parquet as it is found in the wild: tables of Hugging Face's library, and those that Tagscope wrote.

use std::fs::File;

use serde_json::Value;

use super::features;
use super::table::{Table, is_plain_group, value};
use crate::dataset::{Dataset, DatasetImage, Packed, image_of_name};
use crate::error::FormatError;
use crate::example::Examples;
use crate::loose::text;
use crate::quoted::Quoted;

/// Columns of labels and of facts; all others are passed over.
const COLUMNS: [&str; 13] = [
    "file_name",
    "image_id",
    "split",
    "width",
    "height",
    "created",
    "objects",
    "annotations",
    "label",
    "labels",
    "tags",
    "metadata",
    "image_path",
];
/// Columns that a message names.
const MOST_NAMED: usize = 12;

/// Whether a file begins as a Parquet file does.
pub fn is_table(head: &[u8]) -> bool {
    head.starts_with(b"PAR1")
}

/// The column with the pictures: a group with their bytes, or bytes called `image`.
pub(super) fn picture_column(table: &Table) -> Option<String> {
    let fields = table.schema().get_fields();
    let is_group = |field: &&::parquet::schema::types::TypePtr| {
        field.is_group()
            && is_plain_group(field)
            && field.get_fields().iter().any(|inner| inner.name() == "bytes" && is_binary(inner))
    };
    let found = fields.iter().find(is_group).or_else(|| {
        fields.iter().find(|field| matches!(field.name(), "image" | "img" | "picture") && is_binary(field))
    });
    found.map(|field| field.name().to_owned())
}

fn is_binary(field: &::parquet::schema::types::Type) -> bool {
    use ::parquet::basic::{ConvertedType, Type};
    field.is_primitive()
        && field.get_physical_type() == Type::BYTE_ARRAY
        && field.get_basic_info().converted_type() == ConvertedType::NONE
}

/// Reads a file; `names` are those of the classes that are known beforehand.
///
/// # Errors
/// When it is damaged, or has neither pictures nor names of files.
pub fn read_dataset(file: File, names: &[String]) -> Result<Dataset, FormatError> {
    let table = Table::open(file)?;
    let own_names = features::class_names(table.features()).filter(|_| names.is_empty()).unwrap_or_default();
    let names = if names.is_empty() { &own_names[..] } else { names };
    let pictures = picture_column(&table);
    let columns: Vec<&str> = table.schema().get_fields().iter().map(|field| field.name()).collect();
    if pictures.is_none() && !columns.contains(&"file_name") {
        let named: Vec<String> = columns.iter().take(MOST_NAMED).map(|name| format!("{:.40}", Quoted(name))).collect();
        return Err(FormatError::says(format!(
            "it has no column with pictures (such as image with bytes and path) and none called file_name; its columns are \
             {}",
            named.join(", ")
        )));
    }
    let mut examples = Examples::new(names);
    let is_wanted = |path: &[&str]| match path {
        [name] => COLUMNS.contains(name),
        // Boxes side by side, and the path of a picture without its bytes.
        [name, field] => COLUMNS.contains(name) || (Some(*name) == pictures.as_deref() && *field == "path"),
        _ => false,
    };
    table.each(is_wanted, |number, row| {
        let place = format!("row {}", number + 1);
        examples.builder.image_came_in();
        let row: serde_json::Map<String, Value> =
            row.iter().map(|(name, field)| (name.clone(), value(field))).collect();
        let row = Value::Object(row);
        let path = pictures.as_ref().and_then(|column| text(row.get(column)?, "path"));
        let made = format!("row_{:06}", number + 1);
        let name = text(&row, "file_name").or(path).unwrap_or(&made);
        match image_of_name(name, || place.clone()) {
            Ok(image) => {
                let packed = pictures.is_some().then_some(Packed::Row(number));
                examples.add(&place, &row, DatasetImage { packed, ..image });
            }
            Err(reason) => examples.builder.report(place, true, reason),
        }
        examples.builder.resume()
    })?;
    Ok(examples.finish())
}
