//! The dialog that saves a report of what has changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::changes::{ReportForm, ReportFormat, ReportJob};
use crate::dialog::Dialog;
use crate::update::places::{folder_of_exports, in_folder, suggested_name, whole_path};
use crate::{Effect, Failure, FailureKind, Notice, State};

/// What the file is named after the project's name.
const NAME: &str = "changes";

pub(super) fn ask(state: &mut State, format: ReportFormat) -> Vec<Effect> {
    let parent = folder_of_exports(state).unwrap_or_default();
    let Some(opened) = &mut state.opened else { return Vec::new() };
    if opened.changes.comparison(opened.generation).is_none() {
        return Vec::new();
    }
    let name = format!("{}.{}", suggested_name(&opened.project.name, NAME), format.extension());
    let path = parent.join(name).display().to_string();
    let is_busy = opened.changes.report.is_busy;
    opened.changes.report = ReportForm { format, path, is_busy, ..ReportForm::default() };
    state.dialog = Some(Dialog::SaveChanges);
    Vec::new()
}

pub(super) fn edit(state: &mut State, path: String) -> Vec<Effect> {
    if let Some(opened) = &mut state.opened {
        let ReportForm { format, is_busy, .. } = opened.changes.report;
        opened.changes.report = ReportForm { format, path, is_busy, ..ReportForm::default() };
    }
    Vec::new()
}

/// A folder was picked: the name stays.
pub(crate) fn folder_picked(state: &mut State, folder: &Path) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let form = &opened.changes.report;
    let path = in_folder(folder, &form.path, format!("{NAME}.{}", form.format.extension()));
    edit(state, path.display().to_string())
}

pub(super) fn save(state: &mut State, replaces: bool) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    let form = &opened.changes.report;
    let Some(comparison) = opened.changes.shared(opened.generation).filter(|_| !form.is_busy) else {
        return Vec::new();
    };
    let extension = form.format.extension();
    let path = whole_path(state, &form.path, "The report").map(|path| match path.extension() {
        None => path.with_extension(extension),
        Some(_) => path,
    });
    let job = path.map(|path| ReportJob {
        comparison: Arc::clone(comparison),
        catalogue: Arc::clone(&opened.catalogue),
        project: opened.project.name.clone(),
        format: form.format,
        path,
        replaces: replaces && form.is_taken,
    });
    let generation = opened.generation;
    let Some(form) = state.opened.as_mut().map(|opened| &mut opened.changes.report) else { return Vec::new() };
    match job {
        Ok(job) => {
            (form.is_busy, form.failure, form.is_taken) = (true, None, false);
            vec![Effect::SaveChanges { generation, job: Box::new(job) }]
        }
        Err(failure) => {
            form.failure = Some(failure);
            Vec::new()
        }
    }
}

pub(super) fn saved(state: &mut State, result: Result<PathBuf, Failure>) {
    let Some(opened) = &mut state.opened else { return };
    let form = &mut opened.changes.report;
    form.is_busy = false;
    match result {
        Ok(path) => {
            // Back to where it was asked for.
            if state.dialog == Some(Dialog::SaveChanges) {
                state.dialog = Some(Dialog::Changes);
            }
            state.push_notice(Notice::saved(&path));
        }
        Err(failure) => {
            form.is_taken = matches!(failure.kind, FailureKind::AlreadyThere { .. });
            form.failure = Some(failure);
        }
    }
}
