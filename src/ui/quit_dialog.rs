//! Ending the program while something is under way: what is to become of running tasks, and the wait for the disk.

use egui::Ui;

use super::theme::{self, tokens};
use super::widgets::dialog::{buttons, dialog};
use super::widgets::{Button, text};
use app::{Command, QuitChoice, Quitting, State, Task, TaskState};

pub(super) fn quit_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let running: Vec<&Task> =
        state.tasks.iter().filter(|task| matches!(task.state, TaskState::Running { .. })).collect();
    let decisions = text::count(state.unsaved.len() as u64, "decision", "decisions");
    match state.quitting {
        Some(Quitting::Asked) => asked_ui(ui, &running, commands),
        Some(Quitting::Tasks) => waiting_ui(ui, &running, commands),
        Some(Quitting::Decisions) => saving_ui(ui, &decisions, commands),
        None => {}
    }
}

/// "Export to forks is running", "2 tasks are running".
fn title(running: &[&Task]) -> String {
    match running {
        [task] => format!("{} is running", task.title),
        many => format!("{} tasks are running", many.len()),
    }
}

fn paragraph(ui: &mut Ui, words: &str) {
    let tokens = theme::of(ui);
    text::paragraph(ui, words, theme::font(tokens::BODY), tokens.dim);
}

fn asked_ui(ui: &Ui, running: &[&Task], commands: &mut Vec<Command>) {
    dialog(ui, &title(running), 520.0, commands, |ui, commands| {
        paragraph(
            ui,
            "If you stop now, the progress is kept in a hidden folder next to the target. Tagscope offers to resume \
             it at the next start.",
        );
        buttons(ui, |ui| {
            if ui.add(Button::new("Quit when done").primary()).clicked() {
                commands.push(Command::QuitAnyway(QuitChoice::WhenDone));
            }
            if ui.add(Button::new("Stop and quit")).clicked() {
                commands.push(Command::QuitAnyway(QuitChoice::Stop));
            }
            if ui.add(Button::new("Cancel").key("Esc")).clicked() {
                commands.push(Command::ShowDialog(None));
            }
        });
    });
}

fn waiting_ui(ui: &Ui, running: &[&Task], commands: &mut Vec<Command>) {
    dialog(ui, "Tagscope quits when this is done", 520.0, commands, |ui, commands| {
        for task in running {
            super::tasks::progress_ui(ui, task);
        }
        buttons(ui, |ui| {
            if ui.add(Button::new("Stop and quit")).clicked() {
                commands.push(Command::QuitAnyway(QuitChoice::Stop));
            }
            if ui.add(Button::new("Stay").key("Esc")).clicked() {
                commands.push(Command::ShowDialog(None));
            }
        });
    });
}

fn saving_ui(ui: &Ui, decisions: &str, commands: &mut Vec<Command>) {
    dialog(ui, &format!("Saving {decisions}..."), 460.0, commands, |ui, commands| {
        paragraph(ui, "Tagscope quits as soon as everything is on disk.");
        buttons(ui, |ui| {
            if ui.add(Button::new("Stay").key("Esc")).clicked() {
                commands.push(Command::ShowDialog(None));
            }
            if ui.add(Button::new(&format!("Quit and lose {decisions}"))).clicked() {
                commands.push(Command::QuitAnyway(QuitChoice::LoseDecisions));
            }
        });
    });
}
