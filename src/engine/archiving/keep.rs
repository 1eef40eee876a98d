//! What only the former archive has goes into the new one: the rows of images that vanished, and every picture that the
//! new one does not have.

use std::io::Write as _;
use std::path::Path;

use rustc_hash::FxHashSet;

use super::held::{image_of, is_as_noted, is_no_picture, kind_of};
use super::pictures::Placed;
use app::ArchiveReport;
use domain::{BlobKind, Catalogue, ImageId, ImageRow, UriForm, write_image};
use storage::archive::{REPORT_FILE, VANISHED_FILE};
use storage::{Archive, FileFacts, Kept, Staging, StorageError};

/// Names of pictures that were damaged in the former archive already and that nobody has any better. The manifest continues
/// saying what they should be, so that `verify` continues naming them.
pub(super) type Damaged = FxHashSet<String>;

/// Writes the list of images that the service has no more.
pub(super) fn list(staging: &Staging, vanished: &[ImageRow]) -> Result<(String, FileFacts), StorageError> {
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
pub(super) fn rest(
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
