//! The vendor's Python and JavaScript SDKs, unchanged, against the built-in service.
//!
//! `TAGSCOPE_PYTHON` names a Python that has `azure-cognitiveservices-vision-customvision`, `TAGSCOPE_NODE_MODULES` the
//! folder in which `@azure/cognitiveservices-customvision-training` is installed; `packaging/test.sh` sets both. Without
//! them the tests are skipped, and fail where `CI` is set.

use std::ffi::OsString;
use std::process::{Command, Output};

use secrecy::ExposeSecret as _;
use tagscope::server::{Running, ServeOptions, ServedProject};
use tagscope::storage::Archive;

use super::archiving;
use crate::outside::skipped;
use crate::watched::Watched;

/// What a variable names; without it the test is skipped, or fails where `CI` is set.
fn named(variable: &str, test: &str) -> Option<OsString> {
    let found = std::env::var_os(variable);
    if found.is_none() {
        skipped(test, &format!("{variable} is not set"));
    }
    found
}

/// Adds endpoint, key and project, and runs it; what it printed.
#[track_caller]
fn run(command: &mut Command, service: &Running) -> String {
    command.arg(service.endpoint()).arg(service.training_key().expose_secret()).arg(service.project_id().to_string());
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{out}\n{err}");
    assert_eq!(service.stats().blob_requests_with_key, 0);
    assert!(service.stats().blob_requests >= 3);
    out.into_owned()
}

#[test]
fn the_vendors_python_sdk_works_unchanged() {
    let Some(python) = named("TAGSCOPE_PYTHON", "the_vendors_python_sdk_works_unchanged") else { return };
    let content = ServedProject::Sample { images: 600, regions: None };
    let service = Watched::start(content, ServeOptions::default());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/check.py");
    let out = run(Command::new(python).arg(script), &service);
    assert!(out.starts_with("ok: 600 images"), "{out}");
}

#[test]
fn the_vendors_javascript_sdk_lists_an_archive_unchanged() {
    let test = "the_vendors_javascript_sdk_lists_an_archive_unchanged";
    let Some(modules) = named("TAGSCOPE_NODE_MODULES", test) else { return };
    let home = tempfile::tempdir().expect("home");
    let images: Vec<(u128, u128)> = (1..=300).rev().map(|number| (number, number % 3)).collect();
    let service = archiving::service(home.path(), "archive", &images);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/check.mjs");
    let out = run(Command::new("node").arg(script).arg(modules), &service);
    assert_eq!(out.trim(), "ok: 300 images, 300 regions");
}

/// A sample project, and its archive with what its iterations were trained on, served.
fn sample_and_archive(home: &std::path::Path) -> (Watched, Watched) {
    let sample = Watched::start(ServedProject::Sample { images: 30, regions: None }, ServeOptions::default());
    let out = home.join("archive");
    let archived = Command::new(env!("CARGO_BIN_EXE_tagscope"))
        .args(["archive", "--iterations", "--quiet", "--endpoint", sample.endpoint(), "--out"])
        .arg(&out)
        .env("TAGSCOPE_HOME", home.join("home"))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .env("VISION_TRAINING_KEY", sample.training_key().expose_secret())
        .output()
        .expect("it runs");
    assert!(archived.status.success(), "{}", String::from_utf8_lossy(&archived.stderr));
    let archive = Archive::open(&out).expect("archive");
    (sample, Watched::start(ServedProject::Archive(archive), ServeOptions::default()))
}

/// What the SDK tells of the service it tells of its archive, state by state.
#[track_caller]
fn assert_told_alike(command: impl Fn() -> Command) {
    let home = tempfile::tempdir().expect("home");
    let (sample, archive) = sample_and_archive(home.path());
    let told = run(&mut command(), &sample);
    assert_eq!(run(&mut command(), &archive), told);
    let states: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    let states = states.as_array().expect("states");
    assert_eq!(states.len(), 3);
    assert!(states.windows(2).all(|pair| pair[0]["images"] != pair[1]["images"]), "each state has its own images");
}

#[test]
fn the_vendors_python_sdk_lists_the_iterations_of_an_archive_unchanged() {
    let test = "the_vendors_python_sdk_lists_the_iterations_of_an_archive_unchanged";
    let Some(python) = named("TAGSCOPE_PYTHON", test) else { return };
    assert_told_alike(|| {
        let mut command = Command::new(&python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/iterations.py"));
        command
    });
}

#[test]
fn the_vendors_javascript_sdk_lists_the_iterations_of_an_archive_unchanged() {
    let test = "the_vendors_javascript_sdk_lists_the_iterations_of_an_archive_unchanged";
    let Some(modules) = named("TAGSCOPE_NODE_MODULES", test) else { return };
    assert_told_alike(|| {
        let mut command = Command::new("node");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/iterations.mjs")).arg(&modules);
        command
    });
}
