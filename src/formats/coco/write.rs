//! Items to COCO, one by one. Annotations are in a list of their own, so they go to a spool until the images are done.

use std::io::{self, BufReader, BufWriter, Seek as _, SeekFrom, Write};

use serde::Serialize;

use crate::item::ExportItem;
use crate::split::SplitPart;
use crate::write::{Folder, Head, OutFile, Writer};
use domain::{ImageId, ProjectId, RegionId};

#[derive(Serialize)]
struct Info<'a> {
    description: &'a str,
    contributor: String,
    custom_vision_project: ProjectId,
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
    id: ImageId,
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

/// The folder of the pictures, below which readers look for a `file_name`.
const PICTURES: &str = "images/";

/// The file of a part, or of a dataset that is not divided, as readers find it by themselves.
pub(super) fn file_of_part(part: Option<SplitPart>) -> String {
    format!("annotations/instances_{}.json", part.map_or("default", SplitPart::name))
}

pub(crate) struct CocoWriter {
    files: Vec<(SplitPart, CocoFile)>,
}

impl CocoWriter {
    pub(crate) fn begin(head: &Head<'_>, folder: &dyn Folder) -> io::Result<Self> {
        let mut files = Vec::new();
        for &part in head.parts {
            let name = file_of_part(head.is_split().then_some(part));
            files.push((part, CocoFile::begin(head, folder.create(&name)?, folder.scratch()?)?));
        }
        Ok(Self { files })
    }
}

impl Writer for CocoWriter {
    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        let at = self.files.iter().position(|(part, _)| *part == item.part).unwrap_or(0);
        self.files.get_mut(at).map_or(Ok(()), |(_, file)| file.push(item))
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.files.into_iter().try_for_each(|(_, file)| file.finish())
    }
}

struct CocoFile {
    out: Box<dyn OutFile>,
    spool: BufWriter<std::fs::File>,
    images: u64,
    annotations: u64,
}

impl CocoFile {
    fn begin(head: &Head<'_>, mut out: Box<dyn OutFile>, spool: std::fs::File) -> io::Result<Self> {
        let info = Info {
            description: head.project_name,
            contributor: format!("Tagscope {}", env!("CARGO_PKG_VERSION")),
            custom_vision_project: head.project,
        };
        out.write_all(b"{\"info\":")?;
        serde_json::to_writer(&mut out, &info)?;
        out.write_all(b",\n\"licenses\":[],\n\"categories\":[")?;
        for class in head.classes {
            separate(u64::from(class.id) - 1, &mut out)?;
            serde_json::to_writer(&mut out, class)?;
        }
        out.write_all(b"\n],\n\"images\":[")?;
        Ok(Self { out, spool: BufWriter::with_capacity(1 << 16, spool), images: 0, annotations: 0 })
    }

    fn push(&mut self, item: &ExportItem<'_>) -> io::Result<()> {
        separate(self.images, &mut self.out)?;
        self.images += 1;
        let row = item.image.to_row();
        let metadata = row.metadata.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        let image = Image {
            id: self.images,
            width: item.picture.width,
            height: item.picture.height,
            file_name: item.picture.path.strip_prefix(PICTURES).unwrap_or(item.picture.path),
            custom_vision: ServiceFacts {
                id: row.id,
                created: row.created.map(|created| created.to_string()),
                tags: row.tags.iter().map(|mark| &*mark.name).collect(),
                metadata,
            },
        };
        serde_json::to_writer(&mut self.out, &image)?;
        for region in &item.regions {
            separate(self.annotations, &mut self.spool)?;
            self.annotations += 1;
            let rect = region.pixels;
            let annotation = Annotation {
                id: self.annotations,
                image_id: self.images,
                category_id: region.class as u32 + 1,
                bbox: [rect.x, rect.y, rect.width, rect.height],
                area: rect.width * rect.height,
                iscrowd: 0,
                segmentation: [],
                custom_vision_id: region.id,
            };
            serde_json::to_writer(&mut self.spool, &annotation)?;
        }
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        let Self { mut out, spool, .. } = self;
        out.write_all(b"\n],\n\"annotations\":[")?;
        let mut spool = spool.into_inner().map_err(io::IntoInnerError::into_error)?;
        spool.seek(SeekFrom::Start(0))?;
        io::copy(&mut BufReader::with_capacity(1 << 16, spool), &mut out)?;
        out.write_all(b"\n]}\n")?;
        out.finish()
    }
}

/// A comma but before the first, and a line of its own.
fn separate(index: u64, out: &mut impl Write) -> io::Result<()> {
    out.write_all(if index > 0 { b",\n" } else { b"\n" })
}
