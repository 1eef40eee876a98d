//! What all controls share: the fade of a hover, the ring of the focus.

use egui::{Color32, CornerRadius, Rect, Response, Shape, Stroke, StrokeKind, Ui, epaint::RectShape};

use crate::theme::{self, tokens};

/// How far the hover has faded in, 0 to 1.
pub fn hover(ui: &Ui, response: &Response) -> f32 {
    ui.ctx().animate_bool_with_time(
        response.id.with("hover"),
        response.hovered() && ui.is_enabled(),
        ui.style().animation_time,
    )
}

/// A color between two.
pub fn mix(from: Color32, to: Color32, share: f32) -> Color32 {
    from.lerp_to_gamma(to, share)
}

/// The fill of a control: at rest, hovered, pressed.
pub fn fill(ui: &Ui, response: &Response, rest: Color32, hovered: Color32, pressed: Color32) -> Color32 {
    if response.is_pointer_button_down_on() { pressed } else { mix(rest, hovered, hover(ui, response)) }
}

/// The ring around what has the keyboard.
pub fn focus_ring(ui: &Ui, rect: Rect, response: &Response, radius: u8) {
    if response.has_focus() {
        ring(ui, rect, radius);
    }
}

/// A ring just inside `rect`.
pub fn ring(ui: &Ui, rect: Rect, radius: u8) {
    let stroke = Stroke::new(tokens::FOCUS_WIDTH, theme::of(ui).accent);
    ui.painter().rect_stroke(rect, CornerRadius::same(radius), stroke, StrokeKind::Inside);
}

/// A filled rectangle with a line around it, inside.
pub fn framed(rect: Rect, radius: u8, fill: Color32, line: Color32) -> Shape {
    RectShape::new(rect, CornerRadius::same(radius), fill, Stroke::new(1.0, line), StrokeKind::Inside).into()
}
