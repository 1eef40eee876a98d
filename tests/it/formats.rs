//! Formats, exports and imports: what goes out is read again by readers that share nothing with the writers.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};
use tagscope::app::{ExportJob, ExportReport, Failure, FailureKind, TaskId};
use tagscope::domain::{
    BlobKind, Catalogue, ImageId, ImageIx, ImageRow, ImageUris, Project, ProjectId, ProjectKind, Raster, RegionId,
    RegionRow, Stamp, Tag, TagId, TagMark, UnitRect,
};
use tagscope::engine::export::{self, ArchiveFetch, ExportOptions, Fetch, ProgressSink};
use tagscope::engine::import::{ImportReport, OpenKind, import_coco, open_folder};
use tagscope::formats::coco::dataset::Dataset;
use tagscope::formats::coco::{CocoInfo, CocoWriter, Exported, Fate, classes, read_dataset};
use tagscope::formats::{Format, FormatError, PixelChoice, jsonl};
use tagscope::pixels::{encode_jpeg, encode_png};
use tagscope::storage::Archive;
use tagscope::storage::staging::measure;
use tempfile::{TempDir, tempdir};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const ODD_NAME: &str = "<>&\"'猫🙂";

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0xaaaa_0000_0000_0000_0000_0000_0000_0000 + number)
}

fn tag(number: u128, name: &str, kind: &str) -> Tag {
    Tag { id: TagId(id(number)), name: name.to_owned(), description: None, kind: kind.to_owned(), image_count: 0 }
}

fn tags() -> Vec<Tag> {
    vec![
        tag(1, "fork", "Regular"),
        tag(2, "Negative", "Negative"),
        tag(3, ODD_NAME, "Regular"),
        tag(4, "unused", "Regular"),
    ]
}

fn row(number: u128, size: (u32, u32), regions: &[(usize, UnitRect)]) -> ImageRow {
    let tags = tags();
    let created = Stamp::parse("2020-11-06T16:15:54.5237711");
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

fn picture(width: u32, height: u32, shade: u8) -> Bytes {
    let raster = Raster::new(width, height, vec![shade; (width * height * 4) as usize]).expect("raster");
    let bytes = if shade.is_multiple_of(2) { encode_png(&raster) } else { encode_jpeg(&raster, 90) };
    bytes.expect("encoded").into()
}

/// Pictures by image; what is not there fails as `failure` says.
struct Shelf {
    pictures: HashMap<ImageId, Bytes>,
    failure: FailureKind,
    /// Cancelled when so many were asked for.
    cancel_after: Option<(usize, CancellationToken)>,
    asked: Mutex<usize>,
}

impl Shelf {
    fn new(pictures: impl IntoIterator<Item = (ImageId, Bytes)>) -> Self {
        let pictures = pictures.into_iter().collect();
        Self { pictures, failure: FailureKind::MissingPicture, cancel_after: None, asked: Mutex::default() }
    }
}

impl Fetch for Shelf {
    async fn fetch(&self, row: &ImageRow, _kind: BlobKind) -> Result<Bytes, Failure> {
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
        self.pictures.get(&row.id).cloned().ok_or_else(|| Failure::bare(self.failure.clone()))
    }
}

fn job(rows: Vec<ImageRow>, out: &Path) -> ExportJob {
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(&tags());
    let images = catalogue.append(rows).map(ImageIx).collect();
    let project = format!(r#"{{"id":"{}","name":"Forks & *knives*"}}"#, id(9));
    ExportJob {
        task: TaskId(1),
        generation: 1,
        catalogue: Arc::new(catalogue),
        images,
        project: serde_json::from_str::<Project>(&project).expect("project"),
        kind: ProjectKind::Detection,
        iteration: None,
        formats: vec![Format::Coco, Format::Jsonl],
        pixels: PixelChoice::Original,
        out: out.to_path_buf(),
    }
}

fn quiet() -> ProgressSink {
    Arc::new(|_| {})
}

/// Runs an export as the engine does: spawned on a runtime with several threads.
fn export_with<F: Fetch + 'static>(job: ExportJob, fetch: F, options: ExportOptions) -> Result<ExportReport, Failure> {
    let cancel = CancellationToken::new();
    export_cancelled_by(job, fetch, options, cancel)
}

fn export_cancelled_by<F: Fetch + 'static>(
    job: ExportJob,
    fetch: F,
    options: ExportOptions,
    cancel: CancellationToken,
) -> Result<ExportReport, Failure> {
    export_watched(job, fetch, options, quiet(), cancel)
}

fn export_watched<F: Fetch + 'static>(
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

fn names_below(folder: &Path) -> Vec<String> {
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

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("file")).expect("json")
}

/// Three images: regions inside, odd regions, none.
fn three() -> Vec<ImageRow> {
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
fn three_pictures() -> Shelf {
    let rows = three();
    Shelf::new([(rows[0].id, picture(80, 60, 1)), (rows[1].id, picture(60, 80, 2)), (rows[2].id, picture(80, 60, 3))])
}

#[test]
fn an_export_holds_everything_or_says_what_not() {
    let home = tempdir().expect("folder");
    let out = home.path().join("made/forks");
    let report = export_with(job(three(), &out), three_pictures(), ExportOptions::default()).expect("export");
    assert_eq!(report.folder, out);
    assert_eq!((report.images_in, report.images_out, report.regions_in, report.regions_out), (3, 3, 6, 3));
    let left_out: Vec<_> = report.skips.iter().filter(|skip| skip.is_left_out).collect();
    assert_eq!(left_out.len(), 3, "{:?}", report.skips);
    assert!(left_out.iter().all(|skip| skip.format.as_deref() == Some("coco") && skip.region.is_some()));
    assert_eq!(report.skips.len(), 4, "the clamped one is itemised too");

    let rows = three();
    let file =
        |row: &ImageRow, extension: &str, number: u32| format!("images/dir_shot {number}_{}.{extension}", row.id);
    let mut expected = vec![
        "REPORT.md".to_owned(),
        "annotations/coco.json".to_owned(),
        "images.jsonl".to_owned(),
        "manifest.json".to_owned(),
        file(&rows[0], "jpg", 1),
        file(&rows[1], "png", 2),
        file(&rows[2], "jpg", 3),
    ];
    expected.sort();
    assert_eq!(names_below(&out), expected);
    assert_eq!(
        std::fs::read(out.join(file(&rows[1], "png", 2))).expect("picture"),
        picture(60, 80, 2),
        "byte for byte"
    );

    let coco = json_of(&out.join("annotations/coco.json"));
    assert_eq!(
        coco["categories"].as_array().expect("list").iter().map(|c| &c["name"]).collect::<Vec<_>>(),
        ["fork", ODD_NAME, "unused"]
    );
    assert_eq!((&coco["images"][1]["width"], &coco["images"][1]["height"]), (&json!(60), &json!(80)), "of the file");
    let boxes: Vec<_> = coco["annotations"].as_array().expect("list").iter().map(|a| (&a["id"], &a["bbox"])).collect();
    let third = f64::from(0.333_333_34_f32) * 80.0;
    assert_eq!(boxes[0], (&json!(1), &json!([20.0, 30.0, 40.0, 15.0])));
    assert_eq!(boxes[1].1[2].as_f64(), Some(third), "no rounding");
    assert_eq!(boxes[2], (&json!(3), &json!([0.0, 40.0, 30.0, 40.0])), "cut at the edge");

    let lines = std::fs::read_to_string(out.join("images.jsonl")).expect("lines");
    assert_eq!(lines.lines().count(), 3);
    assert!(lines.contains("\"width\":0.33333334"), "numbers to the digit: {lines}");

    let manifest = json_of(&out.join("manifest.json"));
    assert_eq!(manifest["counts"], json!({"imagesIn": 3, "imagesOut": 3, "regionsIn": 6, "regionsOut": 3}));
    for (name, facts) in manifest["files"].as_object().expect("files") {
        let found = measure(&out.join(name)).expect("file");
        assert_eq!((&facts["bytes"], &facts["sha256"]), (&json!(found.bytes), &json!(found.sha256)), "{name}");
    }
    assert_eq!(manifest["files"].as_object().expect("files").len(), expected.len() - 1);
    let words = std::fs::read_to_string(out.join("REPORT.md")).expect("report");
    assert!(words.contains("| regions | 6 | 3 |") && words.contains("Forks \\& \\*knives\\*"), "{words}");
    assert_eq!(names_below(home.path()).len(), expected.len(), "nothing is left beside it");
}

#[test]
fn the_same_state_gives_the_same_bytes() {
    let home = tempdir().expect("folder");
    let contents = |name: &str| {
        let out = home.path().join(name);
        export_with(job(three(), &out), three_pictures(), ExportOptions::default()).expect("export");
        let read = |file: &String| std::fs::read(out.join(file)).expect("file");
        names_below(&out).into_iter().map(|file| (file.clone(), read(&file))).collect::<BTreeMap<_, _>>()
    };
    assert!(contents("a") == contents("b"));
}

#[test]
fn an_image_whose_picture_cannot_be_had_is_itemised() {
    let home = tempdir().expect("folder");
    let out = home.path().join("forks");
    let mut shelf = three_pictures();
    shelf.pictures.remove(&three()[1].id);
    let report = export_with(job(three(), &out), shelf, ExportOptions::default()).expect("export");
    assert_eq!((report.images_in, report.images_out, report.regions_in, report.regions_out), (3, 2, 6, 2));
    assert_eq!(report.skips.len(), 1);
    assert_eq!(report.skips[0].image, three()[1].id.to_string());
    assert!(report.skips[0].is_left_out && report.skips[0].format.is_none());
}

#[test]
fn a_picture_that_is_none_is_kept_but_not_in_coco() {
    let home = tempdir().expect("folder");
    let out = home.path().join("forks");
    let mut shelf = three_pictures();
    shelf.pictures.insert(three()[0].id, Bytes::from_static(b"<html>sign in</html>"));
    let report = export_with(job(three(), &out), shelf, ExportOptions::default()).expect("export");
    assert_eq!((report.images_in, report.images_out), (3, 2));
    assert_eq!(std::fs::read_to_string(out.join("images.jsonl")).expect("lines").lines().count(), 3);
    assert!(names_below(&out).iter().any(|name| name.ends_with(".bin")));
}

#[test]
fn a_failed_export_leaves_nothing() {
    let home = tempdir().expect("folder");
    let out = home.path().join("made/forks");
    let fails = |job: ExportJob, shelf: Shelf, byte_limit: Option<u64>| {
        let options = ExportOptions { byte_limit, parallel: 3 };
        let failure = export_with(job, shelf, options).expect_err("fails");
        assert_eq!(names_below(home.path()), [""; 0]);
        assert!(!home.path().join("made").exists(), "the parent that was made for it goes too");
        failure.kind
    };
    // A full disk: at the pictures, at the labels, at the report.
    let pictures: u64 = three_pictures().pictures.values().map(|bytes| bytes.len() as u64).sum();
    for bytes in [100, pictures, pictures + 600, pictures + 4_000] {
        let kind = fails(job(three(), &out), three_pictures(), Some(bytes));
        assert_eq!(kind, FailureKind::DiskFull { path: out.display().to_string() }, "{bytes} bytes");
    }
    // No picture at all, a refused key, a source that is gone.
    let failing = |failure: FailureKind| Shelf { failure, ..Shelf::new([]) };
    let kind = fails(job(three(), &out), failing(FailureKind::MissingPicture), None);
    assert_eq!(kind, FailureKind::MissingPicture);
    let mut shelf = three_pictures();
    shelf.pictures.remove(&three()[2].id);
    shelf.failure = FailureKind::WrongKey;
    assert_eq!(fails(job(three(), &out), shelf, None), FailureKind::WrongKey);
    let many: Vec<_> = (0..40).map(|number| row(number, (4, 4), &[])).collect();
    let mut shelf = failing(FailureKind::TimedOut);
    shelf.pictures.insert(many[0].id, picture(4, 4, 1));
    assert_eq!(fails(job(many, &out), shelf, None), FailureKind::TimedOut);
}

/// The hidden folder of an export under way.
fn hidden_folder(parent: &Path) -> PathBuf {
    let mut entries = std::fs::read_dir(parent).expect("folder").map(|entry| entry.expect("entry").path());
    entries.find(|path| path.is_dir()).expect("hidden folder")
}

#[test]
fn a_difference_found_on_reading_back_publishes_nothing() {
    type Damage = (&'static str, fn(&Path));
    let damages: [Damage; 7] = [
        ("the region", |folder| edit(folder, "\"bbox\":[20.0,", "\"bbox\":[20.001,")),
        ("the region", |folder| edit(folder, "\"category_id\":2", "\"category_id\":3")),
        ("the region", |folder| edit(folder, "\"iscrowd\":0", "\"iscrowd\":1")),
        ("the image", |folder| edit(folder, "\"height\":80", "\"height\":81")),
        ("the category", |folder| edit(folder, "\"name\":\"unused\"", "\"name\":\"other\"")),
        ("is not what was written", |folder| {
            let name = names_below(folder).into_iter().find(|name| name.ends_with(".png")).expect("picture");
            std::fs::write(folder.join(name), "damaged").expect("write");
        }),
        ("was not written by this export", |folder| std::fs::write(folder.join("images/x"), "x").expect("write")),
    ];
    for (words, damage) in damages {
        let home = tempdir().expect("folder");
        let parent = home.path().to_path_buf();
        // COCO is written before JSON lines: at the end of those it is on the disk, and not read again yet.
        let writings = Mutex::new(0);
        let progress: ProgressSink = Arc::new(move |progress| {
            let mut writings = writings.lock().expect("lock");
            *writings += u32::from(progress.stage == "Writing");
            if *writings == 6 && progress.stage == "Writing" {
                damage(&hidden_folder(&parent));
            }
        });
        let job = job(three(), &home.path().join("forks"));
        let cancel = CancellationToken::new();
        let failure =
            export_watched(job, three_pictures(), ExportOptions::default(), progress, cancel).expect_err("differs");
        let FailureKind::NotVerified { reason } = &failure.kind else { panic!("{failure:?}") };
        assert!(reason.contains(words), "{reason}");
        assert_eq!(std::fs::read_dir(home.path()).expect("folder").count(), 0);
    }
}

fn edit(folder: &Path, from: &str, to: &str) {
    let path = folder.join("annotations/coco.json");
    let text = std::fs::read_to_string(&path).expect("text");
    assert!(text.contains(from), "{from}");
    std::fs::write(&path, text.replacen(from, to, 1)).expect("write");
}

#[test]
fn a_cancelled_export_leaves_nothing() {
    let home = tempdir().expect("folder");
    let out = home.path().join("forks");
    let rows: Vec<_> = (0..60).map(|number| row(number, (8, 8), &[])).collect();
    let cancel = CancellationToken::new();
    let shelf = Shelf {
        cancel_after: Some((20, cancel.clone())),
        ..Shelf::new(rows.iter().map(|row| (row.id, picture(8, 8, 2))))
    };
    let failure = export_cancelled_by(job(rows, &out), shelf, ExportOptions::default(), cancel).expect_err("cancelled");
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert_eq!(std::fs::read_dir(home.path()).expect("folder").count(), 0);
}

#[test]
fn nothing_that_exists_is_touched() {
    let home = tempdir().expect("folder");
    let out = home.path().join("forks");
    std::fs::create_dir(&out).expect("folder");
    std::fs::write(out.join("mine.txt"), "mine").expect("write");
    let failure = export_with(job(three(), &out), three_pictures(), ExportOptions::default()).expect_err("taken");
    assert!(matches!(failure.kind, FailureKind::AlreadyThere { .. }));
    let below_a_file = out.join("mine.txt").join("forks");
    let failure =
        export_with(job(three(), &below_a_file), three_pictures(), ExportOptions::default()).expect_err("file");
    assert!(matches!(failure.kind, FailureKind::NotWritable { .. }), "{failure:?}");
    assert_eq!(names_below(home.path()), ["forks/mine.txt"]);
    assert_eq!(std::fs::read_dir(home.path()).expect("folder").count(), 1);
}

#[test]
fn labels_alone_use_the_listed_size() {
    let home = tempdir().expect("folder");
    let out = home.path().join("forks");
    let job = ExportJob { pixels: PixelChoice::None, ..job(three(), &out) };
    let report = export_with(job, Shelf::new([]), ExportOptions::default()).expect("export");
    assert_eq!((report.images_out, report.notes.len()), (3, 1));
    let coco = json_of(&out.join("annotations/coco.json"));
    assert_eq!(coco["annotations"][0]["bbox"], json!([10.0, 15.0, 20.0, 7.5]));
    assert!(!out.join("images").exists());
}

#[test]
fn tags_of_a_classification_project_are_not_lost() {
    let home = tempdir().expect("folder");
    let out = home.path().join("forks");
    let job = ExportJob { kind: ProjectKind::Multilabel, ..job(three(), &out) };
    let report = export_with(job, three_pictures(), ExportOptions::default()).expect("export");
    assert!(report.notes.iter().any(|note| note.contains("COCO has no place for tags of whole images")));
    let coco = json_of(&out.join("annotations/coco.json"));
    assert_eq!(coco["images"][0]["custom_vision"]["tags"], json!(["fork", ODD_NAME]));
}

#[test]
fn categories_have_unique_names() {
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(&[tag(1, "a", "Regular"), tag(2, "a", "Regular"), tag(3, "n", "Negative"), tag(4, "b", "Odd")]);
    let found = classes(catalogue.tags());
    let names: Vec<_> = found.iter().map(|class| (class.id, class.name.as_str())).collect();
    assert_eq!(names, [(1, "a"), (2, "a (2)"), (3, "b")]);
}

/// COCO text of rows, all pictures of one size, and what became of the regions.
fn coco_text(rows: &[ImageRow], width: u32, height: u32) -> (Vec<u8>, Vec<Vec<Fate>>) {
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(&tags());
    let info =
        CocoInfo { description: "d".to_owned(), contributor: "c".to_owned(), custom_vision_project: ProjectId(id(9)) };
    let classes = classes(catalogue.tags());
    let mut writer = CocoWriter::begin(Vec::new(), Cursor::new(Vec::new()), &info, &classes).expect("begin");
    let mut fates = Vec::new();
    for row in rows {
        let file_name = format!("images/{}.jpg", row.id);
        fates.push(writer.push(row, &Exported { file_name: &file_name, width, height }).expect("push"));
    }
    (writer.finish().expect("finish"), fates)
}

#[test]
fn coco_is_written_to_the_letter() {
    let rows = [row(1, (8, 4), &[(2, UnitRect::new(0.25, 0.5, 0.5, 0.25))]), row(2, (8, 4), &[])];
    let (text, _) = coco_text(&rows, 16, 8);
    let golden = [
        r#"{"info":{"description":"d","contributor":"c","custom_vision_project":"aaaa0000-0000-0000-0000-000000000009"},"#,
        r#""licenses":[],"#,
        r#""categories":["#,
        r#"{"id":1,"name":"fork","supercategory":"","custom_vision_id":"aaaa0000-0000-0000-0000-000000000001"},"#,
        r#"{"id":2,"name":"<>&\"'猫🙂","supercategory":"","custom_vision_id":"aaaa0000-0000-0000-0000-000000000003"},"#,
        r#"{"id":3,"name":"unused","supercategory":"","custom_vision_id":"aaaa0000-0000-0000-0000-000000000004"}"#,
        r#"],"#,
        r#""images":["#,
        r#"{"id":1,"width":16,"height":8,"file_name":"images/aaaa0000-0000-0000-0000-0000000003e9.jpg","custom_vision":{"id":"aaaa0000-0000-0000-0000-0000000003e9","created":"2020-11-06T16:15:54.5237711","tags":["fork","<>&\"'猫🙂"],"metadata":{"name":"dir/shot 1.jpeg"}}},"#,
        r#"{"id":2,"width":16,"height":8,"file_name":"images/aaaa0000-0000-0000-0000-0000000003ea.jpg","custom_vision":{"id":"aaaa0000-0000-0000-0000-0000000003ea","created":"2020-11-06T16:15:54.5237711","tags":["Negative"],"metadata":{"name":"dir/shot 2.jpeg"}}}"#,
        r#"],"#,
        r#""annotations":["#,
        r#"{"id":1,"image_id":1,"category_id":2,"bbox":[4.0,4.0,8.0,2.0],"area":16.0,"iscrowd":0,"segmentation":[],"custom_vision_id":"aaaa0000-0000-0000-0000-0000000f4628"}"#,
        "]}\n",
    ];
    assert_eq!(String::from_utf8(text).expect("text"), golden.join("\n"));
}

fn inside() -> impl Strategy<Value = UnitRect> {
    (0.0..0.9_f32, 0.0..0.9_f32, 0.0001..1.0_f32, 0.0001..1.0_f32)
        .prop_map(|(left, top, width, height)| UnitRect::new(left, top, width * (1.0 - left), height * (1.0 - top)))
}

fn any_rect() -> impl Strategy<Value = UnitRect> {
    prop_oneof![
        4 => inside(),
        1 => (-2.0..2.0_f32, -2.0..2.0_f32, -1.0..3.0_f32, -1.0..3.0_f32)
            .prop_map(|(left, top, width, height)| UnitRect::new(left, top, width, height)),
    ]
}

fn any_rows() -> impl Strategy<Value = Vec<ImageRow>> {
    let regions = proptest::collection::vec((0..4_usize, any_rect()), 0..6);
    proptest::collection::vec(regions, 1..6)
        .prop_map(|images| (0..).zip(images).map(|(number, regions)| row(number, (800, 600), &regions)).collect())
}

fn read(text: &[u8]) -> Dataset {
    read_dataset(text).expect("dataset")
}

proptest! {
    #[test]
    fn coco_gives_every_region_back_to_the_last_bit(rows in any_rows(), width in 1_u32..12_000, height in 1_u32..12_000) {
        let (text, fates) = coco_text(&rows, width, height);
        let dataset = read(&text);
        prop_assert!(dataset.problems.is_empty());
        prop_assert_eq!(dataset.images.len(), rows.len());
        for ((row, fates), image) in rows.iter().zip(&fates).zip(&dataset.images) {
            prop_assert_eq!(image.id, Some(row.id));
            let mut boxes = image.boxes.iter();
            for (region, fate) in row.regions.iter().zip(fates) {
                let (Fate::Kept(_) | Fate::Clamped(_)) = fate else {
                    prop_assert!(region.rect.is_empty() || region.rect.clamped().is_empty() || region.tag == tags()[1].id);
                    continue;
                };
                let found = boxes.next().expect("a box");
                prop_assert_eq!(found.id, Some(region.id));
                prop_assert_eq!(&dataset.categories[found.category], &*region.tag_name);
                let [x, y, w, h] = found.bbox;
                prop_assert!(w > 0.0 && h > 0.0);
                let rect = tagscope::domain::PixelRect { x, y, width: w, height: h }.in_fractions(width, height);
                if matches!(fate, Fate::Kept(_)) {
                    prop_assert_eq!(rect, region.rect);
                } else {
                    prop_assert!(x >= 0.0 && y >= 0.0 && x + w <= f64::from(width) * 1.000_001);
                    prop_assert!((rect.right() - region.rect.clamped().right()).abs() < 1e-5);
                }
            }
            prop_assert!(boxes.next().is_none());
        }
    }

    #[test]
    fn json_lines_give_every_number_back(rows in any_rows()) {
        let mut text = Vec::new();
        for row in &rows {
            jsonl::write_line(row, &mut text).expect("write");
        }
        let lines: Vec<_> = jsonl::read_lines(&text[..]).map(|line| line.expect("line")).collect();
        prop_assert_eq!(lines.len(), rows.len());
        for (line, row) in lines.iter().zip(&rows) {
            prop_assert_eq!(&line.id, &row.id.to_string());
            for (found, region) in line.regions.iter().zip(&row.regions) {
                let numbers = found.number_texts().map(|text| text.parse::<f32>().expect("number"));
                prop_assert_eq!(numbers, [region.rect.left, region.rect.top, region.rect.width, region.rect.height]);
            }
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_a_dataset(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_dataset(&bytes[..]);
    }
}

#[test]
fn datasets_in_the_wild_are_read() {
    let text = json!({
        "annotations": [
            {"image_id": "7", "category_id": 1.0, "bbox": [1, 2, 3, 4]},
            {"image_id": 8, "category_id": 99, "bbox": [1, 2, 3, 4]},
            {"image_id": 404, "category_id": 1, "bbox": [1, 2, 3, 4]},
            {"image_id": 8, "category_id": 1, "bbox": [1, 2, "x", 4]},
            {"image_id": 8, "category_id": "b", "segmentation": []},
            "nonsense",
        ],
        "images": [
            {"id": 7, "file_name": "a\\b c.jpg", "width": 10, "height": 20.0, "license": 3},
            {"id": "8", "file_name": "./d.jpg"},
            {"id": 9, "file_name": "../../etc/passwd"},
            {"id": 10, "file_name": "/etc/passwd"},
            {"id": 11, "file_name": "C:\\x.jpg"},
            {"id": 7, "file_name": "twice.jpg"},
            {"id": 12},
            {"file_name": "no id.jpg"},
        ],
        "categories": [{"id": 1, "name": "one"}, {"id": "b", "name": "one"}, {"id": 3}, {"name": "no id"}],
        "extra": {"deep": [1, 2, 3]},
    });
    let dataset = read(text.to_string().as_bytes());
    assert_eq!(dataset.counts_in, (8, 6));
    let names: Vec<_> = dataset.images.iter().map(|image| (image.file_name.as_str(), image.size)).collect();
    assert_eq!(names, [("a/b c.jpg", Some((10, 20))), ("d.jpg", None)]);
    assert_eq!(dataset.categories, ["one", "category 3", "category 99"]);
    assert_eq!(dataset.images.iter().map(|image| image.boxes.len()).collect::<Vec<_>>(), [1, 1]);
    let places: Vec<_> =
        dataset.problems.iter().filter(|problem| problem.is_left_out).map(|problem| problem.place.as_str()).collect();
    assert_eq!(
        places,
        [
            "annotations[3]",
            "annotations[4]",
            "annotations[5]",
            "categories[3]",
            "images[2]",
            "images[3]",
            "images[4]",
            "images[5]",
            "images[6]",
            "images[7]",
            "annotations[2]",
        ]
    );
}

#[test]
fn what_is_no_coco_is_said_with_its_place() {
    assert!(matches!(read_dataset(&b"{\"a\": 1}"[..]), Err(FormatError::NotThisFormat { .. })));
    let cut = read_dataset(&b"{\"images\": [\n{\"id\": 1, \"file_n"[..]).expect_err("cut");
    assert!(matches!(cut, FormatError::Unreadable { line: 2, .. }), "{cut:?}");
    assert!(read_dataset(&b"[]"[..]).is_err());
    assert!(read_dataset(&b"{\"images\": {}}"[..]).is_err());
}

/// A dataset like the vendor's sample project, with pictures: two categories, a folder each.
fn quickstart(folder: &Path) -> PathBuf {
    let (mut images, mut annotations) = (Vec::new(), Vec::new());
    for number in 1..=6_u32 {
        let category = 1 + (number - 1) / 3;
        let name = format!("{}/{number}.jpg", ["fork", "scissors"][category as usize - 1]);
        let path = folder.join(&name);
        std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        std::fs::write(&path, picture(816, 612, 1)).expect("picture");
        images.push(json!({"id": number, "width": 816, "height": 612, "file_name": name}));
        let rect = quickstart_rect(number).in_pixels(816, 612);
        let bbox = [rect.x, rect.y, rect.width, rect.height];
        annotations.push(json!({
            "id": number, "image_id": number, "category_id": category, "bbox": bbox, "area": bbox[2] * bbox[3],
            "iscrowd": 0, "segmentation": [],
        }));
    }
    let coco = json!({
        "info": {"description": "Forks and scissors"}, "licenses": [], "images": images, "annotations": annotations,
        "categories": [{"id": 1, "name": "fork"}, {"id": 2, "name": "scissors"}],
    });
    let file = folder.join("coco.json");
    std::fs::write(&file, coco.to_string()).expect("write");
    file
}

fn quickstart_rect(number: u32) -> UnitRect {
    UnitRect::new(0.145_833_33 + number as f32 * 0.01, 0.350_931_4, 0.589_460_8, 0.238_562_1)
}

fn import(file: &Path, images: Option<&Path>, out: &Path) -> Result<ImportReport, Failure> {
    import_coco(file, images, out, &quiet(), &CancellationToken::new())
}

fn imported() -> (TempDir, PathBuf) {
    let home = tempdir().expect("folder");
    let file = quickstart(&home.path().join("data"));
    let out = home.path().join("archive");
    let report = import(&file, None, &out).expect("import");
    assert_eq!((report.images_in, report.images_out, report.regions_in, report.regions_out), (6, 6, 6, 6));
    assert!(report.skips.is_empty(), "{:?}", report.skips);
    (home, out)
}

fn export_archive(archive: Archive, out: &Path) -> ExportReport {
    let archive = Arc::new(archive);
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(archive.tags());
    let images = catalogue.append(archive.page(0, usize::MAX).expect("page").rows).map(ImageIx).collect();
    let job = ExportJob {
        catalogue: Arc::new(catalogue),
        images,
        project: archive.project().clone(),
        kind: archive.kind(),
        ..job(Vec::new(), out)
    };
    export_with(job, ArchiveFetch(archive), ExportOptions::default()).expect("export")
}

#[test]
fn a_dataset_becomes_an_archive_to_the_digit() {
    let (home, out) = imported();
    let archive = Archive::open(&out).expect("archive");
    assert_eq!((archive.kind(), archive.project().name.as_str()), (ProjectKind::Detection, "Forks and scissors"));
    let tags: Vec<_> = archive.tags().iter().map(|tag| (tag.name.as_str(), tag.image_count)).collect();
    assert_eq!(tags, [("fork", 3), ("scissors", 3)]);
    let rows: Vec<_> = archive.rows().expect("rows").map(|row| row.expect("row")).collect();
    for (number, row) in (1..).zip(&rows) {
        assert!(row.problems.is_empty(), "{:?}", row.problems);
        assert_eq!(row.regions[0].rect, quickstart_rect(number));
        assert_eq!((row.width, row.height), (816, 612));
        let name = format!("{}/{number}.jpg", if number <= 3 { "fork" } else { "scissors" });
        assert_eq!(row.metadata, [("name".to_owned(), name)]);
        assert_eq!(archive.read_blob(row.id, BlobKind::Original).expect("picture"), picture(816, 612, 1));
    }
    assert!(rows.is_sorted_by(|a, b| a.created > b.created), "newest first is the order of the file");

    let again = home.path().join("again");
    import(&home.path().join("data/coco.json"), None, &again).expect("import");
    let manifest = |folder: &Path| std::fs::read(folder.join("manifest.json")).expect("manifest");
    assert!(manifest(&out) == manifest(&again), "the same dataset gives the same archive");
}

#[test]
fn an_export_imports_again_as_it_was() {
    let (home, out) = imported();
    let first = Archive::open(&out).expect("archive");
    let rows: Vec<_> = first.rows().expect("rows").map(|row| row.expect("row")).collect();
    let folder = home.path().join("export");
    let report = export_archive(first, &folder);
    assert_eq!((report.images_out, report.regions_out, report.skips.len()), (6, 6, 0));
    let second = home.path().join("second");
    assert_eq!(open_folder(&folder).expect("kind"), OpenKind::Coco(folder.join("annotations/coco.json")));
    let report = import(&folder.join("annotations/coco.json"), None, &second).expect("import");
    assert!(report.skips.is_empty(), "{:?}", report.skips);
    let again: Vec<_> =
        Archive::open(&second).expect("archive").rows().expect("rows").map(|row| row.expect("row")).collect();
    assert_eq!(again, rows);
}

#[test]
fn missing_and_broken_pictures_are_itemised() {
    let home = tempdir().expect("folder");
    let file = quickstart(home.path());
    std::fs::remove_file(home.path().join("fork/1.jpg")).expect("remove");
    std::fs::write(home.path().join("fork/2.jpg"), "no picture").expect("write");
    std::fs::write(home.path().join("fork/3.jpg"), &picture(816, 612, 1)[..20]).expect("write");
    let out = home.path().join("archive");
    let report = import(&file, Some(home.path()), &out).expect("import");
    assert_eq!((report.images_out, report.regions_out, report.pictures, report.skips.len()), (6, 6, 4, 3));
    let archive = Archive::open(&out).expect("archive");
    let first = archive.page(0, 1).expect("page").rows.remove(0);
    assert_eq!((first.width, first.height, first.regions.len()), (816, 612, 1), "its labels are there");
    assert!(archive.read_blob(first.id, BlobKind::Original).is_err());
}

#[test]
fn boxes_follow_the_size_that_the_dataset_states() {
    let home = tempdir().expect("folder");
    std::fs::write(home.path().join("a b.png"), picture(3200, 1200, 2)).expect("picture");
    let coco = json!({
        "images": [{"id": 1, "file_name": "a%20b.png", "width": 320, "height": 120}],
        "annotations": [{"image_id": 1, "category_id": 1, "bbox": [80, 30, 160, 60]}],
        "categories": [{"id": 1, "name": "x"}],
    });
    let file = home.path().join("coco.json");
    std::fs::write(&file, coco.to_string()).expect("write");
    let out = home.path().join("archive");
    let report = import(&file, None, &out).expect("import");
    assert!(report.skips.is_empty(), "{:?}", report.skips);
    let row = Archive::open(&out).expect("archive").page(0, 1).expect("page").rows.remove(0);
    assert_eq!(row.regions[0].rect, UnitRect::new(0.25, 0.25, 0.5, 0.5));
    assert_eq!((row.width, row.height), (1600, 600), "of the training picture");
}

#[test]
fn what_a_folder_holds_is_told() {
    let (home, out) = imported();
    let data = home.path().join("data");
    assert_eq!(open_folder(&out).expect("kind"), OpenKind::Archive(out.clone()));
    assert_eq!(open_folder(&out.join("manifest.json")).expect("kind"), OpenKind::Archive(out.clone()));
    assert_eq!(open_folder(&data).expect("kind"), OpenKind::Coco(data.join("coco.json")));
    assert_eq!(open_folder(&data.join("coco.json")).expect("kind"), OpenKind::Coco(data.join("coco.json")));
    let reason = |path: &Path| match open_folder(path).expect_err("refused").kind {
        FailureKind::NotAnArchive { reason, .. } => reason,
        other => panic!("{other:?}"),
    };
    assert!(reason(&data.join("fork")).contains("no COCO file"));
    std::fs::copy(data.join("coco.json"), data.join("val.json")).expect("copy");
    assert!(reason(&data).contains("coco.json, val.json"));
    assert!(matches!(open_folder(&home.path().join("none")).expect_err("none").kind, FailureKind::NotFound { .. }));
}

/// The reader that everybody uses must find every box, and score perfect predictions as perfect.
#[test]
fn pycocotools_scores_perfect_predictions_as_perfect() {
    const SCRIPT: &str = r"
import json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
truth = COCO(sys.argv[1])
anns = truth.loadAnns(truth.getAnnIds())
found = truth.loadRes([{'image_id': a['image_id'], 'category_id': a['category_id'], 'bbox': a['bbox'], 'score': 0.9} for a in anns])
run = COCOeval(truth, found, 'bbox')
run.evaluate(); run.accumulate(); run.summarize()
print('RESULT', json.dumps({'images': len(truth.getImgIds()), 'annotations': len(anns), 'categories': len(truth.getCatIds()), 'map': run.stats[0]}))
";
    let python = std::env::var_os("TAGSCOPE_PYTHON").unwrap_or_else(|| "python3".into());
    let probe = std::process::Command::new(&python).args(["-c", "import pycocotools.cocoeval"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        // Past the test harness, which keeps what a passing test prints to itself.
        let words = "SKIPPED: pycocotools is not installed; set TAGSCOPE_PYTHON to a Python with pycocotools 2.0.11";
        writeln!(std::io::stderr(), "{words}").expect("standard error");
        return;
    }
    let (home, out) = imported();
    let folder = home.path().join("export");
    export_archive(Archive::open(&out).expect("archive"), &folder);
    let annotations = folder.join("annotations/coco.json");
    let output = std::process::Command::new(python).arg("-c").arg(SCRIPT).arg(&annotations).output().expect("python");
    let text = String::from_utf8_lossy(&output.stdout);
    let result = text.lines().find_map(|line| line.strip_prefix("RESULT "));
    let result = result.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    let result: Value = serde_json::from_str(result).expect("json");
    assert_eq!((&result["images"], &result["annotations"], &result["categories"]), (&json!(6), &json!(6), &json!(2)));
    let map = result["map"].as_f64().expect("number");
    assert!((map - 1.0).abs() < 1e-9, "perfect predictions score {map}");
}
