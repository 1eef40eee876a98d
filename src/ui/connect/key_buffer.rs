//! The buffer behind the key field. The text field is given only dots: what it copies, remembers for undo, or tells a
//! screen reader is never the key, and the key itself is zeroized when it goes.

use std::fmt;
use std::ops::Range;

use egui::TextBuffer;
use egui::text::CharIndex;
use secrecy::SecretString;
use zeroize::{Zeroize as _, Zeroizing};

/// Enough for any key, so that the buffer does not move and leave a copy behind.
const ROOM: usize = 512;

pub(super) struct KeyBuffer {
    secret: Zeroizing<String>,
    dots: String,
}

impl Default for KeyBuffer {
    fn default() -> Self {
        Self { secret: Zeroizing::new(String::with_capacity(ROOM)), dots: String::new() }
    }
}

/// The length only.
impl fmt::Debug for KeyBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyBuffer({} characters)", self.secret.chars().count())
    }
}

impl KeyBuffer {
    pub(super) fn is_empty(&self) -> bool {
        self.secret.trim().is_empty()
    }

    /// The key, for a command; `None` when nothing is typed.
    pub(super) fn secret(&self) -> Option<SecretString> {
        (!self.is_empty()).then(|| SecretString::from(self.secret.trim().to_owned()))
    }

    pub(super) fn wipe(&mut self) {
        self.secret.zeroize();
        self.secret.reserve(ROOM);
        self.dots.clear();
    }

    fn byte_at(&self, index: CharIndex) -> usize {
        self.secret.char_indices().nth(index.0).map_or(self.secret.len(), |(at, _)| at)
    }
}

impl TextBuffer for KeyBuffer {
    fn is_mutable(&self) -> bool {
        true
    }

    fn as_str(&self) -> &str {
        &self.dots
    }

    fn insert_text(&mut self, text: &str, char_index: CharIndex) -> usize {
        // A pasted key often brings a line end.
        let mut fresh = Zeroizing::new(String::with_capacity(text.len()));
        fresh.extend(text.chars().filter(|ch| !ch.is_control()));
        let count = fresh.chars().count();
        if self.secret.len() + fresh.len() > ROOM {
            return 0;
        }
        let at = self.byte_at(char_index);
        self.secret.insert_str(at, &fresh);
        self.dots = "\u{2022}".repeat(self.secret.chars().count());
        count
    }

    fn delete_char_range(&mut self, char_range: Range<CharIndex>) {
        let (from, to) = (self.byte_at(char_range.start), self.byte_at(char_range.end));
        if from < to {
            self.secret.replace_range(from..to, "");
        }
        self.dots = "\u{2022}".repeat(self.secret.chars().count());
    }

    /// Undo would put back dots: there is no undo here.
    fn replace_with(&mut self, _text: &str) {}

    fn type_id(&self) -> std::any::TypeId {
        std::any::TypeId::of::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn the_field_sees_dots_and_the_command_the_key() {
        let mut buffer = KeyBuffer::default();
        assert_eq!(buffer.insert_text("abé\n", CharIndex(0)), 3);
        buffer.insert_text("X", CharIndex(2));
        assert_eq!(buffer.as_str(), "\u{2022}\u{2022}\u{2022}\u{2022}");
        assert_eq!(buffer.secret().expect("key").expose_secret(), "abXé");
        buffer.delete_char_range(CharIndex(0)..CharIndex(2));
        assert_eq!(buffer.secret().expect("key").expose_secret(), "Xé");
        buffer.replace_with("dots from undo");
        assert_eq!(buffer.secret().expect("key").expose_secret(), "Xé");
        assert!(!format!("{buffer:?}").contains('X'));
        buffer.wipe();
        assert!(buffer.secret().is_none() && buffer.as_str().is_empty());
    }

    #[test]
    fn the_buffer_never_moves() {
        let mut buffer = KeyBuffer::default();
        let place = buffer.secret.as_ptr();
        for _ in 0..100 {
            buffer.insert_text("0123456789", CharIndex(0));
        }
        assert_eq!(buffer.secret.as_ptr(), place);
        assert!(buffer.secret.len() <= ROOM);
    }
}
