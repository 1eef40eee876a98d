//! A second layer of boxes over an image, of what is not among its own regions: where a region of another state was. What
//! makes such boxes gives them here; one painter draws them all, on the canvas, the grid and the wall.

use domain::evaluation::Outcome;
use domain::{TagIx, UnitRect};

/// One box of another state, as thumbnails show it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OverlayMark {
    /// Where it is, in fractions of the image.
    pub rect: UnitRect,
    /// The tag whose color it has, where the open project has it.
    pub tag: Option<TagIx>,
}

/// One box of the second layer, as the canvas shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct OverlayBox {
    pub rect: UnitRect,
    pub tag: Option<TagIx>,
    /// What is written at it: `was here: fork`.
    pub caption: String,
    pub look: OverlayLook,
    /// The place of a prediction among those of the chosen set.
    pub prediction: Option<usize>,
}

/// What kind of box it is, so that they are distinguished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverlayLook {
    /// Where a region of another state was: open sides.
    Former,
    /// A prediction, or a label that none has found: dashed, with a mark for what became of it.
    Predicted(Outcome),
}
