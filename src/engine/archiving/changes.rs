//! A project against the archive of it that was made before: what is new, what is different, what is gone. What is gone
//! from the service stays in the archive, in a list of its own.

use rustc_hash::{FxHashMap, FxHashSet};

use super::former;
use super::trained::{Trained, fingerprint};
use app::{ArchiveReport, Failure};
use domain::{Catalogue, ImageId, ImageRow};
use storage::Archive;

/// Notes the differences in the report; the rows that only the former archive has, those that vanished before included.
/// A line of the former archive that cannot be read is an error: nobody knows which image it is about, and it may be the only copy.
pub(super) fn find(
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
