//! The dialog that saves plots: where to, and what is in the way.

use egui::{Id, Key, Ui};

use crate::theme::{self, tokens};
use crate::widgets::dialog::{buttons, dialog, is_fresh};
use crate::widgets::{Button, Field, message, text};
use app::effect::FolderPurpose;
use app::statistics::{SaveWhat, StatisticsCommand};
use app::{Command, State, WindowCommand};

/// Paints it.
pub(crate) fn save_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    let form = &opened.statistics.form;
    let (title, words) = match form.what {
        SaveWhat::All => ("Save all plots", "All plots as PNG and CSV, in a new folder.".to_owned()),
        SaveWhat::One(panel, format) => ("Save a plot", format!("\"{}\" as {}.", panel.label(), format.word())),
    };
    dialog(ui, title, 560.0, commands, |ui, commands| {
        let tokens = theme::of(ui);
        text::paragraph(ui, &words, theme::font(tokens::BODY), tokens.dim);
        let mut path = form.path.clone();
        let mut is_entered = false;
        ui.horizontal(|ui| {
            let width = ui.available_width() - 96.0;
            let name = if form.what == SaveWhat::All { "New folder" } else { "New file" };
            let field = Field::new(Id::unique("plots path"), name).width(width).bad(form.failure.is_some());
            let (response, _) = field.show(ui, &mut path);
            if is_fresh(ui, Id::unique("plots path is open")) {
                response.request_focus();
            }
            if response.changed() {
                commands.push(Command::Statistics(StatisticsCommand::EditPath(path)));
            }
            is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if ui.add(Button::new("Browse...").min_width(88.0)).clicked() {
                commands.push(Command::Window(WindowCommand::PickFolder(FolderPurpose::Plots)));
            }
        });
        if let Some(failure) = &form.failure {
            message::failure_line(ui, failure, commands);
        }
        buttons(ui, |ui| {
            let label = if form.is_taken { "Replace the file" } else { "Save" };
            let button = Button::new(label).primary().enabled(!form.is_busy);
            let is_clicked = ui.add(button.key_if((!form.is_taken).then(|| "Enter".to_owned()))).clicked();
            if ui.add(Button::new("Cancel").key("Esc")).clicked() {
                commands.push(Command::Window(WindowCommand::ShowDialog(None)));
            }
            // Enter saves, but never replaces: that takes the button.
            if is_clicked || (is_entered && !form.is_taken) {
                let replaces = is_clicked && form.is_taken;
                commands.push(Command::Statistics(StatisticsCommand::Save { replaces }));
            }
        });
    });
}
