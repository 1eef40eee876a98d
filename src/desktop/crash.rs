//! A panic leaves a small report for the person to send: message, place and thread, never any data.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Writes the report beside what the default hook prints.
pub(super) fn install(file: Option<&Path>) {
    let Some(file) = file.map(PathBuf::from) else { return };
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Decoders panic on broken pictures; the pool catches that and it is no crash.
        let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
        if !thread.starts_with("decode") {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let _ = write_report(&file, &place, &thread);
            default(info);
        }
    }));
}

/// Only the place: the message of a panic could quote what was being worked on.
fn write_report(file: &Path, place: &str, thread: &str) -> std::io::Result<()> {
    let mut report = std::fs::File::create(file)?;
    let version = env!("CARGO_PKG_VERSION");
    writeln!(report, "Tagscope {version} stopped at {place} in the thread {thread}.")
}

/// The report of an earlier crash, taken away.
pub(super) fn take_report(file: Option<&Path>) -> Option<String> {
    let file = file?;
    let report = std::fs::read_to_string(file).ok()?;
    std::fs::remove_file(file).ok()?;
    Some(report.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_said_once() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("crash.txt");
        assert_eq!(take_report(Some(&file)), None);
        write_report(&file, "src/x.rs:1:2", "main").expect("report");
        let report = take_report(Some(&file)).expect("report");
        assert!(report.contains("src/x.rs:1:2") && report.contains("main"), "{report}");
        assert_eq!(take_report(Some(&file)), None);
    }
}
