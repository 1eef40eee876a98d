//! YOLO as it is found in the wild: `data.yaml` by the rules of Ultralytics, and the rows of label files, boxes and
//! outlines. Where the files are is a matter of whoever imports.

use serde_json::Value;

use crate::formats::error::FormatError;
use crate::formats::split::Part;

/// Extensions of what Ultralytics takes for a picture, and GIF.
pub const PICTURES: [&str; 13] =
    ["bmp", "dng", "gif", "heic", "jpeg", "jpg", "mpo", "pfm", "png", "tif", "tiff", "webp", "jfif"];
/// Classes beyond this are no dataset's.
const MOST_CLASSES: u64 = 100_000;

/// What `data.yaml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YoloFacts {
    /// The folder that the parts are relative to, when it is named.
    pub path: Option<String>,
    /// The folders or lists of each part.
    pub parts: Vec<(Part, Vec<String>)>,
    /// Names of the classes in the order of their numbers.
    pub names: Vec<String>,
    /// Whether rows go on behind the box with the points of a body.
    pub has_keypoints: bool,
    /// The file with the names of the classes, where Darknet has it.
    pub names_file: Option<String>,
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
    let lists = [("train", Part::Train), ("valid", Part::Val), ("test", Part::Test)];
    let parts = lists.into_iter().filter_map(|(key, part)| Some((part, vec![value(key)?]))).collect();
    let facts = YoloFacts { parts, names_file: value("names"), ..YoloFacts::default() };
    if facts.parts.is_empty() && facts.names_file.is_none() {
        return Err(FormatError::says("there is no train and no names, as Darknet has"));
    }
    Ok(facts)
}

/// Reads `data.yaml`.
///
/// # Errors
/// When it is no YAML, or names neither classes nor a part.
pub fn read_facts(text: &str) -> Result<YoloFacts, FormatError> {
    let root: Value = serde_saphyr::from_str(text).map_err(|error| FormatError::says(error.to_string()))?;
    let mut facts = YoloFacts {
        path: root.get("path").and_then(Value::as_str).map(str::to_owned),
        names: names(&root)?,
        has_keypoints: root.get("kpt_shape").is_some_and(|shape| !shape.is_null()),
        ..YoloFacts::default()
    };
    for (key, part) in [("train", Part::Train), ("val", Part::Val), ("valid", Part::Val), ("test", Part::Test)] {
        let places: Vec<String> = match root.get(key) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        if !places.is_empty() && facts.parts.iter().all(|(known, _)| *known != part) {
            facts.parts.push((part, places));
        }
    }
    if facts.parts.is_empty() {
        return Err(FormatError::says("there is no train, val or test, as YOLO has"));
    }
    Ok(facts)
}

fn names(root: &Value) -> Result<Vec<String>, FormatError> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match root.get("names") {
        Some(Value::Array(list)) => Ok(list.iter().map(text).collect()),
        Some(Value::Object(map)) => {
            let mut numbered = Vec::with_capacity(map.len());
            for (number, name) in map {
                let number: u64 = number.parse().ok().filter(|number| *number < MOST_CLASSES).ok_or_else(|| {
                    FormatError::says(format!("the number {number:.40?} in names is no number of a class"))
                })?;
                numbered.push((number, text(name)));
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
        _ => match root.get("nc").and_then(Value::as_u64).filter(|count| *count <= MOST_CLASSES) {
            Some(count) => Ok((0..count).map(|number| format!("class_{number}")).collect()),
            None => Err(FormatError::says("there are no names, as YOLO has")),
        },
    }
}

/// A row of a label file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YoloRow {
    /// The number of the class, from 0.
    pub class: usize,
    /// Left, top, width and height in fractions of the picture; finite.
    pub bbox: [f64; 4],
    /// Whether it was an outline: the box is the one around it.
    pub is_outline: bool,
}

/// Reads a row: a class with a box, with a box and more (a confidence, points of a body), or with an outline. `None` when
/// it is none of these.
pub fn read_row(line: &str, has_keypoints: bool) -> Option<YoloRow> {
    let numbers: Vec<f64> = line
        .split_ascii_whitespace()
        .map(|field| field.parse().ok().filter(|number: &f64| number.abs() < 1e6))
        .collect::<Option<_>>()?;
    let (class, numbers) = numbers.split_first()?;
    if class.fract() != 0.0 || !(0.0..MOST_CLASSES as f64).contains(class) {
        return None;
    }
    let class = *class as usize;
    match numbers {
        [cx, cy, width, height, rest @ ..] if rest.len() < 2 || has_keypoints => {
            let bbox = [cx - width / 2.0, cy - height / 2.0, *width, *height];
            Some(YoloRow { class, bbox, is_outline: false })
        }
        outline if outline.len().is_multiple_of(2) && outline.len() >= 6 => {
            let edges = |from: usize| {
                let along = outline.iter().skip(from).step_by(2).copied();
                (along.clone().fold(f64::INFINITY, f64::min), along.fold(f64::NEG_INFINITY, f64::max))
            };
            let ((left, right), (top, bottom)) = (edges(0), edges(1));
            Some(YoloRow { class, bbox: [left, top, right - left, bottom - top], is_outline: true })
        }
        _ => None,
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
        assert_eq!(ours.parts[1], (Part::Val, vec!["images/val".to_owned()]));
        let roboflow =
            read_facts("train: ../train/images\nvalid: [a, b]\ntest:\nnc: 2\nnames: ['a', 1]\n").expect("roboflow");
        assert_eq!(roboflow.names, ["a", "1"]);
        assert_eq!(
            roboflow.parts,
            [(Part::Train, vec!["../train/images".to_owned()]), (Part::Val, vec!["a".to_owned(), "b".to_owned()])]
        );
        assert_eq!(read_facts("path: x\ntrain: t\nnames: {2: c, 0: a}\n").expect("gap").names, ["a", "class_1", "c"]);
        assert_eq!(read_facts("train: t\nnc: 2\nkpt_shape: [17, 3]\n").expect("count").names, ["class_0", "class_1"]);
        for bad in ["names: [a]\n", "train: t\n", "train: [\n", "", "- a\n", "train: t\nnames: {4000000000: a}\n"] {
            assert!(read_facts(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn rows_in_their_forms() {
        let row = |line| read_row(line, false);
        assert_eq!(row("1 0.5 0.5 0.5 1").map(|row| (row.class, row.bbox)), Some((1, [0.25, 0.0, 0.5, 1.0])));
        assert_eq!(row("\t2.0  .5 .5 .5 1 0.93 ").map(|row| row.class), Some(2));
        let outline = row("0 0.1 0.2 0.3 0.9 0.2 0.4").expect("outline");
        assert!(outline.is_outline && (outline.bbox[2] - 0.2).abs() < 1e-12 && outline.bbox[1] == 0.2, "{outline:?}");
        assert_eq!(read_row("0 0.5 0.5 1 1 0.1 0.2 2", true).map(|row| row.bbox), Some([0.0, 0.0, 1.0, 1.0]));
        for bad in [
            "",
            "0",
            "0 1 1 1",
            "x 1 1 1 1",
            "-1 1 1 1 1",
            "0.5 1 1 1 1",
            "0 nan 1 1 1",
            "0 1e300 1 1 1",
            "9999999 1 1 1 1",
        ] {
            assert_eq!(row(bad), None, "{bad:?}");
        }
        assert_eq!(row("0 1 2 3 4 5 6 7"), None, "an outline of half points");
    }

    #[test]
    fn darknet_names_its_files() {
        let text = "classes = 2\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n";
        let facts = read_darknet(text).expect("facts");
        assert_eq!(facts.names_file.as_deref(), Some("data/obj.names"));
        assert_eq!(facts.parts, [(Part::Train, vec!["data/train.txt".to_owned()])]);
        assert!(read_darknet("classes = 2\n").is_err() && read_darknet("").is_err());
    }
}
