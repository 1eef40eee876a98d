//! What the state machine asks the outside world to do. The engine does most; the desktop does those marked so.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use super::archive::ArchiveJob;
use super::changes::{CompareJob, ReportJob};
use super::checks::CheckEffect;
use super::copying::CopyEffect;
use super::dialog::FolderPurpose;
use super::picture::{PictureRequest, ThumbRequest};
use super::predictions::PredictionsEffect;
use super::retry::ExportPlan;
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
    LookUpKey {
        /// The endpoint as typed, not normalized.
        endpoint: String,
    },
    /// Delete the keychain's entry -> `Event::KeyStatus`.
    RemoveKey {
        /// The endpoint as typed, not normalized.
        endpoint: String,
    },
    /// List the projects with this key and keep nothing -> `Event::Tested`.
    Test {
        /// The endpoint as typed, not normalized.
        endpoint: String,
        /// Which key.
        key: KeyChoice,
    },
    /// Connect to a source; replaces the one before -> `Event::Connected` or `Event::ConnectFailed`.
    Connect {
        /// Which source. [`SourceSpec::Sample`] is done by the desktop, which starts the built-in service first.
        source: SourceSpec,
        /// Which key; not used for folders.
        key: KeyChoice,
    },
    /// Give up the connection that is being made, and nothing else. Nothing is reported.
    StopConnecting,
    /// The list of the last visit to a project of a service that is not connected yet -> `Event::Recalled` if there is
    /// one that can be used.
    Recall {
        /// The service's endpoint as it was used then.
        endpoint: String,
        /// The project's id.
        project: ProjectId,
        /// Which iteration; `None`: the workspace.
        iteration: Option<IterationId>,
        /// Whether images without tags are listed too.
        has_untagged: bool,
    },
    /// Open a project of a service that is not connected: pictures come from the disk cache or not at all, and nothing
    /// is listed. Cancels the opening before; a connection that comes later leaves it as it is.
    OpenKept {
        /// Stamps all answers.
        generation: u64,
        /// The project's id.
        project: ProjectId,
        /// Which iteration; `None`: the workspace.
        iteration: Option<IterationId>,
    },
    /// Disconnect; cancels everything that is running for the source.
    Disconnect,
    /// Iterations of a project of the connected source -> `Event::Iterations`.
    ListIterations {
        /// The project's id.
        project: ProjectId,
    },
    /// Open a project of the connected source: its tags and its images, page by page. Cancels the one before ->
    /// `Event::LastVisit` if there was one, `Event::Tags`, `Event::Page`..., `Event::Listing`. Iterations are requested by [`Effect::ListIterations`].
    Open {
        /// Stamps all answers, so that late ones of another opening can be distinguished.
        generation: u64,
        /// The project's id.
        project: ProjectId,
        /// Which iteration; `None`: the workspace.
        iteration: Option<IterationId>,
        /// Whether images without tags are listed too.
        has_untagged: bool,
    },
    /// Continue with a project under a new generation because its images have got other indices: all that was requested
    /// with the old ones is dropped, what is painted moves, and nothing is listed.
    Renumber {
        /// Stamps all answers from now on.
        generation: u64,
        /// The project's id.
        project: ProjectId,
        /// Which iteration; `None`: the workspace.
        iteration: Option<IterationId>,
        /// The new index of each old one; `None`: the image is gone.
        places: Arc<[Option<ImageIx>]>,
    },
    /// Compare the open project with another state of it -> `Event::Changes`.
    Compare {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// With what.
        job: Box<CompareJob>,
    },
    /// Something about predictions -> `Event::Predictions`.
    Predictions {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// The work to be done.
        effect: PredictionsEffect,
    },
    /// Write a report of what has changed -> `Event::Changes`.
    SaveChanges {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// What, and where to.
        job: Box<ReportJob>,
    },
    /// Read the sizes of the originals of an archive -> `Event::OriginalSizes`.
    MeasureOriginals {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// All images.
        catalogue: Arc<Catalogue>,
    },
    /// Keep the list for the next visit.
    KeepList {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// Its iteration; `None`: the workspace.
        iteration: Option<IterationId>,
        /// Whether images without tags are listed too.
        has_untagged: bool,
        /// All images.
        catalogue: Arc<Catalogue>,
    },
    /// Stop the listing of a generation and nothing else -> `Event::Listing` with `FailureKind::Canceled`.
    StopListing {
        /// The generation of the listing that it belongs to.
        generation: u64,
    },
    /// Continue with a listing that failed or was stopped, where it stood -> `Event::Page`..., `Event::Listing`.
    ResumeListing {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// Its iteration; `None`: the workspace.
        iteration: Option<IterationId>,
        /// Whether images without tags are listed too.
        has_untagged: bool,
    },
    /// Pictures of projects for the list of recent ones, from the disk cache only -> `Event::Pixels` with
    /// generation 0 and `PixelKey::Cover`.
    WantCovers(Vec<(ProjectId, ImageId)>),
    /// Stop what is under way for a generation.
    Close {
        /// The generation of the listing that it belongs to.
        generation: u64,
    },
    /// The thumbnails wanted now, most wanted first. *Replaces* the requests before -> `Event::Pixels`.
    WantThumbs {
        /// Stamps the answers.
        generation: u64,
        /// All requests.
        requests: Vec<ThumbRequest>,
    },
    /// The large pictures wanted now. *Replaces* the request before -> `Event::Pixels`, `Event::Picture`.
    WantPicture {
        /// Stamps the answers.
        generation: u64,
        /// What the canvas shows; `None`: nothing.
        request: Option<PictureRequest>,
    },
    /// The color of a pixel of a picture on the canvas -> `Event::Pixel`.
    WantPixel {
        /// Stamps the answer.
        generation: u64,
        /// The image's place in the catalogue.
        ix: ImageIx,
        /// Where, in fractions of width and height.
        at: [f32; 2],
    },
    /// Something about findings of the open project.
    Check {
        /// Stamps the answers.
        generation: u64,
        /// The work to be done.
        effect: CheckEffect,
    },
    /// A picture or file for another program -> `Event::Copied`.
    Copy {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// The work to be done.
        effect: CopyEffect,
    },
    /// Something about decisions of the open project.
    Review {
        /// Stamps the answers.
        generation: u64,
        /// The work to be done.
        effect: ReviewEffect,
    },
    /// Something about the region wall of the open project.
    Wall {
        /// Stamps the answers.
        generation: u64,
        /// The work to be done.
        effect: WallEffect,
    },
    /// Something about statistics of the open project.
    Statistics {
        /// Stamps the answers.
        generation: u64,
        /// The work to be done.
        effect: StatisticsEffect,
    },
    /// Write files -> `Event::Task`, `Event::ExportDone` or `Event::TaskFailed`.
    Export(Box<ExportJob>),
    /// Archive a project -> `Event::Task`, `Event::ArchiveDone` or `Event::TaskFailed`.
    Archive(Box<ArchiveJob>),
    /// Look for jobs that an earlier session began and did not end -> `Event::Interrupted`.
    FindInterrupted,
    /// Remove what an interrupted job has left -> `Event::Discarded`.
    Discard {
        /// Its row of the task list.
        task: TaskId,
        /// Where it was to go.
        out: Destination,
    },
    /// Cancel a task -> `Event::TaskFailed` with `FailureKind::Canceled`.
    CancelTask(TaskId),
    /// Let a task rest (`true`), or continue.
    PauseTask(TaskId, bool),
    /// Find out what an export would leave out -> `Event::DryRun`. The one before is given up.
    DryRun {
        /// Which question it is.
        number: u64,
        /// What would be exported.
        job: Box<ExportJob>,
    },
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
    Announce {
        /// What has ended.
        title: String,
        /// The text below the title.
        body: String,
    },
    /// Desktop: close the window.
    Quit,
}

/// Which key to use.
#[derive(Clone, Debug)]
pub enum KeyChoice {
    /// The keychain's, or the one typed earlier in this session.
    Stored,
    /// This one.
    Typed {
        /// The key.
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
    /// The row of the task list.
    pub task: TaskId,
    /// What starts it again, for the list of running jobs; `None`: it is on no list.
    pub plan: Option<Arc<ExportPlan>>,
    /// The generation whose source the pictures come from.
    pub generation: u64,
    /// All images and tags.
    pub catalogue: Arc<Catalogue>,
    /// The chosen images, in the order of the export.
    pub images: Vec<ImageIx>,
    /// The project.
    pub project: Project,
    /// What it trains.
    pub kind: ProjectKind,
    /// The iteration; `None`: the workspace.
    pub iteration: Option<Iteration>,
    /// At least one format.
    pub formats: Vec<Format>,
    /// Pictures as uploaded, as resized by the service, or none.
    pub pixels: PixelChoice,
    /// What the person chose about the formats.
    pub options: FormatOptions,
    /// Images that are nearly the same, where the split keeps these together.
    pub near_duplicates: Arc<[[ImageIx; 2]]>,
    /// The query that let the images through; `None`: there was none.
    pub query: Option<String>,
    /// What is worth knowing about the list that the images are of, a sentence each.
    pub notes: Vec<String>,
    /// Where it goes; nothing may be there.
    pub out: Destination,
    /// Whether to continue with what an interrupted export to the same place has left.
    pub is_resumed: bool,
}
