//! Settings: theme, size and look, and the bounds of what is held in memory and on disk. The choices of how thumbnails
//! and boxes look are also in the popover of **View** above the grid and on the canvas.

use egui::{Popup, PopupCloseBehavior, ScrollArea, Ui};

use super::theme::tokens;
use super::widgets::choice::{one_of, one_of_named};
use super::widgets::dialog::{buttons, close_button, dialog, scroll};
use super::widgets::popover::popover;
use super::widgets::{Button, checkbox, text};
use app::appearance::{Appearance, Caption, Fill, LabelSize, LineWidth};
use app::appearance::{SCALES, ScaleCommand};
use app::{Budget, Command, Dialog, ReduceMotion, SettingsCommand, State, ThemeChoice, WindowCommand};

pub(super) fn settings_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    dialog(ui, "Settings", 560.0, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        let height = (ui.max_rect().height() - 130.0).max(160.0);
        scroll(ui, ScrollArea::vertical().max_height(height), |ui| {
            text::section(ui, "Theme", None);
            const THEMES: [(ThemeChoice, &str); 3] =
                [(ThemeChoice::System, "System"), (ThemeChoice::Light, "Light"), (ThemeChoice::Dark, "Dark")];
            if let Some(theme) = one_of_named(ui, "Theme", &THEMES, state.settings.theme) {
                commands.push(Command::Settings(SettingsCommand::SetTheme(theme)));
            }
            ui.add_space(tokens::GAP_LARGE);
            scale_ui(ui, state, commands);
            ui.add_space(tokens::GAP_LARGE);
            choices_ui(ui, LookScope::All, state, commands);
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
            close_button(ui, "Close", commands);
        });
    });
}

fn scale_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    text::section(ui, "Size of text and controls", None);
    let label = |percent| format!("{percent} %");
    let chosen = one_of(ui, "Size of text and controls", &SCALES, state.settings.scale_percent, label);
    commands.extend(chosen.map(|percent| Command::Settings(SettingsCommand::Scale(ScaleCommand::To(percent)))));
}

fn motion_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    const CHOICES: [(ReduceMotion, &str); 3] =
        [(ReduceMotion::System, "System"), (ReduceMotion::On, "On"), (ReduceMotion::Off, "Off")];
    text::section(ui, "Reduce motion", None);
    if let Some(choice) = one_of_named(ui, "Reduce motion", &CHOICES, state.settings.reduce_motion) {
        commands.push(Command::Settings(SettingsCommand::SetReduceMotion(choice)));
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
    let choices = budget.choices_mib().map(|mib| mib << 20);
    let label = |bytes| if bytes < 1 << 30 { format!("{} MiB", bytes >> 20) } else { format!("{} GiB", bytes >> 30) };
    if let Some(bytes) = one_of(ui, name, &choices, budget.bytes(&state.settings), label) {
        commands.push(Command::Settings(SettingsCommand::SetBudget { budget, bytes }));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LookScope {
    /// Thumbnails and boxes.
    All,
    /// Boxes alone: no thumbnail is in sight.
    Boxes,
}

/// The button and, once it is pressed, its popover.
pub(super) fn view_ui(ui: &mut Ui, button: Button<'_>, scope: LookScope, state: &State, commands: &mut Vec<Command>) {
    let response = ui.add(button);
    let room = ui.ctx().content_rect().height() - 100.0;
    let width = (ui.ctx().content_rect().width() - 40.0).min(400.0);
    let popup = Popup::from_toggle_button_response(&response).gap(4.0);
    popover(&response, popup.close_behavior(PopupCloseBehavior::CloseOnClickOutside), |ui| {
        ui.set_width(width);
        let scroll = ScrollArea::vertical().max_height(room).min_scrolled_height(room);
        scroll.show(ui, |ui| choices_ui(ui, scope, state, commands));
    });
}

pub(super) fn choices_ui(ui: &mut Ui, scope: LookScope, state: &State, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
    let before = state.settings.appearance;
    let mut now = before;
    if scope == LookScope::All {
        const FITS: [(bool, &str); 2] = [(false, "Fitted"), (true, "Filled")];
        let words = |(_, label): (bool, &'static str)| label;
        if let Some((fills, _)) = choice_ui(ui, "Thumbnails", FITS, FITS[usize::from(before.fills_cells)], words) {
            now.fills_cells = fills;
        }
        let caption = choice_ui(ui, "Caption", Caption::ALL, before.caption, Caption::label);
        now.caption = caption.unwrap_or(now.caption);
    }
    let line = choice_ui(ui, "Lines of boxes", LineWidth::ALL, before.line, LineWidth::label);
    now.line = line.unwrap_or(now.line);
    let fill = choice_ui(ui, "Fill of boxes", Fill::ALL, before.fill, Fill::label);
    now.fill = fill.unwrap_or(now.fill);
    let labels = choice_ui(ui, "Tag names", LabelSize::ALL, before.labels, LabelSize::label);
    now.labels = labels.unwrap_or(now.labels);
    if checkbox(ui, before.dims_others, "Dim the other boxes", "while a region is selected").clicked() {
        now.dims_others = !before.dims_others;
    }
    text::hint(ui, "Display only. Exports are not affected.");
    if before != Appearance::default() && ui.add(Button::new("Reset").height(24.0)).clicked() {
        now = Appearance::default();
    }
    if now != before {
        commands.push(Command::Settings(SettingsCommand::SetAppearance(now)));
    }
}

/// One of a few under its title; the one that was clicked.
fn choice_ui<T: Copy + PartialEq, const N: usize>(
    ui: &mut Ui,
    title: &str,
    all: [T; N],
    chosen: T,
    label: impl Fn(T) -> &'static str,
) -> Option<T> {
    text::section(ui, title, None);
    let clicked = one_of(ui, title, &all, chosen, label);
    ui.add_space(tokens::GAP_SMALL);
    clicked
}
