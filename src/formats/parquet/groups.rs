//! Records as columns: the values of each column, with their definition and repetition levels.

use std::io;

use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use ::parquet::file::writer::SerializedColumnWriter;

use crate::record::{Object, Pair, Record};
use domain::Timestamp;

/// What is counted of a record besides its picture, roughly.
const RECORD_BYTES: u64 = 256;
const OBJECT_BYTES: u64 = 192;
/// How deep a list itself is defined, empty or not.
const LIST: i16 = 1;
/// How deep a value of a list is defined: list, entry, value.
const OF_LIST: i16 = 3;
/// The same for a field of an entry that is a group.
const OF_ENTRY: i16 = 4;
/// The same for a value of a list in it.
const OF_INNER: i16 = 6;

/// Records that are not written yet.
#[derive(Debug, Default)]
pub(super) struct RowGroup<'a> {
    records: Vec<Record<'a>>,
    labels: Vec<Option<i64>>,
    pictures: Vec<Vec<u8>>,
    /// About as much memory as they take.
    pub(super) bytes: u64,
}

impl<'a> RowGroup<'a> {
    pub(super) fn push(&mut self, record: Record<'a>, label: Option<i64>, picture: Option<Vec<u8>>) {
        let metadata = record.metadata.iter().map(|pair| (pair.key.len() + pair.value.len()) as u64).sum::<u64>();
        self.bytes += RECORD_BYTES + OBJECT_BYTES * record.objects.len() as u64 + metadata;
        self.bytes += picture.as_ref().map_or(0, |bytes| bytes.len() as u64);
        self.records.push(record);
        self.labels.push(label);
        self.pictures.extend(picture);
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn has_pictures(&self) -> bool {
        !self.pictures.is_empty()
    }

    /// The columns in the order of the schema.
    pub(super) fn columns(self, has_label: bool) -> Vec<Column> {
        let Self { records, labels, pictures, .. } = self;
        let text = |of: &dyn Fn(&Record<'_>) -> String| {
            Column::Bytes(flat(records.iter().map(|record| Some(bytes(of(record)))), 1))
        };
        let object = |of: &dyn Fn(&Object<'_>) -> String| {
            Column::Bytes(listed(&records, |record| &record.objects, |object| Some(bytes(of(object))), OF_ENTRY))
        };
        let number = |of: &dyn Fn(&Object<'_>) -> f64| {
            Column::Double(listed(&records, |record| &record.objects, |object| Some(of(object)), OF_ENTRY))
        };
        let pair = |of: &dyn Fn(&Pair) -> String| {
            Column::Bytes(listed(&records, |record| &record.metadata, |pair| Some(bytes(of(pair))), OF_ENTRY))
        };
        let side = |of: &dyn Fn(&Record<'_>) -> u32| {
            Column::Int32(flat(records.iter().map(|record| i32::try_from(of(record)).ok()), 1))
        };
        let category = |object: &Object<'_>| i64::try_from(object.category).ok();
        let mut columns = vec![
            text(&|record| record.file_name.clone()),
            text(&|record| record.image_id.to_string()),
            text(&|record| record.split.to_owned()),
            side(&|record| record.width),
            side(&|record| record.height),
            Column::Int64(flat(records.iter().map(|record| record.created.map(micros)), 1)),
            object(&|object| object.tag.to_owned()),
            object(&|object| object.tag_id.to_string()),
            object(&|object| object.region_id.to_string()),
            Column::Int64(listed(&records, |record| &record.objects, category, OF_ENTRY)),
            Column::Double(boxes(&records)),
            number(&|object| object.left),
            number(&|object| object.top),
            number(&|object| object.width),
            number(&|object| object.height),
            Column::Int64(listed(&records, |record| &record.objects, |object| object.created.map(micros), OF_ENTRY)),
            Column::Bytes(listed(&records, |record| &record.tags, |tag| Some(bytes((*tag).to_owned())), OF_LIST)),
            pair(&|pair| pair.key.clone()),
            pair(&|pair| pair.value.clone()),
        ];
        if has_label {
            columns.push(Column::Int64(flat(labels.into_iter(), 1)));
        }
        if !pictures.is_empty() {
            let names = records.iter().map(|record| Some(bytes(record.file_name.clone())));
            let paths = Column::Bytes(flat(names, 2));
            let pictures = pictures.into_iter().map(|bytes| Some(ByteArray::from(bytes)));
            columns.splice(0..0, [Column::Pictures(flat(pictures, 2)), paths]);
        }
        columns
    }
}

fn bytes(text: String) -> ByteArray {
    ByteArray::from(text.into_bytes())
}

fn micros(stamp: Timestamp) -> i64 {
    stamp.0.div_euclid(10)
}

/// A column of one type.
#[derive(Debug)]
pub(super) enum Column {
    /// Texts.
    Bytes(Leaf<ByteArray>),
    /// Pictures: written one by one.
    Pictures(Leaf<ByteArray>),
    Int32(Leaf<i32>),
    Int64(Leaf<i64>),
    Double(Leaf<f64>),
}

/// The values of a column, with a definition and a repetition level for each of them, also for those that are missing.
#[derive(Debug)]
pub(super) struct Leaf<T> {
    values: Vec<T>,
    depths: Vec<i16>,
    lists: Vec<i16>,
}

impl<T> Leaf<T> {
    fn new() -> Self {
        Self { values: Vec::new(), depths: Vec::new(), lists: Vec::new() }
    }

    /// A value at its full depth; without one, the depth to which there is something.
    fn push(&mut self, value: Option<T>, full: i16, without: i16, list: i16) {
        self.depths.push(if value.is_some() { full } else { without });
        self.lists.push(list);
        self.values.extend(value);
    }
}

fn flat<T>(values: impl Iterator<Item = Option<T>>, full: i16) -> Leaf<T> {
    let mut leaf = Leaf::new();
    values.for_each(|value| leaf.push(value, full, full - 1, 0));
    leaf
}

/// A field of the entries of a list.
fn listed<'r, E: 'r, T>(
    records: &'r [Record<'_>],
    list: impl Fn(&'r Record<'_>) -> &'r Vec<E>,
    value: impl Fn(&'r E) -> Option<T>,
    full: i16,
) -> Leaf<T> {
    let mut leaf = Leaf::new();
    for record in records {
        let entries = list(record);
        if entries.is_empty() {
            leaf.push(None, full, LIST, 0);
        }
        for (at, entry) in entries.iter().enumerate() {
            leaf.push(value(entry), full, full - 1, i16::from(at > 0));
        }
    }
    leaf
}

/// The four numbers of each box: a list in a list.
fn boxes(records: &[Record<'_>]) -> Leaf<f64> {
    let mut leaf = Leaf::new();
    for record in records {
        if record.objects.is_empty() {
            leaf.push(None, OF_INNER, LIST, 0);
        }
        for (at, object) in record.objects.iter().enumerate() {
            for (place, side) in object.bbox.into_iter().enumerate() {
                let list = if place > 0 { 2 } else { i16::from(at > 0) };
                leaf.push(Some(side), OF_INNER, OF_ENTRY, list);
            }
        }
    }
    leaf
}

impl Column {
    /// Writes all values; `drain` takes away what was written so far.
    pub(super) fn write(
        self,
        writer: &mut SerializedColumnWriter<'_>,
        mut drain: impl FnMut() -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Self::Bytes(leaf) => write::<ByteArrayType>(writer, &leaf),
            Self::Int32(leaf) => write::<Int32Type>(writer, &leaf),
            Self::Int64(leaf) => write::<Int64Type>(writer, &leaf),
            Self::Double(leaf) => write::<DoubleType>(writer, &leaf),
            Self::Pictures(leaf) => leaf.values.into_iter().try_for_each(|picture| {
                let leaf = flat([Some(picture)].into_iter(), 2);
                write::<ByteArrayType>(writer, &leaf)?;
                drain()
            }),
        }
    }
}

fn write<D: DataType>(writer: &mut SerializedColumnWriter<'_>, leaf: &Leaf<D::T>) -> io::Result<()> {
    let writer = writer.typed::<D>();
    writer.write_batch(&leaf.values, Some(&leaf.depths), Some(&leaf.lists)).map(|_| ()).map_err(io::Error::other)
}
