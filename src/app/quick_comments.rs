//! Quick comments: remarks that people make again and again, each on a key of its own.

use serde::{Deserialize, Serialize};

use formats::reviews::MOST_COMMENT;

/// Places for them: the digits 1 to 9.
pub const PLACES: usize = 9;

#[derive(Clone, Debug)]
pub enum QuickCommand {
    /// The comment of a place, from 0, on what is chosen; where it was made already nothing changes.
    Make(usize),
    /// Other words for a place, from 0; none: its key does nothing.
    Set { place: usize, text: String },
    /// Those that were there from the start.
    Reset,
}

/// The comments in the order of their places; an empty one leaves its key free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuickComments(Vec<String>);

impl Default for QuickComments {
    fn default() -> Self {
        let texts = [
            "wrong tag",
            "loose box",
            "box cuts the object",
            "missing object",
            "nothing here",
            "duplicate box",
            "two objects in one box",
            "blurred or too dark",
            "unclear: ask",
        ];
        Self(texts.map(str::to_owned).to_vec())
    }
}

impl QuickComments {
    /// The comment of a place, from 0; `None`: there is none.
    pub fn get(&self, place: usize) -> Option<&str> {
        let text = self.0.get(place).filter(|_| place < PLACES)?.trim();
        (!text.is_empty() && text.len() <= MOST_COMMENT).then_some(text)
    }

    /// Puts a comment in a place, from 0; an empty one leaves it free.
    pub(super) fn set(&mut self, place: usize, text: &str) {
        if place < PLACES && text.len() <= MOST_COMMENT {
            self.0.resize(PLACES, String::new());
            text.trim().clone_into(&mut self.0[place]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    #[test]
    fn each_place_has_its_words() {
        let mut comments = QuickComments::default();
        assert!((0..PLACES).all(|place| comments.get(place).is_some()));
        comments.set(1, "  too wide ");
        comments.set(2, " ");
        comments.set(PLACES, "nowhere");
        assert_eq!(
            [0, 1, 2, PLACES].map(|place| comments.get(place)),
            [Some("wrong tag"), Some("too wide"), None, None]
        );
        // Settings of another version, or written by hand.
        let few: Settings = serde_json::from_str(r#"{"quickComments":["a"]}"#).expect("settings");
        assert_eq!([0, 1].map(|place| few.quick_comments.get(place)), [Some("a"), None]);
    }
}
