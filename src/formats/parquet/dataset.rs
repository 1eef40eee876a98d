//! Parquet as it is found in the wild: tables of Hugging Face's library, and those that Tagscope wrote. The pictures come row
//! by row: a caller that asks for them in their order reads the file once.

use std::fs::File;

use ::parquet::record::reader::ReaderIter;
use ::parquet::schema::types::{Type, TypePtr};
use serde_json::Value;

use super::table::{Table, bytes_of, is_plain_group, value};
use super::{at_row, features};
use crate::class_names::ClassNames;
use crate::dataset::{Dataset, DatasetImage, Packed, image_of_name};
use crate::error::{FormatError, Quoted};
use crate::example::Examples;
use crate::example::fields::{is_boxes, is_known, looks_like_labels};
use crate::loose::text;

/// Names of columns with pictures; the first that is there is taken.
const USUAL: [&str; 8] = ["image", "img", "picture", "photo", "jpg", "jpeg", "png", "webp"];
/// Columns that a message names.
const MOST_NAMED: usize = 12;

/// Whether a file begins as a Parquet file does.
pub fn is_table(head: &[u8]) -> bool {
    head.starts_with(b"PAR1")
}

/// The columns with pictures: groups with their bytes, or bytes of a usual name. That of a usual name comes first.
pub(super) fn picture_columns(table: &Table) -> Vec<String> {
    let rank = |name: &str| {
        let name = name.to_lowercase();
        USUAL.iter().position(|usual| *usual == name).unwrap_or(USUAL.len())
    };
    let is_picture = |field: &&TypePtr| {
        let has = |name: &str| field.get_fields().iter().find(|inner| inner.name() == name);
        // Without a single picture in them the bytes may be of no type.
        let has_bytes = || has("bytes").is_some_and(|inner| is_binary(inner) || has("path").is_some());
        match field.is_group() {
            true => is_plain_group(field) && has_bytes(),
            false => rank(field.name()) < USUAL.len() && is_binary(field),
        }
    };
    let fields = table.schema().get_fields().iter().filter(is_picture);
    let mut names: Vec<String> = fields.map(|field| field.name().to_owned()).collect();
    names.sort_by_key(|name| rank(name));
    names
}

/// Whether a column has fields of boxes.
fn has_boxes(field: &Type) -> bool {
    field.is_group() && field.get_fields().iter().any(|inner| is_boxes(inner.name()) || has_boxes(inner))
}

fn is_binary(field: &Type) -> bool {
    use ::parquet::basic::{ConvertedType, Type};
    field.is_primitive()
        && field.get_physical_type() == Type::BYTE_ARRAY
        && field.get_basic_info().converted_type() == ConvertedType::NONE
}

/// Reads a file; `names` are those of the classes that are known beforehand.
///
/// # Errors
/// When it is damaged, or has neither pictures nor names of files.
pub fn read_dataset(file: File, names: &ClassNames) -> Result<Dataset, FormatError> {
    let table = Table::open(file)?;
    let own = features::labels(table.features());
    let labels: Vec<String> = own.fields().map(|(path, _)| path.split('.').next().unwrap_or(path).to_owned()).collect();
    let names = names.with_fields(own);
    let pictures = picture_columns(&table);
    let columns = table.schema().get_fields();
    let picture = pictures.first();
    if picture.is_none() && columns.iter().all(|field| field.name() != "file_name") {
        return Err(FormatError::says(format!(
            "it has no column with pictures (such as image with bytes and path) and none called file_name; its columns are \
             {}",
            quoted(columns.iter().map(|field| field.name()).take(MOST_NAMED))
        )));
    }
    let mut examples = Examples::new(&names);
    let mut wanted: Vec<&str> = Vec::new();
    for field in columns {
        let name = field.name();
        if pictures.iter().any(|column| column == name) {
            continue;
        }
        match is_known(name) || has_boxes(field) {
            true => wanted.push(name),
            false => examples.pass(name, looks_like_labels(name) || labels.iter().any(|label| label == name)),
        }
    }
    if let [used, others @ ..] = &pictures[..]
        && !others.is_empty()
    {
        let others = quoted(others.iter().map(String::as_str).take(MOST_NAMED));
        let reason =
            format!("there are several columns with pictures; {:.40} was used, and not {others}", Quoted(used));
        examples.builder.report("pictures", false, reason);
    }
    let is_wanted = |path: &[&str]| match path {
        [name] => wanted.contains(name),
        // Boxes side by side, and the path of a picture without its bytes.
        [name, field] => wanted.contains(name) || (picture.is_some_and(|column| column == name) && *field == "path"),
        _ => false,
    };
    table.check_lengths(|name| wanted.contains(&name))?;
    table.each(is_wanted, |number, row| {
        let place = format!("row {}", number + 1);
        examples.builder.image_came_in();
        let mut row: serde_json::Map<String, Value> =
            row.iter().map(|(name, field)| (name.clone(), value(field))).collect();
        let about = picture.and_then(|column| row.remove(column)).unwrap_or_default();
        let row = Value::Object(row);
        let made = format!("row_{:06}", number + 1);
        let name = text(&row, "file_name").or_else(|| text(&about, "path")).unwrap_or(&made);
        match image_of_name(name, || place.clone()) {
            Ok(image) => {
                let packed = picture.is_some().then_some(Packed::Row(number));
                examples.add(&place, &row, DatasetImage { packed, ..image });
            }
            Err(reason) => examples.builder.report(place, true, reason),
        }
        examples.builder.resume().map_err(|reason| at_row(reason, number))
    })?;
    Ok(examples.finish())
}

fn quoted<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("{:.40}", Quoted(name))).collect();
    names.join(", ")
}

pub struct Pictures {
    table: Table,
    column: String,
    /// The first row of each row group.
    starts: Vec<u64>,
    /// The row group that is being read.
    open: Option<Open>,
}

struct Open {
    group: usize,
    rows: ReaderIter,
    /// The number of the next row in the file.
    next: u64,
}

impl Pictures {
    /// Opens a file.
    ///
    /// # Errors
    /// When it is damaged or has no pictures.
    pub fn open(file: File) -> Result<Self, FormatError> {
        let table = Table::open(file)?;
        let column = picture_columns(&table).into_iter().next();
        let column = column.ok_or_else(|| FormatError::says("it has no column with pictures"))?;
        let mut starts = vec![0];
        for rows in table.group_rows() {
            starts.push(starts.last().copied().unwrap_or_default() + rows);
        }
        Ok(Self { table, column, starts, open: None })
    }

    /// The picture of a row, counted from 0; `None` when the row has none.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn read(&mut self, row: u64) -> Result<Option<Vec<u8>>, FormatError> {
        let ended = || FormatError::says(format!("it has no row {}", row + 1));
        let group = self.starts.partition_point(|start| *start <= row).saturating_sub(1);
        let (start, end) = (self.starts[group], self.starts.get(group + 1).copied().ok_or_else(ended)?);
        if row >= end {
            return Err(ended());
        }
        if self.open.as_ref().is_none_or(|open| open.group != group || open.next > row) {
            let column = self.column.clone();
            let is_picture = |path: &[&str]| match path {
                [name] => *name == column,
                [name, field] => *name == column && *field == "bytes",
                _ => false,
            };
            self.open = Some(Open { group, rows: self.table.group(group, is_picture)?, next: start });
        }
        let Some(open) = &mut self.open else { return Err(ended()) };
        loop {
            let found = open.rows.next().ok_or_else(ended)?.map_err(|error| FormatError::says(error.to_string()))?;
            open.next += 1;
            if open.next > row {
                let columns = found.into_columns();
                return Ok(columns.first().and_then(|(_, field)| bytes_of(field)).map(|bytes| bytes.data().to_vec()));
            }
        }
    }
}
