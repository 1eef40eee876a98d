//! The faults around the answers: which call or picture is affected, how its response is changed, and how it is sent.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::stream;

use super::rewrite::Node;
use super::{BusySays, Every, Faults, HostilePicture, rewrite, xml};
use crate::answer::{Answer, Delivery, Endless};
use crate::stats::Counters;

/// What a proxy that wants a login answers.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in to the network</h1>\
                    <form method=\"post\"><input name=\"user\"></form></body></html>\n";

pub(crate) struct FaultLayer {
    faults: Faults,
    /// Where redirects lead.
    other_origin: String,
    counters: Arc<Counters>,
    calls: AtomicU64,
    pictures: AtomicU64,
    /// When the calls of the last second were let through.
    let_through: Mutex<VecDeque<Instant>>,
}

impl FaultLayer {
    pub(crate) fn new(faults: Faults, other_origin: String, counters: Arc<Counters>) -> Self {
        let (calls, pictures) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { faults, other_origin, counters, calls, pictures, let_through: Mutex::default() }
    }

    /// The number of a call on the service's port, from 1.
    pub(crate) fn call_number(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The number of a picture that is requested, from 1.
    pub(crate) fn picture_number(&self) -> u64 {
        self.pictures.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) async fn wait(&self) {
        if !self.faults.latency.is_zero() {
            tokio::time::sleep(self.faults.latency).await;
        }
    }

    /// What is answered to call `number` without asking anybody.
    pub(crate) fn instead_of_call(&self, number: u64) -> Option<Response<Bytes>> {
        let faults = &self.faults;
        let answer = if self.is_too_fast(Instant::now()) || faults.busy_every.hits(number) {
            self.busy()
        } else if faults.fail_every.hits(number) {
            let status = StatusCode::from_u16(faults.fail_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Answer::fault(status, "ErrorUnknown", "The service met an error that was asked for.").into_response()
        } else if faults.redirect_every.hits(number) {
            self.redirect()
        } else if faults.page_every.hits(number) {
            Answer::page(PAGE).into_response()
        } else {
            return None;
        };
        self.count();
        Some(answer)
    }

    pub(crate) fn sent_call(&self, number: u64, answer: Answer) -> Response<Body> {
        let faults = &self.faults;
        let answer = self.rewritten(number, answer);
        let manner = Manner {
            is_cut: self.hits(faults.cut_every, number),
            is_short: self.hits(faults.short_every, number),
            bytes_a_second: faults.bytes_a_second,
        };
        send(answer.into_response(), manner)
    }

    /// What picture `number` is instead of the real one; `None` when there is none.
    pub(crate) fn picture(&self, number: u64, real: Option<Bytes>) -> Option<Delivery> {
        let real = real?;
        if self.hits(self.faults.missing_every, number) {
            return None;
        }
        Some(match self.faults.picture {
            Some(hostile) if self.hits(self.faults.picture_every, number) => match hostile {
                HostilePicture::Endless => Delivery::Endless(hostile.file(&real)),
                _ => Delivery::Whole(hostile.file(&real)),
            },
            _ => Delivery::Whole(real),
        })
    }

    pub(crate) fn instead_of_blob(&self, number: u64) -> Option<Response<Bytes>> {
        self.hits(self.faults.redirect_blobs_every, number).then(|| self.redirect())
    }

    pub(crate) fn sent_blob(&self, number: u64, response: Response<Bytes>) -> Response<Body> {
        let faults = &self.faults;
        let manner = if response.status().is_success() {
            Manner {
                is_cut: self.hits(faults.cut_blobs_every, number),
                is_short: self.hits(faults.short_blobs_every, number),
                bytes_a_second: faults.blob_bytes_a_second,
            }
        } else {
            Manner::default()
        };
        send(response, manner)
    }

    fn count(&self) {
        self.counters.faults.fetch_add(1, Ordering::Relaxed);
    }

    fn hits(&self, every: Every, number: u64) -> bool {
        let is_hit = every.hits(number);
        if is_hit {
            self.count();
        }
        is_hit
    }

    fn is_too_fast(&self, now: Instant) -> bool {
        let Some(most) = self.faults.calls_a_second else { return false };
        let mut let_through = self.let_through.lock().unwrap_or_else(PoisonError::into_inner);
        while let_through.front().is_some_and(|then| now.duration_since(*then) >= Duration::from_secs(1)) {
            let_through.pop_front();
        }
        if let_through.len() as u64 >= most.get() {
            return true;
        }
        let_through.push_back(now);
        false
    }

    fn busy(&self) -> Response<Bytes> {
        let says = self.faults.busy_says;
        let message = match says {
            BusySays::Words(seconds) => format!("Rate limit is exceeded. Please retry after {seconds} second."),
            BusySays::Nothing | BusySays::Seconds(_) | BusySays::Date(_) => "Rate limit is exceeded.".to_owned(),
        };
        let after = match says {
            BusySays::Seconds(seconds) => Some(seconds.to_string()),
            BusySays::Date(seconds) => {
                // A date has whole seconds: rounded up, so that it is not before what was requested; 0 is now.
                let rest = Duration::from_millis(if seconds == 0 { 0 } else { 999 });
                let then = SystemTime::now() + Duration::from_secs(seconds) + rest;
                Some(httpdate::fmt_http_date(then))
            }
            BusySays::Nothing | BusySays::Words(_) => None,
        };
        let mut response = Answer::gateway(StatusCode::TOO_MANY_REQUESTS, &message).into_response();
        if let Some(value) = after.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }

    fn redirect(&self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
        if let Ok(value) = HeaderValue::from_str(&format!("{}/elsewhere", self.other_origin)) {
            response.headers_mut().insert(header::LOCATION, value);
        }
        // Some servers say so too; it must not help either.
        let anybody = HeaderValue::from_static("*");
        response.headers_mut().insert(HeaderName::from_static("access-control-allow-origin"), anybody);
        response
    }

    fn rewritten(&self, number: u64, answer: Answer) -> Answer {
        let faults = &self.faults;
        if !answer.is_json() {
            return answer;
        }
        let answer = if faults.has_nulls || faults.has_unknown || faults.xml.is_some() {
            self.count();
            answer.with_body(|body| {
                let mut node = Node::parse(body)?;
                if faults.has_nulls {
                    rewrite::with_nulls(&mut node);
                }
                if faults.has_unknown {
                    rewrite::with_unknown(&mut node);
                }
                let mut out = Vec::with_capacity(body.len() * 2);
                match faults.xml {
                    Some(form) => return Some((xml::document(&node, form), "application/xml; charset=utf-8")),
                    None => node.write(&mut out),
                }
                Some((out, "application/json; charset=utf-8"))
            })
        } else {
            answer
        };
        if self.hits(faults.bad_json_every, number) {
            answer.with_body(|body| Some((rewrite::broken(body), "application/json; charset=utf-8")))
        } else {
            answer
        }
    }
}

/// Time between two pieces of a slow body.
const BEAT: Duration = Duration::from_millis(20);
const PIECE: &[u8] = &[0; 64 << 10];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Manner {
    is_cut: bool,
    is_short: bool,
    bytes_a_second: Option<NonZeroU64>,
}

/// Bodies of a stream have no length of their own, so hyper believes the `Content-Length` that is in the headers; a stream
/// that ends before it makes hyper close the connection, which is exactly what a cut body is.
fn send(response: Response<Bytes>, manner: Manner) -> Response<Body> {
    let (mut parts, mut bytes) = response.into_parts();
    if parts.extensions.remove::<Endless>().is_some() {
        let pieces =
            stream::unfold(bytes, |piece| async move { Some((Ok::<_, Infallible>(piece), Bytes::from_static(PIECE))) });
        return Response::from_parts(parts, Body::from_stream(pieces));
    }
    if manner == Manner::default() {
        return Response::from_parts(parts, Body::from(bytes));
    }
    if manner.is_short {
        bytes.truncate(bytes.len() / 2);
    }
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    if manner.is_cut {
        bytes.truncate(bytes.len() / 2);
    }
    let piece = manner.bytes_a_second.map_or(usize::MAX, |pace| {
        let a_beat = u128::from(pace.get()) * BEAT.as_millis() / 1_000;
        usize::try_from(a_beat).unwrap_or(usize::MAX).max(1)
    });
    let pieces = stream::unfold((bytes, false), move |(mut rest, has_begun)| async move {
        if has_begun {
            // Also behind the last piece: what was sent before goes out before the connection is closed.
            tokio::time::sleep(BEAT).await;
        }
        if rest.is_empty() {
            return None;
        }
        let now = rest.split_to(piece.min(rest.len()));
        Some((Ok::<_, Infallible>(now), (rest, true)))
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_above_the_limit_of_a_second_are_refused_until_it_is_over() {
        let faults = Faults::parse(["calls-a-second=2"]).expect("faults");
        let layer = FaultLayer::new(faults, String::new(), Arc::default());
        let start = Instant::now();
        let is_refused = |millis| layer.is_too_fast(start + Duration::from_millis(millis));
        assert_eq!(
            [0, 400, 500, 999, 1_000, 1_001, 1_399, 1_400].map(is_refused),
            [false, false, true, true, false, true, true, false]
        );
    }
}
