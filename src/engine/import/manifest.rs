//! What the manifest of an export or archive says of a file in it: the project, its kind and its classes, which many
//! formats have no place for. A manifest counts for the files that it lists only.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::walk::DATASET_LIMIT;
use app::{Failure, FailureKind};
use domain::{ProjectKind, Tag, json_error};
use formats::Class;
use formats::bounded::Bounded;
use formats::rules::is_classification;
use storage::archive::{FORMAT, MANIFEST_FILE, has_archive_files};
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
    pub(super) fn for_file(file: &Path) -> Self {
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
        self.kind.as_deref().map(ProjectKind::from_word).filter(|kind| *kind != ProjectKind::Unknown)
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

/// What an export says that it is.
const EXPORT: &str = "tagscope-export";
/// Where a damaged manifest may still say what it was.
const HEAD: u64 = 1 << 16;

/// Whether a folder is an archive of any version: a newer one is refused in its own words when it is opened.
///
/// # Errors
/// When it has the files of an archive, and its manifest is missing or damaged.
pub(super) fn is_archive(folder: &Path) -> Result<bool, Failure> {
    let path = folder.join(MANIFEST_FILE);
    let what = match format_of(&path) {
        Ok(Some(format)) if format == FORMAT => return Ok(true),
        Ok(Some(format)) if format == EXPORT => return Ok(false),
        Ok(Some(_)) => "was written by another program".to_owned(),
        Ok(None) => "is missing".to_owned(),
        Err(what) => what,
    };
    if !has_archive_files(folder) && !mentions_archive(&path) {
        return Ok(false);
    }
    Err(Failure::bare(FailureKind::NoManifest { path: folder.display().to_string(), what }))
}

/// What a manifest says that it is; `None` when there is none. What follows in it is not read.
fn format_of(path: &Path) -> Result<Option<String>, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read ({error})");
    if path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let file: File = open_regular(path).map_err(unreadable)?;
    let mut input = serde_json::Deserializer::from_reader(Bounded::new(BufReader::new(file.take(DATASET_LIMIT))));
    let mut format = None;
    match (FormatOf(&mut format).deserialize(&mut input), format) {
        (_, Some(format)) => Ok(Some(format)),
        (Err(error), None) => Err(format!("is damaged ({})", json_error(&error))),
        (Ok(()), None) => Err("is damaged (it does not say what it is)".to_owned()),
    }
}

fn mentions_archive(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = open_regular(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.is_ok() && head.windows(FORMAT.len()).any(|part| part == FORMAT.as_bytes())
}

/// Reads an object as far as its member `format`.
struct FormatOf<'a>(&'a mut Option<String>);

impl<'de> DeserializeSeed<'de> for FormatOf<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FormatOf<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "format" {
                *self.0 = Some(map.next_value()?);
                // Nothing else is of interest, and the rest may be long.
                return Err(A::Error::custom("read as far as needed"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_known_by_its_other_files_too() {
        let home = tempfile::tempdir().expect("home");
        let folder = home.path();
        let manifest = folder.join(MANIFEST_FILE);
        let what = || match is_archive(folder) {
            Ok(is_archive) => is_archive.to_string(),
            Err(Failure { kind: FailureKind::NoManifest { what, .. }, .. }) => what,
            Err(other) => panic!("{other:?}"),
        };
        // The list of an export, or of another program.
        std::fs::write(folder.join("images.jsonl"), "{}\n").expect("list");
        assert_eq!(what(), "false");
        std::fs::write(&manifest, "{\"name\": \"of a web page\"}").expect("manifest");
        assert_eq!(what(), "false");
        let picture = folder.join("originals/3f");
        std::fs::create_dir_all(&picture).expect("folder");
        std::fs::write(picture.join("a.jpg"), "").expect("picture");
        assert_eq!(what(), "false", "it is not named by an id");
        std::fs::write(picture.join("3f5e1f5e-0000-4000-8000-000000000001.jpg"), "").expect("picture");
        assert_eq!(what(), "is damaged (it does not say what it is)");
        for (text, words) in [
            (r#"{"format": "tagscope-archive", "version": 4, "#, "true"),
            (r#"{"format": "tagscope-export"}"#, "false"),
            (r#"{"format": "other"}"#, "was written by another program"),
            ("[]", "is damaged (invalid type: sequence"),
            ("", "is damaged (EOF while parsing"),
            ("not JSON", "is damaged (expected"),
        ] {
            std::fs::write(&manifest, text).expect("manifest");
            assert!(what().starts_with(words), "{text}: {}", what());
        }
        std::fs::remove_file(&manifest).expect("manifest");
        assert_eq!(what(), "is missing");
        std::fs::create_dir(&manifest).expect("a folder of this name");
        assert!(what().starts_with("cannot be read"), "{}", what());
    }

    #[test]
    fn a_damaged_manifest_that_still_names_an_archive_is_enough() {
        let home = tempfile::tempdir().expect("home");
        std::fs::write(home.path().join(MANIFEST_FILE), "\0\0\0\"format\": \"tagscope-archive\"").expect("manifest");
        assert!(is_archive(home.path()).is_err());
    }
}
