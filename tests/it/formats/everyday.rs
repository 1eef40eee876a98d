//! What people have besides the layouts of the formats' own descriptions: other names, places, extensions and files of
//! programs without a reader. Each is read rightly, or refused with the reason.

use std::fs;

use serde_json::json;
use tagscope::app::{Failure, FailureKind};
use tagscope::engine::import::{ImportReport, import_all, places_of};
use tagscope::storage::Archive;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::foreign::{folder, reasons};
use super::rig::quiet;

const ROW: &str = "0 0.5 0.5 0.5 0.5\n";
const TABLE: &str = "image,tag,xmin,ymin,xmax,ymax\n1.jpg,fork,10,5,30,15\n";

fn coco(name: &str) -> String {
    json!({
        "images": [{"id": 1, "file_name": name, "width": 40, "height": 20}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 5, 20, 10]}],
        "categories": [{"id": 1, "name": "fork"}],
    })
    .to_string()
}

/// Imports the folder as `tagscope import auto` does.
fn opened(home: &TempDir) -> Result<(Archive, ImportReport), Failure> {
    let places = places_of(None, &[home.path().join("data")], None)?;
    let out = home.path().join("archive");
    let report = import_all(&places, &out, &quiet(), &CancellationToken::new())?;
    Ok((Archive::open(&out).expect("archive"), report))
}

/// The boxes and tags of the first image, and what was told.
fn first(home: &TempDir) -> (String, Vec<String>) {
    let (archive, report) = opened(home).expect("import");
    assert!(report.pictures > 0, "{:?}", reasons(&report));
    let row = archive.rows().expect("rows").next().expect("a row").expect("row");
    let round = |number: f32| (number * 100.0).round() / 100.0;
    let mut words: Vec<String> = Vec::new();
    for region in &row.regions {
        let rect = region.rect;
        let sides = [rect.left, rect.top, rect.width, rect.height].map(round);
        words.push(format!("{} {sides:?}", region.tag_name));
    }
    if row.regions.is_empty() {
        words.extend(row.tags.iter().map(|tag| tag.name.to_string()));
    }
    (words.join("; "), reasons(&report))
}

fn refusal(home: &TempDir) -> String {
    match opened(home).expect_err("refused").kind {
        FailureKind::NotAnArchive { reason, .. } | FailureKind::NoPictures { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

/// Each has one box, in the middle half of the picture.
#[test]
fn the_same_box_in_the_forms_that_people_have() {
    let kinds = ["instances", "person_keypoints", "stuff", "labels"];
    let of_kind = kinds.map(|kind| format!("annotations/{kind}_train.json"));
    let mut sets: Vec<(&str, Vec<(&str, String)>)> = of_kind
        .iter()
        .map(|name| {
            ("a COCO file of any kind", vec![(name.as_str(), coco("1.jpg")), ("images/train/1.jpg", String::new())])
        })
        .collect();
    let video = "<annotations><meta><task><original_size><width>40</width><height>20</height></original_size></task></meta>\
                 <track label='fork'><box frame='0' outside='0' xtl='10' ytl='5' xbr='30' ybr='15'/></track></annotations>";
    let vott = json!({"tags": [{"name": "fork"}], "version": "2.2.0", "assets": {"a": {
        "asset": {"name": "v.mp4#t=1.5", "path": "file:C:/v.mp4#t=1.5", "type": 3, "size": {"width": 40, "height": 20}},
        "regions": [{"tags": ["fork"], "boundingBox": {"left": 10, "top": 5, "width": 20, "height": 10}}]}}})
    .to_string();
    let datumaro = json!({"dm_format_version": "1.0", "categories": {"label": {"labels": [{"name": "fork"}]}}, "items": [{
        "id": "1", "media": {"path": "1.jpg"}, "annotations": [{"type": "bbox", "label_id": 0, "bbox": [10, 5, 20, 10]}]}]})
    .to_string();
    sets.extend([
        ("a picture with another extension", vec![("a.json", coco("1.png")), ("1.jpg", String::new())]),
        (
            "a category by its name",
            vec![
                ("a.json", coco("1.jpg").replace("\"category_id\":1", "\"category_id\":\"fork\"")),
                ("1.jpg", String::new()),
            ],
        ),
        ("frames as JPEG", vec![("annotations.xml", video.to_owned()), ("images/frame_000000.jpg", String::new())]),
        ("a frame of VoTT", vec![("p-export.json", vott), ("v.mp4#t=1.5.jpg", String::new())]),
        (
            "Datumaro's newer files",
            vec![("annotations/default.json", datumaro), ("images/default/1.jpg", String::new())],
        ),
        ("a table saved as text", vec![("labels.txt", TABLE.replace(',', "\t")), ("1.jpg", String::new())]),
        ("a table from Excel", vec![("x.csv", format!("sep=,\r\n{TABLE}")), ("1.jpg", String::new())]),
        (
            "a table of Keras RetinaNet",
            vec![("annotations.csv", "images/1.jpg,10,5,30,15,fork\n".to_owned()), ("images/1.jpg", String::new())],
        ),
        (
            "a table of Google",
            vec![("x.csv", "TRAIN,gs://b/1.jpg,fork,0.25,0.25,,,0.75,0.75,,\n".to_owned()), ("1.jpg", String::new())],
        ),
        (
            "names of columns in words",
            vec![
                ("x.csv", "Image Name,Class,X Min,Y Min,X Max,Y Max\n1.jpg,fork,10,5,30,15\n".to_owned()),
                ("1.jpg", String::new()),
            ],
        ),
        (
            "names of classes in YAML",
            vec![
                ("data.yaml", "nc: 1\nnames: [fork]\n".to_owned()),
                ("labels/1.txt", ROW.to_owned()),
                ("images/1.jpg", String::new()),
            ],
        ),
        (
            "names of classes alone",
            vec![("obj.names", "fork\n".to_owned()), ("labels/1.txt", ROW.to_owned()), ("images/1.jpg", String::new())],
        ),
        (
            "what macOS adds",
            vec![
                ("a.json", coco("1.jpg")),
                ("1.jpg", String::new()),
                ("__MACOSX/._a.json", "x".to_owned()),
                ("._a.json", "x".to_owned()),
                (".old/b.json", coco("1.jpg")),
            ],
        ),
    ]);
    for (name, files) in sets {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let (found, told) = first(&folder(&files));
        assert_eq!(found, "fork [0.25, 0.25, 0.5, 0.5]", "{name}: {told:?}");
        assert!(
            !told.iter().any(|line| line.starts_with('-') || line.contains("format was given")),
            "{name}: {told:?}"
        );
    }
}

/// Such folders once became classes: pictures of a dataset whose labels are not read, and copies that a tool keeps.
#[test]
fn folders_are_no_classes_where_labels_say_more() {
    let faces = "0--Parade/1.jpg\n1\n449 330 122 149 0 0 0 0 0 0 \n";
    let home = folder(&[
        ("wider_face_split/wider_face_train_bbx_gt.txt", faces),
        ("WIDER_train/images/0--Parade/1.jpg", ""),
        ("WIDER_train/images/1--Shaking/2.jpg", ""),
    ]);
    assert!(refusal(&home).contains("WIDER Face"), "{}", refusal(&home));
    let home = folder(&[("fork/1.jpg", ""), ("spoon/2.jpg", ""), (".ipynb_checkpoints/1-checkpoint.jpg", "")]);
    let (archive, report) = opened(&home).expect("import");
    let mut tags: Vec<String> = archive.tags().iter().map(|tag| tag.name.clone()).collect();
    tags.sort();
    assert_eq!((tags, report.images_out), (vec!["fork".to_owned(), "spoon".to_owned()], 2));
    // A list with the same classes says nothing against them.
    let home = folder(&[("fork/1.jpg", ""), ("spoon/2.jpg", ""), ("train.txt", "fork/1.jpg 0\nspoon/2.jpg 1\n")]);
    let (tags, told) = first(&home);
    assert_eq!((tags.as_str(), told.len()), ("fork", 0), "{told:?}");
}

#[test]
fn a_refusal_says_what_the_file_is() {
    for (file, text, words) in [
        ("labels.xlsx", "PK", "Excel"),
        ("export.ndjson", r#"{"data_row":{"id":"a"},"projects":{}}"#, "Labelbox"),
        ("output.manifest", r#"{"source-ref":"s3://b/1.jpg","bb":{}}"#, "SageMaker"),
        ("annotation_train.odgt", r#"{"ID":"1","gtboxes":[{"tag":"person","fbox":[1,2,3,4]}]}"#, "CrowdHuman"),
        ("results.json", r#"[{"image_id":1,"category_id":1,"bbox":[1,2,3,4],"score":0.9}]"#, "COCO results"),
        ("val.txt", "1.jpg 65\n", "ImageNet"),
        ("ann.txt", "1.jpg,fork,1,2,3,4\n", "without a header"),
        ("train.csv", "id,label\n1,fork\n", "no column for the images"),
        ("train.csv", "1.jpg,fork\n", "it has no header"),
        ("train.csv", "image_id,width,height,bbox,source\n1,40,20,\"[1, 2, 3, 4]\",a\n", "no column for the tags"),
        ("train-annotations-bbox.csv", "ImageID,Source,LabelName,Confidence,XMin\n1,a,/m/0,1,0.2\n", "Open Images"),
        ("via.csv", "filename,file_size,file_attributes,region_count\n1.jpg,1,{},0\n", "VIA"),
    ] {
        let reason = refusal(&folder(&[(file, text), ("1.jpg", "")]));
        assert!(reason.contains(words) && reason.contains(file), "{file}: {reason}");
    }
}

#[test]
fn frames_of_a_video_without_pictures_say_how_to_get_them() {
    let video = "<annotations><track label='a'><box frame='3' outside='0' xtl='1' ytl='5' xbr='3' ybr='9'/></track></annotations>";
    let vott = json!({"tags": [], "version": "2.2.0", "assets": {"a": {
        "asset": {"name": "v.mp4#t=1.5", "path": "file:C:/v.mp4#t=1.5", "type": 3}, "regions": []}}})
    .to_string();
    for (file, text, words) in [("annotations.xml", video, "ffmpeg"), ("p-export.json", &vott, "VIDEO.mp4#t=1.5")] {
        let home = folder(&[(file, text)]);
        fs::write(home.path().join("data/v.mp4"), "ftyp").expect("write");
        assert!(refusal(&home).contains(words), "{}", refusal(&home));
    }
}

/// As converters write that take over COCO's category ids.
#[test]
fn classes_that_may_count_from_one_are_told() {
    let told = |rows: &str| {
        let home = folder(&[
            ("data.yaml", "train: images\nnames: [fork, spoon]\n"),
            ("labels/1.txt", rows),
            ("images/1.jpg", ""),
        ]);
        first(&home).1.iter().any(|line| line.contains("may count from 1"))
    };
    assert!(told("1 0.5 0.5 0.5 0.5\n2 0.5 0.5 0.2 0.2\n"));
    assert!(!told("0 0.5 0.5 0.5 0.5\n2 0.5 0.5 0.2 0.2\n") && !told("1 0.5 0.5 0.5 0.5\n"));
}
