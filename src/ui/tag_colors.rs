//! Choosing a tag's color: the palette as squares in the menu of its row.

use egui::{CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use super::theme;
use super::widgets::row::divider;
use super::widgets::{MenuItem, choice, paint};
use app::{Command, DisplayCommand};
use domain::look::{ChosenColors, PALETTE, TagLook};
use domain::{TagEntry, TagIx};

const CELL: f32 = 33.0;
const COLUMNS: usize = 6;

pub(super) fn palette_ui(ui: &mut Ui, tag: TagIx, entry: &TagEntry, commands: &mut Vec<Command>) {
    if entry.is_negative() {
        return;
    }
    divider(ui);
    let lines = PALETTE.len().div_ceil(COLUMNS);
    let (room, _) = ui.allocate_exact_size(vec2(COLUMNS as f32 * CELL, lines as f32 * CELL), Sense::hover());
    for (at, color) in PALETTE.iter().enumerate() {
        let place = vec2((at % COLUMNS) as f32, (at / COLUMNS) as f32) * CELL;
        let rect = Rect::from_min_size(room.min + place, vec2(CELL, CELL)).shrink(2.0);
        let response = ui.interact(rect, ui.scope_id().with(("color", at)), Sense::click());
        let is_worn = entry.look.color == Some(at as u8);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_worn, color.name));
        let tokens = theme::of(ui);
        let fill = if is_worn { tokens.pressed } else { tokens.raised.gamma_multiply(paint::hover(ui, &response)) };
        ui.painter().rect_filled(rect, CornerRadius::same(5), fill);
        let [red, green, blue] = color.on_dark;
        let square = Rect::from_center_size(rect.center(), vec2(16.0, 16.0));
        let seen = choice::on_panel(ui, egui::Color32::from_rgb(red, green, blue));
        ui.painter().rect_filled(square, CornerRadius::same(4), seen);
        paint::focus_ring(ui, rect, &response, 5);
        if response.clicked() {
            commands.push(Command::Display(DisplayCommand::ChooseColor { tag, color: Some(at as u8) }));
            ui.close();
        }
        response.on_hover_text(color.name);
    }
    let of_name = TagLook::named(&entry.name, &ChosenColors::new()).color;
    let is_chosen = entry.look.color != of_name;
    if MenuItem::new("Default color").enabled(is_chosen).show(ui) {
        commands.push(Command::Display(DisplayCommand::ChooseColor { tag, color: None }));
    }
}
