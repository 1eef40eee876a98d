//! Exports of the service, and datasets that are imported, listed, exported and served alike.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Stage, archive, text};

#[test]
fn an_export_of_the_service_is_whole_and_never_overwrites() {
    let stage = Stage::sample(&["--images", "9"]);
    let out = stage.path("dataset");
    let ran = stage.run(&["export", "--format", "coco,jsonl", "--out", text(&out)]);
    assert!(matches!(ran.status, 0 | 5), "{}", ran.err);
    assert_eq!(ran.out.trim(), text(&out));
    let mut files: Vec<_> = walk(&out).into_iter().collect();
    files.sort();
    let pictures = files.iter().filter(|name| name.ends_with(".jpg") || name.ends_with(".png")).count();
    assert_eq!(pictures, 9, "{files:?}");
    assert!(
        files.iter().any(|name| name.ends_with(".jsonl")) && files.iter().any(|name| name.ends_with(".json")),
        "{files:?}"
    );
    let again = stage.run(&["export", "--format", "coco", "--out", text(&out)]).is(1);
    assert!(again.err.contains("already exists"), "{}", again.err);
    let labels = stage.path("labels");
    stage.run(&["export", "--format", "jsonl", "--images", "none", "--quiet", "--out", text(&labels)]).is(0);
    assert!(walk(&labels).iter().all(|name| !name.ends_with(".jpg")));
}

/// The files below a folder, by their names.
fn walk(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            names.extend(walk(&path));
        } else {
            names.push(text(&path).to_owned());
        }
    }
    names
}

/// A COCO dataset of three pictures, one of which is missing when `is_whole` is false.
pub(super) fn coco(stage: &Stage, is_whole: bool) -> (PathBuf, PathBuf) {
    let photos = stage.path("photos");
    std::fs::create_dir_all(&photos).expect("folder");
    for number in 0..if is_whole { 3 } else { 2 } {
        let picture = image::RgbImage::from_pixel(40, 30, image::Rgb([number * 60, 90, 200]));
        picture.save(photos.join(format!("photo_{number}.png"))).expect("picture");
    }
    let images: Vec<Value> = (0..3)
        .map(|n| serde_json::json!({"id": n + 1, "width": 40, "height": 30, "file_name": format!("photo_{n}.png")}))
        .collect();
    let boxes: Vec<Value> = (0..3)
        .map(|n| serde_json::json!({"id": n + 1, "image_id": n + 1, "category_id": 1 + n % 2, "bbox": [4, 3, 20, 15], "area": 300, "iscrowd": 0}))
        .collect();
    let categories = serde_json::json!([{"id": 1, "name": "fork"}, {"id": 2, "name": "<>&\"'猫🙂"}]);
    let file = stage.path("coco.json");
    let dataset = serde_json::json!({"images": images, "annotations": boxes, "categories": categories});
    std::fs::write(&file, dataset.to_string()).expect("dataset");
    (file, photos)
}

#[test]
fn a_dataset_is_imported_listed_exported_and_served_alike() {
    let mut stage = Stage::empty();
    let (file, photos) = coco(&stage, true);
    let archive = stage.path("archive");
    let import = ["import", "coco", text(&file), "--images", text(&photos), "--out", text(&archive)];
    stage.run(&import).is(0);
    stage.run(&import).is(1);
    let here = ["--source", text(&archive)];
    let local = stage.run(&["images", "--jsonl", here[0], here[1]]).is(0);
    assert_eq!(local.lines().len(), 3);
    let counted = stage.run(&["images", "--count", "--tag", "<>&\"'猫🙂", here[0], here[1]]).is(0);
    assert_eq!(counted.out, "1\n");
    let out = stage.path("again");
    stage.run(&["export", "--format", "coco", "--out", text(&out), here[0], here[1]]).is(0);
    stage.served = Some(stage.serve(&["serve", text(&archive), "--quiet"]));
    let served = stage.run(&["images", "--jsonl"]).is(0);
    let without_addresses = |line: &&str| {
        let mut row: Value = serde_json::from_str(line).expect("JSON");
        let row = row.as_object_mut().expect("object");
        row.retain(|name, _| !name.ends_with("Uri"));
        Value::Object(row.clone())
    };
    let local: Vec<Value> = local.lines().iter().map(without_addresses).collect();
    let served: Vec<Value> = served.lines().iter().map(without_addresses).collect();
    assert_eq!(local, served);
}

#[test]
fn what_is_left_out_is_itemized_and_ends_with_5() {
    let stage = Stage::empty();
    let (file, photos) = coco(&stage, false);
    let archive = stage.path("archive");
    let ran = stage.run(&["import", "coco", text(&file), "--images", text(&photos), "--out", text(&archive)]).is(5);
    assert!(ran.err.contains("changed: photo_2.png: the picture is missing"), "{}", ran.err);
}

#[test]
fn a_byte_order_mark_before_a_dataset_is_passed_over() {
    let stage = Stage::empty();
    let (file, photos) = coco(&stage, true);
    let marked = format!("\u{feff}{}", std::fs::read_to_string(&file).expect("dataset"));
    std::fs::write(&file, marked).expect("dataset");
    let archive = stage.path("archive");
    stage.run(&["import", "coco", text(&file), "--images", text(&photos), "--out", text(&archive)]).is(0);
    assert_eq!(stage.run(&["images", "--count", "--source", text(&archive)]).is(0).out, "3\n");
    use tagscope::engine::import::{DatasetFormat, OpenKind, open_folder};
    let found = open_folder(stage.home.path());
    assert_eq!(found.map_err(|failure| failure.full_text()), Ok(OpenKind::Dataset(DatasetFormat::Coco, file)));
}

#[test]
fn what_an_image_has_twice_is_itemized_and_everything_is_exported() {
    let stage = Stage::empty();
    let (archive, rows) = archive(&stage);
    let mut lines: Vec<String> = rows.lines().map(str::to_owned).collect();
    lines[0] = lines[0].replacen("\"metadata\":{", "\"metadata\":{\"name\":\"first\",", 1);
    let start = lines[1].find("\"regions\":[").expect("regions") + 11;
    let length = lines[1][start..].find("}]").expect("its end") + 1;
    let region = lines[1][start..start + length].to_owned();
    lines[1] = lines[1].replacen(&region, &format!("{region},{region}"), 1);
    std::fs::write(archive.join("images.jsonl"), lines.join("\n")).expect("rows");
    let out = stage.path("out");
    let all = "coco,yolo,voc,azureml,csv,jsonl,label-studio,cvat,datumaro,createml,crops,annotated";
    let ran = stage.run(&["export", "--format", all, "--source", text(&archive), "--out", text(&out)]).is(5);
    assert!(ran.err.contains("3 of 3 images"), "{}", ran.err);
    assert!(ran.err.contains("The metadata key \"name\" is on the image more than once"), "{}", ran.err);
    assert!(ran.err.contains("the name of this crop ends with _2"), "{}", ran.err);
    let crops: Vec<_> = walk(&out).into_iter().filter(|name| name.contains("crops/")).collect();
    assert_eq!(crops.len(), 4, "{crops:?}");
    assert_eq!(crops.iter().filter(|name| name.ends_with("_2.png")).count(), 1, "{crops:?}");
    let coco = std::fs::read_to_string(out.join("annotations/instances_default.json")).expect("coco");
    assert!(coco.contains("\"metadata\":{\"name\":\"photo_0.png\"}"), "the last value");
    let jsonl = std::fs::read_to_string(out.join("images.jsonl")).expect("rows");
    assert!(jsonl.contains("\"metadata\":{\"name\":\"first\",\"name\":\"photo_0.png\"}"), "both, as they were listed");
}

#[test]
fn a_tag_without_a_name_does_not_stop_a_table() {
    let stage = Stage::empty();
    let line = |number: u32, name: &str| {
        format!(
            r#"{{"id":"70000000-0000-4000-8000-00000000000{number}","width":8,"height":4,"tags":[{{"tagId":"80000000-0000-4000-8000-00000000000{number}","tagName":"{name}"}}]}}"#
        )
    };
    let file = stage.path("images.jsonl");
    std::fs::write(&file, [line(1, ""), line(2, "fork")].join("\n")).expect("rows");
    let (archive, out) = (stage.path("archive"), stage.path("out"));
    stage.run(&["import", "jsonl", text(&file), "--out", text(&archive)]).is(5);
    let export =
        ["export", "--format", "csv,jsonl", "--images", "none", "--source", text(&archive), "--out", text(&out)];
    let ran = stage.run(&export).is(0);
    assert!(ran.err.contains("2 of 2 images"), "{}", ran.err);
    let table = std::fs::read_to_string(out.join("regions.csv")).expect("table");
    assert!(table.contains(",(no name),"), "{table}");
    let report = std::fs::read_to_string(out.join("REPORT.md")).expect("report");
    assert!(report.contains("cannot store the name \"\""), "{report}");
}

#[test]
fn odd_numbers_behind_65535_regions_are_kept_to_the_letter() {
    let stage = Stage::empty();
    let tag = "80000000-0000-4000-8000-000000000001";
    let region = |at: u32| {
        format!(
            r#"{{"regionId":"90000000-0000-4000-8000-{at:012}","tagName":"a","tagId":"{tag}","left":0.{}0,"top":0,"width":0.1,"height":0.1}}"#,
            1 + at % 8
        )
    };
    let regions: Vec<_> = (0..65_600).map(region).collect();
    let line = format!(
        r#"{{"id":"70000000-0000-4000-8000-000000000001","width":8,"height":4,"tags":[{{"tagId":"{tag}","tagName":"a"}}],"regions":[{}]}}"#,
        regions.join(",")
    );
    let file = stage.path("images.jsonl");
    std::fs::write(&file, &line).expect("rows");
    let (archive, out) = (stage.path("archive"), stage.path("out"));
    stage.run(&["import", "jsonl", text(&file), "--out", text(&archive)]).is(5);
    let export = ["export", "--format", "jsonl", "--images", "none", "--source", text(&archive), "--out", text(&out)];
    stage.run(&export).is(0);
    assert!(std::fs::read_to_string(out.join("images.jsonl")).expect("rows").trim_end() == line);
}
