//! Lists an opened project: its tags, then its images page by page. The first page goes out as soon as it is here; how
//! the listing is, it reports a few times a second. A listing that was interrupted stays with its session and continues
//! where it stood.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::FxHashSet;
use tokio_util::sync::CancellationToken;

use super::failure::guarded;
use super::inbox::Inbox;
use super::pages::Pages;
use super::session::ProjectSession;
use super::snapshots::ListKey;
use super::source::Source;
use super::waits::Waits;
use super::{doubts, failure, snapshots};
use app::event::Doubted;
use app::{Event, Failure, FailureKind, ListingState};
use domain::{ImageId, IterationId, ListingReport};
use service::PagerStep;

const REPORT_EVERY: Duration = Duration::from_millis(150);

/// Pages that the rate is taken from.
const RATE_PAGES: usize = 20;

/// How a listing stands, shared with the client's words about waits.
struct Progress {
    generation: u64,
    inbox: Arc<Inbox>,
    state: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    report: ListingReport,
    pages: VecDeque<Instant>,
    told: Option<Instant>,
}

impl Progress {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post(&self, state: ListingState) {
        self.inbox.post(Event::Listing { generation: self.generation, state });
    }

    fn report(&self, waiting: Option<String>) {
        let counts = self.lock();
        let state = ListingState::Running {
            listed: counts.report.listed,
            total: counts.report.total,
            pages_per_second: counts.rate(),
            waiting,
        };
        drop(counts);
        self.post(state);
    }

    fn page(&self, report: ListingReport, now: Instant) {
        let mut counts = self.lock();
        counts.report = report;
        counts.pages.push_back(now);
        if counts.pages.len() > RATE_PAGES {
            counts.pages.pop_front();
        }
        let is_due = counts.told.is_none_or(|told| now.duration_since(told) >= REPORT_EVERY);
        if is_due {
            counts.told = Some(now);
        }
        drop(counts);
        if is_due {
            self.report(None);
        }
    }
}

impl Counts {
    fn rate(&self) -> f32 {
        let (Some(first), Some(last)) = (self.pages.front(), self.pages.back()) else { return 0.0 };
        let seconds = last.duration_since(*first).as_secs_f32();
        if seconds > 0.0 { (self.pages.len() - 1) as f32 / seconds } else { 0.0 }
    }
}

pub(super) struct Listing {
    /// Those of the tagged images, then of the others where these are wanted; those that have ended are gone.
    rest: VecDeque<Pages>,
    /// Of those that have ended.
    ended: ListingReport,
    /// Images that came, where some may come again.
    seen: Option<FxHashSet<ImageId>>,
    progress: Arc<Progress>,
}

impl Listing {
    fn new(session: &ProjectSession, list: ListKey) -> Self {
        let ListKey { iteration, has_untagged } = list;
        let inbox = Arc::clone(&session.shared.inbox);
        let progress = Arc::new(Progress { generation: session.generation, inbox, state: Mutex::default() });
        let source = match &session.blobs.source {
            Source::Service(client) => {
                let (observed, waits) = (Arc::clone(&progress), Waits::default());
                // The next page ends the words.
                Source::Service(client.with_observer(Arc::new(move |waiting| {
                    if let Some(words) = waits.news(&waiting, Instant::now()) {
                        observed.report(Some(words));
                    }
                })))
            }
            other @ (Source::Archive(_) | Source::Kept) => other.clone(),
        };
        let rest = Pages::for_state(&source, session.blobs.project, iteration, has_untagged).into();
        let seen = has_untagged.then(FxHashSet::default);
        Self { rest, ended: ListingReport::default(), seen, progress }
    }

    /// The next rows and how the whole stands; `None` at the end.
    async fn next(&mut self) -> Option<Result<PagerStep, Failure>> {
        while let Some(pages) = self.rest.front_mut() {
            match pages.next().await {
                Some(Ok(PagerStep { mut page, report })) => {
                    if let Some(seen) = &mut self.seen {
                        let before = page.rows.len();
                        page.rows.retain(|row| seen.insert(row.id));
                        let again = (before - page.rows.len()) as u64;
                        self.ended.listed = self.ended.listed.saturating_sub(again);
                        self.ended.duplicates += again;
                    }
                    return Some(Ok(PagerStep { page, report: self.ended.and(report) }));
                }
                Some(Err(failure)) => return Some(Err(failure)),
                None => {
                    let ended = pages.report();
                    let is_first = self.ended == ListingReport::default();
                    self.ended = if is_first { ended } else { self.ended.and(ended) };
                    self.rest.pop_front();
                }
            }
        }
        None
    }
}

/// Lists until the end, a failure, or `stop`; continues with a listing that was interrupted. The list of the last visit
/// comes before the first page where it is wanted.
pub(super) async fn list(
    session: &ProjectSession,
    slot: &tokio::sync::Mutex<Option<Listing>>,
    kept: ListKey,
    wants_last_visit: bool,
    stop: CancellationToken,
) {
    let mut slot = slot.lock().await;
    if wants_last_visit {
        // Before the first page, so that the window knows which of both is older.
        snapshots::report_last_visit(session, kept).await;
        if let Some(iteration) = kept.iteration {
            doubts::report_iteration(session, iteration).await;
        }
    }
    let listing = slot.get_or_insert_with(|| Listing::new(session, kept));
    let progress = Arc::clone(&listing.progress);
    progress.lock().pages.clear();
    progress.report(None);
    let began = Instant::now();
    let result = tokio::select! {
        biased;
        () = stop.cancelled() => Err(failure::canceled()),
        result = Box::pin(guarded(run(session, kept.iteration, listing))) => result,
    };
    if session.cancel.is_cancelled() {
        return;
    }
    let report = progress.lock().report;
    // What panicked is not continued.
    let is_resumable = result.as_ref().is_err_and(|failure| !matches!(failure.kind, FailureKind::Internal { .. }));
    if !is_resumable {
        *slot = None;
    }
    drop(slot);
    progress.post(match result {
        Err(failure) => ListingState::Failed { listed: report.listed, total: report.total, failure },
        Ok(()) if !report.is_whole => ListingState::Incomplete { report },
        Ok(()) => {
            let seconds = began.elapsed().as_secs_f32();
            ListingState::Complete { listed: report.listed, gone: report.gone, seconds }
        }
    });
}

async fn run(session: &ProjectSession, iteration: Option<IterationId>, listing: &mut Listing) -> Result<(), Failure> {
    let progress = Arc::clone(&listing.progress);
    let tags = async {
        match session.blobs.source.tags(session.blobs.project, iteration).await {
            Ok(tags) => {
                let tags = doubts::entries(&session.shared.inbox, Doubted::Tags, tags);
                session.post(Event::Tags { generation: session.generation, tags });
            }
            // The images name their tags too; if the service is gone, their listing will say so.
            Err(failure) => doubts::missing(&session.shared.inbox, Doubted::Tags, &failure),
        }
    };
    let pages = async {
        loop {
            // Between a page and its report nothing is awaited: one that is stopped here has lost nothing.
            let Some(room) = session.shared.inbox.page_room().await else { return Err(failure::canceled()) };
            let began = Instant::now();
            let Some(step) = listing.next().await else { break };
            let step = step?;
            let (us, rows) = (began.elapsed().as_micros() as u64, step.page.rows.len() as u64);
            tracing::trace!(name: "page", target: "tagscope::trace", us, rows);
            if !room.post(Event::Page { generation: session.generation, page: step.page }) {
                return Err(failure::canceled());
            }
            progress.page(step.report, Instant::now());
        }
        progress.lock().report = listing.ended;
        Ok(())
    };
    let ((), result) = tokio::join!(tags, pages);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_pages() {
        let mut counts = Counts::default();
        assert_eq!(counts.rate(), 0.0);
        let start = Instant::now();
        counts.pages = (0..11).map(|page| start + Duration::from_millis(page * 100)).collect();
        assert!((counts.rate() - 10.0).abs() < 0.01, "{}", counts.rate());
    }

    #[test]
    fn reports_come_a_few_times_a_second() {
        let inbox = Arc::new(Inbox::new(1024, Arc::new(|| {})));
        let progress = Progress { generation: 1, inbox: Arc::clone(&inbox), state: Mutex::default() };
        let start = Instant::now();
        for page in 0..100_u64 {
            progress.page(
                ListingReport { listed: page * 256, ..ListingReport::default() },
                start + Duration::from_millis(page * 10),
            );
        }
        assert_eq!(inbox.drain(usize::MAX).len(), 7, "0, 150, ... 900 ms");
    }
}
