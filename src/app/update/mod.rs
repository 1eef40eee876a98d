//! A command changes the state and asks for effects. Pure: the clock comes in as a command, files and network go out
//! as effects.

mod canvas;
pub(super) mod changes;
pub(super) mod checks;
mod choose;
mod colors;
mod compare;
mod connect;
mod export;
pub(super) mod keys;
pub(super) mod last_visit;
mod leave;
mod look;
pub(super) mod originals;
mod outdated;
mod panels;
mod project;
pub(super) mod query;
mod queue;
mod quit;
pub(super) mod recall;
mod retry;
pub(super) mod review;
pub(super) mod statistics;
mod tour;
pub(super) mod wall;

pub(super) use connect::connected;
pub(super) use look::want_pixels;
pub(super) use project::remember_project;

use super::{Command, Effect, State};

/// Does one command.
pub fn update(state: &mut State, command: Command) -> Vec<Effect> {
    let mut effects = quit::hold(state, command).map_or_else(Vec::new, |command| dispatch(state, command));
    effects.extend(settle(state));
    effects
}

/// What follows from any change: tags wear the colors that are chosen, plots are of what is shown.
pub(super) fn settle(state: &mut State) -> Vec<Effect> {
    colors::apply_tag_colors(state);
    let mut effects: Vec<_> = statistics::follow(state).into_iter().collect();
    effects.extend(quit::settle(state));
    effects
}

fn dispatch(state: &mut State, command: Command) -> Vec<Effect> {
    use Command as C;
    match command {
        C::Start { .. }
        | C::EditEndpoint(_)
        | C::KeepKey(_)
        | C::Test(_)
        | C::Connect(_)
        | C::ForgetKey
        | C::OpenFolder(_)
        | C::OpenSample
        | C::OpenRecent(_)
        | C::ForgetRecent(_)
        | C::MendConnection
        | C::Disconnect => connect::update(state, command),
        C::ShowIterations(_)
        | C::OpenProject { .. }
        | C::CloseProject
        | C::Refresh
        | C::StopListing
        | C::ResumeListing => project::update(state, command),
        C::SetView(_)
        | C::Viewport { .. }
        | C::CanvasView { .. }
        | C::SetThumbSide(_)
        | C::ToggleTagBoxes(_)
        | C::SetSort(_)
        | C::SetGrouping(_)
        | C::RetryPicture(_) => look::update(state, command),
        C::Pick { .. }
        | C::PickMany { .. }
        | C::MoveCursor { .. }
        | C::CursorToEnd { .. }
        | C::ToggleCursor
        | C::SelectAll
        | C::SelectNone
        | C::InvertSelection
        | C::GoTo(_) => choose::update(state, command),
        C::OpenImage(_)
        | C::StepImage(_)
        | C::SelectRegion(_)
        | C::StepRegion(_)
        | C::Zoom(_)
        | C::ToggleKeepView
        | C::ToggleSmooth
        | C::Canvas(_)
        | C::CopyImageJson => canvas::update(state, command),
        C::SetExportWhat(_)
        | C::ToggleExportFormat(_)
        | C::SetExportPixels(_)
        | C::ExportChoice(_)
        | C::RetryTask(_)
        | C::DiscardTask(_)
        | C::PauseTask(_)
        | C::EditExportFolder(_)
        | C::StartExport
        | C::CancelTask(_)
        | C::DismissTask(_)
        | C::ShowReport(_) => export::update(state, command),
        C::EditLeaveFolder(_) | C::ToggleLeaveThumbnails | C::ToggleLeaveIterations | C::StartLeave => {
            leave::update(state, command)
        }
        C::Query(command) => query::update(state, command),
        C::Check(command) => checks::update(state, command),
        C::Changes(command) => changes::update(state, command),
        C::Review(command) => review::update(state, command),
        C::Wall(command) => wall::update(state, command),
        C::ChooseColor { tag, color } => colors::choose(state, tag, color),
        C::Statistics(command) => statistics::update(state, command),
        C::Keys(command) => keys::update(state, command),
        C::ToggleOverlays
        | C::ToggleLeft
        | C::ToggleRight
        | C::Narrow(_)
        | C::LeftWidth(_)
        | C::RightWidth(_)
        | C::SetTheme(_)
        | C::Scale(_)
        | C::SetBudget { .. }
        | C::SetReduceMotion(_)
        | C::ShowDialog(_)
        | C::Back
        | C::CopyText(_)
        | C::Reveal(_)
        | C::DismissNotice(_)
        | C::PickFolder(_)
        | C::ClearCache
        | C::Clock(_)
        | C::Quit
        | C::QuitAnyway(_) => panels::update(state, command),
    }
}

pub(super) use export::{classes_read, place_seen};
pub use quit::at_exit;
pub(super) use retry::{discarded, ended_badly, interrupted};

fn save(state: &State) -> Effect {
    Effect::SaveSettings(Box::new(state.settings.clone()))
}

#[cfg(test)]
mod tests;
