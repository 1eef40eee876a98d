//! `tagscope import`: a dataset on disk into an archive, by the engine's own import.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::end::{Outcome, Trouble, tell_published};
use super::export::{progress_of, take_back, tell_skips};
use super::interrupt;
use super::place::local;
use super::terminal::Terminal;
use super::typed::ImportFormatArg;
use crate::app::words;
use crate::engine::failure;
use crate::engine::import::{DatasetFormat, DatasetPlace, import};

/// Where the archive goes, and how its report looks.
pub(super) struct Wanted {
    pub out: PathBuf,
    pub is_json: bool,
}

pub(super) async fn run(place: DatasetPlace, wanted: Wanted, is_quiet: bool) -> Outcome {
    let Wanted { out, is_json } = wanted;
    let cancel = interrupt::cancelling(is_quiet, interrupt::REMOVING)?;
    let terminal = Arc::new(Mutex::new(Terminal::new(is_quiet)));
    let progress = progress_of(&terminal);
    let work = tokio::task::spawn_blocking(move || import(&place, &out, &progress, &cancel));
    let report = work.await.unwrap_or_else(|_| Err(failure::internal("the import panicked")));
    let mut terminal = take_back(terminal);
    let report = report.map_err(|failure| interrupt::stopped(failure, "Nothing was imported.", local))?;
    tell_published(&report.folder, &mut terminal, |terminal| {
        if !is_json {
            return terminal.path(&report.folder);
        }
        let text = serde_json::to_string_pretty(&report).map_err(|error| Trouble::Output(error.to_string()))?;
        terminal.line(&text)
    })?;
    terminal.say(&format!(
        "Imported {} of {} images and {} of {} regions as {:?}; {} pictures copied.",
        report.images_out, report.images_in, report.regions_out, report.regions_in, report.project, report.pictures
    ));
    if let Some(words) = words::of_cleared(&report.cleared) {
        terminal.say(&words);
    }
    Ok(tell_skips(&report.skips, 0, &terminal))
}

impl From<ImportFormatArg> for DatasetFormat {
    fn from(format: ImportFormatArg) -> Self {
        match format {
            ImportFormatArg::Coco => Self::Coco,
            ImportFormatArg::Yolo => Self::Yolo,
            ImportFormatArg::Voc => Self::Voc,
            ImportFormatArg::Jsonl => Self::Jsonl,
            ImportFormatArg::AzureMl => Self::AzureMl,
            ImportFormatArg::Csv => Self::Csv,
            ImportFormatArg::LabelStudio => Self::LabelStudio,
            ImportFormatArg::Cvat => Self::Cvat,
            ImportFormatArg::Datumaro => Self::Datumaro,
            ImportFormatArg::CreateMl => Self::CreateMl,
        }
    }
}
