//! `tagscope export --split-group`: near-duplicates, or images with one metadata value, are in one part of the split. Which
//! pairs a plain split tears apart is computed here from the published rule: SHA-256 of the id, modulo the weights.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Stage, text};

/// The part of each image, by its id, from the split files of a COCO export.
fn parts(out: &std::path::Path) -> BTreeMap<String, &'static str> {
    let mut parts = BTreeMap::new();
    for part in ["train", "val", "test"] {
        let file = out.join(format!("annotations/instances_{part}.json"));
        let Ok(bytes) = std::fs::read(file) else { continue };
        let coco: Value = serde_json::from_slice(&bytes).expect("JSON");
        for image in coco["images"].as_array().expect("images") {
            let id = image["custom_vision"]["image_id"].as_str().or_else(|| image["custom_vision"]["id"].as_str());
            parts.insert(id.expect("id").to_owned(), part);
        }
    }
    parts
}

/// The place of an image in a plain split of 7/2/1.
fn plain(id: &str) -> usize {
    let digest = Sha256::digest(id.as_bytes());
    let number = u64::from_be_bytes(digest[..8].try_into().expect("8 bytes"));
    match number % 10 {
        ..7 => 0,
        7..9 => 1,
        _ => 2,
    }
}

#[test]
fn near_duplicates_stay_in_one_part() {
    let stage = Stage::sample(&["--images", "240"]);
    let found = stage.run(&["check", "--json", "--duplicates", "--only", "duplicate"]).is(0);
    let pairs: Vec<[String; 2]> = found
        .lines()
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .map(|row| ["imageId", "otherImageId"].map(|key| row[key].as_str().expect("id").to_owned()))
        .collect();
    assert!(pairs.len() >= 10, "{}", found.out);
    let out = stage.path("grouped");
    let split = ["--split", "7/2/1", "--split-group", "near-duplicates"];
    let export = ["export", "--format", "coco", "--images", "none", "--out", text(&out)];
    let ran = stage.run(&[&export[..], &split].concat()).is(0);
    let parts = parts(&out);
    assert_eq!(parts.len(), 240);
    for [one, other] in &pairs {
        assert_eq!(parts[one], parts[other], "{one} and {other}");
    }
    // In the sample each has one twin, so the torn pairs are those of the findings, each of which is there twice.
    let torn = pairs.iter().filter(|[one, other]| plain(one) != plain(other)).count() / 2;
    let words = format!("would have separated {torn} pair");
    assert!(torn > 0 && ran.err.contains(&words), "{words}: {}", ran.err);
    let report = std::fs::read_to_string(out.join("REPORT.md")).expect("report");
    assert!(report.contains(&words), "{report}");
    // The shares are those that were asked for, but for a group at each seam.
    let count = |part| parts.values().filter(|&&at| at == part).count() as i64;
    let near = |found: i64, wanted: i64| (found - wanted).abs() <= 2;
    assert!(near(count("train"), 168) && near(count("val"), 48) && near(count("test"), 24), "{parts:?}");
    // Once more, it is the same.
    let again = stage.path("again");
    let export = ["export", "--format", "coco", "--images", "none", "--out", text(&again)];
    stage.run(&[&export[..], &split].concat()).is(0);
    assert_eq!(self::parts(&again), parts);
}

#[test]
fn a_group_needs_a_split_and_a_name_that_means_something() {
    let stage = Stage::sample(&["--images", "4"]);
    let out = stage.path("x");
    let export = ["export", "--format", "coco", "--images", "none", "--out", text(&out)];
    let refused = stage.run(&[&export[..], &["--split-group", "near-duplicates"]].concat()).is(2);
    assert!(refused.err.contains("--split"), "{}", refused.err);
    let refused = stage.run(&[&export[..], &["--split", "1/1", "--split-group", "camera"]].concat()).is(2);
    assert!(refused.err.contains("meta:camera"), "{}", refused.err);
    assert!(!out.exists());
}

#[test]
fn a_group_by_a_key_that_no_image_has_is_refused() {
    let stage = Stage::sample(&["--images", "12"]);
    let out = stage.path("x");
    let export = |group| {
        let split = ["--split", "80/20", "--split-group", group];
        stage
            .run(&[&["export", "-q", "--format", "coco", "--images", "none", "--out", text(&out)], &split[..]].concat())
    };
    let refused = export("meta:nokey").is(2);
    let words = "No image has the metadata key \"nokey\", so nothing was grouped. Keys of the images: camera, shift";
    assert!(refused.err.contains(words), "{}", refused.err);
    assert!(!out.exists());
    // Keys are the same in any case of letters.
    export("meta:Camera").is(0);
}
