//! `verify` on exports: whole ones are whole, in every format and split; whatever is wrong with one is named.

use std::path::Path;

use tagscope::app::ExportJob;
use tagscope::domain::ProjectKind;
use tagscope::engine::export::ExportOptions;
use tagscope::engine::verify::{VerifyReport, verify};
use tagscope::formats::{Format, FormatOptions, SplitRule};
use tagscope::storage::staging::measure;
use tempfile::tempdir;
use tokio_util::sync::CancellationToken;

use super::every::{export, text};
use super::rig::{export_with, job, json_of, names_below, quiet, three, three_pictures};

fn verified(folder: &Path) -> VerifyReport {
    verify(folder, &quiet(), &CancellationToken::new()).expect("verify")
}

/// Puts a changed text into an export as if it had been written so: with its own hash in the manifest.
fn forge(out: &Path, name: &str, change: impl Fn(String) -> String) {
    std::fs::write(out.join(name), change(text(&out.join(name)))).expect("write");
    let mut manifest = json_of(&out.join("manifest.json"));
    manifest["files"][name] = serde_json::to_value(measure(&out.join(name)).expect("file")).expect("facts");
    std::fs::write(out.join("manifest.json"), manifest.to_string()).expect("write");
}

#[test]
fn whole_exports_are_whole() {
    let home = tempdir().expect("folder");
    for kind in [ProjectKind::Detection, ProjectKind::Multiclass, ProjectKind::Multilabel] {
        for split in [None, SplitRule::parse("60/40").ok()] {
            let options = FormatOptions { split, ..FormatOptions::default() };
            let out = home.path().join(format!("{kind:?}-{}", options.split.is_some()));
            let report = export(&Format::ALL, kind, options, &out);
            let found = verified(&out);
            assert_eq!(found.differences, [], "{kind:?}");
            assert!(found.images >= report.images_out && found.regions >= report.regions_out, "{found:?}");
            assert_eq!(found.images, 3);
        }
    }
}

#[test]
fn a_file_that_was_touched_is_named() {
    let home = tempdir().expect("folder");
    let out = home.path().join("out");
    export(&[Format::Coco, Format::Csv], ProjectKind::Detection, FormatOptions::default(), &out);
    let name = names_below(&out).into_iter().find(|name| name.ends_with(".csv")).expect("a table");
    std::fs::write(out.join(&name), text(&out.join(&name)).replacen('1', "2", 1)).expect("write");
    let found = verified(&out);
    assert!(found.differences.iter().any(|one| one.file == name && one.what.contains("SHA-256")), "{found:?}");
}

#[test]
fn counts_and_boxes_are_read_again_and_not_believed() {
    let home = tempdir().expect("folder");
    let out = home.path().join("coco");
    export(&[Format::Coco], ProjectKind::Detection, FormatOptions::default(), &out);
    let coco = "annotations/instances_default.json";
    let mut manifest = json_of(&out.join("manifest.json"));
    manifest["labels"][0]["regions"] = serde_json::json!(4);
    std::fs::write(out.join("manifest.json"), manifest.to_string()).expect("write");
    let [difference] = verified(&out).differences.try_into().expect("one difference");
    assert!(difference.file == coco && difference.what.contains("3 regions; the manifest counts 4"), "{difference:?}");

    let out = home.path().join("boxes");
    export(&[Format::Coco], ProjectKind::Detection, FormatOptions::default(), &out);
    forge(&out, coco, |text| {
        let mut json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        json["annotations"][0]["bbox"][2] = serde_json::json!(100_000.0);
        json.to_string()
    });
    let differences = verified(&out).differences;
    assert!(differences.iter().any(|one| one.file == coco), "{differences:?}");
}

#[test]
fn exports_of_earlier_versions_are_whole_under_their_names() {
    let home = tempdir().expect("folder");
    let out = home.path().join("out");
    export(&[Format::Coco], ProjectKind::Detection, FormatOptions::default(), &out);
    let (now, earlier) = ("annotations/instances_default.json", "annotations/coco.json");
    std::fs::rename(out.join(now), out.join(earlier)).expect("rename");
    let manifest = text(&out.join("manifest.json")).replace(now, earlier);
    std::fs::write(out.join("manifest.json"), manifest).expect("write");
    // Names began with the folder then.
    forge(&out, earlier, |text| text.replace("\"file_name\":\"", "\"file_name\":\"images/"));
    let found = verified(&out);
    assert_eq!((found.differences.as_slice(), found.images), (&[][..], 3));
}

#[test]
fn doubts_about_the_list_stand_in_the_report() {
    let home = tempdir().expect("folder");
    let out = home.path().join("out");
    let doubt = "The list of images is incomplete: 3 of 5 images listed; 2 are missing.".to_owned();
    let job = ExportJob { notes: vec![doubt.clone()], ..job(three(), &out) };
    let report = export_with(job, three_pictures(), ExportOptions::default()).expect("export");
    assert_eq!(report.notes[0], doubt);
    assert!(text(&out.join("REPORT.md")).contains(&doubt));
    assert_eq!(json_of(&out.join("manifest.json"))["notes"][0], doubt);
}
