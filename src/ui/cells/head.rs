//! The head of a group: its color, its name, how much is in it. A click chooses all of it.

use egui::{Align2, Color32, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2};

use crate::theme::{self, tokens};
use crate::widgets::text::figures;
use crate::widgets::{choice, text};

/// Height of a head.
pub(crate) const HEIGHT: f32 = 30.0;

/// One head in its place; `number` tells it from the others.
pub(crate) fn head_ui(ui: &Ui, rect: Rect, number: usize, color: Option<Color32>, name: &str, rest: &str) -> Response {
    let tokens = theme::of(ui);
    let response = ui.interact(rect, ui.scope_id().with(("head", number)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Select the group {name}, {rest}")));
    // What scrolls under it must not be seen through it, rings included.
    let ground = rect.expand2(egui::vec2(super::RING, 0.0)).with_min_y(rect.top() - super::RING);
    ui.painter().rect_filled(ground, 0.0, tokens.window);
    if response.hovered() {
        ui.painter().rect_filled(rect.expand2(egui::vec2(4.0, -2.0)), f32::from(tokens::RADIUS), tokens.hovered);
    }
    let y = rect.center().y;
    let mut x = rect.left();
    if let Some(color) = color {
        choice::swatch(ui, pos2(x + 5.0, y), color, false);
        x += 22.0;
    }
    let rest_width = text::figures_width(ui.painter(), rest, &theme::font(tokens::BODY));
    let room = (rect.right() - x - rest_width - 12.0).max(40.0);
    let galley = text::elided(ui.painter(), name, theme::semibold(tokens::BODY), tokens.text, room);
    let width = galley.size().x;
    ui.painter().galley(pos2(x, y - galley.size().y / 2.0), galley, tokens.text);
    let left = pos2(x + width + 6.0, y);
    let room = rect.right() - left.x;
    figures(ui.painter(), left, Align2::LEFT_CENTER, rest, theme::font(tokens::BODY), tokens.dim, room);
    response.on_hover_text("Click to select the group, Ctrl+click to add it to the selection")
}
