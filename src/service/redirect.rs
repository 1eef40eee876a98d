//! Redirects of pictures. A request for a picture carries no key, so it may follow one, but only to a place of the same
//! owner: the server of one URL must not be able to make this computer fetch from anywhere else.
//!
//! The same owner means the same registered domain, according to the list of public suffixes: `cdn.example.org` belongs to
//! `pictures.example.org`, while two accounts below `blob.core.windows.net` belong to two customers. Calls of the
//! service carry the key and never follow a redirect.

use reqwest::header::{HeaderMap, LOCATION};
use url::{Host, Url};

use super::endpoint::is_loopback;

/// Redirects of one request that are followed in a row.
pub(super) const MOST_REDIRECTS: usize = 4;

/// Where an answer sends the request to, when it is a redirect that says so.
pub(super) fn target(from: &Url, status: u16, headers: &HeaderMap) -> Option<Url> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    from.join(headers.get(LOCATION)?.to_str().ok()?).ok()
}

/// Whether a request for a picture may continue from one address to the other. On this computer, only within one origin.
pub(super) fn may_follow(from: &Url, to: &Url) -> bool {
    if !to.username().is_empty() || to.password().is_some() {
        return false;
    }
    match (from.host(), to.host()) {
        (Some(old), Some(new)) if is_loopback(&old) || is_loopback(&new) => from.origin() == to.origin(),
        (Some(old), Some(new)) => to.scheme() == "https" && is_same_owner(&old, &new),
        _ => false,
    }
}

fn is_same_owner(old: &Host<&str>, new: &Host<&str>) -> bool {
    let (Host::Domain(old_name), Host::Domain(new_name)) = (old, new) else { return old == new };
    old_name == new_name || psl::domain_str(old_name).is_some_and(|owner| psl::domain_str(new_name) == Some(owner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_follows_to_its_own_owner_only() {
        let may = |from: &str, to: &str| may_follow(&Url::parse(from).expect(from), &Url::parse(to).expect(to));
        for (from, to) in [
            ("https://a.example.org/i-1?sig=s", "https://a.example.org/i-2?sig=t"),
            ("https://pictures.example.org/1", "https://cdn.example.org/1"),
            ("https://example.co.uk/1", "https://cdn.example.co.uk:8443/1"),
            ("https://one.blob.core.windows.net/1", "https://one.blob.core.windows.net/2"),
            ("http://127.0.0.1:5000/1", "http://127.0.0.1:5000/2"),
        ] {
            assert!(may(from, to), "{from} to {to}");
        }
        for (from, to) in [
            ("https://pictures.example.org/1", "http://pictures.example.org/1"),
            ("https://pictures.example.org/1", "https://example.net/1"),
            ("https://a.co.uk/1", "https://b.co.uk/1"),
            ("https://one.blob.core.windows.net/1", "https://two.blob.core.windows.net/1"),
            ("https://pictures.example.org/1", "https://user@pictures.example.org/1"),
            ("https://pictures.example.org/1", "http://127.0.0.1:5000/1"),
            ("https://pictures.example.org/1", "https://localhost/1"),
            ("https://10.0.0.1/1", "https://10.0.0.2/1"),
            ("http://127.0.0.1:5000/1", "http://127.0.0.1:5001/1"),
            ("http://127.0.0.1:5000/1", "https://pictures.example.org/1"),
            ("https://pictures.example.org/1", "file:///etc/passwd"),
        ] {
            assert!(!may(from, to), "{from} to {to}");
        }
    }

    #[test]
    fn only_a_redirect_with_a_place_has_a_target() {
        let from = Url::parse("https://a.example/i/1?sig=s").expect("url");
        let headers: HeaderMap = [(LOCATION, "/i/2?sig=t".parse().expect("value"))].into_iter().collect();
        assert_eq!(target(&from, 302, &headers).map(String::from), Some("https://a.example/i/2?sig=t".to_owned()));
        assert_eq!(target(&from, 304, &headers), None);
        assert_eq!(target(&from, 302, &HeaderMap::new()), None);
    }
}
