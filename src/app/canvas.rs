//! What can be done on the canvas next to looking at one image: the tour through regions, two images side by side, the
//! picture lightened for the eye, the pixel under the pointer. `update::{tour, compare}` and `update::canvas` do it.

use super::view::CanvasRequest;
use domain::{Adjust, ImageIx, RegionIx, UnitRect};

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
    /// What the other one last asked for.
    pub request: CanvasRequest,
}

/// A pixel of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pixel {
    /// The image's place in the catalogue.
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
    /// Open an image on the canvas.
    OpenImage(ImageIx),
    /// The next (1) or previous (-1) image of the shown list.
    StepImage(i64),
    /// Choose a region; `None`: none.
    SelectRegion(Option<RegionIx>),
    /// The next (1) or previous (-1) region of the image.
    StepRegion(i64),
    /// What the canvas is to do with its view.
    Zoom(ZoomCommand),
    /// Zoom and position are kept from image to image, or not.
    ToggleKeepView,
    /// Smooth pixels from 300 % on, or square ones.
    ToggleSmooth,
    /// The image under the cursor as JSON on the clipboard.
    CopyImageJson,
    /// To the next (1) or previous (-1) region of the shown list, from image to image.
    Tour(i64),
    /// About two images side by side.
    Compare(CompareCommand),
    /// Open or close the sliders.
    ToggleAdjusting,
    /// Lighten the pictures so.
    Adjust(Adjust),
    /// The color of a pixel is wanted: which image, where in fractions.
    Point(ImageIx, [f32; 2]),
}

/// What people ask for about two images side by side.
#[derive(Clone, Debug, PartialEq)]
pub enum CompareCommand {
    /// Show two images side by side, or one again.
    Toggle,
    /// Show this image next to the one under the cursor.
    With(ImageIx),
    /// Open the first image on the canvas, with the second one next to it.
    Open(ImageIx, ImageIx),
    /// Keep the image under the cursor for comparing, or no longer.
    TogglePin,
    /// Keep this image for comparing; `None`: none.
    Pin(Option<ImageIx>),
    /// The right image to the left, and the left one to the right.
    Swap,
    /// The other image gets the cursor where it is, and this region of it is selected.
    Take(Option<RegionIx>),
    /// Zoom and move both together, or each alone.
    ToggleLock,
    /// The next (1) or previous (-1) image of the shown list in the place of the other one.
    Step(i64),
    /// What the other image shows has changed.
    View(CanvasRequest),
}

/// What the canvas is to do with its view. The view itself belongs to the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ZoomCommand {
    /// The whole image.
    Fit,
    /// One screen pixel for each pixel of the original, at the pointer; from there for each pixel of the listed size.
    OneToOne,
    /// A step in.
    In,
    /// A step out.
    Out,
    /// The selected region.
    Region,
    /// The selected region, brought into sight at the zoom that there is.
    Reveal,
    /// A part of the picture.
    Area(UnitRect),
    /// The selected region, which may be of another image than the one before: flown to.
    Tour,
    /// A factor of 1:1.
    Factor(f32),
}
