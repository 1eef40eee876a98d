//! When the next call may go out: the service allows ten a second, on every tier, to all programs that use the
//! resource, and a wait imposed on one applies to all.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::retry::Sleep;

/// A little more than a second, so that calls which travel at different speeds do not arrive as eleven in one.
const WINDOW: Duration = Duration::from_millis(1050);

/// Gives out places in time. Pure: the clock comes in as a parameter.
#[derive(Debug)]
struct RateWindow {
    /// Calls a window; `None`: as many as one likes.
    calls: Option<usize>,
    /// The places given out that still count, in order.
    given: VecDeque<Instant>,
    quiet_until: Option<Instant>,
}

impl RateWindow {
    fn new(calls: Option<u32>) -> Self {
        let calls = calls.map(|calls| (calls as usize).max(1));
        Self { calls, given: VecDeque::new(), quiet_until: None }
    }

    /// The place of the next call, `now` or later. It is taken.
    fn claim(&mut self, now: Instant) -> Instant {
        let mut at = now.max(self.quiet_until.unwrap_or(now));
        let Some(calls) = self.calls else { return at };
        while self.given.front().is_some_and(|&given| given + WINDOW <= now) {
            self.given.pop_front();
        }
        if let Some(place) = self.given.len().checked_sub(calls) {
            at = at.max(self.given[place] + WINDOW);
        }
        self.given.push_back(at);
        at
    }

    /// A place that was not used is free for the next.
    fn give_back(&mut self, at: Instant) {
        if let Some(place) = self.given.iter().rposition(|&given| given == at) {
            self.given.remove(place);
        }
    }

    fn quiet(&mut self, until: Instant) {
        self.quiet_until = Some(self.quiet_until.map_or(until, |earlier| earlier.max(until)));
    }
}

/// The pace that all calls to one place share.
#[derive(Debug)]
pub(super) struct RateLimiter(Mutex<RateWindow>);

impl RateLimiter {
    /// At most so many calls a second; `None`: as many as one likes.
    pub(super) fn new(calls_a_second: Option<u32>) -> Self {
        Self(Mutex::new(RateWindow::new(calls_a_second)))
    }

    fn lock(&self) -> MutexGuard<'_, RateWindow> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No call before `until`: one that has to slow down speaks for all, also for those that wait already.
    pub(super) fn quiet(&self, until: Instant) {
        self.lock().quiet(until);
    }

    /// Waits for a place in time. May be dropped: the place is then free for another.
    pub(super) async fn wait(&self, sleep: &Sleep) {
        let now = Instant::now();
        let at = self.lock().claim(now);
        let mut place = Place { rate_limiter: self, unused: Some(at) };
        sleep.wait(at - now).await;
        // Another call may have been delayed meanwhile. Each such end is waited for once: the clock of a test stands.
        let mut waited_for = Some(at);
        loop {
            let quiet_until = self.lock().quiet_until;
            let now = Instant::now();
            match quiet_until {
                Some(until) if until > now && quiet_until > waited_for => {
                    waited_for = quiet_until;
                    sleep.wait(until - now).await;
                }
                _ => break,
            }
        }
        place.unused = None;
    }
}

/// A place in time; given back when it is dropped unused.
struct Place<'a> {
    rate_limiter: &'a RateLimiter,
    unused: Option<Instant>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(at) = self.unused {
            self.rate_limiter.lock().give_back(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at_once;

    #[test]
    fn ten_go_at_once_and_the_eleventh_waits_for_the_window() {
        let now = Instant::now();
        let mut pacer = RateWindow::new(Some(10));
        for _ in 0..10 {
            assert_eq!(pacer.claim(now), now);
        }
        for _ in 0..10 {
            assert_eq!(pacer.claim(now), now + WINDOW);
        }
        assert_eq!(pacer.claim(now), now + WINDOW * 2);
        assert_eq!(pacer.claim(now + WINDOW * 4), now + WINDOW * 4);
        assert_eq!(pacer.given.len(), 1, "what is past does not count and is not kept");
    }

    #[test]
    fn a_place_given_back_is_the_next_ones_and_no_window_holds_more() {
        let now = Instant::now();
        let mut pacer = RateWindow::new(Some(2));
        let places: Vec<_> = (0..5).map(|_| pacer.claim(now)).collect();
        pacer.give_back(places[2]);
        assert_eq!(pacer.claim(now), now + WINDOW * 2, "the last window has room for one more");
        pacer.give_back(now + WINDOW * 9);
        for at in &pacer.given {
            let in_window = pacer.given.iter().filter(|&other| other >= at && *other < *at + WINDOW).count();
            assert!(in_window <= 2, "{in_window}");
        }
    }

    #[test]
    fn quiet_holds_for_all_calls() {
        let now = Instant::now();
        let mut pacer = RateWindow::new(None);
        assert_eq!(pacer.claim(now), now);
        pacer.quiet(now + Duration::from_secs(6));
        pacer.quiet(now + Duration::from_secs(2));
        assert_eq!(pacer.claim(now), now + Duration::from_secs(6));
        assert_eq!(pacer.claim(now + Duration::from_secs(7)), now + Duration::from_secs(7));
    }

    #[test]
    fn one_that_leaves_gives_its_place_back() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("runtime");
        runtime.block_on(async {
            let (rate_limiter, sleep) = (RateLimiter::new(Some(1)), Sleep::default());
            rate_limiter.wait(&sleep).await;
            for _ in 0..20 {
                let left = at_once(rate_limiter.wait(&sleep)).await;
                assert!(left.is_none(), "the second is taken");
            }
            assert_eq!(rate_limiter.lock().given.len(), 1, "twenty that left have taken nothing");
        });
    }
}
