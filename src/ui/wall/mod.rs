//! The region wall: every region of what is shown as a crop.

use egui::Ui;

use super::widgets::text;
use crate::app::state::Opened;
use crate::app::{Command, State};

/// What it keeps from frame to frame.
#[derive(Default)]
pub struct WallView {}

/// Paints it in all the room there is.
pub fn wall_ui(ui: &mut Ui, _state: &State, _opened: &Opened, _view: &mut WallView, _commands: &mut Vec<Command>) {
    text::dim(ui, "Regions appear here once images have arrived.");
}
