//! A column of a row group, some rows at a time: its values with the levels that say how they stand in lists.

use ::parquet::basic::ConvertedType;
use ::parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use ::parquet::data_type::{ByteArrayType, DataType};
use ::parquet::file::reader::RowGroupReader;
use domain::Timestamp;

use super::table::damaged;
use crate::error::FormatError;

/// How deep a list without entries is defined, in a column of its entries.
const NO_ENTRIES: i16 = 1;

/// The columns of a row group, and how many of them were opened.
pub(super) struct Columns<'a> {
    group: &'a dyn RowGroupReader,
    opened: usize,
}

impl<'a> Columns<'a> {
    pub(super) fn new(group: &'a dyn RowGroupReader) -> Self {
        Self { group, opened: 0 }
    }

    fn find(&self, path: &str) -> Option<usize> {
        self.group.metadata().columns().iter().position(|column| column.column_path().string() == path)
    }

    /// The column with this path, which must be of this type.
    pub(super) fn open<T: DataType>(
        &mut self,
        path: &'static str,
        kind: ConvertedType,
    ) -> Result<Leaf<T>, FormatError> {
        let at = self.find(path).ok_or_else(|| FormatError::says(format!("it has no column {path}")))?;
        let facts = self.group.metadata().column(at).column_descr();
        if facts.physical_type() != T::get_physical_type() || facts.converted_type() != kind {
            return Err(FormatError::says(format!("the column {path} is of another type")));
        }
        self.opened += 1;
        let reader = self.group.get_column_reader(at).map_err(|error| damaged(&error))?;
        Ok(Leaf {
            path,
            reader: get_typed_column_reader(reader),
            full: facts.max_def_level(),
            depths: Vec::new(),
            lists: Vec::new(),
            values: Vec::new(),
            level: 0,
            value: 0,
        })
    }

    /// The same for a column that may be missing.
    pub(super) fn open_any<T: DataType>(
        &mut self,
        path: &'static str,
        kind: ConvertedType,
    ) -> Result<Option<Leaf<T>>, FormatError> {
        self.find(path).map(|_| self.open(path, kind)).transpose()
    }

    /// Refuses columns that nobody has opened.
    pub(super) fn finish(self) -> Result<(), FormatError> {
        match self.group.metadata().num_columns() == self.opened {
            true => Ok(()),
            false => Err(FormatError::says("it has columns that Tagscope does not write")),
        }
    }
}

pub(super) struct Leaf<T: DataType> {
    path: &'static str,
    reader: ColumnReaderImpl<T>,
    /// How deep a value is defined that is there.
    full: i16,
    depths: Vec<i16>,
    lists: Vec<i16>,
    values: Vec<T::T>,
    /// The next level, and the next value.
    level: usize,
    value: usize,
}

/// A column of any type.
pub(super) trait Column {
    /// Takes in so many more rows; all of those before must have been taken.
    fn fill(&mut self, rows: usize) -> Result<(), FormatError>;

    /// Refuses what is behind the last row.
    fn finish(&mut self) -> Result<(), FormatError>;
}

impl<T: DataType> Column for Leaf<T> {
    fn fill(&mut self, rows: usize) -> Result<(), FormatError> {
        if self.read(rows)? == rows { Ok(()) } else { Err(self.differs()) }
    }

    fn finish(&mut self) -> Result<(), FormatError> {
        if self.read(1)? == 0 { Ok(()) } else { Err(self.differs()) }
    }
}

impl<T: DataType> Leaf<T> {
    /// How many of so many more rows are there.
    fn read(&mut self, rows: usize) -> Result<usize, FormatError> {
        if self.level < self.depths.len() {
            return Err(self.differs());
        }
        (self.level, self.value) = (0, 0);
        self.depths.clear();
        self.lists.clear();
        self.values.clear();
        let (depths, lists) = (Some(&mut self.depths), Some(&mut self.lists));
        let read = self.reader.read_records(rows, depths, lists, &mut self.values);
        read.map(|(rows, ..)| rows).map_err(|error| damaged(&error))
    }

    /// The next value. `list` says where it must stand: 0 begins a row, 1 the next entry of its list, 2 the next entry of a
    /// list in that.
    pub(super) fn take_any(&mut self, list: i16) -> Result<Option<T::T>, FormatError> {
        let depth = self.depths.get(self.level).copied().unwrap_or_default();
        let is_in_place = self.lists.get(self.level).copied().unwrap_or_default() == list;
        let found = match self.full - depth {
            0 if is_in_place => self.values.get_mut(self.value).map(std::mem::take).map(Some),
            1 if is_in_place => Some(None),
            _ => None,
        };
        self.level += 1;
        self.value += usize::from(depth == self.full);
        found.ok_or_else(|| self.differs())
    }

    /// The same for a value that must be there.
    pub(super) fn take(&mut self, list: i16) -> Result<T::T, FormatError> {
        let found = self.take_any(list)?;
        found.ok_or_else(|| FormatError::says(format!("a value of the column {} is missing", self.path)))
    }

    /// Whether the list of the next row has no entries; then it is taken.
    pub(super) fn take_empty(&mut self) -> bool {
        let is_empty = self.depths.get(self.level) == Some(&NO_ENTRIES) && self.lists.get(self.level) == Some(&0);
        self.level += usize::from(is_empty);
        is_empty
    }

    /// Takes the list of the next row, which must have no entries.
    pub(super) fn take_no_entries(&mut self) -> Result<(), FormatError> {
        if self.take_empty() { Ok(()) } else { Err(self.differs()) }
    }

    /// Whether the row has another entry.
    pub(super) fn has_more(&self) -> bool {
        self.lists.get(self.level).is_some_and(|&list| list > 0)
    }

    fn differs(&self) -> FormatError {
        FormatError::says(format!("the column {} does not have the entries of the others", self.path))
    }
}

impl Leaf<ByteArrayType> {
    /// The next text, as [`take`](Self::take).
    pub(super) fn text(&mut self, list: i16) -> Result<String, FormatError> {
        let text = self.take(list)?;
        text.as_utf8().map(str::to_owned).map_err(|error| damaged(&error))
    }
}

/// A date from microseconds.
pub(super) fn date(micros: i64) -> Result<Timestamp, FormatError> {
    micros.checked_mul(10).map(Timestamp).ok_or_else(|| FormatError::says(format!("{micros} is no date")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::parquet::data_type::{ByteArray, Int32Type};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;

    use super::*;
    use crate::parquet::table::Table;

    const SCHEMA: &str = "message m {
        optional int32 width;
        optional group tags (LIST) { repeated group list { optional binary element (STRING); } } }";

    /// Four rows: two tags, none, one, and no list at all.
    fn table() -> Table {
        let file = tempfile::tempfile().expect("file");
        let schema = Arc::new(parse_message_type(SCHEMA).expect("schema"));
        let copy = file.try_clone().expect("file");
        let mut writer = SerializedFileWriter::new(copy, schema, Arc::default()).expect("writer");
        let mut group = writer.next_row_group().expect("group");
        let mut column = group.next_column().expect("column").expect("width");
        column.typed::<Int32Type>().write_batch(&[7, -1, 9], Some(&[1, 1, 0, 1]), None).expect("write");
        column.close().expect("close");
        let mut column = group.next_column().expect("column").expect("tags");
        let tags = ["fork", "knife", "spoon"].map(ByteArray::from);
        column
            .typed::<ByteArrayType>()
            .write_batch(&tags, Some(&[3, 3, 1, 3, 0]), Some(&[0, 1, 0, 0, 0]))
            .expect("write");
        column.close().expect("close");
        group.close().expect("close");
        writer.close().expect("close");
        Table::open(file).expect("table")
    }

    type Opened = (Leaf<Int32Type>, Leaf<ByteArrayType>);

    fn opened(table: &Table) -> Opened {
        let group = table.checked_group(0).expect("group");
        let mut columns = Columns::new(&*group);
        let width = columns.open("width", ConvertedType::NONE).expect("width");
        let tags = columns.open("tags.list.element", ConvertedType::UTF8).expect("tags");
        columns.finish().expect("all are opened");
        (width, tags)
    }

    #[test]
    fn rows_come_with_their_entries_a_few_at_a_time() {
        let (mut width, mut tags) = opened(&table());
        [&mut width as &mut dyn Column, &mut tags].into_iter().try_for_each(|column| column.fill(2)).expect("two rows");
        assert_eq!((width.take(0), width.take_any(0)), (Ok(7), Ok(Some(-1))));
        assert!(!tags.take_empty());
        assert_eq!(tags.text(0), Ok("fork".to_owned()));
        assert!(tags.has_more());
        assert_eq!(tags.text(1), Ok("knife".to_owned()));
        assert!(!tags.has_more() && tags.take_no_entries().is_ok());
        [&mut width as &mut dyn Column, &mut tags].into_iter().try_for_each(|column| column.fill(1)).expect("a row");
        assert!(width.take(0).expect_err("missing").to_string().contains("a value of the column width is missing"));
        assert_eq!(tags.text(0), Ok("spoon".to_owned()));
        assert!(width.finish().is_err(), "a row is behind it");
    }

    #[test]
    fn entries_that_are_not_those_of_the_others_are_refused() {
        let differs = |found: Result<String, FormatError>| {
            let words = found.expect_err("refused").to_string();
            assert!(words.contains("does not have the entries of the others"), "{words}");
        };
        let (_, mut tags) = opened(&table());
        tags.fill(2).expect("two rows");
        differs(tags.text(1));
        differs(tags.text(0));
        let (mut width, mut tags) = opened(&table());
        tags.fill(1).expect("a row");
        assert!(tags.text(0).is_ok());
        // An entry is left over.
        differs(tags.fill(1).map(|()| String::new()));
        assert!(tags.take_no_entries().is_err() && width.fill(5).is_err(), "there are four rows");
        let (_, mut tags) = opened(&table());
        tags.fill(4).expect("four rows");
        assert!(tags.text(0).is_ok() && tags.text(1).is_ok() && tags.take_empty() && tags.text(0).is_ok());
        assert!(!tags.take_empty() && tags.text(0).is_err(), "no list is not an empty one");
    }

    #[test]
    fn columns_must_be_there_of_their_type_and_no_others() {
        let table = table();
        let group = table.checked_group(0).expect("group");
        let mut columns = Columns::new(&*group);
        assert!(columns.open::<Int32Type>("height", ConvertedType::NONE).is_err());
        assert!(matches!(columns.open_any::<Int32Type>("height", ConvertedType::NONE), Ok(None)));
        assert!(columns.open::<ByteArrayType>("width", ConvertedType::NONE).is_err(), "another type");
        assert!(columns.open::<ByteArrayType>("tags.list.element", ConvertedType::NONE).is_err(), "texts are marked");
        assert!(columns.open::<Int32Type>("width", ConvertedType::NONE).is_ok() && columns.finish().is_err());
        assert!(date(i64::MAX).is_err() && date(-1) == Ok(Timestamp(-10)));
    }
}
