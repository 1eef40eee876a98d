//! Does the effects of [`app::checks`]: looks at labels and compares hashes on threads that may block, makes hashes
//! at the lowest rank of the decode pool. Everything ends with the session.

use std::sync::Arc;

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::failure::guarded;
use super::hashes;
use super::pool::{Rank, Urgency};
use super::session::ProjectSession;
use super::source::blocking;
use crate::failure::OrFailure as _;
use app::checks::{CheckEffect, CheckEvent};
use app::picture::PictureTarget;
use app::{Event, Failure};
use domain::{BlobKind, Catalogue, CheckOptions, Finding, ImageId, checks};
use pixels::{self, DecodeRequest, PixelError};

/// Pictures that are fetched and decoded for their hash at once.
const AT_ONCE: usize = 4;
/// New hashes after which they are kept on disk.
const KEEP_AFTER: usize = 4_096;

pub(super) fn run(session: &Arc<ProjectSession>, effect: CheckEffect) {
    let session = Arc::clone(session);
    match effect {
        CheckEffect::LoadHashes => {
            tokio::task::spawn_blocking(move || session.hashes.load());
        }
        CheckEffect::Images { round, part, kind, options } => {
            tokio::spawn(async move {
                let found = find(&session, move || checks::images(&part, kind, &options)).await;
                post(&session, CheckEvent::Images { round, found });
            });
        }
        CheckEffect::Whole { round, catalogue, options } => {
            tokio::spawn(async move {
                let found = find(&session, move || checks::whole(&catalogue, &options)).await;
                post(&session, CheckEvent::Whole { round, found });
            });
        }
        CheckEffect::Hash { search, requests, may_fetch } => {
            // Here, not in the task: a stop that comes next must find it.
            let cancel = session.hashes.begin(&session.cancel);
            tokio::spawn(hash(session, search, requests, may_fetch, cancel));
        }
        CheckEffect::StopHashing => session.hashes.stop(),
        CheckEffect::Duplicates { search, catalogue, options } => {
            tokio::spawn(compare(session, search, catalogue, options));
        }
    }
}

fn post(session: &ProjectSession, event: CheckEvent) {
    session.post(Event::Check { generation: session.generation, event });
}

/// What a check finds. One that panics finds nothing, so that the others continue.
async fn find(session: &ProjectSession, check: impl FnOnce() -> Vec<Finding> + Send + 'static) -> Vec<Finding> {
    let work = guarded(blocking(move || Ok(check())));
    let found = tokio::select! {
        biased;
        () = session.cancel.cancelled() => return Vec::new(),
        found = work => found,
    };
    found.unwrap_or_else(|failure: Failure| {
        tracing::warn!(failure = failure.kind_name(), "a check failed");
        Vec::new()
    })
}

async fn hash(
    session: Arc<ProjectSession>,
    search: u64,
    requests: Vec<PictureTarget>,
    may_fetch: bool,
    cancel: CancellationToken,
) {
    let count = requests.len() as u32;
    // What is kept counts, also when this is requested before it was read.
    let kept = Arc::clone(&session);
    let _ = tokio::task::spawn_blocking(move || kept.hashes.load()).await;
    let unknown: Vec<_> = requests.into_iter().filter(|target| !session.hashes.has(target.id)).collect();
    let peers: Vec<ImageId> = unknown.iter().map(|target| target.id).collect();
    let each = futures_util::stream::iter(unknown).for_each_concurrent(AT_ONCE, async |target| {
        let image = target.id;
        if let Err(failure) = guarded(hash_one(&session, target, may_fetch, &peers, &cancel)).await {
            tracing::debug!(%image, failure = failure.kind_name(), "no hash of a picture");
        }
    });
    tokio::select! {
        biased;
        () = cancel.cancelled() => {}
        () = Box::pin(each) => {}
    }
    keep(&session, KEEP_AFTER);
    post(&session, CheckEvent::Hashed { search, count });
}

async fn hash_one(
    session: &ProjectSession,
    target: PictureTarget,
    may_fetch: bool,
    peers: &[ImageId],
    cancel: &CancellationToken,
) -> Result<(), Failure> {
    let blobs = &session.blobs;
    let kept = match blobs.cache() {
        Some(cache) => cache.get(target.id, BlobKind::Thumbnail, blobs.scope).await,
        None => None,
    };
    let bytes = match kept {
        Some(bytes) => bytes,
        None if may_fetch => {
            blobs.bytes(target.id, BlobKind::Thumbnail, target.thumbnail.as_ref(), || peers.to_vec()).await?
        }
        None => return Ok(()),
    };
    let (limits, known) = (session.shared.limits, Arc::clone(&session.hashes));
    let request = DecodeRequest { listed_size: target.listed_size, max_side: Some(hashes::SIDE) };
    let work = move || {
        let decoded = pixels::decode_within(&bytes, request, &limits)?;
        known.note(target.id, &decoded.raster);
        Ok(())
    };
    let rank = Rank::new(Urgency::Hash, 0, 0);
    let made: Result<_, PixelError> = session.shared.pool.run(rank, cancel, work).await.or_failure()?;
    made.or_failure()
}

/// Keeps the hashes on disk when so many are new.
fn keep(session: &Arc<ProjectSession>, least: usize) {
    let session = Arc::clone(session);
    tokio::task::spawn_blocking(move || session.hashes.keep(least));
}

async fn compare(session: Arc<ProjectSession>, search: u64, catalogue: Arc<Catalogue>, options: CheckOptions) {
    keep(&session, 1);
    let hashes: Vec<_> = catalogue.iter().map(|image| session.hashes.get(image.id())).collect();
    let compared = hashes.iter().flatten().count() as u32;
    let found = find(&session, move || checks::duplicates(&catalogue, &hashes, &options)).await;
    post(&session, CheckEvent::Duplicates { search, compared, found });
}
