//! A project against the archive of it that was made before: what is new, what is different, what is gone. What is gone
//! from the service stays in the archive, in a list of its own.

use std::io::Write as _;

use rustc_hash::{FxHashMap, FxHashSet};

use super::trained::{Trained, fingerprint};
use crate::app::ArchiveReport;
use crate::domain::{BlobKind, Catalogue, ImageId, ImageRow, UriForm, write_image};
use crate::storage::archive::VANISHED_FILE;
use crate::storage::{Archive, FileFacts, Staging, StorageError};

/// Notes the differences in the report; the rows that only the former archive has, those that vanished before included.
pub(super) fn find(
    former: &Archive,
    catalogue: &Catalogue,
    trained: &[Trained],
    report: &mut ArchiveReport,
) -> Result<Vec<ImageRow>, StorageError> {
    let mut before: FxHashMap<ImageId, u64> = FxHashMap::default();
    let mut vanished: Vec<ImageRow> = Vec::new();
    let mut seen = FxHashSet::default();
    for row in former.vanished()?.into_iter().flatten() {
        if catalogue.find(row.id).is_none() && seen.insert(row.id) {
            vanished.push(row);
        }
    }
    // A line that cannot be read has nothing to compare: its image counts as new.
    for row in former.rows()?.chain(former.untagged_from(0)?).flatten() {
        if catalogue.find(row.id).is_some() {
            before.insert(row.id, fingerprint(&row));
        } else if seen.insert(row.id) {
            report.vanished.push(row.id);
            vanished.push(row);
        }
    }
    // Nor is an image lost that only an iteration had: it is in none any more.
    let is_elsewhere = |id| trained.iter().any(|one| one.own.find(id).is_some());
    for contents in former.trained() {
        for row in contents.rows_from(0)?.chain(contents.untagged_from(0)?).flatten() {
            if catalogue.find(row.id).is_none() && !is_elsewhere(row.id) && seen.insert(row.id) {
                report.vanished.push(row.id);
                vanished.push(row);
            }
        }
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

/// Brings the rows and pictures of what vanished into the new archive; the files.
pub(super) fn keep(
    former: &Archive,
    staging: &Staging,
    vanished: &[ImageRow],
) -> Result<Vec<(String, FileFacts)>, StorageError> {
    let mut files = Vec::new();
    let mut list = staging.create(VANISHED_FILE)?;
    let mut line = Vec::new();
    for row in vanished {
        line.clear();
        write_image(row, UriForm::Absent, &mut line);
        line.push(b'\n');
        list.write_all(&line).map_err(|error| StorageError::write(list.path(), error))?;
        for kind in [BlobKind::Original, BlobKind::Thumbnail] {
            let facts = former.has(row.id, kind).then(|| former.blob_facts(row.id, kind)).flatten();
            let Some((name, facts)) = facts else { continue };
            let from = former.root().join(name);
            // An interrupted run may have brought it; one that is gone from the former archive cannot be had any more.
            if !staging.path().join(name).exists() && from.is_file() {
                staging.bring(&from, name)?;
            }
            if staging.path().join(name).is_file() {
                files.push((name.to_owned(), facts.clone()));
            }
        }
    }
    files.push((VANISHED_FILE.to_owned(), list.finish()?));
    Ok(files)
}
