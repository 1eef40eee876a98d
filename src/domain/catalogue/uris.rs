//! The three addresses of every image, packed. The real service's differ only in the blob's name, which follows from
//! the image's id, and in the signature: the rest is shared. A signature is a digest in base64, percent-encoded: up to
//! 60 characters for 32 bytes. Only a text that comes back exactly is packed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::ids::ImageId;
use crate::image::{BlobKind, BlobUri, ImageUris};

/// The shared part of addresses, and how the rest is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Pattern {
    /// Up to and with the last slash before the name.
    pub(super) base: Box<str>,
    /// `i`, `t` or `o` where the name is `{letter}-{id}`; 0 where the name lies in the arena with the query.
    pub(super) letter: u8,
    /// What is between the name and the signature, and after it, where the own part is a packed signature.
    #[serde(skip)]
    pub(super) signed: Option<(Box<str>, Box<str>)>,
}

/// One address: where its own part lies in the arena.
#[derive(Clone, Copy)]
pub(super) struct Packed {
    /// 0: absent; otherwise the pattern's number plus 1.
    pub(super) pattern: u16,
    pub(super) length: u16,
    pub(super) start: u32,
}

const ABSENT: Packed = Packed { pattern: 0, length: 0, start: 0 };

/// The addresses of a segment's images, in its order. `Debug` prints none of them.
#[derive(Clone, Default)]
pub(super) struct UriColumn {
    pub(super) patterns: Vec<Pattern>,
    /// The pattern met last in each column: most often it is that of the next image too.
    recent: [u16; 3],
    /// Own parts: signatures, and texts that do not follow from the id.
    pub(super) arena: Vec<u8>,
    /// Addresses that do not pack (an arena of 4 GiB, a part over 64 KiB, too many patterns).
    loose: FxHashMap<(u32, u8), BlobUri>,
    /// Thumbnail, resized, original of each image.
    pub(super) packed: Vec<[Packed; 3]>,
}

/// More patterns than this are not searched through for each address.
const MOST_PATTERNS: usize = 1_024;

impl fmt::Debug for UriColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UriColumn({} images)", self.packed.len())
    }
}

/// An address cut into the parts that are shared and the one that is not.
struct Parts<'a> {
    base: &'a str,
    letter: u8,
    signed: Option<(&'a str, &'a str)>,
    own: &'a [u8],
}

impl Parts<'_> {
    fn has_pattern(&self, pattern: &Pattern) -> bool {
        let signed = pattern.signed.as_ref().map(|(before, after)| (&**before, &**after));
        self.letter == pattern.letter && self.signed == signed && *self.base == *pattern.base
    }
}

impl UriColumn {
    /// A column of parts that fit each other.
    pub(super) fn from_parts(patterns: Vec<Pattern>, arena: Vec<u8>, packed: Vec<[Packed; 3]>) -> Self {
        Self { patterns, arena, packed, ..Self::default() }
    }

    pub(super) fn push(&mut self, id: ImageId, uris: &ImageUris) {
        let at = self.packed.len();
        self.packed.push([ABSENT; 3]);
        self.replace(at, id, uris);
    }

    /// Fresh signatures take the place of the old ones: they are of one length.
    pub(super) fn replace(&mut self, at: usize, id: ImageId, uris: &ImageUris) {
        let [old_thumbnail, old_resized, old_original] = self.packed[at];
        let thumbnail = self.pack(at, 0, id, uris.thumbnail.as_ref(), old_thumbnail);
        let resized = self.pack(at, 1, id, uris.resized.as_ref(), old_resized);
        let original = if uris.original == uris.resized {
            resized
        } else {
            let is_shared = old_original.start == old_resized.start;
            self.pack(at, 2, id, uris.original.as_ref(), if is_shared { ABSENT } else { old_original })
        };
        self.packed[at] = [thumbnail, resized, original];
        if uris.original == uris.resized
            && let Some(loose) = self.loose.get(&(at as u32, 1)).cloned()
        {
            self.loose.insert((at as u32, 2), loose);
        }
    }

    fn pack(&mut self, at: usize, column: u8, id: ImageId, uri: Option<&BlobUri>, old: Packed) -> Packed {
        self.loose.remove(&(at as u32, column));
        let Some(uri) = uri else { return ABSENT };
        let text = uri.expose();
        let path_end = text.find(['?', '#']).unwrap_or(text.len());
        let name_start = text[..path_end].rfind('/').map_or(0, |slash| slash + 1);
        let letter = derived_letter(&text[name_start..path_end], id);
        let cut = if letter == 0 { None } else { split_signature(&text[path_end..]) };
        let parts = Parts {
            base: &text[..name_start],
            letter,
            signed: cut.as_ref().map(|(before, _, after)| (*before, *after)),
            own: match &cut {
                Some((_, bytes, _)) => bytes,
                None if letter == 0 => &text.as_bytes()[name_start..],
                None => &text.as_bytes()[path_end..],
            },
        };
        match (self.pattern_number(&parts, column), self.place(parts.own, old)) {
            (Some(pattern), Some((start, length))) => Packed { pattern, length, start },
            _ => {
                self.loose.insert((at as u32, column), uri.clone());
                ABSENT
            }
        }
    }

    /// Puts an own part into the arena: over the one it replaces, if it is no longer than that.
    fn place(&mut self, own: &[u8], old: Packed) -> Option<(u32, u16)> {
        let length = u16::try_from(own.len()).ok()?;
        if old.pattern != 0 && old.length >= length {
            let start = old.start as usize;
            self.arena[start..start + own.len()].copy_from_slice(own);
            return Some((old.start, length));
        }
        let start = u32::try_from(self.arena.len()).ok()?;
        self.arena.extend_from_slice(own);
        Some((start, length))
    }

    fn pattern_number(&mut self, parts: &Parts<'_>, column: u8) -> Option<u16> {
        let column = usize::from(column);
        let recent = usize::from(self.recent[column]);
        if self.patterns.get(recent).is_some_and(|pattern| parts.has_pattern(pattern)) {
            return Some(self.recent[column] + 1);
        }
        // The latest first: an old one is seldom met again.
        let place = match self.patterns.iter().rposition(|pattern| parts.has_pattern(pattern)) {
            Some(place) => place,
            None if self.patterns.len() >= MOST_PATTERNS => return None,
            None => {
                self.patterns.push(Pattern {
                    base: parts.base.into(),
                    letter: parts.letter,
                    signed: parts.signed.map(|(before, after)| (before.into(), after.into())),
                });
                self.patterns.len() - 1
            }
        };
        self.recent[column] = place as u16;
        Some(place as u16 + 1)
    }

    pub(super) fn get(&self, at: usize, id: ImageId, kind: BlobKind) -> Option<BlobUri> {
        let column = match kind {
            BlobKind::Thumbnail => 0,
            BlobKind::Resized => 1,
            BlobKind::Original => 2,
        };
        let packed = self.packed.get(at)?[usize::from(column)];
        if packed.pattern == 0 {
            return self.loose.get(&(at as u32, column)).cloned();
        }
        let pattern = &self.patterns[usize::from(packed.pattern) - 1];
        let start = packed.start as usize;
        let own = self.arena.get(start..start + usize::from(packed.length))?;
        let mut text = String::with_capacity(pattern.base.len() + 200);
        text.push_str(&pattern.base);
        if pattern.letter != 0 {
            text.push(char::from(pattern.letter));
            text.push('-');
            let mut buffer = [0; uuid::fmt::Simple::LENGTH];
            text.push_str(id.0.simple().encode_lower(&mut buffer));
        }
        match &pattern.signed {
            Some((before, after)) => {
                text.push_str(before);
                push_signature(own, &mut text);
                text.push_str(after);
            }
            None => text.push_str(std::str::from_utf8(own).ok()?),
        }
        Some(BlobUri::new(text))
    }

    pub(super) fn all(&self, at: usize, id: ImageId) -> ImageUris {
        ImageUris {
            resized: self.get(at, id, BlobKind::Resized),
            thumbnail: self.get(at, id, BlobKind::Thumbnail),
            original: self.get(at, id, BlobKind::Original),
        }
    }

    /// The same addresses without their signatures: what may be kept on a disk.
    pub(super) fn unsigned(&self, ids: &[ImageId]) -> Self {
        let mut column = Self::default();
        let bare = |uri: Option<BlobUri>| uri.map(|uri| BlobUri::new(uri.unsigned()));
        for (at, &id) in ids.iter().enumerate() {
            let ImageUris { resized, thumbnail, original } = self.all(at, id);
            let uris = ImageUris { resized: bare(resized), thumbnail: bare(thumbnail), original: bare(original) };
            column.push(id, &uris);
        }
        // What does not pack is requested again by the image's id, as everything in here will be.
        column.loose.clear();
        column
    }

    pub(super) fn is_original_resized(&self, at: usize) -> bool {
        self.packed.get(at).is_some_and(|[_, resized, original]| {
            resized.pattern != 0 && resized.pattern == original.pattern && resized.start == original.start
        })
    }

    pub(super) fn shrink(&mut self) {
        self.arena.shrink_to_fit();
        self.packed.shrink_to_fit();
    }

    pub(super) fn byte_count(&self) -> usize {
        let shared: usize = self.patterns.iter().map(|pattern| size_of::<Pattern>() + pattern.base.len()).sum();
        let loose: usize = self.loose.values().map(|uri| 64 + uri.expose().len()).sum();
        self.arena.capacity() + self.packed.capacity() * size_of::<[Packed; 3]>() + shared + loose
    }
}

/// The letter of a name `{letter}-{id without hyphens}`, else 0.
fn derived_letter(name: &str, id: ImageId) -> u8 {
    let mut buffer = [0; uuid::fmt::Simple::LENGTH];
    let simple: &str = id.0.simple().encode_lower(&mut buffer);
    match name.as_bytes() {
        [letter @ (b'i' | b't' | b'o'), b'-', rest @ ..] if rest == simple.as_bytes() => *letter,
        _ => 0,
    }
}

/// Bytes of a packed signature: HMAC-SHA256.
const SIGNATURE_BYTES: usize = 32;

/// The store's own way of writing: whatever is not a letter or a digit is escaped.
const ESCAPED: &AsciiSet = NON_ALPHANUMERIC;

/// The place of the signature's text in an address without its path, `?...&sig=HERE&...`.
fn signature_place(query: &str) -> Option<std::ops::Range<usize>> {
    let name = query.match_indices("sig=").find(|(at, _)| matches!(query[..*at].chars().last(), Some('?' | '&')))?.0;
    let start = name + "sig=".len();
    let end = query[start..].find(['&', '#']).map_or(query.len(), |length| start + length);
    Some(start..end)
}

/// Cuts a query into what is before the signature, its bytes, and what is after it.
fn split_signature(query: &str) -> Option<(&str, [u8; SIGNATURE_BYTES], &str)> {
    let place = signature_place(query)?;
    let text = &query[place.clone()];
    let plain: std::borrow::Cow<'_, [u8]> = percent_decode_str(text).into();
    // Base64 of 32 bytes; the decoder wants room for a whole last group.
    let mut room = [0; SIGNATURE_BYTES + 1];
    let length = STANDARD.decode_slice(&*plain, &mut room).ok()?;
    let bytes = <[u8; SIGNATURE_BYTES]>::try_from(&room[..length]).ok()?;
    let is_same = utf8_percent_encode(&STANDARD.encode(bytes), ESCAPED).collect::<String>() == text;
    is_same.then(|| (&query[..place.start], bytes, &query[place.end..]))
}

pub(super) fn push_signature(bytes: &[u8], out: &mut String) {
    out.extend(utf8_percent_encode(&STANDARD.encode(bytes), ESCAPED));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_comes_back_to_the_letter_or_is_left_alone() {
        let mut text = String::new();
        push_signature(&[0xfb; SIGNATURE_BYTES], &mut text);
        assert!(text.contains("%2B") && text.ends_with("%3D"), "{text}");
        let query = format!("?sv=2017-04-17&sr=b&sig={text}&se=2020&sp=r");
        assert_eq!(
            split_signature(&query),
            Some(("?sv=2017-04-17&sr=b&sig=", [0xfb; SIGNATURE_BYTES], "&se=2020&sp=r"))
        );
        for other in [query.replace("%2B", "%2b"), query.replace("%2B", "+"), query.replace("&sig=", "&msig=")] {
            assert_eq!(split_signature(&other), None, "{other}");
        }
        for short in ["", "?", "?sig=", "?sig=AAAA", "sig=é", "é?sig=%"] {
            assert_eq!(split_signature(short), None, "{short}");
        }
    }
}
