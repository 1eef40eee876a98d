//! What is chosen in the settings, and the size of text.

use super::save;
use crate::scale::scaled;
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
