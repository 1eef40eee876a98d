//! Datasets that are one text file with its pictures somewhere: tables, tasks of Label Studio, CVAT's XML. And how such a
//! file is found in a folder.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::beside::Beside;
use super::locate::{Roots, open_text};
use super::{DatasetFormat, DatasetPlace, Found, not_of, of_format, title};
use crate::app::Failure;
use crate::engine::failure;
use crate::formats::dataset::Dataset;
use crate::formats::{FormatError, csv, cvat, label_studio, read};
use crate::storage::StorageError;
use crate::storage::staging::measure;

/// Files of a folder that are looked into.
const MOST_FILES: usize = 1_000;

/// A format of one file.
pub(super) struct OneFile {
    /// For people.
    name: &'static str,
    /// What Tagscope or the format's own program calls it.
    usual: &'static [&'static str],
    extension: &'static str,
    /// Whether a file begins like one.
    pub(super) is_one: fn(&Path) -> bool,
}

/// A table of regions.
pub(super) const TABLE: OneFile =
    OneFile { name: "table of regions", usual: &["regions.csv"], extension: "csv", is_one: is_table };
/// Tasks of Label Studio.
pub(super) const TASKS: OneFile =
    OneFile { name: "file of Label Studio", usual: &["label-studio.json"], extension: "json", is_one: is_tasks };
/// CVAT for images.
pub(super) const CVAT: OneFile =
    OneFile { name: "file of CVAT", usual: &["cvat.xml", "annotations.xml"], extension: "xml", is_one: is_cvat };

impl OneFile {
    /// Its file in a folder: under the usual name, else the only one that begins like one. `None` when there is none.
    pub(super) fn in_folder(&self, folder: &Path) -> Result<Option<PathBuf>, Failure> {
        let usual = self.usual.iter().map(|name| folder.join(name));
        if let Some(file) = usual.into_iter().find(|file| file.is_file() && (self.is_one)(file)) {
            return Ok(Some(file));
        }
        let mut found: Vec<PathBuf> = files_with(folder, self.extension).filter(|file| (self.is_one)(file)).collect();
        found.sort();
        match found.len() {
            0 | 1 => Ok(found.pop()),
            _ => {
                let names: Vec<_> = found.iter().filter_map(|file| Some(file.file_name()?.to_string_lossy())).collect();
                Err(not_of(folder, format!("It holds several datasets: {}. Name one of the files.", names.join(", "))))
            }
        }
    }

    fn file(&self, place: &DatasetPlace) -> Result<PathBuf, Failure> {
        if !place.path.is_dir() {
            return Ok(place.path.clone());
        }
        let missing = || not_of(&place.path, format!("It has no {}, such as {}.", self.name, self.usual[0]));
        self.in_folder(&place.path)?.ok_or_else(missing)
    }
}

/// Reads a dataset of one of these formats.
pub(super) fn find(place: &DatasetPlace) -> Result<Found, Failure> {
    let one_file = match place.format {
        DatasetFormat::LabelStudio => TASKS,
        DatasetFormat::Cvat => CVAT,
        _ => TABLE,
    };
    let file = one_file.file(place)?;
    let identity = measure(&file).map_err(|error| failure::of_storage(&error))?.sha256;
    let beside = Beside::of(&file);
    let input = opened(&file)?;
    let dataset = match place.format {
        DatasetFormat::LabelStudio => label_studio::dataset::read_dataset(input, &setup_beside(&file)),
        DatasetFormat::Cvat => cvat::dataset::read_dataset(input),
        _ => csv::dataset::read_dataset(input, &beside.class_names()),
    };
    let mut dataset: Dataset = dataset.map_err(|error| of_format(&file, error))?;
    let roots = place.images.as_deref().map_or_else(|| Roots::around(&file), Roots::given);
    roots.settle(&mut dataset);
    Ok(Found { dataset, roots, title: title(&file), identity, beside })
}

/// The labels of the labelling setup beside a file of tasks, under the same name or those of Label Studio's own exports.
fn setup_beside(file: &Path) -> Vec<String> {
    let names =
        [file.with_extension("xml"), file.with_file_name("config.xml"), file.with_file_name("label_config.xml")];
    let found = names.iter().find_map(|name| label_studio::dataset::read_setup(open_text(name).ok()?).ok());
    found.unwrap_or_default()
}

/// Opens a text of a dataset.
pub(super) fn opened(file: &Path) -> Result<BufReader<File>, Failure> {
    open_text(file).map_err(|error| failure::of_storage(&StorageError::read(file, error)))
}

/// The ordinary files of a folder with an extension; not too many.
pub(super) fn files_with(folder: &Path, extension: &'static str) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_wanted = move |file: &PathBuf| {
        file.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension)) && file.is_file()
    };
    entries.filter(is_wanted).take(MOST_FILES)
}

fn is_table(file: &Path) -> bool {
    let mut head = Vec::new();
    let start = open_text(file).and_then(|input| input.take(1 << 16).read_to_end(&mut head));
    start.is_ok() && csv::dataset::is_table(&head)
}

fn is_tasks(file: &Path) -> bool {
    first_of_list(file).is_ok_and(|first| label_studio::dataset::is_task(&first))
}

fn is_cvat(file: &Path) -> bool {
    open_text(file).is_ok_and(cvat::dataset::is_page)
}

/// The first element of a file that is a list in JSON.
pub(super) fn first_of_list(file: &Path) -> Result<serde_json::Value, FormatError> {
    let input = open_text(file).map_err(|error| FormatError::Files { reason: error.to_string() })?;
    read::first_element(input)
}
