//! Lines of Azure Machine Learning as they are found in the wild: sizes with or without `px`, one label or a list,
//! outlines, fields of a labeling project besides.

use std::io::BufRead;

use serde_json::Value;

use crate::address::relative_name;
use crate::dataset::{BoxUnit, Dataset, DatasetBuilder, DatasetImage, LabelForms, image_of_name};
use crate::error::FormatError;
use crate::lines::json_lines;
use crate::loose::{list, name, number, pixel_side, start, text};
use crate::meaning;
use crate::unread::{Unread, rows_in};
use crate::yaml::{self, Yaml};

/// The lists that an `MLTable` names, relative to its folder.
///
/// # Errors
/// When it is no YAML, names no list, or one that is not next to it.
pub fn read_table(yaml: &str) -> Result<Vec<String>, FormatError> {
    let table = yaml::read(yaml)?.root;
    let Some(Yaml::List(paths)) = table.get("paths") else {
        return Err(FormatError::says("there is no list of paths"));
    };
    let files = paths.iter().map(|path| {
        let file = path.get("file").and_then(Yaml::text);
        let file = file.ok_or_else(|| FormatError::says("there is a path without a file"))?;
        let name = if file.contains("://") { None } else { relative_name(file) };
        name.ok_or_else(|| {
            let start = start(file);
            FormatError::says(format!("the list {start:?} is not next to it; import that file by its own path"))
        })
    });
    let files: Vec<String> = files.collect::<Result<_, _>>()?;
    if files.is_empty() { Err(FormatError::says("there are no paths")) } else { Ok(files) }
}

/// Whether a line is one of these, and not an image in the service's own fields.
pub fn is_line(line: &[u8]) -> bool {
    serde_json::from_slice::<Value>(line).is_ok_and(|line| line.get("image_url").is_some())
}

/// Reads a list; `classes` are those that are known beforehand.
///
/// # Errors
/// When it cannot be read, or no line of it is of this form.
pub fn read_dataset(input: impl BufRead, classes: &[String]) -> Result<Dataset, FormatError> {
    let mut lines =
        Lines { builder: DatasetBuilder::new(None, classes), forms: LabelForms::default(), unread: Unread::default() };
    let mut first_fault = None;
    json_lines(input, |number, line| {
        lines.builder.image_came_in();
        match line {
            Ok(value) => lines.line(number, &value),
            Err(broken) => {
                lines.builder.report(format!("line {number}"), true, broken.reason.clone());
                first_fault.get_or_insert(broken);
            }
        }
        lines.builder.resume()
    })?;
    lines.finish(first_fault.map(FormatError::from))
}

struct Lines {
    builder: DatasetBuilder,
    forms: LabelForms,
    /// Fields of lines without labels.
    unread: Unread,
}

impl Lines {
    fn line(&mut self, number: u64, value: &Value) {
        let place = format!("line {number}");
        let Some(address) = text(value, "image_url").or_else(|| text(value, "image_path")) else {
            return self.builder.report(place, true, "it has no image_url");
        };
        let mut image = match image_of_name(address, || place.clone()) {
            Ok(image) => DatasetImage { unit: BoxUnit::Fractions, ..image },
            Err(reason) => return self.builder.report(place, true, reason),
        };
        if let Some(details) = value.get("image_details") {
            let [width, height] = ["width", "height"].map(|name| pixel_side(self::number(details.get(name))));
            image.size = width.zip(height);
        }
        match value.get("label") {
            Some(Value::String(label)) => {
                self.forms.one = true;
                self.builder.tag(&mut image, label, || place);
            }
            Some(Value::Number(label)) => {
                self.forms.one = true;
                self.builder.tag(&mut image, &label.to_string(), || place);
            }
            Some(Value::Array(labels)) => {
                for (at, label) in labels.iter().enumerate() {
                    self.label(format!("{place}: label[{at}]"), label, &mut image);
                }
            }
            Some(label @ Value::Object(_)) => self.label(place, label, &mut image),
            None | Some(Value::Null) => {
                for name in rows_in(value, "label", &[]) {
                    self.unread.note(name, || place.clone());
                }
            }
            Some(Value::Bool(_)) => self.builder.report(place, true, "its label is neither text nor a list"),
        }
        self.builder.push(image);
    }

    fn label(&mut self, place: String, label: &Value, image: &mut DatasetImage) {
        if let Some(label) = name(Some(label)) {
            self.forms.many = true;
            return self.builder.tag(image, &label, || place);
        }
        self.forms.boxes = true;
        self.builder.region_came_in();
        let edges: Vec<f64> =
            ["topX", "topY", "bottomX", "bottomY"].iter().filter_map(|edge| number(label.get(edge))).collect();
        let bbox = match edges[..] {
            [left, top, right, bottom] => Some(meaning::from_corners([left, top, right, bottom])),
            _ => {
                let outlines =
                    list(label, "polygon").iter().flat_map(|outline| outline.as_array().into_iter().flatten());
                let points: Option<Vec<f64>> = outlines.map(|point| number(Some(point))).collect();
                let found = points.and_then(|points| meaning::around(&points));
                if found.is_some() {
                    self.builder.report(place.clone(), false, "an outline was converted to its bounding box");
                }
                found
            }
        };
        let Some(bbox) = bbox else {
            return self.builder.report(place, true, "it has no topX, topY, bottomX and bottomY");
        };
        let name = name(label.get("label")).unwrap_or_default();
        self.builder.put(image, &name, bbox, || place.clone());
    }

    fn finish(mut self, first_fault: Option<FormatError>) -> Result<Dataset, FormatError> {
        for (place, reason) in self.unread.problems("field", "label") {
            self.builder.report(place, true, reason);
        }
        self.builder.set_kind(self.forms.kind());
        let dataset = self.builder.finish();
        match first_fault {
            Some(fault) if dataset.images.is_empty() => Err(fault),
            None if dataset.images.is_empty() && dataset.counts_in.0 > 0 => {
                Err(FormatError::says("no line has an image_url, as Azure ML files do"))
            }
            _ => Ok(dataset),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ProjectKind;

    use super::*;

    #[test]
    fn lines_of_the_wild() {
        let list = "{\"image_url\":\"https://h/c/a%20b.jpg?sig=secret\",\"image_details\":{\"width\":\"80px\",\"height\":60},\
                    \"label\":[{\"label\":\"can\",\"topX\":0.25,\"topY\":\"0.5\",\"bottomX\":0.75,\"bottomY\":1,\"isCrowd\":0},\
                    {\"label\":\"cup\",\"polygon\":[[0,0,1,0,0.5,0.5]]},{\"label\":\"x\"}]}\n\nrubbish\n{\"a\":1}\n\
                    {\"image_url\":\"azureml://d/paths/..\"}\n{\"image_url\":\"z.jpg\",\"label\":true}\n";
        let found = read_dataset(list.as_bytes(), &[]).expect("dataset");
        assert_eq!((found.counts_in, found.kind), ((5, 3), Some(ProjectKind::Detection)));
        assert_eq!((found.images[0].file_name.as_str(), found.images[0].size), ("c/a b.jpg", Some((80, 60))));
        assert_eq!(found.images[0].boxes[0].bbox, [0.25, 0.5, 0.5, 0.5]);
        assert_eq!(found.images[0].boxes[1].bbox, [0.0, 0.0, 1.0, 0.5]);
        let told = format!("{:?}", found.problems);
        assert!(!told.contains("secret"), "{told}");
        let places: Vec<_> = found.problems.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(places, ["line 1: label[1]", "line 1: label[2]", "line 3", "line 4", "line 5", "line 6"]);
    }

    #[test]
    fn labels_say_the_kind() {
        let kind = |label: &str| {
            let line = format!("{{\"image_url\":\"a/b.jpg\",\"label\":{label}}}");
            read_dataset(line.as_bytes(), &[]).expect("dataset").kind
        };
        assert_eq!(kind("\"cat\""), Some(ProjectKind::Multiclass));
        assert_eq!(kind("[\"cat\",\"dog\"]"), Some(ProjectKind::Multilabel));
        assert_eq!(kind("0"), Some(ProjectKind::Multiclass));
        assert_eq!(kind("[]"), None);
        assert!(matches!(read_dataset(&b"[1\n"[..], &[]), Err(FormatError::Unreadable { line: 1, .. })));
        assert!(matches!(read_dataset(&b"{}\n"[..], &[]), Err(FormatError::NotThisFormat { .. })));
    }

    #[test]
    fn tables_name_their_lists() {
        assert_eq!(read_table("paths:\n  - file: ./a.jsonl\n").expect("table"), ["a.jsonl"]);
        for bad in
            ["", "paths: []", "paths: [{file: azureml://x/a.jsonl}]", "paths: [{file: ../a}]", "paths: [{folder: x}]"]
        {
            assert!(read_table(bad).is_err(), "{bad}");
        }
    }
}
