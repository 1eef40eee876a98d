//! The archive that is at the place already: opened, and refused where something in it would be lost.

use std::path::Path;

use crate::failure::{OrFailure as _, ToFailure as _, sentence};
use app::{Failure, FailureKind, words};
use domain::{ImageRow, Problem, ProjectId};
use storage::archive::{Contents, Identity, VANISHED_FILE};
use storage::{Archive, StorageError};

/// The archive at a place, if one is there, with what it is now. Fails when anything else is there, or the archive is not whole
/// enough to be replaced: a list that is damaged may be the only one that names an image.
pub(super) fn open(out: &Path, project: ProjectId) -> Result<Option<(Archive, Identity)>, Failure> {
    let Ok(facts) = out.symlink_metadata() else { return Ok(None) };
    if facts.is_symlink() {
        // The link would be replaced, and the archive left where it is.
        let (what, advice) = match storage::resolve(out) {
            Ok(folder) => ("a link", format!("Use the folder that it points to: {}.", folder.display())),
            Err(_) => ("a link that leads nowhere", "Remove it, or choose another name.".to_owned()),
        };
        let reason = format!("{} is {what}.", out.display());
        return Err(Failure::bare(FailureKind::Conflict { reason, advice }));
    }
    let taken = |details: String| {
        let path = out.display().to_string();
        Failure::new(FailureKind::AlreadyThere { path }, details)
    };
    let archive = match Archive::open(out) {
        Ok(archive) => archive,
        Err(error @ StorageError::NewerArchive { .. }) => return Err(error.to_failure()),
        Err(StorageError::NotAnArchive { reason, .. }) => {
            return Err(taken(format!("It is not an archive of this project. {}", sentence(&reason))));
        }
        Err(error) => return Err(taken(format!("It is not an archive of this project: {error}."))),
    };
    if archive.project().id != project {
        return Err(taken(format!("It is an archive of another project, {:?}", archive.project().name)));
    }
    let identity = Identity::of(&archive).or_failure()?;
    check(out, &identity)?;
    vanished(&archive)?;
    for contents in std::iter::once(archive.workspace()).chain(archive.trained()) {
        let mut found = 0_u64;
        each_row(&archive, contents, |_| found += 1)?;
        let promised = contents.image_count() + contents.untagged_count();
        if found != promised {
            let (images, _) = contents.file_names();
            let found = words::count(found, "image", "images");
            return Err(refused(out, &format!("its {images} has {found}, but the manifest counts {promised}")));
        }
    }
    Ok(Some((archive, identity)))
}

/// Fails when the archive is something else than it was.
pub(super) fn check(out: &Path, identity: &Identity) -> Result<(), Failure> {
    identity.check(out).map_err(|what| refused(out, &what))
}

/// The rows of images that vanished before.
pub(super) fn vanished(former: &Archive) -> Result<Vec<ImageRow>, Failure> {
    let rows = former.vanished().map_err(|error| refused(former.root(), &error.to_string()))?;
    rows.into_iter().map(|row| row.map_err(|problem| unreadable(former, VANISHED_FILE, &problem))).collect()
}

pub(super) fn each_row(former: &Archive, contents: &Contents, mut take: impl FnMut(ImageRow)) -> Result<(), Failure> {
    let of = |error: StorageError| refused(former.root(), &error.to_string());
    let (images, untagged) = contents.file_names();
    for row in contents.rows_from(0).map_err(of)? {
        take(row.map_err(|problem| unreadable(former, &images, &problem))?);
    }
    for row in contents.untagged_from(0).map_err(of)? {
        take(row.map_err(|problem| unreadable(former, &untagged, &problem))?);
    }
    Ok(())
}

/// A line of the former archive that cannot be read.
pub(super) fn unreadable(former: &Archive, file: &str, problem: &Problem) -> Failure {
    refused(former.root(), &format!("its {file} cannot be read: {problem}"))
}

fn refused(folder: &Path, what: &str) -> Failure {
    let what = what.trim_end_matches('.');
    Failure::bare(FailureKind::Conflict {
        reason: format!("{} was not updated: {what}. Nothing in it was changed.", folder.display()),
        advice: "It may be the only copy of images that are no longer on the service, so keep it. Move files that do \
                 not belong to it elsewhere, restore damaged files from a backup and run it again, or archive to a \
                 new folder. `tagscope verify` lists every difference."
            .to_owned(),
    })
}
