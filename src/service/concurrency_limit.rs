//! The places of [`AdaptiveLimit`], waited for in the order of asking: a listing and the calls of thumbnails share them
//! fairly. A place is free again when its [`Permit`] is dropped, however that happens.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

use super::adaptive_limit::{AdaptiveLimit, RequestOutcome};

pub(super) struct ConcurrencyLimit(Arc<Shared>);

struct Shared(Mutex<State>);

struct State {
    limit: AdaptiveLimit,
    /// Those who wait, the first to be served in front. A pass that nobody takes any more frees its place.
    waiting: VecDeque<oneshot::Sender<Permit>>,
}

/// A place. Dropped without an outcome it says nothing of the pace.
pub(super) struct Permit {
    shared: Arc<Shared>,
    outcome: Option<RequestOutcome>,
    began: Instant,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConcurrencyLimit {
    pub(super) fn new(limit: AdaptiveLimit) -> Self {
        Self(Arc::new(Shared(Mutex::new(State { limit, waiting: VecDeque::new() }))))
    }

    /// Waits for a place. May be dropped at any time.
    pub(super) async fn enter(&self) -> Permit {
        loop {
            let turn = {
                let mut state = self.0.lock();
                if state.waiting.is_empty() && state.limit.begin() {
                    return pass(&self.0);
                }
                let (give, turn) = oneshot::channel();
                state.waiting.push_back(give);
                turn
            };
            if let Ok(pass) = turn.await {
                return pass;
            }
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        Arc::strong_count(&self.0) == 1 && self.0.lock().waiting.is_empty()
    }
}

fn pass(shared: &Arc<Shared>) -> Permit {
    Permit { shared: Arc::clone(shared), outcome: None, began: Instant::now() }
}

impl Permit {
    /// The request goes out now: what waited before it is not its time.
    pub(super) fn begin(&mut self) -> Instant {
        self.began = Instant::now();
        self.began
    }

    pub(super) fn end(mut self, outcome: RequestOutcome) {
        self.outcome = Some(outcome);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let outcome = self.outcome.take().unwrap_or(RequestOutcome::Other);
        self.shared.lock().limit.end(outcome, self.began, Instant::now());
        loop {
            let next = {
                let mut state = self.shared.lock();
                while state.waiting.front().is_some_and(oneshot::Sender::is_closed) {
                    state.waiting.pop_front();
                }
                if state.waiting.is_empty() || !state.limit.begin() {
                    return;
                }
                state.waiting.pop_front()
            };
            let pass = pass(&self.shared);
            if let Some(next) = next {
                // One who left this very moment hands the pass back; dropping it frees the place.
                drop(next.send(pass));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::at_once;
    use std::time::Duration;

    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("runtime")
    }

    #[test]
    fn places_are_given_in_the_order_of_asking() {
        runtime().block_on(async {
            let concurrency_limit = Arc::new(ConcurrencyLimit::new(AdaptiveLimit::new(1, 1)));
            let first = concurrency_limit.enter().await;
            let order: Arc<Mutex<Vec<u32>>> = Arc::default();
            let mut waiting = Vec::new();
            for number in 0..5 {
                let (concurrency_limit, order) = (Arc::clone(&concurrency_limit), Arc::clone(&order));
                waiting.push(tokio::spawn(async move {
                    let pass = concurrency_limit.enter().await;
                    order.lock().expect("order").push(number);
                    tokio::task::yield_now().await;
                    drop(pass);
                }));
                tokio::task::yield_now().await;
            }
            assert!(order.lock().expect("order").is_empty(), "the only place is taken");
            drop(first);
            for task in waiting {
                task.await.expect("task");
            }
            assert_eq!(*order.lock().expect("order"), [0, 1, 2, 3, 4]);
            assert!(concurrency_limit.is_idle());
        });
    }

    #[test]
    fn one_who_leaves_frees_the_place_at_once() {
        runtime().block_on(async {
            let concurrency_limit = Arc::new(ConcurrencyLimit::new(AdaptiveLimit::new(1, 1)));
            let inside = concurrency_limit.enter().await;
            // Leaves while waiting.
            let left = at_once(concurrency_limit.enter()).await;
            assert!(left.is_none());
            // Is handed the pass and leaves before taking it.
            let handed = Arc::clone(&concurrency_limit);
            let task = tokio::spawn(async move { handed.enter().await });
            tokio::task::yield_now().await;
            drop(inside);
            task.abort();
            assert!(task.await.is_err());
            let again = tokio::time::timeout(Duration::from_secs(60), concurrency_limit.enter()).await;
            assert!(again.is_ok(), "no place is lost");
        });
    }

    #[test]
    fn a_refusal_lets_fewer_in() {
        runtime().block_on(async {
            let concurrency_limit = ConcurrencyLimit::new(AdaptiveLimit::new(4, 4));
            let [mut first, second, third] =
                [concurrency_limit.enter().await, concurrency_limit.enter().await, concurrency_limit.enter().await];
            first.begin();
            first.end(RequestOutcome::Trouble);
            let fourth = at_once(concurrency_limit.enter()).await;
            assert!(fourth.is_none(), "two places are left, and two are inside");
            drop((second, third));
        });
    }
}
