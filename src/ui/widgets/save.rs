//! The fields of a dialog that saves a file or folder (where to, what is in the way, and what Enter does), and what the
//! menus of things that are kept by name share.

use egui::{Align, Id, Layout, Sense, Ui, UiBuilder, vec2};

use super::dialog::{buttons, is_fresh};
use super::field::{enter_pressed, path_ui};
use super::{AtRight, Button, Field, message, text};
use crate::theme;
use app::dialog::FolderPurpose;
use app::presets::MOST_LETTERS;
use app::{Command, Failure, Severity};

pub(crate) struct SaveFields<'a> {
    /// Tells the path's field from others.
    pub(crate) id: &'static str,
    /// What is made: `New file`.
    pub(crate) name: &'static str,
    pub(crate) path: &'a str,
    pub(crate) purpose: FolderPurpose,
    /// Why it cannot be done.
    pub(crate) failure: Option<&'a Failure>,
    /// A file of this name is there.
    pub(crate) is_taken: bool,
    pub(crate) is_busy: bool,
}

pub(crate) enum SaveAnswer {
    /// The path is another one.
    Edit(String),
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
    let field = Field::new(Id::unique(fields.id), fields.name).bad(fields.failure.is_some());
    let response = path_ui(ui, field, 88.0, fields.purpose, &mut path, commands);
    if is_fresh(ui, Id::unique((fields.id, "is open"))) {
        response.request_focus();
    }
    if response.changed() {
        answers.push(SaveAnswer::Edit(path));
    }
    let is_entered = enter_pressed(ui, &response);
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

pub(crate) fn note_ui(ui: &mut Ui, words: &str) {
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.add_space(8.0);
        text::paragraph(ui, words, theme::font(12.5), theme::of(ui).dim);
    });
    ui.add_space(4.0);
}

pub(crate) fn name_id(what: &'static str) -> Id {
    Id::unique(what)
}

/// The field of a name, called `what`, which has the keyboard, and the button after it. Returns whether the name is to be
/// used: never an empty one, and one that is taken only by the button, which then says that it replaces.
pub(crate) fn name_ui(ui: &mut Ui, what: &'static str, label: &str, is_taken: bool, name: &mut String) -> bool {
    let label = if is_taken { "Replace" } else { label };
    let (room, _) = ui.allocate_exact_size(vec2(ui.available_width(), 34.0), Sense::hover());
    let button = AtRight::new(ui, what, room);
    let place = button.rest().with_max_x(button.left() - 6.0);
    let layout = Layout::left_to_right(Align::Center);
    let entered = ui.scope_builder(UiBuilder::new().max_rect(place).layout(layout), |ui| {
        let (response, _) =
            Field::new(name_id(what), what).hint("Name").limit(MOST_LETTERS).takes_keyboard().show(ui, name);
        enter_pressed(ui, &response)
    });
    let has_name = !name.trim().is_empty();
    let is_clicked = button.show(ui, |ui| ui.add(Button::new(label).enabled(has_name)).clicked());
    has_name && (is_clicked || (entered.inner && !is_taken))
}
