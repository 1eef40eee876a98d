//! When a failed call is tried again, and after how long. Pure but for [`Sleep`].

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::error::{ProxyProblem, ServiceError};

#[derive(Clone, Debug)]
pub struct RetryPolicy {
    /// Tries of a call that the service answers with 408, 429, 500, 502, 503 or 504; the first one counts.
    pub tries: u32,
    /// Tries of a call that finds no host or connection, or is cut short. Fewer: the endpoint may be mistyped.
    pub network_tries: u32,
    /// The first back-off; each next one is twice as long.
    pub base: Duration,
    pub longest: Duration,
    /// The longest sum of waits of one call. A service that asks for more is given up at once.
    pub patience: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 6,
            network_tries: 4,
            base: Duration::from_millis(500),
            longest: Duration::from_secs(20),
            patience: Duration::from_secs(120),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    SlowDown,
    ServiceFailed(u16),
    Network,
}

/// A wait before the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub reason: WaitReason,
    pub wait: Duration,
    /// The number of the next try; the first was 1.
    pub next_try: u32,
    pub tries: u32,
}

/// Gets every wait.
pub type Observer = Arc<dyn Fn(Waiting) + Send + Sync>;

type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How a wait is waited: real time, or none at all in tests.
#[derive(Clone)]
pub struct Sleep(Arc<dyn Fn(Duration) -> Pause + Send + Sync>);

impl Sleep {
    /// A sleep of another kind than real time.
    pub fn new(sleep: impl Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(sleep))
    }

    pub fn none() -> Self {
        Self::new(|_| Box::pin(std::future::ready(())))
    }

    pub async fn wait(&self, duration: Duration) {
        if !duration.is_zero() {
            (self.0)(duration).await;
        }
    }
}

impl Default for Sleep {
    fn default() -> Self {
        Self::new(|duration| Box::pin(tokio::time::sleep(duration)))
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sleep")
    }
}

impl RetryPolicy {
    /// The wait before the next try, or `None` when the error is final.
    ///
    /// `tried` counts the tries so far, `waited` sums the waits so far, `asked` is what the service asks for, `random`
    /// is in 0..1.
    pub fn next(
        &self,
        error: &ServiceError,
        asked: Option<Duration>,
        tried: u32,
        waited: Duration,
        random: f64,
    ) -> Option<Waiting> {
        let (reason, tries) = match error {
            ServiceError::TooManyCalls { .. } => (WaitReason::SlowDown, self.tries),
            ServiceError::ServiceFailed(refusal) if matches!(refusal.status, 408 | 500 | 502 | 503 | 504) => {
                (WaitReason::ServiceFailed(refusal.status), self.tries)
            }
            ServiceError::Proxy { problem: ProxyProblem::Down | ProxyProblem::Broken, .. }
            | ServiceError::UnknownHost { .. }
            | ServiceError::Unreachable { .. }
            | ServiceError::OutOfFiles { .. }
            | ServiceError::TimedOut { .. }
            | ServiceError::CutShort { .. } => (WaitReason::Network, self.network_tries),
            _ => return None,
        };
        if tried >= tries {
            return None;
        }
        let wait = self.back_off(tried, random).max(asked.unwrap_or_default());
        (waited + wait <= self.patience).then_some(Waiting { reason, wait, next_try: tried + 1, tries })
    }

    /// Half of it fixed, half random: several calls that failed together do not come back together.
    fn back_off(&self, tried: u32, random: f64) -> Duration {
        let doubled = self.base.saturating_mul(1_u32.checked_shl(tried.saturating_sub(1)).unwrap_or(u32::MAX));
        doubled.min(self.longest).mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0))
    }
}

/// How long an answer asks to wait: `Retry-After` in seconds or as a date, else the seconds in its words. A date is
/// compared with the answer's own (`Date`), because the clock of this computer may be a year off; `now` is for an answer
/// without one.
pub fn asked_wait(retry_after: Option<&str>, date: Option<&str>, message: &str, now: SystemTime) -> Option<Duration> {
    let answered = date.and_then(|text| httpdate::parse_http_date(text.trim()).ok()).unwrap_or(now);
    retry_after.and_then(|text| header_wait(text.trim(), answered)).or_else(|| words_wait(message))
}

fn header_wait(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(text).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

/// `... Please retry after 12 seconds.`, the gateway's words where the header is missing.
fn words_wait(message: &str) -> Option<Duration> {
    let lower = message.to_ascii_lowercase();
    let tail = &lower[lower.find("retry after ")? + "retry after ".len()..];
    let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = tail[..digits].parse().ok()?;
    let unit = tail[digits..].trim_start();
    if unit.starts_with("milli") {
        Some(Duration::from_millis(number))
    } else if unit.starts_with("minute") {
        Some(Duration::from_secs(number.saturating_mul(60)))
    } else {
        Some(Duration::from_secs(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;

    fn failed(status: u16) -> ServiceError {
        ServiceError::ServiceFailed(Refusal { status, ..Refusal::default() })
    }

    fn busy() -> ServiceError {
        ServiceError::TooManyCalls { wait: None, refusal: Refusal::default() }
    }

    #[test]
    fn back_off_doubles_up_to_the_longest_and_jitters_by_half() {
        let policy = RetryPolicy::default();
        let waits: Vec<_> =
            (1..6).map(|tried| policy.next(&busy(), None, tried, Duration::ZERO, 1.0).expect("wait").wait).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000].map(Duration::from_millis));
        let least = policy.next(&busy(), None, 1, Duration::ZERO, 0.0).expect("wait").wait;
        assert_eq!(least, Duration::from_millis(250));
        assert_eq!(policy.back_off(40, 1.0), policy.longest);
    }

    #[test]
    fn what_the_service_asks_for_is_the_least() {
        let policy = RetryPolicy::default();
        let asked = Some(Duration::from_secs(7));
        let waiting = policy.next(&busy(), asked, 1, Duration::ZERO, 0.5).expect("wait");
        assert_eq!(
            waiting,
            Waiting { reason: WaitReason::SlowDown, wait: Duration::from_secs(7), next_try: 2, tries: 6 }
        );
    }

    #[test]
    fn tries_and_patience_end() {
        let policy = RetryPolicy::default();
        assert!(policy.next(&failed(503), None, 5, Duration::ZERO, 0.0).is_some());
        assert!(policy.next(&failed(503), None, 6, Duration::ZERO, 0.0).is_none());
        assert!(policy.next(&busy(), Some(Duration::from_secs(121)), 1, Duration::ZERO, 0.0).is_none());
        assert!(policy.next(&busy(), Some(Duration::from_secs(30)), 2, Duration::from_secs(100), 0.0).is_none());
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let policy = RetryPolicy::default();
        let host = || "h".to_owned();
        let again = |error: ServiceError| policy.next(&error, None, 1, Duration::ZERO, 0.0).is_some();
        for status in [408, 500, 502, 503, 504] {
            assert!(again(failed(status)), "{status}");
        }
        assert!(again(ServiceError::Unreachable { host: host(), reason: String::new() }));
        assert!(again(ServiceError::CutShort { host: host() }));
        assert!(!again(failed(501)));
        assert!(!again(ServiceError::WrongKey(Refusal::default())));
        assert!(!again(ServiceError::Forbidden(Refusal::default())));
        assert!(!again(ServiceError::Refused(Refusal::default())));
        assert!(!again(ServiceError::NotPrivate { host: host(), reason: String::new() }));
        assert!(!again(ServiceError::Expired));
    }

    #[test]
    fn the_asked_wait_is_read_from_seconds_a_date_or_words() {
        let now = httpdate::parse_http_date("Fri, 06 Nov 2020 16:00:00 GMT").expect("date");
        let seconds =
            |text: Option<&str>, message: &str| asked_wait(text, None, message, now).map(|wait| wait.as_secs_f64());
        assert_eq!(seconds(Some(" 6 "), ""), Some(6.0));
        assert_eq!(seconds(Some("0.5"), ""), Some(0.5));
        assert_eq!(seconds(Some("Fri, 06 Nov 2020 16:00:09 GMT"), ""), Some(9.0));
        assert_eq!(seconds(Some("Fri, 06 Nov 2020 15:00:00 GMT"), ""), Some(0.0));
        assert_eq!(seconds(None, "Rate limit is exceeded. Please retry after 12 seconds."), Some(12.0));
        assert_eq!(seconds(Some("soon"), "Retry after 1 minute."), Some(60.0));
        assert_eq!(seconds(None, "Too many requests"), None);
        assert_eq!(seconds(Some("-3"), ""), None);
    }

    #[test]
    fn a_date_is_compared_with_the_clock_of_who_wrote_it() {
        let date = |text: &str| httpdate::parse_http_date(text).expect("date");
        let (until, answered) = ("Fri, 06 Nov 2020 16:00:09 GMT", "Fri, 06 Nov 2020 16:00:00 GMT");
        for here in ["Wed, 06 Nov 2019 16:00:00 GMT", "Sat, 06 Nov 2021 16:00:00 GMT"] {
            let wait = asked_wait(Some(until), Some(answered), "", date(here));
            assert_eq!(wait, Some(Duration::from_secs(9)), "while it is {here} here");
        }
        assert_eq!(asked_wait(Some(until), Some("soon"), "", date(answered)), Some(Duration::from_secs(9)));
    }
}
