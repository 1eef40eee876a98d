//! Which kind of thing a path is, and where a dataset has its pictures.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::app::{Failure, FailureKind};
use crate::formats::bounded::Bounded;
use crate::storage::archive::MANIFEST_FILE;
use crate::storage::regular::{inside, open_regular, read_bounded};
use crate::storage::{StorageError, staging};

/// No picture of a dataset is larger.
const PICTURE_LIMIT: u64 = 1 << 30;
/// No COCO file is larger; the largest that are published have about 3 GB.
const DATASET_LIMIT: u64 = 4 << 30;

/// What can be opened at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenKind {
    /// An archive: open it as it is.
    Archive(PathBuf),
    /// A COCO file: import it first.
    Coco(PathBuf),
}

/// Tells what stands at a path: an archive, a COCO file, or a folder that holds one (itself or in `annotations`).
///
/// # Errors
/// When it is none of these, or the folder holds several COCO files.
pub fn open_folder(path: &Path) -> Result<OpenKind, Failure> {
    let neither = |reason: &str| {
        let path = path.display().to_string();
        Failure::bare(FailureKind::NotAnArchive { path, reason: reason.to_owned() })
    };
    if path.is_file() {
        if path.file_name().is_some_and(|name| name == MANIFEST_FILE)
            && let Some(folder) = path.parent()
            && is_archive(folder)
        {
            return Ok(OpenKind::Archive(folder.to_path_buf()));
        }
        return match is_coco(path) {
            true => Ok(OpenKind::Coco(path.to_path_buf())),
            false => Err(neither("It is a file, but not a COCO file.")),
        };
    }
    if !path.is_dir() {
        return Err(Failure::bare(FailureKind::NotFound { what: format!("folder {}", path.display()) }));
    }
    if is_archive(path) {
        return Ok(OpenKind::Archive(path.to_path_buf()));
    }
    let mut found: Vec<_> = [path.to_path_buf(), path.join("annotations")]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten())
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")))
        .filter(|file| file.is_file() && is_coco(file))
        .collect();
    found.sort();
    match found.len() {
        0 => Err(neither("It has no manifest.json of an archive and no COCO file.")),
        1 => Ok(OpenKind::Coco(found.remove(0))),
        _ => {
            let names: Vec<_> = found.iter().filter_map(|file| Some(file.file_name()?.to_string_lossy())).collect();
            Err(neither(&format!("It holds several COCO files: {}.", names.join(", "))))
        }
    }
}

fn is_archive(folder: &Path) -> bool {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    let file = open_regular(&folder.join(MANIFEST_FILE)).ok();
    let input = file.map(|file| Bounded::new(BufReader::new(file.take(DATASET_LIMIT))));
    let head = input.and_then(|input| serde_json::from_reader::<_, Head>(input).ok());
    // Of any version: a newer one is refused in its own words when it is opened.
    head.is_some_and(|head| head.format == "tagscope-archive")
}

/// Whether a JSON file has the lists of COCO. Its content is passed over, not kept. A damaged file counts too when it
/// begins like one, so that it is the damage that is told.
fn is_coco(file: &Path) -> bool {
    #[derive(Deserialize)]
    struct Lists {
        #[serde(rename = "images")]
        _images: Vec<IgnoredAny>,
        #[serde(default, rename = "annotations")]
        annotations: Option<Vec<IgnoredAny>>,
        #[serde(default, rename = "categories")]
        categories: Option<Vec<IgnoredAny>>,
    }
    let Ok(input) = open_text(file) else { return false };
    let mut start = Vec::new();
    if input.take(1 << 16).read_to_end(&mut start).is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&start);
    let Ok(input) = open_text(file) else { return false };
    match serde_json::from_reader::<_, Lists>(Bounded::new(input)) {
        Ok(lists) => lists.annotations.is_some() || lists.categories.is_some(),
        Err(error) => {
            (error.is_syntax() || error.is_eof()) && text.trim_start().starts_with('{') && text.contains("\"images\"")
        }
    }
}

/// A text file from its first letter: some programs put a byte order mark before it. One that is no ordinary file, or
/// larger than any dataset, is refused.
pub(super) fn open_text(file: &Path) -> io::Result<BufReader<File>> {
    let file = open_regular(file)?;
    if file.metadata()?.len() > DATASET_LIMIT {
        let words = format!("it is larger than {} GiB; split it", DATASET_LIMIT >> 30);
        return Err(io::Error::new(io::ErrorKind::InvalidData, words));
    }
    let mut input = BufReader::with_capacity(1 << 17, file);
    if input.fill_buf()?.starts_with(b"\xEF\xBB\xBF") {
        input.consume(3);
    }
    Ok(input)
}

/// The folders in which a dataset's pictures are looked for, in this order; without links in their own paths.
pub(super) struct Roots(Vec<PathBuf>);

impl Roots {
    /// A folder that the person has named: links in its own path are theirs.
    pub(super) fn given(folder: &Path) -> Self {
        Self(folder.canonicalize().into_iter().collect())
    }

    /// Beside the file, in `images`, or, for `annotations/instances_train.json`, beside `annotations`, in `images` or
    /// `train` there. A folder that is a link to elsewhere is not looked into: whoever made the dataset chose where it
    /// leads.
    pub(super) fn around(file: &Path) -> Self {
        let file = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let subset = stem.strip_prefix("instances_").unwrap_or(&stem).to_owned();
        let mut roots = Vec::new();
        for folder in file.ancestors().skip(1).take(2) {
            let parts = [PathBuf::new(), "images".into(), (&subset).into(), Path::new("images").join(&subset)];
            let places = parts.into_iter().filter_map(|part| folder.join(part).canonicalize().ok());
            roots.extend(places.filter(|place| place.starts_with(folder)));
        }
        Self(roots)
    }

    /// The bytes of a picture; the reason in words when there is none.
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let decoded = percent_encoding::percent_decode_str(name).decode_utf8().ok();
        // A name with %20 is first of all a name with %20. Decoded it must still stay inside.
        let decoded = decoded.filter(|decoded| *decoded != name && staging::is_plain_path(decoded));
        let mut reason = "the picture is missing".to_owned();
        for name in std::iter::once(name).chain(decoded.as_deref()) {
            for root in &self.0 {
                match inside(root, name) {
                    Ok(path) if path.is_dir() => {}
                    Ok(path) => return read_bounded(&path, PICTURE_LIMIT).map_err(|error| words(&error)),
                    Err(StorageError::Broken { .. }) => {
                        reason = "the picture is a link that leads out of the folder; name the folder it leads to with --images"
                            .to_owned();
                    }
                    Err(_) => {}
                }
            }
        }
        Err(reason)
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
