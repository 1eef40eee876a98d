//! One listing that the service can answer in one query, fetched ahead: several pages under way, handed out in order.

use std::collections::VecDeque;

use tokio_util::task::AbortOnDropHandle;

use super::client::Client;
use super::error::ServiceError;
use super::query::{ListQuery, MAX_TAKE};
use crate::domain::{Page, ProjectId};

/// The service's `skip` is a signed 32-bit number: no project has rows beyond it, and it refuses to look.
const LAST_SKIP: u64 = i32::MAX as u64;

/// A page under way. Dropping it stops the call.
struct Window {
    skip: u64,
    take: u32,
    task: AbortOnDropHandle<Result<Page, ServiceError>>,
}

/// Pages of one query, in order.
pub(super) struct Lane {
    client: Client,
    project: ProjectId,
    query: ListQuery,
    windows: VecDeque<Window>,
    /// The service's rows that were handed out or skipped.
    position: u64,
    /// Where the next window begins.
    next_skip: u64,
    has_ended: bool,
}

impl Lane {
    pub(super) fn new(client: Client, project: ProjectId, query: ListQuery, skip: u64) -> Self {
        let windows = VecDeque::new();
        Self { client, project, query, windows, position: skip, next_skip: skip, has_ended: false }
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    pub(super) fn end(&mut self) {
        self.has_ended = true;
        self.windows.clear();
    }

    /// Puts pages under way: at least one, and up to `ahead` as far as the service's `total` says that there are rows.
    /// None beyond row `limit`.
    pub(super) fn top_up(&mut self, ahead: usize, total: Option<u64>, limit: Option<u64>) {
        if self.has_ended {
            return;
        }
        if self.next_skip > LAST_SKIP && self.windows.is_empty() {
            self.end();
            return;
        }
        while self.windows.len() < ahead.max(1) && self.next_skip <= LAST_SKIP {
            // Past the counted rows only one call looks whether the count was right.
            let is_counted = total.is_some_and(|total| self.next_skip < total);
            if !self.windows.is_empty() && !is_counted {
                return;
            }
            let room = limit.map_or(u64::from(MAX_TAKE), |limit| limit.saturating_sub(self.next_skip));
            let take = u32::try_from(room).unwrap_or(MAX_TAKE).min(MAX_TAKE);
            if take == 0 {
                return;
            }
            let (client, project, query, skip) =
                (self.client.clone(), self.project, self.query.clone(), self.next_skip);
            let task = tokio::spawn(async move { client.tagged_page(project, &query, skip, take).await });
            self.windows.push_back(Window { skip, take, task: AbortOnDropHandle::new(task) });
            self.next_skip += u64::from(take);
        }
    }

    /// Whether the next page is there already.
    pub(super) fn is_ready(&self) -> bool {
        self.windows.front().is_none_or(|window| window.task.is_finished())
    }

    /// The next page; `None` when nothing is under way. May be dropped and called again. After an error, the next call
    /// tries the same page again.
    pub(super) async fn next(&mut self) -> Option<Result<Page, ServiceError>> {
        let window = self.windows.front_mut()?;
        let result = (&mut window.task).await;
        let (skip, take) = (window.skip, window.take);
        self.windows.pop_front();
        let result =
            result.unwrap_or_else(|_| Err(ServiceError::BadAnswer { reason: "listing was stopped".to_owned() }));
        match &result {
            Ok(page) => {
                let rows = (page.rows.len() + page.problems.len()) as u64;
                self.position = skip + rows;
                if rows < u64::from(take) {
                    self.end();
                }
            }
            Err(_) => {
                self.windows.clear();
                self.next_skip = skip;
            }
        }
        Some(result)
    }
}
