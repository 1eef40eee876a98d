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
const FORMATS: [Format; 3] = [Format::HuggingFace, Format::WebDataset, Format::Parquet];
const READERS: [&str; 5] = ["imagefolder", "webdataset", "pyarrow", "duckdb", "datasets"];

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
    let probe = Command::new(&python).args(["-c", "import datasets, duckdb, webdataset"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return crate::outside::skipped(TEST, "datasets, duckdb or webdataset is missing; set TAGSCOPE_PYTHON");
    }
    // The vendor's reader of tables wants older libraries than the others.
    let azureml = std::env::var_os("TAGSCOPE_AZUREML").unwrap_or_else(|| python.clone());
    let probe = Command::new(&azureml).args(["-c", "import mltable, pandas"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return crate::outside::skipped(TEST, "set TAGSCOPE_AZUREML to a Python with mltable 1.7.0 and pandas");
    }
    let home = tempdir().expect("folder");
    let formats = [&FORMATS[..], &[Format::AzureMl]].concat();
    let counts = divided(home.path(), &formats);
    for format in formats {
        fs::rename(home.path().join(format.name()), home.path().join(format!("forks-{}", format.name())))
            .expect("name");
    }
    let scripts = scripts_of_the_guide();
    assert_eq!(scripts.len(), 5);
    for script in scripts {
        let is_of_azure = script.contains("import mltable");
        let mut command = Command::new(if is_of_azure { &azureml } else { &python });
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
        for (format, dataset) in [
            (Format::HuggingFace, DatasetFormat::HuggingFace),
            (Format::WebDataset, DatasetFormat::WebDataset),
            (Format::Parquet, DatasetFormat::Parquet),
        ] {
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
            let is_told = format != Format::WebDataset || kind == ProjectKind::Multilabel;
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

/// Bytes of the files of an export with this extension, by name.
fn files_of(folder: &Path, extension: &str) -> BTreeMap<String, Vec<u8>> {
    let names = names_below(folder).into_iter().filter(|name| name.ends_with(extension));
    names.map(|name| (name.clone(), fs::read(folder.join(name)).expect("file"))).collect()
}

/// Names of the members of a shard.
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
        files_of(&out, ".tar")
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
pub(super) fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
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

#[test]
fn tables_are_bounded_and_the_same_each_time() {
    let rows: Vec<_> = (0..40).map(|number| row(number, (8, 6), &[(0, UnitRect::new(0.25, 0.25, 0.5, 0.5))])).collect();
    let home = tempdir().expect("folder");
    let export = |name: &str| {
        let out = home.path().join(name);
        let pictures = ImageStore::new(rows.iter().map(|row| (row.id, picture(8, 6, 1))));
        let options = FormatOptions { shard_bytes: Some(5_000), ..FormatOptions::default() };
        let job = ExportJob { formats: vec![Format::Parquet], options, ..job(rows.clone(), &out) };
        export_with(job, pictures, ExportOptions::default()).expect("export");
        files_of(&out, ".parquet")
    };
    let files = export("1");
    assert!(files == export("2"), "the same bytes");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let count = names.len();
    let expected: Vec<String> =
        (0..count).map(|number| format!("data/train-{number:05}-of-{count:05}.parquet")).collect();
    assert!(count > 2 && names == expected, "{names:?}");
    // The last bytes of a file, which say what is in it, come on top.
    assert!(files.values().all(|file| file.len() < 25_000), "{:?}", files.values().map(Vec::len).collect::<Vec<_>>());
    let found = verify(&home.path().join("1"), &quiet(), &CancellationToken::new()).expect("verify");
    assert_eq!((found.differences.as_slice(), found.images, found.regions), (&[][..], 40, 40));
    let archive = home.path().join("archive");
    let report = super::imports::import_as(DatasetFormat::Parquet, &home.path().join("1"), None, &archive);
    let report = report.expect("import");
    assert_eq!((report.images_out, report.pictures, report.skips.len()), (40, 40, 0), "{:?}", report.skips);
}

/// Tables that other programs write: Hugging Face's own, with other compression, without pictures.
#[test]
fn tables_of_others_are_borne_with() {
    const TEST: &str = "tables_of_others_are_borne_with";
    const SCRIPT: &str = r"
import pathlib, sys
import pyarrow as pa, pyarrow.parquet as pq
from datasets import ClassLabel, Dataset, Features, Image, List, Value
home = pathlib.Path(sys.argv[1])
for name in ('lists', 'structs', 'zstd', 'other'):
    (home / name / 'data').mkdir(parents=True)
picture = {'bytes': (home / '1.jpg').read_bytes(), 'path': None}
names = ClassLabel(names=['fork', 'spoon'])
box = List(Value('float32'))
side = Features({'image': Image(), 'image_id': Value('int64'), 'objects': {'bbox': List(box), 'category': List(names)}})
rows = {'image': [picture] * 3, 'image_id': [7, 8, 9], 'objects': [
    {'bbox': [[10, 5, 20, 10], [0, 0, 8, 4]], 'category': [1, 0]}, {'bbox': [], 'category': []}, {'bbox': [[4, 2, 8, 4]], 'category': [0]}]}
for split in ('train', 'test'):
    Dataset.from_dict(rows, features=side).to_parquet(str(home / 'lists/data' / f'{split}-00000-of-00001.parquet'), batch_size=2)
listed = Features({'photo': Image(), 'objects': List({'label': names, 'bbox': box}), 'score': Value('decimal128(5, 2)')})
Dataset.from_dict({'photo': [picture], 'objects': [[{'label': 1, 'bbox': [10, 5, 20, 10]}]], 'score': [None]}, features=listed).to_parquet(str(home / 'structs/data/x.parquet'))
table = pq.read_table(home / 'structs/data/x.parquet')
pq.write_table(table, home / 'zstd/data/x.parquet', compression='zstd')
pq.write_table(pa.table({'price': [1.5], 'when': ['now']}), home / 'other/data/x.parquet')
";
    let Some(python) = python(TEST) else { return };
    let home = tempdir().expect("folder");
    fs::write(home.path().join("1.jpg"), picture(40, 20, 1)).expect("picture");
    let output = Command::new(&python).arg("-c").arg(SCRIPT).arg(home.path()).output().expect("python");
    if !output.status.success() {
        return crate::outside::skipped(TEST, &String::from_utf8_lossy(&output.stderr));
    }
    let import = |name: &str| {
        let data = home.path().join(name);
        assert!(matches!(open_folder(&data), Ok(OpenKind::Dataset(DatasetFormat::Parquet, _))), "{name}");
        super::imports::import_as(DatasetFormat::Parquet, &data, None, &home.path().join(format!("{name}-archive")))
    };
    let regions = |archive: &Path| {
        let archive = Archive::open(archive).expect("archive");
        let rows = archive.rows().expect("rows").map(|row| row.expect("row"));
        let regions =
            rows.flat_map(|row| row.regions.into_iter().map(|region| (region.tag_name.to_string(), region.rect)));
        regions.collect::<Vec<_>>()
    };
    let report = import("lists").expect("lists");
    assert_eq!((report.images_out, report.pictures, report.regions_out), (6, 6, 6), "{:?}", reasons(&report));
    let spoon = ("spoon".to_owned(), UnitRect::new(0.25, 0.25, 0.5, 0.5));
    let fork = |rect| ("fork".to_owned(), rect);
    let found = regions(&report.folder);
    let expected = [spoon.clone(), fork(UnitRect::new(0.0, 0.0, 0.2, 0.2)), fork(UnitRect::new(0.1, 0.1, 0.2, 0.2))];
    assert_eq!(found, [&expected[..], &expected[..]].concat());
    let report = import("structs").expect("structs");
    assert_eq!((regions(&report.folder), report.pictures), (vec![spoon], 1), "{:?}", reasons(&report));
    for (name, words) in [("zstd", "compressed in a way that is not supported"), ("other", "its columns are")] {
        let reason = format!("{:?}", import(name).expect_err("refused"));
        assert!(reason.contains(words), "{name}: {reason}");
    }
}

/// A file that is cut off or damaged is refused in words, and nothing is left.
#[test]
fn a_broken_table_is_refused() {
    let home = tempdir().expect("folder");
    let out = home.path().join("export");
    let job = ExportJob { formats: vec![Format::Parquet], ..job(three(), &out) };
    export_with(job, three_pictures(), ExportOptions::default()).expect("export");
    let (_, whole) = files_of(&out, ".parquet").pop_first().expect("a file");
    // What is in the file is told at its end, and its length before the last four letters.
    let mut long = whole.clone();
    let at = long.len() - 8;
    long[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut flipped = whole.clone();
    let footer = whole.len() - 8 - u32::from_le_bytes(whole[at..at + 4].try_into().expect("four")) as usize;
    (footer..footer + 40).for_each(|at| flipped[at] ^= 0xff);
    for (what, bytes) in
        [("cut off", &whole[..whole.len() / 2]), ("a long end", &long), ("a damaged end", &flipped), ("empty", b"PAR1")]
    {
        let home = folder(&[]);
        fs::create_dir_all(home.path().join("data")).expect("folder");
        fs::write(home.path().join("data/train.parquet"), bytes).expect("write");
        let archive = home.path().join("archive");
        let failure = super::imports::import_as(DatasetFormat::Parquet, &home.path().join("data"), None, &archive)
            .expect_err(what);
        let words = format!("{failure:?}");
        assert!(words.contains("The file is damaged") && words.len() < 1_000, "{what}: {words}");
        assert_eq!(fs::read_dir(home.path()).expect("folder").count(), 1, "nothing beside the data");
    }
}
