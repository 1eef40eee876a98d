//! A state on disk as typed: `FOLDER` or `FOLDER#ITERATION`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePlace {
    pub path: PathBuf,
    /// The id or name of an iteration; `None`: the workspace.
    pub iteration: Option<String>,
}

/// The text cut at each `#`, from the right; first of all uncut.
pub fn cuts(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let parts = text.rmatch_indices('#').map(|(at, _)| (&text[..at], Some(&text[at + 1..])));
    std::iter::once((text, None)).chain(parts)
}

impl StatePlace {
    /// What a text means. A path that is there is meant as it is, whatever is in its name.
    pub fn of(typed: &OsStr) -> Self {
        let text = typed.to_str().unwrap_or_default();
        let found = cuts(text).find(|(path, _)| !path.is_empty() && Path::new(path).symlink_metadata().is_ok());
        match found {
            Some((path, iteration)) => Self { path: PathBuf::from(path), iteration: iteration.map(str::to_owned) },
            None => Self { path: PathBuf::from(typed), iteration: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_there_is_not_cut() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |name: &str| folder.path().join(name).into_os_string();
        std::fs::create_dir(at("a")).expect("folder");
        std::fs::create_dir(at("a#b")).expect("folder");
        let place = |name: &str| StatePlace::of(&at(name));
        let of = |name: &str, iteration: Option<&str>| StatePlace {
            path: PathBuf::from(at(name)),
            iteration: iteration.map(str::to_owned),
        };
        assert_eq!(place("a"), of("a", None));
        assert_eq!(place("a#Iteration 1"), of("a", Some("Iteration 1")));
        assert_eq!(place("a#b"), of("a#b", None));
        assert_eq!(place("a#b#c"), of("a#b", Some("c")));
        assert_eq!(place("a#c#d"), of("a", Some("c#d")));
        assert_eq!(place("gone#c"), of("gone#c", None));
        let bare = StatePlace { path: PathBuf::from("#c"), iteration: None };
        assert_eq!(StatePlace::of("#c".as_ref()), bare);
    }
}
