//! Pascal VOC: an XML file for each picture, in `Annotations`, in a folder next to the pictures, or next to each of them; here
//! or in the years below `VOCdevkit`.

use std::path::PathBuf;

use rustc_hash::{FxHashMap, FxHashSet};

use super::beside::Beside;
use super::pictures::{Lookup, Pictures, folded};
use super::recognize::Chosen;
use super::texts::DATASET_LIMIT;
use super::walk::{Below, Passed, files_below};
use super::{DatasetPlace, Found, Reading, identity, not_of, title, too_broken};
use app::Failure;
use domain::ProjectKind;
use formats::address::read_name;
use formats::dataset::{Categories, Dataset, DatasetBox, DatasetImage, image_of_file};
use formats::layout::{Role, is_picture, part_of, role_of};
use formats::text;
use formats::voc::dataset::{VocPage, read_label_map, read_page};
use storage::regular::{inside, read_bounded};

/// An XML file or a list of names is never larger.
const TEXT_LIMIT: u64 = 16 << 20;
const PICTURES: &str = "JPEGImages";

/// Reads the dataset.
pub(super) fn find(place: &DatasetPlace, chosen: &Chosen, reading: &Reading<'_>) -> Result<Found, Failure> {
    let of_io = |error| not_of(&place.path, format!("It cannot be read: {error}."));
    let root = chosen.root.join(&chosen.found.root).canonicalize().map_err(of_io)?;
    let (files, passed) = match chosen.found.labels.first() {
        // A single page, with the pictures around it.
        Some(label) if !place.path.is_dir() => {
            let (files, _) = files_below(&root, "")?;
            let pictures = files.into_iter().filter(|name| is_picture(name));
            (pictures.chain([label.name.clone()]).collect(), Vec::new())
        }
        _ => files_below(&root, "")?,
    };
    let given = place.images.as_deref().and_then(|folder| folder.canonicalize().ok());
    let pictures = match &given {
        Some(folder) => files_below(folder, "")?.0,
        None => files.clone(),
    };
    let mut voc = Voc {
        folders: folders_of(&pictures),
        by_stem: by_stem(&pictures),
        pictures: Pictures::given(given.as_deref().unwrap_or(&root)),
        given,
        dataset: Dataset { kind: Some(ProjectKind::Detection), ..Dataset::default() },
        known: Categories::default(),
        with_page: FxHashSet::default(),
        renamed: 0,
        bytes: 0,
        root,
    };
    voc.read((files, passed), reading)?;
    let Voc { root, pictures, mut dataset, .. } = voc;
    let identity = identity(&dataset);
    let beside = Beside::of(&root.join("labelmap.txt"));
    let places = pictures.settle(&mut dataset, &[], &[]);
    Ok(Found { places, looked: pictures.words(), dataset, title: title(&root), identity, beside })
}

/// A dataset that is being read.
struct Voc {
    /// Without links.
    root: PathBuf,
    /// The folder of the pictures where the person names one; without links.
    given: Option<PathBuf>,
    /// The folders that pictures are in, by their names in lower case.
    folders: FxHashMap<String, String>,
    /// The pictures by folder and name without extension, folded.
    by_stem: FxHashMap<String, String>,
    pictures: Pictures,
    dataset: Dataset,
    known: Categories,
    /// Pictures that have a page.
    with_page: FxHashSet<String>,
    /// Pages whose own name was taken rather than that written in them.
    renamed: u64,
    /// Bytes of XML files.
    bytes: u64,
}

impl Voc {
    fn read(&mut self, (files, passed): Below, reading: &Reading<'_>) -> Result<(), Failure> {
        for Passed { name, reason } in passed {
            let is_here = name.to_ascii_lowercase().ends_with(".xml")
                || name.split('/').any(|part| role_of(part) == Some(Role::Labels));
            if is_here {
                self.dataset.report(name, true, reason);
            }
        }
        let mut parts = FxHashMap::default();
        for name in &files {
            let bare = name.rsplit('/').next().unwrap_or_default();
            if bare == "labelmap.txt"
                && let Some(text) = self.text(name)
            {
                for name in read_label_map(&text) {
                    self.known.index(&mut self.dataset.categories, &name);
                }
            }
            if let Some(year) =
                name.strip_suffix("ImageSets/Main/train.txt").or(name.strip_suffix("ImageSets/Main/val.txt"))
            {
                parts.extend(self.parts(year).into_iter().map(|(stem, part)| (format!("{year}{stem}"), part)));
            }
        }
        let pages: Vec<String> = files.into_iter().filter(|name| name.to_ascii_lowercase().ends_with(".xml")).collect();
        let total = pages.len();
        for (done, name) in pages.into_iter().enumerate() {
            if done.is_multiple_of(100) {
                reading.step(done, total)?;
            }
            self.dataset.counts_in.0 += 1;
            let Some(page) = self.page(&name)? else { continue };
            let part = part_in(&parts, &name);
            self.image(&name, page, part);
            self.dataset.go_on().map_err(|reason| too_broken(&self.root, reason))?;
        }
        self.say_what_is_left();
        Ok(())
    }

    fn say_what_is_left(&mut self) {
        if self.renamed > 0 {
            let reason = format!(
                "XML files that name another picture than the one with the XML file's own name, which was used: {}",
                self.renamed
            );
            self.dataset.report("filename", false, reason);
        }
        let used = |name: &String| name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let folders: FxHashSet<String> = self.with_page.iter().map(used).collect();
        let is_left = |name: &&String| folders.contains(&used(name)) && !self.with_page.contains(*name);
        let without = self.by_stem.values().filter(is_left).count();
        if without > 0 {
            let reason = format!("pictures without an XML file, not in the archive: {without}");
            self.dataset.report("pictures", true, reason);
        }
    }

    /// The text of a file, where there is one.
    fn text(&mut self, name: &str) -> Option<String> {
        let bytes = read_bounded(&inside(&self.root, name).ok()?, TEXT_LIMIT).ok()?;
        let text = text::whole(&bytes);
        text.map_err(|error| self.dataset.report(name, true, format!("it cannot be read: {error}"))).ok()
    }

    /// The part of each image of a year, where the lists divide them.
    fn parts(&mut self, year: &str) -> FxHashMap<String, &'static str> {
        let mut parts = FxHashMap::default();
        let lists = ["train", "val", "test"].map(|part| (part, self.text(&format!("{year}ImageSets/Main/{part}.txt"))));
        let lists =
            lists.into_iter().filter_map(|(part, text)| Some((part, text.filter(|text| !text.trim().is_empty())?)));
        let lists: Vec<_> = lists.collect();
        if lists.len() > 1 {
            for (part, text) in &lists {
                parts.extend(text.lines().map(|line| (line.trim().to_owned(), *part)));
            }
        }
        parts
    }

    /// The folders where the picture of a page may be: its own, those of pictures next to that of the labels, the folder
    /// above; and below a folder that the person names.
    fn places(&self, page: &str) -> Vec<String> {
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        let labels = parts.iter().rposition(|part| matches!(role_of(part), Some(Role::Labels)) && !is_year(part));
        let joined = |parts: &[&str]| parts.join("/");
        let below = |at: usize| parts.get(at + 1..).unwrap_or_default();
        if self.given.is_some() {
            let mut places = vec![joined(labels.map_or(&parts[..], below)), joined(&parts), String::new()];
            places.dedup();
            return places;
        }
        let mut places = Vec::new();
        if let Some(at) = labels {
            let above = &parts[..at];
            let named = ["jpegimages", "images", "image", "imgs", "img", "data", "pictures", "photos"];
            let siblings = named.iter().map(|name| joined(&[above, &[*name], below(at)].concat()));
            places.extend(siblings.filter_map(|name| self.folders.get(&name.to_lowercase()).cloned()));
            places.push(joined(&[above, below(at)].concat()));
        }
        places.push(joined(&parts));
        places
    }

    /// Where the picture of a page is. A picture with the page's own name comes first: who renames both forgets the name
    /// inside. Then what that name says, then whatever ends like it.
    fn picture_of(&mut self, name: &str, page: &VocPage) -> Result<String, String> {
        let places = self.places(name);
        let bare = name.rsplit('/').next().unwrap_or_default();
        let stem = bare.rsplit_once('.').map_or(bare, |(stem, _)| stem);
        let join =
            |folder: &String, file: &str| if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
        let own = places.iter().find_map(|folder| self.by_stem.get(&folded(&join(folder, stem))).cloned());
        let written = page.file_name.as_deref().and_then(read_name);
        let root = self.given.as_ref().unwrap_or(&self.root);
        let is_there = |name: &String| root.join(name).is_file();
        let inner = |written: &str| places.iter().map(|folder| join(folder, written)).find(is_there);
        let named = written.as_ref().filter(|written| !written.leads_out).and_then(|written| inner(&written.name));
        if let Some(own) = own {
            let is_other = named.as_ref().is_some_and(|named| folded(stem_of(named)) != folded(stem_of(&own)));
            self.renamed += u64::from(is_other);
            // Two pictures of one stem: the name inside says which.
            return Ok(named.filter(|_| !is_other).unwrap_or(own));
        }
        if let Some(named) = named {
            return Ok(named);
        }
        let by_ending = written.as_ref().map(|written| self.pictures.index().find(&written.name));
        for lookup in by_ending.into_iter().chain([self.pictures.index().find_stem(stem)]) {
            match lookup {
                Lookup::One(path, _) => {
                    if let Some(name) = path.strip_prefix(root).ok().and_then(|name| name.to_str()) {
                        return Ok(name.replace('\\', "/"));
                    }
                }
                Lookup::Several(names) => {
                    return Err(format!("its picture could be {}, so none was used", names.join(" or ")));
                }
                Lookup::None => {}
            }
        }
        match written {
            Some(written) if written.leads_out => {
                let start: String = page.file_name.iter().flat_map(|name| name.chars()).take(120).collect();
                Err(format!(
                    "its picture {start:?} is outside the dataset, and no file in it has a matching path; give the \
                     pictures folder with --images"
                ))
            }
            written => {
                let file = written.map_or_else(|| stem.to_owned(), |written| written.name);
                Ok(join(&places.first().cloned().unwrap_or_else(|| PICTURES.to_owned()), &file))
            }
        }
    }

    /// `None` when the file cannot be used.
    fn page(&mut self, name: &str) -> Result<Option<VocPage>, Failure> {
        let bytes = inside(&self.root, name).and_then(|path| read_bounded(&path, TEXT_LIMIT));
        let page = match bytes {
            Ok(bytes) => {
                self.bytes += bytes.len() as u64;
                if self.bytes > DATASET_LIMIT {
                    let reason = format!("its XML files have more than {} GiB in total", DATASET_LIMIT >> 30);
                    return Err(too_broken(&self.root, reason));
                }
                read_page(bytes.as_slice()).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        match page {
            Ok(page) => Ok(Some(page)),
            Err(reason) => {
                self.dataset.report(name, true, format!("it cannot be read: {reason}"));
                Ok(None)
            }
        }
    }

    fn image(&mut self, name: &str, page: VocPage, part: Option<&str>) {
        let lost = page.problems.iter().filter(|(_, is_left_out, _)| *is_left_out).count();
        self.dataset.counts_in.1 += (page.objects.len() + lost) as u64;
        let picture = match self.picture_of(name, &page) {
            Ok(picture) => picture,
            Err(reason) => return self.dataset.report(name, true, reason),
        };
        self.with_page.insert(picture.clone());
        let VocPage { file_name: _, size, objects, problems } = page;
        for (number, is_left_out, reason) in problems {
            self.dataset.report(format!("{name}: object {number}"), is_left_out, reason);
        }
        let mut image = DatasetImage { size, ..image_of_file(picture) };
        for object in objects {
            let category = self.known.index(&mut self.dataset.categories, &object.name);
            image.boxes.push(DatasetBox { category, bbox: object.bbox, id: None, created: None });
        }
        image.metadata.extend(part.map(|part| ("split".to_owned(), part.to_owned())));
        self.dataset.images.push(image);
    }
}

/// The part of a page: by the lists of its year, else by its folder.
fn part_in(parts: &FxHashMap<String, &'static str>, name: &str) -> Option<&'static str> {
    let (folder, _) = name.rsplit_once('/').unwrap_or(("", name));
    let stem = stem_of(name);
    let labels = stem.split('/').position(|part| role_of(part) == Some(Role::Labels) && !is_year(part));
    let listed = labels.and_then(|at| {
        let all: Vec<&str> = stem.split('/').collect();
        parts.get(&[&all[..at], &all[at + 1..]].concat().join("/")).copied()
    });
    listed.or_else(|| if folder.is_empty() { None } else { part_of(name).1.filter(|_| has_part(folder)) })
}

fn has_part(folder: &str) -> bool {
    folder.split('/').any(|folder| matches!(role_of(folder), Some(Role::Part(_))))
}

/// A folder that holds those of labels and pictures.
fn is_year(folder: &str) -> bool {
    folder.to_ascii_lowercase().starts_with("voc")
}

fn stem_of(name: &str) -> &str {
    let start = name.rfind('/').map_or(0, |at| at + 1);
    name[start..].rfind('.').map_or(name, |at| &name[..start + at])
}

fn by_stem(files: &[String]) -> FxHashMap<String, String> {
    let pictures = files.iter().filter(|name| is_picture(name));
    pictures.map(|name| (folded(stem_of(name)), name.clone())).collect()
}

fn folders_of(files: &[String]) -> FxHashMap<String, String> {
    let folders = files.iter().filter(|name| is_picture(name)).filter_map(|name| Some(name.rsplit_once('/')?.0));
    folders.map(|folder| (folder.to_lowercase(), folder.to_owned())).collect()
}
