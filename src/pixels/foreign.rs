//! What a file is that should be a picture and is none. Only what is plain to see from its first bytes: the words are for
//! people who wonder why their picture did not come.

/// Bytes that [`foreign`] looks at.
pub const FOREIGN_START: u64 = START as u64;
const START: usize = 512;

/// What the bytes are instead of a picture, in words; `None` when they may be a kind of picture that is not known here.
pub fn foreign(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [] => Some("the file is empty"),
        [0x1f, 0x8b, ..] => Some("it is compressed data (gzip), not a picture"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("it is compressed data (zstd), not a picture"),
        _ if is_text(&bytes[..bytes.len().min(START)]) => Some("it is text or a web page, not a picture"),
        _ => None,
    }
}

/// Whether the bytes are UTF-8 without control characters other than white space. The last character may be cut.
fn is_text(start: &[u8]) -> bool {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && text.chars().all(|letter| !letter.is_control() || letter.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_texts_and_compressed_answers_are_told_apart_from_unknown_pictures() {
        let said = |bytes: &[u8]| foreign(bytes).unwrap_or_default();
        assert!(said(b"").contains("empty"));
        assert!(said(b"\x1f\x8b\x08\0\0").contains("gzip") && said(b"\x28\xb5\x2f\xfd\0").contains("zstd"));
        for text in ["<!-- sign in -->\r\n<html>", "This is not a picture.\n", "{\"error\":1}", "\u{feff}<?xml?>", "é"]
        {
            assert!(said(text.as_bytes()).contains("text"), "{text}");
        }
        let long = "ä".repeat(START);
        assert!(said(&long.as_bytes()[1..]).is_empty() && said(&long.as_bytes()[..START + 1]).contains("text"));
        for other in [&b"8BPS\0\x01\0\0"[..], b"\0\0\x01\0\x01\0", b"\xff\xd8\xff\xe0\0\x10JFIF"] {
            assert_eq!(foreign(other), None, "{other:?}");
        }
    }
}
