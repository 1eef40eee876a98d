//! Shards and tables of other programs with labels and pictures under other names than usual.

use std::fs;
use std::path::Path;
use std::process::Command;

use tagscope::app::ExportJob;
use tagscope::domain::TagMark;
use tagscope::engine::export::ExportOptions;
use tagscope::engine::import::{DatasetFormat, ImportReport};
use tagscope::formats::Format;
use tagscope::storage::Archive;
use tempfile::{TempDir, tempdir};

use super::foreign::{folder, imported, reasons};
use super::imports::import_as;
use super::readers::python;
use super::rig::{export_with, job, picture, tags, three, three_pictures};
use super::training::tar_of;

/// Boxes and tags of each image, in words.
fn words_of(archive: &Path) -> Vec<String> {
    let archive = Archive::open(archive).expect("archive");
    let rows = archive.rows().expect("rows").map(|row| row.expect("row"));
    let words = rows.map(|row| {
        let boxes = row.regions.iter().map(|region| {
            let rect = region.rect;
            let sides = [rect.left * 40.0, rect.top * 20.0, rect.width * 40.0, rect.height * 20.0];
            format!("{} {:?}", region.tag_name, sides.map(|side| side.round() as i64))
        });
        let boxes: Vec<String> = boxes.collect();
        let tags: Vec<&str> = row
            .tags
            .iter()
            .map(|mark| &*mark.name)
            .filter(|name| !boxes.iter().any(|found| found.starts_with(name)))
            .collect();
        format!("{}x{} {} {}", row.width, row.height, boxes.join(";"), tags.join(";")).trim().to_owned()
    });
    words.collect()
}

fn shard(members: &[(&str, &[u8])]) -> (TempDir, ImportReport) {
    let home = folder(&[("classes.json", r#"["fork", "spoon"]"#)]);
    fs::write(home.path().join("data/train-0000.tar"), tar_of(members)).expect("write");
    let (_, report) = imported(&home, DatasetFormat::WebDataset, "");
    (home, report)
}

#[test]
fn samples_with_the_same_key_are_apart() {
    let (first, second) = (picture(40, 20, 1), picture(40, 20, 2));
    let (home, report) = shard(&[
        ("same.jpg", &first),
        ("same.json", br#"{"label": "a"}"#),
        ("same.jpg", &second),
        ("same.json", br#"{"label": "b"}"#),
        ("same.json", br#"{"label": "c"}"#),
    ]);
    let told = reasons(&report);
    assert_eq!((report.images_in, report.images_out, report.pictures), (3, 2, 2), "{told:#?}");
    assert_eq!(words_of(&home.path().join("archive")), ["40x20  a", "40x20  b"]);
    assert!(
        told.iter().any(|line| line.starts_with("-train-0000.tar: sample same: it has no picture"))
            || told.iter().any(|line| line.starts_with("-sample same: it has no picture")),
        "{told:#?}"
    );
}

#[test]
fn labels_of_samples_are_found_in_other_forms() {
    let (wide, mask) = (picture(40, 20, 1), picture(8, 8, 2));
    let (home, report) = shard(&[
        ("1.mask.jpg", &mask),
        ("1.jpg", &wide),
        ("1.json", br#"[{"bbox": [10, 5, 20, 10], "label": "cup"}]"#),
        ("2.jpg", &wide),
        ("2.cls", b"1.0\n"),
        ("3.jpg", &wide),
        ("3.cls", b"-1"),
        ("4.jpg", &wide),
        ("4.json", b"\xef\xbb\xbf[\"cup\", 0]"),
        ("5.jpg", &wide),
        ("5.json", br#"{"label": "cup", "coarse_label": 3}"#),
    ]);
    let told = reasons(&report);
    let found = words_of(&home.path().join("archive"));
    assert_eq!(
        found,
        ["40x20 cup [10, 5, 20, 10]", "40x20  spoon", "40x20", "40x20  cup;fork", "40x20  cup"],
        "{told:#?}"
    );
    for words in [
        "~pictures: samples have several pictures; \"jpg\" was used, and not \"mask.jpg\"",
        "~labels: 1 label is -1, which means no label",
        "-fields: fields that look like labels were not read: \"coarse_label\"",
    ] {
        assert!(told.iter().any(|line| line.starts_with(words)), "{words}: {told:#?}");
    }
}

/// Tables with labels and pictures in columns of other names, as Hugging Face's library writes them.
#[test]
fn labels_of_tables_are_those_of_their_own_column() {
    const TEST: &str = "labels_of_tables_are_those_of_their_own_column";
    const SCRIPT: &str = r"
import pathlib, sys
from datasets import ClassLabel, Dataset, Features, Image, List, Value
home = pathlib.Path(sys.argv[1])
wide, mask = [{'bytes': (home / name).read_bytes(), 'path': None} for name in ('wide.jpg', 'mask.jpg')]
pets, places, box = ClassLabel(names=['cat', 'dog']), ClassLabel(names=['indoor', 'outdoor']), List(Value('float32'))
objects = lambda kind: {'bbox': List(box), 'category': List(kind)}
one = {'bbox': [[10, 5, 20, 10]], 'category': [1]}
def write(name, features, **row):
    (home / name).mkdir()
    Dataset.from_dict({column: [value] for column, value in row.items()}, features=Features(features)).to_parquet(str(home / name / 'train.parquet'))
write('both', {'image': Image(), 'label': places, 'objects': objects(pets)}, image=wide, label=0, objects=one)
write('scene', {'image': Image(), 'scene': places, 'objects': objects(Value('int64'))}, image=wide, scene=0, objects=one)
write('mask', {'mask': Image(), 'image': Image(), 'label': pets}, mask=mask, image=wide, label=1)
write('odd', {'left': Image(), 'right': Image(), 'label': pets}, left=wide, right=mask, label=1)
write('top', {'image': Image(), 'bbox': List(box), 'category': List(pets)}, image=wide, bbox=one['bbox'], category=[1])
write('cifar', {'img': Image(), 'fine_label': pets, 'coarse_label': places}, img=wide, fine_label=1, coarse_label=0)
write('faces', {'image': Image(), 'faces': objects(pets)}, image=wide, faces=one)
write('float', {'image': Image(), 'label': Value('float32')}, image=wide, label=1.0)
write('minus', {'image': Image(), 'label': Value('int64')}, image=wide, label=-1)
write('caption', {'image': Image(), 'text': Value('string')}, image=wide, text='a cat')
";
    let Some(python) = python(TEST) else { return };
    let home = tempdir().expect("folder");
    fs::write(home.path().join("wide.jpg"), picture(40, 20, 1)).expect("picture");
    fs::write(home.path().join("mask.jpg"), picture(8, 8, 1)).expect("picture");
    let output = Command::new(&python).arg("-c").arg(SCRIPT).arg(home.path()).output().expect("python");
    if !output.status.success() {
        return crate::outside::skipped(TEST, &String::from_utf8_lossy(&output.stderr));
    }
    for (name, found, told) in [
        ("both", "40x20 dog [10, 5, 20, 10] indoor", ""),
        (
            "scene",
            "40x20 class_1 [10, 5, 20, 10]",
            "~1 class number has no name (1 label)|-fields that look like labels were not read: \"scene\"",
        ),
        ("mask", "40x20  dog", "~there are several columns with pictures; \"image\" was used, and not \"mask\""),
        ("odd", "40x20  dog", "~there are several columns with pictures; \"left\" was used, and not \"right\""),
        ("top", "40x20 dog [10, 5, 20, 10]", ""),
        ("cifar", "40x20  dog", "-fields that look like labels were not read: \"coarse_label\""),
        ("faces", "40x20 dog [10, 5, 20, 10]", "~the boxes were read from the field \"faces\""),
        ("float", "40x20  class_1", "~1 class number has no name (1 label)"),
        ("minus", "40x20", "~1 label is -1, which means no label"),
        ("caption", "40x20", "~no labels were found, such as objects, bbox or label; other fields are \"text\""),
    ] {
        let archive = home.path().join(format!("{name}-archive"));
        let report = import_as(DatasetFormat::Parquet, &home.path().join(name), None, &archive).expect(name);
        let reasons = reasons(&report);
        assert_eq!(words_of(&archive), [found], "{name}: {reasons:#?}");
        let told: Vec<&str> = told.split_terminator('|').collect();
        let is_told =
            |words: &&str| reasons.iter().any(|line| line.starts_with(&words[..1]) && line.contains(&words[1..]));
        assert!(told.iter().all(is_told) && told.len() == reasons.len(), "{name}: {reasons:#?}");
    }
}

/// Rows with more boxes than there can be, with pictures next to the file, with none at all, with numbers as texts.
#[test]
fn rows_of_tables_are_bounded_and_find_their_pictures() {
    const TEST: &str = "rows_of_tables_are_bounded_and_find_their_pictures";
    const SCRIPT: &str = r"
import json, pathlib, sys
import pyarrow as pa, pyarrow.parquet as pq
home = pathlib.Path(sys.argv[1])
def write(name, version='1.0', **columns):
    (home / name).mkdir()
    pq.write_table(pa.table(columns), home / name / 'train.parquet', data_page_version=version)
    (home / name / 'classes.json').write_text(json.dumps(['cat', 'dog']))
wide = (home / 'wide.jpg').read_bytes()
many = [{'bbox': [[1., 2., 3., 4.]] * 150000, 'category': [0] * 150000}]
write('many', image=[wide], objects=many)
write('many2', version='2.0', image=[wide] * 2, objects=[{'bbox': [[10., 5., 20., 10.]], 'category': [1]}, many[0]])
write('beside', image=pa.array([{'bytes': None, 'path': 'wide.jpg'}, {'bytes': wide, 'path': 'other.jpg'}]), label=['0', '1.5'])
(home / 'beside/wide.jpg').write_bytes(wide)
write('untyped', image=pa.array([{'bytes': None, 'path': 'wide.jpg'}]), label=['cat'])
(home / 'untyped/wide.jpg').write_bytes(wide)
write('nothing', image=pa.array([{'bytes': None, 'path': 'gone.jpg'}], pa.struct([('bytes', pa.binary()), ('path', pa.string())])), label=[1])
write('float', version='2.0', image=[wide], objects=pa.array([[{'bbox': [10., 5., 20., 10.], 'category': 1.0}]]))
";
    let Some(python) = python(TEST) else { return };
    let home = tempdir().expect("folder");
    fs::write(home.path().join("wide.jpg"), picture(40, 20, 1)).expect("picture");
    let output = Command::new(&python).arg("-c").arg(SCRIPT).arg(home.path()).output().expect("python");
    if !output.status.success() {
        return crate::outside::skipped(TEST, &String::from_utf8_lossy(&output.stderr));
    }
    let import = |name: &str| {
        let archive = home.path().join(format!("{name}-archive"));
        (import_as(DatasetFormat::Parquet, &home.path().join(name), None, &archive), archive)
    };
    for (name, words) in [
        ("many", "row 1 has more than 400,000 values"),
        ("many2", "row 2 has more than 400,000 values in the column objects.bbox.list.element.list.element"),
        ("nothing", "its only image could not be read"),
    ] {
        let (found, archive) = import(name);
        let failure = format!("{:?}", found.expect_err(name));
        assert!(failure.contains(words), "{name}: {failure}");
        assert!(!archive.exists(), "{name}");
    }
    for (name, found) in [
        ("beside", &["40x20  cat", "40x20  1.5"][..]),
        ("untyped", &["40x20  cat"][..]),
        ("float", &["40x20 dog [10, 5, 20, 10]"][..]),
    ] {
        let (report, archive) = import(name);
        let report = report.expect(name);
        assert_eq!(words_of(&archive), found, "{name}: {:#?}", reasons(&report));
        assert_eq!(report.pictures, found.len() as u64, "{name}: {:#?}", reasons(&report));
    }
}

/// The negative tag is no class, so these formats do not store it; the report of the export says so.
#[test]
fn the_negative_tag_is_told() {
    let home = tempdir().expect("folder");
    let mut rows = three();
    let negative = &tags()[1];
    rows[0].regions.clear();
    rows[0].tags = vec![TagMark { tag: negative.id, name: negative.name.as_str().into(), created: None }];
    for (format, is_told) in [(Format::Parquet, true), (Format::WebDataset, true), (Format::Jsonl, false)] {
        let job = ExportJob { formats: vec![format], ..job(rows.clone(), &home.path().join(format.name())) };
        let report = export_with(job, three_pictures(), ExportOptions::default()).expect("export");
        let words = "The negative tag \"Negative\" is not a class and is not in";
        assert_eq!(report.notes.iter().any(|note| note.starts_with(words)), is_told, "{:?}", report.notes);
    }
}
