//! The mark of what became of a prediction or of a label, the same on canvas and wall.

use egui::{Painter, Pos2};

use crate::icons;
use crate::tag_style::Dash;
use crate::theme::{self, tokens};
use domain::evaluation::Outcome;

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
