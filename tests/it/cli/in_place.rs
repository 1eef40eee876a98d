//! `--source s3://...`: the answers are those of the same archive in a folder, byte for byte.

use std::path::Path;

use super::{Ran, Stage, text};
use crate::remote::shelf::Shelf;
use crate::remote::stores::{Kind, Running};

fn run(stage: &Stage, variables: &[(String, String)], arguments: &[&str]) -> Ran {
    let mut command = stage.command(arguments);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    Ran::of(command.output().expect("run"))
}

/// The bytes of all files below a folder, by name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_str().expect("UTF-8").to_owned();
                found.push((name, std::fs::read(&path).expect("file")));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn an_archive_in_a_store_answers_as_its_folder_does() {
    for kind in Kind::ALL {
        let Some(running) = Running::start(kind, "an_archive_in_a_store_answers_as_its_folder_does") else { return };
        let stage = Stage::sample(&["--images", "30", "--regions", "3"]);
        let folder = stage.path("forks");
        stage.run(&["archive", "--iterations", "--predictions", "--out", text(&folder)]).is(0);
        running.upload("sets/forks", &folder);
        let before = running.objects("");
        let (variables, address) = (running.variables().to_vec(), running.address("sets/forks").to_string());
        let iterations = stage.run(&["iterations", "--source", text(&folder), "--json"]).is(0).json();
        let trained = iterations[0]["id"].as_str().expect("id").to_owned();
        let tags = stage.run(&["tags", "--source", text(&folder), "--json"]).is(0).json();
        let query = format!("tag:{:?}", tags[0]["name"].as_str().expect("name"));
        for arguments in [
            &["projects", "--json"][..],
            &["iterations", "--json"],
            &["tags", "--json"],
            &["images", "--jsonl"],
            &["images", "--count", "--query", &query],
            &["images", "--jsonl", "--iteration", &trained],
            &["check", "--json", "--duplicates"],
            &["evaluate", "--json", "--iteration", &trained],
        ] {
            let here = run(&stage, &[], &[arguments, &["--source", text(&folder)]].concat()).is(0);
            let there = run(&stage, &variables, &[arguments, &["--source", &address, "--quiet"]].concat()).is(0);
            assert_eq!(there.out, here.out, "{arguments:?}");
            assert!(arguments[0] == "check" || !here.out.is_empty(), "{arguments:?}");
        }
        let same = run(&stage, &variables, &["diff", text(&folder), &format!("{address}/"), "--exit-code"]).is(0);
        assert!(!same.err.contains("doubt"), "{}", same.err);
        let exported = |source: &str, name: &str| {
            let out = stage.path(name);
            run(&stage, &variables, &["export", "--source", source, "--format", "coco", "--out", text(&out)]).is(0);
            files(&out.join("images"))
        };
        assert_eq!(exported(&address, "there"), exported(text(&folder), "here"));
        assert_eq!(running.objects(""), before, "nothing was written");
        let nowhere = format!("{}://nowhere-at-all/forks", kind.scheme());
        let refused = run(&stage, &variables, &["images", "--count", "--source", &nowhere]).is(3);
        assert!(refused.err.contains("no such bucket"), "{}", refused.err);

        // The store goes away.
        drop(running);
        let away = run(&stage, &variables, &["images", "--jsonl", "--source", &address]).is(5);
        assert_eq!(away.out, run(&stage, &[], &["images", "--jsonl", "--source", text(&folder)]).out);
        assert!(away.err.contains("Not connected to"), "{}", away.err);
        for (_, value) in
            variables.iter().filter(|(name, _)| ["SECRET", "CONN", "TOKEN"].iter().any(|part| name.contains(part)))
        {
            for (name, bytes) in files(&stage.path("cache/stores")) {
                assert!(!String::from_utf8_lossy(&bytes).contains(value.as_str()), "{name}");
            }
        }
    }
}

#[test]
fn a_damaged_list_ends_as_that_of_a_folder_and_is_said_once() {
    let stage = Stage::sample(&["--images", "9"]);
    let folder = stage.path("forks");
    stage.run(&["archive", "--out", text(&folder)]).is(0);
    let shelf = Shelf::start(&folder);
    let list = folder.join("images.jsonl");
    let whole = std::fs::read(&list).expect("list");
    let other =
        String::from_utf8(whole.clone()).expect("UTF-8").replacen("\"tagName\":\"", "\"tagName\":\"x", 1).into_bytes();
    for (damaged, is_known) in [(&whole[..whole.len() - 40], false), (&other[..], false), (&other[..], true)] {
        if is_known {
            std::fs::write(&list, &whole).expect("list");
            run(&stage, &shelf.variables(), &["images", "--count", "--source", "s3://shelf/forks"]).is(0);
        } else if stage.path("cache/stores").exists() {
            std::fs::remove_dir_all(stage.path("cache/stores")).expect("cache");
        }
        std::fs::write(&list, damaged).expect("list");
        let arguments = |source| ["images", "--jsonl", "--quiet", "--source", source];
        let here = run(&stage, &[], &arguments(text(&folder)));
        let there = run(&stage, &shelf.variables(), &arguments("s3://shelf/forks"));
        // What is kept here is whole.
        if is_known {
            there.is(0);
            continue;
        }
        assert_eq!(here.err.matches("has changed since it was written").count(), 1, "{}", here.err);
        assert_eq!((&there.out, &there.err, there.status), (&here.out, &here.err, 5));
    }
    // One that is not there.
    std::fs::remove_dir_all(stage.path("cache/stores")).expect("cache");
    std::fs::remove_file(&list).expect("list");
    let there = run(&stage, &shelf.variables(), &["images", "--source", "s3://shelf/forks"]).is(1);
    assert_eq!(there.err.matches("s3://shelf/forks/images.jsonl").count(), 1, "{}", there.err);
    let here = run(&stage, &[], &["images", "--source", text(&folder)]).is(1);
    assert_eq!(here.err.matches("images.jsonl").count(), 1, "{}", here.err);
}

#[test]
fn an_address_that_is_none_is_wrong_usage_and_not_repeated() {
    let stage = Stage::empty();
    for (typed, words) in [
        ("s3:/shelf/forks", "type s3://shelf/forks"),
        ("az://forks/a?sv=1&sig=5ec4e7", "AZURE_STORAGE_SAS_TOKEN"),
        ("https://account.blob.core.windows.net/forks/a", "type abfss://forks@account"),
    ] {
        let ran = stage.run(&["images", "--source", typed]).is(2);
        assert!(ran.err.contains(words) && !ran.err.contains("5ec4e7"), "{}", ran.err);
    }
    assert!(
        stage.run(&["archive", "--source", "s3://shelf/forks", "--out", "x"]).is(2).err.contains("already an archive")
    );
    assert!(stage.run(&["serve", "s3://shelf/forks"]).is(2).err.contains("folder"));
}

#[test]
fn nothing_at_an_address_is_said_in_words() {
    let stage = Stage::empty();
    let shelf = Shelf::start(&stage.path("none"));
    let ran = run(&stage, &shelf.variables(), &["images", "--source", "s3://shelf/forks"]).is(3);
    assert!(ran.err.contains("There is no archive at s3://shelf/forks.") && !ran.err.contains("5ec4e7"), "{}", ran.err);
}
