//! Which kind of thing a path is: an archive, or a dataset of a format that can be imported.

use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::locate::{DATASET_LIMIT, open_text};
use super::{DatasetFormat, coco, not_of, one_file, parts, voc, yolo};
use crate::app::{Failure, FailureKind};
use crate::engine::failure;
use crate::formats::bounded::Bounded;
use crate::storage::archive::{IMAGES_FILE, MANIFEST_FILE};
use crate::storage::regular::open_regular;
use crate::storage::what_was_left;

/// What can be opened at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenKind {
    /// An archive: open it as it is.
    Archive(PathBuf),
    /// A dataset, at its file or folder: import it first.
    Dataset(DatasetFormat, PathBuf),
}

/// Tells what stands at a path. Of a folder with several forms of the same labels, as an export may be, the one that
/// holds most is taken: JSON lines, COCO, Datumaro, Label Studio, YOLO, Pascal VOC, CVAT, Azure ML, a table, Create ML.
///
/// # Errors
/// When it is nothing that can be opened, or the folder holds several datasets.
pub fn open_folder(path: &Path) -> Result<OpenKind, Failure> {
    if path.is_file() {
        return of_file(path);
    }
    if !path.is_dir() {
        if let Some(left) = what_was_left(path) {
            return Err(failure::of_storage(&left));
        }
        return Err(Failure::bare(FailureKind::NotFound { what: format!("folder {}", path.display()) }));
    }
    if is_archive(path) {
        return Ok(OpenKind::Archive(path.to_path_buf()));
    }
    let dataset = |format, path: PathBuf| Ok(OpenKind::Dataset(format, path));
    if path.join(IMAGES_FILE).is_file() {
        return dataset(DatasetFormat::Jsonl, path.join(IMAGES_FILE));
    }
    let several = match coco::files_in(path) {
        Ok(files) => {
            let file = files.first().filter(|_| files.len() == 1).cloned();
            return dataset(DatasetFormat::Coco, file.unwrap_or_else(|| path.to_path_buf()));
        }
        Err(failure) => Some(failure).filter(|failure| failure.full_text().contains("several")),
    };
    // An export of several formats has a folder for each of these.
    let places = |name: &str| [path.to_path_buf(), path.join(name)];
    if let Some(folder) = places("datumaro").into_iter().find(|folder| !parts::datumaro_in(folder).is_empty()) {
        return dataset(DatasetFormat::Datumaro, folder);
    }
    if let Some(file) = one_file::TASKS.in_folder(path)? {
        return dataset(DatasetFormat::LabelStudio, file);
    }
    for folder in [path.to_path_buf(), path.join("yolo"), path.join("voc")] {
        if let Some(file) = yolo::yaml_in(&folder) {
            return dataset(DatasetFormat::Yolo, file);
        }
        if !voc::years(&folder).is_empty() {
            return dataset(DatasetFormat::Voc, folder);
        }
        if yolo::has_class_folders(&folder) {
            return dataset(DatasetFormat::Yolo, folder);
        }
    }
    if let Some(file) = one_file::CVAT.in_folder(path)? {
        return dataset(DatasetFormat::Cvat, file);
    }
    if let Some(folder) = places("azureml").into_iter().find(|folder| parts::has_azureml(folder)) {
        return dataset(DatasetFormat::AzureMl, folder);
    }
    if let Some(file) = one_file::TABLE.in_folder(path)? {
        return dataset(DatasetFormat::Csv, file);
    }
    if let Some(folder) = places("createml").into_iter().find(|folder| !parts::createml_in(folder).is_empty()) {
        return dataset(DatasetFormat::CreateMl, folder);
    }
    let nothing = not_of(
        path,
        "It has no manifest.json of an archive and no images.jsonl, no COCO file, no data.yaml of YOLO, no Annotations of \
         Pascal VOC, and nothing of Datumaro, Label Studio, CVAT, Azure ML, Create ML or a table of regions.",
    );
    Err(several.unwrap_or(nothing))
}

fn of_file(path: &Path) -> Result<OpenKind, Failure> {
    if path.file_name().is_some_and(|name| name == MANIFEST_FILE)
        && let Some(folder) = path.parent()
        && is_archive(folder)
    {
        return Ok(OpenKind::Archive(folder.to_path_buf()));
    }
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    let format = match extension.as_deref() {
        Some("yaml" | "yml") => Some(DatasetFormat::Yolo),
        Some("jsonl") if parts::is_azureml(path) => Some(DatasetFormat::AzureMl),
        Some("jsonl") => Some(DatasetFormat::Jsonl),
        Some("xml") if (one_file::CVAT.is_one)(path) => Some(DatasetFormat::Cvat),
        Some("csv") if (one_file::TABLE.is_one)(path) => Some(DatasetFormat::Csv),
        None if parts::is_table(path) => Some(DatasetFormat::AzureMl),
        _ if is_coco(path) => Some(DatasetFormat::Coco),
        _ if parts::is_datumaro(path) => Some(DatasetFormat::Datumaro),
        _ if (one_file::TASKS.is_one)(path) => Some(DatasetFormat::LabelStudio),
        _ if parts::is_createml(path) => Some(DatasetFormat::CreateMl),
        _ => None,
    };
    let unknown = "It is a file, but none of a format that can be opened: COCO, Datumaro, Label Studio, Create ML (.json), \
                   CVAT (.xml), a table of regions (.csv), Azure ML or the service's own fields (.jsonl), YOLO (.yaml).";
    format.map(|format| OpenKind::Dataset(format, path.to_path_buf())).ok_or_else(|| not_of(path, unknown))
}

fn is_archive(folder: &Path) -> bool {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    let file = open_regular(&folder.join(MANIFEST_FILE)).ok();
    let input = file.map(|file| Bounded::new(BufReader::new(file.take(DATASET_LIMIT))));
    let head = input.and_then(|input| serde_json::from_reader::<_, Head>(input).ok());
    // Of any version: a newer one is refused in its own words when it is opened.
    head.is_some_and(|head| head.format == "tagscope-archive")
}

/// Whether a JSON file has the lists of COCO. Its content is passed over, not kept. A damaged file counts too when it
/// begins like one, so that it is the damage that is told.
pub(super) fn is_coco(file: &Path) -> bool {
    #[derive(Deserialize)]
    struct Lists {
        #[serde(rename = "images")]
        _images: Vec<IgnoredAny>,
        #[serde(default, rename = "annotations")]
        annotations: Option<Vec<IgnoredAny>>,
        #[serde(default, rename = "categories")]
        categories: Option<Vec<IgnoredAny>>,
    }
    let Ok(input) = open_text(file) else { return false };
    let mut start = Vec::new();
    if input.take(1 << 16).read_to_end(&mut start).is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&start);
    let Ok(input) = open_text(file) else { return false };
    match serde_json::from_reader::<_, Lists>(Bounded::new(input)) {
        Ok(lists) => lists.annotations.is_some() || lists.categories.is_some(),
        Err(error) => {
            (error.is_syntax() || error.is_eof()) && text.trim_start().starts_with('{') && text.contains("\"images\"")
        }
    }
}
