//! Pascal VOC: an XML file for each picture, in `Annotations`, in a folder next to the pictures, or next to each of them; here
//! or in the years below `VOCdevkit`.

mod lists;

use std::path::PathBuf;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::manifest::Beside;
use super::pictures::{Lookup, Pictures, folded};
use super::recognize::Chosen;
use super::walk::{Below, DATASET_LIMIT, Passed, files_below};
use super::{DatasetPlace, Found, Reading, identity, not_of, title, too_broken};
use crate::parallel;
use app::Failure;
use domain::ProjectKind;
use formats::Quoted;
use formats::address::read_name;
use formats::dataset::{Categories, Dataset, DatasetBox, DatasetImage, image_of_file};
use formats::layout::{Role, is_picture, part_of, role_of};
use formats::text;
use formats::voc::dataset::{VocPage, read_label_map, read_page};
use lists::Lists;
use storage::regular::{inside, read_bounded};

/// An XML file or a list of names is never larger.
const TEXT_LIMIT: u64 = 16 << 20;
const PICTURES: &str = "JPEGImages";
/// XML files that are parsed at a time, and about how many bytes of them.
const BATCH_PAGES: usize = 256;
const BATCH_BYTES: usize = 1 << 20;

/// XML files by name, each with its bytes, or with the reason in words why there are none.
type Batch = Vec<(String, Result<Vec<u8>, String>)>;

pub(super) fn find(place: &DatasetPlace, chosen: &Chosen, reading: &Reading<'_>) -> Result<Found, Failure> {
    let of_io = |error| not_of(&place.path, format!("It cannot be read: {error}."));
    let root = storage::resolve(chosen.root.join(&chosen.found.root)).map_err(of_io)?;
    let (files, passed) = match place.path.is_dir() {
        // Some pages only, with the pictures around them.
        false => {
            let (files, _) = files_below(&root, "")?;
            let pictures = files.into_iter().filter(|name| is_picture(name));
            let pages = chosen.found.labels.iter().map(|label| label.name.clone());
            (pictures.chain(pages).collect(), Vec::new())
        }
        true => files_below(&root, "")?,
    };
    let given = place.images.as_deref().and_then(|folder| storage::resolve(folder).ok());
    let pictures = match &given {
        Some(folder) => files_below(folder, "")?.0,
        None => files.clone(),
    };
    // An export of ours whose images were all left out has these.
    let has_lists = files.iter().any(|name| name == "labelmap.txt" || name.contains("ImageSets/"));
    let mut voc = Voc {
        folders: folders_of(&pictures),
        by_stem: by_stem(&pictures),
        pictures: Pictures::given(given.as_deref().unwrap_or(&root)),
        given,
        dataset: Dataset { kind: Some(ProjectKind::Detection), ..Dataset::default() },
        known: Categories::default(),
        with_page: FxHashSet::default(),
        paged: FxHashSet::default(),
        lists: Lists::default(),
        places: (String::new(), Vec::new()),
        pages: 0,
        others: Vec::new(),
        renamed: 0,
        bytes: 0,
        root,
    };
    voc.read((files, passed), reading)?;
    let Voc { root, pictures, mut dataset, others, pages, .. } = voc;
    if pages == 0 && !has_lists && dataset.images.is_empty() && dataset.problems.is_empty() {
        let reason = match others.first() {
            Some(name) => format!("None of its XML files is one of Pascal VOC; the first is {name}."),
            None => "It has no XML files with boxes and no lists of images in ImageSets/Main. Masks are not read."
                .to_owned(),
        };
        return Err(not_of(&place.path, reason));
    }
    let identity = identity(&dataset);
    let beside = Beside::for_file(&root.join("labelmap.txt"));
    let places = pictures.find_all(&mut dataset, &[], &[]);
    Ok(Found { places, looked: pictures.words(), dataset, title: title(&root), identity, beside })
}

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
    /// Images that have a page, as the lists call them.
    paged: FxHashSet<String>,
    /// What the lists of images say.
    lists: Lists,
    /// Where the pictures of the pages in a folder may be, for the folder that was asked for last.
    places: (String, Vec<String>),
    /// XML files that are pages.
    pages: u64,
    /// XML files that are none.
    others: Vec<String>,
    /// Pages whose own name was taken rather than that written in them.
    renamed: u64,
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
        for name in &files {
            let bare = name.rsplit('/').next().unwrap_or_default();
            if bare == "labelmap.txt"
                && let Some(text) = self.text(name)
            {
                for name in read_label_map(&text) {
                    self.known.index(&mut self.dataset.categories, &name);
                }
            }
            if let Some((year, list)) = Lists::place(name)
                && let Some(text) = self.text(name)
            {
                self.lists.add(year, list, &text);
            }
        }
        let pages: Vec<String> = files.into_iter().filter(|name| name.to_ascii_lowercase().ends_with(".xml")).collect();
        let total = pages.len();
        let (mut batch, mut size) = (Batch::new(), 0);
        for (done, name) in pages.into_iter().enumerate() {
            if done.is_multiple_of(100) {
                reading.step(done, total)?;
            }
            let bytes = self.bytes_of(&name)?;
            size += bytes.as_ref().map_or(0, Vec::len);
            batch.push((name, bytes));
            if batch.len() == BATCH_PAGES || size >= BATCH_BYTES {
                self.take(std::mem::take(&mut batch))?;
                size = 0;
            }
        }
        self.take(batch)?;
        self.listed();
        self.say_what_is_left();
        Ok(())
    }

    /// Images that the lists name and that have no page: there is no object on them. Where no image has a page, the lists
    /// of the classes say what each of them shows.
    fn listed(&mut self) {
        let mut missing = 0;
        for (year, stem) in std::mem::take(&mut self.lists.images) {
            let folders = [format!("{year}{PICTURES}"), format!("{year}images"), year.trim_end_matches('/').to_owned()];
            let below = |folder: &String| if folder.is_empty() { stem.clone() } else { format!("{folder}/{stem}") };
            let found = folders.iter().find_map(|folder| self.by_stem.get(&folded(&below(folder))).cloned());
            let Some(picture) = found else {
                missing += u64::from(!self.paged.contains(&format!("{year}{stem}")));
                continue;
            };
            if !self.with_page.insert(picture.clone()) {
                continue;
            }
            self.dataset.counts_in.0 += 1;
            let name = format!("{year}{stem}");
            let mut image = image_of_file(picture);
            image.metadata.extend(self.lists.part(&name).map(|part| ("split".to_owned(), part.to_owned())));
            if self.pages == 0 {
                image.tags = self.lists.classes(&name).to_vec();
                image.tags.iter().for_each(|tag| {
                    self.known.index(&mut self.dataset.categories, tag);
                });
            }
            self.dataset.images.push(image);
        }
        if missing > 0 {
            let reason = format!("images in the lists that have neither an XML file nor a picture: {missing}");
            self.dataset.report("ImageSets", true, reason);
        }
        if self.pages == 0 && self.dataset.images.iter().any(|image| !image.tags.is_empty()) {
            self.dataset.kind = None;
        }
    }

    fn say_what_is_left(&mut self) {
        if let Some(first) = self.others.first().filter(|_| self.pages > 0) {
            let reason =
                format!("XML files that are not label files of Pascal VOC: {} (such as {first})", self.others.len());
            self.dataset.report("XML", false, reason);
        }
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

    fn text(&mut self, name: &str) -> Option<String> {
        let bytes = read_bounded(&inside(&self.root, name).ok()?, TEXT_LIMIT).ok()?;
        let text = text::whole(&bytes);
        text.map_err(|error| self.dataset.report(name, true, format!("it cannot be read: {error}"))).ok()
    }

    /// The folders where the picture of a page may be: its own, those of pictures next to that of the labels, the folder
    /// above; and below a folder that the person names.
    fn places_of(&self, folder: &str) -> Vec<String> {
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
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        if self.places.1.is_empty() || self.places.0 != folder {
            self.places = (folder.to_owned(), self.places_of(folder));
        }
        let places = &self.places.1;
        let bare = name.rsplit('/').next().unwrap_or_default();
        let stem = bare.rsplit_once('.').map_or(bare, |(stem, _)| stem);
        let join =
            |folder: &String, file: &str| if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
        let own = places.iter().find_map(|folder| self.by_stem.get(&folded(&join(folder, stem))).cloned());
        if let Some(own) = own.as_ref().filter(|own| own.rsplit('/').next() == page.file_name.as_deref()) {
            return Ok(own.clone());
        }
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
                let name = Quoted(page.file_name.as_deref().unwrap_or_default());
                Err(format!(
                    "its picture {name:.120} is outside the dataset, and no file in it has a matching path; give the \
                     pictures folder with --images"
                ))
            }
            written => {
                let file = written.map_or_else(|| stem.to_owned(), |written| written.name);
                Ok(join(&places.first().cloned().unwrap_or_else(|| PICTURES.to_owned()), &file))
            }
        }
    }

    /// The bytes of an XML file; the reason in words when there are none.
    fn bytes_of(&mut self, name: &str) -> Result<Result<Vec<u8>, String>, Failure> {
        let bytes = inside(&self.root, name).and_then(|path| read_bounded(&path, TEXT_LIMIT));
        self.bytes += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        if self.bytes > DATASET_LIMIT {
            let reason = format!("its XML files have more than {} GiB in total", DATASET_LIMIT >> 30);
            return Err(too_broken(&self.root, reason));
        }
        Ok(bytes.map_err(|error| error.to_string()))
    }

    /// Takes XML files: they are parsed on several threads, and come into the dataset in their order.
    fn take(&mut self, batch: Batch) -> Result<(), Failure> {
        let pages: Vec<OnceLock<Result<Option<VocPage>, String>>> = batch.iter().map(|_| OnceLock::new()).collect();
        let parse = |at: usize| {
            if let (Some(page), Some((_, bytes))) = (pages.get(at), batch.get(at)) {
                let parsed = |bytes: &Vec<u8>| read_page(bytes).map_err(|error| error.to_string());
                page.get_or_init(|| bytes.as_ref().map_err(Clone::clone).and_then(parsed));
            }
            Ok::<(), Failure>(())
        };
        parallel::each(batch.len(), parse, || Ok(()))?;
        for ((name, _), page) in batch.into_iter().zip(pages.into_iter().filter_map(OnceLock::into_inner)) {
            match page {
                Ok(Some(page)) => {
                    self.pages += 1;
                    self.image(&name, page);
                }
                Ok(None) => self.others.push(name),
                Err(reason) => {
                    self.dataset.counts_in.0 += 1;
                    self.pages += 1;
                    self.dataset.report(name, true, format!("it cannot be read: {reason}"));
                }
            }
            self.dataset.resume().map_err(|reason| too_broken(&self.root, reason))?;
        }
        Ok(())
    }

    fn image(&mut self, name: &str, page: VocPage) {
        self.dataset.counts_in.0 += 1;
        let listed = name_in_lists(name);
        let part = listed.as_ref().and_then(|listed| self.lists.part(listed)).or_else(|| part_of_folder(name));
        self.paged.extend(listed);
        let lost = page.problems.iter().filter(|(_, is_left_out, _)| *is_left_out).count();
        self.dataset.counts_in.1 += (page.objects.len() + lost) as u64;
        let picture = match self.picture_of(name, &page) {
            Ok(picture) => picture,
            Err(reason) => return self.dataset.report(name, true, reason),
        };
        self.with_page.insert(picture.clone());
        let VocPage { file_name: _, size, objects, problems, unread } = page;
        for (place, reason) in unread {
            self.dataset.report(format!("{name}: {place}"), true, reason);
        }
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

/// What the lists call the image of a page: the folder of its year, and its name.
fn name_in_lists(page: &str) -> Option<String> {
    let parts: Vec<&str> = stem_of(page).split('/').collect();
    let labels = parts.iter().position(|part| role_of(part) == Some(Role::Labels) && !is_year(part))?;
    Some([&parts[..labels], &parts[labels + 1..]].concat().join("/"))
}

/// The part that the folder of a page says.
fn part_of_folder(page: &str) -> Option<&'static str> {
    let (folder, _) = page.rsplit_once('/')?;
    part_of(page).1.filter(|_| has_part(folder))
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
