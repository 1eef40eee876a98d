//! The archive under its hidden name, read again: every file against the manifest, every row against what was listed.
//! And the project against the former archive: what is new, different or gone. What is gone from the service stays in the
//! archive, in a list of its own.

use rustc_hash::{FxHashMap, FxHashSet};
use tokio_util::sync::CancellationToken;

use super::former;
use super::held::Damaged;
use super::trained::{Trained, fingerprint};
use crate::export::ProgressSink;
use crate::failure::{self, OrFailure as _};
use crate::verify::verify;
use app::{ArchiveReport, Failure, FailureKind};
use domain::{Catalogue, ImageId, ImageRow, ImageUris};
use storage::{Archive, SealedArchive};

pub(super) struct ListedProject<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) tagged: u32,
    pub(super) trained: &'a [Trained],
    /// Files that are not as the manifest says, and were not in the former archive either.
    pub(super) damaged: &'a Damaged,
}

pub(super) fn all(
    sealed: &SealedArchive,
    listed: &ListedProject<'_>,
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
    let mut untagged = archive.workspace().untagged_from(0).or_failure()?;
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

/// Notes the differences in the report; the rows that only the former archive has, those that vanished before included.
/// A line of the former archive that cannot be read is an error: nobody knows which image it is about, and it may be the only copy.
pub(super) fn find_changes(
    former: &Archive,
    catalogue: &Catalogue,
    trained: &[Trained],
    report: &mut ArchiveReport,
) -> Result<Vec<ImageRow>, Failure> {
    let mut before: FxHashMap<ImageId, u64> = FxHashMap::default();
    let mut vanished: Vec<ImageRow> = Vec::new();
    let mut seen = FxHashSet::default();
    for row in former::vanished(former)? {
        if catalogue.find(row.id).is_none() && seen.insert(row.id) {
            vanished.push(row);
        }
    }
    former::each_row(former, former.workspace(), |row| {
        if catalogue.find(row.id).is_some() {
            before.insert(row.id, fingerprint(&row));
        } else if seen.insert(row.id) {
            report.vanished.push(row.id);
            vanished.push(row);
        }
    })?;
    // Nor is an image lost that only an iteration had: it is in none any more.
    let is_elsewhere = |id| trained.iter().any(|one| one.own.find(id).is_some());
    for contents in former.trained() {
        former::each_row(former, contents, |row| {
            if catalogue.find(row.id).is_none() && !is_elsewhere(row.id) && seen.insert(row.id) {
                report.vanished.push(row.id);
                vanished.push(row);
            }
        })?;
    }
    for image in catalogue.iter() {
        match before.get(&image.id()) {
            None => report.added.push(image.id()),
            Some(&was) if was != fingerprint(&image.to_row()) => report.changed.push(image.id()),
            Some(_) => {}
        }
    }
    Ok(vanished)
}
