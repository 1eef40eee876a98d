//! What the state machine asks the outside world to do. The engine does most; the desktop does those marked so.
//!
//! A `generation` stamps the answers: it is that of the listing they belong to. No `iteration` is the workspace. An
//! `endpoint` to look up, remove or test is as typed, not normalized.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use super::changes::{CompareJob, ReportJob};
use super::checks::CheckEffect;
use super::dialog::FolderPurpose;
use super::picture::CopyEffect;
use super::picture::{PictureRequest, ThumbRequest};
use super::predictions::PredictionsEffect;
use super::retry::{ArchivePlan, ExportPlan};
use super::review::ReviewEffect;
use super::settings::{Settings, SourceSpec};
use super::statistics::StatisticsEffect;
use super::task::TaskId;
use super::wall::WallEffect;
use domain::{
    Catalogue, Destination, ImageId, ImageIx, Iteration, IterationId, Project, ProjectId, ProjectKind, Raster,
};
use formats::{Format, FormatOptions, PixelChoice};

/// One thing to do. Answers come as [`Event`](super::Event)s.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Whether the keychain works and has a key for the endpoint -> `Event::KeyStatus`.
    LookUpKey { endpoint: String },
    /// Delete the keychain's entry -> `Event::KeyStatus`.
    RemoveKey { endpoint: String },
    /// List the projects with this key and keep nothing -> `Event::Tested`.
    Test { endpoint: String, key: KeyChoice },
    /// Connect to a source; replaces the one before -> `Event::Connected` or `Event::ConnectFailed`. The desktop does
    /// [`SourceSpec::Sample`], for which it starts the built-in service first. A folder needs no key.
    Connect { source: SourceSpec, key: KeyChoice },
    /// Give up the connection that is being made, and nothing else. Nothing is reported.
    StopConnecting,
    /// The list of the last visit to a project of a service that is not connected yet -> `Event::Recalled` if there is
    /// one that can be used.
    Recall { endpoint: String, project: ProjectId, iteration: Option<IterationId>, has_untagged: bool },
    /// Open a project of a service that is not connected: pictures come from the disk cache or not at all, and nothing
    /// is listed. Cancels the opening before; a connection that comes later leaves it as it is.
    OpenKept { generation: u64, project: ProjectId, iteration: Option<IterationId> },
    /// Disconnect; cancels everything that is running for the source.
    Disconnect,
    /// Iterations of a project of the connected source -> `Event::Iterations`.
    ListIterations { project: ProjectId },
    /// Open a project of the connected source: its tags and its images, page by page. Cancels the one before ->
    /// `Event::LastVisit` if there was one, `Event::Tags`, `Event::Page`..., `Event::Listing`. Iterations are requested by [`Effect::ListIterations`].
    Open { generation: u64, project: ProjectId, iteration: Option<IterationId>, has_untagged: bool },
    /// Continue with a project under a new generation because its images have got other indices: all that was requested
    /// with the old ones is dropped, what is painted moves, and nothing is listed. `places` has the new index of each
    /// old one; `None`: the image is gone.
    Renumber { generation: u64, project: ProjectId, iteration: Option<IterationId>, places: Arc<[Option<ImageIx>]> },
    /// Compare the open project with another state of it -> `Event::Changes`.
    Compare { generation: u64, job: Box<CompareJob> },
    /// Something about predictions -> `Event::Predictions`.
    Predictions { generation: u64, effect: PredictionsEffect },
    /// Write a report of what has changed -> `Event::Changes`.
    SaveChanges { generation: u64, job: Box<ReportJob> },
    /// Read the sizes of the originals of an archive -> `Event::OriginalSizes`.
    MeasureOriginals { generation: u64, catalogue: Arc<Catalogue> },
    /// Keep the list for the next visit.
    KeepList { generation: u64, iteration: Option<IterationId>, has_untagged: bool, catalogue: Arc<Catalogue> },
    /// Stop the listing of a generation and nothing else -> `Event::Listing` with `FailureKind::Canceled`.
    StopListing { generation: u64 },
    /// Continue with a listing that failed or was stopped, where it stood -> `Event::Page`..., `Event::Listing`.
    ResumeListing { generation: u64, iteration: Option<IterationId>, has_untagged: bool },
    /// Pictures of projects for the list of recent ones, from the disk cache only -> `Event::Pixels` with
    /// generation 0 and `PixelKey::Cover`.
    WantCovers(Vec<(ProjectId, ImageId)>),
    /// Stop what is under way for a generation.
    Close { generation: u64 },
    /// The thumbnails wanted now, most wanted first. *Replaces* the requests before -> `Event::Pixels`.
    WantThumbs { generation: u64, requests: Vec<ThumbRequest> },
    /// The large pictures wanted now. *Replaces* the request before -> `Event::Pixels`, `Event::Picture`.
    WantPicture { generation: u64, request: Option<PictureRequest> },
    /// The color of a pixel on the canvas, `at` in fractions of width and height -> `Event::Pixel`.
    WantPixel { generation: u64, ix: ImageIx, at: [f32; 2] },
    /// Something about findings of the open project.
    Check { generation: u64, effect: CheckEffect },
    /// A picture or file for another program -> `Event::Copied`.
    Copy { generation: u64, effect: CopyEffect },
    /// Something about decisions of the open project.
    Review { generation: u64, effect: ReviewEffect },
    /// Something about the region wall of the open project.
    Wall { generation: u64, effect: WallEffect },
    /// Something about statistics of the open project.
    Statistics { generation: u64, effect: StatisticsEffect },
    /// Write files -> `Event::Task`, `Event::ExportDone` or `Event::TaskFailed`.
    Export(Box<ExportJob>),
    /// Archive a project -> `Event::Task`, `Event::ArchiveDone` or `Event::TaskFailed`.
    Archive(Box<ArchiveJob>),
    /// Look for jobs that an earlier session began and did not end -> `Event::Interrupted`.
    FindInterrupted,
    /// Remove what an interrupted job has left -> `Event::Discarded`.
    Discard { task: TaskId, out: Destination },
    /// Cancel a task -> `Event::TaskFailed` with `FailureKind::Canceled`.
    CancelTask(TaskId),
    /// Let a task rest (`true`), or continue.
    PauseTask(TaskId, bool),
    /// Find out what an export would leave out -> `Event::DryRun`. The one before is given up.
    DryRun { number: u64, job: Box<ExportJob> },
    /// Look what stands where an export is to go -> `Event::PlaceSeen`.
    LookAtPlace(Destination),
    /// Read the order of classes of an earlier export -> `Event::ClassesRead`.
    ReadClasses(PathBuf),
    /// Keep the settings.
    SaveSettings(Box<Settings>),
    /// Empty the disk cache.
    ClearCache,
    /// Desktop: a folder dialog on a thread of its own -> `Event::FolderPicked`.
    PickFolder(FolderPurpose),
    /// Desktop: put a text on the clipboard.
    CopyText(String),
    /// Desktop: put a picture on the clipboard.
    CopyImage(Arc<Raster>),
    /// Desktop: show a file or folder in the system's file manager.
    Reveal(PathBuf),
    /// Desktop: say that work has ended to who looks at another window.
    Announce { title: String, body: String },
    /// Desktop: close the window.
    Quit,
}

#[derive(Clone, Debug)]
pub enum KeyChoice {
    /// The keychain's, or the one typed earlier in this session.
    Stored,
    /// This one.
    Typed {
        key: SecretString,
        /// Whether it goes into the keychain once the service has accepted it.
        keep: bool,
    },
    /// None (folders).
    None,
}

/// An export with all it needs: later changes of the state do not reach it.
#[derive(Clone, Debug)]
pub struct ExportJob {
    pub task: TaskId,
    /// What starts it again, for the list of running jobs; `None`: it is on no list.
    pub plan: Option<Arc<ExportPlan>>,
    /// The generation whose source the pictures come from.
    pub generation: u64,
    pub catalogue: Arc<Catalogue>,
    /// The chosen images, in the order of the export.
    pub images: Vec<ImageIx>,
    pub project: Project,
    pub kind: ProjectKind,
    pub iteration: Option<Iteration>,
    /// At least one format.
    pub formats: Vec<Format>,
    pub pixels: PixelChoice,
    pub options: FormatOptions,
    /// Images that are nearly the same, where the split keeps these together.
    pub near_duplicates: Arc<[[ImageIx; 2]]>,
    /// The query that let the images through; `None`: there was none.
    pub query: Option<String>,
    /// The tags that the images were listed by, as typed; empty: all were listed.
    pub tags: Vec<String>,
    /// What is worth knowing about the list that the images are of, a sentence each.
    pub notes: Vec<String>,
    /// Where it goes; nothing may be there.
    pub out: Destination,
    /// Whether to continue with what an interrupted export to the same place has left.
    pub is_resumed: bool,
}

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
