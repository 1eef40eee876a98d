//! What is in the middle of the window: the view, what it last asked for, how far it is scrolled, and the second layer of
//! boxes over its images.

use serde::{Deserialize, Serialize};

use domain::evaluation::Outcome;
use domain::wall::WallItem;
use domain::{ImageId, ImageIx, RegionId, TagIx, UnitRect};

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

/// Of so many cells in sight one is looked for again: the first that is still there.
pub const MOST_ANCHORS: usize = 12;

/// A place in a list of cells: by what is in sight, not by pixels, so that it holds in a window of another size and in a list
/// that has changed meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub struct ScrollPlace<T> {
    /// The first cells in sight, in order.
    pub anchors: Vec<T>,
    /// How far the top of the view is below the top of the first one, in heights of a cell.
    pub share: f32,
}

/// A place from session to session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptPlace {
    /// The first cells in sight, in order.
    pub anchors: Vec<KeptAnchor>,
    /// As in [`ScrollPlace`].
    pub share: f32,
}

/// An image, or one of its regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptAnchor {
    pub image: ImageId,
    /// The region; `None`: the image as a whole.
    pub region: Option<RegionId>,
}

/// The places of the open project's views; `None`: at the top.
#[derive(Clone, Debug, Default)]
pub struct Scrolled {
    /// Of the grid, as it last told.
    pub grid: Option<ScrollPlace<ImageIx>>,
    pub wall: Option<ScrollPlace<WallItem>>,
    /// Where the grid is to go back to once after the project was opened; `None`: it has, or was at the top.
    pub grid_wish: Option<ScrollPlace<ImageIx>>,
    /// Likewise the wall.
    pub wall_wish: Option<ScrollPlace<WallItem>>,
}

/// The places of grid and wall as they are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct KeptPlaces {
    pub(crate) grid: Option<KeptPlace>,
    pub(crate) wall: Option<KeptPlace>,
}

/// One box of another state, as thumbnails show it. What makes such boxes gives them here; one painter draws them all.
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
