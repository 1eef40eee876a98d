//! The key out of the environment before the window opens.
//!
//! Whatever the window starts (a browser for a link, a folder dialog) inherits the environment, and with it the key of
//! `VISION_TRAINING_KEY`. So the program begins again without that variable and gets the key through a pipe on its
//! standard input, which the window has no other use for. On Unix the new program takes the place of the old one, so the
//! key is not in the environment that the system shows of the process either. Removing the variable in place is no
//! way: that is unsound once there are threads, and leaves the system's own copy.

use std::ffi::{OsStr, OsString};
use std::io::{PipeReader, Read, Write as _};
use std::process::Command;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::config::Environment;
use super::end::{KEY_VARIABLE, Trouble};

/// The first argument of a program that gets its key on standard input; it holds no key itself.
const MARK: &str = "--key-on-standard-input";
/// Longer than any key, shorter than what a pipe takes at once.
const KEY_LIMIT: usize = 4096;

/// The arguments without the mark, and whether it was there.
pub(super) fn take_mark(arguments: impl IntoIterator<Item = OsString>) -> (Vec<OsString>, bool) {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let is_marked = arguments.get(1).is_some_and(|first| first == OsStr::new(MARK));
    if is_marked {
        arguments.remove(1);
    }
    (arguments, is_marked)
}

/// The key that was handed over; `None` when there is none.
pub(super) fn read_key(input: impl Read) -> Option<SecretString> {
    // Large enough never to move, so that no copy stays behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_LIMIT + 1));
    input.take(KEY_LIMIT as u64).read_to_end(&mut bytes).ok()?;
    let key = std::str::from_utf8(&bytes).ok()?.trim();
    (!key.is_empty()).then(|| SecretString::from(key))
}

/// Begins the program again when the environment holds the key; else does nothing. On Unix it does not come back.
///
/// # Errors
/// When the program cannot be started again: then no window is opened, so that the key does not reach programs that the window starts.
pub(super) fn hide_key(environment: &Environment) -> Result<(), Trouble> {
    if std::env::var_os(KEY_VARIABLE).is_none() {
        return Ok(());
    }
    let failed = |error: std::io::Error| {
        Trouble::Output(format!(
            "the key in {KEY_VARIABLE} cannot be hidden from the programs that the window starts ({error}); unset \
             {KEY_VARIABLE} and enter the key in the window"
        ))
    };
    let input = pipe(environment.key.as_ref()).map_err(failed)?;
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command.arg(MARK).args(std::env::args_os().skip(1)).env_remove(KEY_VARIABLE).stdin(input);
    become_it(command).map_err(failed)
}

/// A pipe with the key in it and nobody at its other end.
fn pipe(key: Option<&SecretString>) -> std::io::Result<PipeReader> {
    let key = key.map(ExposeSecret::expose_secret).unwrap_or_default();
    if key.len() > KEY_LIMIT {
        return Err(std::io::Error::other("it is too long to be a key"));
    }
    let (reader, mut writer) = std::io::pipe()?;
    writer.write_all(key.as_bytes())?;
    Ok(reader)
}

#[cfg(unix)]
fn become_it(mut command: Command) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt as _;
    if let Some(name) = std::env::args_os().next() {
        command.arg0(name);
    }
    Err(command.exec())
}

/// Where no program can take another's place, this one waits for it and ends as it ends.
#[cfg(not(unix))]
fn become_it(mut command: Command) -> std::io::Result<()> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(texts: &[&str]) -> Vec<OsString> {
        texts.iter().map(OsString::from).collect()
    }

    #[test]
    fn the_mark_counts_in_the_first_place_alone() {
        assert_eq!(take_mark(words(&["tagscope", MARK, "demo"])), (words(&["tagscope", "demo"]), true));
        assert_eq!(take_mark(words(&["tagscope", "demo", MARK])), (words(&["tagscope", "demo", MARK]), false));
        assert_eq!(take_mark(words(&[])), (Vec::new(), false));
    }

    #[test]
    fn the_key_comes_out_of_the_pipe() {
        let key = SecretString::from("0123456789abcdef");
        let read = read_key(pipe(Some(&key)).expect("pipe")).expect("key");
        assert_eq!(read.expose_secret(), key.expose_secret());
        assert!(read_key(pipe(None).expect("pipe")).is_none());
        assert!(read_key(&b"\xff\xff"[..]).is_none());
        assert!(pipe(Some(&SecretString::from("k".repeat(KEY_LIMIT + 1)))).is_err());
    }
}
