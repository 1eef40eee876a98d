//! Everything that can be done by name: one table fills the palette, the help sheet, tooltips and the key bindings.
//! The labels and keys are in `words`; when each is enabled, and the command it sends, in `doing`.

mod doing;
mod words;

use super::chord::Chord;

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
    OpenMenu,
    Help,
    Settings,
    Diagnostics,
    Tasks,
    Problems,
    Findings,
    CompareState,
    Predictions,
    Back,
    Quit,
    OpenFolder,
    OpenSample,
    Disconnect,
    CloseProject,
    Refresh,
    StopListing,
    ToggleUntagged,
    FindText,
    ClearFilter,
    AskAgain,
    Sample,
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
    ShowEvaluation,
    SavePlots,
    ToggleOverlays,
    CycleLayer,
    ToggleLeft,
    ToggleRight,
    FillCells,
    NextCaption,
    DimOthers,
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
    SortSmallestRegion,
    SortFileName,
    SortRandom,
    Shuffle,
    ReverseSort,
    GroupImages,
    SortRegionsLeastAlike,
    SortRegionsAgain,
    GroupRegions,
    SimilarRegions,
    SimilarImages,
    SortLooksLikeOther,
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
    NextChange,
    PreviousChange,
    DismissFinding,
    UndoDismiss,
    ShowDismissed,
    FindDuplicates,
    StopDuplicates,
    Accept,
    Reject,
    Flag,
    ConfirmNegative,
    ClearVerdict,
    BlameLabel,
    BlameModel,
    SaveOutcomes,
    Comment,
    QuickComment1,
    QuickComment2,
    QuickComment3,
    QuickComment4,
    QuickComment5,
    QuickComment6,
    QuickComment7,
    QuickComment8,
    QuickComment9,
    QuickComments,
    Survey,
    Undo,
    Redo,
    NextUnreviewed,
    PreviousUnreviewed,
    ToggleAdvance,
    Reviews,
    LargerText,
    SmallerText,
    NormalText,
    ThemeSystem,
    ThemeLight,
    ThemeDark,
    ClearCache,
}

/// How an action is presented and bound to keys.
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
        Self::OpenMenu,
        Self::Help,
        Self::Settings,
        Self::Diagnostics,
        Self::Tasks,
        Self::Problems,
        Self::Findings,
        Self::CompareState,
        Self::Predictions,
        Self::Back,
        Self::Quit,
        Self::OpenFolder,
        Self::OpenSample,
        Self::Disconnect,
        Self::CloseProject,
        Self::Refresh,
        Self::StopListing,
        Self::ToggleUntagged,
        Self::FindText,
        Self::ClearFilter,
        Self::AskAgain,
        Self::Sample,
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
        Self::ShowEvaluation,
        Self::SavePlots,
        Self::ToggleOverlays,
        Self::CycleLayer,
        Self::ToggleLeft,
        Self::ToggleRight,
        Self::FillCells,
        Self::NextCaption,
        Self::DimOthers,
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
        Self::SortSmallestRegion,
        Self::SortFileName,
        Self::SortRandom,
        Self::Shuffle,
        Self::ReverseSort,
        Self::GroupImages,
        Self::SortRegionsLeastAlike,
        Self::SortRegionsAgain,
        Self::GroupRegions,
        Self::SimilarRegions,
        Self::SimilarImages,
        Self::SortLooksLikeOther,
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
        Self::NextChange,
        Self::PreviousChange,
        Self::DismissFinding,
        Self::UndoDismiss,
        Self::ShowDismissed,
        Self::FindDuplicates,
        Self::StopDuplicates,
        Self::Accept,
        Self::Reject,
        Self::Flag,
        Self::ConfirmNegative,
        Self::ClearVerdict,
        Self::BlameLabel,
        Self::BlameModel,
        Self::SaveOutcomes,
        Self::Comment,
        Self::QuickComment1,
        Self::QuickComment2,
        Self::QuickComment3,
        Self::QuickComment4,
        Self::QuickComment5,
        Self::QuickComment6,
        Self::QuickComment7,
        Self::QuickComment8,
        Self::QuickComment9,
        Self::QuickComments,
        Self::Survey,
        Self::Undo,
        Self::Redo,
        Self::NextUnreviewed,
        Self::PreviousUnreviewed,
        Self::ToggleAdvance,
        Self::Reviews,
        Self::LargerText,
        Self::SmallerText,
        Self::NormalText,
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
