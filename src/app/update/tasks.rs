//! The list of tasks: jobs that are paused, stopped or dismissed; starting those again that failed or were interrupted, and
//! removing what they have left.

use std::sync::Arc;

use super::{export, leave};
use crate::dialog::Dialog;
use crate::retry::{Interrupted, Retry};
use crate::state::{Busy, Opened};
use crate::{
    Effect, Failure, FailureKind, Notice, NoticeAction, Severity, State, Task, TaskCommand, TaskId, TaskState,
};

pub(super) fn update(state: &mut State, command: TaskCommand) -> Vec<Effect> {
    match command {
        TaskCommand::Retry(task) => again(state, task),
        TaskCommand::Discard(task) => discard(state, task),
        TaskCommand::Pause(task) => pause(state, task),
        TaskCommand::Cancel(task) => cancel(state, task),
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

/// Stops a task. Until it has ended, it is at its place still.
fn cancel(state: &mut State, task: TaskId) -> Vec<Effect> {
    for found in state.tasks.iter_mut().filter(|found| found.id == task) {
        found.is_canceled = true;
    }
    vec![Effect::CancelTask(task)]
}

/// What would fail again is not offered again: nothing of it is kept. Nor is anything of an export into a folder that a
/// person has canceled. One that ended with its connection can be resumed.
pub(crate) fn ended_badly(state: &mut State, task: TaskId, failure: &Failure) {
    use FailureKind as K;
    for found in state.tasks.iter_mut().filter(|found| found.id == task) {
        let is_canceled = found.is_canceled;
        found.retry.take_if(|retry| match (retry, &failure.kind) {
            (Retry::Archive(_), _) => false,
            (Retry::Export(plan), K::Canceled) => is_canceled && plan.out.folder().is_some(),
            (Retry::Export(_), kind) => matches!(kind, K::NotVerified { .. } | K::Internal { .. }),
        });
    }
}

fn again(state: &mut State, task: TaskId) -> Vec<Effect> {
    let is_it = |found: &&Task| found.id == task && !matches!(found.state, TaskState::Running { .. });
    let Some(retry) = state.tasks.iter().find(is_it).and_then(|found| found.retry.clone()) else { return Vec::new() };
    let begun = opened_for(state, &retry).and_then(|()| match &retry {
        Retry::Export(plan) => export::begin_again(state, plan),
        Retry::Archive(plan) => Ok(leave::begin(state, Arc::clone(plan))),
    });
    match begun {
        Ok(effects) => {
            state.tasks.retain(|other| other.id != task);
            effects
        }
        Err(failure) => {
            state.push_notice(Notice::from_failure(Severity::Warning, &failure));
            Vec::new()
        }
    }
}

/// Whether the project that a job is about is open and connected.
fn opened_for(state: &State, retry: &Retry) -> Result<(), Failure> {
    let (id, name) = retry.project();
    let wanted = |opened: &&Opened| opened.project.id == id;
    let Some(opened) = state.opened.as_ref().filter(wanted) else {
        let path = retry.title();
        let reason = format!("open the project \u{201c}{name}\u{201d} first, then resume from the list of tasks");
        return Err(Failure::bare(FailureKind::Files { path, reason }));
    };
    can_start(state, opened)
}

/// Whether a job of the open project can start: it is connected, and no other source is about to replace it.
pub(super) fn can_start(state: &State, opened: &Opened) -> Result<(), Failure> {
    if !opened.is_connected {
        return Err(Failure::bare(FailureKind::NotConnected));
    }
    match state.connect.busy {
        Some(Busy::Connecting(_)) => Err(Failure::bare(FailureKind::SourceOpening)),
        Some(Busy::Testing) | None => Ok(()),
    }
}

/// Removes what an interrupted task has left.
fn discard(state: &mut State, task: TaskId) -> Vec<Effect> {
    let found = state.tasks.iter().find(|found| found.id == task);
    let Some(found) = found.filter(|found| matches!(found.state, TaskState::Interrupted { .. })) else {
        return Vec::new();
    };
    let out = found.retry.as_ref().map(|retry| retry.out().clone());
    out.map(|out| Effect::Discard { task, out }).into_iter().collect()
}

/// It is gone, or why it is not.
pub(crate) fn discarded(state: &mut State, task: TaskId, result: Result<(), Failure>) {
    match result {
        Ok(()) => state.tasks.retain(|other| other.id != task),
        Err(failure) => {
            state.push_notice(Notice::from_failure(Severity::Error, &failure));
        }
    }
}

/// Jobs of an earlier session: rows of the task list, and a word about them. Those that were canceled are removed.
pub(crate) fn interrupted(state: &mut State, jobs: Vec<Interrupted>) -> Vec<Effect> {
    let canceled = std::mem::take(&mut state.canceled);
    let is_canceled =
        |job: &Interrupted| job.retry.out().folder().is_some_and(|out| canceled.iter().any(|one| one == out));
    let (gone, jobs): (Vec<_>, Vec<_>) = jobs.into_iter().partition(is_canceled);
    let discards = gone.iter().map(|job| {
        let task = TaskId(state.number());
        Effect::Discard { task, out: job.retry.out().clone() }
    });
    let effects = discards.collect();
    let Some(first) = jobs.first() else { return effects };
    let (title, body) = match jobs.len() {
        1 => (
            format!("{} was interrupted", first.retry.title()),
            format!("Its progress is kept in {}. You can resume or discard it.", first.folder.display()),
        ),
        count => (
            format!("{count} tasks were interrupted"),
            "Their progress is kept. You can resume or discard each of them.".to_owned(),
        ),
    };
    for Interrupted { retry, folder } in jobs {
        let id = TaskId(state.number());
        crate::task::push(&mut state.tasks, Task::interrupted(id, folder, retry));
    }
    let action = Some(NoticeAction::ShowTasks);
    state.push_notice(Notice { action, ..Notice::new(Severity::Warning, title, body) });
    effects
}
