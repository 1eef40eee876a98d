//! YOLO as it is found in the wild: `data.yaml` by the rules of Ultralytics. The rows of label files are in
//! [`rows`](super::rows); the importer knows where the files are.

use crate::error::FormatError;
use crate::layout::{Role, role_of};
use crate::split::SplitPart;
use crate::yaml::{self, Document, Yaml};

use super::rows::MOST_CLASSES;
pub use super::rows::{RowForm, YoloRow, read_row, read_rows};

/// What `data.yaml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YoloFacts {
    /// The folder that the parts are relative to, when it is named.
    pub path: Option<String>,
    /// The folders or lists of each part.
    pub parts: Vec<(SplitPart, Vec<String>)>,
    /// Names of the classes in the order of their numbers.
    pub names: Vec<String>,
    /// The number of classes that it states.
    pub count: Option<u64>,
    /// Whether rows continue behind the box with the points of a body.
    pub has_keypoints: bool,
    /// The file with the names of the classes, where Darknet has it.
    pub names_file: Option<String>,
    /// Keys that are in it more than once, of which the last counts, with the line of that.
    pub repeated: Vec<(String, usize)>,
}

/// Reads Darknet's `obj.data`: a key and a value a line.
///
/// # Errors
/// When it names neither a list nor the file of the names.
pub fn read_darknet(text: &str) -> Result<YoloFacts, FormatError> {
    let value = |key: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('='));
        let found = lines.find(|(found, _)| found.trim() == key).map(|(_, value)| value.trim().to_owned());
        found.filter(|value| !value.is_empty())
    };
    // CVAT and datumaro call a list by its part in their own words; any other word may stand for one as well.
    let mut parts: Vec<(SplitPart, Vec<String>)> = Vec::new();
    for (key, list) in text.lines().filter_map(|line| line.split_once('=')) {
        let (key, list) = (key.trim(), list.trim());
        let part = match role_of(key) {
            Some(Role::Part("val")) => SplitPart::Val,
            Some(Role::Part("test")) => SplitPart::Test,
            Some(Role::Part(_)) => SplitPart::Train,
            _ if list.to_ascii_lowercase().ends_with(".txt") => SplitPart::Train,
            _ => continue,
        };
        if list.is_empty() {
            continue;
        }
        match parts.iter_mut().find(|(known, _)| *known == part) {
            Some((_, lists)) => lists.push(list.to_owned()),
            None => parts.push((part, vec![list.to_owned()])),
        }
    }
    let facts = YoloFacts { parts, names_file: value("names"), ..YoloFacts::default() };
    if facts.parts.is_empty() && facts.names_file.is_none() {
        return Err(FormatError::says("there is no train and no names, as Darknet files have"));
    }
    Ok(facts)
}

/// Reads `data.yaml`.
///
/// # Errors
/// When it is no YAML, or names neither classes nor a part.
pub fn read_facts(text: &str) -> Result<YoloFacts, FormatError> {
    let Document { root, repeated } = yaml::read(text)?;
    let mut facts = YoloFacts {
        path: root.get("path").and_then(Yaml::text).map(str::to_owned),
        names: names(&root)?,
        count: root.get("nc").and_then(Yaml::text).and_then(|count| count.parse().ok()),
        has_keypoints: root
            .get("kpt_shape")
            .is_some_and(|shape| matches!(shape, Yaml::List(_)) || shape.text().is_some()),
        repeated,
        ..YoloFacts::default()
    };
    for (key, part) in
        [("train", SplitPart::Train), ("val", SplitPart::Val), ("valid", SplitPart::Val), ("test", SplitPart::Test)]
    {
        let places: Vec<String> = match root.get(key) {
            Some(Yaml::List(list)) => list.iter().filter_map(Yaml::text).map(str::to_owned).collect(),
            Some(one) => one.text().map(str::to_owned).into_iter().collect(),
            None => Vec::new(),
        };
        if !places.is_empty() && facts.parts.iter().all(|(known, _)| *known != part) {
            facts.parts.push((part, places));
        }
    }
    if facts.parts.is_empty() {
        return Err(FormatError::says("there is no train, val or test, as YOLO files have"));
    }
    Ok(facts)
}

/// Reads the names of the classes in a YAML file that names no part of a dataset, as some tools write next to the labels.
///
/// # Errors
/// When it is no YAML, or has no names.
pub fn read_names(text: &str) -> Result<Vec<String>, FormatError> {
    names(&yaml::read(text)?.root)
}

fn names(root: &Yaml) -> Result<Vec<String>, FormatError> {
    // A list or a map is the name of nothing.
    let name = |at: u64, value: &Yaml| match value {
        Yaml::Text(text) => text.clone(),
        Yaml::List(_) | Yaml::Map(_) => format!("class_{at}"),
    };
    match root.get("names") {
        Some(names) if names.text().is_some() => {
            let text = names.text().unwrap_or_default();
            let reason = format!("names is the text {text:.60?}, and neither a list ([a, b]) nor a map of class names");
            Err(FormatError::says(reason))
        }
        Some(Yaml::List(list)) => Ok((0..).zip(list).map(|(at, value)| name(at, value)).collect()),
        Some(Yaml::Map(map)) => {
            let mut numbered = Vec::with_capacity(map.len());
            for (number, value) in map {
                let number: u64 = number
                    .trim()
                    .parse()
                    .ok()
                    .filter(|number| *number < MOST_CLASSES)
                    .ok_or_else(|| FormatError::says(format!("{number:.40?} in names is not a class number")))?;
                numbered.push((number, name(number, value)));
            }
            numbered.sort();
            let end = numbered.last().map_or(0, |(number, _)| number + 1);
            let mut names: Vec<String> = (0..end).map(|number| format!("class_{number}")).collect();
            for (number, name) in numbered {
                if let Some(place) = usize::try_from(number).ok().and_then(|at| names.get_mut(at)) {
                    *place = name;
                }
            }
            Ok(names)
        }
        // As Ultralytics calls them.
        _ => match root.get("nc").and_then(Yaml::text).and_then(|count| count.parse().ok()) {
            Some(count) if count <= MOST_CLASSES => Ok((0..count).map(|number| format!("class_{number}")).collect()),
            _ => Err(FormatError::says("there are no names, as YOLO files have")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_yaml_in_its_forms() {
        let ours =
            read_facts("train: images/train\nval: images/val\nnames:\n  0: \"fork\"\n  1: \"猫: x\"\n").expect("ours");
        assert_eq!(ours.names, ["fork", "猫: x"]);
        assert_eq!(ours.parts[1], (SplitPart::Val, vec!["images/val".to_owned()]));
        let roboflow =
            read_facts("train: ../train/images\nvalid: [a, b]\ntest:\nnc: 2\nnames: ['a', 1]\n").expect("roboflow");
        assert_eq!(roboflow.names, ["a", "1"]);
        assert_eq!(
            roboflow.parts,
            [
                (SplitPart::Train, vec!["../train/images".to_owned()]),
                (SplitPart::Val, vec!["a".to_owned(), "b".to_owned()])
            ]
        );
        assert_eq!(read_facts("path: x\ntrain: t\nnames: {2: c, 0: a}\n").expect("gap").names, ["a", "class_1", "c"]);
        assert_eq!(read_facts("train: t\nnc: 2\nkpt_shape: [17, 3]\n").expect("count").names, ["class_0", "class_1"]);
        for bad in ["names: [a]\n", "train: t\n", "train: [\n", "", "- a\n", "train: t\nnames: {4000000000: a}\n"] {
            assert!(read_facts(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn classes_are_called_as_they_are_written() {
        let words = ["A", "N", "Y", "no", "off", "yes", "01", "007", "1.10", "1_0", "~"];
        let found =
            read_facts(&format!("train: images\nnc: 11\nnc: 11\nnames: [{}]\n", words.join(", "))).expect("facts");
        assert_eq!((found.names, found.repeated), (words.map(str::to_owned).to_vec(), vec![("nc".to_owned(), 3)]));
        assert_eq!(read_facts("train: t\nnames: {0: on, 1: 01}\nkpt_shape: null\n").expect("map").names, ["on", "01"]);
    }

    #[test]
    fn names_without_parts_are_those_of_the_classes() {
        assert_eq!(read_names("nc: 2\nnames: [fork, big spoon]\n").expect("names"), ["fork", "big spoon"]);
        assert!(read_facts("nc: 2\nnames: [fork, big spoon]\n").is_err());
        assert!(read_names("name: x\nversion: 2\n").is_err() && read_names("- a\n").is_err());
    }

    #[test]
    fn names_that_are_a_text_are_refused() {
        for names in ["'a, b'", "names.txt"] {
            let error = read_facts(&format!("train: images\nnc: 2\nnames: {names}\n")).expect_err("refused");
            assert!(error.to_string().contains("neither a list"), "{error}");
        }
        assert_eq!(read_facts("train: images\nnc: 1\nnames:\n").expect("facts").names, ["class_0"]);
    }

    #[test]
    fn darknet_names_its_files() {
        let text = "classes = 2\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n";
        let facts = read_darknet(text).expect("facts");
        assert_eq!(facts.names_file.as_deref(), Some("data/obj.names"));
        assert_eq!(facts.parts, [(SplitPart::Train, vec!["data/train.txt".to_owned()])]);
        // As datumaro writes it, with a part of its own name.
        let facts =
            read_darknet("train = train.txt\nval = val.txt\nextra = extra.txt\nnames = obj.names\n").expect("facts");
        let lists = |part| facts.parts.iter().find(|(known, _)| *known == part).map(|(_, lists)| lists.join(" "));
        assert_eq!(
            (lists(SplitPart::Train).as_deref(), lists(SplitPart::Val).as_deref()),
            (Some("train.txt extra.txt"), Some("val.txt"))
        );
        assert!(read_darknet("classes = 2\n").is_err() && read_darknet("").is_err());
    }
}
