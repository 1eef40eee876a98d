//! Dialogs, and what folders are picked for in them.

use super::task::TaskId;

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
