//! Datumaro's own JSON: `annotations/{part}.json` and `images/{part}`, the part being `default` when the dataset is not
//! divided. `size` is [height, width]; ids of annotations are unique in a file. Everything that Tagscope knows has a place.

pub mod dataset;

use std::io::{self, Write as _};

use serde::de::{Error as _, IgnoredAny, MapAccess};
use serde::{Deserialize, Serialize};

use super::bounded::{List, Members, read_object};
use super::error::FormatError;
use super::item::ExportItem;
use super::read::{self, FoundImage, FoundRegion, Place, ReadPlan, Sink};
use super::split::SplitPart;
use super::write::{Folder, Head, OutFile, Writer};
use domain::PixelRect;

#[derive(Serialize)]
struct Made<'a> {
    id: &'a str,
    annotations: Vec<Annotation>,
    attr: Attributes,
    image: Image<'a>,
}

#[derive(Serialize)]
struct Image<'a> {
    path: &'a str,
    /// Height, then width.
    size: [u32; 2],
}

#[derive(Serialize)]
struct Attributes {
    custom_vision_id: String,
}

#[derive(Serialize)]
struct Annotation {
    id: u64,
    #[serde(rename = "type")]
    kind: &'static str,
    attributes: serde_json::Map<String, serde_json::Value>,
    group: u64,
    label_id: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    z_order: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bbox: Option<[f64; 4]>,
}

pub(crate) struct DatumaroWriter<'a> {
    folder: &'a dyn Folder,
    files: Vec<(SplitPart, &'static str, Box<dyn OutFile>, u64)>,
    annotations: u64,
}

fn subset(part: SplitPart, is_split: bool) -> &'static str {
    if is_split { part.name() } else { "default" }
}

impl<'a> DatumaroWriter<'a> {
    pub(crate) fn begin(head: &Head<'_>, folder: &'a dyn Folder) -> io::Result<Self> {
        let labels: Vec<_> =
            head.names.iter().map(|name| serde_json::json!({"name": name, "parent": "", "attributes": []})).collect();
        let categories = serde_json::json!({"label": {"label_groups": [], "labels": labels, "attributes": []}});
        let mut files = Vec::new();
        for &part in head.parts {
            let subset = subset(part, head.is_split());
            let mut out = folder.create(&format!("annotations/{subset}.json"))?;
            out.write_all(b"{\"dm_format_version\":\"1.0\",\"media_type\":2,\"infos\":{},\n\"categories\":")?;
            serde_json::to_writer(&mut out, &categories)?;
            out.write_all(b",\n\"items\":[")?;
            files.push((part, subset, out, 0));
        }
        Ok(Self { folder, files, annotations: 0 })
    }
}

impl Writer for DatumaroWriter<'_> {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        let mut annotations = Vec::with_capacity(item.regions.len() + item.tags.len());
        let mut next = || {
            self.annotations += 1;
            self.annotations
        };
        for region in &item.regions {
            let rect = region.pixels;
            let mut attributes = serde_json::Map::new();
            attributes.insert("custom_vision_id".to_owned(), region.id.to_string().into());
            annotations.push(Annotation {
                id: next(),
                kind: "bbox",
                attributes,
                group: 0,
                label_id: region.class,
                z_order: Some(0),
                bbox: Some([rect.x, rect.y, rect.width, rect.height]),
            });
        }
        for &label_id in &item.tags {
            let attributes = serde_json::Map::new();
            annotations.push(Annotation {
                id: next(),
                kind: "label",
                attributes,
                group: 0,
                label_id,
                z_order: None,
                bbox: None,
            });
        }
        let made = Made {
            id: item.picture.stem(),
            annotations,
            attr: Attributes { custom_vision_id: item.image.id().to_string() },
            image: Image { path: item.picture.file_name(), size: [item.picture.height, item.picture.width] },
        };
        for (part, subset, out, items) in &mut self.files {
            if *part == item.part {
                out.write_all(if *items > 0 { b",\n" } else { b"\n" })?;
                *items += 1;
                serde_json::to_writer(&mut *out, &made)?;
                self.folder.link(item, &format!("images/{subset}/{}", item.picture.file_name()))?;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.files.into_iter().try_for_each(|(_, _, mut out, _)| {
            out.write_all(b"\n]}\n")?;
            out.finish()
        })
    }
}

#[derive(Deserialize)]
struct FoundItem {
    annotations: Vec<FoundAnnotation>,
    attr: FoundAttributes,
    image: FoundPicture,
}

#[derive(Deserialize)]
struct FoundPicture {
    path: String,
    size: [u32; 2],
}

#[derive(Deserialize)]
struct FoundAttributes {
    #[serde(default)]
    custom_vision_id: Option<String>,
}

#[derive(Deserialize)]
struct FoundAnnotation {
    id: u64,
    #[serde(rename = "type")]
    kind: String,
    attributes: FoundAttributes,
    label_id: usize,
    #[serde(default)]
    bbox: Option<[f64; 4]>,
}

#[derive(Deserialize)]
struct FoundCategories {
    label: FoundLabels,
}

#[derive(Deserialize)]
struct FoundLabels {
    labels: Vec<FoundLabel>,
}

#[derive(Deserialize)]
struct FoundLabel {
    name: String,
}

pub(crate) fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let subset = plan.part.map_or("default", SplitPart::name);
    let mut root = Root { sink, plan, subset, names: Vec::new(), items: 0, annotations: 0 };
    let input = read::open(plan, &format!("annotations/{subset}.json"))?;
    read_object(input, &mut root).map_err(|error| FormatError::from_json(&error))
}

struct Root<'a> {
    sink: &'a mut dyn Sink,
    plan: ReadPlan<'a>,
    subset: &'static str,
    names: Vec<String>,
    items: u64,
    annotations: u64,
}

impl Members for Root<'_> {
    const EXPECTED: &'static str = "a Datumaro object";

    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "categories" => {
                for label in map.next_value::<FoundCategories>()?.label.labels {
                    self.sink.class(&label.name).map_err(A::Error::custom)?;
                    self.names.push(label.name);
                }
            }
            "items" => map.next_value_seed(List::new(|item: FoundItem| self.item(item)))?,
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl Root<'_> {
    fn item(&mut self, item: FoundItem) -> Result<(), String> {
        let FoundPicture { path, size: [height, width] } = item.image;
        let folder = self.plan.folder.join("images").join(self.subset);
        if self.plan.has_pictures && !folder.join(&path).is_file() {
            return Err(format!("there is no picture {path}"));
        }
        let (mut tags, mut regions) = (Vec::new(), Vec::new());
        for found in item.annotations {
            // Of a divided dataset the numbers continue from part to part.
            if found.id <= self.annotations {
                return Err(format!("an annotation number of {path} is used twice"));
            }
            self.annotations = found.id;
            let label = self.names.get(found.label_id).ok_or("a label is not in the list")?.clone();
            match (found.kind.as_str(), found.bbox) {
                ("bbox", Some([x, y, width, height])) => {
                    let place = Place::Exact(PixelRect { x, y, width, height });
                    regions.push(FoundRegion {
                        label,
                        place,
                        listed: None,
                        id: found.attributes.custom_vision_id,
                        created: None,
                    });
                }
                ("label", None) => tags.push(label),
                _ => return Err(format!("an annotation of {path} has another type")),
            }
        }
        self.sink.image(FoundImage {
            name: path,
            size: Some((width, height)),
            id: item.attr.custom_vision_id,
            tags: Some(tags),
            part: self.plan.part,
            ..FoundImage::default()
        })?;
        self.items += 1;
        regions.into_iter().try_for_each(|region| self.sink.region(self.items - 1, region))
    }
}
