//! Archives that are not as their manifest says, places that must not be used, and output that cannot be written: told by
//! each command, with the exit status that fits.

use std::path::PathBuf;
use std::process::Stdio;

use secrecy::ExposeSecret as _;

use super::{Ran, Served, Stage, text};
use crate::archiving::service;

/// A stage with a small project and an archive of it.
fn archived() -> (Stage, PathBuf) {
    let stage = Stage::empty();
    let watched = service(stage.home.path(), "service", &[(3, 1), (2, 2), (1, 1)]);
    let served = Served {
        endpoint: watched.endpoint().to_owned(),
        project: watched.project_id().to_string(),
        key: watched.training_key().expose_secret().to_owned(),
        child: None,
        _watched: Some(watched),
    };
    let stage = Stage { served: Some(served), ..stage };
    let out = stage.path("archive");
    stage.run(&["archive", "--no-thumbnails", "--out", text(&out)]).is(0);
    (stage, out)
}

/// Makes another digit of the first box in a list: a row that reads as well as before.
fn flip(list: &std::path::Path) {
    let words = std::fs::read_to_string(list).expect("list");
    let at = words.find("\"left\":0.").expect("a box") + "\"left\":0.".len();
    let digit = if words.as_bytes()[at] == b'1' { "2" } else { "1" };
    std::fs::write(list, format!("{}{digit}{}", &words[..at], &words[at + 1..])).expect("list");
}

#[test]
fn a_list_that_was_changed_is_told_by_every_command_that_reads_it() {
    let (stage, out) = archived();
    let source = ["--source", text(&out)];
    stage.run(&[&["images", "--count"], &source[..]].concat()).is(0);
    flip(&out.join("images.jsonl"));
    let words = "has changed since it was written";
    for command in [&["images", "--jsonl"][..], &["images", "--count"], &["tags"], &["check", "--no-duplicates"]] {
        let ran = stage.run(&[command, &source[..]].concat()).is(5);
        assert!(
            ran.err.contains("images.jsonl") && ran.err.contains(words) && !ran.out.is_empty(),
            "{command:?}: {}",
            ran.err
        );
    }
    let export = stage.path("export");
    let ran = stage.run(&[&["export", "--format", "coco", "--out", text(&export)], &source[..]].concat()).is(5);
    assert!(ran.err.contains(words), "{}", ran.err);
    let report = std::fs::read_to_string(export.join("REPORT.md")).expect("report");
    assert!(report.contains("images.jsonl"), "the export itself says so: {report}");
    let ran = stage.run(&["archive", "--out", text(&out)]).is(1);
    assert!(ran.err.contains(words) && ran.err.contains("Nothing in it was changed"), "{}", ran.err);
    stage.run(&["verify", text(&out)]).is(1);
}

#[test]
fn the_lists_of_an_iteration_are_compared_when_it_is_chosen() {
    let stage = Stage::sample(&["--images", "12"]);
    let out = stage.path("archive");
    stage.run(&["archive", "--iterations", "--no-thumbnails", "--out", text(&out)]).is(0);
    let source = ["--source", text(&out)];
    let iterations = stage.run(&[&["iterations", "--json"], &source[..]].concat()).is(0).json();
    let id = iterations[0]["id"].as_str().expect("id");
    flip(&out.join("iterations").join(id).join("images.jsonl"));
    stage.run(&[&["images", "--count"], &source[..]].concat()).is(0);
    let ran = stage.run(&[&["images", "--count", "--iteration", id], &source[..]].concat()).is(5);
    assert!(ran.err.contains(id), "{}", ran.err);
}

#[test]
fn an_image_twice_and_a_file_twice_are_told() {
    let (stage, out) = archived();
    let list = out.join("images.jsonl");
    let words = std::fs::read_to_string(&list).expect("list");
    let first = words.lines().next().expect("line");
    std::fs::write(&list, format!("{words}{first}\n")).expect("list");
    let ran = stage.run(&["images", "--jsonl", "--source", text(&out)]).is(5);
    assert_eq!(ran.lines().iter().filter(|line| **line == ran.lines()[0]).count(), 1, "{}", ran.out);
    assert!(ran.err.contains("twice"), "{}", ran.err);
    std::fs::write(&list, &words).expect("list");

    let manifest = out.join("manifest.json");
    let words = std::fs::read_to_string(&manifest).expect("manifest");
    let entry = r#""REPORT.md": { "bytes": 1, "sha256": "0" },"#;
    std::fs::write(&manifest, words.replacen("\"files\": {", &format!("\"files\": {{ {entry}"), 1)).expect("manifest");
    let ran = stage.run(&["tags", "--source", text(&out)]).is(5);
    assert!(ran.err.contains("REPORT.md is in the manifest more than once"), "{}", ran.err);
    assert!(stage.run(&["verify", text(&out)]).is(1).out.contains("more than once"));
}

#[test]
fn nothing_is_written_into_an_archive_or_an_export() {
    let (stage, out) = archived();
    let export = stage.path("export");
    stage.run(&["export", "--format", "coco", "--source", text(&out), "--out", text(&export)]).is(0);
    for inside in [out.join("sub"), export.join("deep/sub")] {
        for command in [
            &["export", "--format", "coco", "--source", text(&out)][..],
            &["archive"],
            &["import", "coco", text(&export)],
            &["reviews", "export", "--source", text(&out)],
        ] {
            let ran = stage.run(&[command, &["--out", text(&inside)]].concat()).is(1);
            assert!(ran.err.contains("is inside the"), "{command:?}: {}", ran.err);
        }
    }
    stage.run(&["verify", text(&out)]).is(0);
    stage.run(&["verify", text(&export)]).is(0);
    // An empty folder is told; nothing is lost with it.
    std::fs::create_dir_all(out.join("originals/empty")).expect("folder");
    let ran = stage.run(&["verify", text(&out)]).is(1);
    assert!(ran.out.contains("originals/empty\tis an empty folder"), "{}", ran.out);
    stage.run(&["archive", "--no-thumbnails", "--out", text(&out)]).is(0);
    stage.run(&["verify", text(&out)]).is(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_does_not_unpublish_anything() {
    let (stage, out) = archived();
    for name in ["dataset", "again"] {
        let place = stage.path(name);
        let import = ["import", "coco", text(&stage.path("dataset"))].map(str::to_owned);
        let arguments = match name {
            "dataset" => ["export", "--format", "coco", "--source", text(&out)].map(str::to_owned).to_vec(),
            _ => import.to_vec(),
        };
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        arguments.extend(["--out", text(&place)]);
        let full = std::fs::File::options().write(true).open("/dev/full").expect("/dev/full");
        let output = stage.command(&arguments).stdout(Stdio::from(full)).output().expect("run");
        let ran = Ran::of(output).is(5);
        assert!(ran.err.contains("is complete and in place") && ran.err.contains(text(&place)), "{}", ran.err);
        stage.run(&["verify", text(&place)]).is(0);
    }
}

#[test]
fn an_archive_that_a_killed_update_left_aside_is_explained_and_put_back() {
    let (stage, out) = archived();
    let former = stage.path(".archive.tagscope-former");
    std::fs::rename(&out, &former).expect("rename");
    for command in [
        &["verify", text(&out)][..],
        &["tags", "--source", text(&out)],
        &["export", "--format", "coco", "--source", text(&out), "--out", text(&stage.path("export"))],
        &["serve", text(&out)],
    ] {
        let ran = stage.run(command).is(1);
        assert!(ran.err.contains(text(&former)) && ran.err.contains("Rename"), "{command:?}: {}", ran.err);
    }
    // Whatever is at the place now, the archive stays.
    std::fs::create_dir(&out).expect("folder");
    let ran = stage.run(&["archive", "--out", text(&out)]).is(1);
    assert!(ran.err.contains(text(&former)) && former.join("manifest.json").is_file(), "{}", ran.err);
    std::fs::remove_dir(&out).expect("remove");
    let ran = stage.run(&["archive", "--out", text(&out)]).is(0);
    assert!(ran.err.contains("moved back"), "{}", ran.err);
    assert!(!former.exists());
    stage.run(&["verify", text(&out)]).is(0);
}
