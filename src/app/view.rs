//! What is in the middle of the window, and what it last asked for.

use domain::ImageIx;

/// What stands in the middle of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// All images.
    #[default]
    Grid,
    /// One image.
    Canvas,
    /// All regions, as crops.
    Wall,
    /// Plots.
    Statistics,
    /// How predictions compare with labels.
    Evaluation,
}

/// The grid's last request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Viewport {
    /// Visible images.
    pub visible: Vec<ImageIx>,
    /// Images soon to be visible.
    pub ahead: Vec<ImageIx>,
    /// Longest side of a cell in pixels of the screen.
    pub side: u16,
}

/// The canvas's last request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CanvasRequest {
    /// Tiles of the original.
    pub tiles: Vec<(u8, u16, u16)>,
    /// Whether the original is wanted.
    pub want_original: bool,
}
