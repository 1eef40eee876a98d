//! Formats that trainings read: judged by the libraries that read them there, and by the scripts of the guide.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tagscope::app::ExportJob;
use tagscope::domain::{ProjectKind, TagMark, UnitRect};
use tagscope::engine::export::ExportOptions;
use tagscope::engine::import::{DatasetFormat, OpenKind, open_folder};
use tagscope::engine::verify::verify;
use tagscope::formats::webdataset::tape::members;
use tagscope::formats::{Format, FormatOptions, ShardOrder, SplitRule};
use tagscope::storage::Archive;
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use super::foreign::{folder, imported, reasons};
use super::readers::{judged_by, python, turned_twelve};
use super::rig::{ImageStore, export_with, job, names_below, picture, quiet, row, tags, three, three_pictures};

/// The formats, and the readers in `tests/sdk/training.py`.
const FORMATS: [Format; 2] = [Format::HuggingFace, Format::WebDataset];
const READERS: [&str; 2] = ["imagefolder", "webdataset"];

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
    rule.assign(&ids, &[]).into_iter().for_each(|part| *counts.entry(part.full_name()).or_default() += 1);
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
    let probe = Command::new(&python).args(["-c", "import datasets, webdataset"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return crate::outside::skipped(TEST, "datasets or webdataset is missing; set TAGSCOPE_PYTHON");
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
        for (format, dataset) in
            [(Format::HuggingFace, DatasetFormat::HuggingFace), (Format::WebDataset, DatasetFormat::WebDataset)]
        {
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
            // Of whole images with one tag each nothing else says that there are never more.
            let is_told = format == Format::HuggingFace || kind == ProjectKind::Multilabel;
            assert_eq!(archive.kind(), if is_told { kind } else { ProjectKind::Multilabel }, "{format:?}");
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

/// Bytes of every shard of an export, by name.
fn shards(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = names_below(folder).into_iter().filter(|name| name.ends_with(".tar"));
    names.map(|name| (name.clone(), fs::read(folder.join(name)).expect("shard"))).collect()
}

/// Names of the members of a shard; whether its end is there.
fn members_of(tar: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let read = members(Cursor::new(tar), tar.len() as u64, |member| {
        names.push(member.name);
        Ok(())
    });
    assert!(read.expect("members"));
    names
}

#[test]
fn shards_are_bounded_and_the_same_each_time() {
    let rows: Vec<_> = (0..40).map(|number| row(number, (8, 6), &[(0, UnitRect::new(0.25, 0.25, 0.5, 0.5))])).collect();
    let home = tempdir().expect("folder");
    let export = |name: &str, shard_order: ShardOrder| {
        let out = home.path().join(name);
        let pictures = ImageStore::new(rows.iter().map(|row| (row.id, picture(8, 6, 1))));
        let options = FormatOptions { shard_bytes: Some(10_000), shard_order, ..FormatOptions::default() };
        let job = ExportJob { formats: vec![Format::WebDataset], options, ..job(rows.clone(), &out) };
        export_with(job, pictures, ExportOptions::default()).expect("export");
        shards(&out)
    };
    let (first, second) = (export("1", ShardOrder::Shuffled), export("2", ShardOrder::Shuffled));
    assert!(first == second, "the same bytes");
    assert!(first.len() > 3 && first.values().all(|shard| shard.len() < 15_000), "{:?}", first.keys());
    let keys = |shards: &BTreeMap<String, Vec<u8>>| -> Vec<String> {
        let names = shards.values().flat_map(|shard| members_of(shard));
        names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect()
    };
    let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    assert_eq!(keys(&export("3", ShardOrder::Project)), ids);
    let shuffled = keys(&first);
    let mut sorted = shuffled.clone();
    sorted.sort();
    assert!(sorted == ids && shuffled != ids, "{shuffled:?}");
    let found = verify(&home.path().join("1"), &quiet(), &CancellationToken::new()).expect("verify");
    assert_eq!((found.differences.as_slice(), found.images, found.regions), (&[][..], 40, 40));
}

/// A tar of members, as other programs write it.
fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, bytes) in members {
        let mut header = vec![0_u8; 512];
        let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
        put(0, name.as_bytes());
        put(100, b"0000644\0");
        put(124, format!("{:011o}\0", bytes.len()).as_bytes());
        put(148, b"        ");
        put(156, b"0");
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar.extend(header);
        tar.extend_from_slice(bytes);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1_024, 0);
    tar
}

#[test]
fn shards_of_others_are_borne_with() {
    let (jpeg, labels) = (picture(40, 20, 1), br#"{"objects": {"bbox": [[10, 5, 20, 10]], "category": [1]}}"#);
    let shard = tar_of(&[
        ("a/0001.jpg", &jpeg),
        ("a/0001.json", labels),
        ("a/0002.jpg", &jpeg),
        ("a/0002.json", b"{"),
        ("../../0003.jpg", &jpeg),
        ("../../0003.json", labels),
        ("/etc/0004.json", labels),
        ("0005.seg.png", b"x"),
    ]);
    let home = folder(&[("classes.json", r#"["fork", "spoon"]"#)]);
    let data = home.path().join("data");
    fs::write(data.join("train-0000.tar"), &shard).expect("write");
    fs::write(data.join("val-0000.tar"), tar_of(&[("a/0001.jpg", &jpeg), ("a/0001.json", labels)])).expect("write");
    assert!(matches!(open_folder(&data), Ok(OpenKind::Dataset(DatasetFormat::WebDataset, _))));
    let (archive, report) = imported(&home, DatasetFormat::WebDataset, "");
    let told = reasons(&report);
    for words in [
        "-train-0000.tar: sample a/0002: its labels are not valid JSON",
        "-train-0000.tar: sample ../../0003: its path \"../../0003\" leads out of the file",
        "-train-0000.tar: sample /etc/0004: its path \"/etc/0004\" leads out of the file",
    ] {
        assert!(told.iter().any(|line| line.starts_with(words)), "{words}: {told:#?}");
    }
    let rows: Vec<_> = archive.rows().expect("rows").map(|row| row.expect("row")).collect();
    let boxed: Vec<_> = rows.iter().filter(|row| !row.regions.is_empty()).collect();
    assert_eq!((boxed.len(), &*boxed[0].regions[0].tag_name), (2, "spoon"), "{told:#?}");
    assert_eq!(boxed[0].regions[0].rect, UnitRect::new(0.25, 0.25, 0.5, 0.5));
}

/// A file that is damaged, cut off or something else is refused in words, and nothing is left.
#[test]
fn a_broken_shard_is_refused() {
    let jpeg = picture(40, 20, 1);
    let whole = tar_of(&[("1.jpg", &jpeg), ("1.json", b"{\"objects\":[]}"), ("2.jpg", &jpeg), ("2.json", b"{}")]);
    let mut huge = whole.clone();
    // 10 GiB, and the sum that goes with it.
    huge[124..136].copy_from_slice(b"120000000000");
    let sum: u32 =
        huge[..512].iter().enumerate().map(|(at, &byte)| if (148..156).contains(&at) { 32 } else { byte.into() }).sum();
    huge[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    for (bytes, words) in [
        (&whole[..700], "\"1.jpg\" should have"),
        (&huge[..], "\"1.jpg\" should have 10737418240 bytes, but the file ends before"),
        (&tar_of(&[("1.jpg", &jpeg), ("2.jpg", &jpeg)])[..], "none of its samples has labels"),
    ] {
        let home = folder(&[]);
        fs::create_dir_all(home.path().join("data")).expect("folder");
        fs::write(home.path().join("data/train-000000.tar"), bytes).expect("write");
        let out = home.path().join("archive");
        let failure = super::imports::import_as(DatasetFormat::WebDataset, &home.path().join("data"), None, &out);
        let reason = format!("{:?}", failure.expect_err("refused"));
        assert!(reason.contains(&words.replace('"', "\\\"")), "{words}: {reason}");
        assert_eq!(fs::read_dir(home.path()).expect("folder").count(), 1, "nothing beside the data");
    }
}
