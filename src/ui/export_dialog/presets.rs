//! The menu of choices that are kept by name: choose one, rename or delete one, save the current ones.

use egui::{Popup, Ui, vec2};

use crate::icons;
use crate::theme::{self, tokens};
use crate::widgets::kept::{name_id, name_ui, note_ui};
use crate::widgets::popover::popover;
use crate::widgets::row::{divider, row};
use crate::widgets::{AtRight, Button, text};
use app::presets::{ExportPreset, PresetCommand};
use app::{Command, ExportCommand, State};

const WIDTH: f32 = 300.0;
const ROW: f32 = 28.0;
const FIELD: &str = "Preset name";

#[derive(Debug, Default)]
pub(crate) struct PresetsView {
    name: String,
    /// The preset that gets the name; `None`: the current choices do.
    renamed: Option<String>,
    /// The field is to get the keyboard, once it has noticed the click elsewhere.
    wants_keyboard: bool,
}

fn push(commands: &mut Vec<Command>, command: PresetCommand) {
    commands.push(Command::Export(ExportCommand::Preset(command)));
}

pub(super) fn button_ui(ui: &mut Ui, state: &State, view: &mut PresetsView, commands: &mut Vec<Command>) {
    let response = ui.add(Button::new("Presets").menu());
    let popup = Popup::menu(&response).gap(6.0).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    let shown = popover(&response, popup, |ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing.y = 0.0;
        let presets = &state.settings.export_presets;
        if presets.is_empty() {
            note_ui(ui, "No presets yet. Save the formats and options chosen here under a name.");
        }
        let height = (ui.ctx().content_rect().height() - 240.0).max(84.0);
        let area = egui::ScrollArea::vertical().id_salt("presets").max_height(height).min_scrolled_height(height);
        let chosen = state.settings.export_presets.chosen(&state.export).map(|preset| preset.name.as_str());
        area.show(ui, |ui| {
            for preset in presets.iter() {
                preset_ui(ui, preset, chosen == Some(&preset.name), view, commands);
            }
        });
        divider(ui);
        save_ui(ui, state, view, commands);
    });
    if shown.is_none() {
        *view = PresetsView::default();
    }
}

fn preset_ui(ui: &mut Ui, preset: &ExportPreset, is_chosen: bool, view: &mut PresetsView, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let (rect, response) = row(ui, &preset.name, ROW, is_chosen);
    let ends = AtRight::new(ui, &preset.name, rect.shrink2(vec2(4.0, 0.0)));
    let left = egui::pos2(rect.left() + 10.0, rect.center().y);
    let room = ends.left() - left.x - 8.0;
    text::paint_elided(ui.painter(), left, &preset.name, theme::font(tokens::BODY), tokens.text, room);
    let is_button = ends.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let rename = format!("Rename {}", preset.name);
        let is_renamed = ui.add(Button::icon_only(icons::EDIT, &rename).height(22.0)).clicked();
        if is_renamed {
            let renamed = Some(preset.name.clone());
            *view = PresetsView { name: preset.name.clone(), renamed, wants_keyboard: true };
        }
        let delete = format!("Delete {}", preset.name);
        let is_deleted = ui.add(Button::icon_only(icons::CLOSE, &delete).height(22.0)).clicked();
        if is_deleted {
            push(commands, PresetCommand::Remove(preset.name.clone()));
        }
        is_renamed || is_deleted
    });
    let formats: Vec<_> = preset.formats.iter().map(|format| format.label()).collect();
    if response.on_hover_text(formats.join(", ")).clicked() && !is_button {
        push(commands, PresetCommand::Use(preset.name.clone()));
        ui.close();
    }
}

fn save_ui(ui: &mut Ui, state: &State, view: &mut PresetsView, commands: &mut Vec<Command>) {
    let label = if view.renamed.is_some() { "Rename" } else { "Save" };
    let is_its_own = view.renamed.as_deref() == Some(view.name.trim());
    let is_taken = !is_its_own && state.settings.export_presets.has(&view.name);
    let is_entered = name_ui(ui, FIELD, label, is_taken, &mut view.name);
    if std::mem::take(&mut view.wants_keyboard) {
        ui.memory_mut(|memory| memory.request_focus(name_id(FIELD)));
    }
    if !is_entered {
        return;
    }
    let PresetsView { name, renamed, .. } = std::mem::take(view);
    let command = match renamed {
        Some(from) => PresetCommand::Rename { from, to: name },
        None => PresetCommand::Save(name),
    };
    push(commands, command);
}
