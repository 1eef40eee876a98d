//! Tables (`MLTable`) for Azure Machine Learning's automated training on images, the way on that the vendor advises: a
//! folder a part with `*.jsonl` and a file `MLTable`.
//!
//! The pictures are named by their address in the workspace, which is not known at the time of the export: a
//! [`PLACEHOLDER`] is there until `tagscope rewrite-azureml-url` puts the real one in. It holds no id of a region and, in
//! detection, no tag of a whole image; GIF and WebP are not read. Nobody documents whether a line with an empty list of
//! labels is taken: leave negatives out if it is not.

pub mod dataset;

use std::io::{self, BufRead as _, Write as _};

use serde::{Deserialize, Serialize};

use super::Format;
use super::error::FormatError;
use super::item::ExportItem;
use super::read::{self, FoundImage, FoundRegion, Place, ReadPlan, Sink};
use super::rules::{TagPlace, is_classification};
use super::split::SplitPart;
use super::write::{Folder, Head, OutFile, Writer};
use domain::ProjectKind;

/// Stands for the address of the folder of pictures as long as it is not known.
pub const PLACEHOLDER: &str =
    "azureml://subscriptions/SUBSCRIPTION/resourcegroups/GROUP/workspaces/WORKSPACE/datastores/DATASTORE/paths/FOLDER/";

/// The text that the training wants, for a list of this name.
fn table(list: &str) -> String {
    format!(
        "paths:\n  - file: ./{list}\ntransformations:\n  - read_json_lines:\n      encoding: utf8\n      invalid_lines: \
         error\n      include_path_column: false\n  - convert_column_types:\n      - columns: image_url\n        \
         column_type: stream_info\n"
    )
}

pub fn place_of(part: SplitPart) -> (&'static str, &'static str) {
    match part {
        SplitPart::Train => ("training-mltable-folder", "train_annotations.jsonl"),
        SplitPart::Val => ("validation-mltable-folder", "validation_annotations.jsonl"),
        SplitPart::Test => ("test-mltable-folder", "test_annotations.jsonl"),
    }
}

/// An address for the folder of pictures, with a slash at its end.
///
/// # Errors
/// In words, when Azure ML cannot use it or it holds a secret.
pub fn checked_url(url: &str) -> Result<String, String> {
    let url = url.trim();
    if url.contains(['?', '#']) {
        return Err(
            "the URL has a query (such as a signature), which would end up in a file that may be shared".to_owned()
        );
    }
    if url
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '\\' | '<' | '>'))
    {
        return Err("the URL has an invalid character".to_owned());
    }
    const SCHEMES: [&str; 4] = ["azureml://", "https://", "wasbs://", "abfss://"];
    let rest = SCHEMES.iter().find_map(|scheme| url.strip_prefix(scheme)).map(|rest| rest.trim_matches('/'));
    let Some(rest) = rest.filter(|rest| !rest.is_empty()) else {
        return Err(format!(
            "the URL must start with {} and name a folder, such as \
             azureml://subscriptions/.../datastores/.../paths/forks/images/",
            SCHEMES.join(", ")
        ));
    };
    if url.starts_with("https://") && rest.contains('@') {
        return Err(
            "the URL contains a user name or password, which would end up in a file that may be shared".to_owned()
        );
    }
    if url.starts_with("azureml://") && !rest.contains("/paths/") && !rest.contains("datastores/") {
        return Err(
            "an azureml:// URL needs a datastore and a path: azureml://.../datastores/NAME/paths/FOLDER/".to_owned()
        );
    }
    Ok(format!("{}/", url.trim_end_matches('/')))
}

#[derive(Serialize)]
struct Line<'a> {
    image_url: String,
    image_details: Details<'a>,
    label: Label<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    format: &'a str,
    width: String,
    height: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Label<'a> {
    Boxes(Vec<Boxed<'a>>),
    One(&'a str),
    Many(Vec<&'a str>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Boxed<'a> {
    label: &'a str,
    top_x: f64,
    top_y: f64,
    bottom_x: f64,
    bottom_y: f64,
    is_crowd: u8,
}

pub(crate) struct AzureMlWriter<'a> {
    head: &'a Head<'a>,
    lists: Vec<(SplitPart, Box<dyn OutFile>)>,
}

impl<'a> AzureMlWriter<'a> {
    pub(crate) fn begin(head: &'a Head<'a>, folder: &dyn Folder) -> io::Result<Self> {
        let mut lists = Vec::new();
        for &part in head.parts {
            let (place, list) = place_of(part);
            folder.write(&format!("{place}/MLTable"), table(list).as_bytes())?;
            lists.push((part, folder.create(&format!("{place}/{list}"))?));
        }
        Ok(Self { head, lists })
    }
}

impl Writer for AzureMlWriter<'_> {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        let names = self.head.names;
        let name = |class: usize| names.get(class).map(String::as_str).unwrap_or_default();
        let label = match Format::AzureMl.rules(self.head.kind).tags {
            TagPlace::One => Label::One(item.tags.first().map(|&class| name(class)).unwrap_or_default()),
            TagPlace::Many => Label::Many(item.tags.iter().map(|&class| name(class)).collect()),
            TagPlace::None => {
                let boxed = item.regions.iter().map(|region| {
                    let [top_x, top_y, bottom_x, bottom_y] = region.corners;
                    Boxed { label: name(region.class), top_x, top_y, bottom_x, bottom_y, is_crowd: 0 }
                });
                Label::Boxes(boxed.collect())
            }
        };
        let prefix = self.head.options.azureml_url.as_deref().unwrap_or(PLACEHOLDER);
        let line = Line {
            image_url: format!("{prefix}{}", item.picture.file_name()),
            image_details: Details {
                format: item.picture.extension(),
                width: format!("{}px", item.picture.width),
                height: format!("{}px", item.picture.height),
            },
            label,
        };
        for (part, list) in &mut self.lists {
            if *part == item.part {
                serde_json::to_writer(&mut *list, &line)?;
                list.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.lists.into_iter().try_for_each(|(_, list)| list.finish())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundLine {
    image_url: String,
    image_details: FoundDetails,
    label: FoundLabel,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundDetails {
    #[serde(default)]
    format: Option<String>,
    width: String,
    height: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FoundLabel {
    One(String),
    Many(Vec<String>),
    Boxes(Vec<FoundBox>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FoundBox {
    label: String,
    top_x: f64,
    top_y: f64,
    bottom_x: f64,
    bottom_y: f64,
    is_crowd: u8,
}

#[derive(Deserialize)]
struct FoundTable {
    paths: Vec<FoundPath>,
    transformations: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct FoundPath {
    file: String,
}

pub(crate) fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let (folder, _) = place_of(plan.part.unwrap_or_default());
    let table: FoundTable = serde_saphyr::from_str(&read::text(plan, &format!("{folder}/MLTable"))?)
        .map_err(|error| FormatError::says(format!("{folder}/MLTable: {error}")))?;
    let (json, columns) = (&table.transformations[..], "convert_column_types");
    let is_sound = json.len() == 2
        && json[0]["read_json_lines"]["encoding"] == "utf8"
        && json[0]["read_json_lines"]["include_path_column"] == false
        && json[1][columns][0]["columns"] == "image_url"
        && json[1][columns][0]["column_type"] == "stream_info";
    let [FoundPath { file }] = &table.paths[..] else {
        return Err(FormatError::says("MLTable does not name exactly one file"));
    };
    let list = file.strip_prefix("./").filter(|_| is_sound);
    let list = list.ok_or_else(|| FormatError::says("MLTable does not have the form that AutoML needs"))?;
    let lines = read::open(plan, &format!("{folder}/{list}"))?.split(b'\n');
    for (index, line) in (0..).zip(lines) {
        let line = line.map_err(|error| FormatError::Files { reason: error.to_string() })?;
        let line: FoundLine = serde_json::from_slice(&line).map_err(|error| FormatError::from_json(&error))?;
        take(index, line, plan, sink).map_err(FormatError::says)?;
    }
    Ok(())
}

fn take(index: u64, line: FoundLine, plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), String> {
    let FoundDetails { format, width, height } = line.image_details;
    let pixels = |text: &str| text.strip_suffix("px").and_then(|number| number.parse().ok());
    let size = pixels(&width).zip(pixels(&height)).ok_or("a size is not in px")?;
    let (_, name) = line.image_url.rsplit_once('/').ok_or("a URL without a slash")?;
    const TAKEN: [&str; 8] = ["jpg", "jpeg", "png", "jpe", "jfif", "bmp", "tif", "tiff"];
    if format.is_some_and(|format| !TAKEN.contains(&format.as_str()) || !name.ends_with(&format!(".{format}"))) {
        return Err(format!("{name} has an unsupported type"));
    }
    let image = FoundImage { name: name.to_owned(), size: Some(size), part: plan.part, ..FoundImage::default() };
    match line.label {
        FoundLabel::One(label) if plan.kind == ProjectKind::Multiclass => {
            sink.image(FoundImage { tags: Some(vec![label]), ..image })
        }
        FoundLabel::Many(labels) if plan.kind == ProjectKind::Multilabel => {
            sink.image(FoundImage { tags: Some(labels), ..image })
        }
        // An empty list is a list of texts as well.
        FoundLabel::Many(labels) if labels.is_empty() && !is_classification(plan.kind) => sink.image(image),
        FoundLabel::Boxes(boxes) if !is_classification(plan.kind) => {
            sink.image(image)?;
            for found in boxes {
                let corners = [found.top_x, found.top_y, found.bottom_x, found.bottom_y];
                let is_inside = corners.iter().all(|edge| (0.0..=1.0).contains(edge));
                if !is_inside || found.is_crowd != 0 || found.top_x >= found.bottom_x || found.top_y >= found.bottom_y {
                    return Err(format!("the region of {name} breaks a rule of AutoML"));
                }
                let place = Place::Fractions(corners);
                sink.region(index, FoundRegion { label: found.label, place, listed: None, id: None, created: None })?;
            }
            Ok(())
        }
        _ => Err(format!("{name} has a label of another kind of project")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked() {
        let url = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/forks/images";
        assert_eq!(checked_url(url), Ok(format!("{url}/")));
        assert_eq!(
            checked_url("https://a.blob.core.windows.net/c//"),
            Ok("https://a.blob.core.windows.net/c/".to_owned())
        );
        assert!(checked_url("wasbs://c@a.blob.core.windows.net/x").is_ok());
        for bad in [
            "",
            "forks",
            "http://a/b",
            "azureml://",
            "azureml://forks",
            "https://a/c?sv=1&sig=x",
            "https://a b/",
            "https://u:p@a/c",
        ] {
            assert!(checked_url(bad).is_err(), "{bad}");
        }
        assert!(checked_url(PLACEHOLDER).is_ok());
    }
}
