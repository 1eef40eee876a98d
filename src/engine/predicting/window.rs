//! Predictions for the window: reads the chosen set and compares it with the open labels, on threads that may block.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tokio_util::sync::CancellationToken;

use super::gathering::{self, save};
use super::{Compared, ReadPredictions, joined_archive, own_figures, read_files, read_iteration};
use crate::evaluating::{averages, doubts, is_detection, matches_of, overlaps, slide};
use crate::failure::canceled;
use crate::failure::guarded;
use crate::session::ProjectSession;
use crate::source::{Source, blocking};
use app::predictions::{
    LoadJob, MatchedSet, OutcomesJob, PredictionSet, PredictionsEffect, PredictionsEvent, PredictionsPlace,
    SavedOutcomes, ServiceFigures,
};
use app::words::{count, doubt};
use app::{Event, Failure, FailureKind};
use domain::evaluation::{Classification, Detection, Ranking, TagAverages};
use domain::{Catalogue, ImageIx, IterationId, ProjectKind};
use formats::predictions::outcomes::Outcomes;
use formats::spreadsheet::Cells;
use storage::KeptPredictions;

/// Reasons for skipped predictions that are named.
const MOST_REASONS: usize = 50;
/// Doubtful labels that are listed: more than anybody looks at.
const MOST_DOUBTS: usize = 10_000;

pub(crate) fn run(session: &Arc<ProjectSession>, effect: PredictionsEffect) {
    match effect {
        PredictionsEffect::Load(job) => {
            // Here, not in the task: a stop that comes next must find it.
            let cancel = session.begin_predicting();
            tokio::spawn(load(Arc::clone(session), *job, cancel));
        }
        PredictionsEffect::Stop => {
            session.begin_predicting().cancel();
        }
        PredictionsEffect::Save(job) => {
            let session = Arc::clone(session);
            tokio::spawn(async move {
                let result = guarded(blocking(move || saved(&job))).await;
                post(&session, PredictionsEvent::Saved(result));
            });
        }
        PredictionsEffect::Match { number, set, catalogue, iou } => {
            let session = Arc::clone(session);
            tokio::spawn(async move {
                let work = guarded(blocking(move || Ok(matched(&catalogue, &set, iou))));
                let matched = work.await.ok();
                post(&session, PredictionsEvent::Matched { number, matched });
            });
        }
    }
}

fn saved(job: &OutcomesJob) -> Result<SavedOutcomes, Failure> {
    let OutcomesJob { set, judged, catalogue, kind, path } = job;
    let outcomes = Outcomes { catalogue, images: &set.images, judged };
    let written = save(outcomes, path, *kind, None, Cells::Safe)?;
    let (predictions, missed) = (written.predictions, written.missed);
    Ok(SavedOutcomes { path: path.clone(), kind: *kind, predictions, missed })
}

fn post(session: &ProjectSession, event: PredictionsEvent) {
    session.post(Event::Predictions { generation: session.generation, event });
}

async fn load(session: Arc<ProjectSession>, job: LoadJob, cancel: CancellationToken) {
    let number = job.number;
    let result = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(canceled()),
        result = Box::pin(guarded(loaded(&session, job))) => result,
    };
    post(&session, PredictionsEvent::Loaded { number, result });
}

async fn loaded(session: &Arc<ProjectSession>, job: LoadJob) -> Result<(Arc<PredictionSet>, MatchedSet), Failure> {
    let (read, service) = match &job.place {
        PredictionsPlace::Files { path, labels } => {
            let labels = Some(labels.trim()).filter(|labels| !labels.is_empty()).map(PathBuf::from);
            let path = PathBuf::from(path.trim());
            (read_files(path, labels, job.project, job.kind, Arc::clone(&job.catalogue)).await?, None)
        }
        PredictionsPlace::Iteration(iteration) => {
            let (read, service) = read_open_iteration(session, *iteration, &job).await?;
            if read.is_of_nothing(&job.catalogue) {
                return Err(Failure::bare(FailureKind::NoPredictions { iteration: job.name.clone() }));
            }
            (read, service)
        }
    };
    blocking(move || {
        let LoadJob { catalogue, kind, iou, .. } = &job;
        let set = compared(catalogue, *kind, read, &job, service);
        let matched = matched(catalogue, &set, *iou);
        Ok((Arc::new(set), matched))
    })
    .await
}

/// The predictions of an iteration and the service's own figures: from the open archive, the last visit or the service.
async fn read_open_iteration(
    session: &Arc<ProjectSession>,
    iteration: IterationId,
    job: &LoadJob,
) -> Result<(ReadPredictions, Option<ServiceFigures>), Failure> {
    let source = &session.blobs.source;
    let (project, kind) = (job.project, job.kind);
    if let Source::Archive(archive) = source {
        let (archive, catalogue) = (Arc::clone(archive), Arc::clone(&job.catalogue));
        let join = move || joined_archive(&archive, iteration, Compared { project, kind, catalogue: &catalogue });
        let mut read = blocking(join).await?;
        let figures = figures(source, iteration, job, &mut read).await;
        return Ok((read, figures));
    }
    if let Some(kept) = gathering::recall(session, iteration, job).await {
        let catalogue = Arc::clone(&job.catalogue);
        let join = move || gathering::joined(kept, Compared { project, kind, catalogue: &catalogue });
        return blocking(join).await;
    }
    let number = job.number;
    let progress = |done, total| post(session, PredictionsEvent::Progress { number, done, total });
    let mut keeping = KeptPredictions::default();
    let compared = Compared { project, kind, catalogue: &job.catalogue };
    let mut read = read_iteration(source, iteration, compared, Some(&mut keeping), progress).await?;
    let notes = read.notes.len();
    let figures = figures(source, iteration, job, &mut read).await;
    if read.notes.len() == notes {
        gathering::keep(session, iteration, job, keeping, figures.as_ref());
    }
    Ok((read, figures))
}

/// The service's own figures. Without them the comparison is worth as much: a note says so.
async fn figures(
    source: &Source,
    iteration: IterationId,
    job: &LoadJob,
    read: &mut ReadPredictions,
) -> Option<ServiceFigures> {
    match own_figures(source, job.project, iteration, job.score, job.iou).await {
        Ok(figures) => figures.map(|performance| ServiceFigures {
            performance,
            point: (!source.is_archive()).then_some((job.score, job.iou)),
        }),
        Err(failure) => {
            read.notes.push(format!("The service's own figures are missing: {}", failure.headline()));
            None
        }
    }
}

/// A set without what hangs on score and IoU.
fn compared(
    catalogue: &Catalogue,
    kind: ProjectKind,
    read: ReadPredictions,
    job: &LoadJob,
    service: Option<ServiceFigures>,
) -> PredictionSet {
    let ReadPredictions { predictions, skips, negatives, mut notes, images, listed } = read;
    let is_untagged = |ix: ImageIx| job.has_untagged && catalogue.get(ix).is_some_and(|image| image.is_untagged());
    let all = (0..catalogue.len() as u32).map(ImageIx).filter(|ix| !is_untagged(*ix));
    let images: Arc<[ImageIx]> = match images {
        Some(known) => all.filter(|image| known.contains(image)).collect(),
        None => all.collect(),
    };
    let untagged = if job.has_untagged { catalogue.untagged_count() } else { 0 };
    if untagged > 0 {
        let words = count(untagged as u64, "image without tags is", "images without tags are");
        notes.push(format!("{words} not compared: nobody has labeled them yet."));
    }
    let without = (catalogue.len() - untagged - images.len()) as u64;
    if without > 0 {
        let words = count(without, "image has no predictions and is", "images have no predictions and are");
        notes.push(format!("{words} not compared."));
    }
    if negatives > 0 {
        let words = count(negatives, "prediction of the negative tag is", "predictions of the negative tag are");
        notes.push(format!("{words} not compared: that tag means that nothing is there."));
    }
    if let Some(listed) = listed.filter(|listed| !listed.is_whole) {
        notes.push(format!("The list of predictions may be incomplete: {}.", doubt(&listed)));
    }
    let skipped = skips.count();
    notes.extend(skips.sentences(MOST_REASONS));
    let has_boxes = is_detection(catalogue, &predictions, kind);
    let is_multiclass = kind == ProjectKind::Multiclass;
    let ranking = Arc::new(Ranking::of(catalogue, &predictions, &images, has_boxes));
    let mut set = PredictionSet {
        name: job.name.clone(),
        place: Some(job.place.clone()),
        images,
        skipped,
        notes,
        has_boxes,
        is_multiclass,
        ranking,
        service,
        ..PredictionSet::default()
    };
    if has_boxes {
        let detection = Detection { catalogue, predictions: &predictions, images: &set.images };
        (set.averages, set.mean) = averages(detection);
        set.overlaps = overlaps(detection);
        set.doubts = doubts(catalogue, &predictions, &set.images);
        set.doubts.truncate(MOST_DOUBTS);
    } else {
        let images = &set.images;
        let figures = Classification { catalogue, predictions: &predictions, images, is_multiclass }.figures(0.0);
        let of = |ap: f64| TagAverages { ap, ..TagAverages::default() };
        let known = figures.tags.iter().filter_map(|(tag, shares)| Some((*tag, of(shares.ap?))));
        set.averages = known.collect::<FxHashMap<_, _>>();
        set.mean = figures.ap.map(of);
        set.accuracy = figures.accuracy.filter(|_| is_multiclass);
    }
    set.predictions = predictions;
    set
}

fn matched(catalogue: &Catalogue, set: &PredictionSet, iou: f64) -> MatchedSet {
    let (predictions, images) = (&*set.predictions, &*set.images);
    let matches = if set.has_boxes {
        matches_of(Detection { catalogue, predictions, images }, &set.overlaps, iou)
    } else {
        Classification { catalogue, predictions, images, is_multiclass: set.is_multiclass }.matches()
    };
    let slide = Arc::new(slide(Arc::clone(&set.ranking), &matches));
    MatchedSet { iou, matches: Arc::new(matches), slide }
}
