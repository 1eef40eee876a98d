//! What an action is called, where it can be used, and the keys it has from the start.

use super::{Action, ActionText, Place};
use crate::chord::{Chord, alt, ctrl, ctrl_shift, key, keys, shift};

/// What is said of each quick comment.
const QUICK: &str = "On the region, the image or the selection; Quick comments... changes the words";

impl Action {
    /// Its words and keys. What a person has made of the keys is in [`KeyMap`](crate::KeyMap): ask that for what to show.
    pub fn text(self) -> ActionText {
        use Place as P;
        let (label, tooltip, place, keys): (_, _, _, &'static [Chord]) = match self {
            Self::Palette => ("Command palette", "Type a command", P::Everywhere, keys![ctrl("K")]),
            Self::OpenMenu => (
                "Menu of this item",
                "Of the image, region or row that has the cursor or the keyboard",
                P::Everywhere,
                keys![key("Menu"), shift("F10")],
            ),
            Self::Help => ("Keyboard shortcuts", "All shortcuts", P::Everywhere, keys![key("Questionmark"), key("F1")]),
            Self::Diagnostics => ("Diagnostics", "Frame times, memory use and disk use", P::Everywhere, keys![]),
            Self::Settings => ("Settings", "Theme, memory and disk limits", P::Everywhere, keys![ctrl("Comma")]),
            Self::Tasks => ("Tasks", "Running and finished exports and archives", P::Everywhere, keys![ctrl("J")]),
            Self::Problems => ("Problems", "Rows of the list that could not be read in full", P::Project, &[]),
            Self::Findings => ("Findings...", "Likely label mistakes, and thresholds", P::Project, &[]),
            Self::CompareState => {
                ("Compare with another state...", "What has changed since an archive or iteration", P::Project, &[])
            }
            Self::Predictions => ("Predictions...", "Compare what a model predicts with the labels", P::Project, &[]),
            Self::Back => ("Back", "Close the current dialog or view", P::Everywhere, keys![key("Escape")]),
            Self::Quit => ("Quit", "Close Tagscope", P::Everywhere, keys![ctrl("Q")]),
            Self::OpenFolder => {
                ("Open an archive or a dataset...", "A folder or file on disk", P::Everywhere, keys![ctrl("O")])
            }
            Self::OpenSample => ("Open the sample project", "Needs no account", P::Everywhere, &[]),
            Self::Disconnect => ("Disconnect", "Back to the connect screen", P::Everywhere, &[]),
            Self::CloseProject => ("Close the project", "Back to the list of projects", P::Project, keys![ctrl("W")]),
            Self::Refresh => {
                ("Reload the list", "Load the list of images again from its source", P::Project, keys![key("F5")])
            }
            Self::StopListing => ("Stop listing", "Keep the images listed so far", P::Project, &[]),
            Self::ToggleUntagged => (
                "Show or hide images without tags",
                "Lists the images that nobody has labeled yet; tag:none finds them",
                P::Project,
                &[],
            ),
            Self::FindText => (
                "Query...",
                "Filter images by tag, region, size, date, metadata, review, finding or text",
                P::Project,
                keys![ctrl("F"), key("Slash")],
            ),
            Self::ClearFilter => ("Clear the query", "Show all images", P::Project, keys![ctrl_shift("F")]),
            Self::AskAgain => (
                "Refresh the list",
                "The list stays as it is while you review; this applies your decisions to it",
                P::Project,
                keys![key("Q")],
            ),
            Self::Sample => {
                ("Random sample: 50 of each tag", "In the query box; again: another sample", P::Project, &[])
            }
            Self::SelectAll => ("Select all shown", "All images that match the query", P::Project, keys![ctrl("A")]),
            Self::SelectNone => ("Select none", "Clear the selection", P::Project, keys![ctrl_shift("A")]),
            Self::InvertSelection => ("Invert the selection", "Among the shown images", P::Project, keys![ctrl("I")]),
            Self::ToggleCursor => {
                ("Select or unselect", "The image or region under the cursor", P::Cells, keys![key("Space")])
            }
            Self::OpenImage => ("Open the image", "On the canvas", P::Cells, keys![key("Enter")]),
            Self::Export => {
                ("Export...", "Selected, shown or all images with their labels", P::Project, keys![ctrl("E")])
            }
            Self::Leave => ("Leave Custom Vision...", "Save the whole project in a verified archive", P::Project, &[]),
            Self::ShowGrid => ("Grid", "All images", P::Project, keys![ctrl("1")]),
            Self::ShowWall => ("Regions", "Every region as a crop, side by side", P::Project, keys![ctrl("2")]),
            Self::ShowStatistics => ("Statistics", "Plots of what is shown", P::Project, keys![ctrl("3")]),
            Self::ShowEvaluation => {
                ("Evaluation", "How predictions compare with the labels", P::Project, keys![ctrl("4")])
            }
            Self::SavePlots => ("Save all plots...", "As PNG and CSV", P::Statistics, keys![ctrl("S")]),
            Self::ToggleOverlays => {
                ("Show or hide boxes and tags", "On thumbnails and canvas", P::Project, keys![key("B")])
            }
            Self::CycleLayer => {
                ("Show labels, predictions or both", "Once predictions are loaded", P::Project, keys![key("O")])
            }
            Self::ToggleLeft => ("Tag panel", "Show or hide", P::Project, keys![ctrl("B")]),
            Self::ToggleRight => ("Inspector", "Show or hide", P::Project, keys![ctrl_shift("B")]),
            Self::FillCells => ("Fit or fill thumbnails", "The whole picture, or the whole cell", P::Project, &[]),
            Self::NextCaption => {
                ("Next caption of thumbnails", "None, file name, id, date, regions, size", P::Project, &[])
            }
            Self::DimOthers => {
                ("Dim the other boxes", "While a region is selected on the canvas; or no longer", P::Project, &[])
            }
            Self::LargerThumbs => ("Larger thumbnails", "Or Ctrl+wheel", P::Cells, keys![key("Plus"), key("Equals")]),
            Self::SmallerThumbs => ("Smaller thumbnails", "Or Ctrl+wheel", P::Cells, keys![key("Minus")]),
            Self::SortNewest => ("Sort: newest first", "", P::Project, &[]),
            Self::SortOldest => ("Sort: oldest first", "", P::Project, &[]),
            Self::SortMostRegions => ("Sort: most regions first", "", P::Project, &[]),
            Self::SortFewestRegions => ("Sort: fewest regions first", "", P::Project, &[]),
            Self::SortLargest => ("Sort: largest first", "", P::Project, &[]),
            Self::SortTag => ("Sort: by tag", "", P::Project, &[]),
            Self::SortReview => ("Sort: by review state", "Unreviewed first", P::Project, &[]),
            Self::SortMostFindings => ("Sort: most findings first", "", P::Project, &[]),
            Self::SortSmallestRegion => ("Sort: smallest region first", "", P::Project, &[]),
            Self::SortFileName => ("Sort: by file name", "", P::Project, &[]),
            Self::SortRandom => ("Sort: random", "The same order each time", P::Project, &[]),
            Self::Shuffle => ("Sort: shuffle again", "Another random order", P::Project, &[]),
            Self::ReverseSort => ("Sort: reverse the order", "From the other end", P::Project, &[]),
            Self::GroupImages => {
                ("Group images: none, by first tag, by date", "Switches to the next grouping", P::Grid, keys![key("G")])
            }
            Self::SortRegionsLeastAlike => {
                ("Sort regions: outliers first", "Regions that differ most from the average of their tag", P::Wall, &[])
            }
            Self::SortRegionsAgain => {
                ("Sort again", "Include the pictures compared since the last sort", P::Wall, keys![shift("S")])
            }
            Self::GroupRegions => ("Group or ungroup regions", "", P::Wall, keys![key("G")]),
            Self::SimilarRegions => (
                "Similar regions",
                "All regions, those most similar to this one first; Esc ends it",
                P::Project,
                keys![key("Y")],
            ),
            Self::SimilarImages => (
                "Similar images",
                "All images, those most similar to this one first; Esc ends it",
                P::Project,
                keys![shift("Y")],
            ),
            Self::SortLooksLikeOther => (
                "Sort regions: looks like another tag",
                "Regions that are nearer to those of another tag than to those of their own",
                P::Wall,
                &[],
            ),
            Self::CursorLeft => ("Left", "Hold Shift to select", P::Cells, keys![key("ArrowLeft"), shift("ArrowLeft")]),
            Self::CursorRight => {
                ("Right", "Hold Shift to select", P::Cells, keys![key("ArrowRight"), shift("ArrowRight")])
            }
            Self::CursorUp => ("Up", "Hold Shift to select", P::Cells, keys![key("ArrowUp"), shift("ArrowUp")]),
            Self::CursorDown => ("Down", "Hold Shift to select", P::Cells, keys![key("ArrowDown"), shift("ArrowDown")]),
            Self::CursorPageUp => ("Page up", "Hold Shift to select", P::Cells, keys![key("PageUp"), shift("PageUp")]),
            Self::CursorPageDown => {
                ("Page down", "Hold Shift to select", P::Cells, keys![key("PageDown"), shift("PageDown")])
            }
            Self::CursorHome => ("First image", "Hold Shift to select", P::Cells, keys![key("Home"), shift("Home")]),
            Self::CursorEnd => ("Last image", "Hold Shift to select", P::Cells, keys![key("End"), shift("End")]),
            Self::NextImage => {
                ("Next image", "In the current list", P::Canvas, keys![key("ArrowRight"), key("PageDown")])
            }
            Self::PreviousImage => {
                ("Previous image", "In the current list", P::Canvas, keys![key("ArrowLeft"), key("PageUp")])
            }
            Self::NextRegion => ("Next region", "In this image", P::Canvas, keys![key("Tab")]),
            Self::PreviousRegion => ("Previous region", "In this image", P::Canvas, keys![shift("Tab")]),
            Self::Fit => ("Fit", "The whole image", P::Canvas, keys![key("0")]),
            Self::OneToOne => (
                "1:1",
                "One screen pixel per original pixel, at the pointer; press again for the listed size",
                P::Canvas,
                keys![key("1")],
            ),
            Self::ZoomIn => ("Zoom in", "Or mouse wheel", P::Canvas, keys![key("Plus"), key("Equals")]),
            Self::ZoomOut => ("Zoom out", "Or mouse wheel", P::Canvas, keys![key("Minus")]),
            Self::ZoomRegion => ("Zoom to the region", "Zoom to the selected region", P::Canvas, keys![key("Z")]),
            Self::ToggleKeepView => {
                ("Keep zoom and position", "When you switch to another image", P::Canvas, keys![key("K")])
            }
            Self::ToggleSmooth => ("Smooth pixels", "Smooth or square pixels from 300 %", P::Canvas, keys![key("M")]),
            Self::HoldToHide => ("Hide the boxes", "While the key is held", P::Canvas, keys![key("H")]),
            Self::HoldToSolo => ("Show only the region's tag", "While the key is held", P::Canvas, keys![key("S")]),
            Self::TourNext => {
                ("Fly to the next region", "In the current list, across images", P::Canvas, keys![key("N")])
            }
            Self::TourPrevious => {
                ("Fly to the previous region", "In the current list, across images", P::Canvas, keys![key("P")])
            }
            Self::Compare => (
                "Compare",
                "Side by side with the pinned image, another selected one, or the next",
                P::Canvas,
                keys![key("V")],
            ),
            Self::SwapCompared => ("Swap the compared images", "", P::Canvas, keys![key("W")]),
            Self::ToggleLock => {
                ("Lock the compared images", "Zoom and pan them together or separately", P::Canvas, keys![key("L")])
            }
            Self::NextCompared => {
                ("Next compared image", "Replace the other image", P::Canvas, keys![shift("ArrowRight")])
            }
            Self::PreviousCompared => {
                ("Previous compared image", "Replace the other image", P::Canvas, keys![shift("ArrowLeft")])
            }
            Self::TogglePin => (
                "Pin the image for comparison",
                "Compare others with it; press again to unpin",
                P::Canvas,
                keys![shift("V")],
            ),
            Self::Adjust => {
                ("Adjust", "Brightness, contrast and gamma, on the screen only", P::Canvas, keys![key("G")])
            }
            Self::AdjustNothing => ("Reset adjustments", "Show the picture unchanged", P::Canvas, keys![shift("G")]),
            Self::CopyImageJson => {
                ("Copy the image as JSON", "With the service's field names, without URLs", P::Project, keys![ctrl("C")])
            }
            Self::NextFinding => (
                "Next finding",
                "In the current list, on the canvas",
                P::Project,
                keys![key("CloseBracket"), key("F8")],
            ),
            Self::PreviousFinding => (
                "Previous finding",
                "In the current list, on the canvas",
                P::Project,
                keys![key("OpenBracket"), shift("F8")],
            ),
            Self::NextChange => (
                "Next change",
                "Since the compared state, on the canvas",
                P::Project,
                keys![key("CloseCurlyBracket"), key("F7")],
            ),
            Self::PreviousChange => (
                "Previous change",
                "Since the compared state, on the canvas",
                P::Project,
                keys![key("OpenCurlyBracket"), shift("F7")],
            ),
            Self::DismissFinding => {
                ("Dismiss the finding", "Not a problem; go to the next finding", P::Canvas, keys![key("D")])
            }
            Self::UndoDismiss => ("Undo the last dismissal", "The finding is listed again", P::Project, &[]),
            Self::ShowDismissed => ("Show or hide dismissed findings", "In the inspector", P::Project, &[]),
            Self::FindDuplicates => ("Find near-duplicates", "Downloads the thumbnails it needs", P::Project, &[]),
            Self::StopDuplicates => {
                ("Stop the near-duplicate search", "Compares the pictures processed so far", P::Project, &[])
            }
            Self::Accept => ("Accept", "The labels are right", P::Project, keys![key("A")]),
            Self::Reject => ("Reject", "The labels are wrong", P::Project, keys![key("R")]),
            Self::Flag => ("Flag", "Mark for a second look", P::Project, keys![key("F")]),
            Self::ConfirmNegative => {
                ("Confirm as negative", "The image really has nothing to label", P::Project, keys![key("X")])
            }
            Self::ClearVerdict => {
                ("Clear the verdict", "As if it was not reviewed", P::Project, keys![key("Backspace")])
            }
            Self::SaveOutcomes => {
                ("Save outcomes...", "Predictions and what becomes of them, in a file", P::Project, &[])
            }
            Self::BlameLabel => (
                "The label is wrong",
                "About the selected prediction or label: the model is right",
                P::Project,
                keys![key("J")],
            ),
            Self::BlameModel => (
                "The model is wrong",
                "About the selected prediction or label: the label is right",
                P::Project,
                keys![shift("J")],
            ),
            Self::Comment => ("Comment...", "On the region, the image or the selection", P::Project, keys![key("C")]),
            Self::QuickComment1 => ("Quick comment 1", QUICK, P::Project, keys![alt("1")]),
            Self::QuickComment2 => ("Quick comment 2", QUICK, P::Project, keys![alt("2")]),
            Self::QuickComment3 => ("Quick comment 3", QUICK, P::Project, keys![alt("3")]),
            Self::QuickComment4 => ("Quick comment 4", QUICK, P::Project, keys![alt("4")]),
            Self::QuickComment5 => ("Quick comment 5", QUICK, P::Project, keys![alt("5")]),
            Self::QuickComment6 => ("Quick comment 6", QUICK, P::Project, keys![alt("6")]),
            Self::QuickComment7 => ("Quick comment 7", QUICK, P::Project, keys![alt("7")]),
            Self::QuickComment8 => ("Quick comment 8", QUICK, P::Project, keys![alt("8")]),
            Self::QuickComment9 => ("Quick comment 9", QUICK, P::Project, keys![alt("9")]),
            Self::Survey => ("Progress and agreement...", "By reviewer and tag, with Cohen's kappa", P::Project, &[]),
            Self::QuickComments => ("Quick comments...", "The words on their keys", P::Project, &[]),
            Self::Undo => {
                ("Undo the decision", "Including decisions from earlier days", P::Project, keys![key("U"), ctrl("Z")])
            }
            Self::Redo => (
                "Redo the decision",
                "The last decision that was undone",
                P::Project,
                keys![ctrl_shift("Z"), ctrl("Y")],
            ),
            Self::NextUnreviewed => ("Next unreviewed", "In the current list", P::Project, keys![key("E")]),
            Self::PreviousUnreviewed => ("Previous unreviewed", "In the current list", P::Project, keys![shift("E")]),
            Self::ToggleAdvance => {
                ("Move on after a decision", "Moves to the next unreviewed item, or stays", P::Project, &[])
            }
            Self::Reviews => ("Reviews...", "Reviewer name, export and import, confirmation", P::Project, &[]),
            Self::LargerText => {
                ("Larger text", "Text and controls, up to 200 %", P::Everywhere, keys![ctrl("Plus"), ctrl("Equals")])
            }
            Self::SmallerText => {
                ("Smaller text", "Text and controls, down to 75 %", P::Everywhere, keys![ctrl("Minus")])
            }
            Self::NormalText => ("Normal text size", "As the system says", P::Everywhere, keys![ctrl("0")]),
            Self::ThemeSystem => ("Theme: system", "", P::Everywhere, &[]),
            Self::ThemeLight => ("Theme: light", "", P::Everywhere, &[]),
            Self::ThemeDark => ("Theme: dark", "", P::Everywhere, &[]),
            Self::ClearCache => {
                ("Empty the disk cache", "Pictures are downloaded again when needed", P::Everywhere, &[])
            }
        };
        ActionText { label, tooltip, place, keys }
    }
}
