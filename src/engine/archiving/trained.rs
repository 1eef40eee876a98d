//! The iterations with their own tags and images: each listed and written at once, so that only one is held in memory. Of
//! the images that the workspace has too, the pictures are shared; those that have been deleted since are fetched as well.

use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use rustc_hash::{FxHashSet, FxHasher};

use super::former::unreadable;
use super::report::{doubt, entries, incomplete, problems};
use super::{Job, models, predicted};
use crate::export::JobProgress;
use crate::failure::{self, OrFailure as _, OrFailureAt as _};
use crate::source::{Source, blocking};
use app::{ArchiveReport, ArchivedIteration, Failure, FailureKind};
use domain::{
    ArchivedExport, Catalogue, ImageId, ImageRow, Iteration, IterationId, Problem, Tag, UriForm, write_image,
};
use service::{ListQuery, ListingKind, PagerOptions};
use storage::ContentsWriter;
use storage::FileFacts;
use storage::archive::{Contents, IterationFacts, prediction_files};

/// An iteration whose images are in the hidden folder.
pub(super) struct Trained {
    pub(super) facts: IterationFacts,
    pub(super) files: Vec<(String, FileFacts)>,
    /// Its images that nothing before it has: their pictures are wanted too.
    pub(super) own: Arc<Catalogue>,
    /// Of each row as it was listed, in order; those without tags last.
    pub(super) prints: Vec<u64>,
    /// Model files that the service has exported; `None`: nobody knows.
    pub(super) exports: Option<Vec<ArchivedExport>>,
}

struct Writing {
    writer: ContentsWriter,
    own: Catalogue,
    seen: FxHashSet<ImageId>,
    prints: Vec<u64>,
}

/// Of the row as an archive keeps it.
pub(super) fn fingerprint(row: &ImageRow) -> u64 {
    let mut line = Vec::new();
    write_image(row, UriForm::Absent, &mut line);
    let mut hasher = FxHasher::default();
    line.hash(&mut hasher);
    hasher.finish()
}

/// Lists all iterations that were trained, after the workspace; those that the service has no more, or does not tell of,
/// are taken from the former archive, and `iterations` gets the former's names of them.
pub(super) async fn gather(
    source: &Source,
    job: &Arc<Job>,
    workspace: &Catalogue,
    iterations: &mut Vec<Iteration>,
    report: &mut ArchiveReport,
) -> Result<Vec<Trained>, Failure> {
    let mut all = Vec::new();
    let mut known: FxHashSet<ImageId> = workspace.iter().map(|image| image.id()).collect();
    let former = job.former.as_deref();
    let is_held = |id| former.is_some_and(|former| former.contents(Some(id)).is_some());
    for iteration in iterations.iter().filter(|iteration| is_trained(iteration)) {
        let listed = list(source, job, iteration, &known, report).await;
        let trained = match listed {
            // A list that may lack images does not take the place of one that the archive has.
            Ok((trained, true)) if is_held(iteration.id) => {
                report.notes.push(format!("The data of {:?} in the previous archive was kept.", iteration.name));
                remove(job, trained.files).await?;
                match carry(job, iteration.id, false, &known).await? {
                    Some(trained) => trained,
                    None => continue,
                }
            }
            Ok((mut trained, _)) => {
                let has_some =
                    former.is_some_and(|former| former.file_facts(&prediction_files(iteration.id)[0]).is_some());
                if job.wanted.has_predictions || has_some {
                    predicted::add(source, job, iteration, &mut trained.files, report).await?;
                }
                trained.exports = models::add(source, job, iteration, &mut trained.files, report).await?;
                trained
            }
            // One that the service does not tell of must not cost all others.
            Err(failure) if matches!(failure.kind, FailureKind::NotFound { .. } | FailureKind::Refused { .. }) => {
                let name = &iteration.name;
                let kept = if is_held(iteration.id) { " The data of the previous archive was kept." } else { "" };
                report.notes.push(format!("The images of {name:?} cannot be downloaded: {}{kept}", failure.headline()));
                match carry(job, iteration.id, false, &known).await? {
                    Some(trained) => trained,
                    None => continue,
                }
            }
            Err(failure) => return Err(failure),
        };
        take(trained, &iteration.name, &mut known, &mut all, report);
    }
    let gone: Vec<IterationId> = former
        .map(|former| former.trained().iter().filter_map(Contents::iteration).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .filter(|id| iterations.iter().all(|iteration| iteration.id != *id))
        .collect();
    for id in gone {
        let Some(trained) = carry(job, id, true, &known).await? else { continue };
        let name = former.and_then(|former| former.iterations().iter().find(|one| one.id == id)).cloned();
        let title = name.as_ref().map_or_else(|| id.to_string(), |iteration| iteration.name.clone());
        take(trained, &title, &mut known, &mut all, report);
        iterations.extend(name);
    }
    Ok(all)
}

fn is_trained(iteration: &Iteration) -> bool {
    iteration.trained_at.is_some() || iteration.status == "Completed"
}

fn take(
    trained: Trained,
    name: &str,
    known: &mut FxHashSet<ImageId>,
    all: &mut Vec<Trained>,
    report: &mut ArchiveReport,
) {
    let counts = trained.facts.counts;
    report.iterations.push(ArchivedIteration {
        id: trained.facts.iteration,
        name: name.to_owned(),
        images: counts.images,
        untagged: counts.untagged,
        regions: counts.regions,
        tags: counts.tags,
        only_there: trained.own.len() as u64,
        is_vanished: trained.facts.is_vanished,
        exports: trained.exports.clone(),
    });
    known.extend(trained.own.iter().map(|image| image.id()));
    all.push(trained);
}

/// Tags and images of an iteration, straight to the disk; and whether images may be missing.
async fn list(
    source: &Source,
    job: &Arc<Job>,
    iteration: &Iteration,
    known: &FxHashSet<ImageId>,
    report: &mut ArchiveReport,
) -> Result<(Trained, bool), Failure> {
    let tags = entries(source.tags(job.wanted.project.id, Some(iteration.id)).await?, report);
    let mut writing = begin(job, iteration.id).await?;
    let mut is_doubtful = false;
    for rows in [ListingKind::Tagged, ListingKind::Untagged] {
        let is_tagged = rows == ListingKind::Tagged;
        let query = ListQuery { rows, iteration: Some(iteration.id), ..ListQuery::default() };
        let mut pages = source.pages(job.wanted.project.id, query, PagerOptions::default());
        let mut itemized = Vec::new();
        while let Some(step) = pages.next().await {
            job.rest().await?;
            let step = match step {
                Ok(step) => step,
                Err(failure) => {
                    discard(job, writing).await?;
                    return Err(failure);
                }
            };
            itemized.extend(problems(&step.page));
            let fresh: Vec<ImageRow> = step.page.rows.into_iter().filter(|row| writing.seen.insert(row.id)).collect();
            // Its address is needed for its picture.
            writing.own.append(fresh.iter().filter(|row| !known.contains(&row.id)).cloned().collect());
            writing = write(job, writing, fresh, is_tagged).await?;
            let done = writing.seen.len() as u64;
            let total = step.report.total.unwrap_or_default();
            (job.progress)(JobProgress { stage: "Listing iterations", done, total, bytes: 0 });
        }
        for mut skip in itemized {
            skip.reason = format!("{} (in {:?})", skip.reason, iteration.name);
            report.skips.push(skip);
        }
        if let Some(doubt) = doubt(source, &pages.report()) {
            report.notes.push(incomplete(&format!("The list of {:?}", iteration.name), &doubt));
            is_doubtful = true;
        }
    }
    Ok((trained(job, writing, iteration.id, false, tags).await?, is_doubtful))
}

/// What the former archive holds of an iteration, if it does.
async fn carry(
    job: &Arc<Job>,
    id: IterationId,
    is_vanished: bool,
    known: &FxHashSet<ImageId>,
) -> Result<Option<Trained>, Failure> {
    let Some(former) = job.former.clone().filter(|former| former.contents(Some(id)).is_some()) else { return Ok(None) };
    let mut writing = begin(job, id).await?;
    let shared = Arc::clone(&former);
    let (tagged, untagged, tags) = blocking(move || {
        let Some(held) = shared.contents(Some(id)) else {
            return Err(failure::internal("an iteration is missing from the former archive"));
        };
        let (images, others) = held.file_names();
        let tagged: Result<Vec<ImageRow>, Problem> = held.rows_from(0).or_failure()?.collect();
        let untagged: Result<Vec<ImageRow>, Problem> = held.untagged_from(0).or_failure()?.collect();
        let tagged = tagged.map_err(|problem| unreadable(&shared, &images, &problem))?;
        let untagged = untagged.map_err(|problem| unreadable(&shared, &others, &problem))?;
        Ok((tagged, untagged, held.tags().to_vec()))
    })
    .await?;
    let own = tagged.iter().chain(&untagged).filter(|row| !known.contains(&row.id)).cloned().collect();
    writing.own.append(own);
    writing = write(job, writing, tagged, true).await?;
    writing = write(job, writing, untagged, false).await?;
    let mut trained = trained(job, writing, id, is_vanished, tags).await?;
    trained.files.extend(predicted::carry(job, id).await?);
    // Their files are brought with all others of the former archive.
    trained.exports = Some(models::former_exports(job, id).await?).filter(|exports| !exports.is_empty());
    Ok(Some(trained))
}

async fn begin(job: &Arc<Job>, id: IterationId) -> Result<Writing, Failure> {
    let shared = Arc::clone(job);
    let staging = Arc::clone(&job.staging);
    let writer = blocking(move || ContentsWriter::create(staging, Some(id)).or_failure_at(&shared.out)).await?;
    Ok(Writing { writer, own: Catalogue::new(), seen: FxHashSet::default(), prints: Vec::new() })
}

async fn write(job: &Arc<Job>, mut writing: Writing, rows: Vec<ImageRow>, is_tagged: bool) -> Result<Writing, Failure> {
    let shared = Arc::clone(job);
    blocking(move || {
        for row in &rows {
            let written = match is_tagged {
                true => writing.writer.add_row(row),
                false => writing.writer.add_untagged(row),
            };
            written.or_failure_at(&shared.out)?;
            writing.prints.push(fingerprint(row));
        }
        Ok(writing)
    })
    .await
}

async fn trained(
    job: &Arc<Job>,
    writing: Writing,
    id: IterationId,
    is_vanished: bool,
    tags: Vec<Tag>,
) -> Result<Trained, Failure> {
    let shared = Arc::clone(job);
    let Writing { writer, own, prints, .. } = writing;
    let written = blocking(move || writer.finish().or_failure_at(&shared.out)).await?;
    let facts = written.facts(id, is_vanished, tags);
    Ok(Trained { facts, files: written.files, own: Arc::new(own), prints, exports: None })
}

async fn discard(job: &Arc<Job>, writing: Writing) -> Result<(), Failure> {
    let shared = Arc::clone(job);
    let written = blocking(move || writing.writer.finish().or_failure_at(&shared.out)).await?;
    remove(job, written.files).await
}

async fn remove(job: &Arc<Job>, files: Vec<(String, FileFacts)>) -> Result<(), Failure> {
    let shared = Arc::clone(job);
    blocking(move || files.iter().try_for_each(|(name, _)| shared.staging.remove(name)).or_failure_at(&shared.out))
        .await
}
