//! The line above the cells: how many there are, at the left, and the slider of their size, at the right.

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::SIDES;
use crate::icons;
use crate::theme::{self, tokens};
use crate::widgets::choice;
use crate::widgets::text::{figures, figures_width};

/// Its height.
pub(crate) const HEIGHT: f32 = 44.0;

/// The count: the strong part and the rest.
pub(crate) fn counts_ui(ui: &Ui, rect: Rect, strong: &str, rest: &str) {
    let tokens = theme::of(ui);
    let response = ui.interact(rect, ui.scope_id().with("counts"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{strong}{rest}")));
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let y = rect.center().y;
    let font = theme::semibold(tokens::BODY);
    let painted = figures(&painter, pos2(rect.left(), y), Align2::LEFT_CENTER, strong, font, tokens.text, rect.width());
    let left = pos2(rect.left() + painted.width + 1.0, y);
    let font = theme::font(tokens::BODY);
    let room = rect.right() - left.x;
    if painted.is_whole && figures_width(&painter, rest, &font) <= room {
        figures(&painter, left, Align2::LEFT_CENTER, rest, font, tokens.dim, room);
    } else {
        response.on_hover_text(format!("{strong}{rest}"));
    }
}

/// The slider of the cells' side between a large and a small mark, in a layout from left to right. A fresh side is returned.
pub(crate) fn size_ui(ui: &mut Ui, name: &str, side: f32, width: f32) -> Option<f32> {
    ui.add_space(tokens::GAP_SMALL);
    mark(ui, 12.0);
    // The steps of the slider are even to the eye: each makes the side larger by the same share.
    let range = SIDES.start().ln()..=SIDES.end().ln();
    let (_, fresh) = choice::slider(ui, name, side.ln(), range, width);
    mark(ui, 17.0);
    fresh.map(f32::exp)
}

fn mark(ui: &mut Ui, size: f32) {
    let dim = theme::of(ui).dim;
    let (rect, _) = ui.allocate_exact_size(vec2(18.0, tokens::CONTROL), Sense::hover());
    icons::paint(ui.painter(), rect.center(), icons::IMAGE, size, dim);
}
