//! The export dialog: what, formats, pixels and the other choices at the left; what it would do and where to at the right.

mod choices;
mod summary;

use egui::{Align, Layout, Popup, ScrollArea, Ui, vec2};

use super::icons;
use super::theme::{self, tokens};
use super::widgets::choice::one_of;
use super::widgets::dialog::{buttons, close_button, dialog, has_just_opened, scroll};
use super::widgets::popover::popover;
use super::widgets::row::{divider, row};
use super::widgets::save::{name_id, name_ui, note_ui};
use super::widgets::{AtRight, Button, Segment, checkbox, message, segmented, text};
use app::export::PresetCommand;
use app::export::{ExportChoice, ExportForm, ExportWhat, ReviewChoice};
use app::presets::ExportPreset;
use app::state::Opened;
use app::{Command, ExportCommand, SourceSpec, State};
use formats::{Format, PixelChoice};

const WIDTH: f32 = 760.0;
/// Under this width the halves stand one below the other.
const NARROW: f32 = 620.0;

pub(super) fn export_ui(ui: &Ui, state: &State, view: &mut PresetsView, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    let is_archive = state.source.as_ref().is_some_and(SourceSpec::is_archive);
    dialog(ui, "Export", WIDTH, commands, |ui, commands| {
        // The buttons, and what is above them, stay in sight.
        let refusal = summary::refusal(&state.export);
        let above = match (&state.export.failure, &refusal) {
            (Some(_), _) => 100.0,
            (None, Some(_)) => 88.0,
            (None, None) => 60.0,
        };
        let height = ui.available_height() - above;
        let room = ui.available_width();
        let mut area = ScrollArea::vertical().max_height(height);
        if has_just_opened(ui) {
            area = area.vertical_scroll_offset(0.0);
        }
        scroll(ui, area, |ui| {
            if room < NARROW {
                left_ui(ui, opened, &state.export, commands);
                ui.add_space(tokens::GAP);
                summary::summary_ui(ui, opened, &state.export, is_archive, commands);
                return;
            }
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                let layout = Layout::top_down(Align::Min);
                ui.allocate_ui_with_layout(vec2(room * 0.49, 0.0), layout, |ui| {
                    ui.set_width(room * 0.49);
                    left_ui(ui, opened, &state.export, commands);
                });
                ui.add_space(room * 0.04);
                ui.allocate_ui_with_layout(vec2(room * 0.47, 0.0), layout, |ui| {
                    ui.set_width(room * 0.47);
                    summary::summary_ui(ui, opened, &state.export, is_archive, commands);
                });
            });
        });
        if let Some(failure) = &state.export.failure {
            ui.add_space(tokens::GAP);
            message::failure_line(ui, failure, commands);
        } else if let Some(reason) = &refusal {
            text::label(ui, reason, theme::font(12.0), theme::of(ui).warning);
        }
        buttons(ui, |ui| {
            button_ui(ui, state, view, commands);
            close_button(ui, "Cancel", commands);
            let can_go = refusal.is_none();
            let words = if state.export.place.is_resumed() { "Resume and verify" } else { "Export and verify" };
            if ui.add(Button::new(words).primary().enabled(can_go)).clicked() {
                commands.push(Command::Export(ExportCommand::Start));
            }
        });
    });
}

fn left_ui(ui: &mut Ui, opened: &Opened, form: &ExportForm, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing = vec2(tokens::GAP, tokens::GAP_SMALL);
    text::section(ui, "Images", None);
    let selected = opened.selection.len() as u64;
    let labels = [
        format!("{} selected", text::thousands(selected)),
        format!("{} shown", text::thousands(opened.visible.len() as u64)),
        format!("all {}", text::thousands(opened.catalogue.len() as u64)),
    ];
    let segments = [
        Segment { label: &labels[0], is_enabled: selected > 0 },
        Segment { label: &labels[1], is_enabled: !opened.visible.is_empty() },
        Segment { label: &labels[2], is_enabled: true },
    ];
    const WHAT: [ExportWhat; 3] = [ExportWhat::Selected, ExportWhat::Shown, ExportWhat::All];
    let chosen = WHAT.iter().position(|&what| what == form.what).unwrap_or_default();
    if let Some(at) = segmented(ui, "Images", &segments, chosen) {
        commands.push(Command::Export(ExportCommand::SetWhat(WHAT[at])));
    }
    review_ui(ui, opened, form, commands);
    ui.add_space(tokens::GAP);
    text::section(ui, "Formats", None);
    formats_ui(ui, form, commands);
    ui.add_space(tokens::GAP);
    text::section(ui, "Pictures", None);
    if let Some(pixels) = one_of(ui, "Pictures", &PixelChoice::ALL, form.pixels, PixelChoice::label) {
        commands.push(Command::Export(ExportCommand::SetPixels(pixels)));
    }
    let words = match form.pixels {
        PixelChoice::Original => "As uploaded, byte for byte.",
        PixelChoice::Resized => "The service's training pictures, at most 1600 × 900 px.",
        PixelChoice::None => "Labels only.",
    };
    ui.add_space(2.0);
    text::label(ui, words, theme::font(12.0), theme::of(ui).dim);
    ui.add_space(tokens::GAP);
    choices::reviews_ui(ui, opened, form, commands);
    choices::choices_ui(ui, opened, form, commands);
}

/// Which of them, by their review; the corresponding query is below.
fn review_ui(ui: &mut Ui, opened: &Opened, form: &ExportForm, commands: &mut Vec<Command>) {
    ui.add_space(tokens::GAP);
    text::section(ui, "Review", None);
    let has_any = !opened.review.reviews.is_empty();
    let segments = ReviewChoice::ALL
        .map(|choice| Segment { label: choice.label(), is_enabled: has_any || choice == ReviewChoice::All });
    let chosen = ReviewChoice::ALL.iter().position(|&choice| choice == form.choices.review).unwrap_or_default();
    if let Some(at) = segmented(ui, "Review", &segments, chosen) {
        commands.push(Command::Export(ExportCommand::Choose(ExportChoice::Review(ReviewChoice::ALL[at]))));
    }
    let words = match form.choices.review.query() {
        Some(query) => format!("Query: {query}"),
        None if has_any => "All images, whatever their review state.".to_owned(),
        None => "Nothing has been reviewed yet.".to_owned(),
    };
    ui.add_space(2.0);
    text::label(ui, &words, theme::font(12.0), theme::of(ui).dim);
}

/// Two columns, read downwards; the tooltip says what each one is.
fn formats_ui(ui: &mut Ui, form: &ExportForm, commands: &mut Vec<Command>) {
    let half = Format::ALL.len().div_ceil(2);
    let width = (ui.available_width() - tokens::GAP) / 2.0;
    for row in 0..half {
        ui.horizontal(|ui| {
            for format in Format::ALL.into_iter().skip(row).step_by(half) {
                ui.allocate_ui_with_layout(vec2(width, 24.0), Layout::left_to_right(Align::Center), |ui| {
                    ui.set_width(width);
                    let response = checkbox(ui, form.formats.contains(&format), format.label(), "");
                    if response.on_hover_text(format.remark()).clicked() {
                        commands.push(Command::Export(ExportCommand::ToggleFormat(format)));
                    }
                });
            }
        });
    }
}

const PRESETS_WIDTH: f32 = 300.0;
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
        ui.set_width(PRESETS_WIDTH);
        ui.spacing_mut().item_spacing.y = 0.0;
        let presets = &state.settings.export_presets;
        if presets.is_empty() {
            note_ui(ui, "No presets yet. Save the formats and options chosen here under a name.");
        }
        let height = (ui.ctx().content_rect().height() - 240.0).max(84.0);
        let area = ScrollArea::vertical().id_salt("presets").max_height(height).min_scrolled_height(height);
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
