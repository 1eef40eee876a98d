//! What a job needs to be started again, in small form: the choices, not the lists of images that they were made about.
//! It is kept with a task while the task may be retried, and in the state folder while the job runs, so that the next
//! start can offer to resume what was interrupted.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::export::ExportWhat;
use domain::{Destination, ImageId, IterationId, ProjectId};
use formats::{Format, FormatOptions, PixelChoice};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    Export(Arc<ExportPlan>),
    Archive(Arc<ArchivePlan>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportPlan {
    pub project: ProjectId,
    pub project_name: String,
    /// The iteration; `None`: the workspace.
    pub iteration: Option<IterationId>,
    pub what: ExportWhat,
    /// The images in the order of the export; `None`: all of the project.
    pub images: Option<Vec<ImageId>>,
    /// At least one format.
    pub formats: Vec<Format>,
    pub pixels: PixelChoice,
    pub options: FormatOptions,
    /// The query that let the images through, as it was.
    pub query: Option<String>,
    pub out: Destination,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchivePlan {
    pub project: ProjectId,
    pub project_name: String,
    /// Where it goes: a new place, or an archive on this computer that is brought up to date.
    pub out: Destination,
    pub has_thumbnails: bool,
    pub has_iterations: bool,
}

impl Retry {
    pub fn out(&self) -> &Destination {
        match self {
            Self::Export(plan) => &plan.out,
            Self::Archive(plan) => &plan.out,
        }
    }

    pub fn project(&self) -> (ProjectId, &str) {
        match self {
            Self::Export(plan) => (plan.project, &plan.project_name),
            Self::Archive(plan) => (plan.project, &plan.project_name),
        }
    }

    /// "Export to forks-2026-11".
    pub fn title(&self) -> String {
        let what = match self {
            Self::Export(_) => "Export to",
            Self::Archive(_) => "Archive to",
        };
        format!("{what} \u{201c}{}\u{201d}", self.out().last_name())
    }
}

/// A job that an earlier session began and did not end.
#[derive(Clone, Debug, PartialEq)]
pub struct Interrupted {
    pub retry: Retry,
    /// The hidden folder that holds what was done.
    pub folder: PathBuf,
}

/// An archive of a project, for tests.
#[cfg(test)]
pub(crate) fn an_archive() -> Retry {
    Retry::Archive(Arc::new(ArchivePlan {
        project: ProjectId(uuid::Uuid::nil()),
        project_name: "forks".to_owned(),
        out: "/data/forks".into(),
        has_thumbnails: false,
        has_iterations: false,
    }))
}
