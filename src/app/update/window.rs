//! Panels, dialogs and notices, and Esc.

use super::{display, dropping, export, leave, lifecycle, review};
use crate::dialog::Dialog;
use crate::state::{Busy, Screen};
use crate::view::View;
use crate::wall::WallCommand;
use crate::{Command, ConnectionCommand, Effect, State, WindowCommand};

pub(super) fn update(state: &mut State, command: WindowCommand) -> Vec<Effect> {
    match command {
        WindowCommand::ToggleOverlays => state.settings.show_overlays = !state.settings.show_overlays,
        WindowCommand::ToggleLeft => state.settings.show_left = !state.settings.show_left,
        WindowCommand::ToggleRight if state.is_narrow => state.has_drawer = !state.has_drawer,
        WindowCommand::ToggleRight => state.settings.show_right = !state.settings.show_right,
        // They are saved when the program ends.
        WindowCommand::LeftWidth(width) => state.settings.left_width = Some(width),
        WindowCommand::RightWidth(width) => state.settings.right_width = Some(width),
        WindowCommand::Narrow(is_narrow) => (state.is_narrow, state.has_drawer) = (is_narrow, false),
        WindowCommand::ShowDialog(dialog) => {
            if dialog.is_some_and(Dialog::needs_project) && state.opened.is_none() {
                return Vec::new();
            }
            let closed = std::mem::replace(&mut state.dialog, dialog);
            return match dialog {
                Some(dialog) => prepare(state, dialog),
                None => given_up(state, closed),
            };
        }
        WindowCommand::Back => return back(state),
        WindowCommand::CopyText(text) => return vec![Effect::CopyText(text)],
        WindowCommand::LackMenu => {
            review::say_for_a_moment(state, "Choose an image, a region or a row first. Then this key opens its menu.");
        }
        WindowCommand::Lack(action) => {
            if let Some(words) = action.lack(state) {
                review::say_for_a_moment(state, words);
            }
        }
        WindowCommand::Reveal(path) => return vec![Effect::Reveal(path)],
        WindowCommand::DismissNotice(id) => state.notices.retain(|notice| notice.id != id),
        WindowCommand::Drop(paths) => return dropping::take(state, &paths),
        WindowCommand::PickFolder(purpose) => return vec![Effect::PickFolder(purpose)],
    }
    Vec::new()
}

/// Fills the fields of a dialog that is shown now.
fn prepare(state: &mut State, dialog: Dialog) -> Vec<Effect> {
    match dialog {
        Dialog::Export => return export::prepare(state),
        Dialog::Leave => leave::prepare(state),
        Dialog::Reviews => review::prepare(state),
        Dialog::OpenFolder => state.connect.folder_failure = None,
        Dialog::Palette
        | Dialog::Help
        | Dialog::Report(_)
        | Dialog::Tasks
        | Dialog::Problems
        | Dialog::Findings
        | Dialog::Changes
        | Dialog::Predictions
        | Dialog::SaveChanges
        | Dialog::Settings
        | Dialog::Diagnostics
        | Dialog::ConfirmReview
        | Dialog::Comment
        | Dialog::Survey
        | Dialog::QuickComments
        | Dialog::SavePlots
        | Dialog::SaveOutcomes
        | Dialog::Quit => {}
    }
    Vec::new()
}

/// Closing the dialog of a path while the folder is being opened cancels the opening.
fn given_up(state: &mut State, closed: Option<Dialog>) -> Vec<Effect> {
    let is_opening = matches!(&state.connect.busy, Some(Busy::Connecting(source)) if source.is_archive());
    if closed != Some(Dialog::OpenFolder) || !is_opening {
        return Vec::new();
    }
    state.connect.busy = None;
    vec![Effect::StopConnecting]
}

/// Esc closes one thing at a time: dialog, iterations, drawer, sliders, comparing, region, canvas, selection.
fn back(state: &mut State) -> Vec<Effect> {
    if let Some(closed) = state.dialog.take() {
        return given_up(state, Some(closed));
    }
    if state.screen == Screen::Connect && lifecycle::is_unconnected(state) {
        state.screen = Screen::Project;
        return Vec::new();
    }
    if state.screen == Screen::Projects && state.unfolded.take().is_some() {
        return Vec::new();
    }
    if state.screen == Screen::Projects {
        return super::update(state, Command::Connection(ConnectionCommand::Disconnect));
    }
    if state.is_narrow && std::mem::take(&mut state.has_drawer) {
        return Vec::new();
    }
    let Some(opened) = &mut state.opened else { return Vec::new() };
    match opened.view {
        View::Canvas if opened.tools.is_adjusting => opened.tools.is_adjusting = false,
        View::Canvas if opened.tools.compare.is_some() => return super::compare::leave(opened),
        View::Canvas if opened.region.is_some() && opened.before_canvas != View::Wall => opened.region = None,
        View::Canvas => {
            opened.view = opened.before_canvas;
            super::wall::returned(opened);
            return display::want_pixels(opened);
        }
        View::Grid if opened.selection.is_empty() && opened.similar.is_some() => return super::similar::end(state),
        View::Grid => opened.selection.clear(),
        View::Wall if !opened.wall.selection.is_empty() => opened.wall.selection.clear(),
        View::Wall if opened.wall.near.is_some() => {
            return super::update(state, Command::Wall(WallCommand::EndSimilar));
        }
        View::Wall | View::Statistics | View::Evaluation => {
            opened.view = View::Grid;
            return display::want_pixels(opened);
        }
    }
    Vec::new()
}
