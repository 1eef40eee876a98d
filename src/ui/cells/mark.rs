//! The marks of a cell: chosen, with the cursor, under the pointer.

use egui::{CornerRadius, Rect, Stroke, StrokeKind, Ui, Vec2, vec2};

use crate::icons;
use crate::theme::{Tokens, tokens};

/// What is marked of a cell.
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
