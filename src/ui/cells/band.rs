//! The rubber band: begins on the ground or on a cell, scrolls by itself at the edges, chooses when it is let go.

use egui::{Pos2, Rect, Response, Stroke, StrokeKind, Ui, pos2};

use super::layout::Layout;
use crate::theme;

/// A rubber band under way: points of the view across, points from the top of all rows down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Band {
    from: (f32, f64),
    to: (f32, f64),
    /// Whether what it touches is added to what is chosen.
    pub keeps: bool,
}

pub(crate) struct Banded {
    /// The places in order.
    pub places: Vec<usize>,
    /// Added to what is chosen.
    pub keep: bool,
}

impl Band {
    /// The places it touches, in order.
    pub(crate) fn touched(&self, layout: &Layout) -> impl Iterator<Item = usize> + use<> {
        layout.touched([self.from.0, self.to.0], [self.from.1, self.to.1])
    }

    pub(crate) fn paint(&self, ui: &Ui, body: Rect, offset: f64) {
        let corner = |(x, y): (f32, f64)| pos2(body.left() + x, body.top() + (y - offset) as f32);
        let rect = Rect::from_two_pos(corner(self.from), corner(self.to));
        let accent = theme::of(ui).accent;
        ui.painter().rect(rect, 2.0, accent.gamma_multiply(0.15), Stroke::new(1.0, accent), StrokeKind::Inside);
    }
}

/// Begins, moves and ends a band dragged over `ground`.
pub(crate) fn band_ui(
    ui: &Ui,
    body: Rect,
    ground: &Response,
    band: &mut Option<Band>,
    offset: &mut f64,
    layout: &Layout,
) -> Option<Banded> {
    let modifiers = ui.input(|input| input.modifiers);
    let place = |pointer: Pos2, offset: f64| (pointer.x - body.left(), f64::from(pointer.y - body.top()) + offset);
    if ground.drag_started()
        && let Some(start) = ui.input(|input| input.pointer.press_origin())
    {
        let from = place(start, *offset);
        *band = Some(Band { from, to: from, keeps: modifiers.command || modifiers.shift });
    }
    let mut moved = (*band)?;
    if let Some(pointer) = ground.interact_pointer_pos() {
        let outside = (pointer.y - body.bottom()).max(0.0) - (body.top() - pointer.y).max(0.0);
        if ground.dragged() && outside != 0.0 {
            let step = ui.input(|input| input.stable_dt).min(0.1) * (outside * 12.0).clamp(-4_000.0, 4_000.0);
            *offset = (*offset + f64::from(step)).clamp(0.0, layout.max_offset(body.height()));
            ui.ctx().request_repaint();
        }
        let inside = pos2(pointer.x, pointer.y.clamp(body.top(), body.bottom()));
        moved.to = place(inside, *offset);
        *band = Some(moved);
    }
    if ground.dragged() {
        return None;
    }
    *band = None;
    Some(Banded { places: moved.touched(layout).collect(), keep: moved.keeps })
}
