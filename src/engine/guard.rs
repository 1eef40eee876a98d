//! A panic of a job is a failed job, not a lost one.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

use super::failure;
use super::pool::panic_words;
use app::Failure;

/// The same work; a panic in it becomes [`FailureKind::Internal`](app::FailureKind::Internal). Nothing that the
/// work was changing is used afterwards but through locks that do not mind.
pub(super) async fn guarded<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let result = AssertUnwindSafe(work).catch_unwind().await;
    result.unwrap_or_else(|panic| Err(failure::internal(panic_words(&*panic))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::FailureKind;

    #[test]
    fn a_panic_becomes_a_failure() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
        let result: Result<(), _> = runtime.block_on(guarded(async { panic!("off by one") }));
        let failure = result.expect_err("failure");
        assert_eq!(failure.kind, FailureKind::Internal { reason: "off by one".to_owned() });
    }
}
