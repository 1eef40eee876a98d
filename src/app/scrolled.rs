//! How far the grid and the region wall are scrolled: by what is in sight, not by pixels, so that it holds in a window of another
//! size and in a list that has changed meanwhile.

use serde::{Deserialize, Serialize};

use domain::wall::WallItem;
use domain::{ImageId, ImageIx, RegionId};

/// Of so many cells in sight one is looked for again: the first that is still there.
pub const MOST_ANCHORS: usize = 12;

/// A place in a list of cells.
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
