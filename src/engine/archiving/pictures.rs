//! The pictures of an archive: from the interrupted run or the former archive where they are whole, else fetched; several
//! at once. Of what is not whole the service is asked at every run, until it is.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};

use super::held::{self, Found, Held, Noted, Placed};
use super::{Gathered, Job};
use crate::arrival::{Arrived, Extent};
use crate::export::{FAILURES_IN_A_ROW, Fetch as _, JobProgress, SourceFetch, words_of_no_end};
use crate::failure::{self, OrFailureAt as _};
use crate::source::{Source, blocking};
use app::{ArchiveReport, Failure};
use domain::{BlobKind, Catalogue, ImageId, ImageIx, ImageRow};
use pixels;
use storage::FileFacts;
use storage::archive::picture_name;

enum Outcome {
    Placed(Placing),
    Missing(Failure),
}

/// A picture that is in the hidden folder.
struct Placing {
    name: String,
    facts: FileFacts,
    is_fetched: bool,
    /// Whether an earlier run had only a part of it.
    was_part: bool,
    extent: Extent,
    remark: Option<String>,
}

/// The images of a state whose pictures are wanted, and where fresh addresses of them are requested.
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
    let noted = held::noted(job);
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
    let (lots, noted) = (&lots, &noted);
    let mut outcomes = stream::iter(wanted)
        .map(|(lot, ix, kind)| async move {
            // Those that are under way come to their end.
            job.rest().await?;
            let Some(Lot { catalogue, fetch }) = lots.get(lot) else {
                return Err(failure::internal("a state is not in the list"));
            };
            let row = catalogue.get(ix).map(|image| image.to_row());
            let row = row.ok_or_else(|| failure::internal("an image is not in the catalogue"))?;
            let outcome = one(job, fetch, noted, &row, kind).await?;
            Ok::<_, Failure>((Item { image: row.id, name: row.name().map(str::to_owned) }, kind, outcome))
        })
        .buffered(parallel);
    let mut so_far = PicturesSoFar::default();
    for done in 1.. {
        let outcome = tokio::select! {
            biased;
            () = job.cancel.cancelled() => return Err(failure::canceled()),
            outcome = outcomes.next() => outcome,
        };
        let Some(outcome) = outcome else { break };
        let (item, kind, outcome) = outcome?;
        match outcome {
            Outcome::Placed(placing) => so_far.place(&item, kind, placing, report),
            Outcome::Missing(failure) => so_far.miss(&item, kind, failure, report)?,
        }
        (job.progress)(JobProgress { stage: "Downloading", done, total, bytes: report.bytes });
    }
    Ok(so_far.end(report))
}

/// An image as people know it.
struct Item {
    image: ImageId,
    name: Option<String>,
}

impl Item {
    fn note(&self, is_left_out: bool, reason: String, report: &mut ArchiveReport) {
        report.itemize(self.image, self.name.as_deref(), is_left_out, reason);
    }
}

#[derive(Default)]
struct PicturesSoFar {
    placed: Placed,
    /// Pictures in a row that could not be had.
    in_a_row: usize,
    /// JPEGs that lack nothing but their end markers.
    without_end: Vec<String>,
    /// Pictures of which an earlier run had a part, and that are whole now.
    completed: u64,
}

impl PicturesSoFar {
    fn place(&mut self, item: &Item, kind: BlobKind, placing: Placing, report: &mut ArchiveReport) {
        let Placing { name, facts, is_fetched, was_part, extent, remark } = placing;
        self.in_a_row = 0;
        report.bytes += facts.bytes;
        *(if is_fetched { &mut report.fetched } else { &mut report.reused }) += 1;
        *(if kind == BlobKind::Thumbnail { &mut report.thumbnails } else { &mut report.originals }) += 1;
        match &extent {
            Extent::Whole => {}
            Extent::WithoutEndMarker => self.without_end.push(name.clone()),
            Extent::Part(what) => report.incomplete.push((item.image, format!("{name}: {what}"))),
        }
        match (extent, remark) {
            (Extent::Part(what), remark) => {
                let how = remark.unwrap_or_else(|| {
                    "Two downloads gave the same data, so the service has no more of it.".to_owned()
                });
                item.note(false, format!("{} is incomplete: {what}. {how}", its(kind)), report);
            }
            (_, Some(remark)) => item.note(false, remark, report),
            (_, None) => self.completed += u64::from(was_part),
        }
        self.placed.push((name, facts));
    }

    fn miss(
        &mut self,
        item: &Item,
        kind: BlobKind,
        failure: Failure,
        report: &mut ArchiveReport,
    ) -> Result<(), Failure> {
        self.in_a_row += 1;
        if self.in_a_row >= FAILURES_IN_A_ROW && failure.kind.origin().ends_in_a_row(!self.placed.is_empty()) {
            return Err(failure);
        }
        // A thumbnail is made from the original where there is none.
        item.note(kind == BlobKind::Original, format!("{}: {}", its(kind), failure.headline()), report);
        Ok(())
    }

    fn end(self, report: &mut ArchiveReport) -> Placed {
        report.remarks.extend(words_of_no_end(&self.without_end));
        report.completed = self.completed;
        self.placed
    }
}

fn its(kind: BlobKind) -> &'static str {
    if kind == BlobKind::Thumbnail { "Its thumbnail" } else { "Its original" }
}

async fn one(
    job: &Arc<Job>,
    fetch: &SourceFetch,
    noted: &Noted,
    row: &ImageRow,
    kind: BlobKind,
) -> Result<Outcome, Failure> {
    let image = row.id;
    let found = match held::may_be_there(job, noted, image, kind) {
        false => Found::default(),
        true => {
            let (shared, noted) = (Arc::clone(job), noted.get(&(image, kind)).cloned());
            blocking(move || held::find(&shared, noted, image, kind)).await?
        }
    };
    let remark =
        found.is_damaged.then(|| "The file in the previous archive was damaged. It was downloaded again.".to_owned());
    let held = match found.held {
        Some(held) if !matches!(held.extent, Extent::Part(_)) => return placed_again(job, held).await,
        held => held,
    };
    let arrived = match fetch.fetch(row, kind).await {
        Ok(arrived) => arrived,
        Err(failure) if failure.kind.origin().ends_at_once() => return Err(failure),
        Err(failure) => return not_come(job, held, failure).await,
    };
    let shared = Arc::clone(job);
    blocking(move || write(&shared, held, arrived, (image, kind), remark)).await
}

/// Puts a file of an earlier run in its place.
async fn placed_again(job: &Arc<Job>, held: Held) -> Result<Outcome, Failure> {
    let shared = Arc::clone(job);
    blocking(move || {
        held.place(&shared)?;
        let Held { name, facts, extent, .. } = held;
        Ok(Outcome::Placed(Placing { name, facts, is_fetched: false, was_part: false, extent, remark: None }))
    })
    .await
}

/// A part of a picture that an earlier run has is better than nothing when nothing comes now.
async fn not_come(job: &Arc<Job>, held: Option<Held>, failure: Failure) -> Result<Outcome, Failure> {
    let Some(held) = held else { return Ok(Outcome::Missing(failure)) };
    let shared = Arc::clone(job);
    blocking(move || match held.is_worth_keeping {
        false => {
            held.drop_it(&shared)?;
            Ok(Outcome::Missing(failure))
        }
        true => {
            held.place(&shared)?;
            let Held { name, facts, extent, .. } = held;
            let remark = Some(format!("It was requested again: {}", failure.headline()));
            Ok(Outcome::Placed(Placing { name, facts, is_fetched: false, was_part: true, extent, remark }))
        }
    })
    .await
}

/// Writes what was fetched, in place of what an earlier run has of it.
fn write(
    job: &Job,
    held: Option<Held>,
    arrived: Arrived,
    (image, kind): (ImageId, BlobKind),
    remark: Option<String>,
) -> Result<Outcome, Failure> {
    let Arrived { bytes, extent } = arrived;
    let was_part = held.is_some();
    if let Some(held) = held {
        held.drop_it(job)?;
    }
    let extension = pixels::sniff(&bytes).map_or("bin", |kind| kind.extension);
    let name = picture_name(image, kind, extension);
    let facts = job.staging.write(&name, &bytes).or_failure_at(&job.out)?;
    job.staging.keep(&name, &facts).or_failure_at(&job.out)?;
    Ok(Outcome::Placed(Placing { name, facts, is_fetched: true, was_part, extent, remark }))
}
