//! Ending the program, the connection or the open project: see [`crate::quit`].

use super::{dispatch, lifecycle, save};
use crate::command::QuitChoice;
use crate::dialog::Dialog;
use crate::quit::{Next, QuitStage, Quitting};
use crate::underway::{next_after, under_way};
use crate::{Command, Effect, QuitCommand, State};

pub(super) fn update(state: &mut State, command: QuitCommand) -> Vec<Effect> {
    match command {
        QuitCommand::Ask => ask(state),
        QuitCommand::Choose(choice) => choose(state, choice),
    }
}

/// The person wants to quit: at once when nothing is under way, else a dialog asks or waits.
fn ask(state: &mut State) -> Vec<Effect> {
    let stage = if !under_way(state, &Next::Quit).is_empty() {
        QuitStage::Asked
    } else if state.unsaved.is_empty() {
        return leave(state, Next::Quit);
    } else {
        QuitStage::Decisions
    };
    state.quitting = Some(Quitting { stage, next: Next::Quit });
    state.dialog = Some(Dialog::Quit);
    Vec::new()
}

/// Holds a command back that would interrupt work, and asks about it; gives every other command back.
pub(super) fn hold(state: &mut State, command: Command) -> Option<Command> {
    let Some(next) = next_after(&command, state).filter(|next| !under_way(state, next).is_empty()) else {
        return Some(command);
    };
    state.quitting = Some(Quitting { stage: QuitStage::Asked, next });
    state.dialog = Some(Dialog::Quit);
    None
}

fn choose(state: &mut State, choice: QuitChoice) -> Vec<Effect> {
    let Some(Quitting { next, .. }) = state.quitting.take() else { return Vec::new() };
    let stage = match (choice, &next) {
        (QuitChoice::WhenDone, _) => QuitStage::Work,
        (QuitChoice::Stop, Next::Quit) => QuitStage::Decisions,
        (QuitChoice::Stop, Next::Change(_)) | (QuitChoice::LoseDecisions, _) => return leave(state, next),
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
    let has_saved = matches!(next, Next::Change(_)) || state.unsaved.is_empty();
    let is_done = match stage {
        // Nothing is left to ask about.
        QuitStage::Asked | QuitStage::Work => has_saved && under_way(state, &next).is_empty(),
        QuitStage::Decisions => has_saved,
    };
    if is_done {
        return leave(state, next);
    }
    state.quitting = Some(Quitting { stage, next });
    Vec::new()
}

fn leave(state: &mut State, next: Next) -> Vec<Effect> {
    state.quitting = None;
    state.dialog = state.dialog.take_if(|dialog| *dialog != Dialog::Quit);
    match next {
        Next::Quit => vec![at_exit(state), Effect::Quit],
        Next::Change(command) => dispatch(state, *command),
    }
}

/// What is to be kept when the window closes, whatever closes it.
pub fn at_exit(state: &mut State) -> Effect {
    lifecycle::remember_project(state);
    save(state)
}

#[cfg(test)]
mod tests;
