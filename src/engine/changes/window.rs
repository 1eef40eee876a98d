//! Comparing for the window: the open images with the state that a person has chosen.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tokio_util::sync::CancellationToken;

use super::load::digests_of;
use super::{LoadedState, StatePlace, compare, load, load_dataset};
use crate::failure::OrFailure as _;
use crate::guard::guarded;
use crate::import::{OpenKind, open_folder, places_of};
use crate::opening::Opening;
use crate::source::{Source, blocking};
use app::changes::{ChangesEvent, CompareJob, Comparison, OtherState};
use app::{Event, Failure, FailureKind};
use domain::changes::{DEFAULT_IOU, ImageChanges, is_of_import};
use domain::{IterationId, Project, ProjectKind};
use storage::Archive;

/// Begins a comparison; its end is reported unless the project is closed meanwhile.
pub(crate) fn run(opening: &Arc<Opening>, job: CompareJob) {
    let opening = Arc::clone(opening);
    tokio::spawn(async move {
        let number = job.number;
        let cancel = opening.cancel.clone();
        let result = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            result = Box::pin(guarded(compared(&opening, job))) => result,
        };
        let event = ChangesEvent { number, result };
        opening.shared.inbox.post(Event::Changes { generation: opening.generation, event });
    });
}

async fn compared(opening: &Arc<Opening>, job: CompareJob) -> Result<Arc<Comparison>, Failure> {
    let source = opening.blobs.source.clone();
    let (name, mut other) = match &job.other {
        OtherState::Folder(text) => (text.clone(), of_folder(text, opening.cancel.clone()).await?),
        OtherState::Iteration(iteration) => {
            let facts = (job.project.clone(), job.kind);
            of_iteration(&source, facts, *iteration).await?
        }
    };
    blocking(move || {
        let mut open = opened(&source, &job);
        let changes = compare(&mut other, &mut open, DEFAULT_IOU)?;
        let by_image = Arc::new(ImageChanges::of(&changes));
        let LoadedState { catalogue, doubts, .. } = other;
        Ok(Arc::new(Comparison { name, changes, other: catalogue, by_image, doubts }))
    })
    .await
}

/// The open images as a state.
fn opened(source: &Source, job: &CompareJob) -> LoadedState {
    let archive = match source {
        Source::Archive(archive) => Some(Arc::clone(archive)),
        Source::Service(_) | Source::Kept => None,
    };
    LoadedState {
        digests: archive.as_ref().map_or_else(FxHashMap::default, |archive| digests_of(archive, &job.catalogue)),
        catalogue: (*job.catalogue).clone(),
        project: job.project.clone(),
        kind: job.kind,
        is_import: is_of_import(&job.project),
        unreadable: FxHashSet::default(),
        is_incomplete: job.is_incomplete,
        lacks_parts: false,
        doubts: Vec::new(),
        notes: Vec::new(),
        archive,
    }
}

async fn of_folder(text: &str, cancel: CancellationToken) -> Result<LoadedState, Failure> {
    let StatePlace { path, iteration } = StatePlace::of(text.as_ref());
    let looked = blocking(move || Ok((open_folder(&path)?, path))).await?;
    match looked {
        (OpenKind::Archive(folder), _) => {
            let archive = blocking(move || Archive::open(&folder).or_failure()).await?;
            let facts = (archive.project().clone(), archive.kind());
            let wanted = iteration.map(|wanted| iteration_of(&archive, &wanted)).transpose()?;
            load(&Source::Archive(Arc::new(archive)), facts, wanted, false, |_| ()).await
        }
        (OpenKind::Dataset(..), path) => {
            if iteration.is_some() {
                return Err(no_iteration());
            }
            blocking(move || load_dataset(&places_of(None, &[path], None)?, |_| (), &cancel)).await
        }
    }
}

/// The iteration of an archive by its id or name.
fn iteration_of(archive: &Archive, wanted: &str) -> Result<IterationId, Failure> {
    let is_meant = |name: &str, id: IterationId| name == wanted || id.to_string() == wanted.to_lowercase();
    let found = archive.iterations().iter().find(|one| is_meant(&one.name, one.id));
    found.map(|one| one.id).ok_or_else(no_iteration)
}

fn no_iteration() -> Failure {
    Failure::bare(FailureKind::NotFound { what: "iteration".to_owned() })
}

async fn of_iteration(
    source: &Source,
    facts: (Project, ProjectKind),
    iteration: Option<IterationId>,
) -> Result<(String, LoadedState), Failure> {
    let name = match iteration {
        None => "Workspace".to_owned(),
        Some(id) => {
            let all = source.iterations(facts.0.id).await?;
            all.iter().find(|one| one.id == id).map_or_else(|| id.to_string(), |one| one.name.clone())
        }
    };
    Ok((name, load(source, facts, iteration, false, |_| ()).await?))
}
