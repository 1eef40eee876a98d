//! Choices of the dialog that are kept by name.

use super::{ask, choose, look_for_classes, refresh_classes};
use crate::presets::{ExportPreset, PresetCommand, kept_name};
use crate::update::save;
use crate::{Effect, State};

pub(super) fn update(state: &mut State, command: PresetCommand) -> Vec<Effect> {
    match command {
        PresetCommand::Save(typed) => {
            let Some(name) = kept_name(&typed) else { return Vec::new() };
            let preset = ExportPreset::of(&name, &state.export);
            state.settings.export_presets.keep(preset);
            state.export.preset = Some(name);
        }
        PresetCommand::Rename { from, to } => {
            let Some(name) = kept_name(&to) else { return Vec::new() };
            let Some(preset) = state.settings.export_presets.take(&from) else { return Vec::new() };
            if state.export.preset.as_ref() == Some(&from) {
                state.export.preset = Some(name.clone());
            }
            state.settings.export_presets.keep(ExportPreset { name, ..preset });
        }
        PresetCommand::Remove(name) => {
            if state.settings.export_presets.take(&name).is_none() {
                return Vec::new();
            }
        }
        PresetCommand::Use(name) => return choose_preset(state, &name),
    }
    vec![save(state)]
}

fn choose_preset(state: &mut State, name: &str) -> Vec<Effect> {
    let found = state.settings.export_presets.iter().find(|preset| preset.name == name);
    let Some(ExportPreset { formats, pixels, choices, .. }) = found.cloned() else { return Vec::new() };
    let form = &mut state.export;
    form.preset = Some(name.to_owned());
    (form.formats, form.pixels, form.are_formats_proposed, form.failure) = (formats, pixels, false, None);
    let earlier = choices.earlier_folder.clone();
    form.choices.take_lasting(choices);
    choose(state);
    if earlier.trim().is_empty() {
        refresh_classes(state);
        return ask(state);
    }
    look_for_classes(state, earlier)
}
