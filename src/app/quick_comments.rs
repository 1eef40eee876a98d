//! Quick comments: remarks that people make again and again, each on a key of its own.

use super::action::Action;
use super::settings::Settings;
use super::state::State;
use formats::reviews::MOST_COMMENT;

/// Places for them: the digits 1 to 9.
pub const PLACES: usize = 9;

/// The action of each place.
pub const ACTIONS: [Action; PLACES] = [
    Action::QuickComment1,
    Action::QuickComment2,
    Action::QuickComment3,
    Action::QuickComment4,
    Action::QuickComment5,
    Action::QuickComment6,
    Action::QuickComment7,
    Action::QuickComment8,
    Action::QuickComment9,
];

/// What people ask for.
#[derive(Clone, Debug)]
pub enum QuickCommand {
    /// The comment of a place, from 0, on what is chosen; where it was made already nothing changes.
    Make(usize),
    /// Other words for a place; none: its key does nothing.
    Set {
        /// The place, from 0.
        place: usize,
        /// The words.
        text: String,
    },
    /// Those that were there from the start.
    Reset,
}

/// Those that are there from the start.
pub fn usual() -> Vec<String> {
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
    texts.map(str::to_owned).to_vec()
}

impl Settings {
    /// The comment of a place, from 0; `None`: there is none.
    pub fn quick_comment(&self, place: usize) -> Option<&str> {
        let text = self.quick_comments.get(place).filter(|_| place < PLACES)?.trim();
        (!text.is_empty() && text.len() <= MOST_COMMENT).then_some(text)
    }

    /// Puts a comment in a place, from 0; an empty one leaves it free.
    pub(super) fn set_quick_comment(&mut self, place: usize, text: &str) {
        if place < PLACES && text.len() <= MOST_COMMENT {
            self.quick_comments.resize(PLACES, String::new());
            text.trim().clone_into(&mut self.quick_comments[place]);
        }
    }
}

impl Action {
    /// Which quick comment it makes, from 0.
    pub fn quick_comment(self) -> Option<usize> {
        ACTIONS.iter().position(|action| *action == self)
    }

    /// Its name with what it stands for now: `Comment: loose box`.
    pub fn name_now(self, state: &State) -> String {
        match self.quick_comment().and_then(|place| state.settings.quick_comment(place)) {
            Some(text) => format!("Comment: {text}"),
            None => self.text().label.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chord::alt;

    #[test]
    fn each_place_has_its_digit_and_its_words() {
        let mut settings = Settings::default();
        for (place, action) in ACTIONS.into_iter().enumerate() {
            let digit = ["1", "2", "3", "4", "5", "6", "7", "8", "9"][place];
            assert_eq!(action.text().keys, [alt(digit)]);
            assert_eq!((action.quick_comment(), settings.quick_comment(place).is_some()), (Some(place), true));
        }
        settings.set_quick_comment(1, "  too wide ");
        settings.set_quick_comment(2, " ");
        settings.set_quick_comment(PLACES, "nowhere");
        assert_eq!(
            [0, 1, 2, PLACES].map(|place| settings.quick_comment(place)),
            [Some("wrong tag"), Some("too wide"), None, None]
        );
        let state = State { settings, ..State::default() };
        assert_eq!(Action::QuickComment2.name_now(&state), "Comment: too wide");
        assert_eq!(Action::QuickComment3.name_now(&state), "Quick comment 3");
        // Settings of another version, or written by hand.
        let few: Settings = serde_json::from_str(r#"{"quickComments":["a"]}"#).expect("settings");
        assert_eq!([0, 1].map(|place| few.quick_comment(place)), [Some("a"), None]);
    }
}
