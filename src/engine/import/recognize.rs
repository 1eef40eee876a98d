//! Which dataset a path is: the one that its files show, or a list of those it could be.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::manifest::Beside;
use super::manifest::is_archive;
use super::walk::{Passed, files_below, open_text};
use super::{DatasetFormat, DatasetPlace, not_of};
use crate::failure::{self, OrIoFailure as _};
use app::{Failure, FailureKind};
use formats::layout::{
    Certainty, FileContent, HEAD, LabelFile, Recognition, Recognized, SIGNS, Tree, content_of, foreign_of, is_binary,
    part_of, recognize, unknown_of,
};
use storage::archive::MANIFEST_FILE;
use storage::regular::{inside, open_regular};
use storage::{StorageError, what_was_left};

/// Datasets or files that a message names.
const MOST_NAMED: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenKind {
    Archive(PathBuf),
    /// A dataset, at its file or folder: import it first.
    Dataset(DatasetFormat, PathBuf),
}

pub(super) struct Chosen {
    /// The folder that its names are relative to; without links in its path.
    pub(super) root: PathBuf,
    pub(super) found: Recognized,
    pub(super) tree: Tree,
    /// What is to be reported besides: a place and a reason.
    pub(super) notes: Vec<(String, String)>,
}

impl Chosen {
    /// Its label files with their whole paths.
    pub(super) fn files(&self) -> impl Iterator<Item = (PathBuf, &LabelFile)> {
        self.found.labels.iter().map(|label| (self.root.join(&label.name), label))
    }
}

/// Says what is at a path.
///
/// # Errors
/// When it is nothing that can be opened, or more than one dataset; when the system lets no further file be opened.
pub fn open_folder(path: &Path) -> Result<OpenKind, Failure> {
    failure::watched(|| recognized_at(path))
}

fn recognized_at(path: &Path) -> Result<OpenKind, Failure> {
    if path.is_dir() {
        if is_archive(path)? {
            return Ok(OpenKind::Archive(path.to_path_buf()));
        }
        let chosen = in_folder(path, None)?;
        let found = &chosen.found;
        refuse_archives(&chosen)?;
        // What is reported besides comes with the folder only.
        let is_alone = chosen.notes.is_empty() && found.passed.is_empty();
        let place = match &found.labels[..] {
            [file] if is_alone && !file.name.contains('/') => path.join(&file.name),
            _ if found.root.is_empty() => path.to_path_buf(),
            _ => path.join(&found.root),
        };
        return Ok(OpenKind::Dataset(found.format, place));
    }
    if !path.is_file() {
        if let Some(left) = what_was_left(path) {
            return Err(failure::from_storage(&left));
        }
        return Err(Failure::bare(FailureKind::MissingFile { path: path.display().to_string() }));
    }
    if path.file_name().is_some_and(|name| name == MANIFEST_FILE)
        && let Some(folder) = path.parent()
        && is_archive(folder)?
    {
        return Ok(OpenKind::Archive(folder.to_path_buf()));
    }
    let content = content_of_file(path)?;
    let sign = SIGNS.iter().find(|sign| Some(sign.content) == content);
    let format = match (sign, content) {
        (Some(sign), _) => sign.format,
        (None, Some(FileContent::ClassNames)) => DatasetFormat::Yolo,
        (None, Some(FileContent::Empty)) => return Err(not_of(path, "The file is empty.")),
        (None, Some(FileContent::CocoCaptions)) => {
            return Err(not_of(path, "The file has captions, which are not supported."));
        }
        (None, _) => return Err(unknown(path)),
    };
    Ok(OpenKind::Dataset(format, path.to_path_buf()))
}

/// Refuses the lists of an archive further down: it is opened by its own folder.
fn refuse_archives(chosen: &Chosen) -> Result<(), Failure> {
    let lists = chosen.found.labels.iter().filter(|label| label.name.contains('/')).take(MOST_NAMED);
    let folders = lists.filter_map(|label| chosen.root.join(&label.name).parent().map(Path::to_path_buf));
    let mut folders = folders.filter(|_| chosen.found.format == DatasetFormat::Jsonl);
    folders.try_for_each(|folder| match is_archive(&folder)? {
        true => Err(not_of(&chosen.root, format!("It contains an archive: {}.", folder.display()))),
        false => Ok(()),
    })
}

/// A file that is of no format that can be opened; its program, where that is known.
fn unknown(path: &Path) -> Failure {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match head_of(path) {
        Ok(head) => match foreign_of(&name, &head) {
            Some(words) => not_of(path, format!("{UNKNOWN} But {words}.")),
            None => not_of(path, format!("{UNKNOWN} In the file, {}.", unknown_of(&name, &head))),
        },
        Err(_) => not_of(path, UNKNOWN),
    }
}

/// What a file could be that can be opened.
const UNKNOWN: &str = "The file is not in a supported format: COCO, Datumaro, Label Studio, Create ML, VoTT, labelme \
                       (.json), CVAT, Pascal VOC (.xml), a table of regions (.csv), Azure ML, Hugging Face or the service's own \
                       fields (.jsonl), YOLO (.yaml, .data, classes.txt), WebDataset (.tar), Parquet (.parquet).";

/// Finds the label files of a place whose format is given.
pub(super) fn choose_at(place: &DatasetPlace) -> Result<Chosen, Failure> {
    if place.path.is_dir() { in_folder(&place.path, Some(place.format)) } else { choose_files(place) }
}

/// Files of a given format: they are read as that, whatever they look like, so that their own fault is reported.
fn choose_files(place: &DatasetPlace) -> Result<Chosen, Failure> {
    let (mut labels, mut folder, mut signs) = (Vec::new(), PathBuf::new(), Vec::new());
    for path in std::iter::once(&place.path).chain(&place.others) {
        let content = content_of_file(path)?;
        let whole = storage::resolve(path).or_read_failure(path)?;
        let name = whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
        folder = whole.parent().map(Path::to_path_buf).unwrap_or_default();
        // The names of the classes are a sign together with the rows next to them.
        let sign =
            content.map(|content| if content == FileContent::ClassNames { FileContent::YoloRows } else { content });
        let shown = SIGNS.iter().find(|shown| Some(shown.content) == sign && shown.format == place.format);
        signs.extend(shown.map(|sign| format!("{name}: {}", sign.words)));
        let content = content_in_format(place.format, content, &name);
        let part = part_of(&name).1.filter(|_| !place.others.is_empty()).map(str::to_owned);
        labels.push(LabelFile { name, part, content });
    }
    if signs.is_empty() {
        signs.push("the format was given".to_owned());
    }
    signs.truncate(MOST_NAMED);
    let found = Recognized {
        format: place.format,
        certainty: Certainty::Certain,
        root: String::new(),
        signs,
        labels,
        passed: Vec::new(),
    };
    Ok(Chosen { root: folder, found, tree: Tree::default(), notes: Vec::new() })
}

/// What a file of a format is taken for: what it looks like, where that is of this format.
fn content_in_format(format: DatasetFormat, content: Option<FileContent>, name: &str) -> FileContent {
    let fits = |content: &FileContent| SIGNS.iter().any(|sign| sign.content == *content && sign.format == format);
    let named = if name == "MLTable" { Some(FileContent::AzureTable) } else { None };
    let is_names = format == DatasetFormat::Yolo && content == Some(FileContent::ClassNames);
    let found = content.filter(|content| fits(content) || is_names).or(named.filter(fits));
    let usual = match format {
        // The first sign of Azure ML is that of its table.
        DatasetFormat::AzureMl => Some(FileContent::AzureLines),
        _ => SIGNS.iter().find(|sign| sign.format == format).map(|sign| sign.content),
    };
    found.or(usual).unwrap_or(FileContent::Coco)
}

fn in_folder(path: &Path, wanted: Option<DatasetFormat>) -> Result<Chosen, Failure> {
    let root = storage::resolve(path).or_read_failure(path)?;
    let (names, not_looked) = files_below(&root, "")?;
    let own = Beside::in_folder(&root);
    // A folder of an export with several formats.
    let above = root
        .parent()
        .zip(root.file_name())
        .and_then(|(above, name)| Beside::in_folder(above).filter(|above| above.lists_below(&name.to_string_lossy())));
    let is_classification = [&own, &above].into_iter().flatten().any(Beside::is_classification);
    let tree = Tree::new(names).from_classification(is_classification);
    let Recognition { found, passed } = recognize(&tree, wanted, &mut |name| head(&root, name));
    let not_looked = not_looked.into_iter().map(|Passed { name, reason }| (name, reason));
    let all: Vec<(String, String)> = passed.iter().cloned().chain(not_looked).collect();
    let (found, mut notes, is_own) =
        chosen(path, found, own.as_ref()).map_err(|none| none.unwrap_or_else(|| nothing(path, wanted, &all)))?;
    if !is_own && above.is_none() {
        notes.extend(passed);
    }
    Ok(Chosen { root, found, tree, notes })
}

/// Names of files, each with what is noted about it.
type Notes = Vec<(String, String)>;

/// The one to read, notes about others less like one, and whether it is Tagscope's own; an error without words: there is none.
fn chosen(
    path: &Path,
    mut found: Vec<Recognized>,
    own: Option<&Beside>,
) -> Result<(Recognized, Notes, bool), Option<Failure>> {
    // One of Tagscope's own exports: all forms of it hold the same labels.
    if let Some(own) = own
        && let Some(at) = found.iter().position(|found| is_listed(own, found))
    {
        return Ok((found.swap_remove(at), Vec::new(), true));
    }
    let has_certain = found.iter().any(|found| found.certainty == Certainty::Certain);
    let (mut best, others): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|found| !has_certain || found.certainty == Certainty::Certain);
    if best.len() > 1 {
        let mut words: Vec<String> = best.iter().take(MOST_NAMED).map(Recognized::words).collect();
        if best.len() > MOST_NAMED {
            words.push(format!("{} more", best.len() - MOST_NAMED));
        }
        let path = path.display().to_string();
        return Err(Some(Failure::bare(FailureKind::SeveralDatasets { path, found: words })));
    }
    let Some(best) = best.pop() else { return Err(None) };
    let reason = |other: &Recognized| format!("it also looks like {} and was not read", other.format.label());
    let notes = others.iter().flat_map(|other| other.labels.iter().map(|label| (label.name.clone(), reason(other))));
    let notes = notes.collect();
    Ok((best, notes, false))
}

/// Whether a manifest of Tagscope's own export lists the files of a dataset.
fn is_listed(own: &Beside, found: &Recognized) -> bool {
    match found.labels.first() {
        Some(label) => own.lists(&label.name),
        None => own.lists_below(&found.root),
    }
}

/// Nothing that can be read is here.
fn nothing(path: &Path, wanted: Option<DatasetFormat>, passed: &[(String, String)]) -> Failure {
    let mut reason = match wanted {
        Some(format) => format!("It has {}.", format_words(format)),
        None => "It has none of these, in itself or up to three levels below: an archive's manifest.json, images.jsonl, a COCO file, YOLO's data.yaml or \
             classes.txt, XML files of Pascal VOC or CVAT, files of Datumaro, Label Studio, VoTT, labelme, Azure ML, \
             Hugging Face or Create ML, a table of regions, folders with pictures."
            .to_owned(),
    };
    for (name, why) in passed.iter().take(MOST_NAMED) {
        reason.push_str(&format!(" {name}: {why}."));
    }
    not_of(path, reason)
}

/// What a folder of a format has, in words.
fn format_words(format: DatasetFormat) -> &'static str {
    match format {
        DatasetFormat::Jsonl => "no images.jsonl",
        DatasetFormat::Coco => "no COCO file, either here or in annotations, train or data",
        DatasetFormat::Datumaro => "no Datumaro file, either here or in annotations",
        DatasetFormat::LabelStudio => "no Label Studio file, such as label-studio.json",
        DatasetFormat::Vott => "no JSON export of VoTT",
        DatasetFormat::Yolo => "no data.yaml, obj.data or classes.txt with label files, and no class folders",
        DatasetFormat::Voc => "no Pascal VOC XML files, either here or in Annotations or train",
        DatasetFormat::Cvat => "no CVAT XML file, such as annotations.xml",
        DatasetFormat::AzureMl => {
            "no MLTable, either here or in training-mltable-folder, and no Azure ML list \
                                   (.jsonl)"
        }
        DatasetFormat::Csv => "no table of regions, such as regions.csv",
        DatasetFormat::CreateMl => "no Create ML list, such as _annotations.createml.json, either here or in train",
        DatasetFormat::Parquet => "no Parquet files, either here or in data",
        DatasetFormat::WebDataset => "no shards of WebDataset (.tar) with pictures and labels",
        DatasetFormat::HuggingFace => {
            "no metadata.jsonl with file_name, as Hugging Face's imagefolder has, either here or in train"
        }
        DatasetFormat::Labelme => "no labelme JSON files next to pictures",
    }
}

/// The beginning of a file of the dataset; the reason in words when it leads out or cannot be read.
fn head(root: &Path, name: &str) -> Result<Vec<u8>, String> {
    let path = inside(root, name).map_err(|error| match error {
        StorageError::Broken { reason, .. } => reason,
        error => error.to_string(),
    })?;
    head_of(&path).map_err(|error| error.to_string())
}

fn head_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    if is_binary(&path.file_name().unwrap_or_default().to_string_lossy()) {
        open_regular(path)?.take(HEAD as u64).read_to_end(&mut head)?;
    } else {
        open_text(path)?.take(HEAD as u64).read_to_end(&mut head)?;
    }
    Ok(head)
}

fn content_of_file(path: &Path) -> Result<Option<FileContent>, Failure> {
    let head = head_of(path).or_read_failure(path)?;
    Ok(content_of(&path.file_name().unwrap_or_default().to_string_lossy(), &head))
}
