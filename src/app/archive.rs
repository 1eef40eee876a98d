//! The whole project into a folder: the job, its report, and the dialog's fields. The way to leave the service.

use std::sync::Arc;

use super::failure::Failure;
use super::retry::ArchivePlan;
use super::task::TaskId;
use domain::{Destination, Project, ProjectId};

#[derive(Clone, Debug)]
pub struct ArchiveJob {
    pub task: TaskId,
    /// What starts it again, for the list of running jobs; `None`: it is on no list.
    pub plan: Option<Arc<ArchivePlan>>,
    pub project: Project,
    /// Where it goes: a place that is free, or an archive of the same project on this computer, which is then updated.
    pub out: Destination,
    /// Whether to continue with what an interrupted run has left.
    pub is_resumed: bool,
    pub has_thumbnails: bool,
    /// Whether the images of its iterations are taken too, with the tags and regions that each was trained on.
    pub has_iterations: bool,
    /// Whether what its iterations predict is taken too; then their images are as well.
    pub has_predictions: bool,
    /// Whether the archive also has the model files that the service has exported; it then has the iterations' images too.
    pub has_models: bool,
}

/// The fields of the dialog "Leave Custom Vision...".
#[derive(Clone, Debug, PartialEq)]
pub struct LeaveForm {
    pub project: Option<ProjectId>,
    pub folder: String,
    pub has_thumbnails: bool,
    pub has_iterations: bool,
    pub failure: Option<Failure>,
}

impl Default for LeaveForm {
    fn default() -> Self {
        Self { project: None, folder: String::new(), has_thumbnails: true, has_iterations: true, failure: None }
    }
}
