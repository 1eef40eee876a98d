//! The proxy that the system names for an address. The HTTP library goes through it by itself; here is who it is, so that
//! a failure of the proxy is not blamed on the service, and a setting that cannot be read is not passed over.

use std::error::Error;

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::error::{Proxy, ProxyProblem, ServiceError};

pub(super) struct Proxies {
    matcher: Matcher,
    /// Lets through what `NO_PROXY` names.
    except: Matcher,
    /// Variables for https with their texts, the first that is set of each pair; the more general one last.
    set: Vec<(&'static str, String)>,
}

/// In each pair the first that is set counts.
const VARIABLES: [[&str; 2]; 2] = [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];

impl Proxies {
    /// As the environment and the system have them.
    pub(super) fn from_system() -> Self {
        let read = |name: &str| std::env::var_os(name).map(|text| text.to_string_lossy().into_owned());
        let names = ["NO_PROXY", "no_proxy"].into_iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
        let except = Matcher::builder().all("http://proxy.invalid").no(names).build();
        Self { matcher: Matcher::from_system(), except, set: set(read) }
    }

    /// The proxy for an https address; `None`: it is reached directly.
    ///
    /// # Errors
    /// [`ServiceError::BadProxy`] when one is named for it that cannot be used: going there directly instead would be
    /// what nobody asked for.
    pub(super) fn proxy_for(&self, url: &Url) -> Result<Option<Proxy>, ServiceError> {
        let Ok(uri) = url.as_str().parse() else { return Ok(None) };
        if url.scheme() != "https" || self.except.intercept(&uri).is_none() {
            return Ok(None);
        }
        if let Some((variable, text)) = self.set.iter().find(|(_, text)| !text.is_empty()) {
            let address = address(text).map_err(|reason| ServiceError::BadProxy { variable, reason })?;
            return Ok(Some(Proxy { address, variable: Some(variable) }));
        }
        let address = self.matcher.intercept(&uri).and_then(|found| found.uri().authority().map(ToString::to_string));
        Ok(address.map(|address| Proxy { address, variable: None }))
    }
}

fn set(read: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, String)> {
    // A program that answers web requests gets such variables from its clients: the HTTP library uses none there.
    if read("REQUEST_METHOD").is_some() {
        return Vec::new();
    }
    let first = |pair: [&'static str; 2]| pair.into_iter().find_map(|name| Some((name, read(name)?)));
    VARIABLES.into_iter().filter_map(first).collect()
}

/// Host and port of a proxy, as the HTTP library reads it.
fn address(text: &str) -> Result<String, &'static str> {
    let proxy = Matcher::builder().all(text.to_owned()).build();
    let any = hyper::Uri::from_static("https://host.invalid/");
    let found = proxy.intercept(&any).and_then(|found| found.uri().authority().map(ToString::to_string));
    found.ok_or_else(|| match text.split_once("://") {
        Some((scheme, _)) if !KNOWN.contains(&&*scheme.to_ascii_lowercase()) => {
            "it does not start with http://, https://, socks4://, socks4a://, socks5:// or socks5h://"
        }
        _ => "it is not an address such as http://proxy.example:8080",
    })
}

const KNOWN: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// What a failure to connect through a proxy says of the proxy; `None` when the proxy did its part.
pub(super) fn problem(causes: &[String]) -> Option<ProxyProblem> {
    let has = |words: &str| causes.iter().any(|cause| cause.to_ascii_lowercase().contains(words));
    let socks = has("socks");
    if has("proxy authorization required") || (socks && (has("auth") || has("credentials"))) {
        return Some(ProxyProblem::WantsPassword);
    }
    if has("tunnel error: unsuccessful") || has("proxy response headers too long") {
        return Some(ProxyProblem::Refuses);
    }
    if has("tunnel error: unexpected end of file")
        || has("io error establishing tunnel")
        || has("io error during socks")
    {
        return Some(ProxyProblem::Broken);
    }
    if has("failed to create underlying connection") || has("tcp connect error") {
        return Some(ProxyProblem::Down);
    }
    socks.then_some(ProxyProblem::Refuses)
}

/// The messages of an error's causes, the outermost first.
pub(super) fn causes(error: &dyn Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_counts() {
        let of = |pairs: &[(&'static str, &str)]| {
            let set = set(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()));
            set.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(of(&[("https_proxy", "b"), ("HTTPS_PROXY", "a"), ("all_proxy", "c")]), ["HTTPS_PROXY", "all_proxy"]);
        assert_eq!(of(&[("https_proxy", "b")]), ["https_proxy"]);
        assert!(of(&[("HTTPS_PROXY", "a"), ("REQUEST_METHOD", "GET")]).is_empty());
    }

    #[test]
    fn an_address_is_read_without_its_password() {
        for (text, expected) in [
            ("http://me:secret@proxy.corp:8080/", "proxy.corp:8080"),
            ("proxy.corp:8080", "proxy.corp:8080"),
            ("socks5h://127.0.0.1:1080", "127.0.0.1:1080"),
        ] {
            assert_eq!(address(text).as_deref(), Ok(expected), "{text}");
        }
        for (text, word) in [
            ("ftp://me:secret@proxy", "socks5h://"),
            ("http://", "not an address"),
            ("http://pro xy:1", "not an address"),
        ] {
            let reason = address(text).expect_err(text);
            assert!(reason.contains(word) && !reason.contains("secret"), "{text}: {reason}");
        }
    }
}
