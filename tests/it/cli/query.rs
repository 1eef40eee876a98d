//! `--query` on the command line: the images that it lets through, with skip and take after it, and its errors.

use serde_json::Value;

use super::Stage;

fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn regions(row: &Value) -> usize {
    row["regions"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_query_chooses_what_is_listed_counted_and_exported() {
    let stage = Stage::sample(&["--images", "60"]);
    let all = rows(&stage.run(&["images", "--jsonl"]).is(0).out);
    let expected: Vec<&Value> = all.iter().filter(|row| regions(row) >= 7).collect();
    assert!(!expected.is_empty() && expected.len() < all.len());
    let found = stage.run(&["images", "--query", "regions>=7", "--jsonl"]).is(0);
    assert_eq!(rows(&found.out).iter().collect::<Vec<_>>(), expected, "the rows to the letter, in their order");
    let count = stage.run(&["images", "--query", "regions>=7", "--count"]).is(0);
    assert_eq!(count.out.trim(), expected.len().to_string());
    let part = ["images", "--query", "regions>=7", "--skip", "1", "--take", "2", "--jsonl"];
    assert_eq!(rows(&stage.run(&part).is(0).out).iter().collect::<Vec<_>>(), expected[1..3]);
    let beyond = ["images", "--query", "regions>=7", "--skip", "9999", "--jsonl"];
    assert_eq!(stage.run(&beyond).is(0).out, "");

    let out = stage.home.path().join("out");
    let text = out.to_str().expect("path");
    stage.run(&["export", "--query", "regions>=7", "--format", "jsonl", "--images", "none", "--out", text]).is(0);
    let exported = std::fs::read_to_string(out.join("images.jsonl")).expect("images.jsonl");
    assert_eq!(exported.lines().count(), expected.len());
    let manifest = std::fs::read_to_string(out.join("manifest.json")).expect("manifest");
    assert!(manifest.contains("regions>=7"), "the manifest tells which query chose the images");
}

#[test]
fn a_query_about_findings_looks_for_them() {
    let stage = Stage::sample(&["--images", "240"]);
    let checked = rows(&stage.run(&["check", "--json", "--only", "tiny"]).is(0).out);
    let mut expected: Vec<&str> = checked.iter().map(|row| row["imageId"].as_str().expect("id")).collect();
    expected.sort_unstable();
    expected.dedup();
    let found = rows(&stage.run(&["images", "--query", "check:tiny", "--jsonl"]).is(0).out);
    let mut ids: Vec<&str> = found.iter().map(|row| row["id"].as_str().expect("id")).collect();
    ids.sort_unstable();
    assert!(!ids.is_empty());
    assert_eq!(ids, expected);
    let none = stage.run(&["check", "--json", "--only", "tiny", "--query", "-check:tiny"]).is(0);
    assert_eq!(none.out, "", "only findings on the images that the query lets through");
    assert_eq!(stage.run(&["images", "--query", "review:accepted", "--count"]).is(0).out.trim(), "0");
}

#[test]
fn a_query_that_cannot_be_understood_is_wrong_usage() {
    let stage = Stage::sample(&["--images", "5"]);
    let ran = stage.run(&["images", "--query", "regions>=3 area>x", "--jsonl"]).is(2);
    assert!(ran.out.is_empty() && ran.err.contains("regions>=3 area>x\n") && ran.err.contains('^'), "{}", ran.err);
    let ran = stage.run(&["images", "--query", "tag:botle", "--count"]).is(2);
    assert!(ran.err.contains("did you mean `bottle`?"), "{}", ran.err);
}

#[test]
fn a_sample_is_of_the_whole_project_whatever_tags_are_listed() {
    let stage = Stage::sample(&["--images", "120"]);
    let ids = |args: &[&str]| -> Vec<String> {
        let all = [&["images", "--jsonl"], args].concat();
        rows(&stage.run(&all).is(0).out).iter().map(|row| row["id"].as_str().expect("id").to_owned()).collect()
    };
    let has_bottle = |row: &&Value| {
        let regions = row["regions"].as_array().into_iter().flatten();
        regions.chain(row["tags"].as_array().into_iter().flatten()).any(|mark| mark["tagName"] == "bottle")
    };
    let sample = rows(&stage.run(&["images", "--query", "sample:5", "--jsonl"]).is(0).out);
    let bottles: Vec<_> = sample.iter().filter(has_bottle).map(|row| row["id"].as_str().expect("id")).collect();
    assert!(bottles.len() >= 5 && bottles.len() < sample.len() && sample.len() < 120);
    assert_eq!(ids(&["--query", "sample:5", "--tag", "bottle"]), bottles);
    assert_eq!(ids(&["--query", "tag:bottle sample:5"]).len(), 5, "beside a tag it is of that tag");
    assert_ne!(ids(&["--query", "tag:bottle sample:5#2"]), ids(&["--query", "tag:bottle sample:5"]));
}
