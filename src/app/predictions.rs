//! Predictions of a model beside the labels: their part of the state, and their commands, effects and events.
//! `update::predictions` does them.
//!
//! Of several loaded sets one is compared with the labels. Its indices are those of one generation: after a new listing it is loaded again.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use rustc_hash::FxHashMap;

use crate::Failure;
use crate::view::{OverlayBox, OverlayLook};
use domain::evaluation::{
    AtPoint, Doubt, DoubtKind, JudgedItem, JudgedPredictions, Matches, Outcome, Overlaps, Ranking, Slide, TagAverages,
};
use domain::{
    Catalogue, Dispute, ImageIx, IterationId, IterationPerformance, Predictions, ProjectId, ProjectKind, Reviews,
    TagIx, UnitRect,
};
use formats::predictions::outcomes::OutcomeKind;

/// Sets of predictions that are held at once.
pub const MOST_SETS: usize = 4;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PredictionsPlace {
    /// An iteration of the open project.
    Iteration(IterationId),
    /// A file or a folder, as typed, and the COCO file that numbers of images and categories belong to; empty: the one
    /// next to it.
    Files { path: String, labels: String },
}

/// A set of predictions that was read and compared, but for what hangs on the chosen score and IoU.
#[derive(Clone, Debug, Default)]
pub struct PredictionSet {
    pub name: String,
    pub place: Option<PredictionsPlace>,
    pub predictions: Arc<Predictions>,
    /// The images that are compared.
    pub images: Arc<[ImageIx]>,
    /// Predictions that were not used.
    pub skipped: u64,
    /// What was not used and what was assumed, a sentence each.
    pub notes: Vec<String>,
    /// Whether boxes are compared, and not tags of whole images.
    pub has_boxes: bool,
    /// Whether each image has one tag, where tags are compared.
    pub is_multiclass: bool,
    /// The predictions in the order of their scores.
    pub ranking: Arc<Ranking>,
    /// Which labels they overlap, by part of the images. Only where boxes are compared.
    pub overlaps: Vec<Overlaps>,
    /// Average precision over all tags with labels. Where tags are compared only `ap` is known.
    pub mean: Option<TagAverages>,
    /// Average precision of each tag with labels.
    pub averages: FxHashMap<TagIx, TagAverages>,
    /// Share of images whose top-scoring tag is correct. Only in multiclass.
    pub accuracy: Option<f64>,
    /// The service's own figures.
    pub service: Option<ServiceFigures>,
    /// The labels that are doubtful, the gravest first. Only where boxes are compared.
    pub doubts: Vec<Doubt>,
}

/// What the service itself says of an iteration.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceFigures {
    pub performance: IterationPerformance,
    /// The score and IoU that were asked for. `None`: they come from an archive, and it does not say.
    pub point: Option<(f64, f64)>,
}

/// A set compared at an IoU.
#[derive(Clone, Debug)]
pub struct MatchedSet {
    pub iou: f64,
    /// What becomes of each prediction and label.
    pub matches: Arc<Matches>,
    /// The counts at every score.
    pub slide: Arc<Slide>,
}

/// Which boxes are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layer {
    Labels,
    Predictions,
    #[default]
    Both,
}

impl Layer {
    /// All, in the order in which the key goes through them.
    pub const ALL: [Self; 3] = [Self::Labels, Self::Predictions, Self::Both];

    pub fn label(self) -> &'static str {
        match self {
            Self::Labels => "Labels",
            Self::Predictions => "Predictions",
            Self::Both => "Both",
        }
    }
}

#[derive(Clone, Debug)]
pub struct PredictionsState {
    /// The path in the dialog.
    pub path: String,
    /// The path of COCO labels in the dialog.
    pub labels: String,
    /// The number of the set that is being read.
    pub busy: Option<u64>,
    /// Images read of it, and how many there are; 0 when not known.
    pub progress: (u64, u64),
    pub failure: Option<Failure>,
    /// The least score that counts, 0 to 1.
    pub score: f64,
    /// The chosen IoU, 0 to 1.
    pub iou: f64,
    pub layer: Layer,
    /// The tag whose curves are shown; `None`: all together.
    pub curve_of: Option<TagIx>,
    /// The doubtful label that was opened last: its place in the list of the chosen set.
    pub doubt: Option<usize>,
    /// The prediction that is chosen on the canvas: its place among those of the chosen set.
    pub(crate) picked: Option<usize>,
    /// The sets, in the order of loading.
    pub(crate) sets: Vec<Arc<PredictionSet>>,
    /// The one that is compared: its place.
    pub(crate) chosen: usize,
    /// The generation whose indices the sets have.
    pub(crate) generation: u64,
    /// The chosen set at an IoU.
    pub(crate) matched: Option<MatchedSet>,
    /// The number of the comparison at another IoU that is under way.
    pub(crate) matching: Option<u64>,
    /// What a query asks about.
    pub(crate) judged: JudgedPredictions,
    /// The counts at the chosen score.
    pub(crate) point: AtPoint,
    pub saving: OutcomesForm,
    /// What is read once all images are listed, or once what is before it has been read.
    pub(crate) awaited: Vec<PredictionsPlace>,
}

impl Default for PredictionsState {
    fn default() -> Self {
        Self {
            path: String::new(),
            labels: String::new(),
            busy: None,
            progress: (0, 0),
            failure: None,
            score: 0.5,
            iou: 0.5,
            layer: Layer::default(),
            curve_of: None,
            doubt: None,
            picked: None,
            sets: Vec::new(),
            chosen: 0,
            generation: 0,
            matched: None,
            matching: None,
            judged: JudgedPredictions::default(),
            point: AtPoint::default(),
            saving: OutcomesForm::default(),
            awaited: Vec::new(),
        }
    }
}

impl PredictionsState {
    /// The sets of this generation.
    pub fn sets(&self, generation: u64) -> &[Arc<PredictionSet>] {
        if self.generation == generation { &self.sets } else { &[] }
    }

    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// The set that is compared, at the IoU that was compared last.
    pub fn compared(&self, generation: u64) -> Option<(&Arc<PredictionSet>, &MatchedSet)> {
        let set = self.sets(generation).get(self.chosen)?;
        Some((set, self.matched.as_ref()?))
    }

    /// What a query asks about predictions.
    pub fn judged(&self, generation: u64) -> &JudgedPredictions {
        static NONE: LazyLock<JudgedPredictions> = LazyLock::new(JudgedPredictions::default);
        if self.generation == generation { &self.judged } else { &NONE }
    }

    /// The counts at the chosen score, of the IoU that was compared last.
    pub fn point(&self) -> &AtPoint {
        &self.point
    }

    /// Whether a set is to be read once all images are listed.
    pub fn awaits(&self) -> bool {
        !self.awaited.is_empty()
    }

    /// Whether another IoU is being compared.
    pub fn is_matching(&self) -> bool {
        self.matching.is_some()
    }

    /// Which boxes are shown: labels where there is nothing else.
    pub fn layer(&self, generation: u64) -> Layer {
        if self.compared(generation).is_some() { self.layer } else { Layer::Labels }
    }

    /// The prediction that is chosen on an image: its place among those of the chosen set.
    pub fn picked(&self, image: ImageIx) -> Option<usize> {
        let set = self.sets.get(self.chosen)?;
        self.picked.filter(|at| set.predictions.range(image).contains(at))
    }

    /// A prediction of the chosen set as decisions name it.
    pub fn dispute(&self, catalogue: &Catalogue, image: ImageIx, at: usize) -> Option<Dispute> {
        let one = self.sets.get(self.chosen)?.predictions.get(at)?;
        Dispute::from_prediction(catalogue, image, &one)
    }

    /// What a decision about a doubtful label is about: the prediction that speaks against it, else the label.
    pub fn doubt_dispute(catalogue: &Catalogue, set: &PredictionSet, doubt: &Doubt) -> Option<Dispute> {
        match doubt.prediction.and_then(|at| set.predictions.get(at)) {
            Some(one) => Dispute::from_prediction(catalogue, doubt.image, &one),
            None => Dispute::from_label(catalogue, doubt.image, doubt.region?),
        }
    }

    /// Words for an image without predictions; `None`: it has some, or predictions are not shown.
    pub fn lack(&self, generation: u64, image: ImageIx) -> Option<String> {
        let (set, _) = self.compared(generation).filter(|_| self.layer != Layer::Labels)?;
        set.predictions.range(image).is_empty().then(|| format!("No predictions for this image in {}", set.name))
    }

    /// What the user has set, for another listing of the same project; the chosen set is read again.
    pub(crate) fn again(self) -> Self {
        let chosen = self.sets.get(self.chosen).and_then(|set| set.place.clone());
        let Self { path, labels, score, iou, layer, awaited, .. } = self;
        Self { path, labels, score, iou, layer, awaited: chosen.map_or(awaited, |at| vec![at]), ..Self::default() }
    }

    /// What is predicted on an image and counts, and the labels that none of it has found.
    fn items(&self, catalogue: &Catalogue, generation: u64, image: ImageIx) -> Vec<JudgedItem> {
        let image = catalogue.get(image).filter(|_| self.compared(generation).is_some());
        image.map_or_else(Vec::new, |image| self.judged(generation).items(image).collect())
    }

    /// The boxes of the predictions on an image and of the labels that none has found, with the tags in whose colors they are:
    /// for thumbnails.
    pub fn marks(&self, catalogue: &Catalogue, generation: u64, image: ImageIx) -> Vec<(UnitRect, TagIx, Outcome)> {
        let items = self.items(catalogue, generation, image);
        items.iter().filter_map(|item| mark(catalogue, item)).collect()
    }

    /// The same with captions, those that say most first: for the canvas.
    pub fn overlay(
        &self,
        catalogue: &Catalogue,
        reviews: &Reviews,
        generation: u64,
        image: ImageIx,
    ) -> Vec<OverlayBox> {
        let mut items = self.items(catalogue, generation, image);
        // What is missed says most about a model, then what it is sure of.
        let score = |item: &JudgedItem| item.prediction.map_or(2.0, |one| one.score);
        items.sort_by(|a, b| score(b).total_cmp(&score(a)));
        items.iter().filter_map(|item| overlay_box(catalogue, reviews, image, item)).collect()
    }
}

fn mark(catalogue: &Catalogue, item: &JudgedItem) -> Option<(UnitRect, TagIx, Outcome)> {
    let outcome = item.outcome?;
    match item.prediction {
        // A tag of the whole image has no box.
        Some(one) => (one.rect != UnitRect::default()).then_some((one.rect, one.tag, outcome)),
        None => catalogue.region(item.region?).map(|region| (region.rect, region.tag, outcome)),
    }
}

fn overlay_box(catalogue: &Catalogue, reviews: &Reviews, image: ImageIx, item: &JudgedItem) -> Option<OverlayBox> {
    let (rect, tag, outcome) = mark(catalogue, item)?;
    let name = &catalogue.tags().get(tag).name;
    let mut caption = match (item.prediction, outcome) {
        (Some(one), Outcome::Match) => format!("{name} {:.2}", one.score),
        (Some(one), _) => format!("{name} {:.2} {}", one.score, outcome.label().to_lowercase()),
        (None, _) => format!("missed: {name}"),
    };
    let dispute = Dispute::of(catalogue, image, item);
    if let Some(blame) = dispute.and_then(|dispute| reviews.blame(&dispute)) {
        caption = format!("{caption}, {}", blame.short_label());
    }
    let prediction = item.prediction.map(|one| one.at);
    Some(OverlayBox { rect, tag: Some(tag), caption, look: OverlayLook::Predicted(outcome), prediction })
}

/// What a model doubts about a label, in a sentence.
pub fn doubt_words(doubt: &Doubt, catalogue: &Catalogue, predictions: &Predictions) -> String {
    let name = |tag: TagIx| &*catalogue.tags().get(tag).name;
    let label = doubt.region.and_then(|ix| catalogue.region(ix)).map_or("", |region| name(region.tag));
    let one = doubt.prediction.and_then(|at| predictions.get(at));
    let (tag, score) = one.map_or(("", 0.0), |one| (name(one.tag), one.score));
    match doubt.kind {
        DoubtKind::Overlooked => format!("{tag} is predicted with a score of {score:.2} where nothing is labeled."),
        DoubtKind::Swapped => format!("The box is labeled {label}, but {tag} is predicted with a score of {score:.2}."),
        DoubtKind::Misplaced => format!(
            "{tag} is predicted with a score of {score:.2} at another place: the boxes have an IoU of {:.2}.",
            doubt.iou
        ),
        DoubtKind::Spurious => format!("No prediction agrees with the box of {label}."),
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum PredictionsCommand {
    EditPath(String),
    EditLabels(String),
    /// Read predictions from here and compare them, after those that are being read.
    Load(PredictionsPlace),
    Stop,
    Choose(usize),
    Close(usize),
    SetScore(f64),
    SetIou(f64),
    SetLayer(Layer),
    /// The next of labels, predictions, both.
    CycleLayer,
    /// The curves of this tag; `None`: of all together.
    SetCurve(Option<TagIx>),
    /// Open the image of a doubtful label at its place: its place in the list.
    ShowDoubt(usize),
    AskSave,
    EditSavePath(String),
    SetSaveKind(OutcomeKind),
    Save,
    /// Choose a prediction on the canvas: its place among those of the chosen set.
    Pick(Option<usize>),
}

#[derive(Clone, Debug)]
pub enum PredictionsEffect {
    /// Read a set and compare it -> `Progress`..., `Loaded`. The one before is given up.
    Load(Box<LoadJob>),
    /// Give up reading.
    Stop,
    /// Compare a set at another IoU -> `Matched`.
    Match { number: u64, set: Arc<PredictionSet>, catalogue: Arc<Catalogue>, iou: f64 },
    /// Write outcomes to a new file -> `Saved`.
    Save(Box<OutcomesJob>),
}

#[derive(Clone, Debug)]
pub struct OutcomesJob {
    pub set: Arc<PredictionSet>,
    /// What becomes of it at the chosen IoU, and the chosen score.
    pub judged: JudgedPredictions,
    pub catalogue: Arc<Catalogue>,
    pub kind: OutcomeKind,
    pub path: PathBuf,
}

#[derive(Clone, Debug)]
pub struct OutcomesForm {
    pub kind: OutcomeKind,
    pub path: String,
    pub is_busy: bool,
    pub failure: Option<Failure>,
}

impl Default for OutcomesForm {
    fn default() -> Self {
        Self { kind: OutcomeKind::Csv, path: String::new(), is_busy: false, failure: None }
    }
}

#[derive(Clone, Debug)]
pub struct SavedOutcomes {
    pub path: PathBuf,
    pub kind: OutcomeKind,
    pub predictions: u64,
    /// Labels that no prediction has found.
    pub missed: u64,
}

#[derive(Clone, Debug)]
pub struct LoadJob {
    pub number: u64,
    pub place: PredictionsPlace,
    /// When the iteration was trained, in the service's words; `None`: it is a file, or nobody knows.
    pub trained_at: Option<String>,
    pub name: String,
    pub catalogue: Arc<Catalogue>,
    /// Whether those without tags are not labeled yet, so that nothing can be said of predictions on them.
    pub has_untagged: bool,
    pub project: ProjectId,
    pub kind: ProjectKind,
    pub score: f64,
    pub iou: f64,
}

#[derive(Clone, Debug)]
pub enum PredictionsEvent {
    /// Images read, of all; 0 when not known.
    Progress { number: u64, done: u64, total: u64 },
    /// A set was read, with how it compares at the IoU of the job, or could not be.
    Loaded { number: u64, result: Result<(Arc<PredictionSet>, MatchedSet), Failure> },
    /// A set was compared at another IoU; `None`: the work was interrupted by a failure of its own.
    Matched { number: u64, matched: Option<MatchedSet> },
    /// Outcomes were saved, or could not be.
    Saved(Result<SavedOutcomes, Failure>),
}
