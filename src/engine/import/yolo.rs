//! YOLO: the pictures that `data.yaml` or Darknet's `obj.data` names, or all of a folder with `classes.txt`, and their
//! label files; or, for classification, a folder a class.

mod classes;
mod twins;

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::manifest::Beside;
use super::pictures::{Lookup, Pictures};
use super::recognize::Chosen;
use super::walk::{DATASET_LIMIT, Passed, files_below};
use super::{DatasetPlace, Found, Reading, format_failure, identity, not_of, title, too_broken};
use crate::failure::OrFailure as _;
use app::{Failure, words};
pub(super) use classes::find as find_classes;
use domain::ProjectKind;
use formats::Quoted;
use formats::address::{read_name, relative_name};
use formats::dataset::{BoxUnit, Categories, Dataset, DatasetBox, DatasetImage, image_of_file};
use formats::layout::{FOLDERS_SIGN, FileContent, Role, is_picture, part_of, role_of};
use formats::meaning;
use formats::text;
use formats::yolo::dataset::{RowForm, YoloFacts, read_darknet, read_facts, read_names, read_rows};
use storage::regular::{inside, read_bounded};
use twins::{Twin, Twins};

/// A label file, a list of pictures or a `data.yaml` is never larger.
const TEXT_LIMIT: u64 = 16 << 20;

pub(super) fn find(place: &DatasetPlace, chosen: &Chosen, reading: &Reading<'_>) -> Result<Found, Failure> {
    let Some((file, label)) = chosen.files().next() else {
        let is_rows = chosen.found.signs.iter().all(|sign| sign != FOLDERS_SIGN);
        return if is_rows { detection(place, chosen, None, reading) } else { find_classes(place, chosen, reading) };
    };
    detection(place, chosen, Some((&file, label.content)), reading)
}

pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = read_bounded(path, TEXT_LIMIT).or_failure()?;
    text::whole(&bytes).map_err(|error| format_failure(path, error))
}

fn detection(
    place: &DatasetPlace,
    chosen: &Chosen,
    file: Option<(&Path, FileContent)>,
    reading: &Reading<'_>,
) -> Result<Found, Failure> {
    let home = match file {
        Some((file, _)) => file.parent().map(Path::to_path_buf).unwrap_or_default(),
        None => chosen.root.join(&chosen.found.root),
    };
    let home =
        storage::resolve(home).map_err(|error| not_of(&place.path, format!("Its folder cannot be read: {error}.")))?;
    let facts = match file {
        Some((file, FileContent::YoloYaml)) => {
            read_facts(&read_text(file)?).map_err(|error| format_failure(file, error))?
        }
        Some((file, FileContent::DarknetData)) => {
            read_darknet(&read_text(file)?).map_err(|error| format_failure(file, error))?
        }
        Some((file, _)) => YoloFacts { names: names_in(file)?, ..YoloFacts::default() },
        None => YoloFacts::default(),
    };
    let mut dataset = Dataset { kind: Some(ProjectKind::Detection), ..Dataset::default() };
    let base = base(&facts, &home, place, chosen, file, &mut dataset);
    let pictures = Pictures::given(&base);
    let mut yolo = Yolo {
        beside: file.map(|(file, _)| Beside::for_file(file)).unwrap_or_default(),
        twins: Twins::new(&base, &home),
        file: file
            .and_then(|(file, _)| file.file_name())
            .map_or_else(String::new, |name| name.to_string_lossy().into()),
        pictures,
        base,
        home,
        facts,
        dataset,
        known: Categories::default(),
        numbers: Vec::new(),
        classes: None,
        seen: FxHashSet::default(),
        bytes: 0,
    };
    yolo.classes()?;
    yolo.read(reading)?;
    yolo.dataset.resume().map_err(|reason| too_broken(&place.path, reason))?;
    yolo.say_what_is_missing();
    let Yolo { pictures, home, mut dataset, beside, .. } = yolo;
    name_parts(&mut dataset);
    meaning::doubt(&mut dataset, "labels", &OTHERWISE);
    // `data` says nothing: the folder's name does.
    let plain = ["data", "obj", "classes", "dataset", "_darknet"];
    let named = file.filter(|(file, _)| file.file_stem().is_some_and(|stem| plain.iter().all(|plain| stem != *plain)));
    let title = named.map_or_else(|| title(&home), |(file, _)| title(file));
    let identity = identity(&dataset);
    let places = pictures.find_all(&mut dataset, &[], &[]);
    Ok(Found { places, looked: pictures.words(), dataset, title, identity, beside })
}

/// What else writers put into a row behind the class; a box has its left and top edge here already.
const OTHERWISE: [meaning::Otherwise; 2] = [
    ("left, top, width and height", |[x, y, width, height]| [x + width / 2.0, y + height / 2.0, width, height]),
    ("left, top, right and bottom", |[x, y, width, height]| {
        let (left, top) = (x + width / 2.0, y + height / 2.0);
        [left, top, width - left, height - top]
    }),
];

/// The names of the classes in a file of them: YAML, or a line each.
fn names_in(file: &Path) -> Result<Vec<String>, Failure> {
    let text = read_text(file)?;
    let extension = file.extension().unwrap_or_default().to_ascii_lowercase();
    match extension == "yaml" || extension == "yml" {
        true => read_names(&text).map_err(|error| format_failure(file, error)),
        false => Ok(class_names(&text)),
    }
}

/// The names of the classes, a line each. A blank line counts like any other, as Darknet and labelImg read it, but for
/// those at the end.
fn class_names(text: &str) -> Vec<String> {
    text.trim_end().lines().map(|line| line.trim().to_owned()).collect()
}

/// The folder that the parts are relative to: what the user names, else `path`, else that of `data.yaml`. A `path` that
/// leads elsewhere is another machine's, or worse: the person says where the pictures are.
fn base(
    facts: &YoloFacts,
    home: &Path,
    place: &DatasetPlace,
    chosen: &Chosen,
    file: Option<(&Path, FileContent)>,
    dataset: &mut Dataset,
) -> PathBuf {
    if let Some(folder) = place.images.as_ref().and_then(|folder| storage::resolve(folder).ok()) {
        return folder;
    }
    // The names of the classes may be in the folder of the labels, which is not that of the pictures.
    let is_root = !matches!(file, Some((_, FileContent::YoloYaml | FileContent::DarknetData)));
    if is_root && place.path.is_dir() {
        return chosen.root.join(&chosen.found.root);
    }
    if is_root && role_of(&home.to_string_lossy()) == Some(Role::Labels) {
        return home.parent().unwrap_or(home).to_path_buf();
    }
    let path = facts.path.as_deref().map(str::trim).filter(|path| !matches!(*path, "" | "." | "./"));
    let Some(path) = path else { return home.to_path_buf() };
    match storage::resolve(home.join(path)) {
        Ok(base) if base.starts_with(home) && base.is_dir() => base,
        _ => {
            let path = Quoted(path);
            let reason = format!(
                "its path {path:.120} is not in its folder, so the pictures were searched for next to it (use --images \
                 for another place)"
            );
            let name = file.and_then(|(file, _)| file.file_name()).unwrap_or_default().to_string_lossy();
            dataset.report(name, false, reason);
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

struct Yolo {
    /// What names are relative to; without links.
    base: PathBuf,
    /// The folder of `data.yaml`; without links.
    home: PathBuf,
    /// The name of the file that the dataset was opened by.
    file: String,
    /// What the manifest of the export says that it is in.
    beside: Beside,
    pictures: Pictures,
    twins: Twins,
    facts: YoloFacts,
    dataset: Dataset,
    known: Categories,
    /// The category of each class.
    numbers: Vec<usize>,
    /// The lowest and the highest class of the rows.
    classes: Option<(usize, usize)>,
    /// Pictures that were looked at.
    seen: FxHashSet<String>,
    bytes: u64,
}

impl Yolo {
    /// The categories of the classes; Darknet has their names in a file of their own.
    fn classes(&mut self) -> Result<(), Failure> {
        if let Some(file) = self.facts.names_file.clone() {
            match self.place(&file).map(|name| self.base.join(name)) {
                Some(path) => self.facts.names = class_names(&read_text(&path)?),
                None => {
                    let file = Quoted(&file);
                    let reason =
                        format!("the names file {file:.120} is missing, so the classes are named by their numbers");
                    self.dataset.report(self.file.clone(), false, reason);
                }
            }
        }
        let names = std::mem::take(&mut self.facts.names);
        for (at, name) in names.iter().enumerate() {
            let mut name = name.clone();
            if name.is_empty() {
                name = format!("class_{at}");
                let reason = format!("class {at} has no name; it is named {name:?}");
                self.dataset.report(self.file.clone(), false, reason);
            }
            if self.known.contains(&name) {
                let reason = format!("there are two classes {name:.80?}; both become one tag");
                self.dataset.report(self.file.clone(), false, reason);
            }
            self.numbers.push(self.known.index(&mut self.dataset.categories, &name));
        }
        if let Some(count) = self.facts.count.filter(|count| *count != names.len() as u64) {
            let reason = format!("it says that there are {count} classes (nc) and names {}", names.len());
            self.dataset.report(self.file.clone(), false, reason);
        }
        for (key, line) in std::mem::take(&mut self.facts.repeated) {
            let reason = format!("the key {key:.80?} is there more than once: the one in line {line} was read");
            self.dataset.report(self.file.clone(), false, reason);
        }
        Ok(())
    }

    fn read(&mut self, reading: &Reading<'_>) -> Result<(), Failure> {
        let mut is_named = false;
        for (part, entries) in self.facts.parts.clone() {
            for entry in entries {
                let Some(name) = self.place(&entry) else {
                    // No image fell into this part of an export.
                    if self.beside.is_known() && !self.beside.lists_in(&entry) {
                        continue;
                    }
                    let reason = format!("there is no {:.120} in {}", Quoted(&entry), self.base.display());
                    self.dataset.report(format!("{}: {}", self.file, part.name()), false, reason);
                    continue;
                };
                is_named = true;
                let pictures = match self.base.join(&name).is_dir() {
                    true => self.walk(&name)?,
                    // The pictures themselves may be named, one by one.
                    false if is_picture(&name) => vec![name],
                    false => self.listed(&name)?,
                };
                self.take(pictures, |_| Some(part.name()), reading)?;
            }
        }
        // Neither a `data.yaml` nor a list that is there says which pictures these are.
        if !is_named && (self.facts.parts.is_empty() || self.facts.names_file.is_some()) {
            let pictures = self.walk("")?;
            self.take(pictures, |name| part_of(name).1.filter(|_| name.contains('/')), reading)?;
        }
        self.lonely();
        Ok(())
    }

    fn take(
        &mut self,
        pictures: Vec<String>,
        part: impl Fn(&str) -> Option<&'static str>,
        reading: &Reading<'_>,
    ) -> Result<(), Failure> {
        let total = pictures.len();
        for (done, picture) in pictures.into_iter().enumerate() {
            if done.is_multiple_of(100) {
                reading.step(done, total)?;
            }
            let part = part(&picture);
            self.picture(picture, part)?;
        }
        Ok(())
    }

    /// A place that `data.yaml` names, relative to the base and inside it, as it is written there: a link to a folder in
    /// the dataset keeps its name. Roboflow writes `../train/images` for a folder that is next to the file, and Ultralytics
    /// takes it so. Of a path of another computer the longest ending that is here counts.
    fn place(&self, entry: &str) -> Option<String> {
        let entry = entry.trim().replace('\\', "/");
        let is_here = |name: &str| inside(&self.base, name).is_ok();
        for form in [entry.as_str(), entry.trim_start_matches("../")] {
            match relative_name(form) {
                Some(name) if is_here(&name) => return Some(name),
                Some(_) => {}
                None if form.starts_with('/') || form.contains(':') || form.starts_with("..") => {}
                // A way through other folders, or the base itself.
                None => {
                    let found = inside(&self.base, form).ok()?;
                    return Some(found.strip_prefix(&self.base).ok()?.to_str()?.replace('\\', "/"));
                }
            }
        }
        if let Ok(below) = Path::new(&entry).strip_prefix(&self.base) {
            return below.to_str().filter(|name| is_here(name)).map(str::to_owned);
        }
        let written = read_name(&entry)?;
        // A relative place that is not here is missing. Darknet's are relative to where it was run.
        let is_elsewhere = written.leads_out || self.facts.names_file.is_some();
        let mut name = Some(written.name).filter(|_| is_elsewhere)?;
        while !is_here(&name) {
            let (folder, rest) = name.split_once('/')?;
            // Without its part it would be another folder.
            if matches!(role_of(folder), Some(Role::Part(_))) {
                return None;
            }
            name = rest.to_owned();
        }
        Some(name)
    }

    fn walk(&mut self, folder: &str) -> Result<Vec<String>, Failure> {
        let (mut pictures, passed) = files_below(&self.base, folder)?;
        for Passed { name, reason } in passed {
            self.dataset.report(name, true, format!("{reason}; it was not searched"));
        }
        pictures.retain(|name| is_picture(name));
        Ok(pictures)
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
            match self.is_there(name.as_deref()) {
                true => pictures.extend(name),
                false => match self.by_ending(line) {
                    Ok(Some(found)) => pictures.push(found),
                    // It is reported as missing with the others.
                    Ok(None) if name.is_some() => pictures.extend(name),
                    Ok(None) => {
                        let reason = format!("the name {:.120} points outside the dataset", Quoted(line));
                        self.dataset.report(format!("{list}:{number}"), true, reason);
                    }
                    Err(reason) => self.dataset.report(format!("{list}:{number}"), true, reason),
                },
            }
        }
        Ok(pictures)
    }

    fn is_there(&self, name: Option<&str>) -> bool {
        name.is_some_and(|name| self.base.join(name).is_file())
    }

    /// The picture with the longest ending in common with a name of another computer.
    fn by_ending(&self, line: &str) -> Result<Option<String>, String> {
        let Some(written) = read_name(line) else { return Ok(None) };
        match self.pictures.index().find(&written.name) {
            Lookup::One(path, _) => {
                let name = path.strip_prefix(&self.base).ok().and_then(Path::to_str);
                Ok(name.map(|name| name.replace('\\', "/")))
            }
            Lookup::Several(names) => {
                Err(format!("{:.120} could be {}, so none was used", Quoted(line), names.join(" or ")))
            }
            Lookup::None => Ok(None),
        }
    }

    fn picture(&mut self, name: String, part: Option<&str>) -> Result<(), Failure> {
        if !self.seen.insert(name.clone()) {
            return Ok(());
        }
        let twin = self.twins.find(&name);
        let mut image = DatasetImage { unit: BoxUnit::Fractions, ..image_of_file(name) };
        image.metadata.extend(part.map(|part| ("split".to_owned(), part.to_owned())));
        self.dataset.counts_in.0 += 1;
        match twin {
            Twin::File(label, path) => match read_bounded(&path, TEXT_LIMIT) {
                Ok(bytes) => match text::whole(&bytes) {
                    Ok(text) => self.rows(&label, &text, &mut image)?,
                    Err(error) => self.dataset.report(label, true, format!("it cannot be read: {error}")),
                },
                Err(error) => self.dataset.report(label, true, format!("it cannot be read: {error}")),
            },
            Twin::Unreachable(place, reason) => self.dataset.report(place, true, reason),
            // No label file: an image without objects, as Ultralytics takes it.
            Twin::Told | Twin::None => {}
        }
        self.dataset.images.push(image);
        self.dataset.resume().map_err(|reason| too_broken(&self.home, reason))
    }

    fn rows(&mut self, label: &str, text: &str, image: &mut DatasetImage) -> Result<(), Failure> {
        self.bytes += text.len() as u64;
        if self.bytes > DATASET_LIMIT {
            let reason = format!("its label files have more than {} GiB in total", DATASET_LIMIT >> 30);
            return Err(too_broken(&self.home, reason));
        }
        let mut forms: Vec<(RowForm, u32)> = Vec::new();
        for (number, row) in read_rows(text, self.facts.has_keypoints) {
            self.dataset.counts_in.1 += 1;
            let place = || format!("{label}:{number}");
            let row = match row {
                Ok(row) => row,
                Err(reason) => {
                    self.dataset.report(place(), true, reason);
                    continue;
                }
            };
            if row.is_turned_round {
                self.dataset.report(place(), false, "its width or height is negative; the sign was removed");
            }
            let last = self.classes.map_or(row.class, |(_, last)| last.max(row.class));
            self.classes = Some((self.classes.map_or(row.class, |(first, _)| first.min(row.class)), last));
            let category = match self.numbers.get(row.class) {
                Some(&category) => category,
                None => {
                    let name = format!("class_{}", row.class);
                    self.dataset.report(place(), false, format!("its class is not in the names; it is named {name:?}"));
                    self.known.index(&mut self.dataset.categories, &name)
                }
            };
            match forms.iter_mut().find(|(form, _)| *form == row.form) {
                Some((_, count)) => *count += 1,
                None => forms.push((row.form, 1)),
            }
            image.boxes.push(DatasetBox { category, bbox: row.bbox, id: None, created: None });
        }
        for (form, count) in forms {
            if let Some(note) = form.note() {
                self.dataset.report(label, false, format!("{note}: {count}"));
            }
        }
        Ok(())
    }

    /// Label files whose picture was not there: nothing says how large their images are.
    fn lonely(&mut self) {
        for label in self.twins.lonely() {
            self.dataset.counts_in.0 += 1;
            self.dataset.report(label, true, "there is no picture for it");
        }
    }

    /// Without a single label file every image would be one without objects.
    fn say_what_is_missing(&mut self) {
        let passed: Vec<Passed> = self.twins.passed().cloned().collect();
        for Passed { name, reason } in passed {
            self.dataset.report(name, true, format!("{reason}; labels in it were not read"));
        }
        if let Some((first, last)) = self.classes
            && first > 0
            && last == self.numbers.len()
        {
            let reason = format!(
                "no row has class 0, and some have class {last}, one after the last name. The numbers may count from 1: then \
                 each box has the name of the class after its own. They were read from 0, as the format defines; check them"
            );
            self.dataset.report("labels", false, reason);
        }
        if self.twins.found_count() == 0
            && let Some(image) = self.dataset.images.first()
        {
            let looked = twins::usual_places(&image.file_name).collect::<Vec<_>>().join(" and ");
            let reason = format!(
                "no label file was found for any of {}, so there are no boxes; the one for {} would be {looked}",
                words::count(self.dataset.images.len() as u64, "image", "images"),
                Quoted(&image.file_name)
            );
            self.dataset.report("labels", false, reason);
        }
    }
}
