//! Predictions of an iteration put on the open images, as they come from the service or from the last visit: a trained
//! iteration answers the same way again. And predictions with their outcomes, written into a file.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Compared, ReadPredictions, coco_labels};
use crate::failure::OrFailure as _;
use crate::session::ProjectSession;
use crate::snapshots::scope;
use crate::source::Source;
use app::predictions::{LoadJob, ServiceFigures};
use app::words::count;
use app::{Failure, FailureKind};
use domain::{Catalogue, ImageId, ImageIx, IterationId, ListingReport, Page, Prediction, Problem};
use formats::predictions::outcomes::{CocoNumbers, OutcomeFormat, OutcomeKind, Outcomes, WrittenOutcomes};
use formats::predictions::{Area, ImageKey, Joiner, TagKey};
use formats::spreadsheet::Cells;
use storage::{KeptPredictions, write_whole_with};

pub(super) struct Gathering<'a> {
    catalogue: &'a Catalogue,
    joiner: Joiner<'a>,
    images: FxHashSet<ImageIx>,
    /// Images that are not open.
    unknown: u64,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(Compared { project, kind, catalogue }: Compared<'a>) -> Self {
        let joiner = Joiner::new(catalogue, project, kind);
        Self { catalogue, joiner, images: FxHashSet::default(), unknown: 0 }
    }

    /// Images with predictions so far, of those that are open.
    pub(super) fn images(&self) -> u64 {
        self.images.len() as u64
    }

    /// Itemizes what could not be read of a page; returns whether all could.
    pub(super) fn note_problems(&mut self, page: &Page) -> bool {
        let mut is_readable = page.problems.is_empty();
        for problem in &page.problems {
            self.joiner.skip(|| "the list of predictions".to_owned(), problem.to_string());
        }
        for row in &page.rows {
            let place = || format!("image {}", row.id);
            let unreadable = |problem: &&Problem| matches!(problem, Problem::UnreadablePrediction { .. });
            for problem in row.problems.iter().filter(unreadable) {
                is_readable = false;
                self.joiner.skip(place, problem.to_string());
            }
        }
        is_readable
    }

    /// Takes what is predicted on an image. Fails when there are more predictions than can be held.
    pub(super) fn take(&mut self, id: ImageId, predicted: &[Prediction]) -> Result<(), Failure> {
        match self.catalogue.find(id) {
            Some(ix) => self.images.insert(ix),
            None => {
                self.unknown += 1;
                return Ok(());
            }
        };
        let mut added = predicted.iter().enumerate().map(|(at, one)| add(&mut self.joiner, id, at, one));
        added.try_for_each(|added| added.map_err(bad_answer))
    }

    /// `listed` is how complete it is. Fails when nothing of the set can be used.
    pub(super) fn finish(self, listed: Option<ListingReport>) -> Result<ReadPredictions, Failure> {
        let joined = self.joiner.finish().map_err(bad_answer)?;
        let mut set = ReadPredictions { images: Some(self.images), listed, ..ReadPredictions::from(joined) };
        if self.unknown > 0 {
            let images = count(self.unknown, "image that is", "images that are");
            set.notes.push(format!("Predictions on {images} not listed were not used."));
        }
        Ok(set)
    }
}

fn bad_answer(reason: String) -> Failure {
    Failure::bare(FailureKind::BadAnswer { reason })
}

fn add(joiner: &mut Joiner<'_>, image: ImageId, at: usize, one: &Prediction) -> Result<(), String> {
    let name = Some(one.tag_name.as_str()).filter(|name| !name.is_empty());
    let area = one.rect.map(|rect| Area::Fractions([rect.left, rect.top, rect.width, rect.height].map(f64::from)));
    // The number that is written, and not the one next to it in single precision: 0.9 is from 0.9 on.
    let score = one.probability.to_string().parse().ok();
    let place = || format!("image {image}: predictions[{at}]");
    joiner.add(place, ImageKey::Id(image), TagKey::Id(one.tag, name), score, area)
}

/// What an earlier visit has kept of an iteration. Nothing where the iteration was trained again since, or nobody knows when
/// it was trained and the service can be asked.
pub(super) async fn recall(
    session: &Arc<ProjectSession>,
    iteration: IterationId,
    job: &LoadJob,
) -> Option<KeptPredictions> {
    let (snapshots, _) = (session.shared.snapshots.clone()?, session.blobs.cache()?);
    if job.trained_at.is_none() && !matches!(session.blobs.source, Source::Kept) {
        return None;
    }
    let (scope, trained_at) = (scope(&session.blobs), job.trained_at.clone());
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
pub(super) fn joined(
    kept: KeptPredictions,
    compared: Compared<'_>,
) -> Result<(ReadPredictions, Option<ServiceFigures>), Failure> {
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
    session: &Arc<ProjectSession>,
    iteration: IterationId,
    job: &LoadJob,
    mut kept: KeptPredictions,
    figures: Option<&ServiceFigures>,
) {
    let (Some(snapshots), Some(_)) = (session.shared.snapshots.clone(), session.blobs.cache()) else { return };
    let Some(trained_at) = job.trained_at.clone().filter(|_| !kept.is_empty()) else { return };
    kept.figures = figures.map(|figures| figures.performance.clone());
    kept.point = figures.and_then(|figures| figures.point);
    let scope = scope(&session.blobs);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = snapshots.save_predictions(scope, iteration, &trained_at, &kept) {
            tracing::warn!(%error, "the predictions could not be kept for the next visit");
        }
    });
}

pub type Saved = WrittenOutcomes;

/// Refuses a place where something is already, before a long comparison.
///
/// # Errors
/// When something is there.
pub fn free_place(path: &Path) -> Result<(), Failure> {
    match path.symlink_metadata() {
        Ok(_) => Err(Failure::bare(FailureKind::AlreadyThere { path: path.display().to_string() })),
        Err(_) => Ok(()),
    }
}

/// Writes a new file; it appears whole or not at all. `labels` is the COCO dataset whose numbers COCO results have; without
/// it they are those of Tagscope's own export of the whole list. Blocks.
///
/// # Errors
/// When the labels cannot be read, something is at the place already, or the system refuses.
pub fn save(
    outcomes: Outcomes<'_>,
    path: &Path,
    kind: OutcomeKind,
    labels: Option<&Path>,
    cells: Cells,
) -> Result<Saved, Failure> {
    let format = match (kind, labels) {
        (OutcomeKind::Csv, _) => OutcomeFormat::Csv(cells),
        (OutcomeKind::Lines, _) => OutcomeFormat::Lines,
        (OutcomeKind::CocoResults, None) => OutcomeFormat::CocoResults(CocoNumbers::own(outcomes.catalogue)),
        (OutcomeKind::CocoResults, Some(labels)) => {
            OutcomeFormat::CocoResults(CocoNumbers::from_labels(&coco_labels(labels)?, outcomes.catalogue))
        }
    };
    let mut saved = Saved::default();
    let write = |out: &mut dyn std::io::Write| {
        saved = outcomes.write(&format, out)?;
        Ok(())
    };
    write_whole_with(path, false, write).or_failure()?;
    Ok(saved)
}
