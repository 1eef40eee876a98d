//! The list of tasks.

use super::retry;
use crate::dialog::Dialog;
use crate::{Effect, State, TaskCommand, TaskId, TaskState};

pub(super) fn update(state: &mut State, command: TaskCommand) -> Vec<Effect> {
    match command {
        TaskCommand::Retry(task) => retry::again(state, task),
        TaskCommand::Discard(task) => retry::discard(state, task),
        TaskCommand::Pause(task) => pause(state, task),
        TaskCommand::Cancel(task) => retry::cancel(state, task),
        TaskCommand::Dismiss(task) => {
            state.tasks.retain(|other| other.id != task || matches!(other.state, TaskState::Running { .. }));
            Vec::new()
        }
        TaskCommand::ShowReport(task) => {
            state.dialog = Some(Dialog::Report(task));
            Vec::new()
        }
    }
}

fn pause(state: &mut State, task: TaskId) -> Vec<Effect> {
    let found = state.tasks.iter_mut().find(|found| found.id == task);
    let Some(is_paused) = found.and_then(|found| found.paused.as_mut()) else { return Vec::new() };
    *is_paused = !*is_paused;
    vec![Effect::PauseTask(task, *is_paused)]
}
