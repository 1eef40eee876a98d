//! What becomes of files and folders that are dropped onto the window, by their names: a dataset may be a table as well, so
//! only what is named so is taken for reviews or predictions.

use std::path::{Path, PathBuf};

use super::predictions::MOST_SETS;
use super::words::count;
use super::{Notice, Severity};

/// What is done with what was dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DropUse {
    /// Reviews are offered for import into the open project, all of them as one step.
    Reviews(Vec<PathBuf>),
    /// Predictions are loaded, one file after the other.
    Predictions(Vec<PathBuf>),
    /// An archive or dataset is opened: there is one at a time.
    Open(PathBuf),
}

/// Which dropped files are used, and which are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    pub used: DropUse,
    pub left: Vec<PathBuf>,
}

/// What was dropped with an archive or dataset that is being opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    pub(super) opening: PathBuf,
    pub(super) left: Vec<PathBuf>,
}

/// Names of others that are said.
const MOST_NAMES: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reviews,
    Predictions,
    Other,
}

fn kind_of(has_project: bool, path: &Path) -> Kind {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let ends_in = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    match has_project {
        true if name.contains("review") && ends_in(&[".csv", ".json"]) => Kind::Reviews,
        true if (name.contains("predict") || name.contains("results")) && ends_in(&[".json", ".jsonl"]) => {
            Kind::Predictions
        }
        _ => Kind::Other,
    }
}

impl Dropped {
    /// What would become of these; the first one decides. `None`: there are none. `has_project`: one is on the screen.
    pub fn new(has_project: bool, paths: &[PathBuf]) -> Option<Self> {
        let first = paths.first()?;
        let kind = kind_of(has_project, first);
        let most = match kind {
            Kind::Reviews => usize::MAX,
            Kind::Predictions => MOST_SETS,
            Kind::Other => 1,
        };
        let (mut used, mut left) = (Vec::new(), Vec::new());
        for path in paths {
            let is_used = kind_of(has_project, path) == kind && used.len() < most;
            if is_used { &mut used } else { &mut left }.push(path.clone());
        }
        let used = match kind {
            Kind::Reviews => DropUse::Reviews(used),
            Kind::Predictions => DropUse::Predictions(used),
            Kind::Other => DropUse::Open(first.clone()),
        };
        Some(Self { used, left })
    }

    /// What dropping would do, said while it is held over the window.
    pub fn offer(&self) -> String {
        let words = match &self.used {
            DropUse::Reviews(_) => "Drop to import these reviews".to_owned(),
            DropUse::Predictions(_) => "Drop to load these predictions".to_owned(),
            DropUse::Open(_) if self.left.is_empty() => "Drop to open this archive or dataset".to_owned(),
            DropUse::Open(path) => format!("Drop to open {}", name_of(path)),
        };
        match self.left.len() as u64 {
            0 => words,
            left => format!("{words}; {} not be opened", count(left, "other will", "others will")),
        }
    }

    /// Says what is not taken; nothing where all is.
    pub(super) fn notice(&self) -> Option<Notice> {
        let words = match &self.used {
            DropUse::Open(_) => return None,
            DropUse::Reviews(_) => "Drop datasets and predictions by themselves.".to_owned(),
            DropUse::Predictions(used) if used.len() == MOST_SETS => {
                format!("At most {MOST_SETS} sets of predictions can be loaded at a time.")
            }
            DropUse::Predictions(_) => "Drop datasets and reviews by themselves.".to_owned(),
        };
        notice("Some dropped files were not used", &self.left, &words)
    }
}

impl LeftBehind {
    /// Says what was opened, or tried, and what was not.
    pub(super) fn notice(&self, is_opened: bool) -> Option<Notice> {
        let name = name_of(&self.opening);
        let title = if is_opened { format!("Only {name} was opened") } else { format!("Only {name} was tried") };
        notice(&title, &self.left, "One archive or dataset can be open at a time.")
    }
}

fn notice(title: &str, left: &[PathBuf], words: &str) -> Option<Notice> {
    let mut names: Vec<_> = left.iter().take(MOST_NAMES).map(|path| name_of(path)).collect();
    if left.len() > MOST_NAMES {
        names.push(format!("{} more", left.len() - MOST_NAMES));
    }
    let body = format!("Not opened: {}. {words}", names.join(", "));
    (!left.is_empty()).then(|| Notice::new(Severity::Warning, title, body))
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
