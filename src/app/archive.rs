//! The whole project into a folder: the job, its report, and the dialog's fields. The way to leave the service.

use std::path::PathBuf;
use std::sync::Arc;

use super::failure::Failure;
use super::retry::ArchivePlan;
use super::task::{Skip, TaskId};
use domain::{ImageId, IterationId, Project, ProjectId};

/// What to archive, and where.
#[derive(Clone, Debug)]
pub struct ArchiveJob {
    /// The row of the task list.
    pub task: TaskId,
    /// What starts it again, for the list of running jobs; `None`: it is on no list.
    pub plan: Option<Arc<ArchivePlan>>,
    /// The project.
    pub project: Project,
    /// The folder: free, or an archive of the same project that is to be brought up to date.
    pub out: PathBuf,
    /// Whether to continue with what an interrupted run has left.
    pub is_resumed: bool,
    /// Whether the service's thumbnails are fetched too.
    pub has_thumbnails: bool,
    /// Whether the images of its iterations are taken too, with the tags and regions that each was trained on.
    pub has_iterations: bool,
    /// Whether what its iterations predict is taken too; then their images are as well.
    pub has_predictions: bool,
}

/// An iteration whose images are in an archive.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchivedIteration {
    /// Which.
    pub id: IterationId,
    /// Its name.
    pub name: String,
    /// Images in it that have tags.
    pub images: u64,
    /// Images in it without any tag.
    pub untagged: u64,
    /// Regions in it.
    pub regions: u64,
    /// Tags in it.
    pub tags: u64,
    /// Its images that neither the workspace nor an iteration before it in the list has.
    pub only_there: u64,
    /// Whether the service has it no more; then it was kept from the former archive.
    pub is_vanished: bool,
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
    /// The iterations whose images are in it.
    pub iterations: Vec<ArchivedIteration>,
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
    /// Of these, pictures of which the former archive had only a part, or something else in their place.
    pub completed: u64,
    /// Whether an archive stood there before; else the next three are empty.
    pub is_update: bool,
    /// Images that the former archive did not have.
    pub added: Vec<ImageId>,
    /// Images whose tags, regions or other facts differ from the former archive.
    pub changed: Vec<ImageId>,
    /// Images of the former archive that the service does not list any more: kept in `vanished.jsonl`, with pictures.
    pub vanished: Vec<ImageId>,
    /// Images in `vanished.jsonl`, those that vanished earlier included.
    pub kept_vanished: u64,
    /// Everything that is missing or odd, each with its reason.
    pub skips: Vec<Skip>,
    /// Hidden folders next to it that killed runs had left and that were removed.
    pub cleared: Vec<String>,
    /// What was done about what interrupted runs had left next to it, a sentence each.
    pub mended: Vec<String>,
    /// What is worth knowing about the whole, a sentence each.
    pub notes: Vec<String>,
    /// Pictures in it of which a part is missing: the image, and what is wrong. They are itemized as well.
    pub incomplete: Vec<(ImageId, String)>,
    /// What is good to know and takes nothing from the archive, a sentence each.
    pub remarks: Vec<String>,
    /// Seconds it took.
    pub seconds: f32,
}

impl ArchiveReport {
    /// Images of which there should be an original: the workspace's, and those that only iterations have.
    pub fn all_images(&self) -> u64 {
        self.images + self.untagged + self.iterations.iter().map(|iteration| iteration.only_there).sum::<u64>()
    }

    /// Adds something that is missing or odd about an image with its file name, as far as that is known.
    pub fn itemize(&mut self, image: ImageId, name: Option<&str>, is_left_out: bool, reason: impl Into<String>) {
        let (image, name, reason) = (image.to_string(), name.map(str::to_owned), reason.into());
        self.skips.push(Skip { image, name, region: None, format: None, is_left_out, reason });
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
    /// Whether the images of its iterations are taken too.
    pub has_iterations: bool,
    /// Why it cannot start.
    pub failure: Option<Failure>,
}

impl Default for LeaveForm {
    fn default() -> Self {
        Self { project: None, folder: String::new(), has_thumbnails: true, has_iterations: true, failure: None }
    }
}
