//! Plots of what is shown.

use egui::Ui;

use super::widgets::text;
use crate::app::state::Opened;
use crate::app::{Command, State};

/// What it keeps from frame to frame.
#[derive(Default)]
pub struct StatisticsView {}

/// Paints it in all the room there is.
pub fn statistics_ui(
    ui: &mut Ui,
    _state: &State,
    _opened: &Opened,
    _view: &mut StatisticsView,
    _commands: &mut Vec<Command>,
) {
    text::dim(ui, "Plots appear here once images have arrived.");
}
