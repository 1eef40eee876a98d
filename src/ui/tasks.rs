//! The list of tasks: progress with cancel, results with their report, failures with their reason.

use egui::{Align, Layout, ScrollArea, Ui, vec2};

use super::icons;
use super::theme::{self, tokens};
use super::widgets::button::link_sized;
use super::widgets::dialog::{buttons, close_button, dialog, scroll};
use super::widgets::row::divider;
use super::widgets::{AtRight, Button, choice, message, text};
use app::{Command, FailureKind, State, Task, TaskCommand, TaskState, WindowCommand, task, words};
use domain::Destination;

pub(super) fn tasks_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    dialog(ui, "Tasks", 560.0, commands, |ui, commands| {
        let tokens = theme::of(ui);
        if state.tasks.is_empty() {
            let words = "No tasks. Exports and archives appear here with their progress and reports.";
            text::paragraph(ui, words, theme::font(tokens::BODY), tokens.dim);
        }
        if let Some(overall) = task::overall(&state.tasks).filter(|overall| overall.running > 1) {
            text::section(ui, "All tasks", Some(&overall.words()));
            choice::progress(ui, "All tasks together", Some(overall.share), vec2(ui.available_width(), 5.0));
            divider(ui);
        }
        let height = (ui.ctx().content_rect().height() - 260.0).max(120.0);
        scroll(ui, ScrollArea::vertical().id_salt("tasks").max_height(height), |ui| {
            for (at, task) in state.tasks.iter().rev().enumerate() {
                if at > 0 {
                    divider(ui);
                }
                task_ui(ui, task, commands);
            }
        });
        buttons(ui, |ui| {
            close_button(ui, "Close", commands);
        });
    });
}

fn task_ui(ui: &mut Ui, task: &Task, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    ui.spacing_mut().item_spacing = vec2(tokens::GAP, 6.0);
    ui.horizontal(|ui| {
        let (icon, color) = match &task.state {
            TaskState::Running { .. } => (icons::PLAY, tokens.accent),
            TaskState::Done(_) | TaskState::Archived(_) => (icons::SUCCESS, tokens.ok),
            TaskState::Failed(failure) if failure.kind == FailureKind::Canceled => (icons::CLOSE, tokens.dim),
            TaskState::Failed(_) => (icons::ERROR, tokens.bad),
            TaskState::Interrupted { .. } => (icons::WARNING, tokens.warning),
        };
        let (rect, _) = ui.allocate_exact_size(vec2(18.0, 20.0), egui::Sense::hover());
        icons::paint(ui.painter(), rect.center(), icon, 17.0, color);
        let (room, _) = ui.allocate_exact_size(vec2(ui.available_width(), tokens::CONTROL), egui::Sense::hover());
        let ends = AtRight::new(ui, &format!("task {}", task.id.0), room);
        let layout = Layout::left_to_right(Align::Center);
        let rest = ends.rest();
        ui.scope_builder(
            egui::UiBuilder::new().max_rect(rest.with_max_x(rest.right() - tokens::GAP)).layout(layout),
            |ui| {
                text::label(ui, &task.title, theme::semibold(tokens::BODY), tokens.text);
            },
        );
        ends.show(ui, |ui| buttons_ui(ui, task, commands));
    });
    // Under the title, not under its icon.
    ui.horizontal_top(|ui| {
        ui.add_space(18.0);
        ui.vertical(|ui| details_ui(ui, task, commands));
    });
}

fn buttons_ui(ui: &mut Ui, task: &Task, commands: &mut Vec<Command>) {
    let mut button = |label: &str, command: TaskCommand| {
        if ui.add(Button::new(label).name(&format!("{label} {}", task.title))).clicked() {
            commands.push(Command::Task(command));
        }
    };
    match &task.state {
        TaskState::Running { .. } if task.is_canceled => {}
        TaskState::Running { .. } => {
            if let Some(is_paused) = task.paused {
                button(if is_paused { "Resume" } else { "Pause" }, TaskCommand::Pause(task.id));
            }
            button("Cancel", TaskCommand::Cancel(task.id));
        }
        TaskState::Interrupted { .. } => {
            button("Resume", TaskCommand::Retry(task.id));
            button("Discard", TaskCommand::Discard(task.id));
        }
        TaskState::Done(_) | TaskState::Archived(_) | TaskState::Failed(_) => {
            let name = format!("Remove {} from the list", task.title);
            if ui.add(Button::icon_only(icons::CLOSE, &name).height(24.0)).clicked() {
                commands.push(Command::Task(TaskCommand::Dismiss(task.id)));
            }
        }
    }
}

fn details_ui(ui: &mut Ui, task: &Task, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    match &task.state {
        TaskState::Running { .. } => progress_ui(ui, task),
        TaskState::Interrupted { folder } => {
            let words = format!("Interrupted. Progress is kept in {}.", folder.display());
            text::paragraph(ui, &words, theme::font(12.0), tokens.dim);
        }
        TaskState::Done(report) => {
            let images = text::count(report.images(), "image", "images");
            let regions = text::count(report.regions(), "region", "regions");
            let words = format!("{images}, {regions}, {}: read back and verified.", text::bytes(report.bytes));
            text::figures_label(ui, &words, theme::font(12.0), tokens.dim, 0.0);
            ui.horizontal(|ui| {
                ui.spacing_mut().interact_size.y = 16.0;
                ui.spacing_mut().item_spacing.x = tokens::GAP_LARGE;
                if link_sized(ui, "Report", 12.0).clicked() {
                    commands.push(Command::Task(TaskCommand::ShowReport(task.id)));
                }
                reveal_ui(ui, &report.folder, commands);
            });
        }
        TaskState::Archived(report) => {
            let images = text::count(report.images, "image", "images");
            let regions = text::count(report.regions, "region", "regions");
            let words = format!("{images}, {regions}, {}: read back and verified.", text::bytes(report.bytes));
            text::figures_label(ui, &words, theme::font(12.0), tokens.dim, 0.0);
            ui.horizontal(|ui| {
                ui.spacing_mut().interact_size.y = 16.0;
                ui.spacing_mut().item_spacing.x = tokens::GAP_LARGE;
                if link_sized(ui, "Archive report", 12.0).clicked() {
                    commands.push(Command::Task(TaskCommand::ShowReport(task.id)));
                }
                reveal_ui(ui, &report.folder, commands);
            });
        }
        TaskState::Failed(failure) => {
            if failure.kind != FailureKind::Canceled {
                message::failure_words(ui, failure, commands);
            } else {
                let words = if task.retry.is_some() { "Canceled." } else { "Canceled. Nothing was kept." };
                text::paragraph(ui, words, theme::font(12.0), tokens.dim);
            }
            if task.retry.is_some() {
                text::paragraph(ui, "Downloaded files are kept.", theme::font(12.0), tokens.dim);
                if link_sized(ui, "Resume", 12.0).clicked() {
                    commands.push(Command::Task(TaskCommand::Retry(task.id)));
                }
            }
        }
    }
}

/// A result on this computer can be shown; of one in a store, the address is shown.
fn reveal_ui(ui: &mut Ui, place: &Destination, commands: &mut Vec<Command>) {
    match place {
        Destination::Folder(folder) => {
            if link_sized(ui, "Show the folder", 12.0).clicked() {
                commands.push(Command::Window(WindowCommand::Reveal(folder.clone())));
            }
        }
        Destination::Store(address) => {
            let words = address.to_string();
            text::label(ui, &words, theme::font(12.0), theme::of(ui).dim).on_hover_text(&words);
        }
    }
}

pub(super) fn progress_ui(ui: &mut Ui, task: &Task) {
    let TaskState::Running { stage, done, total, bytes, waiting } = &task.state else { return };
    let tokens = theme::of(ui);
    // One bar for all stages. Until the first of them has a measure it only moves.
    let share = Some(task.progress.share()).filter(|share| *share > 0.0 || *total > 0);
    choice::progress(ui, &task.title, share, vec2(ui.available_width(), 5.0));
    ui.horizontal(|ui| {
        let words = progress_words(stage, *done, *total, *bytes);
        text::figures_label(ui, &words, theme::font(12.0), tokens.dim, 0.0);
        if let Some(left) = task.progress.left_secs().filter(|_| task.paused != Some(true)) {
            text::figures_label(ui, &words::time_left(left), theme::font(12.0), tokens.dim, 0.0);
        }
    });
    if task.is_canceled {
        text::label(ui, "Canceling...", theme::font(12.0), tokens.dim);
    } else if task.paused == Some(true) {
        text::label(ui, "Paused. Progress is kept.", theme::font(12.0), tokens.warning);
    } else if let Some(waiting) = waiting {
        text::label(ui, waiting, theme::font(12.0), tokens.warning);
    }
}

/// `Downloading: 120 of 1,204, 202 MiB`.
fn progress_words(stage: &str, done: u64, total: u64, bytes: u64) -> String {
    let mut words = format!("{stage}: {}", text::thousands(done));
    if total > 0 {
        words.push_str(&format!(" of {}", text::thousands(total)));
    }
    if bytes > 0 {
        words.push_str(&format!(", {}", text::bytes(bytes)));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_words_with_figures() {
        assert_eq!(progress_words("Downloading", 120, 1204, 212_000_000), "Downloading: 120 of 1,204, 202 MiB");
        assert_eq!(progress_words("Writing", 3, 0, 0), "Writing: 3");
    }
}
