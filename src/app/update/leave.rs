//! The dialog "Leave Custom Vision...": the whole project into an archive.

use std::sync::Arc;

use super::places::{folder_of_exports, keep_folder, suggested_name, whole_place};
use super::{save, tasks};
use crate::dialog::Dialog;
use crate::retry::{ArchivePlan, Retry};
use crate::{ArchiveJob, Effect, LeaveCommand, State, Task, TaskId, task};

pub(super) fn update(state: &mut State, command: LeaveCommand) -> Vec<Effect> {
    match command {
        LeaveCommand::EditFolder(folder) => {
            state.leave.folder = folder;
            state.leave.failure = None;
        }
        LeaveCommand::ToggleIterations => state.leave.has_iterations = !state.leave.has_iterations,
        LeaveCommand::ToggleThumbnails => state.leave.has_thumbnails = !state.leave.has_thumbnails,
        LeaveCommand::Start => return start(state),
    }
    Vec::new()
}

/// Fills the dialog's fields for the open project.
pub(super) fn prepare(state: &mut State) {
    state.leave.failure = None;
    let Some(opened) = state.opened.as_ref().filter(|opened| state.leave.project != Some(opened.project.id)) else {
        // What was typed for this project stands: an interrupted archive continues at its place.
        return;
    };
    state.leave.project = Some(opened.project.id);
    let name = suggested_name(&opened.project.name, "archive");
    state.leave.folder = match folder_of_exports(state) {
        Some(parent) => parent.join(name).display().to_string(),
        None => name,
    };
}

fn start(state: &mut State) -> Vec<Effect> {
    let Some(opened) = &state.opened else { return Vec::new() };
    if let Err(failure) = tasks::can_start(state, opened) {
        state.leave.failure = Some(failure);
        return Vec::new();
    }
    let out = match whole_place(state, &state.leave.folder, "Archive") {
        Ok(out) => out,
        Err(failure) => {
            state.leave.failure = Some(failure);
            return Vec::new();
        }
    };
    let plan = ArchivePlan {
        project: opened.project.id,
        project_name: opened.project.name.clone(),
        out: out.clone(),
        has_thumbnails: state.leave.has_thumbnails,
        has_iterations: state.leave.has_iterations,
    };
    keep_folder(state, out);
    let mut effects = begin(state, Arc::new(plan));
    effects.push(save(state));
    effects
}

/// Begins an archive of the open project, or continues with one.
pub(super) fn begin(state: &mut State, plan: Arc<ArchivePlan>) -> Vec<Effect> {
    let task = TaskId(state.number());
    let Some(opened) = &state.opened else { return Vec::new() };
    let job = ArchiveJob {
        task,
        plan: Some(Arc::clone(&plan)),
        project: opened.project.clone(),
        out: plan.out.clone(),
        // Starting it again at the same place means resuming it.
        is_resumed: true,
        has_thumbnails: plan.has_thumbnails,
        has_iterations: plan.has_iterations,
        has_predictions: false,
        has_models: false,
    };
    task::push(&mut state.tasks, Task::begun(task, opened.catalogue.len(), Retry::Archive(plan)));
    state.dialog = Some(Dialog::Tasks);
    vec![Effect::Archive(Box::new(job))]
}
