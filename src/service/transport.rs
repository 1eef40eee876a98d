//! Failures below HTTP: names that are not found, connections that are refused or cut, certificates, proxies.

use std::error::Error;

use url::Url;

use super::error::{Proxy, ProxyProblem, ServiceError};
use super::proxy;
use domain::errors;

/// How rustls begins its messages, and what the system's verifier adds.
const TLS_WORDS: [&str; 7] =
    ["certificate", "handshake", "corrupt message", "fatal alert", "peer is incompatible", "peer misbehaved", "tls"];

/// The failure below HTTP that another layer's library met on its way to `url`; `None`: there is none in the chain of causes.
pub fn network_failure(error: &(dyn Error + 'static), url: &str) -> Option<ServiceError> {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        if let Some(failed) = inner.downcast_ref::<reqwest::Error>() {
            if lacks_root_certificates(failed) {
                return Some(ServiceError::NoRootCertificates);
            }
            let url = Url::parse(url).ok();
            let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned();
            let proxy = url.and_then(|url| proxy::Proxies::from_system().proxy_for(&url).ok().flatten());
            return Some(meaning(failed, host, proxy));
        }
        cause = inner.source();
    }
    None
}

/// The meaning of a failure below HTTP. The error's own text is not used: it may hold the address.
pub(super) fn meaning(error: &reqwest::Error, host: String, proxy: Option<Proxy>) -> ServiceError {
    if is_out_of_files(error) {
        return ServiceError::OutOfFiles { host };
    }
    let mut causes = proxy::causes(error);
    if let Some(proxy) = proxy.filter(|_| error.is_connect()) {
        let is_down = error.is_timeout() || error.is_dns();
        let problem = if is_down { Some(ProxyProblem::Down) } else { proxy::problem(&causes) };
        if let Some(problem) = problem {
            return ServiceError::Proxy { proxy, problem };
        }
    }
    if error.is_timeout() {
        return ServiceError::TimedOut { host };
    }
    if error.is_dns() {
        return ServiceError::UnknownHost { host };
    }
    if is_malformed(error) {
        return ServiceError::BadAnswer { reason: "it is not valid HTTP".to_owned() };
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
        return ServiceError::BadAnswer { reason: "the URL cannot be used".to_owned() };
    }
    // The connection broke after the request went out.
    ServiceError::CutShort { host }
}

/// Whether a client could not be built because this computer has no root certificates.
pub(super) fn lacks_root_certificates(error: &reqwest::Error) -> bool {
    // The words of rustls-platform-verifier; its error has no kind for this.
    proxy::causes(error).iter().any(|cause| cause.contains("No CA certificates"))
}

/// Whether the system lets no further connection be opened. That says nothing about the host, the network or a proxy.
fn is_out_of_files(error: &dyn Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.downcast_ref::<std::io::Error>().is_some_and(errors::is_out_of_files) {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// Whether an answer came that does not follow the rules of HTTP. It is not cut, and the next one would be no better.
fn is_malformed(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return true;
        }
        cause = inner.source();
    }
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn too_many_open_files_are_found_below_other_errors() {
        #[derive(Debug, thiserror::Error)]
        #[error("{what}")]
        struct Outer {
            what: &'static str,
            source: std::io::Error,
        }
        let of = |code| Outer { what: "tcp connect error", source: std::io::Error::from_raw_os_error(code) };
        assert!(is_out_of_files(&Outer { what: "client error", source: std::io::Error::other(of(24)) }));
        assert!(is_out_of_files(&of(23)) && !is_out_of_files(&of(111)));
    }
}
