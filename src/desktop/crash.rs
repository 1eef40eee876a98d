//! A panic that ends the program leaves a small report for the person to send: place and thread, never any data. A panic
//! that is caught, or that ends only one thread, is reported on standard error and is not a crash.

use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread::ThreadId;

use crate::built;
use storage::paths::{create_private_dir, create_private_file};

/// A longer report is not believed: any file may be at its place.
const REPORT_LIMIT: u64 = 4_096;

/// Whether a panic of the current thread is an expected one, of a decoder over a broken picture.
static IS_EXPECTED: OnceLock<fn() -> bool> = OnceLock::new();

/// From now on nothing is reported about panics for which `is_expected` is true.
pub(super) fn pass_over(is_expected: fn() -> bool) {
    // A second start, in a test, has set it already.
    let _ = IS_EXPECTED.set(is_expected);
}

/// Takes the calling thread for the main one. A panic that ends the program is written to `file`, and every panic that is
/// not expected to standard error. The message of a panic is in neither: it could quote what was being worked on.
pub(super) fn install(file: Option<&Path>) {
    let file = file.map(PathBuf::from);
    let main = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| note(info, file.as_deref(), main)));
}

fn note(info: &PanicHookInfo<'_>, file: Option<&Path>, main: ThreadId) {
    let is_end = ends_program(info, main);
    if !is_end && IS_EXPECTED.get().is_some_and(|is_expected| is_expected()) {
        return;
    }
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let report = report(&place, thread.name().unwrap_or("unnamed"), is_end);
    // A closed standard error cannot be reported anywhere.
    let _ = std::io::stderr().write_all(report.as_bytes());
    if let Some(file) = file.filter(|_| is_end) {
        let _ = write_report(file, &report);
    }
}

/// Whether the program ends by this panic. Nothing on the main thread catches one, and on no thread is there a way on from
/// a panic that cannot unwind.
fn ends_program(info: &PanicHookInfo<'_>, main: ThreadId) -> bool {
    // What the standard library says right before it aborts.
    const ABORTS: [&str; 2] = ["panic in a destructor during cleanup", "panic in a function that cannot unwind"];
    let is_abort = info.payload().downcast_ref::<&str>().is_some_and(|words| ABORTS.contains(words));
    is_abort || std::thread::current().id() == main
}

fn report(place: &str, thread: &str, is_end: bool) -> String {
    let commit = built::commit().map(|commit| format!(" ({commit}, {})", built::target())).unwrap_or_default();
    let version = format!("{}{commit}", built::VERSION);
    if is_end {
        format!("Tagscope {version} stopped at {place} in the thread {thread}.\n")
    } else {
        format!("A task of Tagscope {version} failed at {place} in the thread {thread}.\n")
    }
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
    let report = storage::regular::read_bounded(file, REPORT_LIMIT).ok()?;
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
            write_report(&file, &report(place, "main", true)).expect("report");
        }
        let report = take_report(Some(&file)).expect("report");
        assert!(report.contains("src/x.rs:1:2") && report.contains("main") && !report.contains("w.rs"), "{report}");
        assert_eq!(take_report(Some(&file)), None);
    }

    /// What a process of its own says and leaves, since a hook belongs to the whole process: its output, the report if there
    /// is one, and whether it ended well.
    fn panicking(test: &str) -> (String, Option<String>, bool) {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("state/crash.txt");
        let own = std::env::current_exe().expect("the test program");
        let test = format!("desktop::crash::tests::{test}");
        let arguments = ["--exact", &test, "--ignored", "--nocapture"];
        let mut command = std::process::Command::new(own);
        let output = command.args(arguments).env(FILE, &file).env("RUST_BACKTRACE", "full").output().expect("run");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(!said.contains("tops3cret"), "{said}");
        (said, std::fs::read_to_string(&file).ok(), output.status.success())
    }

    #[test]
    fn a_panic_that_ends_the_program_leaves_its_place_and_nothing_else() {
        let (said, report, is_well) = panicking("panics_with_a_secret");
        assert!(!is_well, "it panics");
        let report = report.expect("report");
        assert!(report.contains("stopped at src/desktop/crash.rs:") && said.contains(report.trim()), "{said}");
        assert!(!report.contains("tops3cret"), "{report}");
    }

    #[test]
    fn a_panic_that_is_caught_or_ends_a_thread_alone_is_no_crash_but_is_said() {
        let (said, report, is_well) = panicking("goes_on_after_panics");
        assert!(is_well, "{said}");
        assert_eq!(report, None);
        for thread in ["decode-0", "worker"] {
            let words = format!("in the thread {thread}");
            assert!(said.lines().any(|line| line.starts_with("A task of") && line.contains(&words)), "{said}");
        }
    }

    #[test]
    fn a_panic_that_aborts_on_any_thread_leaves_a_report() {
        let (said, report, is_well) = panicking("aborts_on_another_thread");
        assert!(!is_well, "{said}");
        assert!(report.is_some_and(|report| report.contains("stopped at") && report.contains("thread decode-1")));
    }

    const FILE: &str = "TAGSCOPE_TEST_CRASH_FILE";

    fn install_for_test() {
        let file = std::env::var_os(FILE).expect("set by the test that runs this");
        install(Some(Path::new(&file)));
    }

    fn on_thread(name: &str, work: impl FnOnce() + Send + 'static) {
        let _ = std::thread::Builder::new().name(name.to_owned()).spawn(work).expect("thread").join();
    }

    #[test]
    #[ignore = "run by another test, in a process of its own"]
    fn panics_with_a_secret() {
        install_for_test();
        panic!("the key is tops3cret");
    }

    #[test]
    #[ignore = "run by another test, in a process of its own"]
    fn goes_on_after_panics() {
        install_for_test();
        on_thread("decode-0", || panic!("tops3cret"));
        on_thread("worker", || {
            let _ = std::panic::catch_unwind(|| panic!("tops3cret"));
        });
    }

    #[test]
    #[ignore = "run by another test, in a process of its own"]
    fn aborts_on_another_thread() {
        struct PanicsAgain;
        impl Drop for PanicsAgain {
            fn drop(&mut self) {
                panic!("tops3cret");
            }
        }
        install_for_test();
        on_thread("decode-1", || {
            let _again = PanicsAgain;
            panic!("tops3cret");
        });
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
        // A link at its place is replaced, and not written through.
        let other = folder.path().join("other");
        std::fs::write(&other, "mine").expect("write");
        std::fs::remove_file(&file).expect("remove");
        std::os::unix::fs::symlink(&other, &file).expect("link");
        write_report(&file, "b\n").expect("report");
        assert_eq!(std::fs::read_to_string(&other).expect("read"), "mine");
        assert_eq!(take_report(Some(&file)).as_deref(), Some("b"));
    }
}
