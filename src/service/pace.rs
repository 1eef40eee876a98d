//! How many calls a second: the service allows ten, on every tier, to all programs that use the resource.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A little more than a second, so that calls which travel at different speeds do not arrive as eleven in one.
const WINDOW: Duration = Duration::from_millis(1050);

/// Gives out places in time. Pure: the clock comes in as a parameter.
#[derive(Debug)]
pub(super) struct Pacer {
    /// Calls a window; `None`: as many as one likes.
    calls: Option<usize>,
    /// The latest places given out, at most `calls` of them, in order.
    given: VecDeque<Instant>,
    /// The service asked for quiet until then.
    quiet_until: Option<Instant>,
}

impl Pacer {
    pub(super) fn new(calls: Option<u32>) -> Self {
        let calls = calls.map(|calls| (calls as usize).max(1));
        Self { calls, given: VecDeque::new(), quiet_until: None }
    }

    /// How long the next call has to wait from `now`. The place is taken.
    pub(super) fn claim(&mut self, now: Instant) -> Duration {
        let mut at = now.max(self.quiet_until.unwrap_or(now));
        if let Some(calls) = self.calls {
            if self.given.len() >= calls
                && let Some(oldest) = self.given.pop_front()
            {
                at = at.max(oldest + WINDOW);
            }
            self.given.push_back(at);
        }
        at - now
    }

    /// No call before `until`: one that was told to slow down speaks for all.
    pub(super) fn quiet(&mut self, until: Instant) {
        self.quiet_until = Some(self.quiet_until.map_or(until, |earlier| earlier.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_go_at_once_and_the_eleventh_waits_for_the_window() {
        let now = Instant::now();
        let mut pacer = Pacer::new(Some(10));
        for _ in 0..10 {
            assert_eq!(pacer.claim(now), Duration::ZERO);
        }
        for _ in 0..10 {
            assert_eq!(pacer.claim(now), WINDOW);
        }
        assert_eq!(pacer.claim(now), WINDOW * 2);
        assert_eq!(pacer.claim(now + WINDOW * 4), Duration::ZERO);
    }

    #[test]
    fn quiet_holds_for_all_calls() {
        let now = Instant::now();
        let mut pacer = Pacer::new(None);
        assert_eq!(pacer.claim(now), Duration::ZERO);
        pacer.quiet(now + Duration::from_secs(6));
        pacer.quiet(now + Duration::from_secs(2));
        assert_eq!(pacer.claim(now), Duration::from_secs(6));
        assert_eq!(pacer.claim(now + Duration::from_secs(7)), Duration::ZERO);
    }
}
