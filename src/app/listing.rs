//! How the listing of a project stands, and what a list of projects shows of each.

use super::failure::Failure;
use domain::{ImageId, Project, ProjectKind, Tally};

#[derive(Clone, Debug, PartialEq)]
pub enum ListingState {
    /// Pages are coming: images so far, of those that the service counts. `waiting` says why it waits, when it does.
    Running { listed: u64, total: Option<u64>, pages_per_second: f32, waiting: Option<String> },
    /// All images are here; `gone` of them have left the service since.
    Complete { listed: u64, gone: u64, seconds: f32 },
    /// Every page came, but they are not all images that the service counts, or some may have been missed.
    Incomplete { tally: Tally },
    /// It stopped early; what came stays, and [`Effect::ResumeListing`](super::Effect::ResumeListing) continues.
    Failed { listed: u64, total: Option<u64>, failure: Failure },
}

#[derive(Clone, Debug, PartialEq)]
pub struct ProjectSummary {
    pub project: Project,
    pub kind: ProjectKind,
    pub tag_count: Option<u64>,
    pub image_count: Option<u64>,
    /// An image to show for it, once known; its pixels come as [`PixelKey::Cover`](super::PixelKey::Cover).
    pub cover: Option<ImageId>,
}
