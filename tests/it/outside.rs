//! Programs and libraries of other people that judge what Tagscope writes. They are not part of the repository;
//! `packaging/test.sh` installs them.

use std::io::Write as _;

/// Says that a test is skipped because something is not installed. Where the variable `CI` is set, that is a failure:
/// a run nobody watches must not pass without having tested anything.
///
/// # Panics
/// If `CI` is set.
pub(super) fn skipped(test: &str, words: &str) {
    assert!(std::env::var_os("CI").is_none(), "{test} needs what is not installed: {words}");
    // Directly to the stream: the test harness keeps what a passing test prints to itself.
    writeln!(std::io::stderr(), "SKIPPED {test}: {words}").expect("standard error");
}
