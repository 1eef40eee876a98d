//! How a body goes over the wire: whole and at once, slowly, cut off, never ending.
//!
//! Bodies of a stream have no length of their own, so hyper believes the `Content-Length` that is in the headers; a
//! stream that ends before it makes hyper close the connection, which is exactly what a cut body is.

use std::convert::Infallible;
use std::num::NonZeroU64;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use bytes::Bytes;
use futures_util::stream;

use crate::answer::Endless;

/// Time between two pieces of a slow body.
const BEAT: Duration = Duration::from_millis(20);
const PIECE: &[u8] = &[0; 64 << 10];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) is_cut: bool,
    pub(super) is_short: bool,
    pub(super) bytes_a_second: Option<NonZeroU64>,
}

pub(super) fn send(response: Response<Bytes>, manner: Manner) -> Response<Body> {
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
