//! Marks on photographs, the same on grid, filmstrip and canvas: boxes as triangles of one mesh, and chips.
//!
//! Lines keep their width at any zoom and lie on whole pixels of the screen: crisp without antialiasing, and cheap.

mod second;

use std::sync::Arc;

use egui::epaint::Mesh;
use egui::{Color32, Galley, Painter, Pos2, Rect, Vec2, pos2, vec2};

use super::tag_style::{Dash, TagStyle};
use super::theme::{self, tokens};
pub use second::{OUTCOME_RADIUS, add_marks, add_second_box, color_of, dash_of, paint_outcome};

pub const CHIP_HEIGHT: f32 = 18.0;
const CHIP_PAD: f32 = 6.0;
const SQUARE: f32 = 7.0;

/// Widths of a box's line in whole pixels of the screen, given in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pen {
    wanted: f32,
    line: f32,
    halo: f32,
    pixels_per_point: f32,
}

impl Pen {
    pub fn new(pixels_per_point: f32, is_selected: bool) -> Self {
        Self::of(pixels_per_point, if is_selected { 2.5 } else { 1.5 })
    }

    /// A pen for boxes on small thumbnails: 1 point.
    pub fn thin(pixels_per_point: f32) -> Self {
        Self::of(pixels_per_point, 1.0)
    }

    /// The same with a line that is so many times as wide.
    #[must_use]
    pub fn times(self, factor: f32) -> Self {
        Self::of(self.pixels_per_point, self.wanted * factor)
    }

    fn of(pixels_per_point: f32, wanted: f32) -> Self {
        let snap = |points: f32| (points * pixels_per_point).round().max(1.0) / pixels_per_point;
        Self { wanted, line: snap(wanted), halo: snap(0.75), pixels_per_point }
    }

    fn snap(self, points: f32) -> f32 {
        nearest_whole(points * self.pixels_per_point) / self.pixels_per_point
    }
}

/// The nearest whole number, the upper one of two. `f32::round` calls into the C library where a build must also run on
/// old processors; thousands of boxes are snapped in a frame.
fn nearest_whole(value: f32) -> f32 {
    let shifted = value + 0.5;
    let cut = shifted as i32 as f32;
    if cut > shifted { cut - 1.0 } else { cut }
}

struct Outline {
    /// With the hairlines around it.
    outer: Rect,
    /// Width of all its lines together.
    total: f32,
}

impl Outline {
    fn of(rect: Rect, pen: Pen) -> Self {
        let outset = pen.snap(pen.line / 2.0) + pen.halo;
        let outer = Rect::from_min_max(
            pos2(pen.snap(rect.min.x), pen.snap(rect.min.y)) - Vec2::splat(outset),
            pos2(pen.snap(rect.max.x), pen.snap(rect.max.y)) + Vec2::splat(outset),
        );
        Self { outer, total: pen.line + 2.0 * pen.halo }
    }

    /// Whether it is too small for a frame.
    fn is_dot(&self) -> bool {
        self.outer.width() < 2.0 * self.total || self.outer.height() < 2.0 * self.total
    }
}

/// Adds a box: the tag's color between two dark hairlines, broken by the tag's dash. Only what lies in `clip` is made,
/// so a box larger than the screen costs no more than a small one.
pub fn add_box(mesh: &mut Mesh, rect: Rect, clip: Rect, pen: Pen, style: TagStyle) {
    add_outline(mesh, &Outline::of(rect, pen), clip, pen, style);
}

/// Adds a white line around a box, so that the chosen one differs from all others, also from the one under the pointer.
pub fn add_chosen(mesh: &mut Mesh, rect: Rect, clip: Rect, pen: Pen) {
    let line = Outline::of(rect, pen).outer.expand(pen.line);
    let outer = line.expand(pen.halo);
    if outer.intersects(clip) {
        add_frame(mesh, outer, pen.line + pen.halo, clip, tokens::HALO);
        add_frame(mesh, line, pen.line, clip, Color32::WHITE);
    }
}

/// The same with its fill in a mesh of its own, so that no fill lies over the line of another box. A dot has none: nothing
/// of it would be seen.
pub fn add_filled_box(
    [fills, lines]: [&mut Mesh; 2],
    rect: Rect,
    clip: Rect,
    pen: Pen,
    style: TagStyle,
    fill: Color32,
) {
    let outline = Outline::of(rect, pen);
    if !outline.is_dot() {
        add_rect(fills, rect, clip, fill);
    }
    add_outline(lines, &outline, clip, pen, style);
}

fn add_outline(mesh: &mut Mesh, outline: &Outline, clip: Rect, pen: Pen, style: TagStyle) {
    let Outline { outer, total } = *outline;
    if !outer.intersects(clip) {
        return;
    }
    if outline.is_dot() {
        add_dot(mesh, outline, clip, pen, style.color);
        return;
    }
    add_frame(mesh, outer, total, clip, tokens::HALO);
    let line = outer.shrink(pen.halo);
    let pattern = style.dash.pattern();
    if style.dash == Dash::Solid || line.width().min(line.height()) < 24.0 {
        add_frame(mesh, line, pen.line, clip, style.color);
        return;
    }
    let width = pen.line;
    for (from, to) in dashes(line.left(), line.right(), clip.left(), clip.right(), pattern) {
        for y in [line.top(), line.bottom() - width] {
            let dash = Rect::from_min_max(pos2(pen.snap(from), y), pos2(pen.snap(to), y + width));
            add_rect(mesh, dash, clip, style.color);
        }
    }
    for (from, to) in dashes(line.top(), line.bottom(), clip.top(), clip.bottom(), pattern) {
        for x in [line.left(), line.right() - width] {
            let dash = Rect::from_min_max(pos2(x, pen.snap(from)), pos2(x + width, pen.snap(to)));
            add_rect(mesh, dash, clip, style.color);
        }
    }
}

/// A dot that can still be seen.
fn add_dot(mesh: &mut Mesh, outline: &Outline, clip: Rect, pen: Pen, color: Color32) {
    let Outline { outer, total } = *outline;
    let dot = Rect::from_center_size(outer.center(), outer.size().max(Vec2::splat(total + pen.line)));
    add_rect(mesh, dot, clip, tokens::HALO);
    add_rect(mesh, dot.shrink(pen.halo), clip, color);
}

fn add_rect(mesh: &mut Mesh, rect: Rect, clip: Rect, color: Color32) {
    let rect = rect.intersect(clip);
    if rect.is_positive() {
        mesh.add_colored_rect(rect, color);
    }
}

/// A frame that nowhere lies over itself, so that a see-through color is even: a ring of eight corners, or four strips
/// where a part of it is out of sight.
fn add_frame(mesh: &mut Mesh, outer: Rect, width: f32, clip: Rect, color: Color32) {
    if clip.contains_rect(outer) {
        add_ring(mesh, outer, outer.shrink(width), color);
        return;
    }
    let (min, max) = (outer.min, outer.max);
    let strip = |left: f32, top: f32, right: f32, bottom: f32| Rect::from_min_max(pos2(left, top), pos2(right, bottom));
    add_rect(mesh, strip(min.x, min.y, max.x, min.y + width), clip, color);
    add_rect(mesh, strip(min.x, max.y - width, max.x, max.y), clip, color);
    add_rect(mesh, strip(min.x, min.y + width, min.x + width, max.y - width), clip, color);
    add_rect(mesh, strip(max.x - width, min.y + width, max.x, max.y - width), clip, color);
}

fn add_ring(mesh: &mut Mesh, outer: Rect, inner: Rect, color: Color32) {
    let first = mesh.vertices.len() as u32;
    let vertex = |pos| egui::epaint::Vertex { pos, uv: egui::epaint::WHITE_UV, color };
    // Written out: `map` over an array costs several times as much.
    mesh.vertices.extend_from_slice(&[
        vertex(outer.left_top()),
        vertex(outer.right_top()),
        vertex(outer.right_bottom()),
        vertex(outer.left_bottom()),
        vertex(inner.left_top()),
        vertex(inner.right_top()),
        vertex(inner.right_bottom()),
        vertex(inner.left_bottom()),
    ]);
    mesh.indices.extend(RING.iter().map(|corner| first + corner));
}

/// The triangles of a ring: of its outer corners 0 to 3 and its inner ones 4 to 7.
static RING: [u32; 24] = [0, 1, 4, 1, 5, 4, 1, 2, 5, 2, 6, 5, 2, 3, 6, 3, 7, 6, 3, 0, 7, 0, 4, 7];

/// The drawn parts of a line from `start` to `end` as far as they touch `low..high`. The pattern begins at `start`, so it
/// does not crawl when the view moves.
fn dashes(start: f32, end: f32, low: f32, high: f32, pattern: &[f32]) -> impl Iterator<Item = (f32, f32)> {
    let period: f32 = pattern.iter().sum();
    let first = (((low - start) / period).floor()).max(0.0);
    let last = (end.min(high) - start) / period;
    let count = if last > first { (last - first).ceil() as usize } else { 0 };
    (0..count)
        .flat_map(move |at| {
            let mut from = start + (first + at as f32) * period;
            pattern.chunks(2).map(move |pair| {
                let dash = (from, (from + pair[0]).min(end));
                from += pair.iter().sum::<f32>();
                dash
            })
        })
        .filter(|(from, to)| to > from)
}

/// A chip's text, cut to a width with an ellipsis.
pub fn chip_text(painter: &Painter, text: String, max_width: f32) -> Arc<Galley> {
    scaled_chip_text(painter, text, max_width, 1.0)
}

/// The same so many times as large; the chip around it follows.
pub fn scaled_chip_text(painter: &Painter, text: String, max_width: f32, scale: f32) -> Arc<Galley> {
    let font = theme::font(tokens::SMALL * scale);
    let mut job = egui::text::LayoutJob::simple_singleline(text, font, tokens::ON_CHIP);
    job.wrap.max_width = max_width.max(1.0);
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    painter.layout_job(job)
}

fn scale_of(galley: &Galley) -> f32 {
    galley.job.sections.first().map_or(1.0, |section| section.format.font_id.size / tokens::SMALL)
}

pub fn chip_size(galley: &Galley, has_square: bool) -> Vec2 {
    let scale = scale_of(galley);
    let square = if has_square { (SQUARE + 5.0) * scale } else { 0.0 };
    vec2((galley.size().x + square + 2.0 * CHIP_PAD * scale).ceil(), (CHIP_HEIGHT * scale).round())
}

/// Paints a chip with its top left corner at `min` and returns where it is.
pub fn paint_chip(painter: &Painter, min: Pos2, galley: Arc<Galley>, color: Option<Color32>) -> Rect {
    let scale = scale_of(&galley);
    let rect = Rect::from_min_size(min, chip_size(&galley, color.is_some()));
    painter.rect_filled(rect, rect.height() / 2.0, tokens::CHIP);
    let mut x = rect.left() + CHIP_PAD * scale;
    if let Some(color) = color {
        let side = SQUARE * scale;
        let square = Rect::from_center_size(pos2(x + side / 2.0, rect.center().y), Vec2::splat(side));
        painter.rect_filled(square, 2.0, color);
        x += side + 5.0 * scale;
    }
    let y = rect.center().y - galley.size().y / 2.0;
    painter.galley(pos2(x, y), galley, tokens::ON_CHIP);
    rect
}

/// Where a picture of this aspect lies in a cell when all of it is to be seen.
pub fn contained(cell: Rect, aspect: f32) -> Rect {
    let aspect = if aspect.is_finite() && aspect > 0.0 { aspect } else { 4.0 / 3.0 };
    let (width, height) = (cell.width(), cell.height());
    let size = if aspect > width / height { vec2(width, width / aspect) } else { vec2(height * aspect, height) };
    Rect::from_center_size(cell.center(), size)
}

/// Where a picture of this aspect lies when it fills a cell: a part of it is outside.
pub fn covering(cell: Rect, aspect: f32) -> Rect {
    let whole = contained(cell, aspect);
    let scale = (cell.width() / whole.width().max(1e-3)).max(cell.height() / whole.height().max(1e-3));
    Rect::from_center_size(cell.center(), whole.size() * scale)
}

/// The part of a picture at `picture` that is seen in `cell`, in fractions of the picture.
pub fn seen_part(picture: Rect, cell: Rect) -> Rect {
    let share = |at: Pos2| {
        let from = at - picture.min;
        pos2(from.x / picture.width().max(1e-3), from.y / picture.height().max(1e-3))
    };
    let seen = picture.intersect(cell);
    Rect::from_min_max(share(seen.min), share(seen.max))
}

/// A rectangle in fractions of a picture that is painted at `picture`.
pub fn placed(rect: domain::UnitRect, picture: Rect) -> Rect {
    let min = picture.min + vec2(rect.left * picture.width(), rect.top * picture.height());
    Rect::from_min_size(min, vec2(rect.width * picture.width(), rect.height * picture.height()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CLIP: Rect = Rect { min: Pos2::ZERO, max: Pos2 { x: 800.0, y: 600.0 } };

    fn style(dash: Dash) -> TagStyle {
        TagStyle { color: Color32::RED, dash }
    }

    fn mesh_of(rect: Rect, dash: Dash) -> Mesh {
        let mut mesh = Mesh::default();
        add_box(&mut mesh, rect, CLIP, Pen::new(1.0, false), style(dash));
        mesh
    }

    #[test]
    fn a_solid_box_is_two_frames_on_whole_pixels() {
        let mesh = mesh_of(Rect::from_min_max(pos2(10.3, 10.3), pos2(100.7, 60.2)), Dash::Solid);
        assert_eq!((mesh.vertices.len(), mesh.triangles().count()), (2 * 8, 2 * 8));
        assert!(mesh.is_valid());
        assert!(mesh.vertices.iter().all(|vertex| vertex.pos.x.fract() == 0.0 && vertex.pos.y.fract() == 0.0));
    }

    #[test]
    fn a_box_out_of_sight_costs_nothing_and_an_empty_one_is_a_dot() {
        assert!(mesh_of(Rect::from_min_max(pos2(900.0, 0.0), pos2(950.0, 50.0)), Dash::Solid).is_empty());
        let dot = mesh_of(Rect::from_min_max(pos2(50.0, 50.0), pos2(50.0, 50.0)), Dash::Dotted);
        assert_eq!(dot.vertices.len(), 8);
    }

    #[test]
    fn a_huge_dashed_box_is_made_only_where_it_is_seen() {
        let huge = Rect::from_min_max(pos2(-100_000.0, 300.0), pos2(100_000.0, 100_300.0));
        let mesh = mesh_of(huge, Dash::Dashed);
        assert!(!mesh.is_empty() && mesh.vertices.len() < 4 * 300, "{}", mesh.vertices.len());
    }

    #[test]
    fn lines_snap_alike_on_both_sides_of_zero() {
        let values = [-2.5, -1.6, -0.5, -0.4, 0.0, 0.4, 0.5, 1.49, 2.5, 1e9, -1e9];
        assert_eq!(values.map(nearest_whole), [-2.0, -2.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 3.0, 1e9, -1e9]);
    }

    #[test]
    fn the_fill_of_a_box_stands_apart_and_a_dot_has_none() {
        let (mut fills, mut lines) = (Mesh::default(), Mesh::default());
        let mut add = |side: f32| {
            let rect = Rect::from_min_size(pos2(20.0, 20.0), Vec2::splat(side));
            let pen = Pen::new(1.0, false);
            add_filled_box([&mut fills, &mut lines], rect, CLIP, pen, style(Dash::Solid), Color32::GRAY);
            (fills.vertices.len(), lines.vertices.len())
        };
        assert_eq!(add(2.0), (0, 8));
        assert_eq!(add(40.0), (4, 8 + 16));
    }

    #[test]
    fn a_picture_that_fills_its_cell_is_cut_alike_at_both_ends() {
        let cell = Rect::from_min_size(pos2(10.0, 20.0), vec2(160.0, 120.0));
        // Twice as wide as high: 240 x 120, of which 40 are cut at either end.
        let picture = covering(cell, 2.0);
        assert_eq!((picture.min, picture.size()), (pos2(-30.0, 20.0), vec2(240.0, 120.0)));
        let part = seen_part(picture, cell);
        assert!((part.left() - 1.0 / 6.0).abs() < 1e-5 && (part.right() - 5.0 / 6.0).abs() < 1e-5, "{part:?}");
        assert_eq!((part.top(), part.bottom()), (0.0, 1.0));
        // A box in the middle of the picture is in the middle of the cell.
        let middle = placed(domain::UnitRect::new(0.4, 0.4, 0.2, 0.2), picture);
        assert_eq!(middle.center(), cell.center());
        assert!(covering(cell, f32::NAN).is_finite());
    }

    #[test]
    fn a_line_of_another_width_is_whole_pixels_too() {
        for (pixels_per_point, factor, wanted) in
            [(1.0, 1.0, 2.0), (1.0, 2.0, 3.0), (2.0, 2.0, 3.0), (1.0, 2.0 / 3.0, 1.0)]
        {
            let line = Pen::new(pixels_per_point, false).times(factor).line;
            assert_eq!(line, wanted, "{factor} at {pixels_per_point}");
        }
    }

    #[test]
    fn a_picture_is_contained_whole() {
        let cell = Rect::from_min_size(Pos2::ZERO, vec2(178.0, 134.0));
        assert_eq!(contained(cell, 2.0).size(), vec2(178.0, 89.0));
        assert_eq!(contained(cell, 0.5).size(), vec2(67.0, 134.0));
        assert!(cell.contains_rect(contained(cell, f32::NAN)));
    }

    proptest! {
        #[test]
        fn meshes_never_leave_the_clip(
            x in -500.0_f32..900.0, y in -500.0_f32..900.0, width in 0.0_f32..3_000.0, height in 0.0_f32..3_000.0,
            dash in 0_usize..4,
        ) {
            let dash = [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDot][dash];
            let mesh = mesh_of(Rect::from_min_size(pos2(x, y), vec2(width, height)), dash);
            prop_assert!(mesh.vertices.iter().all(|vertex| CLIP.contains(vertex.pos)));
        }

        #[test]
        fn dashes_lie_on_their_line(start in -200.0_f32..200.0, length in 0.0_f32..500.0) {
            let end = start + length;
            let mut before = start;
            for (from, to) in dashes(start, end, 0.0, 100.0, Dash::DashDot.pattern()) {
                prop_assert!(from >= before - 0.01 && to > from && to <= end);
                before = to;
            }
        }
    }
}
