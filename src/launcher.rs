//! `tagscopew.exe`: what the start menu of Windows opens. It starts `tagscope.exe` next to it without a console, and shows
//! what that said if it ends with an error, since nobody sees its standard error.
#![cfg_attr(windows, windows_subsystem = "windows")]

use std::io::Read;
use std::process::{Command, ExitCode, Stdio};

/// Bytes of the end of standard error that are kept, and more than a box can show.
const KEPT: usize = 4_096;

fn main() -> ExitCode {
    let words = match run() {
        Ok(None) => return ExitCode::SUCCESS,
        Ok(Some(words)) => words,
        Err(error) => format!("tagscope.exe, next to this program, cannot be started: {error}"),
    };
    rfd::MessageDialog::new().set_level(rfd::MessageLevel::Error).set_title("Tagscope").set_description(words).show();
    ExitCode::FAILURE
}

/// Runs the program until it ends; what it said last if it failed.
fn run() -> std::io::Result<Option<String>> {
    let program = std::env::current_exe()?.with_file_name("tagscope").with_extension(std::env::consts::EXE_EXTENSION);
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(CREATE_NO_WINDOW);
    }
    let mut child = command.spawn()?;
    let said = child.stderr.take().map(end_of).transpose()?.unwrap_or_default();
    if child.wait()?.success() {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&said).trim().to_owned()))
}

/// Reads to the end and keeps the last bytes.
fn end_of(mut from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    let mut piece = [0; KEPT];
    loop {
        let read = from.read(&mut piece)?;
        if read == 0 {
            return Ok(kept);
        }
        kept.extend_from_slice(&piece[..read]);
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
}
