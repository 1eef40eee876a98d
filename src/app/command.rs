//! What people ask for. The window pushes commands while it paints; nothing changes the state but `update`. A command
//! belongs to one feature, whose `update` handles all of its commands.

use std::path::PathBuf;

use secrecy::SecretString;

use super::action::Action;
use super::appearance::Appearance;
use super::appearance::ScaleCommand;
use super::budget::Budget;
use super::canvas::CanvasCommand;
use super::changes::ChangesCommand;
use super::checks::CheckCommand;
use super::dialog::{Dialog, FolderPurpose};
use super::export::ExportCommand;
use super::keys::KeysCommand;
use super::notice::NoticeAction;
use super::picture::CopyCommand;
use super::predictions::PredictionsCommand;
use super::query::QueryCommand;
use super::review::ReviewCommand;
use super::settings::{ReduceMotion, SourceSpec, ThemeChoice};
use super::statistics::StatisticsCommand;
use super::task::TaskId;
use super::view::ScrollPlace;
use super::view::{CanvasRequest, GridRequest, View};
use super::wall::WallCommand;
use domain::{AddressError, ImageGrouping, ImageId, ImageIx, IterationId, ObjectAddress, ProjectId, SortKey, TagIx};

#[derive(Clone, Debug)]
pub enum Command {
    Connection(ConnectionCommand),
    Project(ProjectCommand),
    Display(DisplayCommand),
    Query(QueryCommand),
    Selection(SelectionCommand),
    Canvas(CanvasCommand),
    Copy(CopyCommand),
    Check(CheckCommand),
    Changes(ChangesCommand),
    Predictions(PredictionsCommand),
    Review(ReviewCommand),
    Wall(WallCommand),
    Statistics(StatisticsCommand),
    Export(ExportCommand),
    Leave(LeaveCommand),
    Task(TaskCommand),
    Window(WindowCommand),
    Settings(SettingsCommand),
    Keys(KeysCommand),
    Quit(QuitCommand),
    /// The clock, once a frame that has work, seconds since 1970.
    Clock(i64),
}

/// About the connect screen: endpoint, key, folders and recent projects.
#[derive(Clone, Debug)]
pub enum ConnectionCommand {
    /// The first command of a session. No `source`: what was open last, else nothing. `project` is an id or a name.
    Start {
        source: Option<SourceSpec>,
        project: Option<String>,
    },
    EditEndpoint(String),
    /// Whether the key goes into the keychain.
    KeepKey(bool),
    /// Try the endpoint and key and keep nothing. `None`: the stored key.
    Test(Option<SecretString>),
    /// Connect. `None`: the stored key.
    Connect(Option<SecretString>),
    ForgetKey,
    OpenFolder(PathBuf),
    OpenStore(ObjectAddress),
    /// What was typed to be opened is meant as an address and is none.
    BadAddress(AddressError),
    OpenSample,
    /// Open a recent project: its place in the list.
    OpenRecent(usize),
    ForgetRecent(usize),
    /// To the fields of endpoint and key, because the service of the list that is shown could not be connected to.
    EditConnection,
    Disconnect,
}

#[derive(Clone, Debug)]
pub enum ProjectCommand {
    ShowIterations(ProjectId),
    /// No `iteration`: the workspace.
    Open {
        project: ProjectId,
        iteration: Option<IterationId>,
    },
    Close,
    ShowUntagged(bool),
    Refresh,
    StopListing,
    /// Continue with a listing that failed or was stopped.
    ResumeListing,
}

#[derive(Clone, Debug)]
pub enum DisplayCommand {
    SetView(View),
    GridView(GridRequest),
    /// The grid is scrolled to another place; `None`: to the top.
    Scrolled(Option<ScrollPlace<ImageIx>>),
    CanvasView(CanvasRequest),
    /// Show the grid with the images that are similar to this one first; again: with what has become known since.
    ShowSimilar(ImageIx),
    /// Back to the chosen order.
    EndSimilar,
    /// Side of a grid cell in points.
    SetThumbSide(f32),
    /// The palette's place of a color for a tag's name, here and in every project; `None`: the name's own again.
    ChooseColor {
        tag: TagIx,
        color: Option<u8>,
    },
    ToggleTagBoxes(TagIx),
    SetSort(SortKey),
    ReverseSort,
    Shuffle,
    SetGrouping(ImageGrouping),
    RetryPicture(ImageIx),
}

#[derive(Clone, Debug)]
pub enum SelectionCommand {
    /// A click on an image of the grid, with Ctrl or Command (`toggle`) or Shift (`extend`).
    Pick { ix: ImageIx, toggle: bool, extend: bool },
    /// A rubber band over these images; `keep`: added to what is chosen.
    PickMany { images: Vec<ImageIx>, keep: bool },
    /// By this many images in the shown order, clamped to the list; `extend` (Shift): choose all on the way.
    MoveCursor { by: i64, extend: bool },
    /// To the first or the last image.
    CursorToEnd { last: bool, extend: bool },
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

#[derive(Clone, Debug)]
pub enum TaskCommand {
    /// Start a task that did not end well again; what it has whole is not fetched again.
    Retry(TaskId),
    /// Remove what an interrupted task has left.
    Discard(TaskId),
    /// Let a task rest, or continue.
    Pause(TaskId),
    Cancel(TaskId),
    Dismiss(TaskId),
    ShowReport(TaskId),
}

/// About the dialog that archives a project.
#[derive(Clone, Debug)]
pub enum LeaveCommand {
    EditFolder(String),
    ToggleThumbnails,
    ToggleIterations,
    Start,
}

#[derive(Clone, Debug)]
pub enum WindowCommand {
    ToggleOverlays,
    ToggleLeft,
    /// The inspector: beside the grid, or as a drawer over it in a narrow window.
    ToggleRight,
    /// The tag panel has got another width in points.
    LeftWidth(f32),
    RightWidth(f32),
    /// Whether the window is too narrow for the inspector to stand beside the grid.
    Narrow(bool),
    ShowDialog(Option<Dialog>),
    /// Esc: close what is on top.
    Back,
    CopyText(String),
    /// The menu key was pressed where nothing has a menu.
    LackMenu,
    /// The key of an action was pressed that lacks something: say what to do first.
    Lack(Action),
    /// Show a file or folder in the system's file manager.
    Reveal(PathBuf),
    DismissNotice(u64),
    PickFolder(FolderPurpose),
    Drop(Vec<PathBuf>),
}

#[derive(Clone, Debug)]
pub enum SettingsCommand {
    SetTheme(ThemeChoice),
    Scale(ScaleCommand),
    SetBudget { budget: Budget, bytes: u64 },
    SetAppearance(Appearance),
    SetReduceMotion(ReduceMotion),
    ClearCache,
}

#[derive(Clone, Debug)]
pub enum QuitCommand {
    /// End the program; asks first while something is under way.
    Ask,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitChoice {
    /// Let the work end first.
    WhenDone,
    /// Stop the work and keep what it has done.
    Stop,
    /// End although decisions are not on the disk.
    LoseDecisions,
}
