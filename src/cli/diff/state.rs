//! A state as typed: `FOLDER`, `FOLDER#ITERATION` or `service:PROJECT#ITERATION`.

use std::ffi::OsStr;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::cli::choose::choose;
use crate::cli::config::{Environment, Place, ProjectChoice};
use crate::cli::end::Trouble;
use crate::cli::place::{self, local};
use engine::changes::{self, LoadedState, StatePlace, cuts};
use engine::failure::OrFailure as _;
use engine::import::{OpenKind, open_folder, places_of};
use engine::{Source, blocking};
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

async fn of_folder(
    typed: &OsStr,
    environment: &Environment,
    came: impl Fn(u64) + Send + Sync + 'static,
) -> Result<LoadedState, Trouble> {
    let StatePlace { path, iteration } = StatePlace::of(typed);
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
            Ok(changes::load(&source, facts, iteration.map(|one| one.id), true, came).await.map_err(local)?)
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
    Ok(changes::load(&source, facts, iteration.map(|one| one.id), true, came).await?)
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
