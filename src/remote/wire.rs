//! The connection below the library: what an answer that is no success means, seen where status, headers and body still
//! are. The library's own errors hold whole addresses, and in those of Azure the signature; none of them is shown.

use std::error::Error;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};
use object_store::{ClientOptions, HeaderMap, HeaderValue};

use domain::StoreTrouble;
use service::{Refusal, ServiceError, asked_wait, network_failure};

/// Stores accept a signature that is at most a quarter of an hour off.
const WRONG_CLOCK: Duration = Duration::from_secs(15 * 60);

/// For one request with its answer: a part of [`super::LargeUpload`] on a slow line.
pub(super) const LONGEST_REQUEST: Duration = Duration::from_secs(300);

pub(super) fn client() -> ClientOptions {
    ClientOptions::new()
        .with_timeout(LONGEST_REQUEST)
        .with_connect_timeout(Duration::from_secs(10))
        .with_user_agent(HeaderValue::from_static(concat!("tagscope/", env!("CARGO_PKG_VERSION"))))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Trouble { trouble: StoreTrouble, details: String },
    Network(ServiceError),
}

/// A failed request, on its way through the library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request failed")]
pub(super) struct Failed {
    pub cause: Cause,
    /// How long the store asks to wait.
    pub asked: Option<Duration>,
}

impl Failed {
    pub(super) fn new(trouble: StoreTrouble) -> Self {
        Self { cause: Cause::Trouble { trouble, details: String::new() }, asked: None }
    }

    /// What an error of the library means.
    pub(super) fn of(error: &object_store::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(inner) = cause {
            if let Some(failed) = inner.downcast_ref::<Self>() {
                return failed.clone();
            }
            cause = inner.source();
        }
        if let Some(error) = network_failure(error, "") {
            return Self { cause: Cause::Network(error), asked: None };
        }
        // Its own words may hold what an answer held.
        Self::new(match error {
            object_store::Error::NotFound { .. } => StoreTrouble::NoObject,
            object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. } => {
                StoreTrouble::AlreadyThere
            }
            object_store::Error::InvalidPath { .. } => {
                StoreTrouble::NotUnderstood { reason: "the name of an object cannot be used".to_owned() }
            }
            _ => StoreTrouble::NotUnderstood { reason: "it is not the answer of such a store".to_owned() },
        })
    }
}

/// Makes connections whose failures are [`Failed`].
#[derive(Debug, Default)]
pub(super) struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(Connection(client)))
    }
}

#[derive(Debug)]
struct Connection(HttpClient);

#[async_trait]
impl HttpService for Connection {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        // Without the query, where a signature may be.
        let uri = request.uri();
        let url = format!("{}://{}", uri.scheme_str().unwrap_or("https"), uri.host().unwrap_or_default());
        let response = self.0.execute(request).await.map_err(|error| {
            let cause = network_failure(&error, &url);
            let cause = cause.unwrap_or_else(|| ServiceError::BadAnswer { reason: "it is not valid HTTP".to_owned() });
            passed_on(Failed { cause: Cause::Network(cause), asked: None })
        })?;
        let status = response.status().as_u16();
        // 304 answers a condition; the library knows what to do with it.
        if response.status().is_success() || status == 304 {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let body = body.bytes().await.unwrap_or_default();
        Err(passed_on(meaning(status, &parts.headers, &body, SystemTime::now())))
    }
}

/// As a kind that the library does not try again: that is [`super::objects`]' business, which can be stopped and says why it
/// waits.
fn passed_on(failed: Failed) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, failed)
}

fn meaning(status: u16, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Failed {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let refusal = Refusal::read(status, body, text("x-ms-error-code").unwrap_or_default());
    let asked = asked_wait(text("retry-after"), text("date"), "", now);
    let code = refusal.code.as_str().to_owned();
    let network = match (status, &*code) {
        (429, _) | (503, "SlowDown" | "ServerBusy") => Some(ServiceError::TooManyCalls { wait: asked, refusal }),
        (408 | 500..=599, _) => Some(ServiceError::ServiceFailed(refusal)),
        (407, _) => Some(ServiceError::ProxyPage { status }),
        _ => None,
    };
    if let Some(error) = network {
        return Failed { cause: Cause::Network(error), asked };
    }
    let is_expired = |body: &[u8]| {
        let words = String::from_utf8_lossy(body);
        words.contains("not valid in the specified time frame") || words.contains("token is expired")
    };
    let trouble = match (status, &*code) {
        (401 | 403, _) if is_clock_wrong(&code, text("date"), now) => StoreTrouble::WrongClock,
        (_, "ExpiredToken" | "TokenRefreshRequired") => StoreTrouble::ExpiredCredentials,
        (401 | 403, _) if is_expired(body) => StoreTrouble::ExpiredCredentials,
        (
            _,
            "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "InvalidToken"
            | "AuthenticationFailed"
            | "InvalidAuthenticationInfo"
            | "AuthorizationHeaderMalformed",
        )
        | (401, _) => match text("x-amz-bucket-region") {
            Some(region) if code == "AuthorizationHeaderMalformed" => {
                StoreTrouble::OtherRegion { region: Some(region.to_owned()) }
            }
            _ => StoreTrouble::WrongCredentials,
        },
        (403, _) => StoreTrouble::Denied,
        (
            404,
            "NoSuchBucket" | "ContainerNotFound" | "ContainerBeingDeleted" | "ResourceNotFound" | "FilesystemNotFound",
        ) => StoreTrouble::NoContainer,
        (404, _) => StoreTrouble::NoObject,
        (412, _) | (409, "BlobAlreadyExists" | "ConditionalRequestConflict") => StoreTrouble::AlreadyThere,
        (301 | 302 | 307 | 308, _) => {
            StoreTrouble::OtherRegion { region: text("x-amz-bucket-region").map(str::to_owned) }
        }
        _ => StoreTrouble::Refused { status, code: code.clone() },
    };
    let details = if code.is_empty() { format!("status {status}") } else { format!("status {status}, {code}") };
    Failed { cause: Cause::Trouble { trouble, details }, asked: None }
}

/// Whether the store refuses because of the time: it says so, or its own time is far from ours.
fn is_clock_wrong(code: &str, date: Option<&str>, now: SystemTime) -> bool {
    if matches!(code, "RequestTimeTooSkewed" | "RequestExpired") {
        return true;
    }
    let Some(there) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else { return false };
    let apart = now.duration_since(there).or_else(|_| there.duration_since(now)).unwrap_or_default();
    apart > WRONG_CLOCK
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::HeaderValue;

    fn of(status: u16, code: &str, headers: &[(&'static str, &str)]) -> Cause {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).expect("header"));
        }
        let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>sig=SECRET</Message></Error>");
        let now = httpdate::parse_http_date("Mon, 30 Nov 2026 20:00:00 GMT").expect("date");
        meaning(status, &map, body.as_bytes(), now).cause
    }

    fn trouble(status: u16, code: &str, headers: &[(&'static str, &str)]) -> StoreTrouble {
        match of(status, code, headers) {
            Cause::Trouble { trouble, details } => {
                assert!(!details.contains("SECRET"), "{details}");
                trouble
            }
            Cause::Network(error) => panic!("{error}"),
        }
    }

    #[test]
    fn refusals_of_the_three_stores_are_told_apart() {
        use StoreTrouble as T;
        for (status, code, expected) in [
            (403, "AccessDenied", T::Denied),
            (403, "AuthorizationFailure", T::Denied),
            (403, "SignatureDoesNotMatch", T::WrongCredentials),
            (403, "InvalidAccessKeyId", T::WrongCredentials),
            (403, "AuthenticationFailed", T::WrongCredentials),
            (401, "", T::WrongCredentials),
            (400, "ExpiredToken", T::ExpiredCredentials),
            (403, "RequestTimeTooSkewed", T::WrongClock),
            (404, "NoSuchBucket", T::NoContainer),
            (404, "ContainerNotFound", T::NoContainer),
            (404, "NoSuchKey", T::NoObject),
            (404, "BlobNotFound", T::NoObject),
            (412, "PreconditionFailed", T::AlreadyThere),
            (409, "BlobAlreadyExists", T::AlreadyThere),
            (409, "LeaseIdMissing", T::Refused { status: 409, code: "LeaseIdMissing".to_owned() }),
            (301, "PermanentRedirect", T::OtherRegion { region: None }),
        ] {
            assert_eq!(trouble(status, code, &[]), expected, "{status} {code}");
        }
        let region = [("x-amz-bucket-region", "eu-central-1")];
        for code in ["PermanentRedirect", "AuthorizationHeaderMalformed"] {
            let status = if code == "PermanentRedirect" { 301 } else { 400 };
            assert_eq!(trouble(status, code, &region), T::OtherRegion { region: Some("eu-central-1".to_owned()) });
        }
    }

    #[test]
    fn a_clock_that_is_wrong_is_seen_by_the_date_of_the_answer() {
        let at = |date| trouble(403, "AuthenticationFailed", &[("date", date)]);
        assert_eq!(at("Mon, 30 Nov 2026 20:10:00 GMT"), StoreTrouble::WrongCredentials);
        assert_eq!(at("Mon, 30 Nov 2026 20:16:00 GMT"), StoreTrouble::WrongClock);
        assert_eq!(at("Sun, 29 Nov 2026 20:00:00 GMT"), StoreTrouble::WrongClock);
    }

    #[test]
    fn a_busy_store_is_tried_again_when_it_says() {
        let map = HeaderMap::from_iter([("retry-after".parse().expect("name"), HeaderValue::from_static("7"))]);
        for (status, code) in [(429, ""), (503, "SlowDown"), (503, "ServerBusy")] {
            let body = format!("<Error><Code>{code}</Code></Error>");
            let failed = meaning(status, &map, body.as_bytes(), SystemTime::now());
            assert_eq!(failed.asked, Some(Duration::from_secs(7)));
            assert!(matches!(failed.cause, Cause::Network(ServiceError::TooManyCalls { .. })), "{failed:?}");
        }
        assert!(matches!(of(500, "InternalError", &[]), Cause::Network(ServiceError::ServiceFailed(_))));
    }
}
