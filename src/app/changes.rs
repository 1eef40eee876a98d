//! Comparing the open project with another state of it: its part of the state, and its commands, effects and events.
//! `update::changes` does them.
//!
//! The open project is the second state, so an image that it has and the other one lacks was added. The indices of a
//! comparison are those of one generation; after a new listing there is none until the next comparison.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use crate::Failure;
use crate::view::{OverlayBox, OverlayLook, OverlayMark};
use crate::words::count;
use domain::changes::{Change, ChangeKind, Changes, ImageChanges, Sides};
use domain::{Catalogue, ImageIx, IterationId, Problem, Project, ProjectKind, RegionIx, RegionView, Subject};

/// Removed images that are shown with their pictures; a report lists them all.
pub const MOST_REMOVED: usize = 24;

/// What the open project can be compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OtherState {
    /// As typed: an archive or a dataset, with `#` an iteration of an archive; or with `service:` before it a project of the
    /// connected service and, after `#`, an iteration of it.
    Typed(String),
    /// An iteration of the same project; `None`: its workspace.
    Iteration(Option<IterationId>),
}

/// What came of a comparison.
#[derive(Clone, Debug)]
pub struct StateComparison {
    /// The other state, in words.
    pub name: String,
    /// The changes, from the other state to the open one.
    pub changes: Changes,
    /// The images of the other state.
    pub other: Catalogue,
    pub by_image: Arc<ImageChanges>,
    /// How many changes there are of each kind, in the order of [`ChangeKind::ALL`].
    pub by_kind: [u64; ChangeKind::ALL.len()],
    /// How many changes there are of each tag, the most first.
    pub by_tag: Vec<(String, u64)>,
    /// The images that only the other state has.
    pub removed: Vec<ImageIx>,
    /// Whether just one of the states is an import, which makes metadata `name` itself.
    pub skips_names: bool,
    /// What speaks against one of the states being whole, a sentence each that begins with the state.
    pub doubts: Vec<String>,
    /// What limits the comparison, a sentence each.
    pub limits: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct ChangesState {
    /// What is typed in the dialog.
    pub folder: String,
    /// The number of the comparison under way.
    pub busy: Option<u64>,
    pub failure: Option<Failure>,
    /// The last comparison, and the generation whose indices it has.
    pub(crate) done: Option<(u64, Arc<StateComparison>)>,
    /// The change that the walk is at: its place in the list.
    pub current: Option<usize>,
    pub report: ReportForm,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportFormat {
    #[default]
    Markdown,
    Csv,
}

impl ReportFormat {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Csv => "csv",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Markdown => "Markdown",
            Self::Csv => "CSV",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportForm {
    pub format: ReportFormat,
    pub path: String,
    pub failure: Option<Failure>,
    /// A file of this name is there: it is replaced only when people say so.
    pub is_taken: bool,
    pub is_busy: bool,
}

impl ChangesState {
    pub fn comparison(&self, generation: u64) -> Option<&StateComparison> {
        self.shared(generation).map(|comparison| &**comparison)
    }

    pub fn shared(&self, generation: u64) -> Option<&Arc<StateComparison>> {
        self.done.as_ref().filter(|(of, _)| *of == generation).map(|(_, comparison)| comparison)
    }

    /// What a query asks about changes.
    pub fn by_image(&self, generation: u64) -> &Arc<ImageChanges> {
        static NONE: LazyLock<Arc<ImageChanges>> = LazyLock::new(Arc::default);
        self.comparison(generation).map_or(&NONE, |comparison| &comparison.by_image)
    }
}

impl StateComparison {
    /// What came of comparing `other` with the open project's `catalogue`. What a dialog shows of it every frame is counted
    /// here, once.
    pub fn new(
        name: String,
        changes: Changes,
        other: Catalogue,
        catalogue: &Catalogue,
        skips_names: bool,
        doubts: Vec<String>,
    ) -> Self {
        let by_image = Arc::new(ImageChanges::of(&changes));
        let removed = changes.list.iter().filter(|change| change.kind == ChangeKind::ImageRemoved);
        let removed = removed.filter_map(|change| change.from).collect();
        let by_kind = ChangeKind::ALL.map(|kind| changes.count(kind));
        let (by_tag, limits) = (Vec::new(), limits(&changes));
        let mut made = Self { name, changes, other, by_image, by_kind, by_tag, removed, skips_names, doubts, limits };
        let by_tag = made.sides(catalogue).by_tag();
        made.by_tag = by_tag.into_iter().map(|(tag, count)| (tag.to_owned(), count)).collect();
        made
    }

    /// What a decision about a change is about: its region as it is in the open project, else its image; `None` where the
    /// open project has neither.
    pub fn subject(&self, catalogue: &Catalogue, change: &Change) -> Option<Subject> {
        let image = catalogue.get(change.to?)?.id();
        let region = change.region_to.and_then(|region| catalogue.region(region));
        Some(Subject { image, region: region.map(|region| region.id) })
    }

    /// The boxes of the other state on an image: those that are gone, that moved away, and whose tag was another one.
    pub fn overlay(&self, catalogue: &Catalogue, image: ImageIx) -> Vec<OverlayBox> {
        let captioned = |(change, former): (&Change, RegionView)| {
            let name = &self.other.tags().get(former.tag).name;
            let caption = match change.kind {
                ChangeKind::RegionRemoved => format!("removed: {name}"),
                ChangeKind::RegionRetagged => format!("was {name}"),
                _ => format!("was here: {name}"),
            };
            let OverlayMark { rect, tag } = self.mark(catalogue, former);
            OverlayBox { rect, tag, caption, look: OverlayLook::Former, prediction: None }
        };
        self.ghosts(image).map(captioned).collect()
    }

    /// The same boxes without their captions.
    pub fn marks(&self, catalogue: &Catalogue, image: ImageIx) -> impl Iterator<Item = OverlayMark> {
        self.ghosts(image).map(|(_, former)| self.mark(catalogue, former))
    }

    /// A region of the other state as a box of the second layer; `catalogue` is that of the open project.
    pub fn mark(&self, catalogue: &Catalogue, former: RegionView) -> OverlayMark {
        let tag = self.other.tags().get(former.tag);
        let tag = catalogue.tags().find(tag.id).or_else(|| catalogue.tags().find_name(&tag.name));
        OverlayMark { rect: former.rect, tag }
    }

    /// The regions of the other state that an image no longer has as they were, each once.
    fn ghosts(&self, image: ImageIx) -> impl Iterator<Item = (&Change, RegionView)> {
        let changes = self.image_changes(image);
        let ghost = move |(at, change): (usize, &'_ Change)| {
            let is_ghost = match change.kind {
                ChangeKind::RegionRemoved | ChangeKind::RegionMoved => true,
                // One that moved as well stands just before.
                ChangeKind::RegionRetagged => {
                    let before = at.checked_sub(1).and_then(|before| changes.get(before));
                    before.is_none_or(|before| before.region_from != change.region_from)
                }
                _ => false,
            };
            is_ghost.then(|| self.other.region(change.region_from?)).flatten()
        };
        changes.iter().enumerate().filter_map(move |(at, change)| Some((change, ghost((at, change))?)))
    }

    pub fn image_changes(&self, image: ImageIx) -> &[Change] {
        self.changes.list.get(self.by_image.places(image)).unwrap_or_default()
    }

    /// What has changed about a region of the open project, in words: `added`, `moved`, `was fork`; empty if nothing has.
    pub fn words_of_region(&self, image: ImageIx, region: RegionIx) -> String {
        let words = |change: &Change| match change.kind {
            ChangeKind::RegionAdded => Some("added".to_owned()),
            ChangeKind::RegionMoved => Some(match change.shift {
                Some(shift) if shift.is_pixels => format!("moved by {:.0} px", shift.by),
                _ => "moved".to_owned(),
            }),
            ChangeKind::RegionRetagged => {
                let former = self.other.region(change.region_from?)?;
                Some(format!("was {}", self.other.tags().get(former.tag).name))
            }
            _ => None,
        };
        let changes = self.image_changes(image).iter().filter(|change| change.region_to == Some(region));
        changes.filter_map(words).collect::<Vec<_>>().join(", ")
    }

    /// Both sides of each change; `catalogue` is that of the open project.
    pub fn sides<'a>(&'a self, catalogue: &'a Catalogue) -> Sides<'a> {
        Sides { changes: &self.changes, from: &self.other, to: catalogue, skips_names: self.skips_names }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum ChangesCommand {
    EditFolder(String),
    Compare(OtherState),
    /// Forget the comparison.
    Close,
    /// To the next (1) or previous (-1) change of the shown images.
    Step(i64),
    AskReport(ReportFormat),
    EditReportPath(String),
    /// Write the report; `replaces`: in the place of the file that is there.
    SaveReport {
        replaces: bool,
    },
}

#[derive(Clone, Debug)]
pub struct ReportJob {
    pub comparison: Arc<StateComparison>,
    pub catalogue: Arc<Catalogue>,
    pub project: String,
    pub format: ReportFormat,
    pub path: PathBuf,
    pub replaces: bool,
}

#[derive(Clone, Debug)]
pub struct CompareJob {
    pub number: u64,
    pub other: OtherState,
    pub catalogue: Arc<Catalogue>,
    /// Whether images without tags are among them.
    pub has_untagged: bool,
    /// Whether these may not be all.
    pub is_incomplete: bool,
    /// What could not be read of their list.
    pub problems: Vec<Problem>,
    /// Which iteration is open; `None`: the workspace.
    pub iteration: Option<IterationId>,
    pub project: Project,
    pub kind: ProjectKind,
}

#[derive(Clone, Debug)]
pub enum ChangesEvent {
    Compared { number: u64, result: Result<Arc<StateComparison>, Failure> },
    Saved(Result<PathBuf, Failure>),
}

/// What limits the comparison, a sentence each; nothing when everything was compared exactly.
pub fn limits(changes: &Changes) -> Vec<String> {
    let mut limits = Vec::new();
    if changes.images.ambiguous > 0 {
        let images = count(changes.images.ambiguous, "image", "images");
        limits.push(format!("{images} could not be matched by name, because several have the same name."));
    }
    let unknown = changes.count(ChangeKind::ImageUnknown);
    if unknown > 0 {
        let (images, whether) = match unknown {
            1 => ("1 image appears".to_owned(), "it was added or removed"),
            _ => (count(unknown, "image appears", "images appear"), "they were added or removed"),
        };
        limits.push(format!(
            "{images} in only one state, but the other could not be read completely, so Tagscope cannot tell whether {whether}."
        ));
    }
    if changes.regions.ambiguous > 0 {
        let regions = count(changes.regions.ambiguous, "region has", "regions have");
        limits.push(format!(
            "{regions} the same id as another region of the image, and were matched by tag and overlap instead."
        ));
    }
    if changes.regions.approximate_images > 0 {
        let images = count(changes.regions.approximate_images, "image has", "images have");
        limits.push(format!(
            "{images} too many overlapping boxes: these were matched to nearby ones, which may not be the best match."
        ));
    }
    let is_doubtful = |change: &&Change| change.is_uncertain && change.kind != ChangeKind::ImageUnknown;
    let uncertain = changes.list.iter().filter(is_doubtful).count() as u64;
    if uncertain > 0 {
        let changes = count(uncertain, "change", "changes");
        limits.push(format!("{changes} may not be real, because part of a state could not be read."));
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::changes::RegionsJoined;

    #[test]
    fn regions_that_share_an_id_are_mentioned_once() {
        let regions = RegionsJoined { ambiguous: 3, ..RegionsJoined::default() };
        let changes = Changes { regions, ..Changes::default() };
        let words =
            "3 regions have the same id as another region of the image, and were matched by tag and overlap instead.";
        assert_eq!(limits(&changes), [words]);
        assert!(limits(&Changes::default()).is_empty());
    }
}
