//! The sheet of keys, made from the action table.

use egui::{Align, Layout, ScrollArea, Ui, pos2, vec2};

use super::theme::{self, tokens};
use super::widgets::button::paint_key_cap_at;
use super::widgets::dialog::{buttons, dialog};
use super::widgets::{Button, text};
use crate::app::action::Place;
use crate::app::{Action, Command};

/// What the mouse and held keys do, which no action tells.
const MORE: [(&str, &str); 7] = [
    ("Shift+Click", "Select all up to this image"),
    ("Ctrl+Click", "Add an image to the selection, or take it out"),
    ("Ctrl+Wheel", "Size of the thumbnails"),
    ("Alt+Click", "Exclude a tag"),
    ("Hold H", "Hide all boxes on the canvas"),
    ("Hold S", "Show only the selected region's tag"),
    ("Space+Drag", "Move the image on the canvas"),
];

pub(super) fn help_ui(ui: &Ui, commands: &mut Vec<Command>) {
    dialog(ui, "Keys", 820.0, commands, |ui, commands| {
        let window = ui.ctx().content_rect();
        let columns = if ui.available_width() > 640.0 { 2 } else { 1 };
        let height = window.height() - 190.0;
        ScrollArea::vertical().id_salt("keys").max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            let groups = [
                ("Everywhere", Place::Everywhere),
                ("In a project", Place::Project),
                ("On the grid", Place::Grid),
                ("On the canvas", Place::Canvas),
            ];
            let gap = 36.0;
            // Room for the scroll bar beside the keys.
            let width = (ui.available_width() - 14.0 - gap * (columns as f32 - 1.0)) / columns as f32;
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = gap;
                for column in 0..columns {
                    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                        ui.set_width(width);
                        ui.spacing_mut().item_spacing = vec2(tokens::GAP_SMALL, 0.0);
                        for (at, (head, place)) in groups.iter().enumerate() {
                            if columns == 1 || at % 2 == column {
                                group_ui(ui, head, *place);
                            }
                        }
                        if column == 0 && columns == 2 || column + 1 == columns && columns == 1 {
                            text::section(ui, "With the mouse", None);
                            for (key, words) in MORE {
                                line_ui(ui, words, &[key.to_owned()]);
                            }
                        }
                    });
                }
            });
        });
        buttons(ui, |ui| {
            if ui.add(Button::new("Close").key("Esc")).clicked() {
                commands.push(Command::ShowDialog(None));
            }
        });
    });
}

fn group_ui(ui: &mut Ui, head: &str, place: Place) {
    text::section(ui, head, None);
    for action in Action::ALL {
        let words = action.text();
        if words.place != place || words.keys.is_empty() {
            continue;
        }
        // The unshifted twin of + needs no mention.
        let shown = words.keys.iter().filter(|chord| chord.key != "Equals");
        let keys: Vec<String> = shown.take(2).map(ToString::to_string).collect();
        line_ui(ui, words.label, &keys);
    }
    ui.add_space(tokens::GAP_LARGE);
}

fn line_ui(ui: &mut Ui, words: &str, keys: &[String]) {
    let tokens = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), egui::Sense::hover());
    let name = format!("{words}: {}", keys.join(", "));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    let mut right = rect.right();
    for key in keys.iter().rev() {
        right -= paint_key_cap_at(ui, pos2(right, rect.center().y), key) + 4.0;
    }
    let font = theme::font(tokens::BODY);
    text::paint_elided(ui.painter(), rect.left_center(), words, font, tokens.text, right - rect.left() - 8.0);
}
