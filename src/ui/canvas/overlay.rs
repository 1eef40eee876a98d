//! The second layer of boxes over a picture: boxes in the colors of their tags, each with a chip that says what it is: with
//! open sides where another state had a region, dotted or dashed for predictions, with a mark for what became of them. They are none of the image's own regions and
//! must not look like them.

use egui::epaint::Mesh;
use egui::{Painter, Pos2, Rect, Shape, pos2};

use super::hit;
use super::viewport::Viewport;
use crate::icons;
use crate::marks::{self, Pen};
use crate::tag_style::{Dash, TagStyle};
use crate::theme::{self, tokens};
use app::overlay::{OverlayBox, OverlayLook};
use domain::Catalogue;
use domain::evaluation::Outcome;

/// More chips than this would hide the picture.
const MOST_CHIPS: usize = 40;

/// Radius of the mark at the corner of a prediction.
const MARK: f32 = 8.0;

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
    let pen = Pen::new(pixels_per_point, false);
    let mut chips = Vec::new();
    for one in boxes.iter().filter(|one| hit::is_finite(&one.rect)) {
        let rect = viewport.screen_rect(one.rect).translate(area.min.to_vec2());
        let color = marks::color_of(catalogue, one.tag);
        let thin = Pen::thin(pixels_per_point);
        match one.look {
            OverlayLook::Former => marks::add_second_box(&mut mesh, rect, area, pen, color),
            OverlayLook::Predicted(outcome) => {
                let dash = if outcome == Outcome::Missed { Dash::Dotted } else { Dash::Dashed };
                marks::add_box(&mut mesh, rect, area, thin, TagStyle { color, dash });
            }
        }
        if rect.intersects(area) && chips.len() < MOST_CHIPS {
            chips.push((rect, color, one));
        }
    }
    if !mesh.is_empty() {
        painter.add(Shape::mesh(mesh));
    }
    for (rect, color, one) in chips {
        let galley = marks::chip_text(painter, one.caption.clone(), (area.width() - 24.0).min(280.0));
        let size = marks::chip_size(&galley, true);
        // Below the box: names of the image's own regions are above theirs.
        let room = area.shrink(4.0);
        let x = rect.left().min(room.right() - size.x).max(room.left());
        let y = (rect.bottom() + GAP).min(room.bottom() - size.y).max(room.top());
        marks::paint_chip(painter, pos2(x, y), galley, Some(color));
        if let OverlayLook::Predicted(outcome) = one.look {
            paint_mark(painter, rect.left_top().max(area.min + egui::Vec2::splat(MARK)), outcome);
        }
    }
}

/// A disk with a sign at a box's corner: what became of a prediction is seen without reading.
fn paint_mark(painter: &Painter, center: Pos2, outcome: Outcome) {
    let tokens = &theme::DARK;
    let (icon, color) = match outcome {
        Outcome::Match => (icons::CHECK, tokens.ok),
        Outcome::Swapped => (icons::DISAGREE, tokens.bad),
        Outcome::Misplaced => (icons::SOLO, tokens.warning),
        Outcome::False => (icons::CLOSE, tokens.bad),
        Outcome::Missed => (icons::EYE_OFF, tokens.warning),
    };
    painter.circle_filled(center, MARK, tokens::CHIP);
    icons::paint(painter, center, icon, MARK * 1.6, color);
}
