//! The file that earlier versions kept dismissed findings in, one a project. It is only read: opening the journal moves what
//! it holds into it ([`super::open_adopting`]); those who only read the journal see it added.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::StorageError;
use crate::paths::sync_dir;
use crate::whole_file::load_json;
use domain::{Decision, Dismissed, FindingKey, ProjectId, Reviews, Statement};

const VERSION: u32 = 1;
/// The largest number of dismissals in their longest form is a fifth of this.
const MOST_BYTES: u64 = 100 << 20;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Kept {
    dismissed: Dismissed,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    version: u32,
}

fn file(folder: &Path, project: ProjectId) -> PathBuf {
    folder.join(format!("{project}.json"))
}

/// What was dismissed in a project, and what to tell the person when the file could not be used; a broken one is kept
/// beside. [`StorageError::Broken`] when a newer version has written the file, or it is too large.
fn load(folder: &Path, project: ProjectId) -> Result<(Dismissed, Option<String>), StorageError> {
    let path = file(folder, project);
    let broken = |reason: &str| StorageError::Broken { path: path.clone(), reason: reason.to_owned() };
    if std::fs::metadata(&path).is_ok_and(|facts| facts.len() > MOST_BYTES) {
        return Err(broken("it is too large"));
    }
    // The rest of a newer file may not be understood.
    let head = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Head>(&bytes).ok());
    if head.is_some_and(|head| head.version > VERSION) {
        return Err(broken("a newer version of the program has written it"));
    }
    let loaded = load_json::<Kept>(&path);
    Ok((loaded.value.dismissed, loaded.notice))
}

/// Takes the file away: the journal has what it held.
pub(super) fn remove(folder: &Path, project: ProjectId) -> Result<(), StorageError> {
    let path = file(folder, project);
    std::fs::remove_file(&path).map_err(|error| StorageError::write(&path, error))?;
    sync_dir(folder);
    Ok(())
}

/// What is to be taken over.
#[derive(Default)]
pub(super) struct Adopted {
    pub(super) keys: Vec<FindingKey>,
    /// What is to be said about the file.
    pub(super) notice: Option<String>,
}

impl Adopted {
    /// Reads the file of a project in `folder`; nothing, and why, when it cannot be used.
    pub(super) fn read(folder: &Path, project: ProjectId) -> Self {
        match load(folder, project) {
            Ok((dismissed, notice)) => Self { keys: dismissed.into(), notice },
            Err(error) => {
                let notice = format!("The findings dismissed in an earlier version cannot be read: {error}");
                Self { keys: Vec::new(), notice: Some(notice) }
            }
        }
    }

    /// The entry that holds them. Its number is 0: no undo reaches it.
    pub(super) fn entry(&self) -> Option<Decision> {
        let act = Statement::KeptDismissed(self.keys.clone());
        (!self.keys.is_empty()).then(|| Decision { number: 0, at: 0, by: "".into(), statement: act })
    }

    /// Adds them to decisions that were only read.
    pub(super) fn add_to(&self, reviews: &mut Reviews) {
        if let Some(entry) = self.entry() {
            // It refers to no other entry, so it always fits.
            let _ = reviews.apply(&entry);
        }
    }
}

/// Adds the findings that an earlier version kept dismissed in `folder` to decisions that were only read; what is to be
/// said about the file.
pub fn with_dismissed(reviews: &mut Reviews, folder: &Path, project: ProjectId) -> Option<String> {
    let adopted = Adopted::read(folder, project);
    adopted.add_to(reviews);
    adopted.notice
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: &str = r#"{"version":1,"dismissed":[{"kind":"tiny","ids":["00000000-0000-0000-0000-000000000001","00000000-0000-0000-0000-000000000002","00000000-0000-0000-0000-000000000000"]}]}"#;

    #[test]
    fn it_is_read_and_a_broken_file_is_kept_beside() {
        let home = tempfile::tempdir().expect("folder");
        let project = ProjectId::default();
        assert_eq!(load(home.path(), project).expect("none"), (Dismissed::default(), None));
        let path = file(home.path(), project);
        std::fs::write(&path, SOME).expect("write");
        let (dismissed, notice) = load(home.path(), project).expect("some");
        assert_eq!((dismissed.len(), notice), (1, None));
        std::fs::write(&path, &SOME[..SOME.len() / 2]).expect("write");
        let (dismissed, notice) = load(home.path(), project).expect("defaults");
        assert!(dismissed.is_empty() && notice.expect("words").contains(".broken"));
    }

    #[test]
    fn a_newer_file_is_left_alone() {
        let home = tempfile::tempdir().expect("folder");
        let project = ProjectId::default();
        std::fs::write(file(home.path(), project), r#"{"version":2,"dismissed":{"by":"mood"}}"#).expect("write");
        assert!(load(home.path(), project).is_err());
    }
}
