//! `tagscope verify`: an archive or an export read again.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;

use super::end::{Done, Outcome, Trouble};
use super::export::{progress_of, take_back};
use super::place::local;
use super::terminal::{Terminal, field};
use crate::engine::verify::{Verified, verify};

pub(super) fn run(folder: &Path, is_json: bool, is_quiet: bool) -> Outcome {
    let terminal = Arc::new(Mutex::new(Terminal::new(is_quiet)));
    let report = verify(folder, &progress_of(&terminal), &CancellationToken::new());
    let mut terminal = take_back(terminal);
    let report = report.map_err(local)?;
    if is_json {
        let text = serde_json::to_string_pretty(&report).map_err(|error| Trouble::Output(error.to_string()))?;
        terminal.line(&text)?;
    } else {
        for difference in &report.differences {
            terminal.line(&format!("{}\t{}", field(&difference.file), field(&difference.what)))?;
        }
    }
    terminal.flush()?;
    let kind = match report.kind {
        Verified::Archive => "archive",
        Verified::Export => "export",
    };
    let read = format!(
        "{} files ({} bytes), {} images, {} regions",
        report.files, report.bytes, report.images, report.regions
    );
    match report.differences.len() {
        0 => {
            terminal.say(&format!("The {kind} is whole: {read}."));
            Ok(Done::Whole)
        }
        count => Err(Trouble::Output(format!(
            "the {kind} is not as its manifest says: {count} differences; the rest is well ({read})"
        ))),
    }
}
