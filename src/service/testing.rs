//! For this layer's own tests.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// What a future gives if it does not have to wait; `None` if it does. It is dropped either way.
pub(crate) async fn at_once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
