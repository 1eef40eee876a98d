//! Which keys do what now: the keys of the action table, and the user's own in their place. Everything that shows or
//! tests a key asks here, so that table, tooltips, menus, help and keyboard never disagree.

use rustc_hash::FxHashMap;

use super::action::Action;
use super::chord::{Chord, StoredKeys};
use super::notice::{Notice, Severity};

/// Refused keys that a notice names.
const MOST_SHOWN: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysCommand {
    /// These keys for an action, or none; refused with a notice when another one has them.
    Set { action: Action, chords: Vec<Chord> },
    /// This key for an action; the action that has it gets the first key of this one for it, where that is free.
    Swap { action: Action, chord: Chord },
    /// The key of the table again.
    Reset(Action),
    /// All keys of the table again.
    ResetAll,
}

/// The keys in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyMap {
    own: FxHashMap<Action, Vec<Chord>>,
}

/// Own keys that were given up, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusedKeys {
    /// The settings have words for this action that are no keys.
    Unreadable(Action),
    /// This action's key is also the other's.
    Clash(Action, Action),
}

impl KeyMap {
    /// The keys of the table with the stored ones in their place. Names of unknown actions (of another version) are passed
    /// over; what cannot be read or clashes falls back to the table, and is reported.
    pub fn new(stored: &StoredKeys) -> (Self, Vec<RefusedKeys>) {
        let mut map = Self::default();
        let mut refusals = Vec::new();
        for &action in Action::ALL {
            let Some(texts) = stored.get(&action.name()).filter(|_| !action.is_fixed()) else { continue };
            // More than a handful is a broken file.
            let chords: Option<Vec<_>> = texts.iter().take(8).map(|text| Chord::parse(text)).collect();
            match chords {
                Some(chords) => map.set(action, chords),
                None => refusals.push(RefusedKeys::Unreadable(action)),
            }
        }
        refusals.extend(map.drop_clashes());
        (map, refusals)
    }

    pub fn stored(&self) -> StoredKeys {
        let entry = |(action, chords): (&Action, &Vec<Chord>)| {
            (action.name(), chords.iter().map(|chord| chord.stored()).collect())
        };
        self.own.iter().map(entry).collect()
    }

    /// The keys of an action; the first is shown.
    pub fn of(&self, action: Action) -> &[Chord] {
        self.own.get(&action).map_or(action.text().keys, Vec::as_slice)
    }

    /// What a key cap shows for an action; `None`: it has no key.
    pub fn cap(&self, action: Action) -> Option<String> {
        self.of(action).first().map(ToString::to_string)
    }

    /// An action with its key, for a tooltip: `Fit (0)`.
    pub fn words(&self, action: Action) -> String {
        let label = action.text().label;
        self.cap(action).map_or_else(|| label.to_owned(), |key| format!("{label} ({key})"))
    }

    pub fn is_own(&self, action: Action) -> bool {
        self.own.contains_key(&action)
    }

    pub fn is_changed(&self) -> bool {
        !self.own.is_empty()
    }

    /// Another action that has this key on a screen where `action` can be used.
    pub fn clash(&self, action: Action, chord: Chord) -> Option<Action> {
        let place = action.text().place;
        Action::ALL.iter().copied().find(|&other| {
            other != action
                && other.text().place.meets(place)
                && self.of(other).iter().any(|taken| taken.is_same_press(chord))
        })
    }

    /// Gives an action its keys, whether or not others have them.
    pub fn set(&mut self, action: Action, mut chords: Vec<Chord>) {
        if action.extends() {
            // With Shift it selects on the way.
            let with_shift = chords.iter().map(|&chord| Chord { shift: true, ..chord });
            let free: Vec<_> = with_shift.filter(|&chord| self.clash(action, chord).is_none()).collect();
            chords.extend(free);
        }
        let mut unique: Vec<Chord> = Vec::with_capacity(chords.len());
        for chord in chords {
            if !unique.iter().any(|known| known.is_same_press(chord)) {
                unique.push(chord);
            }
        }
        if unique == action.text().keys {
            self.own.remove(&action);
        } else {
            self.own.insert(action, unique);
        }
    }

    /// Gives an action a key that another one has, and that one this one's first key where it is free.
    pub fn swap(&mut self, action: Action, chord: Chord) {
        if self.clash(action, chord).is_some_and(Action::is_fixed) {
            return;
        }
        let before = self.of(action).first().copied();
        // Several may have it, each on a screen of its own.
        let mut others = Vec::new();
        while let Some(other) = self.clash(action, chord) {
            let left = self.of(other).iter().copied().filter(|taken| !taken.is_same_press(chord)).collect();
            self.own.insert(other, left);
            others.push(other);
        }
        self.set(action, vec![chord]);
        for other in others {
            let free = before.filter(|&before| self.clash(other, before).is_none());
            let mut chords: Vec<_> = free.into_iter().collect();
            chords.extend_from_slice(self.of(other));
            self.set(other, chords);
        }
    }

    /// The table's keys for an action again. Own keys of others that are in the way go too, and are reported.
    pub(super) fn reset(&mut self, action: Action) -> Vec<RefusedKeys> {
        self.own.remove(&action);
        self.drop_clashes()
    }

    pub(super) fn reset_all(&mut self) {
        self.own.clear();
    }

    /// Gives up own keys until no two actions share one: the table alone is free of clashes.
    fn drop_clashes(&mut self) -> Vec<RefusedKeys> {
        let mut refusals = Vec::new();
        let clash = |map: &Self| {
            let own = Action::ALL.iter().copied().filter(|action| map.own.contains_key(action));
            own.rev().find_map(|action| {
                let chords = map.of(action).iter();
                chords.filter_map(|&chord| map.clash(action, chord)).next().map(|other| (action, other))
            })
        };
        while let Some((action, other)) = clash(self) {
            self.own.remove(&action);
            refusals.push(RefusedKeys::Clash(action, other));
        }
        refusals
    }
}

impl Action {
    /// Its name in the settings, which stays when the action is renamed: else the user's own keys for it would be lost.
    pub fn name(self) -> String {
        match self {
            Self::RefreshList => "AskAgain".to_owned(),
            other => format!("{other:?}"),
        }
    }

    /// Whether its key cannot be changed: Esc always leads out, of a bad choice of keys too.
    pub fn is_fixed(self) -> bool {
        self == Self::Back
    }
}

impl RefusedKeys {
    /// The notice about own keys that were given up; `None`: none were.
    pub(super) fn notice(refusals: &[Self]) -> Option<Notice> {
        if refusals.is_empty() {
            return None;
        }
        let words: Vec<_> = refusals.iter().take(MOST_SHOWN).map(Self::words).collect();
        let more = refusals.len().saturating_sub(words.len());
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let body = format!("The default keys are used instead: {}{more}.", words.join("; "));
        Some(Notice::new(Severity::Warning, "Some custom shortcuts cannot be used", body))
    }

    pub fn words(&self) -> String {
        match self {
            Self::Unreadable(action) => {
                format!("the saved keys for \u{201c}{}\u{201d} cannot be read", action.text().label)
            }
            Self::Clash(action, other) => {
                format!(
                    "the saved key for \u{201c}{}\u{201d} is also used by \u{201c}{}\u{201d}",
                    action.text().label,
                    other.text().label
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chord::{ctrl, key, shift};
    use super::*;
    use proptest::prelude::*;

    fn clashes(map: &KeyMap) -> Vec<(Action, Chord, Action)> {
        let all = Action::ALL.iter().flat_map(|&action| map.of(action).iter().map(move |&chord| (action, chord)));
        all.filter_map(|(action, chord)| map.clash(action, chord).map(|other| (action, chord, other))).collect()
    }

    #[test]
    fn no_two_actions_of_the_table_share_a_key() {
        assert_eq!(clashes(&KeyMap::default()), []);
    }

    #[test]
    fn own_keys_take_the_place_of_the_tables() {
        let (mut map, refusals) = KeyMap::new(&StoredKeys::new());
        assert!(refusals.is_empty() && map.of(Action::Fit) == [key("0")]);
        map.set(Action::Fit, vec![ctrl("9")]);
        assert_eq!(
            (map.cap(Action::Fit).as_deref(), map.words(Action::Fit)),
            (Some("Ctrl+9"), "Fit (Ctrl+9)".to_owned())
        );
        let (again, refusals) = KeyMap::new(&map.stored());
        assert_eq!((again, refusals), (map.clone(), Vec::new()));
        map.set(Action::Fit, Vec::new());
        assert_eq!((map.cap(Action::Fit), map.words(Action::Fit)), (None, "Fit".to_owned()));
        map.set(Action::Fit, vec![key("0")]);
        assert!(!map.is_changed(), "the table's key is not a person's own");
    }

    #[test]
    fn a_key_of_another_screen_is_free() {
        let map = KeyMap::default();
        assert_eq!(map.clash(Action::Fit, key("Space")), None, "the grid's");
        assert_eq!(map.clash(Action::OpenImage, key("Z")), None, "the canvas's");
        assert_eq!(map.clash(Action::Fit, key("Z")), Some(Action::ZoomRegion));
        assert_eq!(map.clash(Action::Fit, ctrl("K")), Some(Action::Palette));
    }

    #[test]
    fn keys_can_be_swapped() {
        let mut map = KeyMap::default();
        map.swap(Action::Fit, key("Z"));
        assert_eq!((map.of(Action::Fit), map.of(Action::ZoomRegion)), (&[key("Z")][..], &[key("0")][..]));
        assert_eq!(clashes(&map), []);
        map.swap(Action::ZoomRegion, key("Z"));
        assert!(!map.is_changed());
        map.swap(Action::Fit, key("Escape"));
        assert_eq!(map.of(Action::Back), [key("Escape")], "nothing takes Esc away");
    }

    #[test]
    fn moving_the_cursor_selects_with_shift_on_other_keys_too() {
        let mut map = KeyMap::default();
        map.set(Action::CursorLeft, vec![ctrl("J")]);
        assert_eq!(map.of(Action::CursorLeft).len(), 2);
        map.set(Action::CursorLeft, vec![key("ArrowLeft")]);
        assert_eq!(map.of(Action::CursorLeft), [key("ArrowLeft"), shift("ArrowLeft")]);
        assert!(!map.is_changed());
    }

    #[test]
    fn a_broken_file_falls_back_to_the_table() {
        let stored: StoredKeys = [
            ("NoSuchAction", vec!["A"]),
            ("Fit", vec!["Hyper+9"]),
            ("OneToOne", vec!["Ctrl+K"]),
            ("Back", vec!["F12"]),
            ("ZoomIn", vec!["F11"]),
        ]
        .into_iter()
        .map(|(name, keys)| (name.to_owned(), keys.into_iter().map(str::to_owned).collect()))
        .collect();
        let (map, refusals) = KeyMap::new(&stored);
        assert_eq!(
            refusals,
            [RefusedKeys::Unreadable(Action::Fit), RefusedKeys::Clash(Action::OneToOne, Action::Palette)]
        );
        assert_eq!((map.of(Action::Back), map.of(Action::OneToOne)), (&[key("Escape")][..], &[key("1")][..]));
        assert_eq!((map.of(Action::ZoomIn), clashes(&map)), (&[key("F11")][..], Vec::new()));
    }

    proptest! {
        #[test]
        fn whatever_is_stored_no_two_actions_share_a_key(
            own in prop::collection::vec((0..Action::ALL.len(), 0..super::super::chord::KEY_NAMES.len(), any::<[bool; 2]>()), 0..40),
        ) {
            let mut map = KeyMap::default();
            for (action, name, [ctrl, shift]) in own {
                let chord = Chord { ctrl, shift, alt: false, key: super::super::chord::KEY_NAMES[name] };
                if !Action::ALL[action].is_fixed() {
                    map.set(Action::ALL[action], vec![chord]);
                }
            }
            let (map, _) = KeyMap::new(&map.stored());
            prop_assert_eq!(clashes(&map), []);
        }

        #[test]
        fn swapping_and_resetting_never_leave_a_clash(
            steps in prop::collection::vec((0..Action::ALL.len(), 0..26_usize, any::<bool>()), 0..12),
        ) {
            let mut map = KeyMap::default();
            for (action, name, is_reset) in steps {
                let action = Action::ALL[action];
                if action.is_fixed() {
                    continue;
                }
                if is_reset {
                    map.reset(action);
                } else {
                    map.swap(action, key(super::super::chord::KEY_NAMES[name]));
                }
                prop_assert_eq!(clashes(&map), []);
            }
        }
    }
}
