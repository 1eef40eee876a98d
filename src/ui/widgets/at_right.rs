//! A group at the right end of a line, in the order in which it is read: from left to right for the eye, the keyboard and a
//! screen reader alike. egui's own layout from the right goes through it backwards.

use egui::{Align, Id, Layout, Rect, Ui, UiBuilder, pos2};

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
