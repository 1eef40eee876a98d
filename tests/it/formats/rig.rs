//! A small project, its pictures, and exports of it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::Value;
use tagscope::app::{ExportJob, ExportReport, Failure, FailureKind, TaskId};
use tagscope::domain::{
    BlobKind, Catalogue, ImageId, ImageIx, ImageRow, ImageUris, Project, ProjectId, ProjectKind, Raster, RegionId,
    RegionRow, Tag, TagId, TagMark, Timestamp, UnitRect,
};
use tagscope::engine::arrival::Arrived;
use tagscope::engine::export::{self, ExportOptions, Fetch, ProgressSink};
use tagscope::formats::by_format::begin;
use tagscope::formats::{
    ClassList, ExportItem, Folder, Format, FormatOptions, Head, OutFile, Picture, PixelChoice, RegionFate, SplitPart,
    judge,
};
use tagscope::pixels::{encode_jpeg, encode_png};
use tempfile::{TempDir, tempdir};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(super) const ODD_NAME: &str = "<>&\"'猫🙂";

pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0xaaaa_0000_0000_0000_0000_0000_0000_0000 + number)
}

pub(super) fn tag(number: u128, name: &str, kind: &str) -> Tag {
    Tag { id: TagId(id(number)), name: name.to_owned(), description: None, kind: kind.to_owned(), image_count: 0 }
}

pub(super) fn tags() -> Vec<Tag> {
    vec![
        tag(1, "fork", "Regular"),
        tag(2, "Negative", "Negative"),
        tag(3, ODD_NAME, "Regular"),
        tag(4, "unused", "Regular"),
    ]
}

pub(super) fn row(number: u128, size: (u32, u32), regions: &[(usize, UnitRect)]) -> ImageRow {
    let tags = tags();
    let created = Timestamp::parse("2020-11-06T16:15:54.5237711");
    let mark = |tag: &Tag| TagMark { tag: tag.id, name: tag.name.as_str().into(), created };
    ImageRow {
        id: ImageId(id(1_000 + number)),
        created,
        width: size.0,
        height: size.1,
        uris: ImageUris::default(),
        tags: if regions.is_empty() { vec![mark(&tags[1])] } else { vec![mark(&tags[0]), mark(&tags[2])] },
        regions: (0..)
            .zip(regions)
            .map(|(at, &(tag, rect))| RegionRow {
                id: RegionId(id(1_000_000 + number * 1_000 + at)),
                tag: tags[tag].id,
                tag_name: tags[tag].name.as_str().into(),
                created,
                rect,
            })
            .collect(),
        metadata: vec![("name".to_owned(), format!("dir/shot {number}.jpeg"))],
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

pub(super) fn picture(width: u32, height: u32, shade: u8) -> Bytes {
    let raster = Raster::new(width, height, vec![shade; (width * height * 4) as usize]).expect("raster");
    let bytes = if shade.is_multiple_of(2) { encode_png(&raster) } else { encode_jpeg(&raster, 90) };
    bytes.expect("encoded").into()
}

/// Pictures by image; what is not there fails as `failure` says.
pub(super) struct ImageStore {
    pub(super) pictures: HashMap<ImageId, Bytes>,
    pub(super) failure: FailureKind,
    /// Canceled when so many were requested.
    pub(super) cancel_after: Option<(usize, CancellationToken)>,
    pub(super) asked: Mutex<usize>,
}

impl ImageStore {
    pub(super) fn new(pictures: impl IntoIterator<Item = (ImageId, Bytes)>) -> Self {
        let pictures = pictures.into_iter().collect();
        Self { pictures, failure: FailureKind::MissingPicture, cancel_after: None, asked: Mutex::default() }
    }
}

impl Fetch for ImageStore {
    async fn fetch(&self, row: &ImageRow, _kind: BlobKind) -> Result<Arrived, Failure> {
        let asked = {
            let mut asked = self.asked.lock().expect("lock");
            *asked += 1;
            *asked
        };
        if let Some((count, token)) = &self.cancel_after
            && asked >= *count
        {
            token.cancel();
        }
        Arrived::judge(self.pictures.get(&row.id).cloned().ok_or_else(|| Failure::bare(self.failure.clone()))?)
    }
}

pub(super) fn job(rows: Vec<ImageRow>, out: &Path) -> ExportJob {
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(&tags());
    let images = catalogue.append(rows).map(ImageIx).collect();
    let project = format!(r#"{{"id":"{}","name":"Forks & *knives*"}}"#, id(9));
    ExportJob {
        plan: None,
        task: TaskId(1),
        generation: 1,
        catalogue: Arc::new(catalogue),
        images,
        project: serde_json::from_str::<Project>(&project).expect("project"),
        kind: ProjectKind::Detection,
        iteration: None,
        formats: vec![Format::Coco, Format::Jsonl],
        near_duplicates: Default::default(),
        query: None,
        tags: Vec::new(),
        notes: Vec::new(),
        pixels: PixelChoice::Original,
        options: FormatOptions::default(),
        out: out.into(),
        is_resumed: false,
    }
}

pub(super) fn quiet() -> ProgressSink {
    Arc::new(|_| {})
}

/// Runs an export as the engine does: spawned on a runtime with several threads.
pub(super) fn export_with<F: Fetch + 'static>(
    job: ExportJob,
    fetch: F,
    options: ExportOptions,
) -> Result<ExportReport, Failure> {
    let cancel = CancellationToken::new();
    export_canceled_by(job, fetch, options, cancel)
}

pub(super) fn export_canceled_by<F: Fetch + 'static>(
    job: ExportJob,
    fetch: F,
    options: ExportOptions,
    cancel: CancellationToken,
) -> Result<ExportReport, Failure> {
    export_watched(job, fetch, options, quiet(), cancel)
}

pub(super) fn export_watched<F: Fetch + 'static>(
    job: ExportJob,
    fetch: F,
    options: ExportOptions,
    progress: ProgressSink,
    cancel: CancellationToken,
) -> Result<ExportReport, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    let task = runtime.spawn(async move { export::run(job, &fetch, options, progress, cancel).await });
    runtime.block_on(task).expect("no panic")
}

pub(super) fn names_below(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                names.push(path.strip_prefix(folder).expect("below").to_str().expect("text").to_owned());
            }
        }
    }
    names.sort();
    names
}

pub(super) fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("file")).expect("json")
}

/// Three images: regions inside, odd regions, none.
pub(super) fn three() -> Vec<ImageRow> {
    vec![
        row(1, (40, 30), &[(0, UnitRect::new(0.25, 0.5, 0.5, 0.25)), (2, UnitRect::new(0.1, 0.2, 0.333_333_34, 0.3))]),
        row(
            2,
            (30, 40),
            &[
                (0, UnitRect::new(-0.5, 0.5, 1.0, 1.0)),
                (0, UnitRect::new(0.5, 0.5, 0.0, 0.25)),
                (2, UnitRect::new(2.0, 2.0, 0.5, 0.5)),
                (1, UnitRect::new(0.1, 0.1, 0.5, 0.5)),
            ],
        ),
        row(3, (40, 30), &[]),
    ]
}

/// The originals are twice the listed size.
pub(super) fn three_pictures() -> ImageStore {
    let rows = three();
    ImageStore::new([
        (rows[0].id, picture(80, 60, 1)),
        (rows[1].id, picture(60, 80, 2)),
        (rows[2].id, picture(80, 60, 3)),
    ])
}

/// The hidden folder of an export under way.
pub(super) fn hidden_folder(parent: &Path) -> PathBuf {
    let mut entries = std::fs::read_dir(parent).expect("folder").map(|entry| entry.expect("entry").path());
    entries.find(|path| path.is_dir()).expect("hidden folder")
}

/// An ordinary folder, for writers without an export.
pub(super) struct Disk(pub(super) TempDir);

impl Folder for Disk {
    fn create(&self, name: &str) -> std::io::Result<Box<dyn OutFile>> {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().expect("folder"))?;
        Ok(Box::new(Plain(std::fs::File::create_new(path)?)))
    }

    fn link(&self, _item: &ExportItem<'_>, _name: &str) -> std::io::Result<()> {
        Ok(())
    }

    fn picture(&self, _item: &ExportItem<'_>) -> std::io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn rename(&self, from: &str, to: &str) -> std::io::Result<()> {
        std::fs::rename(self.0.path().join(from), self.0.path().join(to))
    }

    fn scratch(&self) -> std::io::Result<std::fs::File> {
        tempfile::tempfile()
    }
}

struct Plain(std::fs::File);

impl std::io::Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl OutFile for Plain {
    fn finish(self: Box<Self>) -> std::io::Result<()> {
        Ok(())
    }
}

/// COCO text of rows, all pictures of one size, and what became of the regions.
pub(super) fn coco_text(rows: &[ImageRow], width: u32, height: u32) -> (Vec<u8>, Vec<Vec<RegionFate>>) {
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(&tags());
    catalogue.append(rows.to_vec());
    let (classes, options) = (ClassList::of(catalogue.tags(), &[]), FormatOptions::default());
    let names = classes.names(Format::Coco, false);
    let head = Head {
        project: ProjectId(id(9)),
        project_name: "d",
        kind: ProjectKind::Detection,
        classes: classes.classes(),
        names: &names,
        options: &options,
        parts: &[SplitPart::Train],
    };
    let disk = Disk(tempdir().expect("folder"));
    let mut writer = begin(Format::Coco, &head, &disk).expect("begin").expect("writer");
    let mut fates = Vec::new();
    for image in catalogue.iter() {
        let path = format!("images/{}.jpg", image.id());
        let picture = Picture { path: &path, width, height };
        let rules = Format::Coco.rules(ProjectKind::Detection);
        let judged = judge(rules, &options, &classes, image, picture, SplitPart::Train);
        writer.push(&judged.item.expect("kept")).expect("push");
        fates.push(judged.fates);
    }
    writer.finish().expect("finish");
    (std::fs::read(disk.0.path().join("annotations/instances_default.json")).expect("text"), fates)
}
