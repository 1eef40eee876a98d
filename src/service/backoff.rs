//! Backing off from a host: after a refusal or a failed connection nothing goes to it for a short while, after
//! refusals longer each time that one comes again before anything has succeeded. And [`Patience`]: how long such a host is
//! waited for. Pure: the clock comes in as a parameter.

use std::time::{Duration, Instant};

use super::retry::RetryPolicy;

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

/// The most that is waited in vain, all pictures of the host taken together.
const MOST_IN_VAIN: Duration = Duration::from_secs(60);
/// So long after the last failure the host counts as a new one.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(300);
/// Tries of a picture after that.
const TRIES: u32 = 2;
/// The most that a picture waits after that.
const WAIT: Duration = Duration::from_secs(2);

/// How long a host of pictures is waited for in vain before pictures of it are given up sooner.
///
/// One picture may be tried for many seconds: most failures pass. But where half of the pictures fail for good, or all
/// come with "try again in 100 seconds", a project of thousands would take days. So the waits of pictures that were given
/// up in the end are added up; once they are too many, each further one is tried twice and no longer. As soon as a second
/// try helps, waiting is worth it again. What was given up is itemized and asked for by the next run.
#[derive(Debug, Default)]
pub(super) struct Patience {
    lost: Duration,
    last: Option<Instant>,
}

impl Patience {
    pub(super) fn policy(&mut self, policy: &RetryPolicy, now: Instant) -> RetryPolicy {
        if self.last.is_some_and(|last| now.saturating_duration_since(last) >= FORGOTTEN_AFTER) {
            self.regain();
        }
        if self.lost < MOST_IN_VAIN {
            return policy.clone();
        }
        RetryPolicy {
            tries: policy.tries.min(TRIES),
            network_tries: policy.network_tries.min(TRIES),
            patience: policy.patience.min(WAIT),
            ..policy.clone()
        }
    }

    /// A request was given up after it had waited for so long.
    pub(super) fn lose(&mut self, waited: Duration, now: Instant) {
        self.lost = self.lost.saturating_add(waited);
        self.last = Some(now);
    }

    /// A further try has helped.
    pub(super) fn regain(&mut self) {
        *self = Self::default();
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

    #[test]
    fn waits_in_vain_are_bounded_until_one_helps_or_time_has_passed() {
        let policy = RetryPolicy::default();
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut patience = Patience::default();
        let tries = |patience: &mut Patience, now: Instant| patience.policy(&policy, now).tries;
        for _ in 0..3 {
            assert_eq!(tries(&mut patience, at(0)), policy.tries);
            patience.lose(Duration::from_secs(20), at(0));
        }
        let short = patience.policy(&policy, at(1));
        assert_eq!((short.tries, short.network_tries, short.patience), (2, 2, Duration::from_secs(2)));
        patience.regain();
        assert_eq!(tries(&mut patience, at(2)), policy.tries, "a further try has helped");
        patience.lose(Duration::from_secs(100), at(3));
        assert_eq!(tries(&mut patience, at(4)), 2);
        assert_eq!(tries(&mut patience, at(303)), policy.tries, "minutes later it is a new host");
    }
}
