//! A cell whose picture could not be had: why, and the way to try again.

use egui::text::LayoutJob;
use egui::{Align, Align2, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::icons;
use crate::theme::{self, tokens};
use crate::widgets::paint as controls;
use app::Failure;

/// From this width on a cell has room for words.
const WORDS_FROM: f32 = 120.0;
/// From this width on it has room for the button.
const BUTTON_FROM: f32 = 72.0;

/// Paints the cell; `true` when it is to be tried again. `number` tells this cell's button from the others'.
pub(crate) fn failed_ui(ui: &Ui, rect: Rect, number: u32, failure: &Failure, cell: &Response) -> bool {
    let tokens = theme::of(ui);
    let painter = ui.painter();
    let radius = CornerRadius::same(tokens::RADIUS);
    painter.rect_filled(rect, radius, tokens.panel);
    painter.rect_stroke(rect, radius, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    let text = [failure.headline(), failure.advice()].join("\n");
    cell.clone().on_hover_text(text.trim());
    let has_words = rect.width() >= WORDS_FROM;
    let has_button = rect.width() >= BUTTON_FROM;
    let lift = match (has_words, has_button) {
        (true, _) => 34.0,
        (false, true) => 12.0,
        (false, false) => 0.0,
    };
    icons::paint(painter, rect.center() - vec2(0.0, lift), icons::BROKEN_IMAGE, 24.0, tokens.dim);
    if has_words {
        let font = theme::font(tokens::SMALL);
        let mut job = LayoutJob::simple(failure.headline(), font, tokens.dim, rect.width() - 24.0);
        job.wrap.max_rows = 2;
        job.halign = Align::Center;
        painter.galley(rect.center() + vec2(0.0, -16.0), painter.layout_job(job), tokens.dim);
    }
    if !has_button {
        return false;
    }
    let below = if has_words { rect.center().y + 26.0 } else { rect.bottom() - 15.0 };
    let retry = Rect::from_center_size(pos2(rect.center().x, below), vec2(60.0, 22.0));
    let pressed = ui.interact(retry, ui.scope_id().with(("retry", number)), Sense::CLICK);
    pressed.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Retry"));
    let fill = controls::fill(ui, &pressed, tokens.raised, tokens.hovered, tokens.pressed);
    painter.add(controls::framed(retry, 5, fill, tokens.line));
    painter.text(retry.center(), Align2::CENTER_CENTER, "Retry", theme::font(tokens::SMALL), tokens.text);
    pressed.clicked()
}
