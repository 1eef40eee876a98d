//! How long a host of pictures is waited for in vain before pictures of it are given up sooner.
//!
//! One picture may be tried for many seconds: most failures pass. But where half of the pictures fail for good, or all
//! come with "try again in 100 seconds", a project of thousands would take days. So the waits of pictures that were given
//! up in the end are added up; once they are too many, each further one is tried twice and no longer. As soon as a second
//! try helps, waiting is worth it again. What was given up is itemized and asked for by the next run. Pure: the clock
//! comes in as a parameter.

use std::time::{Duration, Instant};

use super::retry::RetryPolicy;

/// The most that is waited in vain, all pictures of the host taken together.
const MOST_IN_VAIN: Duration = Duration::from_secs(60);
/// So long after the last failure the host counts as a new one.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(300);
/// Tries of a picture after that.
const TRIES: u32 = 2;
/// The most that a picture waits after that.
const WAIT: Duration = Duration::from_secs(2);

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
