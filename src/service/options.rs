//! How a client behaves.

use std::time::Duration;

use super::retry::{RetryPolicy, Sleep};

/// How a client behaves. Plain data; the default is right for the real service and for loopback.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    pub connect_timeout: Duration,
    /// Longest silence while an answer is awaited or read.
    pub read_timeout: Duration,
    /// Longest time of one attempt, however steadily its bytes come. The next one of a picture continues where it ended.
    pub answer_timeout: Duration,
    /// Longest wait for the words of a refusal, whose status is here already.
    pub refusal_patience: Duration,
    /// Longest wait for the count of a list whose rows have all come. Without it an answer with no more rows shows the end.
    pub count_patience: Duration,
    /// Rows of one list after which it is taken for endless, unless the service counts more than half as many.
    pub most_rows: u64,
    pub retry: RetryPolicy,
    /// Calls a second. `None`: ten, which is what the service allows; on loopback as many as one likes.
    pub calls_a_second: Option<u32>,
    pub sleep: Sleep,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(600),
            refusal_patience: Duration::from_secs(2),
            count_patience: Duration::from_secs(20),
            // Ten times what the service allows a project.
            most_rows: 1_000_000,
            retry: RetryPolicy::default(),
            calls_a_second: None,
            sleep: Sleep::default(),
        }
    }
}
