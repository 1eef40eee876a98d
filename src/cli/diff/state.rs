//! A state as typed: `FOLDER`, `FOLDER#ITERATION` or `service:PROJECT#ITERATION`.

use std::ffi::OsStr;

use tokio_util::sync::CancellationToken;

use crate::cli::config::{Environment, Place};
use crate::cli::end::Trouble;
use crate::cli::order::without_query;
use crate::cli::place::{self, far_access, local};
use engine::changes::{self, LoadedState, SERVICE, StateError, load_folder, project_and_iteration};

/// Reads the state that was typed.
///
/// # Errors
/// When it is not there or cannot be read; the words begin with the state, because there are two.
pub(super) async fn load(
    typed: &OsStr,
    service: &impl Fn() -> Result<Place, Trouble>,
    environment: &Environment,
    is_quiet: bool,
    came: impl Fn(u64) + Send + Sync + 'static,
) -> Result<LoadedState, Trouble> {
    if typed.is_empty() {
        return Err(Trouble::Usage("a state is empty; give a folder, an address or service:PROJECT".to_owned()));
    }
    let loaded = match typed.to_str().and_then(|text| text.strip_prefix(SERVICE)) {
        Some(wanted) => match service() {
            Ok(at) => of_service(wanted, &at, environment, is_quiet, came).await,
            Err(trouble) => Err(trouble),
        },
        None => {
            let far = || far_access(is_quiet);
            load_folder(typed, true, came, far, CancellationToken::new()).await.map_err(of_disk)
        }
    };
    loaded.map_err(|trouble| Trouble::InState {
        state: without_query(&typed.to_string_lossy()),
        trouble: Box::new(trouble),
    })
}

fn of_disk(error: StateError) -> Trouble {
    match error {
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
    let source = place::saying_waits(place::open(at, environment, is_quiet)?, is_quiet);
    let (project, iteration) = project_and_iteration(&source, wanted).await?;
    let project = Some(project).filter(|name| !name.is_empty());
    let facts = place::project_named(&source, project, "service:PROJECT", environment).await?;
    let iteration = place::iteration(&source, &facts.0, iteration, environment).await?;
    Ok(changes::load(&source, facts, iteration.map(|one| one.id), true, came).await?)
}
