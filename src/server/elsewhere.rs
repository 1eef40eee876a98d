//! A third origin, neither service nor blob store: where redirects lead. It answers anything with a friendly 200, and
//! counts its requests and those with the key.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, Uri, header};
use secrecy::{ExposeSecret, SecretString};

use super::stats::Counters;

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
