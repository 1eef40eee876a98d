//! The Custom Vision training API over HTTP, read-only: which calls there are, how pages become one list, what is
//! retried, and what each failure means. Rows are read by [`domain::record`]; words for people
//! are made in `app/failure/words`.
//!
//! Two rules hold everywhere below: the key goes to the service's own origin and nowhere else, and no address with
//! a signature ever reaches an error, a `Debug` or a log.

mod adaptive_limit;
mod answer;
mod backoff;
mod client;
mod concurrency_limit;
mod encoding;
mod endpoint;
mod error;
mod http;
#[cfg(test)]
mod moving_tests;
mod offset_cursor;
mod options;
mod origin;
mod page_stream;
mod pager;
mod performance;
mod proxy;
mod query;
mod range;
mod rate_limiter;
mod redact;
mod redirect;
mod retry;
mod seen_ids;
#[cfg(test)]
mod testing;
mod transport;
mod xml;

pub use client::Client;
pub use endpoint::Endpoint;
pub use error::{ErrorCode, Proxy, ProxyProblem, Refusal, ServiceError};
pub use options::ClientOptions;
pub use pager::{Pager, PagerOptions, PagerStep};
pub use query::{ListQuery, ListingKind, MAX_IDS_A_CALL, MAX_TAGS_A_CALL, MAX_TAKE, Order};
pub use range::PartialBlob;
pub use redirect::has_expired;
pub use retry::{Observer, RetryPolicy, Sleep, WaitReason, Waiting, asked_wait};
pub use transport::network_failure;
