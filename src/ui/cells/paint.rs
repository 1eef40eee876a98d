//! What a cell is painted of: its picture, its marks, and what is shown instead of a picture that cannot be had.

use egui::epaint::RectShape;
use egui::text::LayoutJob;
use egui::{
    Align, Align2, Color32, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};

use crate::icons;
use crate::marks;
use crate::textures::Texture;
use crate::theme::{self, Tokens, tokens};
use crate::widgets::paint as controls;
use app::Failure;

/// The ground of a cell, hardly seen: the photographs are the only bright thing.
pub(crate) fn paint_ground(ui: &Ui, cell: Rect) {
    let color = theme::of(ui).line.gamma_multiply(0.4);
    ui.painter().rect_filled(cell, CornerRadius::same(tokens::RADIUS), color);
}

/// Paints the part `uv` of a texture into a cell, `aspect` (width over height) being the shape of that part. Returns where
/// the picture is.
pub(crate) fn paint_picture(ui: &Ui, cell: Rect, aspect: f32, texture: Texture, uv: Rect) -> Rect {
    let radius = CornerRadius::same(tokens::RADIUS);
    let picture = marks::contained(cell, aspect);
    // A hair of difference to the cell's shape is rounding, not a letterbox.
    let is_whole = (picture.size() - cell.size()).abs().max_elem() < 2.0;
    let (picture, radius) = if is_whole {
        (cell, radius)
    } else {
        paint_ground(ui, cell);
        (picture, CornerRadius::same(2))
    };
    ui.painter().add(RectShape::filled(picture, radius, Color32::WHITE).with_texture(texture.id, uv));
    picture
}

/// Paints a texture so that it fills a cell; what does not fit is cut alike at both ends. Returns where the picture is.
pub(crate) fn paint_covering(ui: &Ui, cell: Rect, radius: CornerRadius, texture: Texture) -> Rect {
    let picture = marks::covering(cell, texture.size.x / texture.size.y.max(1.0));
    let uv = marks::seen_part(picture, cell);
    ui.painter().add(RectShape::filled(cell, radius, Color32::WHITE).with_texture(texture.id, uv));
    picture
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Marks {
    pub rect: Rect,
    pub is_chosen: bool,
    pub is_cursor: bool,
    pub is_hovered: bool,
}

/// The selection's mark and ring, the cursor's ring, the hover. Without a fade: egui keeps the state of every fade for ever,
/// and there may be a million cells.
pub(crate) fn paint_marks(ui: &Ui, marks: &Marks, tokens: &Tokens) {
    let Marks { rect, is_chosen, is_cursor, is_hovered } = *marks;
    let painter = ui.painter();
    let inside = CornerRadius::same(tokens::RADIUS);
    let outside = CornerRadius::same(tokens::RADIUS + 2);
    if is_chosen {
        painter.rect_stroke(rect, inside, Stroke::new(2.0, tokens.window), StrokeKind::Inside);
        painter.rect_stroke(rect.expand(1.0), outside, Stroke::new(2.0, tokens.accent), StrokeKind::Middle);
        let mark = Rect::from_min_size(rect.min + vec2(7.0, 6.0), Vec2::splat(17.0));
        painter.rect_filled(mark, CornerRadius::same(4), tokens.accent);
        icons::paint(painter, mark.center(), icons::CHECK, 14.0, tokens.on_accent);
    } else if is_hovered {
        let color = tokens.dim.gamma_multiply(0.6);
        painter.rect_stroke(rect, inside, Stroke::new(1.0, color), StrokeKind::Inside);
    }
    if is_cursor {
        let ring = if is_chosen { rect.expand(3.0) } else { rect.expand(2.0) };
        let color = if is_chosen { tokens.text } else { tokens.accent };
        painter.rect_stroke(ring, outside, Stroke::new(if is_chosen { 1.0 } else { 2.0 }, color), StrokeKind::Middle);
    }
}

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
