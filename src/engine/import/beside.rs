//! What the manifest of an export or archive says of a file in it: the project, its kind and its classes, which many
//! formats have no place for. A manifest counts for the files that it lists only.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use domain::{ProjectKind, Tag};
use formats::Class;
use formats::rules::is_classification;
use storage::archive::MANIFEST_FILE;
use storage::regular::{open_regular, read_bounded};

/// The manifest of a large export has about 30 MB.
const MANIFEST_LIMIT: u64 = 256 << 20;
/// Folders between a format's file and the export's own.
const MOST_FOLDERS: usize = 3;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Beside {
    project: Named,
    kind: Option<String>,
    classes: Vec<Class>,
    /// Of an archive.
    pub(super) tags: Vec<Tag>,
    files: HashMap<String, IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    name: String,
}

impl Beside {
    /// The one that lists this file; nothing where there is none.
    pub(super) fn of(file: &Path) -> Self {
        let Ok(file) = storage::resolve(file) else { return Self::default() };
        for folder in file.ancestors().skip(1).take(MOST_FOLDERS) {
            let Some(found) = Self::in_folder(folder) else { continue };
            let name = file.strip_prefix(folder).ok().and_then(Path::to_str).map(|name| name.replace('\\', "/"));
            if name.is_some_and(|name| found.files.contains_key(&name)) {
                return found;
            }
        }
        Self::default()
    }

    /// That of a folder itself.
    pub(super) fn in_folder(folder: &Path) -> Option<Self> {
        let path = folder.join(MANIFEST_FILE);
        open_regular(&path).ok()?;
        serde_json::from_slice(&read_bounded(&path, MANIFEST_LIMIT).ok()?).ok()
    }

    pub(super) fn lists(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// Whether it lists a file below a folder.
    pub(super) fn lists_below(&self, folder: &str) -> bool {
        self.files
            .keys()
            .any(|name| folder.is_empty() || name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }

    /// Whether it lists a file in a folder of this name, wherever that is.
    pub(super) fn lists_in(&self, folder: &str) -> bool {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        self.files.keys().any(|name| name.starts_with(&folder) || name.contains(&format!("/{folder}")))
    }

    /// Whether it is that of an export or archive at all.
    pub(super) fn is_known(&self) -> bool {
        !self.files.is_empty()
    }

    /// Whether the project is about whole images.
    pub(super) fn is_classification(&self) -> bool {
        self.kind().is_some_and(is_classification)
    }

    pub(super) fn kind(&self) -> Option<ProjectKind> {
        self.kind.as_deref().map(ProjectKind::of_word).filter(|kind| *kind != ProjectKind::Unknown)
    }

    pub(super) fn name(&self) -> Option<&str> {
        Some(self.project.name.as_str()).filter(|name| !name.is_empty())
    }

    /// The classes that are still there, in their order.
    pub(super) fn classes(&self) -> impl Iterator<Item = &Class> {
        self.classes.iter().filter(|class| !class.is_deleted)
    }

    pub(super) fn class_names(&self) -> Vec<String> {
        self.classes().map(|class| class.name.clone()).collect()
    }
}
