//! A JSON list whose elements go to a function one by one, so that a list of any length takes the memory of one element.

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};

use super::error::FormatError;

/// Reads a JSON list element by element.
pub(super) fn read<T: DeserializeOwned>(
    input: impl std::io::Read,
    take: impl FnMut(T) -> Result<(), String>,
) -> Result<(), FormatError> {
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    List::new(take)
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| FormatError::of(&error))
}

/// A list whose elements go to a function one by one.
pub(crate) struct List<T, F> {
    take: F,
    element: std::marker::PhantomData<T>,
}

impl<T, F: FnMut(T) -> Result<(), String>> List<T, F> {
    pub(crate) fn new(take: F) -> Self {
        Self { take, element: std::marker::PhantomData }
    }
}

impl<'de, T: DeserializeOwned, F: FnMut(T) -> Result<(), String>> DeserializeSeed<'de> for List<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned, F: FnMut(T) -> Result<(), String>> Visitor<'de> for List<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<T>()? {
            (self.take)(element).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}
