//! Where nearly the same picture has a box that is missing on this one, while that finding is looked at: the corners of
//! the box, which is none of this image and must not look like one, and a chip that says so.

use std::sync::Arc;

use egui::{Color32, Galley, Painter, Rect, Shape, Stroke, Vec2, pos2, vec2};

use super::hit;
use super::viewport::Viewport;
use crate::marks;
use crate::tag_style::TagStyle;
use app::state::Opened;
use domain::{ImageView, RegionView};

/// Widths of the corners and of their halo, in points.
const LINE: f32 = 2.5;
const HALO: f32 = 5.0;
/// Between the corners and the chip.
const GAP: f32 = 6.0;

/// The box of the other image that the finding is about, if it is looked at.
pub(super) fn missing(opened: &Opened, image: ImageView<'_>) -> Option<RegionView> {
    let finding = opened.checks.current_on(&opened.catalogue, image.ix)?;
    opened.catalogue.region(finding.missing()?).filter(|region| hit::is_finite(&region.rect))
}

pub(super) fn name(opened: &Opened, region: RegionView) -> String {
    format!("{} on the other image", opened.catalogue.tags().get(region.tag).name)
}

pub(super) struct Counterpart {
    rect: Rect,
    color: Color32,
    galley: Arc<Galley>,
    chip: Rect,
}

impl Counterpart {
    /// Finds its place in `view`, whose part from `top` on is free.
    pub(super) fn new(
        painter: &Painter,
        view: Rect,
        top: f32,
        viewport: &Viewport,
        opened: &Opened,
        image: ImageView<'_>,
    ) -> Option<Self> {
        let region = missing(opened, image)?;
        let color = TagStyle::of(opened.catalogue.tags().get(region.tag)).color;
        let rect = viewport.screen_rect(region.rect).translate(view.min.to_vec2());
        let galley = marks::chip_text(painter, name(opened, region), (view.width() - 24.0).min(360.0));
        let chip = chip_place(rect, view.with_min_y(top), marks::chip_size(&galley, true));
        Some(Self { rect, color, galley, chip })
    }

    /// Where no other chip may go.
    pub(super) fn taken(&self) -> Rect {
        self.chip.expand(2.0)
    }

    pub(super) fn paint(self, painter: &Painter) {
        for points in corners(self.rect) {
            for (width, color) in [(HALO, Color32::from_black_alpha(170)), (LINE, self.color)] {
                painter.add(Shape::line(points.to_vec(), Stroke::new(width, color)));
            }
        }
        marks::paint_chip(painter, self.chip.min, self.galley, Some(self.color));
    }
}

/// The chip is below the box, where names of boxes seldom are; above it, or in it, where there is no room below.
fn chip_place(rect: Rect, room: Rect, size: Vec2) -> Rect {
    let room = room.shrink(4.0);
    let x = rect.left().min(room.right() - size.x).max(room.left());
    let (below, above) = (rect.bottom() + GAP, rect.top() - GAP - size.y);
    let y = if below + size.y <= room.bottom() || above < room.top() { below } else { above };
    Rect::from_min_size(pos2(x, y.min(room.bottom() - size.y).max(room.top())), size)
}

/// Each corner as the ends of its strokes and the corner between.
fn corners(rect: Rect) -> [[egui::Pos2; 3]; 4] {
    let across = vec2((rect.width() * 0.25).min(28.0), 0.0);
    let down = vec2(0.0, (rect.height() * 0.25).min(28.0));
    let corner = |at: egui::Pos2, across: Vec2, down: Vec2| [at + across, at, at + down];
    [
        corner(rect.left_top(), across, down),
        corner(rect.right_top(), -across, down),
        corner(rect.right_bottom(), -across, -down),
        corner(rect.left_bottom(), across, -down),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chip_is_always_in_sight_and_off_the_box_where_there_is_room() {
        let room = Rect::from_min_max(pos2(100.0, 50.0), pos2(500.0, 350.0));
        let size = vec2(160.0, 18.0);
        let of = |left: f32, top: f32, wide: f32, tall: f32| {
            let rect = Rect::from_min_size(pos2(left, top), vec2(wide, tall));
            (rect, chip_place(rect, room, size))
        };
        for (rect, chip) in [of(150.0, 100.0, 80.0, 60.0), of(480.0, 200.0, 80.0, 60.0), of(150.0, 300.0, 80.0, 60.0)] {
            assert!(room.contains_rect(chip) && !chip.intersects(rect), "{rect:?} {chip:?}");
        }
        for (_, chip) in [of(0.0, 0.0, 900.0, 900.0), of(-900.0, 2_000.0, 50.0, 50.0), of(900.0, -400.0, 50.0, 50.0)] {
            assert!(room.contains_rect(chip), "{chip:?}");
        }
    }
}
