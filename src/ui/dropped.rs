//! Files and folders that are dropped onto the window: what would become of them is said while they are held over it.

use std::path::PathBuf;

use egui::{Align2, Color32, Id, LayerId, Order};

use super::theme::{self, tokens};
use app::dropping::Dropped;
use app::{Command, State, WindowCommand};

pub(super) fn dropped_ui(ui: &egui::Ui, state: &State, commands: &mut Vec<Command>) {
    let (dropped, hovered, is_held) = ui.input(|input| {
        let dropped: Vec<PathBuf> = input.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect();
        let hovered: Vec<PathBuf> = input.raw.hovered_files.iter().filter_map(|file| file.path.clone()).collect();
        (dropped, hovered, !input.raw.hovered_files.is_empty())
    });
    if !dropped.is_empty() {
        commands.push(Command::Window(WindowCommand::Drop(dropped)));
    }
    if is_held {
        let offer = Dropped::of(state.shows_project(), &hovered).map(|dropped| dropped.offer());
        let words = offer.unwrap_or_else(|| "Drop to open this archive or dataset".to_owned());
        let painter = ui.ctx().layer_painter(LayerId::new(Order::Tooltip, Id::unique("dropped")));
        let window = ui.ctx().content_rect();
        painter.rect_filled(window, 0.0, theme::of(ui).scrim);
        let font = theme::semibold(tokens::TITLE);
        painter.text(window.center(), Align2::CENTER_CENTER, words, font, Color32::WHITE);
    }
}
