//! What the engine and the desktop report. Events with a generation are dropped when another project is open by then.

use std::path::PathBuf;
use std::sync::Arc;

use super::canvas::Pixel;
use super::changes::ChangesEvent;
use super::checks::CheckEvent;
use super::copying::CopyEvent;
use super::dialog::FolderPurpose;
use super::export::{DryRun, PlaceState};
use super::failure::Failure;
use super::listing::{ListingState, ProjectSummary};
use super::picture::{PictureInfo, PixelKey, PixelResult};
use super::predictions::PredictionsEvent;
use super::report::{ArchiveReport, ExportReport};
use super::retry::Interrupted;
use super::review::ReviewEvent;
use super::settings::SourceSpec;
use super::statistics::StatisticsEvent;
use super::task::{TaskId, TaskState};
use super::wall::WallEvent;
use domain::{
    Catalogue, Destination, ImageId, ImageIx, ImageRow, Iteration, IterationId, Page, Problem, ProjectId, Tag,
};
use formats::Class;

/// One report.
#[derive(Clone, Debug)]
pub enum Event {
    /// The state of the keychain, and whether it (or this session) has a key for the endpoint.
    KeyStatus {
        /// The endpoint asked about.
        endpoint: String,
        /// Whether a key is there.
        is_stored: bool,
        /// `None`: the keychain works; else why it does not, in words.
        keychain_problem: Option<String>,
    },
    /// The end of a test.
    Tested(Result<TestReport, Failure>),
    /// A source is open.
    Connected {
        /// The service, folder or store.
        source: SourceSpec,
        /// Its projects.
        projects: Vec<ProjectSummary>,
        /// Said when the key could not be kept, or when the archive is not as its manifest says.
        notice: Option<String>,
    },
    /// A list of an archive in an object store is on its way.
    Arriving {
        /// Of which source.
        source: SourceSpec,
        /// Bytes that have come.
        come: u64,
        /// Of so many.
        of: u64,
    },
    /// The store of an archive is waited for, or, with `None`, no longer.
    StoreWaits {
        /// Which source.
        source: SourceSpec,
        /// Why, in words.
        words: Option<String>,
    },
    /// A source could not be opened.
    ConnectFailed {
        /// The service, folder or store.
        source: SourceSpec,
        /// What went wrong, and what to do.
        failure: Failure,
    },
    /// Counts of a project that came after the list.
    ProjectCounts {
        /// The project's id.
        project: ProjectId,
        /// Its tags.
        tags: Option<u64>,
        /// Its tagged images.
        images: Option<u64>,
        /// An image to show for it.
        cover: Option<ImageId>,
    },
    /// The iterations of a project, newest first.
    Iterations {
        /// The project's id.
        project: ProjectId,
        /// Its iterations or why there are none.
        result: Result<Vec<Iteration>, Failure>,
    },
    /// Something about a list that was just read is in doubt.
    Doubts {
        /// Which list.
        doubted: Doubted,
        /// What, one sentence each; at least one.
        sentences: Vec<String>,
    },
    /// The tags of the opened project.
    Tags {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// All tags.
        tags: Vec<Tag>,
    },
    /// The list as it was at the last visit, before any page of the new one.
    LastVisit {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// All images of then; their addresses have no signatures.
        catalogue: Arc<Catalogue>,
    },
    /// The list of the last visit to a project whose service is not connected.
    Recalled {
        /// The endpoint asked about.
        endpoint: String,
        /// The project's id.
        project: ProjectId,
        /// Which iteration; `None`: the workspace.
        iteration: Option<IterationId>,
        /// All images of then; their addresses have no signatures.
        catalogue: Arc<Catalogue>,
        /// When it was kept, seconds since 1970.
        kept_unix: Option<i64>,
    },
    /// Some images of the opened project, in order.
    Page {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// The rows.
        page: Page,
    },
    /// Fresh rows of images that are listed already (new signatures).
    Refreshed {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// The rows.
        rows: Vec<ImageRow>,
    },
    /// How the listing stands.
    Listing {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// The state.
        state: ListingState,
    },
    /// Pictures wait: the service or the host of the pictures has too much to do, or is not to be reached.
    Waiting {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// Why and for how long; `None`: no longer.
        words: Option<String>,
    },
    /// A thumbnail, a picture or a tile, or why there is none.
    Pixels {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// Which pixels.
        key: PixelKey,
        /// The pixels.
        result: PixelResult,
    },
    /// The sizes of originals that are on this computer.
    OriginalSizes {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// Upright width and height, by image.
        sizes: Vec<(ImageIx, (u32, u32))>,
    },
    /// Facts about a decoded picture; comes before its pixels.
    Picture {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// The facts.
        info: PictureInfo,
    },
    /// The color of a pixel.
    Pixel {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// The pixel.
        pixel: Pixel,
    },
    /// An oddity found while decoding.
    ImageProblem {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// The image's place in the catalogue.
        ix: ImageIx,
        /// The oddity in words.
        problem: Problem,
    },
    /// The end of a comparison with another state.
    Changes {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// What came of it.
        event: ChangesEvent,
    },
    /// Something about predictions.
    Predictions {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// What has happened.
        event: PredictionsEvent,
    },
    /// Something about findings.
    Check {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// What has happened.
        event: CheckEvent,
    },
    /// What came of a picture or file for another program.
    Copied {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// What has happened.
        event: CopyEvent,
    },
    /// Something about decisions.
    Review {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// What has happened.
        event: ReviewEvent,
    },
    /// Something about the region wall.
    Wall {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// What has happened.
        event: WallEvent,
    },
    /// Something about statistics.
    Statistics {
        /// The generation of the listing that it belongs to.
        generation: u64,
        /// What has happened.
        event: StatisticsEvent,
    },
    /// A task continues.
    Task {
        /// The task's id.
        task: TaskId,
        /// How far.
        state: TaskState,
    },
    /// Jobs that an earlier session began and did not end.
    Interrupted(Vec<Interrupted>),
    /// What an interrupted job has left is gone, or why it is not.
    Discarded {
        /// The task's id.
        task: TaskId,
        /// How it went.
        result: Result<(), Failure>,
    },
    /// What an export would leave out.
    DryRun(Box<DryRun>),
    /// What stands where an export is to go.
    PlaceSeen {
        /// A folder on this computer, or a prefix in an object store.
        place: Destination,
        /// Free, taken, unfinished, or being written.
        state: PlaceState,
    },
    /// The order of classes of an earlier export.
    ClassesRead {
        /// Its folder.
        folder: PathBuf,
        /// The classes.
        result: Result<Vec<Class>, Failure>,
    },
    /// An export is published.
    ExportDone {
        /// The task's id.
        task: TaskId,
        /// The report.
        report: Box<ExportReport>,
    },
    /// An archive is in its place.
    ArchiveDone {
        /// The task's id.
        task: TaskId,
        /// The report.
        report: Box<ArchiveReport>,
    },
    /// A task has ended without success; nothing of it is left.
    TaskFailed {
        /// The task's id.
        task: TaskId,
        /// What went wrong, and what to do.
        failure: Failure,
    },
    /// Bytes in the disk cache.
    CacheSize(u64),
    /// Why new pictures are not kept on disk and what to do, in words; `None`: they are again.
    CacheProblem(Option<String>),
    /// Whether the system asks for less motion.
    ReducedMotion(bool),
    /// Settings could not be saved.
    SettingsFailed(Failure),
    /// A folder dialog has closed.
    FolderPicked {
        /// What for.
        purpose: FolderPurpose,
        /// The folder; `None`: canceled, or there is no dialog on this system.
        path: Option<PathBuf>,
    },
}

/// A list that the user is warned about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubted {
    /// The projects of the source.
    Projects,
    /// The iterations of a project.
    Iterations,
    /// The tags of the open project.
    Tags,
    /// The lists of an archive, which are not as its manifest says.
    Archive,
}

/// What a test found.
#[derive(Clone, Debug, PartialEq)]
pub struct TestReport {
    /// Number of projects that the key can see.
    pub project_count: usize,
}
