//! `tagscope check`: the sample's planted mistakes from a service and from an archive, as rows and as JSON lines.

use serde_json::Value;

use super::{Ran, Stage, text};

fn rows(ran: &Ran) -> Vec<Value> {
    ran.lines().iter().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect()
}

fn checks(rows: &[Value]) -> Vec<&str> {
    let mut names: Vec<_> = rows.iter().map(|row| row["check"].as_str().expect("check")).collect();
    names.sort_unstable();
    names
}

#[test]
fn planted_mistakes_are_rows() {
    let stage = Stage::sample(&["--images", "240"]);
    let ran = stage.run(&["check", "--json"]).is(0);
    let found = rows(&ran);
    let names = checks(&found);
    let count = |name: &str| names.iter().filter(|other| **other == name).count();
    assert_eq!(["overlap", "overlap-other", "tiny", "whole", "inside", "outlier"].map(count), [3, 2, 2, 2, 1, 4]);
    assert_eq!(names.len(), 14, "and nothing else: {}", ran.out);
    for row in &found {
        assert!(row["imageId"].is_string() && !row["message"].as_str().expect("message").is_empty(), "{row}");
        assert!(!row["regionIds"].as_array().expect("regions").is_empty(), "{row}");
        assert!(!row["tags"].as_array().expect("tags").is_empty(), "{row}");
    }
    let overlap = found.iter().find(|row| row["check"] == "overlap").expect("overlap");
    assert!(overlap["iou"].as_f64().is_some_and(|iou| iou > 0.9) && overlap["regionIds"][1].is_string());
    assert!(ran.err.contains("14 findings on 240 images"), "{}", ran.err);
    let plain = stage.run(&["check", "--only", "tiny,whole"]).is(0);
    assert_eq!(plain.lines().len(), 4);
    assert!(plain.lines().iter().all(|line| line.starts_with("tiny ") || line.starts_with("whole ")), "{}", plain.out);
    assert_eq!(stage.run(&["check", "--only", "tiny", "--tiny-px", "1", "--tiny-share", "0"]).is(0).out, "");
    let of_jars = rows(&stage.run(&["check", "--json", "--tag", "jar"]).is(0));
    assert!(!of_jars.is_empty() && of_jars.len() < 14);
}

#[test]
fn pictures_that_came_twice_are_compared_by_their_boxes() {
    // Of 59 images one shows the scene before it with a shifted box, of 68 another one lacks a box.
    let stage = Stage::sample(&["--images", "68"]);
    let ran = stage.run(&["check", "--json", "--duplicates", "--only", "duplicate"]).is(0);
    let found = rows(&ran);
    assert_eq!(found.len(), 4, "{}", ran.out);
    for row in &found {
        assert_eq!(row["labels"], "other-boxes", "{row}");
        assert!(row["message"].as_str().is_some_and(|words| words.contains("labeled differently")), "{row}");
        let other = found.iter().find(|other| other["imageId"] == row["otherImageId"]).expect("its twin");
        assert_eq!((&row["boxes"], &row["tags"]), (&other["otherBoxes"], &other["tags"]));
        match row["regionIds"].as_array().map(Vec::as_slice) {
            Some([odd]) => assert_eq!(*odd, other["otherRegionId"]),
            Some([]) => assert!(other["otherRegionId"].is_null(), "{row}"),
            _ => panic!("{row}"),
        }
    }
    let by_number = |row: &&Value| row["boxes"] != row["otherBoxes"];
    assert_eq!(found.iter().filter(by_number).count(), 2, "{}", ran.out);
    // Half a box away is a third of both.
    let lax = ["check", "--json", "--duplicates", "--only", "duplicate", "--duplicate-iou", "0.3"];
    let same = rows(&stage.run(&lax).is(0));
    assert_eq!(same.iter().filter(|row| row["labels"] == "same").count(), 2);
}

#[test]
fn near_duplicates_are_looked_for_in_an_archive_and_elsewhere_when_asked() {
    let stage = Stage::sample(&["--images", "4", "--regions", "2"]);
    let archive = stage.path("archive");
    stage.run(&["archive", "--out", text(&archive)]).is(0);
    // Bits enough that any two are alike.
    let all = ["check", "--json", "--only", "duplicate", "--duplicate-bits", "12"];
    let quiet = stage.run(&all).is(0);
    assert!(quiet.out.is_empty() && !quiet.err.contains("Comparing pictures"), "a service is not asked: {}", quiet.err);
    let asked = stage.run(&[&all[..], &["--duplicates"]].concat()).is(0);
    assert!(asked.err.contains("Comparing pictures"), "{}", asked.err);
    let archived = stage.run(&[&all[..], &["--source", text(&archive)]].concat()).is(0);
    assert!(archived.err.contains("Comparing pictures"), "{}", archived.err);
    assert_eq!(archived.out, asked.out, "the same thumbnails");
    let none = stage.run(&["check", "--source", text(&archive), "--no-duplicates", "-q"]).is(0);
    assert_eq!((none.out.as_str(), none.err.as_str()), ("", ""));
}

#[test]
fn odd_thresholds_are_wrong_usage() {
    let stage = Stage::empty();
    for arguments in [["--overlap", "1.5"], ["--tiny-px", "NaN"], ["--only", "rain"], ["--duplicate-bits", "40"]] {
        let ran = stage.run(&[&["check"][..], &arguments].concat()).is(2);
        assert!(ran.err.contains(arguments[0]), "{}", ran.err);
    }
}

#[test]
fn a_model_finds_mistakes_that_the_labels_alone_do_not_show() {
    let stage = Stage::sample(&["--images", "240"]);
    let listed = stage.run(&["images", "--jsonl", "--order", "oldest"]).is(0);
    let id = |line: &&str| serde_json::from_str::<Value>(line).expect("JSON")["id"].clone();
    let images: Vec<Value> = listed.lines().iter().map(id).collect();
    let kinds = "overlooked,swapped,misplaced,spurious";
    let ran = stage.run(&["check", "--predictions", "Iteration 2", "--only", kinds, "--json"]).is(0);
    let found = rows(&ran);
    // What is planted, of the images that the iteration was trained on.
    let planted = [
        (23, "swapped"),
        (31, "spurious"),
        (44, "spurious"),
        (58, "misplaced"),
        (67, "overlooked"),
        (72, "swapped"),
        (86, "spurious"),
        (118, "swapped"),
        (134, "spurious"),
        (162, "spurious"),
        (178, "misplaced"),
        (195, "swapped"),
    ];
    for (image, check) in planted {
        let is_it = |row: &&Value| row["imageId"] == images[image] && row["check"] == check;
        let row = found.iter().find(is_it).unwrap_or_else(|| panic!("image {image}: no {check} in {}", ran.out));
        let score = row["score"].as_f64().expect("score");
        assert!((0.5..=1.0).contains(&score) && row["imageScore"].as_f64().is_some_and(|worst| worst > 0.4), "{row}");
        assert_eq!(row["regionIds"].as_array().expect("regions").is_empty(), check == "overlooked", "{row}");
        assert_eq!(row["prediction"].is_null(), check == "spurious", "{row}");
    }
    let scores: Vec<f64> = found.iter().map(|row| row["score"].as_f64().expect("score")).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "the gravest first");
    assert!(found.len() < 150, "{} rows of 1,500 labels", found.len());
    let swapped = stage.run(&["check", "--predictions", "Iteration 2", "--only", "swapped"]).is(0);
    assert!(swapped.lines().iter().all(|line| line.starts_with("swapped ")), "{}", swapped.out);
    assert!(stage.run(&["check", "--predictions", "nowhere"]).is(3).err.contains("no such file"));
    assert!(!stage.run(&["check", "--json"]).is(0).out.contains("imageScore"), "only with predictions");
}
