//! What can be done on the canvas next to looking at one image: the tour through regions, two images side by side, the
//! picture lightened for the eye, the pixel under the pointer. `update::{tour, compare}` and `update::canvas` do it.

use super::view::CanvasRequest;
use domain::{Adjust, ImageIx, RegionIx, UnitRect};

#[derive(Clone, Debug, Default)]
pub struct CanvasTools {
    /// The image next to the one under the cursor.
    pub compare: Option<Compare>,
    /// The image that was kept for comparing.
    pub pinned: Option<ImageIx>,
    pub adjust: Adjust,
    /// Whether the sliders for that are open.
    pub is_adjusting: bool,
    /// The pixel that was requested last, once it is known.
    pub pixel: Option<Pixel>,
    /// Number of the last picture that was asked for to be copied.
    pub copy: u64,
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
    pub request: CanvasRequest,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pixel {
    pub ix: ImageIx,
    /// Where, in fractions of width and height.
    pub at: [f32; 2],
    /// Red, green, blue of the decoded picture, the original's where that is at hand; never lightened. `None`: nothing is
    /// decoded yet.
    pub color: Option<[u8; 3]>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CanvasCommand {
    OpenImage(ImageIx),
    /// The next (1) or previous (-1) image of the shown list.
    StepImage(i64),
    SelectRegion(Option<RegionIx>),
    /// The next (1) or previous (-1) region of the image.
    StepRegion(i64),
    Zoom(ZoomCommand),
    /// Zoom and position are kept from image to image, or not.
    ToggleKeepView,
    /// Smooth pixels from 300 % on, or square ones.
    ToggleSmooth,
    CopyImageJson,
    /// To the next (1) or previous (-1) region of the shown list, from image to image.
    Tour(i64),
    Compare(CompareCommand),
    ToggleAdjusting,
    Adjust(Adjust),
    /// The color of a pixel is wanted: which image, where in fractions.
    Point(ImageIx, [f32; 2]),
}

#[derive(Clone, Debug, PartialEq)]
pub enum CompareCommand {
    Toggle,
    With(ImageIx),
    /// Open the first image on the canvas, with the second one next to it.
    Open(ImageIx, ImageIx),
    TogglePin,
    Pin(Option<ImageIx>),
    Swap,
    /// The other image gets the cursor where it is, and this region of it is selected.
    Take(Option<RegionIx>),
    ToggleLock,
    /// The next (1) or previous (-1) image of the shown list in the place of the other one.
    Step(i64),
    View(CanvasRequest),
}

/// What the canvas is to do with its view. The view itself belongs to the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ZoomCommand {
    Fit,
    /// One screen pixel for each pixel of the original, at the pointer; from there for each pixel of the listed size.
    OneToOne,
    In,
    Out,
    Region,
    /// The selected region, brought into sight at the zoom that there is.
    Reveal,
    Area(UnitRect),
    /// The selected region, which may be of another image than the one before: flown to.
    Tour,
    /// A factor of 1:1.
    Factor(f32),
}
