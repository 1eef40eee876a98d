//! The whole project into a folder: the job, its report, and the dialog's fields. The way to leave the service.

use std::path::PathBuf;

use super::notice::Failure;
use super::task::{Skip, TaskId};
use crate::domain::{ImageId, Project, ProjectId};

/// What to archive, and where.
#[derive(Clone, Debug)]
pub struct ArchiveJob {
    /// The row of the task list.
    pub task: TaskId,
    /// The project.
    pub project: Project,
    /// The folder: free, or an archive of the same project that is to be brought up to date.
    pub out: PathBuf,
    /// Whether to go on with what an interrupted run has left.
    pub is_resumed: bool,
    /// Whether the service's thumbnails are fetched too.
    pub has_thumbnails: bool,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveReport {
    /// The archive.
    pub folder: PathBuf,
    /// The project's name.
    pub project: String,
    /// Images in it that have tags.
    pub images: u64,
    /// Images in it without any tag.
    pub untagged: u64,
    /// Regions in it.
    pub regions: u64,
    /// Tags in it.
    pub tags: u64,
    /// Originals in it.
    pub originals: u64,
    /// Thumbnails in it.
    pub thumbnails: u64,
    /// Bytes of all pictures in it.
    pub bytes: u64,
    /// Pictures that were fetched by this run.
    pub fetched: u64,
    /// Pictures that an interrupted run or the former archive had already.
    pub reused: u64,
    /// Whether an archive stood there before; else the next three are empty.
    pub is_update: bool,
    /// Images that the former archive did not have.
    pub added: Vec<ImageId>,
    /// Images whose tags, regions or other facts differ from the former archive.
    pub changed: Vec<ImageId>,
    /// Images of the former archive that the service does not list any more: kept in `vanished.jsonl`, with pictures.
    pub vanished: Vec<ImageId>,
    /// Everything that is missing or odd, each with its reason.
    pub skips: Vec<Skip>,
    /// What is worth knowing about the whole, a sentence each.
    pub notes: Vec<String>,
    /// Seconds it took.
    pub seconds: f32,
}

impl ArchiveReport {
    /// Adds something that is missing or odd about an image.
    pub fn itemise(&mut self, image: ImageId, is_left_out: bool, reason: impl Into<String>) {
        let (image, reason) = (image.to_string(), reason.into());
        self.skips.push(Skip { image, region: None, format: None, is_left_out, reason });
    }

    /// Whether every image has its original and the list is complete.
    pub fn is_whole(&self) -> bool {
        self.notes.is_empty() && self.skips.iter().all(|skip| !skip.is_left_out)
    }
}

/// The fields of the dialog "Leave Custom Vision...".
#[derive(Clone, Debug, PartialEq)]
pub struct LeaveForm {
    /// The project that the folder is for.
    pub project: Option<ProjectId>,
    /// Where to, as typed.
    pub folder: String,
    /// Whether the service's thumbnails are kept too.
    pub has_thumbnails: bool,
    /// Why it cannot start.
    pub failure: Option<Failure>,
}

impl Default for LeaveForm {
    fn default() -> Self {
        Self { project: None, folder: String::new(), has_thumbnails: true, failure: None }
    }
}
