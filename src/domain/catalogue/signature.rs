//! The signature in a URL as the 32 bytes it encodes: a digest in base64, percent-encoded, is up to 60
//! characters, and there are two or three of them an image. Only a text that comes back exactly is packed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Bytes of a packed signature: HMAC-SHA256.
pub(super) const SIGNATURE_BYTES: usize = 32;

/// The store's own way of writing: whatever is not a letter or a digit is escaped.
const ESCAPED: &AsciiSet = NON_ALPHANUMERIC;

/// The place of the signature's text in an address without its path, `?...&sig=HERE&...`.
fn place(query: &str) -> Option<std::ops::Range<usize>> {
    let name = query.match_indices("sig=").find(|(at, _)| matches!(query[..*at].chars().last(), Some('?' | '&')))?.0;
    let start = name + "sig=".len();
    let end = query[start..].find(['&', '#']).map_or(query.len(), |length| start + length);
    Some(start..end)
}

/// Cuts a query into what is before the signature, its bytes, and what is after it.
pub(super) fn split(query: &str) -> Option<(&str, [u8; SIGNATURE_BYTES], &str)> {
    let place = place(query)?;
    let text = &query[place.clone()];
    let plain: std::borrow::Cow<'_, [u8]> = percent_decode_str(text).into();
    // Base64 of 32 bytes; the decoder wants room for a whole last group.
    let mut room = [0; SIGNATURE_BYTES + 1];
    let length = STANDARD.decode_slice(&*plain, &mut room).ok()?;
    let bytes = <[u8; SIGNATURE_BYTES]>::try_from(&room[..length]).ok()?;
    let is_same = utf8_percent_encode(&STANDARD.encode(bytes), ESCAPED).collect::<String>() == text;
    is_same.then(|| (&query[..place.start], bytes, &query[place.end..]))
}

/// Appends the text of a packed signature.
pub(super) fn push(bytes: &[u8], out: &mut String) {
    out.extend(utf8_percent_encode(&STANDARD.encode(bytes), ESCAPED));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_comes_back_to_the_letter_or_is_left_alone() {
        let mut text = String::new();
        push(&[0xfb; SIGNATURE_BYTES], &mut text);
        assert!(text.contains("%2B") && text.ends_with("%3D"), "{text}");
        let query = format!("?sv=2017-04-17&sr=b&sig={text}&se=2020&sp=r");
        assert_eq!(split(&query), Some(("?sv=2017-04-17&sr=b&sig=", [0xfb; SIGNATURE_BYTES], "&se=2020&sp=r")));
        for other in [query.replace("%2B", "%2b"), query.replace("%2B", "+"), query.replace("&sig=", "&msig=")] {
            assert_eq!(split(&other), None, "{other}");
        }
        for short in ["", "?", "?sig=", "?sig=AAAA", "sig=é", "é?sig=%"] {
            assert_eq!(split(short), None, "{short}");
        }
    }
}
