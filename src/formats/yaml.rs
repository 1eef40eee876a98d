//! YAML with every scalar as the text that is in the file: `N`, `no`, `01`, `1.10` and `~` are names like any other.
//!
//! Older YAML makes truth values and numbers of such words, and several classes would become one.

use std::collections::HashMap;

use granit_parser::{Event, Parser};

use super::error::FormatError;

/// Nodes and bytes of a document with its aliases resolved; an alias of an alias grows quickly.
const MOST_NODES: usize = 1_000_000;
const MOST_BYTES: usize = 64 << 20;

/// A node of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Yaml {
    /// A scalar as it is written, without its quotes.
    Text(String),
    List(Vec<Self>),
    /// A map in the order of the file, each key once.
    Map(Vec<(String, Self)>),
}

/// A document, and the keys that are in it more than once: the key and the line of its last place.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) root: Yaml,
    pub(super) repeated: Vec<(String, usize)>,
}

impl Yaml {
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            Self::Text(_) | Self::List(_) => None,
        }
    }

    /// The text of a scalar; `None` when it says that there is none.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL") => Some(text),
            _ => None,
        }
    }
}

/// Reads the first document of a text. Of a key that stands more than once in a map the last value counts.
pub(super) fn read(text: &str) -> Result<Document, FormatError> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(found) => found,
            Err(error) => {
                let place = error.marker();
                let reason = fault_of(text, place.line(), &error.info());
                return Err(FormatError::Unreadable { reason, line: place.line(), column: place.col() + 1 });
            }
        };
        let line = span.start.line();
        let failed = |reason: &str| FormatError::Unreadable { reason: reason.to_owned(), line, column: 1 };
        match event {
            Event::Scalar(text, _, anchor, _) => builder.node(Yaml::Text(text.into_owned()), anchor, line),
            Event::SequenceStart(_, anchor, _) => builder.open(Yaml::List(Vec::new()), anchor),
            Event::MappingStart(_, anchor, _) => builder.open(Yaml::Map(Vec::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => builder.close(line),
            Event::Alias(target) => match builder.anchors.get(&target).cloned() {
                Some(node) => builder.node(node, 0, line),
                None => return Err(failed("an alias refers to a part that contains it")),
            },
            Event::DocumentEnd => break,
            _ => {}
        }
        if builder.nodes > MOST_NODES || builder.bytes > MOST_BYTES {
            return Err(failed("with its aliases expanded it is too large for a dataset"));
        }
    }
    let Builder { root, repeated, .. } = builder;
    match root {
        Some(root) => Ok(Document { root, repeated }),
        None => Err(FormatError::says("it is empty")),
    }
}

/// What is wrong with a line, in words for its author. The parser's own are about its states.
fn fault_of(text: &str, line: usize, found: &str) -> String {
    let around = text.lines().skip(line.saturating_sub(2)).take(2);
    let has_tab = around.clone().any(|line| line.trim_start_matches(' ').starts_with('\t'));
    let lacks_space = around.clone().any(|line| {
        let after = line.split(':').nth(1);
        !line.trim_start().starts_with(['#', '"', '\''])
            && after.is_some_and(|after| after.starts_with(char::is_alphanumeric))
    });
    let advice = match () {
        () if has_tab => "a line begins with a tab, where YAML wants spaces",
        () if lacks_space => "a colon needs a space behind it",
        () if found.contains("quote") => "a quoted text has no end",
        () => "check the indentation, the quotes and the brackets of this line and the one before",
    };
    format!("it is not valid YAML: {advice}")
}

#[derive(Default)]
struct Builder {
    root: Option<Yaml>,
    open: Vec<Open>,
    anchors: HashMap<usize, Yaml>,
    repeated: Vec<(String, usize)>,
    nodes: usize,
    bytes: usize,
}

/// A list or map under way.
struct Open {
    node: Yaml,
    anchor: usize,
    /// The key whose value comes next, and where each key stands.
    key: Option<String>,
    places: HashMap<String, usize>,
}

impl Builder {
    fn open(&mut self, node: Yaml, anchor: usize) {
        self.open.push(Open { node, anchor, key: None, places: HashMap::new() });
    }

    fn close(&mut self, line: usize) {
        if let Some(Open { node, anchor, .. }) = self.open.pop() {
            self.node(node, anchor, line);
        }
    }

    fn node(&mut self, node: Yaml, anchor: usize, line: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let (nodes, bytes) = weight(&node);
        // A list's own nodes were counted when they came; an alias brings all of them again.
        self.nodes += if self.open.is_empty() { 1 } else { nodes };
        self.bytes += bytes;
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        match &mut open.node {
            Yaml::List(list) => list.push(node),
            Yaml::Map(entries) => match open.key.take() {
                None => {
                    open.key = Some(match node {
                        Yaml::Text(text) => text,
                        // No format has such a key; it is a key that nobody asks for.
                        Yaml::List(_) | Yaml::Map(_) => String::new(),
                    });
                }
                Some(key) => match open.places.get(&key).and_then(|&at| entries.get_mut(at)) {
                    Some(entry) => {
                        entry.1 = node;
                        self.repeated.push((key, line));
                    }
                    None => {
                        open.places.insert(key.clone(), entries.len());
                        entries.push((key, node));
                    }
                },
            },
            Yaml::Text(_) => {}
        }
    }
}

/// Nodes of a node with itself, and bytes of its texts.
fn weight(node: &Yaml) -> (usize, usize) {
    let mut waiting = vec![node];
    let (mut nodes, mut bytes) = (0, 0);
    while let Some(node) = waiting.pop() {
        nodes += 1;
        match node {
            Yaml::Text(text) => bytes += text.len(),
            Yaml::List(list) => waiting.extend(list),
            Yaml::Map(entries) => {
                for (key, value) in entries {
                    bytes += key.len();
                    waiting.push(value);
                }
            }
        }
    }
    (nodes, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Yaml {
        Yaml::Text(text.to_owned())
    }

    #[test]
    fn words_stay_as_they_are_written() {
        let words = ["A", "N", "Y", "no", "off", "yes", "01", "007", "1.10", "1_0", "~", "null", "0x1F", "1e3", ".5"];
        let found = read(&format!("names: [{}]\n", words.join(", "))).expect("yaml").root;
        assert_eq!(found.get("names"), Some(&Yaml::List(words.map(text).to_vec())));
        let quoted = read("a: 'it''s'\nb: \"\\u732b\"\nc: |\n  x\n").expect("yaml").root;
        let values = ["a", "b", "c"].map(|key| quoted.get(key).and_then(Yaml::text).map(str::to_owned));
        assert_eq!(values.map(Option::unwrap_or_default), ["it's", "\u{732b}", "x\n"]);
        assert_eq!(read("test: ~\nval:\n").expect("yaml").root.get("test").and_then(Yaml::text), None);
    }

    #[test]
    fn of_a_repeated_key_the_last_counts_and_that_is_told() {
        let found = read("nc: 2\nnames: [a]\nnc: 3\n").expect("yaml");
        assert_eq!(found.root.get("nc"), Some(&text("3")));
        assert_eq!(found.repeated, [("nc".to_owned(), 3)]);
    }

    #[test]
    fn aliases_are_resolved_but_do_not_fill_the_memory() {
        let found = read("a: &x [1, 2]\nb: *x\n").expect("yaml").root;
        assert_eq!(found.get("a"), found.get("b"));
        let mut laughs = String::from("a0: &a0 [x]\n");
        for number in 1..40 {
            let before = format!("*a{}", number - 1);
            laughs.push_str(&format!("a{number}: &a{number} [{}]\n", [before.as_str(); 9].join(", ")));
        }
        assert!(read(&laughs).expect_err("refused").to_string().contains("aliases"));
    }

    #[test]
    fn what_is_not_yaml_is_refused_with_its_line() {
        for bad in ["names:\n  0: a\n  1:bear\n", "names:\n  0: a\n  3: b: c\n"] {
            let reason = read(bad).expect_err("refused").to_string();
            assert!(reason.contains("(line 3"), "{bad:?}: {reason}");
        }
        assert!(read("").is_err());
    }
}
