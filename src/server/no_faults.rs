//! Takes the place of `fault` in builds without the feature `faults`: answers are sent as they are, asking for a fault fails.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use bytes::Bytes;

use crate::answer::{Answer, Delivery};
use crate::image_source::ImageSource;
use crate::signature::Relative;
use crate::stats::Counters;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults;

impl Faults {
    /// # Errors
    ///
    /// If any fault is asked for.
    pub fn parse<T: AsRef<str>>(assignments: impl IntoIterator<Item = T>) -> Result<Self, FaultError> {
        match assignments.into_iter().next() {
            None => Ok(Self),
            Some(_) => Err(FaultError),
        }
    }

    pub(super) fn relative(&self) -> Relative {
        Relative::None
    }

    pub(super) fn signature_lifetime(&self, usual: Duration) -> Duration {
        usual
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "This build has no fault injection. Build Tagscope with `cargo test --no-run` and use the program in \
     target/debug, or leave out --fault."
)]
pub struct FaultError;

pub(crate) struct FaultLayer;

impl FaultLayer {
    pub(crate) fn new(_: Faults, _: String, _: Arc<Counters>) -> Self {
        Self
    }

    pub(crate) fn call_number(&self) -> u64 {
        0
    }

    pub(crate) fn picture_number(&self) -> u64 {
        0
    }

    pub(crate) async fn wait(&self) {}

    pub(crate) fn instead_of_call(&self, _: u64) -> Option<Response<Bytes>> {
        None
    }

    pub(crate) fn sent_call(&self, _: u64, answer: Answer) -> Response<Body> {
        answer.into_response().map(Body::from)
    }

    pub(crate) fn picture(&self, _: u64, real: Option<Bytes>) -> Option<Delivery> {
        real.map(Delivery::Whole)
    }

    pub(crate) fn instead_of_blob(&self, _: u64) -> Option<Response<Bytes>> {
        None
    }

    pub(crate) fn sent_blob(&self, _: u64, response: Response<Bytes>) -> Response<Body> {
        response.map(Body::from)
    }
}

pub(crate) struct MovingSource(Arc<dyn ImageSource>);

impl MovingSource {
    pub(crate) fn new(source: Arc<dyn ImageSource>, _: Faults) -> Self {
        Self(source)
    }

    pub(crate) fn all(&self) -> &Arc<dyn ImageSource> {
        &self.0
    }

    pub(crate) fn is_moving(&self) -> bool {
        false
    }

    pub(crate) fn now(&self, _: bool) -> Arc<dyn ImageSource> {
        Arc::clone(&self.0)
    }
}
