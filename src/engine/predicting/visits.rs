//! Predictions of the last visit: taken instead of asking the service again, which a trained iteration answers the same way.

use std::sync::Arc;

use super::gathering::Gathering;
use super::{Compared, PredictionSet as Read};
use crate::opening::Opening;
use crate::snapshots::scope;
use crate::source::Source;
use app::Failure;
use app::predictions::{LoadJob, ServiceFigures};
use domain::IterationId;
use storage::KeptPredictions;

/// What an earlier visit has kept of an iteration. Nothing where the iteration was trained again since, or nobody knows when
/// it was trained and the service can be asked.
pub(super) async fn recall(opening: &Arc<Opening>, iteration: IterationId, job: &LoadJob) -> Option<KeptPredictions> {
    let (snapshots, _) = (opening.shared.snapshots.clone()?, opening.blobs.cache()?);
    if job.trained_at.is_none() && !matches!(opening.blobs.source, Source::Kept) {
        return None;
    }
    let (scope, trained_at) = (scope(&opening.blobs), job.trained_at.clone());
    let load = move || snapshots.load_predictions(scope, iteration, trained_at.as_deref());
    match tokio::task::spawn_blocking(load).await {
        Ok(Ok(kept)) => kept.filter(|kept| !kept.is_empty()),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the predictions of the last visit cannot be used");
            None
        }
        Err(_) => None,
    }
}

/// Puts what was kept on the open images. Blocks.
pub(super) fn joined(kept: KeptPredictions, compared: Compared<'_>) -> Result<(Read, Option<ServiceFigures>), Failure> {
    let mut gathering = Gathering::new(compared);
    for (image, predicted) in kept.iter() {
        gathering.take(image, &predicted)?;
    }
    let mut read = gathering.finish(None)?;
    read.notes.push("These predictions were kept on this computer when they were last loaded.".to_owned());
    let KeptPredictions { figures, point, .. } = kept;
    Ok((read, figures.map(|performance| ServiceFigures { performance, point })))
}

/// Keeps a set for the next visit, in the background. Without it the next visit asks the service.
pub(super) fn keep(
    opening: &Arc<Opening>,
    iteration: IterationId,
    job: &LoadJob,
    mut kept: KeptPredictions,
    figures: Option<&ServiceFigures>,
) {
    let (Some(snapshots), Some(_)) = (opening.shared.snapshots.clone(), opening.blobs.cache()) else { return };
    let Some(trained_at) = job.trained_at.clone().filter(|_| !kept.is_empty()) else { return };
    kept.figures = figures.map(|figures| figures.performance.clone());
    kept.point = figures.and_then(|figures| figures.point);
    let scope = scope(&opening.blobs);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = snapshots.save_predictions(scope, iteration, &trained_at, &kept) {
            tracing::warn!(%error, "the predictions could not be kept for the next visit");
        }
    });
}
