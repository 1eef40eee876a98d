//! YOLO: the pictures that `data.yaml` names and their label files; or, for classification, a folder a class.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::beside::Beside;
use super::locate::{DATASET_LIMIT, Roots};
use super::walk::{files_below, folders_in};
use super::{DatasetPlace, Found, Reading, identity, not_of, of_format, title, too_broken};
use crate::app::Failure;
use crate::domain::ProjectKind;
use crate::engine::failure;
use crate::formats::dataset::{BoxUnit, Categories, Dataset, DatasetBox, DatasetImage, image_of_file, relative_name};
use crate::formats::yolo::dataset::{PICTURES, YoloFacts, label_name, read_facts, read_row};
use crate::storage::regular::{inside, read_bounded};

/// A label file, a list of pictures or a `data.yaml` is never larger.
const TEXT_LIMIT: u64 = 16 << 20;
/// Folders of classification, as Ultralytics finds them.
const PART_FOLDERS: [(&str, &str); 4] = [("train", "train"), ("val", "val"), ("valid", "val"), ("test", "test")];

/// Reads the dataset.
pub(super) fn find(place: &DatasetPlace, reading: &Reading<'_>) -> Result<Found, Failure> {
    if place.path.is_file() {
        return detection(&place.path, place, reading);
    }
    if let Some(file) = yaml_in(&place.path) {
        return detection(&file, place, reading);
    }
    if has_class_folders(&place.path) {
        return classification(place, reading);
    }
    Err(not_of(&place.path, "It has no data.yaml, and no folder train with a folder a class."))
}

/// The `data.yaml` of a folder: under this name, or the only YAML file that reads like one.
pub(super) fn yaml_in(folder: &Path) -> Option<PathBuf> {
    let usual = folder.join("data.yaml");
    if usual.is_file() {
        return Some(usual);
    }
    let entries = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    let mut found: Vec<PathBuf> = entries.filter(|path| is_yaml(path) && path.is_file()).take(100).collect();
    found.retain(|path| read_text(path).is_ok_and(|text| read_facts(&text).is_ok()));
    if found.len() == 1 { found.pop() } else { None }
}

/// Whether a folder has `train` with folders of pictures in it.
pub(super) fn has_class_folders(folder: &Path) -> bool {
    let train = folder.join("train");
    let has_picture = |class: &String| {
        let entries = std::fs::read_dir(train.join(class)).into_iter().flatten().flatten();
        entries.take(100).any(|entry| is_picture(&entry.file_name().to_string_lossy()))
    };
    let classes = folders_in(&train);
    !classes.iter().any(|class| class == "images" || class == "labels") && classes.iter().take(1000).any(has_picture)
}

fn is_picture(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| PICTURES.contains(&extension.as_str()))
}

fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = read_bounded(path, TEXT_LIMIT).map_err(|error| failure::of_storage(&error))?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

fn detection(file: &Path, place: &DatasetPlace, reading: &Reading<'_>) -> Result<Found, Failure> {
    let facts = read_facts(&read_text(file)?).map_err(|error| of_format(file, error))?;
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let home = folder.canonicalize().map_err(|error| not_of(file, format!("Its folder cannot be read: {error}.")))?;
    let mut dataset = Dataset { kind: Some(ProjectKind::Detection), ..Dataset::default() };
    let mut known = Categories::default();
    let numbers = facts.names.iter().map(|name| known.index(&mut dataset.categories, name)).collect();
    let base = base(&facts, &home, place.images.as_deref(), &mut dataset);
    let mut yolo = Yolo { base, home, facts, dataset, known, numbers, seen: FxHashSet::default(), bytes: 0 };
    yolo.read(reading)?;
    yolo.dataset.go_on().map_err(|reason| too_broken(file, reason))?;
    let Yolo { base, home, mut dataset, .. } = yolo;
    name_parts(&mut dataset);
    // `data` says nothing: the folder's name does.
    let title = if file.file_stem().is_some_and(|stem| stem == "data") { title(&home) } else { title(file) };
    let identity = identity(&dataset);
    let beside = Beside::of(file);
    Ok(Found { dataset, roots: Roots::given(&base), title, identity, beside })
}

/// The folder that the parts are relative to: what the person names, else `path`, else that of `data.yaml`. A `path` that
/// leads elsewhere is another machine's, or worse: the person says where the pictures are.
fn base(facts: &YoloFacts, home: &Path, images: Option<&Path>, dataset: &mut Dataset) -> PathBuf {
    if let Some(folder) = images.and_then(|folder| folder.canonicalize().ok()) {
        return folder;
    }
    let path = facts.path.as_deref().map(str::trim).filter(|path| !matches!(*path, "" | "." | "./"));
    let Some(path) = path else { return home.to_path_buf() };
    match home.join(path).canonicalize() {
        Ok(base) if base.starts_with(home) && base.is_dir() => base,
        _ => {
            let reason = format!(
                "its path {path:.120?} is not in its folder: the pictures were looked for beside it (another place can be \
                 named with --images)"
            );
            dataset.report("data.yaml", false, reason);
            home.to_path_buf()
        }
    }
}

/// Notes the part of each image, where there are several.
fn name_parts(dataset: &mut Dataset) {
    let part =
        |image: &DatasetImage| image.metadata.iter().find(|(key, _)| key == "split").map(|(_, part)| part.clone());
    let parts: FxHashSet<_> = dataset.images.iter().map(part).collect();
    if parts.len() < 2 {
        dataset.images.iter_mut().for_each(|image| image.metadata.retain(|(key, _)| key != "split"));
    }
}

/// A dataset of boxes that is being read.
struct Yolo {
    /// What names are relative to; without links.
    base: PathBuf,
    /// The folder of `data.yaml`; without links.
    home: PathBuf,
    facts: YoloFacts,
    dataset: Dataset,
    known: Categories,
    /// The category of each class.
    numbers: Vec<usize>,
    /// Pictures and label files that were looked at.
    seen: FxHashSet<String>,
    /// Bytes of label files.
    bytes: u64,
}

impl Yolo {
    fn read(&mut self, reading: &Reading<'_>) -> Result<(), Failure> {
        for (part, entries) in self.facts.parts.clone() {
            for entry in entries {
                let Some(name) = self.place(&entry) else {
                    let reason = format!("there is no {entry:.120?} below {}", self.base.display());
                    self.dataset.report(format!("data.yaml: {}", part.name()), false, reason);
                    continue;
                };
                let (pictures, labels) = match self.base.join(&name).is_dir() {
                    true => self.walk(&name)?,
                    false => (self.listed(&name)?, Vec::new()),
                };
                let total = pictures.len();
                for (done, picture) in pictures.into_iter().enumerate() {
                    if done.is_multiple_of(100) {
                        reading.step(done, total)?;
                    }
                    self.picture(picture, part.name())?;
                }
                self.lonely(labels);
            }
        }
        Ok(())
    }

    /// A place that `data.yaml` names, relative to the base and inside it. Roboflow writes `../train/images` for a folder
    /// that is beside the file, and Ultralytics takes it so.
    fn place(&self, entry: &str) -> Option<String> {
        let entry = entry.trim().replace('\\', "/");
        let forms = [entry.as_str(), entry.trim_start_matches("../")];
        let found = forms.iter().find_map(|form| inside(&self.base, form).ok())?;
        let name = found.strip_prefix(&self.base).ok()?;
        Some(name.to_str()?.replace('\\', "/"))
    }

    /// The pictures below a folder, and the label files of their twins.
    fn walk(&mut self, folder: &str) -> Result<(Vec<String>, Vec<String>), Failure> {
        let (mut pictures, passed) = files_below(&self.base, folder)?;
        for name in passed {
            self.dataset.report(name, true, "it is a link to a folder, or its name is no text: not looked into");
        }
        let mut labels = Vec::new();
        let twin = label_name(&format!("{folder}/x.jpg"));
        if let Some(twin) = twin.strip_suffix("/x.txt").filter(|twin| self.base.join(twin).is_dir()) {
            labels = files_below(&self.base, twin)?.0;
            labels.retain(|name| name.ends_with(".txt") && !name.ends_with("classes.txt"));
        }
        pictures.retain(|name| is_picture(name));
        Ok((pictures, labels))
    }

    /// The pictures that a text file lists, a line each.
    fn listed(&mut self, list: &str) -> Result<Vec<String>, Failure> {
        let folder = list.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut pictures = Vec::new();
        for (number, line) in (1..).zip(read_text(&self.base.join(list))?.lines()) {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            // `./` is the list's own folder, anything else the base; a whole path counts when it leads inside.
            let below = Path::new(line).strip_prefix(&self.base).ok().and_then(Path::to_str).unwrap_or(line);
            let name = match below.strip_prefix("./") {
                Some(rest) if !folder.is_empty() => relative_name(&format!("{folder}/{rest}")),
                _ => relative_name(below),
            };
            match name {
                Some(name) => pictures.push(name),
                None => {
                    let reason = format!("the name {line:.120?} leads out of the dataset");
                    self.dataset.report(format!("{list}:{number}"), true, reason);
                }
            }
        }
        Ok(pictures)
    }

    fn picture(&mut self, name: String, part: &str) -> Result<(), Failure> {
        if !self.seen.insert(name.clone()) {
            return Ok(());
        }
        let label = label_name(&name);
        let mut image = DatasetImage { unit: BoxUnit::Fractions, ..image_of_file(name) };
        image.metadata.push(("split".to_owned(), part.to_owned()));
        self.dataset.counts_in.0 += 1;
        // No label file: an image without objects, as Ultralytics takes it.
        let found = [&self.base, &self.home].into_iter().find_map(|root| inside(root, &label).ok());
        if let Some(path) = found {
            match read_bounded(&path, TEXT_LIMIT) {
                Ok(text) => self.rows(&label, &String::from_utf8_lossy(&text), &mut image)?,
                Err(error) => self.dataset.report(label.clone(), true, format!("it cannot be read: {error}")),
            }
        }
        self.seen.insert(label);
        self.dataset.images.push(image);
        self.dataset.go_on().map_err(|reason| too_broken(&self.home, reason))
    }

    fn rows(&mut self, label: &str, text: &str, image: &mut DatasetImage) -> Result<(), Failure> {
        self.bytes += text.len() as u64;
        if self.bytes > DATASET_LIMIT {
            let reason = format!("its label files are larger than {} GiB together", DATASET_LIMIT >> 30);
            return Err(too_broken(&self.home, reason));
        }
        let mut outlines = 0;
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            self.dataset.counts_in.1 += 1;
            let place = format!("{label}:{number}");
            let Some(row) = read_row(line, self.facts.has_keypoints) else {
                let start: String = line.chars().take(80).collect();
                self.dataset.report(place, true, format!("{start:?} is no row of a class and a box"));
                continue;
            };
            let category = match self.numbers.get(row.class) {
                Some(&category) => category,
                None => {
                    let name = format!("class_{}", row.class);
                    self.dataset.report(place, false, format!("its class is not in names; it is called {name:?}"));
                    self.known.index(&mut self.dataset.categories, &name)
                }
            };
            outlines += usize::from(row.is_outline);
            image.boxes.push(DatasetBox { category, bbox: row.bbox, id: None });
        }
        if outlines > 0 {
            let reason = format!("outlines that became the boxes around them: {outlines}");
            self.dataset.report(label, false, reason);
        }
        Ok(())
    }

    /// Label files whose picture was not there: nothing says how large their images are.
    fn lonely(&mut self, labels: Vec<String>) {
        for label in labels {
            if self.seen.insert(label.clone()) {
                self.dataset.counts_in.0 += 1;
                self.dataset.report(label, true, "there is no picture for it");
            }
        }
    }
}

fn classification(place: &DatasetPlace, reading: &Reading<'_>) -> Result<Found, Failure> {
    let base =
        place.path.canonicalize().map_err(|error| not_of(&place.path, format!("It cannot be read: {error}.")))?;
    let mut dataset = Dataset { kind: Some(ProjectKind::Multiclass), ..Dataset::default() };
    let mut known = Categories::default();
    for (folder, part) in PART_FOLDERS.into_iter().filter(|(folder, _)| base.join(folder).is_dir()) {
        let (files, passed) = files_below(&base, folder)?;
        for name in passed {
            dataset.report(name, true, "it is a link to a folder, or its name is no text: not looked into");
        }
        let total = files.len();
        for (done, name) in files.into_iter().enumerate().filter(|(_, name)| is_picture(name)) {
            if done.is_multiple_of(100) {
                reading.step(done, total)?;
            }
            dataset.counts_in.0 += 1;
            let Some((class, _)) = name.split('/').nth(1).map(str::to_owned).zip(name.split('/').nth(2)) else {
                dataset.report(name, true, "it stands in no folder of a class");
                continue;
            };
            known.index(&mut dataset.categories, &class);
            let mut image = DatasetImage { tags: vec![class], ..image_of_file(name) };
            image.metadata.push(("split".to_owned(), part.to_owned()));
            dataset.images.push(image);
        }
    }
    dataset.categories.sort();
    name_parts(&mut dataset);
    let identity = identity(&dataset);
    let beside = dataset.images.first().map(|image| Beside::of(&base.join(&image.file_name))).unwrap_or_default();
    Ok(Found { dataset, roots: Roots::given(&base), title: title(&base), identity, beside })
}
