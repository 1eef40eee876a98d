//! The flight from one view to another. It ends at once when the person does anything, and is left out where motion is
//! not wanted.

use egui::{Event, Ui};

use super::viewport::Viewport;
use domain::ImageIx;

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
