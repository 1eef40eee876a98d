//! `tagscope verify`: an archive or an export read again.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::end::{Done, Outcome, Trouble};
use super::export::{progress_of, take_back};
use super::interrupt;
use super::place::local;
use super::terminal::{Terminal, field};
use crate::engine::failure;
use crate::engine::verify::{Verified, verify};

pub(super) async fn run(folder: PathBuf, is_json: bool, is_quiet: bool) -> Outcome {
    let cancel = interrupt::cancelling(is_quiet, "Stopping.")?;
    let terminal = Arc::new(Mutex::new(Terminal::new(is_quiet)));
    let progress = progress_of(&terminal);
    let work = tokio::task::spawn_blocking(move || verify(&folder, &progress, &cancel));
    let report = work.await.unwrap_or_else(|_| Err(failure::internal("reading it panicked")));
    let mut terminal = take_back(terminal);
    let report = report.map_err(|failure| interrupt::stopped(failure, "Not all of it was read.", local))?;
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
    let iterations = match report.iterations {
        0 => String::new(),
        1 => ", and those of 1 iteration".to_owned(),
        count => format!(", and those of {count} iterations"),
    };
    let read = format!(
        "{} files ({} bytes), {} images, {} regions{iterations}",
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
