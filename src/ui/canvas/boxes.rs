//! All boxes of a pane in two meshes, fills under lines. Making them is the dearest thing the canvas does, so the pointer
//! never causes it: a marked box (selected, or under the pointer) is blotted out where it stands and painted once more on
//! top.

use std::ops::Range;
use std::sync::Arc;

use egui::epaint::Mesh;
use egui::{Color32, Painter, Rect, Shape, Vec2};

use crate::marks::{self, Pen};
use crate::tag_style::TagStyle;
use domain::{RegionIx, TagIx};

/// How much stronger the fill of a marked box is, 0..1.
const FILL_POINTED: f32 = 0.04;
const FILL_SELECTED: f32 = 0.07;
/// What is left of the other boxes while they step back.
const DIMMED: f32 = 0.3;

#[derive(Clone, Copy, Debug)]
pub(super) struct SeenBox {
    pub ix: RegionIx,
    pub tag: TagIx,
    /// In points of the screen.
    pub rect: Rect,
    /// Its share of the picture, by which boxes are ranked: on the screen equal ones would differ by a rounding.
    pub area: f32,
}

/// The boxes that stand out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Marked {
    pub selected: Option<RegionIx>,
    pub pointed: Option<RegionIx>,
}

impl Marked {
    /// The selected one last, so that it lies over the other.
    fn all(self) -> impl Iterator<Item = (RegionIx, f32)> {
        let pointed = self.pointed.filter(|_| self.pointed != self.selected);
        let selected = self.selected.map(|ix| (ix, FILL_SELECTED));
        pointed.map(|ix| (ix, FILL_POINTED)).into_iter().chain(selected)
    }
}

pub(super) struct Look<'a> {
    /// By the tag's place in the table.
    pub styles: &'a [TagStyle],
    pub pixels_per_point: f32,
    /// Nothing is made outside.
    pub clip: Rect,
    /// How many times as wide as usual lines are.
    pub line: f32,
    /// Strength of a fill, 0..1.
    pub fill: f32,
    /// Whether all but the selected one step back.
    pub dims: bool,
}

impl Look<'_> {
    fn style(&self, tag: TagIx) -> TagStyle {
        let plain = TagStyle { color: Color32::GRAY, dash: crate::tag_style::Dash::Solid };
        self.styles.get(tag.index()).copied().unwrap_or(plain)
    }
}

/// Where a box is in the meshes: numbers of vertices.
#[derive(Clone, Debug)]
struct Place {
    ix: RegionIx,
    fill: Range<u32>,
    lines: Range<u32>,
}

/// A marked box and the colors that it had in the meshes.
#[derive(Debug)]
struct Blotted {
    at: usize,
    fill: Vec<Color32>,
    lines: Vec<Color32>,
}

#[derive(Default)]
pub(super) struct Boxes {
    fills: Arc<Mesh>,
    lines: Arc<Mesh>,
    /// By region.
    places: Vec<Place>,
    blotted: Vec<Blotted>,
    top: Arc<Mesh>,
}

impl Boxes {
    /// Makes all boxes again; `seen` is in the order of the regions. None is marked.
    pub(super) fn make(&mut self, seen: &[SeenBox], look: &Look<'_>) {
        self.blotted.clear();
        self.places.clear();
        self.places.reserve(seen.len());
        let mut fills = emptied(&mut self.fills);
        let mut lines = emptied(&mut self.lines);
        // Two rings each.
        lines.vertices.reserve(seen.len() * 16);
        lines.indices.reserve(seen.len() * 48);
        let pen = Pen::new(look.pixels_per_point, false).times(look.line);
        let faint: Vec<_> = look.styles.iter().map(|style| style.color.gamma_multiply(look.fill)).collect();
        for SeenBox { ix, tag, rect, .. } in seen {
            let fill = faint.get(tag.index()).copied().unwrap_or_default();
            let from = [&fills, &lines].map(|mesh| mesh.vertices.len() as u32);
            marks::add_filled_box([&mut fills, &mut lines], *rect, look.clip, pen, look.style(*tag), fill);
            let to = [&fills, &lines].map(|mesh| mesh.vertices.len() as u32);
            self.places.push(Place { ix: *ix, fill: from[0]..to[0], lines: from[1]..to[1] });
        }
        if look.dims {
            for vertex in fills.vertices.iter_mut().chain(&mut lines.vertices) {
                vertex.color = vertex.color.gamma_multiply(DIMMED);
            }
        }
        (self.fills, self.lines) = (Arc::new(fills), Arc::new(lines));
    }

    /// Moves all boxes by whole pixels of the screen, so that their lines stay on pixels. Marks are to be made again.
    pub(super) fn shift(&mut self, by: Vec2) {
        for mesh in [&mut self.fills, &mut self.lines] {
            for vertex in &mut Arc::make_mut(mesh).vertices {
                vertex.pos += by;
            }
        }
    }

    /// Lets these boxes, and only these, stand out. `seen` tells where a marked one is, also when it is not in the mesh.
    pub(super) fn mark(&mut self, marked: Marked, seen: impl Fn(RegionIx) -> Option<SeenBox>, look: &Look<'_>) {
        let (all_fills, all_lines) = (Arc::make_mut(&mut self.fills), Arc::make_mut(&mut self.lines));
        for Blotted { at, fill, lines } in self.blotted.drain(..) {
            let Some(place) = self.places.get(at) else { continue };
            paint_over(all_fills, &place.fill, fill);
            paint_over(all_lines, &place.lines, lines);
        }
        let mut top = Mesh::default();
        let pen = Pen::new(look.pixels_per_point, true).times(look.line);
        for (ix, strength) in marked.all() {
            let Some(SeenBox { tag, rect, .. }) = seen(ix) else { continue };
            let color = look.style(tag).color;
            if let Ok(at) = self.places.binary_search_by_key(&ix, |place| place.ix) {
                let place = &self.places[at];
                let strength = color.gamma_multiply(look.fill + strength);
                let fill = paint_over(all_fills, &place.fill, std::iter::repeat(strength));
                let lines = paint_over(all_lines, &place.lines, std::iter::repeat(Color32::TRANSPARENT));
                self.blotted.push(Blotted { at, fill, lines });
            }
            if marked.selected == Some(ix) {
                marks::add_chosen(&mut top, rect, look.clip, pen);
            }
            marks::add_box(&mut top, rect, look.clip, pen, look.style(tag));
        }
        self.top = Arc::new(top);
    }

    pub(super) fn paint(&self, painter: &Painter) {
        for mesh in [&self.fills, &self.lines, &self.top] {
            if !mesh.is_empty() {
                painter.add(Shape::Mesh(Arc::clone(mesh)));
            }
        }
    }
}

/// A mesh without anything in it that has the memory of the one before, unless a frame still holds that.
fn emptied(mesh: &mut Arc<Mesh>) -> Mesh {
    let mut mesh = Arc::try_unwrap(std::mem::take(mesh)).unwrap_or_default();
    // Not `Mesh::clear`, which gives the memory of the vertices back.
    mesh.vertices.clear();
    mesh.indices.clear();
    mesh
}

/// Gives vertices other colors and returns those that they had.
fn paint_over(mesh: &mut Mesh, place: &Range<u32>, colors: impl IntoIterator<Item = Color32>) -> Vec<Color32> {
    let vertices = mesh.vertices.get_mut(place.start as usize..place.end as usize).unwrap_or_default();
    vertices.iter_mut().zip(colors).map(|(vertex, color)| std::mem::replace(&mut vertex.color, color)).collect()
}

#[cfg(test)]
mod tests {
    use egui::{Pos2, pos2, vec2};

    use super::*;
    use crate::tag_style::Dash;

    const STYLES: [TagStyle; 2] =
        [TagStyle { color: Color32::RED, dash: Dash::Solid }, TagStyle { color: Color32::GREEN, dash: Dash::Dashed }];

    fn look() -> Look<'static> {
        let clip = Rect { min: Pos2::ZERO, max: pos2(400.0, 400.0) };
        Look { styles: &STYLES, pixels_per_point: 1.0, clip, line: 1.0, fill: 0.05, dims: false }
    }

    fn seen() -> Vec<SeenBox> {
        let one = |n: u32| {
            let min = pos2(n as f32 * 40.0, n as f32 * 30.0);
            SeenBox {
                ix: RegionIx(5 + n),
                tag: TagIx(n as u16 % 2),
                rect: Rect::from_min_size(min, Vec2::splat(90.0)),
                area: 0.1,
            }
        };
        (0..8).map(one).collect()
    }

    fn find(ix: RegionIx) -> Option<SeenBox> {
        seen().into_iter().find(|seen| seen.ix == ix)
    }

    /// Of fills, then of lines.
    fn colors(boxes: &Boxes) -> [Vec<Color32>; 2] {
        [&boxes.fills, &boxes.lines].map(|mesh| mesh.vertices.iter().map(|vertex| vertex.color).collect())
    }

    #[test]
    fn marks_leave_nothing_behind() {
        let mut boxes = Boxes::default();
        boxes.make(&seen(), &look());
        let before = colors(&boxes);
        let selected = Some(RegionIx(6));
        for marked in [
            Marked { selected, pointed: Some(RegionIx(9)) },
            Marked { selected, pointed: selected },
            Marked { selected: None, pointed: Some(RegionIx(5)) },
        ] {
            boxes.mark(marked, find, &look());
            assert_ne!(colors(&boxes), before);
            assert!(!boxes.top.is_empty());
        }
        boxes.mark(Marked::default(), find, &look());
        assert_eq!(colors(&boxes), before);
        assert!(boxes.top.is_empty());
    }

    #[test]
    fn moved_boxes_are_those_made_there() {
        let by = vec2(7.0, -3.0);
        let mut moved = Boxes::default();
        moved.make(&seen(), &look());
        moved.shift(by);
        let there: Vec<_> = seen().into_iter().map(|seen| SeenBox { rect: seen.rect.translate(by), ..seen }).collect();
        let mut made = Boxes::default();
        made.make(&there, &Look { clip: look().clip.translate(by), ..look() });
        assert_eq!((moved.fills, moved.lines), (made.fills, made.lines));
    }

    #[test]
    fn only_the_marked_box_is_changed() {
        let mut boxes = Boxes::default();
        boxes.make(&seen(), &look());
        let before = colors(&boxes);
        boxes.mark(Marked { selected: None, pointed: Some(RegionIx(7)) }, find, &look());
        let place = &boxes.places[2];
        assert_eq!(place.ix, RegionIx(7));
        let [fills, lines] = colors(&boxes);
        for (at, (now, was)) in fills.into_iter().zip(&before[0]).enumerate() {
            assert_eq!(now == *was, !place.fill.contains(&(at as u32)));
        }
        for (at, (now, was)) in lines.into_iter().zip(&before[1]).enumerate() {
            let is_place = place.lines.contains(&(at as u32));
            assert_eq!(now, if is_place { Color32::TRANSPARENT } else { *was });
        }
    }

    #[test]
    fn all_but_the_selected_box_step_back() {
        let (mut plain, mut dimmed) = (Boxes::default(), Boxes::default());
        plain.make(&seen(), &look());
        let look = Look { dims: true, ..look() };
        dimmed.make(&seen(), &look);
        let selected = Marked { selected: Some(RegionIx(7)), pointed: None };
        plain.mark(selected, find, &self::look());
        dimmed.mark(selected, find, &look);
        assert_eq!(dimmed.top, plain.top, "the selected one is as it was");
        let place = dimmed.places[2].lines.clone();
        for (at, (dim, full)) in dimmed.lines.vertices.iter().zip(&plain.lines.vertices).enumerate() {
            let is_selected = place.contains(&(at as u32));
            assert!(is_selected || dim.color.a() < full.color.a() || full.color.a() == 0, "{at}");
        }
    }

    #[test]
    fn the_selected_box_stands_out_under_the_pointer_too() {
        let mut boxes = Boxes::default();
        boxes.make(&seen(), &look());
        let ix = Some(RegionIx(6));
        let white = |boxes: &Boxes| {
            let corners = boxes.top.vertices.iter().filter(|vertex| vertex.color == Color32::WHITE);
            Rect::from_points(&corners.map(|vertex| vertex.pos).collect::<Vec<_>>())
        };
        boxes.mark(Marked { selected: None, pointed: ix }, find, &look());
        assert!(!white(&boxes).is_positive(), "the pointer alone");
        boxes.mark(Marked { selected: ix, pointed: ix }, find, &look());
        let (ring, rect) = (white(&boxes), find(RegionIx(6)).expect("box").rect);
        assert!(ring.contains_rect(rect) && ring.width() < rect.width() + 16.0, "{ring:?} around {rect:?}");
        // It is the same with the pointer elsewhere.
        boxes.mark(Marked { selected: ix, pointed: None }, find, &look());
        assert_eq!(white(&boxes), ring);
    }

    #[test]
    fn lines_and_fills_are_as_they_are_chosen() {
        let (mut thin, mut thick) = (Boxes::default(), Boxes::default());
        thin.make(&seen(), &Look { line: 2.0 / 3.0, fill: 0.0, ..look() });
        thick.make(&seen(), &Look { line: 2.0, fill: 0.3, ..look() });
        let width = |boxes: &Boxes| {
            // The first ring of a box is the halo, the second the line: its outer and its inner left edge.
            let start = boxes.places[2].lines.start as usize + 8;
            let ring = &boxes.lines.vertices[start..start + 8];
            ring[4].pos.x - ring[0].pos.x
        };
        assert_eq!((width(&thin), width(&thick)), (1.0, 3.0));
        assert!(thin.fills.vertices.iter().all(|vertex| vertex.color == Color32::TRANSPARENT));
        assert!(thick.fills.vertices.iter().all(|vertex| vertex.color.a() > 60));
    }

    #[test]
    fn a_marked_box_out_of_the_mesh_is_on_top_all_the_same() {
        let mut boxes = Boxes::default();
        boxes.make(&[], &look());
        boxes.mark(Marked { selected: Some(RegionIx(5)), pointed: None }, find, &look());
        assert!(boxes.lines.is_empty() && !boxes.top.is_empty());
    }
}
