//! Decisions in an export: a file next to the labels that is counted, hashed, named in the report and read again.

use std::path::Path;

use tagscope::app::{ExportJob, ExportReport};
use tagscope::domain::{ImageId, RegionId, Review, ReviewRow, Subject, Verdict};
use tagscope::engine::export::ExportOptions;
use tagscope::engine::verify::verify;
use tagscope::formats::{Format, FormatOptions, reviews};
use tagscope::storage::staging::measure;
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use super::every::text;
use super::rig::{ImageStore, export_with, id, job, json_of, names_below, quiet, three, three_pictures};

/// About the three images: two reviewers who differ, a comment with everything a table can stumble over, a decision about
/// a region that has gone from the service.
fn decided() -> Vec<ReviewRow> {
    let rows = three();
    let row = |subject, by: &str, at, review| ReviewRow { subject, by: by.into(), at, review };
    let whole = |at: usize| Subject::image(rows[at].id);
    let region = Subject::region(rows[0].id, rows[0].regions[0].id);
    let gone = Subject::region(rows[1].id, RegionId(id(77)));
    vec![
        row(whole(0), "ann", 1_700_000_000, Review::Verdict(Verdict::Accepted)),
        row(whole(0), "bob, jr.", 1_700_000_001, Review::Verdict(Verdict::Rejected)),
        row(whole(0), "ann", 1_700_000_002, Review::Comment("=too \"wide\",\r\n猫".into())),
        row(region, "ann", 1_700_000_003, Review::Verdict(Verdict::Flagged)),
        row(gone, "ann", 1_700_000_004, Review::Verdict(Verdict::Negative)),
    ]
}

fn export(out: &Path, formats: &[Format], shelf: ImageStore, reviews: Vec<ReviewRow>) -> ExportReport {
    let options = FormatOptions { has_reviews: true, ..FormatOptions::default() };
    let job = ExportJob { formats: formats.to_vec(), options, ..job(three(), out) };
    export_with(job, shelf, ExportOptions { reviews, ..ExportOptions::default() }).expect("export")
}

#[test]
fn decisions_go_along_and_come_back() {
    let home = tempdir().expect("folder");
    // A format that is the folder itself, and several.
    for (name, formats) in [("yolo", &[Format::Yolo][..]), ("all", &Format::ALL[..])] {
        let out = home.path().join(name);
        export(&out, formats, three_pictures(), decided());
        let bytes = std::fs::read(out.join("reviews.csv")).expect("file");
        assert_eq!(reviews::read(&bytes).expect("rows"), decided(), "{name}");
        let manifest = json_of(&out.join("manifest.json"));
        assert_eq!(manifest["reviews"], serde_json::json!({ "file": "reviews.csv", "verdicts": 4, "comments": 1 }));
        let facts = serde_json::to_value(measure(&out.join("reviews.csv")).expect("file")).expect("facts");
        assert_eq!(manifest["files"]["reviews.csv"], facts);
        let report = text(&out.join("REPORT.md"));
        assert!(report.contains("`reviews.csv`: 4 decisions") && report.contains("1 comments"), "{report}");
        assert_eq!(verify(&out, &quiet(), &CancellationToken::new()).expect("verify").differences, [], "{name}");
        // The same decisions give the same bytes.
        let again = home.path().join(format!("{name}-again"));
        export(&again, formats, three_pictures(), decided());
        for file in names_below(&out) {
            assert!(std::fs::read(out.join(&file)).ok() == std::fs::read(again.join(&file)).ok(), "{file}");
        }
    }
}

#[test]
fn a_file_that_is_not_what_was_counted_is_named() {
    let home = tempdir().expect("folder");
    let out = home.path().join("out");
    export(&out, &[Format::Coco], three_pictures(), decided());
    let path = out.join("reviews.csv");
    let whole = text(&path);
    // As if it had been written so: with its own hash in the manifest.
    for (forged, expected) in [
        (whole.lines().take(3).map(|line| format!("{line}\r\n")).collect::<String>(), "has 2 decisions"),
        (whole.replace("flagged", "grumpy"), "not a verdict"),
    ] {
        std::fs::write(&path, forged).expect("write");
        let mut manifest = json_of(&out.join("manifest.json"));
        manifest["files"]["reviews.csv"] = serde_json::to_value(measure(&path).expect("file")).expect("facts");
        std::fs::write(out.join("manifest.json"), manifest.to_string()).expect("write");
        let found = verify(&out, &quiet(), &CancellationToken::new()).expect("verify");
        let is_named = found.differences.iter().any(|one| one.file == "reviews.csv" && one.what.contains(expected));
        assert!(is_named, "{expected}: {found:?}");
    }
}

#[test]
fn where_nothing_was_decided_there_is_no_file_and_a_word() {
    let home = tempdir().expect("folder");
    let out = home.path().join("out");
    let report = export(&out, &[Format::Coco], three_pictures(), Vec::new());
    assert!(!out.join("reviews.csv").exists());
    assert!(report.notes.iter().any(|note| note.contains("no decisions about these images")), "{:?}", report.notes);
    assert!(json_of(&out.join("manifest.json")).get("reviews").is_none());
}

#[test]
fn decisions_about_an_image_that_is_left_out_are_counted() {
    let home = tempdir().expect("folder");
    let out = home.path().join("out");
    let first: ImageId = three()[0].id;
    let mut shelf = three_pictures();
    shelf.pictures.remove(&first);
    let report = export(&out, &[Format::Coco], shelf, decided());
    let found = reviews::read(&std::fs::read(out.join("reviews.csv")).expect("file")).expect("rows");
    assert_eq!(found, decided()[4..], "what was decided about the images that are there");
    assert!(report.notes.iter().any(|note| note.contains("images were skipped: 4")), "{:?}", report.notes);
}
