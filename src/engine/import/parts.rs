//! Datasets that are a list or a file for each part, with folders of pictures: Azure ML, Datumaro, Create ML.

use std::path::{Path, PathBuf};

use super::beside::Beside;
use super::locate::{DATASET_LIMIT, Roots};
use super::one_file::{files_with, first_of_list, opened};
use super::{DatasetFormat, DatasetPlace, Found, not_of, of_format, title};
use crate::app::Failure;
use crate::engine::failure;
use crate::formats::dataset::{Dataset, DatasetBuilder};
use crate::formats::{azureml, createml, datumaro};
use crate::storage::regular::read_bounded;
use crate::storage::staging::measure;

/// An `MLTable` is a few lines.
const TABLE_LIMIT: u64 = 1 << 20;
const TABLE: &str = "MLTable";
/// Folders of Azure ML, as Tagscope and the vendor's examples call them, and their parts.
const TABLE_FOLDERS: [(&str, Option<&str>); 4] = [
    ("", None),
    ("training-mltable-folder", Some("train")),
    ("validation-mltable-folder", Some("val")),
    ("test-mltable-folder", Some("test")),
];
const CREATE_ML: &str = "_annotations.createml.json";
/// Folders of Create ML, as Tagscope and others call them, and their parts.
const CREATE_ML_FOLDERS: [(&str, Option<&str>); 5] =
    [("", None), ("train", Some("train")), ("valid", Some("val")), ("val", Some("val")), ("test", Some("test"))];
const ANNOTATIONS: &str = "annotations";

/// A file of a dataset.
pub(super) struct Part {
    file: PathBuf,
    name: Option<String>,
}

impl Part {
    fn new(file: PathBuf, name: Option<&str>) -> Self {
        Self { file, name: name.map(str::to_owned) }
    }
}

/// Reads a dataset of one of these formats.
pub(super) fn find(place: &DatasetPlace) -> Result<Found, Failure> {
    let parts = match (place.path.is_dir(), place.format) {
        (false, DatasetFormat::AzureMl) if is_table(&place.path) => lists_of(&place.path, None)?,
        (false, _) => vec![Part::new(place.path.clone(), None)],
        (true, DatasetFormat::AzureMl) => azureml_in(&place.path)?,
        (true, DatasetFormat::Datumaro) => datumaro_in(&place.path),
        (true, _) => createml_in(&place.path),
    };
    let Some(first) = parts.first() else {
        let reason = match place.format {
            DatasetFormat::AzureMl => "It has no MLTable, itself or in training-mltable-folder.",
            DatasetFormat::Datumaro => "It has no file of Datumaro in annotations.",
            _ => "It has no _annotations.createml.json, itself or in train.",
        };
        return Err(not_of(&place.path, reason));
    };
    let beside = Beside::of(&first.file);
    let base = base(place, &first.file);
    let mut whole = DatasetBuilder::new(None, &beside.class_names());
    let mut sums = Vec::new();
    for part in &parts {
        sums.push(measure(&part.file).map_err(|error| failure::of_storage(&error))?.sha256);
        let mut dataset = read(place.format, &part.file, &beside)?;
        prefix(place.format, &part.file, &base, &mut dataset);
        let name = part.file.strip_prefix(&base).unwrap_or(&part.file).display().to_string();
        whole.add(dataset, &name, part.name.as_deref().filter(|_| parts.len() > 1));
    }
    let mut dataset = whole.finish();
    let roots = place.images.as_deref().map_or_else(|| around(place.format, &base), Roots::given);
    roots.settle(&mut dataset);
    let title = if place.path.is_dir() { title(&base) } else { title(&place.path) };
    Ok(Found { dataset, roots, title, identity: sums.join("\n"), beside })
}

/// The folder of the dataset: of several parts the one above them.
fn base(place: &DatasetPlace, file: &Path) -> PathBuf {
    let folder = match place.path.is_dir() {
        true => place.path.clone(),
        false => file.parent().map(Path::to_path_buf).unwrap_or_default(),
    };
    let whole = if folder.as_os_str().is_empty() { Path::new(".").canonicalize() } else { folder.canonicalize() };
    let whole = whole.unwrap_or(folder);
    match place.format {
        // Its pictures are beside the folder of the annotations.
        DatasetFormat::Datumaro if whole.file_name().is_some_and(|name| name == ANNOTATIONS) => {
            whole.parent().map(Path::to_path_buf).unwrap_or(whole)
        }
        _ => whole,
    }
}

fn read(format: DatasetFormat, file: &Path, beside: &Beside) -> Result<Dataset, Failure> {
    let input = opened(file)?;
    let dataset = match format {
        DatasetFormat::AzureMl => azureml::dataset::read_dataset(input, &beside.class_names()),
        DatasetFormat::Datumaro => datumaro::dataset::read_dataset(input),
        _ => createml::dataset::read_dataset(input, &beside.class_names()),
    };
    dataset.map_err(|error| of_format(file, error))
}

/// Names are relative to the folder of their part, and two parts may have the same ones: they become relative to the
/// dataset's.
fn prefix(format: DatasetFormat, file: &Path, base: &Path, dataset: &mut Dataset) {
    let below = match format {
        DatasetFormat::Datumaro => file.file_stem().map(|stem| format!("images/{}", stem.to_string_lossy())),
        DatasetFormat::CreateMl => {
            let folder = file.parent().and_then(|folder| folder.canonicalize().ok());
            let below = folder.and_then(|folder| Some(folder.strip_prefix(base).ok()?.to_str()?.replace('\\', "/")));
            below.filter(|below| !below.is_empty())
        }
        _ => None,
    };
    let Some(below) = below else { return };
    for image in &mut dataset.images {
        image.file_name = format!("{below}/{}", image.file_name);
    }
}

/// Where the pictures are when the person does not say.
fn around(format: DatasetFormat, base: &Path) -> Roots {
    let mut places = vec![(base, ""), (base, "images")];
    if let Some(above) = base.parent().filter(|_| format == DatasetFormat::AzureMl) {
        // The list is in a folder of its own, and that may be in one of an export with several formats.
        places.extend([(above, ""), (above, "images")]);
        let is_own = |folder: &Path| folder.file_name().is_some_and(|name| name == "azureml");
        if let Some(top) = above.parent().filter(|_| is_own(above)) {
            places.push((top, "images"));
        }
    }
    Roots::below(&places)
}

/// The lists of Azure ML in a folder.
pub(super) fn azureml_in(folder: &Path) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    for (name, part) in TABLE_FOLDERS {
        let table = folder.join(name).join(TABLE);
        if table.is_file() {
            parts.extend(lists_of(&table, part)?);
        }
    }
    Ok(parts)
}

/// Whether a folder has an `MLTable` where Azure ML's datasets have it.
pub(super) fn has_azureml(folder: &Path) -> bool {
    TABLE_FOLDERS.iter().any(|(name, _)| folder.join(name).join(TABLE).is_file())
}

/// Whether a file is an `MLTable`.
pub(super) fn is_table(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == TABLE)
}

fn lists_of(table: &Path, part: Option<&str>) -> Result<Vec<Part>, Failure> {
    let text = read_bounded(table, TABLE_LIMIT).map_err(|error| failure::of_storage(&error))?;
    let lists =
        azureml::dataset::read_table(&String::from_utf8_lossy(&text)).map_err(|error| of_format(table, error))?;
    let folder = table.parent().unwrap_or(Path::new("."));
    Ok(lists.into_iter().map(|list| Part::new(folder.join(list), part)).collect())
}

/// The files of Datumaro in a folder, or in `annotations` there; each is a part, but for `default`.
pub(super) fn datumaro_in(folder: &Path) -> Vec<Part> {
    let below = folder.join(ANNOTATIONS);
    let folder = if below.is_dir() { &below } else { folder };
    let mut files: Vec<PathBuf> = files_with(folder, "json").filter(|file| is_datumaro(file)).collect();
    files.sort();
    let part = |file: PathBuf| {
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        Part { file, name: name.filter(|name| name != "default") }
    };
    files.into_iter().map(part).collect()
}

/// The lists of Create ML in a folder, or in those of its parts.
pub(super) fn createml_in(folder: &Path) -> Vec<Part> {
    let mut parts = Vec::new();
    for (name, part) in CREATE_ML_FOLDERS {
        let file = folder.join(name).join(CREATE_ML);
        if file.is_file() {
            parts.push(Part::new(file, part));
        }
    }
    if parts.is_empty() {
        let mut found: Vec<PathBuf> = files_with(folder, "json").filter(|file| is_createml(file)).take(2).collect();
        // Of several nobody knows which one is meant.
        parts.extend(found.pop().filter(|_| found.is_empty()).map(|file| Part::new(file, None)));
    }
    parts
}

/// Whether a file is one of Datumaro. A damaged one counts too when it begins like one, so that it is the damage that is
/// told.
pub(super) fn is_datumaro(file: &Path) -> bool {
    use std::io::Read as _;
    let Ok(input) = opened(file) else { return false };
    let mut start = Vec::new();
    if input.take(1 << 16).read_to_end(&mut start).is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&start);
    text.trim_start().starts_with('{')
        && (text.contains("\"dm_format_version\"") || opened(file).is_ok_and(datumaro::dataset::is_file))
}

/// Whether a file is a list of Create ML.
pub(super) fn is_createml(file: &Path) -> bool {
    first_of_list(file).is_ok_and(|first| createml::dataset::is_entry(&first))
}

/// Whether the first line of a file is one of Azure ML.
pub(super) fn is_azureml(file: &Path) -> bool {
    use std::io::{BufRead as _, Read as _};
    let mut line = Vec::new();
    let first =
        opened(file).ok().and_then(|input| input.take(DATASET_LIMIT.min(16 << 20)).read_until(b'\n', &mut line).ok());
    first.is_some() && azureml::dataset::is_line(&line)
}
