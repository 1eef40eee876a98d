//! A file that is recognized but not understood is refused, or says what was not read: nothing of it is lost in silence.

use std::fs;

use serde_json::{Value, json};
use tagscope::app::Failure;
use tagscope::engine::import::{DatasetFormat, ImportReport, import_all, places_of};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::foreign::{folder, reasons};
use super::rig::quiet;

/// Imports the folder `data`, recognized or as a format.
fn import(home: &TempDir, format: Option<DatasetFormat>) -> Result<ImportReport, Failure> {
    let places = places_of(format, &[home.path().join("data")], None)?;
    let out = home.path().join(format.map_or("archive", DatasetFormat::name));
    import_all(&places, &out, &quiet(), &CancellationToken::new())
}

/// The message about a file next to a picture: the refusal, or what is left out of the archive.
fn said(name: &str, text: &str, format: DatasetFormat) -> String {
    let home = folder(&[(name, text), ("1.jpg", "")]);
    let words = |import: Result<ImportReport, Failure>| match import {
        Ok(report) => {
            reasons(&report).into_iter().filter(|reason| reason.starts_with('-')).collect::<Vec<_>>().join("\n")
        }
        Err(failure) => failure.full_text(),
    };
    let [recognized, named] = [None, Some(format)].map(|format| words(import(&home, format)));
    assert!(!recognized.is_empty() && !named.is_empty(), "{name}: nothing was said of {text}");
    named
}

#[test]
fn an_xml_file_with_unknown_elements_says_which() {
    let image = "name='1.jpg' width='40' height='20'><box label='a' xtl='1' ytl='2' xbr='9' ybr='8'/>";
    for (text, words) in [
        (format!("<annotations>\n<Image {image}</Image></annotations>"), "line 2: the element \"Image\""),
        (format!("<annotations><images><image {image}</image></images></annotations>"), "\"images\""),
        (format!("<annotations xmlns:c='u'><c:image {image}</c:image></annotations>"), "\"c:image\""),
        ("<annotations><Track label='a'/></annotations>".to_owned(), "\"Track\""),
        ("<annotations><track label='a'></track></annotations>".to_owned(), "no images"),
        ("<annotations><meta/></annotations>".to_owned(), "no images"),
        (format!("<annotations><image {image}</image><picture/></annotations>"), "\"picture\""),
    ] {
        let said = said("annotations.xml", &text, DatasetFormat::Cvat);
        assert!(said.contains(words), "{text}: {said}");
    }
    let object = "<name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>";
    for name in ["Object", "objects"] {
        let text = format!("<annotation><filename>1.jpg</filename><{name}>{object}</{name}></annotation>");
        let said = said("1.xml", &text, DatasetFormat::Voc);
        assert!(said.contains("1.xml: line 1: ") && said.contains(name), "{said}");
    }
    let root = said("1.xml", "<Annotation><object/></Annotation>", DatasetFormat::Voc);
    assert!(root.contains("1.xml: ") && root.contains("root element is \"Annotation\""), "{root}");
}

#[test]
fn a_json_file_with_unknown_fields_says_which() {
    let image = json!({"id": 1, "file_name": "1.jpg", "width": 40, "height": 20});
    let mark = json!({"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]});
    let classes = json!([{"id": 1, "name": "a"}]);
    let region = json!({"type": "rectanglelabels", "value": {"x": 1, "y": 2, "width": 3, "height": 4, "rectanglelabels": ["a"]}});
    let item =
        |field: &str| json!({"id": "1", "image": {"path": "1.jpg"}, field: [{"type": "bbox", "bbox": [1, 2, 3, 4]}]});
    let labels = json!({"label": {"labels": [{"name": "a"}]}});
    let asset = json!({"name": "1.jpg", "path": "file:/1.jpg", "size": {"width": 40, "height": 20}});
    let with = |value: &Value, field: &str, more: Value| {
        let mut value = value.clone();
        value[field] = more;
        value
    };
    use DatasetFormat as F;
    for (format, name, text, words) in [
        (F::Coco, "a.json", json!({"images": [image], "categories": classes, "annotation": [mark]}), "\"annotation\""),
        (F::Coco, "a.json", json!({"images": [image], "categories": classes, "labels": [mark]}), "\"labels\""),
        (
            F::Coco,
            "a.json",
            json!({"images": [image], "categories": classes, "annotations": [mark], "Annotations": [mark]}),
            "\"Annotations\"",
        ),
        (
            F::Coco,
            "a.json",
            json!({"images": [with(&image, "annotations", json!([mark]))], "categories": classes, "annotations": []}),
            "\"annotations\"",
        ),
        (
            F::Coco,
            "a.json",
            json!({"images": [image], "categories": classes, "annotations": [with(&with(&mark, "bbox", Value::Null), "box", json!([1, 2, 3, 4]))]}),
            "no bbox, but another field",
        ),
        (
            F::Coco,
            "a.json",
            json!({"images": [image], "categories": classes, "annotations": [with(&mark, "bbox", json!({"x": 1}))]}),
            "not a list of four",
        ),
        (F::Coco, "a.json", json!({"images": [], "categories": [], "annotations": []}), "no images"),
        (
            F::CreateMl,
            "_annotations.createml.json",
            json!([{"image": "1.jpg", "annotations": [], "annotation": [{"label": "a"}]}]),
            "\"annotation\"",
        ),
        (F::CreateMl, "_annotations.createml.json", json!([]), "no images"),
        (
            F::Datumaro,
            "annotations/default.json",
            json!({"dm_format_version": "1.0", "categories": labels, "items": [item("annos")]}),
            "\"annos\"",
        ),
        (
            F::Datumaro,
            "annotations/default.json",
            json!({"dm_format_version": "1.0", "categories": labels, "items": [], "Items": [item("annotations")]}),
            "\"Items\"",
        ),
        (
            F::LabelStudio,
            "a.json",
            json!([{"data": {"image": "1.jpg"}, "annotation": [{"result": [region]}]}]),
            "\"annotation\"",
        ),
        (F::LabelStudio, "a.json", json!([{"data": {"image": "1.jpg"}, "result": [region]}]), "\"result\""),
        (
            F::LabelStudio,
            "a.json",
            json!([{"data": {"image": "1.jpg"}, "annotations": [{"results": [region]}]}]),
            "\"results\"",
        ),
        (
            F::LabelStudio,
            "a.json",
            json!([{"data": {"image": "1.jpg"}, "annotations": {"result": [region]}}]),
            "not a list",
        ),
        (F::LabelStudio, "a.json", json!({"id": 1, "data": {"image": "1.jpg"}, "annotations": []}), "single task"),
        (
            F::Vott,
            "a-export.json",
            json!({"version": "2", "tags": [], "assets": {"x": {"asset": asset, "Regions": [{"tags": ["a"]}]}}}),
            "\"Regions\"",
        ),
        (F::Vott, "a-export.json", json!({"version": "2", "tags": [], "assets": {}}), "no images"),
        (F::Labelme, "1.json", json!({"imagePath": "1.jpg", "shapes": [], "Shapes": [{"label": "a"}]}), "\"Shapes\""),
    ] {
        let said = said(name, &text.to_string(), format);
        assert!(said.contains(words), "{text}: {said}");
    }
    let line = json!({"image_url": "1.jpg", "labels": [{"label": "a", "topX": 0.1}]}).to_string();
    assert!(said("a.jsonl", &line, DatasetFormat::AzureMl).contains("\"labels\""));
    assert!(said("a.csv", "image,tag,xmin,ymin,xmax,ymax\n", DatasetFormat::Csv).contains("no images"));
}

#[test]
fn fields_of_other_programs_are_no_problem_where_everything_was_read() {
    let file = json!({
        "images": [{"id": 1, "file_name": "1.jpg", "width": 40, "height": 20, "tags_of_program": [{"a": 1}]}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "points_of_program": [1]}],
        "categories": [{"id": 1, "name": "a"}], "scenes": [{"id": 1}], "licenses": [{"id": 1}],
    });
    let home = folder(&[("a.json", &file.to_string()), ("1.jpg", "")]);
    let report = import(&home, None).expect("import");
    assert_eq!((reasons(&report), report.regions_out), (Vec::new(), 1));
}

#[test]
fn files_that_are_not_text_are_named_for_what_they_are() {
    use DatasetFormat as F;
    let zeros = "\0".repeat(100_000);
    let page = "<!DOCTYPE html><html><body>Sign in</body></html>";
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    for (format, name) in [
        (F::Coco, "coco.json"),
        (F::Datumaro, "annotations/default.json"),
        (F::LabelStudio, "tasks.json"),
        (F::CreateMl, "_annotations.createml.json"),
        (F::Vott, "export.json"),
        (F::Cvat, "annotations.xml"),
        (F::Csv, "table.csv"),
        (F::AzureMl, "list.jsonl"),
        (F::Jsonl, "images.jsonl"),
        (F::Yolo, "data.yaml"),
        (F::Voc, "Annotations/1.xml"),
        (F::Labelme, "1.json"),
    ] {
        for (text, words) in [(zeros.as_str(), "begins with zero bytes"), (page, "web page"), (pointer, "git lfs pull")]
        {
            let home = folder(&[(name, text), ("1.jpg", "")]);
            let file = home.path().join("data").join(name);
            for path in [file, home.path().join("data")] {
                let out = home.path().join("archive");
                let imported = places_of(Some(format), std::slice::from_ref(&path), None)
                    .and_then(|places| import_all(&places, &out, &quiet(), &CancellationToken::new()));
                let said = imported.expect_err("refused").full_text();
                assert!(said.contains(words) && said.contains(name), "{format:?} at {path:?}: {said}");
                assert!(!out.exists());
            }
        }
    }
}

#[test]
fn a_file_whose_end_is_zero_bytes_is_damaged() {
    let list = json!({"images": [{"id": 1, "file_name": "1.jpg"}], "categories": [], "annotations": []}).to_string();
    let text = format!("{}\n{}", &list[..30], "\0".repeat(200_000));
    let home = folder(&[("coco.json", &text), ("1.jpg", "")]);
    let said = import(&home, Some(DatasetFormat::Coco)).expect_err("refused").full_text();
    assert!(said.contains("zero bytes in line 2") && said.contains("coco.json"), "{said}");
}

#[test]
fn folders_that_are_no_classes_are_refused_and_can_be_classes_all_the_same() {
    let names = ["bounding_box_train", "bounding_box_test", "query"];
    let files: Vec<String> = names.iter().map(|name| format!("{name}/0001_c1s1_001.jpg")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|name| (name.as_str(), "")).collect();
    let home = folder(&files);
    let said = import(&home, None).expect_err("refused").full_text();
    assert!(said.contains("query") && said.contains("tagscope import yolo"), "{said}");
    let report = import(&home, Some(DatasetFormat::Yolo)).expect("import");
    let told = reasons(&report);
    assert_eq!(report.images_out, 3);
    assert!(names.iter().all(|name| told.iter().any(|told| told.starts_with(&format!("-{name}: ")))), "{told:?}");
}

#[test]
fn pictures_outside_of_the_class_folders_are_told() {
    let home =
        folder(&[("train/good/1.jpg", ""), ("test/bad/1.jpg", ""), ("ground_truth/bad/1.jpg", ""), ("2.jpg", "")]);
    let report = import(&home, None).expect("import");
    let told = reasons(&report);
    assert_eq!((report.images_out, told.len()), (2, 2), "{told:?}");
    assert!(told[0].starts_with("-.: ") && told[1].starts_with("-ground_truth/bad: "), "{told:?}");
}

#[test]
fn an_empty_file_of_our_own_is_an_empty_project() {
    let home = folder(&[("images.jsonl", "")]);
    assert_eq!(import(&home, None).expect("import").images_out, 0);
    fs::remove_file(home.path().join("data/images.jsonl")).expect("removed");
    assert!(import(&home, None).is_err());
}

#[test]
fn boxes_of_sizes_that_no_object_has_are_told_for_every_format() {
    let voc = "<annotation><filename>1.jpg</filename><size><width>40</width><height>20</height></size><object><name>a</name>\
               <bndbox><xmin>0.1</xmin><ymin>0.2</ymin><xmax>0.6</xmax><ymax>0.8</ymax></bndbox></object></annotation>";
    let cvat = "<annotations><image name='1.jpg' width='40' height='20'>\
                <box label='a' xtl='0.1' ytl='0.2' xbr='0.6' ybr='0.8'/></image></annotations>";
    let region = json!({"type": "rectanglelabels", "original_width": 40, "original_height": 20,
                        "value": {"x": 10, "y": 20, "width": 150, "height": 40, "rectanglelabels": ["a"]}});
    let tasks = json!([{"data": {"image": "1.jpg"}, "annotations": [{"result": [region]}]}]).to_string();
    for (name, text, words) in [
        ("1.xml", voc, "smaller than one pixel: 1"),
        ("annotations.xml", cvat, "smaller than one pixel: 1"),
        ("tasks.json", tasks.as_str(), "larger than their pictures: 1"),
    ] {
        let home = folder(&[(name, text), ("1.jpg", "")]);
        let report = import(&home, None).expect("import");
        let told = reasons(&report);
        assert!(report.regions_out == 1 && told.iter().any(|told| told.contains(words)), "{name}: {told:?}");
    }
    let rows = [("data.yaml", "train: images\nnames: [a]\n"), ("images/1.jpg", ""), ("labels/1.txt", "0 1 1 2 2\n")];
    let told = reasons(&import(&folder(&rows), None).expect("import"));
    assert!(told.iter().any(|told| told.contains("larger than their pictures: 1")), "{told:?}");
}

#[test]
fn pictures_that_a_data_yaml_names_one_by_one_are_read() {
    let home = folder(&[
        ("data.yaml", "path: .\ntrain:\n  - images/train/1.jpg\nnames:\n  0: a\n"),
        ("images/train/1.jpg", ""),
        ("images/train/2.jpg", ""),
        ("labels/train/1.txt", "0 0.5 0.5 0.5 0.5\n"),
    ]);
    let report = import(&home, None).expect("import");
    assert_eq!((report.images_out, report.regions_out, reasons(&report)), (1, 1, Vec::new()));
}
