//! Azure ML, tables, Label Studio, CVAT, Datumaro and Create ML into archives: kinds of projects, pictures at addresses,
//! and whatever is wrong with files of others.

use std::fs;
use std::path::Path;

use tagscope::app::{ExportJob, FailureKind};
use tagscope::domain::{ProjectKind, TagMark, UnitRect};
use tagscope::engine::export::ExportOptions;
use tagscope::engine::import::{DatasetFormat, OpenKind, open_folder};
use tagscope::formats::{Format, FormatOptions, SplitRule};
use tagscope::storage::Archive;
use tempfile::tempdir;

use super::foreign::{folder, imported, opened_again, reasons, rows};
use super::imports::import_as;
use super::rig::{export_with, job, picture, tags, three, three_pictures};

#[test]
fn kinds_and_tags_of_whole_images_come_back() {
    let formats = [Format::AzureMl, Format::Csv, Format::LabelStudio, Format::Cvat, Format::Datumaro];
    let mark = |tag: usize| TagMark { tag: tags()[tag].id, name: tags()[tag].name.as_str().into(), created: None };
    for kind in [ProjectKind::Multiclass, ProjectKind::Multilabel] {
        let mut listed = three();
        for (at, row) in listed.iter_mut().enumerate() {
            row.regions.clear();
            row.tags = if kind == ProjectKind::Multiclass || at == 1 { vec![mark(2)] } else { vec![mark(0), mark(2)] };
        }
        for format in formats {
            for split in [None, SplitRule::parse("1/1").ok()] {
                let home = tempdir().expect("folder");
                let out = home.path().join("x");
                let options = FormatOptions { split, ..FormatOptions::default() };
                let job = ExportJob { formats: vec![format], kind, options, ..job(listed.clone(), &out) };
                export_with(job, three_pictures(), ExportOptions::default()).expect("export");
                let (archive, report) = opened_again(&out);
                assert_eq!(
                    (archive.kind(), report.pictures, report.images_out),
                    (kind, 3, 3),
                    "{format:?}: {report:?}"
                );
                assert!(report.skips.is_empty(), "{format:?}: {:?}", report.skips);
                assert_eq!(archive.project().name, "Forks & *knives*", "{format:?}");
                let found = rows(&archive);
                for row in &listed {
                    let names =
                        |row: &domain::ImageRow| row.tags.iter().map(|mark| mark.name.to_string()).collect::<Vec<_>>();
                    assert_eq!(names(&found[&row.id.to_string()]), names(row), "{format:?}");
                }
                let kept: Vec<_> = archive.tags().iter().map(|tag| (tag.name.as_str(), tag.kind.as_str())).collect();
                // All classes, used or not, in their order.
                assert_eq!(kept.len(), 3, "{format:?}: {kept:?}");
                assert!(kept[0].0 == "fork" && kept[2].0 == "unused", "{format:?}: {kept:?}");
                assert!(kept.iter().all(|(_, kind)| *kind == "Regular"), "{format:?}: {kept:?}");
            }
        }
    }
}

#[test]
fn pictures_at_addresses_are_found_by_the_end_of_their_names() {
    let lines = [
        "{\"image_url\":\"https://h/c/set/a.jpg?sig=secret\",\"label\":[{\"label\":\"can\",\"topX\":0,\"topY\":0,\"bottomX\":0.5,\"bottomY\":1}]}",
        "{\"image_url\":\"azureml://s/datastores/d/paths/one/same.jpg\",\"label\":[]}",
        "{\"image_url\":\"azureml://s/datastores/d/paths/two/same.jpg\",\"label\":[]}",
        "{\"image_url\":\"https://h/none.jpg\",\"image_details\":{\"width\":\"8px\",\"height\":\"6px\"},\"label\":[]}",
    ];
    let home = folder(&[("list.jsonl", &lines.join("\n")), ("pictures/a.jpg", ""), ("pictures/same.jpg", "")]);
    let data = home.path().join("data");
    let list = data.join("list.jsonl");
    assert_eq!(open_folder(&list).expect("kind"), OpenKind::Dataset(DatasetFormat::AzureMl, list.clone()));
    let out = home.path().join("archive");
    let report = import_as(DatasetFormat::AzureMl, &list, Some(&data.join("pictures")), &out).expect("import");
    let told = reasons(&report);
    assert_eq!((report.images_in, report.images_out, report.pictures), (4, 2, 1), "{told:#?}");
    assert_eq!(told.iter().filter(|line| line.contains("could belong to several images")).count(), 2, "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("~none.jpg: the picture is missing")), "{told:#?}");
    assert!(told.iter().all(|line| !line.contains("secret")), "{told:#?}");
    let rows = Archive::open(&out).expect("archive").page(0, 9).expect("page").rows;
    assert_eq!((rows[0].regions[0].rect, rows[0].width), (UnitRect::new(0.0, 0.0, 0.5, 1.0), 40));
}

#[test]
fn files_of_others_are_borne_with() {
    let task = r#"[{"data":{"image":"/data/upload/1/ab-1.jpg"},"annotations":[{"result":[
        {"type":"rectanglelabels","value":{"x":25,"y":0,"width":50,"height":100,"rectanglelabels":["fork"]}}]}]},{"data":{"image":"/etc/passwd"}}]"#;
    let page = "<annotations><image id='3' name='sub/1.jpg'><box label='fork' xtl='10' ytl='0' xbr='30' ybr='20'/>\
                <points label='x' points='1,1'/></image></annotations>";
    let datumaro = r#"{"categories":{"label":{"labels":[{"name":"fork"}]}},"items":[{"id":"1","image":{"path":"1.jpg"},
        "annotations":[{"type":"bbox","label_id":0,"bbox":[10,0,20,20]},{"type":"mask"}]}]}"#;
    let createml = r#"[{"image":"1.jpg","annotations":[{"label":"fork","coordinates":{"x":20,"y":10,"width":20,"height":20}},{"label":"x"}]}]"#;
    let list = r#"{"image_url":"x/1.jpg","label":[{"label":"fork","topX":0.25,"topY":0,"bottomX":0.75,"bottomY":1},{"label":"x"}]}"#;
    let table = "Filename,Class,xmin,ymin,xmax,ymax\n1.jpg,fork,10,0,30,20\n1.jpg,x,1,1,1,\n";
    for (format, name, text, picture, told) in [
        (
            DatasetFormat::LabelStudio,
            "tasks.json",
            task,
            "upload/ab-1.jpg",
            "[1] (line 2): the name \"/etc/passwd\" points outside the dataset",
        ),
        (DatasetFormat::Cvat, "annotations.xml", page, "sub/1.jpg", "line 1: a shape \"points\" is not a box"),
        (
            DatasetFormat::Datumaro,
            "annotations/train.json",
            datumaro,
            "images/train/1.jpg",
            "items[0].annotations[1]: ",
        ),
        (DatasetFormat::CreateMl, "valid/_annotations.createml.json", createml, "valid/1.jpg", "[0].annotations[1]: "),
        (DatasetFormat::AzureMl, "list.jsonl", list, "1.jpg", "line 1: label[1]: it has no topX"),
        (DatasetFormat::Csv, "labels.csv", table, "images/1.jpg", "line 3: its box does not have four numbers"),
    ] {
        let home = folder(&[(name, text), (picture, "")]);
        let data = home.path().join("data");
        // A folder shows what it is, but for a list of Azure ML: that could be anything.
        match format {
            DatasetFormat::AzureMl => {}
            _ => {
                assert!(matches!(open_folder(&data), Ok(OpenKind::Dataset(found, _)) if found == format), "{format:?}");
            }
        }
        assert!(
            matches!(open_folder(&data.join(name)), Ok(OpenKind::Dataset(found, _)) if found == format),
            "{format:?}"
        );
        let images = data.join(Path::new(picture).parent().expect("folder"));
        let out = home.path().join("by file");
        let report = import_as(format, &data.join(name), Some(&images), &out).expect("import");
        let archive = Archive::open(&out).expect("archive");
        let row = archive.page(0, 1).expect("page").rows.remove(0);
        assert_eq!(row.regions[0].rect, UnitRect::new(0.25, 0.0, 0.5, 1.0), "{format:?}");
        assert_eq!((&*row.regions[0].tag_name, row.width, row.regions.len()), ("fork", 40, 1), "{format:?}");
        let lines = reasons(&report);
        assert!(lines.iter().any(|line| line.contains(told)), "{format:?}: {lines:#?}");
        assert_eq!(
            report.regions_in - report.regions_out,
            u64::from(format != DatasetFormat::LabelStudio),
            "{format:?}"
        );
    }
}

#[test]
fn damaged_files_are_refused_with_their_place_and_leave_nothing() {
    for (format, name, text, words) in [
        (DatasetFormat::LabelStudio, "label-studio.json", "[{\"data\":{\"image\":\"a.jpg\"}},\n{]", "line 2"),
        (DatasetFormat::Cvat, "cvat.xml", "<annotations>\n<image name='a.jpg'>\n<box></annotations>", "line 3"),
        (DatasetFormat::Datumaro, "annotations/default.json", "{\"dm_format_version\":\"1.0\",\n\"items\":[", "line 2"),
        (DatasetFormat::CreateMl, "_annotations.createml.json", "[{\"image\":\"a\",\"annotations\":[]},\n}", "line 2"),
        (DatasetFormat::AzureMl, "list.jsonl", "{\"image_url\"\n", "line 1"),
        (DatasetFormat::AzureMl, "MLTable", "paths: [{file: ../../../etc/passwd}]", "not next to it"),
        (DatasetFormat::AzureMl, "MLTable", "paths:\n  - file: ./none.jsonl\n", "none.jsonl"),
        (DatasetFormat::Csv, "regions.csv", "a,b\n", "no column"),
        (DatasetFormat::Csv, "", "", "no table of regions"),
        (DatasetFormat::Cvat, "x.xml", "<page/>", "its root element is"),
    ] {
        let home = folder(&[(if name.is_empty() { "x.txt" } else { name }, text)]);
        let path = home.path().join("data").join(name);
        let failure = import_as(format, &path, None, &home.path().join("archive")).expect_err("refused");
        let told = failure.full_text();
        assert!(told.contains(words), "{format:?}: {told}");
        // Of a list that is not there its own name is told, not that of the table.
        let file = path.file_name().expect("name").to_str().expect("text");
        assert!(told.contains(file) || words == "none.jsonl", "{format:?}: {told}");
        let is_other = matches!(
            failure.kind,
            FailureKind::NotAnArchive { .. } | FailureKind::BrokenFile { .. } | FailureKind::Files { .. }
        );
        assert!(is_other || matches!(failure.kind, FailureKind::MissingFile { .. }), "{failure:?}");
        assert_eq!(fs::read_dir(home.path()).expect("folder").count(), 1, "nothing beside the data");
    }
}

#[cfg(unix)]
#[test]
fn names_and_links_out_of_a_dataset_are_not_followed() {
    let table =
        "image,tag\n../secret.jpg,a\n/etc/passwd,a\nlink.jpg,a\nup/secret.jpg,a\n%2e%2e/secret.jpg,a\nok.jpg,a\n";
    let home = folder(&[("regions.csv", table), ("ok.jpg", "")]);
    let (data, secret) = (home.path().join("data"), home.path().join("secret.jpg"));
    fs::write(&secret, picture(40, 20, 3)).expect("write");
    std::os::unix::fs::symlink(&secret, data.join("link.jpg")).expect("link");
    std::os::unix::fs::symlink(home.path(), data.join("up")).expect("link");
    let (archive, report) = imported(&home, DatasetFormat::Csv, "regions.csv");
    let told = reasons(&report);
    assert_eq!((report.images_in, report.images_out, report.pictures), (6, 1, 1), "{told:#?}");
    assert_eq!(told.iter().filter(|line| line.contains("points outside the dataset")).count(), 2, "{told:#?}");
    assert_eq!(archive.page(0, 9).expect("page").rows.len(), 1);
}

#[test]
fn parts_with_the_same_names_stay_apart() {
    let entry = |label: &str| {
        format!(
            "[{{\"image\":\"1.jpg\",\"annotations\":[{{\"label\":\"{label}\",\"coordinates\":{{\"x\":2,\"y\":2,\"width\":2,\"height\":2}}}}]}}]"
        )
    };
    let home = folder(&[
        ("train/_annotations.createml.json", &entry("a")),
        ("valid/_annotations.createml.json", &entry("b")),
        ("train/1.jpg", ""),
        ("valid/1.jpg", ""),
    ]);
    let (archive, report) = imported(&home, DatasetFormat::CreateMl, "");
    assert_eq!((report.pictures, report.skips.len()), (2, 0), "{:?}", report.skips);
    let rows = archive.page(0, 9).expect("page").rows;
    let split = |at: usize| rows[at].metadata.iter().find(|(key, _)| key == "split").map(|(_, part)| part.as_str());
    assert_eq!((split(0), split(1), &*rows[1].regions[0].tag_name), (Some("train"), Some("val"), "b"));
}

#[test]
fn several_datasets_of_one_kind_are_not_guessed_between() {
    let table = "image,tag\n1.jpg,a\n";
    let home = folder(&[("a.csv", table), ("b.csv", table)]);
    let told = open_folder(&home.path().join("data")).expect_err("refused").full_text();
    assert!(told.contains("a.csv (CSV); b.csv (CSV)"), "{told}");
}
