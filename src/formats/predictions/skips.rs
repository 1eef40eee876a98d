//! What of a set of predictions was not used, in groups: a million predictions of one unknown tag are one line.

use std::collections::BTreeMap;

/// Groups that are distinguished.
const MOST_GROUPS: usize = 10_000;

/// Predictions that were not used for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Number of predictions.
    pub count: u64,
    /// Where the first one is, in the file's own terms.
    pub first: String,
}

/// What was not used, by the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skips {
    groups: BTreeMap<String, Group>,
    count: u64,
    /// Reasons beyond those that are kept.
    others: u64,
}

impl Skips {
    /// Notes one prediction.
    pub fn add(&mut self, reason: String, place: impl FnOnce() -> String) {
        self.count += 1;
        if let Some(group) = self.groups.get_mut(&reason) {
            group.count += 1;
        } else if self.groups.len() < MOST_GROUPS {
            self.groups.insert(reason, Group { count: 1, first: place() });
        } else {
            self.others += 1;
        }
    }

    /// Number of predictions that were not used.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The reasons in the order of their words.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = (&str, &Group)> {
        self.groups.iter().map(|(reason, group)| (reason.as_str(), group))
    }

    /// A sentence a reason, at most `most`, and one for the rest.
    pub fn sentences(&self, most: usize) -> Vec<String> {
        let mut sentences: Vec<String> =
            self.groups().take(most).map(|(reason, group)| sentence(reason, group)).collect();
        let told: u64 = self.groups().take(most).map(|(_, group)| group.count).sum();
        if self.count > told {
            sentences.push(format!("{} more predictions were skipped for other reasons.", self.count - told));
        }
        sentences
    }
}

fn sentence(reason: &str, Group { count, first }: &Group) -> String {
    match count {
        1 => format!("{first}: skipped a prediction: {reason}."),
        _ => format!("{first}: skipped {count} predictions; the reason for the first: {reason}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_reasons_are_one_sentence() {
        let mut skips = Skips::default();
        for line in 1..=3 {
            skips.add("no tag is named \"cup\"".to_owned(), || format!("a.json: [{line}]"));
        }
        skips.add("it has no score".to_owned(), || "a.json: [9]".to_owned());
        assert_eq!(
            skips.sentences(9),
            [
                "a.json: [9]: skipped a prediction: it has no score.",
                "a.json: [1]: skipped 3 predictions; the reason for the first: no tag is named \"cup\".",
            ]
        );
        assert_eq!(skips.sentences(1)[1], "3 more predictions were skipped for other reasons.");
        assert_eq!(skips.count(), 4);
    }

    #[test]
    fn reasons_have_an_end() {
        let mut skips = Skips::default();
        for at in 0..MOST_GROUPS + 7 {
            skips.add(format!("reason {at}"), || "a".to_owned());
        }
        assert_eq!((skips.groups().len(), skips.count(), skips.others), (MOST_GROUPS, MOST_GROUPS as u64 + 7, 7));
    }
}
