//! `tagscope import`: a dataset on disk into an archive, by the engine's own import.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::end::Outcome;
use super::export::{progress_of, take_back, tell_skips};
use super::interrupt;
use super::place::local;
use super::terminal::Terminal;
use super::typed::ImportFormatArg;
use crate::engine::failure;
use crate::engine::import::import_coco;

pub(super) async fn run(
    format: ImportFormatArg,
    file: PathBuf,
    images: Option<PathBuf>,
    out: PathBuf,
    is_quiet: bool,
) -> Outcome {
    let cancel = interrupt::cancelling(is_quiet, interrupt::REMOVING)?;
    let terminal = Arc::new(Mutex::new(Terminal::new(is_quiet)));
    let progress = progress_of(&terminal);
    let work = tokio::task::spawn_blocking(move || match format {
        ImportFormatArg::Coco => import_coco(&file, images.as_deref(), &out, &progress, &cancel),
    });
    let report = work.await.unwrap_or_else(|_| Err(failure::internal("the import panicked")));
    let mut terminal = take_back(terminal);
    let report = report.map_err(|failure| interrupt::stopped(failure, "Nothing was imported.", local))?;
    terminal.path(&report.folder)?;
    terminal.flush()?;
    terminal.say(&format!(
        "Imported {} of {} images and {} of {} regions as {:?}; {} pictures copied.",
        report.images_out, report.images_in, report.regions_out, report.regions_in, report.project, report.pictures
    ));
    Ok(tell_skips(&report.skips, 0, &terminal))
}
