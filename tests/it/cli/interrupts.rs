//! Ctrl+C and the system's request to end, sent to the real program.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Stage, text};

/// So long that only a hang exceeds it.
const PATIENCE: Duration = Duration::from_secs(120);

fn send(signal: &str, child: &Child) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
    assert!(status.success());
}

/// Waits for the end: the status, and what standard error said.
fn ended(mut child: Child) -> (i32, String) {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("wait") {
            let mut said = String::new();
            child.stderr.take().expect("stderr").read_to_string(&mut said).expect("UTF-8");
            return (status.code().expect("no signal has ended it"), said);
        }
        if began.elapsed() > PATIENCE {
            child.kill().expect("kill");
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Names in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("folder");
    entries.map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8")).collect()
}

#[test]
fn an_export_that_is_interrupted_leaves_nothing() {
    let stage = Stage::sample(&["--images", "3000", "--regions", "1"]);
    for signal in ["-INT", "-TERM"] {
        let place = stage.path("exports");
        std::fs::create_dir_all(&place).expect("folder");
        let out = place.join("out");
        let mut command = stage.command(&["export", "--format", "coco", "--out", text(&out)]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("start");
        let began = Instant::now();
        while !names(&place).iter().any(|name| name.contains("tagscope-")) {
            assert!(began.elapsed() < PATIENCE, "it does not begin");
            std::thread::sleep(Duration::from_millis(5));
        }
        send(signal, &child);
        let (status, said) = ended(child);
        assert_eq!(status, 1, "{said}");
        assert!(said.contains("Stopping") && said.contains("Nothing was exported."), "{said}");
        assert!(names(&place).is_empty(), "{:?}", names(&place));
    }
}

#[test]
fn an_archive_that_is_interrupted_says_once_what_is_kept() {
    let stage = Stage::sample(&["--images", "3000", "--regions", "1"]);
    let out = stage.path("archive");
    let hidden = stage.path(".archive.tagscope-unfinished");
    let mut command = stage.command(&["archive", "--no-thumbnails", "--out", text(&out)]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("start");
    let began = Instant::now();
    while !hidden.join("originals").is_dir() {
        assert!(began.elapsed() < PATIENCE, "it does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    send("-INT", &child);
    let (status, said) = ended(child);
    assert_eq!((status, said.matches("kept").count(), said.matches("--resume").count()), (1, 1, 1), "{said}");
    assert!(said.contains(&format!("Complete files are kept in {}.", hidden.display())), "{said}");
}

/// An import of a dataset that takes seconds to read, interrupted once: reading it is not interrupted.
#[cfg(target_os = "linux")]
fn interrupted_import(stage: &Stage) -> (Child, std::path::PathBuf) {
    let (dataset, out) = (stage.path("instances.json"), stage.path("imports/archive"));
    let images: Vec<String> =
        (1..400_000).map(|id| format!(r#"{{"id":{id},"file_name":"{id}.jpg","width":8,"height":8}}"#)).collect();
    let coco = format!(r#"{{"images":[{}],"categories":[],"annotations":[]}}"#, images.join(","));
    std::fs::write(&dataset, coco).expect("dataset");
    let mut command = stage.command(&["import", "coco", text(&dataset), "--out", text(&out)]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("start");
    wait_until_listening(&mut child);
    send("-INT", &child);
    let mut stderr = BufReader::with_capacity(1, child.stderr.take().expect("stderr"));
    // Lines of progress may come first.
    let mut said = String::new();
    while !said.contains("Ctrl+C again to quit") {
        assert_ne!(stderr.read_line(&mut said).expect("line"), 0, "it ended without an answer: {said}");
    }
    child.stderr = Some(stderr.into_inner());
    (child, out)
}

#[cfg(target_os = "linux")]
#[test]
fn an_import_that_is_interrupted_leaves_nothing() {
    let stage = Stage::empty();
    let (child, out) = interrupted_import(&stage);
    let (status, said) = ended(child);
    assert!(status == 1 && said.contains("Nothing was imported."), "{status}: {said}");
    let place = out.parent().expect("parent");
    assert!(!place.exists() || names(place).is_empty(), "{:?}", names(place));
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_request_ends_at_once() {
    let stage = Stage::empty();
    let (child, out) = interrupted_import(&stage);
    send("-INT", &child);
    assert_eq!(ended(child).0, 1);
    assert!(!out.exists());
}

/// Until the process has said to the system that it takes the interrupt itself.
#[cfg(target_os = "linux")]
fn wait_until_listening(child: &mut Child) {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().expect("wait") {
            panic!("it has ended: {status}");
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let mask = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
        if mask & 0b10 != 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("it does not listen");
}

#[test]
fn a_service_ends_cleanly() {
    for signal in ["-INT", "-TERM"] {
        let stage = Stage::empty();
        let mut command = stage.command(&["serve", "--sample", "--images", "3"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("start");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("line");
        assert!(line.contains("endpoint"));
        send(signal, &child);
        assert_eq!(ended(child).0, 0, "{signal}");
    }
}

#[test]
fn a_limit_of_file_sizes_is_a_failure_with_a_message() {
    let stage = Stage::sample(&["--images", "4", "--regions", "1"]);
    let commands: [(&[&str], &str); 2] =
        [(&["archive"], "4 images"), (&["export", "--format", "coco"], "4 of 4 images")];
    for (command, done) in commands {
        let out = stage.path(command[0]);
        let program = stage.command(&[command, &["--out", text(&out)]].concat());
        // A shell sets the limit for itself and becomes the program: 4 blocks of 512 or 1,024 bytes.
        let mut limited = Command::new("sh");
        limited.args(["-c", "ulimit -f 4; exec \"$@\"", "sh"]).arg(program.get_program()).args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        let output = limited.output().expect("run");
        let said = String::from_utf8_lossy(&output.stderr);
        // Ended by a signal there would be no status.
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("file size limit"), "{said}");
        assert!(!out.exists());
        // What it says of the files that are left is true.
        let hidden = out.with_file_name(format!(".{}.tagscope-unfinished", command[0]));
        let kept = format!("Complete files are kept in {}. Continue with --resume, or remove it.", hidden.display());
        assert_eq!(said.contains(&kept), hidden.is_dir(), "{said}");
        assert!(!said.contains("No partial files"), "{said}");
        let ran = stage.run(&[command, &["--resume", "--out", text(&out)]].concat()).is(0);
        assert!(ran.err.contains(done), "{}", ran.err);
        assert!(!hidden.exists());
    }
}
