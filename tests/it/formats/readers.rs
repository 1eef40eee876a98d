//! Readers that others wrote, in Python. Without them the tests are skipped, and fail where `CI` is set.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tagscope::app::ExportJob;
use tagscope::domain::{ProjectKind, TagMark, UnitRect};
use tagscope::engine::export::ExportOptions;
use tagscope::formats::{Format, FormatOptions, SplitRule};
use tagscope::storage::Archive;
use tempfile::tempdir;

use super::imports::{export_archive, imported};
use super::rig::{ImageStore, export_with, job, picture, row, tags, three, three_pictures};
use crate::outside::skipped;

/// The reader that everybody uses must find every box, and score perfect predictions as perfect.
#[test]
fn pycocotools_scores_perfect_predictions_as_perfect() {
    const SCRIPT: &str = r"
import json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
truth = COCO(sys.argv[1])
anns = truth.loadAnns(truth.getAnnIds())
found = truth.loadRes([{'image_id': a['image_id'], 'category_id': a['category_id'], 'bbox': a['bbox'], 'score': 0.9} for a in anns])
run = COCOeval(truth, found, 'bbox')
run.evaluate(); run.accumulate(); run.summarize()
print('RESULT', json.dumps({'images': len(truth.getImgIds()), 'annotations': len(anns), 'categories': len(truth.getCatIds()), 'map': run.stats[0]}))
";
    let python = std::env::var_os("TAGSCOPE_PYTHON").unwrap_or_else(|| "python3".into());
    let probe = Command::new(&python).args(["-c", "import pycocotools.cocoeval"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        let words = "pycocotools is not installed; set TAGSCOPE_PYTHON to a Python with pycocotools 2.0.11";
        return skipped("pycocotools_scores_perfect_predictions_as_perfect", words);
    }
    let (home, out) = imported();
    let folder = home.path().join("export");
    export_archive(Archive::open(&out).expect("archive"), &folder);
    let annotations = folder.join("annotations/instances_default.json");
    let output = Command::new(python).arg("-c").arg(SCRIPT).arg(&annotations).output().expect("python");
    let text = String::from_utf8_lossy(&output.stdout);
    let result = text.lines().find_map(|line| line.strip_prefix("RESULT "));
    let result = result.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    let result: Value = serde_json::from_str(result).expect("json");
    assert_eq!((&result["images"], &result["annotations"], &result["categories"]), (&json!(6), &json!(6), &json!(2)));
    let map = result["map"].as_f64().expect("number");
    assert!((map - 1.0).abs() < 1e-9, "perfect predictions score {map}");
}

/// A JPEG that asks to be turned: `stored` pixels with this EXIF orientation.
pub(super) fn turned(stored: (u32, u32), orientation: u8) -> bytes::Bytes {
    let jpeg = picture(stored.0, stored.1, 1);
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1, 0, exif.len() as u8 + 2]);
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes.into()
}

/// The Python with the readers in it; `None` where there is no Python at all.
pub(super) fn python(test: &str) -> Option<OsString> {
    let python = std::env::var_os("TAGSCOPE_PYTHON").unwrap_or_else(|| "python3".into());
    if Command::new(&python).arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    skipped(test, "there is no Python; set TAGSCOPE_PYTHON");
    None
}

/// Runs a script of `tests/sdk` over an export; its last line must begin with `last`.
pub(super) fn judged_by(python: &OsString, script: &str, export: &Path, more: &[&str], last: &str, test: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk").join(script);
    let mut command = Command::new(python);
    command.arg("-B").arg(script).arg(export).args(more).env("PYTHONUTF8", "1");
    let output = command.output().expect("python");
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    let is_last = text.lines().last().is_some_and(|line| line.starts_with(last));
    assert!(output.status.success() && is_last, "{more:?}: {text}{complaint}");
    for line in text.lines().filter_map(|line| line.strip_prefix("SKIPPED ")) {
        skipped(test, line);
    }
}

/// All formats at once, all eight EXIF orientations: strict readers of the published rules, datumaro, panlabel and Label
/// Studio's own code where they are installed.
#[test]
fn other_peoples_readers_find_everything() {
    const TEST: &str = "other_peoples_readers_find_everything";
    let Some(python) = python(TEST) else { return };
    let home = tempdir().expect("folder");
    let out = home.path().join("all");
    turned_twelve(Format::ALL.to_vec(), &out);
    judged_by(&python, "formats.py", &out, &[], "ALL OK: 12 images, 18 regions", TEST);
    judged_by(&python, "independent.py", &out, &["detection"], "ALL OK", TEST);
}

/// Exports 12 images with 18 regions: all eight EXIF orientations, and a name of other letters.
pub(super) fn turned_twelve(formats: Vec<Format>, out: &Path) {
    let rect = |at: u32| UnitRect::new(0.05 + at as f32 * 0.06, 0.1, 0.2 + at as f32 * 0.01, 0.333_333_34);
    let mut rows: Vec<_> = (0..12_u32)
        .map(|at| {
            // From 5 on the sides are swapped.
            let size = if (5..=8).contains(&at) { (300, 400) } else { (400, 300) };
            let regions: Vec<_> =
                (0..at % 4).map(|more| (if more == 1 { 2 } else { 0 }, rect(at % 8 + more))).collect();
            row(u128::from(at), size, &regions)
        })
        .collect();
    rows[11].metadata[0].1 = "猫 & co, #1;=100%.png".to_owned();
    let shelf = ImageStore::new(rows.iter().zip(0..).map(|(row, at)| {
        let bytes = match at {
            1..=8 => turned((400, 300), at),
            _ => picture(400, 300, at),
        };
        (row.id, bytes)
    }));
    let job = ExportJob { formats, ..job(rows, out) };
    let report = export_with(job, shelf, ExportOptions::default()).expect("export");
    assert!(report.skips.iter().all(|skip| skip.format.as_deref() == Some("crops")), "{:?}", report.skips);
}

/// A divided export is found by datumaro from its root folder, with all parts, boxes and pictures.
#[test]
fn datumaro_finds_every_part_of_a_divided_export() {
    const TEST: &str = "datumaro_finds_every_part_of_a_divided_export";
    const SCRIPT: &str = r"
import json, logging, sys, warnings
warnings.filterwarnings('ignore')
logging.disable(logging.CRITICAL)
from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset
found = {}
for name in sys.argv[2:]:
    data = Dataset.import_from(sys.argv[1] + '/' + name, name)
    items = list(data)
    boxes = sum(mark.type == AnnotationType.bbox for item in items for mark in item.annotations)
    pictures = sum(item.media is not None and item.media.data is not None for item in items)
    found[name] = [len(items), boxes, pictures, len(list(data.subsets()))]
print('RESULT', json.dumps(found))
";
    let Some(python) = python(TEST) else { return };
    let probe = Command::new(&python).args(["-c", "import datumaro"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return skipped(TEST, "datumaro is not installed; set TAGSCOPE_PYTHON to a Python with datumaro 1.13");
    }
    let rows: Vec<_> =
        (0..24_u32).map(|at| row(u128::from(at), (40, 30), &[(0, UnitRect::new(0.25, 0.5, 0.5, 0.25))])).collect();
    let home = tempdir().expect("folder");
    let formats = [Format::Coco, Format::Cvat, Format::Datumaro, Format::Yolo];
    for format in formats {
        let pictures = ImageStore::new(rows.iter().zip(0..).map(|(row, at)| (row.id, picture(40, 30, at))));
        let options = FormatOptions { split: SplitRule::parse("50/25/25").ok(), ..FormatOptions::default() };
        let out = home.path().join(format.name());
        let job = ExportJob { formats: vec![format], options, ..job(rows.clone(), &out) };
        export_with(job, pictures, ExportOptions::default()).expect("export");
    }
    let mut command = Command::new(python);
    let output =
        command.arg("-c").arg(SCRIPT).arg(home.path()).args(formats.map(Format::name)).output().expect("python");
    let text = String::from_utf8_lossy(&output.stdout);
    let result = text.lines().find_map(|line| line.strip_prefix("RESULT "));
    let result = result.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    let result: Value = serde_json::from_str(result).expect("json");
    for format in formats {
        assert_eq!(result[format.name()], json!([24, 24, 24, 3]), "{}", format.name());
    }
}

#[test]
fn other_peoples_rules_hold_for_classification() {
    const TEST: &str = "other_peoples_rules_hold_for_classification";
    let Some(python) = python(TEST) else { return };
    let mark = |tag: usize| TagMark { tag: tags()[tag].id, name: tags()[tag].name.as_str().into(), created: None };
    let home = tempdir().expect("folder");
    for (kind, word) in [(ProjectKind::Multiclass, "multiclass"), (ProjectKind::Multilabel, "multilabel")] {
        let mut rows = three();
        for (at, row) in rows.iter_mut().enumerate() {
            row.regions.clear();
            row.tags = if at == 1 && kind == ProjectKind::Multilabel { vec![mark(0), mark(2)] } else { vec![mark(2)] };
        }
        let formats = vec![Format::AzureMl, Format::Cvat, Format::LabelStudio];
        let out = home.path().join(word);
        let job = ExportJob { formats, kind, ..job(rows, &out) };
        export_with(job, three_pictures(), ExportOptions::default()).expect("export");
        judged_by(&python, "independent.py", &out, &[word], "ALL OK", TEST);
    }
}
