//! What all controls share: the fade of a hover, the ring of the focus, and a group at the right end of a line.

use egui::epaint::RectShape;
use egui::{Align, Color32, CornerRadius, Id, Layout, Rect, Response, Shape, Stroke, StrokeKind, Ui, UiBuilder, pos2};

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

/// Where a group goes. Its width is that of the pass before; when it turns out to be another one, the pass is done again.
#[must_use = "call show"]
pub(crate) struct AtRight {
    id: Id,
    room: Rect,
    width: f32,
}

impl AtRight {
    /// A group at the right end of `room`; `name` tells it from others of the same [`Ui`].
    pub(crate) fn new(ui: &Ui, name: &str, room: Rect) -> Self {
        let id = ui.scope_id().with(("at right", name));
        let width = ui.data(|data| data.get_temp(id)).unwrap_or(0.0);
        Self { id, room, width }
    }

    /// Where it begins.
    pub(crate) fn left(&self) -> f32 {
        (self.room.right() - self.width).max(self.room.left())
    }

    /// What is left of the room beside it.
    pub(crate) fn rest(&self) -> Rect {
        self.room.with_max_x(self.left())
    }

    /// Shows it.
    pub(crate) fn show<R>(self, ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
        let place = Rect::from_min_size(pos2(self.left(), self.room.top()), self.room.size());
        let layout = Layout::left_to_right(Align::Center);
        let mut child = ui.new_child(UiBuilder::new().id_salt(self.id).max_rect(place).layout(layout));
        let shown = content(&mut child);
        let width = child.min_rect().width();
        if (width - self.width).abs() > 0.5 {
            ui.data_mut(|data| data.insert_temp(self.id, width));
            ui.ctx().request_discard("a group at the right end has another width");
            if !ui.ctx().will_discard() {
                ui.ctx().request_repaint();
            }
        }
        shown
    }
}
