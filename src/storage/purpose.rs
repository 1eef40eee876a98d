//! What a job makes and with which choices: what it must have in common with an unfinished one that it continues.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Letters of a value that a message shows.
const MOST_LETTERS: usize = 60;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purpose {
    /// `export` or `archive`.
    pub job: String,
    /// The project, its iteration, the list of its images: what is not there is not known yet.
    #[serde(default)]
    pub of: BTreeMap<String, String>,
    /// The choices by name; what is not there was not chosen.
    #[serde(default)]
    pub choices: BTreeMap<String, String>,
}

impl Purpose {
    /// A job of this name without any choices.
    pub fn of(job: &str) -> Self {
        Self { job: job.to_owned(), ..Self::default() }
    }

    /// What keeps `other` from continuing with what was begun for this, as a sentence; `None`: nothing.
    pub(super) fn refusal_of(&self, other: &Self) -> Option<String> {
        if self.job != other.job {
            let article = if self.job.starts_with(['a', 'e', 'i', 'o', 'u']) { "An" } else { "A" };
            return Some(format!("{article} {} was begun for this place and not finished.", self.job));
        }
        let both = self.of.iter().filter_map(|(name, value)| Some((name, value, other.of.get(name)?)));
        let mut differences: Vec<String> = both
            .filter(|(_, ours, theirs)| ours != theirs)
            .map(|(name, ours, theirs)| told(name, ours, theirs))
            .collect();
        let names: std::collections::BTreeSet<&String> = self.choices.keys().chain(other.choices.keys()).collect();
        for name in names {
            let [ours, theirs] = [self, other].map(|purpose| purpose.choices.get(name).map_or("none", String::as_str));
            if ours != theirs {
                differences.push(told(name, ours, theirs));
            }
        }
        let job = &self.job;
        let differences = differences.join("; ");
        (!differences.is_empty())
            .then(|| format!("An unfinished {job} with other choices is in the way. It was begun with {differences}."))
    }
}

fn told(name: &str, ours: &str, theirs: &str) -> String {
    format!("{name} {} (not {})", short(ours), short(theirs))
}

fn short(value: &str) -> String {
    if value.chars().count() <= MOST_LETTERS {
        return value.to_owned();
    }
    let start: String = value.chars().take(MOST_LETTERS).collect();
    format!("{start}...")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export(of: &[(&str, &str)], choices: &[(&str, &str)]) -> Purpose {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        Purpose { of: map(of), choices: map(choices), ..Purpose::of("export") }
    }

    #[test]
    fn what_differs_is_named_and_what_is_not_known_yet_is_not_compared() {
        let begun = export(&[("project", "a")], &[("formats", "coco"), ("query", "tag:fork")]);
        assert_eq!(begun.refusal_of(&begun), None);
        assert_eq!(begun.refusal_of(&export(&[], &[("formats", "coco"), ("query", "tag:fork")])), None);
        let words = begun.refusal_of(&export(&[("project", "b")], &[("formats", "yolo")])).expect("another");
        assert!(
            words.ends_with("It was begun with project a (not b); formats coco (not yolo); query tag:fork (not none)."),
            "{words}"
        );
        let words = begun.refusal_of(&Purpose::of("archive")).expect("another");
        assert_eq!(words, "An export was begun for this place and not finished.");
        let long = export(&[], &[("query", &"x".repeat(500))]);
        assert!(long.refusal_of(&export(&[], &[])).expect("another").len() < 250);
    }
}
