//! What an action is called, where it can be used, and the keys it has from the start.

use super::{Action, ActionText, Place};
use crate::app::chord::{Chord, ctrl, ctrl_shift, key, keys, shift};

impl Action {
    /// Its words and keys. What a person has made of the keys is in [`KeyMap`](crate::app::KeyMap): ask that for what to show.
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
            Self::AskAgain => (
                "Refresh the list",
                "It stays as it is while you decide: take in what was decided since",
                P::Project,
                keys![key("Q")],
            ),
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
            Self::SavePlots => ("Save all plots...", "As pictures and as numbers", P::Statistics, keys![ctrl("S")]),
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
            Self::NextCompared => (
                "Next compared image",
                "In the place of the one without the cursor",
                P::Canvas,
                keys![shift("ArrowRight")],
            ),
            Self::PreviousCompared => (
                "Previous compared image",
                "In the place of the one without the cursor",
                P::Canvas,
                keys![shift("ArrowLeft")],
            ),
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
            Self::NextUnreviewed => ("Next unreviewed", "Of the shown images or regions", P::Project, keys![key("E")]),
            Self::PreviousUnreviewed => {
                ("Previous unreviewed", "Of the shown images or regions", P::Project, keys![shift("E")])
            }
            Self::ToggleAdvance => {
                ("Go on after a decision", "To the next image or region without one, or stay", P::Project, &[])
            }
            Self::Reviews => ("Reviews...", "Your name, export and import, how decisions ask", P::Project, &[]),
            Self::ThemeSystem => ("Theme: system", "", P::Everywhere, &[]),
            Self::ThemeLight => ("Theme: light", "", P::Everywhere, &[]),
            Self::ThemeDark => ("Theme: dark", "", P::Everywhere, &[]),
            Self::ClearCache => ("Empty the disk cache", "Pictures are fetched again when needed", P::Everywhere, &[]),
        };
        ActionText { label, tooltip, place, keys }
    }
}
