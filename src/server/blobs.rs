//! The blob store's port: pictures for who has a signed address. Never asks for the key, and counts who sends it. And a
//! third origin where redirects lead: it answers anything with a friendly 200, and counts as well.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header};
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

use super::answer::{Delivery, endless, request_id};
use super::fault::FaultLayer;
use super::image_source::ImageSource;
use super::signature::{BadSignature, Blob, Signer};
use super::stats::Counters;

pub(super) struct Blobs {
    pub(super) source: Arc<dyn ImageSource>,
    pub(super) signer: Arc<Signer>,
    pub(super) counters: Arc<Counters>,
    pub(super) faults: Arc<FaultLayer>,
    pub(super) key: SecretString,
}

impl Blobs {
    /// Answers one request. Blocks while a picture is being read or drawn.
    pub(super) fn respond(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response<Body> {
        self.counters.blobs.fetch_add(1, Ordering::Relaxed);
        if has_key(uri, headers, &self.key) {
            self.counters.blobs_with_key.fetch_add(1, Ordering::Relaxed);
        }
        let number = self.faults.picture_number();
        let redirect = self.faults.instead_of_blob(number);
        let response = redirect.unwrap_or_else(|| self.answer(number, method, uri, headers));
        self.faults.sent_blob(number, response)
    }

    fn answer(&self, number: u64, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response<Bytes> {
        if method != Method::GET && method != Method::HEAD {
            let message = "The resource doesn't support specified Http Verb.";
            return fault(StatusCode::METHOD_NOT_ALLOWED, "UnsupportedHttpVerb", message);
        }
        let Some(blob) = self.signer.parse_path(uri.path()) else {
            // Without a container of that name there is nothing to sign for.
            return fault(StatusCode::NOT_FOUND, "ResourceNotFound", "The specified resource does not exist.");
        };
        let query = uri.query().unwrap_or_default();
        if let Err(refusal) = self.signer.check(blob, query, SystemTime::now()) {
            self.counters.refused_signatures.fetch_add(1, Ordering::Relaxed);
            let message = match refusal {
                BadSignature::Signature => "Signature did not match.",
                BadSignature::Expired => "Signature not valid in the specified time frame.",
            };
            return denied(message);
        }
        let found = match blob {
            Blob::Picture(image, kind) => self.source.blob(image, kind),
            Blob::Model(id) => self.source.model(id),
        };
        let Ok(file) = found else {
            let message = "The server encountered an internal error. Please retry the request.";
            return fault(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message);
        };
        match self.faults.picture(number, file) {
            Some(Delivery::Whole(file)) => sent(file, headers),
            Some(Delivery::Endless(start)) => endless(sent(start, &HeaderMap::new())),
            None => fault(StatusCode::NOT_FOUND, "BlobNotFound", "The specified blob does not exist."),
        }
    }
}

/// The file, or the part of it that one `Range` asks for.
fn sent(file: Bytes, headers: &HeaderMap) -> Response<Bytes> {
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let length = file.len();
    let mut response = match range.and_then(parse_range).map(|range| resolve(range, length)) {
        None => Response::new(file),
        Some(Some((from, to))) => {
            let mut part = Response::new(file.slice(from..to));
            *part.status_mut() = StatusCode::PARTIAL_CONTENT;
            if let Ok(value) = HeaderValue::from_str(&format!("bytes {from}-{}/{length}", to - 1)) {
                part.headers_mut().insert(header::CONTENT_RANGE, value);
            }
            part
        }
        Some(None) => {
            let message = "The range specified is invalid for the current size of the resource.";
            let mut refused = fault(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message);
            if let Ok(value) = HeaderValue::from_str(&format!("bytes */{length}")) {
                refused.headers_mut().insert(header::CONTENT_RANGE, value);
            }
            return refused;
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(HeaderName::from_static("x-ms-blob-type"), HeaderValue::from_static("BlockBlob"));
    stamp(&mut response);
    response
}

/// First and last byte of `bytes=a-b`, `bytes=a-` or `bytes=-n`. Several ranges are answered with the whole file.
fn parse_range(text: &str) -> Option<(Option<usize>, Option<usize>)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let bound = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    match (bound(from.trim())?, bound(to.trim())?) {
        (None, None) => None,
        range => Some(range),
    }
}

fn resolve((from, to): (Option<usize>, Option<usize>), length: usize) -> Option<(usize, usize)> {
    let (from, to) = match (from, to) {
        (Some(from), Some(last)) => (from, last.saturating_add(1).min(length)),
        (Some(from), None) => (from, length),
        (None, Some(count)) => (length - count.min(length), length),
        (None, None) => (0, length),
    };
    (from < to).then_some((from, to))
}

fn denied(detail: &str) -> Response<Bytes> {
    fault_with(
        StatusCode::FORBIDDEN,
        "AuthenticationFailed",
        "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly \
         including the signature.",
        &format!("<AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail>"),
    )
}

fn fault(status: StatusCode, code: &'static str, message: &str) -> Response<Bytes> {
    fault_with(status, code, message, "")
}

/// The blob store's XML, with the byte order mark that it begins with.
fn fault_with(status: StatusCode, code: &'static str, message: &str, detail: &str) -> Response<Bytes> {
    let id = request_id();
    let body = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}\n\
         RequestId:{}</Message>{detail}</Error>",
        id.to_str().unwrap_or_default()
    );
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    headers.insert(HeaderName::from_static("x-ms-error-code"), HeaderValue::from_static(code));
    stamp(&mut response);
    response
}

fn stamp(response: &mut Response<Bytes>) {
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-ms-request-id"), request_id());
    headers.insert(HeaderName::from_static("x-ms-version"), HeaderValue::from_static("2017-04-17"));
}

pub(super) struct Elsewhere {
    pub(super) counters: Arc<Counters>,
    pub(super) key: SecretString,
}

impl Elsewhere {
    pub(super) fn respond(&self, uri: &Uri, headers: &HeaderMap) -> Response<Body> {
        self.counters.elsewhere.fetch_add(1, Ordering::Relaxed);
        if has_key(uri, headers, &self.key) {
            self.counters.elsewhere_with_key.fetch_add(1, Ordering::Relaxed);
        }
        let mut response = Response::new(Body::from("[]"));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// Whether a request has any `Training-Key` header, or the key anywhere in its address or headers.
pub(super) fn has_key(uri: &Uri, headers: &HeaderMap, key: &SecretString) -> bool {
    let key = key.expose_secret().as_bytes();
    let holds = |bytes: &[u8]| !key.is_empty() && bytes.windows(key.len()).any(|part| part == key);
    headers.contains_key("training-key")
        || holds(uri.to_string().as_bytes())
        || headers.values().any(|value| holds(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_file() {
        let range = |text: &str| parse_range(text).map(|range| resolve(range, 10));
        assert_eq!(range("bytes=0-3"), Some(Some((0, 4))));
        assert_eq!(range("bytes=4-"), Some(Some((4, 10))));
        assert_eq!(range("bytes=-3"), Some(Some((7, 10))));
        assert_eq!(range("bytes=8-99"), Some(Some((8, 10))));
        assert_eq!(range("bytes=10-"), Some(None));
        assert_eq!(range("bytes=5-2"), Some(None));
        for odd in ["bytes=-", "bytes=0-1,3-4", "lines=1-2", ""] {
            assert_eq!(range(odd), None, "{odd}");
        }
    }
}
