//! The rows of a Parquet file, some of its columns at a time.

use std::fs::File;
use std::sync::Arc;

use ::parquet::data_type::ByteArray;
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use ::parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use ::parquet::record::Field;
use ::parquet::record::reader::{ReaderIter, TreeBuilder};
use ::parquet::schema::types::{SchemaDescriptor, Type};
use serde_json::Value;

use super::{features, lengths};
use crate::error::FormatError;
use domain::Timestamp;

/// Rows that are decoded at a time: each may hold a picture.
const ROWS: usize = 16;
/// Bytes of a column in a row group, decoded: a picture column of others may be large, one of labels is not.
const MOST_COLUMN: i64 = 4 << 30;

/// The columns of a row.
pub(super) type Columns = Vec<(String, Field)>;

pub(super) struct Table {
    reader: SerializedFileReader<File>,
    features: Option<Value>,
}

impl Table {
    /// Reads its last bytes, which say what is in it.
    pub(super) fn open(file: File) -> Result<Self, FormatError> {
        let reader = SerializedFileReader::new(file).map_err(|error| damaged(&error))?;
        let pairs = reader.metadata().file_metadata().key_value_metadata();
        let value = pairs.and_then(|pairs| pairs.iter().find(|pair| pair.key == features::KEY)?.value.as_deref());
        let features = value.and_then(|text| serde_json::from_str(text).ok());
        Ok(Self { reader, features })
    }

    /// What Hugging Face's library says of the columns.
    pub(super) fn features(&self) -> Option<&Value> {
        self.features.as_ref()
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.reader.metadata()
    }

    pub(super) fn schema(&self) -> &Type {
        self.metadata().file_metadata().schema()
    }

    pub(super) fn group_rows(&self) -> Vec<u64> {
        self.metadata().row_groups().iter().map(|group| u64::try_from(group.num_rows()).unwrap_or_default()).collect()
    }

    /// Calls `take` with the number of each row and those of its columns that are `wanted`: of a group at the root also
    /// its fields, by both names.
    pub(super) fn each(
        &self,
        wanted: impl Fn(&[&str]) -> bool,
        mut take: impl FnMut(u64, Columns) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut number = 0;
        for group in 0..self.metadata().num_row_groups() {
            for row in self.group(group, &wanted)? {
                let row = row.map_err(|error| damaged(&error))?;
                take(number, row.into_columns())?;
                number += 1;
            }
        }
        Ok(())
    }

    /// Refuses rows with more boxes than there can be, in columns that are wanted by their names.
    pub(super) fn check_lengths(&self, wanted: impl Fn(&str) -> bool) -> Result<(), FormatError> {
        let mut first_row = 0;
        for (group, rows) in self.group_rows().into_iter().enumerate() {
            let reader = self.checked_group(group)?;
            lengths::check(&*reader, first_row, &wanted, damaged)?;
            first_row += rows;
        }
        Ok(())
    }

    /// A row group whose columns are not too large.
    pub(super) fn checked_group(&self, group: usize) -> Result<Box<dyn RowGroupReader + '_>, FormatError> {
        let reader = self.reader.get_row_group(group).map_err(|error| damaged(&error))?;
        check_sizes(reader.metadata()).map(|()| reader)
    }

    /// The rows of a row group.
    pub(super) fn group(&self, group: usize, wanted: impl Fn(&[&str]) -> bool) -> Result<ReaderIter, FormatError> {
        let reader = self.checked_group(group)?;
        let chosen = chosen(self.schema(), &wanted).map_err(|error| damaged(&error))?;
        let schema = Arc::new(SchemaDescriptor::new(Arc::new(chosen)));
        let rows = TreeBuilder::new().with_batch_size(ROWS).as_iter(schema, &*reader);
        rows.map_err(|error| damaged(&error))
    }
}

fn check_sizes(group: &RowGroupMetaData) -> Result<(), FormatError> {
    match group.columns().iter().find(|column| column.uncompressed_size() > MOST_COLUMN) {
        Some(column) => Err(FormatError::says(format!(
            "a row group has {} bytes in its column {:.80}, or says so; write it with smaller row groups",
            column.uncompressed_size(),
            column.column_path().string()
        ))),
        None => Ok(()),
    }
}

/// The schema with the wanted columns only.
fn chosen(schema: &Type, wanted: &dyn Fn(&[&str]) -> bool) -> Result<Type, ParquetError> {
    let mut fields = Vec::new();
    for field in schema.get_fields() {
        if field.is_primitive() || !is_plain_group(field) {
            fields.extend(wanted(&[field.name()]).then(|| Arc::clone(field)));
            continue;
        }
        let inner = field.get_fields().iter().filter(|inner| wanted(&[field.name(), inner.name()]));
        let inner: Vec<_> = inner.cloned().collect();
        if !inner.is_empty() {
            let group = Type::group_type_builder(field.name());
            let group = group.with_repetition(field.get_basic_info().repetition()).with_fields(inner).build()?;
            fields.push(Arc::new(group));
        }
    }
    Type::group_type_builder(schema.name()).with_fields(fields).build()
}

/// Whether a group is neither a list nor a map.
pub(super) fn is_plain_group(field: &Type) -> bool {
    use ::parquet::basic::{ConvertedType, Repetition};
    let facts = field.get_basic_info();
    facts.converted_type() == ConvertedType::NONE && facts.repetition() != Repetition::REPEATED
}

pub(super) fn damaged(error: &ParquetError) -> FormatError {
    let words = error.to_string();
    match words.contains("Disabled feature") {
        true => FormatError::says(format!(
            "it is compressed in a way that is not supported ({words}); write it with Snappy or without compression"
        )),
        false => FormatError::says(format!("it is damaged or not a Parquet file ({words})")),
    }
}

/// The bytes of a picture: of a column of bytes, or of a group that has such a field.
pub(super) fn bytes_of(field: &Field) -> Option<&ByteArray> {
    match field {
        Field::Bytes(bytes) => Some(bytes),
        Field::Group(row) => {
            row.get_column_iter().find(|(name, _)| *name == "bytes").and_then(|(_, field)| bytes_of(field))
        }
        _ => None,
    }
}

/// A field as JSON; bytes are left out, and dates are texts.
pub(super) fn value(field: &Field) -> Value {
    let date = |ticks: Option<i64>| ticks.map_or(Value::Null, |ticks| Timestamp(ticks).to_string().into());
    match field {
        Field::Bool(value) => (*value).into(),
        Field::Byte(number) => (*number).into(),
        Field::Short(number) => (*number).into(),
        Field::Int(number) => (*number).into(),
        Field::Long(number) => (*number).into(),
        Field::UByte(number) => (*number).into(),
        Field::UShort(number) => (*number).into(),
        Field::UInt(number) => (*number).into(),
        Field::ULong(number) => (*number).into(),
        Field::Float16(number) => f64::from(*number).into(),
        Field::Float(number) => f64::from(*number).into(),
        Field::Double(number) => (*number).into(),
        Field::Str(text) => text.as_str().into(),
        Field::TimestampMillis(millis) => date(millis.checked_mul(10_000)),
        Field::TimestampMicros(micros) => date(micros.checked_mul(10)),
        Field::Group(row) => {
            Value::Object(row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect())
        }
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::MapInternal(map) => map
            .entries()
            .iter()
            .map(|(key, entry)| serde_json::json!({"key": value(key), "value": value(entry)}))
            .collect(),
        Field::Null
        | Field::Bytes(_)
        | Field::Decimal(_)
        | Field::Date(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_) => Value::Null,
    }
}
