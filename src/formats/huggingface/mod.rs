//! Hugging Face's `imagefolder`: a folder a split with the pictures and `metadata.jsonl` among them, and a dataset card,
//! `README.md`, that names the splits and the classes in their order.
//!
//! Boxes are x, y, width and height in pixels, categories are the names of the tags. The library takes the fields of a
//! split from its lines, so a split without a single box has other fields than one with boxes, and it refuses to load
//! them together. In detection it holds no tag of a whole image.

pub mod dataset;

use std::fmt::Write as _;
use std::io::{self, BufRead as _, Write as _};

use serde::{Deserialize, Serialize};

use super::error::FormatError;
use super::item::ExportItem;
use super::read::{self, FoundImage, FoundRegion, Place, ReadPlan, Sink};
use super::rules::is_classification;
use super::split::SplitPart;
use super::write::{Folder, Head, OutFile, Writer};
use super::yolo::quoted;
use domain::{ImageId, PixelRect, ProjectKind, RegionId};

pub use super::class_names::names_of_card;

/// The dataset's card: what Hugging Face calls the page with the facts that its library reads.
pub const CARD: &str = "README.md";
const LIST: &str = "metadata.jsonl";

#[derive(Serialize)]
struct Line<'a> {
    file_name: &'a str,
    image_id: ImageId,
    width: u32,
    height: u32,
    #[serde(flatten)]
    labels: Labels<'a>,
}

#[derive(Serialize)]
enum Labels<'a> {
    #[serde(rename = "objects")]
    Objects(Objects<'a>),
    #[serde(rename = "label")]
    One(&'a str),
    #[serde(rename = "labels")]
    Many(Vec<&'a str>),
}

/// A list a field, each as long as the others.
#[derive(Default, Serialize)]
struct Objects<'a> {
    bbox: Vec<[f64; 4]>,
    categories: Vec<&'a str>,
    id: Vec<RegionId>,
}

/// The lists under construction: those of the parts that have images.
pub(crate) struct HuggingFaceWriter<'a> {
    head: &'a Head<'a>,
    folder: &'a dyn Folder,
    lists: Vec<(SplitPart, Box<dyn OutFile>)>,
}

impl<'a> HuggingFaceWriter<'a> {
    pub(crate) fn begin(head: &'a Head<'a>, folder: &'a dyn Folder) -> Self {
        Self { head, folder, lists: Vec::new() }
    }

    /// The place of a part's list, which is begun with its first image: the library takes no empty one.
    fn list(&mut self, part: SplitPart) -> io::Result<usize> {
        if let Some(at) = self.lists.iter().position(|(known, _)| *known == part) {
            return Ok(at);
        }
        let list = self.folder.create(&format!("{}/{LIST}", part.full_name()))?;
        self.lists.push((part, list));
        Ok(self.lists.len() - 1)
    }

    fn card(&self) -> String {
        let mut card = format!("---\npretty_name: {}\n", quoted(self.head.project_name));
        let task = if is_classification(self.head.kind) { "image-classification" } else { "object-detection" };
        let _ = writeln!(card, "task_categories:\n- {task}");
        if !self.lists.is_empty() {
            card.push_str("configs:\n- config_name: default\n  data_files:\n");
        }
        for part in SplitPart::ALL.into_iter().filter(|part| self.lists.iter().any(|(known, _)| known == part)) {
            let name = part.full_name();
            let _ = writeln!(card, "  - split: {name}\n    path: {name}/**");
        }
        card.push_str(if self.head.names.is_empty() { "class_names: []\n" } else { "class_names:\n" });
        for name in self.head.names {
            let _ = writeln!(card, "- {}", quoted(name));
        }
        card.push_str(
            "---\n\nExported by Tagscope. Load it with `datasets.load_dataset` and the path of this folder. Boxes are x, \
             y, width and height in pixels of the picture as it is shown, with its EXIF orientation applied. The classes \
             are in the order of `class_names` above.\n",
        );
        card
    }
}

impl Writer for HuggingFaceWriter<'_> {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        let names = self.head.names;
        let name = |class: usize| names.get(class).map(String::as_str).unwrap_or_default();
        let mut tags = item.tags.iter().map(|&class| name(class));
        let labels = match self.head.kind {
            ProjectKind::Multiclass => Labels::One(tags.next().unwrap_or_default()),
            ProjectKind::Multilabel => Labels::Many(tags.collect()),
            _ => {
                let mut objects = Objects::default();
                for region in &item.regions {
                    let PixelRect { x, y, width, height } = region.pixels;
                    objects.bbox.push([x, y, width, height]);
                    objects.categories.push(name(region.class));
                    objects.id.push(region.id);
                }
                Labels::Objects(objects)
            }
        };
        let file_name = item.picture.file_name();
        let (width, height) = (item.picture.width, item.picture.height);
        let line = Line { file_name, image_id: item.image.id(), width, height, labels };
        let at = self.list(item.part)?;
        let Some((part, list)) = self.lists.get_mut(at) else { return Ok(()) };
        serde_json::to_writer(&mut *list, &line)?;
        list.write_all(b"\n")?;
        self.folder.link(item, &format!("{}/{file_name}", part.full_name()))
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.folder.write(CARD, self.card().as_bytes())?;
        self.lists.into_iter().try_for_each(|(_, list)| list.finish())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundLine {
    file_name: String,
    image_id: String,
    width: u32,
    height: u32,
    objects: Option<FoundObjects>,
    label: Option<String>,
    labels: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundObjects {
    bbox: Vec<[f64; 4]>,
    categories: Vec<String>,
    id: Vec<String>,
}

pub(crate) fn read(plan: ReadPlan<'_>, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let names = names_of_card(&read::text(plan, CARD)?).and_then(|names| names.all().map(<[String]>::to_vec));
    let names = names.ok_or_else(|| FormatError::says(format!("{CARD} has no list of class_names")))?;
    names.iter().try_for_each(|name| sink.class(name)).map_err(FormatError::says)?;
    let folder = plan.part.unwrap_or_default().full_name();
    let name = format!("{folder}/{LIST}");
    // A part without images has none.
    if !plan.folder.join(&name).exists() {
        return Ok(());
    }
    for (index, line) in (0..).zip(read::open(plan, &name)?.lines()) {
        let line = line.map_err(|error| FormatError::from_open(&name, &error))?;
        let line: FoundLine = serde_json::from_str(&line).map_err(|error| FormatError::from_json(&error))?;
        let is_there = !plan.has_pictures || plan.folder.join(folder).join(&line.file_name).is_file();
        let fault = match is_there {
            true => line.put(plan, index, sink).err(),
            false => Some(format!("there is no picture {}", line.file_name)),
        };
        if let Some(fault) = fault {
            return Err(FormatError::says(format!("{fault} ({name}, line {})", index + 1)));
        }
    }
    Ok(())
}

impl FoundLine {
    fn put(self, plan: ReadPlan<'_>, index: u64, sink: &mut dyn Sink) -> Result<(), String> {
        let (tags, objects) = match (plan.kind, self.objects, self.label, self.labels) {
            (ProjectKind::Multiclass, None, Some(label), None) => (Some(vec![label]), None),
            (ProjectKind::Multilabel, None, None, Some(labels)) => (Some(labels), None),
            (ProjectKind::Detection | ProjectKind::Unknown, Some(objects), None, None) => (None, Some(objects)),
            _ => return Err("the labels are not those of this kind of project".to_owned()),
        };
        sink.image(FoundImage {
            name: self.file_name,
            size: Some((self.width, self.height)),
            id: Some(self.image_id),
            tags,
            part: plan.part,
            ..FoundImage::default()
        })?;
        let Some(FoundObjects { bbox, categories, id }) = objects else { return Ok(()) };
        if bbox.len() != categories.len() || bbox.len() != id.len() {
            return Err("the lists of its objects differ in length".to_owned());
        }
        for (([x, y, width, height], label), id) in bbox.into_iter().zip(categories).zip(id) {
            let place = Place::Exact(PixelRect { x, y, width, height });
            sink.region(index, FoundRegion { label, place, listed: None, id: Some(id), created: None })?;
        }
        Ok(())
    }
}
