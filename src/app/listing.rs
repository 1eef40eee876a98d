//! How the listing of a project stands, and what a list of projects shows of each.

use super::failure::Failure;
use domain::{ImageId, Project, ProjectKind, Tally};

/// How the listing of the images stands.
#[derive(Clone, Debug, PartialEq)]
pub enum ListingState {
    /// Pages are coming.
    Running {
        /// Images so far.
        listed: u64,
        /// Images that the service counts.
        total: Option<u64>,
        /// Pages a second, lately.
        pages_per_second: f32,
        /// Why it waits, in words, when it does ("the service asks to slow down, 6 s").
        waiting: Option<String>,
    },
    /// All images are here.
    Complete {
        /// How many came.
        listed: u64,
        /// How many of them have left the service since.
        gone: u64,
        /// Seconds it took.
        seconds: f32,
    },
    /// Every page came, but they are not all images that the service counts, or some may have been missed.
    Incomplete {
        /// What is known.
        tally: Tally,
    },
    /// It stopped early; what came stays, and [`Effect::ResumeListing`](super::Effect::ResumeListing) continues.
    Failed {
        /// Images that came.
        listed: u64,
        /// Images that the service counts, when known.
        total: Option<u64>,
        /// What went wrong, and what to do.
        failure: Failure,
    },
}

/// A project in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectSummary {
    /// The project.
    pub project: Project,
    /// What it trains.
    pub kind: ProjectKind,
    /// Tags, once known.
    pub tag_count: Option<u64>,
    /// Tagged images, once known.
    pub image_count: Option<u64>,
    /// An image to show for it, once known; its pixels come as [`PixelKey::Cover`](super::PixelKey::Cover).
    pub cover: Option<ImageId>,
}
