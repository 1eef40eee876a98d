//! Compares predictions with labels on all processors; the rules are in [`domain::evaluation`].

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::parallel;
use domain::evaluation::{
    Classification, ClassificationFigures, CountsAtScore, Detection, DetectionHits, Doubt, JudgedPredictions, Matches,
    Overlaps, Ranking, Slide, TagAverages, TagSlide, gravest_first,
};
use domain::{Catalogue, ImageIx, Predictions, ProjectKind, TagIx};

/// From when on a prediction counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    pub score: f64,
    /// The lowest intersection over union at which a predicted box matches a labeled one, 0 to 1.
    pub iou: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { score: 0.5, iou: 0.5 }
    }
}

#[derive(Clone, Debug)]
pub enum Evaluation {
    Detection(DetectionFigures),
    Classification { is_multiclass: bool, figures: ClassificationFigures },
}

#[derive(Clone, Debug)]
pub struct DetectionFigures {
    /// The mean over the tags with labels; `None` without labels.
    pub mean: Option<TagAverages>,
    /// Of each tag with labels.
    pub averages: FxHashMap<TagIx, TagAverages>,
    pub matches: Arc<Matches>,
    pub counts: CountsAtScore,
}

/// Compares predictions with labels on `images`, each once; their order decides between equal scores. Blocks, on all
/// processors. Boxes are compared where the project or the predictions have some.
pub fn evaluate(
    catalogue: &Catalogue,
    predictions: &Predictions,
    images: &[ImageIx],
    kind: ProjectKind,
    thresholds: Thresholds,
) -> Evaluation {
    if !is_detection(catalogue, predictions, kind) {
        let is_multiclass = kind == ProjectKind::Multiclass;
        let classification = Classification { catalogue, predictions, images, is_multiclass };
        return Evaluation::Classification { is_multiclass, figures: classification.figures(thresholds.score) };
    }
    let detection = Detection { catalogue, predictions, images };
    let (averages, mean) = averages(detection);
    let matches = Arc::new(matches_at(detection, thresholds.iou));
    let counts = detection.counts_from(&matches, thresholds.score);
    Evaluation::Detection(DetectionFigures { mean, averages, matches, counts })
}

/// What becomes of each prediction of an [`evaluate`]d set when they count from `score` on. Blocks.
pub fn judged(
    evaluation: &Evaluation,
    catalogue: &Catalogue,
    predictions: &Arc<Predictions>,
    images: &[ImageIx],
    score: f64,
) -> JudgedPredictions {
    let matches = match evaluation {
        Evaluation::Detection(figures) => Arc::clone(&figures.matches),
        Evaluation::Classification { is_multiclass, .. } => {
            let is_multiclass = *is_multiclass;
            Arc::new(Classification { catalogue, predictions, images, is_multiclass }.matches())
        }
    };
    JudgedPredictions { predictions: Arc::clone(predictions), matches, score }
}

/// Whether boxes are compared, and not tags of whole images: where the project or the predictions have some.
pub(crate) fn is_detection(catalogue: &Catalogue, predictions: &Predictions, kind: ProjectKind) -> bool {
    match kind {
        ProjectKind::Detection => true,
        ProjectKind::Multiclass | ProjectKind::Multilabel => false,
        ProjectKind::Unknown => predictions.has_boxes() || catalogue.region_count() > 0,
    }
}

/// The average precision of each tag with labels, and their mean. Blocks, on all processors.
pub(crate) fn averages(detection: Detection<'_>) -> (FxHashMap<TagIx, TagAverages>, Option<TagAverages>) {
    let hits = DetectionHits::join(mapped(detection.parts(), |part| detection.part(part)));
    let averages: FxHashMap<TagIx, TagAverages> =
        mapped(hits.len(), |place| hits.figures(place)).into_iter().flatten().collect();
    let mut in_order: Vec<_> = averages.iter().map(|(tag, averages)| (*tag, *averages)).collect();
    in_order.sort_by_key(|(tag, _)| *tag);
    let mean = TagAverages::mean(in_order.into_iter().map(|(_, averages)| averages));
    (averages, mean)
}

/// What becomes of each prediction and label at an IoU. Blocks, on all processors.
pub(crate) fn matches_at(detection: Detection<'_>, iou: f64) -> Matches {
    let parts = mapped(detection.parts(), |part| detection.matches(part, iou));
    Matches::join(detection.predictions.len(), detection.catalogue.region_count(), parts)
}

/// Which labels each prediction overlaps. Blocks, on all processors.
pub(crate) fn overlaps(detection: Detection<'_>) -> Vec<Overlaps> {
    mapped(detection.parts(), |part| detection.overlaps(part))
}

/// The same as [`matches_at`] from overlaps that are known. Blocks, on all processors.
pub(crate) fn matches_of(detection: Detection<'_>, overlaps: &[Overlaps], iou: f64) -> Matches {
    let parts = mapped(overlaps.len(), |part| detection.matches_of(&overlaps[part], iou));
    Matches::join(detection.predictions.len(), detection.catalogue.region_count(), parts)
}

/// The counts at every score. Blocks, on all processors.
pub(crate) fn slide(ranking: Arc<Ranking>, matches: &Matches) -> Slide {
    let tags = mapped(ranking.len(), |at| TagSlide::of(&ranking, TagIx(at as u16), matches));
    Slide::join(ranking, tags)
}

/// The labels that predictions make doubtful on `images`, the gravest first. Blocks, on all processors.
pub fn doubts(catalogue: &Catalogue, predictions: &Predictions, images: &[ImageIx]) -> Vec<Doubt> {
    let detection = Detection { catalogue, predictions, images };
    // How far the model is to be believed, which is known from how well it finds the labels that are there.
    let Thresholds { score, iou } = Thresholds::default();
    let known = detection.counts_from(&matches_at(detection, iou), score).tags;
    let found = mapped(detection.parts(), |part| detection.doubts(part, &known));
    gravest_first(found.into_iter().flatten().collect())
}

/// What `work` gives for each number below `count`, in their order; worked out on several threads.
fn mapped<T: Send + Sync>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let slots: Vec<OnceLock<T>> = (0..count).map(|_| OnceLock::new()).collect();
    let fill = |at: usize| {
        if let Some(slot) = slots.get(at) {
            let _ = slot.set(work(at));
        }
        Ok::<_, Infallible>(())
    };
    match parallel::each(count, fill, || Ok(())) {
        Ok(()) => slots.into_iter().filter_map(OnceLock::into_inner).collect(),
        Err(never) => match never {},
    }
}
