//! The rows of a listing, page by page, from a service or from an archive.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use tokio::sync::mpsc;

use super::source::{Source, contents, not_connected};
use crate::failure::OrFailure as _;
use app::{Failure, FailureKind};
use domain::{ImageId, ImageRow, IterationId, ListingReport, Page, Problem, ProjectId, TagId};
use service::{ListQuery, ListingKind, Order, Pager, PagerOptions, PagerStep};
use storage::Archive;
use storage::archive::NumberedRow;

/// Rows a page of an archive; as many as the service gives.
const PAGE_ROWS: usize = 256;

/// Pages that an archive is read ahead.
const PAGES_AHEAD: usize = 4;

/// A listing under way. Dropping it stops it. After a failure it can be asked on: it continues where it stood.
pub struct Pages(Inner);

enum Inner {
    Service(Box<Pager>),
    Archive(Box<Reading>),
    NotConnected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Untagged {
    /// Both: images of a dataset may be without tags in the file of tagged images.
    InBothFiles,
    /// The file of images without tags, because the other one is listed by itself.
    InTheirFile,
}

struct Reading {
    archive: Arc<Archive>,
    query: ListQuery,
    untagged: Untagged,
    options: PagerOptions,
    /// `None`: not begun, or to be started again.
    pages: Option<mpsc::Receiver<Result<PagerStep, Failure>>>,
    report: ListingReport,
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pages")
    }
}

impl Source {
    /// Number of images of a query, as the source counts.
    ///
    /// # Errors
    /// When the service fails or the archive cannot be read.
    pub async fn count(&self, project: ProjectId, query: &ListQuery) -> Result<u64, Failure> {
        match self {
            Self::Service(client) => client.images_count(project, query).await.or_failure(),
            Self::Archive(archive) if query.tags.is_empty() && query.rows == ListingKind::Tagged => {
                Ok(contents(archive, query.iteration)?.image_count())
            }
            Self::Archive(_) => {
                let mut pages = self.pages(project, query.clone(), PagerOptions::default());
                let mut count = 0;
                while let Some(step) = pages.next().await {
                    count += step?.page.rows.len() as u64;
                }
                Ok(count)
            }
            Self::Kept => Err(not_connected()),
        }
    }

    /// All rows of a listing, page by page. Nothing is read before the first page is requested.
    pub fn pages(&self, project: ProjectId, query: ListQuery, options: PagerOptions) -> Pages {
        Pages::new(self, project, query, options)
    }
}

impl Pages {
    pub(super) fn new(source: &Source, project: ProjectId, query: ListQuery, options: PagerOptions) -> Self {
        Self::reading(source, project, query, options, Untagged::InBothFiles)
    }

    /// The listings that together are all of a state: its tagged images, and with `has_untagged` the others. An image may be
    /// in both if it changes in between.
    pub(super) fn for_state(
        source: &Source,
        project: ProjectId,
        iteration: Option<IterationId>,
        has_untagged: bool,
    ) -> Vec<Self> {
        let kinds = [ListingKind::Tagged, ListingKind::Untagged]
            .into_iter()
            .filter(|rows| *rows == ListingKind::Tagged || has_untagged);
        let listing = |rows| {
            let query = ListQuery { rows, iteration, ..ListQuery::default() };
            Self::reading(source, project, query, PagerOptions::default(), Untagged::InTheirFile)
        };
        kinds.map(listing).collect()
    }

    fn reading(
        source: &Source,
        project: ProjectId,
        query: ListQuery,
        options: PagerOptions,
        untagged: Untagged,
    ) -> Self {
        Self(match source {
            Source::Service(client) => Inner::Service(Box::new(Pager::new(client.clone(), project, query, options))),
            Source::Archive(archive) => Inner::Archive(Box::new(Reading {
                archive: Arc::clone(archive),
                query,
                untagged,
                options,
                pages: None,
                report: ListingReport { is_of_archive: true, ..ListingReport::default() },
            })),
            Source::Kept => Inner::NotConnected,
        })
    }

    /// The next rows, at most 256; `None` at the end. Must be called on a tokio runtime. May be dropped and called again.
    pub async fn next(&mut self) -> Option<Result<PagerStep, Failure>> {
        match &mut self.0 {
            Inner::Service(pager) => {
                let step = pager.next().await?;
                Some(step.or_failure())
            }
            Inner::Archive(reading) => reading.next().await,
            Inner::NotConnected => Some(Err(not_connected())),
        }
    }

    /// How the listing stands, settled once the last page has come.
    pub fn report(&self) -> ListingReport {
        match &self.0 {
            Inner::Service(pager) => pager.report(),
            Inner::Archive(reading) => reading.report,
            Inner::NotConnected => ListingReport::default(),
        }
    }
}

impl Reading {
    async fn next(&mut self) -> Option<Result<PagerStep, Failure>> {
        let pages = self.pages.get_or_insert_with(|| {
            let (out, pages) = mpsc::channel(PAGES_AHEAD);
            let (archive, query, untagged) = (Arc::clone(&self.archive), self.query.clone(), self.untagged);
            let (options, report) = (self.options, self.report);
            // Ends by itself when the receiver is dropped.
            tokio::task::spawn_blocking(move || {
                if let Err(failure) = read(&archive, &query, untagged, options, report, &out) {
                    let _ = out.blocking_send(Err(failure));
                }
            });
            pages
        });
        let step = pages.recv().await?;
        match &step {
            Ok(step) => self.report = step.report,
            // The reading has stopped. It continues after the rows that came.
            Err(_) => self.pages = None,
        }
        Some(step)
    }
}

/// Sends the rows of an archive that the query asks for, without those that came before.
fn read(
    archive: &Archive,
    query: &ListQuery,
    untagged: Untagged,
    options: PagerOptions,
    before: ListingReport,
    out: &mpsc::Sender<Result<PagerStep, Failure>>,
) -> Result<(), Failure> {
    if let ListingKind::Predicted(_) = query.rows {
        return Err(Failure::bare(FailureKind::NotFound { what: "list of predictions".to_owned() }));
    }
    let tags: FxHashSet<TagId> = query.tags.iter().copied().collect();
    let has_kind = |row: &ImageRow| match query.rows {
        ListingKind::Untagged => row.tags.is_empty() && row.regions.is_empty(),
        // The file of tagged images holds what was listed as tagged.
        ListingKind::Tagged | ListingKind::Predicted(_) => true,
    };
    let has_tag = |row: &ImageRow| tags.is_empty() || row.tags.iter().any(|mark| tags.contains(&mark.tag));
    let is_wanted = |row: &ImageRow| has_kind(row) && has_tag(row);
    // Those without tags have a file of their own; images of a dataset may have none among the others.
    let has_others = query.rows != ListingKind::Tagged;
    let is_their_file = has_others && untagged == Untagged::InTheirFile;
    let held = contents(archive, query.iteration)?;
    let others = held.untagged_from(if has_others { 0 } else { u64::MAX }).or_failure()?;
    let rows = held.rows_from(if is_their_file { u64::MAX } else { 0 }).or_failure()?;
    let rows = rows.numbered().chain(others.numbered());
    let rows = rows.filter(|one| is_their_file || one.row.as_ref().map_or(true, is_wanted));
    let total = match query.rows {
        _ if !tags.is_empty() => None,
        ListingKind::Tagged => Some(held.image_count()),
        _ if is_their_file => Some(held.untagged_count()),
        _ => None,
    };
    let expected = total.filter(|_| options.skip == 0 && options.take.is_none());
    let report = ListingReport { total, ..before };
    let mut sender = Sender { out, page: Page::default(), report, expected, seen: FxHashSet::default() };
    let came = before.listed + before.unreadable;
    let skip = usize::try_from(options.skip.saturating_add(came)).unwrap_or(usize::MAX);
    let take = options.take.map_or(u64::MAX, |take| take.saturating_sub(came));
    let take = usize::try_from(take).unwrap_or(usize::MAX);
    match query.order {
        Order::Newest => sender.send_all(rows.skip(skip).take(take)),
        Order::Oldest => {
            // An archive is in the service's own order, the latest first; images without a date come last either way.
            let is_undated = |one: &NumberedRow<'_>| one.row.as_ref().is_ok_and(|row| row.created.is_none());
            let (undated, mut dated): (Vec<_>, Vec<_>) = rows.partition(is_undated);
            dated.reverse();
            sender.send_all(dated.into_iter().chain(undated).skip(skip).take(take));
        }
    }
    Ok(())
}

struct Sender<'a> {
    out: &'a mpsc::Sender<Result<PagerStep, Failure>>,
    page: Page,
    report: ListingReport,
    /// Rows that the archive's manifest promises, when all are requested.
    expected: Option<u64>,
    seen: FxHashSet<ImageId>,
}

impl Sender<'_> {
    fn send_all<'a>(&mut self, rows: impl Iterator<Item = NumberedRow<'a>>) {
        for NumberedRow { file, line, row } in rows {
            match row {
                Ok(row) if !self.seen.insert(row.id) => {
                    self.report.unreadable += 1;
                    self.page.problems.push(Problem::UnreadableRow {
                        index: line,
                        file: Some(file.to_owned()),
                        image: Some(row.id),
                        reason: "the list has this image twice; the first row is used".to_owned(),
                    });
                }
                Ok(row) => {
                    self.report.listed += 1;
                    self.page.rows.push(row);
                }
                Err(problem) => {
                    self.report.unreadable += 1;
                    self.page.problems.push(problem);
                }
            }
            if self.page.rows.len() + self.page.problems.len() >= PAGE_ROWS && !self.send() {
                return;
            }
        }
        let came = self.report.there();
        self.report.missing = self.expected.map_or(0, |expected| expected.saturating_sub(came));
        self.report.is_whole = self.expected.is_none_or(|expected| expected == came);
        self.send();
    }

    /// `false`: nobody reads any more.
    fn send(&mut self) -> bool {
        let page = std::mem::take(&mut self.page);
        self.out.blocking_send(Ok(PagerStep { page, report: self.report })).is_ok()
    }
}
