//! Datasets on disk into archives.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tagscope::app::{ExportJob, ExportReport, Failure, FailureKind};
use tagscope::domain::{BlobKind, Catalogue, ImageIx, ImageRow, ProjectKind, Timestamp, UnitRect};
use tagscope::engine::export::{ArchiveFetch, ExportOptions};
use tagscope::engine::import::{self, DatasetFormat, DatasetPlace, ImportReport, OpenKind, open_folder};
use tagscope::formats::Format;
use tagscope::storage::Archive;
use tempfile::{TempDir, tempdir};
use tokio_util::sync::CancellationToken;

use super::rig::{export_with, job, picture, quiet};

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
    import_as(DatasetFormat::Coco, file, images, out)
}

/// Imports a dataset of any format.
pub(super) fn import_as(
    format: DatasetFormat,
    path: &Path,
    images: Option<&Path>,
    out: &Path,
) -> Result<ImportReport, Failure> {
    let place =
        DatasetPlace { format, path: path.to_path_buf(), others: Vec::new(), images: images.map(Path::to_path_buf) };
    import::import(&place, out, &quiet(), &CancellationToken::new())
}

pub(super) fn imported() -> (TempDir, PathBuf) {
    let home = tempdir().expect("folder");
    let file = quickstart(&home.path().join("data"));
    let out = home.path().join("archive");
    let report = import(&file, None, &out).expect("import");
    assert_eq!((report.images_in, report.images_out, report.regions_in, report.regions_out), (6, 6, 6, 6));
    assert!(report.skips.is_empty(), "{:?}", report.skips);
    (home, out)
}

pub(super) fn export_archive(archive: Archive, out: &Path) -> ExportReport {
    let formats = job(Vec::new(), out).formats;
    export_archive_as(archive, formats, out)
}

/// Exports an archive in formats of one's choice.
pub(super) fn export_archive_as(archive: Archive, formats: Vec<Format>, out: &Path) -> ExportReport {
    let archive = Arc::new(archive);
    let mut catalogue = Catalogue::new();
    catalogue.set_tags(archive.tags());
    let images = catalogue.append(archive.page(0, usize::MAX).expect("page").rows).map(ImageIx).collect();
    let job = ExportJob {
        catalogue: Arc::new(catalogue),
        images,
        project: archive.project().clone(),
        kind: archive.kind(),
        formats,
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
    for row in &rows {
        let dates = row.tags.iter().map(|mark| mark.created).chain(row.regions.iter().map(|region| region.created));
        assert!(dates.chain([row.created]).all(|date| date.is_none()), "the dataset has no dates: {row:?}");
    }
    let first_picture = |row: &ImageRow| row.metadata[0].1.clone();
    assert_eq!(first_picture(&rows[0]), "fork/1.jpg", "images keep the order of the file");

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
    assert_eq!(
        open_folder(&folder).expect("kind"),
        OpenKind::Dataset(DatasetFormat::Jsonl, folder.join("images.jsonl"))
    );
    let report = import(&folder.join("annotations/instances_default.json"), None, &second).expect("import");
    assert!(report.skips.is_empty(), "{:?}", report.skips);
    let again: Vec<_> =
        Archive::open(&second).expect("archive").rows().expect("rows").map(|row| row.expect("row")).collect();
    assert_eq!(again, rows);
}

#[test]
fn dates_that_tagscope_wrote_are_read_back() {
    let home = tempdir().expect("folder");
    let file = quickstart(&home.path().join("data"));
    let mut coco: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).expect("file")).expect("json");
    coco["images"][0]["custom_vision"] = json!({"created": "2023-05-06T07:08:09.5"});
    coco["images"][1]["date_captured"] = json!("2013-11-14 11:18:45");
    std::fs::write(&file, coco.to_string()).expect("write");
    let out = home.path().join("archive");
    import(&file, None, &out).expect("import");
    let archive = Archive::open(&out).expect("archive");
    let dates: Vec<_> = archive.rows().expect("rows").map(|row| row.expect("row").created).collect();
    assert_eq!(dates[0], Timestamp::parse("2023-05-06T07:08:09.5"));
    assert!(
        dates[1..].iter().all(Option::is_none),
        "when a picture was captured is not when it was uploaded: {dates:?}"
    );

    let table = "image,width,height,tag,xmin,ymin,xmax,ymax,left,top,w,h,region_id,created\n\
                 fork/1.jpg,816,612,fork,0,0,408,306,0,0,0.5,0.5,0dd1a3a1-7f2c-4e9e-9c0e-1d2f3a4b5c6d,2023-05-06T07:08:09\n\
                 fork/1.jpg,816,612,fork,0,0,408,306,0,0,0.5,0.5,0dd1a3a1-7f2c-4e9e-9c0e-1d2f3a4b5c6e,\n";
    let file = home.path().join("data/regions.csv");
    std::fs::write(&file, table).expect("write");
    let out = home.path().join("of table");
    import_as(DatasetFormat::Csv, &file, None, &out).expect("import");
    let archive = Archive::open(&out).expect("archive");
    let row = archive.rows().expect("rows").next().expect("a row").expect("row");
    let dates: Vec<_> = row.regions.iter().map(|region| region.created).collect();
    assert_eq!((row.created, dates), (None, vec![Timestamp::parse("2023-05-06T07:08:09"), None]));
}

#[test]
fn dates_that_earlier_imports_made_up_are_not_shown() {
    let (_home, out) = imported();
    let rows = |folder: &Path| -> Vec<ImageRow> {
        Archive::open(folder).expect("archive").rows().expect("rows").map(|row| row.expect("row")).collect()
    };
    let before = rows(&out);
    // As an early version wrote them: the first image at 2020-01-01, each further one a second older.
    let path = out.join("images.jsonl");
    let lines = std::fs::read_to_string(&path).expect("rows");
    let dated: Vec<String> = (0..)
        .zip(lines.lines())
        .map(|(at, line)| {
            let mut line: serde_json::Value = serde_json::from_str(line).expect("json");
            let date = json!(Timestamp((1_577_836_800 - at) * 10_000_000).to_string());
            line["created"] = date.clone();
            line["tags"][0]["created"] = date.clone();
            line["regions"][0]["created"] = date;
            if at == 3 {
                line["regions"][0]["created"] = json!("2023-05-06T07:08:09");
            }
            line.to_string()
        })
        .collect();
    std::fs::write(&path, dated.join("\n")).expect("rows");
    let after = rows(&out);
    for at in [0, 1, 2, 4, 5] {
        assert_eq!(after[at], before[at]);
    }
    assert!(after[3].created.is_some() && after[3].regions[0].created.is_some(), "it has dates of its own");

    // A service's project keeps what the service says.
    let manifest = std::fs::read_to_string(out.join("manifest.json")).expect("manifest");
    let mut manifest: serde_json::Value = serde_json::from_str(&manifest).expect("json");
    manifest["project"]["id"] = json!("0dd1a3a1-7f2c-4e9e-9c0e-1d2f3a4b5c6d");
    std::fs::write(out.join("manifest.json"), manifest.to_string()).expect("manifest");
    assert!(rows(&out).iter().all(|row| row.created.is_some()));
}

#[test]
fn missing_and_broken_pictures_are_itemized() {
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
    assert_eq!(open_folder(&data).expect("kind"), OpenKind::Dataset(DatasetFormat::Coco, data.join("coco.json")));
    assert_eq!(
        open_folder(&data.join("coco.json")).expect("kind"),
        OpenKind::Dataset(DatasetFormat::Coco, data.join("coco.json"))
    );
    let reason = |path: &Path| match open_folder(path).expect_err("refused").kind {
        FailureKind::NotAnArchive { reason, .. } => reason,
        other => panic!("{other:?}"),
    };
    assert!(reason(&data.join("fork")).contains("a COCO file"));
    std::fs::copy(data.join("coco.json"), data.join("val.json")).expect("copy");
    match open_folder(&data).expect_err("refused").kind {
        FailureKind::SeveralDatasets { found, .. } => assert_eq!(found, ["coco.json (COCO)", "val.json (COCO)"]),
        other => panic!("{other:?}"),
    }
    assert!(matches!(open_folder(&home.path().join("none")).expect_err("none").kind, FailureKind::MissingFile { .. }));
}

#[test]
fn what_a_killed_import_left_is_removed_and_named() {
    let (home, out) = imported();
    std::fs::remove_dir_all(&out).expect("remove");
    let left = ".archive.tagscope-abcdefgh";
    std::fs::create_dir_all(home.path().join(left).join("originals")).expect("folder");
    std::fs::write(home.path().join(format!("{left}.lock")), b"").expect("lock");
    // Of a job that is alive: its lock is held.
    let alive = ".other.tagscope-ijklmnop";
    std::fs::create_dir(home.path().join(alive)).expect("folder");
    let held = std::fs::File::create(home.path().join(format!("{alive}.lock"))).expect("lock");
    held.try_lock().expect("lock");
    let report = import(&home.path().join("data/coco.json"), None, &out).expect("import");
    assert_eq!(report.cleared, [left]);
    assert!(home.path().join(alive).is_dir(), "a living job's folder stays");
    // An export next to it clears too.
    drop(held);
    let report = export_archive(Archive::open(&out).expect("archive"), &home.path().join("export"));
    assert_eq!(report.cleared, [alive]);
    let mut names: Vec<_> = std::fs::read_dir(home.path())
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name().into_string().expect("name"))
        .collect();
    names.sort();
    assert_eq!(names, ["archive", "data", "export"], "nothing else is left");
}

#[test]
fn a_path_that_is_too_long_is_told_by_its_own_name() {
    let (home, out) = imported();
    // By itself this disk would take the name; with what marks it as unfinished it is too long.
    let long = home.path().join("n".repeat(250));
    let archive = Arc::new(Archive::open(&out).expect("archive"));
    let mut catalogue = Catalogue::new();
    let images = catalogue.append(archive.page(0, usize::MAX).expect("page").rows).map(ImageIx).collect();
    let job = ExportJob { catalogue: Arc::new(catalogue), images, ..job(Vec::new(), &long) };
    let exported = export_with(job, ArchiveFetch(archive), ExportOptions::default()).map(drop);
    let imported = import(&home.path().join("data/coco.json"), None, &long).map(drop);
    for result in [exported, imported] {
        let failure = result.expect_err("too long");
        assert!(matches!(&failure.kind, FailureKind::Files { path, .. } if *path == long.display().to_string()));
        assert!(failure.headline().contains("too long"), "{}", failure.headline());
    }
    assert_eq!(std::fs::read_dir(home.path()).expect("folder").count(), 2, "nothing is left beside it");
}

#[test]
fn a_damaged_original_is_left_out_of_an_export_and_named() {
    let (home, out) = imported();
    let archive = Archive::open(&out).expect("archive");
    let image = archive.rows().expect("rows").next().expect("row").expect("row").id;
    let path = archive.blob_path(image, BlobKind::Original).expect("path");
    let mut bytes = std::fs::read(&path).expect("picture");
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).expect("picture");
    let report = export_archive(archive, &home.path().join("export"));
    assert_eq!((report.images_in, report.images_out), (6, 5));
    assert_eq!(report.skips[0].image, image.to_string());
    assert!(report.skips[0].reason.to_lowercase().contains("damaged"), "{}", report.skips[0].reason);
}
