//! The archive under its hidden name, read again: every file against the manifest, every row against what was listed.

use tokio_util::sync::CancellationToken;

use super::keep::Damaged;
use super::trained::{Trained, fingerprint};
use crate::export::ProgressSink;
use crate::failure::{self, OrFailure as _};
use crate::verify::verify;
use app::{Failure, FailureKind};
use domain::{Catalogue, ImageRow, ImageUris};
use storage::{Archive, SealedArchive};

pub(super) struct Listed<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) tagged: u32,
    pub(super) trained: &'a [Trained],
    /// Files that are not as the manifest says, and were not in the former archive either.
    pub(super) damaged: &'a Damaged,
}

pub(super) fn all(
    sealed: &SealedArchive,
    listed: &Listed<'_>,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<(), Failure> {
    let report = verify(sealed.path(), progress, cancel)?;
    let mut differences = report.differences.iter().filter(|one| !listed.damaged.contains(&one.file));
    if let Some(first) = differences.next() {
        return Err(differs(format!("{}: {} ({} in total)", first.file, first.what, 1 + differences.count())));
    }
    let archive = Archive::open(sealed.path()).or_failure()?;
    let mut rows = archive.rows().or_failure()?;
    let mut untagged = archive.untagged_from(0).or_failure()?;
    for image in listed.catalogue.iter() {
        let next = if image.ix.0 < listed.tagged { rows.next() } else { untagged.next() };
        let Some(Ok(read)) = next else { return Err(differs(format!("image {} is missing", image.id()))) };
        if facts_of(read) != facts_of(image.to_row()) {
            return Err(differs(format!("image {} differs from the list", image.id())));
        }
    }
    if rows.next().or_else(|| untagged.next()).is_some() {
        return Err(differs("there are more images than listed".to_owned()));
    }
    listed.trained.iter().try_for_each(|one| iteration(&archive, one, cancel))
}

fn iteration(archive: &Archive, listed: &Trained, cancel: &CancellationToken) -> Result<(), Failure> {
    let id = listed.facts.iteration;
    let held = archive.contents(Some(id)).ok_or_else(|| differs(format!("iteration {id} is missing")))?;
    if held.tags() != listed.facts.tags {
        return Err(differs(format!("the tags of iteration {id} differ from the list")));
    }
    let mut rows = held.rows_from(0).or_failure()?.chain(held.untagged_from(0).or_failure()?);
    for (place, print) in listed.prints.iter().enumerate() {
        if cancel.is_cancelled() {
            return Err(failure::canceled());
        }
        match rows.next() {
            Some(Ok(row)) if fingerprint(&row) == *print => {}
            _ => return Err(differs(format!("image {place} of iteration {id} differs from the list"))),
        }
    }
    match rows.next() {
        None => Ok(()),
        Some(_) => Err(differs(format!("iteration {id} has more images than listed"))),
    }
}

/// The row without what an archive does not keep: addresses, and what was odd on the wire.
fn facts_of(row: ImageRow) -> ImageRow {
    ImageRow { uris: ImageUris::default(), problems: Vec::new(), ..row }
}

fn differs(reason: String) -> Failure {
    Failure::bare(FailureKind::NotVerified { reason })
}
