//! The verified export: what is in it, what is itemized, and when nothing is published.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::json;
use tagscope::app::{ExportJob, FailureKind};
use tagscope::domain::{ImageRow, ProjectKind};
use tagscope::engine::export::{ExportOptions, ProgressSink};
use tagscope::formats::{Format, PixelChoice};
use tagscope::storage::staging::measure;
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use super::rig::{
    ImageStore, ODD_NAME, export_canceled_by, export_watched, export_with, hidden_folder, job, json_of, names_below,
    picture, row, three, three_pictures,
};

#[test]
fn an_export_holds_everything_or_says_what_not() {
    let home = tempdir().expect("folder");
    let out = home.path().join("made/forks");
    let report = export_with(job(three(), &out), three_pictures(), ExportOptions::default()).expect("export");
    assert_eq!(report.folder.folder(), Some(&*out));
    assert_eq!((report.images_in, report.images_out, report.regions_in, report.regions_out), (3, 3, 6, 3));
    let left_out: Vec<_> = report.skips.iter().filter(|skip| skip.is_left_out).collect();
    assert_eq!(left_out.len(), 3, "{:?}", report.skips);
    assert!(left_out.iter().all(|skip| skip.format.as_deref() == Some("coco") && skip.region.is_some()));
    assert_eq!(report.skips.len(), 4, "the clamped one is itemized too");

    let rows = three();
    let file =
        |row: &ImageRow, extension: &str, number: u32| format!("images/dir_shot {number}_{}.{extension}", row.id);
    let mut expected = vec![
        "REPORT.md".to_owned(),
        "annotations/instances_default.json".to_owned(),
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

    let coco = json_of(&out.join("annotations/instances_default.json"));
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
    assert!(words.contains("| regions | 6 | 6 |") && words.contains("Fewer in COCO: 3 images, 3 regions."), "{words}");
    assert!(words.contains("Forks \\& \\*knives\\*"), "{words}");
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
fn an_image_whose_picture_cannot_be_had_is_itemized() {
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
fn the_headline_counts_what_is_in_the_export_and_names_the_formats_with_less() {
    let home = tempdir().expect("folder");
    let out = home.path().join("forks");
    let mut job = job(three(), &out);
    job.formats = vec![Format::Jsonl, Format::Crops];
    let report = export_with(job, three_pictures(), ExportOptions::default()).expect("export");
    // The third image has no regions, so there is nothing to cut out of it.
    let of = |format: &str| report.by_format.iter().find(|of| of.format == format).expect("format");
    assert_eq!((report.images(), of("jsonl").images, report.images_out), (3, 3, of("crops").images));
    assert!(of("crops").images < 3);
    let said = std::fs::read_to_string(out.join("REPORT.md")).expect("report");
    assert!(said.contains("| images | 3 | 3 |"), "{said}");
    let fewer = format!("Fewer in Crops: {} images, {} regions.", of("crops").images, of("crops").regions);
    assert!(said.contains(&fewer), "{said}");
}

#[test]
fn a_picture_of_an_unknown_kind_is_kept_but_not_in_coco_and_a_page_is_left_out() {
    let home = tempdir().expect("folder");
    let out = home.path().join("forks");
    let mut shelf = three_pictures();
    shelf.pictures.insert(three()[0].id, Bytes::from_static(b"8BPS\0\x01\0\0\0\0"));
    let report = export_with(job(three(), &out), shelf, ExportOptions::default()).expect("export");
    assert_eq!((report.images_in, report.images_out), (3, 2));
    assert_eq!(std::fs::read_to_string(out.join("images.jsonl")).expect("lines").lines().count(), 3);
    assert!(names_below(&out).iter().any(|name| name.ends_with(".bin")));

    let out = home.path().join("page");
    let mut shelf = three_pictures();
    shelf.pictures.insert(three()[0].id, Bytes::from_static(b"<html>sign in</html>"));
    let report = export_with(job(three(), &out), shelf, ExportOptions::default()).expect("export");
    assert_eq!((report.images_in, report.images_out), (3, 2));
    assert_eq!(std::fs::read_to_string(out.join("images.jsonl")).expect("lines").lines().count(), 2);
    assert!(report.skips[0].is_left_out && report.skips[0].reason.contains("web page"), "{:?}", report.skips);
    assert!(!names_below(&out).iter().any(|name| name.ends_with(".bin")));
}

#[test]
fn a_failed_export_leaves_what_can_be_gone_on_with_and_nothing_else() {
    let home = tempdir().expect("folder");
    let out = home.path().join("made/forks");
    let fails = |job: ExportJob, shelf: ImageStore, byte_limit: Option<u64>| {
        let options = ExportOptions { byte_limit, parallel: 3, ..ExportOptions::default() };
        let failure = export_with(job, shelf, options).expect_err("fails");
        assert!(!out.exists());
        // Whole pictures stay for a run that is resumed. Where there is none, nothing stays, and no parent either.
        let left = names_below(home.path());
        let pictures = left.iter().filter(|name| name.starts_with("made/.forks.tagscope-unfinished/images/")).count();
        assert_eq!(pictures > 0, home.path().join("made").exists(), "{left:?}");
        assert_eq!(pictures > 0, !left.is_empty(), "{left:?}");
        if pictures > 0 {
            std::fs::remove_dir_all(home.path().join("made")).expect("remove");
        }
        failure.kind
    };
    // A full disk: at the pictures, at the labels, at the report.
    let pictures: u64 = three_pictures().pictures.values().map(|bytes| bytes.len() as u64).sum();
    for bytes in [100, pictures, pictures + 600, pictures + 4_000] {
        let kind = fails(job(three(), &out), three_pictures(), Some(bytes));
        assert_eq!(kind, FailureKind::DiskFull { path: out.display().to_string() }, "{bytes} bytes");
    }
    // No picture at all, a refused key, a source that is gone.
    let failing = |failure: FailureKind| ImageStore { failure, ..ImageStore::new([]) };
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

#[test]
fn a_difference_found_on_reading_back_publishes_nothing() {
    type Damage = (&'static str, fn(&Path));
    let damages: [Damage; 7] = [
        ("the region", |folder| edit(folder, "\"bbox\":[20.0,", "\"bbox\":[20.001,")),
        ("the region", |folder| edit(folder, "\"category_id\":2", "\"category_id\":3")),
        ("the region", |folder| edit(folder, "\"iscrowd\":0", "\"iscrowd\":1")),
        ("the image", |folder| edit(folder, "\"height\":80", "\"height\":81")),
        ("the category", |folder| edit(folder, "\"name\":\"unused\"", "\"name\":\"other\"")),
        ("differs from what was written", |folder| {
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
    let path = folder.join("annotations/instances_default.json");
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
    let shelf = ImageStore {
        cancel_after: Some((20, cancel.clone())),
        ..ImageStore::new(rows.iter().map(|row| (row.id, picture(8, 8, 2))))
    };
    let failure = export_canceled_by(job(rows, &out), shelf, ExportOptions::default(), cancel).expect_err("canceled");
    assert_eq!(failure.kind, FailureKind::Canceled);
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
    let report = export_with(job, ImageStore::new([]), ExportOptions::default()).expect("export");
    assert_eq!((report.images_out, report.notes.len()), (3, 1));
    let coco = json_of(&out.join("annotations/instances_default.json"));
    assert_eq!(coco["annotations"][0]["bbox"], json!([10.0, 15.0, 20.0, 7.5]));
    assert!(!out.join("images").exists());
}

#[test]
fn tags_of_a_classification_project_are_not_lost() {
    let home = tempdir().expect("folder");
    let out = home.path().join("forks");
    let job = ExportJob { kind: ProjectKind::Multilabel, ..job(three(), &out) };
    let report = export_with(job, three_pictures(), ExportOptions::default()).expect("export");
    assert!(report.notes.iter().any(|note| note.contains("COCO cannot store tags of whole images")));
    let coco = json_of(&out.join("annotations/instances_default.json"));
    assert_eq!(coco["images"][0]["custom_vision"]["tags"], json!(["fork", ODD_NAME]));
}
