//! What all requests to one place share: how many may be under way, and when the next may go. The service is one such
//! place, each host of pictures another; trouble of one slows no other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use url::Url;

use super::adaptive_limit::{AdaptiveLimit, Kind, RequestOutcome};
use super::backoff::Patience;
use super::backoff::{Backoff, Trouble};
use super::concurrency_limit::{ConcurrencyLimit, Permit};
use super::error::ServiceError;
use super::rate_limiter::RateLimiter;
use super::retry::{RetryPolicy, Sleep};

/// Calls of the service under way at first and at most.
const CALLS: (usize, usize) = (4, 16);
/// Downloads from one host under way at most, and at first: pictures are large, and few of them fill a line.
const DOWNLOADS: usize = 8;
/// Hosts that are remembered when nothing is under way to them. A project's pictures come from one.
const HOSTS: usize = 64;

pub(super) struct Origin {
    concurrency_limit: ConcurrencyLimit,
    rate_limiter: RateLimiter,
    /// Only of hosts of pictures: the service says itself how long it wants quiet.
    backoff: Option<Mutex<Backoff>>,
    /// Only of hosts of pictures: there are thousands of requests to them, and one that fails costs only its picture.
    patience: Option<Mutex<Patience>>,
}

impl Origin {
    pub(super) fn from_service(calls_a_second: Option<u32>) -> Self {
        let (start, most) = CALLS;
        let concurrency_limit = ConcurrencyLimit::new(AdaptiveLimit::new(start, most));
        Self { concurrency_limit, rate_limiter: RateLimiter::new(calls_a_second), backoff: None, patience: None }
    }

    fn from_blobs() -> Self {
        let concurrency_limit = ConcurrencyLimit::new(AdaptiveLimit::new(DOWNLOADS, DOWNLOADS));
        Self {
            concurrency_limit,
            rate_limiter: RateLimiter::new(None),
            backoff: Some(Mutex::default()),
            patience: Some(Mutex::default()),
        }
    }

    /// Waits until a request may go. Dropping it gives the place to the next.
    pub(super) async fn turn(self: &Arc<Self>, sleep: &Sleep) -> RequestPermit {
        let mut pass = self.concurrency_limit.enter().await;
        self.rate_limiter.wait(sleep).await;
        let began = pass.begin();
        RequestPermit { origin: Arc::clone(self), pass, began }
    }

    /// How a failed request to this place is tried again.
    pub(super) fn patience(&self, policy: &RetryPolicy, now: Instant) -> RetryPolicy {
        self.patience.as_ref().map_or_else(|| policy.clone(), |patience| held(patience).policy(policy, now))
    }

    /// A request was given up after it had waited for so long.
    pub(super) fn gave_up(&self, waited: Duration, now: Instant) {
        if let Some(patience) = &self.patience {
            held(patience).lose(waited, now);
        }
    }

    /// A request succeeded that had failed before.
    pub(super) fn retries_helped(&self) {
        if let Some(patience) = &self.patience {
            held(patience).regain();
        }
    }

    /// No request for so long: the other side asked for it.
    pub(super) fn quiet_for(&self, wait: Duration) {
        self.rate_limiter.quiet(Instant::now() + wait);
    }
}

fn held<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) struct RequestPermit {
    origin: Arc<Origin>,
    pass: Permit,
    began: Instant,
}

impl RequestPermit {
    /// It was answered, the first byte so long after it went out.
    pub(super) fn answered(self, kind: Option<Kind>, after: Duration) {
        if let Some(backoff) = &self.origin.backoff {
            held(backoff).forgive(self.began);
        }
        self.pass.end(RequestOutcome::Answered { kind, after });
    }

    pub(super) fn failed(self, error: &ServiceError) {
        let Some(trouble) = trouble(error) else {
            return self.pass.end(RequestOutcome::Other);
        };
        if let Some(backoff) = &self.origin.backoff {
            let mut backoff = held(backoff);
            if let Some(quiet) = backoff.strike(trouble, self.began, Instant::now()) {
                self.origin.quiet_for(quiet);
            }
        }
        self.pass.end(RequestOutcome::Trouble);
    }
}

/// Whether a failure means that fewer requests would fare better. After a cut answer the next try continues where it ended.
fn trouble(error: &ServiceError) -> Option<Trouble> {
    match error {
        ServiceError::TooManyCalls { .. } => Some(Trouble::Refusal),
        ServiceError::ServiceFailed(refusal) if refusal.status == 503 => Some(Trouble::Refusal),
        ServiceError::Unreachable { .. } | ServiceError::TimedOut { .. } => Some(Trouble::Silence),
        _ => None,
    }
}

#[derive(Default)]
pub(super) struct Hosts(Mutex<FxHashMap<(String, u16), Arc<Origin>>>);

impl Hosts {
    /// The place of an address: its host and port.
    pub(super) fn origin(&self, url: &Url) -> Arc<Origin> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let port = url.port_or_known_default().unwrap_or_default();
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS && !hosts.contains_key(&(host.clone(), port)) {
            hosts.retain(|_, origin| Arc::strong_count(origin) > 1 || !origin.concurrency_limit.is_idle());
        }
        Arc::clone(hosts.entry((host, port)).or_insert_with(|| Arc::new(Origin::from_blobs())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;
    use crate::testing::at_once;

    fn url(text: &str) -> Url {
        Url::parse(text).expect(text)
    }

    #[test]
    fn each_host_is_a_place_of_its_own() {
        let hosts = Hosts::default();
        let first = hosts.origin(&url("https://a.example/i-1?sig=1"));
        assert!(Arc::ptr_eq(&first, &hosts.origin(&url("https://A.example:443/i-2"))));
        assert!(!Arc::ptr_eq(&first, &hosts.origin(&url("https://a.example:444/i-2"))));
        assert!(!Arc::ptr_eq(&first, &hosts.origin(&url("https://b.example/i-2"))));
        for number in 0..1_000 {
            hosts.origin(&url(&format!("https://{number}.example/")));
        }
        assert!(hosts.0.lock().expect("hosts").len() <= HOSTS);
        assert!(Arc::ptr_eq(&first, &hosts.origin(&url("https://a.example/"))), "one that is in use stays");
    }

    #[test]
    fn trouble_of_a_host_lowers_it_and_leaves_it_in_peace() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("runtime");
        runtime.block_on(async {
            let busy = ServiceError::TooManyCalls { wait: None, refusal: Refusal::default() };
            let waits: Arc<Mutex<Vec<Duration>>> = Arc::default();
            let log = Arc::clone(&waits);
            let sleep = Sleep::new(move |wait| {
                log.lock().expect("waits").push(wait);
                Box::pin(std::future::ready(()))
            });
            let hosts = Hosts::default();
            let (bad, good) = (hosts.origin(&url("https://bad.example/")), hosts.origin(&url("https://good.example/")));
            for _ in 0..6 {
                bad.turn(&sleep).await.failed(&busy);
            }
            waits.lock().expect("waits").clear();
            bad.turn(&sleep).await.answered(None, Duration::ZERO);
            let quiet = std::mem::take(&mut *waits.lock().expect("waits"));
            assert!(quiet.len() == 1 && quiet[0] > Duration::from_millis(200), "{quiet:?}");
            good.turn(&sleep).await.answered(None, Duration::ZERO);
            assert!(waits.lock().expect("waits").is_empty(), "the other host is not slowed");
            let mut inside = Vec::new();
            while let Some(turn) = at_once(bad.turn(&sleep)).await {
                inside.push(turn);
            }
            assert_eq!(inside.len(), 2, "one at a time, and one more after the first success");
        });
    }
}
