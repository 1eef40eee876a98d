//! The datasets that follow from the names below a folder and from the beginnings of files.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::classes::class_folders;
use super::content::{FileContent, content_of, is_of_labels, may_be_of_labels, unknown_of};
use super::foreign::{CLASS_LIST, foreign_of, packed};
use super::names::{KINDS_OF_COCO, MOST_LEVELS, Role, Tree, is_picture, part_of, role_of};
use super::{Certainty, DatasetFormat, LabelFile, LabelLayout, Recognition, Recognized, SIGNS, Sign};

/// Files of one folder and extension that are looked into; of more, those with a usual name and the first.
const MOST_ALIKE: usize = 60;
/// Beginnings of files that are read in all.
const MOST_HEADS: usize = 4_000;
/// Parts of names that label files of whole datasets have.
const USUAL: [&str; 8] = ["annotation", "instances", "labels", "coco", "export", "classes", "default", "data"];

/// Everything that a folder can be read as, or what of that is of the wanted format. `head` gives the beginning of a file,
/// or the reason why it cannot be read.
pub fn recognize(
    tree: &Tree,
    wanted: Option<DatasetFormat>,
    head: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
) -> Recognition {
    let is_wanted = |format: DatasetFormat| wanted.is_none_or(|wanted| wanted == format);
    let mut look =
        Look { tree, head, heads: 0, first_unseen: None, foreign: BTreeMap::new(), unknown: None, passed: Vec::new() };
    let mut level = vec![String::new()];
    let mut found = Vec::new();
    for _ in 0..=MOST_LEVELS {
        let mut roots: Vec<String> = level.clone();
        for root in &level {
            let own = tree.folders(root).into_iter().filter(|folder| role_of(folder) == Some(Role::Own));
            roots.extend(own.map(str::to_owned).filter(|own| !level.contains(own)));
        }
        for root in &roots {
            found.extend(look.datasets(root).into_iter().filter(|found: &Recognized| is_wanted(found.format)));
        }
        if !found.is_empty() {
            break;
        }
        let below = level.iter().flat_map(|folder| tree.folders(folder));
        level = below.filter(|folder| !is_hidden(folder)).map(str::to_owned).collect();
    }
    // Folders with label files of another program are no classes.
    let has_labels = !found.is_empty();
    let is_foreign = look.foreign.keys().any(|words| !words.contains(CLASS_LIST));
    if !has_labels && !is_foreign && is_wanted(DatasetFormat::Yolo) {
        let classes = class_folders(tree, wanted.is_some());
        found.extend(classes.found);
        look.passed.extend(classes.refused);
    }
    if !found.is_empty() {
        look.foreign.retain(|words, _| !words.contains(CLASS_LIST));
    }
    look.report_foreign();
    if found.is_empty() {
        look.passed.extend(look.unknown.take());
    }
    // The labels may be packed.
    if !has_labels {
        let packed = tree.below("").find_map(|name| Some((name.clone(), packed(name)?.to_owned())));
        look.passed.extend(packed);
    }
    found.sort_by_key(|found| {
        let rank = SIGNS.iter().position(|sign| sign.format == found.format);
        (rank, found.root.clone())
    });
    look.passed.sort();
    look.passed.dedup();
    Recognition { found, passed: look.passed }
}

/// What systems put next to what was unpacked.
fn is_hidden(folder: &str) -> bool {
    folder.rsplit('/').next().is_some_and(|name| name.starts_with('.') || name == "__MACOSX")
}

struct Look<'a> {
    tree: &'a Tree,
    head: &'a mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    heads: usize,
    /// The first file that was not looked into because there are too many.
    first_unseen: Option<String>,
    /// What files of other programs are: the first of them, and how many there are.
    foreign: BTreeMap<String, (String, usize)>,
    /// The first file that could have labels and is of no form that is known, and what it has.
    unknown: Option<(String, String)>,
    passed: Vec<(String, String)>,
}

impl Look<'_> {
    /// The datasets whose folder is `root`.
    fn datasets(&mut self, root: &str) -> Vec<Recognized> {
        let mut files: BTreeMap<Option<FileContent>, Vec<String>> = BTreeMap::new();
        for folder in self.folders_of(root) {
            for (sample, others) in self.samples(&folder) {
                let mut shown = BTreeSet::new();
                for name in sample {
                    let content = self.content(&name);
                    shown.insert(content);
                    files.entry(content).or_default().push(name);
                }
                self.look_at_others(&shown, others, &mut files);
            }
        }
        let mut files: BTreeMap<FileContent, Vec<String>> =
            files.into_iter().filter_map(|(content, names)| Some((content?, names))).collect();
        for name in files.remove(&FileContent::Empty).unwrap_or_default() {
            self.passed.push((name, "it is empty".to_owned()));
        }
        self.leave_rows_without_pictures(&mut files);
        let mut found = Vec::new();
        for sign in &SIGNS {
            let Some(names) = files.get(&sign.content) else { continue };
            match sign.format.shape() {
                LabelLayout::PerPicture => found.push(one(sign, root, Vec::new(), &names[0])),
                LabelLayout::Root => found.extend(yolo(sign, root, names, &files, &found)),
                LabelLayout::PerPart => found.extend(self.groups(sign, root, names, &found)),
            }
        }
        self.prefer_instances(&mut found);
        self.without_captions(files.get(&FileContent::CocoCaptions), &mut found);
        // Formats with a file for each picture find the rest by themselves.
        let is_listed = |found: &Recognized| found.format.shape() == LabelLayout::PerPart;
        if let Some(name) = self.first_unseen.take_if(|_| found.is_empty() || found.iter().any(is_listed)) {
            let reason =
                format!("it was not looked into, nor were those after it: there are more than {MOST_HEADS} such files");
            self.passed.push((name, reason));
        }
        found
    }

    /// The folders of a dataset: its own, those whose names say what is in them, and all below a folder of labels.
    fn folders_of(&self, root: &str) -> Vec<String> {
        let (mut found, mut open) = (Vec::new(), vec![(root.to_owned(), false)]);
        while let Some((folder, is_labels)) = open.pop() {
            for below in self.tree.folders(&folder) {
                let role = role_of(below);
                if is_labels || matches!(role, Some(Role::Part(_) | Role::Labels | Role::Pictures)) {
                    open.push((below.to_owned(), is_labels || role == Some(Role::Labels)));
                }
            }
            found.push(folder);
        }
        found.sort();
        found
    }

    /// Looks at the files of a folder and an extension that the sample left. A list or a file for the whole dataset could be
    /// among them, and each of them would be read. Where all of the sample were alike, so are these.
    fn look_at_others(
        &mut self,
        shown: &BTreeSet<Option<FileContent>>,
        others: Vec<String>,
        files: &mut BTreeMap<Option<FileContent>, Vec<String>>,
    ) {
        let is_listed = |content: &FileContent| {
            let sign = SIGNS.iter().find(|sign| sign.content == *content);
            sign.is_some_and(|sign| sign.format.shape() == LabelLayout::PerPart)
        };
        if !shown.iter().flatten().any(is_listed) {
            return;
        }
        if let [content] = shown.iter().collect::<Vec<_>>()[..] {
            files.entry(*content).or_default().extend(others);
            return;
        }
        for name in others {
            let content = self.content(&name);
            files.entry(content).or_default().push(name);
        }
    }

    /// The files of a folder that are looked into, and the others, for each extension.
    fn samples(&self, folder: &str) -> Vec<(Vec<String>, Vec<String>)> {
        let mut by_extension: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for name in self.tree.files(folder).iter().filter(|name| may_be_of_labels(name)) {
            let extension =
                name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
            by_extension.entry(extension).or_default().push(name);
        }
        let mut samples = Vec::new();
        for names in by_extension.into_values() {
            let is_usual = |name: &str| {
                let bare = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
                USUAL.iter().any(|word| bare.contains(word))
            };
            let (mut chosen, mut others) = (Vec::new(), Vec::new());
            for (at, name) in names.into_iter().enumerate() {
                let is_chosen = chosen.len() < 2 * MOST_ALIKE && (at < MOST_ALIKE || is_usual(name));
                if is_chosen { &mut chosen } else { &mut others }.push(name.clone());
            }
            samples.push((chosen, others));
        }
        samples
    }

    fn content(&mut self, name: &str) -> Option<FileContent> {
        self.heads += 1;
        if self.heads > MOST_HEADS {
            self.first_unseen.get_or_insert_with(|| name.to_owned());
            return None;
        }
        let head = match (self.head)(name) {
            Ok(head) => head,
            // Its name says what it is: its own fault is reported, and nothing else is read in its place.
            Err(_) if is_data_yaml(name) => return Some(FileContent::YoloYaml),
            Err(reason) => {
                self.passed.extend(is_of_labels(name).then(|| (name.to_owned(), reason)));
                return None;
            }
        };
        let content = content_of(name, &head);
        if content.is_none() {
            match foreign_of(name, &head) {
                Some(words) => self.foreign.entry(words).or_insert_with(|| (name.to_owned(), 0)).1 += 1,
                None if is_of_labels(name) && self.unknown.is_none() => {
                    self.unknown = Some((name.to_owned(), unknown_of(name, &head)));
                }
                None => {}
            }
        }
        content
    }

    /// Tells which files are of programs that have no reader here: the first of each.
    fn report_foreign(&mut self) {
        for (words, (name, count)) in std::mem::take(&mut self.foreign) {
            let more = if count > 1 { format!("; so are {} more", count - 1) } else { String::new() };
            self.passed.push((name, format!("{words}{more}")));
        }
    }

    /// Rows of numbers are labels only next to a picture of the same name.
    fn leave_rows_without_pictures(&self, files: &mut BTreeMap<FileContent, Vec<String>>) {
        let Some(rows) = files.get_mut(&FileContent::YoloRows) else { return };
        let stem = |name: &String| {
            let bare = name.rsplit('/').next().unwrap_or_default();
            bare.rsplit_once('.').map_or(bare, |(stem, _)| stem).to_owned()
        };
        let pictures: HashSet<String> =
            self.tree.folders.values().flatten().filter(|name| is_picture(name)).map(stem).collect();
        rows.retain(|name| pictures.contains(&stem(name)));
        if rows.is_empty() {
            files.remove(&FileContent::YoloRows);
        }
    }

    /// Files with one for each part: those whose names differ in the part only are one dataset.
    fn groups(&mut self, sign: &Sign, root: &str, names: &[String], found: &[Recognized]) -> Vec<Recognized> {
        let is_there = found.iter().any(|found| found.format == sign.format);
        // A list that an MLTable names, and the assets of a project whose export is there.
        if is_there && matches!(sign.content, FileContent::AzureLines | FileContent::VottAsset) {
            return Vec::new();
        }
        let mut groups: BTreeMap<String, Vec<LabelFile>> = BTreeMap::new();
        for name in names {
            let (general, part) = part_of(name);
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            let (key, part) = match sign.content {
                FileContent::Datumaro => {
                    let stem = name.rsplit('/').next().and_then(|file| file.rsplit_once('.')).map(|(stem, _)| stem);
                    (folder.to_owned(), stem.filter(|stem| *stem != "default").map(str::to_owned))
                }
                FileContent::AzureTable => (String::new(), part.map(str::to_owned)),
                FileContent::VottAsset => (folder.to_owned(), None),
                // Shards are numbered.
                FileContent::Shard | FileContent::Parquet => (String::new(), part.map(str::to_owned)),
                _ => (general, part.map(str::to_owned)),
            };
            groups.entry(key).or_default().push(LabelFile { name: name.clone(), part, content: sign.content });
        }
        let mut groups: Vec<Vec<LabelFile>> = groups.into_values().collect();
        if matches!(sign.content, FileContent::Shard | FileContent::Parquet) {
            groups.iter_mut().for_each(|files| without_only_part(files));
        }
        groups.sort_by(|one, other| one[0].name.cmp(&other[0].name));
        groups.into_iter().map(|files| one(sign, root, files.clone(), &files[0].name)).collect()
    }

    /// COCO divides what it says of the same pictures into files: boxes, key points, segments, classes of whole images. The
    /// one that says most about boxes is read.
    fn prefer_instances(&mut self, found: &mut Vec<Recognized>) {
        let rank = |found: &Recognized| {
            let of = |label: &LabelFile| {
                let name = bare(&label.name).to_ascii_lowercase();
                let known = KINDS_OF_COCO.iter().position(|kind| name.starts_with(kind));
                known.unwrap_or_else(|| usize::from(label.content == FileContent::CocoOther))
            };
            found.labels.iter().map(of).min().unwrap_or_default()
        };
        let is_coco = |found: &&Recognized| found.format == DatasetFormat::Coco;
        let Some(best) = found.iter().filter(is_coco).map(rank).min() else { return };
        let (kept, others): (Vec<_>, Vec<_>) = std::mem::take(found)
            .into_iter()
            .partition(|found| found.format != DatasetFormat::Coco || rank(found) == best);
        *found = kept;
        let reason = "its key points, segments or tags were ignored, because another file here has the boxes";
        let names = others.into_iter().flat_map(|other| other.labels).map(|label| (label.name, reason.to_owned()));
        self.passed.extend(names);
    }

    /// Captions are no labels of Tagscope's kind.
    fn without_captions(&mut self, names: Option<&Vec<String>>, found: &mut [Recognized]) {
        let reason = "it has captions, which are not supported";
        self.passed.extend(names.into_iter().flatten().map(|name| (name.clone(), reason.to_owned())));
        // The files passed over belong to the COCO dataset next to them.
        if let Some(coco) = found.iter_mut().find(|found| found.format == DatasetFormat::Coco) {
            let kept = |(name, _): &(String, String)| content_of_passed(name);
            let (of_coco, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.passed).into_iter().partition(kept);
            coco.passed.extend(of_coco);
            self.passed = rest;
        }
    }
}

/// A dataset that has only one part is not divided.
fn without_only_part(files: &mut [LabelFile]) {
    let parts: BTreeSet<&Option<String>> = files.iter().map(|file| &file.part).collect();
    if parts.len() == 1 {
        files.iter_mut().for_each(|file| file.part = None);
    }
}

fn bare(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

fn is_data_yaml(name: &str) -> bool {
    matches!(bare(name).to_ascii_lowercase().as_str(), "data.yaml" | "data.yml")
}

fn content_of_passed(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".json")
}

fn one(sign: &Sign, root: &str, labels: Vec<LabelFile>, file: &str) -> Recognized {
    let count = labels.iter().map(|label| &label.name).collect::<BTreeSet<_>>().len();
    let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
    Recognized {
        format: sign.format,
        certainty: sign.certainty,
        root: root.to_owned(),
        signs: vec![format!("{file}{more}: {}", sign.words)],
        labels,
        passed: Vec::new(),
    }
}

/// YOLO: by its `data.yaml`, else by Darknet's file, else by its rows with or without the names of the classes.
fn yolo(
    sign: &Sign,
    root: &str,
    names: &[String],
    files: &BTreeMap<FileContent, Vec<String>>,
    found: &[Recognized],
) -> Vec<Recognized> {
    if found.iter().any(|found| found.format == DatasetFormat::Yolo) {
        return Vec::new();
    }
    let label = |name: &String, content| LabelFile { name: name.clone(), part: None, content };
    match sign.content {
        FileContent::YoloRows => {
            let classes = files.get(&FileContent::ClassNames).and_then(|names| names.first());
            let labels: Vec<_> = classes.into_iter().map(|name| label(name, FileContent::ClassNames)).collect();
            let certainty = if labels.is_empty() { Certainty::Likely } else { sign.certainty };
            vec![Recognized { certainty, ..one(sign, root, labels, &names[0]) }]
        }
        content => {
            let usual = names.iter().find(|name| is_data_yaml(name) || bare(name).eq_ignore_ascii_case("obj.data"));
            let chosen: Vec<&String> = usual.map_or_else(|| names.iter().collect(), |name| vec![name]);
            let made = |name: &&String| {
                let others = names.iter().filter(|other| !chosen.contains(other));
                let reason = "another file of this kind is named data.yaml";
                let passed = others.map(|other| (other.clone(), reason.to_owned())).collect();
                Recognized { passed, ..one(sign, root, vec![label(name, content)], name) }
            };
            chosen.iter().map(made).collect()
        }
    }
}
