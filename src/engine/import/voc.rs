//! Pascal VOC: the XML files of `Annotations` and the pictures of `JPEGImages`, here or in the years below `VOCdevkit`.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::beside::Beside;
use super::locate::{DATASET_LIMIT, Roots};
use super::walk::{files_below, folders_in};
use super::{DatasetPlace, Found, Reading, identity, not_of, title, too_broken};
use crate::app::Failure;
use crate::domain::ProjectKind;
use crate::formats::dataset::{Categories, Dataset, DatasetBox, DatasetImage, image_of_file, relative_name};
use crate::formats::voc::dataset::{VocPage, read_label_map, read_page};
use crate::storage::regular::{inside, read_bounded};

/// An XML file or a list of names is never larger.
const TEXT_LIMIT: u64 = 16 << 20;
const PAGES: &str = "Annotations";
const PICTURES: &str = "JPEGImages";

/// Reads the dataset.
pub(super) fn find(place: &DatasetPlace, reading: &Reading<'_>) -> Result<Found, Failure> {
    let of_io = |error| not_of(&place.path, format!("It cannot be read: {error}."));
    let root = place.path.canonicalize().map_err(of_io)?;
    let years = years(&root);
    if years.is_empty() {
        return Err(not_of(&place.path, "It has no folder Annotations, itself or in a year of VOCdevkit."));
    }
    let mut voc = Voc {
        pictures: place.images.as_deref().and_then(|folder| folder.canonicalize().ok()),
        dataset: Dataset { kind: Some(ProjectKind::Detection), ..Dataset::default() },
        known: Categories::default(),
        bytes: 0,
        root,
    };
    for year in years {
        voc.year(&year, reading)?;
    }
    let Voc { root, pictures, dataset, .. } = voc;
    let identity = identity(&dataset);
    let beside = Beside::of(&root.join("labelmap.txt"));
    Ok(Found {
        dataset,
        roots: Roots::given(pictures.as_deref().unwrap_or(&root)),
        title: title(&root),
        identity,
        beside,
    })
}

/// The folders with `Annotations` in them, relative to `root`; the root itself is the empty name.
pub(super) fn years(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    // A dataset without images has lists and labels, and is one all the same.
    let is_empty = || root.join("ImageSets").is_dir() && root.join("labelmap.txt").is_file();
    if root.join(PAGES).is_dir() || is_empty() {
        found.push(String::new());
    }
    for below in ["", "VOCdevkit"] {
        for year in folders_in(&root.join(below)).into_iter().filter(|year| year.starts_with("VOC")) {
            let name = if below.is_empty() { year } else { format!("{below}/{year}") };
            if root.join(&name).join(PAGES).is_dir() {
                found.push(name);
            }
        }
    }
    found
}

/// A dataset that is being read.
struct Voc {
    /// Without links.
    root: PathBuf,
    /// The folder of the pictures where the person names one; without links.
    pictures: Option<PathBuf>,
    dataset: Dataset,
    known: Categories,
    /// Bytes of XML files.
    bytes: u64,
}

impl Voc {
    fn year(&mut self, year: &str, reading: &Reading<'_>) -> Result<(), Failure> {
        let below = |name: &str| if year.is_empty() { name.to_owned() } else { format!("{year}/{name}") };
        if let Some(text) = self.text(&below("labelmap.txt")) {
            for name in read_label_map(&text) {
                self.known.index(&mut self.dataset.categories, &name);
            }
        }
        let parts = self.parts(&below("ImageSets/Main"));
        let mut pages = match self.root.join(below(PAGES)).is_dir() {
            true => files_below(&self.root, &below(PAGES))?.0,
            false => Vec::new(),
        };
        pages.retain(|name| name.to_ascii_lowercase().ends_with(".xml"));
        let by_stem = self.by_stem(&below(PICTURES))?;
        let total = pages.len();
        let mut with_page = FxHashSet::default();
        for (done, name) in pages.into_iter().enumerate() {
            if done.is_multiple_of(100) {
                reading.step(done, total)?;
            }
            self.dataset.counts_in.0 += 1;
            let Some(page) = self.page(&name)? else { continue };
            let stem = name.strip_prefix(&below(PAGES)).unwrap_or(&name).trim_start_matches('/');
            let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
            let Some(picture) = self.picture_of(&page, stem, &below(PICTURES), &by_stem) else {
                let start: String = page.file_name.unwrap_or_default().chars().take(120).collect();
                self.dataset.report(name, true, format!("its picture {start:?} leads out of the dataset"));
                continue;
            };
            with_page.insert(picture.clone());
            self.image(&name, picture, page, parts.get(stem).copied());
            self.dataset.go_on().map_err(|reason| too_broken(&self.root, reason))?;
        }
        let without = by_stem.values().filter(|name| !with_page.contains(*name)).count();
        if without > 0 {
            let reason = format!("pictures without an XML file, which are not in the archive: {without}");
            self.dataset.report(below(PICTURES), true, reason);
        }
        Ok(())
    }

    fn text(&self, name: &str) -> Option<String> {
        let bytes = read_bounded(&inside(&self.root, name).ok()?, TEXT_LIMIT).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The part of each image, where the lists divide them.
    fn parts(&self, folder: &str) -> FxHashMap<String, &'static str> {
        let mut parts = FxHashMap::default();
        let lists = ["train", "val", "test"].map(|part| (part, self.text(&format!("{folder}/{part}.txt"))));
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

    /// The pictures by their names without extension, relative to where they are looked for.
    fn by_stem(&self, folder: &str) -> Result<FxHashMap<String, String>, Failure> {
        let (root, folder) = match &self.pictures {
            Some(given) => (given.as_path(), ""),
            None => (self.root.as_path(), folder),
        };
        if !root.join(folder).is_dir() {
            return Ok(FxHashMap::default());
        }
        let (files, _) = files_below(root, folder)?;
        let stem = |name: &String| {
            let name = name.strip_prefix(folder).unwrap_or(name).trim_start_matches('/');
            name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
        };
        Ok(files.into_iter().map(|name| (stem(&name), name)).collect())
    }

    /// Where the picture of a page is: as its name says, else under the name of the XML file. `None` when it leads out.
    fn picture_of(
        &self,
        page: &VocPage,
        stem: &str,
        folder: &str,
        by_stem: &FxHashMap<String, String>,
    ) -> Option<String> {
        let named = match &page.file_name {
            Some(name) => relative_name(name)?,
            None => stem.to_owned(),
        };
        let (root, place) = match &self.pictures {
            Some(given) => (given, named),
            None => (&self.root, format!("{folder}/{named}")),
        };
        if root.join(&place).is_file() {
            return Some(place);
        }
        Some(by_stem.get(stem).cloned().unwrap_or(place))
    }

    /// `None` when the file cannot be used.
    fn page(&mut self, name: &str) -> Result<Option<VocPage>, Failure> {
        let bytes = inside(&self.root, name).and_then(|path| read_bounded(&path, TEXT_LIMIT));
        let page = match bytes {
            Ok(bytes) => {
                self.bytes += bytes.len() as u64;
                if self.bytes > DATASET_LIMIT {
                    let reason = format!("its XML files are larger than {} GiB together", DATASET_LIMIT >> 30);
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

    fn image(&mut self, name: &str, picture: String, page: VocPage, part: Option<&str>) {
        let VocPage { file_name: _, size, objects, problems } = page;
        self.dataset.counts_in.1 += (objects.len() + problems.len()) as u64;
        for (number, reason) in problems {
            self.dataset.report(format!("{name}: object {number}"), true, reason);
        }
        let mut image = DatasetImage { size, ..image_of_file(picture) };
        for object in objects {
            let category = self.known.index(&mut self.dataset.categories, &object.name);
            image.boxes.push(DatasetBox { category, bbox: object.bbox, id: None });
        }
        image.metadata.extend(part.map(|part| ("split".to_owned(), part.to_owned())));
        self.dataset.images.push(image);
    }
}
