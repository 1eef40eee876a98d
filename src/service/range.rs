//! What has come of a picture so far, and how to continue from there: a part is requested from a little before the end of
//! what is there, and taken only when everything proves that it is of the same file: where it begins, the whole length,
//! the mark of the version (`ETag`), and the bytes that both have. Two versions are never put together.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use md5::{Digest as _, Md5};
use reqwest::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_RANGE, RANGE,
};

use super::encoding::{Encoding, UnpackError};

/// The MD5 of the stored file: with the whole file, and of the blob store with a part as well.
const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");
const BLOB_CONTENT_MD5: HeaderName = HeaderName::from_static("x-ms-blob-content-md5");

/// So many bytes are requested once more, to be compared.
const OVERLAP: usize = 4 << 10;

/// A picture that may be whole, begun or not there yet. Kept across attempts, it lets a download continue where it was cut.
#[derive(Default)]
pub struct PartialBlob {
    bytes: BytesMut,
    /// The length of the whole, once known.
    total: Option<u64>,
    /// The version's mark, as it came.
    tag: Option<HeaderValue>,
    /// Where the next byte that comes belongs.
    cursor: usize,
    /// Where the part that is being read ends; `None`: with the answer.
    end: Option<u64>,
    /// The store's own checksum of the stored file, where it sends one.
    checksum: Option<[u8; 16]>,
    /// Whether what came is another file than the checksum belongs to.
    is_refuted: bool,
    /// How the bytes are compressed, although nobody asked for that.
    encoding: Option<Encoding>,
    /// Whether no cache in between may answer.
    is_fresh: bool,
}

/// A part that does not fit what is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit;

impl std::fmt::Debug for PartialBlob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PartialBlob({} of {:?} bytes)", self.bytes.len(), self.total)
    }
}

impl PartialBlob {
    /// Nothing yet, to be requested past every cache in between.
    pub fn past_caches() -> Self {
        Self { is_fresh: true, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn total(&self) -> Option<u64> {
        self.total
    }

    pub(super) fn clear(&mut self) {
        *self = Self { is_fresh: self.is_fresh, ..Self::default() };
    }

    pub(super) fn take(&mut self) -> Bytes {
        let whole = std::mem::take(self);
        self.is_refuted = whole.is_refuted;
        whole.bytes.freeze()
    }

    /// Whether the picture that came last contradicts the store's checksum; never without one.
    pub fn contradicts_checksum(&self) -> bool {
        self.is_refuted
    }

    /// Unpacks what has come to its end, at most `limit` bytes, and compares it with the checksum.
    pub(super) fn finish(&mut self, limit: usize) -> Result<(), UnpackError> {
        let agrees = |bytes: &[u8], sum: [u8; 16]| Md5::digest(bytes)[..] == sum;
        let mut is_refuted = self.checksum.is_some_and(|sum| !agrees(&self.bytes, sum));
        if let Some(encoding) = self.encoding.take() {
            self.bytes = BytesMut::from(&*encoding.unpack(&self.bytes, limit)?);
            // A gateway compresses what the store's checksum was made of.
            is_refuted &= self.checksum.is_some_and(|sum| !agrees(&self.bytes, sum));
        }
        self.is_refuted = is_refuted;
        Ok(())
    }

    /// The headers that ask for the rest; none, and so for all of it, when there is too little or nothing to know it again by.
    pub(super) fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let no_cache = self.is_fresh.then_some((CACHE_CONTROL, HeaderValue::from_static("no-cache")));
        let from = self.bytes.len().saturating_sub(OVERLAP);
        let strong = self.tag.as_ref().filter(|tag| is_strong(tag));
        // Parts of what is compressed on the way fit nothing.
        if from == 0 || self.encoding.is_some() || (strong.is_none() && self.total.is_none()) {
            return no_cache.into_iter().collect();
        }
        let range = HeaderValue::from_str(&format!("bytes={from}-")).map(|range| (RANGE, range));
        let if_range = strong.map(|tag| (IF_RANGE, tag.clone()));
        range.into_iter().chain(if_range).chain(no_cache).collect()
    }

    /// An answer begins. `is_part` is whether it says that it is one (206).
    pub(super) fn begin(&mut self, is_part: bool, headers: &HeaderMap) -> Result<(), Misfit> {
        let tag = headers.get(ETAG);
        let encoding = Encoding::from_headers(headers);
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let length: Option<u64> = text(CONTENT_LENGTH).and_then(|length| length.trim().parse().ok());
        if !is_part {
            self.clear();
            self.total = length;
            self.tag = tag.cloned();
            self.encoding = encoding;
            self.checksum = md5_of(headers, &CONTENT_MD5).or_else(|| md5_of(headers, &BLOB_CONTENT_MD5));
            return Ok(());
        }
        if encoding.is_some() {
            return Err(Misfit);
        }
        let (first, last, total) = text(CONTENT_RANGE).and_then(content_range).ok_or(Misfit)?;
        let from = self.bytes.len().saturating_sub(OVERLAP);
        let begins_right = from > 0 && first == from as u64;
        let is_same_length = self.total.is_none_or(|known| known == total);
        // A mark that comes must be the one we have; one that is missing must be made up for by the length.
        let is_same_version = match (&self.tag, tag) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (None, Some(_)) => false,
            (_, None) => self.total.is_some(),
        };
        let has_length = length.is_none_or(|length| length == last - first + 1);
        if !(begins_right && is_same_length && is_same_version && has_length) {
            return Err(Misfit);
        }
        self.checksum = self.checksum.or_else(|| md5_of(headers, &BLOB_CONTENT_MD5));
        self.total = Some(total);
        self.cursor = from;
        self.end = Some(last + 1);
        Ok(())
    }

    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), Misfit> {
        let known = &self.bytes[self.cursor..];
        let both = known.len().min(chunk.len());
        let after = self.cursor as u64 + chunk.len() as u64;
        if known[..both] != chunk[..both] || self.end.is_some_and(|end| after > end) {
            return Err(Misfit);
        }
        self.bytes.extend_from_slice(&chunk[both..]);
        self.cursor += chunk.len();
        Ok(())
    }

    /// Makes room for what was announced, as far as a foreign word is to be believed.
    pub(super) fn reserve(&mut self, most: usize) {
        let rest = self.total.map_or(0, |total| total.saturating_sub(self.bytes.len() as u64));
        self.bytes.reserve(usize::try_from(rest).unwrap_or(most).min(most));
    }

    /// Whether the answer, which has ended, brought all that was missing.
    pub(super) fn is_whole(&self) -> bool {
        self.total.is_none_or(|total| total == self.bytes.len() as u64)
    }
}

/// A checksum in a header, when it is one.
fn md5_of(headers: &HeaderMap, name: &HeaderName) -> Option<[u8; 16]> {
    let text = headers.get(name)?.to_str().ok()?;
    BASE64_STANDARD.decode(text.trim()).ok()?.try_into().ok()
}

/// A weak mark says that two versions mean the same, not that their bytes are the same.
fn is_strong(tag: &HeaderValue) -> bool {
    let tag = tag.as_bytes();
    tag.len() >= 2 && tag.starts_with(b"\"") && tag.ends_with(b"\"")
}

/// `bytes FIRST-LAST/TOTAL`. A total that is not reported is of no use.
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, total) = text.trim().strip_prefix("bytes")?.trim_start().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, total) = (first.trim().parse().ok()?, last.trim().parse().ok()?, total.trim().parse().ok()?);
    (first <= last && last < total).then_some((first, last, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: usize = 20_000;

    fn file() -> Vec<u8> {
        (0..WHOLE).map(|at| (at * 7 % 251) as u8).collect()
    }

    /// Headers from lines as they are on the wire.
    fn headers(lines: &[&str]) -> HeaderMap {
        let pair = |line: &&str| {
            let (name, value) = line.split_once(": ").expect("a header");
            (HeaderName::from_bytes(name.as_bytes()).expect("name"), HeaderValue::from_str(value).expect("value"))
        };
        lines.iter().map(pair).collect()
    }

    const LENGTH: &str = "content-length: 20000";
    const MARK: &str = "etag: \"a\"";
    const WEAK_MARK: &str = "etag: W/\"a\"";
    const REST: &str = "content-range: bytes 5904-19999/20000";

    /// The first `count` bytes of the file, of an answer with these headers.
    fn cut(count: usize, lines: &[&str]) -> PartialBlob {
        let mut partial = PartialBlob::default();
        assert!(partial.headers().is_empty());
        partial.begin(false, &headers(lines)).expect("whole");
        partial.push(&file()[..count]).expect("bytes");
        partial
    }

    #[test]
    fn what_is_asked_for_depends_on_what_is_known() {
        let asked = |count: usize, lines: &[&str]| {
            let text = |(name, value): (HeaderName, HeaderValue)| format!("{name}: {}", value.to_str().expect("text"));
            cut(count, lines).headers().into_iter().map(text).collect::<Vec<_>>()
        };
        assert_eq!(asked(10_000, &[MARK]), ["range: bytes=5904-", "if-range: \"a\""]);
        assert_eq!(asked(10_000, &[LENGTH]), ["range: bytes=5904-"]);
        assert_eq!(asked(10_000, &[LENGTH, WEAK_MARK]), ["range: bytes=5904-"]);
        assert!(asked(10_000, &[]).is_empty(), "nothing to know it again by");
        assert!(asked(10_000, &[WEAK_MARK]).is_empty());
        assert!(asked(4_000, &[MARK]).is_empty(), "too little");
    }

    #[test]
    fn only_a_part_of_the_same_file_is_taken() {
        // The headers that it began with, those of the part, and whether it is taken.
        let table: [(&[&str], &[&str], bool); 16] = [
            (&[LENGTH, MARK], &[REST, MARK], true),
            (&[LENGTH, MARK], &[REST], true),
            (&[LENGTH], &[REST], true),
            (&[MARK], &[REST, MARK], true),
            (&[MARK], &[REST], false),
            (&[LENGTH, MARK], &[REST, "etag: \"b\""], false),
            (&[LENGTH], &[REST, MARK], false),
            (&[LENGTH], &[], false),
            (&[LENGTH], &["content-range: bytes 5905-19999/20000"], false),
            (&[LENGTH], &["content-range: bytes 0-19999/20000"], false),
            (&[LENGTH], &["content-range: bytes 5904-20999/21000"], false),
            (&[LENGTH], &["content-range: bytes 5904-19999/*"], false),
            (&[LENGTH], &["content-range: bytes */20000"], false),
            (&[LENGTH], &["content-range: bytes 5904-20000/20000"], false),
            (&[LENGTH], &[REST, "content-length: 14095"], false),
            (&[LENGTH], &[REST, "content-length: 14096"], true),
        ];
        for (row, (begun, part, is_taken)) in table.into_iter().enumerate() {
            assert_eq!(cut(10_000, begun).begin(true, &headers(part)).is_ok(), is_taken, "row {row}");
        }
        let mut nothing = PartialBlob::default();
        assert_eq!(nothing.begin(true, &headers(&[REST])), Err(Misfit), "a part that nobody asked for");
    }

    #[test]
    fn the_bytes_that_both_have_must_agree() {
        let begun = || {
            let mut partial = cut(10_000, &[LENGTH]);
            partial.begin(true, &headers(&[REST])).expect("part");
            partial
        };
        let mut partial = begun();
        for chunk in file()[5_904..].chunks(1_001) {
            assert!(!partial.is_whole());
            partial.push(chunk).expect("same bytes");
        }
        assert!(partial.is_whole());
        assert_eq!(partial.push(b"x"), Err(Misfit), "more than was announced");
        assert_eq!(partial.take(), file());
        let mut other = file()[5_904..].to_vec();
        other[100] ^= 1;
        assert_eq!(begun().push(&other), Err(Misfit));
    }
}
