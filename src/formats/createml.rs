//! Apple's Create ML for object detection: a folder a part with the pictures and `_annotations.createml.json` among them.
//!
//! Boxes are center and size in pixels. It holds no size, no id and no tag of a whole image.

pub mod dataset;

use std::io::{self, Write as _};

use serde::{Deserialize, Serialize};

use super::bounded::read_list;
use super::error::FormatError;
use super::item::ExportItem;
use super::read::{self, FoundImage, FoundRegion, Place, ReadPlan, Sink};
use super::split::SplitPart;
use super::write::{Folder, Head, OutFile, Writer};

const FILE: &str = "_annotations.createml.json";

#[derive(Serialize)]
struct Entry<'a> {
    image: &'a str,
    annotations: Vec<Annotation<'a>>,
}

#[derive(Serialize)]
struct Annotation<'a> {
    label: &'a str,
    coordinates: Coordinates,
}

/// Center and size.
#[derive(Serialize)]
struct Coordinates {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

pub(crate) struct CreateMlWriter<'a> {
    head: &'a Head<'a>,
    folder: &'a dyn Folder,
    lists: Vec<(SplitPart, Box<dyn OutFile>, u64)>,
}

impl<'a> CreateMlWriter<'a> {
    pub(crate) fn begin(head: &'a Head<'a>, folder: &'a dyn Folder) -> io::Result<Self> {
        let mut lists = Vec::new();
        for &part in head.parts {
            let mut list = folder.create(&format!("{}/{FILE}", part.name()))?;
            list.write_all(b"[")?;
            lists.push((part, list, 0));
        }
        Ok(Self { head, folder, lists })
    }
}

impl Writer for CreateMlWriter<'_> {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        let mut annotations = Vec::with_capacity(item.regions.len());
        for region in &item.regions {
            let [left, top, right, bottom] = region.edges(item.picture);
            let (width, height) = (right - left, bottom - top);
            let coordinates = Coordinates { x: left + width / 2.0, y: top + height / 2.0, width, height };
            let label = self.head.names.get(region.class).map(String::as_str).unwrap_or_default();
            annotations.push(Annotation { label, coordinates });
        }
        let entry = Entry { image: item.picture.file_name(), annotations };
        for (part, list, entries) in &mut self.lists {
            if *part == item.part {
                list.write_all(if *entries > 0 { b",\n" } else { b"\n" })?;
                *entries += 1;
                serde_json::to_writer(&mut *list, &entry)?;
                self.folder.link(item, &format!("{}/{}", part.name(), item.picture.file_name()))?;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.lists.into_iter().try_for_each(|(_, mut list, _)| {
            list.write_all(b"\n]\n")?;
            list.finish()
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundEntry {
    image: String,
    annotations: Vec<FoundAnnotation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundAnnotation {
    label: String,
    coordinates: FoundCoordinates,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundCoordinates {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

pub(crate) fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let part = plan.part.unwrap_or_default();
    let folder = plan.folder.join(part.name());
    let mut index = 0;
    read_list(read::open(plan, &format!("{}/{FILE}", part.name()))?, |entry: FoundEntry| {
        if plan.has_pictures && !folder.join(&entry.image).is_file() {
            return Err(format!("there is no picture {}", entry.image));
        }
        sink.image(FoundImage { name: entry.image, part: plan.part, ..FoundImage::default() })?;
        for found in entry.annotations {
            let FoundCoordinates { x, y, width, height } = found.coordinates;
            let (half_width, half_height) = (width / 2.0, height / 2.0);
            let place = Place::Pixels([x - half_width, y - half_height, x + half_width, y + half_height]);
            sink.region(index, FoundRegion { label: found.label, place, listed: None, id: None, created: None })?;
        }
        index += 1;
        Ok(())
    })
}
