//! What the engine and the desktop report. Events with a generation are dropped when another project is open by then.

use std::path::PathBuf;
use std::sync::Arc;

use super::archive::ArchiveReport;
use super::canvas::Pixel;
use super::changes::ChangesEvent;
use super::checks::CheckEvent;
use super::effect::FolderPurpose;
use super::export::{DryRun, PlaceState};
use super::failure::Failure;
use super::predictions::PredictionsEvent;
use super::retry::Interrupted;
use super::review::ReviewEvent;
use super::settings::SourceSpec;
use super::statistics::StatisticsEvent;
use super::task::{ExportReport, TaskId, TaskState};
use super::wall::WallEvent;
use domain::{
    Catalogue, ImageId, ImageIx, ImageRow, Iteration, IterationId, Mipmap, Page, Problem, Project, ProjectId,
    ProjectKind, RegionIx, Tag, Tally,
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
        /// Which.
        source: SourceSpec,
        /// Its projects.
        projects: Vec<ProjectSummary>,
        /// Said when the key could not be kept, or when the archive is not as its manifest says.
        notice: Option<String>,
    },
    /// A source could not be opened.
    ConnectFailed {
        /// Which.
        source: SourceSpec,
        /// Why.
        failure: Failure,
    },
    /// Counts of a project that came after the list.
    ProjectCounts {
        /// Which project.
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
        /// Which project.
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
        /// Which opening.
        generation: u64,
        /// All tags.
        tags: Vec<Tag>,
    },
    /// The list as it was at the last visit, before any page of the new one.
    LastVisit {
        /// Which opening.
        generation: u64,
        /// All images of then; their addresses have no signatures.
        catalogue: Arc<Catalogue>,
    },
    /// The list of the last visit to a project whose service is not connected.
    Recalled {
        /// The endpoint asked about.
        endpoint: String,
        /// Which project.
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
        /// Which opening.
        generation: u64,
        /// The rows.
        page: Page,
    },
    /// Fresh rows of images that are listed already (new signatures).
    Refreshed {
        /// Which opening.
        generation: u64,
        /// The rows.
        rows: Vec<ImageRow>,
    },
    /// How the listing stands.
    Listing {
        /// Which opening.
        generation: u64,
        /// The state.
        state: ListingState,
    },
    /// Pictures wait: the service or the host of the pictures has too much to do, or is not to be reached.
    Waiting {
        /// Which opening.
        generation: u64,
        /// Why and for how long; `None`: no longer.
        words: Option<String>,
    },
    /// A thumbnail, a picture or a tile, or why there is none.
    Pixels {
        /// Which opening.
        generation: u64,
        /// Which pixels.
        key: PixelKey,
        /// The pixels.
        result: PixelResult,
    },
    /// The sizes of originals that are on this computer.
    OriginalSizes {
        /// Which opening.
        generation: u64,
        /// Upright width and height, by image.
        sizes: Vec<(ImageIx, (u32, u32))>,
    },
    /// Facts about a decoded picture; comes before its pixels.
    Picture {
        /// Which opening.
        generation: u64,
        /// The facts.
        info: PictureInfo,
    },
    /// The color of a pixel.
    Pixel {
        /// Which opening.
        generation: u64,
        /// The pixel.
        pixel: Pixel,
    },
    /// An oddity found while decoding.
    ImageProblem {
        /// Which opening.
        generation: u64,
        /// Which image.
        ix: ImageIx,
        /// What.
        problem: Problem,
    },
    /// The end of a comparison with another state.
    Changes {
        /// Of which opening.
        generation: u64,
        /// What came of it.
        event: ChangesEvent,
    },
    /// Something about predictions.
    Predictions {
        /// Of which opening.
        generation: u64,
        /// What.
        event: PredictionsEvent,
    },
    /// Something about findings.
    Check {
        /// Which opening.
        generation: u64,
        /// What.
        event: CheckEvent,
    },
    /// Something about decisions.
    Review {
        /// Which opening.
        generation: u64,
        /// What.
        event: ReviewEvent,
    },
    /// Something about the region wall.
    Wall {
        /// Which opening.
        generation: u64,
        /// What.
        event: WallEvent,
    },
    /// Something about statistics.
    Statistics {
        /// Which opening.
        generation: u64,
        /// What.
        event: StatisticsEvent,
    },
    /// A task continues.
    Task {
        /// Which.
        task: TaskId,
        /// How far.
        state: TaskState,
    },
    /// Jobs that an earlier session began and did not end.
    Interrupted(Vec<Interrupted>),
    /// What an interrupted job has left is gone, or why it is not.
    Discarded {
        /// Which.
        task: TaskId,
        /// How it went.
        result: Result<(), Failure>,
    },
    /// What an export would leave out.
    DryRun(Box<DryRun>),
    /// What stands where an export is to go.
    PlaceSeen {
        /// Where.
        path: PathBuf,
        /// What.
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
        /// Which task.
        task: TaskId,
        /// The report.
        report: Box<ExportReport>,
    },
    /// An archive is in its place.
    ArchiveDone {
        /// Which task.
        task: TaskId,
        /// The report.
        report: Box<ArchiveReport>,
    },
    /// A task has ended without success; nothing of it is left.
    TaskFailed {
        /// Which task.
        task: TaskId,
        /// Why.
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

/// A list that a person is warned about.
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
    /// An image to show for it, once known; its pixels come as [`PixelKey::Cover`].
    pub cover: Option<ImageId>,
}

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
        /// Why.
        failure: Failure,
    },
}

/// Which pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PixelKey {
    /// A thumbnail whose longest side is `side` (or less, when the picture is smaller).
    Thumb {
        /// Which image.
        ix: ImageIx,
        /// 64, 128, 256 or 512.
        side: u16,
    },
    /// The whole resized picture, at most 1600 x 900.
    Resized {
        /// Which image.
        ix: ImageIx,
    },
    /// A tile of the original: [`TILE_SIDE`] pixels a side (less at the right and bottom edge), of the picture
    /// halved `level` times.
    Tile {
        /// Which image.
        ix: ImageIx,
        /// 0: full size.
        level: u8,
        /// From 0, at the left.
        column: u16,
        /// From 0, at the top.
        row: u16,
    },
    /// A region with a little of what surrounds it, longest side `side` or less.
    Crop {
        /// Which region.
        region: RegionIx,
        /// 64, 128, 256 or 512.
        side: u16,
    },
    /// The picture of a project in a list of projects; its events carry generation 0.
    Cover {
        /// The image shown.
        id: ImageId,
    },
    /// An image that only the state has that the open project is compared with.
    Removed {
        /// Which image.
        id: ImageId,
    },
}

impl PixelKey {
    /// The key of the same pixels when images have got other indices; `None`: its image is gone.
    pub fn moved(self, place: impl Fn(ImageIx) -> Option<ImageIx>) -> Option<Self> {
        Some(match self {
            Self::Thumb { ix, side } => Self::Thumb { ix: place(ix)?, side },
            Self::Resized { ix } => Self::Resized { ix: place(ix)? },
            Self::Tile { ix, level, column, row } => Self::Tile { ix: place(ix)?, level, column, row },
            // Which region it is now is not known here: it is cut again.
            Self::Crop { .. } => return None,
            Self::Cover { id } => Self::Cover { id },
            Self::Removed { id } => Self::Removed { id },
        })
    }
}

/// Side of a tile of the original, in pixels.
pub const TILE_SIDE: u32 = 512;

/// Pixels, or why there are none.
pub type PixelResult = Result<Arc<Mipmap>, Failure>;

/// Facts about a decoded picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureInfo {
    /// Which image.
    pub ix: ImageIx,
    /// Which of its pictures.
    pub source: PictureSource,
    /// Upright width in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// `JPEG`, `PNG`, ...
    pub format: &'static str,
    /// Whether EXIF turned it.
    pub is_turned: bool,
    /// Whether the file has all pixels but lacks the marker at its end.
    pub lacks_end: bool,
}

/// Which of the large pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureSource {
    /// The resized one.
    Resized,
    /// The original.
    Original,
}
