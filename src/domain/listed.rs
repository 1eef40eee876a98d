//! Lists from the service: projects, iterations, domains or tags, in which an invalid entry, or an invalid field of an
//! entry, is skipped on its own; and how complete a listing of images is.

use std::ops::Deref;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Error, Map, Value};

use super::errors::json_error;
use super::problem::Problem;
use super::record::{AllRows, with_whole_letters};

/// What could be read of a list, in its order, and what could not.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed<T> {
    pub entries: Vec<T>,
    /// One [`Problem::UnreadableEntry`] for each entry that is left out, one [`Problem::OddField`] for each field.
    pub problems: Vec<Problem>,
}

impl<T> Listed<T> {
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Listed<U> {
        Listed { entries: self.entries.into_iter().map(change).collect(), problems: self.problems }
    }
}

impl<T> Listed<T> {
    /// What could not be read, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        sentences(&self.problems)
    }

    /// Whether whole entries are left out.
    pub fn lacks_entries(&self) -> bool {
        self.problems.iter().any(|problem| matches!(problem, Problem::UnreadableEntry { .. }))
    }
}

pub fn sentences(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| format!("{problem}.")).collect()
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), problems: Vec::new() }
    }
}

impl<T> From<Vec<T>> for Listed<T> {
    fn from(entries: Vec<T>) -> Self {
        Self { entries, problems: Vec::new() }
    }
}

impl<T> Deref for Listed<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.entries
    }
}

impl<T: DeserializeOwned> Listed<T> {
    /// Reads a JSON list of `what`, such as `tags`.
    ///
    /// # Errors
    /// When it is no JSON list, or one of more than 10,000 entries.
    pub fn read(json: &[u8], what: &str) -> Result<Self, Error> {
        let AllRows(rows) = serde_json::from_slice::<AllRows<&RawValue>>(json)?;
        let mut listed = Self::default();
        for (index, row) in rows.into_iter().enumerate() {
            match read_one(row.get().as_bytes()) {
                Ok((entry, problems)) => {
                    listed.entries.push(entry);
                    let of_entry = |(field, reason)| {
                        let field = format!("{field} of number {} in the list of {what}", index + 1);
                        Problem::OddField { field, reason }
                    };
                    listed.problems.extend(problems.into_iter().map(of_entry));
                }
                Err(error) => {
                    let (list, reason) = (what.to_owned(), json_error(&error));
                    listed.problems.push(Problem::UnreadableEntry { list, index, reason });
                }
            }
        }
        Ok(listed)
    }
}

/// The names of odd fields, and what became of each.
type OddFields = Vec<(String, String)>;

/// Reads one object whose only indispensable field is `id`.
///
/// # Errors
/// When it is no object, or its `id` is none.
pub fn read_one<T: DeserializeOwned>(json: &[u8]) -> Result<(T, OddFields), Error> {
    let first = match serde_json::from_slice(json) {
        Ok(entry) => return Ok((entry, Vec::new())),
        Err(error) => error,
    };
    let mended = with_whole_letters(json);
    let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(&mended.text) else { return Err(first) };
    let mut odd = OddFields::new();
    if mended.problem().is_some() {
        let reason = "it has half a character, which was replaced by \u{fffd}".to_owned();
        odd.push(("with text".to_owned(), reason));
    }
    let id = fields.get("id").cloned().unwrap_or_default();
    let names: Vec<String> = fields.keys().filter(|name| *name != "id").cloned().collect();
    for name in names {
        let Some(value) = fields.get(&name) else { continue };
        let alone = Map::from_iter([("id".to_owned(), id.clone()), (name.clone(), value.clone())]);
        let Err(error) = serde_json::from_value::<T>(Value::Object(alone)) else { continue };
        fields.remove(&name);
        odd.push((name, format!("{}; it was skipped", json_error(&error))));
    }
    let entry = serde_json::from_value(Value::Object(fields)).map_err(|_| first)?;
    Ok((entry, odd))
}

/// What is known about a listing: how many rows were received, and whether they are complete.
///
/// The service has no snapshot of a list. While pages are fetched images can be added and deleted, and rows of one
/// upload come in no order; so a list is only as whole as the evidence says that is collected here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListingReport {
    /// Rows handed out, each image once.
    pub listed: u64,
    /// Rows that could not be read; of an archive also those of images that the list has already.
    pub unreadable: u64,
    /// Rows dropped because the service gave them again.
    pub duplicates: u64,
    /// Images among the listed ones that have left the list meanwhile: deleted, or no longer with these tags. Their
    /// rows were handed out before that was known.
    pub gone: u64,
    /// Images that the service counts and that never came, once the listing has ended. Above 20 tags an image may be
    /// missing more than once.
    pub missing: u64,
    /// Rows the service counts for the query, once it has said so. Above 20 tags, where it counts an image more than
    /// once: the most there can be; at the end their number if it is known, else `None`.
    pub total: Option<u64>,
    /// Whether the listing has ended without a count: the service would not say how many images there are. Such a list
    /// is whole when an answer has shown that nothing is behind its last row.
    pub is_uncounted: bool,
    /// Whether the source is an archive: its manifest counts, and nobody changes it meanwhile.
    pub is_of_archive: bool,
    /// Whether the listing has ended and everything that was requested is here, as far as the evidence goes.
    pub is_whole: bool,
}

impl ListingReport {
    /// How a listing stands that has two parts, of which the first has ended.
    #[must_use]
    pub fn and(self, second: Self) -> Self {
        Self {
            listed: self.listed + second.listed,
            unreadable: self.unreadable + second.unreadable,
            duplicates: self.duplicates + second.duplicates,
            gone: self.gone + second.gone,
            missing: self.missing + second.missing,
            total: match (self.total, second.total) {
                (Some(first), Some(second)) => Some(first + second),
                // While the second part has not begun to say how many there are, the first one's is the least.
                (first, None) if !second.is_whole && !second.is_uncounted => first,
                (None, second) if self == Self::default() => second,
                _ => None,
            },
            is_uncounted: self.is_uncounted || second.is_uncounted,
            is_of_archive: self.is_of_archive || second.is_of_archive,
            is_whole: (self.is_whole || self == Self::default()) && second.is_whole,
        }
    }

    /// Images that came and are still in the list, readable or not.
    pub fn there(&self) -> u64 {
        (self.listed + self.unreadable).saturating_sub(self.gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Iteration, Project, Tag};

    const ID: &str = "879c5031-c23e-4452-8ad0-4f093d5f07d2";

    fn tags(entries: &[&str]) -> Listed<Tag> {
        Listed::read(format!("[{}]", entries.join(",")).as_bytes(), "tags").expect("list")
    }

    fn words<T>(listed: &Listed<T>) -> String {
        listed.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn an_odd_tag_costs_only_itself() {
        let good = format!(r#"{{"id":"{ID}","name":"fork","imageCount":4}}"#);
        let listed = tags(&[&good, r#"{"id":"no id","name":"spoon"}"#, "17", &good]);
        assert_eq!(listed.iter().map(|tag| &*tag.name).collect::<Vec<_>>(), ["fork", "fork"]);
        let words = words(&listed);
        assert_eq!(listed.problems.len(), 2, "{words}");
        assert!(words.starts_with("Number 2 in the list of tags could not be read and was skipped: "), "{words}");
    }

    #[test]
    fn an_odd_field_costs_only_itself() {
        for (field, value) in
            [("imageCount", "-1"), ("imageCount", "\"5\""), ("imageCount", "1e9"), ("description", "7"), ("name", "[]")]
        {
            let listed = tags(&[&format!(r#"{{"id":"{ID}","type":"Negative","{field}":{value}}}"#)]);
            assert_eq!((listed.len(), listed.problems.len()), (1, 1), "{field}");
            assert!(listed[0].is_negative());
            assert!(words(&listed).starts_with(&format!("Field {field} of number 1 in the list of tags: ")));
        }
        let half = tags(&[&format!(r#"{{"id":"{ID}","name":"a\ud83db \ud83d\ude00"}}"#)]);
        assert_eq!((&*half[0].name, half.problems.len()), ("a\u{fffd}b 😀", 1));
    }

    #[test]
    fn projects_and_iterations_likewise() {
        let text = format!(r#"[{{"id":"{ID}","name":"p","settings":{{"domainId":7}}}},{{"id":7}}]"#);
        let projects = Listed::<Project>::read(text.as_bytes(), "projects").expect("list");
        assert_eq!((projects.len(), projects.problems.len(), &*projects[0].name), (1, 2, "p"));
        let text = format!(r#"[{{"id":"{ID}","name":"i","status":{{}},"extra":1}}]"#);
        let iterations = Listed::<Iteration>::read(text.as_bytes(), "iterations").expect("list");
        assert_eq!((iterations.len(), iterations.problems.len()), (1, 1));
        assert_eq!(iterations[0].other["extra"], 1);
    }

    #[test]
    fn what_is_no_list_is_refused_and_nothing_secret_is_told() {
        assert!(Listed::<Tag>::read(b"{}", "tags").is_err());
        let listed = tags(&[&format!(r#"{{"id":"{ID}","description":{{"x":"https://h/i?sig=SECRET"}}}}"#)]);
        assert!(listed.problems.len() == 1 && !words(&listed).contains("SECRET"));
    }
}
