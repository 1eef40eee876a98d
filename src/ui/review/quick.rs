//! Quick comments: the dialog that changes their words, and the buttons that make one.

use egui::{Align, Id, Layout, Ui, UiBuilder, pos2, vec2};

use crate::theme::{self, tokens};
use crate::widgets::dialog::{buttons, dialog};
use crate::widgets::{Button, Field, button, text};
use app::action::QUICK_COMMENTS;
use app::quick_comments::{PLACES, QuickCommand, QuickComments};
use app::review::ReviewCommand;
use app::{Command, State, WindowCommand};
use formats::reviews::MOST_COMMENT;

/// Room for a key beside its words.
const KEY: f32 = 64.0;

/// The comments with their keys, to be made by a click.
pub(super) fn choices_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let known: Vec<_> =
        (0..PLACES).filter_map(|place| Some((place, state.settings.quick_comments.get(place)?))).collect();
    if known.is_empty() {
        return;
    }
    ui.add_space(tokens::GAP_SMALL);
    let gap = 6.0;
    let width = ((ui.available_width() - gap) / 2.0).floor();
    ui.spacing_mut().item_spacing = vec2(gap, gap);
    for pair in known.chunks(2) {
        ui.horizontal(|ui| {
            for &(place, words) in pair {
                let button = Button::new(words).left().min_width(width).max_width(width);
                if ui.add(button.key_if(state.keys.cap(QUICK_COMMENTS[place]))).on_hover_text(words).clicked() {
                    // First the dialog: a comment on many images asks in one of its own.
                    commands.push(Command::Window(WindowCommand::ShowDialog(None)));
                    commands.push(Command::Review(ReviewCommand::Quick(QuickCommand::Make(place))));
                }
            }
        });
    }
}

/// The comments with their keys, as lines.
pub(super) fn keys_ui(ui: &mut Ui, state: &State) {
    text::body(ui, "Comment on this image or region");
    for (place, action) in QUICK_COMMENTS.into_iter().enumerate() {
        if let (Some(words), Some(key)) = (state.settings.quick_comments.get(place), state.keys.cap(action)) {
            text::dim(ui, &format!("{key}  {words}"));
        }
    }
}

/// The dialog. What is typed counts once a field is left.
pub(crate) fn quick_ui(ui: &Ui, state: &State, typed: &mut Option<Vec<String>>, commands: &mut Vec<Command>) {
    dialog(ui, "Quick comments", 480.0, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        text::hint(ui, "Each key adds a comment to the region, image or selection, just as a verdict does.");
        ui.add_space(tokens::GAP_SMALL);
        let known = |place| state.settings.quick_comments.get(place).unwrap_or_default().to_owned();
        let texts = typed.get_or_insert_with(|| (0..PLACES).map(known).collect());
        for (place, words) in texts.iter_mut().enumerate() {
            place_ui(ui, state, place, words, commands);
        }
        if state.settings.quick_comments != QuickComments::default()
            && ui.add(Button::new("Restore the defaults").quiet()).clicked()
        {
            *typed = None;
            commands.push(Command::Review(ReviewCommand::Quick(QuickCommand::Reset)));
        }
        buttons(ui, |ui| {
            if ui.add(Button::new("Close").key("Esc")).clicked() {
                commands.push(Command::Window(WindowCommand::ShowDialog(None)));
            }
        });
    });
}

fn place_ui(ui: &mut Ui, state: &State, place: usize, words: &mut String, commands: &mut Vec<Command>) {
    let (room, _) = ui.allocate_exact_size(vec2(ui.available_width(), tokens::CONTROL), egui::Sense::hover());
    let key = state.keys.cap(QUICK_COMMENTS[place]);
    match &key {
        Some(key) => {
            button::paint_key_cap_at(ui, pos2(room.left() + KEY - 10.0, room.center().y), key);
        }
        None => {
            let at = pos2(room.left(), room.center().y);
            text::paint_elided(ui.painter(), at, "no key", theme::font(12.0), theme::of(ui).dim, KEY - 10.0);
        }
    }
    let name = match key {
        Some(key) => format!("Quick comment {}, {key}", place + 1),
        None => format!("Quick comment {}", place + 1),
    };
    let layout = Layout::left_to_right(Align::Center);
    let field = UiBuilder::new().max_rect(room.with_min_x(room.left() + KEY)).layout(layout);
    let response = ui.scope_builder(field, |ui| {
        let field = Field::new(Id::unique(("quick comment", place)), &name).hint("None").limit(MOST_COMMENT / 4);
        field.show(ui, words).0
    });
    let is_new = words.trim() != state.settings.quick_comments.get(place).unwrap_or_default();
    if response.inner.lost_focus() && is_new {
        commands.push(Command::Review(ReviewCommand::Quick(QuickCommand::Set { place, text: words.clone() })));
    }
}
