//! The query: which images are shown. Its part of the open project, and its commands; `update::query` does them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::outdated::Outdated;
use super::wall::ChosenRegions;
use domain::facets::{self, FacetCounts, FacetIndex, FacetSection, TagCount};
use domain::query::edit::{self, Standing};
use domain::query::{Program, Query, QueryError, Sources, Test};
use domain::{ImageIx, ImageView, TagIx};

/// Images of each tag in a sample that nobody has chosen a size for.
pub(super) const USUAL_SAMPLE: u32 = 50;

/// The open project's query. While somebody types, and where the text has an error, the last valid query stays in force.
#[derive(Clone, Debug, Default)]
pub struct QueryState {
    pub text: String,
    /// Why the text is not a query; `None` also while it is being typed and nobody needs to know yet.
    pub error: Option<QueryError>,
    /// Whether the text is being typed and has not been applied.
    pub(super) is_pending: bool,
    /// The last valid text.
    pub(super) good_text: String,
    /// As a tree.
    pub(super) query: Query,
    /// Made ready for the catalogue.
    pub(super) program: Program,
    /// What it says of regions; `None`: all regions of the shown images.
    pub regions: Option<ChosenRegions>,
    /// Counts up each time the list is asked for with something about regions.
    pub(super) times_asked: u64,
    /// Number of tags that the text was held against.
    pub(super) tag_count: usize,
    /// Number of images that a sample was drawn from.
    pub(super) drawn_from: usize,
    /// What decisions would change about the list if it were requested now.
    pub outdated: Outdated,
    pub facets: FacetState,
}

impl QueryState {
    /// A query that has yet to be held against a catalogue.
    pub(super) fn from_text(text: String) -> Self {
        Self { text, tag_count: usize::MAX, ..Self::default() }
    }

    /// Whether every image is shown and nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.program.is_everything()
    }

    /// Whether every image is shown.
    pub fn is_everything(&self) -> bool {
        self.program.is_everything()
    }

    pub fn query(&self) -> &Query {
        &self.query
    }

    pub fn is_pending(&self) -> bool {
        self.is_pending
    }

    /// The text of the query that is in force: the last valid one that was applied.
    pub fn text_in_force(&self) -> &str {
        &self.good_text
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Whether a sample was drawn from so few images that it is drawn again: all draws of a list that grows together cost
    /// as much as a few.
    pub(super) fn is_drawn_from_few(&self, images: usize) -> bool {
        self.program.asks_sample() && images > self.drawn_from + self.drawn_from / 4
    }

    /// Whether a test is among the included or the excluded ones.
    pub fn standing(&self, test: &Test) -> Standing {
        edit::standing(&self.query, test)
    }
}

/// The facets of the images, kept as pages come in.
#[derive(Clone, Debug, Default)]
pub struct FacetState {
    /// Ready to be listed.
    pub sections: Vec<FacetSection>,
    /// Which entries each image belongs to.
    pub index: FacetIndex,
    pub(super) total: FacetCounts,
    pub(super) shown: FacetCounts,
}

impl FacetState {
    /// Whether any image has a date. Also while no image is listed: dates may be yet to come.
    pub fn has_dates(&self) -> bool {
        self.total.images == 0 || self.total.undated < self.total.images
    }

    /// How many of the images that are shown, and of their regions, have a tag.
    pub fn tag_count(&self, tag: TagIx) -> TagCount {
        self.shown.of_tag(tag)
    }

    /// Counts again what is found, changed and decided, and everything of the images that are shown now.
    pub(super) fn count(&mut self, sources: &Sources<'_>, shown: &[ImageIx]) {
        self.extend(sources);
        let all = self.all();
        self.total.recount(&self.index, sources, &all);
        if shown.len() == all.len() {
            self.shown.clone_from(&self.total);
        } else {
            self.shown = FacetCounts::default();
            self.shown.add(&self.index, sources, shown);
        }
        self.sections = facets::sections(&self.index, &self.total, &self.shown);
    }

    /// Counts again what is found, changed and decided.
    pub(super) fn recount(&mut self, sources: &Sources<'_>, shown: &[ImageIx]) {
        self.total.recount(&self.index, sources, &self.all());
        self.shown.recount(&self.index, sources, shown);
        self.sections = facets::sections(&self.index, &self.total, &self.shown);
    }

    /// Counts again what becomes of predictions.
    pub(super) fn recount_outcomes(&mut self, sources: &Sources<'_>, shown: &[ImageIx]) {
        self.total.recount_outcomes(sources.predicted, &self.all());
        self.shown.recount_outcomes(sources.predicted, shown);
        self.sections = facets::sections(&self.index, &self.total, &self.shown);
    }

    /// Counts images that have just arrived, and those of them that are shown.
    pub(super) fn add(&mut self, sources: &Sources<'_>, shown: &[ImageIx]) {
        self.extend(sources);
        self.shown.add(&self.index, sources, shown);
        self.sections = facets::sections(&self.index, &self.total, &self.shown);
    }

    /// Counts an image under the size that it is measured in now.
    pub(super) fn resize(&mut self, image: ImageView<'_>, is_shown: bool) {
        if image.ix.index() >= self.index.len() {
            return;
        }
        let (before, now) = self.index.reread_size(image);
        self.total.move_size(before, now);
        if is_shown {
            self.shown.move_size(before, now);
        }
    }

    fn extend(&mut self, sources: &Sources<'_>) {
        let from = self.index.len() as u32;
        self.index.extend(sources.catalogue, sources.reviews);
        let fresh: Vec<_> = (from..self.index.len() as u32).map(ImageIx).collect();
        self.total.add(&self.index, sources, &fresh);
    }

    fn all(&self) -> Vec<ImageIx> {
        (0..self.index.len() as u32).map(ImageIx).collect()
    }
}

/// What people ask for. Tests come from [`edit`] or from a facet's entry.
#[derive(Clone, Debug)]
pub enum QueryCommand {
    /// The text of the box, applied at once.
    Edit(String),
    /// The text of the box while somebody types: it is kept, and applied by [`QueryCommand::ApplyTyped`].
    Type(String),
    /// Apply what was typed; `reports_error`: else text with an error stays as it is being typed.
    ApplyTyped {
        reports_error: bool,
    },
    Clear,
    /// Hold the same query against everything again, after decisions.
    Refresh,
    /// A test among the included ones, or out.
    Include(Test),
    /// A test among the excluded ones, or out.
    Exclude(Test),
    /// Only this value of its term; again: any.
    Only(Test),
    /// Take away the part that is at this place of the text in force.
    TakeAway(Range<usize>),
    /// A random sample of so many images of each tag; again: another one.
    Sample(u32),
    /// Keep the query in force under a name; one of that name makes room.
    Save(String),
    Forget(String),
    /// What had the new name before goes.
    Rename {
        from: String,
        to: String,
    },
    /// So many places down the list; up where it is negative.
    Move {
        name: String,
        by: isize,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedQuery {
    pub name: String,
    pub text: String,
}
