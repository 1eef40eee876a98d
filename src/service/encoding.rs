//! Answers that come compressed. Every request asks for the plain bytes (`Accept-Encoding: identity`), but a gateway may
//! compress all the same. What is simple to unpack is unpacked; anything else is refused by its name.

use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

/// Letters of a foreign name that are kept.
const NAME_LIMIT: usize = 24;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Gzip,
    /// `deflate`, which means the zlib format (RFC 9110).
    Zlib,
    /// What is not unpacked here, by its name.
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum UnpackError {
    Unknown(String),
    Broken,
    TooLarge,
}

impl Encoding {
    /// What the headers say; `None` for plain bytes.
    pub(super) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let names: Vec<String> = headers
            .get_all(CONTENT_ENCODING)
            .iter()
            .flat_map(|value| {
                String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase().split(',').map(named).collect::<Vec<_>>()
            })
            .filter(|name| !name.is_empty() && name != "identity")
            .collect();
        match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => None,
            ["gzip" | "x-gzip"] => Some(Self::Gzip),
            ["deflate"] => Some(Self::Zlib),
            _ => Some(Self::Other(names.join(", ").chars().take(NAME_LIMIT).collect())),
        }
    }

    /// The plain bytes, at most `limit` of them.
    pub(super) fn unpack(&self, packed: &[u8], limit: usize) -> Result<Vec<u8>, UnpackError> {
        let mut plain = Vec::new();
        let most = limit as u64 + 1;
        let read = match self {
            Self::Gzip => MultiGzDecoder::new(packed).take(most).read_to_end(&mut plain),
            Self::Zlib => ZlibDecoder::new(packed).take(most).read_to_end(&mut plain),
            Self::Other(name) => return Err(UnpackError::Unknown(name.clone())),
        };
        match read {
            Ok(_) if plain.len() > limit => Err(UnpackError::TooLarge),
            Ok(_) => Ok(plain),
            Err(_) => Err(UnpackError::Broken),
        }
    }
}

fn named(text: &str) -> String {
    text.trim().chars().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use reqwest::header::HeaderValue;

    use super::*;

    fn of(values: &[&str]) -> Option<Encoding> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_ENCODING, HeaderValue::from_str(value).expect("value"));
        }
        Encoding::from_headers(&headers)
    }

    #[test]
    fn names_are_read_as_they_come() {
        assert_eq!([of(&[]), of(&["identity"]), of(&[""])], [None, None, None]);
        assert_eq!([of(&["gzip"]), of(&["X-GZIP"]), of(&["identity, gzip"])], [const { Some(Encoding::Gzip) }; 3]);
        assert_eq!(of(&["deflate"]), Some(Encoding::Zlib));
        assert_eq!(of(&["br"]), Some(Encoding::Other("br".to_owned())));
        assert_eq!(of(&["gzip", "zstd"]), Some(Encoding::Other("gzip, zstd".to_owned())));
        let Some(Encoding::Other(name)) = of(&["\x1b[31m<script>".trim_start_matches('\x1b'), &"x".repeat(900)]) else {
            panic!("a name")
        };
        assert!(name.len() <= NAME_LIMIT && !name.contains('<'), "{name}");
    }

    #[test]
    fn what_is_simple_is_unpacked_within_the_limit() {
        let text = b"[{\"id\":1}]".repeat(100);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&text).expect("write");
        let gzip = gzip.finish().expect("gzip");
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text).expect("write");
        let zlib = zlib.finish().expect("zlib");
        assert_eq!(Encoding::Gzip.unpack(&gzip, 1_000), Ok(text.clone()));
        assert_eq!(Encoding::Zlib.unpack(&zlib, 1_000), Ok(text));
        assert_eq!(Encoding::Gzip.unpack(&gzip, 999), Err(UnpackError::TooLarge));
        assert_eq!(Encoding::Gzip.unpack(&gzip[..gzip.len() / 2], 1_000), Err(UnpackError::Broken));
        assert_eq!(Encoding::Zlib.unpack(b"plain", 1_000), Err(UnpackError::Broken));
        assert_eq!(Encoding::Other("br".to_owned()).unpack(b"", 9), Err(UnpackError::Unknown("br".to_owned())));
    }
}
