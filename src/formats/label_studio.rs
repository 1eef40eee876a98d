//! Tasks of Label Studio, and the labeling setup next to them (`label-studio.xml`).
//!
//! Boxes are in percent. Pictures are named as files of its local storage, whose root is the export. Tags of whole images
//! that no region has are `choices`. A split is in each task's `meta`, which Label Studio keeps and does not use.

pub mod dataset;
pub(crate) mod regions;

use std::fmt::Write as _;
use std::io::{self, Write as _};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::bounded::read_list;
use super::error::FormatError;
use super::item::ExportItem;
use super::read::{self, FoundImage, FoundRegion, Place, ReadPlan, Sink};
use super::split::SplitPart;
use super::write::{Folder, Head, OutFile, Writer};
use super::xml::{Token, Tokens, attribute, escaped};

/// What may be in the address of a local file as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');
const LOCAL: &str = "/data/local-files/?d=";

#[derive(Serialize)]
struct Task<'a> {
    id: u64,
    data: Data,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
    annotations: [Annotation<'a>; 1],
}

#[derive(Serialize)]
struct Data {
    image: String,
    /// In pixels. The results say it as well, where there are any.
    width: u32,
    height: u32,
    custom_vision_id: String,
}

#[derive(Serialize)]
struct Meta {
    split: SplitPart,
}

#[derive(Serialize)]
struct Annotation<'a> {
    result: Vec<Made<'a>>,
}

#[derive(Serialize)]
struct Made<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    from_name: &'static str,
    to_name: &'static str,
    original_width: u32,
    original_height: u32,
    image_rotation: u8,
    value: Value<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Box { x: f64, y: f64, width: f64, height: f64, rotation: u8, rectanglelabels: [&'a str; 1] },
    Choices { choices: Vec<&'a str> },
}

pub(crate) struct LabelStudioWriter<'a> {
    head: &'a Head<'a>,
    out: Box<dyn OutFile>,
    tasks: u64,
}

impl<'a> LabelStudioWriter<'a> {
    pub(crate) fn begin(head: &'a Head<'a>, folder: &dyn Folder) -> io::Result<Self> {
        let mut xml = String::from("<View>\n  <Image name=\"image\" value=\"$image\"/>\n");
        for (element, child, name) in [("RectangleLabels", "Label", "label"), ("Choices", "Choice", "tags")] {
            let more = if element == "Choices" { " choice=\"multiple\"" } else { "" };
            let _ = writeln!(xml, "  <{element} name=\"{name}\" toName=\"image\"{more}>");
            for class in head.names {
                let _ = writeln!(xml, "    <{child} value=\"{}\"/>", escaped(class));
            }
            let _ = writeln!(xml, "  </{element}>");
        }
        xml.push_str("</View>\n");
        folder.write("label-studio.xml", xml.as_bytes())?;
        let mut out = folder.create("label-studio.json")?;
        out.write_all(b"[")?;
        Ok(Self { head, out, tasks: 0 })
    }
}

impl Writer for LabelStudioWriter<'_> {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        self.out.write_all(if self.tasks > 0 { b",\n" } else { b"\n" })?;
        self.tasks += 1;
        let names = self.head.names;
        let name = |class: usize| names.get(class).map(String::as_str).unwrap_or_default();
        let made = |id: String, kind, from_name, value| Made {
            id,
            kind,
            from_name,
            to_name: "image",
            original_width: item.picture.width,
            original_height: item.picture.height,
            image_rotation: 0,
            value,
        };
        let mut result = Vec::with_capacity(item.regions.len() + 1);
        for region in &item.regions {
            let [x, y, right, bottom] = region.corners.map(|edge| edge * 100.0);
            let labels = [name(region.class)];
            let (width, height) = (right - x, bottom - y);
            let value = Value::Box { x, y, width, height, rotation: 0, rectanglelabels: labels };
            result.push(made(region.id.to_string(), "rectanglelabels", "label", value));
        }
        if !item.tags.is_empty() {
            let value = Value::Choices { choices: item.tags.iter().map(|&class| name(class)).collect() };
            result.push(made(item.image.id().to_string(), "choices", "tags", value));
        }
        let task = Task {
            id: self.tasks,
            data: Data {
                image: format!("{LOCAL}{}", utf8_percent_encode(item.picture.path, PLAIN)),
                width: item.picture.width,
                height: item.picture.height,
                custom_vision_id: item.image.id().to_string(),
            },
            meta: self.head.is_split().then_some(Meta { split: item.part }),
            annotations: [Annotation { result }],
        };
        serde_json::to_writer(&mut self.out, &task)?;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.write_all(b"\n]\n")?;
        self.out.finish()
    }
}

#[derive(Deserialize)]
struct FoundTask {
    data: FoundData,
    #[serde(default)]
    meta: Option<FoundMeta>,
    annotations: Vec<FoundAnnotation>,
}

#[derive(Deserialize)]
struct FoundData {
    image: String,
    width: u32,
    height: u32,
    custom_vision_id: String,
}

#[derive(Deserialize)]
struct FoundMeta {
    split: SplitPart,
}

#[derive(Deserialize)]
struct FoundAnnotation {
    result: Vec<FoundResult>,
}

#[derive(Deserialize)]
struct FoundResult {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    from_name: String,
    to_name: String,
    original_width: u32,
    original_height: u32,
    value: FoundValue,
}

#[derive(Deserialize)]
struct FoundValue {
    #[serde(default)]
    x: f64,
    #[serde(default)]
    y: f64,
    #[serde(default)]
    width: f64,
    #[serde(default)]
    height: f64,
    #[serde(default)]
    rotation: f64,
    #[serde(default)]
    rectanglelabels: Vec<String>,
    #[serde(default)]
    choices: Vec<String>,
}

pub(crate) fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let mut tokens = Tokens::new(read::open(plan, "label-studio.xml")?);
    loop {
        match tokens.next()? {
            Token::Open { name, attributes } if name == "Label" => {
                sink.class(attribute(&attributes, "value")?).map_err(FormatError::says)?;
            }
            Token::End => break,
            _ => {}
        }
    }
    let mut index = 0;
    read_list(read::open(plan, "label-studio.json")?, |task: FoundTask| {
        take(index, task, sink)?;
        index += 1;
        Ok(())
    })
}

fn take(index: u64, task: FoundTask, sink: &mut dyn Sink) -> Result<(), String> {
    let path = task.data.image.strip_prefix(LOCAL).ok_or("the picture is not a local file")?;
    let name = percent_decode_str(path).decode_utf8().map_err(|error| error.to_string())?.into_owned();
    let [annotation] = &task.annotations[..] else {
        return Err(format!("{name} does not have exactly one annotation"));
    };
    let size = (task.data.width, task.data.height);
    let mut image = FoundImage {
        name,
        size: Some(size),
        id: Some(task.data.custom_vision_id),
        tags: Some(Vec::new()),
        part: task.meta.map(|meta| meta.split),
        ..FoundImage::default()
    };
    let mut regions = Vec::new();
    for found in &annotation.result {
        if found.to_name != "image" || (found.original_width, found.original_height) != size {
            return Err(format!("the results of {} do not match its size", image.name));
        }
        let FoundValue { x, y, width, height, rotation, rectanglelabels, choices } = &found.value;
        match (found.kind.as_str(), found.from_name.as_str(), &rectanglelabels[..]) {
            ("rectanglelabels", "label", [label]) if *rotation == 0.0 => {
                let corners = [*x, *y, x + width, y + height].map(|percent| percent / 100.0);
                let id = Some(found.id.clone());
                regions.push(FoundRegion {
                    label: label.clone(),
                    place: Place::Fractions(corners),
                    listed: None,
                    id,
                    created: None,
                });
            }
            ("choices", "tags", []) => image.tags = Some(choices.clone()),
            _ => return Err(format!("a result of {} has another type", image.name)),
        }
    }
    sink.image(image)?;
    regions.into_iter().try_for_each(|region| sink.region(index, region))
}
