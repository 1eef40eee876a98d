//! What the engine and the desktop report. Events with a `generation` (of a listing) are dropped when another project
//! is open by then. No `iteration` is the workspace.

use std::path::PathBuf;
use std::sync::Arc;

use super::canvas::Pixel;
use super::changes::ChangesEvent;
use super::checks::CheckEvent;
use super::dialog::FolderPurpose;
use super::export::{DryRun, PlaceState};
use super::failure::Failure;
use super::picture::CopyEvent;
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
    Catalogue, Destination, ImageId, ImageIx, ImageRow, Iteration, IterationId, ListingReport, Page, Problem, Project,
    ProjectId, ProjectKind, Tag,
};
use formats::Class;

#[derive(Clone, Debug)]
pub enum Event {
    /// The state of the keychain (`None`: it works; else why not, in words), and whether it or this session has a key.
    KeyStatus { endpoint: String, is_stored: bool, keychain_problem: Option<String> },
    /// The end of a test.
    Tested(Result<TestReport, Failure>),
    /// A source is open. `notice`: the key could not be kept, or the archive is not as its manifest says.
    Connected { source: SourceSpec, projects: Vec<ProjectSummary>, notice: Option<String> },
    /// A list of an archive in an object store is on its way: bytes that have come, of all.
    Arriving { source: SourceSpec, come: u64, of: u64 },
    /// The store of an archive is waited for, or, with `None`, no longer.
    StoreWaits { source: SourceSpec, words: Option<String> },
    /// A source could not be opened.
    ConnectFailed { source: SourceSpec, failure: Failure },
    /// Counts of a project that came after the list: tags, tagged images, and an image to show for it.
    ProjectCounts { project: ProjectId, tags: Option<u64>, images: Option<u64>, cover: Option<ImageId> },
    /// The iterations of a project, newest first.
    Iterations { project: ProjectId, result: Result<Vec<Iteration>, Failure> },
    /// Something about a list that was just read is in doubt, a sentence each; at least one.
    Doubts { doubted: Doubted, sentences: Vec<String> },
    /// The tags of the opened project.
    Tags { generation: u64, tags: Vec<Tag> },
    /// The list as it was at the last visit, before any page of the new one; its addresses have no signatures.
    LastVisit { generation: u64, catalogue: Arc<Catalogue> },
    /// The list of the last visit to a project whose service is not connected; its addresses have no signatures.
    Recalled {
        endpoint: String,
        project: ProjectId,
        iteration: Option<IterationId>,
        catalogue: Arc<Catalogue>,
        kept_unix: Option<i64>,
    },
    /// Some images of the opened project, in order.
    Page { generation: u64, page: Page },
    /// Fresh rows of images that are listed already (new signatures).
    Refreshed { generation: u64, rows: Vec<ImageRow> },
    /// How the listing stands.
    Listing { generation: u64, state: ListingState },
    /// Pictures wait because their host is busy or cannot be reached: why and how long; `None`: no longer.
    Waiting { generation: u64, words: Option<String> },
    /// A thumbnail, a picture or a tile, or why there is none.
    Pixels { generation: u64, key: PixelKey, result: PixelResult },
    /// The sizes of originals that are on this computer: upright width and height.
    OriginalSizes { generation: u64, sizes: Vec<(ImageIx, (u32, u32))> },
    /// Facts about a decoded picture; comes before its pixels.
    Picture { generation: u64, info: PictureInfo },
    /// The color of a pixel.
    Pixel { generation: u64, pixel: Pixel },
    /// An oddity found while decoding.
    ImageProblem { generation: u64, ix: ImageIx, problem: Problem },
    /// The end of a comparison with another state.
    Changes { generation: u64, event: ChangesEvent },
    /// Something about predictions.
    Predictions { generation: u64, event: PredictionsEvent },
    /// Something about findings.
    Check { generation: u64, event: CheckEvent },
    /// What came of a picture or file for another program.
    Copied { generation: u64, event: CopyEvent },
    /// Something about decisions.
    Review { generation: u64, event: ReviewEvent },
    /// Something about the region wall.
    Wall { generation: u64, event: WallEvent },
    /// Something about statistics.
    Statistics { generation: u64, event: StatisticsEvent },
    /// A task continues.
    Task { task: TaskId, state: TaskState },
    /// Jobs that an earlier session began and did not end.
    Interrupted(Vec<Interrupted>),
    /// What an interrupted job has left is gone, or why it is not.
    Discarded { task: TaskId, result: Result<(), Failure> },
    /// What an export would leave out.
    DryRun(Box<DryRun>),
    /// What stands where an export is to go.
    PlaceSeen { place: Destination, state: PlaceState },
    /// The order of classes of an earlier export.
    ClassesRead { folder: PathBuf, result: Result<Vec<Class>, Failure> },
    /// An export is published.
    ExportDone { task: TaskId, report: Box<ExportReport> },
    /// An archive is in its place.
    ArchiveDone { task: TaskId, report: Box<ArchiveReport> },
    /// A task has ended without success; nothing of it is left.
    TaskFailed { task: TaskId, failure: Failure },
    /// Bytes in the disk cache.
    CacheSize(u64),
    /// Why new pictures are not kept on disk and what to do, in words; `None`: they are again.
    CacheProblem(Option<String>),
    /// Whether the system asks for less motion.
    ReducedMotion(bool),
    /// Settings could not be saved.
    SettingsFailed(Failure),
    /// A folder dialog has closed; no `path`: canceled, or there is no dialog on this system.
    FolderPicked { purpose: FolderPurpose, path: Option<PathBuf> },
}

/// A list that the user is warned about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubted {
    Projects,
    Iterations,
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

#[derive(Clone, Debug, PartialEq)]
pub enum ListingState {
    /// Pages are coming: images so far, of those that the service counts. `waiting` says why it waits, when it does.
    Running { listed: u64, total: Option<u64>, pages_per_second: f32, waiting: Option<String> },
    /// All images are here; `gone` of them have left the service since.
    Complete { listed: u64, gone: u64, seconds: f32 },
    /// Every page came, but they are not all images that the service counts, or some may have been missed.
    Incomplete { report: ListingReport },
    /// It stopped early; what came stays, and [`Effect::ResumeListing`](super::Effect::ResumeListing) continues.
    Failed { listed: u64, total: Option<u64>, failure: Failure },
}

#[derive(Clone, Debug, PartialEq)]
pub struct ProjectSummary {
    pub project: Project,
    pub kind: ProjectKind,
    pub tag_count: Option<u64>,
    pub image_count: Option<u64>,
    /// An image to show for it, once known; its pixels come as [`PixelKey::Cover`].
    pub cover: Option<ImageId>,
}
