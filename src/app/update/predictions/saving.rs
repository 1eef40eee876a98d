//! The dialog that saves predictions and their outcomes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::effect;
use crate::dialog::Dialog;
use crate::predictions::{OutcomesForm, OutcomesJob, PredictionsEffect, SavedOutcomes};
use crate::update::places::{folder_of_exports, in_folder, suggested_name, whole_path};
use crate::words::outcome_counts;
use crate::{Effect, Failure, Notice, Severity, State};
use formats::predictions::outcomes::OutcomeKind;

/// What the file is named after the project's name.
const NAME: &str = "outcomes";

pub(super) fn ask(state: &mut State) -> Vec<Effect> {
    let parent = folder_of_exports(state).unwrap_or_default();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let Some((set, _)) = opened.predictions.compared(opened.generation) else { return Vec::new() };
    let OutcomesForm { kind, is_busy, .. } = opened.predictions.saving;
    // Tags of whole images have no boxes for COCO results.
    let kind = if kind == OutcomeKind::CocoResults && !set.has_boxes { OutcomeKind::Csv } else { kind };
    let name = format!("{}.{}", suggested_name(&opened.project.name, NAME), kind.extension());
    let path = parent.join(name).display().to_string();
    opened.predictions.saving = OutcomesForm { kind, path, is_busy, failure: None };
    state.dialog = Some(Dialog::SaveOutcomes);
    Vec::new()
}

pub(super) fn edit(state: &mut State, path: String) -> Vec<Effect> {
    if let Some(form) = form(state) {
        (form.path, form.failure) = (path, None);
    }
    Vec::new()
}

pub(super) fn set_kind(state: &mut State, kind: OutcomeKind) -> Vec<Effect> {
    if let Some(form) = form(state) {
        (form.kind, form.failure) = (kind, None);
        let typed = PathBuf::from(&form.path);
        if typed.file_name().is_some() {
            form.path = typed.with_extension(kind.extension()).display().to_string();
        }
    }
    Vec::new()
}

/// A folder was picked: the name stays.
pub(crate) fn folder_picked(state: &mut State, folder: &Path) -> Vec<Effect> {
    let Some(form) = form(state) else { return Vec::new() };
    let path = in_folder(folder, &form.path, format!("{NAME}.{}", form.kind.extension()));
    edit(state, path.display().to_string())
}

pub(super) fn save(state: &mut State) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let form = &opened.predictions.saving;
    let compared = opened.predictions.compared(opened.generation).filter(|_| !form.is_busy);
    let Some((set, _)) = compared else { return Vec::new() };
    let kind = form.kind;
    let path = whole_path(state, &form.path, "The outcomes").map(|path| match path.extension() {
        None => path.with_extension(kind.extension()),
        Some(_) => path,
    });
    let job = path.map(|path| OutcomesJob {
        set: Arc::clone(set),
        judged: opened.predictions.judged(opened.generation).clone(),
        catalogue: Arc::clone(&opened.catalogue),
        kind,
        path,
    });
    let Some(opened) = &mut state.opened else { return Vec::new() };
    let form = &mut opened.predictions.saving;
    match job {
        Ok(job) => {
            (form.is_busy, form.failure) = (true, None);
            vec![effect(opened, PredictionsEffect::Save(Box::new(job)))]
        }
        Err(failure) => {
            form.failure = Some(failure);
            Vec::new()
        }
    }
}

pub(super) fn saved(state: &mut State, result: Result<SavedOutcomes, Failure>) -> Vec<Effect> {
    let Some(form) = form(state) else { return Vec::new() };
    form.is_busy = false;
    match result {
        Ok(saved) => {
            if state.dialog == Some(Dialog::SaveOutcomes) {
                state.dialog = None;
            }
            let body = outcome_counts(saved.kind, saved.predictions, saved.missed);
            let title = format!("Saved {}", saved.path.display());
            state.push_notice(Notice::new(Severity::Success, title, format!("{body}.")));
        }
        Err(failure) => form.failure = Some(failure),
    }
    Vec::new()
}

fn form(state: &mut State) -> Option<&mut OutcomesForm> {
    state.opened.as_mut().map(|opened| &mut opened.predictions.saving)
}
