//! Backing off from a host: after a refusal or a failed connection nothing goes to it for a short while, after
//! refusals longer each time that one comes again before anything has succeeded. Pure: the clock comes in as a parameter.

use std::time::{Duration, Instant};

/// The first quiet. Short: it is there so that a crowd of downloads does not knock again at the same moment.
const FIRST: Duration = Duration::from_millis(100);
/// The longest. Each request backs off by itself besides, and a host that wants more says so.
const LONGEST: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The host answered that it has too much to do.
    Refusal,
    /// There was no answer. Longer quiet would only make it later that the user hears of it.
    Silence,
}

/// How often in a row a host refused.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    strikes: u32,
    struck: Option<Instant>,
}

impl Backoff {
    /// Trouble of a request that went out at `began`: how long the host is left in peace from `now` on. `None` when the
    /// request went out before the last trouble was known: that is the same one.
    pub(super) fn strike(&mut self, trouble: Trouble, began: Instant, now: Instant) -> Option<Duration> {
        if self.struck.is_some_and(|struck| began < struck) {
            return None;
        }
        self.struck = Some(now);
        if trouble == Trouble::Silence {
            return Some(FIRST);
        }
        let quiet = FIRST.saturating_mul(1 << self.strikes.min(16)).min(LONGEST);
        self.strikes = self.strikes.saturating_add(1);
        Some(quiet)
    }

    /// A request that went out at `began` has succeeded: the next trouble is a first one again.
    pub(super) fn forgive(&mut self, began: Instant) {
        if self.struck.is_none_or(|struck| began >= struck) {
            self.strikes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_grows_with_trouble_in_a_row_and_is_forgiven_by_success() {
        enum What {
            Refused(Option<u64>),
            Unreachable(Option<u64>),
            Forgive,
        }
        use What::{Forgive, Refused, Unreachable};
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut backoff = Backoff::default();
        // When the request went out, when it ended, how.
        let table = [
            (0, 10, Refused(Some(100))),
            (5, 12, Refused(None)),
            (5, 13, Forgive),
            (120, 130, Refused(Some(200))),
            (125, 131, Unreachable(None)),
            (400, 410, Unreachable(Some(100))),
            (500, 510, Refused(Some(400))),
            (900, 910, Forgive),
            (920, 930, Refused(Some(100))),
        ];
        for (row, (began, ended, what)) in table.into_iter().enumerate() {
            let (trouble, quiet) = match what {
                Refused(quiet) => (Trouble::Refusal, quiet),
                Unreachable(quiet) => (Trouble::Silence, quiet),
                Forgive => {
                    backoff.forgive(at(began));
                    continue;
                }
            };
            let expected = quiet.map(Duration::from_millis);
            assert_eq!(backoff.strike(trouble, at(began), at(ended)), expected, "row {row}");
        }
        let last = (0..100_u64).filter_map(|n| backoff.strike(Trouble::Refusal, at(1_000 + n), at(1_000 + n))).last();
        assert_eq!(last, Some(LONGEST));
    }
}
