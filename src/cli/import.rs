//! `tagscope import`: a dataset on disk into an archive, by the engine's own import.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::end::{Outcome, Trouble};
use super::format_args::ImportFormatArg;
use super::interrupt;
use super::job::{progress_of, take_back, tell_published, tell_skips};
use super::place::local;
use super::terminal::Terminal;
use app::{Failure, words};
use engine::failure;
use engine::import::{DatasetPlace, import_all, places_of};
use formats::layout::Certainty;

pub(super) struct Wanted {
    pub out: PathBuf,
    pub is_json: bool,
    /// Whether the format was looked for.
    pub is_auto: bool,
}

pub(super) async fn run(places: Vec<DatasetPlace>, wanted: Wanted, is_quiet: bool) -> Outcome {
    let Wanted { out, is_json, is_auto } = wanted;
    let cancel = interrupt::cancelling(is_quiet, interrupt::REMOVING)?;
    let terminal = Arc::new(Mutex::new(Terminal::new(is_quiet)));
    let progress = progress_of(&terminal);
    let work = tokio::task::spawn_blocking(move || import_all(&places, &out, &progress, &cancel));
    let report = work.await.unwrap_or_else(|_| Err(failure::internal("the import panicked")));
    let mut terminal = take_back(terminal);
    let report = report.map_err(|failure| interrupt::stopped(failure, "Nothing was imported.", local))?;
    tell_published(&report.folder.display(), &mut terminal, |terminal| {
        if !is_json {
            return terminal.path(&report.folder);
        }
        let text = serde_json::to_string_pretty(&report).map_err(|error| Trouble::Output(error.to_string()))?;
        terminal.line(&text)
    })?;
    if let Some(found) = report.recognized.as_ref().filter(|_| is_auto) {
        let sure = if found.certainty == Certainty::Certain { "" } else { " (likely)" };
        terminal.say(&format!("Recognized as {}{sure}: {}.", found.format.label(), found.signs.join("; ")));
    }
    terminal.say(&format!(
        "Imported {} of {} and {} of {} as {:?}; {} copied.",
        words::thousands(report.images_out),
        words::count(report.images_in, "image", "images"),
        words::thousands(report.regions_out),
        words::count(report.regions_in, "region", "regions"),
        report.project,
        words::count(report.pictures, "picture", "pictures")
    ));
    if let Some(words) = words::cleared(&report.cleared) {
        terminal.say(&words);
    }
    Ok(tell_skips(&report.skips, 0, &terminal))
}

/// The datasets to import; `auto` recognizes their format.
pub(super) fn places(
    format: ImportFormatArg,
    paths: &[PathBuf],
    images: Option<&Path>,
) -> Result<Vec<DatasetPlace>, Failure> {
    places_of(format.0, paths, images)
}
