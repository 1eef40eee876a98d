//! What the iterations predict, and the service's own figures of them. They are extra: an iteration that the service has
//! none of, or does not give them of, costs a note.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Job;
use super::report::{doubt, incomplete, problems};
use crate::export::JobProgress;
use crate::failure::{self, OrFailure as _, OrFailureAt as _};
use crate::source::{Source, blocking};
use app::{ArchiveReport, Failure, FailureKind};
use domain::{ImageId, Iteration, IterationId, IterationPerformance, Problem};
use service::{ListQuery, ListingKind, PagerOptions};
use storage::FileFacts;
use storage::PredictionsWriter;
use storage::archive::prediction_files;

/// Adds what an iteration predicts; where the service does not give it, what the former archive has.
pub(super) async fn add(
    source: &Source,
    job: &Arc<Job>,
    iteration: &Iteration,
    files: &mut Vec<(String, FileFacts)>,
    report: &mut ArchiveReport,
) -> Result<(), Failure> {
    let written = match list(source, job, iteration, report).await {
        Ok(written) => written,
        Err(failure) if matches!(failure.kind, FailureKind::NotFound { .. } | FailureKind::Refused { .. }) => {
            let name = &iteration.name;
            report.notes.push(format!("The predictions of {name:?} cannot be downloaded: {}", failure.headline()));
            discard(job, iteration.id).await?;
            carry(job, iteration.id).await?
        }
        Err(failure) => return Err(failure),
    };
    files.extend(written);
    Ok(())
}

async fn list(
    source: &Source,
    job: &Arc<Job>,
    iteration: &Iteration,
    report: &mut ArchiveReport,
) -> Result<Vec<(String, FileFacts)>, Failure> {
    let project = job.wanted.project.id;
    let figures = match source {
        Source::Service(client) => {
            client.iteration_performance(project, iteration.id, None, None).await.or_failure()?
        }
        Source::Archive(_) | Source::Kept => return Err(failure::internal("predictions come from a service")),
    };
    let query = ListQuery { rows: ListingKind::Predicted(iteration.id), ..ListQuery::default() };
    let mut pages = source.pages(project, query, PagerOptions::default());
    let shared = Arc::clone(job);
    let id = iteration.id;
    let mut writer =
        blocking(move || PredictionsWriter::create(&shared.staging, id).or_failure_at(&shared.out)).await?;
    let mut seen: FxHashSet<ImageId> = FxHashSet::default();
    while let Some(step) = pages.next().await {
        job.rest().await?;
        let step = step?;
        for mut skip in problems(&step.page) {
            skip.reason = format!("{} (in the predictions of {:?})", skip.reason, iteration.name);
            report.skips.push(skip);
        }
        for row in &step.page.rows {
            let unread = row.problems.iter().filter(|problem| matches!(problem, Problem::UnreadablePrediction { .. }));
            for problem in unread {
                report.notes.push(format!("{:?}, image {}: {problem}.", iteration.name, row.id));
            }
        }
        // A page that came again has predictions of images that were written before.
        let fresh: Vec<_> = step.page.predictions.into_iter().filter(|(image, _)| seen.insert(*image)).collect();
        let shared = Arc::clone(job);
        writer = blocking(move || {
            for (image, predictions) in &fresh {
                writer.add(*image, predictions).or_failure_at(&shared.out)?;
            }
            Ok(writer)
        })
        .await?;
        let (done, total) = (seen.len() as u64, step.report.total.unwrap_or_default());
        (job.progress)(JobProgress { stage: "Reading predictions", done, total, bytes: 0 });
    }
    if let Some(doubt) = doubt(source, &pages.report()) {
        report.notes.push(incomplete(&format!("The list of predictions of {:?}", iteration.name), &doubt));
    }
    let shared = Arc::clone(job);
    blocking(move || {
        let predictions = writer.finish().or_failure_at(&shared.out)?;
        Ok(vec![predictions, figures_file(&shared, id, &figures)?])
    })
    .await
}

fn figures_file(
    job: &Job,
    iteration: IterationId,
    figures: &IterationPerformance,
) -> Result<(String, FileFacts), Failure> {
    let [_, name] = prediction_files(iteration);
    let mut json = serde_json::to_vec(figures).map_err(|error| failure::internal(error.to_string()))?;
    json.push(b'\n');
    let facts = job.staging.write(&name, &json).or_failure_at(&job.out)?;
    Ok((name, facts))
}

/// Removes what was written before the service refused the rest.
async fn discard(job: &Arc<Job>, iteration: IterationId) -> Result<(), Failure> {
    let shared = Arc::clone(job);
    blocking(move || {
        let staging = &shared.staging;
        let is_there = |name: &&String| staging.path().join(name).symlink_metadata().is_ok();
        let mut written = prediction_files(iteration).into_iter().filter(|name| is_there(&name));
        written.try_for_each(|name| staging.remove(&name)).or_failure_at(&shared.out)
    })
    .await
}

/// The files of the former archive, brought along.
pub(super) async fn carry(job: &Arc<Job>, iteration: IterationId) -> Result<Vec<(String, FileFacts)>, Failure> {
    let Some(former) = job.former.clone() else { return Ok(Vec::new()) };
    let shared = Arc::clone(job);
    blocking(move || {
        let mut files = Vec::new();
        for name in prediction_files(iteration) {
            let Some(facts) = former.file_facts(&name) else { continue };
            shared.staging.bring(&former.root().join(&name), &name).or_failure_at(&shared.out)?;
            files.push((name, facts.clone()));
        }
        Ok(files)
    })
    .await
}
