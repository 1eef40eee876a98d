//! What has changed between two states of a project: reads both and compares them on several threads.
//!
//! A state is a service's workspace or iteration, an archive's, or a dataset on disk. A dataset is read into memory; nothing
//! is written. What could not be read of a state is a doubt of it, and never looks as if it were gone.

mod load;
mod named;
mod report;
#[cfg(test)]
mod tests;
mod window;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::original_sizes;
use super::parallel;
use app::Failure;
use domain::changes::{Changes, ChangesPart, ComparedState, Digest, Plan};
use domain::{Catalogue, ImageId, ImageIx, Project, ProjectKind};
use storage::Archive;

pub use load::load;
use load::load_dataset;
pub use named::{SERVICE, StateError, StatePlace, cuts, load_folder, project_and_iteration};
pub(super) use window::{run, save};

/// Images that one thread compares at a time.
const IMAGES_A_PART: usize = 2_048;

/// A state of a project that was read, with everything that a comparison needs.
#[derive(Debug)]
pub struct LoadedState {
    /// Its images, those without tags too, with their regions and tags.
    pub catalogue: Catalogue,
    pub project: Project,
    pub kind: ProjectKind,
    /// SHA-256 of the originals, where they are known.
    pub digests: FxHashMap<ImageId, Digest>,
    /// Whether it is a dataset of another program, or an archive made of one.
    pub is_import: bool,
    /// Images whose rows could not be read.
    pub unreadable: FxHashSet<ImageId>,
    /// Whether images may be missing.
    pub is_incomplete: bool,
    /// Whether regions or tags may be missing anywhere.
    pub lacks_parts: bool,
    /// What speaks against the state being whole, a sentence each.
    pub doubts: Vec<String>,
    /// What was noticed and takes nothing from the comparison.
    pub notes: Vec<String>,
    /// The archive that its pictures are in.
    archive: Option<Arc<Archive>>,
    /// The files of its pictures, of a dataset.
    files: FxHashMap<ImageId, PathBuf>,
}

impl LoadedState {
    fn state<'a>(&'a self, digest: &'a (dyn Fn(ImageId) -> Option<Digest> + Sync)) -> ComparedState<'a> {
        ComparedState {
            catalogue: &self.catalogue,
            project: &self.project,
            kind: self.kind,
            digest,
            is_import: self.is_import,
            unreadable: &self.unreadable,
            is_incomplete: self.is_incomplete,
            lacks_parts: self.lacks_parts,
        }
    }

    /// Learns the sizes of originals, in whose pixels moves are measured.
    fn know_sizes(&mut self, images: &[ImageIx]) {
        if let Some(archive) = &self.archive {
            let sizes = original_sizes::sizes_of(archive, &self.catalogue, images);
            self.catalogue.know_originals(&sizes);
        }
    }
}

/// Compares two states. `iou`: from which overlap on two boxes without a common id may be the same region. Blocks.
///
/// # Errors
/// When the work was interrupted by a failure of its own.
pub fn compare(from: &mut LoadedState, to: &mut LoadedState, iou: f32) -> Result<Changes, Failure> {
    let inexact: (Vec<ImageIx>, Vec<ImageIx>) = planned(from, to, iou, |plan| plan.inexact().unzip());
    from.know_sizes(&inexact.0);
    to.know_sizes(&inexact.1);
    planned(from, to, iou, |plan| {
        let count = plan.len().div_ceil(IMAGES_A_PART);
        let parts = Mutex::new(vec![ChangesPart::default(); count]);
        let work = |number: usize| {
            let start = number * IMAGES_A_PART;
            let part = plan.compare(start..(start + IMAGES_A_PART).min(plan.len()));
            parts.lock().unwrap_or_else(PoisonError::into_inner)[number] = part;
            Ok::<_, Failure>(())
        };
        parallel::each(count, work, || Ok(()))?;
        Ok(plan.gather(parts.into_inner().unwrap_or_else(PoisonError::into_inner)))
    })
}

fn planned<T>(from: &LoadedState, to: &LoadedState, iou: f32, work: impl FnOnce(Plan<'_>) -> T) -> T {
    let one = |id: ImageId| from.digests.get(&id).copied();
    let other = |id: ImageId| to.digests.get(&id).copied();
    work(Plan::new(from.state(&one), to.state(&other), iou))
}
