//! Comparing for the window: the open images with the state that the user has chosen, and small pictures
//! of images that only that state has, so that the window can show what is gone.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use rustc_hash::FxHashMap;

use super::load::opened;
use super::named::load_service;
use super::{LoadedState, SERVICE, compare, load, load_folder, report};
use crate::failure::OrFailure as _;
use crate::failure::guarded;
use crate::pool::{Rank, Urgency};
use crate::session::ProjectSession;
use crate::source::{Source, blocking};
use app::changes::{ChangesEvent, CompareJob, MOST_REMOVED, OtherState, ReportJob, StateComparison};
use app::{Event, Failure, FailureKind, PixelKey};
use domain::changes::DEFAULT_IOU;
use domain::{BlobKind, BlobUri, ImageId, ImageIx, IterationId, Mipmap, Project, ProjectId, ProjectKind};
use pixels::DecodeRequest;
use storage::regular::read_bounded;

/// Begins a comparison; its end is reported unless the project is closed meanwhile.
pub(crate) fn run(session: &Arc<ProjectSession>, job: CompareJob) {
    let session = Arc::clone(session);
    tokio::spawn(async move {
        let number = job.number;
        let cancel = session.cancel.clone();
        let result = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            result = Box::pin(guarded(compared(&session, job))) => result,
        };
        let (result, pictures) = match result {
            Ok((comparison, pictures)) => (Ok(Arc::clone(&comparison)), Some((comparison, pictures))),
            Err(failure) => (Err(failure), None),
        };
        let event = ChangesEvent::Compared { number, result };
        session.post(Event::Changes { generation: session.generation, event });
        if let Some((comparison, pictures)) = pictures {
            tokio::select! {
                biased;
                () = cancel.cancelled() => {}
                () = pictures.show(&session, &comparison) => {}
            }
        }
    });
}

/// Writes a report; its end is reported unless the project is closed meanwhile.
pub(crate) fn save(session: &Arc<ProjectSession>, job: ReportJob) {
    let session = Arc::clone(session);
    tokio::spawn(async move {
        let result = guarded(blocking(move || report::save(&job))).await;
        let event = ChangesEvent::Saved(result);
        session.post(Event::Changes { generation: session.generation, event });
    });
}

async fn compared(session: &Arc<ProjectSession>, job: CompareJob) -> Result<(Arc<StateComparison>, Pictures), Failure> {
    let source = session.blobs.source.clone();
    let (name, mut other) = match &job.other {
        OtherState::Typed(text) => (text.clone(), load_typed(session, &source, text, job.has_untagged).await?),
        OtherState::Iteration(iteration) => {
            let facts = (job.project.clone(), job.kind);
            load_iteration(&source, facts, *iteration, job.has_untagged).await?
        }
    };
    blocking(move || {
        let mut open = opened(&source, &job)?;
        let changes = compare(&mut other, &mut open, DEFAULT_IOU)?;
        let pictures = Pictures::new(&mut other, source);
        let LoadedState { catalogue, doubts, is_import, .. } = other;
        let skips_names = is_import != open.is_import;
        let of =
            |state: &str, doubts: &[String]| doubts.iter().map(|doubt| format!("{state}: {doubt}")).collect::<Vec<_>>();
        let doubts = [of(&name, &doubts), of(&job.project.name, &open.doubts)].concat();
        let comparison = StateComparison::new(name, changes, catalogue, &open.catalogue, skips_names, doubts);
        Ok((Arc::new(comparison), pictures))
    })
    .await
}

async fn load_typed(
    session: &ProjectSession,
    source: &Source,
    text: &str,
    has_untagged: bool,
) -> Result<LoadedState, Failure> {
    let Some(wanted) = text.strip_prefix(SERVICE) else {
        let (far, cancel) = (session.shared.far.clone(), session.cancel.clone());
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

async fn load_iteration(
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

/// Longest side of the pictures.
const SIDE: u32 = 192;

/// No picture is larger.
const PICTURE_LIMIT: u64 = 1 << 30;

/// Where the pictures of the other state are.
struct Pictures {
    source: Source,
    project: ProjectId,
    files: FxHashMap<ImageId, PathBuf>,
}

struct Wanted {
    id: ImageId,
    listed_size: (u32, u32),
    uri: Option<BlobUri>,
}

impl Pictures {
    /// Those of a state that was read; one of a service was read from `source`.
    fn new(state: &mut LoadedState, source: Source) -> Self {
        let source = state.archive.take().map_or(source, Source::Archive);
        Self { source, project: state.project.id, files: std::mem::take(&mut state.files) }
    }

    /// Reports the pictures of the first removed images. One that is missing or damaged is left out: its name is shown.
    async fn show(self, session: &Arc<ProjectSession>, comparison: &StateComparison) {
        let kind = if self.source.is_archive() { BlobKind::Original } else { BlobKind::Thumbnail };
        let wanted = |&ix: &ImageIx| {
            let image = comparison.other.get(ix)?;
            Some(Wanted { id: image.id(), listed_size: image.size(), uri: image.uri(kind) })
        };
        let wanted: Vec<_> = comparison.removed.iter().take(MOST_REMOVED).filter_map(wanted).collect();
        let epoch = session.shared.next_epoch();
        for (place, wanted) in wanted.into_iter().enumerate() {
            let id = wanted.id;
            let rank = Rank::new(Urgency::Background, epoch, place);
            if let Ok(picture) = self.picture(session, wanted, kind, rank).await {
                let (inbox, key) = (&session.shared.inbox, PixelKey::Removed { id });
                inbox.post_pixels(session.generation, key, Ok(picture), &session.cancel).await;
            }
        }
    }

    async fn picture(
        &self,
        session: &ProjectSession,
        wanted: Wanted,
        kind: BlobKind,
        rank: Rank,
    ) -> Result<Arc<Mipmap>, Failure> {
        let bytes = match self.files.get(&wanted.id).cloned() {
            Some(file) => Bytes::from(blocking(move || read_bounded(&file, PICTURE_LIMIT).or_failure()).await?),
            None => self.source.blob(self.project, wanted.id, kind, wanted.uri.as_ref()).await?,
        };
        let limits = session.shared.limits;
        let request = DecodeRequest { listed_size: wanted.listed_size, max_side: Some(SIDE) };
        let work = move || {
            pixels::decode_within(&bytes, request, &limits).map(|decoded| Arc::new(Mipmap::single(&decoded.raster)))
        };
        let decoded = session.shared.pool.run(rank, &session.cancel, work).await.or_failure()?;
        decoded.or_failure()
    }
}
