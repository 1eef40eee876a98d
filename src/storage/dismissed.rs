//! Findings that a person has called no problem: a small file a project, replaced as a whole.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::StorageError;
use super::settings::{load_json, save_json};
use crate::domain::{Dismissed, ProjectId};

const VERSION: u32 = 1;
/// The largest number of dismissals in their longest form is a fifth of this.
const MOST_BYTES: u64 = 100 << 20;

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    version: u32,
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
/// beside.
///
/// # Errors
/// [`StorageError::Broken`] when a newer version has written the file: it must not be replaced then.
pub fn load_dismissed(folder: &Path, project: ProjectId) -> Result<(Dismissed, Option<String>), StorageError> {
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

/// Keeps what is dismissed in a project.
///
/// # Errors
/// When the system refuses; the file is then as it was.
pub fn save_dismissed(folder: &Path, project: ProjectId, dismissed: &Dismissed) -> Result<(), StorageError> {
    save_json(&file(folder, project), &Kept { version: VERSION, dismissed: dismissed.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Dismissed {
        let text = r#"[{"kind":"tiny","ids":["00000000-0000-0000-0000-000000000001","00000000-0000-0000-0000-000000000002","00000000-0000-0000-0000-000000000000"]}]"#;
        serde_json::from_str(text).expect("dismissed")
    }

    #[test]
    fn it_comes_back_and_a_broken_file_is_kept_beside() {
        let home = tempfile::tempdir().expect("folder");
        let project = ProjectId::default();
        assert_eq!(load_dismissed(home.path(), project).expect("none"), (Dismissed::default(), None));
        save_dismissed(home.path(), project, &some()).expect("kept");
        assert_eq!(load_dismissed(home.path(), project).expect("some"), (some(), None));
        let path = file(home.path(), project);
        let whole = std::fs::read(&path).expect("bytes");
        std::fs::write(&path, &whole[..whole.len() / 2]).expect("write");
        let (dismissed, notice) = load_dismissed(home.path(), project).expect("defaults");
        assert!(dismissed.is_empty() && notice.expect("words").contains(".broken"));
    }

    #[test]
    fn a_newer_file_is_left_alone() {
        let home = tempfile::tempdir().expect("folder");
        let project = ProjectId::default();
        std::fs::write(file(home.path(), project), r#"{"version":2,"dismissed":{"by":"mood"}}"#).expect("write");
        assert!(load_dismissed(home.path(), project).is_err());
    }
}
