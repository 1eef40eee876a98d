//! What is kept from session to session. Never a key, never a signature.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::appearance::Appearance;
use super::chord::StoredKeys;
use super::history::QueryHistory;
use super::presets::ExportPresets;
use super::query::SavedQuery;
use super::quick_comments::QuickComments;
use super::view::KeptPlace;
use super::view::View;
use domain::tag_color::ChosenColors;
use domain::{
    CheckOptions, ImageGrouping, ImageId, IterationId, ObjectAddress, ProjectId, RegionSort, Sort, SortKey, WallSort,
};
use formats::reviews::MOST_NAME;

/// Where a project comes from. Above the engine there is no other difference between a service and a folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum SourceSpec {
    /// A Custom Vision resource, or the stand-in endpoint on loopback; the engine checks and normalizes the endpoint.
    Service { endpoint: String },
    /// An archive, or a dataset (its folder or file) that is imported into one first.
    Folder { path: PathBuf },
    /// An archive in an object store, at an address that has no secret in it.
    Store { address: ObjectAddress },
    /// The built-in sample project.
    Sample,
}

impl SourceSpec {
    /// Whether it is opened by a path or an address, and not with a key.
    pub fn is_archive(&self) -> bool {
        matches!(self, Self::Folder { .. } | Self::Store { .. })
    }

    /// Whether both are the same place, however an endpoint was typed.
    pub fn is_same_place(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Service { endpoint: one }, Self::Service { endpoint: other }) => {
                let plain = |text: &str| text.trim().trim_end_matches('/').to_ascii_lowercase();
                plain(one) == plain(other)
            }
            _ => self == other,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ThemeChoice {
    #[default]
    System,
    Light,
    Dark,
}

/// Whether motion is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReduceMotion {
    /// As the system says, where it can be asked.
    #[default]
    System,
    /// Nothing flies or fades.
    On,
    /// Whatever the system says.
    Off,
}

/// What draws the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RendererChoice {
    Glow,
    Wgpu,
}

/// A project that was open before, as it was when last seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recent {
    pub source: SourceSpec,
    pub project: ProjectId,
    pub name: String,
    /// `detection`, `classification`, ...
    pub kind: String,
    pub tag_count: u64,
    pub image_count: u64,
    /// An image to show for it, if its thumbnail is still in the cache.
    pub cover: Option<ImageId>,
    /// When it was opened last, seconds since 1970.
    pub opened_unix: i64,
    /// Where the person was when it was left; `None`: settings of an earlier version do not say.
    #[serde(default)]
    pub left: Option<Session>,
}

/// Everything that is kept. Unknown fields of a newer version are dropped, missing ones take their defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Settings {
    /// The endpoint last used.
    pub endpoint: String,
    pub keep_key: bool,
    pub theme: ThemeChoice,
    /// Size of text and controls in percent of the system's, 75 to 200.
    pub scale_percent: u16,
    /// Longest side of a grid cell in points, 64 to 512.
    pub thumb_side: f32,
    pub appearance: Appearance,
    /// Whether boxes and chips are drawn on thumbnails.
    pub show_overlays: bool,
    pub show_left: bool,
    pub show_right: bool,
    /// Width of the tag panel in points, where the user has changed it.
    pub left_width: Option<f32>,
    /// Likewise of the inspector.
    pub right_width: Option<f32>,
    /// The window as it was when the program ended.
    pub window: Option<WindowSize>,
    /// The order of the grid.
    pub sort: SortKey,
    /// Whether it goes from the other end.
    pub sort_reversed: bool,
    /// Which of all random orders.
    pub sort_seed: u32,
    /// What the images of the grid stand together by.
    pub grouping: ImageGrouping,
    pub wall_sort: RegionSort,
    pub wall_sort_reversed: bool,
    /// The order of predictions on the region wall.
    pub predicted_sort: RegionSort,
    pub predicted_sort_reversed: bool,
    /// Whether the regions of a tag stand together on the wall.
    pub wall_grouped: bool,
    /// Side of a crop on the wall in points, 64 to 512.
    pub wall_side: f32,
    /// Latest first, at most 12.
    pub recents: Vec<Recent>,
    /// The project to open again at the next start, and where the person was.
    pub session: Option<Session>,
    /// Folders of canceled exports whose removal the end of the program cut short: the next start finishes it.
    pub canceled: Vec<PathBuf>,
    /// Queries that are kept by name, by project, the project used last first; at most 50 projects.
    pub queries: Vec<ProjectQueries>,
    /// The last queries, by project, the project used last first.
    pub query_history: QueryHistory,
    /// The last folder exported to.
    pub export_folder: Option<PathBuf>,
    /// Choices of the export dialog that are kept by name, in the order of the names.
    pub export_presets: ExportPresets,
    pub checks: CheckOptions,
    /// Colors that were chosen for tags, by name, as places in the palette.
    #[serde(alias = "tagColours")]
    pub tag_colors: Arc<ChosenColors>,
    /// The renderer that worked here when the first choice did not; `None`: the first choice does.
    pub renderer: Option<RendererChoice>,
    /// The bounds in bytes that are set by [`Budget`](super::Budget).
    pub disk_cache_bytes: u64,
    pub list_bytes: u64,
    pub texture_bytes: usize,
    pub original_bytes: usize,
    pub inbox_bytes: usize,
    pub reduce_motion: ReduceMotion,
    /// Keys of the person's own.
    pub keys: StoredKeys,
    /// Whose decisions are made here; empty: the system's name for the person.
    pub reviewer: String,
    /// Number of images above which a decision asks first.
    pub review_bulk: usize,
    pub quick_comments: QuickComments,
    /// Whether a decision continues to the next image without one.
    pub review_advances: bool,
}

/// How large a window is, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WindowSize {
    /// In points.
    pub width: f32,
    pub height: f32,
    /// Whether it fills its screen.
    pub is_maximized: bool,
    /// Where it stands; `None`: the system does not tell.
    #[serde(default)]
    pub place: Option<WindowPlace>,
}

/// Where the top left corner of a window's frame is, in points from that of the first screen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WindowPlace {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
    /// Pixels in a point there.
    pub scale: f32,
}

/// Where the person was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub source: SourceSpec,
    pub project: ProjectId,
    /// Which iteration; `None`: the workspace.
    pub iteration: Option<IterationId>,
    /// The image under the cursor.
    pub image: Option<ImageId>,
    /// Whether it was open on the canvas.
    pub is_on_canvas: bool,
    /// What stood in the middle otherwise.
    #[serde(default)]
    pub view: View,
    #[serde(default)]
    pub query: String,
    #[serde(default)]
    pub has_untagged: bool,
    /// Where the grid was scrolled to; `None`: at the top.
    #[serde(default)]
    pub grid_place: Option<KeptPlace>,
    /// Likewise the region wall.
    #[serde(default)]
    pub wall_place: Option<KeptPlace>,
}

impl Session {
    /// A project of which nothing was open.
    pub fn beginning(source: SourceSpec, project: ProjectId) -> Self {
        Self {
            source,
            project,
            iteration: None,
            image: None,
            is_on_canvas: false,
            view: View::Grid,
            query: String::new(),
            has_untagged: false,
            grid_place: None,
            wall_place: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectQueries {
    pub project: ProjectId,
    /// By name; at most 100.
    pub saved: Vec<SavedQuery>,
}

/// Projects whose queries are kept.
const MOST_QUERY_PROJECTS: usize = 50;
/// Queries that are kept for a project.
const MOST_QUERIES: usize = 100;

impl Default for Settings {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            keep_key: true,
            theme: ThemeChoice::System,
            scale_percent: super::appearance::NORMAL_SCALE,
            thumb_side: 180.0,
            appearance: Appearance::default(),
            show_overlays: true,
            show_left: true,
            show_right: true,
            left_width: None,
            right_width: None,
            window: None,
            sort: SortKey::Newest,
            sort_reversed: false,
            sort_seed: 0,
            grouping: ImageGrouping::None,
            wall_sort: RegionSort::Images,
            wall_sort_reversed: false,
            predicted_sort: RegionSort::Surest,
            predicted_sort_reversed: false,
            wall_grouped: true,
            wall_side: 104.0,
            recents: Vec::new(),
            session: None,
            canceled: Vec::new(),
            queries: Vec::new(),
            query_history: QueryHistory::default(),
            export_folder: None,
            export_presets: ExportPresets::default(),
            checks: CheckOptions::default(),
            tag_colors: Arc::default(),
            renderer: None,
            disk_cache_bytes: 2 << 30,
            list_bytes: 512 << 20,
            texture_bytes: 128 << 20,
            original_bytes: 256 << 20,
            inbox_bytes: 24 << 20,
            reduce_motion: ReduceMotion::System,
            keys: StoredKeys::new(),
            reviewer: String::new(),
            review_bulk: 20,
            quick_comments: QuickComments::default(),
            review_advances: true,
        }
    }
}

impl Settings {
    /// Whose decisions are made here: the name that was chosen, else the system's, as far as files of reviews hold it.
    pub fn reviewer_name(&self, system: Option<&str>) -> Arc<str> {
        let names = [Some(&*self.reviewer), system].into_iter().flatten().map(str::trim);
        let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or("me");
        name[..name.floor_char_boundary(MOST_NAME)].trim_end().into()
    }

    pub fn order(&self) -> Sort {
        Sort { key: self.sort, is_reversed: self.sort_reversed, seed: self.sort_seed }
    }

    pub(super) fn wall_order(&self) -> WallSort {
        WallSort { key: self.wall_sort, is_reversed: self.wall_sort_reversed }
    }

    pub(super) fn predicted_order(&self) -> WallSort {
        WallSort { key: self.predicted_sort, is_reversed: self.predicted_sort_reversed }
    }

    /// Puts a project at the head of the recent ones.
    pub fn remember(&mut self, recent: Recent) {
        self.recents.retain(|old| (&old.source, old.project) != (&recent.source, recent.project));
        self.recents.insert(0, recent);
        self.recents.truncate(12);
    }

    /// The queries that are kept for a project, by name.
    pub fn saved_queries(&self, project: ProjectId) -> &[SavedQuery] {
        self.queries.iter().find(|kept| kept.project == project).map_or(&[], |kept| &kept.saved)
    }

    /// Keeps a query at the end of the list, or in the place of the one of the same name. The first one makes room, and
    /// so does the project whose queries were changed longest ago.
    pub(super) fn keep_query(&mut self, project: ProjectId, query: SavedQuery) {
        self.change_queries(project, |saved| {
            match saved.iter_mut().find(|old| old.name == query.name) {
                Some(old) => *old = query,
                None => saved.push(query),
            }
            saved.drain(..saved.len().saturating_sub(MOST_QUERIES));
        });
    }

    /// Gives a query another name; what had it before goes.
    pub fn rename_query(&mut self, project: ProjectId, from: &str, to: &str) {
        self.change_queries(project, |saved| {
            if from == to || !saved.iter().any(|query| query.name == from) {
                return;
            }
            saved.retain(|query| query.name != to);
            saved.iter_mut().filter(|query| query.name == from).for_each(|query| to.clone_into(&mut query.name));
        });
    }

    /// Moves a query so many places down the list; up where it is negative.
    pub fn move_query(&mut self, project: ProjectId, name: &str, by: isize) {
        self.change_queries(project, |saved| {
            let Some(at) = saved.iter().position(|query| query.name == name) else { return };
            let to = at.saturating_add_signed(by).min(saved.len() - 1);
            let query = saved.remove(at);
            saved.insert(to, query);
        });
    }

    pub(super) fn forget_query(&mut self, project: ProjectId, name: &str) {
        self.change_queries(project, |saved| saved.retain(|old| old.name != name));
    }

    fn change_queries(&mut self, project: ProjectId, change: impl FnOnce(&mut Vec<SavedQuery>)) {
        let place = self.queries.iter().position(|kept| kept.project == project);
        let mut saved = place.map(|place| self.queries.remove(place).saved).unwrap_or_default();
        change(&mut saved);
        if !saved.is_empty() {
            self.queries.insert(0, ProjectQueries { project, saved });
            self.queries.truncate(MOST_QUERY_PROJECTS);
        }
    }
}
