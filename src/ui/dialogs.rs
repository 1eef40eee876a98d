//! Which dialog is on top.

use egui::Ui;

use super::{
    ViewState, changes_dialog, diagnostics, evaluation, export_dialog, findings_dialog, help, leave, open_folder,
    palette, predictions_dialog, problems, quit_dialog, report, review, settings_dialog, statistics, tasks,
};
use app::dialog::Dialog;
use app::{Command, State, TaskId, TaskState};

pub(super) fn dialog_ui(ui: &Ui, state: &State, view: &mut ViewState, commands: &mut Vec<Command>) {
    if state.dialog != Some(Dialog::Palette) {
        view.palette.close();
    }
    if state.dialog != Some(Dialog::Help) {
        view.key_editor.close();
    }
    if state.dialog != Some(Dialog::Changes) {
        view.changes.close();
    }
    if state.dialog != Some(Dialog::Predictions) {
        view.predictions.close();
    }
    if state.dialog != Some(Dialog::OpenFolder) {
        view.open_folder.close();
    }
    if !matches!(state.dialog, Some(Dialog::ConfirmReview | Dialog::Comment | Dialog::Reviews | Dialog::QuickComments))
    {
        view.review.close();
    }
    match state.dialog {
        None => {}
        Some(Dialog::Palette) => palette::palette_ui(ui, state, view, commands),
        Some(Dialog::Help) => help::help_ui(ui, state, &mut view.key_editor, commands),
        Some(Dialog::Export) => export_dialog::export_ui(ui, state, &mut view.presets, commands),
        Some(Dialog::Leave) => leave::leave_ui(ui, state, commands),
        Some(Dialog::Report(task)) => report_ui(ui, state, task, commands),
        Some(Dialog::Quit) => quit_dialog::quit_ui(ui, state, commands),
        Some(Dialog::Tasks) => tasks::tasks_ui(ui, state, commands),
        Some(Dialog::Findings) => findings_dialog::findings_ui(ui, state, commands),
        Some(Dialog::Predictions) => predictions_dialog::predictions_ui(ui, state, &mut view.predictions, commands),
        Some(Dialog::Changes) => {
            changes_dialog::changes_ui(ui, state, &mut view.changes, &mut view.textures, commands);
        }
        Some(Dialog::SaveChanges) => changes_dialog::save_ui(ui, state, commands),
        Some(Dialog::Problems) => problems::problems_ui(ui, state, commands),
        Some(Dialog::Settings) => settings_dialog::settings_ui(ui, state, commands),
        Some(Dialog::Diagnostics) => diagnostics::diagnostics_ui(ui, state, view, commands),
        Some(Dialog::SaveOutcomes) => evaluation::save_ui(ui, state, commands),
        Some(Dialog::SavePlots) => statistics::save_ui(ui, state, commands),
        Some(Dialog::OpenFolder) => open_folder::open_folder_ui(ui, state, &mut view.open_folder, commands),
        Some(Dialog::ConfirmReview) => review::dialogs::confirm_ui(ui, state, &mut view.review, commands),
        Some(Dialog::Comment) => review::dialogs::comment_ui(ui, state, &mut view.review, commands),
        Some(Dialog::Survey) => review::survey::survey_ui(ui, state, commands),
        Some(Dialog::QuickComments) => review::quick::quick_ui(ui, state, &mut view.review.quick, commands),
        Some(Dialog::Reviews) => review::dialogs::reviews_ui(ui, state, &mut view.review, commands),
    }
}

/// The report of a task, whichever it has made.
fn report_ui(ui: &Ui, state: &State, task: TaskId, commands: &mut Vec<Command>) {
    match state.tasks.iter().find(|other| other.id == task).map(|task| &task.state) {
        Some(TaskState::Archived(report)) => leave::safe_ui(ui, report, commands),
        Some(TaskState::Done(report)) => report::report_ui(ui, Some(report), commands),
        Some(TaskState::Running { .. } | TaskState::Failed(_) | TaskState::Interrupted { .. }) | None => {
            report::report_ui(ui, None, commands);
        }
    }
}
