//! Ending the program, the connection or the open project while something is under way: what is to become of the work, and
//! the wait for the disk.

use egui::Ui;

use super::theme::{self, tokens};
use super::widgets::dialog::{buttons, close_button, dialog};
use super::widgets::{Button, text};
use app::quit::{NextStep, QuitStage, Quitting};
use app::{Command, QuitChoice, QuitCommand, State};
use app::{Underway, under_way};

pub(super) fn quit_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(Quitting { stage, next }) = &state.quitting else { return };
    match stage {
        QuitStage::Asked => {
            let mut work = under_way(state, next);
            work.retain(|one| !one.is_canceled());
            asked_ui(ui, &work, next, commands);
        }
        QuitStage::Work => waiting_ui(ui, &under_way(state, next), next, commands),
        QuitStage::Decisions => {
            saving_ui(ui, &text::count(state.unsaved.len() as u64, "decision", "decisions"), commands);
        }
    }
}

/// `Export to “forks” is running`, `2 tasks are running`.
fn title(work: &[Underway<'_>]) -> String {
    match work {
        [one] => format!("{} is running", one.title()),
        many => format!("{} tasks are running", many.len()),
    }
}

fn paragraph(ui: &mut Ui, words: &str) {
    let tokens = theme::of(ui);
    text::paragraph(ui, words, theme::font(tokens::BODY), tokens.dim);
}

fn consequence(work: &[Underway<'_>], next: &NextStep) -> String {
    let names = |is_kept: bool| {
        let titles: Vec<_> = work.iter().filter(|one| one.is_kept() == is_kept).map(Underway::title).collect();
        titles.join(", ")
    };
    let (kept, lost) = (names(true), names(false));
    let mut words = Vec::new();
    if !kept.is_empty() {
        let place = "If you stop now, the progress is kept in a hidden folder next to the target.";
        words.push(match next {
            NextStep::Quit => format!("{place} Tagscope offers to resume it at the next start."),
            NextStep::Change(_) => {
                format!("{place} You can resume it from the list of tasks once this project is open again.")
            }
        });
    }
    if !lost.is_empty() {
        words.push(format!("{lost}: has to be started again if you stop it now."));
    }
    words.join(" ")
}

fn asked_ui(ui: &Ui, work: &[Underway<'_>], next: &NextStep, commands: &mut Vec<Command>) {
    dialog(ui, &title(work), 520.0, commands, |ui, commands| {
        if work.len() > 1 {
            for one in work {
                text::paragraph(ui, one.title(), theme::font(tokens::BODY), theme::of(ui).text);
            }
        }
        paragraph(ui, &consequence(work, next));
        buttons(ui, |ui| {
            close_button(ui, "Cancel", commands);
            if ui.add(Button::new(&stop(next))).clicked() {
                commands.push(Command::Quit(QuitCommand::Choose(QuitChoice::Stop)));
            }
            if ui.add(Button::new(&format!("{} when done", capital(next.verb()))).primary()).clicked() {
                commands.push(Command::Quit(QuitCommand::Choose(QuitChoice::WhenDone)));
            }
        });
    });
}

/// `Stop and quit`.
fn stop(next: &NextStep) -> String {
    format!("Stop and {}", next.verb())
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn waiting_ui(ui: &Ui, work: &[Underway<'_>], next: &NextStep, commands: &mut Vec<Command>) {
    let title = match next {
        NextStep::Quit => "Tagscope quits when this is done".to_owned(),
        NextStep::Change(_) => format!("Waiting to {}", next.verb()),
    };
    dialog(ui, &title, 520.0, commands, |ui, commands| {
        for one in work {
            match one {
                Underway::Task(task) => super::tasks::progress_ui(ui, task),
                Underway::Other(title) => paragraph(ui, title),
            }
        }
        buttons(ui, |ui| {
            close_button(ui, "Stay", commands);
            if ui.add(Button::new(&stop(next))).clicked() {
                commands.push(Command::Quit(QuitCommand::Choose(QuitChoice::Stop)));
            }
        });
    });
}

fn saving_ui(ui: &Ui, decisions: &str, commands: &mut Vec<Command>) {
    dialog(ui, &format!("Saving {decisions}..."), 460.0, commands, |ui, commands| {
        paragraph(ui, "Tagscope quits as soon as everything is on disk.");
        buttons(ui, |ui| {
            if ui.add(Button::new(&format!("Quit and lose {decisions}"))).clicked() {
                commands.push(Command::Quit(QuitCommand::Choose(QuitChoice::LoseDecisions)));
            }
            close_button(ui, "Stay", commands);
        });
    });
}
