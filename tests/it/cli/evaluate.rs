//! `tagscope evaluate`: an iteration of the sample, and files of predictions that agree or disagree with its labels.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::{Stage, text};
use crate::outside::skipped;

/// The sample's labels as sure predictions: a line an image, in the form of the prediction service.
fn perfect(stage: &Stage) -> Vec<Value> {
    let listed = stage.run(&["images", "--jsonl"]).is(0);
    let predicted = |line: &&str| {
        let image: Value = serde_json::from_str(line).expect("JSON");
        let regions = image["regions"].as_array().cloned().unwrap_or_default();
        let prediction = |region: &Value| {
            let side = |name: &str| region[name].clone();
            json!({"probability": 0.9, "tagId": region["tagId"], "boundingBox": {"left": side("left"), "top": side("top"),
                "width": side("width"), "height": side("height")}})
        };
        json!({"id": image["id"], "predictions": regions.iter().map(prediction).collect::<Vec<_>>()})
    };
    listed.lines().iter().map(predicted).collect()
}

fn written(stage: &Stage, name: &str, lines: &[Value]) -> String {
    let path = stage.path(name);
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    fs::write(&path, lines.join("\n")).expect("file");
    text(&path).to_owned()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn an_iteration_of_the_sample_is_evaluated() {
    let stage = Stage::sample(&["--images", "120"]);
    let found = stage.run(&["evaluate", "--iteration", "Iteration 2", "--iou", "0.3", "--json"]).is(0).json();
    assert_eq!((&found["kind"], &found["images"], &found["iou"]), (&json!("detection"), &json!(102), &json!(0.3)));
    let (ap, ap50) = (number(&found["ap"]), number(&found["ap50"]));
    assert!(ap > 0.5 && ap < ap50 && ap50 < 1.0, "{ap} {ap50}");
    let (tp, missed) = (found["tp"].as_u64().expect("tp"), found["fn"].as_u64().expect("fn"));
    assert_eq!(tp + missed, found["labels"].as_u64().expect("labels"));
    let tags = found["tags"].as_array().expect("tags");
    let sum: u64 = tags.iter().map(|tag| tag["labels"].as_u64().expect("labels")).sum();
    assert_eq!(sum, tp + missed);
    let (names, rows) = (&found["confusion"]["tags"], found["confusion"]["counts"].as_array().expect("counts"));
    assert_eq!((names.as_array().expect("names").len(), rows.len()), (tags.len() + 1, tags.len() + 1));
    assert!(names[tags.len()].is_null());
    let labeled: u64 =
        rows[..tags.len()].iter().flat_map(|row| row.as_array().expect("row")).filter_map(Value::as_u64).sum();
    assert_eq!(labeled, tp + missed, "each label is in one place of the matrix");
    // The stand-in works its own figures out in another way, at the same thresholds.
    for figure in ["precision", "recall"] {
        let theirs = number(&found["service"][figure]);
        assert!((number(&found[figure]) - theirs).abs() < 0.005, "{figure} {} {theirs}", found[figure]);
    }
    let table = stage.run(&["evaluate", "--iteration", "Iteration 2"]).is(0);
    assert!(table.lines()[0].starts_with("102 images") && table.out.contains("service's own figures"), "{}", table.out);
}

#[test]
fn predictions_that_are_the_labels_are_perfect() {
    let stage = Stage::sample(&["--images", "40"]);
    let lines = perfect(&stage);
    let file = written(&stage, "perfect.jsonl", &lines);
    let found = stage.run(&["evaluate", "--predictions", &file, "--json"]).is(0).json();
    assert_eq!((&found["fp"], &found["fn"], &found["images"]), (&json!(0), &json!(0), &json!(40)));
    assert!(number(&found["ap"]) > 0.999_999 && found["service"].is_null());
    assert_eq!(found["predictions"], found["labels"]);
    // Both the labels and the predictions of the other images do not count.
    let part = stage.run(&["evaluate", "--predictions", &file, "--query", "regions>=7", "--json"]).is(0).json();
    assert!(part["images"].as_u64().is_some_and(|images| images > 0 && images < 40), "{part}");
    assert_eq!((&part["fp"], &part["fn"], &part["predictions"]), (&json!(0), &json!(0), &part["labels"]));
    let none = stage.run(&["evaluate", "--predictions", &file, "--score", "0.95", "--json"]).is(0).json();
    assert_eq!((&none["tp"], &none["precision"], &none["recall"]), (&json!(0), &Value::Null, &json!(0.0)));
}

#[test]
fn what_cannot_be_used_is_said_and_nothing_else_is_lost() {
    let stage = Stage::sample(&["--images", "20"]);
    let mut lines = perfect(&stage);
    let image = lines[0]["id"].clone();
    let area = json!({"left": 0.1, "top": 0.1, "width": 0.2, "height": 0.2});
    let odd = |image: Value, tag: &str, probability: Value| json!({"id": image, "predictions": [{"probability": probability, "tagName": tag, "boundingBox": area}]});
    lines.push(odd(json!("nobody.jpg"), "bottle", json!(0.5)));
    lines.push(odd(image.clone(), "teapot", json!(0.5)));
    lines.push(odd(image, "bottle", json!(7)));
    let file = written(&stage, "odd.jsonl", &lines);
    let ran = stage.run(&["evaluate", "--predictions", &file, "--json"]).is(5);
    assert_eq!(ran.json()["fn"], json!(0));
    for words in [
        "odd.jsonl: line 21: predictions[0]: skipped a prediction: no image is named \"nobody.jpg\"",
        "line 22: predictions[0]: skipped a prediction: no tag is named \"teapot\"",
        "line 23: predictions[0]: skipped a prediction: its score is not from 0 to 1",
    ] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    let whole = fs::read_to_string(&file).expect("file");
    let half = stage.path("half.jsonl");
    fs::write(&half, &whole[..whole.len() / 2]).expect("file");
    let ran = stage.run(&["evaluate", "--predictions", text(&half)]).is(1);
    assert!(ran.err.contains("half.jsonl") && ran.err.contains("line ") && ran.out.is_empty(), "{}", ran.err);
    fs::write(&half, "").expect("file");
    let ran = stage.run(&["evaluate", "--predictions", text(&half)]).is(1);
    assert!(ran.err.contains("there is nothing"), "{}", ran.err);
    let other = written(&stage, "other.jsonl", &[odd(json!("nobody.jpg"), "bottle", json!(0.5))]);
    let ran = stage.run(&["evaluate", "--predictions", &other]).is(1);
    assert!(ran.err.contains("belongs to an image and a tag of this project"), "{}", ran.err);
    assert!(stage.run(&["evaluate"]).is(2).err.contains("--iteration"));
    stage.run(&["evaluate", "--iteration", "x", "--predictions", &other]).is(2);
    stage.run(&["evaluate", "--predictions", &other, "--iou", "1.5"]).is(2);
    stage.run(&["evaluate", "--iteration", "Iteration 99"]).is(3);
    stage.run(&["evaluate", "--predictions", text(&stage.path("gone.json"))]).is(1);
}

#[test]
fn an_archive_keeps_predictions_and_serves_them_again() {
    let mut stage = Stage::sample(&["--images", "12"]);
    let archive = stage.path("archive");
    let archive = text(&archive).to_owned();
    let figures = |ran: Value| {
        let mut found = ran;
        found.as_object_mut().expect("object").remove("service").map(|service| (found, service)).expect("service")
    };
    let evaluate = |stage: &Stage, more: &[&str]| {
        let arguments = [&["evaluate", "--iteration", "Iteration 2", "--json"], more].concat();
        figures(stage.run(&arguments).is(0).json())
    };
    let (live, _) = evaluate(&stage, &[]);
    assert!(live["predictions"].as_u64().is_some_and(|count| count > 20), "{live}");
    stage.run(&["archive", "--iterations", "--no-thumbnails", "--out", &archive]).is(0);
    let ran = stage.run(&["evaluate", "--iteration", "Iteration 2", "--source", &archive]).is(1);
    assert!(ran.err.contains("tagscope archive --predictions"), "{}", ran.err);
    stage.run(&["archive", "--predictions", "--no-thumbnails", "--out", &archive]).is(0);
    stage.run(&["verify", &archive]).is(0);
    let ran = stage.run(&["archive", "--models", "--no-thumbnails", "--json", "--out", &archive]).is(0);
    assert_eq!(ran.json()["iterations"][0]["exports"], json!([]), "the sample has no exported models");
    assert!(ran.err.contains("exported models: none."), "{}", ran.err);
    let (kept, service) = evaluate(&stage, &["--source", &archive]);
    assert_eq!(kept, live);
    assert!(service["perTagPerformance"].is_array() && service["precision"].is_number(), "{service}");
    // An update without the option keeps them.
    stage.run(&["archive", "--no-thumbnails", "--out", &archive]).is(0);
    assert_eq!(evaluate(&stage, &["--source", &archive]).0, live);
    stage.served = Some(stage.serve(&["serve", &archive]));
    let (served, again) = evaluate(&stage, &[]);
    assert_eq!((served, again), (live, service));
    let folders = fs::read_dir(format!("{archive}/iterations")).expect("iterations");
    let folders: Vec<_> = folders.map(|entry| entry.expect("entry").path()).collect();
    // An iteration that has predicted nothing is no iteration without mistakes.
    for folder in &folders {
        fs::write(folder.join("predictions.jsonl"), "").expect("write");
    }
    for arguments in [&["evaluate", "--iteration", "Iteration 2"][..], &["check", "--predictions", "Iteration 2"]] {
        let ran = stage.run(&[arguments, &["--source", &archive]].concat()).is(3);
        assert!(ran.err.contains("there are no predictions of the iteration"), "{}", ran.err);
    }
    fs::write(folders[0].join("predictions.jsonl"), "{}\n").expect("write");
    assert!(stage.run(&["verify", &archive]).is(1).out.contains("predictions.jsonl"));
}

#[test]
fn without_predictions_both_ways_to_name_them_are_said() {
    let ran = Stage::empty().run(&["evaluate", "--json"]).is(2);
    assert!(ran.err.contains("--iteration <ID|NAME>|--predictions <PATH>"), "{}", ran.err);
    Stage::empty().run(&["evaluate", "--iteration", "1", "--predictions", "x"]).is(2);
}

/// Outcomes of the rows of a table, counted.
fn outcomes(table: &str) -> [usize; 5] {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("row")).collect();
    ["match", "swapped", "misplaced", "false", "missed"].map(|name| rows.iter().filter(|row| &row[2] == name).count())
}

#[test]
fn saved_outcomes_agree_with_the_figures_and_can_be_read_again() {
    let stage = Stage::sample(&["--images", "40"]);
    let [table, lines, results] = ["o.csv", "o.jsonl", "o.json"].map(|name| text(&stage.path(name)).to_owned());
    let of_iteration = ["evaluate", "--iteration", "Iteration 2", "--json", "--save"];
    let ran = stage.run(&[&of_iteration[..], &[&table]].concat()).is(0);
    let figures = ran.json();
    let [matched, swapped, misplaced, wrong, missed] = outcomes(&fs::read_to_string(&table).expect("table"));
    let figure = |name: &str| figures[name].as_u64().expect("count") as usize;
    assert_eq!((matched, missed), (figure("tp"), figure("fn")));
    assert_eq!(swapped + misplaced + wrong, figure("fp"));
    assert!(ran.err.contains(&format!("and {missed} missed labels in ")), "{}", ran.err);
    let again = stage.run(&[&of_iteration[..], &[&table]].concat()).is(1);
    assert!(again.err.contains("o.csv") && again.out.is_empty(), "{}", again.err);
    assert_eq!(outcomes(&fs::read_to_string(&table).expect("table"))[0], matched, "it is as it was");
    // What was saved is read, and saved in the other form.
    let given = written(&stage, "given.jsonl", &perfect(&stage));
    let read = |file: &str, more: &[&str]| {
        let ran = stage.run(&[&["evaluate", "--json", "--predictions", file], more].concat());
        assert!(!ran.err.contains("numbers were read"), "{}", ran.err);
        ran.is(0).json()
    };
    let of_given = read(&given, &["--save", &lines]);
    assert!(of_given["predictions"].as_u64().is_some_and(|count| count > 100), "{of_given}");
    assert_eq!(read(&lines, &["--save", &results]), of_given);
    assert_eq!(read(&results, &[]), of_given);
    for (arguments, words) in [
        (vec!["--save", "o.txt"], ".csv (CSV), .jsonl (JSON lines), .json (COCO results)"),
        (vec!["--save", "p.json", "--raw-csv"], "--raw-csv belongs to --save FILE.csv"),
        (vec!["--save", "p.csv", "--labels", &results], "--labels belongs to"),
    ] {
        let ran = stage.run(&[&["evaluate", "--iteration", "Iteration 2"], &arguments[..]].concat()).is(2);
        assert!(ran.err.contains(words), "{}", ran.err);
    }
}

#[test]
fn pycocotools_gives_the_same_precision_for_saved_results_and_an_export() {
    const TEST: &str = "pycocotools_gives_the_same_precision_for_saved_results_and_an_export";
    const SCRIPT: &str = r"
import json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
truth = COCO(sys.argv[1])
run = COCOeval(truth, truth.loadRes(sys.argv[2]), 'bbox')
run.evaluate(); run.accumulate(); run.summarize()
print('RESULT', json.dumps(list(run.stats[:3])))
";
    let python = std::env::var_os("TAGSCOPE_PYTHON").unwrap_or_else(|| "python3".into());
    let probe = Command::new(&python).args(["-c", "import pycocotools.cocoeval"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return skipped(TEST, "pycocotools is not installed; set TAGSCOPE_PYTHON to a Python with pycocotools 2.0.11");
    }
    let stage = Stage::sample(&["--images", "40"]);
    let [export, own, results] = ["export", "own.json", "results.json"].map(|name| text(&stage.path(name)).to_owned());
    stage
        .run(&["export", "--iteration", "Iteration 2", "--format", "coco", "--images", "none", "--out", &export])
        .is(0);
    let labels = format!("{export}/annotations/instances_default.json");
    let evaluate = ["evaluate", "--iteration", "Iteration 2", "--json", "--save"];
    let figures = stage.run(&[&evaluate[..], &[&results, "--labels", &labels]].concat()).is(0).json();
    stage.run(&[&evaluate[..], &[&own]].concat()).is(0);
    assert!(
        fs::read(&own).expect("own") == fs::read(&results).expect("results"),
        "the numbers of the export are known"
    );
    let output = Command::new(python).arg("-c").arg(SCRIPT).args([&labels, &results]).output().expect("python");
    let said = String::from_utf8_lossy(&output.stdout);
    let found = said.lines().find_map(|line| line.strip_prefix("RESULT "));
    let found = found.unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&output.stderr)));
    let found: Vec<f64> = serde_json::from_str(found).expect("JSON");
    for (name, theirs) in ["ap", "ap50", "ap75"].into_iter().zip(found) {
        assert!((number(&figures[name]) - theirs).abs() < 1e-9, "{name}: {} {theirs}", figures[name]);
    }
}
