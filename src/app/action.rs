//! Everything that can be done by name: one table fills the palette, the help sheet, tooltips and the key bindings.
//! A row of `table` is all there is of an action; `commands` has the conditions and commands that its rows share.

mod commands;

use super::chord::Chord;
use super::command::Command;
use super::quick_comments::PLACES;
use super::state::{Opened, Screen, State};
use super::view::View;

/// Where an action can be used; its keys are free elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionPlace {
    Everywhere,
    /// In an open project, on grid and canvas.
    Project,
    /// On the grid and the region wall.
    Cells,
    Grid,
    Canvas,
    Wall,
    Statistics,
}

impl ActionPlace {
    /// Whether there is a screen on which both can be used, so that they cannot share a key.
    pub fn meets(self, other: Self) -> bool {
        let is_wide = |place| matches!(place, Self::Everywhere | Self::Project);
        let is_cells = |a, b| a == Self::Cells && matches!(b, Self::Grid | Self::Wall);
        self == other || is_wide(self) || is_wide(other) || is_cells(self, other) || is_cells(other, self)
    }

    fn is_shown(self, state: &State) -> bool {
        let view = project_on_screen(state).map(|opened| opened.view);
        match self {
            Self::Everywhere => true,
            Self::Project => view.is_some(),
            Self::Cells => matches!(view, Some(View::Grid | View::Wall)),
            Self::Grid => view == Some(View::Grid),
            Self::Canvas => view == Some(View::Canvas),
            Self::Wall => view == Some(View::Wall),
            Self::Statistics => view == Some(View::Statistics),
        }
    }
}

/// How an action is presented and bound to keys.
#[derive(Clone, Copy, Debug)]
pub struct ActionText {
    pub label: &'static str,
    pub tooltip: &'static str,
    pub place: ActionPlace,
    /// Its keys; the first is shown.
    pub keys: &'static [Chord],
}

/// When an action can be done where it can be used.
#[derive(Clone, Copy)]
enum Condition {
    Always,
    If(fn(&State) -> bool),
    /// A project is on the screen, and this is so of it.
    IfOpened(fn(&Opened) -> bool),
}

struct Row {
    text: ActionText,
    condition: Condition,
    /// `None`: only the window can do it, which knows the columns of the grid and the focus of the query box, or there is
    /// nothing to do it with.
    command: fn(&State) -> Option<Command>,
}

/// Makes the actions and their table, so that neither can be without the other.
macro_rules! actions {
    ($($name:ident: $label:expr, $tooltip:expr, $place:ident, [$($key:expr),*], $condition:expr, $command:expr;)*) => {
        /// Something that can be done by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($name),*
        }

        impl Action {
            /// All actions in the order of help and palette.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }

        /// The row of each action, in the order of [`Action::ALL`].
        pub(super) static ROWS: &[super::Row] = &[$(super::Row {
            text: super::ActionText {
                label: $label,
                tooltip: $tooltip,
                place: super::ActionPlace::$place,
                keys: &[$($key),*],
            },
            condition: $condition,
            command: $command,
        }),*];
    };
}

mod table;

pub use table::Action;

/// The actions that make quick comments, by the comment's place.
pub const QUICK_COMMENTS: [Action; PLACES] = [
    Action::QuickComment1,
    Action::QuickComment2,
    Action::QuickComment3,
    Action::QuickComment4,
    Action::QuickComment5,
    Action::QuickComment6,
    Action::QuickComment7,
    Action::QuickComment8,
    Action::QuickComment9,
];

impl Action {
    /// Its texts and default keys. The user's own keys are in [`KeyMap`](crate::KeyMap): ask that for what to show.
    pub fn text(self) -> &'static ActionText {
        &self.row().text
    }

    fn row(self) -> &'static Row {
        &table::ROWS[self as usize]
    }

    pub fn is_enabled(self, state: &State) -> bool {
        self.is_in_place(state)
            && match self.row().condition {
                Condition::Always => true,
                Condition::If(is_so) => is_so(state),
                Condition::IfOpened(is_so) => project_on_screen(state).is_some_and(is_so),
            }
    }

    fn is_in_place(self, state: &State) -> bool {
        self.text().place.is_shown(state)
    }

    /// What it does now. `None` where only the window can do it (the grid knows its columns, the box its focus).
    pub fn command(self, state: &State) -> Option<Command> {
        (self.row().command)(state)
    }

    /// Which quick comment it makes, from 0.
    pub(super) fn quick_comment(self) -> Option<usize> {
        QUICK_COMMENTS.iter().position(|action| *action == self)
    }

    /// Its name with what it stands for now: `Comment: loose box`.
    pub fn name_now(self, state: &State) -> String {
        match self.quick_comment().and_then(|place| state.settings.quick_comments.get(place)) {
            Some(text) => format!("Comment: {text}"),
            None => self.text().label.to_owned(),
        }
    }

    /// Whether it lasts as long as its key is held.
    pub fn is_held(self) -> bool {
        matches!(self, Self::HoldToHide | Self::HoldToSolo)
    }

    /// Whether it moves the grid's cursor: with Shift it selects on the way.
    pub fn extends(self) -> bool {
        use Action as A;
        let pages = matches!(self, A::CursorPageUp | A::CursorPageDown | A::CursorHome | A::CursorEnd);
        pages || matches!(self, A::CursorLeft | A::CursorRight | A::CursorUp | A::CursorDown)
    }
}

fn project_on_screen(state: &State) -> Option<&Opened> {
    state.opened.as_ref().filter(|_| state.screen == Screen::Project)
}

const NO_IMAGE: &str = "Choose an image first: click it, or go to it with the arrow keys.";
const NO_CROP: &str = "Choose a region first: click it, or go to it with the arrow keys.";
const NO_REGION: &str = "Select a region first: click it, or press Tab.";

/// What an action lacks whose key is pressed where it can be used, and what to do first. Where there is simply nothing to
/// clear, stop or reset, there is nothing to say.
impl Action {
    /// What it lacks, in words; `None`: nothing, or its key does nothing here.
    pub fn lack(self, state: &State) -> Option<&'static str> {
        let opened = state.opened.as_ref().filter(|_| self.is_in_place(state) && !self.is_enabled(state))?;
        match self {
            Self::OpenImage | Self::ToggleCursor => Some(if opened.view == View::Wall { NO_CROP } else { NO_IMAGE }),
            Self::CopyImageJson => Some(NO_IMAGE),
            Self::SimilarImages => Some(match opened.shows_images() {
                true if opened.view == View::Wall => NO_CROP,
                true => NO_IMAGE,
                false => "Choose an image on the grid first.",
            }),
            Self::SimilarRegions => Some(no_region(opened)),
            Self::ZoomRegion => Some(NO_REGION),
            Self::NextChange | Self::PreviousChange => Some("Compare the project with another state first."),
            Self::CycleLayer | Self::BlameLabel | Self::BlameModel => Some("Load predictions first."),
            Self::SwapCompared | Self::ToggleLock | Self::NextCompared | Self::PreviousCompared => {
                Some("Compare two images side by side first.")
            }
            _ => self.quick_comment().map(|_| "This key has no comment yet: give it one under Quick comments."),
        }
    }
}

fn no_region(opened: &Opened) -> &'static str {
    match opened.view {
        View::Canvas => NO_REGION,
        View::Wall if opened.wall.cursor.is_some_and(|item| item.prediction().is_some()) => {
            "Choose a label first: predictions are not compared."
        }
        View::Wall => NO_CROP,
        View::Grid | View::Statistics | View::Evaluation => "Choose a region first, on the region wall or the canvas.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chord::alt;

    #[test]
    fn labels_are_unique_and_without_title_case() {
        let mut labels: Vec<_> = Action::ALL.iter().map(|action| action.text().label).collect();
        labels.sort_unstable();
        let count = labels.len();
        labels.dedup();
        assert_eq!(labels.len(), count);
    }

    #[test]
    fn each_quick_comment_has_its_digit_and_its_words() {
        let mut state = State::default();
        for (place, action) in QUICK_COMMENTS.into_iter().enumerate() {
            let digit = ["1", "2", "3", "4", "5", "6", "7", "8", "9"][place];
            assert_eq!((action.text().keys, action.quick_comment()), (&[alt(digit)][..], Some(place)));
        }
        state.settings.quick_comments.set(1, "too wide");
        state.settings.quick_comments.set(2, "");
        assert_eq!(Action::QuickComment2.name_now(&state), "Comment: too wide");
        assert_eq!(Action::QuickComment3.name_now(&state), "Quick comment 3");
    }
}
