//! Formats that trainings read: judged by the libraries that read them there, and by the scripts of the guide.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tagscope::app::ExportJob;
use tagscope::domain::{ProjectKind, TagMark, UnitRect};
use tagscope::engine::export::ExportOptions;
use tagscope::engine::import::{DatasetFormat, OpenKind, open_folder};
use tagscope::formats::{Format, FormatOptions, SplitRule};
use tagscope::storage::Archive;
use tempfile::tempdir;

use super::foreign::{folder, imported, reasons};
use super::readers::{judged_by, python, turned_twelve};
use super::rig::{ImageStore, export_with, job, picture, row, tags, three, three_pictures};

/// The formats, and the readers in `tests/sdk/training.py`.
const FORMATS: [Format; 1] = [Format::HuggingFace];
const READERS: [&str; 1] = ["imagefolder"];

#[test]
fn libraries_of_trainings_find_everything() {
    const TEST: &str = "libraries_of_trainings_find_everything";
    let Some(python) = python(TEST) else { return };
    let home = tempdir().expect("folder");
    let out = home.path().join("all");
    turned_twelve([&[Format::Coco, Format::Jsonl], &FORMATS[..]].concat(), &out);
    judged_by(&python, "training.py", &out, &READERS, "ALL OK", TEST);
}

/// 24 images with a box each in three splits, in a folder a format that is called by it.
fn divided(home: &Path, formats: &[Format]) -> BTreeMap<&'static str, u64> {
    let rows: Vec<_> =
        (0..24_u32).map(|at| row(u128::from(at), (40, 30), &[(0, UnitRect::new(0.25, 0.5, 0.5, 0.25))])).collect();
    let rule = SplitRule::parse("50/25/25").expect("split");
    let ids: Vec<_> = rows.iter().map(|row| (row.id, None)).collect();
    let mut counts = BTreeMap::new();
    rule.assign(&ids).into_iter().for_each(|part| *counts.entry(part.full_name()).or_default() += 1);
    for &format in formats {
        let pictures = ImageStore::new(rows.iter().zip(0..).map(|(row, at)| (row.id, picture(40, 30, at))));
        let options = FormatOptions { split: Some(rule.clone()), ..FormatOptions::default() };
        let job = ExportJob { formats: vec![format], options, ..job(rows.clone(), &home.join(format.name())) };
        export_with(job, pictures, ExportOptions::default()).expect("export");
    }
    counts
}

/// The scripts of a page of the guide, in its order.
fn scripts_of_the_guide() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide/training.md");
    let text = fs::read_to_string(page).expect("the page");
    let blocks = text.split("```python\n").skip(1);
    blocks.filter_map(|rest| rest.split_once("```")).map(|(script, _)| script.to_owned()).collect()
}

/// Every script of the guide runs as it is, in the folder with the exports, and counts as many as there are.
#[test]
fn the_scripts_of_the_guide_run() {
    const TEST: &str = "the_scripts_of_the_guide_run";
    let Some(python) = python(TEST) else { return };
    let probe = Command::new(&python).args(["-c", "import datasets"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return crate::outside::skipped(TEST, "datasets is not installed; set TAGSCOPE_PYTHON to a Python with it");
    }
    let home = tempdir().expect("folder");
    let counts = divided(home.path(), &FORMATS);
    for format in FORMATS {
        fs::rename(home.path().join(format.name()), home.path().join(format!("forks-{}", format.name())))
            .expect("name");
    }
    let scripts = scripts_of_the_guide();
    assert_eq!(scripts.len(), READERS.len(), "a script a reader");
    for script in scripts {
        let mut command = Command::new(&python);
        command.args(["-B", "-c", &script]).current_dir(home.path()).env("PYTHONUTF8", "1");
        let caches = command.env("HF_HUB_OFFLINE", "1").env("HF_HOME", home.path().join("cache"));
        let output = caches.output().expect("python");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
        let last = text.lines().last().unwrap_or_default();
        let found: Value = serde_json::from_str(last).unwrap_or_else(|error| panic!("{script}\n{text}: {error}"));
        assert_eq!(found, json!(counts), "{script}");
    }
}

#[test]
fn a_classification_comes_back() {
    let mark = |tag: usize| TagMark { tag: tags()[tag].id, name: tags()[tag].name.as_str().into(), created: None };
    let home = tempdir().expect("folder");
    for (kind, marks) in [
        (ProjectKind::Multiclass, [vec![mark(0)], vec![mark(2)], vec![mark(0)]]),
        (ProjectKind::Multilabel, [vec![mark(0), mark(2)], vec![mark(2)], vec![]]),
    ] {
        for (format, dataset) in [(Format::HuggingFace, DatasetFormat::HuggingFace)] {
            let mut listed = three();
            for (row, marks) in listed.iter_mut().zip(&marks) {
                row.regions.clear();
                row.tags.clone_from(marks);
            }
            let out = home.path().join(format!("{}-{kind:?}", format.name()));
            let job = ExportJob { formats: vec![format], kind, ..job(listed.clone(), &out) };
            export_with(job, three_pictures(), ExportOptions::default()).expect("export");
            // Without the manifest, which knows the kind and the classes.
            fs::remove_file(out.join("manifest.json")).expect("manifest");
            assert!(matches!(open_folder(&out), Ok(OpenKind::Dataset(found, _)) if found == dataset));
            let archive = super::imports::import_as(dataset, &out, None, &out.with_extension("archive"));
            let archive = Archive::open(&archive.expect("import").folder).expect("archive");
            assert_eq!(archive.kind(), kind, "{format:?}");
            let names: Vec<_> = archive.tags().iter().map(|tag| tag.name.as_str()).collect();
            assert_eq!(names, ["fork", super::rig::ODD_NAME, "unused"], "{format:?}: the order of the classes");
            let found: BTreeMap<_, _> =
                archive.rows().expect("rows").map(|row| row.expect("row")).map(|row| (row.id, row)).collect();
            for row in listed {
                let tags =
                    |row: &domain::ImageRow| row.tags.iter().map(|mark| mark.name.to_string()).collect::<Vec<_>>();
                assert_eq!(tags(&found[&row.id]), tags(&row), "{format:?}");
            }
        }
    }
}

#[test]
fn a_line_without_its_picture_is_told_and_the_rest_is_read() {
    let line = |name: &str| json!({"file_name": name, "objects": {"bbox": [[10, 5, 20, 10]], "categories": ["fork"]}});
    let lines = [line("1.jpg"), line("gone.jpg"), line("../../secret.jpg"), line("/etc/2.jpg")];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let home = folder(&[("train/metadata.jsonl", &lines.join("\n")), ("train/1.jpg", "")]);
    fs::write(home.path().join("secret.jpg"), picture(40, 20, 3)).expect("write");
    let (_, report) = imported(&home, DatasetFormat::HuggingFace, "");
    let told = reasons(&report);
    assert_eq!((report.images_in, report.images_out, report.pictures, report.regions_out), (4, 1, 1, 1), "{told:#?}");
    for words in [
        "-train/gone.jpg: its size is neither in the dataset nor in a picture",
        "-line 3: the name \"../../secret.jpg\" points outside",
        "-line 4: the name \"/etc/2.jpg\" points outside",
    ] {
        assert!(told.iter().any(|line| line.starts_with(words)), "{words}: {told:#?}");
    }
}
