//! A command changes the state and asks for effects. Pure: the clock comes in as a command, files and network go out
//! as effects.

mod canvas;
pub(super) mod changes;
pub(super) mod checks;
mod compare;
pub(super) mod copying;
mod display;
mod dropping;
mod export;
mod leave;
pub(super) mod lifecycle;
pub(super) mod originals;
mod outdated;
mod places;
pub(super) mod predictions;
pub(super) mod query;
mod queue;
mod quit;
pub(super) mod review;
mod selection;
mod settings;
mod similar;
pub(super) mod statistics;
mod tasks;
pub(super) mod wall;
mod window;

pub(super) use display::want_pixels;
pub(super) use dropping::say_left_behind;
pub(super) use lifecycle::{connected, remember_project};
pub(super) use places::in_folder;

use super::state::Opened;
use super::{Command, Effect, State};

pub fn update(state: &mut State, command: Command) -> Vec<Effect> {
    let mut effects = quit::hold(state, command).map_or_else(Vec::new, |command| dispatch(state, command));
    effects.extend(after_change(state));
    effects
}

/// What follows from any change: tags wear the colors that are chosen, plots are of what is shown, and what was said of a
/// view ends with it.
pub(super) fn after_change(state: &mut State) -> Vec<Effect> {
    display::apply_tag_colors(state);
    review::end_remark(state);
    let mut effects: Vec<_> = statistics::refresh(state).into_iter().collect();
    effects.extend(quit::resume(state));
    effects
}

fn dispatch(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::Connection(command) => lifecycle::update_connection(state, command),
        Command::Project(command) => lifecycle::update_project(state, command),
        Command::Display(command) => display::update(state, command),
        Command::Query(command) => query::update(state, command),
        Command::Selection(command) => selection::update(state, command),
        Command::Canvas(command) => canvas::update(state, command),
        Command::Copy(command) => copying::update(state, command),
        Command::Check(command) => checks::update(state, command),
        Command::Changes(command) => changes::update(state, command),
        Command::Predictions(command) => predictions::update(state, command),
        Command::Review(command) => review::update(state, command),
        Command::Wall(command) => wall::update(state, command),
        Command::Statistics(command) => statistics::update(state, command),
        Command::Export(command) => export::update(state, command),
        Command::Leave(command) => leave::update(state, command),
        Command::Task(command) => tasks::update(state, command),
        Command::Window(command) => window::update(state, command),
        Command::Settings(command) => settings::update(state, command),
        Command::Keys(command) => settings::update_keys(state, command),
        Command::Quit(command) => quit::update(state, command),
        Command::Clock(now) => {
            state.now_unix = now;
            Vec::new()
        }
    }
}

/// What a command does to the open project; nothing without one.
fn with_opened(state: &mut State, act: impl FnOnce(&mut Opened) -> Vec<Effect>) -> Vec<Effect> {
    state.opened.as_mut().map(act).unwrap_or_default()
}

pub(super) use export::{classes_read, pictures_compared, place_let_go, place_seen};
pub use quit::{Underway, at_exit, under_way};
pub(super) use tasks::{discarded, ended_badly, interrupted};

fn save(state: &State) -> Effect {
    Effect::SaveSettings(Box::new(state.settings.clone()))
}

#[cfg(test)]
mod tests;
