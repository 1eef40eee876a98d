//! The commands: the binary itself against its own built-in service, in a home folder of its own.

mod check;
mod datasets;
mod diff;
mod doctor;
mod evaluate;
mod in_place;
#[cfg(unix)]
mod interrupts;
mod messages;
mod places;
mod proxies;
mod query;
mod reviews;
mod splits;
pub mod unfinished;
mod waits;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use secrecy::ExposeSecret as _;
use serde_json::Value;
use tagscope::server::{ServeOptions, ServedProject};

use crate::watched::Watched;
use datasets::coco;

/// A home folder, and the running sample.
struct Stage {
    home: tempfile::TempDir,
    served: Option<Served>,
}

struct Served {
    /// The program's own `serve`, or a service of this process.
    child: Option<Child>,
    _watched: Option<Watched>,
    endpoint: String,
    project: String,
    key: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self { status: output.status.code().expect("status"), out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    fn is(self, status: i32) -> Self {
        assert_eq!(self.status, status, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect("JSON")
    }
}

impl Stage {
    fn empty() -> Self {
        Self { home: tempfile::tempdir().expect("home"), served: None }
    }

    /// With the sample project served.
    fn sample(arguments: &[&str]) -> Self {
        let number = |name: &str| {
            let value = arguments.iter().position(|argument| *argument == name).map(|at| arguments[at + 1]);
            value.map(|text| text.parse().expect("number"))
        };
        let content =
            ServedProject::Sample { images: number("--images").expect("--images"), regions: number("--regions") };
        let watched = Watched::start(content, ServeOptions::default());
        let served = Served {
            endpoint: watched.endpoint().to_owned(),
            project: watched.project_id().to_string(),
            key: watched.training_key().expose_secret().to_owned(),
            child: None,
            _watched: Some(watched),
        };
        Self { served: Some(served), ..Self::empty() }
    }

    fn serve(&self, arguments: &[&str]) -> Served {
        let mut child = self.command(arguments).stdout(Stdio::piped()).spawn().expect("start");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("first line");
        let hello: Value = serde_json::from_str(&line).expect("JSON");
        let text = |name: &str| hello[name].as_str().expect(name).to_owned();
        assert!(!text("projectName").is_empty());
        Served {
            child: Some(child),
            _watched: None,
            endpoint: text("endpoint"),
            project: text("projectId"),
            key: text("trainingKey"),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagscope"));
        command.args(arguments).env("TAGSCOPE_HOME", self.home.path()).stdin(Stdio::null());
        // No keychain and no display of the person who runs the tests.
        for name in ["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"] {
            command.env_remove(name);
        }
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        command.env_remove("VISION_TRAINING_KEY").env_remove("VISION_TRAINING_ENDPOINT");
        if let Some(served) = &self.served {
            command.env("VISION_TRAINING_KEY", &served.key).env("VISION_TRAINING_ENDPOINT", &served.endpoint);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("run"))
    }

    fn served(&self) -> &Served {
        self.served.as_ref().expect("served")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8 path")
}

#[test]
fn projects_iterations_and_tags_are_listed_in_the_services_own_names() {
    let stage = Stage::sample(&["--images", "12"]);
    let projects = stage.run(&["projects", "--json"]).is(0).json();
    assert_eq!(projects[0]["id"], stage.served().project.as_str());
    assert!(projects[0]["settings"]["domainId"].is_string());
    let name = projects[0]["name"].as_str().expect("name").to_owned();
    let row = stage.run(&["projects"]).is(0);
    assert!(row.lines()[0].contains(&name) && row.lines()[0].contains("detection"), "{}", row.out);
    let tags = stage.run(&["tags", "--project", &name, "--json"]).is(0).json();
    assert!(tags.as_array().expect("tags").iter().all(|tag| tag["id"].is_string() && tag["imageCount"].is_u64()));
    assert!(stage.run(&["iterations", "--project", &name.to_uppercase(), "--json"]).is(0).json().is_array());
}

#[test]
fn images_are_listed_counted_and_cut_to_any_window() {
    let stage = Stage::sample(&["--images", "600", "--regions", "2"]);
    let all = stage.run(&["images", "--jsonl"]).is(0);
    let ids: Vec<String> = all.lines().iter().map(|line| id_of(line)).collect();
    assert_eq!(ids.len(), 600);
    assert!(!all.out.contains("sig="), "no signature");
    assert!(all.out.contains("\"originalImageUri\":\"http"));
    assert_eq!(stage.run(&["images", "--count"]).is(0).out, "600\n");
    let window = stage.run(&["images", "--jsonl", "--skip", "250", "--take", "300"]).is(0);
    assert_eq!(window.lines().iter().map(|line| id_of(line)).collect::<Vec<_>>(), ids[250..550]);
    let oldest = stage.run(&["images", "--jsonl", "--order", "oldest", "--take", "1"]).is(0);
    let first: Value = serde_json::from_str(&oldest.out).expect("JSON");
    let newest: Value = serde_json::from_str(all.lines()[0]).expect("JSON");
    assert!(first["created"].as_str() < newest["created"].as_str());
    assert_eq!(stage.run(&["images", "--take", "3"]).is(0).lines().len(), 3);
    for skip in ["600", "2147483648", "18446744073709551615"] {
        assert_eq!(stage.run(&["images", "--skip", skip, "--take", "18446744073709551615"]).is(0).out, "");
    }
}

fn id_of(line: &str) -> String {
    let row: Value = serde_json::from_str(line).expect("JSON");
    row["id"].as_str().expect("id").to_owned()
}

#[test]
fn tags_are_taken_by_name_or_id_and_united() {
    let stage = Stage::sample(&["--images", "60"]);
    let tags = stage.run(&["tags", "--json"]).is(0).json();
    let tags: Vec<(&str, &str, u64)> = tags
        .as_array()
        .expect("tags")
        .iter()
        .map(|tag| {
            (
                tag["id"].as_str().expect("id"),
                tag["name"].as_str().expect("name"),
                tag["imageCount"].as_u64().expect("count"),
            )
        })
        .filter(|tag| tag.2 > 0)
        .collect();
    let (a, b) = (tags[0], tags[1]);
    let count = |arguments: &[&str]| -> u64 {
        let mut all = vec!["images", "--count"];
        all.extend(arguments);
        stage.run(&all).is(0).out.trim().parse().expect("number")
    };
    assert_eq!(count(&["--tag", a.1]), a.2);
    assert_eq!(count(&["--tag", a.0]), a.2);
    let both = count(&["--tag", a.1, "--tag", b.0]);
    assert!(both >= a.2.max(b.2) && both <= a.2 + b.2);
}

#[test]
fn names_that_are_not_there_end_with_3_and_tell_the_near_ones() {
    let stage = Stage::sample(&["--images", "12"]);
    let tags = stage.run(&["tags", "--json"]).is(0).json();
    let name = tags[0]["name"].as_str().expect("name");
    let ran = stage.run(&["images", "--tag", &format!("{name}x"), "--count"]).is(3);
    assert!(ran.err.contains(name) && ran.out.is_empty(), "{}", ran.err);
    stage.run(&["tags", "--project", "no such project"]).is(3);
    stage.run(&["tags", "--project", "00000000-0000-0000-0000-00000000dead"]).is(3);
    stage.run(&["tags", "--iteration", "no such iteration"]).is(3);
}

#[test]
fn a_refused_key_ends_with_3_and_no_service_with_4() {
    let stage = Stage::sample(&["--images", "12"]);
    let mut command = stage.command(&["projects"]);
    let wrong = Ran::of(command.env("VISION_TRAINING_KEY", "0123456789abcdef0123456789abcdef").output().expect("run"));
    assert!(wrong.is(3).err.contains("does not accept this key"));
    let none = Ran::of(stage.command(&["projects"]).env_remove("VISION_TRAINING_KEY").output().expect("run")).is(3);
    assert!(none.err.contains("no key"), "{}", none.err);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let nobody = format!("http://{}", listener.local_addr().expect("address"));
    drop(listener);
    let away = stage.run(&["projects", "--quiet", "--endpoint", &nobody]).is(4);
    assert!(away.err.contains("cannot be reached"), "{}", away.err);
}

#[test]
fn wrong_usage_ends_with_2() {
    let stage = Stage::empty();
    stage.run(&["images", "--no-such-option"]).is(2);
    stage.run(&["no-such-command"]).is(2);
    stage.run(&["images", "--count", "--take", "1"]).is(2);
    assert!(stage.run(&["projects"]).is(2).err.contains("--endpoint"));
    stage.run(&["projects", "--endpoint", "westus.api.cognitive.microsoft.com"]).is(2);
    stage.run(&["projects", "--endpoint", "https://h", "--source", "d"]).is(2);
    stage.run(&["serve"]).is(2);
    stage.run(&["serve", "dir", "--sample"]).is(2);
    stage.run(&["export", "--format", "coco"]).is(2);
    stage.run(&["export", "--format", "yolo", "--out", "x"]).is(2);
}

#[test]
fn every_command_has_help_with_an_example() {
    let stage = Stage::empty();
    let commands = [
        "demo",
        "key",
        "key set",
        "key status",
        "key remove",
        "projects",
        "iterations",
        "tags",
        "images",
        "export",
        "import",
        "serve",
        "completions",
        "man",
    ];
    for command in commands {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.push("--help");
        let help = stage.run(&arguments).is(0);
        assert!(
            help.out.contains("Example") && help.out.contains(&format!("tagscope {command}")),
            "{command}: {}",
            help.out
        );
    }
    assert!(stage.run(&["--help"]).is(0).out.contains("Exit status"));
    let version = format!("tagscope {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(stage.run(&["-V"]).is(0).out, version);
    let long = stage.run(&["--version"]).is(0).out;
    let heads: Vec<_> = long.lines().skip(1).filter_map(|line| line.split_once(": ")).map(|(head, _)| head).collect();
    assert!(long.starts_with(&version) && heads == ["commit", "target", "features"], "{long}");
    assert!(stage.run(&["completions", "bash"]).is(0).out.contains("export"));
    let man = stage.run(&["man"]).is(0).out;
    assert!(man.starts_with(".ie") && !man.contains("commit:"), "a page is the same for all builds of a version");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let stage = Stage::sample(&["--images", "1500", "--regions", "10"]);
    let mut child = stage
        .command(&["images", "--jsonl", "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start");
    let mut line = String::new();
    let mut out = BufReader::with_capacity(100, child.stdout.take().expect("stdout"));
    out.read_line(&mut line).expect("line");
    drop(out);
    let ran = Ran::of(child.wait_with_output().expect("end")).is(0);
    assert_eq!(ran.err, "");
}

#[test]
fn quiet_says_nothing_and_data_stays_apart() {
    let stage = Stage::sample(&["--images", "12"]);
    assert_eq!(stage.run(&["images", "--jsonl", "--quiet"]).is(0).err, "");
    let ran = stage.run(&["images", "--jsonl"]).is(0);
    assert!(ran.err.contains("Listing") && ran.lines().iter().all(|line| line.starts_with("{\"id\":")));
}

#[test]
fn a_key_is_read_from_standard_input_and_never_echoed() {
    let stage = Stage::empty();
    let key = "0123456789abcdef0123456789abcdef";
    let endpoint = "http://127.0.0.1:9";
    let set = |input: &str| {
        let mut child = stage
            .command(&["key", "set", "--endpoint", endpoint])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("start");
        child.stdin.take().expect("stdin").write_all(input.as_bytes()).expect("write");
        Ran::of(child.wait_with_output().expect("end"))
    };
    set("").is(2);
    set("two words").is(2);
    // There is no keychain here: it says so, and does not pretend.
    let ran = set(&format!("{key}\n")).is(1);
    assert!(ran.err.contains("keychain") && !ran.err.contains(key), "{}", ran.err);
    assert_eq!(stage.run(&["key", "status", "--endpoint", endpoint]).is(0).out, "none\n");
    let mut command = stage.command(&["key", "status", "--endpoint", endpoint]);
    assert_eq!(Ran::of(command.env("VISION_TRAINING_KEY", key).output().expect("run")).is(0).out, "environment\n");
}

#[test]
fn what_is_no_archive_ends_with_1() {
    let stage = Stage::empty();
    let empty = stage.path("empty");
    std::fs::create_dir(&empty).expect("folder");
    stage.run(&["images", "--source", text(&empty)]).is(1);
    stage.run(&["serve", text(&empty)]).is(1);
    let gone = stage.path("gone");
    assert!(stage.run(&["images", "--source", text(&gone)]).is(1).err.contains("does not exist"));
    stage.run(&["serve", text(&gone)]).is(1);
    stage.run(&["import", "coco", text(&gone), "--out", text(&stage.path("x"))]).is(1);
    stage.run(&["import", "coco", text(&empty), "--out", text(&stage.path("x"))]).is(1);
    assert!(!stage.path("x").exists());
}

/// An archive of three images, and the text of its rows.
fn archive(stage: &Stage) -> (PathBuf, String) {
    let (file, photos) = coco(stage, true);
    let archive = stage.path("archive");
    stage.run(&["import", "coco", text(&file), "--images", text(&photos), "--out", text(&archive)]).is(0);
    let rows = std::fs::read_to_string(archive.join("images.jsonl")).expect("rows");
    (archive, rows)
}

#[test]
fn a_region_that_cannot_be_read_is_itemized() {
    let stage = Stage::empty();
    let (archive, rows) = archive(&stage);
    std::fs::write(archive.join("images.jsonl"), rows.replacen("\"left\":", "\"left\":\"x\",\"was\":", 1))
        .expect("rows");
    let listed = stage.run(&["images", "--jsonl", "--source", text(&archive)]).is(5);
    assert_eq!(listed.lines().len(), 3);
    assert!(listed.err.contains("Region 1 could not be read"), "{}", listed.err);
    let out = stage.path("out");
    let ran = stage.run(&["export", "--format", "coco,jsonl", "--source", text(&archive), "--out", text(&out)]).is(5);
    assert!(ran.err.contains("region number 1 in the list: The region could not be read"), "{}", ran.err);
    assert!(ran.err.contains("3 of 3 images and 2 of 3 regions"), "{}", ran.err);
    let report = std::fs::read_to_string(out.join("REPORT.md")).expect("report");
    assert!(report.contains("The region could not be read") && report.contains("| regions | 3 | 2 |"), "{report}");
}

#[test]
fn an_empty_project_is_listed_and_exported() {
    let stage = Stage::sample(&["--images", "0"]);
    assert_eq!(stage.run(&["images", "--count"]).is(0).out, "0\n");
    assert_eq!(stage.run(&["images", "--jsonl"]).is(0).out, "");
    let out = stage.path("out");
    let ran = stage.run(&["export", "--format", "coco,jsonl", "--out", text(&out)]).is(0);
    assert!(ran.err.contains("0 of 0 images"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(out.join("images.jsonl")).expect("rows"), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_window_without_a_display_is_explained() {
    let ran = Stage::empty().run(&["demo"]).is(1);
    assert!(ran.err.contains("no display") && ran.err.contains("tagscope --help"), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_is_printed_byte_for_byte() {
    use std::os::unix::ffi::OsStrExt as _;

    let stage = Stage::empty();
    let (archive, _) = archive(&stage);
    let out = stage.home.path().join(std::ffi::OsStr::from_bytes(b"n\xff"));
    let mut command = stage.command(&["export", "--format", "coco", "--source", text(&archive), "--out"]);
    let printed = command.arg(&out).output().expect("run").stdout;
    assert_eq!(printed.strip_suffix(b"\n"), Some(out.as_os_str().as_bytes()));
}

#[cfg(unix)]
#[test]
fn too_few_open_files_are_said_before_any_work() {
    let stage = Stage::empty();
    let (file, photos) = coco(&stage, true);
    let out = stage.path("archive");
    let inner = stage.command(&["import", "coco", text(&file), "--images", text(&photos), "--out", text(&out)]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 12; exec \"$0\" \"$@\""]).arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let ran = shell.output().expect("run");
    let words = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{words}");
    assert!(words.contains("more files, but it needs 28") && words.contains("ulimit -n"), "{words}");
    assert!(!out.exists());
}

#[test]
fn queries_over_an_archive_measure_in_pixels_of_the_originals() {
    let stage = Stage::empty();
    let (file, photos) = coco(&stage, true);
    // Listed as the service would: at most 1600 x 900.
    image::RgbImage::new(4_000, 3_000).save(photos.join("photo_1.png")).expect("picture");
    let dataset = std::fs::read_to_string(&file).expect("dataset");
    let mut dataset: Value = serde_json::from_str(&dataset).expect("json");
    (dataset["images"][1]["width"], dataset["images"][1]["height"]) = (4_000.into(), 3_000.into());
    std::fs::write(&file, dataset.to_string()).expect("dataset");
    let archive = stage.path("archive");
    stage.run(&["import", "coco", text(&file), "--images", text(&photos), "--out", text(&archive)]).is(0);
    assert!(std::fs::read_to_string(archive.join("images.jsonl")).expect("rows").contains("\"width\":1200"));
    let count = |query: &str| stage.run(&["images", "--count", "--query", query, "--source", text(&archive)]).is(0).out;
    assert_eq!(count("w=4000"), "1\n");
    assert_eq!(count("w=1200 or size:1200x900"), "0\n");
    // The box is 20 x 15 pixels of the original; at the listed size it would be 6 x 4.5.
    assert_eq!(count("rw=20px"), "3\n");
}
