use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::changes::compare;
use crate::changes::tests::{archive, read, row};
use app::FailureKind;
use app::changes::StateComparison;
use domain::UnitRect;
use domain::changes::DEFAULT_IOU;

/// Of two images the first has moved its box and got a tag that a spreadsheet would run; the second is gone.
fn job(folder: &Path, format: ReportFormat, name: &str) -> ReportJob {
    let mut former = [row(1, true), row(2, true)];
    let mut now = former[0].clone();
    now.regions[0].rect = UnitRect::new(0.15, 0.1, 0.2, 0.2);
    former[0].metadata = vec![("name".to_owned(), "a.jpg".to_owned())];
    now.metadata = vec![("name".to_owned(), "=1+1|2".to_owned())];
    for (name, rows) in [("a", &former[..]), ("b", &[now])] {
        if !folder.join(name).exists() {
            archive(&folder.join(name), rows, &[], Vec::new());
        }
    }
    let state = |name: &str| read(folder.join(name).to_str().expect("UTF-8"), true).expect("state");
    let (mut from, mut to) = (state("a"), state("b"));
    let changes = compare(&mut from, &mut to, DEFAULT_IOU).expect("compared");
    let doubts = vec!["October: Line 3 of images.jsonl could not be used.".to_owned()];
    let comparison = StateComparison::new("Oct*ber".to_owned(), changes, from.catalogue, &to.catalogue, false, doubts);
    ReportJob {
        comparison: Arc::new(comparison),
        catalogue: Arc::new(to.catalogue),
        project: "forks".to_owned(),
        format,
        path: folder.join(name),
        replaces: false,
    }
}

#[test]
fn a_report_to_read_has_counts_and_every_change() {
    let folder = tempfile::tempdir().expect("folder");
    let path = save(&job(folder.path(), ReportFormat::Markdown, "changes.md")).expect("saved");
    let text = std::fs::read_to_string(path).expect("text");
    for words in [
        "From: Oct\\*ber (2 images, 2 regions)",
        "To: forks (1 image, 1 region)",
        "Warning: October: Line 3 of images.jsonl could not be used.",
        ", a.jpg -\\> =1+1\\|2",
        "| Region moved | 1 |",
        "| Image removed | 1 |",
        "| fork | 1 |",
        "moved by up to 4.0 px",
        "### 00000000-0000-4000-8000-000000000002\n\n- Removed, with 1 region",
        "=1+1\\|2",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
}

#[test]
fn a_table_runs_no_formula_and_replaces_a_file_only_when_told_to() {
    let folder = tempfile::tempdir().expect("folder");
    let mut job = job(folder.path(), ReportFormat::Csv, "changes.csv");
    let path = save(&job).expect("saved");
    let mut sheet = ::csv::Reader::from_path(&path).expect("table");
    let rows: Vec<Vec<String>> =
        sheet.records().map(|row| row.expect("row").iter().map(str::to_owned).collect()).collect();
    let kinds: Vec<_> = rows.iter().map(|row| &*row[0]).collect();
    assert_eq!(kinds, ["warning", "metadata-changed", "region-moved", "image-removed"]);
    assert_eq!(rows[0][21], "October: Line 3 of images.jsonl could not be used.");
    assert_eq!((&*rows[2][2], &*rows[2][6], &*rows[2][11]), ("a.jpg", "0.1", "0.15"));
    assert_eq!(&*rows[2][16], "4.000");
    assert_eq!(rows[2][19], "'=1+1|2", "the name in the second state");
    assert!(rows.iter().flatten().all(|cell| !cell.starts_with('=')), "{rows:?}");
    let before = std::fs::read(&path).expect("bytes");
    let failure = save(&job).expect_err("taken");
    assert!(matches!(failure.kind, FailureKind::AlreadyThere { .. }), "{failure:?}");
    assert_eq!(std::fs::read(&path).expect("bytes"), before);
    job.replaces = true;
    save(&job).expect("replaced");
}
