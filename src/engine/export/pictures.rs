//! The pictures of an export: downloaded in parallel, kept in order, written unchanged.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::mpsc;

use super::export_log::ExportLog;
use super::fetch::read_archived;
use super::folder::{MOST_BYTES, MOST_PICTURES};
use super::labels::is_to_be_converted;
use super::layout::Placed;
use super::{Fetch, JobProgress, Plan, joined, picture_files};
use crate::arrival::{Arrived, Extent};
use crate::failure::{self, OrFailureAt as _};
use crate::parallel;
use app::Failure;
use domain::{BlobKind, ImageIx, ImageRow};
use pixels::{DecodeRequest, decode, encode_png};
use storage::staging::facts_of;
use storage::{Archive, FileFacts, StorageError};

/// Images that are written together.
pub(super) type Portion = Vec<(Placed, Bytes)>;

/// So many failures in a row mean that the source is gone, not the pictures.
pub(crate) const FAILURES_IN_A_ROW: usize = 16;

enum Outcome {
    /// It is in the folder, with remarks. Its bytes are there when they are to be streamed.
    Placed {
        file: Placed,
        remarks: Vec<String>,
        is_fetched: bool,
        lacks_end: bool,
        bytes: Option<Bytes>,
    },
    Missing(ImageIx, Failure),
}

/// No pictures: the images stand with their listed size, which is that of the resized picture.
pub(super) fn none(plan: &Plan, log: &mut ExportLog) -> Vec<Placed> {
    log.notes.push(
        "No pictures were exported. Widths, heights and boxes refer to the service's resized training pictures, which \
         can be smaller than the originals."
            .to_owned(),
    );
    let rows = plan.job.images.iter().filter_map(|&ix| plan.job.catalogue.get(ix));
    rows.map(|image| {
        let (width, height) = image.size();
        let name = format!("images/{}", picture_files::stem(&image.to_row()));
        Placed { ix: image.ix, name, width, height, facts: None, is_staged: false }
    })
    .collect()
}

/// Fetches and writes all pictures. Those of an archive that are streamed are handed over as well; nobody takes them any more
/// once writing has failed, and this ends.
pub(super) async fn fetch_all<F: Fetch>(
    plan: &Arc<Plan>,
    fetch: &F,
    parallel: usize,
    stream: Option<mpsc::Sender<Portion>>,
    log: &mut ExportLog,
) -> Result<Vec<Placed>, Failure> {
    let kind = plan.kind();
    let total = plan.job.images.len() as u64;
    let mut placed = Vec::with_capacity(plan.job.images.len());
    let (mut bytes, mut in_a_row, mut last_failure) = (0, 0, None);
    let mut without_end = Vec::new();
    let steps = match fetch.archive().filter(|archive| !archive.is_far()) {
        Some(archive) => near(plan, archive, kind).left_stream(),
        None => far(plan, fetch, parallel, kind).right_stream(),
    };
    let mut steps = std::pin::pin!(steps);
    let mut done = 0;
    loop {
        plan.paused().await;
        let step = tokio::select! {
            biased;
            () = plan.cancel.cancelled() => return Err(failure::canceled()),
            step = steps.next() => step,
        };
        let Some(step) = step else { break };
        let mut portion = Portion::new();
        for outcome in step? {
            match outcome {
                Outcome::Placed { file, remarks, is_fetched, lacks_end, bytes: streamed } => {
                    in_a_row = 0;
                    *(if is_fetched { &mut log.fetched } else { &mut log.reused }) += 1;
                    bytes += file.facts.as_ref().map_or(0, |facts| facts.bytes);
                    if let Some(image) = plan.job.catalogue.get(file.ix) {
                        remarks.into_iter().for_each(|remark| log.remark(image, remark));
                    }
                    if lacks_end {
                        without_end.push(file.name.clone());
                    }
                    portion.extend(streamed.map(|bytes| (file.clone(), bytes)));
                    placed.push(file);
                }
                Outcome::Missing(ix, failure) => {
                    in_a_row += 1;
                    if in_a_row >= FAILURES_IN_A_ROW && failure.kind.origin().ends_in_a_row(!placed.is_empty()) {
                        return Err(failure);
                    }
                    if let Some(image) = plan.job.catalogue.get(ix) {
                        log.miss_image(image, None, failure.headline());
                    }
                    last_failure = Some(failure);
                }
            }
            done += 1;
            (plan.progress)(JobProgress { stage: "Downloading", done, total, bytes });
        }
        if let Some(stream) = &stream
            && stream.send(portion).await.is_err()
        {
            return Ok(placed);
        }
    }
    let is_other_size = |file: &&Placed| {
        let listed = plan.job.catalogue.get(file.ix).map_or((0, 0), |image| image.size());
        listed != (0, 0) && file.width != 0 && (file.width, file.height) != listed
    };
    let others = placed.iter().filter(is_other_size).count();
    if kind == BlobKind::Resized && others > 0 {
        log.notes.push(format!(
            "{others} pictures do not have the listed size: the source has no resized version of them, so the \
             originals were exported. Their boxes are in pixels of these files."
        ));
    }
    log.notes.extend(words_of_no_end(&without_end));
    match last_failure {
        // Nothing at all: that is no export with skips but a failed one.
        Some(failure) if placed.is_empty() => Err(failure),
        _ => Ok(placed),
    }
}

type Step = Result<Vec<Outcome>, Failure>;

/// Pictures of another computer: several waited for at once, in their order.
fn far<'a, F: Fetch>(
    plan: &'a Arc<Plan>,
    fetch: &'a F,
    parallel: usize,
    kind: BlobKind,
) -> impl Stream<Item = Step> + Send + 'a {
    // By index: a closure over borrowed views would make the whole export a future that cannot be spawned.
    stream::iter(plan.job.images.clone())
        .map(move |ix| async move { Ok(vec![one(plan, fetch, ix, row_of(plan, ix)?, kind).await?]) })
        .buffered(parallel)
}

/// Pictures of an archive on this computer: some at a time on each thread, because handing one over takes as long as
/// copying it; few enough that a canceled export ends at once.
fn near<'a>(plan: &'a Arc<Plan>, archive: &'a Arc<Archive>, kind: BlobKind) -> impl Stream<Item = Step> + Send + 'a {
    stream::iter(portions(plan, archive))
        .map(move |part| {
            let (shared, archive) = (Arc::clone(plan), Arc::clone(archive));
            let copy = move || part.into_iter().map(|ix| archived(&shared, &archive, ix, kind)).collect();
            joined(plan.writes.spawn_blocking(copy))
        })
        .buffered(parallel::threads())
}

/// The images, some at a time: few, and few bytes of pictures.
fn portions(plan: &Plan, archive: &Archive) -> Vec<Vec<ImageIx>> {
    let mut portions = vec![Vec::new()];
    let mut bytes = 0;
    for &ix in &plan.job.images {
        let facts = plan.job.catalogue.get(ix).and_then(|image| archive.original_facts(image.id()));
        let size = facts.map_or(0, |facts| facts.bytes);
        match portions.last_mut() {
            Some(portion) if portion.len() < MOST_PICTURES && bytes < MOST_BYTES as u64 => {
                portion.push(ix);
                bytes += size;
            }
            _ => {
                portions.push(vec![ix]);
                bytes = size;
            }
        }
    }
    portions
}

fn row_of(plan: &Plan, ix: ImageIx) -> Result<ImageRow, Failure> {
    let row = plan.job.catalogue.get(ix).map(|image| image.to_row());
    row.ok_or_else(|| failure::internal("an image is not in the catalogue"))
}

async fn one<F: Fetch>(
    plan: &Arc<Plan>,
    fetch: &F,
    ix: ImageIx,
    row: ImageRow,
    kind: BlobKind,
) -> Result<Outcome, Failure> {
    let mut row = row;
    if plan.kept.has(row.id) {
        let (reader, asked) = (Arc::clone(plan), row);
        let work = plan.writes.spawn_blocking(move || Ok((kept(&reader, ix, &asked)?, asked)));
        let (placed, asked) = joined(work).await?;
        if let Some(placed) = placed {
            return Ok(placed);
        }
        row = asked;
    }
    let arrived = match fetch.fetch(&row, kind).await {
        Ok(arrived) => arrived,
        Err(failure) if failure.kind.origin().ends_at_once() => return Err(failure),
        Err(failure) => return Ok(Outcome::Missing(ix, failure)),
    };
    let writer = Arc::clone(plan);
    joined(plan.writes.spawn_blocking(move || write(&writer, ix, &row, &arrived, facts_of(&arrived.bytes)))).await
}

fn archived(plan: &Plan, archive: &Archive, ix: ImageIx, kind: BlobKind) -> Result<Outcome, Failure> {
    plan.check_canceled()?;
    let row = row_of(plan, ix)?;
    if let Some(placed) = kept(plan, ix, &row)? {
        return Ok(placed);
    }
    match read_archived(archive, row.id, kind) {
        Ok((arrived, facts)) => write(plan, ix, &row, &arrived, facts),
        Err(failure) if failure.kind.origin().ends_at_once() => Err(failure),
        Err(failure) => Ok(Outcome::Missing(ix, failure)),
    }
}

/// What an interrupted run has left of it, when that is a whole picture.
fn kept(plan: &Plan, ix: ImageIx, row: &ImageRow) -> Result<Option<Outcome>, Failure> {
    let kept = plan.kept.take(&plan.staging, row).or_failure_at(plan.staging.target())?;
    let Some((name, facts, bytes)) = kept else { return Ok(None) };
    let lacks_end = match Extent::from_bytes(&bytes) {
        Extent::Part(_) => {
            // Asked for again, like one that was never fetched.
            plan.staging.remove(&name).or_failure_at(plan.staging.target())?;
            return Ok(None);
        }
        extent => extent == Extent::WithoutEndMarker,
    };
    let Look { size, remarks, .. } = look(row, &bytes);
    let file = Placed { ix, name, width: size.0, height: size.1, facts: Some(facts), is_staged: true };
    let bytes = plan.streamed.map(|_| bytes.into());
    Ok(Some(Outcome::Placed { file, remarks, is_fetched: false, lacks_end, bytes }))
}

fn write(plan: &Plan, ix: ImageIx, row: &ImageRow, arrived: &Arrived, facts: FileFacts) -> Result<Outcome, Failure> {
    let Arrived { bytes, extent } = arrived;
    let Look { size: (width, height), extension, mut remarks } = look(row, bytes);
    let name = format!("images/{}.{extension}", picture_files::stem(row));
    if let Extent::Part(what) = extent {
        remarks.push(format!("Its picture, {name}, is incomplete: {what}. The source has no more of it."));
    }
    let is_staged = plan.in_place.is_none() || is_to_be_converted(&plan.job, extension);
    if is_staged {
        plan.staging.write_measured(&name, bytes, &facts).or_failure_at(plan.staging.target())?;
        plan.staging.keep(&name, &facts).or_failure_at(plan.staging.target())?;
    }
    let file = Placed { ix, name, width, height, facts: Some(facts), is_staged };
    let lacks_end = *extent == Extent::WithoutEndMarker;
    let bytes = plan.streamed.map(|_| bytes.clone());
    Ok(Outcome::Placed { file, remarks, is_fetched: true, lacks_end, bytes })
}

/// Names of pictures that a note counts up.
const NAMED: usize = 5;

/// The message about JPEGs that have all their pixels and lack only the marker at their end: some programs refuse them.
pub(crate) fn words_of_no_end(names: &[String]) -> Option<String> {
    let (first, count) = (names.first()?, names.len());
    let named = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let dots = if count > NAMED { ", ..." } else { "" };
    Some(match count {
        1 => format!("The JPEG {first} has all its pixels but no end marker. It was kept unchanged."),
        _ => format!("{count} JPEGs have all their pixels but no end marker: {named}{dots}. They were kept unchanged."),
    })
}

/// What a picture's bytes say.
struct Look {
    /// Upright; 0 when it cannot be read.
    size: (u32, u32),
    extension: &'static str,
    remarks: Vec<String>,
}

fn look(row: &ImageRow, bytes: &[u8]) -> Look {
    let listed = (row.width, row.height);
    let mut remarks = Vec::new();
    let (size, extension) = match pixels::probe(bytes) {
        Ok(probe) => {
            if !probe.fits_listed(listed) {
                let (width, height) = probe.upright_size(listed);
                remarks.push(format!(
                    "The picture is {width} x {height}, which does not match the listed {} x {}. Check its boxes.",
                    row.width, row.height
                ));
            }
            if probe.ignores_exif(listed) {
                remarks.push(
                    "Its labels refer to the stored picture. Read it without applying the EXIF orientation.".to_owned(),
                );
            }
            (probe.upright_size(listed), probe.kind.extension)
        }
        Err(error) => {
            remarks.push(format!("Its size cannot be read: {error}."));
            ((0, 0), pixels::sniff(bytes).map_or("bin", |kind| kind.extension))
        }
    };
    Look { size, extension, remarks }
}

/// Converts pictures that a chosen format's readers do not accept to PNG, if the user asked for it. One that cannot be
/// decoded stays as it is, and the format leaves it out.
pub(super) fn convert(plan: &Plan, placed: &mut [Placed], log: &mut ExportLog) -> Result<(), Failure> {
    for file in placed {
        let Some((stem, extension)) = file.name.rsplit_once('.') else { continue };
        if file.facts.is_none() || !is_to_be_converted(&plan.job, extension) {
            continue;
        }
        plan.check_canceled()?;
        let Some(image) = plan.job.catalogue.get(file.ix) else { continue };
        let path = plan.staging.path().join(&file.name);
        let bytes = std::fs::read(&path)
            .map_err(|error| StorageError::read(&path, error))
            .or_failure_at(plan.staging.target())?;
        let request = DecodeRequest { listed_size: image.size(), max_side: None };
        let converted = decode(&bytes, request).and_then(|decoded| {
            let png = encode_png(&decoded.raster)?;
            Ok((png, decoded.raster.width(), decoded.raster.height()))
        });
        let (png, width, height) = match converted {
            Ok(converted) => converted,
            Err(error) => {
                log.remark(image, format!("It could not be converted: {error}."));
                continue;
            }
        };
        let name = format!("{stem}.png");
        let facts = plan.staging.write(&name, &png).or_failure_at(plan.staging.target())?;
        std::fs::remove_file(&path)
            .map_err(|error| StorageError::write(&path, error))
            .or_failure_at(plan.staging.target())?;
        let kind = extension.to_uppercase();
        log.remark(image, format!("The picture was converted from {kind} to PNG (of an animation, the first frame)."));
        *file = Placed { ix: file.ix, name, width, height, facts: Some(facts), is_staged: true };
    }
    Ok(())
}
