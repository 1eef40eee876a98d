//! Lists an opened project: its tags, then its images page by page. The first page goes out as soon as it is here; how
//! the listing stands is told a few times a second.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::failure;
use super::guard::guarded;
use super::inbox::Inbox;
use super::opening::Opening;
use super::source::Source;
use crate::app::{Event, Failure, ListingState};
use crate::domain::IterationId;
use crate::service::{ListQuery, PagerOptions, WaitReason, Waiting};

/// Time between two reports.
const REPORT_EVERY: Duration = Duration::from_millis(150);

/// Pages that the rate is taken from.
const RATE_PAGES: usize = 20;

/// Shorter waits are not worth words.
const WORTH_TELLING: Duration = Duration::from_millis(700);

/// How a listing stands, shared with the client's words about waits.
struct Progress {
    generation: u64,
    inbox: Arc<Inbox>,
    state: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    listed: u64,
    total: Option<u64>,
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

    fn tell(&self, waiting: Option<String>) {
        let counts = self.lock();
        let state = ListingState::Running {
            listed: counts.listed,
            total: counts.total,
            pages_per_second: counts.rate(),
            waiting,
        };
        drop(counts);
        self.post(state);
    }

    fn page(&self, listed: u64, total: Option<u64>, now: Instant) {
        let mut counts = self.lock();
        counts.listed = listed;
        counts.total = total;
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
            self.tell(None);
        }
    }

    fn waiting(&self, waiting: &Waiting) {
        if waiting.wait >= WORTH_TELLING {
            self.tell(Some(words(waiting)));
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

fn words(waiting: &Waiting) -> String {
    let seconds = waiting.wait.as_secs_f32().ceil();
    match waiting.reason {
        WaitReason::SlowDown => format!("the service asks to slow down, {seconds} s"),
        WaitReason::ServiceFailed(status) => format!("the service failed ({status}), again in {seconds} s"),
        WaitReason::Network => format!("no connection, again in {seconds} s"),
    }
}

/// Lists until the end, a failure, or the token of the listing.
pub(super) async fn list(opening: Arc<Opening>, iteration: Option<IterationId>) {
    let generation = opening.generation;
    let progress = Arc::new(Progress { generation, inbox: Arc::clone(&opening.shared.inbox), state: Mutex::default() });
    progress.tell(None);
    let began = Instant::now();
    let result = tokio::select! {
        biased;
        () = opening.stop_listing.cancelled() => Err(failure::cancelled()),
        result = Box::pin(guarded(run(&opening, iteration, &progress))) => result,
    };
    if opening.cancel.is_cancelled() {
        return;
    }
    let (listed, total) = {
        let counts = progress.lock();
        (counts.listed, counts.total)
    };
    progress.post(match (result, total) {
        (Err(failure), total) => ListingState::Failed { listed, total, failure },
        (Ok(()), Some(total)) if total != listed => ListingState::Incomplete { listed, total },
        (Ok(()), _) => ListingState::Complete { listed, seconds: began.elapsed().as_secs_f32() },
    });
}

async fn run(opening: &Arc<Opening>, iteration: Option<IterationId>, progress: &Arc<Progress>) -> Result<(), Failure> {
    let project = opening.blobs.project;
    let source = match &opening.blobs.source {
        Source::Service(client) => {
            let observed = Arc::clone(progress);
            Source::Service(client.with_observer(Arc::new(move |waiting| observed.waiting(&waiting))))
        }
        archive @ Source::Archive(_) => archive.clone(),
    };
    let tags = async {
        match source.tags(project, iteration).await {
            Ok(tags) => opening.shared.inbox.post(Event::Tags { generation: opening.generation, tags }),
            // The images name their tags too; if the service is gone, their listing will say so.
            Err(failure) => tracing::warn!(failure = failure.kind_name(), "the tags could not be listed"),
        }
    };
    let query = ListQuery { iteration, ..ListQuery::default() };
    let pages = async {
        let mut pages = source.pages(project, query, PagerOptions::default());
        while let Some(step) = pages.next().await {
            let step = step?;
            let event = Event::Page { generation: opening.generation, page: step.page };
            if !opening.shared.inbox.post_page(event).await {
                return Err(failure::cancelled());
            }
            progress.page(step.report.listed, step.report.total, Instant::now());
        }
        if let Some(report) = pages.report() {
            let mut counts = progress.lock();
            counts.listed = report.listed;
            counts.total = report.total;
        }
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
    fn waits_are_told_in_words() {
        let waiting = |reason| words(&Waiting { reason, wait: Duration::from_millis(5_400), next_try: 2, tries: 6 });
        assert_eq!(waiting(WaitReason::SlowDown), "the service asks to slow down, 6 s");
        assert_eq!(waiting(WaitReason::ServiceFailed(503)), "the service failed (503), again in 6 s");
    }

    #[test]
    fn reports_come_a_few_times_a_second() {
        let inbox = Arc::new(Inbox::new(1024, Arc::new(|| {})));
        let progress = Progress { generation: 1, inbox: Arc::clone(&inbox), state: Mutex::default() };
        let start = Instant::now();
        for page in 0..100_u64 {
            progress.page(page * 256, None, start + Duration::from_millis(page * 10));
        }
        assert_eq!(inbox.drain(usize::MAX).len(), 7, "0, 150, ... 900 ms");
    }
}
