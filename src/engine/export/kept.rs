//! What an interrupted run has left whole in the hidden folder: its pictures. Labels are always written again.

use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::names;
use crate::failure::OrFailureAt as _;
use app::{ExportJob, Failure};
use domain::{ImageId, ImageRow};
use formats::dataset::id_in_stem;
use storage::staging::{facts_of, measure};
use storage::{FileFacts, Staging, StorageError};

/// The pictures by image.
#[derive(Debug, Default)]
pub(super) struct KeptPictures(FxHashMap<ImageId, (String, FileFacts)>);

/// What a run that is resumed must have in common with the one before. Formats and options may change: they do not touch the
/// pictures.
fn purpose(job: &ExportJob) -> String {
    let iteration = job.iteration.as_ref().map(|iteration| format!(", iteration {}", iteration.id)).unwrap_or_default();
    format!("export of project {}{iteration}, {} pictures", job.project.id, job.pixels.name())
}

/// Names exactly what a complete export holds: also formats, options and images.
pub(super) fn exact_purpose(job: &ExportJob) -> String {
    let formats: Vec<&str> = job.formats.iter().map(|format| format.name()).collect();
    let options = serde_json::to_string(&job.options).unwrap_or_default();
    let mut ids = Vec::new();
    for image in job.images.iter().filter_map(|&ix| job.catalogue.get(ix)) {
        ids.extend_from_slice(image.id().to_string().as_bytes());
    }
    format!("{}, {}, {options}, images {}", purpose(job), formats.join(","), facts_of(&ids).sha256)
}

/// Begins the hidden folder of an export, or continues with the one that is there. What this export does not ask for is
/// taken away.
pub(super) fn begin(job: &ExportJob, out: &Path) -> Result<(Staging, KeptPictures), Failure> {
    let (staging, kept) = Staging::lasting(out, &purpose(job), job.is_resumed, false).or_failure_at(out)?;
    let wanted: FxHashSet<ImageId> =
        job.images.iter().filter_map(|&ix| job.catalogue.get(ix)).map(|image| image.id()).collect();
    let mut pictures = FxHashMap::default();
    for (name, facts) in kept {
        let stem = name.rsplit('/').next().and_then(|file| file.rsplit_once('.')).map(|(stem, _)| stem);
        match stem.and_then(id_in_stem).filter(|(_, id)| wanted.contains(id)) {
            Some((_, id)) => {
                pictures.insert(id, (name, facts));
            }
            None => staging.remove(&name).or_failure_at(out)?,
        }
    }
    Ok((staging, KeptPictures(pictures)))
}

impl KeptPictures {
    /// Name, facts and bytes of an image's picture, when it is whole and under the name that the image has now; else what
    /// there is of it is taken away.
    pub(super) fn take(
        &self,
        staging: &Staging,
        row: &ImageRow,
    ) -> Result<Option<(String, FileFacts, Vec<u8>)>, StorageError> {
        let Some((name, facts)) = self.0.get(&row.id) else { return Ok(None) };
        let path = staging.path().join(name);
        let is_its_name = name.rsplit_once('.').is_some_and(|(stem, _)| stem == format!("images/{}", names::stem(row)));
        if is_its_name && StorageError::if_readable(measure(&path))?.is_some_and(|found| found == *facts) {
            let bytes = std::fs::read(&path).map_err(|error| StorageError::read(&path, error))?;
            return Ok(Some((name.clone(), facts.clone(), bytes)));
        }
        staging.remove(name)?;
        Ok(None)
    }

    /// Whether there may be one.
    pub(super) fn has(&self, image: ImageId) -> bool {
        self.0.contains_key(&image)
    }
}
