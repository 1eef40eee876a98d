//! What people ask for. The window pushes commands while it paints; nothing changes the state but `update`. A command
//! belongs to one feature, whose `update` handles all of its commands.

use std::path::PathBuf;

use secrecy::SecretString;

use super::action::Action;
use super::appearance::Appearance;
use super::budget::Budget;
use super::canvas::CanvasCommand;
use super::changes::ChangesCommand;
use super::checks::CheckCommand;
use super::copying::CopyCommand;
use super::dialog::{Dialog, FolderPurpose};
use super::export::ExportCommand;
use super::keys::KeysCommand;
use super::notice::NoticeAction;
use super::predictions::PredictionsCommand;
use super::query::QueryCommand;
use super::review::ReviewCommand;
use super::scale::ScaleCommand;
use super::scrolled::ScrollPlace;
use super::settings::{ReduceMotion, SourceSpec, ThemeChoice};
use super::statistics::StatisticsCommand;
use super::task::TaskId;
use super::view::{CanvasRequest, GridRequest, View};
use super::wall::WallCommand;
use domain::{AddressError, ImageGrouping, ImageId, ImageIx, IterationId, ObjectAddress, ProjectId, SortKey, TagIx};

/// One command.
#[derive(Clone, Debug)]
pub enum Command {
    /// About the connect screen.
    Connection(ConnectionCommand),
    /// About projects and their listing.
    Project(ProjectCommand),
    /// About what is shown and how.
    Display(DisplayCommand),
    /// About the query.
    Query(QueryCommand),
    /// About the selected images and the cursor.
    Selection(SelectionCommand),
    /// About the canvas.
    Canvas(CanvasCommand),
    /// About pictures and files for other programs.
    Copy(CopyCommand),
    /// About findings.
    Check(CheckCommand),
    /// About comparing with another state.
    Changes(ChangesCommand),
    /// About predictions.
    Predictions(PredictionsCommand),
    /// About decisions.
    Review(ReviewCommand),
    /// About the region wall.
    Wall(WallCommand),
    /// About statistics.
    Statistics(StatisticsCommand),
    /// About the export dialog.
    Export(ExportCommand),
    /// About the dialog that archives a project.
    Leave(LeaveCommand),
    /// About the tasks in the list.
    Task(TaskCommand),
    /// About panels, dialogs and notices.
    Window(WindowCommand),
    /// About the settings.
    Settings(SettingsCommand),
    /// About keys of the person's own.
    Keys(KeysCommand),
    /// About quitting.
    Quit(QuitCommand),
    /// The clock, once a frame that has work, seconds since 1970.
    Clock(i64),
}

/// About the connect screen: endpoint, key, folders and recent projects.
#[derive(Clone, Debug)]
pub enum ConnectionCommand {
    /// The first command of a session.
    Start {
        /// What to connect to; `None`: what was open last, else nothing.
        source: Option<SourceSpec>,
        /// The project to open: an id or a name.
        project: Option<String>,
    },
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
    /// Opens an archive in an object store.
    OpenStore(ObjectAddress),
    /// What was typed to be opened is meant as an address and is none.
    BadAddress(AddressError),
    /// Open the built-in sample project.
    OpenSample,
    /// Open a recent project: its place in the list.
    OpenRecent(usize),
    /// Take a project off the recent list.
    ForgetRecent(usize),
    /// To the fields of endpoint and key, because the service of the list that is shown could not be connected to.
    EditConnection,
    /// Back to the connect screen.
    Disconnect,
}

/// About projects and their listing.
#[derive(Clone, Debug)]
pub enum ProjectCommand {
    /// Show the iterations of a project of the list.
    ShowIterations(ProjectId),
    /// Open a project.
    Open {
        /// The project's id.
        project: ProjectId,
        /// Which iteration; `None`: the workspace.
        iteration: Option<IterationId>,
    },
    /// Back to the list of projects.
    Close,
    /// List images without tags too, or no longer.
    ShowUntagged(bool),
    /// List the open project again.
    Refresh,
    /// Stop the listing.
    StopListing,
    /// Continue with a listing that failed or was stopped.
    ResumeListing,
}

/// About what is shown and how.
#[derive(Clone, Debug)]
pub enum DisplayCommand {
    /// Grid or canvas.
    SetView(View),
    /// What the grid shows has changed.
    GridView(GridRequest),
    /// The grid is scrolled to another place; `None`: to the top.
    Scrolled(Option<ScrollPlace<ImageIx>>),
    /// What the canvas shows has changed.
    CanvasView(CanvasRequest),
    /// Show the grid with the images that are similar to this one first; again: with what has become known since.
    ShowSimilar(ImageIx),
    /// Back to the chosen order.
    EndSimilar,
    /// Side of a grid cell in points.
    SetThumbSide(f32),
    /// Another color for a tag's name, here and in every project; `None`: the name's own again.
    ChooseColor {
        /// The tag's place in the list of tags.
        tag: TagIx,
        /// Its place in the palette.
        color: Option<u8>,
    },
    /// Show or hide a tag's boxes.
    ToggleTagBoxes(TagIx),
    /// The order of the grid.
    SetSort(SortKey),
    /// The order from the other end.
    ReverseSort,
    /// Another random order.
    Shuffle,
    /// What the images of the grid stand together by.
    SetGrouping(ImageGrouping),
    /// Try a failed picture again.
    RetryPicture(ImageIx),
}

/// About the selected images and the cursor, in the grid and on the wall.
#[derive(Clone, Debug)]
pub enum SelectionCommand {
    /// A click on an image of the grid.
    Pick {
        /// The image's place in the catalogue.
        ix: ImageIx,
        /// Ctrl (or Command).
        toggle: bool,
        /// Shift.
        extend: bool,
    },
    /// A rubber band over these images.
    PickMany {
        /// Images under the rubber band.
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
    All,
    /// Choose none.
    None,
    /// Choose the others.
    Invert,
    /// Put the cursor on an image by id.
    GoTo(ImageId),
}

/// About the tasks in the list.
#[derive(Clone, Debug)]
pub enum TaskCommand {
    /// Start a task that did not end well again; what it has whole is not fetched again.
    Retry(TaskId),
    /// Remove what an interrupted task has left.
    Discard(TaskId),
    /// Let a task rest, or continue.
    Pause(TaskId),
    /// Stop a task.
    Cancel(TaskId),
    /// Take an ended task off the list.
    Dismiss(TaskId),
    /// Show the report of an ended export.
    ShowReport(TaskId),
}

/// About the dialog that archives a project.
#[derive(Clone, Debug)]
pub enum LeaveCommand {
    /// Where the archive goes.
    EditFolder(String),
    /// Thumbnails in the archive or not.
    ToggleThumbnails,
    /// Whether the images of the iterations are taken too.
    ToggleIterations,
    /// Archive the project.
    Start,
}

/// About panels, dialogs, notices and the system around the window.
#[derive(Clone, Debug)]
pub enum WindowCommand {
    /// Boxes and chips on or off.
    ToggleOverlays,
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
    /// Open a dialog, or close with `None`.
    ShowDialog(Option<Dialog>),
    /// Esc: close what is on top.
    Back,
    /// Put a text on the clipboard.
    CopyText(String),
    /// The menu key was pressed where nothing has a menu.
    LackMenu,
    /// The key of an action was pressed that lacks something: say what to do first.
    Lack(Action),
    /// Show a file or folder in the system's file manager.
    Reveal(PathBuf),
    /// Put a notice away.
    DismissNotice(u64),
    /// A folder dialog.
    PickFolder(FolderPurpose),
    /// Files and folders were dropped onto the window.
    Drop(Vec<PathBuf>),
}

/// About the settings.
#[derive(Clone, Debug)]
pub enum SettingsCommand {
    /// Light, dark or system.
    SetTheme(ThemeChoice),
    /// The size of text and controls.
    Scale(ScaleCommand),
    /// Bound of the textures in bytes.
    SetBudget {
        /// What the limit is for.
        budget: Budget,
        /// The bound in bytes.
        bytes: u64,
    },
    /// How thumbnails and boxes look.
    SetAppearance(Appearance),
    /// Motion or none.
    SetReduceMotion(ReduceMotion),
    /// Empty the disk cache.
    ClearCache,
}

/// About quitting.
#[derive(Clone, Debug)]
pub enum QuitCommand {
    /// End the program; asks first while something is under way.
    Ask,
    /// The answer to the question about what is under way.
    Choose(QuitChoice),
}

impl From<&NoticeAction> for Command {
    fn from(action: &NoticeAction) -> Self {
        match action {
            NoticeAction::ResumeListing => Self::Project(ProjectCommand::ResumeListing),
            NoticeAction::EditConnection => Self::Connection(ConnectionCommand::EditConnection),
            NoticeAction::ReopenReviews => Self::Review(ReviewCommand::Reopen),
            NoticeAction::ShowTasks => Self::Window(WindowCommand::ShowDialog(Some(Dialog::Tasks))),
            NoticeAction::ShowExport(task) | NoticeAction::ShowArchive(task) => {
                Self::Task(TaskCommand::ShowReport(*task))
            }
            NoticeAction::Reveal(path) => Self::Window(WindowCommand::Reveal(path.clone())),
        }
    }
}

/// An answer to the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitChoice {
    /// Let the work end first.
    WhenDone,
    /// Stop the work and keep what it has done.
    Stop,
    /// End although decisions are not on the disk.
    LoseDecisions,
}
