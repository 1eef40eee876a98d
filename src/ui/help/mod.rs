//! The sheet of keys, made from the action table and the person's own keys. `editor` changes them.

mod editor;

use egui::{Align, Layout, ScrollArea, Ui, pos2, vec2};

use super::theme::{self, tokens};
use super::widgets::button::paint_key_cap_at;
use super::widgets::dialog::{buttons, close_button, dialog, scroll};
use super::widgets::{Button, text};
use app::action::ActionPlace;
use app::{Action, Command, KeysCommand, State};
pub(super) use editor::KeyEditor;

/// What the mouse does, which no action tells.
const MORE: [(&str, &str); 6] = [
    ("Shift+Click", "Select all up to this image"),
    ("Ctrl+Click", "Add an image to the selection, or remove it"),
    ("Ctrl+Wheel", "Thumbnail size"),
    ("Alt+Click", "Exclude a tag"),
    ("Ctrl+Click", "Compare with an image in the filmstrip"),
    ("Space+Drag", "Move the image on the canvas"),
];

const GROUPS: [(&str, ActionPlace); 7] = [
    ("Everywhere", ActionPlace::Everywhere),
    ("In a project", ActionPlace::Project),
    ("In grid and regions", ActionPlace::Cells),
    ("In the grid", ActionPlace::Grid),
    ("On the canvas", ActionPlace::Canvas),
    ("In the regions", ActionPlace::Wall),
    ("In the statistics", ActionPlace::Statistics),
];

const ROW: f32 = 24.0;

pub(super) fn help_ui(ui: &Ui, state: &State, editor: &mut KeyEditor, commands: &mut Vec<Command>) {
    dialog(ui, "Keyboard shortcuts", 820.0, commands, |ui, commands| {
        let height = ui.ctx().content_rect().height() - 190.0;
        scroll(ui, ScrollArea::vertical().id_salt("keys").max_height(height), |ui| {
            if editor.is_open {
                editor::editor_ui(ui, state, editor, commands);
            } else {
                sheet_ui(ui, state);
            }
        });
        buttons(ui, |ui| {
            if state.keys.is_changed() && ui.add(Button::new("Reset all")).clicked() {
                commands.push(Command::Keys(KeysCommand::ResetAll));
            }
            let words = if editor.is_open { "Show all shortcuts" } else { "Change shortcuts..." };
            if ui.add(Button::new(words)).clicked() {
                editor.toggle();
            }
            close_button(ui, "Close", commands);
        });
    });
}

/// Whether an action has a line on the sheet.
fn is_listed(state: &State, action: Action, place: ActionPlace) -> bool {
    action.text().place == place && !state.keys.of(action).is_empty()
}

fn sheet_ui(ui: &mut Ui, state: &State) {
    let columns = if ui.available_width() > 640.0 { 2 } else { 1 };
    let gap = 36.0;
    let width = (ui.available_width() - gap * (columns as f32 - 1.0)) / columns as f32;
    let lines = |place| Action::ALL.iter().filter(|&&action| is_listed(state, action, place)).count();
    let columns_of = share(GROUPS.map(|(_, place)| lines(place)), columns);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        for column in 0..columns {
            ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing = vec2(tokens::GAP_SMALL, 0.0);
                for ((head, place), of) in GROUPS.into_iter().zip(columns_of) {
                    if of == column && lines(place) > 0 {
                        group_ui(ui, state, head, place);
                    }
                }
                if column + 1 == columns {
                    text::section(ui, "Mouse", None);
                    for (key, words) in MORE {
                        line_ui(ui, words, &[key.to_owned()]);
                    }
                }
            });
        }
    });
}

/// Which column each group goes to, so that the columns end at about the same height: each to the one that is shortest.
fn share(lines: [usize; GROUPS.len()], columns: usize) -> [usize; GROUPS.len()] {
    let mut heights = vec![0; columns.max(1)];
    lines.map(|count| {
        let shortest = (0..heights.len()).min_by_key(|&at| heights[at]).unwrap_or_default();
        heights[shortest] += count + 2;
        shortest
    })
}

fn group_ui(ui: &mut Ui, state: &State, head: &str, place: ActionPlace) {
    text::section(ui, head, None);
    for &action in Action::ALL.iter().filter(|&&action| is_listed(state, action, place)) {
        // The unshifted twin of + needs no mention, nor do the keys that select on the way.
        let keys = state.keys.of(action).iter();
        let shown = keys.filter(|chord| chord.key != "Equals" && !(action.extends() && chord.shift));
        let keys: Vec<String> = shown.take(2).map(ToString::to_string).collect();
        let label = action.name_now(state);
        let held = format!("{label} (while held)");
        line_ui(ui, if action.is_held() { &held } else { &label }, &keys);
    }
    ui.add_space(tokens::GAP_LARGE);
}

fn line_ui(ui: &mut Ui, words: &str, keys: &[String]) {
    let tokens = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), egui::Sense::hover());
    let name = format!("{words}: {}", keys.join(", "));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    let mut right = rect.right();
    for key in keys.iter().rev() {
        right -= paint_key_cap_at(ui, pos2(right, rect.center().y), key) + 4.0;
    }
    let font = theme::font(tokens::BODY);
    text::paint_elided(ui.painter(), rect.left_center(), words, font, tokens.text, right - rect.left() - 8.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_go_to_the_shorter_column() {
        assert_eq!(share([8, 20, 14, 18, 0, 0, 0], 2), [0, 1, 0, 1, 0, 0, 0]);
        assert_eq!(share([8, 20, 14, 18, 0, 0, 0], 1), [0; 7]);
    }
}
