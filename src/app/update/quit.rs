//! Ending the program: see [`crate::quit`].

use super::{project, save};
use crate::quit::{QuitChoice, Quitting};
use crate::state::Dialog;
use crate::{Effect, State, TaskState};

/// The person wants to quit: at once when nothing is under way, else a dialog asks or waits.
pub(super) fn ask(state: &mut State) -> Vec<Effect> {
    if has_running(state) {
        state.quitting = Some(Quitting::Asked);
    } else if state.unsaved.is_empty() {
        return leave(state);
    } else {
        state.quitting = Some(Quitting::Decisions);
    }
    state.dialog = Some(Dialog::Quit);
    Vec::new()
}

/// The answer.
pub(super) fn choose(state: &mut State, choice: QuitChoice) -> Vec<Effect> {
    if state.quitting.is_none() {
        return Vec::new();
    }
    match choice {
        QuitChoice::WhenDone => state.quitting = Some(Quitting::Tasks),
        QuitChoice::Stop => state.quitting = Some(Quitting::Decisions),
        QuitChoice::LoseDecisions => return leave(state),
    }
    // Whether it can end now is looked at behind every change.
    Vec::new()
}

/// Ends the program once what it waits for is done; gives up waiting when the dialog was closed.
pub(super) fn settle(state: &mut State) -> Vec<Effect> {
    let Some(quitting) = state.quitting else { return Vec::new() };
    if state.dialog != Some(Dialog::Quit) {
        state.quitting = None;
        return Vec::new();
    }
    let is_done = match quitting {
        // Nothing is left to ask about.
        Quitting::Asked | Quitting::Tasks => !has_running(state) && state.unsaved.is_empty(),
        Quitting::Decisions => state.unsaved.is_empty(),
    };
    if is_done { leave(state) } else { Vec::new() }
}

fn leave(state: &mut State) -> Vec<Effect> {
    state.quitting = None;
    state.dialog = state.dialog.take_if(|dialog| *dialog != Dialog::Quit);
    vec![at_exit(state), Effect::Quit]
}

/// What is to be kept when the window closes, whatever closes it.
pub fn at_exit(state: &mut State) -> Effect {
    project::remember_project(state);
    save(state)
}

fn has_running(state: &State) -> bool {
    state.tasks.iter().any(|task| matches!(task.state, TaskState::Running { .. }))
}
