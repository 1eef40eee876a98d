//! Rows under a name that a reader does not know: `Annotations` for `annotations`, `annos`, `<Image>`. Other programs
//! write fields of their own, so an unknown name is nothing to report by itself. It is when rows are missing.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess};
use serde_json::Value;

use crate::error::Quoted;
use crate::loose::{AnyValue, any_value};

/// Different names that are remembered for one file.
const MOST_NAMES: usize = 20;
/// Letters of a name in a report.
const MOST_SHOWN: usize = 60;

/// The unknown names of a file.
#[derive(Debug, Default)]
pub(super) struct Unread {
    found: Vec<Found>,
}

#[derive(Debug)]
struct Found {
    name: String,
    /// Where it is for the first time.
    place: String,
    count: u64,
}

impl Unread {
    pub(super) fn note(&mut self, name: &str, place: impl FnOnce() -> String) {
        if let Some(known) = self.found.iter_mut().find(|known| known.name == name) {
            known.count += 1;
        } else if self.found.len() < MOST_NAMES {
            self.found.push(Found { name: name.to_owned(), place: place(), count: 1 });
        }
    }

    /// The first place of each name with the reason why nothing was read there. `kind` is what a name is called in the
    /// format ("field", "element"), `expected` which names the reader knows.
    pub(super) fn problems(self, kind: &str, expected: &str) -> impl Iterator<Item = (String, String)> {
        self.found.into_iter().map(move |Found { name, place, count }| {
            let often = if count > 1 { format!(" ({count} times in this file)") } else { String::new() };
            let name = Quoted(&name);
            (place, format!("the {kind} {name:.MOST_SHOWN$} is unknown and was not read{often}; expected {expected}"))
        })
    }
}

/// The names in an element under which there could be the rows that it lacks: a name that differs from `wanted` in its case,
/// its number or its signs only, or any name with a list of objects. `known` are the names with another meaning.
pub(super) fn rows_in<'a>(element: &'a Value, wanted: &'a str, known: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let fields = element.as_object().into_iter().flatten();
    let unknown = fields.filter(move |(name, _)| name.as_str() != wanted && !known.contains(&name.as_str()));
    unknown
        .filter(move |(name, value)| is_filled(value) && (is_like(name, wanted) || is_rows(value)))
        .map(|(name, _)| name.as_str())
}

/// Whether two names are the same but for their case, their number, and signs in them.
pub(super) fn is_like(name: &str, wanted: &str) -> bool {
    let bare = |name: &str| {
        let letters = name.chars().filter(|letter| letter.is_alphanumeric());
        let letters: String = letters.flat_map(char::to_lowercase).collect();
        letters.strip_suffix('s').map(str::to_owned).unwrap_or(letters)
    };
    name != wanted && bare(name) == bare(wanted)
}

fn is_rows(value: &Value) -> bool {
    value.as_array().and_then(|list| list.first()).is_some_and(Value::is_object)
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// A value that is passed over, of which only its form is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Passed {
    /// A list that begins with an object.
    Rows,
    /// An object with something in it.
    Object,
    /// An empty list or object, a list of something else, a text, a number.
    #[default]
    Other,
}

impl<'de> Deserialize<'de> for Passed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any_value(deserializer)
    }
}

impl<'de> AnyValue<'de> for Passed {
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let first = list.next_element::<Self>()?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(if first == Some(Self::Object) { Self::Rows } else { Self::Other })
    }

    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut found = Self::Other;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            found = Self::Object;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_are_found_under_other_names() {
        let of = |element: Value| -> Vec<String> {
            rows_in(&element, "annotations", &["drafts"]).map(str::to_owned).collect()
        };
        assert_eq!(of(json!({"annotation": [{}]})), ["annotation"]);
        assert_eq!(of(json!({"Annotations": {"a": 1}, "annotations": []})), ["Annotations"]);
        assert_eq!(of(json!({"annos": [{"a": 1}], "drafts": [{}], "points": [1, 2], "id": 1})), ["annos"]);
        assert_eq!(of(json!({"annotations": [{}], "ANNOTATIONS": null, "annotation": []})), Vec::<String>::new());
        assert!(is_like("label_s", "label") && !is_like("label", "label") && !is_like("labeled", "label"));
    }

    #[test]
    fn the_form_of_what_is_passed_over_is_known() {
        let of = |text: &str| serde_json::from_str::<Passed>(text).expect("json");
        for rows in [r#"[{"a":[1]},2]"#, r#"[{"a":1}]"#] {
            assert_eq!(of(rows), Passed::Rows, "{rows}");
        }
        assert_eq!(of(r#"{"a":[1,{}],"b":null}"#), Passed::Object);
        for other in ["[]", "{}", "[1,{}]", "[[{\"a\":1}]]", "null", "true", "1.5", "-1", "7", "\"x\""] {
            assert_eq!(of(other), Passed::Other, "{other}");
        }
    }

    #[test]
    fn each_name_is_told_once_with_its_first_place() {
        let mut unread = Unread::default();
        for line in 3..6 {
            unread.note("Image", || format!("line {line}"));
        }
        for name in 0..100 {
            unread.note(&name.to_string(), String::new);
        }
        let told: Vec<_> = unread.problems("element", "image").collect();
        assert_eq!(told.len(), MOST_NAMES);
        assert_eq!(
            told[0],
            (
                "line 3".to_owned(),
                "the element \"Image\" is unknown and was not read (3 times in this file); expected image".to_owned()
            )
        );
    }
}
