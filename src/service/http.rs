//! The two HTTP clients, and one request with its retries.
//!
//! One client speaks to the service and gets the key per request, as a sensitive header; the other fetches blobs and has
//! no key at all. Neither follows a redirect by itself: the first would carry the key along, since `Training-Key` is no
//! header that HTTP libraries know to drop. Where a request for a picture may continue to is `redirect`'s business, when a
//! request may go `origin`'s, what of a picture is there already `range`'s.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, DATE, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::adaptive_limit::Kind;
use super::answer::{Answer, Subject};
use super::encoding::{Encoding, UnpackError};
use super::endpoint::{Endpoint, is_loopback};
use super::error::ServiceError;
use super::options::ClientOptions;
use super::origin::{Hosts, Origin};
use super::proxy::{self, Proxies};
use super::range::{Misfit, PartialBlob};
use super::redirect;
use super::retry::{Observer, asked_wait};
use super::transport;

/// A JSON page of 256 images with 300 regions each stays below this.
const ANSWER_LIMIT: usize = 96 << 20;
/// Uploads are at most 6 MB; an archive behind the stand-in endpoint may hold larger files.
const BLOB_LIMIT: usize = 256 << 20;
/// What is read of an answer that is no success.
const REFUSAL_LIMIT: usize = 1 << 20;
/// The announced length is foreign: it is believed for the first megabytes only.
const BELIEVED: usize = 4 << 20;
/// A try that brought so many new bytes of a picture was not in vain: the tries are counted again after it.
const WORTH_GOING_ON: usize = 64 << 10;
/// The most attempts of one download, however far each comes.
const MOST_ATTEMPTS: u32 = 24;
/// A call that asks for so many rows is a large one.
const LARGE_TAKE: u32 = 32;
/// A query this long names many images.
const LARGE_QUERY: usize = 1_024;

#[derive(Clone)]
pub(super) struct Call {
    pub url: Url,
    pub subject: Subject,
}

impl Call {
    /// With which other calls its time compares; the time of a picture depends on the picture alone.
    fn kind(&self) -> Option<Kind> {
        if !matches!(self.subject, Subject::Api(_)) {
            return None;
        }
        let last = self.url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
        let is_word = last.bytes().all(|byte| byte.is_ascii_alphabetic());
        let take = self.url.query_pairs().find(|(name, _)| name == "take").and_then(|(_, take)| take.parse().ok());
        let is_large = take.is_some_and(|take: u32| take >= LARGE_TAKE)
            || self.url.query().is_some_and(|query| query.len() >= LARGE_QUERY);
        Some(Kind { call: if is_word { last.to_owned() } else { String::new() }, is_large })
    }
}

pub(super) struct Http {
    api: reqwest::Client,
    blobs: reqwest::Client,
    key: SecretString,
    key_header: HeaderValue,
    options: ClientOptions,
    service: Arc<Origin>,
    hosts: Hosts,
    /// `None` for a service on this computer, to which no proxy leads.
    proxies: Option<Proxies>,
}

/// A failed try, and how long the other side asks to wait.
struct Failed {
    error: ServiceError,
    asked: Option<Duration>,
}

impl From<ServiceError> for Failed {
    fn from(error: ServiceError) -> Self {
        Self { error, asked: None }
    }
}

fn not_built(error: reqwest::Error) -> ServiceError {
    let causes = proxy::causes(&error).join(": ");
    ServiceError::BadAnswer { reason: format!("the HTTP client cannot start: {causes}") }
}

impl Http {
    pub(super) fn new(endpoint: &Endpoint, key: &SecretString, options: ClientOptions) -> Result<Self, ServiceError> {
        let key = SecretString::from(key.expose_secret().trim());
        let mut key_header = HeaderValue::from_str(key.expose_secret()).map_err(|_| ServiceError::UnusableKey)?;
        key_header.set_sensitive(true);
        let proxies = (!endpoint.is_loopback()).then(Proxies::from_system);
        if let Some(proxies) = &proxies {
            // A wrong setting is reported before the first call.
            proxies.proxy_for(&endpoint.call("projects"))?;
        }
        let client = |is_https_only: bool, has_certificates: bool| {
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
            let here = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
            for name in endpoint.names_of_this_computer() {
                // No name server is asked: the key goes there over plain http.
                builder = builder.resolve_to_addrs(name, &here);
            }
            if !has_certificates {
                builder = builder.tls_certs_only([]);
            }
            builder.build()
        };
        let build = |is_https_only: bool| {
            client(is_https_only, true).or_else(|error| match transport::lacks_root_certificates(&error) {
                // Nothing on this computer is called over https.
                true if endpoint.is_loopback() => client(is_https_only, false).map_err(not_built),
                true => Err(ServiceError::NoRootCertificates),
                false => Err(not_built(error)),
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
            service: Arc::new(Origin::from_service(calls)),
            hosts: Hosts::default(),
            proxies,
            options,
        })
    }

    pub(super) fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// Fetches the answer to a call, with retries; `observer` is called for each wait.
    pub(super) async fn fetch(&self, call: &Call, observer: Option<&Observer>) -> Result<Bytes, ServiceError> {
        self.download(call, &mut PartialBlob::default(), observer).await
    }

    /// Fetches with retries, a picture from where `partial` ends. When it fails, `partial` holds what came.
    pub(super) async fn download(
        &self,
        call: &Call,
        partial: &mut PartialBlob,
        observer: Option<&Observer>,
    ) -> Result<Bytes, ServiceError> {
        let origin = match call.subject {
            Subject::Blob => self.hosts.origin(checked(&call.url)?),
            Subject::Api(_) | Subject::Artifact => Arc::clone(&self.service),
        };
        let sleep = &self.options.sleep;
        let (mut tried, mut attempts, mut waited) = (0, 0, Duration::ZERO);
        loop {
            let (had, queued) = (partial.len(), Instant::now());
            let turn = origin.turn(sleep).await;
            if attempts > 0 {
                // The delay of other calls counts as a wait too, or a crowd of them would wait for hours.
                waited += queued.elapsed();
            }
            (tried, attempts) = (tried + 1, attempts + 1);
            let failed = match self.timed_attempt(call, partial).await {
                Ok(after) => {
                    turn.answered(call.kind(), after);
                    if attempts > 1 {
                        origin.retries_helped();
                    }
                    return Ok(partial.take());
                }
                Err(failed) => failed,
            };
            turn.failed(&failed.error);
            if partial.len() >= had + WORTH_GOING_ON && attempts < MOST_ATTEMPTS {
                tried = 1;
            }
            let policy = origin.patience(&self.options.retry, Instant::now());
            let Some(waiting) = policy.next(&failed.error, failed.asked, tried, waited, fastrand::f64()) else {
                origin.gave_up(waited, Instant::now());
                return Err(failed.error);
            };
            waited += waiting.wait;
            if let Some(asked) = failed.asked {
                origin.quiet_for(asked);
            }
            if let Some(observer) = observer {
                observer(waiting);
            }
            sleep.wait(waiting.wait).await;
        }
    }

    /// One attempt, which cannot last for ever however slowly its bytes come. The time to its first byte.
    async fn timed_attempt(&self, call: &Call, partial: &mut PartialBlob) -> Result<Duration, Failed> {
        match tokio::time::timeout(self.options.answer_timeout, self.attempt(call, partial)).await {
            Ok(result) => result,
            Err(_) => Err(ServiceError::TimedOut { host: host_of(&call.url) }.into()),
        }
    }

    fn request(&self, url: Url, subject: Subject, partial: &PartialBlob) -> reqwest::RequestBuilder {
        let keyed = |url| self.api.get(url).header("Training-Key", self.key_header.clone());
        let request = match subject {
            Subject::Api(_) => keyed(url).header(ACCEPT, "application/json"),
            Subject::Artifact => keyed(url),
            Subject::Blob => self.blobs.get(url),
        };
        // Without this line anybody in between may compress (RFC 9110, 12.5.3).
        let request = request.header(ACCEPT_ENCODING, "identity");
        partial.headers().into_iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    /// Sends a request; one for a picture follows redirects to places of the same owner.
    async fn send(&self, call: &Call, partial: &PartialBlob) -> Result<reqwest::Response, ServiceError> {
        let mut url = call.url.clone();
        for followed in 0.. {
            let proxy = self.proxies.as_ref().map_or(Ok(None), |proxies| proxies.proxy_for(&url))?;
            let request = self.request(url.clone(), call.subject, partial);
            let response = request.send().await.map_err(|error| transport::meaning(&error, host_of(&url), proxy))?;
            let status = response.status().as_u16();
            if !(300..400).contains(&status) {
                return Ok(response);
            }
            // 304 and the like are no redirects, and no answers either.
            let Some(target) = redirect::target(&url, status, response.headers()) else { return Ok(response) };
            let host = host_of(&target);
            match call.subject {
                Subject::Blob if followed < redirect::MOST_REDIRECTS && redirect::may_follow(&url, &target) => {
                    url = target;
                }
                Subject::Blob => return Err(ServiceError::PictureRedirected { host, status }),
                Subject::Api(_) | Subject::Artifact => return Err(ServiceError::Redirected { host, status }),
            }
        }
        Err(ServiceError::PictureRedirected { host: host_of(&url), status: 302 })
    }

    async fn attempt(&self, call: &Call, partial: &mut PartialBlob) -> Result<Duration, Failed> {
        let host = || host_of(&call.url);
        let began = Instant::now();
        let response = self.send(call, partial).await?;
        let after = began.elapsed();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let content_type = text(CONTENT_TYPE).unwrap_or_default();
        let key = self.key.expose_secret();
        let code = headers.get("x-ms-error-code").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if (200..300).contains(&status) {
            let limit = if matches!(call.subject, Subject::Api(_)) { ANSWER_LIMIT } else { BLOB_LIMIT };
            let read = read(response, partial, limit).await;
            if read.is_err_and(ReadError::is_of_no_use) {
                partial.clear();
            }
            return match read {
                Err(ReadError::TooLarge) => Err(ServiceError::TooLarge { limit }.into()),
                Err(ReadError::TimedOut) => Err(ServiceError::TimedOut { host: host() }.into()),
                Err(ReadError::Misfit) if matches!(call.subject, Subject::Api(_)) => {
                    Err(ServiceError::BadAnswer { reason: "it is a part that was not requested".to_owned() }.into())
                }
                Err(ReadError::Cut | ReadError::Misfit) => Err(ServiceError::CutShort { host: host() }.into()),
                Ok(()) => {
                    if let Err(packed) = partial.finish(limit) {
                        partial.clear();
                        return Err(packed_failure(packed, limit, host()).into());
                    }
                    let answer = Answer { status, content_type, body: partial.bytes(), key, code };
                    let error = if answer.is_page() {
                        ServiceError::ProxyPage { status }
                    } else if matches!(call.subject, Subject::Api(_)) && answer.is_cut() {
                        ServiceError::CutShort { host: host() }
                    } else {
                        return Ok(after);
                    };
                    partial.clear();
                    Err(error.into())
                }
            };
        }
        if status == 416 && partial.len() > 0 {
            // What is there is no part of what is there now. The whole is requested.
            partial.clear();
            return Err(ServiceError::CutShort { host: host() }.into());
        }
        let body = read_refusal(response, self.options.refusal_patience).await;
        let body = match Encoding::from_headers(&headers) {
            None => body,
            // Its status is enough where its words cannot be read.
            Some(encoding) => encoding.unpack(&body, REFUSAL_LIMIT).unwrap_or_default().into(),
        };
        let mut error = Answer { status, content_type, body: &body, key, code }.error(call.subject);
        let message = match &error {
            ServiceError::TooManyCalls { refusal, .. } | ServiceError::ServiceFailed(refusal) => {
                refusal.message.as_str()
            }
            _ => "",
        };
        let asked = asked_wait(text(RETRY_AFTER), text(DATE), message, SystemTime::now());
        if let ServiceError::TooManyCalls { wait, .. } = &mut error {
            *wait = asked;
        }
        Err(Failed { error, asked })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReadError {
    TooLarge,
    TimedOut,
    Cut,
    Misfit,
}

impl ReadError {
    /// Whether what came cannot be continued from.
    fn is_of_no_use(self) -> bool {
        matches!(self, Self::TooLarge | Self::Misfit)
    }
}

impl From<Misfit> for ReadError {
    fn from(_: Misfit) -> Self {
        Self::Misfit
    }
}

async fn read(mut response: reqwest::Response, partial: &mut PartialBlob, limit: usize) -> Result<(), ReadError> {
    partial.begin(response.status().as_u16() == 206, response.headers())?;
    if partial.total().is_some_and(|total| total > limit as u64) {
        return Err(ReadError::TooLarge);
    }
    partial.reserve(BELIEVED);
    loop {
        let chunk = response.chunk().await;
        let chunk = chunk.map_err(|error| if error.is_timeout() { ReadError::TimedOut } else { ReadError::Cut })?;
        let Some(chunk) = chunk else { break };
        if partial.len() + chunk.len() > limit {
            return Err(ReadError::TooLarge);
        }
        partial.push(&chunk)?;
    }
    if partial.is_whole() { Ok(()) } else { Err(ReadError::Cut) }
}

/// What an error says is worth reading, as far as it comes within `patience`: its status is enough.
async fn read_refusal(mut response: reqwest::Response, patience: Duration) -> Bytes {
    let mut body = BytesMut::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            if body.len() + chunk.len() > REFUSAL_LIMIT {
                body.clear();
                break;
            }
            body.extend_from_slice(&chunk);
        }
    };
    let _ = tokio::time::timeout(patience, reading).await;
    body.freeze()
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// A blob's address must be as private as the service's own: https, or this computer.
fn checked(url: &Url) -> Result<&Url, ServiceError> {
    let is_here = |host: Host<&str>| match host {
        // The one name that no name server is asked about.
        Host::Domain(name) => name == "localhost",
        host @ (Host::Ipv4(_) | Host::Ipv6(_)) => is_loopback(&host),
    };
    let is_fine = url.scheme() == "https" || (url.scheme() == "http" && url.host().is_some_and(is_here));
    is_fine
        .then_some(url)
        .ok_or_else(|| ServiceError::BadAnswer { reason: "the picture's URL is not https".to_owned() })
}

fn packed_failure(packed: UnpackError, limit: usize, host: String) -> ServiceError {
    match packed {
        UnpackError::Unknown(encoding) => ServiceError::Compressed { encoding },
        UnpackError::TooLarge => ServiceError::TooLarge { limit },
        UnpackError::Broken => ServiceError::CutShort { host },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_blob_is_as_private_as_the_services() {
        let is_fine = |text: &str| checked(&Url::parse(text).expect(text)).is_ok();
        for text in [
            "https://account.blob.core.windows.net/i-1/i-2?sig=s",
            "https://account.blob.core.windows.net:443/i-1/i-2?sig=s",
            "https://account.blob.core.windows.net:8443/i-1/i-2?sig=s",
            "http://127.0.0.1:5000/i-1/i-2?sig=s",
            "http://localhost/i-1",
        ] {
            assert!(is_fine(text), "{text}");
        }
        for text in [
            "http://account.blob.core.windows.net/i-1/i-2?sig=s",
            "http://account.blob.core.windows.net:443/i-1/i-2?sig=s",
            "http://127.0.0.1.example.com/i-1",
            "http://any.localhost/i-1",
            "file:///etc/passwd",
            "ftp://account.blob.core.windows.net/i-1",
            "data:image/png;base64,AAAA",
        ] {
            assert!(!is_fine(text), "{text}");
        }
    }

    #[test]
    fn calls_are_compared_with_their_equals() {
        let kind = |text: &str| {
            let url = Url::parse(&format!("https://h/customvision/v3.4-preview/training/{text}")).expect(text);
            Call { url, subject: Subject::Api("project") }.kind().map(|kind| (kind.call, kind.is_large))
        };
        let id = "2f39bbf3-9674-4cec-b5b1-bc603b972a87";
        assert_eq!(kind("projects"), Some(("projects".to_owned(), false)));
        assert_eq!(kind(&format!("projects/{id}")), Some((String::new(), false)));
        let tagged = format!("projects/{id}/images/tagged");
        assert_eq!(kind(&format!("{tagged}?take=1&skip=0")), Some(("tagged".to_owned(), false)));
        assert_eq!(kind(&format!("{tagged}?take=256&skip=0")), Some(("tagged".to_owned(), true)));
        let ids = format!("projects/{id}/images/id?imageIds={}", [id; 256].join(","));
        assert_eq!(kind(&ids), Some(("id".to_owned(), true)));
    }
}
