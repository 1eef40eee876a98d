//! Redirects of pictures. A request for a picture carries no key, so it may follow one, but only to a place of the same
//! owner: the server of one URL must not be able to make this computer fetch from anywhere else.
//!
//! The same owner means the same registered domain, according to the list of public suffixes: `cdn.example.org` belongs to
//! `pictures.example.org`, while two accounts below `blob.core.windows.net` belong to two customers. Calls of the
//! service carry the key and never follow a redirect.
//!
//! An address whose signature has ended is surely refused: [`has_expired`] says so before it is tried.

use std::time::SystemTime;

use reqwest::header::{HeaderMap, LOCATION};
use url::{Host, Url, form_urlencoded};

use super::endpoint::is_loopback;
use domain::{BlobUri, Timestamp};

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

/// Whether an address says of itself (`se=`) that its signature has ended. `false` where it does not say so in a form
/// that can be read: then the blob store knows.
pub fn has_expired(uri: &BlobUri, now: SystemTime) -> bool {
    let end = uri.expose().split_once('?').and_then(|(_, query)| {
        let query = query.split('#').next().unwrap_or_default();
        let (_, end) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "se")?;
        Timestamp::parse(&end)
    });
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok();
    let now = now.and_then(|now| i64::try_from(now.as_secs()).ok());
    end.zip(now).is_some_and(|(end, now)| end.unix_seconds() <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

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

    #[test]
    fn the_end_is_read_where_it_can_be() {
        // 2020-11-07T16:15:54Z
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(1_604_765_754 + seconds);
        let uri = |query: &str| BlobUri::new(format!("https://a.blob.core.windows.net:443/i-1/t-2{query}"));
        let plain = uri("?sv=2017-04-17&sr=b&sig=x&se=2020-11-07T16%3A15%3A54Z&sp=r");
        assert!(!has_expired(&plain, at(0) - Duration::from_secs(1)));
        assert!(has_expired(&plain, at(0)) && has_expired(&plain, at(9)));
        assert!(has_expired(&uri("?se=2020-11-07T16:15:54Z"), at(0)));
        for unknown in ["", "?sig=x", "?se=", "?se=soon", "?sse=2020-11-07T16:15:54Z", "#se=2020-11-07T16:15:54Z"] {
            assert!(!has_expired(&uri(unknown), at(1 << 32)), "{unknown}");
        }
        assert!(!has_expired(&BlobUri::new("/i-1/t-2"), at(1 << 32)));
    }
}
