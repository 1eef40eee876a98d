//! `tagscope import`: a dataset on disk into an archive, by the engine's own import.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;

use super::end::Outcome;
use super::export::{progress_of, take_back, tell_skips};
use super::place::local;
use super::terminal::Terminal;
use super::typed::ImportFormatArg;
use crate::engine::import::import_coco;

pub(super) fn run(
    format: ImportFormatArg,
    file: &Path,
    images: Option<PathBuf>,
    out: &Path,
    is_quiet: bool,
) -> Outcome {
    let terminal = Arc::new(Mutex::new(Terminal::new(is_quiet)));
    let report = match format {
        ImportFormatArg::Coco => {
            import_coco(file, images.as_deref(), out, &progress_of(&terminal), &CancellationToken::new())
        }
    };
    let mut terminal = take_back(terminal);
    let report = report.map_err(local)?;
    terminal.path(&report.folder)?;
    terminal.flush()?;
    terminal.say(&format!(
        "Imported {} of {} images and {} of {} regions as {:?}; {} pictures copied.",
        report.images_out, report.images_in, report.regions_out, report.regions_in, report.project, report.pictures
    ));
    Ok(tell_skips(&report.skips, 0, &terminal))
}
