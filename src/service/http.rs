//! The two HTTP clients, and one call with its retries.
//!
//! One client speaks to the service and gets the key per request, as a sensitive header; the other fetches blobs and has
//! no key at all. Neither follows a redirect: the first would carry the key along, since `Training-Key` is no header
//! that HTTP libraries know to drop.

use std::error::Error as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::answer::{Answer, Subject};
use super::client::ClientOptions;
use super::endpoint::{Endpoint, is_loopback};
use super::error::ServiceError;
use super::pace::Pacer;
use super::retry::{Observer, asked_wait};

/// A JSON page of 256 images with 300 regions each stays below this.
const ANSWER_LIMIT: usize = 96 << 20;
/// Uploads are at most 6 MB; an archive behind the stand-in endpoint may hold larger files.
const BLOB_LIMIT: usize = 256 << 20;

/// One thing to fetch.
#[derive(Clone)]
pub(super) struct Call {
    pub url: Url,
    pub subject: Subject,
}

pub(super) struct Http {
    api: reqwest::Client,
    blobs: reqwest::Client,
    key: SecretString,
    key_header: HeaderValue,
    options: ClientOptions,
    pacer: Mutex<Pacer>,
}

/// A failed try, and how long the service asks to wait.
struct Failed {
    error: ServiceError,
    asked: Option<Duration>,
}

impl From<ServiceError> for Failed {
    fn from(error: ServiceError) -> Self {
        Self { error, asked: None }
    }
}

impl Http {
    pub(super) fn new(endpoint: &Endpoint, key: &SecretString, options: ClientOptions) -> Result<Self, ServiceError> {
        let key = SecretString::from(key.expose_secret().trim());
        let mut key_header = HeaderValue::from_str(key.expose_secret()).map_err(|_| ServiceError::UnusableKey)?;
        key_header.set_sensitive(true);
        let build = |is_https_only: bool| {
            let mut builder = reqwest::Client::builder()
                .redirect(Policy::none())
                .referer(false)
                .https_only(is_https_only)
                .user_agent(concat!("tagscope/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(options.connect_timeout)
                .read_timeout(options.read_timeout);
            if endpoint.is_loopback() {
                builder = builder.no_proxy();
            }
            builder.build().map_err(|error| ServiceError::BadAnswer {
                reason: format!("the HTTP client cannot start: {}", error.without_url()),
            })
        };
        let calls = match options.calls_a_second {
            None if !endpoint.is_loopback() => Some(10),
            calls => calls,
        };
        Ok(Self {
            api: build(!endpoint.is_loopback())?,
            blobs: build(false)?,
            key,
            key_header,
            pacer: Mutex::new(Pacer::new(calls)),
            options,
        })
    }

    /// Fetches, with retries; `observer` is told of each wait.
    pub(super) async fn fetch(&self, call: &Call, observer: Option<&Observer>) -> Result<Bytes, ServiceError> {
        let policy = &self.options.retry;
        let sleep = &self.options.sleep;
        let mut tried = 0;
        let mut waited = Duration::ZERO;
        loop {
            if call.subject != Subject::Blob {
                let pause = self.pacer().claim(Instant::now());
                sleep.wait(pause).await;
            }
            tried += 1;
            let failed = match self.attempt(call).await {
                Ok(body) => return Ok(body),
                Err(failed) => failed,
            };
            let Some(waiting) = policy.next(&failed.error, failed.asked, tried, waited, fastrand::f64()) else {
                return Err(failed.error);
            };
            waited += waiting.wait;
            if let Some(asked) = failed.asked
                && call.subject != Subject::Blob
            {
                self.pacer().quiet(Instant::now() + asked);
            }
            if let Some(observer) = observer {
                observer(waiting);
            }
            sleep.wait(waiting.wait).await;
        }
    }

    fn pacer(&self) -> std::sync::MutexGuard<'_, Pacer> {
        self.pacer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn attempt(&self, call: &Call) -> Result<Bytes, Failed> {
        let host = || call.url.host_str().unwrap_or_default().to_owned();
        let request = match call.subject {
            Subject::Api(_) => {
                let request = self.api.get(call.url.clone()).header(ACCEPT, "application/json");
                request.header("Training-Key", self.key_header.clone())
            }
            Subject::Artifact => self.api.get(call.url.clone()).header("Training-Key", self.key_header.clone()),
            Subject::Blob => self.blobs.get(checked(&call.url)?.clone()),
        };
        let response = request.send().await.map_err(|error| transport(error, host()))?;
        let status = response.status().as_u16();
        if (300..400).contains(&status) {
            let host = redirect_host(&call.url, response.headers());
            return Err(ServiceError::Redirected { host, status }.into());
        }
        let headers = response.headers().clone();
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let limit = if matches!(call.subject, Subject::Api(_)) { ANSWER_LIMIT } else { BLOB_LIMIT };
        let is_success = (200..300).contains(&status);
        let body = match read(response, limit).await {
            // What an error says is worth reading, its status is enough.
            Err(_) if !is_success => Bytes::new(),
            Err(ReadError::TooLarge) => return Err(ServiceError::TooLarge { limit }.into()),
            Err(ReadError::Transport(error)) => {
                let error = if error.is_timeout() {
                    ServiceError::TimedOut { host: host() }
                } else {
                    ServiceError::CutShort { host: host() }
                };
                return Err(error.into());
            }
            Ok(body) => body,
        };
        let content_type = text(CONTENT_TYPE).unwrap_or_default();
        let answer = Answer { status, content_type, body: &body, key: self.key.expose_secret() };
        if is_success {
            if answer.is_page() {
                return Err(ServiceError::ProxyPage { status }.into());
            }
            if matches!(call.subject, Subject::Api(_)) && answer.is_cut() {
                return Err(ServiceError::CutShort { host: host() }.into());
            }
            return Ok(body);
        }
        let mut error = answer.error(call.subject);
        let message = match &error {
            ServiceError::TooManyCalls { refusal, .. } | ServiceError::ServiceFailed(refusal) => {
                refusal.message.as_str()
            }
            _ => "",
        };
        let asked = asked_wait(text(RETRY_AFTER), message, SystemTime::now());
        if let ServiceError::TooManyCalls { wait, .. } = &mut error {
            *wait = asked;
        }
        Err(Failed { error, asked })
    }
}

/// How rustls begins its messages, and what the system's verifier adds.
const TLS_WORDS: [&str; 7] =
    ["certificate", "handshake", "corrupt message", "fatal alert", "peer is incompatible", "peer misbehaved", "tls"];

enum ReadError {
    TooLarge,
    Transport(reqwest::Error),
}

async fn read(mut response: reqwest::Response, limit: usize) -> Result<Bytes, ReadError> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(ReadError::TooLarge);
    }
    // The announced length is foreign: it is believed for the first megabytes only.
    let mut body = BytesMut::with_capacity(announced.unwrap_or(0).min(4 << 20));
    while let Some(chunk) = response.chunk().await.map_err(ReadError::Transport)? {
        if body.len() + chunk.len() > limit {
            return Err(ReadError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// A blob's address must be as private as the service's own: https, or this computer.
fn checked(url: &Url) -> Result<&Url, ServiceError> {
    let is_fine =
        url.scheme() == "https" || (url.scheme() == "http" && url.host().is_some_and(|host| is_loopback(&host)));
    is_fine
        .then_some(url)
        .ok_or_else(|| ServiceError::BadAnswer { reason: "the picture's address is not https".to_owned() })
}

fn redirect_host(from: &Url, headers: &HeaderMap) -> String {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| from.join(location).ok());
    target.as_ref().and_then(Url::host_str).unwrap_or("an unnamed place").to_owned()
}

/// The meaning of a failure below HTTP. The error's own text is not used: it may hold the address.
fn transport(error: reqwest::Error, host: String) -> ServiceError {
    let error = error.without_url();
    if error.is_timeout() {
        return ServiceError::TimedOut { host };
    }
    if error.is_dns() {
        return ServiceError::UnknownHost { host };
    }
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    let all = causes.join(": ").to_ascii_lowercase();
    let reason = causes.pop().unwrap_or_else(|| "no reason given".to_owned());
    if TLS_WORDS.iter().any(|word| all.contains(word)) {
        return ServiceError::NotPrivate { host, reason };
    }
    if error.is_connect() {
        return ServiceError::Unreachable { host, reason };
    }
    if error.is_builder() {
        return ServiceError::BadAnswer { reason: "the address cannot be used".to_owned() };
    }
    // The connection broke after the request went out.
    ServiceError::CutShort { host }
}
