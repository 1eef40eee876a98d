//! A second layer of boxes over an image, of what is not among its own regions: where a region of another state was. What
//! makes such boxes gives them here; one painter draws them all.

use domain::evaluation::Outcome;
use domain::{TagIx, UnitRect};

/// One box of the second layer.
#[derive(Clone, Debug, PartialEq)]
pub struct OverlayBox {
    /// Where it is, in fractions of the image.
    pub rect: UnitRect,
    /// The tag whose color it has, where the open project has it.
    pub tag: Option<TagIx>,
    /// What is written at it: `was here: fork`.
    pub caption: String,
    /// What kind of box it is.
    pub look: OverlayLook,
}

/// What kind of box it is, so that they are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverlayLook {
    /// Where a region of another state was: dotted.
    Former,
    /// A prediction, or a label that none has found: dashed, with a mark for what became of it.
    Predicted(Outcome),
}
