//! What the menus of things that are kept by name share: a remark, and the field of a name with its button.

use egui::{Align, Id, Key, Layout, Sense, Ui, UiBuilder, vec2};

use super::{AtRight, Button, Field, text};
use crate::theme;
use app::presets::MOST_LETTERS;

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
        response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
    });
    let has_name = !name.trim().is_empty();
    let is_clicked = button.show(ui, |ui| ui.add(Button::new(label).enabled(has_name)).clicked());
    has_name && (is_clicked || (entered.inner && !is_taken))
}
