//! What people ask for. The window pushes commands while it paints; nothing changes the state but `update`.

use std::path::PathBuf;

use secrecy::SecretString;

use super::budget::Budget;
use super::canvas::CanvasCommand;
use super::changes::ChangesCommand;
use super::checks::CheckCommand;
use super::effect::FolderPurpose;
use super::export::ExportCommand;
use super::keys::KeysCommand;
use super::query::QueryCommand;
use super::quit::QuitChoice;
use super::review::ReviewCommand;
use super::scale::ScaleCommand;
use super::settings::{ReduceMotion, SourceSpec, ThemeChoice};
use super::state::{Dialog, ExportWhat, View};
use super::statistics::StatisticsCommand;
use super::task::TaskId;
use super::wall::WallCommand;
use domain::{ImageGrouping, ImageId, ImageIx, IterationId, ProjectId, RegionIx, SortKey, TagIx, UnitRect};
use formats::{Format, PixelChoice};

/// One command.
#[derive(Clone, Debug)]
pub enum Command {
    /// The first command of a session.
    Start {
        /// What to connect to; `None`: what was open last, else nothing.
        source: Option<SourceSpec>,
        /// The project to open: an id or a name.
        project: Option<String>,
    },

    // The connect screen.
    /// The endpoint's text has changed.
    EditEndpoint(String),
    /// Whether the key goes into the keychain.
    KeepKey(bool),
    /// Try the endpoint and key and keep nothing. `None`: the stored key.
    Test(Option<SecretString>),
    /// Connect. `None`: the stored key.
    Connect(Option<SecretString>),
    /// Forget the stored key of the endpoint.
    ForgetKey,
    /// Open an archive or a dataset.
    OpenFolder(PathBuf),
    /// Open the built-in sample project.
    OpenSample,
    /// Open a recent project: its place in the list.
    OpenRecent(usize),
    /// Take a project off the recent list.
    ForgetRecent(usize),
    /// To the fields of endpoint and key, because the service of the list that is shown could not be connected to.
    MendConnection,
    /// Back to the connect screen.
    Disconnect,

    // The list of projects.
    /// Show the iterations of a project of the list.
    ShowIterations(ProjectId),
    /// Open a project.
    OpenProject {
        /// Which.
        project: ProjectId,
        /// Which iteration; `None`: the workspace.
        iteration: Option<IterationId>,
    },
    /// Back to the list of projects.
    CloseProject,
    /// List the open project again.
    Refresh,
    /// Stop the listing.
    StopListing,
    /// Continue with a listing that failed or was stopped.
    ResumeListing,

    // Looking.
    /// Grid or canvas.
    SetView(View),
    /// What the grid shows has changed: the visible images, nearest first ahead of them, and the side in screen pixels.
    Viewport {
        /// Visible images in reading order.
        visible: Vec<ImageIx>,
        /// Images soon to be visible, nearest first.
        ahead: Vec<ImageIx>,
        /// Longest side of a cell in pixels of the screen.
        side: u16,
    },
    /// What the canvas shows has changed.
    CanvasView {
        /// Tiles of the original in sight: level, column, row. Empty while the resized picture is sharp enough.
        tiles: Vec<(u8, u16, u16)>,
        /// Whether the original is wanted.
        want_original: bool,
    },
    /// Side of a grid cell in points.
    SetThumbSide(f32),
    /// Another color for a tag's name, here and in every project; `None`: the name's own again.
    ChooseColor {
        /// Which tag.
        tag: TagIx,
        /// Its place in the palette.
        color: Option<u8>,
    },
    /// Show or hide a tag's boxes.
    ToggleTagBoxes(TagIx),
    /// About the query.
    Query(QueryCommand),
    /// The order of the grid.
    SetSort(SortKey),
    /// What the images of the grid stand together by.
    SetGrouping(ImageGrouping),
    /// Try a failed picture again.
    RetryPicture(ImageIx),

    // Choosing.
    /// A click on an image of the grid.
    Pick {
        /// Which.
        ix: ImageIx,
        /// Ctrl (or Command).
        toggle: bool,
        /// Shift.
        extend: bool,
    },
    /// A rubber band over these images.
    PickMany {
        /// Which.
        images: Vec<ImageIx>,
        /// Added to what is chosen.
        keep: bool,
    },
    /// Move the grid's cursor by a number of images in the shown order.
    MoveCursor {
        /// Images to go, negative: back. Clamped to the list.
        by: i64,
        /// Shift: choose all on the way.
        extend: bool,
    },
    /// The grid's cursor to the first (false) or last (true) image.
    CursorToEnd {
        /// To the last one.
        last: bool,
        /// Shift: choose all on the way.
        extend: bool,
    },
    /// The image under the cursor in or out of the selection.
    ToggleCursor,
    /// Choose all shown images.
    SelectAll,
    /// Choose none.
    SelectNone,
    /// Choose the others.
    InvertSelection,

    // The canvas.
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
    /// Boxes and chips on or off.
    ToggleOverlays,
    /// Zoom and position are kept from image to image, or not.
    ToggleKeepView,
    /// Smooth pixels from 300 % on, or square ones.
    ToggleSmooth,
    /// About the canvas's tools.
    Canvas(CanvasCommand),

    // Reviewing.
    /// About findings.
    Check(CheckCommand),
    /// About comparing with another state.
    Changes(ChangesCommand),
    /// About decisions.
    Review(ReviewCommand),
    /// About the region wall.
    Wall(WallCommand),
    /// About statistics.
    Statistics(StatisticsCommand),

    // Panels and dialogs.
    /// The tag panel.
    ToggleLeft,
    /// The inspector: beside the grid, or as a drawer over it in a narrow window.
    ToggleRight,
    /// The tag panel has got another width in points.
    LeftWidth(f32),
    /// The inspector has.
    RightWidth(f32),
    /// Whether the window is too narrow for the inspector to stand beside the grid.
    Narrow(bool),
    /// Light, dark or system.
    SetTheme(ThemeChoice),
    /// The size of text and controls.
    Scale(ScaleCommand),
    /// Open a dialog, or close with `None`.
    ShowDialog(Option<Dialog>),
    /// Esc: close what is on top.
    Back,
    /// Put a text on the clipboard.
    CopyText(String),
    /// The image under the cursor as JSON on the clipboard.
    CopyImageJson,
    /// Show a file or folder in the system's file manager.
    Reveal(PathBuf),
    /// Put a notice away.
    DismissNotice(u64),
    /// A folder dialog.
    PickFolder(FolderPurpose),

    // Export.
    /// Which images.
    SetExportWhat(ExportWhat),
    /// A format in or out.
    ToggleExportFormat(Format),
    /// Which pictures.
    SetExportPixels(PixelChoice),
    /// What else is chosen about it.
    ExportChoice(ExportCommand),
    /// Where to.
    EditExportFolder(String),
    /// Go.
    StartExport,
    /// Start a task that did not end well again; what it has whole is not fetched again.
    RetryTask(TaskId),
    /// Remove what an interrupted task has left.
    DiscardTask(TaskId),
    /// Let a task rest, or continue.
    PauseTask(TaskId),
    /// Where the archive goes.
    EditLeaveFolder(String),
    /// Thumbnails in the archive or not.
    ToggleLeaveThumbnails,
    /// Whether the images of the iterations are taken too.
    ToggleLeaveIterations,
    /// Archive the project.
    StartLeave,
    /// Stop a task.
    CancelTask(TaskId),
    /// Take an ended task off the list.
    DismissTask(TaskId),
    /// Show the report of an ended export.
    ShowReport(TaskId),

    // The program.
    /// Empty the disk cache.
    ClearCache,
    /// Bound of the textures in bytes.
    SetBudget {
        /// Which.
        budget: Budget,
        /// The bound in bytes.
        bytes: u64,
    },
    /// Motion or none.
    SetReduceMotion(ReduceMotion),
    /// About keys of the person's own.
    Keys(KeysCommand),
    /// Put the cursor on an image by id.
    GoTo(ImageId),
    /// The clock, once a frame that has work, seconds since 1970.
    Clock(i64),
    /// End the program; asks first while something is under way.
    Quit,
    /// What to do about what is under way, and end.
    QuitAnyway(QuitChoice),
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
