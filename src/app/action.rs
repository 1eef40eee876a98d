//! Everything that can be done by name: one table fills the palette, the help sheet, tooltips and the key bindings.

use super::canvas::CanvasCommand;
use super::checks::CheckCommand;
use super::chord::{Chord, ctrl, ctrl_shift, key, keys, shift};
use super::command::{Command, ZoomCommand};
use super::query::QueryCommand;
use super::review::ReviewCommand;
use super::settings::{SourceSpec, ThemeChoice};
use super::state::{Dialog, Screen, State, View};
use super::wall::WallCommand;
use crate::domain::{Adjust, ImageGrouping, RegionSort, SortKey, Verdict};

/// Where an action can be used; its keys are free elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// On every screen.
    Everywhere,
    /// In an open project, on grid and canvas.
    Project,
    /// On the grid and the region wall.
    Cells,
    /// On the grid.
    Grid,
    /// On the canvas.
    Canvas,
    /// On the region wall.
    Wall,
    /// On the statistics.
    Statistics,
}

impl Place {
    /// Whether there is a screen on which both can be used, so that they cannot share a key.
    pub fn meets(self, other: Self) -> bool {
        let is_wide = |place| matches!(place, Self::Everywhere | Self::Project);
        let is_cells = |a, b| a == Self::Cells && matches!(b, Self::Grid | Self::Wall);
        self == other || is_wide(self) || is_wide(other) || is_cells(self, other) || is_cells(other, self)
    }
}

/// Something that can be done by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each has its words in `label`")]
pub enum Action {
    Palette,
    Help,
    Settings,
    Diagnostics,
    Tasks,
    Problems,
    Findings,
    Back,
    Quit,
    OpenFolder,
    OpenSample,
    Disconnect,
    CloseProject,
    Refresh,
    StopListing,
    FindText,
    ClearFilter,
    SelectAll,
    SelectNone,
    InvertSelection,
    ToggleCursor,
    OpenImage,
    Export,
    Leave,
    ShowGrid,
    ShowWall,
    ShowStatistics,
    ToggleOverlays,
    ToggleLeft,
    ToggleRight,
    LargerThumbs,
    SmallerThumbs,
    SortNewest,
    SortOldest,
    SortMostRegions,
    SortFewestRegions,
    SortLargest,
    SortTag,
    SortReview,
    SortMostFindings,
    GroupImages,
    SortRegionsLeastAlike,
    SortRegionsAgain,
    GroupRegions,
    CursorLeft,
    CursorRight,
    CursorUp,
    CursorDown,
    CursorPageUp,
    CursorPageDown,
    CursorHome,
    CursorEnd,
    NextImage,
    PreviousImage,
    NextRegion,
    PreviousRegion,
    Fit,
    OneToOne,
    ZoomIn,
    ZoomOut,
    ZoomRegion,
    ToggleKeepView,
    ToggleSmooth,
    HoldToHide,
    HoldToSolo,
    TourNext,
    TourPrevious,
    Compare,
    SwapCompared,
    ToggleLock,
    NextCompared,
    PreviousCompared,
    TogglePin,
    Adjust,
    AdjustNothing,
    CopyImageJson,
    NextFinding,
    PreviousFinding,
    DismissFinding,
    UndoDismiss,
    ShowDismissed,
    FindDuplicates,
    StopDuplicates,
    Accept,
    Reject,
    Flag,
    ConfirmNegative,
    Comment,
    Undo,
    Redo,
    NextUnreviewed,
    PreviousUnreviewed,
    ToggleAdvance,
    Reviews,
    ThemeSystem,
    ThemeLight,
    ThemeDark,
    ClearCache,
}

/// How an action is told to people and bound to keys.
#[derive(Clone, Copy, Debug)]
pub struct ActionText {
    /// Its name in the palette and the help.
    pub label: &'static str,
    /// A sentence more.
    pub tooltip: &'static str,
    /// Where it can be used.
    pub place: Place,
    /// Its keys; the first is shown.
    pub keys: &'static [Chord],
}

impl Action {
    /// All actions in the order of help and palette.
    pub const ALL: &'static [Self] = &[
        Self::Palette,
        Self::Help,
        Self::Settings,
        Self::Diagnostics,
        Self::Tasks,
        Self::Problems,
        Self::Findings,
        Self::Back,
        Self::Quit,
        Self::OpenFolder,
        Self::OpenSample,
        Self::Disconnect,
        Self::CloseProject,
        Self::Refresh,
        Self::StopListing,
        Self::FindText,
        Self::ClearFilter,
        Self::SelectAll,
        Self::SelectNone,
        Self::InvertSelection,
        Self::ToggleCursor,
        Self::OpenImage,
        Self::Export,
        Self::Leave,
        Self::ShowGrid,
        Self::ShowWall,
        Self::ShowStatistics,
        Self::ToggleOverlays,
        Self::ToggleLeft,
        Self::ToggleRight,
        Self::LargerThumbs,
        Self::SmallerThumbs,
        Self::SortNewest,
        Self::SortOldest,
        Self::SortMostRegions,
        Self::SortFewestRegions,
        Self::SortLargest,
        Self::SortTag,
        Self::SortReview,
        Self::SortMostFindings,
        Self::GroupImages,
        Self::SortRegionsLeastAlike,
        Self::SortRegionsAgain,
        Self::GroupRegions,
        Self::CursorLeft,
        Self::CursorRight,
        Self::CursorUp,
        Self::CursorDown,
        Self::CursorPageUp,
        Self::CursorPageDown,
        Self::CursorHome,
        Self::CursorEnd,
        Self::NextImage,
        Self::PreviousImage,
        Self::NextRegion,
        Self::PreviousRegion,
        Self::Fit,
        Self::OneToOne,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::ZoomRegion,
        Self::ToggleKeepView,
        Self::ToggleSmooth,
        Self::HoldToHide,
        Self::HoldToSolo,
        Self::TourNext,
        Self::TourPrevious,
        Self::Compare,
        Self::SwapCompared,
        Self::ToggleLock,
        Self::NextCompared,
        Self::PreviousCompared,
        Self::TogglePin,
        Self::Adjust,
        Self::AdjustNothing,
        Self::CopyImageJson,
        Self::NextFinding,
        Self::PreviousFinding,
        Self::DismissFinding,
        Self::UndoDismiss,
        Self::ShowDismissed,
        Self::FindDuplicates,
        Self::StopDuplicates,
        Self::Accept,
        Self::Reject,
        Self::Flag,
        Self::ConfirmNegative,
        Self::Comment,
        Self::Undo,
        Self::Redo,
        Self::NextUnreviewed,
        Self::PreviousUnreviewed,
        Self::ToggleAdvance,
        Self::Reviews,
        Self::ThemeSystem,
        Self::ThemeLight,
        Self::ThemeDark,
        Self::ClearCache,
    ];

    /// Whether it lasts as long as its key is held.
    pub fn is_held(self) -> bool {
        matches!(self, Self::HoldToHide | Self::HoldToSolo)
    }

    /// Whether it moves the grid's cursor: with Shift it selects on the way.
    pub fn extends(self) -> bool {
        use Action as A;
        let pages = matches!(self, A::CursorPageUp | A::CursorPageDown | A::CursorHome | A::CursorEnd);
        pages || matches!(self, A::CursorLeft | A::CursorRight | A::CursorUp | A::CursorDown)
    }

    /// Its words and keys. What a person has made of the keys is in [`KeyMap`](super::KeyMap): ask that for what to show.
    pub fn text(self) -> ActionText {
        use Place as P;
        let (label, tooltip, place, keys): (_, _, _, &'static [Chord]) = match self {
            Self::Palette => ("Command palette", "Do anything by name", P::Everywhere, keys![ctrl("K")]),
            Self::Help => ("Keys", "All keys of the program", P::Everywhere, keys![key("Questionmark"), key("F1")]),
            Self::Diagnostics => {
                ("Diagnostics", "Frames, memory and disk against their bounds", P::Everywhere, keys![])
            }
            Self::Settings => ("Settings", "Theme, bounds of memory and disk", P::Everywhere, keys![ctrl("Comma")]),
            Self::Tasks => ("Tasks", "Exports under way and ended", P::Everywhere, keys![ctrl("J")]),
            Self::Problems => ("Problems", "What is odd about the listed images", P::Project, &[]),
            Self::Findings => {
                ("Findings...", "What looks wrong with the labels, and how much it takes", P::Project, &[])
            }
            Self::Back => ("Back", "Close what is on top", P::Everywhere, keys![key("Escape")]),
            Self::Quit => ("Quit", "End the program", P::Everywhere, keys![ctrl("Q")]),
            Self::OpenFolder => {
                ("Open an archive or a dataset...", "A folder or file on disk", P::Everywhere, keys![ctrl("O")])
            }
            Self::OpenSample => ("Open the sample project", "Needs no account", P::Everywhere, &[]),
            Self::Disconnect => ("Disconnect", "Back to the connect screen", P::Everywhere, &[]),
            Self::CloseProject => ("Close the project", "Back to the list of projects", P::Project, keys![ctrl("W")]),
            Self::Refresh => ("List again", "Ask the source for the images again", P::Project, keys![key("F5")]),
            Self::StopListing => ("Stop listing", "Keep what has arrived", P::Project, &[]),
            Self::FindText => (
                "Query...",
                "Which images are shown: tags, regions, sizes, dates, metadata, review, findings, words",
                P::Project,
                keys![ctrl("F"), key("Slash")],
            ),
            Self::ClearFilter => ("Clear the query", "Show all images", P::Project, keys![ctrl_shift("F")]),
            Self::SelectAll => {
                ("Select all shown", "All images that the query lets through", P::Project, keys![ctrl("A")])
            }
            Self::SelectNone => ("Select none", "Clear the selection", P::Project, keys![ctrl_shift("A")]),
            Self::InvertSelection => ("Invert the selection", "Among the shown images", P::Project, keys![ctrl("I")]),
            Self::ToggleCursor => {
                ("Select or unselect", "The image or region under the cursor", P::Cells, keys![key("Space")])
            }
            Self::OpenImage => ("Open the image", "On the canvas", P::Cells, keys![key("Enter")]),
            Self::Export => {
                ("Export...", "Selected, shown or all images with their labels", P::Project, keys![ctrl("E")])
            }
            Self::Leave => {
                ("Leave Custom Vision...", "The whole project into an archive of yours, verified", P::Project, &[])
            }
            Self::ShowGrid => ("Grid", "All images", P::Project, keys![ctrl("1")]),
            Self::ShowWall => ("Regions", "Every region as a crop, side by side", P::Project, keys![ctrl("2")]),
            Self::ShowStatistics => ("Statistics", "Plots of what is shown", P::Project, keys![ctrl("3")]),
            Self::ToggleOverlays => {
                ("Boxes and tags on or off", "On thumbnails and canvas", P::Project, keys![key("B")])
            }
            Self::ToggleLeft => ("Tag panel", "Show or hide", P::Project, keys![ctrl("B")]),
            Self::ToggleRight => ("Inspector", "Show or hide", P::Project, keys![ctrl_shift("B")]),
            Self::LargerThumbs => {
                ("Larger thumbnails", "Ctrl+wheel does it too", P::Cells, keys![key("Plus"), key("Equals")])
            }
            Self::SmallerThumbs => ("Smaller thumbnails", "Ctrl+wheel does it too", P::Cells, keys![key("Minus")]),
            Self::SortNewest => ("Sort: newest first", "", P::Project, &[]),
            Self::SortOldest => ("Sort: oldest first", "", P::Project, &[]),
            Self::SortMostRegions => ("Sort: most regions first", "", P::Project, &[]),
            Self::SortFewestRegions => ("Sort: fewest regions first", "", P::Project, &[]),
            Self::SortLargest => ("Sort: largest first", "", P::Project, &[]),
            Self::SortTag => ("Sort: by tag", "", P::Project, &[]),
            Self::SortReview => ("Sort: by review state", "Unreviewed first", P::Project, &[]),
            Self::SortMostFindings => ("Sort: most findings first", "", P::Project, &[]),
            Self::GroupImages => {
                ("Group images: none, by first tag, by date", "The next of them", P::Grid, keys![key("G")])
            }
            Self::SortRegionsLeastAlike => {
                ("Sort regions: least alike first", "Those unlike the average of their tag", P::Wall, &[])
            }
            Self::SortRegionsAgain => ("Sort again", "Take in the pictures compared since", P::Wall, keys![shift("S")]),
            Self::GroupRegions => ("Group regions by tag or not", "", P::Wall, keys![key("G")]),
            Self::CursorLeft => {
                ("Left", "With Shift: select on the way", P::Cells, keys![key("ArrowLeft"), shift("ArrowLeft")])
            }
            Self::CursorRight => {
                ("Right", "With Shift: select on the way", P::Cells, keys![key("ArrowRight"), shift("ArrowRight")])
            }
            Self::CursorUp => {
                ("Up", "With Shift: select on the way", P::Cells, keys![key("ArrowUp"), shift("ArrowUp")])
            }
            Self::CursorDown => {
                ("Down", "With Shift: select on the way", P::Cells, keys![key("ArrowDown"), shift("ArrowDown")])
            }
            Self::CursorPageUp => {
                ("A page up", "With Shift: select on the way", P::Cells, keys![key("PageUp"), shift("PageUp")])
            }
            Self::CursorPageDown => {
                ("A page down", "With Shift: select on the way", P::Cells, keys![key("PageDown"), shift("PageDown")])
            }
            Self::CursorHome => {
                ("First image", "With Shift: select on the way", P::Cells, keys![key("Home"), shift("Home")])
            }
            Self::CursorEnd => {
                ("Last image", "With Shift: select on the way", P::Cells, keys![key("End"), shift("End")])
            }
            Self::NextImage => {
                ("Next image", "Of the shown list", P::Canvas, keys![key("ArrowRight"), key("PageDown")])
            }
            Self::PreviousImage => {
                ("Previous image", "Of the shown list", P::Canvas, keys![key("ArrowLeft"), key("PageUp")])
            }
            Self::NextRegion => ("Next region", "Of this image", P::Canvas, keys![key("Tab")]),
            Self::PreviousRegion => ("Previous region", "Of this image", P::Canvas, keys![shift("Tab")]),
            Self::Fit => ("Fit", "The whole image", P::Canvas, keys![key("0")]),
            Self::OneToOne => ("1:1", "One picture pixel a screen pixel, at the pointer", P::Canvas, keys![key("1")]),
            Self::ZoomIn => ("Zoom in", "The wheel does it too", P::Canvas, keys![key("Plus"), key("Equals")]),
            Self::ZoomOut => ("Zoom out", "The wheel does it too", P::Canvas, keys![key("Minus")]),
            Self::ZoomRegion => ("Zoom to the region", "The selected one", P::Canvas, keys![key("Z")]),
            Self::ToggleKeepView => ("Keep zoom and position", "From image to image", P::Canvas, keys![key("K")]),
            Self::ToggleSmooth => ("Smooth pixels", "Above 200 %, or square ones", P::Canvas, keys![key("M")]),
            Self::HoldToHide => ("Hide the boxes", "While the key is held", P::Canvas, keys![key("H")]),
            Self::HoldToSolo => ("Only the tag of the region", "While the key is held", P::Canvas, keys![key("S")]),
            Self::TourNext => {
                ("Fly to the next region", "Of the shown list, from image to image", P::Canvas, keys![key("N")])
            }
            Self::TourPrevious => {
                ("Fly to the previous region", "Of the shown list, from image to image", P::Canvas, keys![key("P")])
            }
            Self::Compare => (
                "Compare",
                "Side by side with the pinned image, another selected one, or the next",
                P::Canvas,
                keys![key("V")],
            ),
            Self::SwapCompared => ("Swap the compared images", "", P::Canvas, keys![key("W")]),
            Self::ToggleLock => {
                ("Lock the compared images", "Zoom and move both, or each alone", P::Canvas, keys![key("L")])
            }
            Self::NextCompared => ("Next compared image", "At the right", P::Canvas, keys![shift("ArrowRight")]),
            Self::PreviousCompared => ("Previous compared image", "At the right", P::Canvas, keys![shift("ArrowLeft")]),
            Self::TogglePin => (
                "Pin the image for comparing",
                "Others are then compared with it; again: no longer",
                P::Canvas,
                keys![shift("V")],
            ),
            Self::Adjust => ("Adjust", "Brightness, contrast and gamma, for the eye only", P::Canvas, keys![key("G")]),
            Self::AdjustNothing => ("Show pictures as they are", "No adjustment", P::Canvas, keys![shift("G")]),
            Self::CopyImageJson => (
                "Copy the image as JSON",
                "In the service's own fields, without addresses",
                P::Project,
                keys![ctrl("C")],
            ),
            Self::NextFinding => (
                "Next finding",
                "Of the shown images, on the canvas",
                P::Project,
                keys![key("CloseBracket"), key("F8")],
            ),
            Self::PreviousFinding => (
                "Previous finding",
                "Of the shown images, on the canvas",
                P::Project,
                keys![key("OpenBracket"), shift("F8")],
            ),
            Self::DismissFinding => {
                ("Dismiss the finding", "It is no problem; on to the next one", P::Canvas, keys![key("D")])
            }
            Self::UndoDismiss => ("Undo the last dismissal", "The finding is listed again", P::Project, &[]),
            Self::ShowDismissed => ("Show or hide dismissed findings", "In the inspector", P::Project, &[]),
            Self::FindDuplicates => {
                ("Look for near-duplicates", "Fetches the thumbnails that it takes", P::Project, &[])
            }
            Self::StopDuplicates => {
                ("Stop looking for near-duplicates", "What was looked at is compared", P::Project, &[])
            }
            Self::Accept => ("Accept", "The labels are right; again: no verdict", P::Project, keys![key("A")]),
            Self::Reject => ("Reject", "The labels are wrong; again: no verdict", P::Project, keys![key("R")]),
            Self::Flag => ("Flag", "Somebody is to look again; again: no verdict", P::Project, keys![key("F")]),
            Self::ConfirmNegative => {
                ("Confirm as negative", "Nothing is there, and that is right", P::Project, keys![key("X")])
            }
            Self::Comment => ("Comment...", "On the region, the image or the selection", P::Project, keys![key("C")]),
            Self::Undo => ("Undo the decision", "Also one of an earlier day", P::Project, keys![key("U"), ctrl("Z")]),
            Self::Redo => ("Redo the decision", "What was undone last", P::Project, keys![ctrl_shift("Z"), ctrl("Y")]),
            Self::NextUnreviewed => ("Next unreviewed", "Of the shown images", P::Project, keys![key("E")]),
            Self::PreviousUnreviewed => ("Previous unreviewed", "Of the shown images", P::Project, keys![shift("E")]),
            Self::ToggleAdvance => {
                ("Go on after a decision", "To the next image without one, or stay", P::Project, &[])
            }
            Self::Reviews => ("Reviews...", "Your name, export and import, how decisions ask", P::Project, &[]),
            Self::ThemeSystem => ("Theme: system", "", P::Everywhere, &[]),
            Self::ThemeLight => ("Theme: light", "", P::Everywhere, &[]),
            Self::ThemeDark => ("Theme: dark", "", P::Everywhere, &[]),
            Self::ClearCache => ("Empty the disk cache", "Pictures are fetched again when needed", P::Everywhere, &[]),
        };
        ActionText { label, tooltip, place, keys }
    }

    /// Whether it can be done now.
    pub fn is_enabled(self, state: &State) -> bool {
        let opened = state.opened.as_ref().filter(|_| state.screen == Screen::Project);
        let in_place = match self.text().place {
            Place::Everywhere => true,
            Place::Project => opened.is_some(),
            Place::Cells => opened.is_some_and(|opened| matches!(opened.view, View::Grid | View::Wall)),
            Place::Grid => opened.is_some_and(|opened| opened.view == View::Grid),
            Place::Canvas => opened.is_some_and(|opened| opened.view == View::Canvas),
            Place::Wall => opened.is_some_and(|opened| opened.view == View::Wall),
            Place::Statistics => opened.is_some_and(|opened| opened.view == View::Statistics),
        };
        let is_wall = opened.is_some_and(|opened| opened.view == View::Wall);
        in_place
            && match self {
                Self::Disconnect => state.source.is_some(),
                Self::StopListing => state.is_listing(),
                Self::ClearFilter => opened.is_some_and(|opened| !opened.query.is_empty()),
                Self::SelectNone => opened.is_some_and(|opened| match opened.view {
                    View::Wall => !opened.wall.selection.is_empty(),
                    _ => !opened.selection.is_empty(),
                }),
                Self::OpenImage | Self::ToggleCursor if is_wall => {
                    opened.is_some_and(|opened| opened.wall.cursor.is_some())
                }
                Self::SortRegionsAgain => opened.is_some_and(|opened| opened.wall.has_better),
                Self::Export => opened.is_some_and(|opened| !opened.catalogue.is_empty()),
                // An archive is out of the service already.
                Self::Leave => !matches!(state.source, Some(SourceSpec::Folder { .. })),
                Self::UndoDismiss | Self::ShowDismissed => {
                    opened.is_some_and(|opened| !opened.checks.dismissed.is_empty())
                }
                Self::FindDuplicates => opened.is_some_and(|opened| opened.checks.can_search(&opened.catalogue)),
                Self::StopDuplicates => opened.is_some_and(|opened| opened.checks.is_searching()),
                Self::SwapCompared | Self::ToggleLock | Self::NextCompared | Self::PreviousCompared => {
                    opened.is_some_and(|opened| opened.tools.compare.is_some())
                }
                Self::AdjustNothing => opened.is_some_and(|opened| !opened.tools.adjust.is_neutral()),
                Self::ZoomRegion => opened.is_some_and(|opened| opened.region.is_some()),
                Self::OpenImage | Self::ToggleCursor | Self::CopyImageJson => {
                    opened.is_some_and(|opened| opened.cursor.is_some())
                }
                _ => true,
            }
    }

    /// What it does now. `None` where only the window can do it (the grid knows its columns, the box its focus).
    pub fn command(self, state: &State) -> Option<Command> {
        let theme = Command::SetTheme;
        Some(match self {
            Self::Palette => Command::ShowDialog(Some(Dialog::Palette)),
            Self::Help => Command::ShowDialog(Some(Dialog::Help)),
            Self::Settings => Command::ShowDialog(Some(Dialog::Settings)),
            Self::Diagnostics => Command::ShowDialog(Some(Dialog::Diagnostics)),
            Self::Tasks => Command::ShowDialog(Some(Dialog::Tasks)),
            Self::Problems => Command::ShowDialog(Some(Dialog::Problems)),
            Self::Findings => Command::ShowDialog(Some(Dialog::Findings)),
            Self::Back => Command::Back,
            Self::Quit => Command::Quit,
            Self::OpenFolder => Command::ShowDialog(Some(Dialog::OpenFolder)),
            Self::OpenSample => Command::OpenSample,
            Self::Disconnect => Command::Disconnect,
            Self::CloseProject => Command::CloseProject,
            Self::Refresh => Command::Refresh,
            Self::StopListing => Command::StopListing,
            Self::ClearFilter => Command::Query(QueryCommand::Clear),
            Self::SelectAll => Command::SelectAll,
            Self::SelectNone => Command::SelectNone,
            Self::InvertSelection => Command::InvertSelection,
            Self::ToggleCursor => Command::ToggleCursor,
            Self::OpenImage => match state.opened.as_ref()? {
                opened if opened.view == View::Wall => Command::Wall(WallCommand::Open(opened.wall.cursor?)),
                opened => Command::OpenImage(opened.cursor?),
            },
            Self::Export => Command::ShowDialog(Some(Dialog::Export)),
            Self::Leave => Command::ShowDialog(Some(Dialog::Leave)),
            Self::ShowGrid => Command::SetView(View::Grid),
            Self::ShowWall => Command::SetView(View::Wall),
            Self::ShowStatistics => Command::SetView(View::Statistics),
            Self::ToggleOverlays => Command::ToggleOverlays,
            Self::ToggleLeft => Command::ToggleLeft,
            Self::ToggleRight => Command::ToggleRight,
            Self::LargerThumbs => resize(state, 1.2),
            Self::SmallerThumbs => resize(state, 1.0 / 1.2),
            Self::SortNewest => Command::SetSort(SortKey::Newest),
            Self::SortOldest => Command::SetSort(SortKey::Oldest),
            Self::SortMostRegions => Command::SetSort(SortKey::MostRegions),
            Self::SortFewestRegions => Command::SetSort(SortKey::FewestRegions),
            Self::SortLargest => Command::SetSort(SortKey::Largest),
            Self::SortTag => Command::SetSort(SortKey::Tag),
            Self::SortReview => Command::SetSort(SortKey::Review),
            Self::SortMostFindings => Command::SetSort(SortKey::MostFindings),
            Self::GroupImages => Command::SetGrouping(match state.settings.grouping {
                ImageGrouping::None => ImageGrouping::Tag,
                ImageGrouping::Tag => ImageGrouping::Date,
                ImageGrouping::Date => ImageGrouping::None,
            }),
            Self::SortRegionsLeastAlike => Command::Wall(WallCommand::SetSort(RegionSort::LeastAlike)),
            Self::SortRegionsAgain => Command::Wall(WallCommand::SortAgain),
            Self::GroupRegions => Command::Wall(WallCommand::SetGrouped(!state.settings.wall_grouped)),
            Self::CursorLeft => Command::MoveCursor { by: -1, extend: false },
            Self::CursorRight => Command::MoveCursor { by: 1, extend: false },
            Self::CursorHome => Command::CursorToEnd { last: false, extend: false },
            Self::CursorEnd => Command::CursorToEnd { last: true, extend: false },
            Self::NextImage => Command::StepImage(1),
            Self::PreviousImage => Command::StepImage(-1),
            Self::NextRegion => Command::StepRegion(1),
            Self::PreviousRegion => Command::StepRegion(-1),
            Self::Fit => Command::Zoom(ZoomCommand::Fit),
            Self::OneToOne => Command::Zoom(ZoomCommand::OneToOne),
            Self::ZoomIn => Command::Zoom(ZoomCommand::In),
            Self::ZoomOut => Command::Zoom(ZoomCommand::Out),
            Self::ZoomRegion => Command::Zoom(ZoomCommand::Region),
            Self::ToggleKeepView => Command::ToggleKeepView,
            Self::ToggleSmooth => Command::ToggleSmooth,
            Self::TourNext => Command::Canvas(CanvasCommand::Tour(1)),
            Self::TourPrevious => Command::Canvas(CanvasCommand::Tour(-1)),
            Self::Compare => Command::Canvas(CanvasCommand::ToggleCompare),
            Self::SwapCompared => Command::Canvas(CanvasCommand::SwapCompared),
            Self::ToggleLock => Command::Canvas(CanvasCommand::ToggleLock),
            Self::NextCompared => Command::Canvas(CanvasCommand::StepCompared(1)),
            Self::PreviousCompared => Command::Canvas(CanvasCommand::StepCompared(-1)),
            Self::TogglePin => Command::Canvas(CanvasCommand::TogglePin),
            Self::Adjust => Command::Canvas(CanvasCommand::ToggleAdjusting),
            Self::AdjustNothing => Command::Canvas(CanvasCommand::Adjust(Adjust::default())),
            Self::CopyImageJson => Command::CopyImageJson,
            Self::NextFinding => Command::Check(CheckCommand::Step(1)),
            Self::PreviousFinding => Command::Check(CheckCommand::Step(-1)),
            Self::DismissFinding => Command::Check(CheckCommand::DismissCurrent),
            Self::UndoDismiss => Command::Check(CheckCommand::UndoDismiss),
            Self::ShowDismissed => Command::Check(CheckCommand::ToggleDismissed),
            Self::FindDuplicates => Command::Check(CheckCommand::FindDuplicates),
            Self::StopDuplicates => Command::Check(CheckCommand::StopDuplicates),
            Self::Accept => Command::Review(ReviewCommand::DecideHere(Verdict::Accepted)),
            Self::Reject => Command::Review(ReviewCommand::DecideHere(Verdict::Rejected)),
            Self::Flag => Command::Review(ReviewCommand::DecideHere(Verdict::Flagged)),
            Self::ConfirmNegative => Command::Review(ReviewCommand::DecideHere(Verdict::Negative)),
            Self::Comment => Command::ShowDialog(Some(Dialog::Comment)),
            Self::Undo => Command::Review(ReviewCommand::Undo),
            Self::Redo => Command::Review(ReviewCommand::Redo),
            Self::NextUnreviewed => Command::Review(ReviewCommand::StepUnreviewed(1)),
            Self::PreviousUnreviewed => Command::Review(ReviewCommand::StepUnreviewed(-1)),
            Self::ToggleAdvance => Command::Review(ReviewCommand::ToggleAdvance),
            Self::Reviews => Command::ShowDialog(Some(Dialog::Reviews)),
            Self::ThemeSystem => theme(ThemeChoice::System),
            Self::ThemeLight => theme(ThemeChoice::Light),
            Self::ThemeDark => theme(ThemeChoice::Dark),
            Self::ClearCache => Command::ClearCache,
            Self::FindText
            | Self::CursorUp
            | Self::CursorDown
            | Self::CursorPageUp
            | Self::CursorPageDown
            | Self::HoldToHide
            | Self::HoldToSolo => return None,
        })
    }
}

/// Larger or smaller cells of what is shown.
fn resize(state: &State, factor: f32) -> Command {
    match &state.opened {
        Some(opened) if opened.view == View::Wall => {
            Command::Wall(WallCommand::SetSide(state.settings.wall_side * factor))
        }
        _ => Command::SetThumbSide(state.settings.thumb_side * factor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_unique_and_without_title_case() {
        let mut labels: Vec<_> = Action::ALL.iter().map(|action| action.text().label).collect();
        labels.sort_unstable();
        let count = labels.len();
        labels.dedup();
        assert_eq!(labels.len(), count);
    }
}
