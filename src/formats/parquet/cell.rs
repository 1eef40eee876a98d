//! Fields of a row for serde, without a copy of them in between.

use ::parquet::record::Field;
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::table::value;

/// A field as JSON would have it: bytes are left out, and dates are texts.
pub(super) struct Cell<'a>(pub(super) &'a Field);

impl<'de> IntoDeserializer<'de, Error> for Cell<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Cell<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Field::Int(number) => visitor.visit_i32(*number),
            Field::Long(number) => visitor.visit_i64(*number),
            Field::Double(number) => visitor.visit_f64(*number),
            Field::Str(text) => visitor.visit_str(text),
            Field::Group(row) => {
                let fields = row.get_column_iter().map(|(name, field)| (name.as_str(), Cell(field)));
                let mut fields: MapDeserializer<'_, _, Error> = MapDeserializer::new(fields);
                let found = visitor.visit_map(&mut fields)?;
                fields.end().map(|()| found)
            }
            Field::ListInternal(list) => {
                let mut entries: SeqDeserializer<_, Error> = SeqDeserializer::new(list.elements().iter().map(Cell));
                let found = visitor.visit_seq(&mut entries)?;
                entries.end().map(|()| found)
            }
            other => value(other).deserialize_any(visitor).map_err(serde::de::Error::custom),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if *self.0 == Field::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
