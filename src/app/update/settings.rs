//! What is chosen in the settings, the size of text, and keys of the user's own.

use super::save;
use crate::appearance::scaled;
use crate::keys::{KeysCommand, RefusedKeys};
use crate::{Effect, SettingsCommand, State};

pub(super) fn update(state: &mut State, command: SettingsCommand) -> Vec<Effect> {
    match command {
        SettingsCommand::SetTheme(theme) => state.settings.theme = theme,
        SettingsCommand::Scale(command) => state.settings.scale_percent = scaled(state.settings.scale_percent, command),
        SettingsCommand::SetBudget { budget, bytes } => budget.set(&mut state.settings, bytes),
        SettingsCommand::SetAppearance(appearance) => state.settings.appearance = appearance,
        SettingsCommand::SetReduceMotion(choice) => state.settings.reduce_motion = choice,
        SettingsCommand::ClearCache => return vec![Effect::ClearCache],
    }
    vec![save(state)]
}

pub(super) fn update_keys(state: &mut State, command: KeysCommand) -> Vec<Effect> {
    let keys = &mut state.keys;
    let mut refusals = Vec::new();
    match command {
        KeysCommand::Set { action, .. } | KeysCommand::Swap { action, .. } if action.is_fixed() => return Vec::new(),
        KeysCommand::Set { action, chords } => {
            let clash = chords.iter().find_map(|&chord| keys.clash(action, chord));
            match clash {
                Some(other) => refusals.push(RefusedKeys::Clash(action, other)),
                None => keys.set(action, chords),
            }
        }
        KeysCommand::Swap { action, chord } => keys.swap(action, chord),
        KeysCommand::Reset(action) => refusals = keys.reset(action),
        KeysCommand::ResetAll => keys.reset_all(),
    }
    state.settings.keys = state.keys.stored();
    if let Some(notice) = RefusedKeys::notice(&refusals) {
        state.push_notice(notice);
    }
    vec![save(state)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Chord, Command, Settings, update};

    fn change(state: &mut State, command: KeysCommand) -> Vec<Effect> {
        update(state, Command::Keys(command))
    }

    #[test]
    fn a_key_is_set_kept_and_reset() {
        let mut state = State::default();
        let chords = vec![Chord::parse("Ctrl+9").expect("chord")];
        let effects = change(&mut state, KeysCommand::Set { action: Action::Fit, chords });
        assert!(matches!(&effects[..], [Effect::SaveSettings(settings)] if settings.keys["Fit"] == ["Ctrl+9"]));
        assert_eq!(State::new(state.settings.clone()).keys, state.keys);
        change(&mut state, KeysCommand::Reset(Action::Fit));
        assert!(state.settings.keys.is_empty() && !state.keys.is_changed());
    }

    #[test]
    fn a_taken_key_is_refused_by_name() {
        let mut state = State::default();
        let chords = vec![Chord::parse("Ctrl+K").expect("chord")];
        change(&mut state, KeysCommand::Set { action: Action::Fit, chords });
        assert!(!state.keys.is_changed());
        assert!(state.notices.iter().any(|notice| notice.body.contains("Command palette")), "{:?}", state.notices);
    }

    #[test]
    fn stored_keys_that_clash_are_told_at_the_start() {
        let mut settings = Settings::default();
        settings.keys.insert("Fit".to_owned(), vec!["Ctrl+K".to_owned()]);
        let state = State::new(settings);
        assert!(!state.keys.is_changed() && state.notices.len() == 1);
    }
}
