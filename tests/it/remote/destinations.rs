//! Exports and archives into object stores, by the program itself: complete and verified or resumable, nothing overwritten,
//! no secret anywhere.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use super::sha256;
use super::stores::{Found, Kind, Running};
use super::wires::{End, Wire};
use crate::cli::unfinished::{archive_of, export_of};
use crate::service::script::{Script, reply};
use tagscope::formats::Format;
use tagscope::storage::UploadWork;

/// A home folder, and the sample in a process of its own.
struct Stage {
    home: tempfile::TempDir,
    child: Child,
    endpoint: String,
    key: String,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a run has said.
struct Ran {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    fn is(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "out: {}\nerr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "{words:?} is not in {}", self.err);
        self
    }
}

impl Stage {
    fn new(images: &str) -> Self {
        let home = tempfile::tempdir().expect("home");
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagscope"));
        command.args(["serve", "--sample", "--images", images]).env("TAGSCOPE_HOME", home.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("start");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("first line");
        let hello: Value = serde_json::from_str(&line).expect("JSON");
        let text = |name: &str| hello[name].as_str().expect(name).to_owned();
        Self { endpoint: text("endpoint"), key: text("trainingKey"), home, child }
    }

    /// The program with the way to a store in its environment, and no other.
    fn command(&self, variables: &[(String, String)], arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagscope"));
        command.args(arguments).env("TAGSCOPE_HOME", self.home.path()).env("TAGSCOPE_LOG", "trace");
        for (name, _) in std::env::vars_os() {
            if ["AWS_", "AZURE_", "GOOGLE_"].iter().any(|start| name.to_string_lossy().starts_with(start)) {
                command.env_remove(&name);
            }
        }
        let none = self.home.path().join("no-profile");
        command.env("AWS_SHARED_CREDENTIALS_FILE", &none).env("AWS_CONFIG_FILE", &none);
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus").env_remove("XDG_RUNTIME_DIR");
        command.env("VISION_TRAINING_KEY", &self.key).env("VISION_TRAINING_ENDPOINT", &self.endpoint);
        command.envs(variables.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command
    }

    fn run(&self, variables: &[(String, String)], arguments: &[&str]) -> Ran {
        Ran::of(&self.command(variables, arguments).output().expect("run"))
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// What uploads have left on this computer.
    fn left(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.home.path().join("cache/uploads")) else { return Vec::new() };
        entries.map(|entry| entry.expect("entry").path()).collect()
    }
}

/// The files below a folder, by name, with their SHA-256.
fn files(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/");
                found.insert(name, sha256(&std::fs::read(&path).expect("file")));
            }
        }
    }
    found
}

/// Objects by their names below a prefix, with their SHA-256.
fn below(prefix: &str, objects: &BTreeMap<String, Found>) -> BTreeMap<String, String> {
    let name = |name: &str| name.strip_prefix(prefix).expect("below").trim_start_matches('/').to_owned();
    objects.iter().map(|(found, facts)| (name(found), facts.sha256.clone())).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL", "GOOGLE_BASE_URL"];

/// With the store reached at another address.
fn through(running: &Running, origin: &str) -> Vec<(String, String)> {
    let mut variables = running.variables().to_vec();
    for (name, value) in &mut variables {
        if ENDPOINTS.contains(&name.as_str()) {
            origin.clone_into(value);
        }
    }
    variables
}

fn origin_of(store: &Running) -> &str {
    &store.variables().iter().find(|(name, _)| ENDPOINTS.contains(&name.as_str())).expect("endpoint").1
}

/// An archive of one picture that is too large for one request, and the SHA-256 of that.
fn large(stage: &Stage) -> (PathBuf, String) {
    let set = stage.folder("set");
    std::fs::create_dir(&set).expect("folder");
    let picture = image::RgbImage::from_fn(2_600, 2_400, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]));
    picture.save(set.join("large.bmp")).expect("picture");
    let coco = serde_json::json!({
        "images": [{"id": 1, "file_name": "large.bmp", "width": 2_600, "height": 2_400}],
        "categories": [{"id": 1, "name": "fork"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 100, 100], "area": 10_000}],
    });
    std::fs::write(set.join("labels.json"), coco.to_string()).expect("labels");
    let archive = stage.folder("archive");
    stage.run(&[], &["import", "coco", text(&set.join("labels.json")), "--out", text(&archive)]).is(0);
    (archive, sha256(&std::fs::read(set.join("large.bmp")).expect("picture")))
}

const FORMATS: &str = "coco,yolo";

#[test]
fn an_export_in_a_store_is_what_one_on_this_computer_is() {
    for kind in Kind::ALL {
        let Some(store) = Running::start(kind, "an_export_in_a_store_is_what_one_on_this_computer_is") else { return };
        let stage = Stage::new("9");
        let here = stage.folder("here");
        stage.run(&[], &["export", "--format", FORMATS, "--out", text(&here)]).is(0);
        let address = store.address("sets/forks").to_string();
        let ran = stage.run(store.variables(), &["export", "--format", FORMATS, "--json", "--out", &address]).is(0);
        let report: Value = serde_json::from_str(&ran.out).expect("JSON");
        assert_eq!((&report["folder"], &report["imagesOut"]), (&Value::from(address.as_str()), &Value::from(9)));
        let objects = store.objects("sets/forks/");
        assert_eq!(below("sets/forks", &objects), files(&here));
        assert_eq!(objects["sets/forks/manifest.json"].kind, "application/json");
        assert!(stage.left().is_empty(), "the work folder is gone");
        // Neither in what was said nor in what was kept or uploaded.
        let secret = store.secret();
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret));
        let kept = std::fs::read_dir(stage.home.path()).expect("home").count();
        assert!(kept > 0);
        for name in files(stage.home.path()).keys() {
            let bytes = std::fs::read(stage.home.path().join(name)).expect("file");
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{name}");
        }
        // Once more to the same place: refused, and nothing is touched.
        for more in [&[][..], &["--resume"]] {
            let arguments = [&["export", "--format", FORMATS, "--out", &address], more].concat();
            stage.run(store.variables(), &arguments).is(1).says("already objects below");
        }
        assert_eq!(store.objects("sets/forks/"), objects);
        assert!(stage.left().is_empty());
        let ran =
            stage.run(store.variables(), &["export", "--format", "csv", "--out", &store.address("sets").to_string()]);
        ran.is(1).says("Choose another prefix");
        // Nor inside it, as in a folder.
        for (command, inside) in
            [(&["archive"][..], "sets/forks/more"), (&["export", "--format", "csv"], "sets/forks/a/b")]
        {
            let inside = store.address(inside).to_string();
            let ran = stage.run(store.variables(), &[command, &["--out", &inside]].concat()).is(1);
            ran.says(&format!("{inside} is inside the export {address}.")).says("Choose a location outside it.");
        }
        assert_eq!(store.objects("sets/forks/"), objects);
        assert!(stage.left().is_empty());
        stage.run(store.variables(), &["verify", &address]).is(0);
        // A manifest of another program is in nobody's way.
        let theirs = stage.folder("manifest.json");
        std::fs::write(&theirs, r#"{"format": "another"}"#).expect("file");
        store.put("sets/manifest.json", &theirs);
        stage
            .run(store.variables(), &["export", "--format", "csv", "--out", &store.address("sets/csv").to_string()])
            .is(0);
    }
}

#[test]
fn an_archive_in_a_store_is_complete() {
    for kind in Kind::ALL {
        let Some(store) = Running::start(kind, "an_archive_in_a_store_is_complete") else { return };
        let stage = Stage::new("9");
        let here = stage.folder("here");
        stage.run(&[], &["archive", "--iterations", "--out", text(&here)]).is(0);
        let address = store.address("archive").to_string();
        let ran = stage.run(store.variables(), &["archive", "--iterations", "--out", &address]).is(0);
        assert_eq!(ran.out.trim(), address);
        let objects = store.objects("archive/");
        let found = below("archive", &objects);
        let expected = files(&here);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (name, sha256) in
            expected.iter().filter(|(name, _)| !["manifest.json", "REPORT.md"].contains(&name.as_str()))
        {
            assert_eq!(&found[name], sha256, "{name}");
        }
        assert!(stage.left().is_empty());
        // No update in place.
        stage.run(store.variables(), &["archive", "--out", &address]).is(1).says("already objects below");
        assert_eq!(store.objects("archive/"), objects);
    }
}

#[test]
fn a_file_of_several_parts_arrives_whole() {
    for kind in Kind::ALL {
        let Some(store) = Running::start(kind, "a_file_of_several_parts_arrives_whole") else { return };
        let stage = Stage::new("1");
        let (archive, picture) = large(&stage);
        let address = store.address("large").to_string();
        stage
            .run(store.variables(), &["export", "--source", text(&archive), "--format", "coco", "--out", &address])
            .is(0);
        let objects = store.objects("large/");
        let largest = objects.values().max_by_key(|found| found.bytes).expect("objects");
        assert!(largest.bytes > 17 << 20, "{objects:?}");
        assert_eq!(largest.sha256, picture);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_several_parts_that_was_killed_half_way_is_sent_again() {
    killed_half_way(Kind::S3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_several_parts_that_was_killed_half_way_is_sent_again_in_google() {
    killed_half_way(Kind::Google).await;
}

async fn killed_half_way(kind: Kind) {
    let Some(store) = Running::start(kind, "a_file_of_several_parts_that_was_killed_half_way") else { return };
    let stage = Stage::new("1");
    let (archive, picture) = large(&stage);
    let address = store.address("large").to_string();
    let arguments = ["export", "--source", text(&archive), "--format", "coco", "--out", &address];
    let wire = Wire::to(origin_of(&store), 8 << 20, End::Hold).await;
    let mut child =
        stage.command(&through(&store, &wire.origin), &arguments).stderr(Stdio::null()).spawn().expect("run");
    wire.ended().await;
    child.kill().expect("kill");
    child.wait().expect("wait");
    let held = store.objects("large/images/");
    assert!(held.values().all(|object| object.bytes == 0) && held.len() == 1, "its name is held: {held:?}");
    stage.run(store.variables(), &[&arguments[..], &["--resume"]].concat()).is(0);
    let objects = store.objects("large/");
    assert!(objects.values().any(|object| object.sha256 == picture), "{objects:?}");
    assert!(stage.left().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_network_leaves_no_manifest_and_the_next_run_continues() {
    lost_network(Kind::S3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_network_leaves_no_manifest_and_the_next_run_continues_in_google() {
    lost_network(Kind::Google).await;
}

async fn lost_network(kind: Kind) {
    let Some(store) = Running::start(kind, "a_lost_network_leaves_no_manifest_and_the_next_run_continues") else {
        return;
    };
    let stage = Stage::new("30");
    let here = stage.folder("here");
    stage.run(&[], &["export", "--format", FORMATS, "--out", text(&here)]).is(0);
    let bytes: u64 = files(&here).keys().map(|name| here.join(name).metadata().expect("facts").len()).sum();
    let wire = Wire::to(origin_of(&store), bytes as i64 / 2, End::Break).await;
    let address = store.address("forks").to_string();
    let arguments = ["export", "--format", FORMATS, "--out", &address];
    let ran = stage.run(&through(&store, &wire.origin), &arguments).is(4);
    let remove = if kind == Kind::S3 { "aws s3 rm --recursive 's3://" } else { "gcloud storage rm 'gs://" };
    let ran = ran.says("Continue with --resume").says(remove);
    assert!(!ran.err.contains(store.secret()));
    let before = store.objects("forks/");
    assert!(!before.is_empty() && !before.contains_key("forks/manifest.json"), "{before:?}");
    assert_eq!(stage.left().len(), 1);
    stage.run(store.variables(), &arguments).is(1).says("--resume");
    let ran = stage.run(store.variables(), &[&arguments[..], &["--resume"]].concat()).is(0);
    assert_eq!(ran.out.trim(), address);
    assert_eq!(below("forks", &store.objects("forks/")), files(&here));
    assert!(stage.left().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_upload_continues_and_an_object_that_differs_is_refused_by_its_name() {
    let Some(store) = Running::start(Kind::S3, "a_killed_upload_continues") else { return };
    let stage = Stage::new("30");
    let address = store.address("forks").to_string();
    let arguments = ["export", "--format", FORMATS, "--out", &address];
    let wire = Wire::to(origin_of(&store), 200_000, End::Hold).await;
    let mut child =
        stage.command(&through(&store, &wire.origin), &arguments).stderr(Stdio::null()).spawn().expect("run");
    wire.ended().await;
    child.kill().expect("kill");
    child.wait().expect("wait");
    let before = store.objects("forks/");
    assert!(!before.is_empty() && !before.contains_key("forks/manifest.json"), "{before:?}");
    // Another program puts something else in the place of one of them.
    let name = before.keys().find(|name| name.ends_with(".jpg")).or(before.keys().next()).expect("an object").clone();
    let other = stage.folder("other");
    std::fs::write(&other, "theirs").expect("file");
    store.put(&name, &other);
    let resumed = [&arguments[..], &["--resume"]].concat();
    stage.run(store.variables(), &resumed).is(1).says(&name);
    let theirs = store.objects(&name)[&name].clone();
    assert_eq!(theirs.sha256, sha256(b"theirs"));
    assert!(!store.objects("forks/").contains_key("forks/manifest.json"));
    // Other choices are another export.
    let other = ["export", "--format", "csv", "--resume", "--out", &address];
    let ran = stage.run(store.variables(), &other).is(1).says("formats coco,yolo (not csv)").says("--resume");
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    store.remove(&name);
    stage.run(store.variables(), &resumed).is(0);
    let here = stage.folder("here");
    stage.run(&[], &["export", "--format", FORMATS, "--out", text(&here)]).is(0);
    assert_eq!(below("forks", &store.objects("forks/")), files(&here));
    assert!(stage.left().is_empty());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_is_interrupted_on_its_way_says_so_once() {
    let Some(store) = Running::start(Kind::S3, "an_archive_that_is_interrupted_on_its_way_says_so_once") else {
        return;
    };
    let stage = Stage::new("30");
    let address = store.address("forks").to_string();
    let wire = Wire::to(origin_of(&store), 200_000, End::Hold).await;
    let mut command = stage.command(&through(&store, &wire.origin), &["archive", "--out", &address]);
    command.env_remove("TAGSCOPE_LOG").stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().expect("run");
    wire.ended().await;
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(signal.success());
    let ran = Ran::of(&child.wait_with_output().expect("end")).is(1);
    let kept = format!("Complete files are kept in {}.", stage.left()[0].display());
    assert_eq!(ran.err.matches("kept").count(), 1, "{}", ran.err);
    assert_eq!(ran.err.matches("--resume").count(), 1, "{}", ran.err);
    assert!(ran.err.contains(&kept) && ran.err.contains("aws s3 rm"), "{}", ran.err);
}

#[test]
fn tables_of_azure_ml_name_the_pictures_in_their_container() {
    let Some(store) = Running::start(Kind::Azure, "tables_of_azure_ml_name_the_pictures_in_their_container") else {
        return;
    };
    let stage = Stage::new("6");
    let address = store.address("sets/forks").to_string();
    stage.run(store.variables(), &["export", "--format", "azureml,coco", "--out", &address]).is(0);
    let objects = store.objects("sets/forks/");
    let list = store.read("sets/forks/azureml/training-mltable-folder/train_annotations.jsonl");
    let start = "wasbs://testing@devstoreaccount1.blob.core.windows.net/";
    let mut count = 0;
    for line in String::from_utf8(list).expect("UTF-8").lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let url = line["image_url"].as_str().expect("address");
        let name = url.strip_prefix(start).unwrap_or_else(|| panic!("{url}"));
        assert!(objects.contains_key(name), "{name} is not in {:?}", objects.keys());
        count += 1;
    }
    assert_eq!(count, 6);
}

#[test]
fn pyarrow_reads_parquet_where_it_is() {
    let Some(store) = Running::start(Kind::S3, "pyarrow_reads_parquet_where_it_is") else { return };
    let stage = Stage::new("6");
    let address = store.address("table").to_string();
    let ran = stage.run(store.variables(), &["export", "--format", "parquet", "--json", "--out", &address]).is(0);
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    let Some(found) = store.parquet("table", "pyarrow_reads_parquet_where_it_is") else { return };
    assert_eq!((&found["images"], &found["regions"]), (&report["imagesOut"], &report["regionsOut"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_said_before_anything_is_downloaded() {
    let stage = Stage::new("3");
    let export = |variables: &[(&str, &str)], address: &str| {
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        stage.run(&variables, &["export", "--format", "coco", "--out", address])
    };
    export(&[], "s3:/bucket/forks").is(2).says("type s3://bucket/forks");
    let ran = export(&[], "https://acc.blob.core.windows.net/c/p?sig=SECRET").is(2).says("AZURE_STORAGE_SAS_TOKEN");
    assert!(!ran.err.contains("SECRET"));
    export(&[], "az://pictures/forks").is(2).says("AZURE_STORAGE_ACCOUNT_NAME");
    let nobody = Script::start(|_, _| reply(404, "")).await;
    let metadata = [("AWS_METADATA_ENDPOINT", nobody.origin.as_str()), ("AWS_REGION", "us-east-1")];
    export(&metadata, "s3://bucket/forks").is(3).says("AWS_PROFILE");
    let clock = Script::start(|_, _| reply(403, "<Error><Code>RequestTimeTooSkewed</Code></Error>")).await;
    let keys = [
        ("AWS_ENDPOINT_URL", clock.origin.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "SECRETSECRET"),
    ];
    let ran = export(&keys, "s3://bucket/forks").is(3).says("clock");
    assert!(!ran.err.contains("SECRET"));
    let lost = Script::start(|_, _| reply(404, "<Error><Code>NoSuchBucket</Code></Error>")).await;
    let keys = keys.map(|(name, value)| (name, if name == "AWS_ENDPOINT_URL" { lost.origin.as_str() } else { value }));
    export(&keys, "s3://nowhere/forks").is(3).says("no such bucket");
    assert!(stage.left().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_looked_at_before_the_project_is_listed() {
    let Some(store) = Running::start(Kind::S3, "a_place_is_looked_at_before_the_project_is_listed") else { return };
    let service = Script::start(|_, _| reply(500, "")).await;
    let mut stage = Stage::new("1");
    stage.endpoint.clone_from(&service.origin);
    let file = stage.folder("file");
    std::fs::write(&file, "theirs").expect("file");
    store.put("full/x", &file);
    let lost = store.address("").join("").to_string().replace("testing", "nowhere");
    let nobody = Script::start(|_, _| reply(404, "")).await;
    let metadata = [("AWS_METADATA_ENDPOINT".to_owned(), nobody.origin.clone())];
    let jobs = [
        (
            &["export", "--format", "coco"][..],
            export_of(&[Format::Coco]),
            "--format=csv",
            "formats coco (not coco,csv)",
        ),
        (&["archive"], archive_of(), "--iterations", "iterations no (not yes)"),
    ];
    for (command, purpose, other, words) in jobs {
        let to = |variables: &[(String, String)], address: &str| {
            stage.run(variables, &[command, &["--out", address]].concat())
        };
        to(store.variables(), &store.address("full").to_string()).is(1).says("already objects below");
        to(store.variables(), &lost).is(3).says("no such bucket");
        to(&metadata, "s3://testing/forks").is(3).says("AWS_PROFILE");
        assert!(service.requests().is_empty(), "{:?}", service.requests());
        // What an interrupted run left is looked at as well.
        let work = UploadWork::begin(&stage.home.path().join("cache/uploads"), "s3://testing/left", &purpose, false)
            .expect("begun");
        std::fs::create_dir(work.result()).expect("result");
        work.set_built(&purpose, &"report").expect("noted");
        let folder = work.folder().display().to_string();
        assert!(work.leave());
        let ran = to(store.variables(), "s3://testing/left").is(1).says("aws s3 rm --recursive 's3://testing/left/'");
        assert!(ran.says("Resume it (--resume)").says(&folder).err.contains("To start over"));
        // So are its choices.
        let resumed = [command, &[other, "--resume", "--out", "s3://testing/left"]].concat();
        stage.run(store.variables(), &resumed).is(1).says(words).says(&folder);
        assert!(service.requests().is_empty(), "{:?}", service.requests());
        std::fs::remove_dir_all(folder).expect("removed");
        assert!(stage.left().is_empty());
    }
}

#[test]
fn what_is_in_a_store_is_verified_where_it_is() {
    for kind in Kind::ALL {
        let Some(store) = Running::start(kind, "what_is_in_a_store_is_verified_where_it_is") else { return };
        let stage = Stage::new("9");
        let (archive, export) = (store.address("archive").to_string(), store.address("export").to_string());
        stage.run(store.variables(), &["archive", "--out", &archive]).is(0);
        stage.run(store.variables(), &["export", "--format", FORMATS, "--out", &export]).is(0);
        let same = stage.run(store.variables(), &["diff", &archive, "service:", "--exit-code"]).is(0);
        assert!(same.out.contains("no differences"), "{}", same.out);
        stage.run(store.variables(), &["verify", &archive]).is(0).says("The archive is complete");
        let ran = stage.run(store.variables(), &["verify", &export, "--json"]).is(0).says("The export is complete");
        let report: Value = serde_json::from_str(&ran.out).expect("JSON");
        assert_eq!((&report["kind"], &report["images"]), (&Value::from("export"), &Value::from(9)));
        assert_eq!(report["files"].as_u64().expect("files"), store.objects("export/").len() as u64);
        assert_eq!(report["folder"], Value::from(export.as_str()));
        let other = stage.folder("other");
        std::fs::write(&other, "theirs").expect("file");
        store.put("export/more.txt", &other);
        store.put("export/README.txt", &other);
        store.remove("export/annotations/instances_default.json");
        let ran = stage.run(store.variables(), &["verify", &export]).is(1);
        let expected = ["README.txt\tis not", "annotations/instances_default.json\tis missing", "more.txt\tis not"];
        let lines: Vec<_> = ran.out.lines().collect();
        assert!(expected.iter().zip(&lines).all(|(start, line)| line.starts_with(start)), "{lines:?}");
        assert_eq!(lines.len(), expected.len(), "{lines:?}");
        assert!(!ran.err.contains(store.secret()));
    }
}

#[test]
fn google_wants_the_right_to_delete_for_a_file_of_several_parts() {
    let test = "google_wants_the_right_to_delete_for_a_file_of_several_parts";
    let Some(store) = Running::start_with(Kind::Google, test, &["--may-not-replace"]) else { return };
    let stage = Stage::new("1");
    let (archive, _) = large(&stage);
    let address = store.address("large").to_string();
    let ran =
        stage.run(store.variables(), &["export", "--source", text(&archive), "--format", "coco", "--out", &address]);
    ran.is(3).says("is denied").says("16 MiB").says("Continue with --resume");
    assert!(!store.objects("large/").contains_key("large/manifest.json"));
    // What is smaller needs no such right.
    let small = store.address("small").to_string();
    stage.run(store.variables(), &["export", "--format", "coco", "--out", &small]).is(0);
}
