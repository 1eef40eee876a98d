//! `tagscope export` with the options of the formats, and `tagscope rewrite-azureml-url`.

use std::path::Path;
use std::process::{Command, Output};

use super::imports::imported;
use super::rig::{json_of, names_below};

fn tagscope(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagscope"));
    command.env("TAGSCOPE_HOME", home.join("home")).env_remove("VISION_TRAINING_ENDPOINT");
    command.args(arguments).output().expect("tagscope runs")
}

#[test]
fn options_reach_the_formats() {
    let (home, archive) = imported();
    let (archive, out) = (archive.display().to_string(), home.path().join("out"));
    let out_text = out.display().to_string();
    let output = tagscope(
        home.path(),
        &[
            "export",
            "--source",
            &archive,
            "--format",
            "yolo,azureml,label-studio",
            "--split",
            "2/1",
            "--stratify",
            "--negatives",
            "out",
            "--edges",
            "drop",
            "--min-region",
            "2",
            "--gif",
            "convert",
            "--out",
            &out_text,
        ],
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let options = &json_of(&out.join("manifest.json"))["options"];
    assert_eq!(options["formats"], serde_json::json!(["yolo", "azureml", "label-studio"]));
    assert_eq!(options["split"], serde_json::json!({"weights": [2, 1], "isStratified": true}));
    assert_eq!((&options["edges"], &options["otherTypes"]), (&"drop".into(), &"convert".into()));
    assert_eq!((&options["minRegionPixels"], &options["areNegativesLeftOut"]), (&2.0.into(), &true.into()));
    let names = names_below(&out);
    // Three images a tag, divided 2 to 1.
    for (part, expected) in [("train", 4), ("val", 2)] {
        let start = format!("yolo/labels/{part}/");
        assert_eq!(names.iter().filter(|name| name.starts_with(&start)).count(), expected, "{part}");
    }
    let address = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/x/";
    let output = tagscope(home.path(), &["rewrite-azureml-url", &out_text, address]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let list = out.join("azureml/validation-mltable-folder/validation_annotations.jsonl");
    assert!(std::fs::read_to_string(list).expect("list").starts_with(&format!("{{\"image_url\":\"{address}")));

    let again = home.path().join("again").display().to_string();
    let output = tagscope(
        home.path(),
        &[
            "export",
            "--source",
            &archive,
            "--format",
            "yolo",
            "--classes-from",
            &out_text,
            "--images",
            "none",
            "--out",
            &again,
        ],
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn wrong_options_are_wrong_usage() {
    let (home, archive) = imported();
    let (archive, out) = (archive.display().to_string(), home.path().join("out"));
    for (name, value, words) in [
        ("--split", "80/30/x", "80/10/10"),
        ("--azureml-url", "https://a.blob.core.windows.net/c?sig=secret", "a query"),
        ("--crop-margin", "-1", "--crop-margin"),
        ("--format", "pascal", "possible values"),
    ] {
        let value = format!("{name}={value}");
        let out = out.display().to_string();
        let mut arguments = vec!["export", "--source", &archive, &value, "--out", &out];
        if name != "--format" {
            arguments.extend(["--format", "yolo"]);
        }
        let output = tagscope(home.path(), &arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{value}: {text}");
        assert!(text.contains(words) && !text.contains("secret"), "{value}: {text}");
    }
    assert!(!out.exists());
}
