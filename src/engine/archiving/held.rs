//! What earlier runs have of a picture: the interrupted one in the hidden folder, or the former archive. And what only
//! the former archive has: the rows of images that vanished, and every picture that the new one does not have.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::Job;
use crate::arrival::Extent;
use crate::failure::OrFailureAt as _;
use app::{ArchiveReport, Failure};
use domain::{BlobKind, Catalogue, ImageId, ImageRow, UriForm, write_image};
use storage::archive::{REPORT_FILE, VANISHED_FILE};
use storage::regular::{PICTURE_LIMIT, open_regular, read_bounded};
use storage::staging::{facts_of, measure};
use storage::{Archive, FileFacts, Kept, Staging, StorageError};

/// The files that the interrupted run has noted, by image and kind.
pub(super) type Noted = FxHashMap<(ImageId, BlobKind), (String, FileFacts)>;

pub(super) type Placed = Vec<(String, FileFacts)>;

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
        extent: Extent::from_bytes(&bytes),
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

/// Names of pictures that were damaged in the former archive already and that nobody has any better. The manifest continues
/// saying what they should be, so that `verify` continues naming them.
pub(super) type Damaged = FxHashSet<String>;

/// Writes the list of images that the service has no more.
pub(super) fn list_vanished(staging: &Staging, vanished: &[ImageRow]) -> Result<(String, FileFacts), StorageError> {
    let mut list = staging.create(VANISHED_FILE)?;
    let mut line = Vec::new();
    for row in vanished {
        line.clear();
        write_image(row, UriForm::Absent, &mut line);
        line.push(b'\n');
        list.write_all(&line).map_err(|error| StorageError::write(list.path(), error))?;
    }
    Ok((VANISHED_FILE.to_owned(), list.finish()?))
}

/// Brings every file of the former archive that is no list and that the new one does not have; those that are damaged.
/// `written` are the names of what the new one has of iterations already.
pub(super) fn bring_rest(
    former: &Archive,
    staging: &Staging,
    (catalogue, vanished): (&Catalogue, &[ImageRow]),
    written: &FxHashSet<&str>,
    files: &mut Placed,
    report: &mut ArchiveReport,
) -> Result<Damaged, StorageError> {
    let there: FxHashSet<(ImageId, BlobKind)> =
        files.iter().filter_map(|(name, _)| Some((image_of(name)?, kind_of(name)?))).collect();
    let mut damaged = Damaged::default();
    let name_of = |image: ImageId| {
        let listed =
            catalogue.find(image).and_then(|ix| catalogue.get(ix)).and_then(|image| image.name().map(str::to_owned));
        listed.or_else(|| vanished.iter().find(|row| row.id == image)?.name().map(str::to_owned))
    };
    let mut pictures: Vec<_> =
        former.pictures().filter(|(image, kind, ..)| !there.contains(&(*image, *kind))).collect();
    pictures.sort_by(|(_, _, a, _), (_, _, b, _)| a.cmp(b));
    for (image, kind, name, facts) in pictures {
        let from = former.root().join(&*name);
        let what = if kind == BlobKind::Thumbnail { "thumbnail" } else { "original" };
        if !from.symlink_metadata().is_ok_and(|found| found.is_file()) {
            let reason = format!("Its {what} is missing from the previous archive.");
            report.itemize(image, name_of(image).as_deref(), kind == BlobKind::Original, reason);
            continue;
        }
        // An earlier version kept it in place of a picture. That the image has none is itemized already.
        if catalogue.find(image).is_some() && is_no_picture(&from) {
            continue;
        }
        if !is_as_noted(&from, facts)? {
            let reason = format!("Its {what} is damaged, and the service does not have it. {name} was kept unchanged.");
            report.itemize(image, name_of(image).as_deref(), false, reason);
            damaged.insert(name.to_string());
        } else if kind == BlobKind::Thumbnail && catalogue.find(image).is_some() {
            (report.thumbnails, report.reused) = (report.thumbnails + 1, report.reused + 1);
            report.bytes += facts.bytes;
        }
        bring(staging, &from, &name)?;
        files.push((name.into_owned(), facts.clone()));
    }
    // What later versions, or nobody, can explain; the lists were written again.
    let lists: FxHashSet<String> = std::iter::once(former.workspace())
        .chain(former.trained())
        .flat_map(|contents| <[String; 2]>::from(contents.file_names()))
        .chain([VANISHED_FILE.to_owned(), REPORT_FILE.to_owned()])
        .collect();
    for (name, facts) in former.others().filter(|(name, _)| !lists.contains(*name) && !written.contains(*name)) {
        bring(staging, &former.root().join(name), name)?;
        files.push((name.to_owned(), facts.clone()));
    }
    Ok(damaged)
}

/// Removes what an interrupted run has left in the hidden folder of images that are not wanted any more.
pub(super) fn drop_unwanted<'a>(
    kept: &Kept,
    staging: &Staging,
    files: impl Iterator<Item = &'a str>,
) -> Result<(), StorageError> {
    let wanted: FxHashSet<&str> = files.collect();
    let unwanted = kept.keys().filter(|name| !wanted.contains(name.as_str()));
    // One that was damaged is gone already.
    let mut unwanted = unwanted.filter(|name| staging.path().join(name).symlink_metadata().is_ok());
    unwanted.try_for_each(|name| staging.remove(name))
}

fn bring(staging: &Staging, from: &Path, name: &str) -> Result<(), StorageError> {
    // An interrupted run may have brought it, and a loss of power taken its bytes.
    if staging.path().join(name).symlink_metadata().is_ok() {
        staging.remove(name)?;
    }
    staging.bring(from, name)
}
