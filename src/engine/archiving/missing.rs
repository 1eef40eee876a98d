//! Images of the former archive that the lists do not have. An image only counts as vanished when the lists are known to be
//! whole and the service does not know its id; else the archive keeps listing it.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::gather::{Workspace, problems};
use super::{Job, former};
use crate::source::{Source, blocking};
use app::{ArchiveReport, Failure, FailureKind, words};
use domain::{ImageId, ImageRow};

/// Adds those that are still there, and where the lists are in doubt all others as the former archive has them. Fails when nothing
/// at all was listed and nobody knows whether that is true.
pub(super) async fn settle(
    source: &Source,
    job: &Arc<Job>,
    workspace: &mut Workspace,
    report: &mut ArchiveReport,
) -> Result<(), Failure> {
    let mut unlisted = unlisted(job, workspace).await?;
    if unlisted.is_empty() {
        return Ok(());
    }
    if let Some(doubt) = workspace.doubt.as_ref().filter(|_| workspace.is_empty()) {
        return Err(empty(job, doubt, unlisted.len()));
    }
    let ids: Vec<ImageId> = unlisted.keys().copied().collect();
    let asked = source.images_by_ids(job.wanted.project.id, None, &ids).await;
    let mut is_asked = true;
    match asked {
        Ok(page) => {
            report.skips.extend(problems(&page));
            for row in page.rows.into_iter().filter(|row| unlisted.remove(&row.id).is_some()).collect::<Vec<_>>() {
                workspace.add(row);
            }
        }
        // Not every endpoint can be asked for images by their ids.
        Err(failure) if matches!(failure.kind, FailureKind::NotFound { .. } | FailureKind::Refused { .. }) => {
            is_asked = false;
        }
        Err(failure) => return Err(failure),
    }
    let is_doubtful = workspace.doubt.is_some();
    let mut kept: Vec<ImageRow> =
        unlisted.into_values().filter(|row| is_doubtful || workspace.unreadable.contains(&row.id)).collect();
    if kept.is_empty() {
        return Ok(());
    }
    kept.sort_by(|a, b| b.created.cmp(&a.created).then(a.id.cmp(&b.id)));
    report.notes.push(format!(
        "{} of the archive were not listed this time{}. They were kept unchanged.",
        words::count(kept.len() as u64, "image", "images"),
        if is_asked { ", not even when requested by id" } else { "" }
    ));
    for row in kept {
        let reason = "It was not in the list, which may be incomplete. It was kept as it was in the archive.";
        report.itemize(row.id, row.name(), false, reason);
        workspace.add(row);
    }
    Ok(())
}

/// The rows of the former archive's workspace that were not listed.
async fn unlisted(job: &Arc<Job>, workspace: &Workspace) -> Result<FxHashMap<ImageId, ImageRow>, Failure> {
    let Some(held) = job.former.clone() else { return Ok(FxHashMap::default()) };
    let mut rows = blocking(move || {
        let mut rows = FxHashMap::default();
        former::each_row(&held, held.workspace(), |row| {
            rows.insert(row.id, row);
        })?;
        Ok(rows)
    })
    .await?;
    for id in workspace.ids() {
        rows.remove(&id);
    }
    Ok(rows)
}

fn empty(job: &Job, doubt: &str, held: usize) -> Failure {
    let out = job.out.display();
    let held = words::count(held as u64, "image", "images");
    Failure::bare(FailureKind::Conflict {
        reason: format!(
            "The service listed no images at all ({doubt}), but the archive {out} has {held}. The archive was not \
             changed."
        ),
        advice: "Run it again later. If the project really is empty now, archive it to a new folder.".to_owned(),
    })
}
