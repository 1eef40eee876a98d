//! The vendor's Python SDK, unchanged, against the built-in service.
//!
//! `TAGSCOPE_PYTHON` names a Python that has `azure-cognitiveservices-vision-customvision`; `packaging/test.sh` sets it.
//! Without it there is nothing to run, and that is said aloud.

use std::io::Write as _;
use std::process::Command;

use secrecy::ExposeSecret as _;
use tagscope::server::{self, Content, ServeOptions};

#[test]
fn the_vendors_sdk_works_unchanged() {
    let Some(python) = std::env::var_os("TAGSCOPE_PYTHON") else {
        // Past the test harness, which keeps what a passing test prints.
        let line = "SKIPPED the_vendors_sdk_works_unchanged: TAGSCOPE_PYTHON is not set\n";
        std::io::stderr().write_all(line.as_bytes()).expect("stderr");
        return;
    };
    let content = Content::Sample { images: 600, regions: None };
    let service = server::start(content, ServeOptions::default()).expect("service");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/check.py");
    let output = Command::new(python)
        .arg(script)
        .arg(service.endpoint())
        .arg(service.training_key().expose_secret())
        .arg(service.project_id().to_string())
        .output()
        .expect("Python runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.starts_with("ok: 600 images"), "{out}");
    let stats = service.stats();
    assert_eq!(stats.blob_requests_with_key, 0);
    assert!(stats.blob_requests >= 3);
}
