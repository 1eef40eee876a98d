//! How many requests may be under way at once: a few more while the answers come quickly, half as many at the first
//! sign of trouble. Pure: the clock comes in as a parameter; who waits for a place is `concurrency_limit`'s business.
//!
//! The rule is that of TCP: one more a round of answers, half after trouble, and trouble of requests that were under
//! way together counts once.

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

/// An answer is slow when it takes this many times as long as the quickest of its kind...
const SLOW_FACTOR: u32 = 3;
/// ... and this much longer: below, the difference is noise of the network.
const SLOW_MARGIN: Duration = Duration::from_millis(200);
/// What is kept of the places after a slow answer. Less severe than after a refusal: nothing was lost.
const SLOW_KEEPS: f64 = 0.75;
/// Slow answers leave so many places: one answer is read while the next is on its way.
const SLOW_LEAVES: f64 = 2.0;
/// The best time drifts by this part towards each slower one, so that a way that stays longer becomes the measure.
const DRIFT: u32 = 32;
/// Kinds of calls that are distinguished; far more than there are.
const MOST_KINDS: usize = 64;

/// What a request was like, so that its time is compared with its equals: a count is quicker than a page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    /// The last part of the path when it is a word, else nothing.
    pub(super) call: String,
    /// Whether it asks for many rows.
    pub(super) is_large: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RequestOutcome {
    Answered {
        kind: Option<Kind>,
        /// Time to the first byte.
        after: Duration,
    },
    /// The other side has too much to do, or is not to be reached.
    Trouble,
    /// Otherwise: it was canceled, or failed in a way that says nothing of the pace.
    Other,
}

#[derive(Debug)]
pub(super) struct AdaptiveLimit {
    most: f64,
    /// At least 1; the places are its whole part.
    allowed: f64,
    under_way: usize,
    lowered: Option<Instant>,
    /// The best time to the first byte of each kind.
    best: FxHashMap<Kind, Duration>,
}

impl AdaptiveLimit {
    /// Between 1 and `most` places, at first `start`.
    pub(super) fn new(start: usize, most: usize) -> Self {
        let most = most.max(1) as f64;
        let allowed = (start.max(1) as f64).min(most);
        Self { most, allowed, under_way: 0, lowered: None, best: FxHashMap::default() }
    }

    pub(super) fn places(&self) -> usize {
        self.allowed as usize
    }

    pub(super) fn begin(&mut self) -> bool {
        let is_free = self.under_way < self.places();
        self.under_way += usize::from(is_free);
        is_free
    }

    /// Gives a place back. `began` is when the request went out.
    pub(super) fn end(&mut self, outcome: RequestOutcome, began: Instant, now: Instant) {
        let was_used = self.under_way * 2 >= self.places();
        self.under_way = self.under_way.saturating_sub(1);
        match outcome {
            RequestOutcome::Answered { kind, after } => {
                let is_slow = kind.is_some_and(|kind| self.is_slow(kind, after));
                if is_slow {
                    self.lower((self.allowed * SLOW_KEEPS).max(SLOW_LEAVES), began, now);
                } else if was_used {
                    // Places that nobody uses prove nothing.
                    self.allowed = (self.allowed + 1.0 / self.allowed).min(self.most);
                }
            }
            RequestOutcome::Trouble => self.lower(self.allowed / 2.0, began, now),
            RequestOutcome::Other => {}
        }
    }

    fn is_slow(&mut self, kind: Kind, after: Duration) -> bool {
        if self.best.len() >= MOST_KINDS && !self.best.contains_key(&kind) {
            return false;
        }
        let best = self.best.entry(kind).or_insert(after);
        let is_slow = after > *best * SLOW_FACTOR && after > *best + SLOW_MARGIN;
        *best = if after < *best { after } else { *best + (after - *best) / DRIFT };
        is_slow
    }

    fn lower(&mut self, to: f64, began: Instant, now: Instant) {
        if self.lowered.is_some_and(|lowered| began < lowered) {
            // It went out before: the same trouble.
            return;
        }
        self.lowered = Some(now);
        self.allowed = to.clamp(1.0, self.allowed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_millis(40);

    fn answered(after: Duration) -> RequestOutcome {
        RequestOutcome::Answered { kind: Some(Kind { call: "tagged".to_owned(), is_large: true }), after }
    }

    /// Fills all places and ends them the same way; the places afterwards.
    fn round(limit: &mut AdaptiveLimit, clock: &mut Instant, outcome: &RequestOutcome) -> usize {
        let began = *clock;
        let mut taken = 0;
        while limit.begin() {
            taken += 1;
        }
        *clock += Duration::from_millis(50);
        for _ in 0..taken {
            limit.end(outcome.clone(), began, *clock);
        }
        *clock += Duration::from_millis(1);
        limit.places()
    }

    #[test]
    fn it_grows_by_about_one_a_round_and_falls_by_half_once_a_round() {
        let mut clock = Instant::now();
        let mut limit = AdaptiveLimit::new(4, 16);
        // What each round is like, and the places after it.
        let table = [
            (answered(QUICK), 4),
            (answered(QUICK), 5),
            (answered(QUICK), 6),
            (answered(QUICK), 7),
            (RequestOutcome::Trouble, 3),
            (RequestOutcome::Other, 3),
            (answered(QUICK), 4),
            (RequestOutcome::Trouble, 2),
            (RequestOutcome::Trouble, 1),
            (RequestOutcome::Trouble, 1),
            (answered(QUICK), 2),
        ];
        for (at, (outcome, places)) in table.iter().enumerate() {
            let after = round(&mut limit, &mut clock, outcome);
            assert!(after.abs_diff(*places) <= 1 && (1..=16).contains(&after), "round {at}: {after}, not {places}");
        }
        for _ in 0..200 {
            round(&mut limit, &mut clock, &answered(QUICK));
        }
        assert_eq!(limit.places(), 16, "never more than the most");
        assert_eq!(
            round(&mut limit, &mut clock, &RequestOutcome::Trouble),
            8,
            "sixteen that failed together are one trouble"
        );
    }

    #[test]
    fn slow_answers_lower_it_and_a_lasting_slowness_becomes_the_measure() {
        let mut clock = Instant::now();
        let mut limit = AdaptiveLimit::new(8, 8);
        // (first byte after, is it slow)
        let table = [(40, false), (100, false), (230, false), (400, true), (30, false), (229, false), (260, true)];
        for (ms, is_slow) in table {
            let before = limit.allowed;
            assert!(limit.begin());
            let began = clock;
            clock += Duration::from_millis(ms);
            limit.end(answered(Duration::from_millis(ms)), began, clock);
            assert_eq!(limit.allowed < before, is_slow, "{ms} ms");
        }
        for _ in 0..200 {
            round(&mut limit, &mut clock, &answered(Duration::from_millis(400)));
        }
        assert_eq!(limit.places(), 8, "what is always so is not slow");
    }

    #[test]
    fn slowness_alone_leaves_two() {
        let mut clock = Instant::now();
        let mut limit = AdaptiveLimit::new(8, 8);
        for second in 0..20 {
            round(&mut limit, &mut clock, &answered(Duration::from_secs(4_u64.pow(second))));
        }
        assert_eq!(limit.places(), 2);
        assert_eq!(round(&mut limit, &mut clock, &RequestOutcome::Trouble), 1);
    }

    #[test]
    fn kinds_are_measured_apart() {
        let clock = Instant::now();
        let mut limit = AdaptiveLimit::new(2, 2);
        let small =
            RequestOutcome::Answered { kind: Some(Kind { call: String::new(), is_large: false }), after: QUICK / 40 };
        for outcome in [small, answered(Duration::from_millis(900))] {
            assert!(limit.begin());
            limit.end(outcome, clock, clock);
        }
        assert_eq!(limit.places(), 2, "a large page is not slow because a small answer was quick");
    }

    #[test]
    fn places_without_use_do_not_grow_and_none_is_given_twice() {
        let clock = Instant::now();
        let mut limit = AdaptiveLimit::new(4, 16);
        for _ in 0..100 {
            assert!(limit.begin());
            limit.end(answered(QUICK), clock, clock);
        }
        assert_eq!(limit.places(), 4, "one at a time proves nothing about five");
        assert_eq!((0..20).filter(|_| limit.begin()).count(), 4);
        limit.end(RequestOutcome::Other, clock, clock);
        assert_eq!((0..20).filter(|_| limit.begin()).count(), 1);
    }
}
