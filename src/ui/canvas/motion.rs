//! How the view of the picture moves: carried from image to image, zoomed by wishes, wheel and pinch, dragged; and the
//! flight from one view to another, which ends at once when the person does anything.

use egui::{CursorIcon, Event, Key, MouseWheelSource, Pos2, Rect, Response, Ui, Vec2, pos2, vec2};

use super::viewport::Viewport;
use app::canvas::ZoomCommand;
use app::state::Opened;
use domain::ImageIx;

/// A step of `+` and `-`.
const ZOOM_STEP: f32 = 1.25;

fn center(area: Rect) -> Pos2 {
    pos2(area.width() / 2.0, area.height() / 2.0)
}

/// The pointer in points of the view, else its middle.
fn pointer(ui: &Ui, area: Rect) -> Pos2 {
    let hover = ui.ctx().pointer_hover_pos().filter(|pointer| area.contains(*pointer));
    hover.map_or(center(area), |pointer| pointer - area.min.to_vec2())
}

pub(super) fn requested(ui: &Ui, area: Rect, opened: &Opened, viewport: Viewport, request: ZoomCommand) -> Viewport {
    let zoomed = match request {
        ZoomCommand::Fit => fitted(ui, viewport, area),
        ZoomCommand::OneToOne => viewport.zoomed_to(one_to_one(&viewport), pointer(ui, area)),
        ZoomCommand::In => viewport.zoomed_by(ZOOM_STEP, center(area)),
        ZoomCommand::Out => viewport.zoomed_by(1.0 / ZOOM_STEP, center(area)),
        ZoomCommand::Factor(factor) => viewport.zoomed_to(factor, center(area)),
        ZoomCommand::Area(rect) => viewport.showing(rect),
        ZoomCommand::Reveal => {
            let region = opened.region.and_then(|region| opened.catalogue.region(region));
            return region.map_or(viewport, |region| viewport.bringing_in(region.rect));
        }
        ZoomCommand::Region | ZoomCommand::Tour => {
            let region = opened.region.and_then(|region| opened.catalogue.region(region));
            region.map_or(viewport, |region| viewport.showing(region.rect))
        }
    };
    if zoomed.is_fit() { zoomed } else { zoomed.kept_in_sight() }
}

/// The factor that 1:1 leads to: a pixel of the original for one of the screen, and from there one of the listed size.
fn one_to_one(viewport: &Viewport) -> f32 {
    let is_there = (viewport.factor() - 1.0).abs() < 1e-3;
    if is_there { viewport.listed_one_to_one() } else { 1.0 }
}

fn fitted(ui: &Ui, viewport: Viewport, area: Rect) -> Viewport {
    viewport.fitted(area.size(), ui.ctx().pixels_per_point())
}

/// A double click: to 1:1 at the pointer, and back to the whole picture.
pub(super) fn toggled(ui: &Ui, area: Rect, viewport: Viewport) -> Viewport {
    if viewport.is_fit() {
        viewport.zoomed_to(1.0, pointer(ui, area)).kept_in_sight()
    } else {
        fitted(ui, viewport, area)
    }
}

/// Wheel, pinch and drag.
pub(super) fn moved(ui: &Ui, area: Rect, ground: &Response, viewport: Viewport) -> Viewport {
    let mut moved = viewport;
    if ground.dragged() {
        let by = ground.drag_delta();
        if by != Vec2::ZERO {
            moved = moved.panned(by);
        }
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    if ui.rect_contains_pointer(area) {
        let (scrolled, pinched, space, source) = ui.input(|input| {
            let scrolled = input.smooth_scroll_delta();
            (scrolled, input.zoom_delta(), input.key_down(Key::Space), input.scroll_source())
        });
        // A wheel zooms; two fingers on a trackpad pan, because there a pinch zooms.
        let is_pan = source == Some(MouseWheelSource::Trackpad);
        let by = if is_pan { scrolled } else { vec2(scrolled.x, 0.0) };
        let factor = pinched * if is_pan { 1.0 } else { (scrolled.y / 240.0).exp() };
        if (factor - 1.0).abs() > 1e-4 {
            moved = moved.zoomed_by(factor, pointer(ui, area)).kept_in_sight();
        }
        if by != Vec2::ZERO {
            moved = moved.panned(by);
        }
        if space && !ground.dragged() {
            ui.ctx().set_cursor_icon(CursorIcon::Grab);
        }
    }
    moved
}

const SECS: f64 = 0.25;

#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    ix: ImageIx,
    from: Viewport,
    to: Viewport,
    began: f64,
}

impl Flight {
    pub(super) fn new(ui: &Ui, ix: ImageIx, from: Viewport, to: Viewport) -> Self {
        Self { ix, from, to, began: ui.input(|input| input.time) }
    }

    /// Where it ends; what is fetched meanwhile is for there.
    pub(super) fn end(&self) -> Viewport {
        self.to
    }

    /// The view now, and whether it continues. `None`: the image is another, or the view has got another size.
    pub(super) fn step(&self, ui: &Ui, ix: ImageIx, viewport: Viewport) -> Option<(Viewport, bool)> {
        if self.ix != ix || viewport.view_size() != self.to.view_size() {
            return None;
        }
        if is_interrupted(ui) {
            return Some((viewport, false));
        }
        let share = (ui.input(|input| input.time) - self.began) / SECS;
        if share < 1.0 {
            ui.ctx().request_repaint();
        }
        Some((Viewport::between(self.from, self.to, eased(share)), share < 1.0))
    }
}

/// Fast at first, gentle at the end.
fn eased(share: f64) -> f64 {
    1.0 - (1.0 - share.clamp(0.0, 1.0)).powi(3)
}

fn is_interrupted(ui: &Ui) -> bool {
    ui.input(|input| {
        input.events.iter().any(|event| match event {
            Event::Key { pressed, .. } | Event::PointerButton { pressed, .. } => *pressed,
            Event::MouseWheel { .. } | Event::Zoom(_) | Event::Touch { .. } => true,
            _ => false,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_is_eased_out() {
        assert_eq!((eased(-1.0), eased(0.0), eased(1.0), eased(7.0)), (0.0, 0.0, 1.0, 1.0));
        let steps: Vec<_> = (0..10).map(|at| eased((at + 1) as f64 / 10.0) - eased(at as f64 / 10.0)).collect();
        assert!(steps.windows(2).all(|pair| pair[1] < pair[0]), "each step is shorter than the one before: {steps:?}");
    }
}
