//! Lists of the last visit: sent before the new listing begins, or before there is a connection at all; kept when a
//! listing has ended.
//!
//! A service's list is kept under its endpoint and its project together: what one account has left on this computer is
//! never shown for another. The sample project has none, for the same reason as its pictures are not in the disk cache:
//! it is made again with each version of the program.

use std::sync::Arc;
use std::time::{Instant, UNIX_EPOCH};

use uuid::Uuid;

use super::blobs::Blobs;
use super::context::EngineContext;
use super::session::ProjectSession;
use super::source::Source;
use app::Event;
use domain::{Catalogue, IterationId, ProjectId};
use service::Endpoint;
use storage::Snapshots;

/// Which list of a project it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListKey {
    /// Of which iteration; `None`: of the workspace.
    pub(super) iteration: Option<IterationId>,
    pub(super) has_untagged: bool,
}

impl ListKey {
    /// The list with images without tags is kept next to the other one.
    fn within(self, scope: ProjectId) -> ProjectId {
        match self.has_untagged {
            true => ProjectId(Uuid::new_v5(&scope.0, b"with images without tags")),
            false => scope,
        }
    }
}

struct Found {
    catalogue: Arc<Catalogue>,
    /// Seconds since 1970.
    kept_unix: Option<i64>,
}

/// Under which id the list of a session is kept.
pub(super) fn scope(blobs: &Blobs) -> ProjectId {
    match &blobs.source {
        Source::Service(client) => scope_of(client.endpoint(), blobs.project),
        Source::Archive(_) | Source::Kept => blobs.scope,
    }
}

fn scope_of(endpoint: &Endpoint, project: ProjectId) -> ProjectId {
    ProjectId(Uuid::new_v5(&project.0, endpoint.to_string().as_bytes()))
}

/// Reports the list of the last visit, if there is one that can be used.
pub(super) async fn report_last_visit(session: &ProjectSession, list: ListKey) {
    let (Some(snapshots), Some(_)) = (session.shared.snapshots.clone(), session.blobs.cache()) else { return };
    if let Some(Found { catalogue, .. }) = read(snapshots, scope(&session.blobs), list).await {
        session.post(Event::LastVisit { generation: session.generation, catalogue });
    }
}

/// Reports the list of the last visit to a project of a service that is not connected yet, if there is one.
pub(super) async fn recall(context: Arc<EngineContext>, endpoint: String, project: ProjectId, list: ListKey) {
    let (Some(snapshots), Some(_)) = (context.shared.snapshots.clone(), &context.shared.cache) else { return };
    let Ok(place) = Endpoint::parse(&endpoint) else { return };
    if let Some(Found { catalogue, kept_unix }) = read(snapshots, scope_of(&place, project), list).await {
        let iteration = list.iteration;
        context.shared.inbox.post(Event::Recalled { endpoint, project, iteration, catalogue, kept_unix });
    }
}

async fn read(snapshots: Snapshots, scope: ProjectId, list: ListKey) -> Option<Found> {
    let (scope, iteration) = (list.within(scope), list.iteration);
    let read = move || {
        let began = Instant::now();
        let kept = snapshots.kept_at(scope, iteration).and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let loaded = snapshots.load(scope, iteration);
        let us = began.elapsed().as_micros() as u64;
        tracing::trace!(name: "read the list of the last visit", target: "tagscope::trace", us, is_good = loaded.is_ok());
        (loaded, kept.and_then(|since| i64::try_from(since.as_secs()).ok()))
    };
    match tokio::task::spawn_blocking(read).await {
        Ok((Ok(Some(catalogue)), kept_unix)) if !catalogue.is_empty() => {
            Some(Found { catalogue: Arc::new(catalogue), kept_unix })
        }
        Ok((Ok(_), _)) => None,
        Ok((Err(error), _)) => {
            tracing::warn!(%error, "the list of the last visit cannot be used");
            None
        }
        Err(_) => {
            tracing::warn!("reading the list of the last visit stopped");
            None
        }
    }
}

/// Keeps a list for the next visit, in the background. Without it the next visit begins with the service's answer: that
/// is worth a line in the log and no more.
pub(super) fn keep(session: &ProjectSession, list: ListKey, catalogue: Arc<Catalogue>) {
    let (Some(snapshots), Some(_)) = (session.shared.snapshots.clone(), session.blobs.cache()) else { return };
    let (scope, iteration) = (list.within(scope(&session.blobs)), list.iteration);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = snapshots.save(scope, iteration, &catalogue) {
            tracing::warn!(%error, "the list could not be saved for the next visit");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_of_one_endpoint_and_one_project() {
        let scope = |endpoint, project| {
            scope_of(&Endpoint::parse(endpoint).expect("endpoint"), ProjectId(Uuid::from_u128(project)))
        };
        let own = scope("https://a.cognitiveservices.azure.com", 1);
        assert_eq!(own, scope("https://A.cognitiveservices.azure.com/", 1), "however it is typed");
        assert_ne!(own, scope("https://b.cognitiveservices.azure.com", 1));
        assert_ne!(own, scope("https://a.cognitiveservices.azure.com", 2));
    }
}
