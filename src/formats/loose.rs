//! Values as other people's programs write them: numbers as texts, names as numbers.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// No edge of a box is further away.
pub(super) const FARTHEST: f64 = 1e9;

/// A number, whether it was one or is in a text, with `px` behind it or not; finite.
pub(super) fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => number_in(text),
        _ => None,
    }
    .filter(|number| number.abs() < FARTHEST)
}

/// A number in a text, with `px` behind it or not; finite.
pub(super) fn number_in(text: &str) -> Option<f64> {
    let text = text.trim();
    let number: f64 = text.strip_suffix("px").unwrap_or(text).trim_end().parse().ok()?;
    (number.abs() < FARTHEST).then_some(number)
}

/// A number where a parser meets one, by the rules of [`number`]; `None` is anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Loose(pub(super) Option<f64>);

/// An id or a name where a parser meets one: a text, or a number as a text. Empty is anything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Id(pub(super) String);

impl AnyValue<'_> for Loose {
    fn number(found: Number) -> Self {
        Self(number(Some(&Value::Number(found))))
    }

    fn text(text: &str) -> Self {
        Self(number_in(text))
    }
}

impl AnyValue<'_> for Id {
    fn number(number: Number) -> Self {
        // 7 and 7.0 are one id.
        Self(match number.as_f64() {
            Some(whole) if number.is_f64() && whole.fract() == 0.0 && whole.abs() < 9e15 => (whole as i64).to_string(),
            _ => number.to_string(),
        })
    }

    fn text(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any_value(deserializer)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any_value(deserializer)
    }
}

/// What a reader makes of a value of any kind where a parser meets one. What it has no function for is the default: it is
/// passed over without being kept.
pub(super) trait AnyValue<'de>: Default {
    fn number(_: Number) -> Self {
        Self::default()
    }

    fn text(_: &str) -> Self {
        Self::default()
    }

    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

pub(super) fn any_value<'de, T: AnyValue<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(AnyVisitor(PhantomData))
}

struct AnyVisitor<T>(PhantomData<T>);

impl<'de, T: AnyValue<'de>> Visitor<'de> for AnyVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(Number::from_f64(number).map(T::number).unwrap_or_default())
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::map(map)
    }
}

/// A width or a height in pixels.
pub(super) fn pixel_side(number: Option<f64>) -> Option<u32> {
    number.filter(|side| (1.0..FARTHEST).contains(side)).map(|side| side as u32)
}

/// The same in a table whose cells are not apart by commas: a spreadsheet may write `10,5`.
pub(super) fn number_with_comma(text: &str) -> Option<f64> {
    let has_one_comma = text.matches(',').count() == 1 && !text.contains('.');
    if has_one_comma { number_in(&text.replace(',', ".")) } else { number_in(text) }
}

/// A whole number that is not negative, whether it was one or is a text.
pub(super) fn count(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64().or_else(|| {
            let number = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..FARTHEST).contains(number))?;
            Some(number as u64)
        }),
    }
}

/// A name, whether it is a text or a number: classes are called `7` as well. `None` when it is missing or empty.
pub(super) fn name(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The text of a field; `None` when it is missing, no text, or empty.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field)?.as_str().filter(|text| !text.is_empty())
}

/// The elements of a field that is a list.
pub(super) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The beginning of a text, for a report.
pub(super) fn start(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_finite() {
        let found = |json: &str| number(Some(&serde_json::from_str(json).expect("json")));
        assert_eq!((found("7"), found("\" 499px \""), found("\"1e3\"")), (Some(7.0), Some(499.0), Some(1000.0)));
        for bad in ["\"nan\"", "\"inf\"", "1e300", "null", "[]", "\"\"", "\"px\""] {
            assert_eq!(found(bad), None, "{bad}");
        }
        assert_eq!((number_with_comma("10,5"), number_with_comma("1,000.5")), (Some(10.5), None));
        assert_eq!(count(Some(&serde_json::json!("7"))), Some(7));
        assert_eq!(count(Some(&serde_json::json!(7.0))), Some(7));
        assert_eq!(name(Some(&serde_json::json!(7))).as_deref(), Some("7"));
    }
}
