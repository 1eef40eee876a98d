//! What was once read wrongly or left out in silence, and several paths as one dataset.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tagscope::app::{ExportJob, Failure};
use tagscope::domain::{ImageRow, ProjectKind};
use tagscope::engine::export::ExportOptions;
use tagscope::engine::import::{DatasetFormat, ImportReport, import_all, open_folder, places_of};
use tagscope::formats::{Format, FormatOptions, SplitRule};
use tagscope::storage::Archive;
use tempfile::{TempDir, tempdir};
use tokio_util::sync::CancellationToken;

use super::foreign::{folder, imported, reasons};
use super::rig::{export_with, job, picture, quiet, three, three_pictures};

const ROW: &str = "0 0.5 0.5 0.5 0.5\n";

fn coco(name: &str, category: &str) -> String {
    json!({
        "images": [{"id": 1, "file_name": name, "width": 40, "height": 20}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 5, 20, 10]}],
        "categories": [{"id": 1, "name": category}],
    })
    .to_string()
}

fn voc(name: &str) -> String {
    format!(
        "<annotation><filename>{name}</filename><size><width>40</width><height>20</height></size><object><name>fork</name>\
         <bndbox><xmin>11</xmin><ymin>6</ymin><xmax>30</xmax><ymax>15</ymax></bndbox></object></annotation>"
    )
}

fn rows(archive: &Archive) -> Vec<ImageRow> {
    archive.rows().expect("rows").map(|row| row.expect("row")).collect()
}

fn name(row: &ImageRow) -> &str {
    row.metadata.iter().find(|(key, _)| key == "name").map_or("", |(_, name)| name)
}

fn split(row: &ImageRow) -> Option<&str> {
    row.metadata.iter().find(|(key, _)| key == "split").map(|(_, part)| part.as_str())
}

/// Imports several paths below `data` as `tagscope import auto` does.
fn together(home: &TempDir, paths: &[&str]) -> Result<(Archive, ImportReport), Failure> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| home.path().join("data").join(path)).collect();
    let places = places_of(None, &paths, None)?;
    let out = home.path().join("archive");
    let report = import_all(&places, &out, &quiet(), &CancellationToken::new())?;
    Ok((Archive::open(&out).expect("archive"), report))
}

#[test]
fn label_files_of_one_folder_are_read_together() {
    let home = folder(&[
        ("train.json", &coco("1.jpg", "fork")),
        ("val.json", &coco("2.jpg", "spoon")),
        ("other.json", "{}"),
        ("1.jpg", ""),
        ("2.jpg", ""),
    ]);
    let (archive, report) = together(&home, &["train.json", "val.json"]).expect("import");
    assert_eq!((report.pictures, report.regions_out, reasons(&report).len()), (2, 2, 0), "{:?}", reasons(&report));
    let parts: Vec<_> = rows(&archive).iter().map(|row| split(row).map(str::to_owned)).collect();
    assert_eq!(parts, [Some("train".to_owned()), Some("val".to_owned())]);
    assert_eq!(archive.tags().iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["fork", "spoon"]);
}

#[test]
fn pages_of_one_folder_are_read_without_those_beside_them() {
    let home = folder(&[
        ("1.xml", &voc("1.jpg")),
        ("2.xml", &voc("2.jpg")),
        ("3.xml", &voc("3.jpg")),
        ("1.jpg", ""),
        ("2.jpg", ""),
        ("3.jpg", ""),
    ]);
    let (archive, _) = together(&home, &["1.xml", "3.xml"]).expect("import");
    assert_eq!(rows(&archive).iter().map(name).collect::<Vec<_>>(), ["1.jpg", "3.jpg"]);
}

#[test]
fn folders_are_read_one_by_one_and_name_their_pictures() {
    let yaml = "train: images\nnames: [fork]\n";
    let home = folder(&[
        ("train/data.yaml", yaml),
        ("train/images/1.jpg", ""),
        ("train/labels/1.txt", ROW),
        ("more/data.yaml", yaml),
        ("more/images/1.jpg", ""),
        ("more/labels/1.txt", ROW),
    ]);
    let (archive, report) = together(&home, &["train", "more"]).expect("import");
    let rows = rows(&archive);
    assert_eq!((rows.len(), report.pictures, report.regions_out), (2, 2, 2));
    assert_eq!(rows.iter().map(split).collect::<Vec<_>>(), [Some("train"), None]);
    assert!(rows[0].id != rows[1].id && reasons(&report).is_empty(), "{:?}", reasons(&report));
    let failure = together(&home, &["more/data.yaml", "more"]).expect_err("twice");
    assert!(failure.full_text().contains("named twice"), "{}", failure.full_text());
}

#[test]
fn paths_of_different_formats_are_refused_by_their_names() {
    let home = folder(&[("a/1.xml", &voc("1.jpg")), ("a/1.jpg", ""), ("b/b.json", &coco("1.jpg", "fork"))]);
    let words = together(&home, &["a", "b/b.json"]).expect_err("refused").full_text();
    assert!(words.contains("Pascal VOC") && words.contains("COCO") && words.contains("by itself"), "{words}");
}

#[test]
fn each_of_many_files_of_vott_is_read() {
    let names: Vec<String> = (0..130).map(|number| format!("{number:03}")).collect();
    let asset = |name: &String| {
        json!({
            "asset": {"name": format!("{name}.jpg"), "path": format!("file:C:/{name}.jpg"), "size": {"width": 40, "height": 20}},
            "regions": [{"tags": ["fork"], "boundingBox": {"left": 10, "top": 5, "width": 20, "height": 10}}],
        })
        .to_string()
    };
    let mut files: Vec<(String, String)> =
        names.iter().map(|name| (format!("{name}-asset.json"), asset(name))).collect();
    files.extend(names.iter().map(|name| (format!("{name}.jpg"), String::new())));
    // One that is cut off costs only itself.
    files[100].1.truncate(40);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let home = folder(&files);
    let (archive, report) = together(&home, &["."]).expect("import");
    assert_eq!((rows(&archive).len(), report.regions_out), (129, 129));
    assert!(reasons(&report).iter().any(|words| words.starts_with("-100-asset.json")), "{:?}", reasons(&report));
}

#[test]
fn images_that_lists_of_voc_name_have_no_objects_without_a_page() {
    let home = folder(&[
        ("Annotations/1.xml", &voc("1.jpg")),
        ("Annotations/pom.xml", "<project/>"),
        ("ImageSets/Main/train.txt", "1\n2\n"),
        ("ImageSets/Main/val.txt", "3\n4\n"),
        ("ImageSets/Main/fork_train.txt", "1 1\n2 -1\n"),
        ("JPEGImages/1.jpg", ""),
        ("JPEGImages/2.jpg", ""),
        ("JPEGImages/3.jpg", ""),
    ]);
    let (archive, report) = imported(&home, DatasetFormat::Voc, "");
    let rows = rows(&archive);
    let found: Vec<_> = rows.iter().map(|row| (name(row), row.regions.len(), split(row))).collect();
    assert_eq!(found, [("1.jpg", 1, Some("train")), ("2.jpg", 0, Some("train")), ("3.jpg", 0, Some("val"))]);
    let told = reasons(&report);
    assert!(told.iter().any(|words| words.starts_with('~') && words.contains("pom.xml")), "{told:?}");
    assert!(told.iter().any(|words| words.contains("neither an XML file nor a picture: 1")), "{told:?}");
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn lists_of_classes_are_tags_where_voc_has_no_pages() {
    let home = folder(&[
        ("labelmap.txt", "# label:color_rgb:parts:actions\nfork:1,2,3::\nspoon:4,5,6::\n"),
        ("ImageSets/Main/train.txt", "1\n2\n"),
        ("ImageSets/Main/fork_train.txt", "1  1\n2 -1\n"),
        ("ImageSets/Main/spoon_train.txt", "1  1\n2  1\n"),
        ("JPEGImages/1.jpg", ""),
        ("JPEGImages/2.jpg", ""),
    ]);
    let (archive, report) = imported(&home, DatasetFormat::Voc, "");
    let tags = |row: &ImageRow| row.tags.iter().map(|mark| mark.name.to_string()).collect::<Vec<_>>().join("+");
    assert_eq!(rows(&archive).iter().map(tags).collect::<Vec<_>>(), ["fork+spoon", "spoon"]);
    assert_eq!((archive.kind(), reasons(&report).len()), (ProjectKind::Multilabel, 0), "{:?}", reasons(&report));
}

#[test]
fn a_picture_in_the_file_of_labelme_is_used_where_there_is_no_other() {
    let page = |data: serde_json::Value| {
        json!({
            "version": "5.0", "flags": {}, "imagePath": "1.jpg", "imageData": data, "imageHeight": 20, "imageWidth": 40,
            "shapes": [{"label": "fork", "points": [[10, 5], [30, 15]], "shape_type": "rectangle"}],
        })
        .to_string()
    };
    let home = folder(&[("labels/1.json", &page(STANDARD.encode(picture(40, 20, 2)).into()))]);
    let (archive, report) = imported(&home, DatasetFormat::Labelme, "labels");
    assert_eq!((report.pictures, rows(&archive)[0].regions.len()), (1, 1), "{:?}", reasons(&report));
    let odd = folder(&[("labels/1.json", &page("?".into())), ("labels/2.json", &page(serde_json::Value::Null))]);
    let (_, report) = imported(&odd, DatasetFormat::Labelme, "labels");
    assert!(reasons(&report).iter().any(|words| words.contains("no base64")), "{:?}", reasons(&report));
}

#[test]
fn what_is_odd_about_the_classes_of_yolo_is_told() {
    for (files, words) in [
        (&[("data.yaml", "train: images\nnames: [fork, fork]\n")][..], "two classes \"fork\""),
        (&[("data.yaml", "train: images\nnc: 3\nnames: [fork, spoon]\n")][..], "3 classes (nc) and names 2"),
        (&[("data.yaml", "train: images\nnames: [a]\nnames: [fork]\n")][..], "the one in line 3"),
    ] {
        let home = folder(&[files, &[("images/1.jpg", ""), ("labels/1.txt", ROW)]].concat());
        let (archive, report) = imported(&home, DatasetFormat::Yolo, "");
        assert!(reasons(&report).iter().any(|reason| reason.contains(words)), "{words}: {:?}", reasons(&report));
        assert_eq!(&*rows(&archive)[0].regions[0].tag_name, "fork");
    }
    // Programs that read classes.txt count its lines.
    let home = folder(&[("classes.txt", "fork\n\nspoon\n\n"), ("1.jpg", ""), ("1.txt", "2 0.5 0.5 0.5 0.5\n")]);
    let (archive, report) = imported(&home, DatasetFormat::Yolo, "");
    assert_eq!(&*rows(&archive)[0].regions[0].tag_name, "spoon");
    let told = reasons(&report);
    assert!(told.iter().any(|words| words.contains("class 1 has no name")), "{told:?}");
}

#[test]
fn rows_that_only_fit_with_another_meaning_raise_a_doubt() {
    let yaml = ("data.yaml", "train: images\nnames: [fork]\n");
    let corner = folder(&[yaml, ("images/1.jpg", ""), ("labels/1.txt", "0 0.05 0.05 0.9 0.9\n")]);
    let (archive, report) = imported(&corner, DatasetFormat::Yolo, "");
    assert!(
        reasons(&report).iter().any(|words| words.contains("left, top, width and height")),
        "{:?}",
        reasons(&report)
    );
    assert!((rows(&archive)[0].regions[0].rect.left + 0.4).abs() < 1e-6, "read as defined all the same");
    let usual = folder(&[yaml, ("images/1.jpg", ""), ("labels/1.txt", ROW)]);
    assert!(reasons(&imported(&usual, DatasetFormat::Yolo, "").1).is_empty());
}

#[test]
fn files_of_programs_without_a_reader_are_called_by_their_names() {
    for (file, text, program) in [
        ("via.json", r#"{"_via_settings":{},"_via_img_metadata":{}}"#, "VIA"),
        ("train/label_2/1.txt", "Car 0.00 0 -1.57 40 60 240 180 1.57 1.73 4.15 1.00 1.75 13.22 -1.62\n", "KITTI"),
        ("set.zip", "PK", "unpack it"),
    ] {
        let home = folder(&[(file, text)]);
        for place in [home.path().join("data"), home.path().join("data").join(file)] {
            let words = open_folder(&place).expect_err("refused").full_text();
            assert!(words.contains(program), "{}: {words}", place.display());
        }
    }
}

/// With few images a part of a split may have none.
#[test]
fn no_export_names_a_folder_that_is_not_there() {
    for split in ["1/98/1", "98/1/1", "1/1/98", "50/50"] {
        let home = tempdir().expect("folder");
        let out = home.path().join("x");
        let options = FormatOptions { split: SplitRule::parse(split).ok(), ..FormatOptions::default() };
        let job = ExportJob { formats: vec![Format::Yolo], options, ..job(three(), &out) };
        export_with(job, three_pictures(), ExportOptions::default()).expect("export");
        let yaml = std::fs::read_to_string(out.join("data.yaml")).expect("data.yaml");
        let places: Vec<&str> =
            yaml.lines().filter_map(|line| line.split_once(": images/")).map(|(_, part)| part).collect();
        assert!(places.len() >= 2, "{split}: {yaml}");
        for part in places {
            assert!(out.join("images").join(part).is_dir(), "{split}: {yaml}");
        }
    }
}
