//! The second layer over a picture: its boxes have corners, and dots between them, because the outline of a label is
//! never open, whatever the dash of its tag: so the two can be distinguished without colors, also on a small thumbnail.
//! And the mark of what became of a prediction or of a label, the same on canvas and wall.

use egui::epaint::Mesh;
use egui::{Color32, Painter, Pos2, Rect, pos2};

use super::{Outline, Pen, add_rect, dashes, placed};
use crate::icons;
use crate::tag_style::{Dash, TagStyle};
use crate::theme::{self, tokens};
use app::state::Opened;
use app::view::OverlayMark;
use domain::evaluation::Outcome;
use domain::{Catalogue, TagIx};

/// The longest stroke at a corner, in points.
const CORNER: f32 = 9.0;
/// What a corner takes of a short side.
const CORNER_SHARE: f32 = 0.3;
/// Between a corner and the first dot.
const GAP: f32 = 5.0;
/// A dot, and the distance to the next.
const DOTS: [f32; 2] = [2.0, 6.0];

/// The color of a box: that of its tag, or gray where the open project has no such tag.
pub fn color_of(catalogue: &Catalogue, tag: Option<TagIx>) -> Color32 {
    tag.map_or(Color32::LIGHT_GRAY, |tag| TagStyle::of(catalogue.tags().get(tag)).color)
}

/// Adds the second layer of an image whose whole picture lies at `picture`, without boxes of hidden tags.
pub fn add_marks(
    mesh: &mut Mesh,
    opened: &Opened,
    marks: impl Iterator<Item = OverlayMark>,
    picture: Rect,
    clip: Rect,
    pen: Pen,
) {
    let tags = opened.catalogue.tags();
    let is_shown = |mark: &OverlayMark| mark.tag.is_none_or(|tag| !opened.hidden_tags.contains(&tags.get(tag).id));
    for mark in marks.filter(is_shown) {
        let rect = placed(mark.rect, picture);
        if rect.is_finite() {
            add_second_box(mesh, rect, clip, pen, color_of(&opened.catalogue, mark.tag));
        }
    }
}

/// Adds the box; only what lies in `clip` is made.
pub fn add_second_box(mesh: &mut Mesh, rect: Rect, clip: Rect, pen: Pen, color: Color32) {
    let outline = Outline::of(rect, pen);
    if !outline.outer.intersects(clip) {
        return;
    }
    if outline.is_dot() {
        super::add_dot(mesh, &outline, clip, pen, color);
        return;
    }
    let line = outline.outer.shrink(pen.halo);
    // All halos first: those of one side must not lie over the strokes of the next.
    for (grow, color) in [(pen.halo, tokens::HALO), (0.0, color)] {
        let mut add = |min, max| add_rect(mesh, Rect::from_min_max(min, max).expand(grow), clip, color);
        for (from, to) in strokes(line.left(), line.right(), clip.left(), clip.right()) {
            let (from, to) = (pen.snap(from), pen.snap(to));
            add(pos2(from, line.top()), pos2(to, line.top() + pen.line));
            add(pos2(from, line.bottom() - pen.line), pos2(to, line.bottom()));
        }
        for (from, to) in strokes(line.top(), line.bottom(), clip.top(), clip.bottom()) {
            let (from, to) = (pen.snap(from), pen.snap(to));
            add(pos2(line.left(), from), pos2(line.left() + pen.line, to));
            add(pos2(line.right() - pen.line, from), pos2(line.right(), to));
        }
    }
}

/// The strokes of a side: one from each corner, and the dots between them as far as they touch `low..high`.
fn strokes(start: f32, end: f32, low: f32, high: f32) -> impl Iterator<Item = (f32, f32)> {
    let corner = ((end - start) * CORNER_SHARE).min(CORNER);
    let dots = dashes(start + corner + GAP, end - corner - GAP, low, high, &DOTS);
    [(start, start + corner), (end - corner, end)].into_iter().chain(dots)
}

pub const OUTCOME_RADIUS: f32 = 8.0;

/// A disk with a sign: what became of a prediction is seen without reading.
pub fn paint_outcome(painter: &Painter, center: Pos2, outcome: Outcome) {
    let tokens = &theme::DARK;
    let (icon, color) = match outcome {
        Outcome::Match => (icons::CHECK, tokens.ok),
        Outcome::Swapped => (icons::DISAGREE, tokens.bad),
        Outcome::Misplaced => (icons::SOLO, tokens.warning),
        Outcome::False => (icons::CLOSE, tokens.bad),
        Outcome::Missed => (icons::EYE_OFF, tokens.warning),
    };
    painter.circle_filled(center, OUTCOME_RADIUS, tokens::CHIP);
    icons::paint(painter, center, icon, OUTCOME_RADIUS * 1.6, color);
}

/// The line of a box that ends so: labels that are missed are dotted, predictions dashed. The usual line of labels differs
/// from both without colors.
pub fn dash_of(outcome: Outcome) -> Dash {
    if outcome == Outcome::Missed { Dash::Dotted } else { Dash::Dashed }
}

#[cfg(test)]
mod tests {
    use egui::Pos2;

    use super::*;
    use crate::marks::add_box;
    use crate::tag_style::Dash;

    const CLIP: Rect = Rect { min: Pos2::ZERO, max: Pos2 { x: 400.0, y: 300.0 } };

    /// Whether the color lies at a point.
    fn is_painted(mesh: &Mesh, at: Pos2) -> bool {
        mesh.vertices.chunks(4).any(|corners| {
            let rect = Rect::from_points(&corners.iter().map(|corner| corner.pos).collect::<Vec<_>>());
            corners[0].color == Color32::RED && rect.contains(at)
        })
    }

    fn mesh_of(rect: Rect) -> Mesh {
        let mut mesh = Mesh::default();
        add_second_box(&mut mesh, rect, CLIP, Pen::new(1.0, false), Color32::RED);
        mesh
    }

    #[test]
    fn sides_are_open_at_every_size_and_corners_are_drawn() {
        for side in [12.0, 20.0, 60.0, 200.0] {
            let rect = Rect::from_min_size(pos2(40.0, 40.0), egui::Vec2::splat(side));
            let mesh = mesh_of(rect);
            let row = |x: f32| is_painted(&mesh, pos2(x, 40.0));
            assert!(row(41.0) && row(39.0 + side), "the corners of {side}");
            let steps = (side * 4.0) as usize;
            assert!((0..steps).any(|step| !row(40.0 + step as f32 / 4.0)), "no gap in a side of {side}");
        }
    }

    #[test]
    fn labels_of_every_dash_are_closed_by_their_dark_lines() {
        for dash in [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDot] {
            let mut mesh = Mesh::default();
            let rect = Rect::from_min_size(pos2(40.0, 40.0), egui::Vec2::splat(60.0));
            add_box(&mut mesh, rect, CLIP, Pen::new(1.0, false), TagStyle { color: Color32::RED, dash });
            // A ring of eight corners, one whole outline.
            assert!(mesh.vertices[..8].iter().all(|corner| corner.color == tokens::HALO), "{dash:?}");
        }
    }

    #[test]
    fn nothing_is_made_out_of_sight_and_little_of_a_huge_box() {
        assert!(mesh_of(Rect::from_min_max(pos2(500.0, 10.0), pos2(900.0, 200.0))).is_empty());
        let huge = mesh_of(Rect::from_min_max(pos2(-90_000.0, 50.0), pos2(90_000.0, 250.0)));
        assert!(huge.vertices.len() < 2_000, "{}", huge.vertices.len());
        assert!(huge.vertices.iter().all(|vertex| CLIP.contains(vertex.pos)));
    }

    #[test]
    fn a_tiny_box_is_a_dot() {
        assert_eq!(mesh_of(Rect::from_min_size(pos2(50.0, 50.0), egui::vec2(1.0, 1.0))).vertices.len(), 8);
    }
}
