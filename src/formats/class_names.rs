//! The names of the classes by their numbers: those of a list that counts for every field, or those of a field's own class
//! label. A number never gets its name from the class label of another field. Also read from the card of a dataset of
//! Hugging Face.

use std::collections::VecDeque;

use crate::yaml::{self, Yaml};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassNames {
    /// For every field without names of its own.
    all: Option<Vec<String>>,
    /// Names of a field, by its path: `label`, `objects.category`.
    fields: Vec<(String, Vec<String>)>,
}

impl From<Vec<String>> for ClassNames {
    fn from(all: Vec<String>) -> Self {
        Self { all: Some(all), fields: Vec::new() }
    }
}

impl ClassNames {
    /// Those of fields. A path with two different lists, as cards with several configurations have, has none.
    pub(super) fn from_fields(found: Vec<(String, Vec<String>)>) -> Self {
        let is_unclear =
            |path: &String, names: &Vec<String>| found.iter().any(|(other, list)| other == path && list != names);
        let mut fields: Vec<(String, Vec<String>)> = Vec::new();
        for (path, names) in &found {
            if !is_unclear(path, names) && fields.iter().all(|(known, _)| known != path) {
                fields.push((path.clone(), names.clone()));
            }
        }
        Self { all: None, fields }
    }

    /// The same, with fields that are known better.
    pub(super) fn with_fields(&self, better: Self) -> Self {
        let Self { all, mut fields } = better;
        for (path, names) in &self.fields {
            if fields.iter().all(|(known, _)| known != path) {
                fields.push((path.clone(), names.clone()));
            }
        }
        Self { all: self.all.clone().or(all), fields }
    }

    pub fn all(&self) -> Option<&[String]> {
        self.all.as_deref()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.fields.is_empty()
    }

    /// The names for the numbers of a field.
    pub(super) fn of(&self, path: &str) -> &[String] {
        let own = self.fields.iter().find(|(known, _)| known == path).map(|(_, names)| &names[..]);
        own.or(self.all()).unwrap_or_default()
    }

    /// Fields with names of their own: those in objects first.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &[String])> {
        let of_kind = |is_inner: bool| self.fields.iter().filter(move |(path, _)| path.contains('.') == is_inner);
        of_kind(true).chain(of_kind(false)).map(|(path, names)| (path.as_str(), &names[..]))
    }
}

/// The names in the head of a card: those of `class_names`, as Tagscope writes them, else those of each class label in its
/// `dataset_info`, for its own field. `None` when there are none.
pub fn names_of_card(card: &str) -> Option<ClassNames> {
    let card = card.strip_prefix('\u{feff}').unwrap_or(card);
    let card = card.strip_prefix("---")?.trim_start_matches('\r').strip_prefix('\n')?;
    let end = card.find("\n---")?;
    let head = yaml::read(&card[..=end]).ok()?.root;
    if let Some(names) = head.get("class_names") {
        return names_in(names).map(ClassNames::from);
    }
    let names = ClassNames::from_fields(labels_in(head.get("dataset_info")?));
    (!names.is_empty()).then_some(names)
}

/// The class labels with the paths of their fields.
fn labels_in(info: &Yaml) -> Vec<(String, Vec<String>)> {
    let (mut open, mut found) = (VecDeque::from([(info, String::new())]), Vec::new());
    while let Some((node, above)) = open.pop_front() {
        let path = match node.get("name") {
            Some(Yaml::Text(name)) if above.is_empty() => name.clone(),
            Some(Yaml::Text(name)) => format!("{above}.{name}"),
            _ => above,
        };
        if let Some(names) = node.get("class_label").and_then(|label| names_in(label.get("names")?)) {
            if !path.is_empty() {
                found.push((path, names));
            }
            continue;
        }
        match node {
            Yaml::List(nodes) => open.extend(nodes.iter().map(|node| (node, path.clone()))),
            Yaml::Map(entries) => {
                // Of splits and configurations too, but there is no class label below them.
                open.extend(entries.iter().map(|(_, node)| (node, path.clone())));
            }
            Yaml::Text(_) => {}
        }
    }
    found
}

/// A list, or a map from numbers without gaps.
fn names_in(names: &Yaml) -> Option<Vec<String>> {
    let text = |node: &Yaml| match node {
        Yaml::Text(text) => Some(text.clone()),
        _ => None,
    };
    match names {
        Yaml::List(names) => names.iter().map(text).collect(),
        Yaml::Map(entries) => {
            let numbered = entries.iter().map(|(number, name)| Some((number.parse().ok()?, text(name)?)));
            let mut numbered: Vec<(usize, String)> = numbered.collect::<Option<_>>()?;
            numbered.sort();
            let has_gaps = numbered.iter().enumerate().any(|(at, (number, _))| at != *number);
            (!has_gaps).then(|| numbered.into_iter().map(|(_, name)| name).collect())
        }
        Yaml::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_cards() {
        let all = |card: &str| names_of_card(card).and_then(|names| names.all().map(<[String]>::to_vec));
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            all("---\nclass_names:\n- \"no\"\n- \"a: b\\U0000000A\"\n---\ntext\n"),
            Some(names(&["no", "a: b\n"]))
        );
        assert_eq!(all("---\nclass_names: []\n---\n"), Some(vec![]));
        // As the library itself writes it.
        let card = "---\r\ndataset_info:\r\n  features:\r\n  - name: image\r\n    dtype: image\r\n  - name: scene\r\n    \
                    dtype:\r\n      class_label:\r\n        names:\r\n          '0': day\r\n  - name: objects\r\n    \
                    list:\r\n    - name: category\r\n      dtype:\r\n        class_label:\r\n          names:\r\n            \
                    '1': spoon\r\n            '0': fork\r\n---\r\n";
        let found = names_of_card(card).expect("names");
        assert_eq!(
            (found.of("objects.category"), found.of("scene")),
            (&names(&["fork", "spoon"])[..], &names(&["day"])[..])
        );
        assert!(found.of("objects.label").is_empty() && found.of("label").is_empty(), "names of another field");
        let gap = "---\ndataset_info:\n  class_label:\n    names:\n      '1': a\n---\n";
        for text in ["", "# A page\n", "---\nlicense: mit\n---\n", "---\nclass_names: [a]\n", gap, "---\n[\n---\n"] {
            assert_eq!(names_of_card(text), None, "{text}");
        }
    }
}
