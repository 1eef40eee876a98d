//! What can go wrong with a call, by what the user can do about it. No key, no signature and no body is ever in here.

use std::fmt;
use std::time::Duration;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    /// Its code; empty when the answer had none.
    pub code: ErrorCode,
    /// Its words, at most 300 characters of them; empty when the answer had none.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        if !self.code.as_str().is_empty() {
            write!(f, ", {}", self.code)?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    #[error("this is not an endpoint: {reason}")]
    BadEndpoint { reason: String },
    /// The key has characters that no key has; it was not sent.
    #[error("the key has invalid characters")]
    UnusableKey,
    /// The service does not accept the key (401).
    #[error("the service does not accept the key ({0})")]
    WrongKey(Refusal),
    /// The key is accepted but may not do this (403).
    #[error("the key has no access ({0})")]
    Forbidden(Refusal),
    /// The resource takes no keys at all (403).
    #[error("the resource does not accept keys ({0})")]
    KeysDisabled(Refusal),
    /// There is no training API of this version at the endpoint (404 of the gateway).
    #[error("the endpoint has no training API {version} ({refusal})")]
    NoApi { version: &'static str, refusal: Refusal },
    /// A proxy is between, and it does not let the call through.
    #[error("{proxy}: {problem}")]
    Proxy { proxy: Proxy, problem: ProxyProblem },
    #[error("the proxy in {variable} cannot be used: {reason}")]
    BadProxy {
        variable: &'static str,
        /// What is wrong with it; none of its text, which may hold a password.
        reason: &'static str,
    },
    /// What was requested is not there (404).
    #[error("the {what} was not found ({refusal})")]
    NotFound {
        /// "project", "iteration", ...
        what: String,
        refusal: Refusal,
    },
    /// The service refused for another reason (4xx).
    #[error("the service refused ({0})")]
    Refused(Refusal),
    /// Too many calls (429), also after several retries.
    #[error("the service is limiting requests ({refusal})")]
    TooManyCalls {
        /// How long it asks to wait, when it says so.
        wait: Option<Duration>,
        refusal: Refusal,
    },
    /// The service failed (5xx), after retries.
    #[error("the service failed ({0})")]
    ServiceFailed(Refusal),
    /// Something in between answered with a web page of its own.
    #[error("a web page was received instead of a response (status {status})")]
    ProxyPage { status: u16 },
    /// A redirect, which is never followed.
    #[error("the service redirects to {host} (status {status})")]
    Redirected {
        /// Where to: the host only.
        host: String,
        status: u16,
    },
    /// A redirect of a picture to another owner's place, which is not followed.
    #[error("the picture's URL redirects to {host} (status {status})")]
    PictureRedirected {
        /// Where to: the host only.
        host: String,
        status: u16,
    },
    /// The picture store refuses this picture, not because its address is too old. Its words may repeat the address: left out.
    #[error("the picture storage refused the request ({0})")]
    StoreRefused(Refusal),
    /// The answer is compressed although the plain bytes were requested, and cannot be unpacked here.
    #[error("the response is compressed as {encoding}, which was not requested")]
    Compressed { encoding: String },
    #[error("the host {host} was not found")]
    UnknownHost { host: String },
    /// The system lets no further connection be opened: too many files and connections are open.
    #[error("{host} cannot be reached: too many files and connections are open")]
    OutOfFiles { host: String },
    #[error("{host} cannot be reached: {reason}")]
    Unreachable { host: String, reason: String },
    #[error("the connection to {host} is not private: {reason}")]
    NotPrivate {
        host: String,
        /// What is wrong with the certificate or the handshake.
        reason: String,
    },
    /// This computer has no root certificates, so no certificate of a service can be checked.
    #[error("this computer has no root certificates")]
    NoRootCertificates,
    #[error("{host} did not respond in time")]
    TimedOut { host: String },
    /// The answer ended before it was whole, after retries.
    #[error("the response of {host} was cut off")]
    CutShort { host: String },
    #[error("the response could not be read: {reason}")]
    BadAnswer {
        /// Why; none of the content.
        reason: String,
    },
    #[error("the response is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The list has more rows than any real one.
    #[error("the list does not end: more than {rows} rows were received")]
    Endless {
        /// The most rows that are believed.
        rows: u64,
        /// What the service counts, when it says so.
        counted: Option<u64>,
    },
    /// The picture's signature has expired (403 of the blob store): ask for the image again by its id.
    #[error("the picture's URL has expired")]
    Expired,
    /// The picture is not there (404 of the blob store).
    #[error("the picture is missing")]
    MissingPicture,
}

/// A proxy: its address without name and password, and where it was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Host and port.
    pub address: String,
    /// The variable that names it; `None` when it is the system's own setting.
    pub variable: Option<&'static str>,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy {} ({})", self.address, self.variable.unwrap_or("the system's setting"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyProblem {
    Down,
    /// It wants a name and a password, or does not take those it was given.
    WantsPassword,
    /// It refuses to connect to the host.
    Refuses,
    Broken,
}

impl fmt::Display for ProxyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Down => "it cannot be reached",
            Self::WantsPassword => "it requires a user name and password",
            Self::Refuses => "it refuses the connection",
            Self::Broken => "it closed the connection",
        })
    }
}

/// An error code of the service (`CustomVisionErrorCodes`) as it came; empty when the answer had none. Some that come are not in the
/// service's document, such as the gateway's `401`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ErrorCode(Box<str>);

impl ErrorCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is not there, for the codes that say so.
    pub fn missing(&self) -> Option<&'static str> {
        match &*self.0 {
            "NotFoundProject" => Some("project"),
            "NotFoundProjectDefaultIteration" | "NotFoundIteration" => Some("iteration"),
            "NotFoundIterationPerformance" => Some("iteration's performance"),
            "NotFoundTag" => Some("tag"),
            "NotFoundImage" => Some("image"),
            "NotFoundDomain" => Some("domain"),
            "NotFoundApimSubscription" => Some("subscription"),
            _ => None,
        }
    }
}

impl From<&str> for ErrorCode {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_kept_as_it_came_and_says_what_is_missing() {
        for (text, missing) in [
            ("NotFoundIteration", Some("iteration")),
            ("NotFoundTag", Some("tag")),
            ("NotFound", None),
            ("notFoundProject", None),
            ("ErrorInvalidRegion", None),
            ("401", None),
            ("", None),
        ] {
            let code = ErrorCode::from(text);
            assert_eq!((code.to_string().as_str(), code.missing()), (text, missing));
        }
    }
}
