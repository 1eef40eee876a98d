//! Opening an archive and reading its rows and pictures.
//!
//! Opening reads the manifest and finds where the lines of `images.jsonl` begin; rows are parsed when asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::contents::{Contents, ListMismatch};
use super::far::{FarFiles, FarPicture, Root};
use super::lines::{ArchiveRows, find_lines, has_made_up_dates};
use super::manifest::{FileFacts, Head, Manifest};
use super::pictures::{ListedFiles, Pictures};
use super::{EXPORT_FORMAT, FORMAT, MANIFEST_FILE, ORIGINALS_FOLDER, VANISHED_FILE, VERSION};
use crate::error::StorageError;
use crate::hidden::what_was_left;
use crate::regular::{PICTURE_LIMIT, inside, open_bounded, open_regular, read_bounded, read_inside, resolve};
use domain::{
    BlobKind, Domain, ImageId, ImageRow, Iteration, IterationId, Page, Problem, Project, ProjectKind, Tag, json_error,
};

/// A manifest has about 180 bytes an image: that of 100,000 images, which is as many as a project may have, 18 MB.
pub const MANIFEST_LIMIT: u64 = 256 << 20;

/// The message about a file that a manifest names more than once.
pub const NAMED_TWICE: &str = "is in the manifest more than once; the last entry is used";

/// An archive that is open for reading. Cheap to share behind an `Arc`; nothing in it changes.
#[derive(Debug)]
pub struct Archive {
    root: Root,
    project: Project,
    domains: Vec<Domain>,
    iterations: Vec<Iteration>,
    kind: ProjectKind,
    workspace: Contents,
    /// Of the iterations whose images are here.
    trained: Vec<Contents>,
    originals: Pictures,
    thumbnails: Pictures,
    others: BTreeMap<String, FileFacts>,
    /// Files that the manifest names more than once.
    twice: Vec<String>,
}

impl Archive {
    /// Opens the archive in a folder.
    ///
    /// # Errors
    /// When the folder holds no archive, a newer one, or a manifest that is damaged or names files outside the folder.
    pub fn open(folder: &Path) -> Result<Self, StorageError> {
        Self::open_with(folder, None)
    }

    /// Opens the archive of which a folder has the manifest, and `files` brings the rest.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when its list cannot be brought.
    pub fn open_far(folder: &Path, files: Arc<dyn FarFiles>) -> Result<Self, StorageError> {
        Self::open_with(folder, Some(files))
    }

    fn open_with(folder: &Path, files: Option<Arc<dyn FarFiles>>) -> Result<Self, StorageError> {
        let not_an_archive =
            |reason: &str| StorageError::NotAnArchive { path: folder.to_path_buf(), reason: reason.to_owned() };
        let path = find_manifest(folder)?;
        let root = resolve(folder).map_err(|error| StorageError::read(folder, error))?;
        let manifest = read_json::<Manifest<ListedFiles>>(&path);
        // One that cannot be read may still say whose it is.
        let head = match &manifest {
            Ok(manifest) => Head { format: manifest.format.clone(), version: manifest.version },
            Err(_) => read_json(&path)?,
        };
        if head.format != FORMAT {
            let reason = match head.format.as_str() {
                EXPORT_FORMAT => "It is an export.",
                _ => "Its manifest.json was written by another program.",
            };
            return Err(not_an_archive(reason));
        }
        if head.version > VERSION {
            let path = folder.to_path_buf();
            return Err(StorageError::NewerArchive { path, version: head.version, known: VERSION });
        }
        let manifest = manifest?;
        let ListedFiles { originals, thumbnails, others, twice, outside } = manifest.files;
        if let Some(name) = outside {
            let reason = format!("the file name {:?} points outside the folder", start_of(&name));
            return Err(StorageError::Broken { path, reason });
        }
        let root = match files {
            Some(files) => Root::far(root, files, &others),
            None => Root::here(root),
        };
        let facts_of = |wanted: &str| others.get(wanted).cloned();
        let may_have_made_up_dates = has_made_up_dates(&manifest.project);
        let workspace =
            Contents::for_workspace(&root, manifest.tags, manifest.counts, may_have_made_up_dates, facts_of)?;
        let trained = manifest.iteration_contents.into_iter();
        let trained = trained.map(|facts| Contents::for_iteration(&root, facts, facts_of)).collect();
        let domain = manifest
            .project
            .settings
            .domain_id
            .and_then(|wanted| manifest.domains.iter().find(|domain| domain.id == wanted));
        Ok(Self {
            kind: ProjectKind::of(&manifest.project, domain),
            root,
            project: manifest.project,
            domains: manifest.domains,
            iterations: manifest.iterations,
            workspace,
            trained,
            originals,
            thumbnails,
            others,
            twice,
        })
    }

    /// Who brings its files, when they are not on this computer.
    pub fn far_files(&self) -> Option<&Arc<dyn FarFiles>> {
        self.root.files()
    }

    pub fn is_far(&self) -> bool {
        self.far_files().is_some()
    }

    /// Where it is, in words.
    pub fn place(&self) -> String {
        self.far_files().map_or_else(|| self.root().display().to_string(), |files| files.place())
    }

    /// A picture of an archive that is not on this computer, with who brings it; `None` when the archive is here, or has none.
    pub fn far_picture(&self, image: ImageId, kind: BlobKind) -> Option<(&Arc<dyn FarFiles>, FarPicture)> {
        let files = self.far_files()?;
        let (name, facts) = self.blob_facts(image, kind)?;
        let kind = if self.has(image, kind) { kind } else { BlobKind::Original };
        Some((files, FarPicture { image, kind, name: name.into_owned(), facts: facts.clone() }))
    }

    /// Its folder, with all links resolved.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn project(&self) -> &Project {
        &self.project
    }

    pub fn kind(&self) -> ProjectKind {
        self.kind
    }

    /// The domains that the project and its iterations speak of.
    pub fn domains(&self) -> &[Domain] {
        &self.domains
    }

    pub fn iterations(&self) -> &[Iteration] {
        &self.iterations
    }

    /// What speaks against its manifest, as far as it is known without reading pictures and what it holds of iterations.
    ///
    /// # Errors
    /// When a list cannot be read.
    pub fn mismatches(&self) -> Result<Vec<ListMismatch>, StorageError> {
        let of = |file: &String| ListMismatch { file: file.clone(), what: NAMED_TWICE.to_owned() };
        let mut mismatches: Vec<ListMismatch> = self.twice.iter().map(of).collect();
        mismatches.extend(self.workspace.mismatches()?);
        Ok(mismatches)
    }

    pub fn named_twice(&self) -> &[String] {
        &self.twice
    }

    /// What it holds of the workspace.
    pub fn workspace(&self) -> &Contents {
        &self.workspace
    }

    /// What it holds of the iterations whose images are here.
    pub fn trained(&self) -> &[Contents] {
        &self.trained
    }

    /// What it holds of an iteration, or with `None` of the workspace; `None` when it has but the iteration's name.
    pub fn contents(&self, iteration: Option<IterationId>) -> Option<&Contents> {
        match iteration {
            None => Some(&self.workspace),
            some => self.trained.iter().find(|contents| contents.iteration() == some),
        }
    }

    /// The workspace's tags, with the counts of the time it was written.
    pub fn tags(&self) -> &[Tag] {
        self.workspace.tags()
    }

    /// Number of the workspace's images that should be here, as the manifest says.
    pub fn image_count(&self) -> u64 {
        self.workspace.image_count()
    }

    /// Every file that should be here but the manifest itself, with its size and hash; in no order.
    pub fn files(&self) -> impl Iterator<Item = (Cow<'_, str>, &FileFacts)> {
        let pictures = self.pictures().map(|(_, _, name, facts)| (name, facts));
        pictures.chain(self.others().map(|(name, facts)| (name.into(), facts)))
    }

    /// Its pictures: of which image, of which kind, the file's name, size and hash; in no order.
    pub fn pictures(&self) -> impl Iterator<Item = (ImageId, BlobKind, Cow<'_, str>, &FileFacts)> {
        let originals = self.originals.iter().map(|picture| (BlobKind::Original, picture));
        let thumbnails = self.thumbnails.iter().map(|picture| (BlobKind::Thumbnail, picture));
        originals.chain(thumbnails).map(|(kind, picture)| (picture.image, kind, picture.name(kind), &picture.facts))
    }

    /// The other files of the manifest, with size and hash: lists and reports.
    pub fn others(&self) -> impl Iterator<Item = (&str, &FileFacts)> {
        self.others.iter().map(|(name, facts)| (name.as_str(), facts))
    }

    /// Size and hash of one of the other files, as the manifest has them.
    pub fn file_facts(&self, name: &str) -> Option<&FileFacts> {
        self.others.get(name)
    }

    /// All images of the workspace, line by line.
    ///
    /// # Errors
    /// When `images.jsonl` cannot be opened.
    pub fn rows(&self) -> Result<ArchiveRows<'_>, StorageError> {
        self.workspace.rows_from(0)
    }

    /// Images that the service had no more when the archive was last brought up to date, as they were listed before.
    ///
    /// # Errors
    /// When there is such a file and it cannot be read.
    pub fn vanished(&self) -> Result<Vec<Result<ImageRow, Problem>>, StorageError> {
        if !self.others.contains_key(VANISHED_FILE) {
            return Ok(Vec::new());
        }
        let path = self.root.file(VANISHED_FILE)?;
        let found = find_lines(&path)?;
        Ok(ArchiveRows::open(&path, VANISHED_FILE, &found.lines)?.collect())
    }

    /// The images at `skip..skip + take`, in the order of the archive (the service's: newest first).
    ///
    /// # Errors
    /// When `images.jsonl` cannot be opened.
    pub fn page(&self, skip: u64, take: usize) -> Result<Page, StorageError> {
        let mut page = Page::default();
        for row in self.workspace.rows_from(skip)?.take(take) {
            match row {
                Ok(row) => page.rows.push(row),
                Err(problem) => page.problems.push(problem),
            }
        }
        Ok(page)
    }

    /// The file of a picture; `None` when the archive has none of this image or is not on this computer, or what is there is no
    /// ordinary file or leads out of the folder. The original stands for the smaller kinds where there are none: they are made from it.
    pub fn blob_path(&self, image: ImageId, kind: BlobKind) -> Option<PathBuf> {
        let (name, _) = self.blob_facts(image, kind).filter(|_| !self.is_far())?;
        match inside(self.root(), &name) {
            Ok(path) => path.is_file().then_some(path),
            // Its place is known all the same.
            Err(StorageError::Missing { .. }) => Some(self.root().join(&*name)),
            Err(_) => None,
        }
    }

    /// Whether it keeps a picture of just this kind.
    pub fn has(&self, image: ImageId, kind: BlobKind) -> bool {
        match kind {
            BlobKind::Thumbnail => self.thumbnails.get(image).is_some(),
            BlobKind::Original => self.originals.get(image).is_some(),
            BlobKind::Resized => false,
        }
    }

    /// Name, size and hash that the file of [`blob_path`](Self::blob_path) should have.
    pub fn blob_facts(&self, image: ImageId, kind: BlobKind) -> Option<(Cow<'_, str>, &FileFacts)> {
        let thumbnail = self.thumbnails.get(image).filter(|_| kind == BlobKind::Thumbnail);
        let (kind, picture) = match thumbnail {
            Some(thumbnail) => (kind, thumbnail),
            None => (BlobKind::Original, self.originals.get(image)?),
        };
        Some((picture.name(kind), &picture.facts))
    }

    /// Size and hash that the original should have.
    pub fn original_facts(&self, image: ImageId) -> Option<&FileFacts> {
        self.originals.get(image).map(|original| &original.facts)
    }

    /// The bytes of the file that [`blob_path`](Self::blob_path) names.
    ///
    /// # Errors
    /// When it is missing, leads out of the folder, or cannot be read.
    pub fn read_blob(&self, image: ImageId, kind: BlobKind) -> Result<Vec<u8>, StorageError> {
        if let Some((files, wanted)) = self.far_picture(image, kind) {
            return files.wait(files.picture(wanted, true)).map(Vec::from);
        }
        read_inside(self.root(), &self.name_of(image, kind)?, PICTURE_LIMIT)
    }

    /// The first bytes of that file, at most so many.
    ///
    /// # Errors
    /// As [`read_blob`](Self::read_blob).
    pub fn read_head(&self, image: ImageId, kind: BlobKind, most: u64) -> Result<Vec<u8>, StorageError> {
        if let Some((files, wanted)) = self.far_picture(image, kind) {
            return files.wait(files.head(wanted, most)).map(Vec::from);
        }
        let path = inside(self.root(), &self.name_of(image, kind)?)?;
        let mut head = Vec::new();
        let read = open_regular(&path).and_then(|file| file.take(most).read_to_end(&mut head));
        read.map_err(|error| StorageError::read(&path, error))?;
        Ok(head)
    }

    fn name_of(&self, image: ImageId, kind: BlobKind) -> Result<Cow<'_, str>, StorageError> {
        let missing = || StorageError::Missing { path: self.root().join(ORIGINALS_FOLDER).join(image.to_string()) };
        self.blob_facts(image, kind).map(|(name, _)| name).ok_or_else(missing)
    }
}

/// The bytes of the manifest in a folder, an archive's or an export's.
///
/// # Errors
/// When there is none, it is too large, leads out of the folder, or cannot be read.
pub fn read_manifest(folder: &Path) -> Result<Vec<u8>, StorageError> {
    read_bounded(&find_manifest(folder)?, MANIFEST_LIMIT)
}

fn find_manifest(folder: &Path) -> Result<PathBuf, StorageError> {
    let not_an_archive =
        |reason: &str| StorageError::NotAnArchive { path: folder.to_path_buf(), reason: reason.to_owned() };
    let root = resolve(folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => what_was_left(folder).unwrap_or_else(|| StorageError::read(folder, error)),
        _ => StorageError::read(folder, error),
    })?;
    if !root.is_dir() {
        return Err(not_an_archive("It is a file."));
    }
    let manifest = root.join(MANIFEST_FILE);
    match manifest.symlink_metadata() {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return Err(StorageError::read(folder, error));
        }
        Err(_) if root.read_dir().is_ok_and(|mut entries| entries.next().is_none()) => {
            return Err(not_an_archive("It is empty."));
        }
        Err(_) => return Err(not_an_archive("It has no manifest.json.")),
    }
    inside(&root, MANIFEST_FILE)
}

/// A file of JSON of bounded length, piece by piece.
fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, StorageError> {
    let input = BufReader::with_capacity(1 << 18, open_bounded(path, MANIFEST_LIMIT)?);
    serde_json::from_reader(input).map_err(|error| match error.is_io() {
        true => StorageError::read(path, error.into()),
        false => StorageError::Broken { path: path.to_path_buf(), reason: json_error(&error) },
    })
}

/// A name for a message: of bounded length.
fn start_of(name: &str) -> String {
    name.chars().take(120).collect()
}
