//! What is in the middle of the window, and what it last asked for.

use domain::ImageIx;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    #[default]
    Grid,
    Canvas,
    Wall,
    Statistics,
    /// How predictions compare with labels.
    Evaluation,
}

/// The thumbnails that the grid wants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GridRequest {
    /// Visible images in reading order.
    pub visible: Vec<ImageIx>,
    /// Images soon to be visible, nearest first.
    pub ahead: Vec<ImageIx>,
    /// Longest side of a cell in pixels of the screen.
    pub side: u16,
}

impl GridRequest {
    pub fn none() -> Self {
        Self { side: 256, ..Self::default() }
    }
}

/// What the canvas wants of the original of an image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CanvasRequest {
    /// Its tiles in sight: level, column, row. Empty while the resized picture is sharp enough.
    pub tiles: Vec<(u8, u16, u16)>,
    /// Whether it is wanted.
    pub want_original: bool,
}
