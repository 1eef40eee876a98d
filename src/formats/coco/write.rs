//! Rows to COCO, one by one. Annotations stand in a list of their own, so they go to a spool until the images are done.

use std::io::{self, Read, Seek, SeekFrom, Write};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use crate::domain::{ImageRow, PixelRect, ProjectId, RegionId, TagId, TagTable, UnitRect};

/// The head of the file.
#[derive(Clone, Debug, Serialize)]
pub struct CocoInfo {
    /// Words: the project's name.
    pub description: String,
    /// The program that wrote it.
    pub contributor: String,
    /// The project's id.
    pub custom_vision_project: ProjectId,
}

/// A category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CocoClass {
    /// From 1, without gaps.
    pub id: u32,
    /// The tag's name; made unique where two tags share it, as COCO demands.
    pub name: String,
    /// Always empty.
    pub supercategory: String,
    /// The tag.
    pub custom_vision_id: TagId,
}

/// The categories of a project in the order of its tags: every tag but the negative one, used or not.
pub fn classes(tags: &TagTable) -> Vec<CocoClass> {
    let mut taken = FxHashSet::default();
    let mut classes = Vec::new();
    for (_, entry) in tags.iter().filter(|(_, entry)| !entry.is_negative()) {
        let names = std::iter::once(entry.name.to_string()).chain((2..).map(|n| format!("{} ({n})", entry.name)));
        let Some(name) = names.into_iter().find(|name| taken.insert(name.clone())) else { continue };
        let id = classes.len() as u32 + 1;
        classes.push(CocoClass { id, name, supercategory: String::new(), custom_vision_id: entry.id });
    }
    classes
}

/// The file that goes with a row.
#[derive(Clone, Copy, Debug)]
pub struct Exported<'a> {
    /// Relative, with forward slashes.
    pub file_name: &'a str,
    /// Upright width of this very file in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
}

/// What becomes of a region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// Written as it is.
    Kept(PixelRect),
    /// Written, cut at the edges of the picture.
    Clamped(PixelRect),
    /// Left out: no width, no height, or not a number.
    Empty,
    /// Left out: nothing of it is inside the picture.
    Outside,
    /// Left out: its tag is not a category.
    NoClass,
}

impl Fate {
    /// Of a region with a category.
    pub fn of(rect: UnitRect, width: u32, height: u32) -> Self {
        if rect.is_empty() {
            return Self::Empty;
        }
        if !rect.leaves_image() {
            return Self::Kept(rect.in_pixels(width, height));
        }
        if rect.clamped().is_empty() {
            return Self::Outside;
        }
        let whole = rect.in_pixels(width, height);
        let (w, h) = (f64::from(width), f64::from(height));
        let (x, y) = (whole.x.clamp(0.0, w), whole.y.clamp(0.0, h));
        let (right, bottom) = ((whole.x + whole.width).clamp(x, w), (whole.y + whole.height).clamp(y, h));
        Self::Clamped(PixelRect { x, y, width: right - x, height: bottom - y })
    }
}

#[derive(Serialize)]
struct Image<'a> {
    id: u64,
    width: u32,
    height: u32,
    file_name: &'a str,
    custom_vision: ServiceFacts<'a>,
}

/// What the service knows of the image and COCO has no place for; readers pass over it.
#[derive(Serialize)]
struct ServiceFacts<'a> {
    id: crate::domain::ImageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    metadata: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct Annotation {
    id: u64,
    image_id: u64,
    category_id: u32,
    bbox: [f64; 4],
    area: f64,
    iscrowd: u8,
    segmentation: [u8; 0],
    custom_vision_id: RegionId,
}

/// A COCO file under construction.
#[derive(Debug)]
pub struct CocoWriter<W, S> {
    out: W,
    spool: S,
    classes: FxHashMap<TagId, u32>,
    image_count: u64,
    annotation_count: u64,
}

impl<W: Write, S: Read + Write + Seek> CocoWriter<W, S> {
    /// Writes the head. `spool` is an empty file or buffer for the annotations meanwhile.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn begin(mut out: W, spool: S, info: &CocoInfo, classes: &[CocoClass]) -> io::Result<Self> {
        out.write_all(b"{\"info\":")?;
        serde_json::to_writer(&mut out, info)?;
        out.write_all(b",\n\"licenses\":[],\n\"categories\":[")?;
        for class in classes {
            separate(u64::from(class.id) - 1, &mut out)?;
            serde_json::to_writer(&mut out, class)?;
        }
        out.write_all(b"\n],\n\"images\":[")?;
        let classes = classes.iter().map(|class| (class.custom_vision_id, class.id)).collect();
        Ok(Self { out, spool, classes, image_count: 0, annotation_count: 0 })
    }

    /// Adds an image with its regions; returns what became of each region.
    ///
    /// # Errors
    /// When the outputs refuse.
    pub fn push(&mut self, row: &ImageRow, file: &Exported<'_>) -> io::Result<Vec<Fate>> {
        separate(self.image_count, &mut self.out)?;
        self.image_count += 1;
        let metadata = row.metadata.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        let image = Image {
            id: self.image_count,
            width: file.width,
            height: file.height,
            file_name: file.file_name,
            custom_vision: ServiceFacts {
                id: row.id,
                created: row.created.map(|created| created.to_string()),
                tags: row.tags.iter().map(|mark| &*mark.name).collect(),
                metadata,
            },
        };
        serde_json::to_writer(&mut self.out, &image)?;
        let mut fates = Vec::with_capacity(row.regions.len());
        for region in &row.regions {
            let Some(&category_id) = self.classes.get(&region.tag) else {
                fates.push(Fate::NoClass);
                continue;
            };
            let fate = Fate::of(region.rect, file.width, file.height);
            if let Fate::Kept(rect) | Fate::Clamped(rect) = fate {
                separate(self.annotation_count, &mut self.spool)?;
                self.annotation_count += 1;
                let annotation = Annotation {
                    id: self.annotation_count,
                    image_id: self.image_count,
                    category_id,
                    bbox: [rect.x, rect.y, rect.width, rect.height],
                    area: rect.width * rect.height,
                    iscrowd: 0,
                    segmentation: [],
                    custom_vision_id: region.id,
                };
                serde_json::to_writer(&mut self.spool, &annotation)?;
            }
            fates.push(fate);
        }
        Ok(fates)
    }

    /// Number of annotations so far.
    pub fn annotation_count(&self) -> u64 {
        self.annotation_count
    }

    /// Writes the annotations and the end, and gives `out` back.
    ///
    /// # Errors
    /// When the outputs refuse.
    pub fn finish(self) -> io::Result<W> {
        let Self { mut out, mut spool, .. } = self;
        out.write_all(b"\n],\n\"annotations\":[")?;
        spool.flush()?;
        spool.seek(SeekFrom::Start(0))?;
        io::copy(&mut spool, &mut out)?;
        out.write_all(b"\n]}\n")?;
        Ok(out)
    }
}

/// A comma but before the first, and a line of its own.
fn separate(index: u64, out: &mut impl Write) -> io::Result<()> {
    out.write_all(if index > 0 { b",\n" } else { b"\n" })
}
