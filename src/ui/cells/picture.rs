//! The picture of a cell: whole, in the middle, with the cell's ground beside it where the shapes differ.

use egui::epaint::RectShape;
use egui::{Color32, CornerRadius, Rect, Ui};

use crate::marks;
use crate::textures::Texture;
use crate::theme::{self, tokens};

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
