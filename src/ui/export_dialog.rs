//! The export dialog: what, formats, pixels; what it would do; where to.

use egui::{Align, Id, Layout, ScrollArea, Ui, vec2};

use super::theme::{self, tokens};
use super::widgets::button::link_sized;
use super::widgets::dialog::{buttons, dialog, fact};
use super::widgets::{Button, Field, Segment, checkbox, message, segmented, text};
use crate::app::effect::FolderPurpose;
use crate::app::state::{ExportForm, ExportWhat, Opened};
use crate::app::{Action, Command, Dialog, Severity, State};
use crate::formats::{Format, PixelChoice};

const WIDTH: f32 = 760.0;
/// Under this width the halves stand one below the other.
const NARROW: f32 = 620.0;
/// Under this height the content does not fit.
const LOW: f32 = 520.0;
/// Room for the scroll bar.
const SCROLL_BAR: f32 = 16.0;

pub(super) fn export_ui(ui: &Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(opened) = &state.opened else { return };
    let can_leave = Action::Leave.is_enabled(state);
    dialog(ui, "Export", WIDTH, commands, |ui, commands| {
        // The buttons, and the failure above them, stay in sight.
        let height = ui.available_height() - if state.export.failure.is_some() { 100.0 } else { 60.0 };
        // In a low window the content scrolls: the bar gets a place of its own.
        let room = ui.available_width() - if height < LOW { SCROLL_BAR } else { 0.0 };
        ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            if room < NARROW {
                left_ui(ui, opened, &state.export, commands);
                ui.add_space(tokens::GAP);
                right_ui(ui, &state.export, can_leave, commands);
                return;
            }
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                let layout = Layout::top_down(Align::Min);
                ui.allocate_ui_with_layout(vec2(room * 0.48, 0.0), layout, |ui| {
                    ui.set_width(room * 0.48);
                    left_ui(ui, opened, &state.export, commands);
                });
                ui.add_space(room * 0.04);
                ui.allocate_ui_with_layout(vec2(room * 0.48, 0.0), layout, |ui| {
                    ui.set_width(room * 0.48);
                    right_ui(ui, &state.export, can_leave, commands);
                });
            });
        });
        if let Some(failure) = &state.export.failure {
            ui.add_space(tokens::GAP);
            message::failure_line(ui, failure, commands);
        }
        buttons(ui, |ui| {
            let can_go = !state.export.formats.is_empty() && state.export.preview.images > 0;
            if ui.add(Button::new("Export and verify").primary().enabled(can_go)).clicked() {
                commands.push(Command::StartExport);
            }
            if ui.add(Button::new("Cancel").key("Esc")).clicked() {
                commands.push(Command::ShowDialog(None));
            }
        });
    });
}

fn left_ui(ui: &mut Ui, opened: &Opened, form: &ExportForm, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing = vec2(tokens::GAP, tokens::GAP_SMALL);
    text::section(ui, "What", None);
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
    if let Some(at) = segmented(ui, "What", &segments, chosen) {
        commands.push(Command::SetExportWhat(WHAT[at]));
    }
    ui.add_space(tokens::GAP_LARGE);
    text::section(ui, "Formats", None);
    for format in Format::ALL {
        if checkbox(ui, form.formats.contains(&format), format.label(), format.remark()).clicked() {
            commands.push(Command::ToggleExportFormat(format));
        }
    }
    ui.add_space(tokens::GAP_LARGE);
    text::section(ui, "Pixels", None);
    let segments = PixelChoice::ALL.map(|pixels| Segment { label: pixels.label(), is_enabled: true });
    let chosen = PixelChoice::ALL.iter().position(|&pixels| pixels == form.pixels).unwrap_or_default();
    if let Some(at) = segmented(ui, "Pixels", &segments, chosen) {
        commands.push(Command::SetExportPixels(PixelChoice::ALL[at]));
    }
    let words = match form.pixels {
        PixelChoice::Original => "As uploaded, byte for byte.",
        PixelChoice::Resized => "The service's training pictures, at most 1600 × 900 px.",
        PixelChoice::None => "Labels only.",
    };
    ui.add_space(2.0);
    text::label(ui, words, theme::font(12.0), theme::of(ui).dim);
}

fn right_ui(ui: &mut Ui, form: &ExportForm, can_leave: bool, commands: &mut Vec<Command>) {
    let tokens = theme::of(ui);
    let preview = &form.preview;
    ui.spacing_mut().item_spacing = vec2(tokens::GAP, 0.0);
    text::section(ui, "Before it starts", None);
    fact(ui, "images", &text::thousands(preview.images), None);
    fact(ui, "regions", &text::thousands(preview.regions), None);
    if preview.without_regions > 0 {
        fact(ui, "images without regions, kept", &text::thousands(preview.without_regions), None);
    }
    let warnings = warnings(form);
    if !warnings.is_empty() {
        ui.add_space(tokens::GAP);
        message::banner(ui, Severity::Warning, &warnings);
    }
    ui.add_space(tokens::GAP_LARGE);
    text::section(ui, "Class order", None);
    text::paragraph(ui, &class_words(form), theme::font(tokens::BODY), tokens.dim);
    ui.add_space(tokens::GAP_LARGE);
    text::section(ui, "To", None);
    ui.add_space(2.0);
    let mut folder = form.folder.clone();
    ui.horizontal(|ui| {
        let width = ui.available_width() - 92.0;
        let field = Field::new(Id::unique("export folder"), "Folder to be made").hint("~/datasets/forks");
        let (response, _) = field.width(width).bad(form.failure.is_some()).show(ui, &mut folder);
        if response.changed() {
            commands.push(Command::EditExportFolder(folder));
        }
        if response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
            commands.push(Command::StartExport);
        }
        if ui.add(Button::new("Browse...").min_width(84.0)).clicked() {
            commands.push(Command::PickFolder(FolderPurpose::Export));
        }
    });
    ui.add_space(4.0);
    text::label(ui, "A new folder; nothing is ever overwritten.", theme::font(12.0), tokens.dim);
    if can_leave {
        ui.add_space(tokens::GAP_LARGE);
        if link_sized(ui, "Everything at once: leave Custom Vision...", 12.0).clicked() {
            commands.push(Command::ShowDialog(Some(Dialog::Leave)));
        }
    }
}

/// What the export would change or leave out, in words.
fn warnings(form: &ExportForm) -> Vec<String> {
    let preview = &form.preview;
    let mut lines = Vec::new();
    if form.formats.is_empty() {
        lines.push("Choose a format.".to_owned());
    }
    if preview.images == 0 {
        lines.push("There is no image to export.".to_owned());
    }
    // The service's own fields are written as they came; all other formats change or leave out regions.
    let changing: Vec<_> = form.formats.iter().filter(|&&format| format != Format::Jsonl).collect();
    if let Some(&first) = changing.first() {
        let place = if changing.len() == 1 { first.label() } else { "all formats but JSON lines" };
        if preview.empty_regions > 0 {
            let verb = if preview.empty_regions == 1 { "has" } else { "have" };
            lines.push(format!(
                "{} {verb} no area and will be left out of {place}.",
                text::count(preview.empty_regions, "region", "regions")
            ));
        }
        if preview.outside_regions > 0 {
            let verb = if preview.outside_regions == 1 { "reaches" } else { "reach" };
            lines.push(format!(
                "{} {verb} outside the image and will be cut at its edge in {place}.",
                text::count(preview.outside_regions, "region", "regions")
            ));
        }
    }
    lines
}

/// `1 fork   2 scissors   3 spoon ...`, as COCO counts.
fn class_words(form: &ExportForm) -> String {
    const SHOWN: usize = 12;
    let classes = &form.preview.classes;
    if classes.is_empty() {
        return "no classes".to_owned();
    }
    let mut words: Vec<_> =
        classes.iter().take(SHOWN).enumerate().map(|(at, name)| format!("{} {name}", at + 1)).collect();
    if classes.len() > SHOWN {
        words.push(format!("and {} more", classes.len() - SHOWN));
    }
    words.join("   ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::ExportPreview;

    fn form(preview: ExportPreview) -> ExportForm {
        ExportForm { preview, ..ExportForm::default() }
    }

    #[test]
    fn warnings_are_counted_words() {
        let preview =
            ExportPreview { images: 2, regions: 9, empty_regions: 3, outside_regions: 1, ..Default::default() };
        assert_eq!(
            warnings(&form(preview.clone())),
            [
                "3 regions have no area and will be left out of COCO.",
                "1 region reaches outside the image and will be cut at its edge in COCO."
            ]
        );
        let only_lines = ExportForm { formats: vec![Format::Jsonl], ..form(preview) };
        assert!(warnings(&only_lines).is_empty(), "the service's own fields are written as they came");
    }

    #[test]
    fn classes_are_numbered_and_cut() {
        let classes = (0..14).map(|at| format!("c{at}").as_str().into()).collect();
        let words = class_words(&form(ExportPreview { classes, ..Default::default() }));
        assert!(words.starts_with("1 c0   2 c1") && words.ends_with("12 c11   and 2 more"), "{words}");
    }
}
