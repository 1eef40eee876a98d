//! Ending the program, the connection or the open project: see [`crate::quit`]; and the work that this would interrupt.

use std::path::Path;

use super::{dispatch, lifecycle, save};
use crate::command::{ConnectionCommand, ProjectCommand, QuitChoice};
use crate::dialog::Dialog;
use crate::quit::{NextStep, QuitStage, Quitting};
use crate::settings::SourceSpec;
use crate::state::Busy;
use crate::task::{Task, TaskState};
use crate::{Command, Effect, QuitCommand, State};

pub(super) fn update(state: &mut State, command: QuitCommand) -> Vec<Effect> {
    match command {
        QuitCommand::Ask => ask(state),
        QuitCommand::Choose(choice) => choose(state, choice),
    }
}

/// The person wants to quit: at once when nothing is under way, else a dialog asks or waits.
fn ask(state: &mut State) -> Vec<Effect> {
    let work = under_way(state, &NextStep::Quit);
    let stage = if !work.is_empty() {
        stage_of(&work)
    } else if state.unsaved.is_empty() {
        return leave(state, NextStep::Quit);
    } else {
        QuitStage::Decisions
    };
    state.quitting = Some(Quitting { stage, next: NextStep::Quit });
    state.dialog = Some(Dialog::Quit);
    Vec::new()
}

/// A canceled task is waited for without a question: it only has to be removed.
fn stage_of(work: &[Underway<'_>]) -> QuitStage {
    if work.iter().all(Underway::is_canceled) { QuitStage::Work } else { QuitStage::Asked }
}

/// Holds a command back that would interrupt work, and asks about it; gives every other command back.
pub(super) fn hold(state: &mut State, command: Command) -> Option<Command> {
    let Some(next) = next_after(&command, state).filter(|next| !under_way(state, next).is_empty()) else {
        return Some(command);
    };
    let stage = stage_of(&under_way(state, &next));
    state.quitting = Some(Quitting { stage, next });
    state.dialog = Some(Dialog::Quit);
    None
}

fn choose(state: &mut State, choice: QuitChoice) -> Vec<Effect> {
    let Some(Quitting { next, .. }) = state.quitting.take() else { return Vec::new() };
    let stage = match (choice, &next) {
        (QuitChoice::WhenDone, _) => QuitStage::Work,
        (QuitChoice::Stop, NextStep::Quit) => QuitStage::Decisions,
        (QuitChoice::Stop, NextStep::Change(_)) | (QuitChoice::LoseDecisions, _) => return leave(state, next),
    };
    // Every change checks whether nothing is in the way any more.
    state.quitting = Some(Quitting { stage, next });
    Vec::new()
}

/// Continues once what it waits for is done; gives up waiting when the dialog was closed.
pub(super) fn resume(state: &mut State) -> Vec<Effect> {
    let Some(Quitting { stage, next }) = state.quitting.take() else { return Vec::new() };
    if state.dialog != Some(Dialog::Quit) {
        return Vec::new();
    }
    let has_saved = matches!(next, NextStep::Change(_)) || state.unsaved.is_empty();
    let is_done = match stage {
        // Nothing is left to ask about.
        QuitStage::Asked | QuitStage::Work => has_saved && under_way(state, &next).is_empty(),
        QuitStage::Decisions => has_saved,
    };
    if is_done {
        return leave(state, next);
    }
    let work = under_way(state, &next);
    let stage = if stage == QuitStage::Asked && !work.is_empty() { stage_of(&work) } else { stage };
    state.quitting = Some(Quitting { stage, next });
    Vec::new()
}

fn leave(state: &mut State, next: NextStep) -> Vec<Effect> {
    state.quitting = None;
    state.dialog = state.dialog.take_if(|dialog| *dialog != Dialog::Quit);
    match next {
        NextStep::Quit => vec![at_exit(state), Effect::Quit],
        NextStep::Change(command) => dispatch(state, *command),
    }
}

/// What is to be kept when the window closes, whatever closes it.
pub fn at_exit(state: &mut State) -> Effect {
    lifecycle::remember_project(state);
    let canceled = state.tasks.iter().filter_map(Task::canceled_folder).map(Path::to_path_buf);
    state.settings.canceled = canceled.collect();
    save(state)
}

#[derive(Clone, Debug)]
pub enum Underway<'a> {
    Task(&'a Task),
    /// Something without a row, in words: `Import of reviews`.
    Other(String),
}

impl Underway<'_> {
    /// `Export to forks`.
    pub fn title(&self) -> &str {
        match self {
            Self::Task(task) => &task.title,
            Self::Other(title) => title,
        }
    }

    /// Whether it was canceled, and only what it has left is still to be removed.
    pub fn is_canceled(&self) -> bool {
        matches!(self, Self::Task(task) if task.is_canceled)
    }

    /// Whether what is done so far can be resumed later.
    pub fn is_kept(&self) -> bool {
        matches!(self, Self::Task(_))
    }
}

/// The work that this would interrupt.
pub fn under_way<'a>(state: &'a State, next: &NextStep) -> Vec<Underway<'a>> {
    let mut found = Vec::new();
    if ends_connection(next, state) {
        let running = state.tasks.iter().filter(|task| matches!(task.state, TaskState::Running { .. }));
        found.extend(running.map(Underway::Task));
    }
    if let Some(opened) = &state.opened {
        if opened.review.transfer.is_busy {
            found.push(Underway::Other("Export or import of reviews".to_owned()));
        }
        if opened.statistics.form.is_busy {
            found.push(Underway::Other("Saving of plots".to_owned()));
        }
    }
    // A connection that is being made has nothing to lose; an import reads a whole folder.
    if let (NextStep::Quit, Some(Busy::Connecting(SourceSpec::Folder { path }))) = (next, &state.connect.busy) {
        found.push(Underway::Other(format!("Opening of {}", path.display())));
    }
    found
}

/// What a command would lead to; `None`: it interrupts nothing.
pub(super) fn next_after(command: &Command, state: &State) -> Option<NextStep> {
    let changes = match command {
        Command::Connection(
            ConnectionCommand::OpenFolder(_)
            | ConnectionCommand::OpenStore(_)
            | ConnectionCommand::OpenSample
            | ConnectionCommand::OpenRecent(_)
            | ConnectionCommand::Disconnect,
        )
        | Command::Project(ProjectCommand::Open { .. } | ProjectCommand::Close) => true,
        Command::Project(ProjectCommand::Refresh) => state.opened.is_some(),
        _ => false,
    };
    changes.then(|| NextStep::Change(Box::new(command.clone())))
}

/// Whether the connection ends, and with it the running tasks. Another project of the same service leaves them alone.
fn ends_connection(next: &NextStep, state: &State) -> bool {
    match next {
        NextStep::Quit => true,
        NextStep::Change(command) => match **command {
            Command::Project(ProjectCommand::Open { .. } | ProjectCommand::Refresh) => false,
            Command::Project(ProjectCommand::Close) => !matches!(state.source, Some(SourceSpec::Service { .. })),
            _ => true,
        },
    }
}

#[cfg(test)]
mod tests;
