//! All rows of a listing of any size: pages fetched ahead, kept in order, without repeats, compared with the count.
//!
//! The service knows no paging token. Rows of one upload share their time and come in no order, and images that are
//! added meanwhile push others to the next page, so that rows can repeat or be missed: repeats are dropped by id, and
//! the report says how many there were and how many rows the service had counted.
//!
//! A filter of more than 20 tags takes several listings, which are merged by time.

use rustc_hash::FxHashSet;
use tokio_util::task::AbortOnDropHandle;

use super::client::Client;
use super::error::ServiceError;
use super::lane::Lane;
use super::query::{ListQuery, MAX_TAKE, Order};
use crate::domain::{ImageId, ImageRow, Page, ProjectId, Stamp};

/// What part of a listing, and how many pages at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PagerOptions {
    /// Rows passed over at the start; any number.
    pub skip: u64,
    /// Rows at most; any number. `None`: all.
    pub take: Option<u64>,
    /// Pages under way at once, at least 1. Memory is bounded by it.
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
    /// Where the listing stands after them.
    pub report: PagerReport,
}

/// How a listing stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PagerReport {
    /// Rows handed out.
    pub listed: u64,
    /// Rows dropped because the service gave them twice.
    pub duplicates: u64,
    /// Rows that could not be read.
    pub unreadable: u64,
    /// Rows the service counts for the query, once it has said so. Above 20 tags this is the most there can be.
    pub total: Option<u64>,
    /// Whether all rows that were asked for have been handed out. `total` is then settled after the closing `None`.
    pub is_complete: bool,
}

/// Pages through one listing. Dropping it stops what is under way.
pub struct Pager {
    lanes: Vec<Lane>,
    /// Rows read ahead of each lane; used only when there are several.
    heads: Vec<std::collections::VecDeque<ImageRow>>,
    order: Order,
    options: PagerOptions,
    seen: FxHashSet<ImageId>,
    report: PagerReport,
    /// Rows of a merged listing that were passed over.
    skipped: u64,
    count: Option<AbortOnDropHandle<Result<u64, ServiceError>>>,
    start_count: Option<(Client, ProjectId, ListQuery)>,
    is_done: bool,
}

impl Pager {
    /// A pager that has not sent anything yet.
    pub fn new(client: Client, project: ProjectId, query: ListQuery, options: PagerOptions) -> Self {
        let order = query.order;
        let parts = query.split();
        let skip = if parts.len() == 1 { options.skip } else { 0 };
        let lanes: Vec<Lane> = parts.into_iter().map(|part| Lane::new(client.clone(), project, part, skip)).collect();
        Self {
            heads: lanes.iter().map(|_| std::collections::VecDeque::new()).collect(),
            lanes,
            order,
            options,
            seen: FxHashSet::default(),
            report: PagerReport::default(),
            skipped: 0,
            count: None,
            start_count: Some((client, project, query)),
            is_done: false,
        }
    }

    /// Rows the service counts for the query, once known. Above 20 tags the most there can be.
    pub fn total(&self) -> Option<u64> {
        self.report.total
    }

    /// How the listing stands.
    pub fn report(&self) -> PagerReport {
        self.report
    }

    /// Options with which a new pager goes on where this one stands. Rows seen so far are not known to it.
    pub fn rest(&self) -> PagerOptions {
        let skip = match self.lanes.as_slice() {
            [lane] => lane.position(),
            _ => self.options.skip + self.report.listed,
        };
        let take = self.options.take.map(|take| take.saturating_sub(self.handed_out()));
        PagerOptions { skip, take, ..self.options }
    }

    /// The next rows, at most 256; `None` at the end. After an error the same place is tried again. Must be called on
    /// a tokio runtime. May be dropped and called again.
    pub async fn next(&mut self) -> Option<Result<PagerStep, ServiceError>> {
        if let Some((client, project, query)) = self.start_count.take() {
            let count = tokio::spawn(async move { client.tagged_count(project, &query).await });
            self.count = Some(AbortOnDropHandle::new(count));
        }
        if self.is_done {
            self.settle_count().await;
            return None;
        }
        let page = if self.lanes.len() == 1 { self.single().await } else { self.merged().await };
        self.take_count_if_there().await;
        match page {
            Ok(page) if page.rows.is_empty() && page.problems.is_empty() => {
                self.settle_count().await;
                None
            }
            Ok(page) => Some(Ok(PagerStep { page, report: self.report })),
            Err(error) => Some(Err(error)),
        }
    }

    fn handed_out(&self) -> u64 {
        self.report.listed + self.report.unreadable
    }

    /// Rows that are still asked for.
    fn wanted(&self) -> u64 {
        self.options.take.map_or(u64::MAX, |take| take.saturating_sub(self.handed_out()))
    }

    fn finish(&mut self) {
        self.is_done = true;
        self.report.is_complete = true;
        for lane in &mut self.lanes {
            lane.end();
        }
    }

    /// The count only helps: no page waits for it.
    async fn take_count_if_there(&mut self) {
        if let Some(count) = self.count.take_if(|count| count.is_finished()) {
            self.report.total = count.await.ok().and_then(Result::ok);
        }
    }

    /// Waits for the count at the very end, so that no rows wait for it.
    async fn settle_count(&mut self) {
        if let Some(count) = self.count.take() {
            self.report.total = count.await.ok().and_then(Result::ok);
        }
    }

    async fn single(&mut self) -> Result<Page, ServiceError> {
        loop {
            let wanted = self.wanted();
            if wanted == 0 {
                self.finish();
                return Ok(Page::default());
            }
            let page = self.next_of(0).await?;
            let Some(mut page) = page else {
                self.finish();
                return Ok(Page::default());
            };
            self.drop_repeats(&mut page);
            self.report.unreadable += page.problems.len() as u64;
            self.report.listed += page.rows.len() as u64;
            if self.lanes[0].has_ended() || self.wanted() == 0 {
                self.finish();
            }
            if !page.rows.is_empty() || !page.problems.is_empty() || self.is_done {
                return Ok(page);
            }
        }
    }

    fn drop_repeats(&mut self, page: &mut Page) {
        let before = page.rows.len();
        page.rows.retain(|row| self.seen.insert(row.id));
        self.report.duplicates += (before - page.rows.len()) as u64;
    }

    /// The next page of a lane, with others put under way; the count, when it comes first, sends more of them.
    async fn next_of(&mut self, at: usize) -> Result<Option<Page>, ServiceError> {
        let ahead = (self.options.parallel / self.lanes.len()).max(1);
        loop {
            self.take_count_if_there().await;
            let is_single = self.lanes.len() == 1;
            let lane = &mut self.lanes[at];
            // Rows that were dropped as repeats make room for as many more.
            let limit = is_single
                .then(|| {
                    self.options
                        .take
                        .map(|take| self.options.skip.saturating_add(take).saturating_add(self.report.duplicates))
                })
                .flatten();
            let total = self.report.total.filter(|_| is_single);
            lane.top_up(ahead, total, limit);
            let page = match &mut self.count {
                Some(count) if !lane.is_ready() => tokio::select! {
                    page = lane.next() => page,
                    counted = count => {
                        self.count = None;
                        self.report.total = counted.ok().and_then(Result::ok);
                        continue;
                    }
                },
                _ => lane.next().await,
            };
            let page = page.transpose()?;
            // More go under way before this page is worked on.
            let lane = &mut self.lanes[at];
            lane.top_up(ahead, total, limit);
            return Ok(page);
        }
    }

    /// Up to 256 rows of several lists, by time.
    async fn merged(&mut self) -> Result<Page, ServiceError> {
        let mut merged = Page::default();
        while merged.rows.len() < MAX_TAKE as usize && self.wanted() > 0 {
            if let Err(error) = self.fill_heads(&mut merged).await {
                // What was merged before is handed out first; the error comes again with the next call.
                return if merged.rows.is_empty() && merged.problems.is_empty() { Err(error) } else { Ok(merged) };
            }
            let Some(at) = self.first_head() else {
                self.finish();
                return Ok(merged);
            };
            let Some(row) = self.heads[at].pop_front() else { continue };
            if !self.seen.insert(row.id) {
                // An image with tags of two lists is no repeat of the service's.
                continue;
            }
            if self.skipped < self.options.skip {
                self.skipped += 1;
                continue;
            }
            self.report.listed += 1;
            merged.rows.push(row);
        }
        if self.wanted() == 0 {
            self.finish();
        }
        Ok(merged)
    }

    /// Gives every list that has not ended a row to compare.
    async fn fill_heads(&mut self, merged: &mut Page) -> Result<(), ServiceError> {
        if (0..self.lanes.len()).all(|at| !self.heads[at].is_empty() || self.lanes[at].has_ended()) {
            return Ok(());
        }
        for lane in &mut self.lanes {
            lane.top_up(1, None, None);
        }
        for at in 0..self.lanes.len() {
            while self.heads[at].is_empty() && !self.lanes[at].has_ended() {
                let Some(page) = self.next_of(at).await? else { break };
                self.report.unreadable += page.problems.len() as u64;
                merged.problems.extend(page.problems);
                self.heads[at].extend(page.rows);
            }
        }
        Ok(())
    }

    /// The list whose first row comes next; of two at the same time the earlier list, so that the order is stable.
    fn first_head(&self) -> Option<usize> {
        let key = |row: &ImageRow| row.created.unwrap_or(Stamp(0));
        let heads = self.heads.iter().enumerate().filter_map(|(at, head)| head.front().map(|row| (at, key(row))));
        match self.order {
            Order::Newest => heads.max_by_key(|&(at, created)| (created, std::cmp::Reverse(at))),
            Order::Oldest => heads.min_by_key(|&(at, created)| (created, at)),
        }
        .map(|(at, _)| at)
    }
}

impl std::fmt::Debug for Pager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pager").field("options", &self.options).field("report", &self.report).finish_non_exhaustive()
    }
}
