//! The second layer of boxes over a picture: thin dotted boxes in the colors of their tags, each with a chip that says what
//! it is. They are none of the image's own regions and must not look like them.

use egui::epaint::Mesh;
use egui::{Color32, Painter, Rect, Shape, pos2};

use super::hit;
use super::viewport::Viewport;
use crate::marks::{self, Pen};
use crate::tag_style::{Dash, TagStyle};
use app::overlay::OverlayBox;
use domain::Catalogue;

/// More chips than this would hide the picture.
const MOST_CHIPS: usize = 40;

/// Between a box and its chip.
const GAP: f32 = 3.0;

/// Paints the boxes in `area`, which shows the picture by `viewport`.
pub(super) fn paint(
    painter: &Painter,
    area: Rect,
    viewport: &Viewport,
    catalogue: &Catalogue,
    boxes: &[OverlayBox],
    pixels_per_point: f32,
) {
    let mut mesh = Mesh::default();
    let pen = Pen::thin(pixels_per_point);
    let mut chips = Vec::new();
    for one in boxes.iter().filter(|one| hit::is_finite(&one.rect)) {
        let rect = viewport.screen_rect(one.rect).translate(area.min.to_vec2());
        let color = one.tag.map_or(Color32::LIGHT_GRAY, |tag| TagStyle::of(catalogue.tags().get(tag)).color);
        marks::add_box(&mut mesh, rect, area, pen, TagStyle { color, dash: Dash::Dotted });
        if rect.intersects(area) && chips.len() < MOST_CHIPS {
            chips.push((rect, color, &one.caption));
        }
    }
    if !mesh.is_empty() {
        painter.add(Shape::mesh(mesh));
    }
    for (rect, color, caption) in chips {
        let galley = marks::chip_text(painter, caption.clone(), (area.width() - 24.0).min(280.0));
        let size = marks::chip_size(&galley, true);
        // Below the box: names of the image's own regions are above theirs.
        let room = area.shrink(4.0);
        let x = rect.left().min(room.right() - size.x).max(room.left());
        let y = (rect.bottom() + GAP).min(room.bottom() - size.y).max(room.top());
        marks::paint_chip(painter, pos2(x, y), galley, Some(color));
    }
}
