//! Messages for what has no place of its own on the screen.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::task::TaskId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Info,
    Success,
    Warning,
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeAction {
    /// Continue with the listing, or connect again.
    ResumeListing,
    /// Go to the fields of endpoint and key.
    EditConnection,
    /// Open the decisions for writing again.
    ReopenReviews,
    ShowTasks,
    ShowExport(TaskId),
    ShowArchive(TaskId),
    Reveal(PathBuf),
}

impl NoticeAction {
    pub fn label(&self) -> &'static str {
        match self {
            Self::ResumeListing | Self::ReopenReviews => "Try again",
            Self::EditConnection => "Endpoint and key...",
            Self::ShowTasks => "Show",
            Self::ShowExport(_) => "Show report",
            Self::ShowArchive(_) => "Archive report",
            Self::Reveal(_) => "Show the folder",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Notice {
    /// Never used twice in a session.
    pub id: u64,
    pub severity: Severity,
    pub title: String,
    pub body: String,
    /// What its button does.
    pub action: Option<NoticeAction>,
    /// For "Copy details".
    pub details: String,
}

impl Notice {
    /// A notice without button and details; [`State::push_notice`](super::State::push_notice) gives it its id.
    pub fn new(severity: Severity, title: impl Into<String>, body: impl Into<String>) -> Self {
        Self { id: 0, severity, title: title.into(), body: body.into(), action: None, details: String::new() }
    }

    /// What a failure says, with its details to copy.
    pub(super) fn from_failure(severity: Severity, failure: &Failure) -> Self {
        Self { details: failure.full_text(), ..Self::new(severity, failure.headline(), failure.advice()) }
    }

    /// Whether both say the same, or ask for the same action.
    pub(super) fn is_about_the_same_as(&self, other: &Self) -> bool {
        let says_the_same = (&self.title, &self.body) == (&other.title, &other.body);
        let is_about_reviews = |notice: &Self| notice.action == Some(NoticeAction::ReopenReviews);
        says_the_same || (is_about_reviews(self) && is_about_reviews(other))
    }

    /// A file or folder was written; a button shows it.
    pub fn saved(path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let action = Some(NoticeAction::Reveal(path.to_path_buf()));
        Self { action, ..Self::new(Severity::Success, format!("Saved {name}"), path.display().to_string()) }
    }
}
