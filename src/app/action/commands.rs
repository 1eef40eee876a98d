//! Conditions and commands of the table that several rows share or that do not fit into one.

use crate::appearance::Appearance;
use crate::appearance::ScaleCommand;
use crate::canvas::{CanvasCommand, CompareCommand, ZoomCommand};
use crate::command::{Command, DisplayCommand, SettingsCommand, WindowCommand};
use crate::dialog::Dialog;
use crate::quick_comments::QuickCommand;
use crate::review::ReviewCommand;
use crate::settings::{SourceSpec, ThemeChoice};
use crate::state::{Opened, State};
use crate::view::View;
use crate::wall::WallCommand;
use domain::{ImageGrouping, SortKey, Verdict};

pub(super) fn has_selection(opened: &Opened) -> bool {
    match opened.view {
        View::Wall => !opened.wall.selection.is_empty(),
        View::Grid | View::Canvas | View::Statistics | View::Evaluation => !opened.selection.is_empty(),
    }
}

pub(super) fn has_cursor(opened: &Opened) -> bool {
    match opened.view {
        View::Wall => opened.wall.cursor.is_some(),
        View::Grid | View::Canvas | View::Statistics | View::Evaluation => opened.cursor.is_some(),
    }
}

pub(super) fn has_dismissed(opened: &Opened) -> bool {
    !opened.review.reviews.dismissed().is_empty()
}

pub(super) fn has_changes(opened: &Opened) -> bool {
    opened.changes.comparison(opened.generation).is_some()
}

pub(super) fn has_predictions(opened: &Opened) -> bool {
    opened.predictions.compared(opened.generation).is_some()
}

pub(super) fn is_comparing(opened: &Opened) -> bool {
    opened.tools.compare.is_some()
}

/// An archive is out of the service already.
pub(super) fn is_in_service(state: &State) -> bool {
    !state.source.as_ref().is_some_and(SourceSpec::is_archive)
}

/// Only the window can do it.
pub(super) fn in_window(_: &State) -> Option<Command> {
    None
}

pub(super) fn show(dialog: Dialog) -> Option<Command> {
    Some(Command::Window(WindowCommand::ShowDialog(Some(dialog))))
}

pub(super) fn view(view: View) -> Option<Command> {
    Some(Command::Display(DisplayCommand::SetView(view)))
}

pub(super) fn sort(key: SortKey) -> Option<Command> {
    Some(Command::Display(DisplayCommand::SetSort(key)))
}

pub(super) fn zoom(command: ZoomCommand) -> Option<Command> {
    Some(Command::Canvas(CanvasCommand::Zoom(command)))
}

pub(super) fn compare(command: CompareCommand) -> Option<Command> {
    Some(Command::Canvas(CanvasCommand::Compare(command)))
}

pub(super) fn decide(verdict: Verdict) -> Option<Command> {
    Some(Command::Review(ReviewCommand::DecideHere(verdict)))
}

pub(super) fn quick_comment(place: usize) -> Option<Command> {
    Some(Command::Review(ReviewCommand::Quick(QuickCommand::Make(place))))
}

pub(super) fn theme(theme: ThemeChoice) -> Option<Command> {
    Some(Command::Settings(SettingsCommand::SetTheme(theme)))
}

pub(super) fn scale(command: ScaleCommand) -> Option<Command> {
    Some(Command::Settings(SettingsCommand::Scale(command)))
}

pub(super) fn appearance(state: &State, change: fn(&mut Appearance)) -> Option<Command> {
    let mut appearance = state.settings.appearance;
    change(&mut appearance);
    Some(Command::Settings(SettingsCommand::SetAppearance(appearance)))
}

pub(super) fn resize(state: &State, factor: f32) -> Option<Command> {
    Some(match &state.opened {
        Some(opened) if opened.view == View::Wall => {
            Command::Wall(WallCommand::SetSide(state.settings.wall_side * factor))
        }
        _ => Command::Display(DisplayCommand::SetThumbSide(state.settings.thumb_side * factor)),
    })
}

pub(super) fn reverse_sort(state: &State) -> Option<Command> {
    Some(match state.opened.as_ref()?.view {
        View::Wall => Command::Wall(WallCommand::ReverseSort),
        View::Grid | View::Canvas | View::Statistics | View::Evaluation => {
            Command::Display(DisplayCommand::ReverseSort)
        }
    })
}

pub(super) fn open_image(state: &State) -> Option<Command> {
    let opened = state.opened.as_ref()?;
    Some(match opened.view {
        View::Wall => Command::Wall(WallCommand::Open(opened.wall.cursor?)),
        View::Grid | View::Canvas | View::Statistics | View::Evaluation => {
            Command::Canvas(CanvasCommand::OpenImage(opened.cursor?))
        }
    })
}

pub(super) fn next_grouping(state: &State) -> Option<Command> {
    Some(Command::Display(DisplayCommand::SetGrouping(match state.settings.grouping {
        ImageGrouping::None => ImageGrouping::Tag,
        ImageGrouping::Tag => ImageGrouping::Date,
        ImageGrouping::Date => ImageGrouping::None,
    })))
}
