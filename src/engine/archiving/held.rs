//! What earlier runs have of a picture: the interrupted one in the hidden folder, or the former archive.

use crate::failure::OrFailureAt as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::Job;
use crate::arrival::Extent;
use app::Failure;
use domain::{BlobKind, ImageId};
use pixels;
use storage::regular::{PICTURE_LIMIT, open_regular, read_bounded};
use storage::staging::{facts_of, measure};
use storage::{FileFacts, StorageError};

/// The files that the interrupted run has noted, by image and kind.
pub(super) type Noted = FxHashMap<(ImageId, BlobKind), (String, FileFacts)>;

/// A file of an earlier run that is what it was when it was written.
pub(super) struct Held {
    pub(super) name: String,
    pub(super) facts: FileFacts,
    pub(super) extent: Extent,
    /// Whether it is at least a part of a picture.
    pub(super) is_worth_keeping: bool,
    /// Where it lies outside the hidden folder; `None`: in it.
    outside: Option<PathBuf>,
}

#[derive(Default)]
pub(super) struct Found {
    pub(super) held: Option<Held>,
    /// Whether the former archive's file is not what its manifest says.
    pub(super) is_damaged: bool,
}

pub(super) fn noted(job: &Job) -> Noted {
    let entry =
        |(name, facts): (&String, &FileFacts)| Some(((image_of(name)?, kind_of(name)?), (name.clone(), facts.clone())));
    job.kept.iter().filter_map(entry).collect()
}

pub(super) fn image_of(name: &str) -> Option<ImageId> {
    name.rsplit('/').next()?.split('.').next()?.parse().ok()
}

pub(super) fn kind_of(name: &str) -> Option<BlobKind> {
    match name.split_once('/')?.0 {
        "originals" => Some(BlobKind::Original),
        "thumbnails" => Some(BlobKind::Thumbnail),
        _ => None,
    }
}

/// Whether a file is as it was noted. What is larger than any picture is not read.
pub(super) fn is_as_noted(path: &Path, facts: &FileFacts) -> Result<bool, StorageError> {
    let is_like_it = facts.bytes <= PICTURE_LIMIT
        && path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == facts.bytes);
    Ok(is_like_it && StorageError::if_readable(measure(path))?.is_some_and(|found| found == *facts))
}

/// Whether a file is plainly no picture: empty, a text or page, or a compressed answer. Earlier versions kept those.
pub(super) fn is_no_picture(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = open_regular(path).and_then(|file| file.take(pixels::FOREIGN_START).read_to_end(&mut start));
    read.is_ok() && pixels::foreign(&start).is_some()
}

/// Whether an earlier run has a file of a picture. Nothing is read for it.
pub(super) fn may_be_there(job: &Job, noted: &Noted, image: ImageId, kind: BlobKind) -> bool {
    noted.contains_key(&(image, kind)) || job.former.as_ref().is_some_and(|former| former.has(image, kind))
}

/// What earlier runs have of a picture; the interrupted one first. Blocks.
pub(super) fn find(
    job: &Job,
    noted: Option<(String, FileFacts)>,
    image: ImageId,
    kind: BlobKind,
) -> Result<Found, Failure> {
    if let Some((name, facts)) = noted {
        let path = job.staging.path().join(&name);
        let held = look(&path, &name, &facts, None).or_failure_at(&job.out)?;
        match held {
            Some(held) => return Ok(Found { held: Some(held), is_damaged: false }),
            // A loss of power has taken its bytes.
            None => job.staging.remove(&name).or_failure_at(&job.out)?,
        }
    }
    let Some(former) = job.former.as_ref().filter(|former| former.has(image, kind)) else {
        return Ok(Found::default());
    };
    let Some((name, facts)) = former.blob_facts(image, kind) else { return Ok(Found::default()) };
    let path = former.root().join(&*name);
    let held = look(&path, &name, facts, Some(&path)).or_failure_at(&job.out)?;
    Ok(Found { is_damaged: held.is_none(), held })
}

/// A file, when it is as it was noted.
fn look(path: &Path, name: &str, facts: &FileFacts, outside: Option<&Path>) -> Result<Option<Held>, StorageError> {
    if !path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == facts.bytes) {
        return Ok(None);
    }
    let Some(bytes) = StorageError::if_readable(read_bounded(path, PICTURE_LIMIT))? else { return Ok(None) };
    Ok((facts_of(&bytes) == *facts).then(|| Held {
        name: name.to_owned(),
        facts: facts.clone(),
        extent: Extent::of(&bytes),
        is_worth_keeping: pixels::foreign(&bytes).is_none(),
        outside: outside.map(Path::to_path_buf),
    }))
}

impl Held {
    /// Brings it into the hidden folder and notes it there.
    pub(super) fn place(&self, job: &Job) -> Result<(), Failure> {
        if let Some(from) = &self.outside {
            job.staging.bring(from, &self.name).or_failure_at(&job.out)?;
            job.staging.keep(&self.name, &self.facts).or_failure_at(&job.out)?;
        }
        Ok(())
    }

    /// Makes room in the hidden folder for what was fetched instead.
    pub(super) fn drop_it(&self, job: &Job) -> Result<(), Failure> {
        match &self.outside {
            None => job.staging.remove(&self.name).or_failure_at(&job.out),
            Some(_) => Ok(()),
        }
    }
}
