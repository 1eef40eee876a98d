//! The rows of a file that Tagscope wrote, read by columns: each must be there, of its type, and have the entries that the
//! others have.

use ::parquet::basic::{ConvertedType, Repetition};
use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use ::parquet::file::reader::RowGroupReader;
use ::parquet::schema::types::Type;

use super::leaf::{Column, Columns, Leaf, date};
use crate::error::FormatError;
use crate::found_example::{FoundExample, FoundObject, FoundPair};

pub(super) struct Rows {
    image: Option<Image>,
    file_name: Leaf<ByteArrayType>,
    image_id: Leaf<ByteArrayType>,
    split: Leaf<ByteArrayType>,
    width: Leaf<Int32Type>,
    height: Leaf<Int32Type>,
    created: Leaf<Int64Type>,
    objects: Objects,
    tags: Leaf<ByteArrayType>,
    key: Leaf<ByteArrayType>,
    value: Leaf<ByteArrayType>,
    label: Option<Leaf<Int64Type>>,
}

struct Image {
    bytes: Leaf<ByteArrayType>,
    path: Leaf<ByteArrayType>,
}

struct Objects {
    tag: Leaf<ByteArrayType>,
    tag_id: Leaf<ByteArrayType>,
    region_id: Leaf<ByteArrayType>,
    category: Leaf<Int64Type>,
    bbox: Leaf<DoubleType>,
    /// Left, top, width, height.
    fractions: [Leaf<DoubleType>; 4],
    created: Leaf<Int64Type>,
}

impl Rows {
    pub(super) fn open(group: &dyn RowGroupReader, schema: &Type) -> Result<Self, FormatError> {
        use ConvertedType as C;
        if !has_marked_lists(schema) {
            return Err(FormatError::says("a list is not marked as one"));
        }
        let mut columns = Columns::new(group);
        let image = match columns.open_any("image.bytes", C::NONE)? {
            Some(bytes) => Some(Image { bytes, path: columns.open("image.path", C::UTF8)? }),
            None => None,
        };
        let mut fraction = |path| columns.open(path, C::NONE);
        let fractions = [
            fraction("objects.list.element.left")?,
            fraction("objects.list.element.top")?,
            fraction("objects.list.element.width")?,
            fraction("objects.list.element.height")?,
        ];
        let objects = Objects {
            tag: columns.open("objects.list.element.tag", C::UTF8)?,
            tag_id: columns.open("objects.list.element.tag_id", C::UTF8)?,
            region_id: columns.open("objects.list.element.region_id", C::UTF8)?,
            category: columns.open("objects.list.element.category", C::NONE)?,
            bbox: columns.open("objects.list.element.bbox.list.element", C::NONE)?,
            fractions,
            created: columns.open("objects.list.element.created", C::TIMESTAMP_MICROS)?,
        };
        let rows = Self {
            image,
            file_name: columns.open("file_name", C::UTF8)?,
            image_id: columns.open("image_id", C::UTF8)?,
            split: columns.open("split", C::UTF8)?,
            width: columns.open("width", C::NONE)?,
            height: columns.open("height", C::NONE)?,
            created: columns.open("created", C::TIMESTAMP_MICROS)?,
            objects,
            tags: columns.open("tags.list.element", C::UTF8)?,
            key: columns.open("metadata.list.element.key", C::UTF8)?,
            value: columns.open("metadata.list.element.value", C::UTF8)?,
            label: columns.open_any("label", C::NONE)?,
        };
        columns.finish()?;
        Ok(rows)
    }

    /// Calls `take` with each of so many rows, and its picture; `most` of them are in memory at a time.
    pub(super) fn each(
        mut self,
        rows: u64,
        most: usize,
        mut take: impl FnMut(Result<(FoundExample, Option<ByteArray>), FormatError>) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut left = rows;
        while left > 0 {
            let count = usize::try_from(left).map_or(most, |left| left.min(most));
            self.columns().into_iter().try_for_each(|column| column.fill(count))?;
            (0..count).try_for_each(|_| take(self.take()))?;
            left -= count as u64;
        }
        self.columns().into_iter().try_for_each(Column::finish)
    }

    fn columns(&mut self) -> Vec<&mut dyn Column> {
        let Self { image, file_name, image_id, split, width, height, created, objects, tags, key, value, label } = self;
        let mut columns: Vec<&mut dyn Column> =
            vec![file_name, image_id, split, width, height, created, tags, key, value];
        let Objects { tag, tag_id, region_id, category, bbox, fractions: [left, top, width, height], created } =
            objects;
        let objects: [&mut dyn Column; 10] =
            [tag, tag_id, region_id, category, bbox, left, top, width, height, created];
        columns.extend(objects);
        if let Some(label) = label {
            columns.push(label);
        }
        if let Some(Image { bytes, path }) = image {
            columns.push(bytes);
            columns.push(path);
        }
        columns
    }

    /// The next row, and its picture.
    fn take(&mut self) -> Result<(FoundExample, Option<ByteArray>), FormatError> {
        let file_name = self.file_name.text(0)?;
        let picture = self.image.as_mut().map(|image| image.take(&file_name)).transpose()?;
        let example = FoundExample {
            file_name,
            image_id: self.image_id.text(0)?,
            split: self.split.text(0)?,
            width: number(self.width.take(0)?)?,
            height: number(self.height.take(0)?)?,
            created: self.created.take_any(0)?.map(date).transpose()?,
            objects: self.objects.take()?,
            tags: list(&mut self.tags, Leaf::text)?,
            metadata: self.metadata()?,
            label: match &mut self.label {
                Some(label) => label.take_any(0)?.map(number).transpose()?,
                None => None,
            },
        };
        Ok((example, picture))
    }

    fn metadata(&mut self) -> Result<Vec<FoundPair>, FormatError> {
        let Self { key, value, .. } = self;
        let pairs = list(key, |key, at| Ok(FoundPair { key: key.text(at)?, value: value.text(at)? }))?;
        if pairs.is_empty() {
            value.take_no_entries()?;
        }
        Ok(pairs)
    }
}

impl Image {
    fn take(&mut self, file_name: &str) -> Result<ByteArray, FormatError> {
        let (bytes, path) = (self.bytes.take(0)?, self.path.take(0)?);
        match path.data() == file_name.as_bytes() {
            true => Ok(bytes),
            false => Err(FormatError::says("the path of a picture is not its name")),
        }
    }
}

impl Objects {
    /// Those of the next row.
    fn take(&mut self) -> Result<Vec<FoundObject>, FormatError> {
        let Self { tag, tag_id, region_id, category, bbox, fractions, created } = self;
        let [left, top, width, height] = fractions;
        let objects = list(tag, |tag, at| {
            Ok(FoundObject {
                tag: tag.text(at)?,
                tag_id: tag_id.text(at)?,
                region_id: region_id.text(at)?,
                category: number(category.take(at)?)?,
                bbox: [bbox.take(at)?, bbox.take(2)?, bbox.take(2)?, bbox.take(2)?],
                left: left.take(at)?,
                top: top.take(at)?,
                width: width.take(at)?,
                height: height.take(at)?,
                created: created.take_any(at)?.map(date).transpose()?,
            })
        })?;
        if objects.is_empty() {
            [tag_id, region_id].into_iter().try_for_each(Leaf::take_no_entries)?;
            [category, created].into_iter().try_for_each(Leaf::take_no_entries)?;
            [bbox, left, top, width, height].into_iter().try_for_each(Leaf::take_no_entries)?;
        }
        Ok(objects)
    }
}

/// The entries of a row's list, of which `lead` is the first column; `entry` is told how each stands in the list.
fn list<T: DataType, E>(
    lead: &mut Leaf<T>,
    mut entry: impl FnMut(&mut Leaf<T>, i16) -> Result<E, FormatError>,
) -> Result<Vec<E>, FormatError> {
    let mut entries = Vec::new();
    if lead.take_empty() {
        return Ok(entries);
    }
    entries.push(entry(lead, 0)?);
    while lead.has_more() {
        entries.push(entry(lead, 1)?);
    }
    Ok(entries)
}

fn number<N: Copy + std::fmt::Display, T: TryFrom<N>>(number: N) -> Result<T, FormatError> {
    T::try_from(number).map_err(|_| FormatError::says(format!("{number} cannot be there")))
}

/// Whether every group with entries says that it is a list: else readers take it for something else.
fn has_marked_lists(schema: &Type) -> bool {
    let is_repeated = |field: &Type| field.get_basic_info().repetition() == Repetition::REPEATED;
    schema.get_fields().iter().filter(|field| field.is_group()).all(|group| {
        let has_entries = group.get_fields().iter().any(|field| is_repeated(field));
        let is_marked = group.get_basic_info().converted_type() == ConvertedType::LIST;
        has_entries == is_marked && has_marked_lists(group)
    })
}

#[cfg(test)]
mod tests {
    use ::parquet::schema::parser::parse_message_type;

    use super::has_marked_lists;

    #[test]
    fn lists_are_marked_and_nothing_else_is() {
        let is_marked =
            |fields: &str| has_marked_lists(&parse_message_type(&format!("message m {{ {fields} }}")).expect("schema"));
        let list = |mark: &str, inner: &str| format!("optional group a {mark} {{ repeated group list {{ {inner} }} }}");
        let plain = "optional binary element;";
        assert!(is_marked(&list("(LIST)", plain)) && is_marked("optional group image { optional binary bytes; }"));
        assert!(!is_marked(&list("", plain)));
        let entry = |inner: &str| list("(LIST)", &format!("optional group element {{ {inner} }}"));
        assert!(is_marked(&entry(&list("(LIST)", plain))) && !is_marked(&entry(&list("", plain))));
    }
}
