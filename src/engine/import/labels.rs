//! Formats with a file for the dataset, or one for each part or picture of it: each file is read by its format, and what
//! they hold becomes one dataset.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::manifest::Beside;
use super::pictures::{Pictures, Place};
use super::recognize::Chosen;
use super::walk::{folders_in, open_text};
use super::{DatasetFormat, DatasetPlace, Found, Reading, format_failure, title, too_broken};
use crate::failure::{OrFailure as _, OrIoFailure as _};
use app::Failure;
use formats::dataset::{Dataset, DatasetBuilder};
use formats::layout::{FileContent, LabelFile, LabelLayout, Role, part_of, role_of, subset_of_coco};
use formats::text::TextReader;
use formats::{
    ClassNames, FormatError, azureml, coco, createml, csv, cvat, datumaro, huggingface, label_studio, labelme, parquet,
    text, vott, webdataset,
};
use storage::regular::{inside, open_regular, read_bounded};
use storage::staging::measure;

/// An `MLTable` is a few lines.
const TABLE_LIMIT: u64 = 1 << 20;
/// A dataset's card is a page of text with the names of the classes.
const CARD_LIMIT: u64 = 16 << 20;
/// Names of files that say nothing about what is in them.
const PLAIN_NAMES: [&str; 11] = [
    "_annotations.coco",
    "_annotations.createml",
    "_annotations",
    "_classes",
    "annotations",
    "metadata",
    "labels",
    "data",
    "instances_default",
    "default",
    "result",
];

pub(super) fn find(place: &DatasetPlace, chosen: &Chosen, reading: &Reading<'_>) -> Result<Found, Failure> {
    let parts = match place.format.shape() {
        LabelLayout::PerPicture if chosen.found.labels.is_empty() => pages(chosen),
        _ => lists(chosen)?,
    };
    let Some(first) = parts.first() else {
        return Err(super::not_of(&place.path, "It has no label files."));
    };
    let beside = Beside::for_file(&chosen.root.join(&first.name));
    let mut whole = DatasetBuilder::new(None, &beside.class_names());
    let (mut sums, mut sets, mut set_of, mut prefixes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut only, mut part_of_image) = (None, Vec::new());
    for (at, part) in parts.iter().enumerate() {
        reading.step(at, parts.len())?;
        let file = inside(&chosen.root, &part.name).or_failure();
        let read = file.and_then(|file| {
            let sum = measure(&file).or_failure()?.sha256.to_string();
            Ok((sum, read(place.format, &file, &beside)?))
        });
        // One of many pages is one problem; a part of a dataset is not left out.
        let (sum, dataset) = match read {
            Ok(read) => read,
            Err(failure) if is_page(place.format, part) && parts.len() > 1 => {
                whole.report(part.name.clone(), true, format!("it cannot be read: {}", failure.headline()));
                whole.resume().map_err(|reason| too_broken(&place.path, reason))?;
                continue;
            }
            Err(failure) => return Err(failure),
        };
        sums.push(sum);
        let set = bases(place.format, &chosen.root, &part.name);
        let number = sets.iter().position(|known| *known == set).unwrap_or_else(|| {
            sets.push(set);
            sets.len() - 1
        });
        set_of.extend(std::iter::repeat_n(number, dataset.images.len()));
        part_of_image.extend(std::iter::repeat_n(at, dataset.images.len()));
        let prefix = prefix(place.format, part, parts.len());
        prefixes.extend(std::iter::repeat_n(prefix, dataset.images.len()));
        match parts.len() {
            1 => only = Some(dataset),
            _ => whole.add(dataset, &part.name, part.part.as_deref()),
        }
    }
    let mut dataset = only.unwrap_or_else(|| whole.finish());
    let pictures = match place.images.as_deref() {
        Some(folder) => Pictures::given(folder),
        None => Pictures::from_sets(&roots(place, &chosen.root), sets),
    };
    let embedded = |image: usize| {
        let part = parts.get(*part_of_image.get(image)?)?;
        inside(&chosen.root, &part.name).ok()
    };
    let places = pictures.find_all_with(&mut dataset, &set_of, &prefixes, embedded);
    let (title, identity) = (title_of(place, chosen, &parts), sums.join("\n"));
    Ok(Found { dataset, places, looked: pictures.words(), title, identity, beside })
}

/// Whether a label file is that of a single picture.
fn is_page(format: DatasetFormat, part: &LabelFile) -> bool {
    format.shape() == LabelLayout::PerPicture || part.content == FileContent::VottAsset
}

/// The folders below which pictures may be found by the end of their names: the dataset's, and that above a folder of labels.
fn roots(place: &DatasetPlace, root: &Path) -> Vec<PathBuf> {
    let is_labels = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        matches!(role_of(&name), Some(Role::Labels | Role::Part(_)))
    };
    let above = root.parent().filter(|_| !place.path.is_dir() && is_labels(root));
    let mut roots = vec![above.unwrap_or(root).to_path_buf()];
    // A folder of an export with several formats: its pictures are in one next to it.
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let is_own = role_of(&name) == Some(Role::Own);
    roots.extend(root.parent().filter(|_| is_own).map(|export| export.join("images")));
    roots
}

/// The project's name: that of the file, where it says anything, else that of the folder.
fn title_of(place: &DatasetPlace, chosen: &Chosen, parts: &[LabelFile]) -> String {
    let folder = title(&chosen.root.join(&chosen.found.root));
    let [file] = parts else { return folder };
    let stem = title(Path::new(&file.name));
    let by_folder = matches!(
        place.format,
        DatasetFormat::AzureMl
            | DatasetFormat::Datumaro
            | DatasetFormat::CreateMl
            | DatasetFormat::HuggingFace
            | DatasetFormat::WebDataset
            | DatasetFormat::Parquet
    );
    let is_plain = PLAIN_NAMES.contains(&stem.to_lowercase().as_str());
    match place.path.is_dir() {
        true if by_folder || is_plain => folder,
        false if !by_folder && is_plain && !folder.is_empty() => folder,
        _ => stem,
    }
}

/// The label files; an `MLTable` stands for the lists that it names.
fn lists(chosen: &Chosen) -> Result<Vec<LabelFile>, Failure> {
    let mut lists = Vec::new();
    for (path, label) in chosen.files() {
        if label.content != FileContent::AzureTable {
            lists.push(label.clone());
            continue;
        }
        let text = read_bounded(&path, TABLE_LIMIT).or_failure()?;
        let names = text::whole(&text).and_then(|text| azureml::dataset::read_table(&text));
        let names = names.map_err(|error| format_failure(&path, error))?;
        let folder = label.name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        lists.extend(names.into_iter().map(|name| LabelFile {
            name: format!("{folder}{name}"),
            part: label.part.clone(),
            content: FileContent::AzureLines,
        }));
    }
    Ok(lists)
}

/// The files of a format with one for each picture.
fn pages(chosen: &Chosen) -> Vec<LabelFile> {
    let names = chosen.tree.below(&chosen.found.root).filter(|name| name.to_ascii_lowercase().ends_with(".json"));
    let page = |name: &String| {
        let part = part_of(name).1.filter(|_| name.contains('/')).map(str::to_owned);
        LabelFile { name: name.clone(), part, content: FileContent::Labelme }
    };
    names.map(page).collect()
}

fn read(format: DatasetFormat, file: &Path, beside: &Beside) -> Result<Dataset, Failure> {
    if matches!(format, DatasetFormat::WebDataset | DatasetFormat::Parquet) {
        let input = open_regular(file).or_read_failure(file)?;
        let names = names_beside(file, beside.class_names());
        let dataset = match format {
            DatasetFormat::WebDataset => webdataset::dataset::read_dataset(input, &names),
            _ => pixels::caught(|| parquet::dataset::read_dataset(input, &names))
                .unwrap_or_else(|reason| Err(FormatError::says(format!("it is damaged ({reason})")))),
        };
        return dataset.map_err(|error| format_failure(file, error));
    }
    let input = opened(file)?;
    let dataset = match format {
        DatasetFormat::AzureMl => azureml::dataset::read_dataset(input, &beside.class_names()),
        DatasetFormat::Datumaro => datumaro::dataset::read_dataset(input),
        DatasetFormat::CreateMl => createml::dataset::read_dataset(input, &beside.class_names()),
        DatasetFormat::HuggingFace => {
            huggingface::dataset::read_dataset(input, &names_beside(file, beside.class_names()))
        }
        DatasetFormat::LabelStudio => label_studio::dataset::read_dataset(input, &setup_beside(file)),
        DatasetFormat::Cvat => cvat::dataset::read_dataset(input),
        DatasetFormat::Csv => csv::dataset::read_dataset(input, &beside.class_names()),
        DatasetFormat::Vott => vott::dataset::read_dataset(input),
        DatasetFormat::Labelme => labelme::dataset::read_dataset(input),
        _ => coco::read_dataset(input),
    };
    dataset.map_err(|error| format_failure(file, error))
}

/// The names of the classes: those that are known, else those of the list or card next to a file or above its folder.
fn names_beside(file: &Path, known: Vec<String>) -> ClassNames {
    if !known.is_empty() {
        return known.into();
    }
    let text = |path: PathBuf| text::whole(&read_bounded(&path, CARD_LIMIT).ok()?).ok();
    let in_folder = |folder: &Path| {
        let list = text(folder.join(webdataset::CLASSES)).and_then(|text| serde_json::from_str(&text).ok());
        let list = list.map(|list: Vec<String>| ClassNames::from(list));
        list.or_else(|| huggingface::names_of_card(&text(folder.join(huggingface::CARD))?))
    };
    file.ancestors().skip(1).take(2).find_map(in_folder).unwrap_or_default()
}

/// The labels of the labeling setup next to a file of tasks, under the same name or those of Label Studio's own exports.
fn setup_beside(file: &Path) -> Vec<String> {
    let names =
        [file.with_extension("xml"), file.with_file_name("config.xml"), file.with_file_name("label_config.xml")];
    let found = names.iter().find_map(|name| label_studio::dataset::read_setup(open_text(name).ok()?).ok());
    found.unwrap_or_default()
}

fn opened(file: &Path) -> Result<TextReader<File>, Failure> {
    open_text(file).or_read_failure(file)
}

/// What is before the names of a file's images in the dataset: the folder of its part, where two parts may have the
/// same names. Datumaro has its pictures in folders that are called like its files.
fn prefix(format: DatasetFormat, part: &LabelFile, count: usize) -> String {
    let (folder, file) = part.name.rsplit_once('/').unwrap_or(("", &part.name));
    match format {
        DatasetFormat::Datumaro => {
            format!("images/{}", file.rsplit_once('.').map_or(file, |(stem, _)| stem))
        }
        DatasetFormat::CreateMl | DatasetFormat::HuggingFace => folder.to_owned(),
        DatasetFormat::AzureMl => String::new(),
        // Shards of others may count their samples from 0 each.
        DatasetFormat::WebDataset | DatasetFormat::Parquet if count > 1 => {
            file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_owned()
        }
        _ if count > 1 && matches!(role_of(folder), Some(Role::Part(_))) => folder.to_owned(),
        _ => String::new(),
    }
}

/// Where the pictures of a label file are looked for, in this order: a folder, and a name in it.
fn bases(format: DatasetFormat, root: &Path, name: &str) -> Vec<(PathBuf, String)> {
    let file = root.join(name);
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let subset = subset_of_coco(&stem).to_owned();
    let mut bases = Vec::new();
    for folder in file.ancestors().skip(1).take(2) {
        let usual = ["", "images", &subset, &format!("images/{subset}"), "data"];
        let is_of_pictures =
            |name: &String| role_of(name) == Some(Role::Pictures) || name.eq_ignore_ascii_case(&subset);
        let others = folders_in(folder).into_iter().filter(is_of_pictures);
        let names = usual.into_iter().map(str::to_owned).chain(others);
        bases.extend(names.map(|name| (folder.to_path_buf(), name)));
    }
    if format == DatasetFormat::AzureMl {
        // The list is in a folder of its own, and that may be in one of an export with several formats.
        let above = file.ancestors().nth(2).filter(|folder| folder.file_name().is_some_and(|name| name == "azureml"));
        bases.extend(above.and_then(Path::parent).map(|top| (top.to_path_buf(), "images".to_owned())));
    }
    bases
}

/// What VoTT puts between the name of a video and the time of a frame.
const VOTT_TIME: &str = "#t=";

/// What the pictures of frames have to be called; `None` where none is missing, or the images are no frames.
pub(super) fn frames_advice(format: DatasetFormat, dataset: &Dataset, places: &[Place]) -> Option<&'static str> {
    let is_missing = |at: usize| places.get(at).is_none_or(|place| *place == Place::Missing);
    let mut missing = (0..).zip(&dataset.images).filter(|(at, _)| is_missing(*at)).map(|(_, image)| &image.file_name);
    match format {
        DatasetFormat::Cvat => missing.any(|name| is_numbered(name)).then_some(
            "these are the frames of a video. Each needs a picture named by the number of its frame, from 0, as CVAT names \
             it (frame_000000.png or .jpg): export from CVAT with images, or run ffmpeg -i VIDEO -start_number 0 \
             frame_%06d.png in the dataset's folder",
        ),
        DatasetFormat::Vott => {
            // Images whose names lead to another computer are left out already.
            let is_left = dataset.problems.iter().any(|problem| problem.is_left_out && problem.reason.contains(VOTT_TIME));
            (is_left || missing.any(|name| name.contains(VOTT_TIME))).then_some(
                "these are the frames of a video. Each needs a picture with the name of its frame (VIDEO.mp4#t=1.5, with \
                 .jpg after it or not), which VoTT writes when it exports with images",
            )
        }
        _ => None,
    }
}

/// Whether a name is one of those that CVAT gives frames.
fn is_numbered(name: &str) -> bool {
    let digits = name.strip_prefix("frame_").and_then(|rest| rest.strip_suffix(".png"));
    digits.is_some_and(|digits| digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}
