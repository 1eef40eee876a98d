//! All rows of a listing of any size: pages fetched ahead, kept in order, each image once, and at the end an honest
//! answer to whether they are all there are.
//!
//! The service knows no paging token, and its rows move while they are listed. Pages overlap by one row, so that it shows
//! when rows have moved; the cursor then goes back at once. A list that stood still costs nothing more. Where repeats or the
//! count say otherwise the listing goes through again, at most three times, and stops as soon as nothing is in doubt;
//! images that such a pass finds come at the end. [`seen`](super::seen_ids) says what the evidence proves.
//!
//! Images that were listed and then left the service stay in what was handed out: a stream cannot call rows back. They
//! are requested by their ids and counted in [`ListingReport::gone`].
//!
//! A filter of more than 20 tags takes several listings, which are merged by time; each is checked by itself. A part of a
//! list (`skip`, or a `take` that was filled) is not compared with the count: it is whole when its pages met.
//!
//! Memory: the ids of the rows, and no more pages than [`PagerOptions::parallel`] and 64 MiB of answers allow, whatever
//! the pages' size; one page is always under way.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use super::client::Client;
use super::error::ServiceError;
use super::page_stream::{PageStream, Room};
use super::query::{ListQuery, MAX_TAKE, Order};
use domain::{ImageId, ImageRow, ListingReport, Page, Problem, ProjectId};

/// Bytes of answers that may lie here unread, all streams together.
const AHEAD_BYTES: usize = 64 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PagerOptions {
    /// Rows passed over at the start; any number.
    pub skip: u64,
    /// Rows at most; any number. `None`: all.
    pub take: Option<u64>,
    /// Pages under way at once, at least 1; fewer when they are large.
    pub parallel: usize,
}

impl Default for PagerOptions {
    fn default() -> Self {
        Self { skip: 0, take: None, parallel: 6 }
    }
}

/// Some rows, in the order of the listing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PagerStep {
    /// The rows, without those that came before, and what could not be read.
    pub page: Page,
    pub report: ListingReport,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Rows in order.
    First,
    /// Whether the stream of this number is complete.
    Judging(usize),
    /// The stream of this number goes through once more.
    Again(usize),
    /// The end of a part of what there is.
    Part,
    Done,
}

/// Pages through one listing. Dropping it stops what is under way.
pub struct Pager {
    streams: Vec<PageStream>,
    /// Rows read ahead of each stream; used only when there are several.
    heads: Vec<VecDeque<ImageRow>>,
    /// Rows merged for the next step. Kept here, so that none is lost when the step is dropped half-way.
    merging: Page,
    order: Order,
    options: PagerOptions,
    /// Images that were handed out or passed over.
    handed: FxHashSet<ImageId>,
    report: ListingReport,
    /// Rows of a merged listing that were passed over.
    skipped: u64,
    stage: Stage,
}

impl Pager {
    /// A pager that has not sent anything yet.
    // By value: a listing outlives the place where it was requested.
    #[expect(clippy::needless_pass_by_value, reason = "the query is handed over")]
    pub fn new(client: Client, project: ProjectId, query: ListQuery, options: PagerOptions) -> Self {
        let parts = query.split();
        let is_single = parts.len() == 1;
        let skip = if is_single { options.skip } else { 0 };
        let room = Room { pages: (options.parallel / parts.len()).max(1), bytes: AHEAD_BYTES / parts.len() };
        let streams: Vec<PageStream> =
            parts.into_iter().map(|part| PageStream::new(client.clone(), project, part, skip, room)).collect();
        Self {
            heads: streams.iter().map(|_| VecDeque::new()).collect(),
            streams,
            merging: Page::default(),
            order: query.order,
            options,
            handed: FxHashSet::default(),
            report: ListingReport::default(),
            skipped: 0,
            stage: Stage::First,
        }
    }

    /// How the listing stands. Settled once [`Pager::next`] has given `None`.
    pub fn report(&self) -> ListingReport {
        self.report
    }

    /// The next rows, at most 256; `None` at the end. After an error the same place is tried again: a listing that was
    /// interrupted continues. Must be called on a tokio runtime. May be dropped and called again.
    pub async fn next(&mut self) -> Option<Result<PagerStep, ServiceError>> {
        loop {
            let page = match self.stage {
                Stage::First => self.first_pass().await,
                Stage::Again(at) => self.again(at).await,
                Stage::Judging(at) => match self.judge_stream(at).await {
                    Ok(()) => continue,
                    Err(error) => Err(error),
                },
                Stage::Part => {
                    self.end_part().await;
                    continue;
                }
                Stage::Done => return None,
            };
            self.count();
            match page {
                Ok(page) if page.rows.is_empty() && page.problems.is_empty() => {}
                Ok(page) => return Some(Ok(PagerStep { page, report: self.report })),
                Err(error) => {
                    if matches!(error, ServiceError::Endless { .. }) {
                        // More of it would be no better.
                        self.stage = Stage::Done;
                    }
                    return Some(Err(error));
                }
            }
        }
    }

    fn is_single(&self) -> bool {
        self.streams.len() == 1
    }

    /// Rows that are still asked for; `None`: all.
    fn wanted(&self) -> Option<u64> {
        self.options.take.map(|take| take.saturating_sub(self.report.listed + self.report.unreadable))
    }

    fn count(&mut self) {
        self.report.duplicates = self.streams.iter().map(|stream| stream.seen().repeats()).sum();
        let counted: Option<Vec<u64>> = self.streams.iter().map(PageStream::counted).collect();
        if self.stage != Stage::Done {
            self.report.total = counted.map(|counted| counted.into_iter().fold(0, u64::saturating_add));
        }
    }

    /// The next rows of the first pass. Empty: look at the stage.
    async fn first_pass(&mut self) -> Result<Page, ServiceError> {
        let page = if self.wanted() == Some(0) {
            Page::default()
        } else if self.is_single() {
            let wanted = self.wanted();
            let page = self.streams[0].next(wanted).await?.unwrap_or_default();
            self.hand_out(page)
        } else {
            self.merged().await?
        };
        let is_filled = self.wanted() == Some(0);
        let is_over = self.streams.iter().all(PageStream::has_ended) && self.heads.iter().all(VecDeque::is_empty);
        if is_filled || is_over {
            let is_part = is_filled || self.options.skip > 0;
            self.stage = if is_part { Stage::Part } else { Stage::Judging(0) };
        }
        Ok(page)
    }

    async fn end_part(&mut self) {
        for stream in &mut self.streams {
            stream.end();
            stream.await_count().await;
        }
        self.count();
        self.report.is_whole = self.streams.iter().all(|stream| !stream.seen().is_doubtful());
        self.stage = Stage::Done;
    }

    async fn judge_stream(&mut self, at: usize) -> Result<(), ServiceError> {
        let Some(stream) = self.streams.get_mut(at) else {
            self.end_whole();
            return Ok(());
        };
        self.stage = if stream.judge_pass().await? { Stage::Again(at) } else { Stage::Judging(at + 1) };
        Ok(())
    }

    fn end_whole(&mut self) {
        self.count();
        let is_gone = |image: &&ImageId| !self.streams.iter().any(|stream| stream.seen().holds(**image));
        let gone: FxHashSet<ImageId> =
            self.streams.iter().flat_map(|stream| stream.seen().gone()).filter(is_gone).copied().collect();
        self.report.gone = gone.len() as u64;
        self.report.is_uncounted = self.streams.iter().any(|stream| stream.counted().is_none());
        self.report.is_whole = self.streams.iter().all(PageStream::is_whole);
        let missing =
            |stream: &PageStream| stream.counted().map_or(0, |counted| counted.saturating_sub(stream.seen().there()));
        self.report.missing = self.streams.iter().map(missing).sum();
        if !self.is_single() {
            // No single answer of the service counts them; once they are all here their number is known.
            self.report.total = self.report.is_whole.then(|| self.report.there());
        }
        self.stage = Stage::Done;
    }

    /// The next rows that a further pass of a stream finds.
    async fn again(&mut self, at: usize) -> Result<Page, ServiceError> {
        let Some(page) = self.streams[at].next(None).await? else {
            self.stage = Stage::Judging(at);
            return Ok(Page::default());
        };
        let page = self.hand_out(page);
        if self.wanted() == Some(0) {
            self.stage = Stage::Part;
        }
        Ok(page)
    }

    /// Drops what came from another stream or is more than was requested, and counts the rest.
    fn hand_out(&mut self, mut page: Page) -> Page {
        page.rows.retain(|row| self.handed.insert(row.id));
        self.keep_new_problems(&mut page.problems);
        if let Some(wanted) = self.wanted() {
            let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
            page.rows.truncate(wanted);
            page.problems.truncate(wanted - page.rows.len());
        }
        self.report.listed += page.rows.len() as u64;
        self.report.unreadable += page.problems.len() as u64;
        page
    }

    fn keep_new_problems(&mut self, problems: &mut Vec<Problem>) {
        problems.retain(|problem| match problem {
            Problem::UnreadableRow { image: Some(image), .. } => self.handed.insert(*image),
            _ => true,
        });
    }

    /// Up to 256 rows of several lists, by time.
    async fn merged(&mut self) -> Result<Page, ServiceError> {
        while self.merging.rows.len() < MAX_TAKE as usize && self.wanted() != Some(0) {
            if let Err(error) = self.fill_heads().await {
                // What was merged before is handed out first; the error comes again with the next call.
                let is_empty = self.merging.rows.is_empty() && self.merging.problems.is_empty();
                return if is_empty { Err(error) } else { Ok(std::mem::take(&mut self.merging)) };
            }
            let Some(at) = self.first_head() else { break };
            let Some(row) = self.heads[at].pop_front() else { continue };
            if !self.handed.insert(row.id) {
                // An image with tags of two lists is no repeat of the service's.
                continue;
            }
            if self.skipped < self.options.skip {
                self.skipped += 1;
                continue;
            }
            self.report.listed += 1;
            self.merging.rows.push(row);
        }
        Ok(std::mem::take(&mut self.merging))
    }

    /// Gives every list that has not ended a row to compare.
    async fn fill_heads(&mut self) -> Result<(), ServiceError> {
        if (0..self.streams.len()).all(|at| !self.heads[at].is_empty() || self.streams[at].has_ended()) {
            return Ok(());
        }
        for stream in &mut self.streams {
            stream.begin(None);
        }
        for at in 0..self.streams.len() {
            while self.heads[at].is_empty() && !self.streams[at].has_ended() {
                let Some(mut page) = self.streams[at].next(None).await? else { break };
                self.keep_new_problems(&mut page.problems);
                self.report.unreadable += page.problems.len() as u64;
                self.merging.problems.extend(page.problems);
                self.heads[at].extend(page.rows);
            }
        }
        Ok(())
    }

    /// The list whose first row comes next; of two at the same time the earlier list, so that the order is stable.
    fn first_head(&self) -> Option<usize> {
        let heads = self.heads.iter().enumerate().filter_map(|(at, head)| head.front().map(|row| (at, row.created)));
        // Rows without a date come last in either order.
        match self.order {
            Order::Newest => heads.max_by_key(|&(at, created)| (created, std::cmp::Reverse(at))),
            Order::Oldest => heads.min_by_key(|&(at, created)| (created.is_none(), created, at)),
        }
        .map(|(at, _)| at)
    }
}

impl std::fmt::Debug for Pager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pager").field("options", &self.options).field("report", &self.report).finish_non_exhaustive()
    }
}
