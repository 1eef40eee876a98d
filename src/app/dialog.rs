//! Dialogs, what folders are picked for in them, and the fields of the one that archives a project.

use super::failure::Failure;
use super::task::TaskId;
use domain::ProjectId;

/// A dialog; one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    Palette,
    Help,
    Export,
    Leave,
    /// The report of an ended export or archive.
    Report(TaskId),
    Tasks,
    Problems,
    Findings,
    Changes,
    Predictions,
    SaveChanges,
    Settings,
    /// What is held in memory and on disk, and what frames cost.
    Diagnostics,
    /// A path field, for opening a folder.
    OpenFolder,
    /// A decision about many images.
    ConfirmReview,
    Comment,
    Reviews,
    /// What each reviewer has done, and how two of them agree.
    Survey,
    QuickComments,
    SavePlots,
    SaveOutcomes,
    /// What to do about work under way that is about to be interrupted, or the wait for the disk.
    Quit,
}

impl Dialog {
    pub(super) fn needs_project(self) -> bool {
        match self {
            Self::Export
            | Self::Leave
            | Self::Problems
            | Self::Findings
            | Self::Predictions
            | Self::Comment
            | Self::Reviews => true,
            Self::Palette
            | Self::Help
            | Self::Report(_)
            | Self::Tasks
            | Self::Changes
            | Self::SaveChanges
            | Self::Settings
            | Self::Diagnostics
            | Self::OpenFolder
            | Self::ConfirmReview
            | Self::Survey
            | Self::QuickComments
            | Self::SavePlots
            | Self::SaveOutcomes
            | Self::Quit => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderPurpose {
    /// An archive or a dataset to open.
    Open,
    Export,
    /// An earlier export, for the order of its classes.
    Classes,
    Archive,
    Plots,
    Compare,
    PredictionsFile,
    PredictionsFolder,
    /// The COCO file that the numbers in predictions belong to.
    PredictionsLabels,
    ChangesReport,
    Outcomes,
    ReviewsFile,
    ReviewsFolder,
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
