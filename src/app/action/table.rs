//! The table of all actions, in the order of help and palette: its name in code, label, tooltip, where it can be used, its
//! keys (the first is shown), when it can be done there, and the command that does it.

use super::Condition::{Always, If, IfOpened};
use super::commands::{
    appearance, compare, decide, has_changes, has_cursor, has_dismissed, has_predictions, has_selection, in_window,
    is_comparing, is_in_service, next_grouping, open_image, quick_comment, resize, reverse_sort, scale, show, sort,
    theme, view, zoom,
};
use crate::appearance::ScaleCommand;
use crate::canvas::{CanvasCommand, CompareCommand, ZoomCommand};
use crate::changes::ChangesCommand;
use crate::checks::CheckCommand;
use crate::chord::{alt, ctrl, ctrl_shift, key, shift};
use crate::command::Command::{
    Canvas, Changes, Check, Connection, Display, Predictions, Project, Query, Quit, Review, Selection, Settings,
    Statistics, Wall, Window,
};
use crate::command::{
    ConnectionCommand, DisplayCommand, ProjectCommand, QuitCommand, SelectionCommand, SettingsCommand, WindowCommand,
};
use crate::dialog::Dialog;
use crate::predictions::PredictionsCommand;
use crate::query::{QueryCommand, USUAL_SAMPLE};
use crate::review::ReviewCommand;
use crate::settings::ThemeChoice;
use crate::state::State;
use crate::statistics::{SaveWhat, StatisticsCommand};
use crate::view::View;
use crate::wall::WallCommand;
use domain::{Adjust, Blame, RegionSort, SortKey, Verdict};

/// The tooltip of each quick comment.
const QUICK: &str = "On the region, the image or the selection; edit the texts in Quick comments...";

#[rustfmt::skip]
actions! {
    Palette: "Command palette", "Type a command",
        Everywhere, [ctrl("K")], Always, |_| show(Dialog::Palette);
    OpenMenu: "Menu of this item", "For the image, region or row under the cursor or with keyboard focus",
        Everywhere, [key("Menu"), shift("F10")], IfOpened(|_| true), in_window;
    Help: "Keyboard shortcuts", "All shortcuts",
        Everywhere, [key("Questionmark"), key("F1")], Always, |_| show(Dialog::Help);
    Settings: "Settings", "Theme, memory and disk limits",
        Everywhere, [ctrl("Comma")], Always, |_| show(Dialog::Settings);
    Diagnostics: "Diagnostics", "Frame times, memory use and disk use",
        Everywhere, [], Always, |_| show(Dialog::Diagnostics);
    Tasks: "Tasks", "Running and finished exports and archives",
        Everywhere, [ctrl("J")], Always, |_| show(Dialog::Tasks);
    Problems: "Problems", "Rows of the list that could not be read in full",
        Project, [], Always, |_| show(Dialog::Problems);
    Findings: "Findings...", "Likely label mistakes, and thresholds",
        Project, [], Always, |_| show(Dialog::Findings);
    CompareState: "Compare with another state...", "What has changed since an archive or iteration",
        Project, [], Always, |_| show(Dialog::Changes);
    Predictions: "Predictions...", "Compare what a model predicts with the labels",
        Project, [], Always, |_| show(Dialog::Predictions);
    Back: "Back", "Close the current dialog or view",
        Everywhere, [key("Escape")], Always, |_| Some(Window(WindowCommand::Back));
    Quit: "Quit", "Close Tagscope",
        Everywhere, [ctrl("Q")], Always, |_| Some(Quit(QuitCommand::Ask));
    OpenFolder: "Open an archive or a dataset...", "A folder or file on disk",
        Everywhere, [ctrl("O")], Always, |_| show(Dialog::OpenFolder);
    OpenSample: "Open the sample project", "Needs no account",
        Everywhere, [], Always, |_| Some(Connection(ConnectionCommand::OpenSample));
    Disconnect: "Disconnect", "Back to the connect screen",
        Everywhere, [], If(|state| state.source.is_some()), |_| Some(Connection(ConnectionCommand::Disconnect));
    CloseProject: "Close the project", "Back to the list of projects",
        Project, [ctrl("W")], Always, |_| Some(Project(ProjectCommand::Close));
    Refresh: "Reload the list", "Load the list of images again from its source",
        Project, [key("F5")], Always, |_| Some(Project(ProjectCommand::Refresh));
    StopListing: "Stop listing", "Keep the images listed so far",
        Project, [], If(State::is_listing), |_| Some(Project(ProjectCommand::StopListing));
    ToggleUntagged: "Show or hide images without tags",
        "Lists the images that nobody has labeled yet; tag:none finds them",
        Project, [], IfOpened(|opened| opened.is_connected),
        |state| Some(Project(ProjectCommand::ShowUntagged(!state.opened.as_ref()?.has_untagged)));
    FindText: "Query...", "Filter images by tag, region, size, date, metadata, review, finding or text",
        Project, [ctrl("F"), key("Slash")], Always, in_window;
    ClearFilter: "Clear the query", "Show all images",
        Project, [ctrl_shift("F")], IfOpened(|opened| !opened.query.is_empty()), |_| Some(Query(QueryCommand::Clear));
    RefreshList: "Refresh the list", "The list stays as it is while you review; this applies your decisions to it",
        Project, [key("Q")], IfOpened(|opened| !opened.query.outdated.is_empty()),
        |_| Some(Query(QueryCommand::Refresh));
    Sample: "Random sample: 50 of each tag", "Put in the query box; press again for another sample",
        Project, [], Always, |_| Some(Query(QueryCommand::Sample(USUAL_SAMPLE)));
    SelectAll: "Select all shown", "All images that match the query",
        Project, [ctrl("A")], Always, |_| Some(Selection(SelectionCommand::All));
    SelectNone: "Select none", "Clear the selection",
        Project, [ctrl_shift("A")], IfOpened(has_selection), |_| Some(Selection(SelectionCommand::None));
    InvertSelection: "Invert the selection", "Among the shown images",
        Project, [ctrl("I")], Always, |_| Some(Selection(SelectionCommand::Invert));
    ToggleCursor: "Select or unselect", "The image or region under the cursor",
        Cells, [key("Space")], IfOpened(has_cursor), |_| Some(Selection(SelectionCommand::ToggleCursor));
    OpenImage: "Open the image", "On the canvas",
        Cells, [key("Enter")], IfOpened(has_cursor), open_image;
    Export: "Export...", "Selected, shown or all images with their labels",
        Project, [ctrl("E")], IfOpened(|opened| !opened.catalogue.is_empty()), |_| show(Dialog::Export);
    Leave: "Leave Custom Vision...", "Save the whole project in a verified archive",
        Project, [], If(is_in_service), |_| show(Dialog::Leave);
    ShowGrid: "Grid", "All images",
        Project, [ctrl("1")], Always, |_| view(View::Grid);
    ShowWall: "Regions", "Every region as a crop, side by side",
        Project, [ctrl("2")], Always, |_| view(View::Wall);
    ShowStatistics: "Statistics", "Plots of what is shown",
        Project, [ctrl("3")], Always, |_| view(View::Statistics);
    ShowEvaluation: "Evaluation", "How predictions compare with the labels",
        Project, [ctrl("4")], Always, |_| view(View::Evaluation);
    SavePlots: "Save all plots...", "As PNG and CSV",
        Statistics, [ctrl("S")], IfOpened(|opened| opened.statistics.figures.is_some()),
        |_| Some(Statistics(StatisticsCommand::AskSave(SaveWhat::All)));
    ToggleOverlays: "Show or hide boxes and tags", "On thumbnails and canvas",
        Project, [key("B")], Always, |_| Some(Window(WindowCommand::ToggleOverlays));
    CycleLayer: "Show labels, predictions or both", "Once predictions are loaded",
        Project, [key("O")], IfOpened(has_predictions), |_| Some(Predictions(PredictionsCommand::CycleLayer));
    ToggleLeft: "Tag panel", "Show or hide",
        Project, [ctrl("B")], Always, |_| Some(Window(WindowCommand::ToggleLeft));
    ToggleRight: "Inspector", "Show or hide",
        Project, [ctrl_shift("B")], Always, |_| Some(Window(WindowCommand::ToggleRight));
    FillCells: "Fit or fill thumbnails", "The whole picture, or the whole cell",
        Project, [], Always, |state| appearance(state, |look| look.fills_cells = !look.fills_cells);
    NextCaption: "Next caption of thumbnails", "None, file name, id, date, regions, size",
        Project, [], Always, |state| appearance(state, |look| look.caption = look.caption.next());
    DimOthers: "Dim the other boxes", "While a region is selected on the canvas; press again to stop",
        Project, [], Always, |state| appearance(state, |look| look.dims_others = !look.dims_others);
    LargerThumbs: "Larger thumbnails", "Or Ctrl+wheel",
        Cells, [key("Plus"), key("Equals")], Always, |state| resize(state, 1.2);
    SmallerThumbs: "Smaller thumbnails", "Or Ctrl+wheel",
        Cells, [key("Minus")], Always, |state| resize(state, 1.0 / 1.2);
    SortNewest: "Sort: newest first", "",
        Project, [], Always, |_| sort(SortKey::Newest);
    SortOldest: "Sort: oldest first", "",
        Project, [], Always, |_| sort(SortKey::Oldest);
    SortMostRegions: "Sort: most regions first", "",
        Project, [], Always, |_| sort(SortKey::MostRegions);
    SortFewestRegions: "Sort: fewest regions first", "",
        Project, [], Always, |_| sort(SortKey::FewestRegions);
    SortLargest: "Sort: largest first", "",
        Project, [], Always, |_| sort(SortKey::Largest);
    SortTag: "Sort: by tag", "",
        Project, [], Always, |_| sort(SortKey::Tag);
    SortReview: "Sort: by review state", "Unreviewed first",
        Project, [], Always, |_| sort(SortKey::Review);
    SortMostFindings: "Sort: most findings first", "",
        Project, [], Always, |_| sort(SortKey::MostFindings);
    SortSmallestRegion: "Sort: smallest region first", "",
        Project, [], Always, |_| sort(SortKey::SmallestRegion);
    SortFileName: "Sort: by file name", "",
        Project, [], Always, |_| sort(SortKey::FileName);
    SortRandom: "Sort: random", "The same order each time",
        Project, [], Always, |_| sort(SortKey::Random);
    Shuffle: "Sort: shuffle again", "Another random order",
        Project, [], Always, |_| Some(Display(DisplayCommand::Shuffle));
    ReverseSort: "Sort: reverse the order", "Show the list in the opposite order",
        Project, [], Always, reverse_sort;
    GroupImages: "Group images: none, by first tag, by date", "Switches to the next grouping",
        Grid, [key("G")], Always, next_grouping;
    SortRegionsLeastAlike: "Sort regions: outliers first", "Regions that differ most from the average of their tag",
        Wall, [], Always, |_| Some(Wall(WallCommand::SetSort(RegionSort::LeastAlike)));
    SortRegionsAgain: "Sort again", "Include the pictures compared since the last sort",
        Wall, [shift("S")], IfOpened(|opened| opened.wall.has_better), |_| Some(Wall(WallCommand::SortAgain));
    GroupRegions: "Group or ungroup regions", "",
        Wall, [key("G")], IfOpened(|opened| opened.wall.near.is_none()),
        |state| Some(Wall(WallCommand::SetGrouped(!state.settings.wall_grouped)));
    SimilarRegions: "Similar regions", "All regions, those most similar to this one first; Esc ends it",
        Project, [key("Y")], IfOpened(|opened| opened.region_at_hand().is_some()),
        |state| Some(Wall(WallCommand::ShowSimilar(state.opened.as_ref()?.region_at_hand()?)));
    SimilarImages: "Similar images", "All images, those most similar to this one first; Esc ends it",
        Project, [shift("Y")], IfOpened(|opened| opened.cursor.is_some() && opened.shows_images()),
        |state| Some(Display(DisplayCommand::ShowSimilar(state.opened.as_ref()?.cursor?)));
    SortLooksLikeOther: "Sort regions: looks like another tag",
        "Regions that look more like another tag than their own",
        Wall, [], Always, |_| Some(Wall(WallCommand::SetSort(RegionSort::LooksLikeOther)));
    CursorLeft: "Left", "Hold Shift to select",
        Cells, [key("ArrowLeft"), shift("ArrowLeft")], Always,
        |_| Some(Selection(SelectionCommand::MoveCursor { by: -1, extend: false }));
    CursorRight: "Right", "Hold Shift to select",
        Cells, [key("ArrowRight"), shift("ArrowRight")], Always,
        |_| Some(Selection(SelectionCommand::MoveCursor { by: 1, extend: false }));
    CursorUp: "Up", "Hold Shift to select",
        Cells, [key("ArrowUp"), shift("ArrowUp")], Always, in_window;
    CursorDown: "Down", "Hold Shift to select",
        Cells, [key("ArrowDown"), shift("ArrowDown")], Always, in_window;
    CursorPageUp: "Page up", "Hold Shift to select",
        Cells, [key("PageUp"), shift("PageUp")], Always, in_window;
    CursorPageDown: "Page down", "Hold Shift to select",
        Cells, [key("PageDown"), shift("PageDown")], Always, in_window;
    CursorHome: "First image", "Hold Shift to select",
        Cells, [key("Home"), shift("Home")], Always,
        |_| Some(Selection(SelectionCommand::CursorToEnd { last: false, extend: false }));
    CursorEnd: "Last image", "Hold Shift to select",
        Cells, [key("End"), shift("End")], Always,
        |_| Some(Selection(SelectionCommand::CursorToEnd { last: true, extend: false }));
    NextImage: "Next image", "In the current list",
        Canvas, [key("ArrowRight"), key("PageDown")], Always, |_| Some(Canvas(CanvasCommand::StepImage(1)));
    PreviousImage: "Previous image", "In the current list",
        Canvas, [key("ArrowLeft"), key("PageUp")], Always, |_| Some(Canvas(CanvasCommand::StepImage(-1)));
    NextRegion: "Next region", "In this image",
        Canvas, [key("Tab")], Always, |_| Some(Canvas(CanvasCommand::StepRegion(1)));
    PreviousRegion: "Previous region", "In this image",
        Canvas, [shift("Tab")], Always, |_| Some(Canvas(CanvasCommand::StepRegion(-1)));
    Fit: "Fit", "The whole image",
        Canvas, [key("0")], Always, |_| zoom(ZoomCommand::Fit);
    OneToOne: "1:1", "One screen pixel per original pixel, at the pointer; press again for the listed size",
        Canvas, [key("1")], Always, |_| zoom(ZoomCommand::OneToOne);
    ZoomIn: "Zoom in", "Or mouse wheel",
        Canvas, [key("Plus"), key("Equals")], Always, |_| zoom(ZoomCommand::In);
    ZoomOut: "Zoom out", "Or mouse wheel",
        Canvas, [key("Minus")], Always, |_| zoom(ZoomCommand::Out);
    ZoomRegion: "Zoom to the region", "Zoom to the selected region",
        Canvas, [key("Z")], IfOpened(|opened| opened.region.is_some()), |_| zoom(ZoomCommand::Region);
    ToggleKeepView: "Keep zoom and position", "When you switch to another image",
        Canvas, [key("K")], Always, |_| Some(Canvas(CanvasCommand::ToggleKeepView));
    ToggleSmooth: "Smooth pixels", "Smooth or square pixels from 300 %",
        Canvas, [key("M")], Always, |_| Some(Canvas(CanvasCommand::ToggleSmooth));
    HoldToHide: "Hide the boxes", "While the key is held",
        Canvas, [key("H")], Always, in_window;
    HoldToSolo: "Show only the region's tag", "While the key is held",
        Canvas, [key("S")], Always, in_window;
    TourNext: "Fly to the next region", "In the current list, across images",
        Canvas, [key("N")], Always, |_| Some(Canvas(CanvasCommand::Tour(1)));
    TourPrevious: "Fly to the previous region", "In the current list, across images",
        Canvas, [key("P")], Always, |_| Some(Canvas(CanvasCommand::Tour(-1)));
    Compare: "Compare", "Side by side with the pinned image, another selected one, or the next",
        Canvas, [key("V")], Always, |_| compare(CompareCommand::Toggle);
    SwapCompared: "Swap the compared images", "",
        Canvas, [key("W")], IfOpened(is_comparing), |_| compare(CompareCommand::Swap);
    ToggleLock: "Lock the compared images", "Zoom and pan them together or separately",
        Canvas, [key("L")], IfOpened(is_comparing), |_| compare(CompareCommand::ToggleLock);
    NextCompared: "Next compared image", "Replace the other image",
        Canvas, [shift("ArrowRight")], IfOpened(is_comparing), |_| compare(CompareCommand::Step(1));
    PreviousCompared: "Previous compared image", "Replace the other image",
        Canvas, [shift("ArrowLeft")], IfOpened(is_comparing), |_| compare(CompareCommand::Step(-1));
    TogglePin: "Pin the image for comparison", "Compare others with it; press again to unpin",
        Canvas, [shift("V")], Always, |_| compare(CompareCommand::TogglePin);
    Adjust: "Adjust", "Brightness, contrast and gamma, on the screen only",
        Canvas, [key("G")], Always, |_| Some(Canvas(CanvasCommand::ToggleAdjusting));
    AdjustNothing: "Reset adjustments", "Show the picture unchanged",
        Canvas, [shift("G")], IfOpened(|opened| !opened.tools.adjust.is_neutral()),
        |_| Some(Canvas(CanvasCommand::Adjust(Adjust::default())));
    CopyImageJson: "Copy the image as JSON", "With the service's field names, without URLs",
        Project, [ctrl("C")], IfOpened(|opened| opened.cursor.is_some()),
        |_| Some(Canvas(CanvasCommand::CopyImageJson));
    NextFinding: "Next finding", "In the current list, on the canvas",
        Project, [key("CloseBracket"), key("F8")], Always, |_| Some(Check(CheckCommand::Step(1)));
    PreviousFinding: "Previous finding", "In the current list, on the canvas",
        Project, [key("OpenBracket"), shift("F8")], Always, |_| Some(Check(CheckCommand::Step(-1)));
    NextChange: "Next change", "Since the compared state, on the canvas",
        Project, [key("CloseCurlyBracket"), key("F7")], IfOpened(has_changes),
        |_| Some(Changes(ChangesCommand::Step(1)));
    PreviousChange: "Previous change", "Since the compared state, on the canvas",
        Project, [key("OpenCurlyBracket"), shift("F7")], IfOpened(has_changes),
        |_| Some(Changes(ChangesCommand::Step(-1)));
    DismissFinding: "Dismiss the finding", "Not a mistake; go to the next finding",
        Canvas, [key("D")], Always, |_| Some(Check(CheckCommand::DismissCurrent));
    UndoDismiss: "Undo the last dismissal", "The finding is listed again",
        Project, [], IfOpened(has_dismissed), |_| Some(Check(CheckCommand::UndoDismiss));
    ShowDismissed: "Show or hide dismissed findings", "In the inspector",
        Project, [], IfOpened(has_dismissed), |_| Some(Check(CheckCommand::ToggleDismissed));
    FindDuplicates: "Find near-duplicates", "Downloads the thumbnails it needs",
        Project, [], IfOpened(|opened| opened.is_connected && opened.checks.can_search(&opened.catalogue)),
        |_| Some(Check(CheckCommand::FindDuplicates));
    StopDuplicates: "Stop the near-duplicate search", "Compares the pictures processed so far",
        Project, [], IfOpened(|opened| opened.checks.is_searching()), |_| Some(Check(CheckCommand::StopDuplicates));
    Accept: "Accept", "The labels are right",
        Project, [key("A")], Always, |_| decide(Verdict::Accepted);
    Reject: "Reject", "The labels are wrong",
        Project, [key("R")], Always, |_| decide(Verdict::Rejected);
    Flag: "Flag", "Mark for a second look",
        Project, [key("F")], Always, |_| decide(Verdict::Flagged);
    ConfirmNegative: "Confirm as negative", "The image really has nothing to label",
        Project, [key("X")], Always, |_| decide(Verdict::Negative);
    ClearVerdict: "Clear the verdict", "As if it was not reviewed",
        Project, [key("Backspace")], Always, |_| Some(Review(ReviewCommand::ClearHere));
    BlameLabel: "The label is wrong", "About the selected prediction or label: the model is right",
        Project, [key("J")], IfOpened(has_predictions),
        |_| Some(Review(ReviewCommand::BlameHere(Some(Blame::Label))));
    BlameModel: "The model is wrong", "About the selected prediction or label: the label is right",
        Project, [shift("J")], IfOpened(has_predictions),
        |_| Some(Review(ReviewCommand::BlameHere(Some(Blame::Model))));
    SaveOutcomes: "Save outcomes...", "Save the predictions with their outcomes to a file",
        Project, [], IfOpened(has_predictions), |_| Some(Predictions(PredictionsCommand::AskSave));
    Comment: "Comment...", "On the region, the image or the selection",
        Project, [key("C")], Always, |_| show(Dialog::Comment);
    QuickComment1: "Quick comment 1", QUICK,
        Project, [alt("1")], If(|state| state.settings.quick_comments.get(0).is_some()), |_| quick_comment(0);
    QuickComment2: "Quick comment 2", QUICK,
        Project, [alt("2")], If(|state| state.settings.quick_comments.get(1).is_some()), |_| quick_comment(1);
    QuickComment3: "Quick comment 3", QUICK,
        Project, [alt("3")], If(|state| state.settings.quick_comments.get(2).is_some()), |_| quick_comment(2);
    QuickComment4: "Quick comment 4", QUICK,
        Project, [alt("4")], If(|state| state.settings.quick_comments.get(3).is_some()), |_| quick_comment(3);
    QuickComment5: "Quick comment 5", QUICK,
        Project, [alt("5")], If(|state| state.settings.quick_comments.get(4).is_some()), |_| quick_comment(4);
    QuickComment6: "Quick comment 6", QUICK,
        Project, [alt("6")], If(|state| state.settings.quick_comments.get(5).is_some()), |_| quick_comment(5);
    QuickComment7: "Quick comment 7", QUICK,
        Project, [alt("7")], If(|state| state.settings.quick_comments.get(6).is_some()), |_| quick_comment(6);
    QuickComment8: "Quick comment 8", QUICK,
        Project, [alt("8")], If(|state| state.settings.quick_comments.get(7).is_some()), |_| quick_comment(7);
    QuickComment9: "Quick comment 9", QUICK,
        Project, [alt("9")], If(|state| state.settings.quick_comments.get(8).is_some()), |_| quick_comment(8);
    QuickComments: "Quick comments...", "Edit the texts of the quick comment keys",
        Project, [], Always, |_| show(Dialog::QuickComments);
    Survey: "Progress and agreement...", "By reviewer and tag, with Cohen's kappa",
        Project, [], Always, |_| show(Dialog::Survey);
    Undo: "Undo the decision", "Including decisions from earlier days",
        Project, [key("U"), ctrl("Z")], Always, |_| Some(Review(ReviewCommand::Undo));
    Redo: "Redo the decision", "The last decision that was undone",
        Project, [ctrl_shift("Z"), ctrl("Y")], Always, |_| Some(Review(ReviewCommand::Redo));
    NextUnreviewed: "Next unreviewed", "In the current list",
        Project, [key("E")], Always, |_| Some(Review(ReviewCommand::StepUnreviewed(1)));
    PreviousUnreviewed: "Previous unreviewed", "In the current list",
        Project, [shift("E")], Always, |_| Some(Review(ReviewCommand::StepUnreviewed(-1)));
    ToggleAdvance: "Move on after a decision", "Moves to the next unreviewed item, or stays",
        Project, [], Always, |_| Some(Review(ReviewCommand::ToggleAdvance));
    Reviews: "Reviews...", "Reviewer name, export and import, confirmation",
        Project, [], Always, |_| show(Dialog::Reviews);
    LargerText: "Larger text", "Text and controls, up to 200 %",
        Everywhere, [ctrl("Plus"), ctrl("Equals")], Always, |_| scale(ScaleCommand::Larger);
    SmallerText: "Smaller text", "Text and controls, down to 75 %",
        Everywhere, [ctrl("Minus")], Always, |_| scale(ScaleCommand::Smaller);
    NormalText: "Normal text size", "Use the system's text size",
        Everywhere, [ctrl("0")], Always, |_| scale(ScaleCommand::Normal);
    ThemeSystem: "Theme: system", "",
        Everywhere, [], Always, |_| theme(ThemeChoice::System);
    ThemeLight: "Theme: light", "",
        Everywhere, [], Always, |_| theme(ThemeChoice::Light);
    ThemeDark: "Theme: dark", "",
        Everywhere, [], Always, |_| theme(ThemeChoice::Dark);
    ClearCache: "Empty the disk cache", "Pictures are downloaded again when needed",
        Everywhere, [], Always, |_| Some(Settings(SettingsCommand::ClearCache));
}
