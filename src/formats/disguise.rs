//! Files that are called like text and are something else: what was saved in place of it, by the first bytes.

/// What a file is that should be text, and what to do; `None` where it may be text.
pub fn disguise_of(head: &[u8]) -> Option<&'static str> {
    let start = head.trim_ascii_start();
    let is_page = |word: &[u8]| start.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word));
    match head {
        // UTF-16 has a zero byte next to each letter, but never two at its beginning.
        [0, 0, ..] | [0] => Some(ZEROS),
        [0x1f, 0x8b, ..] => Some("it is compressed (gzip): unpack it"),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Some("it is a ZIP archive: unpack it"),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some("it is compressed (bzip2): unpack it"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some("it is compressed (xz): unpack it"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("it is compressed (zstd): unpack it"),
        [0xff, 0xd8, 0xff, ..] => Some("it is a JPEG picture, not text"),
        [0x89, b'P', b'N', b'G', ..] => Some("it is a PNG picture, not text"),
        [b'%', b'P', b'D', b'F', ..] => Some("it is a PDF, not text"),
        _ if start.starts_with(b"version https://git-lfs.github.com/") => {
            Some("it is only the pointer of a file that Git LFS keeps: run git lfs pull to get the file itself")
        }
        _ if is_page(b"<!doctype html") || is_page(b"<html") => Some(
            "it is a web page (HTML): probably a sign-in or error page was saved in place of the file; download it again",
        ),
        _ => None,
    }
}

/// The message about a file that begins with zero bytes.
const ZEROS: &str =
    "it begins with zero bytes, so it is not text: probably a download or a copy that was interrupted; get it again";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_in_place_of_text_is_named() {
        for (head, words) in [
            (&b"\0\0\0\0"[..], "zero bytes"),
            (b"\0", "zero bytes"),
            (b"\x1f\x8b\x08", "gzip"),
            (b"PK\x03\x04\x14", "ZIP"),
            (b"PK\x05\x06", "ZIP"),
            (b"BZh91AY", "bzip2"),
            (b"\xfd7zXZ\0", "xz"),
            (b"\x28\xb5\x2f\xfd\0", "zstd"),
            (b"\xff\xd8\xff\xe0", "JPEG"),
            (b"\x89PNG\r\n", "PNG"),
            (b"%PDF-1.4", "PDF"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
            (b"\r\n<!DOCTYPE html><html>", "web page"),
            (b"<HTML lang='en'>", "web page"),
        ] {
            assert!(disguise_of(head).is_some_and(|found| found.contains(words)), "{words}");
        }
        for text in [
            &b""[..],
            b"{",
            b"<?xml",
            b"0 0.5",
            b"\0{",
            b"{\0",
            b"\xff\xfe{\0",
            b"\xef\xbb\xbf[",
            b"version: 2",
            b"PK",
            b"BZ",
        ] {
            assert_eq!(disguise_of(text), None, "{text:?}");
        }
    }
}
