//! Which archive this is, so that an update replaces the very one that it started from; and whether an archive is whole.

use std::path::Path;

use rustc_hash::FxHashSet;

use super::strays::{StrayKind, strays};
use super::{Archive, FileFacts, MANIFEST_FILE, OTHER_CONTENT, read_manifest};
use crate::error::StorageError;
use crate::staged_file::{facts_of, measure};
use domain::ImageId;

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

/// Compares every file of an archive with its manifest.
///
/// # Errors
/// The first difference, as the end of a sentence about the folder.
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

/// Whether everything of `former` is in `later`: the same project, each of its images, and each of its pictures.
///
/// # Errors
/// What is not, as the end of a sentence about the later one.
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
