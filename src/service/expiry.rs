//! When the signature of a picture's address ends, so that an address which is surely refused need not be tried.

use std::time::SystemTime;

use url::form_urlencoded;

use domain::{BlobUri, Timestamp};

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
    use std::time::Duration;

    use super::*;

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
