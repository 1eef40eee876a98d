//! What can be done on the canvas next to looking at one image: the tour through regions, two images side by side, the
//! picture lightened for the eye, the pixel under the pointer. `update::{tour, compare}` and `update::canvas` do it.

use super::state::CanvasRequest;
use domain::{Adjust, ImageIx, RegionIx};

/// The open project's part of the state.
#[derive(Clone, Debug, Default)]
pub struct CanvasTools {
    /// The image next to the one under the cursor.
    pub compare: Option<Compare>,
    /// The image that was kept for comparing.
    pub pinned: Option<ImageIx>,
    /// How pictures are lightened.
    pub adjust: Adjust,
    /// Whether the sliders for that are open.
    pub is_adjusting: bool,
    /// The pixel that was requested last, once it is known.
    pub pixel: Option<Pixel>,
}

/// Two images side by side: the one under the cursor, at the left to begin with, and the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// The image without the cursor.
    pub other: ImageIx,
    /// Whether the image under the cursor is the one at the right.
    pub is_cursor_right: bool,
    /// Whether both are zoomed and moved together.
    pub is_locked: bool,
    /// What the other one last asked for.
    pub request: CanvasRequest,
}

/// A pixel of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pixel {
    /// Which image.
    pub ix: ImageIx,
    /// Where, in fractions of width and height.
    pub at: [f32; 2],
    /// Red, green, blue of the decoded picture, the original's where that is at hand; never lightened. `None`: nothing is
    /// decoded yet.
    pub color: Option<[u8; 3]>,
}

/// What people ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum CanvasCommand {
    /// To the next (1) or previous (-1) region of the shown list, from image to image.
    Tour(i64),
    /// Show two images side by side, or one again.
    ToggleCompare,
    /// Show this image next to the one under the cursor.
    CompareWith(ImageIx),
    /// Keep the image under the cursor for comparing, or no longer.
    TogglePin,
    /// The right image to the left, and the left one to the right.
    SwapCompared,
    /// The other image gets the cursor where it is, and this region of it is selected.
    TakeCompared(Option<RegionIx>),
    /// Zoom and move both together, or each alone.
    ToggleLock,
    /// The next (1) or previous (-1) image of the shown list in the place of the other one.
    StepCompared(i64),
    /// What the other image shows has changed.
    ComparedView(CanvasRequest),
    /// Open or close the sliders.
    ToggleAdjusting,
    /// Lighten the pictures so.
    Adjust(Adjust),
    /// The color of a pixel is wanted: which image, where in fractions.
    Point(ImageIx, [f32; 2]),
}
