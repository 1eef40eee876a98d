//! The names of the classes in a dataset's card.

use std::collections::VecDeque;

use crate::yaml::{self, Yaml};

/// The names in the head of a card: those of `class_names`, as Tagscope writes them, else those of the first class label in
/// its `dataset_info`. `None` when there are none.
pub fn class_names(card: &str) -> Option<Vec<String>> {
    let card = card.strip_prefix('\u{feff}').unwrap_or(card);
    let card = card.strip_prefix("---")?.trim_start_matches('\r').strip_prefix('\n')?;
    let end = card.find("\n---")?;
    let head = yaml::read(&card[..=end]).ok()?.root;
    if let Some(names) = head.get("class_names") {
        return names_in(names);
    }
    let mut open = VecDeque::from([head.get("dataset_info")?]);
    while let Some(node) = open.pop_front() {
        if let Some(names) = node.get("class_label").and_then(|label| label.get("names")) {
            return names_in(names);
        }
        match node {
            Yaml::List(nodes) => open.extend(nodes),
            Yaml::Map(entries) => open.extend(entries.iter().map(|(_, node)| node)),
            Yaml::Text(_) => {}
        }
    }
    None
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
    use super::class_names;

    #[test]
    fn names_of_cards() {
        let of = |card: &str| class_names(card);
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(of("---\nclass_names:\n- \"no\"\n- \"a: b\\U0000000A\"\n---\ntext\n"), names(&["no", "a: b\n"]));
        assert_eq!(of("---\nclass_names: []\n---\n"), names(&[]));
        // As the library itself writes it.
        let card = "---\r\ndataset_info:\r\n  features:\r\n  - name: image\r\n    dtype: image\r\n  - name: objects\r\n    \
                    list:\r\n    - name: category\r\n      dtype:\r\n        class_label:\r\n          names:\r\n            \
                    '1': spoon\r\n            '0': fork\r\n---\r\n";
        assert_eq!(of(card), names(&["fork", "spoon"]));
        let gap = "---\ndataset_info:\n  class_label:\n    names:\n      '1': a\n---\n";
        for text in ["", "# A page\n", "---\nlicense: mit\n---\n", "---\nclass_names: [a]\n", gap, "---\n[\n---\n"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
