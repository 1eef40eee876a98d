//! A state as typed: `FOLDER`, `FOLDER#ITERATION` or `service:PROJECT#ITERATION`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::cli::choose::choose;
use crate::cli::config::{Environment, Place, ProjectChoice};
use crate::cli::end::Trouble;
use crate::cli::place::{self, local};
use engine::Source;
use engine::changes::{self, LoadedState};
use engine::failure::{self, OrFailure as _};
use engine::import::{OpenKind, open_folder, places_of};
use storage::Archive;

/// What a state of a service begins with.
const SERVICE: &str = "service:";

/// Reads the state that was typed.
pub(super) async fn load(
    typed: &OsStr,
    service: &impl Fn() -> Result<Place, Trouble>,
    environment: &Environment,
    is_quiet: bool,
    came: impl Fn(u64) + Send + Sync + 'static,
) -> Result<LoadedState, Trouble> {
    match typed.to_str().and_then(|text| text.strip_prefix(SERVICE)) {
        Some(wanted) => of_service(wanted, &service()?, environment, is_quiet, came).await,
        None => of_folder(typed, environment, came).await,
    }
}

/// The text cut at each `#`, from the right; first of all uncut.
fn cuts(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let parts = text.rmatch_indices('#').map(|(at, _)| (&text[..at], Some(&text[at + 1..])));
    std::iter::once((text, None)).chain(parts)
}

/// The folder or file, and the iteration. A path that is there is meant as it is, whatever is in its name.
fn place_of(typed: &OsStr) -> (PathBuf, Option<String>) {
    let text = typed.to_str().unwrap_or_default();
    let found = cuts(text).find(|(path, _)| !path.is_empty() && Path::new(path).symlink_metadata().is_ok());
    match found {
        Some((path, iteration)) => (PathBuf::from(path), iteration.map(str::to_owned)),
        None => (PathBuf::from(typed), None),
    }
}

async fn of_folder(
    typed: &OsStr,
    environment: &Environment,
    came: impl Fn(u64) + Send + Sync + 'static,
) -> Result<LoadedState, Trouble> {
    let (path, iteration) = place_of(typed);
    let looked = blocking(move || open_folder(&path).map(|kind| (kind, path))).await;
    match looked.map_err(local)? {
        (OpenKind::Archive(folder), _) => {
            let archive = blocking(move || Archive::open(&folder).or_failure()).await.map_err(local)?;
            let facts = (archive.project().clone(), archive.kind());
            let source = Source::Archive(Arc::new(archive));
            let iteration = match iteration.as_deref() {
                Some(wanted) => {
                    let all = source.iterations(facts.0.id).await?;
                    environment.say(&all.sentences());
                    let chosen = choose("iteration", wanted, &all, |one| (one.id, &one.name)).cloned();
                    Some(chosen.map_err(not_in_archive)?)
                }
                None => None,
            };
            Ok(changes::load(&source, facts, iteration.as_ref(), came).await.map_err(local)?)
        }
        (OpenKind::Dataset(..), path) => {
            if let Some(iteration) = iteration {
                let path = path.display();
                return Err(Trouble::Usage(format!(
                    "{path} is a dataset, which has no iterations: leave out #{iteration}"
                )));
            }
            let read = move || {
                let places = places_of(None, &[path], None)?;
                changes::load_dataset(&places, came, &CancellationToken::new())
            };
            Ok(blocking(read).await.map_err(local)?)
        }
    }
}

/// No service was asked: what is not in an archive has not been refused.
fn not_in_archive(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::NotThere(words) => Trouble::Output(words),
        other => other,
    }
}

async fn of_service(
    wanted: &str,
    at: &Place,
    environment: &Environment,
    is_quiet: bool,
    came: impl Fn(u64) + Send + Sync + 'static,
) -> Result<LoadedState, Trouble> {
    let source = place::saying_waits(place::open(at, environment)?, is_quiet);
    let (project, iteration) = project_and_iteration(&source, wanted).await?;
    let project = Some(project.to_owned()).filter(|name| !name.is_empty());
    let choice = ProjectChoice { place: at.clone(), project };
    let facts = place::project(&source, &choice, environment).await?;
    let iteration = place::iteration(&source, &facts.0, iteration, environment).await?;
    Ok(changes::load(&source, facts, iteration.as_ref(), came).await?)
}

/// Which part of the text is the project. Names may contain `#` too, so the projects that are there decide.
async fn project_and_iteration<'a>(source: &Source, wanted: &'a str) -> Result<(&'a str, Option<&'a str>), Trouble> {
    let last = || wanted.rsplit_once('#').map_or((wanted, None), |(project, iteration)| (project, Some(iteration)));
    if wanted.matches('#').count() == 0 {
        return Ok((wanted, None));
    }
    let projects = source.projects().await?;
    let is_there = |name: &str| {
        projects.iter().any(|(project, _)| project.name == name || project.id.to_string() == name.to_lowercase())
    };
    Ok(cuts(wanted).find(|(project, _)| is_there(project)).unwrap_or_else(last))
}

/// Work with files, off the threads that serve the network.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, app::Failure> + Send + 'static,
) -> Result<T, app::Failure> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(failure::internal("reading a state panicked")))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    #[test]
    fn a_path_that_is_there_is_not_cut() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |name: &str| folder.path().join(name).into_os_string();
        std::fs::create_dir(at("a")).expect("folder");
        std::fs::create_dir(at("a#b")).expect("folder");
        let place = |name: &str| place_of(&at(name));
        assert_eq!(place("a"), (PathBuf::from(at("a")), None));
        assert_eq!(place("a#Iteration 1"), (PathBuf::from(at("a")), Some("Iteration 1".to_owned())));
        assert_eq!(place("a#b"), (PathBuf::from(at("a#b")), None));
        assert_eq!(place("a#b#c"), (PathBuf::from(at("a#b")), Some("c".to_owned())));
        assert_eq!(place("a#c#d"), (PathBuf::from(at("a")), Some("c#d".to_owned())));
        assert_eq!(place("gone#c"), (PathBuf::from(at("gone#c")), None));
        assert_eq!(place_of(&OsString::from("#c")), (PathBuf::from("#c"), None));
    }
}
