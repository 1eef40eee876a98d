//! Statistics of what is shown or of all images. Its part of the state, and its commands, effects and events;
//! `update::statistics` does them.

use std::path::PathBuf;
use std::sync::Arc;

use super::failure::Failure;
use domain::stats::{Panel, Statistics, Target};
use domain::{Catalogue, ImageIx};

#[derive(Clone, Debug, Default)]
pub struct StatisticsState {
    pub scope: StatisticsScope,
    /// The last figures: they stay until the next ones are there.
    pub figures: Option<Arc<Statistics>>,
    pub failure: Option<Failure>,
    /// What the figures were made of.
    pub(super) held: Option<StatisticsStamp>,
    /// What is being counted.
    pub(super) asked: Option<StatisticsStamp>,
    /// Counts how often the images have become others in their places.
    pub(super) edition: u64,
    pub form: SaveForm,
}

impl StatisticsState {
    /// The images that the figures are of, whatever is chosen by now.
    pub(super) fn scope_of_figures(&self) -> StatisticsScope {
        self.held.map_or(self.scope, |stamp| stamp.scope)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatisticsScope {
    #[default]
    Shown,
    All,
}

/// What figures are made of: equal ones give equal figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatisticsStamp {
    pub(super) scope: StatisticsScope,
    pub(super) edition: u64,
    pub(super) images: usize,
    pub(super) tags: usize,
    /// Changes with the set of shown images, not with their order.
    pub(super) shown: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlotFormat {
    #[default]
    Png,
    Csv,
}

impl PlotFormat {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Csv => "csv",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Csv => "CSV",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SaveWhat {
    /// All plots in both formats, into a new folder.
    #[default]
    All,
    /// One plot, into a file.
    One(Panel, PlotFormat),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SaveForm {
    pub what: SaveWhat,
    pub path: String,
    pub failure: Option<Failure>,
    /// A file of this name is there: it is replaced only when people say so.
    pub is_taken: bool,
    pub is_busy: bool,
}

#[derive(Clone, Debug)]
pub enum StatisticsCommand {
    SetScope(StatisticsScope),
    /// Show only what a bar, cell or pair stands for.
    Narrow(Target),
    AskSave(SaveWhat),
    EditPath(String),
    /// Write; `replaces`: in the place of the file that is there.
    Save {
        replaces: bool,
    },
}

#[derive(Clone, Debug)]
pub enum StatisticsEffect {
    /// Count these images (`None`: all) -> `StatisticsEvent::Counted`. One at a time. `is_restless`: more is on its way,
    /// so that a breath before counting saves work.
    Count { catalogue: Arc<Catalogue>, images: Option<Arc<[ImageIx]>>, stamp: StatisticsStamp, is_restless: bool },
    /// Write plots -> `StatisticsEvent::Saved`.
    Save(Box<SaveJob>),
}

#[derive(Clone, Debug)]
pub struct SaveJob {
    pub figures: Arc<Statistics>,
    pub what: SaveWhat,
    /// The file, or the folder to be made.
    pub path: PathBuf,
    pub replaces: bool,
    /// Under the head of a picture: the project, and of how many images.
    pub caption: String,
}

#[derive(Clone, Debug)]
pub enum StatisticsEvent {
    /// The end of a count.
    Counted { stamp: StatisticsStamp, figures: Result<Arc<Statistics>, Failure> },
    /// The end of a save: the file or the folder.
    Saved(Result<PathBuf, Failure>),
}
