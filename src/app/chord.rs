//! Keys with their modifiers: how they are written in the settings, shown on a key cap, and distinguished.

use std::collections::BTreeMap;
use std::fmt;

/// The user's own keys as the settings keep them: names of actions, and chords as [`Chord::stored`] writes them.
/// An action without chords has no key.
pub type StoredKeys = BTreeMap<String, Vec<String>>;

/// A key with its modifiers; `key` is one of [`KEY_NAMES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    /// Ctrl, or Command on a Mac.
    pub ctrl: bool,
    pub shift: bool,
    pub alt: bool,
    pub key: &'static str,
}

pub(super) const fn key(key: &'static str) -> Chord {
    Chord { ctrl: false, shift: false, alt: false, key }
}

pub(super) const fn ctrl(key: &'static str) -> Chord {
    Chord { ctrl: true, shift: false, alt: false, key }
}

pub(super) const fn alt(key: &'static str) -> Chord {
    Chord { ctrl: false, shift: false, alt: true, key }
}

pub(super) const fn shift(key: &'static str) -> Chord {
    Chord { ctrl: false, shift: true, alt: false, key }
}

pub(super) const fn ctrl_shift(key: &'static str) -> Chord {
    Chord { ctrl: true, shift: true, alt: false, key }
}

/// All keys that can be used, by egui's names.
#[rustfmt::skip]
pub const KEY_NAMES: &[&str] = &[
    "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M",
    "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z",
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9",
    "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12",
    "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown",
    "Escape", "Tab", "Backspace", "Enter", "Space", "Insert", "Delete", "Home", "End", "PageUp", "PageDown", "Menu",
    "Comma", "Period", "Colon", "Semicolon", "Quote", "Backtick", "Slash", "Backslash", "Pipe",
    "Questionmark", "Exclamationmark", "Minus", "Plus", "Equals",
    "OpenBracket", "CloseBracket", "OpenCurlyBracket", "CloseCurlyBracket",
];

impl Chord {
    /// Reads what [`Chord::stored`] writes: `Ctrl+Shift+PageUp`. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts: Vec<&str> = text.split('+').collect();
        let name = parts.pop()?;
        let key = KEY_NAMES.iter().find(|known| known.eq_ignore_ascii_case(name))?;
        let mut chord = self::key(key);
        for part in parts {
            let modifier = match part.to_ascii_lowercase().as_str() {
                "ctrl" => &mut chord.ctrl,
                "shift" => &mut chord.shift,
                "alt" => &mut chord.alt,
                _ => return None,
            };
            if std::mem::replace(modifier, true) {
                return None;
            }
        }
        Some(chord)
    }

    /// How it is kept in the settings.
    pub fn stored(self) -> String {
        format!("{}{}", self.modifiers(), self.key)
    }

    /// Whether both are the same press on some keyboard: Shift is part of how some signs are typed.
    pub(super) fn is_same_press(self, other: Self) -> bool {
        let is_same_key = (self.ctrl, self.alt, self.key) == (other.ctrl, other.alt, other.key);
        is_same_key && (self.shift == other.shift || self.ignores_shift())
    }

    /// Whether Shift may be needed to type the key, which depends on the keyboard.
    pub fn ignores_shift(self) -> bool {
        const SIGNS: [&str; 13] = [
            "Questionmark",
            "Exclamationmark",
            "Plus",
            "Slash",
            "Equals",
            "Minus",
            "Colon",
            "Pipe",
            "Quote",
            "OpenBracket",
            "CloseBracket",
            "OpenCurlyBracket",
            "CloseCurlyBracket",
        ];
        SIGNS.contains(&self.key)
    }

    fn modifiers(self) -> String {
        let word = |is_on: bool, word: &'static str| if is_on { word } else { "" };
        [word(self.ctrl, "Ctrl+"), word(self.alt, "Alt+"), word(self.shift, "Shift+")].concat()
    }
}

/// As a key cap shows it: `Ctrl+Left`, `?`.
impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.modifiers())?;
        f.write_str(match self.key {
            "ArrowLeft" => "Left",
            "ArrowRight" => "Right",
            "ArrowUp" => "Up",
            "ArrowDown" => "Down",
            "Escape" => "Esc",
            "Plus" => "+",
            "Minus" => "-",
            "Equals" => "=",
            "Questionmark" => "?",
            "Exclamationmark" => "!",
            "Comma" => ",",
            "Period" => ".",
            "Colon" => ":",
            "Semicolon" => ";",
            "Quote" => "'",
            "Backtick" => "`",
            "Slash" => "/",
            "Backslash" => "\\",
            "Pipe" => "|",
            "OpenBracket" => "[",
            "CloseBracket" => "]",
            "OpenCurlyBracket" => "{",
            "CloseCurlyBracket" => "}",
            other => other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_back() {
        for &name in KEY_NAMES {
            for chord in [key(name), ctrl(name), shift(name), ctrl_shift(name), Chord { alt: true, ..key(name) }] {
                assert_eq!(Chord::parse(&chord.stored()), Some(chord));
            }
        }
        for bad in ["", "+", "Ctrl+", "Ctrl", "Ctrl+Ctrl+A", "Hyper+A", "A+Ctrl", "NoSuchKey", "ß"] {
            assert_eq!(Chord::parse(bad), None, "{bad}");
        }
        assert_eq!(Chord::parse("shift+ctrl+pageup"), Some(ctrl_shift("PageUp")));
    }

    #[test]
    fn shift_tells_letters_apart_but_not_signs() {
        assert!(!key("A").is_same_press(shift("A")));
        assert!(key("Plus").is_same_press(shift("Plus")));
        assert!(!key("Plus").is_same_press(ctrl("Plus")));
        assert_eq!(ctrl_shift("OpenBracket").to_string(), "Ctrl+Shift+[");
    }
}
