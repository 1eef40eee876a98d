//! Reviews into a file and out of one.

use std::path::PathBuf;

use super::{effect, enter, refusal};
use crate::review::{ExportedReviews, ReviewEffect, TransferCommand};
use crate::state::Opened;
use crate::update::places::{folder_of_exports, in_folder, whole_path};
use crate::update::with_opened;
use crate::words::count;
use crate::{Effect, Failure, State};
use domain::{ReviewRow, Statement};
use formats::ReviewFormat;

pub(super) fn update(state: &mut State, command: TransferCommand) -> Vec<Effect> {
    match command {
        TransferCommand::EditPath(path) => with_opened(state, |opened| {
            let transfer = &mut opened.review.transfer;
            (transfer.path, transfer.outcome) = (path, None);
            transfer.others.clear();
            Vec::new()
        }),
        TransferCommand::TakeFiles(mut files) => with_opened(state, |opened| {
            let transfer = &mut opened.review.transfer;
            if let Some(path) = (!files.is_empty()).then(|| files.remove(0)) {
                (transfer.path, transfer.others, transfer.outcome) = (path.display().to_string(), files, None);
            }
            Vec::new()
        }),
        TransferCommand::SetFormat(format) => with_opened(state, |opened| {
            let transfer = &mut opened.review.transfer;
            transfer.format = format;
            let typed = PathBuf::from(&transfer.path);
            if typed.file_name().is_some() {
                transfer.path = typed.with_extension(format.extension()).display().to_string();
            }
            Vec::new()
        }),
        TransferCommand::Export => begin(state, |opened, path| ReviewEffect::Export {
            project: opened.project.id,
            path,
            format: opened.review.transfer.format,
        }),
        TransferCommand::Import => begin(state, |opened, path| {
            let others = opened.review.transfer.others.iter().cloned();
            ReviewEffect::Import { paths: std::iter::once(path).chain(others).collect() }
        }),
    }
}

/// Starts an export or import with the typed file, unless one is running.
fn begin(state: &mut State, request: impl FnOnce(&Opened, PathBuf) -> ReviewEffect) -> Vec<Effect> {
    let Some(transfer) = state.opened.as_ref().map(|opened| &opened.review.transfer) else { return Vec::new() };
    if transfer.is_busy || transfer.path.trim().is_empty() {
        return Vec::new();
    }
    let path = whole_path(state, &transfer.path, "The reviews");
    with_opened(state, |opened| {
        let transfer = &mut opened.review.transfer;
        match path {
            Ok(path) => {
                (transfer.is_busy, transfer.outcome) = (true, None);
                vec![effect(opened, request(opened, path))]
            }
            Err(failure) => {
                transfer.outcome = Some(Err(failure));
                Vec::new()
            }
        }
    })
}

pub(crate) fn path_picked(state: &mut State, path: PathBuf) -> Vec<Effect> {
    update(state, TransferCommand::EditPath(path.display().to_string()))
}

/// A folder was picked: the file keeps its name.
pub(crate) fn folder_picked(state: &mut State, folder: &std::path::Path) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let transfer = &opened.review.transfer;
    let path = in_folder(folder, &transfer.path, default_name(transfer.format));
    path_picked(state, path)
}

fn default_name(format: ReviewFormat) -> String {
    format!("reviews.{}", format.extension())
}

/// Where an export goes unless the person says otherwise.
pub(crate) fn prepare(state: &mut State) {
    let folder = folder_of_exports(state).unwrap_or_default();
    let Some(opened) = &mut state.opened else { return };
    let transfer = &mut opened.review.transfer;
    transfer.outcome = None;
    if transfer.path.is_empty() {
        transfer.path = folder.join(default_name(ReviewFormat::default())).display().to_string();
    }
}

pub(super) fn exported(opened: &mut Opened, result: Result<ExportedReviews, Failure>) {
    let transfer = &mut opened.review.transfer;
    (transfer.is_busy, transfer.outcome) = (false, Some(result.map(words)));
}

pub(super) fn imported(state: &mut State, result: Result<Vec<ReviewRow>, Failure>) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let transfer = &mut opened.review.transfer;
    transfer.is_busy = false;
    match result {
        Ok(rows) => import(state, rows),
        Err(failure) => {
            transfer.outcome = Some(Err(failure));
            Vec::new()
        }
    }
}

pub(super) fn words(written: ExportedReviews) -> String {
    let words = written.words();
    written.damage.map_or_else(|| words.clone(), |damage| format!("{words} {damage}"))
}

/// Takes the rows in that say something new, as one decision that can be undone.
fn import(state: &mut State, rows: Vec<ReviewRow>) -> Vec<Effect> {
    if let Some(why) = refusal(state) {
        return why;
    }
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let all = rows.len();
    let rows = opened.review.reviews.news(rows);
    let (fresh, stale) = (rows.len() as u64, (all - rows.len()) as u64);
    let mut words = match fresh {
        0 => "Nothing new".to_owned(),
        fresh => format!("Imported {}", count(fresh, "row", "rows")),
    };
    if stale > 0 {
        words.push_str(&format!(
            "; {} already known or older than the local decisions",
            count(stale, "row is", "rows are")
        ));
    }
    words.push('.');
    opened.review.transfer.outcome = Some(Ok(words));
    if rows.is_empty() {
        return Vec::new();
    }
    enter(state, Statement::Import(rows))
}
