//! COCO: one file, or the files of a divided dataset, which become one.

use std::path::{Path, PathBuf};

use super::beside::Beside;
use super::locate::{Roots, open_text};
use super::{DatasetPlace, Found, not_of, of_format, title};
use crate::app::Failure;
use crate::engine::failure;
use crate::formats::coco::read_dataset;
use crate::formats::dataset::{Dataset, DatasetBuilder};
use crate::storage::StorageError;
use crate::storage::staging::measure;

/// Words in a file's name that say which part of a dataset it holds.
const PARTS: [(&str, &str); 4] = [("train", "train"), ("valid", "val"), ("val", "val"), ("test", "test")];

/// Reads the dataset.
pub(super) fn find(place: &DatasetPlace) -> Result<Found, Failure> {
    let files = if place.path.is_dir() { files_in(&place.path)? } else { vec![place.path.clone()] };
    let [file] = files.as_slice() else { return merged(place, &files) };
    let facts = measure(file).map_err(|error| failure::of_storage(&error))?;
    let roots = place.images.as_deref().map_or_else(|| Roots::around(file), Roots::given);
    Ok(Found { dataset: read(file)?, roots, title: title(file), identity: facts.sha256, beside: Beside::of(file) })
}

/// The COCO files of a folder: one, or those of the parts of one dataset.
pub(super) fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found: Vec<_> = [folder.to_path_buf(), folder.join("annotations")]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten())
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")))
        .filter(|file| file.is_file() && super::kind::is_coco(file))
        .collect();
    found.sort();
    let parts: Vec<_> = found.iter().map(|file| part_of(file)).collect();
    let is_one_dataset =
        parts.iter().all(|(stem, part)| part.is_some() && Some(stem) == parts.first().map(|(stem, _)| stem));
    match found.len() {
        0 => Err(not_of(folder, "It has no COCO file, itself or in annotations.")),
        1 => Ok(found),
        _ if is_one_dataset => Ok(found),
        _ => {
            let names: Vec<_> = found.iter().filter_map(|file| Some(file.file_name()?.to_string_lossy())).collect();
            Err(not_of(folder, format!("It holds several COCO files: {}.", names.join(", "))))
        }
    }
}

/// The name of a file without the word that says its part, and that part.
fn part_of(file: &Path) -> (String, Option<&'static str>) {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    for (word, part) in PARTS {
        if let Some(at) = stem.find(word) {
            return (format!("{}*{}", &stem[..at], &stem[at + word.len()..]), Some(part));
        }
    }
    (stem, None)
}

fn merged(place: &DatasetPlace, files: &[PathBuf]) -> Result<Found, Failure> {
    let mut whole = DatasetBuilder::default();
    let (mut roots, mut sums) = (Vec::new(), Vec::new());
    for file in files {
        sums.push(measure(file).map_err(|error| failure::of_storage(&error))?.sha256);
        roots.push(place.images.as_deref().map_or_else(|| Roots::around(file), Roots::given));
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        whole.add(read(file)?, &name, part_of(file).1);
    }
    let (dataset, identity) = (whole.finish(), sums.join("\n"));
    let beside = files.first().map(|file| Beside::of(file)).unwrap_or_default();
    Ok(Found { dataset, roots: Roots::all(roots), title: title(&place.path), identity, beside })
}

/// Reads a dataset's file.
fn read(file: &Path) -> Result<Dataset, Failure> {
    let input = open_text(file).map_err(|error| failure::of_storage(&StorageError::read(file, error)))?;
    read_dataset(input).map_err(|error| of_format(file, error))
}
