//! What an action lacks whose key is pressed where it can be used, and what to do first. Where there is simply nothing to
//! clear, stop or reset, there is nothing to say.

use super::Action;
use crate::state::{Opened, State};
use crate::view::View;

const NO_IMAGE: &str = "Choose an image first: click it, or go to it with the arrow keys.";
const NO_CROP: &str = "Choose a region first: click it, or go to it with the arrow keys.";
const NO_REGION: &str = "Select a region first: click it, or press Tab.";

impl Action {
    /// What it lacks, in words; `None`: nothing, or its key does nothing here.
    pub fn lack(self, state: &State) -> Option<&'static str> {
        let opened = state.opened.as_ref().filter(|_| self.is_in_place(state) && !self.is_enabled(state))?;
        match self {
            Self::OpenImage | Self::ToggleCursor => Some(if opened.view == View::Wall { NO_CROP } else { NO_IMAGE }),
            Self::CopyImageJson => Some(NO_IMAGE),
            Self::SimilarImages => Some(match opened.shows_images() {
                true if opened.view == View::Wall => NO_CROP,
                true => NO_IMAGE,
                false => "Choose an image on the grid first.",
            }),
            Self::SimilarRegions => Some(no_region(opened)),
            Self::ZoomRegion => Some(NO_REGION),
            Self::NextChange | Self::PreviousChange => Some("Compare the project with another state first."),
            Self::CycleLayer | Self::BlameLabel | Self::BlameModel => Some("Load predictions first."),
            Self::SwapCompared | Self::ToggleLock | Self::NextCompared | Self::PreviousCompared => {
                Some("Compare two images side by side first.")
            }
            _ => self.quick_comment().map(|_| "This key has no comment yet: give it one under Quick comments."),
        }
    }
}

fn no_region(opened: &Opened) -> &'static str {
    match opened.view {
        View::Canvas => NO_REGION,
        View::Wall if opened.wall.cursor.is_some_and(|item| item.prediction().is_some()) => {
            "Choose a label first: predictions are not compared."
        }
        View::Wall => NO_CROP,
        View::Grid | View::Statistics | View::Evaluation => "Choose a region first, on the region wall or the canvas.",
    }
}
