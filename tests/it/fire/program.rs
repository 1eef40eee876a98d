//! The program itself under fire: exit status, words, and what is on standard output.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use secrecy::ExposeSecret as _;
use serde_json::Value;
use tagscope::server::ServedProject;

use super::range::{archive, sample, start};
use crate::watched::Watched;

/// A home folder of its own.
pub(super) struct Home(tempfile::TempDir);

pub(super) struct Ran {
    pub(super) status: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self { status: output.status.code().expect("status"), out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    pub(super) fn is(self, status: i32) -> Self {
        assert_eq!(self.status, status, "out: {:.2000}\nerr: {}", self.out, self.err);
        self
    }

    /// The words are on standard error, and nothing is on standard output.
    #[track_caller]
    fn says_only(self, words: &str) {
        assert!(self.err.contains(words), "{}", self.err);
        assert_eq!(self.out, "");
    }
}

impl Home {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().expect("home"))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program against a service, with the key in its environment. Neither key nor signature may be in what it says.
    pub(super) fn run(&self, service: &Watched, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        let key = service.training_key().expose_secret();
        command.env("VISION_TRAINING_KEY", key).env("VISION_TRAINING_ENDPOINT", service.endpoint());
        let ran = Ran::of(command.output().expect("run"));
        assert!(!ran.out.contains(key) && !ran.err.contains(key), "the key is in the output");
        assert!(!ran.out.contains("sig=") && !ran.err.contains("sig="), "a signature is in the output");
        ran
    }

    /// The program without a service.
    pub(super) fn run_alone(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("run"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagscope"));
        command.args(arguments).env("TAGSCOPE_HOME", self.0.path()).stdin(Stdio::null());
        // No keychain and no display of the person who runs the tests.
        for name in ["DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "VISION_TRAINING_KEY", "VISION_TRAINING_ENDPOINT"]
        {
            command.env_remove(name);
        }
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        command
    }
}

/// The files below a folder.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_can_be_made_good_changes_nothing_on_standard_output() {
    let home = Home::new();
    let list = |faults: &[&str]| {
        let service = sample(300, faults);
        let ran = home.run(&service, &["images", "--jsonl"]).is(0);
        // Ports differ from run to run.
        ran.out.replace(service.blob_origin(), "http://blobs")
    };
    let expected = list(&[]);
    assert_eq!(expected.lines().count(), 300);
    for fault in ["busy-every=3", "fail-every=4", "cut-every=3", "xml=wrapped"] {
        assert!(list(&[fault]) == expected, "{fault}");
    }
}

#[test]
fn what_cannot_ends_with_4_its_cause_and_nothing_else() {
    let home = Home::new();
    for (faults, words) in [
        (&["busy-every=1", "busy-says=seconds:7200"][..], "is limiting requests"),
        (&["fail-every=1", "fail-status=501"], "The service failed (501)"),
        (&["redirect-every=1"], "redirects to 127.0.0.1"),
        (&["page-every=1"], "web page was received"),
        (&["bad-json-every=1"], "The response could not be read"),
    ] {
        let service = sample(12, faults);
        home.run(&service, &["images", "--jsonl"]).is(4).says_only(words);
        home.run(&service, &["images", "--count"]).is(4).says_only(words);
        home.run(&service, &["tags", "--json"]).is(4).says_only(words);
        let out = home.path("never");
        home.run(&service, &["export", "--format", "coco", "--out", out.to_str().expect("path")])
            .is(4)
            .says_only(words);
        assert!(!out.exists(), "{faults:?}: something was published");
    }
}

#[test]
fn a_listing_that_breaks_off_is_not_passed_off_as_whole() {
    let home = Home::new();
    // The calls before the pages are fewer than this; a later page is a proxy's.
    let service = sample(3_000, &["page-every=12"]);
    let ran = home.run(&service, &["images", "--jsonl"]).is(4);
    assert!(ran.err.contains("web page was received"), "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines.len() < 3_000);
    // What is there are whole rows, so that a reader of the stream never meets half a one.
    assert!(lines.iter().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    let out = home.path("out");
    home.run(&service, &["export", "--format", "jsonl", "--images", "none", "--out", out.to_str().expect("path")])
        .is(4);
    assert!(!out.exists());
}

#[test]
fn a_refused_key_and_a_missing_project_end_with_3() {
    let home = Home::new();
    let service = sample(12, &["xml=wrapped"]);
    let mut command = home.command(&["projects", "--endpoint", service.endpoint()]);
    let ran = Ran::of(command.env("VISION_TRAINING_KEY", "0123456789abcdef0123456789abcdef").output().expect("run"));
    ran.is(3).says_only("does not accept this key");
    let nobody = "00000000-0000-4000-8000-00000000dead";
    home.run(&service, &["images", "--project", nobody, "--jsonl"]).is(3).says_only("there is no project");
}

#[test]
fn pictures_that_cannot_be_had_are_itemized_and_end_with_5() {
    let home = Home::new();
    let folder = home.path("archive");
    for (name, faults, words) in [
        ("missing", &["missing-every=4"][..], "The picture is missing"),
        ("huge", &["picture=huge-png", "picture-every=4"], ""),
        ("redirected", &["redirect-blobs-every=4"], "redirects to"),
    ] {
        let _ = std::fs::remove_dir_all(&folder);
        let service = start(ServedProject::Archive(archive(&folder, 12)), faults);
        let out = home.path(name);
        let ran = home.run(&service, &["export", "--format", "jsonl", "--out", out.to_str().expect("path")]).is(5);
        assert!(ran.err.contains(words), "{name}: {}", ran.err);
        assert_eq!(ran.out.trim(), out.to_str().expect("path"));
        // Three of the twelve are hit; each is told by its id.
        let told = ran.err.lines().filter(|line| line.contains("image 00000000-0000-4000-8000-")).count();
        assert!(told >= 3, "{name}: {}", ran.err);
    }
}

#[test]
fn when_no_picture_can_be_had_nothing_is_published() {
    let home = Home::new();
    let service = start(ServedProject::Archive(archive(&home.path("archive"), 12)), &["redirect-blobs-every=1"]);
    let out = home.path("out");
    let ran = home.run(&service, &["export", "--format", "coco", "--out", out.to_str().expect("path")]).is(4);
    ran.says_only("redirects to 127.0.0.1");
    assert!(!out.exists());
}

#[test]
fn rows_that_move_are_listed_once_each_or_said_to_be_incomplete() {
    let home = Home::new();
    let ids = |ran: &Ran| -> Vec<String> {
        let rows = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("a whole row"));
        rows.map(|row| row["id"].as_str().expect("id").to_owned()).collect()
    };
    let all = ids(&home.run(&sample(1_001, &[]), &["images", "--jsonl", "--quiet"]).is(0));
    for fault in ["add-every=1", "delete-every=1", "ties=shuffled"] {
        let service = sample(1_001, &[fault]);
        let ran = home.run(&service, &["images", "--jsonl", "--quiet"]);
        let found = ids(&ran);
        let once: HashSet<&String> = found.iter().collect();
        assert_eq!(once.len(), found.len(), "{fault}: a row came twice");
        // Those that were there from the beginning to the end: a tenth at most comes or goes.
        let missing = all[100..].iter().filter(|id| !once.contains(id)).count();
        match ran.status {
            0 => assert_eq!(missing, 0, "{fault}: passed off as whole"),
            _ => {
                let told = ran.is(5).err;
                assert!(told.contains("incomplete"), "{fault}: {told}");
            }
        }
    }
}

/// A child that ends with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn faults_are_switched_on_by_name_and_an_unknown_name_ends_with_2() {
    use std::io::BufRead as _;

    let home = Home::new();
    for wrong in ["rain=1", "busy-every", "busy-every=0", "xml=maybe"] {
        let ran = Ran::of(home.command(&["serve", "--sample", "--fault", wrong]).output().expect("run")).is(2);
        let words = ran.err;
        for fault in server::fault::FAULTS {
            assert!(words.contains(&format!("{}={}", fault.name, fault.value)), "{wrong}: {words}");
        }
        assert_eq!(ran.out, "");
    }
    let help = Ran::of(home.command(&["serve", "--help"]).output().expect("run")).is(0);
    assert!(!help.out.contains("--fault") && !help.out.contains("NAME=VALUE"), "{}", help.out);

    let mut command = home.command(&["serve", "--sample", "--images", "3", "--quiet", "--fault", "page-every=1"]);
    let mut serving = Serving(command.arg("--fault").arg("latency=1").stdout(Stdio::piped()).spawn().expect("start"));
    let mut line = String::new();
    let out = serving.0.stdout.take().expect("stdout");
    std::io::BufReader::new(out).read_line(&mut line).expect("first line");
    let hello: Value = serde_json::from_str(&line).expect("JSON");
    let mut command = home.command(&["projects", "--endpoint", hello["endpoint"].as_str().expect("endpoint")]);
    command.env("VISION_TRAINING_KEY", hello["trainingKey"].as_str().expect("key"));
    Ran::of(command.output().expect("run")).is(4).says_only("web page was received");
}
