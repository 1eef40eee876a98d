//! Settings and diagnostics: theme, caches, what is in memory.

use egui::Ui;

use super::textures::Textures;
use super::theme::tokens;
use super::widgets::dialog::{buttons, dialog, fact};
use super::widgets::{Button, Segment, segmented, text};
use crate::app::{Command, State, ThemeChoice};

/// Bounds of the textures that can be chosen, in MiB.
const TEXTURE_MIB: [usize; 4] = [128, 256, 512, 1024];

pub(super) fn settings_ui(ui: &Ui, state: &State, textures: &Textures, commands: &mut Vec<Command>) {
    dialog(ui, "Settings and diagnostics", 480.0, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        text::section(ui, "Theme", None);
        const THEMES: [(ThemeChoice, &str); 3] =
            [(ThemeChoice::System, "System"), (ThemeChoice::Light, "Light"), (ThemeChoice::Dark, "Dark")];
        let segments = THEMES.map(|(_, label)| Segment { label, is_enabled: true });
        let chosen = THEMES.iter().position(|(theme, _)| *theme == state.settings.theme).unwrap_or_default();
        if let Some(at) = segmented(ui, "Theme", &segments, chosen) {
            commands.push(Command::SetTheme(THEMES[at].0));
        }

        ui.add_space(tokens::GAP_LARGE);
        text::section(ui, "Pictures on disk", None);
        fact(ui, "in the cache", &text::bytes(state.cache_bytes), None);
        fact(ui, "at most", &text::bytes(state.settings.disk_cache_bytes), None);
        ui.horizontal(|ui| {
            if ui.add(Button::new("Empty the cache").enabled(state.cache_bytes > 0)).clicked() {
                commands.push(Command::ClearCache);
            }
            text::hint(ui, "Pictures are fetched again when needed.");
        });

        ui.add_space(tokens::GAP_LARGE);
        text::section(ui, "Textures", None);
        let labels = TEXTURE_MIB.map(|mib| format!("{mib} MiB"));
        let segments: Vec<_> = labels.iter().map(|label| Segment { label, is_enabled: true }).collect();
        let chosen = TEXTURE_MIB.iter().position(|mib| mib << 20 == state.settings.texture_bytes).unwrap_or(usize::MAX);
        if let Some(at) = segmented(ui, "Most memory for textures", &segments, chosen) {
            commands.push(Command::SetTextureBytes(TEXTURE_MIB[at] << 20));
        }
        ui.add_space(tokens::GAP_SMALL);
        fact(ui, "in use", &text::bytes(textures.byte_count() as u64), None);

        ui.add_space(tokens::GAP_LARGE);
        text::section(ui, "In memory", None);
        match &state.opened {
            Some(opened) => {
                let catalogue = &opened.catalogue;
                fact(ui, "images", &text::thousands(catalogue.len() as u64), None);
                fact(ui, "regions", &text::thousands(catalogue.region_count() as u64), None);
                fact(ui, "catalogue", &text::bytes(catalogue.byte_count() as u64), None);
            }
            None => {
                text::dim(ui, "No project is open.");
            }
        }
        ui.add_space(tokens::GAP_SMALL);
        let version =
            format!("Tagscope {}. It reads; it never changes a project on the service.", env!("CARGO_PKG_VERSION"));
        text::hint(ui, &version);
        buttons(ui, |ui| {
            if ui.add(Button::new("Close").key("Esc")).clicked() {
                commands.push(Command::ShowDialog(None));
            }
        });
    });
}
