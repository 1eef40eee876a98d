//! Everything the window shows but its scroll positions and pixels. No key is in here.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::canvas::{CanvasTools, ZoomCommand};
use super::changes::ChangesState;
use super::checks::ChecksState;
use super::dialog::Dialog;
use super::dialog::LeaveForm;
use super::dropping::LeftBehind;
use super::event::{ListingState, ProjectSummary};
use super::export::ExportForm;
use super::failure::Failure;
use super::keys::{KeyMap, RefusedKeys};
use super::notice::Notice;
use super::picture::{PictureInfo, PictureSource, PixelKey};
use super::predictions::PredictionsState;
use super::query::QueryState;
use super::quit::Quitting;
use super::quit::Unsaved;
use super::review::ReviewState;
use super::review::SurveyBasis;
use super::settings::{ReduceMotion, Session, Settings, SourceSpec};
use super::similar::SimilarImages;
use super::statistics::StatisticsState;
use super::task::Task;
use super::view::OverlayMark;
use super::view::{CanvasRequest, GridRequest, View};
use super::view::{KeptPlaces, Scrolled};
use super::wall::WallState;
use domain::wall::WallItem;
use domain::{
    Catalogue, Dispute, ImageGroup, ImageGrouping, ImageId, ImageIx, ImageView, Iteration, IterationId, Problem,
    Project, ProjectId, ProjectKind, RegionIx, RegionSort, RegionView, Selection, Subject, TagId, WallSort,
};

/// While a list grows, an order is made again when it has grown by a quarter: all of them together cost as much as a few.
const WALL_GROWTH: f64 = 1.25;
/// Notices on the screen at once.
const MOST_NOTICES: usize = 5;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    #[default]
    Connect,
    Projects,
    Project,
}

#[derive(Debug, Default)]
pub struct State {
    pub screen: Screen,
    pub connect: ConnectState,
    pub source: Option<SourceSpec>,
    pub projects: Vec<ProjectSummary>,
    /// The project whose iterations are unfolded in the list.
    pub unfolded: Option<ProjectId>,
    /// Iterations by project, as far as asked for.
    pub iterations: FxHashMap<ProjectId, Result<Vec<Iteration>, Failure>>,
    pub opened: Option<Opened>,
    /// Generation of the last opening; counts up.
    pub generation: u64,
    pub settings: Settings,
    pub keys: KeyMap,
    /// Whether the system asks for less motion; `None`: it does not tell.
    pub system_reduces_motion: Option<bool>,
    /// Whether the window is too narrow for the inspector to stand beside the grid: then it is a drawer over it.
    pub is_narrow: bool,
    /// Whether that drawer is open.
    pub has_drawer: bool,
    pub dialog: Option<Dialog>,
    pub export: ExportForm,
    pub leave: LeaveForm,
    /// Running and ended tasks, the latest last; at most 20 that have ended.
    pub tasks: Vec<Task>,
    /// Decisions that are not on the disk yet, also of projects that are closed by now.
    pub unsaved: Unsaved,
    /// What is waited for before the program or the connection ends; `None`: nobody wants that.
    pub quitting: Option<Quitting>,
    /// Messages for what has no place of its own, the latest last; at most 5.
    pub notices: VecDeque<Notice>,
    /// Number for the next task or notice.
    pub next_number: u64,
    pub cache_bytes: u64,
    /// Why new pictures are not kept on disk, in words.
    pub cache_problem: Option<String>,
    /// Bytes of memory that the system has for this program; `None`: it does not tell.
    pub memory: Option<u64>,
    /// The last wish for the canvas's view with its number; the window does a number it has not seen yet.
    pub zoom: Option<(u64, ZoomCommand)>,
    /// Seconds since 1970 at the last frame that had work.
    pub now_unix: i64,
    /// The person's home folder, for paths that begin with `~`.
    pub home: Option<PathBuf>,
    /// The system's name for the person, where it has one.
    pub user_name: Option<String>,
    /// The project whose list of the last visit was requested.
    pub recalling: Option<Session>,
    /// The notice about the connection, which is taken away once it is no longer so.
    pub connection_notice: Option<u64>,
    /// Folders of exports that the last session had canceled and not removed.
    pub canceled: Vec<PathBuf>,
    /// What to go back to once the source is connected.
    pub restoring: Option<Session>,
    /// The project asked for on the command line: an id or a name.
    pub wanted_project: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct ConnectState {
    /// Whether a key is stored for the endpoint in the field.
    pub has_stored_key: bool,
    /// Why the keychain does not work; `None`: it works.
    pub keychain_problem: Option<String>,
    pub busy: Option<Busy>,
    pub arriving: Arriving,
    pub failure: Option<Failure>,
    /// Why the folder in the dialog could not be opened; the dialog stays and says so.
    pub folder_failure: Option<Failure>,
    /// Number of projects that the last test found.
    pub tested: Option<usize>,
    /// What was dropped with the archive or dataset that is being opened.
    pub left_behind: Option<LeftBehind>,
}

/// How far the opening of an archive in an object store is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arriving {
    /// Bytes that have come of the list that is on its way.
    pub come: u64,
    /// Of so many; 0: none is on its way yet.
    pub of: u64,
    /// Why the store is waited for, in words; `None`: it is not.
    pub waits: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Busy {
    Testing,
    Connecting(SourceSpec),
}

#[derive(Debug)]
pub struct Opened {
    /// Stamps everything asked for it.
    pub generation: u64,
    pub project: Project,
    pub kind: ProjectKind,
    /// Which iteration; `None`: the workspace.
    pub iteration: Option<IterationId>,
    /// Whether images without tags are listed too.
    pub has_untagged: bool,
    /// All images that have arrived.
    pub catalogue: Arc<Catalogue>,
    /// While `catalogue` is the list of the last visit: what has come of the new one, which takes its place once it is
    /// whole.
    pub coming: Option<Arc<Catalogue>>,
    /// Whether its source is connected; else what is shown is what an earlier visit has left on this computer, and
    /// `listing` says how connecting stands.
    pub is_connected: bool,
    /// When the list was kept that is shown without a connection, seconds since 1970.
    pub kept_unix: Option<i64>,
    pub listing: ListingState,
    /// Why its pictures wait, in words, when they do.
    pub waiting: Option<String>,
    /// What is odd about rows that could not be read at all.
    pub page_problems: Vec<Problem>,
    pub query: QueryState,
    /// The shown images in order, those of a group together.
    pub visible: Vec<ImageIx>,
    /// What they stand together by.
    pub grouping: ImageGrouping,
    /// Their groups in order; empty when there are none.
    pub groups: Vec<ImageGroup>,
    /// With groups: the shown images in the order that they would have without.
    pub(crate) ungrouped: Vec<ImageIx>,
    pub selection: Selection,
    /// The image with the cursor: of the grid, and the one on the canvas.
    pub cursor: Option<ImageIx>,
    pub view: View,
    /// What stood there before the canvas: Esc goes back to it.
    pub before_canvas: View,
    /// The image that the others are sorted by, the most similar first; `None`: they are in the chosen order.
    pub similar: Option<SimilarImages>,
    /// The selected region of the image on the canvas.
    pub region: Option<RegionIx>,
    /// Tags whose boxes are hidden.
    pub hidden_tags: FxHashSet<TagId>,
    /// Zoom and position are kept from image to image.
    pub keeps_view: bool,
    /// Smooth pixels from 300 % on, in place of square ones with a grid.
    pub is_smooth: bool,
    pub failed_pixels: FxHashMap<PixelKey, Failure>,
    /// Facts about decoded pictures of the image on the canvas and its neighbors.
    pub pictures: FxHashMap<(ImageIx, PictureSource), PictureInfo>,
    /// What the grid last asked for, so that it can be asked again with fresh addresses.
    pub grid: GridRequest,
    pub canvas: CanvasRequest,
    pub scrolled: Scrolled,
    pub tools: CanvasTools,
    pub checks: ChecksState,
    pub changes: ChangesState,
    pub predictions: PredictionsState,
    pub review: ReviewState,
    pub wall: WallState,
    pub statistics: StatisticsState,
    /// What to put back as the images arrive, after a refresh or at the start.
    pub(crate) awaited: Awaited,
}

/// Images known by id from an earlier listing, to be chosen again once they arrive.
#[derive(Clone, Debug, Default)]
pub(crate) struct Awaited {
    pub cursor: Option<ImageId>,
    /// Whether the cursor's image is to be opened on the canvas.
    pub on_canvas: bool,
    pub chosen: FxHashSet<ImageId>,
    pub places: KeptPlaces,
}

impl Opened {
    pub fn current(&self) -> Option<ImageView<'_>> {
        self.cursor.and_then(|ix| self.catalogue.get(ix))
    }

    /// Whether what is shown is the list of the last visit.
    pub fn is_of_last_visit(&self) -> bool {
        self.coming.is_some() || !self.is_connected
    }

    /// Whether images or their regions are shown, not figures about them.
    pub(super) fn shows_images(&self) -> bool {
        matches!(self.view, View::Grid | View::Wall | View::Canvas)
    }

    /// The region that an action is about: the one with the cursor on the wall, the selected one on the canvas.
    pub(super) fn region_at_hand(&self) -> Option<RegionIx> {
        match self.view {
            View::Wall => self.wall.cursor?.label(),
            View::Canvas => self.region.filter(|region| self.catalogue.image_of(*region) == self.cursor),
            View::Grid | View::Statistics | View::Evaluation => None,
        }
    }

    /// Whether an image is one of those that nobody has labeled yet and that are listed because somebody wants to see them.
    pub fn is_untagged(&self, image: ImageView<'_>) -> bool {
        self.has_untagged && image.is_untagged()
    }

    /// The place of an image in the shown list, from 0.
    pub fn place(&self, ix: ImageIx) -> Option<usize> {
        self.visible.iter().position(|&other| other == ix)
    }

    /// The boxes of the compared state on an image, as thumbnails show them.
    pub fn overlay_marks(&self, image: ImageIx) -> impl Iterator<Item = OverlayMark> {
        let comparison = self.changes.comparison(self.generation);
        comparison.into_iter().flat_map(move |comparison| comparison.marks(&self.catalogue, image))
    }

    /// What a decision about who is wrong is about. On the canvas the prediction that is chosen, else the selected label; on
    /// the wall the chosen crops where `region` belongs to them, else that region. Nothing without predictions.
    pub fn disputes(&self, image: ImageView<'_>, region: Option<RegionView>) -> Vec<Dispute> {
        if self.predictions.compared(self.generation).is_none() {
            return Vec::new();
        }
        let label = |region: RegionView| Dispute::Label(Subject::region(image.id(), region.id));
        let of_wall = region.map(|region| WallItem::Label(region.ix));
        if let (View::Wall, Some(item)) = (self.view, of_wall) {
            return self.wall.disputes_at(&self.catalogue, image.ix, item);
        }
        if self.view != View::Canvas {
            return Vec::new();
        }
        if let Some(at) = self.predictions.picked(image.ix) {
            return self.predictions.dispute(&self.catalogue, image.ix, at).into_iter().collect();
        }
        let selected = self.region.filter(|region| image.region_range().contains(&region.0));
        selected.and_then(|region| self.catalogue.region(region)).map(label).into_iter().collect()
    }

    /// What a survey is made of now.
    pub(super) fn survey_basis(&self) -> SurveyBasis {
        let revision = self.review.reviews.revision();
        SurveyBasis { revision, generation: self.generation, images: self.catalogue.len() }
    }

    /// Whether something has changed since the survey of reviewers.
    pub fn is_survey_behind(&self) -> bool {
        let is_growing = matches!(self.listing, ListingState::Running { .. });
        self.review.survey.is_behind(self.survey_basis(), is_growing)
    }

    /// Whether the query asks for predictions, so that they are on the wall.
    pub(super) fn asks_for_predictions(&self) -> bool {
        self.query.regions.as_ref().is_some_and(|chosen| chosen.program.asks_for_predictions())
    }

    /// The order that the wall should have. Predictions have their own.
    pub fn wall_sort(&self, settings: &Settings) -> WallSort {
        match self.wall.near {
            _ if self.asks_for_predictions() => settings.predicted_order(),
            Some(_) => RegionSort::Similar.into(),
            None => settings.wall_order(),
        }
    }

    /// Whether the regions of a tag are to stand together on the wall. What is similar is one row, whatever its tag.
    pub(super) fn groups_wall(&self, settings: &Settings) -> bool {
        settings.wall_grouped && self.wall_sort(settings).key != RegionSort::Similar
    }

    /// Whether the wall's order was made for other images or settings than those shown now. Comparing 100,000 images takes
    /// about 20 microseconds.
    pub fn is_wall_behind(&self, settings: &Settings) -> bool {
        let wall = &self.wall;
        let Some(basis) = wall.asked.as_ref().map(|(_, basis)| basis).or(wall.basis.as_ref()) else { return true };
        let only = wall.only.and_then(|tag| self.catalogue.tags().find(tag));
        let order = (only, wall.near, self.wall_sort(settings), self.groups_wall(settings));
        if (basis.only, basis.near, basis.sort, basis.is_grouped) != order {
            return true;
        }
        if basis.chosen != self.query.regions {
            return true;
        }
        if *basis.images == *self.visible {
            return false;
        }
        let (before, now) = (basis.images.len(), self.visible.len());
        let is_growing = matches!(self.listing, ListingState::Running { .. }) && now > before;
        let is_little = (now as f64) < before as f64 * WALL_GROWTH;
        !(is_growing && (is_little || wall.is_ordering()))
    }
}

impl State {
    /// The state at the start, with what was kept.
    pub fn new(settings: Settings) -> Self {
        let (keys, refusals) = KeyMap::new(&settings.keys);
        let mut state = Self { settings, keys, ..Self::default() };
        if let Some(notice) = RefusedKeys::notice(&refusals) {
            state.push_notice(notice);
        }
        if let Some(folder) = state.settings.export_folder.as_ref().and_then(|folder| folder.parent()) {
            state.export.folder = folder.display().to_string();
        }
        state
    }

    /// Whether anything is under way for the open project.
    pub fn is_listing(&self) -> bool {
        matches!(self.opened, Some(Opened { listing: ListingState::Running { .. }, .. }))
    }

    pub fn shows_project(&self) -> bool {
        self.screen == Screen::Project && self.opened.is_some()
    }

    pub fn reduces_motion(&self) -> bool {
        match self.settings.reduce_motion {
            ReduceMotion::System => self.system_reduces_motion == Some(true),
            ReduceMotion::On => true,
            ReduceMotion::Off => false,
        }
    }

    /// Shows a notice; the oldest ones make room, and so does one about the same thing. Its id is given back.
    pub fn push_notice(&mut self, notice: Notice) -> u64 {
        let id = self.number();
        self.notices.retain(|shown| !notice.is_about_the_same_as(shown));
        self.notices.push_back(Notice { id, ..notice });
        while self.notices.len() > MOST_NOTICES {
            self.notices.pop_front();
        }
        id
    }

    pub fn reviewer(&self) -> Arc<str> {
        self.settings.reviewer_name(self.user_name.as_deref())
    }

    /// A number that was not used before.
    pub(crate) fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}

/// Selected crops of the wall that are looked at; each costs a walk through its order.
const MOST_CROPS: usize = 8;

/// What an image is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Companion {
    Pinned(ImageIx),
    /// Another selected one, the next in the order of the list.
    Selected(ImageIx),
}

impl Companion {
    pub fn ix(self) -> ImageIx {
        match self {
            Self::Pinned(ix) | Self::Selected(ix) => ix,
        }
    }
}

impl Opened {
    /// What an image is compared with; `None`: nothing is pinned, and no other image is selected.
    pub fn companion(&self, ix: ImageIx) -> Option<Companion> {
        let is_other = |other: &ImageIx| *other != ix && self.catalogue.get(*other).is_some();
        let pinned = self.tools.pinned.filter(is_other).map(Companion::Pinned);
        pinned.or_else(|| self.other_selected(ix).filter(is_other).map(Companion::Selected))
    }

    /// Another selected image: of the grid from the image on, and round again; on the wall that of another selected crop.
    fn other_selected(&self, ix: ImageIx) -> Option<ImageIx> {
        if self.view == View::Wall {
            let mut images = self.wall.selection.iter().take(MOST_CROPS).filter_map(|item| self.wall.image_of(item));
            return images.find(|other| *other != ix);
        }
        let place = self.place(ix).filter(|_| self.selection.contains(ix) && self.selection.len() > 1)?;
        let (before, after) = self.visible.split_at(place);
        after.iter().chain(before).copied().find(|&other| other != ix && self.selection.contains(other))
    }
}
