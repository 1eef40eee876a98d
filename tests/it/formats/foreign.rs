//! YOLO, Pascal VOC and JSON lines into archives: our own exports open again, and files of others are borne with.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tagscope::app::{ExportJob, FailureKind};
use tagscope::domain::{ImageRow, ProjectKind, TagMark, UnitRect};
use tagscope::engine::export::ExportOptions;
use tagscope::engine::import::{DatasetFormat, ImportReport, OpenKind, open_folder};
use tagscope::formats::{Format, FormatOptions, SplitRule, voc, yolo};
use tagscope::storage::Archive;
use tempfile::{TempDir, tempdir};

use super::back::IMPORTABLE;
use super::imports::import_as;
use super::rig::{export_with, job, picture, row, tags, three, three_pictures};

/// The images of an archive by id.
pub(super) fn rows(archive: &Archive) -> BTreeMap<String, ImageRow> {
    let rows = archive.rows().expect("rows").map(|row| row.expect("readable"));
    rows.map(|row| (row.id.to_string(), row)).collect()
}

/// An export opened as the window opens it, and its images.
pub(super) fn opened_again(folder: &Path) -> (Archive, ImportReport) {
    let OpenKind::Dataset(format, path) = open_folder(folder).expect("kind") else { panic!("an archive") };
    let out = folder.with_extension("archive");
    let report = import_as(format, &path, None, &out).expect("import");
    (Archive::open(&out).expect("archive"), report)
}

/// Regions that every format holds; those of `three` that none of these does are left out of the comparison.
fn sound(row: &ImageRow) -> Vec<(&str, UnitRect)> {
    let regions = row.regions.iter().filter(|region| &*region.tag_name != "Negative");
    let inside = regions.filter(|region| !region.rect.clamped().is_empty());
    inside.map(|region| (&*region.tag_name, region.rect.clamped())).collect()
}

fn assert_near(found: &ImageRow, listed: &ImageRow, slack: f32, format: Format) {
    let (found, listed) = (sound(found), sound(listed));
    assert_eq!(found.len(), listed.len(), "{format:?}: {found:?}");
    for ((name, rect), (listed_name, listed)) in found.iter().zip(&listed) {
        assert_eq!(name, listed_name, "{format:?}");
        let edges = |rect: &UnitRect| [rect.left, rect.top, rect.right(), rect.bottom()];
        for (edge, listed) in edges(rect).into_iter().zip(edges(listed)) {
            assert!((edge - listed).abs() <= slack, "{format:?}: {rect:?} {listed:?}");
        }
    }
}

#[test]
fn our_own_exports_open_again() {
    // Half a pixel of 60 is what VOC loses at most on each side, but for rounding outwards: a whole one.
    let slack = |format| match format {
        Format::Jsonl | Format::Csv => 0.0,
        Format::Voc => 1.01 / 60.0,
        _ => 1e-6,
    };
    let formats = IMPORTABLE.map(|(format, _)| (format, slack(format)));
    for (format, slack) in formats {
        for split in [None, Some("1/1/1")] {
            let home = tempdir().expect("folder");
            let out = home.path().join("x");
            let split = split.map(|text| SplitRule::parse(text).expect("split"));
            let options = FormatOptions { split, ..FormatOptions::default() };
            let job = ExportJob { formats: vec![format], options, ..job(three(), &out) };
            export_with(job, three_pictures(), ExportOptions::default()).expect("export");
            let (archive, report) = opened_again(&out);
            assert_eq!((report.images_in, report.images_out, report.pictures), (3, 3, 3), "{format:?}: {report:?}");
            assert_eq!(report.regions_in, report.regions_out, "{format:?}");
            // Not even of YOLO's last part, into which no image fell.
            assert!(report.skips.is_empty(), "{format:?}: {:?}", report.skips);
            assert_eq!(archive.kind(), ProjectKind::Detection);
            let (found, listed) = (rows(&archive), three());
            for listed in &listed {
                let found = &found[&listed.id.to_string()];
                assert_near(found, listed, slack, format);
                let name = found.metadata.iter().find(|(key, _)| key == "name").map(|(_, name)| name.as_str());
                assert!(
                    name.is_some_and(|name| name.contains("shot") && !name.contains("aaaa")),
                    "{format:?}: {name:?}"
                );
            }
            if format == Format::Jsonl {
                for listed in listed {
                    // What is odd about a row is found when it is read.
                    let found = &found[&listed.id.to_string()];
                    let listed = ImageRow { problems: found.problems.clone(), ..listed };
                    assert_eq!(*found, listed, "rows are kept to the digit");
                }
            }
        }
    }
}

#[test]
fn several_formats_at_once_open_by_the_best_of_them() {
    let home = tempdir().expect("folder");
    for (formats, expected) in [
        (vec![Format::Coco, Format::Yolo, Format::Jsonl], DatasetFormat::Jsonl),
        (vec![Format::Coco, Format::Yolo], DatasetFormat::Coco),
        (vec![Format::Yolo, Format::Voc, Format::Csv], DatasetFormat::Yolo),
        (vec![Format::Voc, Format::Crops], DatasetFormat::Voc),
        (vec![Format::Datumaro, Format::LabelStudio, Format::Yolo], DatasetFormat::Datumaro),
        (vec![Format::LabelStudio, Format::Cvat], DatasetFormat::LabelStudio),
        (vec![Format::Cvat, Format::AzureMl], DatasetFormat::Cvat),
        (vec![Format::AzureMl, Format::Csv], DatasetFormat::AzureMl),
        (vec![Format::Csv, Format::CreateMl], DatasetFormat::Csv),
        (vec![Format::CreateMl, Format::HuggingFace], DatasetFormat::CreateMl),
        (vec![Format::HuggingFace, Format::WebDataset], DatasetFormat::HuggingFace),
        (vec![Format::WebDataset, Format::Parquet], DatasetFormat::WebDataset),
        (vec![Format::Parquet, Format::Annotated], DatasetFormat::Parquet),
    ] {
        let out = home.path().join(format!("{expected:?}"));
        let job = ExportJob { formats, ..job(three(), &out) };
        export_with(job, three_pictures(), ExportOptions::default()).expect("export");
        assert!(matches!(open_folder(&out), Ok(OpenKind::Dataset(found, _)) if found == expected), "{expected:?}");
        let (_, report) = opened_again(&out);
        assert_eq!((report.images_out, report.pictures, report.skips.len()), (3, 3, 0), "{expected:?}: {report:?}");
    }
}

#[test]
fn a_classification_opens_again() {
    let home = tempdir().expect("folder");
    let mark = |tag: usize| TagMark { tag: tags()[tag].id, name: tags()[tag].name.as_str().into(), created: None };
    let mut listed = three();
    for (at, row) in listed.iter_mut().enumerate() {
        row.regions.clear();
        row.tags = vec![mark([0, 2, 0][at])];
    }
    let out = home.path().join("x");
    let kind = ProjectKind::Multiclass;
    let job = ExportJob { formats: vec![Format::Yolo], kind, ..job(listed.clone(), &out) };
    export_with(job, three_pictures(), ExportOptions::default()).expect("export");
    let (archive, report) = opened_again(&out);
    assert_eq!((archive.kind(), report.images_out, report.pictures), (kind, 3, 3), "{report:?}");
    assert!(report.skips.is_empty(), "{:?}", report.skips);
    let found = rows(&archive);
    assert_eq!(&*found[&listed[0].id.to_string()].tags[0].name, "fork");
    assert!(archive.tags().iter().all(|tag| tag.kind == "Regular"));
}

/// A folder with files of these texts; those that end in `jpg` are pictures.
pub(super) fn folder(files: &[(&str, &str)]) -> TempDir {
    let home = tempdir().expect("folder");
    for (name, text) in files {
        let path = home.path().join("data").join(name);
        fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        let bytes = if name.ends_with("jpg") { picture(40, 20, 1).to_vec() } else { text.as_bytes().to_vec() };
        fs::write(path, bytes).expect("write");
    }
    home
}

pub(super) fn imported(home: &TempDir, format: DatasetFormat, name: &str) -> (Archive, ImportReport) {
    let out = home.path().join("archive");
    let report = import_as(format, &home.path().join("data").join(name), None, &out).expect("import");
    (Archive::open(&out).expect("archive"), report)
}

pub(super) fn reasons(report: &ImportReport) -> Vec<String> {
    report
        .skips
        .iter()
        .map(|skip| format!("{}{}: {}", if skip.is_left_out { "-" } else { "~" }, skip.image, skip.reason))
        .collect()
}

#[test]
fn yolo_of_others_is_borne_with() {
    let home = folder(&[
        (
            "data.yaml",
            "path: /datasets/elsewhere\ntrain: ../train/images\nval: [valid/images]\ntest: nowhere\nnc: 2\nnames: [a, b]\n",
        ),
        ("train/images/1.jpg", ""),
        ("train/labels/1.txt", "0 0.5 0.5 0.5 1\n7 0.5 0.5 0.1 0.1\n\nnot a row\n1 0 0 0.5 0 0.5 1 0 1\n"),
        ("train/images/no label.jpg", ""),
        ("train/labels/lonely.txt", "0 0.5 0.5 1 1\n"),
        ("train/labels/classes.txt", "a\nb\n"),
        ("valid/images/2.jpg", ""),
        ("valid/labels/2.txt", "1 0.5 0.5 1.5 1\r\n"),
    ]);
    let (archive, report) = imported(&home, DatasetFormat::Yolo, "data.yaml");
    let told = reasons(&report);
    for part in [
        "~data.yaml: its path \"/datasets/elsewhere\" is not in its folder",
        "~data.yaml: test: there is no \"nowhere\"",
        "~train/labels/1.txt:2: its class is not in the names; it is named \"class_7\"",
        "-train/labels/1.txt:4: \"not a row\" is not a row",
        "~train/labels/1.txt: outlines converted to bounding boxes: 1",
        "-train/labels/lonely.txt: there is no picture for it",
        "~boxes: boxes larger than their pictures: 1 (such as on \"valid/images/2.jpg\")",
    ] {
        assert!(told.iter().any(|line| line.starts_with(part)), "{part}: {told:#?}");
    }
    assert_eq!(told.len(), 7, "{told:#?}");
    assert_eq!((report.images_in, report.images_out, report.regions_in, report.regions_out), (4, 3, 5, 4));
    let rows = archive.page(0, 9).expect("page").rows;
    let rect = UnitRect::new(0.25, 0.0, 0.5, 1.0);
    assert_eq!((rows[0].regions[0].rect, (rows[0].width, rows[0].height)), (rect, (40, 20)));
    assert_eq!(rows[0].regions[2].rect, UnitRect::new(0.0, 0.0, 0.5, 1.0));
    assert_eq!(
        rows[2].regions[0].rect,
        UnitRect::new(-0.25, 0.0, 1.5, 1.0),
        "what reaches outside is kept to be found"
    );
    let split = |row: &ImageRow| row.metadata.iter().find(|(key, _)| key == "split").map(|(_, part)| part.clone());
    assert_eq!(split(&rows[2]).as_deref(), Some("val"));
    let names: Vec<_> = archive.tags().iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "class_7"]);
}

#[test]
fn lists_of_pictures_stay_inside() {
    let home = folder(&[
        ("d/data.yaml", "train: train.txt\nval: train.txt\nnames: {0: a}\n"),
        ("d/train.txt", "./images/1.jpg\n/etc/passwd\n../../secret.jpg\n\nimages/none.jpg\n"),
        ("d/images/1.jpg", ""),
        ("d/labels/1.txt", "0 0.5 0.5 1 1"),
        ("secret.jpg", ""),
    ]);
    let (_, report) = imported(&home, DatasetFormat::Yolo, "d/data.yaml");
    let told = reasons(&report);
    assert!(told.iter().any(|line| line.contains("train.txt:2: the name \"/etc/passwd\" points outside")), "{told:#?}");
    assert!(told.iter().any(|line| line.contains("train.txt:3") && line.contains("points outside")), "{told:#?}");
    assert!(told.iter().any(|line| line.contains("images/none.jpg")), "{told:#?}");
    assert_eq!((report.images_out, report.pictures, report.regions_out), (1, 1, 1));
}

#[cfg(unix)]
#[test]
fn links_out_of_a_dataset_are_not_followed() {
    let home = folder(&[
        ("data.yaml", "train: images\nval: images\nnames: [a]\n"),
        ("images/1.jpg", ""),
        ("labels/1.txt", "0 0.5 0.5 1 1"),
    ]);
    let secret = home.path().join("secret.jpg");
    fs::write(&secret, picture(40, 20, 3)).expect("write");
    let data = home.path().join("data");
    std::os::unix::fs::symlink(&secret, data.join("images/2.jpg")).expect("link");
    std::os::unix::fs::symlink(home.path(), data.join("images/up")).expect("link");
    std::os::unix::fs::symlink("/etc/passwd", data.join("labels/2.txt")).expect("link");
    let (archive, report) = imported(&home, DatasetFormat::Yolo, "data.yaml");
    let told = reasons(&report);
    assert_eq!(report.pictures, 1, "{told:#?}");
    assert!(
        told.iter().any(|line| line.contains("images/2.jpg: the picture is a link to a place outside")),
        "{told:#?}"
    );
    assert!(told.iter().any(|line| line.starts_with("-images/up")), "{told:#?}");
    assert_eq!(archive.page(0, 9).expect("page").rows.iter().map(|row| row.regions.len()).sum::<usize>(), 1);
}

#[test]
fn voc_of_others_is_borne_with() {
    let page = |file: &str, body: &str| format!("<annotation><filename>{file}</filename>{body}</annotation>");
    let object = "<object><name>cat</name><part><name>head</name></part><bndbox><xmin>11</xmin><ymin>1</ymin>\
                  <xmax>20</xmax><ymax>20.0</ymax></bndbox></object>";
    let size = "<size><width>40</width><height>20</height></size>";
    let home = folder(&[
        ("VOCdevkit/VOC2012/Annotations/1.xml", &page("1.jpg", &format!("{object}{size}"))),
        ("VOCdevkit/VOC2012/Annotations/2.xml", &page("2.png", &format!("{object}<object><name>x</name></object>"))),
        ("VOCdevkit/VOC2012/Annotations/3.xml", &page("../../../secret.jpg", object)),
        ("VOCdevkit/VOC2012/Annotations/4.xml", "<annotation><object>"),
        ("VOCdevkit/VOC2012/Annotations/5.xml", &page("5.jpg", object)),
        ("VOCdevkit/VOC2012/JPEGImages/1.jpg", ""),
        ("VOCdevkit/VOC2012/JPEGImages/2.jpg", ""),
        ("VOCdevkit/VOC2012/JPEGImages/unlabeled.jpg", ""),
        ("VOCdevkit/VOC2012/ImageSets/Main/train.txt", "1\n"),
        ("VOCdevkit/VOC2012/ImageSets/Main/val.txt", "2\n5\n"),
    ]);
    fs::write(home.path().join("secret.jpg"), picture(40, 20, 3)).expect("write");
    assert!(matches!(open_folder(&home.path().join("data")), Ok(OpenKind::Dataset(DatasetFormat::Voc, _))));
    let (archive, report) = imported(&home, DatasetFormat::Voc, "");
    let told = reasons(&report);
    for part in [
        "2.xml: object 2: it has no bndbox of four numbers",
        "3.xml: its picture \"../../../secret.jpg\" is outside the dataset",
        "4.xml: it cannot be read",
        "5.jpg: the picture is missing",
        "5.jpg: its size is neither in the dataset nor in a picture",
        "pictures without an XML file, not in the archive: 1",
    ] {
        assert!(told.iter().any(|line| line.contains(part)), "{part}: {told:#?}");
    }
    assert_eq!((report.images_in, report.images_out, report.pictures), (5, 2, 2), "{told:#?}");
    let rows = archive.page(0, 9).expect("page").rows;
    assert_eq!(rows[0].regions[0].rect, UnitRect::new(0.25, 0.0, 0.25, 1.0));
    assert_eq!(rows[1].regions[0].rect, rows[0].regions[0].rect, "of the picture's own size, and under its own name");
    assert_eq!(&*rows[0].regions[0].tag_name, "cat");
}

#[test]
fn lines_of_others_are_borne_with() {
    let good = row(1, (40, 20), &[(0, UnitRect::new(0.1, 0.2, 0.3, 0.4))]);
    let mut line = Vec::new();
    domain::write_image(&good, domain::UriForm::Absent, &mut line);
    let line = String::from_utf8(line).expect("text");
    let text = format!("\u{feff}{line}\n\n{{\"id\": 7}}\nrubbish\n{line}\n");
    let name = format!("pictures/ab/{}.jpg", good.id);
    let home = folder(&[("labels.jsonl", text.as_str()), (name.as_str(), "")]);
    let (archive, report) = imported(&home, DatasetFormat::Jsonl, "labels.jsonl");
    let told = reasons(&report);
    assert_eq!((report.images_in, report.images_out, report.pictures), (4, 1, 1), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("-labels.jsonl:3")), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("-labels.jsonl:5") && line.contains("already")), "{told:#?}");
    assert_eq!(archive.page(0, 9).expect("page").rows, [good]);
}

proptest! {
    #[test]
    fn any_text_is_an_error_or_a_dataset(bytes in proptest::collection::vec(any::<u8>(), 0..200), words in "[a-z:\\[\\]{}0-9 .\n<>/&;-]{0,80}") {
        for text in [String::from_utf8_lossy(&bytes).into_owned(), words] {
            if let Ok(facts) = yolo::dataset::read_facts(&text) {
                prop_assert!(!facts.names.is_empty() || !facts.parts.is_empty() || facts.names_file.is_some(), "{text:?}");
            }
            if let Ok(facts) = yolo::dataset::read_facts(&format!("train: x\nnames: {text}")) {
                prop_assert!(!facts.parts.is_empty(), "{text:?}");
            }
            for page in [format!("<annotation>{text}</annotation>"), text.clone()] {
                let Ok(Some(page)) = voc::dataset::read_page(page.as_bytes()) else { continue };
                prop_assert!(page.objects.len() <= text.matches('<').count(), "{text:?}");
            }
            if let Ok(row) = yolo::dataset::read_row(&text, text.len() % 2 == 0) {
                prop_assert!(row.bbox.iter().all(|number| number.is_finite()));
            }
        }
    }
}

#[test]
fn what_is_no_dataset_is_refused_and_leaves_nothing() {
    let home = folder(&[("data.yaml", "a: 1\n"), ("x.jsonl", "[1, 2]\n"), ("empty/x.txt", "")]);
    for (format, name) in [
        (DatasetFormat::Yolo, "data.yaml"),
        (DatasetFormat::Yolo, "empty"),
        (DatasetFormat::Voc, "empty"),
        (DatasetFormat::Jsonl, "x.jsonl"),
        (DatasetFormat::Coco, "empty"),
    ] {
        let out = home.path().join("archive");
        let failure = import_as(format, &home.path().join("data").join(name), None, &out).expect_err("refused");
        assert!(matches!(failure.kind, FailureKind::NotAnArchive { .. }), "{format:?}: {failure:?}");
        assert_eq!(fs::read_dir(home.path()).expect("folder").count(), 1, "nothing beside the data");
    }
}
