//! A state as typed: `FOLDER`, `FOLDER#ITERATION` or `service:PROJECT#ITERATION`.

use std::ffi::OsStr;

use tokio_util::sync::CancellationToken;

use crate::cli::config::{Environment, Place, ProjectChoice};
use crate::cli::end::Trouble;
use crate::cli::place::{self, local};
use engine::changes::{self, LoadedState, SERVICE, StateError, load_folder, project_and_iteration};
use engine::choose::Unchosen;

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
        None => load_folder(typed, true, came, CancellationToken::new()).await.map_err(of_disk),
    }
}

/// No service was asked: what is not in an archive has not been refused.
fn of_disk(error: StateError) -> Trouble {
    match error {
        StateError::Unchosen(Unchosen::NotThere(words)) => Trouble::Output(words),
        StateError::Unchosen(why) => why.into(),
        StateError::Failed(failure) => local(failure),
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
