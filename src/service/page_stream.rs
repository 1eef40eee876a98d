//! One listing that the service can answer in one query: its pages fetched ahead and handed out in order, its rows
//! checked against the count, further passes begun where they are needed. What a page means is decided in
//! [`cursor`](super::offset_cursor) and [`seen`](super::seen_ids).

use std::collections::VecDeque;
use std::time::Duration;

use rustc_hash::FxHashSet;
use tokio_util::task::AbortOnDropHandle;

use super::client::Client;
use super::error::ServiceError;
use super::offset_cursor::{OffsetCursor, Taken};
use super::query::ListQuery;
use super::seen_ids::{PassOutcome, SeenIds};
use domain::{ImageId, Page, Problem, ProjectId};

/// The most rows of any list, as many as an archive may have.
const MOST_COUNTED_ROWS: u64 = 2_000_000;

/// A page under way. Dropping it stops the call.
struct Window {
    skip: u64,
    take: u32,
    task: AbortOnDropHandle<Result<(Page, usize), ServiceError>>,
}

/// What may lie here unread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub pages: usize,
    /// Bytes of their answers, as the largest page so far has them; one page is always under way.
    pub bytes: usize,
}

impl Room {
    /// Pages under way at once, when the largest answer so far had `largest` bytes; at least one.
    fn windows(self, largest: usize) -> usize {
        let by_bytes = self.bytes.checked_div(largest).unwrap_or(usize::MAX);
        self.pages.min(by_bytes).max(1)
    }
}

pub(super) struct PageStream {
    client: Client,
    project: ProjectId,
    query: ListQuery,
    cursor: OffsetCursor,
    room: Room,
    windows: VecDeque<Window>,
    largest: usize,
    has_begun: bool,
    counting: Option<AbortOnDropHandle<Result<u64, ServiceError>>>,
    counted: Option<u64>,
    /// How long the end of a pass waits for a count.
    patience: Duration,
    is_whole: bool,
}

impl PageStream {
    /// A stream from row `skip` on that has not sent anything yet.
    pub(super) fn new(client: Client, project: ProjectId, query: ListQuery, skip: u64, room: Room) -> Self {
        Self {
            patience: client.options().count_patience,
            client,
            project,
            query,
            cursor: OffsetCursor::new(skip),
            room,
            windows: VecDeque::new(),
            largest: 0,
            has_begun: false,
            counting: None,
            counted: None,
            is_whole: false,
        }
    }

    /// Rows that the service counts, once it has said so.
    pub(super) fn counted(&self) -> Option<u64> {
        self.counted
    }

    /// Whether the stream was found to be complete, by [`PageStream::judge_pass`].
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    pub(super) fn seen(&self) -> &SeenIds {
        &self.cursor.seen
    }

    /// Whether this pass has shown its last row.
    pub(super) fn has_ended(&self) -> bool {
        self.cursor.has_ended()
    }

    pub(super) fn end(&mut self) {
        self.cursor.end();
        self.windows.clear();
    }

    /// Sends the question for the count and the first page.
    pub(super) fn begin(&mut self, wanted: Option<u64>) {
        if !std::mem::replace(&mut self.has_begun, true) {
            let (client, project, query) = (self.client.clone(), self.project, self.query.clone());
            let count = tokio::spawn(async move { client.images_count(project, &query).await });
            self.counting = Some(AbortOnDropHandle::new(count));
        }
        self.top_up(wanted);
    }

    /// The most rows that are believed, by the service's own count: a list that never ends would fill the memory.
    fn most_rows(&self) -> u64 {
        self.counted
            .map_or(0, |counted| counted.saturating_mul(2))
            .min(MOST_COUNTED_ROWS)
            .max(self.client.options().most_rows)
    }

    /// The next rows that did not come before; `None` at the end of the pass. `wanted`: how many more are wanted, `None`:
    /// all. May be dropped and called again. After an error the next call tries the same page again.
    pub(super) async fn next(&mut self, wanted: Option<u64>) -> Result<Option<Page>, ServiceError> {
        self.begin(wanted);
        loop {
            self.take_count_if_there().await;
            if self.cursor.is_undecided() {
                self.await_count().await;
                self.cursor.decide(self.counted);
            }
            self.top_up(wanted);
            let Some(window) = self.windows.front_mut() else {
                self.cursor.end();
                return Ok(None);
            };
            let answer = match &mut self.counting {
                // The count sends more pages under way when it comes first.
                Some(count) if !window.task.is_finished() => tokio::select! {
                    answer = &mut window.task => answer,
                    counted = count => {
                        self.counting = None;
                        self.counted = counted.ok().and_then(Result::ok);
                        continue;
                    }
                },
                _ => (&mut window.task).await,
            };
            let (skip, take) = (window.skip, window.take);
            self.windows.pop_front();
            let (page, bytes) = match answer {
                Ok(Ok(answer)) => answer,
                failed => {
                    self.windows.clear();
                    self.cursor.restart_at(skip);
                    let stopped = || ServiceError::BadAnswer { reason: "listing was stopped".to_owned() };
                    return Err(failed.ok().and_then(Result::err).unwrap_or_else(stopped));
                }
            };
            self.largest = self.largest.max(bytes);
            let ids = ids_of(&page);
            let is_new = match self.cursor.take(skip, take, &ids) {
                Taken::Rows(is_new) => is_new,
                Taken::Back => {
                    self.windows.clear();
                    continue;
                }
            };
            let most = self.most_rows();
            if self.cursor.seen.shown() > most {
                self.windows.clear();
                return Err(ServiceError::Endless { rows: most, counted: self.counted });
            }
            self.cursor.seen.catch_up(self.counted, is_new.last() == Some(&false));
            if self.cursor.seen.has_caught_up() {
                self.cursor.end();
            }
            if self.cursor.has_ended() || self.cursor.is_undecided() {
                // What is under way behind a short page does not follow it.
                self.windows.clear();
            }
            let page = kept(page, &is_new);
            if !page.rows.is_empty() || !page.problems.is_empty() {
                // More go under way before this page is worked on.
                let came = (page.rows.len() + page.problems.len()) as u64;
                self.top_up(wanted.map(|wanted| wanted.saturating_sub(came)));
                return Ok(Some(page));
            }
        }
    }

    /// Judges the pass that has ended, and asks the service what that takes. `true`: a further pass has started. May be
    /// dropped and called again.
    pub(super) async fn judge_pass(&mut self) -> Result<bool, ServiceError> {
        self.await_count().await;
        let (mut is_fresh, mut is_checked) = (false, false);
        loop {
            match self.cursor.seen.verdict(self.counted, is_fresh, is_checked) {
                PassOutcome::Whole => {
                    self.is_whole = true;
                    return Ok(false);
                }
                PassOutcome::AskCount => {
                    let asked = self.client.images_count(self.project, &self.query);
                    self.counted = tokio::time::timeout(self.patience, asked).await.ok().and_then(Result::ok);
                    is_fresh = true;
                }
                PassOutcome::AskFor(images) => {
                    match self.gone_of(&images).await {
                        Ok(gone) => self.cursor.seen.mark_gone(gone),
                        // Nobody has seen what the service says about ids that are gone. If it refuses, nothing is known.
                        Err(ServiceError::Refused(_) | ServiceError::NotFound { .. }) => {}
                        Err(error) => return Err(error),
                    }
                    is_checked = true;
                }
                PassOutcome::Again => {
                    self.cursor.begin_pass(self.counted);
                    return Ok(true);
                }
                PassOutcome::Unsure => return Ok(false),
            }
        }
    }

    /// Waits for the count that was requested at the beginning, but not for long: a list can be proven without it.
    pub(super) async fn await_count(&mut self) {
        if let Some(counting) = &mut self.counting {
            let counted = tokio::time::timeout(self.patience, counting).await;
            self.counted = counted.ok().and_then(Result::ok).and_then(Result::ok);
            self.counting = None;
        }
    }

    /// Those images that are no longer in the listing.
    async fn gone_of(&self, images: &[ImageId]) -> Result<Vec<ImageId>, ServiceError> {
        let page = self.client.images_by_ids(self.project, self.query.iteration, images).await?;
        let listed = page.rows.iter().filter(|row| self.query.still_lists(row)).map(|row| row.id);
        // What cannot be read is there all the same.
        let there: FxHashSet<ImageId> = listed.chain(page.problems.iter().filter_map(image_of)).collect();
        Ok(images.iter().copied().filter(|image| !there.contains(image)).collect())
    }

    /// The count only helps: no page waits for it.
    async fn take_count_if_there(&mut self) {
        if let Some(count) = self.counting.take_if(|count| count.is_finished()) {
            self.counted = count.await.ok().and_then(Result::ok);
        }
    }

    /// Puts pages under way: at least one, and more as far as the service's count says that there are rows and as they
    /// have room.
    fn top_up(&mut self, wanted: Option<u64>) {
        while self.windows.len() < self.room.windows(self.largest) {
            // Past the counted rows only one call looks whether the count was right.
            let is_counted = self.counted.is_some_and(|counted| self.cursor.is_counted(counted));
            if !self.windows.is_empty() && !is_counted {
                return;
            }
            let Some((skip, take)) = self.cursor.window(wanted) else { return };
            let (client, project, query) = (self.client.clone(), self.project, self.query.clone());
            let task = tokio::spawn(async move { client.sized_page(project, &query, skip, take).await });
            self.windows.push_back(Window { skip, take, task: AbortOnDropHandle::new(task) });
        }
    }
}

/// The id of each row of a page in the service's order, where it has one that can be read.
fn ids_of(page: &Page) -> Vec<Option<ImageId>> {
    let mut ids: Vec<Option<ImageId>> = page.rows.iter().map(|row| Some(row.id)).collect();
    // The problems stand in the order of their places.
    for problem in &page.problems {
        let at = place_of(problem).unwrap_or(ids.len()).min(ids.len());
        ids.insert(at, image_of(problem));
    }
    ids
}

/// The rows and problems of a page that are new.
fn kept(page: Page, is_new: &[bool]) -> Page {
    if is_new.iter().all(|is_new| *is_new) {
        return page;
    }
    let mut is_problem = vec![false; is_new.len()];
    let keeps = |at: usize| is_new.get(at).copied().unwrap_or(true);
    let mut problems = Vec::new();
    for problem in page.problems {
        let at = place_of(&problem).unwrap_or(usize::MAX);
        if let Some(mark) = is_problem.get_mut(at) {
            *mark = true;
        }
        if keeps(at) {
            problems.push(problem);
        }
    }
    let places = (0..is_new.len()).filter(|&at| !is_problem[at]);
    let rows = page.rows.into_iter().zip(places).filter(|&(_, at)| keeps(at)).map(|(row, _)| row).collect();
    Page { rows, problems, predictions: page.predictions }
}

fn place_of(problem: &Problem) -> Option<usize> {
    match problem {
        Problem::UnreadableRow { index, .. } => Some(*index),
        _ => None,
    }
}

fn image_of(problem: &Problem) -> Option<ImageId> {
    match problem {
        Problem::UnreadableRow { image, .. } => *image,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_pages_go_one_by_one() {
        let room = Room { pages: 6, bytes: 64 << 20 };
        let windows = [0, 1 << 20, 10 << 20, 11 << 20, 30 << 20, 96 << 20].map(|largest| room.windows(largest));
        assert_eq!(windows, [6, 6, 6, 5, 2, 1]);
    }

    #[test]
    fn rows_and_problems_keep_their_places() {
        let id = |number: u128| ImageId(uuid::Uuid::from_u128(number));
        let text = format!(
            r#"[{{"id":"{}"}},{{"id":7}},{{"id":"{}","width":1,"width":2}},{{"id":"{}"}}]"#,
            id(1),
            id(2),
            id(3)
        );
        let page = domain::RecordReader::new().page(text.as_bytes()).expect("page");
        assert_eq!(ids_of(&page), [Some(id(1)), None, Some(id(2)), Some(id(3))]);
        let left = kept(page.clone(), &[false, false, true, true]);
        assert_eq!(left.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [id(3)]);
        assert!(matches!(left.problems[..], [Problem::UnreadableRow { index: 2, .. }]));
        assert_eq!(kept(page.clone(), &[true; 4]), page);
    }
}
