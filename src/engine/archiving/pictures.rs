//! The pictures of an archive: from the interrupted run, from the former archive, else fetched; several at once.

use std::path::Path;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use rustc_hash::FxHashMap;

use super::{Gathered, Job};
use crate::app::{ArchiveReport, Failure};
use crate::domain::{BlobKind, Catalogue, ImageId, ImageIx, ImageRow};
use crate::engine::export::{FAILURES_IN_A_ROW, Fetch as _, Progress, concerns_all, is_of_the_source};
use crate::engine::exporting::SourceFetch;
use crate::engine::failure;
use crate::engine::source::{Source, blocking};
use crate::pixels;
use crate::storage::archive::picture_name;
use crate::storage::staging::measure;
use crate::storage::{FileFacts, StorageError};

/// Files of the archive with their facts.
pub(super) type Placed = Vec<(String, FileFacts)>;

/// What became of a picture.
enum Outcome {
    Placed { name: String, facts: FileFacts, is_fetched: bool, remark: Option<String> },
    Missing(Failure),
}

/// Which files are whole in the hidden folder, by image and kind.
type Whole = FxHashMap<(ImageId, BlobKind), (String, FileFacts)>;

/// The images of a state whose pictures are wanted, and where fresh addresses of them are asked for.
struct Lot<'a> {
    catalogue: &'a Catalogue,
    fetch: SourceFetch,
}

/// Brings all pictures into the hidden folder: of the workspace, then of the iterations what it has not.
pub(super) async fn all(
    source: &Source,
    job: &Arc<Job>,
    gathered: &Gathered,
    report: &mut ArchiveReport,
) -> Result<Placed, Failure> {
    let parallel = job.options.parallel.max(1);
    let own = gathered.trained.iter().map(|one| (Some(one.facts.iteration), &one.own));
    let lots: Vec<Lot<'_>> = std::iter::once((None, &gathered.catalogue))
        .chain(own)
        .map(|(iteration, catalogue)| {
            let images = catalogue.iter().map(|image| image.id()).collect();
            let (source, project, cancel) = (source.clone(), job.wanted.project.id, job.cancel.clone());
            Lot { catalogue, fetch: SourceFetch::new(source, project, iteration, images, parallel, cancel) }
        })
        .collect();
    let whole = whole(job);
    let kinds: &[BlobKind] = match job.wanted.has_thumbnails {
        true => &[BlobKind::Original, BlobKind::Thumbnail],
        false => &[BlobKind::Original],
    };
    let wanted: Vec<(usize, ImageIx, BlobKind)> = lots
        .iter()
        .enumerate()
        .flat_map(|(lot, of)| {
            of.catalogue.iter().flat_map(move |image| kinds.iter().map(move |&kind| (lot, image.ix, kind)))
        })
        .collect();
    let total = wanted.len() as u64;
    let (lots, whole) = (&lots, &whole);
    let mut outcomes = stream::iter(wanted)
        .map(|(lot, ix, kind)| async move {
            // Those that are under way come to their end.
            job.rest().await?;
            let Some(Lot { catalogue, fetch }) = lots.get(lot) else {
                return Err(failure::internal("a state is not in the list"));
            };
            let row = catalogue.get(ix).map(|image| image.to_row());
            let row = row.ok_or_else(|| failure::internal("an image is not in the catalogue"))?;
            let outcome = one(job, fetch, whole, &row, kind).await?;
            Ok::<_, Failure>((row.id, kind, outcome))
        })
        .buffered(parallel);
    let mut placed = Placed::new();
    let mut in_a_row = 0;
    for done in 1.. {
        let outcome = tokio::select! {
            biased;
            () = job.cancel.cancelled() => return Err(failure::cancelled()),
            outcome = outcomes.next() => outcome,
        };
        let Some(outcome) = outcome else { break };
        let (image, kind, outcome) = outcome?;
        match outcome {
            Outcome::Placed { name, facts, is_fetched, remark } => {
                in_a_row = 0;
                report.bytes += facts.bytes;
                *(if is_fetched { &mut report.fetched } else { &mut report.reused }) += 1;
                *(if kind == BlobKind::Thumbnail { &mut report.thumbnails } else { &mut report.originals }) += 1;
                if let Some(remark) = remark {
                    report.itemise(image, false, remark);
                }
                placed.push((name, facts));
            }
            Outcome::Missing(failure) => {
                in_a_row += 1;
                if in_a_row >= FAILURES_IN_A_ROW && is_of_the_source(&failure) {
                    return Err(failure);
                }
                let what = if kind == BlobKind::Thumbnail { "Its thumbnail" } else { "Its original" };
                // A thumbnail is made from the original where there is none.
                report.itemise(image, kind == BlobKind::Original, format!("{what}: {}", failure.headline()));
            }
        }
        (job.progress)(Progress { stage: "Downloading", done, total, bytes: report.bytes });
    }
    Ok(placed)
}

fn whole(job: &Job) -> Whole {
    let entry =
        |(name, facts): (&String, &FileFacts)| Some(((image_of(name)?, kind_of(name)?), (name.clone(), facts.clone())));
    job.kept.iter().filter_map(entry).collect()
}

/// The image of a picture's file.
pub(super) fn image_of(name: &str) -> Option<ImageId> {
    name.rsplit('/').next()?.split('.').next()?.parse().ok()
}

/// The kind of a picture's file.
pub(super) fn kind_of(name: &str) -> Option<BlobKind> {
    match name.split_once('/')?.0 {
        "originals" => Some(BlobKind::Original),
        "thumbnails" => Some(BlobKind::Thumbnail),
        _ => None,
    }
}

async fn one(
    job: &Arc<Job>,
    fetch: &SourceFetch,
    whole: &Whole,
    row: &ImageRow,
    kind: BlobKind,
) -> Result<Outcome, Failure> {
    let image = row.id;
    if let Some((name, facts)) = whole.get(&(image, kind)).cloned() {
        let shared = Arc::clone(job);
        if let Some((name, facts)) = blocking(move || still_whole(&shared, name, facts)).await? {
            return Ok(Outcome::Placed { name, facts, is_fetched: false, remark: None });
        }
    }
    let mut remark = None;
    if job.former.as_ref().is_some_and(|former| former.has(image, kind)) {
        let shared = Arc::clone(job);
        match blocking(move || reuse(&shared, image, kind)).await? {
            Some((name, facts)) => return Ok(Outcome::Placed { name, facts, is_fetched: false, remark: None }),
            None => remark = Some("The former archive's file was damaged: it was fetched again.".to_owned()),
        }
    }
    let bytes = match fetch.fetch(row, kind).await {
        Ok(bytes) => bytes,
        Err(failure) if concerns_all(&failure) => return Err(failure),
        Err(failure) => return Ok(Outcome::Missing(failure)),
    };
    let shared = Arc::clone(job);
    blocking(move || {
        let extension = match pixels::sniff(&bytes) {
            Some(kind) => kind.extension,
            None => {
                remark.get_or_insert_with(|| "What the service keeps of it is no picture that is known.".to_owned());
                "bin"
            }
        };
        let name = picture_name(image, kind, extension);
        let of = |error: StorageError| failure::of_storage(&error.at(&shared.wanted.out));
        let facts = shared.staging.write(&name, &bytes).map_err(of)?;
        shared.staging.keep(&name, &facts).map_err(of)?;
        Ok(Outcome::Placed { name, facts, is_fetched: true, remark })
    })
    .await
}

/// A file that an interrupted run has noted, when a loss of power has not taken its bytes; else it is taken away.
fn still_whole(job: &Job, name: String, facts: FileFacts) -> Result<Option<(String, FileFacts)>, Failure> {
    if is_as_noted(&job.staging.path().join(&name), &facts) {
        return Ok(Some((name, facts)));
    }
    job.staging.remove(&name).map_err(|error| failure::of_storage(&error.at(&job.wanted.out)))?;
    Ok(None)
}

/// The former archive's file, when it is what it should be.
fn reuse(job: &Job, image: ImageId, kind: BlobKind) -> Result<Option<(String, FileFacts)>, Failure> {
    let Some(former) = &job.former else { return Ok(None) };
    let Some((name, facts)) = former.blob_facts(image, kind) else { return Ok(None) };
    let from = former.root().join(name);
    if !is_as_noted(&from, facts) {
        return Ok(None);
    }
    let of = |error: StorageError| failure::of_storage(&error.at(&job.wanted.out));
    job.staging.bring(&from, name).map_err(of)?;
    job.staging.keep(name, facts).map_err(of)?;
    Ok(Some((name.to_owned(), facts.clone())))
}

pub(super) fn is_as_noted(path: &Path, facts: &FileFacts) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == facts.bytes)
        && measure(path).is_ok_and(|found| found == *facts)
}
