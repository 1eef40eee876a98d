//! Reviews into a file and out of one.

use std::path::PathBuf;

use super::{effect, enter, refusal};
use crate::review::{ReviewCommand, ReviewEffect, ReviewEvent, WrittenReviews};
use crate::words::count;
use crate::{Effect, Failure, FailureKind, State};
use domain::{Act, ReviewRow};
use formats::ReviewFormat;

pub(super) fn update(state: &mut State, command: ReviewCommand) -> Vec<Effect> {
    let home = state.home.clone();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let transfer = &mut opened.review.transfer;
    match command {
        ReviewCommand::EditPath(path) => {
            transfer.path = path;
            transfer.outcome = None;
        }
        ReviewCommand::SetFormat(format) => {
            transfer.format = format;
            let typed = PathBuf::from(&transfer.path);
            if typed.file_name().is_some() {
                transfer.path = typed.with_extension(format.extension()).display().to_string();
            }
        }
        ReviewCommand::Export | ReviewCommand::Import => {
            let path = transfer.path.trim();
            if path.is_empty() || transfer.is_busy {
                return Vec::new();
            }
            let path = match (path.strip_prefix("~/"), home) {
                (Some(rest), Some(home)) => home.join(rest),
                _ => PathBuf::from(path),
            };
            if !path.is_absolute() {
                let reason = "enter the full path, starting with / or ~".to_owned();
                let path = path.display().to_string();
                transfer.outcome = Some(Err(Failure::bare(FailureKind::Files { path, reason })));
                return Vec::new();
            }
            (transfer.is_busy, transfer.outcome) = (true, None);
            let (format, project) = (transfer.format, opened.project.id);
            let request = match command {
                ReviewCommand::Import => ReviewEffect::Import { path },
                _ => ReviewEffect::Export { project, path, format },
            };
            return vec![effect(opened, request)];
        }
        _ => {}
    }
    Vec::new()
}

/// Where an export goes unless the person says otherwise.
pub(crate) fn prepare(state: &mut State) {
    let folder = state.settings.export_folder.as_deref().and_then(std::path::Path::parent).map(PathBuf::from);
    let folder = folder.or_else(|| state.home.clone()).unwrap_or_default();
    let Some(opened) = &mut state.opened else { return };
    let transfer = &mut opened.review.transfer;
    transfer.outcome = None;
    if transfer.path.is_empty() {
        let file = format!("reviews.{}", ReviewFormat::default().extension());
        transfer.path = folder.join(file).display().to_string();
    }
}

pub(super) fn apply(state: &mut State, event: ReviewEvent) -> Vec<Effect> {
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let transfer = &mut opened.review.transfer;
    transfer.is_busy = false;
    match event {
        ReviewEvent::Exported(result) => {
            transfer.outcome = Some(result.map(words));
            Vec::new()
        }
        ReviewEvent::Imported(Ok(rows)) => import(state, rows),
        ReviewEvent::Imported(Err(failure)) => {
            transfer.outcome = Some(Err(failure));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// What an export has written.
pub(super) fn words(WrittenReviews { rows, damage }: WrittenReviews) -> String {
    let rows = format!("Exported {}.", count(rows as u64, "row", "rows"));
    damage.map_or_else(|| rows.clone(), |damage| format!("{rows} {damage}"))
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
    enter(state, Act::Import(rows))
}
