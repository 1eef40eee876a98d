//! Files under construction: their row groups, their sizes and their names.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::basic::Compression;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use ::parquet::schema::types::ColumnPath;

use super::groups::RowGroup;
use super::{features, file_name};
use crate::item::ExportItem;
use crate::record::Record;
use crate::split::SplitPart;
use crate::write::{Folder, Head, OutFile, Writer};
use domain::ProjectKind;

/// Bytes of pictures in a row group, beyond which it is written.
const GROUP_BYTES: u64 = 32 << 20;
/// Rows of a row group.
const GROUP_ROWS: usize = 1_000;

/// The columns. Everything may be missing by its type, as in the files of pandas: some readers know no other.
const LABELS: &str = "
    optional binary file_name (STRING); optional binary image_id (STRING); optional binary split (STRING);
    optional int32 width; optional int32 height; optional int64 created (TIMESTAMP(MICROS,true));
    optional group objects (LIST) { repeated group list { optional group element {
        optional binary tag (STRING); optional binary tag_id (STRING); optional binary region_id (STRING);
        optional int64 category;
        optional group bbox (LIST) { repeated group list { optional double element; } }
        optional double left; optional double top; optional double width; optional double height;
        optional int64 created (TIMESTAMP(MICROS,true));
    } } }
    optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
    optional group metadata (LIST) { repeated group list { optional group element {
        optional binary key (STRING); optional binary value (STRING);
    } } }";
const PICTURE: &str = "optional group image { optional binary bytes; optional binary path (STRING); }";
const LABEL: &str = "optional int64 label;";

pub(crate) struct ParquetWriter<'a> {
    head: &'a Head<'a>,
    folder: &'a dyn Folder,
    parts: Vec<PartFiles<'a>>,
}

impl<'a> ParquetWriter<'a> {
    pub(crate) fn begin(head: &'a Head<'a>, folder: &'a dyn Folder) -> Self {
        Self { head, folder, parts: Vec::new() }
    }

    fn part(&mut self, part: SplitPart) -> Option<&mut PartFiles<'a>> {
        if self.parts.iter().all(|files| files.part != part) {
            let (head, folder) = (self.head, self.folder);
            self.parts.push(PartFiles { head, folder, part, count: 0, group: RowGroup::default(), open: None });
        }
        self.parts.iter_mut().find(|files| files.part == part)
    }
}

impl Writer for ParquetWriter<'_> {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        let picture = self.folder.picture(item)?;
        let label = match (self.head.kind, &item.tags[..]) {
            (ProjectKind::Multiclass, [class]) => i64::try_from(*class).ok(),
            _ => None,
        };
        let record = Record::of(self.head, item);
        let most = GROUP_BYTES.min(self.head.options.shard_limit());
        let Some(files) = self.part(item.part) else { return Ok(()) };
        files.group.push(record, label, picture);
        if files.group.bytes >= most || files.group.len() >= GROUP_ROWS { files.write_group() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        if self.parts.is_empty() {
            self.part(SplitPart::Train).map_or(Ok(()), PartFiles::write_group)?;
        }
        self.parts.into_iter().try_for_each(PartFiles::finish)
    }
}

struct PartFiles<'a> {
    head: &'a Head<'a>,
    folder: &'a dyn Folder,
    part: SplitPart,
    /// Files that were begun.
    count: usize,
    group: RowGroup<'a>,
    open: Option<Open>,
}

/// A file that is open. The library wants to write from any thread; what it writes goes through memory, a page at a time.
struct Open {
    writer: SerializedFileWriter<Spill>,
    spill: Spill,
    out: Box<dyn OutFile>,
}

impl<'a> PartFiles<'a> {
    /// What a file is called until it is known how many there are.
    fn first_name(&self, number: usize) -> String {
        file_name(self.part, number, 0)
    }

    fn open(&mut self) -> io::Result<&mut Open> {
        if self.open.is_none() {
            let has_label = self.head.kind == ProjectKind::Multiclass;
            let has_pictures = self.group.has_pictures();
            let picture = if has_pictures { PICTURE } else { "" };
            let label = if has_label { LABEL } else { "" };
            let schema = format!("message images {{ {picture} {LABELS} {label} }}");
            let schema = Arc::new(parse_message_type(&schema).map_err(io::Error::other)?);
            let features = features::features(self.head.names, has_pictures, has_label);
            let pictures = ColumnPath::from(vec!["image".to_owned(), "bytes".to_owned()]);
            // Pictures are compressed already, and the largest of them is of no use in statistics.
            let properties = WriterProperties::builder()
                .set_created_by(format!("Tagscope {}", env!("CARGO_PKG_VERSION")))
                .set_compression(Compression::SNAPPY)
                .set_column_compression(pictures.clone(), Compression::UNCOMPRESSED)
                .set_column_dictionary_enabled(pictures.clone(), false)
                .set_column_statistics_enabled(pictures, EnabledStatistics::None)
                .set_key_value_metadata(Some(vec![KeyValue::new(features::KEY.to_owned(), features)]))
                .build();
            let out = self.folder.create(&self.first_name(self.count))?;
            self.count += 1;
            let spill = Spill::default();
            let writer = SerializedFileWriter::new(spill.clone(), schema, Arc::new(properties));
            self.open = Some(Open { writer: writer.map_err(io::Error::other)?, spill, out });
        }
        self.open.as_mut().ok_or_else(|| io::Error::other("no file is open"))
    }

    fn write_group(&mut self) -> io::Result<()> {
        self.open()?;
        let has_label = self.head.kind == ProjectKind::Multiclass;
        let Some(Open { writer, spill, out }) = &mut self.open else { return Ok(()) };
        if self.group.len() > 0 {
            let mut columns = std::mem::take(&mut self.group).columns(has_label).into_iter();
            let mut group = writer.next_row_group().map_err(io::Error::other)?;
            while let Some(mut writer) = group.next_column().map_err(io::Error::other)? {
                let column = columns.next().ok_or_else(|| io::Error::other("a column is missing"))?;
                column.write(&mut writer, || spill.drain(out))?;
                writer.close().map_err(io::Error::other)?;
                spill.drain(out)?;
            }
            group.close().map_err(io::Error::other)?;
        }
        let is_full = writer.bytes_written() as u64 >= self.head.options.shard_limit();
        if is_full { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(Open { writer, spill, mut out }) = self.open.take() else { return Ok(()) };
        writer.close().map_err(io::Error::other)?;
        spill.drain(&mut out)?;
        out.finish()
    }

    fn finish(mut self) -> io::Result<()> {
        if self.group.len() > 0 {
            self.write_group()?;
        }
        self.close()?;
        (0..self.count).try_for_each(|number| {
            self.folder.rename(&self.first_name(number), &file_name(self.part, number, self.count))
        })
    }
}

/// Memory that is emptied into a file.
#[derive(Clone, Debug, Default)]
struct Spill(Arc<Mutex<Vec<u8>>>);

impl Spill {
    fn drain(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(&bytes)?;
        bytes.clear();
        Ok(())
    }
}

impl Write for Spill {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
