//! Dialogs, and what folders are picked for in them.

use super::task::TaskId;

/// A dialog; one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// All actions by name.
    Palette,
    /// All keys.
    Help,
    /// Export.
    Export,
    /// Leave Custom Vision.
    Leave,
    /// The report of an ended export or archive.
    Report(TaskId),
    /// Tasks.
    Tasks,
    /// Problems of the listing.
    Problems,
    /// Findings by kind, and their thresholds.
    Findings,
    /// Comparing with another state.
    Changes,
    /// Which predictions are shown.
    Predictions,
    /// Where a report of what has changed is saved to.
    SaveChanges,
    /// Settings.
    Settings,
    /// What is held in memory and on disk, and what frames cost.
    Diagnostics,
    /// A path field, for opening a folder.
    OpenFolder,
    /// A decision about many images.
    ConfirmReview,
    /// A comment on what is chosen.
    Comment,
    /// Export and import of reviews.
    Reviews,
    /// What each reviewer has done, and how two of them agree.
    Survey,
    /// The quick comments.
    QuickComments,
    /// Where plots are saved to.
    SavePlots,
    /// Where outcomes of predictions are saved to.
    SaveOutcomes,
    /// What to do about work under way that is about to be interrupted, or the wait for the disk.
    Quit,
}

impl Dialog {
    /// Whether it cannot be shown without an open project.
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

/// What a folder is picked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderPurpose {
    /// An archive or a dataset to open.
    Open,
    /// A place for an export.
    Export,
    /// An earlier export, for the order of its classes.
    Classes,
    /// A place for an archive.
    Archive,
    /// A place for saved plots.
    Plots,
    /// An archive or a dataset to compare with.
    Compare,
    /// A file of predictions.
    PredictionsFile,
    /// A folder of predictions.
    PredictionsFolder,
    /// The COCO file that the numbers in predictions belong to.
    PredictionsLabels,
    /// A place for a report of what has changed.
    ChangesReport,
    /// Where outcomes of predictions are saved.
    Outcomes,
    /// A file of reviews.
    ReviewsFile,
    /// A place for a file of reviews.
    ReviewsFolder,
}
