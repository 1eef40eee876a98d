//! The second layer of boxes over a picture: boxes in the colors of their tags, each with a chip that says what it is: with
//! open sides where another state had a region, dotted or dashed for predictions, with a mark for what became of them. They
//! are none of the image's own regions and must not look like them.
//!
//! There may be thousands of them. Words and the index are made when another image, score or IoU is shown, the mesh when
//! the view moves; the pointer makes neither again.

use std::sync::Arc;

use egui::epaint::Mesh;
use egui::{Painter, Rect, Shape, Vec2, pos2};

use super::hit::{self, RectIndex};
use super::regions;
use super::viewport::Viewport;
use crate::marks::{self, OUTCOME_RADIUS, Pen};
use crate::tag_style::TagStyle;
use app::changes::StateComparison;
use app::predictions::Layer;
use app::state::Opened;
use app::view::{OverlayBox, OverlayLook};
use domain::evaluation::Matches;
use domain::{Catalogue, ImageIx, TagIx};

/// More chips than this would hide the picture. Any other box shows its chip under the pointer.
const MOST_CHIPS: usize = 40;

/// Between a box and its chip.
const GAP: f32 = 3.0;

/// What the boxes depend on. What is shared is held, so that nothing else can have the same address.
struct Content {
    generation: u64,
    ix: ImageIx,
    layer: Layer,
    matches: Arc<Matches>,
    score: u64,
    comparison: Option<Arc<StateComparison>>,
    hidden: u128,
    solo: Option<TagIx>,
    tag_count: usize,
    /// Of the decisions about predictions.
    blames: u64,
}

impl Content {
    fn of(opened: &Opened, ix: ImageIx, solo: Option<TagIx>) -> Self {
        let judged = opened.predictions.judged(opened.generation);
        Self {
            generation: opened.generation,
            ix,
            layer: opened.predictions.layer(opened.generation),
            matches: Arc::clone(&judged.matches),
            score: judged.score.to_bits(),
            comparison: opened.changes.shared(opened.generation).cloned(),
            hidden: regions::hidden_sum(opened),
            solo,
            tag_count: opened.catalogue.tags().len(),
            blames: opened.review.reviews.blames_revision(),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        let key = |content: &Self| {
            let &Self { generation, ix, layer, score, hidden, solo, tag_count, blames, .. } = content;
            (generation, ix, layer, score, hidden, solo, tag_count, blames)
        };
        key(self) == key(other)
            && Arc::ptr_eq(&self.matches, &other.matches)
            && self.comparison.as_ref().map(Arc::as_ptr) == other.comparison.as_ref().map(Arc::as_ptr)
    }
}

/// What the mesh depends on besides.
#[derive(Clone, Copy, PartialEq)]
struct Sight {
    area: Rect,
    viewport: Viewport,
    color_version: u64,
    pixels_per_point: f32,
    /// How many times as wide as usual lines are.
    line: f32,
}

#[derive(Default)]
pub(super) struct SecondLayer {
    content: Option<Content>,
    boxes: Vec<OverlayBox>,
    index: RectIndex<usize>,
    sight: Option<Sight>,
    mesh: Arc<Mesh>,
    /// The boxes that have a chip, by their places.
    captioned: Vec<usize>,
    pointed: Option<usize>,
}

impl SecondLayer {
    /// Makes the boxes of an image, where they are others than before.
    pub(super) fn update(&mut self, opened: &Opened, ix: ImageIx, solo: Option<TagIx>) {
        let content = Content::of(opened, ix, solo);
        if self.content.as_ref().is_some_and(|known| known.is_same(&content)) {
            return;
        }
        self.boxes.clear();
        if content.layer != Layer::Labels {
            let reviews = &opened.review.reviews;
            self.boxes.extend(opened.predictions.overlay(&opened.catalogue, reviews, opened.generation, ix));
        }
        if let Some(comparison) = &content.comparison {
            self.boxes.extend(comparison.overlay(&opened.catalogue, ix));
        }
        let is_shown = |one: &OverlayBox| one.tag.is_none_or(|tag| regions::is_tag_shown(opened, solo, tag));
        self.boxes.retain(|one| is_shown(one) && hit::is_finite(&one.rect));
        self.index = RectIndex::new(self.boxes.iter().enumerate().map(|(at, one)| (at, one.rect)));
        (self.content, self.sight, self.pointed) = (Some(content), None, None);
    }

    /// Takes the pointer's place in fractions of the image, and how near it must be to a box.
    pub(super) fn point(&mut self, pointer: Option<([f32; 2], [f32; 2])>) {
        self.pointed = pointer.and_then(|([x, y], reach)| self.index.at(x, y, reach).first().copied());
    }

    /// The prediction under the pointer: its place among those of the chosen set.
    pub(super) fn pointed_prediction(&self) -> Option<usize> {
        self.boxes.get(self.pointed?)?.prediction
    }

    /// Paints the boxes in `area`, which shows the picture by `viewport`; the chosen prediction stands out.
    pub(super) fn paint(
        &mut self,
        painter: &Painter,
        area: Rect,
        viewport: &Viewport,
        opened: &Opened,
        pixels_per_point: f32,
        line: f32,
    ) {
        let catalogue = &opened.catalogue;
        let color_version = catalogue.tags().color_version();
        let sight = Sight { area, viewport: *viewport, color_version, pixels_per_point, line };
        if self.sight != Some(sight) {
            self.make(&sight, catalogue);
            self.sight = Some(sight);
        }
        if !self.mesh.is_empty() {
            painter.add(Shape::mesh(Arc::clone(&self.mesh)));
        }
        let picked = self.content.as_ref().and_then(|content| opened.predictions.picked(content.ix));
        let is_picked = |one: &OverlayBox| picked.is_some() && one.prediction == picked;
        let picked = picked.and_then(|_| self.boxes.iter().position(is_picked));
        let marked = [picked.filter(|at| Some(*at) != self.pointed), self.pointed];
        let mut taken = Vec::new();
        for &at in self.captioned.iter().filter(|at| !marked.contains(&Some(**at))) {
            self.paint_chip(painter, &sight, catalogue, at, &mut taken);
        }
        for at in marked.into_iter().flatten() {
            let mut mesh = Mesh::default();
            self.add_box(&mut mesh, &sight, catalogue, at, Pen::new(pixels_per_point, true).times(line));
            painter.add(Shape::mesh(mesh));
            self.paint_chip(painter, &sight, catalogue, at, &mut taken);
        }
    }

    fn make(&mut self, sight: &Sight, catalogue: &Catalogue) {
        let mut mesh = Mesh::default();
        let part = sight.viewport.visible_fractions().map(|edge| edge as f32);
        self.captioned.clear();
        for at in 0..self.boxes.len() {
            let one = &self.boxes[at];
            // A line lies half beside its box.
            let [left, top, right, bottom] = part;
            if !hit::touches(&one.rect, [left - 0.01, top - 0.01, right + 0.01, bottom + 0.01]) {
                continue;
            }
            let pen = match one.look {
                OverlayLook::Former => Pen::new(sight.pixels_per_point, false).times(sight.line),
                OverlayLook::Predicted(_) => Pen::thin(sight.pixels_per_point).times(sight.line),
            };
            self.add_box(&mut mesh, sight, catalogue, at, pen);
            if self.captioned.len() < MOST_CHIPS && screen(sight, one).intersects(sight.area) {
                self.captioned.push(at);
            }
        }
        self.mesh = Arc::new(mesh);
    }

    fn add_box(&self, mesh: &mut Mesh, sight: &Sight, catalogue: &Catalogue, at: usize, pen: Pen) {
        let Some(one) = self.boxes.get(at) else { return };
        let (rect, color) = (screen(sight, one), marks::color_of(catalogue, one.tag));
        match one.look {
            OverlayLook::Former => marks::add_second_box(mesh, rect, sight.area, pen, color),
            OverlayLook::Predicted(outcome) => {
                let style = TagStyle { color, dash: marks::dash_of(outcome) };
                marks::add_box(mesh, rect, sight.area, pen, style);
            }
        }
    }

    /// The chip of a box, below those that are there already.
    fn paint_chip(&self, painter: &Painter, sight: &Sight, catalogue: &Catalogue, at: usize, taken: &mut Vec<Rect>) {
        let Some(one) = self.boxes.get(at) else { return };
        let (rect, area) = (screen(sight, one), sight.area);
        let galley = marks::chip_text(painter, one.caption.clone(), (area.width() - 24.0).min(280.0));
        let size = marks::chip_size(&galley, true);
        // Below the box: names of the image's own regions are above theirs.
        let room = area.shrink(4.0);
        let x = rect.left().min(room.right() - size.x).max(room.left());
        let y = (rect.bottom() + GAP).min(room.bottom() - size.y).max(room.top());
        let mut chip = Rect::from_min_size(pos2(x, y), size);
        while let Some(other) = taken.iter().find(|other| other.intersects(chip)) {
            let down = other.bottom() + GAP - chip.top();
            if chip.bottom() + down > room.bottom() {
                break;
            }
            chip = chip.translate(Vec2::new(0.0, down));
        }
        taken.push(chip);
        marks::paint_chip(painter, chip.min, galley, Some(marks::color_of(catalogue, one.tag)));
        if let OverlayLook::Predicted(outcome) = one.look {
            let corner = rect.left_top().max(area.min + Vec2::splat(OUTCOME_RADIUS));
            marks::paint_outcome(painter, corner, outcome);
        }
    }
}

fn screen(sight: &Sight, one: &OverlayBox) -> Rect {
    sight.viewport.screen_rect(one.rect).translate(sight.area.min.to_vec2())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::UnitRect;
    use domain::evaluation::Outcome;

    fn layer(count: usize) -> SecondLayer {
        let boxes: Vec<_> = (0..count)
            .map(|at| OverlayBox {
                rect: UnitRect::new((at % 100) as f32 / 100.0, (at / 100) as f32 / 100.0, 0.008, 0.008),
                tag: None,
                caption: format!("fork 0.{at}"),
                look: OverlayLook::Predicted(Outcome::False),
                prediction: Some(at),
            })
            .collect();
        let index = RectIndex::new(boxes.iter().enumerate().map(|(at, one)| (at, one.rect)));
        SecondLayer { boxes, index, ..SecondLayer::default() }
    }

    #[test]
    fn any_of_thousands_of_boxes_is_found_under_the_pointer() {
        let mut layer = layer(6_000);
        let at = |layer: &SecondLayer, number: usize| {
            let rect = layer.boxes[number].rect;
            Some(([rect.left + 0.004, rect.top + 0.004], [0.0, 0.0]))
        };
        for number in [0, 39, 40, 1_234, 5_999] {
            layer.point(at(&layer, number));
            assert_eq!(layer.pointed_prediction(), Some(number));
        }
        layer.point(Some(([0.5, 0.99], [0.001, 0.001])));
        assert_eq!(layer.pointed_prediction(), None);
        layer.point(None);
        assert_eq!(layer.pointed_prediction(), None);
    }
}
