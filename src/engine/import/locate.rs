//! Where a dataset has its pictures, and how its files are opened.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use crate::formats::dataset::Dataset;
use crate::storage::regular::{inside, open_regular, read_bounded};
use crate::storage::{StorageError, staging};

/// No picture of a dataset is larger.
const PICTURE_LIMIT: u64 = 1 << 30;
/// No COCO file is larger; the largest that are published have about 3 GB.
pub(super) const DATASET_LIMIT: u64 = 4 << 30;

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

    /// Those of several files of one dataset.
    pub(super) fn all(roots: Vec<Self>) -> Self {
        let mut all: Vec<PathBuf> = Vec::new();
        for root in roots.into_iter().flat_map(|Self(roots)| roots) {
            if !all.contains(&root) {
                all.push(root);
            }
        }
        Self(all)
    }

    /// Folders below others (an empty name is the other itself), but for those that are links to elsewhere.
    pub(super) fn below(places: &[(&Path, &str)]) -> Self {
        let folders = places.iter().filter_map(|(above, name)| {
            let above = above.canonicalize().ok()?;
            above.join(name).canonicalize().ok().filter(|place| place.starts_with(&above))
        });
        Self(folders.collect())
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

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|root| inside(root, name).is_ok_and(|path| path.is_file()))
    }

    /// Shortens names that lead to no picture, as those of an address do, to the longest ending that does. One that
    /// several images could mean is taken for none of them.
    pub(super) fn settle(&self, dataset: &mut Dataset) {
        let mut taken: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, image) in dataset.images.iter().enumerate() {
            let mut name = image.file_name.as_str();
            while !self.has(name) {
                let Some((_, shorter)) = name.split_once('/') else { break };
                name = shorter;
            }
            if self.has(name) {
                taken.entry(name.to_owned()).or_default().push(at);
            }
        }
        let mut unclear = Vec::new();
        for (name, images) in taken {
            let is_one = images.len() == 1;
            for at in images {
                match dataset.images.get_mut(at).filter(|image| image.file_name != name) {
                    Some(image) if is_one => image.file_name.clone_from(&name),
                    Some(_) => unclear.push((at, name.clone())),
                    None => {}
                }
            }
        }
        unclear.sort_unstable();
        for (at, name) in unclear {
            let reason = format!(
                "the picture {name:.120?} could be that of several images: name a folder where they are apart with --images"
            );
            dataset.report(dataset.images[at].file_name.clone(), false, reason);
        }
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
