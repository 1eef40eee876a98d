//! Why work waits, in words, and said once when many calls wait for the same. The only place of these words: the
//! window's listing, thumbnails and exports and the command line all take them from here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use service::{Observer, WaitReason, Waiting};

/// Shorter waits are not worth words.
const WORTH_TELLING: Duration = Duration::from_millis(700);

/// A wait for the same reason that ends no later than this after the one that was reported is the same wait.
const SAME_WAIT: Duration = Duration::from_millis(1_500);

/// Why it waits and for how long: `the service is limiting requests; continuing in 6 s`.
pub fn words(waiting: &Waiting) -> String {
    let seconds = waiting.wait.as_secs_f32().ceil();
    match waiting.reason {
        WaitReason::SlowDown => format!("the service is limiting requests; continuing in {seconds} s"),
        WaitReason::ServiceFailed(status) => format!("the service failed ({status}); retrying in {seconds} s"),
        WaitReason::Network => format!("no connection; retrying in {seconds} s"),
    }
}

/// The waits of many calls, reported as one.
#[derive(Debug, Default)]
pub struct Waits {
    told: Mutex<Option<Told>>,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    reason: WaitReason,
    until: Instant,
}

impl Waits {
    fn lock(&self) -> MutexGuard<'_, Option<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The words for a wait that begins now; `None` when it is too short for words, or another call has said the same.
    pub fn news(&self, waiting: &Waiting, now: Instant) -> Option<String> {
        if waiting.wait < WORTH_TELLING {
            return None;
        }
        let until = now + waiting.wait;
        let mut told = self.lock();
        let is_known = told
            .is_some_and(|told| told.reason == waiting.reason && told.until > now && until <= told.until + SAME_WAIT);
        if is_known {
            return None;
        }
        *told = Some(Told { reason: waiting.reason, until });
        Some(words(waiting))
    }

    /// The end of the wait that was reported last.
    fn until(&self) -> Option<Instant> {
        self.lock().map(|told| told.until)
    }
}

/// An observer that tells what is waited for, and with `None` that the wait is over.
pub(super) fn observer(tell: impl Fn(Option<String>) + Send + Sync + 'static) -> Observer {
    let (waits, tell) = (Arc::new(Waits::default()), Arc::new(tell));
    Arc::new(move |waiting| {
        let Some(words) = waits.news(&waiting, Instant::now()) else { return };
        tell(Some(words));
        // Calls run on a runtime; without one, no event reports the end.
        let (Ok(runtime), Some(until)) = (tokio::runtime::Handle::try_current(), waits.until()) else { return };
        let (waits, tell) = (Arc::clone(&waits), Arc::clone(&tell));
        runtime.spawn(async move {
            tokio::time::sleep_until(until.into()).await;
            // A later wait ends by itself.
            if waits.until() == Some(until) {
                tell(None);
            }
        });
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(reason: WaitReason, ms: u64) -> Waiting {
        Waiting { reason, wait: Duration::from_millis(ms), next_try: 2, tries: 6 }
    }

    #[test]
    fn waits_are_told_in_words() {
        let said = |reason| words(&waiting(reason, 5_400));
        assert_eq!(said(WaitReason::SlowDown), "the service is limiting requests; continuing in 6 s");
        assert_eq!(said(WaitReason::ServiceFailed(503)), "the service failed (503); retrying in 6 s");
        assert_eq!(said(WaitReason::Network), "no connection; retrying in 6 s");
    }

    #[test]
    fn calls_that_wait_for_the_same_say_it_once() {
        use WaitReason::{Network, SlowDown};
        let start = Instant::now();
        let waits = Waits::default();
        // When, why, how long, is it said.
        let table = [
            (0, SlowDown, 300, false),
            (10, SlowDown, 6_000, true),
            (20, SlowDown, 6_000, false),
            (900, SlowDown, 6_000, false),
            (1_000, SlowDown, 30_000, true),
            (2_000, SlowDown, 6_000, false),
            (3_000, Network, 2_000, true),
            (3_100, Network, 2_000, false),
            (9_000, Network, 2_000, true),
        ];
        for (row, (at, reason, wait, is_said)) in table.into_iter().enumerate() {
            let news = waits.news(&waiting(reason, wait), start + Duration::from_millis(at));
            assert_eq!(news.is_some(), is_said, "row {row}");
        }
    }

    #[test]
    fn the_end_of_a_wait_is_told() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("runtime");
        runtime.block_on(async {
            let (said, mut heard) = tokio::sync::mpsc::channel(8);
            let observer = observer(move |words| said.try_send(words.is_some()).expect("room"));
            observer(waiting(WaitReason::SlowDown, 700));
            observer(waiting(WaitReason::SlowDown, 700));
            assert_eq!(heard.recv().await, Some(true));
            assert_eq!(heard.recv().await, Some(false), "said once, and ended once");
        });
    }
}
