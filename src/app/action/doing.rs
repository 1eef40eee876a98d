//! When an action can be done, and the command that does it.

use super::{Action, Place};
use crate::appearance::Appearance;
use crate::canvas::{CanvasCommand, CompareCommand, ZoomCommand};
use crate::changes::ChangesCommand;
use crate::checks::CheckCommand;
use crate::command::{
    Command, ConnectionCommand, DisplayCommand, ProjectCommand, QuitCommand, SelectionCommand, SettingsCommand,
    WindowCommand,
};
use crate::dialog::Dialog;
use crate::predictions::PredictionsCommand;
use crate::query::{QueryCommand, USUAL_SAMPLE};
use crate::quick_comments::QuickCommand;
use crate::review::ReviewCommand;
use crate::scale::ScaleCommand;
use crate::settings::{SourceSpec, ThemeChoice};
use crate::state::{Screen, State};
use crate::statistics::{SaveWhat, StatisticsCommand};
use crate::view::View;
use crate::wall::WallCommand;
use domain::{Adjust, Blame, ImageGrouping, RegionSort, SortKey, Verdict};

impl Action {
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
                Self::OpenMenu => opened.is_some(),
                Self::Disconnect => state.source.is_some(),
                Self::StopListing => state.is_listing(),
                Self::ToggleUntagged => opened.is_some_and(|opened| opened.is_connected),
                Self::AskAgain => opened.is_some_and(|opened| !opened.query.outdated.is_empty()),
                Self::ClearFilter => opened.is_some_and(|opened| !opened.query.is_empty()),
                Self::SelectNone => opened.is_some_and(|opened| match opened.view {
                    View::Wall => !opened.wall.selection.is_empty(),
                    _ => !opened.selection.is_empty(),
                }),
                Self::OpenImage | Self::ToggleCursor if is_wall => {
                    opened.is_some_and(|opened| opened.wall.cursor.is_some())
                }
                Self::SimilarImages => opened.is_some_and(|opened| opened.cursor.is_some() && opened.shows_images()),
                Self::SimilarRegions => opened.is_some_and(|opened| opened.region_at_hand().is_some()),
                Self::GroupRegions => opened.is_some_and(|opened| opened.wall.near.is_none()),
                Self::SortRegionsAgain => opened.is_some_and(|opened| opened.wall.has_better),
                Self::SavePlots => opened.is_some_and(|opened| opened.statistics.figures.is_some()),
                Self::Export => opened.is_some_and(|opened| !opened.catalogue.is_empty()),
                // An archive is out of the service already.
                Self::Leave => !state.source.as_ref().is_some_and(SourceSpec::is_archive),
                Self::UndoDismiss | Self::ShowDismissed => {
                    opened.is_some_and(|opened| !opened.review.reviews.dismissed().is_empty())
                }
                Self::FindDuplicates => {
                    opened.is_some_and(|opened| opened.is_connected && opened.checks.can_search(&opened.catalogue))
                }
                Self::NextChange | Self::PreviousChange => {
                    opened.is_some_and(|opened| opened.changes.of(opened.generation).is_some())
                }
                Self::CycleLayer | Self::BlameLabel | Self::BlameModel | Self::SaveOutcomes => {
                    opened.is_some_and(|opened| opened.predictions.compared(opened.generation).is_some())
                }
                Self::StopDuplicates => opened.is_some_and(|opened| opened.checks.is_searching()),
                Self::SwapCompared | Self::ToggleLock | Self::NextCompared | Self::PreviousCompared => {
                    opened.is_some_and(|opened| opened.tools.compare.is_some())
                }
                Self::AdjustNothing => opened.is_some_and(|opened| !opened.tools.adjust.is_neutral()),
                Self::ZoomRegion => opened.is_some_and(|opened| opened.region.is_some()),
                Self::OpenImage | Self::ToggleCursor | Self::CopyImageJson => {
                    opened.is_some_and(|opened| opened.cursor.is_some())
                }
                _ => self.quick_comment().is_none_or(|place| state.settings.quick_comment(place).is_some()),
            }
    }

    /// What it does now. `None` where only the window can do it (the grid knows its columns, the box its focus).
    pub fn command(self, state: &State) -> Option<Command> {
        let theme = |value| Command::Settings(SettingsCommand::SetTheme(value));
        Some(match self {
            Self::Palette => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Palette))),
            Self::Help => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Help))),
            Self::Settings => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Settings))),
            Self::Diagnostics => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Diagnostics))),
            Self::Tasks => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Tasks))),
            Self::Problems => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Problems))),
            Self::Findings => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Findings))),
            Self::CompareState => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Changes))),
            Self::Predictions => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Predictions))),
            Self::Back => Command::Window(WindowCommand::Back),
            Self::Quit => Command::Quit(QuitCommand::Ask),
            Self::OpenFolder => Command::Window(WindowCommand::ShowDialog(Some(Dialog::OpenFolder))),
            Self::OpenSample => Command::Connection(ConnectionCommand::OpenSample),
            Self::Disconnect => Command::Connection(ConnectionCommand::Disconnect),
            Self::CloseProject => Command::Project(ProjectCommand::Close),
            Self::Refresh => Command::Project(ProjectCommand::Refresh),
            Self::ToggleUntagged => {
                Command::Project(ProjectCommand::ShowUntagged(!state.opened.as_ref()?.has_untagged))
            }
            Self::StopListing => Command::Project(ProjectCommand::StopListing),
            Self::ClearFilter => Command::Query(QueryCommand::Clear),
            Self::AskAgain => Command::Query(QueryCommand::AskAgain),
            Self::Sample => Command::Query(QueryCommand::Sample(USUAL_SAMPLE)),
            Self::SelectAll => Command::Selection(SelectionCommand::All),
            Self::SelectNone => Command::Selection(SelectionCommand::None),
            Self::InvertSelection => Command::Selection(SelectionCommand::Invert),
            Self::ToggleCursor => Command::Selection(SelectionCommand::ToggleCursor),
            Self::OpenImage => match state.opened.as_ref()? {
                opened if opened.view == View::Wall => Command::Wall(WallCommand::Open(opened.wall.cursor?)),
                opened => Command::Canvas(CanvasCommand::OpenImage(opened.cursor?)),
            },
            Self::Export => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Export))),
            Self::Leave => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Leave))),
            Self::ShowGrid => Command::Display(DisplayCommand::SetView(View::Grid)),
            Self::ShowWall => Command::Display(DisplayCommand::SetView(View::Wall)),
            Self::ShowStatistics => Command::Display(DisplayCommand::SetView(View::Statistics)),
            Self::ShowEvaluation => Command::Display(DisplayCommand::SetView(View::Evaluation)),
            Self::SavePlots => Command::Statistics(StatisticsCommand::AskSave(SaveWhat::All)),
            Self::ToggleOverlays => Command::Window(WindowCommand::ToggleOverlays),
            Self::CycleLayer => Command::Predictions(PredictionsCommand::CycleLayer),
            Self::ToggleLeft => Command::Window(WindowCommand::ToggleLeft),
            Self::ToggleRight => Command::Window(WindowCommand::ToggleRight),
            Self::FillCells => {
                let now = state.settings.appearance;
                appear(Appearance { fills_cells: !now.fills_cells, ..now })
            }
            Self::NextCaption => {
                let now = state.settings.appearance;
                appear(Appearance { caption: now.caption.next(), ..now })
            }
            Self::DimOthers => {
                let now = state.settings.appearance;
                appear(Appearance { dims_others: !now.dims_others, ..now })
            }
            Self::LargerThumbs => resize(state, 1.2),
            Self::SmallerThumbs => resize(state, 1.0 / 1.2),
            Self::SortNewest => Command::Display(DisplayCommand::SetSort(SortKey::Newest)),
            Self::SortOldest => Command::Display(DisplayCommand::SetSort(SortKey::Oldest)),
            Self::SortMostRegions => Command::Display(DisplayCommand::SetSort(SortKey::MostRegions)),
            Self::SortFewestRegions => Command::Display(DisplayCommand::SetSort(SortKey::FewestRegions)),
            Self::SortLargest => Command::Display(DisplayCommand::SetSort(SortKey::Largest)),
            Self::SortTag => Command::Display(DisplayCommand::SetSort(SortKey::Tag)),
            Self::SortReview => Command::Display(DisplayCommand::SetSort(SortKey::Review)),
            Self::SortMostFindings => Command::Display(DisplayCommand::SetSort(SortKey::MostFindings)),
            Self::SortSmallestRegion => Command::Display(DisplayCommand::SetSort(SortKey::SmallestRegion)),
            Self::SortFileName => Command::Display(DisplayCommand::SetSort(SortKey::FileName)),
            Self::SortRandom => Command::Display(DisplayCommand::SetSort(SortKey::Random)),
            Self::Shuffle => Command::Display(DisplayCommand::Shuffle),
            Self::ReverseSort => Command::Display(DisplayCommand::ReverseSort),
            Self::GroupImages => Command::Display(DisplayCommand::SetGrouping(match state.settings.grouping {
                ImageGrouping::None => ImageGrouping::Tag,
                ImageGrouping::Tag => ImageGrouping::Date,
                ImageGrouping::Date => ImageGrouping::None,
            })),
            Self::SortRegionsLeastAlike => Command::Wall(WallCommand::SetSort(RegionSort::LeastAlike)),
            Self::SimilarRegions => Command::Wall(WallCommand::ShowSimilar(state.opened.as_ref()?.region_at_hand()?)),
            Self::SimilarImages => Command::Display(DisplayCommand::ShowSimilar(state.opened.as_ref()?.cursor?)),
            Self::SortLooksLikeOther => Command::Wall(WallCommand::SetSort(RegionSort::LooksLikeOther)),
            Self::SortRegionsAgain => Command::Wall(WallCommand::SortAgain),
            Self::GroupRegions => Command::Wall(WallCommand::SetGrouped(!state.settings.wall_grouped)),
            Self::CursorLeft => Command::Selection(SelectionCommand::MoveCursor { by: -1, extend: false }),
            Self::CursorRight => Command::Selection(SelectionCommand::MoveCursor { by: 1, extend: false }),
            Self::CursorHome => Command::Selection(SelectionCommand::CursorToEnd { last: false, extend: false }),
            Self::CursorEnd => Command::Selection(SelectionCommand::CursorToEnd { last: true, extend: false }),
            Self::NextImage => Command::Canvas(CanvasCommand::StepImage(1)),
            Self::PreviousImage => Command::Canvas(CanvasCommand::StepImage(-1)),
            Self::NextRegion => Command::Canvas(CanvasCommand::StepRegion(1)),
            Self::PreviousRegion => Command::Canvas(CanvasCommand::StepRegion(-1)),
            Self::Fit => Command::Canvas(CanvasCommand::Zoom(ZoomCommand::Fit)),
            Self::OneToOne => Command::Canvas(CanvasCommand::Zoom(ZoomCommand::OneToOne)),
            Self::ZoomIn => Command::Canvas(CanvasCommand::Zoom(ZoomCommand::In)),
            Self::ZoomOut => Command::Canvas(CanvasCommand::Zoom(ZoomCommand::Out)),
            Self::ZoomRegion => Command::Canvas(CanvasCommand::Zoom(ZoomCommand::Region)),
            Self::ToggleKeepView => Command::Canvas(CanvasCommand::ToggleKeepView),
            Self::ToggleSmooth => Command::Canvas(CanvasCommand::ToggleSmooth),
            Self::TourNext => Command::Canvas(CanvasCommand::Tour(1)),
            Self::TourPrevious => Command::Canvas(CanvasCommand::Tour(-1)),
            Self::Compare => Command::Canvas(CanvasCommand::Compare(CompareCommand::Toggle)),
            Self::SwapCompared => Command::Canvas(CanvasCommand::Compare(CompareCommand::Swap)),
            Self::ToggleLock => Command::Canvas(CanvasCommand::Compare(CompareCommand::ToggleLock)),
            Self::NextCompared => Command::Canvas(CanvasCommand::Compare(CompareCommand::Step(1))),
            Self::PreviousCompared => Command::Canvas(CanvasCommand::Compare(CompareCommand::Step(-1))),
            Self::TogglePin => Command::Canvas(CanvasCommand::Compare(CompareCommand::TogglePin)),
            Self::Adjust => Command::Canvas(CanvasCommand::ToggleAdjusting),
            Self::AdjustNothing => Command::Canvas(CanvasCommand::Adjust(Adjust::default())),
            Self::CopyImageJson => Command::Canvas(CanvasCommand::CopyImageJson),
            Self::NextFinding => Command::Check(CheckCommand::Step(1)),
            Self::PreviousFinding => Command::Check(CheckCommand::Step(-1)),
            Self::NextChange => Command::Changes(ChangesCommand::Step(1)),
            Self::PreviousChange => Command::Changes(ChangesCommand::Step(-1)),
            Self::DismissFinding => Command::Check(CheckCommand::DismissCurrent),
            Self::UndoDismiss => Command::Check(CheckCommand::UndoDismiss),
            Self::ShowDismissed => Command::Check(CheckCommand::ToggleDismissed),
            Self::FindDuplicates => Command::Check(CheckCommand::FindDuplicates),
            Self::StopDuplicates => Command::Check(CheckCommand::StopDuplicates),
            Self::Accept => Command::Review(ReviewCommand::DecideHere(Verdict::Accepted)),
            Self::Reject => Command::Review(ReviewCommand::DecideHere(Verdict::Rejected)),
            Self::Flag => Command::Review(ReviewCommand::DecideHere(Verdict::Flagged)),
            Self::ConfirmNegative => Command::Review(ReviewCommand::DecideHere(Verdict::Negative)),
            Self::ClearVerdict => Command::Review(ReviewCommand::ClearHere),
            Self::BlameLabel => Command::Review(ReviewCommand::BlameHere(Some(Blame::Label))),
            Self::SaveOutcomes => Command::Predictions(PredictionsCommand::AskSave),
            Self::BlameModel => Command::Review(ReviewCommand::BlameHere(Some(Blame::Model))),
            Self::Comment => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Comment))),
            Self::QuickComment1
            | Self::QuickComment2
            | Self::QuickComment3
            | Self::QuickComment4
            | Self::QuickComment5
            | Self::QuickComment6
            | Self::QuickComment7
            | Self::QuickComment8
            | Self::QuickComment9 => Command::Review(ReviewCommand::Quick(QuickCommand::Make(self.quick_comment()?))),
            Self::Survey => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Survey))),
            Self::QuickComments => Command::Window(WindowCommand::ShowDialog(Some(Dialog::QuickComments))),
            Self::Undo => Command::Review(ReviewCommand::Undo),
            Self::Redo => Command::Review(ReviewCommand::Redo),
            Self::NextUnreviewed => Command::Review(ReviewCommand::StepUnreviewed(1)),
            Self::PreviousUnreviewed => Command::Review(ReviewCommand::StepUnreviewed(-1)),
            Self::ToggleAdvance => Command::Review(ReviewCommand::ToggleAdvance),
            Self::Reviews => Command::Window(WindowCommand::ShowDialog(Some(Dialog::Reviews))),
            Self::LargerText => Command::Settings(SettingsCommand::Scale(ScaleCommand::Larger)),
            Self::SmallerText => Command::Settings(SettingsCommand::Scale(ScaleCommand::Smaller)),
            Self::NormalText => Command::Settings(SettingsCommand::Scale(ScaleCommand::Normal)),
            Self::ThemeSystem => theme(ThemeChoice::System),
            Self::ThemeLight => theme(ThemeChoice::Light),
            Self::ThemeDark => theme(ThemeChoice::Dark),
            Self::ClearCache => Command::Settings(SettingsCommand::ClearCache),
            Self::FindText
            | Self::OpenMenu
            | Self::CursorUp
            | Self::CursorDown
            | Self::CursorPageUp
            | Self::CursorPageDown
            | Self::HoldToHide
            | Self::HoldToSolo => return None,
        })
    }
}

fn appear(appearance: Appearance) -> Command {
    Command::Settings(SettingsCommand::SetAppearance(appearance))
}

/// Larger or smaller cells of what is shown.
fn resize(state: &State, factor: f32) -> Command {
    match &state.opened {
        Some(opened) if opened.view == View::Wall => {
            Command::Wall(WallCommand::SetSide(state.settings.wall_side * factor))
        }
        _ => Command::Display(DisplayCommand::SetThumbSide(state.settings.thumb_side * factor)),
    }
}
