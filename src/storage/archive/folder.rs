//! What is in an archive's folder: which archive it is, so that an update replaces the very one that it started from; whether
//! all of it is there and nothing else; and whether it was one, whatever has become of its manifest.

use std::io::Read as _;
use std::path::Path;

use rustc_hash::FxHashSet;

use super::{
    Archive, FileFacts, IMAGES_FILE, ITERATIONS_FOLDER, MANIFEST_FILE, ORIGINALS_FOLDER, OTHER_CONTENT, REPORT_FILE,
    REPORT_TITLE, THUMBNAILS_FOLDER, UNTAGGED_FILE, VANISHED_FILE, read_manifest,
};
use crate::error::StorageError;
use crate::open_files::read_dir;
use crate::regular::open_regular;
use crate::staged_file::{facts_of, measure};
use domain::{ImageId, IterationId};

/// What an archive was when it was looked at: the bytes of its manifest, its lists, and the names of its files.
#[derive(Debug)]
pub struct Identity {
    manifest: FileFacts,
    names: FxHashSet<String>,
    /// Lists and reports, with what the manifest says of them.
    others: Vec<(String, FileFacts)>,
}

impl Identity {
    /// What an archive is by its manifest.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub fn of(archive: &Archive) -> Result<Self, StorageError> {
        let manifest = facts_of(&read_manifest(archive.root())?);
        let names = archive.files().map(|(name, _)| name.into_owned()).collect();
        let others = archive.others().map(|(name, facts)| (name.to_owned(), facts.clone())).collect();
        Ok(Self { manifest, names, others })
    }

    /// Compares a folder with it. Pictures are not read: only their names count.
    ///
    /// # Errors
    /// What is different, as the end of a sentence about the folder: `notes.txt in it is not part of the archive`.
    pub fn check(&self, folder: &Path) -> Result<(), String> {
        match read_manifest(folder) {
            Ok(bytes) if facts_of(&bytes) == self.manifest => {}
            Ok(_) => return Err(format!("its {MANIFEST_FILE} has changed")),
            Err(error) => return Err(format!("its {MANIFEST_FILE} cannot be read ({error})")),
        }
        // Nobody misses an empty folder.
        let stray = strays(folder, |name| self.names.contains(name)).into_iter();
        if let Some(stray) =
            stray.filter(|stray| stray.kind != StrayKind::EmptyFolder).min_by(|a, b| a.name.cmp(&b.name))
        {
            return Err(match stray.kind {
                StrayKind::Unreadable(reason) => format!("{} in it cannot be read ({reason})", stray.name),
                _ => format!("{} in it is not part of the archive", stray.name),
            });
        }
        for (name, facts) in &self.others {
            match measure(&folder.join(name)) {
                Ok(found) if found == *facts => {}
                Ok(_) => return Err(format!("{name} in it {OTHER_CONTENT}")),
                Err(StorageError::Missing { .. }) => return Err(format!("{name} in it is missing")),
                Err(error) => return Err(format!("{name} in it cannot be read ({error})")),
            }
        }
        Ok(())
    }
}

/// Compares every file of an archive with its manifest. `Err` is the first difference, as the end of a sentence about
/// the folder.
pub(crate) fn check_whole(folder: &Path) -> Result<Archive, String> {
    let archive = Archive::open(folder).map_err(|error| error.to_string())?;
    for (name, facts) in archive.files() {
        match measure(&archive.root().join(&*name)) {
            Ok(found) if found == *facts => {}
            Ok(_) => return Err(format!("{name} in it {OTHER_CONTENT}")),
            Err(error) => return Err(format!("{name} in it cannot be read ({error})")),
        }
    }
    Ok(archive)
}

/// Whether everything of `former` is in `later`: the same project, each of its images, and each of its pictures. `Err` is
/// what is not, as the end of a sentence about the later one.
pub(crate) fn check_covers(later: &Archive, former: &Archive) -> Result<(), String> {
    if later.project().id != former.project().id {
        return Err("it is an archive of another project".to_owned());
    }
    if let Some((_, _, name, _)) = former.pictures().find(|(image, kind, _, _)| !later.has(*image, *kind)) {
        return Err(format!("it has no {name}"));
    }
    let unreadable = |error: StorageError| error.to_string();
    let there = images(later).map_err(unreadable)?;
    match images(former).map_err(unreadable)?.into_iter().find(|image| !there.contains(image)) {
        Some(image) => Err(format!("it does not list image {image}")),
        None => Ok(()),
    }
}

/// The images of all lists of an archive.
fn images(archive: &Archive) -> Result<FxHashSet<ImageId>, StorageError> {
    let mut images: FxHashSet<_> = archive.vanished()?.into_iter().flatten().map(|row| row.id).collect();
    for contents in std::iter::once(archive.workspace()).chain(archive.trained()) {
        images.extend(contents.rows_from(0)?.chain(contents.untagged_from(0)?).flatten().map(|row| row.id));
    }
    Ok(images)
}

/// Something in a folder that its manifest does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Its name below the folder, with forward slashes.
    pub name: String,
    /// A file, an empty folder, or a folder that cannot be read.
    pub kind: StrayKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StrayKind {
    /// A file, a link, or anything else that is no folder.
    File,
    EmptyFolder,
    /// A folder that cannot be looked into, with what the system says.
    Unreadable(String),
}

/// Everything in a folder but its manifest and what is known, in no order.
pub fn strays(root: &Path, is_known: impl Fn(&str) -> bool) -> Vec<Stray> {
    let name_of = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = match read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                found.push(Stray { name: name_of(&folder), kind: StrayKind::Unreadable(error.to_string()) });
                continue;
            }
        };
        let mut is_empty = true;
        for entry in entries {
            is_empty = false;
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    found.push(Stray { name: name_of(&folder), kind: StrayKind::Unreadable(error.to_string()) });
                    break;
                }
            };
            let path = entry.path();
            let name = name_of(&path);
            // A link is no folder here: nothing outside is looked at.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if name != MANIFEST_FILE && !is_known(&name) {
                found.push(Stray { name, kind: StrayKind::File });
            }
        }
        if is_empty && folder != root {
            found.push(Stray { name: name_of(&folder), kind: StrayKind::EmptyFolder });
        }
    }
    found
}

/// Entries of a folder that are looked at.
const MOST_ENTRIES: usize = 64;

/// Whether a folder has the files of an archive besides its manifest. `images.jsonl` alone is not enough: an export has it too.
/// Pictures are in folders of two hexadecimal digits and named by the ids of images, which nothing else does.
pub fn has_archive_files(folder: &Path) -> bool {
    let has_list = folder.join(IMAGES_FILE).is_file();
    let has_own_list = || [UNTAGGED_FILE, VANISHED_FILE].iter().any(|name| folder.join(name).is_file());
    let has_iterations = || {
        names(&folder.join(ITERATIONS_FOLDER)).any(|name| {
            name.parse::<IterationId>().is_ok()
                && folder.join(ITERATIONS_FOLDER).join(&name).join(IMAGES_FILE).is_file()
        })
    };
    let has_pictures = || [ORIGINALS_FOLDER, THUMBNAILS_FOLDER].iter().any(|name| has_pictures(&folder.join(name)));
    (has_list && (has_own_list() || has_report(folder))) || has_iterations() || has_pictures()
}

fn has_report(folder: &Path) -> bool {
    let mut head = vec![0; REPORT_TITLE.len()];
    let read = open_regular(&folder.join(REPORT_FILE)).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == REPORT_TITLE.as_bytes()
}

fn has_pictures(folder: &Path) -> bool {
    let is_part = |name: &String| name.len() == 2 && name.chars().all(|digit| digit.is_ascii_hexdigit());
    names(folder).filter(is_part).any(|part| {
        let is_of_image = |name: &str| name.split('.').next().is_some_and(|stem| stem.parse::<ImageId>().is_ok());
        names(&folder.join(part)).any(|name| is_of_image(&name))
    })
}

/// The names of the first entries of a folder; none where there is no such folder.
fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.take(MOST_ENTRIES).filter_map(|entry| entry.file_name().into_string().ok())
}
