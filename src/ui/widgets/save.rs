//! The fields of a dialog that saves a file or folder: where to, what is in the way, and what Enter does.

use egui::{Id, Key, Ui};

use super::dialog::{buttons, is_fresh};
use super::{Button, Field, message};
use app::{Command, Failure, Severity};

pub(crate) struct SaveFields<'a> {
    /// Tells the path's field from others.
    pub(crate) id: &'static str,
    /// What is made: `New file`.
    pub(crate) name: &'static str,
    pub(crate) path: &'a str,
    /// Why it cannot be done.
    pub(crate) failure: Option<&'a Failure>,
    /// A file of this name is there.
    pub(crate) is_taken: bool,
    pub(crate) is_busy: bool,
}

pub(crate) enum SaveAnswer {
    /// The path is another one.
    Edit(String),
    /// A folder is to be picked.
    Browse,
    /// Write; a file that is there may be replaced.
    Save {
        /// Whether it may.
        replaces: bool,
    },
    Cancel,
}

pub(crate) fn save_fields_ui(ui: &mut Ui, fields: &SaveFields<'_>, commands: &mut Vec<Command>) -> Vec<SaveAnswer> {
    let mut answers = Vec::new();
    let mut path = fields.path.to_owned();
    let mut is_entered = false;
    ui.horizontal(|ui| {
        let width = ui.available_width() - 96.0;
        let field = Field::new(Id::unique(fields.id), fields.name).path().width(width).bad(fields.failure.is_some());
        let (response, _) = field.show(ui, &mut path);
        if is_fresh(ui, Id::unique((fields.id, "is open"))) {
            response.request_focus();
        }
        if response.changed() {
            answers.push(SaveAnswer::Edit(path));
        }
        is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if ui.add(Button::new("Browse...").min_width(88.0)).clicked() {
            answers.push(SaveAnswer::Browse);
        }
    });
    match fields.failure {
        // The button below says so: the advice of the failure knows nothing of it.
        Some(failure) if fields.is_taken => {
            let advice = "Replace the file, or choose another name.".to_owned();
            message::banner(ui, Severity::Warning, &[failure.headline(), advice]);
        }
        Some(failure) => message::failure_line(ui, failure, commands),
        None => {}
    }
    buttons(ui, |ui| {
        if ui.add(Button::new("Cancel").key("Esc")).clicked() {
            answers.push(SaveAnswer::Cancel);
        }
        let label = if fields.is_taken { "Replace the file" } else { "Save" };
        let button = Button::new(label).primary().enabled(!fields.is_busy);
        let is_clicked = ui.add(button.key_if((!fields.is_taken).then(|| "Enter".to_owned()))).clicked();
        // Enter saves, but never replaces: that takes the button.
        if is_clicked || (is_entered && !fields.is_taken) {
            answers.push(SaveAnswer::Save { replaces: is_clicked && fields.is_taken });
        }
    });
    answers
}
