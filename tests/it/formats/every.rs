//! All formats: each alone and all together, what each leaves out, and that a damaged file is found.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tagscope::app::{ExportJob, ExportReport, FailureKind};
use tagscope::domain::{ImageRow, ProjectKind};
use tagscope::engine::export::{ExportOptions, ProgressSink};
use tagscope::formats::{Format, FormatOptions, PixelChoice, azureml};
use tagscope::storage::staging::measure;
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use super::rig::{
    ImageStore, ODD_NAME, export_watched, export_with, hidden_folder, job, json_of, names_below, picture, row, tags,
    three, three_pictures,
};

pub(super) fn export(formats: &[Format], kind: ProjectKind, options: FormatOptions, out: &Path) -> ExportReport {
    let job = ExportJob { formats: formats.to_vec(), kind, options, ..job(three(), out) };
    export_with(job, three_pictures(), ExportOptions::default()).expect("export")
}

pub(super) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_format_holds_a_detection_project() {
    let home = tempdir().expect("folder");
    for format in Format::ALL {
        let out = home.path().join(format.name());
        let report = export(&[format], ProjectKind::Detection, FormatOptions::default(), &out);
        let (images, regions) = match format {
            Format::Jsonl => (3, 6),
            Format::Crops => (2, 3),
            _ => (3, 3),
        };
        assert_eq!((report.images_out, report.regions_out), (images, regions), "{format:?}");
        let names = names_below(&out);
        let has_shared = names.iter().any(|name| name.starts_with("images/dir_shot"));
        assert_eq!(has_shared, format.shares_pictures(), "{names:?}");
        let manifest = json_of(&out.join("manifest.json"));
        let files = manifest["files"].as_object().expect("files");
        assert_eq!(files.len() + 1, names.len(), "{format:?}: {names:?}");
        for (name, facts) in files {
            assert_eq!(facts["sha256"], measure(&out.join(name)).expect("file").sha256.to_string(), "{name}");
        }
        let words = text(&out.join("REPORT.md"));
        assert!(words.contains(format.limits(false)), "{words}");
    }
}

#[test]
fn several_formats_share_the_pictures() {
    let home = tempdir().expect("folder");
    let out = home.path().join("all");
    export(&Format::ALL, ProjectKind::Detection, FormatOptions::default(), &out);
    let stem = format!("dir_shot 1_{}", three()[0].id);
    let shared = out.join(format!("images/{stem}.jpg"));
    let others = [
        format!("yolo/images/train/{stem}.jpg"),
        format!("voc/JPEGImages/{stem}.jpg"),
        format!("datumaro/images/default/{stem}.jpg"),
        format!("createml/train/{stem}.jpg"),
        format!("huggingface/train/{stem}.jpg"),
    ];
    for name in &others {
        assert_eq!(measure(&out.join(name)).expect("file"), measure(&shared).expect("file"), "{name}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        assert_eq!(shared.metadata().expect("file").nlink(), 1 + others.len() as u64);
    }
    for name in [
        "annotations/instances_default.json",
        "images.jsonl",
        "regions.csv",
        "cvat.xml",
        "label-studio.json",
        "yolo/data.yaml",
        "voc/labelmap.txt",
        "azureml/training-mltable-folder/MLTable",
        "datumaro/annotations/default.json",
    ] {
        assert!(out.join(name).is_file(), "{name}");
    }
    assert!(out.join(format!("annotated/{stem}.jpg")).is_file());
    let crops: Vec<_> =
        names_below(&out.join("crops")).into_iter().map(|name| name.split('/').next().map(str::to_owned)).collect();
    assert_eq!(crops.iter().flatten().collect::<Vec<_>>(), ["__&_'猫🙂", "fork", "fork"]);
}

#[test]
fn the_texts_are_what_the_readers_want() {
    let home = tempdir().expect("folder");
    let out = home.path().join("all");
    export(&Format::ALL, ProjectKind::Detection, FormatOptions::default(), &out);
    let [first, second, third] = [0, 1, 2].map(|at| format!("dir_shot {}_{}", at + 1, three()[at].id));
    assert_eq!(
        text(&out.join("yolo/data.yaml")),
        "train: images/train\nval: images/train\nnames:\n  0: \"fork\"\n  1: \"<>&\\\"'猫🙂\"\n  2: \"unused\"\n"
    );
    let rows = text(&out.join(format!("yolo/labels/train/{first}.txt")));
    assert!(rows.starts_with("0 0.5 0.625 0.5 0.25\n1 "), "{rows}");
    // Cut at the edges: -0.5..0.5 and 0.5..1.5.
    assert_eq!(text(&out.join(format!("yolo/labels/train/{second}.txt"))), "0 0.25 0.75 0.5 0.5\n");
    assert_eq!(text(&out.join(format!("yolo/labels/train/{third}.txt"))), "", "a negative");

    let xml = text(&out.join(format!("voc/Annotations/{first}.xml")));
    // 0.25..0.75 of 80 and 0.5..0.75 of 60, counted from 1.
    assert!(
        xml.contains("<xmin>21</xmin>\n      <ymin>31</ymin>\n      <xmax>60</xmax>\n      <ymax>45</ymax>"),
        "{xml}"
    );
    assert!(xml.contains("<name>&lt;&gt;&amp;&quot;&apos;猫🙂</name>"), "{xml}");
    assert!(out.join(format!("voc/Annotations/{third}.xml")).is_file());
    assert_eq!(text(&out.join("voc/ImageSets/Main/val.txt")), "");

    let line: serde_json::Value = serde_json::from_str(
        text(&out.join("azureml/training-mltable-folder/train_annotations.jsonl")).lines().nth(1).expect("line"),
    )
    .expect("json");
    assert_eq!(line["image_url"], format!("{}{second}.png", azureml::PLACEHOLDER));
    assert_eq!(line["image_details"], serde_json::json!({"format": "png", "width": "60px", "height": "80px"}));
    assert_eq!(
        line["label"],
        serde_json::json!([{"label": "fork", "topX": 0.0, "topY": 0.5, "bottomX": 0.5, "bottomY": 1.0, "isCrowd": 0}])
    );
    let table = text(&out.join("regions.csv"));
    let rows: Vec<_> = table.split("\r\n").collect();
    assert_eq!(rows[0], "image,width,height,tag,xmin,ymin,xmax,ymax,left,top,w,h,region_id,created");
    assert!(rows[2].contains(",80,60,\"<>&\"\"'猫🙂\",8.00000011920929,12.000000178813934,"), "{}", rows[2]);
    assert!(rows[3].contains(",60,80,fork,0,40,30,80,-0.5,0.5,1.0,1.0,"), "{}", rows[3]);
    assert!(table.contains(&format!("images/{third}.jpg,80,60,,,,,,,,,,,\r\n")), "a negative: {table}");
    let tasks = json_of(&out.join("label-studio.json"));
    let result = &tasks[0]["annotations"][0]["result"][0];
    assert_eq!((&result["value"]["x"], &result["value"]["width"]), (&25.0.into(), &50.0.into()));
    assert_eq!((&result["original_width"], &result["original_height"]), (&80.into(), &60.into()));
    let made = json_of(&out.join("createml/train/_annotations.createml.json"));
    assert_eq!(
        made[0]["annotations"][0]["coordinates"],
        serde_json::json!({"x": 40.0, "y": 37.5, "width": 40.0, "height": 15.0})
    );
    let items = json_of(&out.join("datumaro/annotations/default.json"));
    assert_eq!(items["items"][0]["image"]["size"], serde_json::json!([60, 80]), "height first");
}

/// Images with tags but no regions.
fn marked(marks: &[&[usize]]) -> Vec<ImageRow> {
    let tags = tags();
    (1..)
        .zip(marks)
        .map(|(number, marks)| {
            let mut row = row(number, (8, 6), &[]);
            let mark = row.tags[0].clone();
            row.tags = marks
                .iter()
                .map(|&at| domain::TagMark { tag: tags[at].id, name: tags[at].name.as_str().into(), ..mark.clone() })
                .collect();
            row
        })
        .collect()
}

#[test]
fn classification_keeps_tags_or_says_so() {
    let rows = marked(&[&[0], &[2], &[0, 2], &[1], &[]]);
    let shelf = || ImageStore::new(rows.iter().map(|row| (row.id, picture(8, 6, 2))));
    let home = tempdir().expect("folder");
    for (kind, name) in [(ProjectKind::Multiclass, "class"), (ProjectKind::Multilabel, "label")] {
        for format in Format::ALL {
            let out = home.path().join(format!("{name}-{}", format.name()));
            let job = ExportJob { formats: vec![format], kind, ..job(rows.clone(), &out) };
            let report = export_with(job, shelf(), ExportOptions::default()).expect("export");
            let images = match (format, kind) {
                // Exactly one tag an image.
                (Format::Yolo, _) | (Format::AzureMl | Format::HuggingFace, ProjectKind::Multiclass) => 2,
                (Format::Crops, _) => 0,
                _ => 5,
            };
            assert_eq!(report.images_out, images, "{format:?}: {:?}", report.skips);
            assert_eq!(report.skips.len() as u64, 5 - images, "{format:?}");
            let lost =
                report.notes.iter().any(|note| note.starts_with("Tags of whole images that") && note.ends_with(": 4."));
            assert_eq!(lost, matches!(format, Format::Voc | Format::CreateMl), "{:?}", report.notes);
        }
    }
    let id = |at: usize| format!("dir_shot {}_{}.png", at + 1, rows[at].id);
    let folders: Vec<_> =
        names_below(&home.path().join("class-yolo")).into_iter().filter(|name| name.starts_with("train/")).collect();
    assert_eq!(folders, [format!("train/__&_'猫🙂/{}", id(1)), format!("train/fork/{}", id(0))]);
    let list = text(&home.path().join("label-azureml/training-mltable-folder/train_annotations.jsonl"));
    let labels: Vec<_> = list
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("json")["label"].clone())
        .collect();
    assert_eq!(serde_json::json!(labels), serde_json::json!([["fork"], [ODD_NAME], ["fork", ODD_NAME], [], []]));
    assert!(
        text(&home.path().join("class-azureml/training-mltable-folder/train_annotations.jsonl"))
            .contains("\"label\":\"fork\"")
    );
}

#[test]
fn formats_that_are_pictures_need_pictures() {
    let home = tempdir().expect("folder");
    for (format, kind) in [
        (Format::Crops, ProjectKind::Detection),
        (Format::Annotated, ProjectKind::Detection),
        (Format::Yolo, ProjectKind::Multiclass),
    ] {
        let out = home.path().join("x");
        let job = ExportJob { formats: vec![format], kind, pixels: PixelChoice::None, ..job(three(), &out) };
        let failure = export_with(job, ImageStore::new([]), ExportOptions::default()).expect_err("refused");
        assert!(matches!(&failure.kind, FailureKind::Files { reason, .. } if reason.contains("consists of pictures")));
        assert!(!out.exists());
    }
    let formats =
        Format::ALL.into_iter().filter(|format| !matches!(format, Format::Crops | Format::Annotated)).collect();
    let job = ExportJob { formats, pixels: PixelChoice::None, ..job(three(), &home.path().join("labels")) };
    export_with(job, ImageStore::new([]), ExportOptions::default()).expect("labels alone");
}

/// Each damage is done to the hidden folder when its format is whole and not read again yet.
#[test]
fn damage_is_found_in_every_format() {
    let replaced = |path: &Path, from: &str, to: &str| {
        let bytes = std::fs::read(path).expect("file");
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes())?;
        Some([&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat())
    };
    type Damage = (Format, &'static str, &'static str, &'static str);
    let damages: &[Damage] = &[
        (Format::Yolo, ".txt", "0 0.5 0.625", "0 0.5 0.62"),
        (Format::Yolo, ".txt", "0 0.5 0.625", "2 0.5 0.625"),
        (Format::Yolo, "data.yaml", "\"unused\"", "\"other\""),
        (Format::Yolo, "data.yaml", "val: images/train\n", ""),
        (Format::Voc, ".xml", "<xmin>21</xmin>", "<xmin>20</xmin>"),
        (Format::Voc, ".xml", "<xmax>60</xmax>", "<xmax></xmax>"),
        (Format::Voc, ".xml", "<height>60</height>", "<height>61</height>"),
        (Format::Voc, "trainval.txt", "dir_shot 1_", "dir_shot 9_"),
        (Format::AzureMl, "train_annotations.jsonl", "\"topX\":0.25", "\"topX\":0.26"),
        (Format::AzureMl, "train_annotations.jsonl", "\"80px\"", "\"80\""),
        (Format::AzureMl, "MLTable", "stream_info", "string"),
        (Format::Csv, "regions.csv", ",20,30,", ",21,30,"),
        (Format::Csv, "regions.csv", "0.25,0.5,0.5,0.25", "0.25,0.5,0.5,0.26"),
        (Format::LabelStudio, "label-studio.json", "\"x\":25.0", "\"x\":25.5"),
        (Format::LabelStudio, "label-studio.xml", "value=\"unused\"", "value=\"other\""),
        (Format::Cvat, "cvat.xml", "xtl=\"20\"", "xtl=\"20.5\""),
        (Format::Cvat, "cvat.xml", "label=\"fork\"", "label=\"unused\""),
        (Format::Datumaro, "default.json", "\"size\":[60,80]", "\"size\":[80,60]"),
        (Format::Datumaro, "default.json", "\"label_id\":1", "\"label_id\":2"),
        (Format::Datumaro, "default.json", "\"bbox\":[20.0,", "\"bbox\":[20.001,"),
        (Format::CreateMl, "createml.json", "\"x\":40.0", "\"x\":40.1"),
        (Format::HuggingFace, "metadata.jsonl", "\"bbox\":[[20.0,", "\"bbox\":[[20.001,"),
        (Format::HuggingFace, "metadata.jsonl", "\"categories\":[\"fork\"", "\"categories\":[\"unused\""),
        (Format::HuggingFace, "metadata.jsonl", "\"width\":80", "\"width\":81"),
        (Format::HuggingFace, "metadata.jsonl", "\"file_name\":\"dir_shot 1", "\"file_name\":\"dir_shot 9"),
        (Format::HuggingFace, "README.md", "- \"unused\"", "- \"other\""),
        (Format::WebDataset, ".tar", "\"bbox\":[20.0,", "\"bbox\":[20.1,"),
        (Format::WebDataset, ".tar", "\"tag\":\"fork\"", "\"tag\":\"folk\""),
        (Format::WebDataset, ".tar", "\"key\":\"name\"", "\"key\":\"Name\""),
        (Format::WebDataset, ".tar", "JFIF", "JFIG"),
        (Format::Parquet, ".parquet", "JFIF", "JFIG"),
        (Format::Parquet, ".parquet", "\"unused\"", "\"unUsed\""),
        (Format::Parquet, ".parquet", "bbox", "bBox"),
        (Format::WebDataset, "classes.json", "\"unused\"", "\"other\""),
        // The same content in other letters: only the hash tells.
        (Format::CreateMl, "createml.json", "\"x\":40.0", "\"x\":40.00"),
    ];
    for &(format, file, from, to) in damages {
        let home = tempdir().expect("folder");
        let parent = home.path().to_path_buf();
        let writings = Mutex::new(0);
        let progress: ProgressSink = Arc::new(move |progress| {
            let mut writings = writings.lock().expect("lock");
            *writings += u32::from(progress.stage == "Writing");
            // Annotated pictures are written last.
            if *writings == 6 && progress.stage == "Writing" {
                let folder = hidden_folder(&parent);
                let names = names_below(&folder).into_iter().filter(|name| name.ends_with(file));
                let mut damaged = names.filter_map(|name| {
                    let path = folder.join(name);
                    Some((replaced(&path, from, to)?, path))
                });
                let (bytes, path) = damaged.next().unwrap_or_else(|| panic!("{format:?}: no {from}"));
                std::fs::write(&path, bytes).expect("write");
            }
        });
        let job = ExportJob { formats: vec![format, Format::Annotated], ..job(three(), &home.path().join("forks")) };
        let cancel = CancellationToken::new();
        let result = export_watched(job, three_pictures(), ExportOptions::default(), progress, cancel);
        let failure = result.err().unwrap_or_else(|| panic!("{format:?}: {to} was not found"));
        assert!(matches!(failure.kind, FailureKind::NotVerified { .. }), "{failure:?}");
        assert_eq!(std::fs::read_dir(home.path()).expect("folder").count(), 0);
    }
}
