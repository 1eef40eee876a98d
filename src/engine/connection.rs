//! Connecting to a source: the key, the list of projects, and behind it their counts and pictures, a few projects at
//! once and never while a listing wants the calls.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use secrecy::SecretString;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::blobs::{Blobs, BlobsOf, Cache, CacheUse};
use super::context::EngineContext;
use super::far::FarAccess;
use super::pool::{Rank, Urgency};
use super::source::{Source, blocking, doubts_of};
use super::{doubts, far, open_folder, waits};
use crate::failure::OrFailure as _;
use app::event::ProjectSummary;
use app::event::{Doubted, TestReport};
use app::{Event, Failure, FailureKind, KeyChoice, PixelKey, SourceSpec};
use domain::{BlobKind, ImageId, ImageRow, IterationId, Mipmap, ObjectAddress, ProjectId, Raster};
use pixels::{self, DecodeRequest};
use service::{Client, Endpoint, ListQuery};
use storage::Archive;

/// Downloads at once from one host.
pub(super) const DOWNLOADS: usize = 8;
const PROJECTS_AT_ONCE: usize = 3;
/// Longest side of a project's picture.
const COVER_SIDE: u32 = 256;
const COVER_QUALITY: u8 = 85;

pub(super) struct Connection {
    pub(super) source: Source,
    pub(super) cancel: CancellationToken,
    pub(super) downloads: Arc<Semaphore>,
    pub(super) cache: Option<Cache>,
    /// For an archive: where its made pictures are kept.
    archive_scope: Option<ProjectId>,
}

impl Connection {
    /// `generation`: the session that gets fresh addresses.
    pub(super) fn blobs(
        &self,
        context: &EngineContext,
        project: ProjectId,
        iteration: Option<IterationId>,
        generation: Option<u64>,
    ) -> Blobs {
        Blobs::new(BlobsOf {
            source: self.source.clone(),
            project,
            iteration,
            told: generation.map(|generation| (generation, Arc::clone(&context.shared.inbox))),
            cache: self.cache.clone().map_or(CacheUse::Off, CacheUse::Full),
            scope: self.archive_scope.unwrap_or(project),
            downloads: Arc::clone(&self.downloads),
        })
    }
}

pub(super) enum Target {
    Service {
        endpoint: String,
        key: KeyChoice,
    },
    /// An archive or a dataset.
    Folder(PathBuf),
    Store(ObjectAddress),
}

/// Tries an endpoint and a key, and keeps nothing.
pub(super) async fn test(context: &EngineContext, endpoint: &str, key: KeyChoice) -> Result<TestReport, Failure> {
    let endpoint = Endpoint::parse(endpoint).or_failure()?;
    let key = key_of(context, &endpoint, &key).await?;
    let client = client(context, endpoint, key)?;
    let projects = client.projects().await.or_failure()?;
    Ok(TestReport { project_count: projects.len() })
}

/// Connects and reports. `install` puts the new connection in place of the one before; `false`: it is no longer wanted.
pub(super) async fn connect(
    context: Arc<EngineContext>,
    spec: SourceSpec,
    target: Target,
    cancel: CancellationToken,
    install: impl FnOnce(Arc<Connection>) -> bool,
) {
    let work = super::failure::guarded(open(&context, &spec, target, &cancel));
    let opened = tokio::select! {
        biased;
        () = cancel.cancelled() => return,
        opened = Box::pin(work) => opened,
    };
    let (source, projects, notice) = match opened {
        Ok(opened) => opened,
        Err(failure) => {
            context.shared.inbox.post(Event::ConnectFailed { source: spec, failure });
            return;
        }
    };
    let archive_scope = match (&source, projects.first()) {
        (Source::Archive(_), Some(first)) => Some(source.cache_scope(first.project.id).await),
        _ => None,
    };
    let connection = Arc::new(Connection {
        source,
        cancel: cancel.clone(),
        downloads: Arc::new(Semaphore::new(DOWNLOADS)),
        // The built-in service makes its pictures again with each version of the program.
        cache: context.shared.cache.clone().filter(|_| spec != SourceSpec::Sample),
        archive_scope,
    });
    if !install(Arc::clone(&connection)) {
        return;
    }
    context.shared.inbox.post(Event::Connected { source: spec, projects: projects.clone(), notice });
    let counting = count_projects(&context, &connection, projects);
    tokio::select! {
        biased;
        () = cancel.cancelled() => {}
        () = Box::pin(counting) => {}
    }
}

type Open = (Source, Vec<ProjectSummary>, Option<String>);

async fn open(
    context: &EngineContext,
    spec: &SourceSpec,
    target: Target,
    cancel: &CancellationToken,
) -> Result<Open, Failure> {
    match target {
        Target::Service { endpoint, key } => {
            let endpoint = Endpoint::parse(&endpoint).or_failure()?;
            let secret = key_of(context, &endpoint, &key).await?;
            let source = Source::Service(client(context, endpoint.clone(), secret.clone())?);
            let projects = summaries(context, &source).await?;
            // Only a key that the service has accepted is worth keeping; the built-in service makes a new one each time.
            let notice = match key {
                KeyChoice::Typed { keep, .. } if *spec != SourceSpec::Sample => {
                    context.keys.keep(&endpoint.to_string(), &secret, keep).await
                }
                _ => None,
            };
            Ok((source, projects, notice))
        }
        Target::Folder(path) => {
            let archive = open_folder::open(path, context.options.imports_dir.clone(), cancel.clone()).await?;
            open_archive(context, archive, None).await
        }
        Target::Store(address) => {
            let (access, cancel) = (far_access(context, spec), cancel.clone());
            let opened = blocking(move || far::open(&address, &access, &cancel)).await?;
            open_archive(context, opened.archive, opened.notice).await
        }
    }
}

/// The way to an archive in a store. It reports how much of its list has come and what it waits for.
fn far_access(context: &EngineContext, spec: &SourceSpec) -> FarAccess {
    let mut access = context.shared.far.clone();
    let (inbox, source) = (Arc::clone(&context.shared.inbox), spec.clone());
    access.progress = Some(Arc::new(move |come, of| inbox.post(Event::Arriving { source: source.clone(), come, of })));
    let (inbox, source) = (Arc::clone(&context.shared.inbox), spec.clone());
    let tell = move |words| inbox.post(Event::StoreWaits { source: source.clone(), words });
    access.store.observer = Some(waits::observer(tell));
    access
}

/// What an archive has to show; `notice` is what is to be said of it besides.
async fn open_archive(context: &EngineContext, archive: Archive, notice: Option<String>) -> Result<Open, Failure> {
    let (tags, images) = (archive.tags().len() as u64, archive.image_count());
    let archive = Arc::new(archive);
    let held = Arc::clone(&archive);
    let doubts = blocking(move || doubts_of(&held, None)).await?;
    let source = Source::Archive(archive);
    let cover = source.first_rows(ProjectId::default(), 1).await?.rows.first().map(|row| row.id);
    let mut projects = summaries(context, &source).await?;
    for summary in &mut projects {
        summary.tag_count = Some(tags);
        summary.image_count = Some(images);
        summary.cover = cover;
    }
    let said: Vec<String> = notice.into_iter().chain(doubts).collect();
    let notice = (!said.is_empty()).then(|| said.join(" "));
    Ok((source, projects, notice))
}

async fn summaries(context: &EngineContext, source: &Source) -> Result<Vec<ProjectSummary>, Failure> {
    let projects = doubts::entries(&context.shared.inbox, Doubted::Projects, source.projects().await?);
    let summary = |(project, kind)| ProjectSummary { project, kind, tag_count: None, image_count: None, cover: None };
    Ok(projects.into_iter().map(summary).collect())
}

fn client(context: &EngineContext, endpoint: Endpoint, key: SecretString) -> Result<Client, Failure> {
    Client::new(endpoint, key, context.options.client.clone()).or_failure()
}

async fn key_of(context: &EngineContext, endpoint: &Endpoint, key: &KeyChoice) -> Result<SecretString, Failure> {
    match key {
        KeyChoice::Typed { key, .. } => Ok(key.clone()),
        KeyChoice::Stored => {
            let stored = context.keys.get(&endpoint.to_string()).await?;
            stored.ok_or_else(|| Failure::bare(FailureKind::NoKey))
        }
        KeyChoice::None => Err(Failure::bare(FailureKind::NoKey)),
    }
}

async fn count_projects(context: &EngineContext, connection: &Connection, projects: Vec<ProjectSummary>) {
    let idle = context.listing.subscribe();
    stream::iter(projects)
        .for_each_concurrent(PROJECTS_AT_ONCE, |summary| {
            let mut idle = idle.clone();
            async move {
                wait_until_idle(&mut idle).await;
                count(context, connection, summary).await;
            }
        })
        .await;
}

/// The calls belong to the listing while there is one.
async fn wait_until_idle(listings: &mut watch::Receiver<usize>) {
    let _ = listings.wait_for(|&listings| listings == 0).await;
}

async fn count(context: &EngineContext, connection: &Connection, summary: ProjectSummary) {
    let project = summary.project.id;
    let source = &connection.source;
    let query = ListQuery::default();
    let (tags, images, first) = match source {
        Source::Service(_) => {
            let (tags, images, first) =
                tokio::join!(source.tags(project, None), source.count(project, &query), source.first_rows(project, 1));
            (tags.ok().map(|tags| tags.len() as u64), images.ok(), first)
        }
        Source::Archive(_) | Source::Kept => {
            (summary.tag_count, summary.image_count, source.first_rows(project, 1).await)
        }
    };
    let first = first.ok().and_then(|page| page.rows.into_iter().next());
    let cover = first.as_ref().map(|row| row.id);
    context.shared.inbox.post(Event::ProjectCounts { project, tags, images, cover });
    if let Some(row) = first {
        show_cover(context, connection, project, row).await;
    }
}

/// A project without a picture shows its placeholder: a failure is not worth more than that.
async fn show_cover(context: &EngineContext, connection: &Connection, project: ProjectId, row: ImageRow) {
    let blobs = connection.blobs(context, project, None, None);
    let kinds: &[BlobKind] = match &connection.source {
        Source::Service(_) => &[BlobKind::Thumbnail, BlobKind::Resized],
        Source::Archive(_) | Source::Kept => &[BlobKind::Original],
    };
    for &kind in kinds {
        let Ok(bytes) = blobs.bytes(row.id, kind, row.uris.get(kind), Vec::new).await else { continue };
        let Some(raster) = post_cover(context, &connection.cancel, row.id, bytes).await else { continue };
        // What a service gave is in the cache by now; the recent list finds the others there too.
        let is_cached = connection.cache.is_some() && !connection.source.is_archive();
        if let (Some(cache), false) = (&context.shared.cache, is_cached)
            && let Ok(bytes) = pixels::encode_jpeg(&raster, COVER_QUALITY)
        {
            cache.put(row.id, BlobKind::Thumbnail, project, bytes.into()).await;
        }
        return;
    }
}

/// Decodes and reports a project's picture; `None` when it cannot be decoded.
async fn post_cover(
    context: &EngineContext,
    cancel: &CancellationToken,
    id: ImageId,
    bytes: bytes::Bytes,
) -> Option<Raster> {
    let limits = context.shared.limits;
    let request = DecodeRequest { listed_size: (0, 0), max_side: Some(COVER_SIDE) };
    let rank = Rank::new(Urgency::Cover, context.shared.next_epoch(), 0);
    let work = move || {
        let raster = pixels::decode_within(&bytes, request, &limits)?.raster;
        Ok((Arc::new(Mipmap::single(&raster)), raster))
    };
    let decoded: Result<_, pixels::PixelError> = context.shared.pool.run(rank, cancel, work).await.ok()?;
    let (picture, raster) = decoded.ok()?;
    context.shared.inbox.post_pixels(0, PixelKey::Cover { id }, Ok(picture), cancel).await;
    Some(raster)
}

/// Pictures for the list of recent projects: from the disk cache or not at all.
pub(super) async fn want_covers(context: Arc<EngineContext>, covers: Vec<(ProjectId, ImageId)>) {
    let Some(cache) = &context.shared.cache else { return };
    for (project, image) in covers {
        for kind in [BlobKind::Thumbnail, BlobKind::Resized] {
            if let Some(bytes) = cache.get(image, kind, project).await
                && post_cover(&context, &context.root, image, bytes).await.is_some()
            {
                break;
            }
        }
    }
}
