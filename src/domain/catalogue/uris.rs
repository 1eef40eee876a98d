//! The three addresses of every image, packed. The real service's differ only in the blob's name, which follows from
//! the image's id, and in the signature: the rest is shared.

use std::fmt;

use rustc_hash::FxHashMap;

use crate::domain::ids::ImageId;
use crate::domain::image::{BlobKind, BlobUri, ImageUris};

/// The shared part of addresses: everything before the blob's name, and how the name is made.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Pattern {
    /// Up to and with the last slash before the name.
    base: Box<str>,
    /// `i`, `t` or `o` where the name is `{letter}-{id}`; 0 where the name lies in the arena with the query.
    letter: u8,
}

/// One address: where its own part lies in the arena.
#[derive(Clone, Copy)]
struct Packed {
    /// 0: absent; otherwise the pattern's number plus 1.
    pattern: u16,
    length: u16,
    start: u32,
}

const ABSENT: Packed = Packed { pattern: 0, length: 0, start: 0 };

/// The addresses of all images, in the catalogue's order. `Debug` prints none of them.
#[derive(Clone, Default)]
pub(super) struct UriColumn {
    patterns: Vec<Pattern>,
    pattern_numbers: FxHashMap<Pattern, u16>,
    /// Own parts: names that do not follow from the id, and queries.
    arena: Vec<u8>,
    /// Addresses that do not pack (an arena of 4 GiB, a part over 64 KiB).
    loose: FxHashMap<(u32, u8), BlobUri>,
    /// Thumbnail, resized, original of each image.
    packed: Vec<[Packed; 3]>,
}

impl fmt::Debug for UriColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UriColumn({} images)", self.packed.len())
    }
}

impl UriColumn {
    pub(super) fn push(&mut self, id: ImageId, uris: &ImageUris) {
        let at = self.packed.len();
        self.packed.push([ABSENT; 3]);
        self.replace(at, id, uris);
    }

    /// The old parts stay in the arena until the catalogue goes: a refetch after 24 hours adds one more set at most.
    pub(super) fn replace(&mut self, at: usize, id: ImageId, uris: &ImageUris) {
        let thumbnail = self.pack(at, 0, id, uris.thumbnail.as_ref());
        let resized = self.pack(at, 1, id, uris.resized.as_ref());
        let original =
            if uris.original == uris.resized { resized } else { self.pack(at, 2, id, uris.original.as_ref()) };
        self.packed[at] = [thumbnail, resized, original];
        if uris.original == uris.resized
            && let Some(loose) = self.loose.get(&(at as u32, 1)).cloned()
        {
            self.loose.insert((at as u32, 2), loose);
        }
    }

    fn pack(&mut self, at: usize, column: u8, id: ImageId, uri: Option<&BlobUri>) -> Packed {
        self.loose.remove(&(at as u32, column));
        let Some(uri) = uri else { return ABSENT };
        let text = uri.expose();
        let path_end = text.find(['?', '#']).unwrap_or(text.len());
        let name_start = text[..path_end].rfind('/').map_or(0, |slash| slash + 1);
        let name = &text[name_start..path_end];
        let letter = derived_letter(name, id);
        let own = if letter == 0 { &text[name_start..] } else { &text[path_end..] };
        let pattern = Pattern { base: text[..name_start].into(), letter };
        let number = self.pattern_number(pattern);
        let start = u32::try_from(self.arena.len());
        match (number, start, u16::try_from(own.len())) {
            (Some(pattern), Ok(start), Ok(length)) => {
                self.arena.extend_from_slice(own.as_bytes());
                Packed { pattern, length, start }
            }
            _ => {
                self.loose.insert((at as u32, column), uri.clone());
                ABSENT
            }
        }
    }

    fn pattern_number(&mut self, pattern: Pattern) -> Option<u16> {
        if let Some(&number) = self.pattern_numbers.get(&pattern) {
            return Some(number);
        }
        let number = u16::try_from(self.patterns.len() + 1).ok()?;
        self.patterns.push(pattern.clone());
        self.pattern_numbers.insert(pattern, number);
        Some(number)
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
        let own = std::str::from_utf8(&self.arena[start..start + usize::from(packed.length)]).ok()?;
        let mut text = String::with_capacity(pattern.base.len() + 34 + own.len());
        text.push_str(&pattern.base);
        if pattern.letter != 0 {
            text.push(char::from(pattern.letter));
            text.push('-');
            let mut buffer = [0; uuid::fmt::Simple::LENGTH];
            text.push_str(id.0.simple().encode_lower(&mut buffer));
        }
        text.push_str(own);
        Some(BlobUri::new(text))
    }

    pub(super) fn all(&self, at: usize, id: ImageId) -> ImageUris {
        ImageUris {
            resized: self.get(at, id, BlobKind::Resized),
            thumbnail: self.get(at, id, BlobKind::Thumbnail),
            original: self.get(at, id, BlobKind::Original),
        }
    }

    pub(super) fn is_original_resized(&self, at: usize) -> bool {
        self.packed.get(at).is_some_and(|[_, resized, original]| {
            resized.pattern != 0 && resized.pattern == original.pattern && resized.start == original.start
        })
    }

    pub(super) fn byte_count(&self) -> usize {
        self.arena.capacity() + self.packed.capacity() * size_of::<[Packed; 3]>()
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
