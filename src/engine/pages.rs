//! The rows of a listing, page by page, from a service or from an archive.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use tokio::sync::mpsc;

use super::failure;
use super::source::Source;
use crate::app::Failure;
use crate::domain::{ImageRow, Page, ProjectId, TagId};
use crate::service::{ListQuery, Order, Pager, PagerOptions, PagerReport, PagerStep};
use crate::storage::Archive;

/// Rows a page of an archive; as many as the service gives.
const PAGE_ROWS: usize = 256;

/// Pages that an archive is read ahead.
const PAGES_AHEAD: usize = 4;

/// A listing under way. Dropping it stops it.
pub struct Pages(Inner);

enum Inner {
    Service(Box<Pager>),
    /// Not begun.
    Archive(Arc<Archive>, ListQuery, PagerOptions),
    Reading(mpsc::Receiver<Result<PagerStep, Failure>>),
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pages")
    }
}

impl Pages {
    pub(super) fn new(source: &Source, project: ProjectId, query: ListQuery, options: PagerOptions) -> Self {
        Self(match source {
            Source::Service(client) => Inner::Service(Box::new(Pager::new(client.clone(), project, query, options))),
            Source::Archive(archive) => Inner::Archive(Arc::clone(archive), query, options),
        })
    }

    /// The next rows, at most 256; `None` at the end. Must be called on a tokio runtime.
    pub async fn next(&mut self) -> Option<Result<PagerStep, Failure>> {
        if let Inner::Archive(archive, query, options) = &self.0 {
            let (out, pages) = mpsc::channel(PAGES_AHEAD);
            let (archive, query, options) = (Arc::clone(archive), query.clone(), *options);
            // Ends by itself when the receiver is dropped.
            tokio::task::spawn_blocking(move || {
                if let Err(failure) = read(&archive, &query, options, &out) {
                    let _ = out.blocking_send(Err(failure));
                }
            });
            self.0 = Inner::Reading(pages);
        }
        match &mut self.0 {
            Inner::Service(pager) => {
                let step = pager.next().await?;
                Some(step.map_err(|error| failure::of_service(&error)))
            }
            Inner::Reading(pages) => pages.recv().await,
            Inner::Archive(..) => None,
        }
    }

    /// How a service's listing stands, settled once the last page has come; `None` for an archive.
    pub fn report(&self) -> Option<PagerReport> {
        match &self.0 {
            Inner::Service(pager) => Some(pager.report()),
            Inner::Archive(..) | Inner::Reading(_) => None,
        }
    }
}

/// Sends the rows of an archive that the query asks for.
fn read(
    archive: &Archive,
    query: &ListQuery,
    options: PagerOptions,
    out: &mpsc::Sender<Result<PagerStep, Failure>>,
) -> Result<(), Failure> {
    let tags: FxHashSet<TagId> = query.tags.iter().copied().collect();
    let is_wanted = |row: &ImageRow| tags.is_empty() || row.tags.iter().any(|mark| tags.contains(&mark.tag));
    let rows = archive.rows().map_err(|error| failure::of_storage(&error))?;
    let rows = rows.filter(|row| row.as_ref().map_or(true, is_wanted));
    let total = tags.is_empty().then(|| archive.image_count());
    let mut sender = Sender { out, page: Page::default(), report: PagerReport { total, ..PagerReport::default() } };
    let skip = usize::try_from(options.skip).unwrap_or(usize::MAX);
    let take = options.take.map_or(usize::MAX, |take| usize::try_from(take).unwrap_or(usize::MAX));
    match query.order {
        Order::Newest => sender.send_all(rows.skip(skip).take(take)),
        Order::Oldest => {
            // An archive is in the service's own order, the latest first.
            let mut all: Vec<_> = rows.collect();
            all.reverse();
            sender.send_all(all.into_iter().skip(skip).take(take));
        }
    }
    Ok(())
}

struct Sender<'a> {
    out: &'a mpsc::Sender<Result<PagerStep, Failure>>,
    page: Page,
    report: PagerReport,
}

impl Sender<'_> {
    fn send_all(&mut self, rows: impl Iterator<Item = Result<ImageRow, crate::domain::Problem>>) {
        for row in rows {
            match row {
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
        self.report.is_complete = true;
        self.send();
    }

    /// `false`: nobody reads any more.
    fn send(&mut self) -> bool {
        let page = std::mem::take(&mut self.page);
        self.out.blocking_send(Ok(PagerStep { page, report: self.report })).is_ok()
    }
}
