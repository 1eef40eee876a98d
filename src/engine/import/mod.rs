//! A dataset on disk into an archive, so that it can be opened, served and exported like a project.
//!
//! `recognize` says what a path is, by the table of [`formats::layout`]. `labels`, `yolo`, `voc` and `jsonl` read the
//! label files, `pictures` finds the pictures, `adding` writes the archive. The same dataset gives the same archive: ids are
//! made from names (but for those that Tagscope wrote itself). What a dataset does not say, such as dates, the archive does
//! not say either; its images are in the order of the dataset. Originals are copied byte for byte; what is missing or broken
//! is itemized, and the rest is imported.

mod adding;
mod jsonl;
mod labels;
mod manifest;
mod pictures;
mod recognize;
mod rows;
mod several;
mod sink;
mod voc;
mod walk;
mod yolo;

use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use recognize::{OpenKind, open_folder};
pub use several::places_of;
pub(crate) use sink::Imported;
pub(super) use walk::{files_below, open_text, state_of};

use super::export::{JobProgress, ProgressSink};
use crate::failure::{self, OrFailure as _};
use adding::Import;
use app::{Failure, FailureKind, Skip, words};
use domain::{Domain, DomainId, Project, ProjectId, ProjectKind};
use formats::FormatError;
use formats::Quoted;
use formats::dataset::{Dataset, DatasetProblem};
pub use formats::layout::DatasetFormat;
use formats::layout::Recognized;
use formats::meaning::doubt_sizes;
use manifest::Beside;
use pictures::Place;
use sink::Target;
use storage::ArchiveFacts;
use storage::open_files::OpenFilesWatch;

/// All ids of imports are made in this namespace (itself made from the name "tagscope import").
const NAMESPACE: Uuid = Uuid::from_u128(0x5b0f_7f2c_1c0e_5d0a_9b1e_7a65_5c6f_7065);
/// `General` for object detection, as the service lists it.
const DETECTION_DOMAIN: Uuid = Uuid::from_u128(0xda2e_3a8a_40a5_4171_82f4_5852_2f70_fbc1);
/// `General` for classification.
const CLASSIFICATION_DOMAIN: Uuid = Uuid::from_u128(0xee85_a74c_405e_4adc_bb47_ffa8_ca0c_9f31);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetPlace {
    pub format: DatasetFormat,
    pub path: PathBuf,
    /// Label files of the same folder that are read with the file.
    pub others: Vec<PathBuf>,
    /// The folder that its pictures are relative to; `None`: where datasets usually have them.
    pub images: Option<PathBuf>,
}

/// Reasons that a refusal names.
const MOST_REASONS: usize = 5;

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    pub folder: PathBuf,
    pub project: String,
    /// What it was recognized as, and by which signs.
    pub recognized: Option<Recognized>,
    pub images_in: u64,
    pub images_out: u64,
    pub regions_in: u64,
    pub regions_out: u64,
    pub pictures: u64,
    pub bytes: u64,
    /// Hidden folders next to it that killed runs had left and that were removed.
    pub cleared: Vec<String>,
    /// Everything left out or assumed, each with its reason; `image` is the name or the place in the dataset.
    pub skips: Vec<Skip>,
}

struct Found {
    dataset: Dataset,
    /// The picture of each image.
    places: Vec<Place>,
    /// Where pictures were looked for, in words.
    looked: String,
    /// Its name, when it has no words about itself.
    title: String,
    /// What only this dataset gives.
    identity: String,
    /// What the manifest of the export says that it is in.
    beside: Beside,
}

/// What is reported while a dataset is read.
struct Reading<'a> {
    progress: &'a ProgressSink,
    cancel: &'a CancellationToken,
    /// Files of the dataset that could not be opened must not look as if they were missing.
    watch: &'a OpenFilesWatch,
}

impl Reading<'_> {
    /// Tells the number of files read; fails when it is to stop.
    fn step(&self, done: usize, total: usize) -> Result<(), Failure> {
        self.check_not_canceled()?;
        (self.progress)(JobProgress { stage: "Reading", done: done as u64, total: total as u64, bytes: 0 });
        Ok(())
    }

    fn check_not_canceled(&self) -> Result<(), Failure> {
        if self.cancel.is_cancelled() { Err(failure::canceled()) } else { Ok(()) }
    }

    /// Checks that everything that was there could be opened, before the import gets its place.
    fn check_all_opened(&self) -> Result<(), Failure> {
        self.watch.check().or_failure()
    }
}

/// Imports a dataset. Blocks.
///
/// # Errors
/// When it is none of the format, the archive cannot be written, or `cancel` is canceled; then nothing of it is left.
pub fn import(
    place: &DatasetPlace,
    out: &Path,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<ImportReport, Failure> {
    import_all(std::slice::from_ref(place), out, progress, cancel)
}

/// Imports the datasets of several places as one; see [`places_of`]. Blocks.
///
/// # Errors
/// As [`import`], for any of them.
pub fn import_all(
    places: &[DatasetPlace],
    out: &Path,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<ImportReport, Failure> {
    run(places, Target::Archive(out), progress, cancel).map(|(report, _)| report)
}

/// Reads the datasets of several places as one, without writing anything. Pictures are hashed and not kept; a dataset may
/// be without any. Blocks.
///
/// # Errors
/// As [`import_all`], but for what can go wrong with writing.
pub(crate) fn into_memory(
    places: &[DatasetPlace],
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<(ImportReport, Imported), Failure> {
    let (report, imported) = run(places, Target::Memory, progress, cancel)?;
    Ok((report, imported.ok_or_else(|| failure::internal("the dataset was not kept in memory"))?))
}

fn run(
    places: &[DatasetPlace],
    target: Target<'_>,
    progress: &ProgressSink,
    cancel: &CancellationToken,
) -> Result<(ImportReport, Option<Imported>), Failure> {
    if let Some(folder) = places.iter().filter_map(|place| place.images.as_ref()).find(|folder| !folder.is_dir()) {
        return Err(Failure::bare(FailureKind::MissingFile { path: folder.display().to_string() }));
    }
    let watch = OpenFilesWatch::begin();
    let reading = Reading { progress, cancel, watch: &watch };
    failure::check_watched(&watch, import_with(places, target, &reading))
}

fn import_with(
    places: &[DatasetPlace],
    target: Target<'_>,
    reading: &Reading<'_>,
) -> Result<(ImportReport, Option<Imported>), Failure> {
    let (mut parts, mut notes) = (Vec::new(), Vec::new());
    for place in places {
        let mut chosen = recognize::choose_at(place)?;
        let passed = chosen.found.passed.iter().cloned();
        notes.extend(std::mem::take(&mut chosen.notes).into_iter().chain(passed));
        let found = match place.format {
            DatasetFormat::Yolo => yolo::find(place, &chosen, reading)?,
            DatasetFormat::Voc => voc::find(place, &chosen, reading)?,
            DatasetFormat::Jsonl => return jsonl::import(place, &chosen, target, reading),
            _ => labels::find(place, &chosen, reading)?,
        };
        parts.push((chosen.found, found));
    }
    let (Some(place), Some((recognized, found))) = (places.first(), several::joined(places, parts)) else {
        return Err(failure::internal("there is nothing to import"));
    };
    let Found { mut dataset, places: pictures, looked, title, identity, beside } = found;
    doubt_sizes(&mut dataset);
    if let Some(words) = labels::frames_advice(place.format, &dataset, &pictures) {
        // First, because a refusal names only a few reasons.
        let problem = DatasetProblem { place: "pictures".to_owned(), is_left_out: false, reason: words.to_owned() };
        dataset.problems.insert(0, problem);
    }
    // Who stopped the import did not ask what is wrong with the dataset.
    reading.check_not_canceled()?;
    let is_memory = matches!(target, Target::Memory);
    if !is_memory {
        refuse_without_pictures(place, &dataset, &pictures, &looked, &beside)?;
    }
    let mut import = Import::new(target.open()?, &dataset.categories);
    import.begin(&dataset);
    notes.iter().for_each(|(name, reason)| import.note(name, true, reason.clone()));
    let total = dataset.images.len() as u64;
    for (index, (image, at)) in (0..).zip(dataset.images.iter().zip(&pictures)) {
        reading.check_not_canceled()?;
        import.add(image, at)?;
        (reading.progress)(JobProgress { stage: "Writing", done: index + 1, total, bytes: import.bytes() });
    }
    reading.check_all_opened()?;
    // Not even the name of an image is of use without its size.
    let report = import.report();
    if report.images_out == 0 && report.images_in > 0 && !is_memory && !beside.is_known() {
        return Err(nothing_read(places, report));
    }
    let (mut report, imported) = import.finish(facts(&title, &identity, &beside, &dataset)?)?;
    report.recognized = Some(recognized);
    Ok((report, imported))
}

/// An archive without a single picture is of no use in place of a dataset, and a script would continue with it. Labels that
/// Tagscope exported without pictures are meant to be without.
fn refuse_without_pictures(
    place: &DatasetPlace,
    dataset: &Dataset,
    places: &[Place],
    looked: &str,
    beside: &Beside,
) -> Result<(), Failure> {
    // The images of YOLO are the pictures themselves.
    let is_of_pictures = place.format == DatasetFormat::Yolo;
    if dataset.images.is_empty() && dataset.counts_in.0 == 0 && !is_of_pictures && !beside.is_known() {
        return Err(without_images(place, dataset));
    }
    let is_missing = places.iter().all(|at| *at == Place::Missing);
    if !is_missing || beside.is_known() {
        return Ok(());
    }
    let mut reason =
        format!("The dataset has {}. Searched in {looked}.", words::count(dataset.counts_in.0, "image", "images"));
    if let Some(image) = dataset.images.first() {
        reason.push_str(&format!(" The first is {:.200}.", Quoted(&image.file_name)));
    }
    reason.push_str(&reasons(dataset));
    Err(Failure::bare(FailureKind::NoPictures { path: place.path.display().to_string(), reason }))
}

/// The first problems of a dataset, for a refusal.
fn reasons(dataset: &Dataset) -> String {
    let problems = dataset.problems.iter().take(MOST_REASONS);
    problems.map(|problem| format!(" {}: {}.", problem.place, problem.reason)).collect()
}

/// A dataset of which no image was read: what it was read as, and what was wrong with it.
pub(crate) fn nothing_read(places: &[DatasetPlace], report: &ImportReport) -> Failure {
    let Some(place) = places.first() else { return failure::internal("there is nothing to import") };
    let skips = report.skips.iter().take(MOST_REASONS);
    let skips: String = skips.map(|skip| format!(" {}: {}.", skip.image, skip.reason)).collect();
    let found = match report.images_in {
        0 => "there are no images in it".to_owned(),
        1 => "its only image could not be read".to_owned(),
        count => format!("none of its {count} images could be read"),
    };
    not_of(&place.path, format!("It was read as {}, and {found}.{skips}", place.format.label()))
}

/// A dataset that was read to its end and speaks of no image.
fn without_images(place: &DatasetPlace, dataset: &Dataset) -> Failure {
    let label = place.format.label();
    let reason = format!("It was read as {label}, and there are no images in it.{}", reasons(dataset));
    not_of(&place.path, reason)
}

/// The project that the archive stands for. Its id is made from the whole dataset: pictures of another one with the
/// same names must not be taken from the cache.
fn facts(title: &str, identity: &str, beside: &Beside, dataset: &Dataset) -> Result<ArchiveFacts, Failure> {
    let has_boxes = dataset.images.iter().any(|image| !image.boxes.is_empty());
    let has_tags = dataset.images.iter().any(|image| !image.tags.is_empty());
    let guess = if has_tags && !has_boxes { ProjectKind::Multilabel } else { ProjectKind::Detection };
    let name = beside.name().or(dataset.description.as_deref()).unwrap_or(title);
    made_project(name, identity, beside.kind().or(dataset.kind).unwrap_or(guess))
}

/// A project that no service knows.
fn made_project(name: &str, identity: &str, kind: ProjectKind) -> Result<ArchiveFacts, Failure> {
    let (domain, domain_kind, classification) = match kind {
        ProjectKind::Multiclass => (CLASSIFICATION_DOMAIN, "Classification", "Multiclass"),
        ProjectKind::Multilabel => (CLASSIFICATION_DOMAIN, "Classification", "Multilabel"),
        ProjectKind::Detection | ProjectKind::Unknown => (DETECTION_DOMAIN, "ObjectDetection", "Multilabel"),
    };
    let json = serde_json::json!({
        "id": ProjectId(Uuid::new_v5(&NAMESPACE, format!("project:{identity}").as_bytes())),
        "name": name.chars().take(200).collect::<String>(),
        "description": "",
        "settings": {
            "domainId": DomainId(domain),
            "classificationType": classification,
        },
        "status": "Succeeded",
    });
    let project: Project = serde_json::from_value(json).map_err(|error| failure::internal(error.to_string()))?;
    let domain = Domain {
        id: DomainId(domain),
        name: "General".to_owned(),
        kind: domain_kind.to_owned(),
        other: serde_json::Map::new(),
    };
    Ok(ArchiveFacts { project, domains: vec![domain], iterations: Vec::new(), tags: Vec::new() })
}

/// What only this dataset gives, where it is many files: made of its names and boxes.
fn identity(dataset: &Dataset) -> String {
    let mut sum = Uuid::new_v5(&NAMESPACE, dataset.categories.join("\n").as_bytes());
    for image in &dataset.images {
        let mut bytes = image.file_name.clone().into_bytes();
        bytes.extend(image.tags.iter().flat_map(|tag| tag.bytes()));
        for found in &image.boxes {
            bytes.extend(found.category.to_le_bytes());
            bytes.extend(found.bbox.iter().flat_map(|number| number.to_bits().to_le_bytes()));
        }
        sum = Uuid::new_v5(&sum, &bytes);
    }
    sum.to_string()
}

/// The name of a file or folder without its extension, for a project.
fn title(path: &Path) -> String {
    path.file_stem().map_or_else(|| "dataset".into(), |stem| stem.to_string_lossy().into_owned())
}

/// What a file that should be of a format is instead.
pub(super) fn format_failure(path: &Path, error: FormatError) -> Failure {
    let path = path.display().to_string();
    match error {
        FormatError::OutOfFiles { .. } => Failure::bare(FailureKind::OutOfFiles { path }),
        FormatError::NotThisFormat { reason } => {
            let reason = match reason.strip_prefix("it ") {
                Some(rest) => format!("The file {rest}."),
                None => format!("In the file {reason}."),
            };
            Failure::bare(FailureKind::NotAnArchive { path, reason })
        }
        FormatError::Files { reason } => Failure::bare(FailureKind::Files { path, reason }),
        FormatError::Unreadable { .. } => Failure::bare(FailureKind::BrokenFile { path, reason: error.to_string() }),
    }
}

/// A dataset that is not of the format it was said to be.
fn not_of(path: &Path, reason: impl Into<String>) -> Failure {
    Failure::bare(FailureKind::NotAnArchive { path: path.display().to_string(), reason: reason.into() })
}

/// A dataset that was given up.
fn too_broken(path: &Path, reason: String) -> Failure {
    Failure::bare(FailureKind::BrokenFile { path: path.display().to_string(), reason })
}

/// An id made from a kind and a name.
fn made_id(kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{kind}:{name}").as_bytes())
}
