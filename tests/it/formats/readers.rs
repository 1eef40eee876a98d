//! Readers that others wrote, in Python. Without them there is nothing to run, and that is said aloud.

use std::io::Write as _;

use serde_json::{Value, json};
use tagscope::storage::Archive;

use super::imports::{export_archive, imported};

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
    let probe = std::process::Command::new(&python).args(["-c", "import pycocotools.cocoeval"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        // Past the test harness, which keeps what a passing test prints to itself.
        let words = "SKIPPED: pycocotools is not installed; set TAGSCOPE_PYTHON to a Python with pycocotools 2.0.11";
        writeln!(std::io::stderr(), "{words}").expect("standard error");
        return;
    }
    let (home, out) = imported();
    let folder = home.path().join("export");
    export_archive(Archive::open(&out).expect("archive"), &folder);
    let annotations = folder.join("annotations/coco.json");
    let output = std::process::Command::new(python).arg("-c").arg(SCRIPT).arg(&annotations).output().expect("python");
    let text = String::from_utf8_lossy(&output.stdout);
    let result = text.lines().find_map(|line| line.strip_prefix("RESULT "));
    let result = result.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    let result: Value = serde_json::from_str(result).expect("json");
    assert_eq!((&result["images"], &result["annotations"], &result["categories"]), (&json!(6), &json!(6), &json!(2)));
    let map = result["map"].as_f64().expect("number");
    assert!((map - 1.0).abs() < 1e-9, "perfect predictions score {map}");
}
