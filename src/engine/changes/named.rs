//! A state as typed: `FOLDER`, `FOLDER#ITERATION`, or `service:PROJECT#ITERATION` of a connected service. The command line
//! and the window read states on disk here, so that a text means the same to both.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{LoadedState, load, load_dataset};
use crate::choose::{Unchosen, choose, short};
use crate::failure::OrFailure as _;
use crate::far::{self, FarAccess, FarArchive};
use crate::import::{OpenKind, open_folder, places_of};
use crate::source::{Source, blocking};
use app::{Failure, FailureKind};
use domain::{AddressError, IterationId, ObjectAddress, Project, ProjectKind};
use storage::Archive;

/// What a state of a service begins with.
pub const SERVICE: &str = "service:";

/// Names of projects in a message.
const MOST_NAMED: usize = 10;

#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error(transparent)]
    Unchosen(#[from] Unchosen),
    #[error("{}", .0.headline())]
    Failed(Failure),
}

impl From<Failure> for StateError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Failed(failure) => failure,
            StateError::Unchosen(why) => Self::bare(FailureKind::NotChosen { reason: why.to_string() }),
        }
    }
}

/// Reads a state on disk or in an object store: an archive, an iteration in it, or a dataset. `far` says how a store is asked.
///
/// # Errors
/// When nothing that can be read is there, or no single iteration of the archive is meant.
pub async fn load_folder(
    typed: &OsStr,
    has_untagged: bool,
    came: impl Fn(u64) + Send + Sync + 'static,
    far: impl FnOnce() -> Result<FarAccess, Failure>,
    cancel: CancellationToken,
) -> Result<LoadedState, StateError> {
    if let Some(text) = typed.to_str().filter(|text| ObjectAddress::is_meant_by(text)) {
        return load_far(text, has_untagged, came, far()?, cancel).await;
    }
    let StatePlace { path, iteration } = StatePlace::parse(typed);
    match blocking(move || Ok((open_folder(&path)?, path))).await? {
        (OpenKind::Archive(folder), _) => {
            let archive = blocking(move || Archive::open(&folder).or_failure()).await?;
            let facts = (archive.project().clone(), archive.kind());
            let source = Source::Archive(Arc::new(archive));
            let iteration = iteration_of(&source, &facts.0, iteration.as_deref()).await?;
            Ok(load(&source, facts, iteration, has_untagged, came).await?)
        }
        (OpenKind::Dataset(..), path) => {
            if let Some(iteration) = iteration {
                let path = path.display();
                let words = format!("{path} is a dataset, which has no iterations: remove #{iteration}");
                return Err(Unchosen::NotThere(words).into());
            }
            Ok(blocking(move || load_dataset(&places_of(None, &[path], None)?, came, &cancel)).await?)
        }
    }
}

/// Reads a state of an archive in an object store: `ADDRESS` or `ADDRESS#ITERATION`.
async fn load_far(
    text: &str,
    has_untagged: bool,
    came: impl Fn(u64) + Send + Sync + 'static,
    access: FarAccess,
    cancel: CancellationToken,
) -> Result<LoadedState, StateError> {
    let (address, iteration) = text.split_once('#').map_or((text, None), |(address, name)| (address, Some(name)));
    let no_address = |error: AddressError| Failure::bare(FailureKind::BadAddress { reason: error.to_string() });
    let address: ObjectAddress = address.parse().map_err(no_address)?;
    let FarArchive { archive, notice, .. } = blocking(move || far::open(&address, &access, &cancel)).await?;
    let facts = (archive.project().clone(), archive.kind());
    let source = Source::Archive(Arc::new(archive));
    let iteration = iteration_of(&source, &facts.0, iteration).await?;
    let mut loaded = load(&source, facts, iteration, has_untagged, came).await?;
    loaded.doubts.extend(notice);
    Ok(loaded)
}

/// Reads a state of a connected service; `wanted` is what follows `service:`.
pub(super) async fn load_service(
    source: &Source,
    wanted: &str,
    has_untagged: bool,
    came: impl Fn(u64) + Send + Sync + 'static,
) -> Result<LoadedState, StateError> {
    let (name, iteration) = project_and_iteration(source, wanted).await?;
    let projects = source.projects().await?;
    let facts = match (name, &*projects) {
        ("", [only]) => only.clone(),
        ("", several) => {
            let names: Vec<_> = several.iter().take(MOST_NAMED).map(|(one, _)| short(&one.name)).collect();
            let words = format!("say which project, as in {SERVICE}PROJECT. The projects are {}", names.join(", "));
            return Err(Unchosen::Unclear(words).into());
        }
        (name, all) => choose("project", name, all, |(one, _)| (one.id, &one.name))?.clone(),
    };
    let iteration = iteration_of(source, &facts.0, iteration).await?;
    Ok(load(source, facts, iteration, has_untagged, came).await?)
}

async fn iteration_of(
    source: &Source,
    project: &Project,
    wanted: Option<&str>,
) -> Result<Option<IterationId>, StateError> {
    let Some(wanted) = wanted else { return Ok(None) };
    let all = source.iterations(project.id).await?;
    Ok(Some(choose("iteration", wanted, &all, |one| (one.id, &one.name))?.id))
}

/// Which part of the text is the project. Names may contain `#` too, so the projects that are there decide.
///
/// # Errors
/// When the service fails.
pub async fn project_and_iteration<'a>(
    source: &Source,
    wanted: &'a str,
) -> Result<(&'a str, Option<&'a str>), Failure> {
    let last = || wanted.rsplit_once('#').map_or((wanted, None), |(project, iteration)| (project, Some(iteration)));
    if !wanted.contains('#') {
        return Ok((wanted, None));
    }
    let projects = source.projects().await?;
    let is_there = |name: &str| {
        let is_meant = |(project, _): &(Project, ProjectKind)| {
            project.name == name || project.id.to_string() == name.to_lowercase()
        };
        projects.iter().any(is_meant)
    };
    Ok(cuts(wanted).find(|(project, _)| is_there(project)).unwrap_or_else(last))
}

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
    pub fn parse(typed: &OsStr) -> Self {
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
        let place = |name: &str| StatePlace::parse(&at(name));
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
        assert_eq!(StatePlace::parse("#c".as_ref()), bare);
    }
}
