//! A program that may open no further file must not take what is there for missing or damaged.
//!
//! The limit is one of a whole process, so each test runs itself again in a process of its own with a low limit, uses up
//! what that allows but for a few files, and tries with each number of files left.

#![cfg(unix)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tagscope::app::{Failure, FailureKind};
use tagscope::engine::export::ProgressSink;
use tagscope::engine::import::{DatasetFormat, DatasetPlace, OpenKind, import, open_folder};
use tagscope::engine::verify::verify;
use tokio_util::sync::CancellationToken;

use crate::archiving::service;

/// Names the folder of a test that runs in a process of its own.
const INNER: &str = "TAGSCOPE_TEST_OPEN_FILES";
/// Open files that such a process may have.
const LIMIT: &str = "128";
/// More files than any of these jobs has open at once.
const MOST_LEFT: usize = 24;

fn quiet() -> ProgressSink {
    Arc::new(|_| {})
}

/// Runs a test again with few open files; the folder of its work.
fn again(test: &str, folder: &Path) {
    let program = std::env::current_exe().expect("the test program");
    let output = Command::new("sh")
        .args(["-c", "ulimit -n \"$1\" && shift && exec \"$@\"", "sh", LIMIT])
        .arg(program)
        .args(["--exact", &format!("open_files::{test}"), "--nocapture"])
        .env(INNER, folder)
        .output()
        .expect("run");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// The folder of a test that runs in a process of its own.
fn inner() -> Option<PathBuf> {
    std::env::var_os(INNER).map(PathBuf::from)
}

/// Tries a job with no file left to open, then with one, and so on; until it has been done, and how often it could not be.
fn with_few_files<T>(mut job: impl FnMut(usize) -> Result<T, Failure>, mut judge: impl FnMut(T)) -> usize {
    let mut refused = 0;
    for left in 0..=MOST_LEFT {
        let mut open: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        assert!(open.len() >= left, "the limit holds back {left} files");
        open.truncate(open.len() - left);
        let result = job(left);
        drop(open);
        match result {
            Ok(done) => judge(done),
            Err(failure) => {
                assert!(matches!(failure.kind, FailureKind::OutOfFiles { .. }), "{left} files left: {failure:?}");
                assert!(failure.full_text().contains("ulimit -n"), "{failure:?}");
                refused += 1;
            }
        }
    }
    assert!(refused <= MOST_LEFT, "it was never done");
    refused
}

#[test]
fn verify_names_the_limit_and_no_difference() {
    let Some(folder) = inner() else {
        let home = tempfile::tempdir().expect("home");
        drop(service(home.path(), "archive", &[(3, 1), (2, 2), (1, 0)]));
        return again("verify_names_the_limit_and_no_difference", &home.path().join("archive"));
    };
    let refused = with_few_files(
        |_| verify(&folder, &quiet(), &CancellationToken::new()),
        |report| assert!(report.is_whole() && report.images == 3, "{report:?}"),
    );
    assert!(refused > 0, "nothing was tested");
}

#[test]
fn an_import_reads_all_labels_or_names_the_limit() {
    let Some(home) = inner() else {
        let home = tempfile::tempdir().expect("home");
        let dataset = home.path().join("dataset");
        for folder in ["images/train", "labels/train"] {
            std::fs::create_dir_all(dataset.join(folder)).expect("folder");
        }
        std::fs::write(dataset.join("data.yaml"), "train: images/train\nval: images/train\nnames: [a]\n")
            .expect("file");
        for number in 1..=3 {
            let picture = crate::archiving::picture(number);
            std::fs::write(dataset.join(format!("images/train/{number}.jpg")), picture).expect("picture");
            std::fs::write(dataset.join(format!("labels/train/{number}.txt")), "0 .5 .5 .2 .2\n").expect("labels");
        }
        return again("an_import_reads_all_labels_or_names_the_limit", home.path());
    };
    let dataset = home.join("dataset");
    let place = DatasetPlace { format: DatasetFormat::Yolo, path: dataset.clone(), others: Vec::new(), images: None };
    let refused = with_few_files(
        |left| import(&place, &home.join(format!("out-{left}")), &quiet(), &CancellationToken::new()),
        |report| assert_eq!((report.images_out, report.regions_out, report.skips.len()), (3, 3, 0), "{report:?}"),
    );
    assert!(refused > 0, "nothing was tested");
    let outs = std::fs::read_dir(&home)
        .expect("folder")
        .filter(|entry| entry.as_ref().expect("entry").file_name().to_string_lossy().starts_with("out-"));
    assert_eq!(outs.count(), MOST_LEFT + 1 - refused, "a refused import leaves nothing");
    let refused = with_few_files(
        |_| open_folder(&dataset),
        |kind| {
            assert!(matches!(kind, OpenKind::Dataset(DatasetFormat::Yolo, _)), "{kind:?}");
        },
    );
    assert!(refused > 0, "nothing was tested");
}
