//! Comparing the open project with another state of it: its part of the state, and its commands, effects and events.
//! `update::changes` does them.
//!
//! The open project is the second state, so an image that it has and the other one lacks was added. The indices of a
//! comparison are those of one generation; after a new listing there is none until the next comparison.

use std::sync::{Arc, LazyLock};

use crate::Failure;
use crate::overlay::{OverlayBox, OverlayLook};
use domain::changes::{Change, ChangeKind, Changes, ImageChanges};
use domain::{Catalogue, ImageIx, IterationId, Project, ProjectKind};

/// What the open project can be compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OtherState {
    /// An archive or a dataset, or with `#` an iteration of an archive, as typed.
    Folder(String),
    /// An iteration of the same project; `None`: its workspace.
    Iteration(Option<IterationId>),
}

/// What came of a comparison.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The other state, in words.
    pub name: String,
    /// The changes, from the other state to the open one.
    pub changes: Changes,
    /// The images of the other state.
    pub other: Catalogue,
    /// The changes by image of the open project.
    pub by_image: Arc<ImageChanges>,
    /// What speaks against the other state being whole, a sentence each.
    pub doubts: Vec<String>,
}

/// The open project's part of the state.
#[derive(Clone, Debug, Default)]
pub struct ChangesState {
    /// What is typed in the dialog.
    pub folder: String,
    /// The number of the comparison under way.
    pub busy: Option<u64>,
    /// Why the last one failed.
    pub failure: Option<Failure>,
    /// The last comparison, and the generation whose indices it has.
    pub(crate) done: Option<(u64, Arc<Comparison>)>,
    /// The change that the walk is at: its place in the list.
    pub current: Option<usize>,
}

impl ChangesState {
    /// The comparison of this generation.
    pub fn of(&self, generation: u64) -> Option<&Comparison> {
        self.done.as_ref().filter(|(of, _)| *of == generation).map(|(_, comparison)| &**comparison)
    }

    /// What a query asks about changes.
    pub fn by_image(&self, generation: u64) -> &Arc<ImageChanges> {
        static NONE: LazyLock<Arc<ImageChanges>> = LazyLock::new(Arc::default);
        self.of(generation).map_or(&NONE, |comparison| &comparison.by_image)
    }
}

impl Comparison {
    /// The boxes of the other state on an image: those that are gone, that moved away, and whose tag was another one.
    pub fn overlay(&self, catalogue: &Catalogue, image: ImageIx) -> Vec<OverlayBox> {
        let places = self.by_image.places(image);
        let changes = self.changes.list.get(places).unwrap_or_default();
        changes.iter().filter_map(|change| self.ghost(catalogue, change)).collect()
    }

    fn ghost(&self, catalogue: &Catalogue, change: &Change) -> Option<OverlayBox> {
        let region = self.other.region(change.region_from?)?;
        let former = self.other.tags().get(region.tag);
        let name = &former.name;
        let caption = match change.kind {
            ChangeKind::RegionRemoved => format!("removed: {name}"),
            ChangeKind::RegionMoved => format!("was here: {name}"),
            ChangeKind::RegionRetagged => format!("was {name}"),
            _ => return None,
        };
        let tag = catalogue.tags().find(former.id).or_else(|| catalogue.tags().find_name(name));
        Some(OverlayBox { rect: region.rect, tag, caption, look: OverlayLook::Former })
    }

    /// How many changes of a kind there are of each tag, the most first: changes of regions, and tags of images.
    pub fn by_tag(&self, catalogue: &Catalogue) -> Vec<(String, u64)> {
        let mut counts: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
        for change in &self.changes.list {
            let name = match (change.tag, change.region_to, change.region_from) {
                (Some(tag), _, _) => self.changes.tags.name(tag),
                (None, Some(region), _) => match catalogue.region(region) {
                    Some(region) => &*catalogue.tags().get(region.tag).name,
                    None => continue,
                },
                (None, None, Some(region)) => match self.other.region(region) {
                    Some(region) => &*self.other.tags().get(region.tag).name,
                    None => continue,
                },
                (None, None, None) => continue,
            };
            *counts.entry(name).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangesCommand {
    /// What is typed in the dialog.
    EditFolder(String),
    /// Compare with this state.
    Compare(OtherState),
    /// Forget the comparison.
    Close,
    /// To the next (1) or previous (-1) change of the shown images.
    Step(i64),
}

/// What the engine is asked to do.
#[derive(Clone, Debug)]
pub struct CompareJob {
    /// Stamps the answer.
    pub number: u64,
    /// What to compare with.
    pub other: OtherState,
    /// The open images.
    pub catalogue: Arc<Catalogue>,
    /// Whether these may not be all.
    pub is_incomplete: bool,
    /// The open project.
    pub project: Project,
    /// What it trains.
    pub kind: ProjectKind,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct ChangesEvent {
    /// The number of the job.
    pub number: u64,
    /// The comparison.
    pub result: Result<Arc<Comparison>, Failure>,
}
