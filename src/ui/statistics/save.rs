//! The dialog that saves plots: where to, and what is in the way.

use egui::Ui;

use crate::theme::{self, tokens};
use crate::widgets::dialog::dialog;
use crate::widgets::save::{SaveAnswer, SaveFields, save_fields_ui};
use crate::widgets::text;
use app::dialog::FolderPurpose;
use app::statistics::{SaveWhat, StatisticsCommand};
use app::{Command, State, WindowCommand};

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
        let fields = SaveFields {
            id: "plots path",
            name: if form.what == SaveWhat::All { "New folder" } else { "New file" },
            path: &form.path,
            failure: form.failure.as_ref(),
            is_taken: form.is_taken,
            is_busy: form.is_busy,
        };
        for answer in save_fields_ui(ui, &fields, commands) {
            commands.push(match answer {
                SaveAnswer::Edit(path) => Command::Statistics(StatisticsCommand::EditPath(path)),
                SaveAnswer::Browse => Command::Window(WindowCommand::PickFolder(FolderPurpose::Plots)),
                SaveAnswer::Save { replaces } => Command::Statistics(StatisticsCommand::Save { replaces }),
                SaveAnswer::Cancel => Command::Window(WindowCommand::ShowDialog(None)),
            });
        }
    });
}
