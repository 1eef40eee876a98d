//! Statistics of what is shown or of all images. Its part of the state, and its commands, effects and events;
//! `update::statistics` does them.

use std::path::PathBuf;
use std::sync::Arc;

use super::failure::Failure;
use domain::stats::{Panel, Statistics, Target};
use domain::{Catalogue, ImageIx};

/// The open project's part of the state.
#[derive(Clone, Debug, Default)]
pub struct StatisticsState {
    /// Which images are counted.
    pub scope: StatisticsScope,
    /// The last figures: they stay until the next ones are there.
    pub figures: Option<Arc<Statistics>>,
    /// Why there are no fresh ones.
    pub failure: Option<Failure>,
    /// What the figures were made of.
    pub(super) held: Option<StatisticsStamp>,
    /// What is being counted.
    pub(super) asked: Option<StatisticsStamp>,
    /// Counts how often the images have become others in their places.
    pub(super) edition: u64,
    /// The dialog's fields.
    pub form: SaveForm,
}

impl StatisticsState {
    /// Whether the figures are of an earlier state of the list.
    pub fn is_counting(&self) -> bool {
        self.asked.is_some()
    }

    /// The images that the figures are of, whatever is chosen by now.
    pub fn scope_of_figures(&self) -> StatisticsScope {
        self.held.map_or(self.scope, |stamp| stamp.scope)
    }
}

/// Which images are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatisticsScope {
    /// The shown ones.
    #[default]
    Shown,
    /// All.
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

/// How a plot is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlotFormat {
    /// A picture.
    #[default]
    Png,
    /// Numbers.
    Csv,
}

impl PlotFormat {
    /// The ending of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Csv => "csv",
        }
    }

    /// Its name for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Csv => "CSV",
        }
    }
}

/// What is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SaveWhat {
    /// All plots in both formats, into a new folder.
    #[default]
    All,
    /// One plot, into a file.
    One(Panel, PlotFormat),
}

/// The fields of the dialog that saves plots.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SaveForm {
    /// All plots, or one as PNG or CSV.
    pub what: SaveWhat,
    /// Where to, as typed.
    pub path: String,
    /// Why it cannot be done.
    pub failure: Option<Failure>,
    /// A file of this name is there: it is replaced only when people say so.
    pub is_taken: bool,
    /// Whether it is being written.
    pub is_busy: bool,
}

/// What people ask for.
#[derive(Clone, Debug)]
pub enum StatisticsCommand {
    /// Which images are counted.
    SetScope(StatisticsScope),
    /// Show only what a bar, cell or pair stands for.
    Narrow(Target),
    /// Open the dialog that saves.
    AskSave(SaveWhat),
    /// Its path has changed.
    EditPath(String),
    /// Write; `replaces`: in the place of the file that is there.
    Save {
        /// Whether a file of this name may be replaced.
        replaces: bool,
    },
}

/// What the engine is asked to do.
#[derive(Clone, Debug)]
pub enum StatisticsEffect {
    /// Count -> `StatisticsEvent::Counted`. One at a time.
    Count {
        /// All images.
        catalogue: Arc<Catalogue>,
        /// Those to be counted; `None`: all.
        images: Option<Arc<[ImageIx]>>,
        /// Comes back with the answer.
        stamp: StatisticsStamp,
        /// Whether more is on its way, so that a breath before counting saves work.
        is_restless: bool,
    },
    /// Write plots -> `StatisticsEvent::Saved`.
    Save(Box<SaveJob>),
}

/// What is to be written.
#[derive(Clone, Debug)]
pub struct SaveJob {
    /// The figures.
    pub figures: Arc<Statistics>,
    /// Which plots.
    pub what: SaveWhat,
    /// The file, or the folder to be made.
    pub path: PathBuf,
    /// Whether a file of this name may be replaced.
    pub replaces: bool,
    /// Under the head of a picture: the project, and of how many images.
    pub caption: String,
}

/// What the engine reports of the open project.
#[derive(Clone, Debug)]
pub enum StatisticsEvent {
    /// The end of a count.
    Counted {
        /// As asked.
        stamp: StatisticsStamp,
        /// The figures.
        figures: Result<Arc<Statistics>, Failure>,
    },
    /// The end of a save: the file or the folder.
    Saved(Result<PathBuf, Failure>),
}
