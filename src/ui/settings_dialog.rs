//! Settings: theme, size and look, and the bounds of what is held in memory and on disk.

use egui::Ui;

use super::appearance::{Part, choices_ui};
use super::theme::tokens;
use super::widgets::dialog::{buttons, dialog};
use super::widgets::{Button, Segment, segmented, text};
use app::scale::{SCALES, ScaleCommand};
use app::{Budget, Command, Dialog, ReduceMotion, SettingsCommand, State, ThemeChoice, WindowCommand};

pub(super) fn settings_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    dialog(ui, "Settings", 480.0, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        let height = (ui.max_rect().height() - 130.0).max(160.0);
        egui::ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            text::section(ui, "Theme", None);
            const THEMES: [(ThemeChoice, &str); 3] =
                [(ThemeChoice::System, "System"), (ThemeChoice::Light, "Light"), (ThemeChoice::Dark, "Dark")];
            let segments = THEMES.map(|(_, label)| Segment { label, is_enabled: true });
            let chosen = THEMES.iter().position(|(theme, _)| *theme == state.settings.theme).unwrap_or_default();
            if let Some(at) = segmented(ui, "Theme", &segments, chosen) {
                commands.push(Command::Settings(SettingsCommand::SetTheme(THEMES[at].0)));
            }
            ui.add_space(tokens::GAP_LARGE);
            scale_ui(ui, state, commands);
            ui.add_space(tokens::GAP_LARGE);
            choices_ui(ui, Part::All, state, commands);
            ui.add_space(tokens::GAP_LARGE);
            motion_ui(ui, state, commands);
            for budget in Budget::ALL {
                ui.add_space(tokens::GAP_LARGE);
                budget_ui(ui, state, budget, commands);
            }
            ui.add_space(tokens::GAP);
            ui.horizontal(|ui| {
                if ui.add(Button::new("Empty the cache").enabled(state.cache_bytes > 0)).clicked() {
                    commands.push(Command::Settings(SettingsCommand::ClearCache));
                }
                text::hint(ui, "Pictures and lists are downloaded again when needed.");
            });
        });
        ui.add_space(tokens::GAP_SMALL);
        let version = format!(
            "Tagscope {}. It only reads; it never changes a project on the service.",
            env!("CARGO_PKG_VERSION")
        );
        text::hint(ui, &version);
        buttons(ui, |ui| {
            if ui.add(Button::new("Diagnostics...")).clicked() {
                commands.push(Command::Window(WindowCommand::ShowDialog(Some(Dialog::Diagnostics))));
            }
            if ui.add(Button::new("Close").key("Esc")).clicked() {
                commands.push(Command::Window(WindowCommand::ShowDialog(None)));
            }
        });
    });
}

fn scale_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    text::section(ui, "Size of text and controls", None);
    let labels = SCALES.map(|percent| format!("{percent} %"));
    let segments: Vec<_> = labels.iter().map(|label| Segment { label, is_enabled: true }).collect();
    let chosen = SCALES.iter().position(|percent| *percent == state.settings.scale_percent).unwrap_or(usize::MAX);
    if let Some(at) = segmented(ui, "Size of text and controls", &segments, chosen) {
        commands.push(Command::Settings(SettingsCommand::Scale(ScaleCommand::To(SCALES[at]))));
    }
}

fn motion_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    const CHOICES: [(ReduceMotion, &str); 3] =
        [(ReduceMotion::System, "System"), (ReduceMotion::On, "On"), (ReduceMotion::Off, "Off")];
    text::section(ui, "Reduce motion", None);
    let segments = CHOICES.map(|(_, label)| Segment { label, is_enabled: true });
    let chosen = CHOICES.iter().position(|(choice, _)| *choice == state.settings.reduce_motion).unwrap_or_default();
    if let Some(at) = segmented(ui, "Reduce motion", &segments, chosen) {
        commands.push(Command::Settings(SettingsCommand::SetReduceMotion(CHOICES[at].0)));
    }
    let words = match state.system_reduces_motion {
        Some(true) => "The system asks for reduced motion.",
        Some(false) => "The system does not ask for reduced motion.",
        None => "The system has no motion preference; animations stay on.",
    };
    text::hint(ui, words);
}

fn budget_ui(ui: &mut Ui, state: &State, budget: Budget, commands: &mut Vec<Command>) {
    let (title, name) = match budget {
        Budget::Textures => ("Textures in memory", "Memory limit for textures"),
        Budget::Originals => ("Decoded originals in memory", "Memory limit for decoded originals"),
        Budget::Inbox => ("Decode buffer in memory (after a restart)", "Memory limit for the decode buffer"),
        Budget::DiskCache => ("Pictures on disk", "Disk limit for pictures"),
        Budget::Lists => ("Project lists on disk", "Disk limit for project lists"),
    };
    text::section(ui, title, None);
    let choices = budget.choices_mib();
    let labels = choices.map(|mib| if mib < 1_024 { format!("{mib} MiB") } else { format!("{} GiB", mib >> 10) });
    let segments: Vec<_> = labels.iter().map(|label| Segment { label, is_enabled: true }).collect();
    let set = budget.bytes(&state.settings);
    let chosen = choices.iter().position(|mib| mib << 20 == set).unwrap_or(usize::MAX);
    if let Some(at) = segmented(ui, name, &segments, chosen) {
        commands.push(Command::Settings(SettingsCommand::SetBudget { budget, bytes: choices[at] << 20 }));
    }
}
