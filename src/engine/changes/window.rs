//! Comparing for the window: the open images with the state that the user has chosen.

use std::sync::Arc;

use super::load::opened;
use super::named::load_service;
use super::removed::Pictures;
use super::{LoadedState, SERVICE, compare, load, load_folder, report};
use crate::guard::guarded;
use crate::opening::Opening;
use crate::source::{Source, blocking};
use app::changes::{ChangesEvent, CompareJob, Comparison, OtherState, ReportJob};
use app::{Event, Failure, FailureKind};
use domain::changes::DEFAULT_IOU;
use domain::{IterationId, Project, ProjectKind};

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
        let (result, pictures) = match result {
            Ok((comparison, pictures)) => (Ok(Arc::clone(&comparison)), Some((comparison, pictures))),
            Err(failure) => (Err(failure), None),
        };
        let event = ChangesEvent::Compared { number, result };
        opening.shared.inbox.post(Event::Changes { generation: opening.generation, event });
        if let Some((comparison, pictures)) = pictures {
            tokio::select! {
                biased;
                () = cancel.cancelled() => {}
                () = pictures.show(&opening, &comparison) => {}
            }
        }
    });
}

/// Writes a report; its end is reported unless the project is closed meanwhile.
pub(crate) fn save(opening: &Arc<Opening>, job: ReportJob) {
    let opening = Arc::clone(opening);
    tokio::spawn(async move {
        let result = guarded(blocking(move || report::save(&job))).await;
        let event = ChangesEvent::Saved(result);
        opening.shared.inbox.post(Event::Changes { generation: opening.generation, event });
    });
}

async fn compared(opening: &Arc<Opening>, job: CompareJob) -> Result<(Arc<Comparison>, Pictures), Failure> {
    let source = opening.blobs.source.clone();
    let (name, mut other) = match &job.other {
        OtherState::Typed(text) => (text.clone(), of_text(opening, &source, text, job.has_untagged).await?),
        OtherState::Iteration(iteration) => {
            let facts = (job.project.clone(), job.kind);
            of_iteration(&source, facts, *iteration, job.has_untagged).await?
        }
    };
    blocking(move || {
        let mut open = opened(&source, &job)?;
        let changes = compare(&mut other, &mut open, DEFAULT_IOU)?;
        let pictures = Pictures::of(&mut other, source);
        let LoadedState { catalogue, doubts, is_import, .. } = other;
        let skips_names = is_import != open.is_import;
        let of =
            |state: &str, doubts: &[String]| doubts.iter().map(|doubt| format!("{state}: {doubt}")).collect::<Vec<_>>();
        let doubts = [of(&name, &doubts), of(&job.project.name, &open.doubts)].concat();
        let comparison = Comparison::new(name, changes, catalogue, &open.catalogue, skips_names, doubts);
        Ok((Arc::new(comparison), pictures))
    })
    .await
}

async fn of_text(opening: &Opening, source: &Source, text: &str, has_untagged: bool) -> Result<LoadedState, Failure> {
    let Some(wanted) = text.strip_prefix(SERVICE) else {
        let (far, cancel) = (opening.shared.far.clone(), opening.cancel.clone());
        return Ok(load_folder(text.as_ref(), has_untagged, |_| (), || Ok(far), cancel).await?);
    };
    if source.is_archive() {
        let reason = format!(
            "{SERVICE} means the service that the window is connected to, but an archive is open. Open a project of the \
             service, and compare that with the archive"
        );
        return Err(Failure::bare(FailureKind::NotChosen { reason }));
    }
    Ok(load_service(source, wanted, has_untagged, |_| ()).await?)
}

async fn of_iteration(
    source: &Source,
    facts: (Project, ProjectKind),
    iteration: Option<IterationId>,
    has_untagged: bool,
) -> Result<(String, LoadedState), Failure> {
    let name = match iteration {
        None => "Workspace".to_owned(),
        Some(id) => {
            let all = source.iterations(facts.0.id).await?;
            all.iter().find(|one| one.id == id).map_or_else(|| id.to_string(), |one| one.name.clone())
        }
    };
    Ok((name, load(source, facts, iteration, has_untagged, |_| ()).await?))
}
