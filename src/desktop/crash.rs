//! A panic leaves a small report for the person to send: place and thread, never any data.

use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::storage::private::{create_private_dir, create_private_file};

/// Longest report that is believed: anything may stand at its place.
const REPORT_LIMIT: u64 = 4_096;

/// Tells on the panicking thread whether its panic will be caught and told as something else.
static IS_EXPECTED: OnceLock<fn() -> bool> = OnceLock::new();

/// From now on panics for which `is_expected` is true are not told.
pub(super) fn pass_over(is_expected: fn() -> bool) {
    // A second start, in a test, has set it already.
    let _ = IS_EXPECTED.set(is_expected);
}

/// Writes the report to `file`, and the same line to standard error. The message of a panic is in neither: it could
/// quote what was being worked on.
pub(super) fn install(file: Option<&Path>) {
    let file = file.map(PathBuf::from);
    std::panic::set_hook(Box::new(move |info| tell(info, file.as_deref())));
}

fn tell(info: &PanicHookInfo<'_>, file: Option<&Path>) {
    let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
    // Decoders panic on broken pictures; that is caught and it is no crash.
    if thread.starts_with("decode") || IS_EXPECTED.get().is_some_and(|is_expected| is_expected()) {
        return;
    }
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let report = report(&place, &thread);
    // Nobody can be told that standard error is closed.
    let _ = std::io::stderr().write_all(report.as_bytes());
    if let Some(file) = file {
        let _ = write_report(file, &report);
    }
}

fn report(place: &str, thread: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("Tagscope {version} stopped at {place} in the thread {thread}.\n")
}

/// Replaces an earlier report.
fn write_report(file: &Path, report: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        create_private_dir(folder).map_err(std::io::Error::other)?;
    }
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    create_private_file(file)?.write_all(report.as_bytes())
}

/// The report of an earlier crash, taken away.
pub(super) fn take_report(file: Option<&Path>) -> Option<String> {
    let file = file?;
    let report = crate::storage::regular::read_bounded(file, REPORT_LIMIT).ok()?;
    std::fs::remove_file(file).ok()?;
    Some(String::from_utf8_lossy(&report).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_said_once() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("state/crash.txt");
        assert_eq!(take_report(Some(&file)), None);
        for place in ["src/w.rs:9:9", "src/x.rs:1:2"] {
            write_report(&file, &report(place, "main")).expect("report");
        }
        let report = take_report(Some(&file)).expect("report");
        assert!(report.contains("src/x.rs:1:2") && report.contains("main") && !report.contains("w.rs"), "{report}");
        assert_eq!(take_report(Some(&file)), None);
    }

    /// In a process of its own: a hook belongs to the whole process.
    #[test]
    fn a_panic_tells_its_place_and_nothing_else() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("state/crash.txt");
        let own = std::env::current_exe().expect("the test program");
        let arguments = ["--exact", "desktop::crash::tests::panics_with_a_secret", "--ignored", "--nocapture"];
        let mut command = std::process::Command::new(own);
        let output = command.args(arguments).env(FILE, &file).env("RUST_BACKTRACE", "full").output().expect("run");
        assert!(!output.status.success(), "it panics");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let report = std::fs::read_to_string(&file).expect("report");
        assert!(report.contains("src/desktop/crash.rs:"), "{report}");
        assert!(said.contains(report.trim()), "{said}");
        assert!(!report.contains("tops3cret") && !said.contains("tops3cret"), "{said}{report}");
    }

    const FILE: &str = "TAGSCOPE_TEST_CRASH_FILE";

    #[test]
    #[ignore = "run by the test before it, in a process of its own"]
    fn panics_with_a_secret() {
        let file = std::env::var_os(FILE).expect("set by the test before it");
        install(Some(Path::new(&file)));
        panic!("the key is tops3cret");
    }

    #[cfg(unix)]
    #[test]
    fn a_report_is_for_one_person_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("state/crash.txt");
        write_report(&file, "a\n").expect("report");
        let mode = |path: &Path| path.metadata().expect("facts").permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().expect("folder"))), (0o600, 0o700));
        // What stands at its place is replaced, and not written through.
        let other = folder.path().join("other");
        std::fs::write(&other, "mine").expect("write");
        std::fs::remove_file(&file).expect("remove");
        std::os::unix::fs::symlink(&other, &file).expect("link");
        write_report(&file, "b\n").expect("report");
        assert_eq!(std::fs::read_to_string(&other).expect("read"), "mine");
        assert_eq!(take_report(Some(&file)).as_deref(), Some("b"));
    }
}
