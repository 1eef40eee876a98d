//! Finds the picture of each image of a dataset.
//!
//! A name is looked up in the dataset's own folders first, as it is written. What is not there is looked up by its longest
//! ending among all files below the dataset (or below `--images`), whatever the case of its letters, their Unicode form,
//! percent signs, or the digits that Label Studio puts before an upload's name. Where two files fit, neither is used.

mod index;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::walk::open_text;
use index::How;
use index::Index;
pub(super) use index::{Lookup, folded, without_hash};

use formats::Quoted;
use formats::address::relative_name;
use formats::dataset::{Dataset, DatasetImage, Elsewhere, Packed};
use formats::{labelme, parquet};
use storage::StorageError;
use storage::regular::{self, inside, open_regular, read_bounded};

/// No picture of a dataset is larger.
const PICTURE_LIMIT: u64 = 1 << 30;
const NO_PICTURE: &str = "its row has no picture";
/// Folders that a message names.
const MOST_NAMED: usize = 6;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A file, with all links resolved.
    File(PathBuf),
    /// Something is there that cannot be used; the reason in words.
    Refused(String),
    Packed(PathBuf, Packed),
    /// In a row of a table, or in the file that the row names.
    Row {
        table: PathBuf,
        /// Counted from 0.
        row: u64,
        beside: Option<PathBuf>,
    },
    Missing,
}

impl Place {
    /// The picture's bytes; the reason in words when there are none. `tables` is what is open of tables.
    pub(super) fn read(&self, tables: &mut OpenTable) -> Result<Vec<u8>, String> {
        match self {
            Self::File(path) => read_bounded(path, PICTURE_LIMIT).map_err(|error| words(&error)),
            Self::Row { table, row, beside } => match (tables.read(table, *row)?, beside) {
                (Some(picture), _) => Ok(picture),
                (None, Some(path)) => read_bounded(path, PICTURE_LIMIT).map_err(|error| words(&error)),
                (None, None) => Err(NO_PICTURE.to_owned()),
            },
            Self::Refused(reason) => Err(reason.clone()),
            Self::Packed(_, Packed::Row(_)) | Self::Missing => Err("the picture is missing".to_owned()),
            Self::Packed(file, Packed::Text) => {
                let input = open_text(file).map_err(|error| format!("the label file cannot be read: {error}"))?;
                labelme::dataset::read_picture(input)
            }
            Self::Packed(file, Packed::Slice { start, bytes }) => {
                read_slice(file, *start, *bytes).map_err(|error| format!("the picture cannot be read: {error}"))
            }
        }
    }
}

/// Bytes of a file; the file was long enough when it was listed.
fn read_slice(file: &Path, start: u64, bytes: u64) -> io::Result<Vec<u8>> {
    let mut input = open_regular(file)?;
    input.seek(SeekFrom::Start(start))?;
    let mut slice = Vec::new();
    input.take(bytes.min(PICTURE_LIMIT)).read_to_end(&mut slice)?;
    if slice.len() as u64 == bytes { Ok(slice) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// The table whose pictures are read, one row behind the other.
#[derive(Default)]
pub(super) struct OpenTable(Option<(PathBuf, parquet::dataset::Pictures)>);

impl OpenTable {
    fn read(&mut self, file: &Path, row: u64) -> Result<Option<Vec<u8>>, String> {
        let failed = |error: &dyn std::fmt::Display| format!("the picture cannot be read: {error}");
        if self.0.as_ref().is_none_or(|(open, _)| open != file) {
            let input = open_regular(file).map_err(|error| failed(&error))?;
            let pictures =
                pixels::caught(|| parquet::dataset::Pictures::open(input)).map_err(|error| failed(&error))?;
            self.0 = Some((file.to_path_buf(), pictures.map_err(|error| failed(&error))?));
        }
        let Some((_, pictures)) = &mut self.0 else { return Ok(None) };
        match pixels::caught(|| pictures.read(row)) {
            Ok(Ok(picture)) => Ok(picture),
            Ok(Err(error)) => Err(failed(&error)),
            Err(reason) => {
                self.0 = None;
                Err(failed(&reason))
            }
        }
    }
}

/// Without the path, which the reader of a report has no use for.
fn words(error: &StorageError) -> String {
    match error {
        StorageError::Broken { reason, .. } => format!("the picture cannot be used: {reason}"),
        StorageError::Files { source, .. } => format!("the picture cannot be read: {source}"),
        other => other.to_string(),
    }
}

pub(super) struct Pictures {
    /// For each label file: names are relative to these, in this order; without links in their own paths.
    sets: Vec<Vec<PathBuf>>,
    /// Everything below these may be found by the end of its name.
    roots: Vec<PathBuf>,
    index: OnceCell<Index>,
}

impl Pictures {
    /// A folder that the person has named: links in its own path are theirs.
    pub(super) fn given(folder: &Path) -> Self {
        let folders: Vec<PathBuf> = storage::resolve(folder).into_iter().collect();
        Self { sets: vec![folders.clone()], roots: folders, index: OnceCell::new() }
    }

    /// The folders of a dataset's label files (a folder and a name in it; an empty name is the folder itself), but for
    /// those that are links to elsewhere: the author of the dataset chose where they lead.
    pub(super) fn from_sets(roots: &[PathBuf], sets: Vec<Vec<(PathBuf, String)>>) -> Self {
        let sets = sets.into_iter().map(|places| {
            let mut bases: Vec<PathBuf> = Vec::new();
            for (above, name) in places {
                let Ok(above) = storage::resolve(above) else { continue };
                let Ok(place) = storage::resolve(above.join(name)) else { continue };
                if place.starts_with(&above) && place.is_dir() && !bases.contains(&place) {
                    bases.push(place);
                }
            }
            bases
        });
        let roots = roots.iter().filter_map(|root| storage::resolve(root).ok()).collect();
        Self { sets: sets.collect(), roots, index: OnceCell::new() }
    }

    /// The folders that are looked into, for a message.
    pub(super) fn words(&self) -> String {
        let folders = self.sets.iter().flatten().chain(&self.roots);
        let mut names: Vec<String> = folders.map(|base| base.display().to_string()).collect();
        names.sort();
        names.dedup();
        let more = names.len().saturating_sub(MOST_NAMED);
        names.truncate(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more folders") } else { String::new() };
        format!("{}{more}", names.join(", "))
    }

    /// Where a label file's pictures are looked for. With a folder that the person named there is one set for all.
    fn bases(&self, set: usize) -> &[PathBuf] {
        self.sets.get(set).or(self.sets.first()).map(Vec::as_slice).unwrap_or_default()
    }

    /// The file of a name as it is written, or percent-decoded, in one of the folders.
    pub(super) fn exact(&self, name: &str) -> Place {
        self.exact_in(0, name)
    }

    fn exact_in(&self, set: usize, name: &str) -> Place {
        let mut found = Place::Missing;
        // A name with %20 is first of all a name with %20. Decoded it must still stay inside.
        let decoded = index::decoded(name).filter(|decoded| regular::is_plain_path(decoded));
        for name in std::iter::once(name).chain(decoded.as_deref()) {
            for base in self.bases(set) {
                match inside(base, name) {
                    Ok(path) if path.is_dir() => {}
                    Ok(path) => return Place::File(path),
                    Err(StorageError::Broken { .. }) => {
                        let words = "the picture is a link to a place outside the folder; give the folder it points \
                                     to with --images";
                        found = Place::Refused(words.to_owned());
                    }
                    Err(_) => {}
                }
            }
        }
        found
    }

    /// All files that may be looked up by the end of their names. Walks the folders at the first call.
    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::from_roots(&self.roots))
    }

    /// Finds the picture of each image, the files of whose part are looked for in the set of that number. Images whose
    /// names lead out of the dataset and have no picture inside are taken out of it; what was found in another way than by
    /// its name is reported. At last each name gets what is before those of its part.
    pub(super) fn find_all(&self, dataset: &mut Dataset, set_of: &[usize], prefixes: &[String]) -> Vec<Place> {
        self.find_all_with(dataset, set_of, prefixes, |_| None)
    }

    /// The same where `label_file` says in which label file an image is, for pictures that are in those.
    pub(super) fn find_all_with(
        &self,
        dataset: &mut Dataset,
        set_of: &[usize],
        prefixes: &[String],
        label_file: impl Fn(usize) -> Option<PathBuf>,
    ) -> Vec<Place> {
        let mut search = Search { sets: set_of.to_vec(), ..Search::default() };
        search.sets.resize(dataset.images.len(), 0);
        for (at, image) in dataset.images.iter_mut().enumerate() {
            let leads_out = image.elsewhere.as_ref().is_some_and(|elsewhere| elsewhere.leads_out);
            let place = match image.packed.filter(|packed| *packed != Packed::Text) {
                Some(Packed::Row(row)) => label_file(at).map_or(Place::Missing, |table| {
                    let named = (!leads_out).then(|| self.exact_in(search.sets[at], &image.file_name));
                    let beside = match named {
                        Some(Place::File(path)) => Some(path),
                        _ => None,
                    };
                    Place::Row { table, row, beside }
                }),
                Some(packed) => label_file(at).map_or(Place::Missing, |file| Place::Packed(file, packed)),
                None if leads_out => Place::Missing,
                None => self.exact_of_part(search.sets[at], image),
            };
            search.places.push(place);
        }
        self.guess(dataset, &mut search);
        search.apply_guesses(dataset, &self.roots);
        for (at, place) in search.places.iter_mut().enumerate() {
            if let Some(packed) = dataset.images[at].packed.filter(|_| *place == Place::Missing) {
                *place = label_file(at).map_or(Place::Missing, |file| Place::Packed(file, packed));
            }
        }
        search.leave_out(dataset, self, prefixes)
    }

    /// The picture of an image as it is written: in the folder of its part first, where there is one of that name.
    fn exact_of_part(&self, set: usize, image: &mut DatasetImage) -> Place {
        let part = image.metadata.iter().find(|(key, _)| key == "split").map(|(_, part)| part.as_str());
        if let Some(name) = part.and_then(|part| relative_name(&format!("{part}/{}", image.file_name))) {
            let place = self.exact_in(set, &name);
            if matches!(place, Place::File(_)) {
                image.file_name = name;
                return place;
            }
        }
        self.exact_in(set, &image.file_name)
    }

    /// Looks up by the end of its name what is missing.
    fn guess(&self, dataset: &Dataset, search: &mut Search) {
        let missing: Vec<usize> = (0..search.places.len()).filter(|&at| search.places[at] == Place::Missing).collect();
        for at in missing {
            match self.index().find(&dataset.images[at].file_name) {
                Lookup::One(path, how) => search.guesses.push((at, path, how)),
                Lookup::Several(names) => search.unclear.push((at, names)),
                Lookup::None => {}
            }
        }
        search.find_owners();
    }

    /// What a found file is called in the archive: relative to the innermost folder that it is in.
    fn name_of(&self, path: &Path) -> Option<String> {
        let below = self.sets.iter().flatten().chain(&self.roots).filter_map(|base| path.strip_prefix(base).ok());
        let shortest = below.min_by_key(|name| name.as_os_str().len())?;
        Some(shortest.to_str()?.replace('\\', "/"))
    }
}

#[derive(Default)]
struct Search {
    /// The set of each image.
    sets: Vec<usize>,
    places: Vec<Place>,
    /// The images that a file could be the picture of.
    owners: HashMap<PathBuf, Vec<usize>>,
    guesses: Vec<(usize, PathBuf, How)>,
    /// Images with more than one possible picture.
    unclear: Vec<(usize, Vec<String>)>,
    /// Names of guessed pictures.
    names: Vec<(usize, PathBuf)>,
}

impl Search {
    /// Notes which images each file could be the picture of. Only guesses need it.
    fn find_owners(&mut self) {
        if self.guesses.is_empty() {
            return;
        }
        for (at, place) in self.places.iter().enumerate() {
            if let Place::File(path) = place {
                self.owners.entry(path.clone()).or_default().push(at);
            }
        }
        for (at, path, _) in &self.guesses {
            self.owners.entry(path.clone()).or_default().push(*at);
        }
    }

    /// Puts the guesses that are clear in their places and reports the others. Names are shown as they are below `roots`.
    fn apply_guesses(&mut self, dataset: &mut Dataset, roots: &[PathBuf]) {
        let mut told: HashMap<How, (u64, String)> = HashMap::new();
        for (at, path, how) in std::mem::take(&mut self.guesses) {
            let written = written(&dataset.images[at]).to_owned();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // The same name twice means the same picture twice; different names cannot both mean this one.
            let owners = self.owners.get(&path).map(Vec::as_slice).unwrap_or_default();
            let named = |at: usize| (self.sets[at], &dataset.images[at].file_name);
            let is_shared = owners.iter().any(|&other| named(other) != named(at));
            if is_shared {
                let name = Quoted(&name);
                let reason = format!(
                    "the picture {name} could belong to several images; with --images, give a folder where they are separate"
                );
                dataset.report(written, false, reason);
                continue;
            }
            if how.is_told(dataset.images[at].elsewhere.as_ref()) {
                let below = roots.iter().find_map(|root| path.strip_prefix(root).ok()).unwrap_or(&path);
                let found = below.to_string_lossy().replace('\\', "/");
                told.entry(how).or_insert_with(|| (0, format!("{} is {}", Quoted(&written), Quoted(&found)))).0 += 1;
            }
            self.places[at] = Place::File(path.clone());
            self.names.push((at, path));
        }
        for (at, names) in std::mem::take(&mut self.unclear) {
            let reason = format!(
                "its picture could be {}, so none was used; give the folder of the right one with --images",
                names.join(" or ")
            );
            dataset.report(written(&dataset.images[at]).to_owned(), false, reason);
        }
        let mut told: Vec<_> = told.into_iter().collect();
        told.sort();
        for (how, (count, example)) in told {
            dataset.report("pictures", false, format!("{}: {count} (such as {example})", how.words()));
        }
    }

    /// Takes out the images that lead out of the dataset, and gives guessed pictures their names.
    fn leave_out(mut self, dataset: &mut Dataset, pictures: &Pictures, prefixes: &[String]) -> Vec<Place> {
        for (at, path) in std::mem::take(&mut self.names) {
            if let Some(name) = pictures.name_of(&path) {
                dataset.images[at].file_name = name;
            }
        }
        for (image, prefix) in dataset.images.iter_mut().zip(prefixes).filter(|(_, prefix)| !prefix.is_empty()) {
            let is_there = image.file_name.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.starts_with('/'));
            if !is_there {
                image.file_name = format!("{prefix}/{}", image.file_name);
            }
        }
        let images = std::mem::take(&mut dataset.images);
        let mut places = Vec::with_capacity(images.len());
        for (image, place) in images.into_iter().zip(self.places) {
            match &image.elsewhere {
                _ if image.needs_picture && place == Place::Missing => {
                    let (images, boxes) = dataset.counts_in;
                    dataset.counts_in = (images.saturating_sub(1), boxes.saturating_sub(image.boxes.len() as u64));
                }
                Some(Elsewhere { written, place: at, leads_out: true }) if place == Place::Missing => {
                    let written = Quoted(written);
                    let reason = format!(
                        "the name {written} points outside the dataset, and no file in it has a matching path; give the \
                         pictures folder with --images"
                    );
                    dataset.report(at.clone(), true, reason);
                }
                _ => {
                    dataset.images.push(image);
                    places.push(place);
                }
            }
        }
        places
    }
}

/// The name of an image's picture as the dataset writes it.
fn written(image: &DatasetImage) -> &str {
    image.elsewhere.as_ref().map_or(&image.file_name, |elsewhere| &elsewhere.written)
}
