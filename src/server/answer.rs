//! Answers in the shapes and with the headers of the recorded service.

use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use hyper::ext::ReasonPhrase;
use serde_json::json;

use super::ServerError;

const JSON: &str = "application/json; charset=utf-8";

pub(super) enum Delivery {
    Whole(Bytes),
    /// Its beginning, with a body that never ends behind it.
    Endless(Bytes),
}

/// Marks a response whose body never ends.
#[derive(Clone, Copy)]
pub(super) struct Endless;

pub(super) fn endless(mut response: Response<Bytes>) -> Response<Bytes> {
    response.extensions_mut().insert(Endless);
    response
}

#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    content_type: &'static str,
    body: Bytes,
    is_endless: bool,
}

impl Answer {
    pub(super) fn json(body: impl Into<Bytes>) -> Self {
        Self { status: StatusCode::OK, content_type: JSON, body: body.into(), is_endless: false }
    }

    pub(super) fn octets(file: Delivery) -> Self {
        let (body, is_endless) = match file {
            Delivery::Whole(file) => (file, false),
            Delivery::Endless(start) => (start, true),
        };
        Self { status: StatusCode::OK, content_type: "application/octet-stream", body, is_endless }
    }

    pub(super) fn page(body: &'static str) -> Self {
        Self { content_type: "text/html; charset=utf-8", ..Self::json(body) }
    }

    /// The service's own error: flat `{"code","message"}`.
    pub(super) fn fault(status: StatusCode, code: &str, message: &str) -> Self {
        let body = format!("{{\"code\":{},\"message\":{}}}", json!(code), json!(message));
        Self { status, ..Self::json(body) }
    }

    pub(super) fn bad_request(code: &str, message: &str) -> Self {
        Self::fault(StatusCode::BAD_REQUEST, code, message)
    }

    pub(super) fn not_found(code: &str, message: &str) -> Self {
        Self::fault(StatusCode::NOT_FOUND, code, message)
    }

    /// The gateway's error: `{"error":{"code","message"}}`, the code being the status.
    pub(super) fn gateway(status: StatusCode, message: &str) -> Self {
        let body = format!("{{\"error\":{{\"code\":\"{}\",\"message\":{}}}}}", status.as_u16(), json!(message));
        Self { status, ..Self::json(body) }
    }

    /// 500 of the service. The message has no paths and no content.
    pub(super) fn broken(error: &ServerError) -> Self {
        Self::fault(StatusCode::INTERNAL_SERVER_ERROR, "ErrorUnknown", &error.to_string())
    }

    pub(super) fn is_json(&self) -> bool {
        self.content_type == JSON
    }

    /// The same answer with another body of another type, unless `change` gives none.
    #[must_use]
    pub(super) fn with_body(self, change: impl FnOnce(&[u8]) -> Option<(Vec<u8>, &'static str)>) -> Self {
        match change(&self.body) {
            Some((body, content_type)) => Self { body: body.into(), content_type, ..self },
            None => self,
        }
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        if self.status == StatusCode::UNAUTHORIZED {
            response.extensions_mut().insert(ReasonPhrase::from_static(b"Access Denied"));
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        let id = request_id();
        headers.insert(HeaderName::from_static("request-id"), id.clone());
        headers.insert(HeaderName::from_static("apim-request-id"), id);
        let hsts = HeaderValue::from_static("max-age=31536000; includeSubDomains; preload");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts);
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        if self.is_endless { endless(response) } else { response }
    }
}

pub(super) fn request_id() -> HeaderValue {
    let id = uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid().to_string();
    HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("-"))
}
