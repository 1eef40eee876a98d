//! Where predictions come from: an iteration of the service or of an archive, or files of other models.

mod gathering;
mod window;

pub use gathering::{Saved, free_place, save};
pub(super) use window::run;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use self::gathering::Gathering;
use super::import::{files_below, open_text};
use super::source::{Source, blocking};
use crate::failure::{OrFailure as _, OrIoFailure as _, sentence};
use app::{Failure, FailureKind};
use domain::{
    Catalogue, ImageId, ImageIx, IterationId, IterationPerformance, ListingReport, Predictions, ProjectId, ProjectKind,
};
use formats::FormatError;
use formats::predictions::{self, CocoLabels, Joined, Joiner, PredictionFormat, Skips, read_labels, read_rows_of};
use formats::yolo::dataset::{read_darknet, read_facts};
use service::{ListQuery, ListingKind, Order, PagerOptions};
use storage::archive::Contents;
use storage::regular::read_bounded;
use storage::{Archive, KeptPredictions};

/// A label file or a list of classes is never larger.
const TEXT_LIMIT: u64 = 16 << 20;
/// JSON files of a folder that are looked into.
const MOST_FILES: usize = 64;
/// Files that a message names.
const MOST_NAMED: usize = 5;
/// Lists of class names, the first that is there counts.
const CLASS_FILES: [&str; 5] = ["data.yaml", "dataset.yaml", "obj.data", "classes.txt", "obj.names"];

#[derive(Debug)]
pub struct ReadPredictions {
    pub predictions: Arc<Predictions>,
    pub skips: Skips,
    /// Predictions that "nothing is here" was said with, which are not compared.
    pub negatives: u64,
    /// What was assumed, a sentence each.
    pub notes: Vec<String>,
    /// The images that were predicted on; `None`: all.
    pub images: Option<FxHashSet<ImageIx>>,
    /// How complete the list of them is.
    pub listed: Option<ListingReport>,
}

impl ReadPredictions {
    /// Whether an iteration predicted nothing on images that are there: it was not trained, or its predictions are gone.
    pub fn is_of_nothing(&self, catalogue: &Catalogue) -> bool {
        self.images.as_ref().is_some_and(FxHashSet::is_empty) && !catalogue.is_empty()
    }
}

impl From<Joined> for ReadPredictions {
    fn from(Joined { predictions, skips, negatives, notes, images: _ }: Joined) -> Self {
        Self { predictions: Arc::new(predictions), skips, negatives, notes, images: None, listed: None }
    }
}

/// What the predictions are compared with.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    pub project: ProjectId,
    /// What it trains.
    pub kind: ProjectKind,
    pub catalogue: &'a Catalogue,
}

/// What an iteration predicts on its images. `keeping` gets all of it as it came from a service, or nothing when some of it
/// could not be read. `progress` has how many images have come and how many there are.
///
/// # Errors
/// When the service refuses or fails, the archive does not hold them, or there are too many.
pub async fn read_iteration(
    source: &Source,
    iteration: IterationId,
    compared: Compared<'_>,
    mut keeping: Option<&mut KeptPredictions>,
    mut progress: impl FnMut(u64, u64),
) -> Result<ReadPredictions, Failure> {
    if let Source::Archive(archive) = source {
        return joined_archive(archive, iteration, compared);
    }
    let mut gathering = Gathering::new(compared);
    let query = ListQuery { rows: ListingKind::Predicted(iteration), order: Order::Newest, ..ListQuery::default() };
    let mut pages = source.pages(compared.project, query, PagerOptions::default());
    let mut is_readable = true;
    while let Some(step) = pages.next().await {
        let step = step?;
        is_readable &= gathering.note_problems(&step.page);
        // A page that came again has predictions of rows that were handed out before.
        let mut new: FxHashSet<ImageId> = step.page.rows.iter().map(|row| row.id).collect();
        for (id, predicted) in step.page.predictions {
            if new.remove(&id) {
                gathering.take(id, &predicted)?;
                if let Some(keeping) = &mut keeping {
                    keeping.push(id, &predicted);
                }
            }
        }
        progress(gathering.images(), step.report.total.unwrap_or_default());
    }
    let listed = pages.report();
    if let Some(keeping) = keeping.filter(|_| !is_readable || !listed.is_whole) {
        // The next visit is to ask again.
        *keeping = KeptPredictions::default();
    }
    gathering.finish(Some(listed))
}

/// What an archive holds of an iteration's predictions. Blocks.
fn joined_archive(
    archive: &Archive,
    iteration: IterationId,
    compared: Compared<'_>,
) -> Result<ReadPredictions, Failure> {
    let mut joiner = Joiner::new(compared.catalogue, compared.project, compared.kind);
    let held = archive.contents(Some(iteration)).map(Contents::predictions).transpose().or_failure()?.flatten();
    let missing = || Failure::bare(FailureKind::NotFound { what: "list of predictions of the iteration".to_owned() });
    let file = held.ok_or_else(missing)?;
    let name = file.strip_prefix(archive.root()).unwrap_or(&file).to_string_lossy().replace('\\', "/");
    let input = open_text(&file).or_read_failure(&file)?;
    predictions::read_lines(input, &name, &mut joiner).map_err(|error| format_failure(&file, error))?;
    let joined = joiner.finish().map_err(|reason| not_of(&file, sentence(&reason)))?;
    let images = Some(joined.images.clone());
    Ok(ReadPredictions { images, ..ReadPredictions::from(joined) })
}

/// The service's own figures of an iteration at the same thresholds; `None` where there are none.
///
/// # Errors
/// When the service refuses or fails.
pub async fn own_figures(
    source: &Source,
    project: ProjectId,
    iteration: IterationId,
    score: f64,
    iou: f64,
) -> Result<Option<IterationPerformance>, Failure> {
    match source {
        Source::Service(client) => {
            let figures = client.iteration_performance(project, iteration, Some(score as f32), Some(iou as f32)).await;
            match figures.or_failure() {
                Ok(figures) => Ok(Some(figures)),
                Err(failure) if matches!(failure.kind, FailureKind::NotFound { .. }) => Ok(None),
                Err(failure) => Err(failure),
            }
        }
        Source::Archive(archive) => {
            archive.contents(Some(iteration)).map_or(Ok(None), |held| held.performance().or_failure())
        }
        Source::Kept => Ok(None),
    }
}

/// Reads predictions from a file or a folder. `labels` is the COCO file that the numbers of COCO results belong to;
/// without it one is looked for beside them.
///
/// # Errors
/// When nothing there can be read as predictions, a file is broken, or nothing belongs to the project.
pub async fn read_files(
    path: PathBuf,
    labels: Option<PathBuf>,
    project: ProjectId,
    kind: ProjectKind,
    catalogue: Arc<Catalogue>,
) -> Result<ReadPredictions, Failure> {
    blocking(move || read(&path, labels.as_deref(), Compared { project, kind, catalogue: &catalogue })).await
}

fn read(path: &Path, labels: Option<&Path>, compared: Compared<'_>) -> Result<ReadPredictions, Failure> {
    let mut joiner = Joiner::new(compared.catalogue, compared.project, compared.kind);
    let mut notes = Vec::new();
    if path.is_dir() {
        in_folder(path, labels, &mut joiner, &mut notes)?;
    } else {
        let format = recognized(path)?;
        in_file(path, format, labels, &mut joiner, &mut notes)?;
    }
    let joined = joiner.finish().map_err(|reason| not_of(path, sentence(&reason)))?;
    let mut set = ReadPredictions::from(joined);
    set.notes.splice(0..0, notes);
    Ok(set)
}

/// What cannot be used as predictions.
fn not_of(path: &Path, reason: impl Into<String>) -> Failure {
    Failure::bare(FailureKind::NotPredictions { path: path.display().to_string(), reason: reason.into() })
}

/// A file that is broken, or something else.
fn format_failure(path: &Path, error: FormatError) -> Failure {
    match error {
        FormatError::NotThisFormat { reason } => not_of(path, format!("In the file {reason}.")),
        other => super::import::format_failure(path, other),
    }
}

fn recognized(file: &Path) -> Result<PredictionFormat, Failure> {
    let input = open_text(file).or_read_failure(file)?;
    predictions::recognize(input).map_err(|error| format_failure(file, error))
}

fn in_file(
    file: &Path,
    format: PredictionFormat,
    labels: Option<&Path>,
    joiner: &mut Joiner<'_>,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let input = || open_text(file).or_read_failure(file);
    let read = match format {
        PredictionFormat::CocoResults => {
            if let Some(found) = labels_of(file, labels)? {
                notes.push(format!("The numbers of images and categories are those of {}.", found.display()));
                let known = coco_labels(&found).map_err(|failure| match labels {
                    Some(_) => failure,
                    None => not_of(
                        file,
                        format!(
                            "{} next to it looks like a COCO dataset but cannot be read as one. Say with --labels which COCO \
                             dataset the numbers belong to, or move that file away.",
                            found.display()
                        ),
                    ),
                });
                joiner.set_labels(known?);
            }
            predictions::read_results(input()?, &name, joiner)
        }
        PredictionFormat::Coco => {
            joiner.set_labels(coco_labels(labels.unwrap_or(file))?);
            predictions::read_scored(input()?, &name, joiner)
        }
        PredictionFormat::Lines => predictions::read_lines(input()?, &name, joiner),
        PredictionFormat::List => predictions::read_list(input()?, &name, joiner),
    };
    read.map_err(|error| format_failure(file, error))
}

fn coco_labels(file: &Path) -> Result<CocoLabels, Failure> {
    let input = open_text(file).or_read_failure(file)?;
    read_labels(input).map_err(|error| format_failure(file, error))
}

/// The COCO labels that the numbers of results belong to: those that were given, else the only ones in the folder.
fn labels_of(results: &Path, given: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    if let Some(given) = given {
        return Ok(Some(given.to_path_buf()));
    }
    let folder = match results.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut found: Vec<PathBuf> = json_files(folder, false)?
        .into_iter()
        .filter(|file| file.file_name() != results.file_name())
        .filter(|file| matches!(recognized(file), Ok(PredictionFormat::Coco)))
        .collect();
    match found.len() {
        0 => Ok(None),
        1 => Ok(found.pop()),
        _ => {
            let names = named(&found);
            let reason = format!(
                "Several files next to it have COCO labels ({names}). Say with --labels which of them the numbers of its \
                 images belong to."
            );
            Err(not_of(results, reason))
        }
    }
}

/// JSON files of a folder, in the order of their names.
fn json_files(folder: &Path, is_deep: bool) -> Result<Vec<PathBuf>, Failure> {
    let names: Vec<String> = if is_deep {
        files_below(folder, "")?.0
    } else {
        let entries = storage::open_files::read_dir(folder).or_read_failure(folder)?;
        let mut names: Vec<String> =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        names
    };
    let is_json = |name: &String| {
        let name = name.to_ascii_lowercase();
        name.ends_with(".json") || name.ends_with(".jsonl")
    };
    let files = names.into_iter().filter(is_json).map(|name| folder.join(name)).filter(|file| file.is_file());
    Ok(files.take(MOST_FILES).collect())
}

fn named(files: &[PathBuf]) -> String {
    let names = files.iter().take(MOST_NAMED).map(|file| file.file_name().unwrap_or_default().to_string_lossy());
    let names: Vec<_> = names.collect();
    match files.len().checked_sub(MOST_NAMED) {
        Some(more) if more > 0 => format!("{} and {more} more", names.join(", ")),
        _ => names.join(", "),
    }
}

/// A folder of YOLO rows, or of one or several JSON files with predictions.
fn in_folder(
    folder: &Path,
    labels: Option<&Path>,
    joiner: &mut Joiner<'_>,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    let (files, _) = files_below(folder, "")?;
    let is_row_file = |name: &&String| {
        let base = name.rsplit('/').next().unwrap_or(name);
        base.to_ascii_lowercase().ends_with(".txt") && !CLASS_FILES.contains(&base)
    };
    let rows: Vec<&String> = files.iter().filter(is_row_file).collect();
    let mut found: Vec<(PathBuf, PredictionFormat)> = Vec::new();
    for file in json_files(folder, true)? {
        match recognized(&file) {
            // Labels are no predictions; whether a COCO file has scores shows when it is read.
            Ok(PredictionFormat::Coco) | Err(_) => {}
            Ok(format) => found.push((file, format)),
        }
    }
    if found.is_empty() && rows.is_empty() {
        let coco: Vec<PathBuf> =
            json_files(folder, true)?.into_iter().filter(|file| recognized(file).is_ok()).collect();
        match &coco[..] {
            [only] => return in_file(only, PredictionFormat::Coco, labels, joiner, notes),
            _ => {
                return Err(not_of(
                    folder,
                    "The folder has no predictions: no label files with a confidence in each row, \
                                           no COCO results, no lines with predictions.",
                ));
            }
        }
    }
    if !found.is_empty() && !rows.is_empty() {
        let files: Vec<PathBuf> = found.into_iter().map(|(file, _)| file).collect();
        let reason = format!(
            "The folder has label files (.txt) and predictions in JSON ({}). Give the path of one of them.",
            named(&files)
        );
        return Err(not_of(folder, reason));
    }
    for (file, format) in found {
        in_file(&file, format, labels, joiner, notes)?;
    }
    yolo(folder, &files, &rows, joiner, notes)
}

fn yolo(
    folder: &Path,
    files: &[String],
    rows: &[&String],
    joiner: &mut Joiner<'_>,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    if let Some((file, classes)) = classes_of(folder, files)? {
        notes.push(format!("The names of the classes are those of {}.", file.display()));
        joiner.set_classes(classes);
    }
    for name in rows {
        let path = folder.join(name);
        let bytes = read_bounded(&path, TEXT_LIMIT).map_err(|error| crate::failure::from_storage(&error))?;
        let text = formats::text::whole(&bytes).map_err(|error| format_failure(&path, error))?;
        let image = name.strip_prefix("labels/").unwrap_or(name);
        let image = &image[..image.len() - ".txt".len()];
        read_rows_of(&text, image, name, joiner).map_err(|reason| format_failure(&path, FormatError::says(reason)))?;
    }
    Ok(())
}

/// The names of the classes: in the folder itself, or in the one around it.
fn classes_of(folder: &Path, files: &[String]) -> Result<Option<(PathBuf, Vec<String>)>, Failure> {
    let inside = CLASS_FILES.iter().filter(|name| files.iter().any(|file| file == *name)).map(|name| folder.join(name));
    let around = CLASS_FILES.iter().filter_map(|name| Some(folder.parent()?.join(name)));
    let Some(file) = inside.chain(around).find(|file| file.is_file()) else { return Ok(None) };
    let bytes = read_bounded(&file, TEXT_LIMIT).map_err(|error| crate::failure::from_storage(&error))?;
    let text = formats::text::whole(&bytes).map_err(|error| format_failure(&file, error))?;
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    let names: Vec<String> = match file.extension().and_then(|extension| extension.to_str()) {
        Some("yaml") => read_facts(&text).map_err(|error| format_failure(&file, error))?.names,
        Some("data") => {
            let facts = read_darknet(&text).map_err(|error| format_failure(&file, error))?;
            let Some(list) = facts.names_file else { return Ok(None) };
            let list = list.rsplit(['/', '\\']).next().unwrap_or(&list).to_owned();
            let path = file.with_file_name(list);
            let bytes = read_bounded(&path, TEXT_LIMIT).map_err(|error| crate::failure::from_storage(&error))?;
            lines(&formats::text::whole(&bytes).map_err(|error| format_failure(&path, error))?)
        }
        _ => lines(&text),
    };
    Ok((!names.is_empty()).then_some((file, names)))
}
